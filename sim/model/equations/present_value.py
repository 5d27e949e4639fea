"""What each way of being present in a market is worth to a vendor (docs/model.md, section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, in_compiled_code, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.model.equations.demand import LEAST, kept_contracts
from sim.model.equations.prospects import Prospect, Ways
from sim.quantities import FloatArray, IntArray


@of_numbers
def _annuity(rate: float, begins: float, ends: float) -> float:
    span = max(ends - begins, 0.0)
    exponent = rate * span
    length = -expm1(-exponent) / rate if abs(exponent) > SMALL_EXPONENT else span
    return float(exp(-rate * begins) * length)


SMALL_EXPONENT = 1e-9
"""Below this an annuity is its length to rounding."""


@for_arrays(_annuity)
def annuity(out: FloatArray, rate: FloatArray, begins: FloatArray, ends: FloatArray) -> None:
    """Value now of 1 a year between two times at a discount rate of any sign (equation 5.2).

    (exp(-rate * begins) - exp(-rate * ends)) / rate,   ends - begins at rate 0

    Parameters
    ----------
    rate
        [..., draw] log rate per year.
    begins, ends
        [..., draw] years from now.
    """
    for i in range(len(out)):
        out[i] = _annuity(rate[i], begins[i], ends[i])


class Outlook(NamedTuple):
    """How a vendor looks ahead.

    Attributes
    ----------
    discount, churn
        [draw] required return, and contract run-off, log rates per year.
    growth, captive_growth
        [draw] growth of the market's spending, and of what services for own customers cost, log rates per year.
    begins, ends
        [draw] years until a change is live, and until the vendor stops to count all that it earns.
    fade
        [draw] years in which earnings halve after that; 0 if they do not count.
    """

    discount: FloatArray
    growth: FloatArray
    churn: FloatArray
    captive_growth: FloatArray
    begins: FloatArray
    ends: FloatArray
    fade: FloatArray

    def present_value(self, rate: FloatArray) -> FloatArray:
        """Value now of 1 a year that grows until the horizon and fades after it (equation 5.2), [draw].

        Parameters
        ----------
        rate
            [draw] growth, log rate per year; below 0 it shrinks.
        """
        return _present_value(rate, self.discount, self.begins, self.ends, self.fade)

    def of_draws(self, draws: IntArray) -> Outlook:
        """The same in some draws, or in some of them several times."""
        return Outlook(*(values[draws] for values in self))


@of_numbers
def _afterwards(rate: float, discount: float, ends: float, fade: float) -> float:
    """Value now of what is left after the horizon of 1 a year that grows."""
    return float(fade / (fade * discount + log(2.0)) * exp((rate - discount) * ends))


@of_numbers
def _until_and_after(rate: float, discount: float, begins: float, ends: float, fade: float) -> float:
    return _annuity(discount - rate, begins, ends) + _afterwards(rate, discount, ends, fade)


@for_arrays(_until_and_after)
def _present_value(
    out: FloatArray,
    rate: FloatArray,
    discount: FloatArray,
    begins: FloatArray,
    ends: FloatArray,
    fade: FloatArray,
) -> None:
    for i in range(len(out)):
        out[i] = _until_and_after(rate[i], discount[i], begins[i], ends[i], fade[i])


def revenue_value(outlook: Outlook, horizon: IntArray, contracts: FloatArray, sales: FloatArray) -> FloatArray:
    """Present value of what channels sell from their start on, without limits (equation 5.3), bn.

    Revenue runs as in `expected_sales`: what is under contract runs off, and a share of what comes up for choice after
    the change has gone live is won.

    Parameters
    ----------
    outlook, horizon
        Discounting, growth and delays, and which of them each case has, [case].
    contracts
        [channel, case] spending under contract when the change goes live, before run-off, bn a year.
    sales
        [channel, case] sales if all spending were up for choice, bn a year.

    Returns
    -------
    [channel, case].
    """
    found = np.empty(sales.shape)
    _value_revenue(outlook, horizon, contracts, sales, found)
    return found


class _Whole(NamedTuple):
    """What 1 a year is worth from the start on, that runs off with contracts and that grows, and k, [horizon] each."""

    old: FloatArray
    grown: FloatArray
    until_live: FloatArray


@compiled
def _whole(outlook: Outlook) -> _Whole:
    count = len(outlook.begins)
    whole = _Whole(np.empty(count), np.empty(count), np.empty(count))
    for h in range(count):
        begins, ends, discount, fade = outlook.begins[h], outlook.ends[h], outlook.discount[h], outlook.fade[h]
        whole.old[h] = _until_and_after(-outlook.churn[h], discount, begins, ends, fade)
        whole.grown[h] = _until_and_after(outlook.growth[h], discount, begins, ends, fade)
        whole.until_live[h] = until_live(outlook.growth[h], outlook.churn[h], begins)
    return whole


@compiled
def _value_revenue(
    outlook: Outlook, horizon: IntArray, contracts: FloatArray, sales: FloatArray, found: FloatArray
) -> None:
    whole = _whole(outlook)
    for j in range(len(sales)):
        for c in range(len(horizon)):
            h = horizon[c]
            found[j, c] = _sold(contracts[j, c], sales[j, c], whole.old[h], whole.grown[h], whole.until_live[h])


@in_compiled_code
def _sold(
    contracts: FloatArray, sales: FloatArray, old: FloatArray, grown: FloatArray, until_live: FloatArray
) -> FloatArray:
    """What runs off and what is won of it (equation 5.3): contracts * old + sales * max(grown - k * old, 0)."""
    return contracts * old + sales * np.maximum(grown - until_live * old, 0.0)


def within_limits(
    outlook: Outlook,
    horizon: IntArray,
    contracts: FloatArray,
    sales: FloatArray,
    limit: FloatArray,
    instead: FloatArray,
) -> FloatArray:
    """Present value of what channels sell where some cannot sell all that is asked of them (equation 5.3), bn.

    A limit binds in each year, and in what comes after the horizon. Of customers whom a channel has no room for the
    vendor's others win what they would without it.

    Parameters
    ----------
    outlook, horizon, contracts, sales
        As in `revenue_value`.
    limit
        [channel, case] most that can be sold, bn a year; infinite without a limit.
    instead
        [channel, case] `revenue_value` if there were none of the channels with a limit.

    Returns
    -------
    [channel, case].
    """
    found = revenue_value(outlook, horizon, contracts, sales)
    _serve(outlook, horizon, contracts, sales, limit, instead, found)
    return found


@compiled
def _serve(  # noqa: C901 (a loop for each axis)
    outlook: Outlook,
    horizon: IntArray,
    contracts: FloatArray,
    sales: FloatArray,
    limit: FloatArray,
    instead: FloatArray,
    found: FloatArray,
) -> None:
    """Cut the value of what is asked of channels to what they can sell, year by year."""
    whole, channels, last = _whole(outlook), len(sales), -1
    years = int(np.ceil((outlook.ends - outlook.begins).max())) if len(horizon) else 0
    parts, count = np.empty((3, years + 1)), 0
    served = np.empty(channels)
    for c in range(len(horizon)):
        h = horizon[c]
        if h != last:
            count, last = _write_parts(outlook, h, parts), h
        wanted, met, served[:] = 0.0, 0.0, 0.0
        for part in range(count):
            for j in range(channels):
                if limit[j, c] < np.inf:
                    old, grown, flat = parts[0, part], parts[1, part], parts[2, part]
                    asked = _sold(contracts[j, c], sales[j, c], old, grown, whole.until_live[h])
                    served[j] += min(asked, limit[j, c] * flat)
        for j in range(channels):
            if limit[j, c] < np.inf:
                wanted += found[j, c]
                met += served[j]
        room = met / wanted if wanted > 0.0 else 1.0
        for j in range(channels):
            spilt = instead[j, c] + room * (found[j, c] - instead[j, c])
            found[j, c] = served[j] if limit[j, c] < np.inf else spilt


@compiled
def _write_parts(outlook: Outlook, h: int, parts: FloatArray) -> int:
    """Write the parts of a horizon, year after year, that runs off, grows and stays; tell how many there are."""
    years = int(np.ceil(outlook.ends[h] - outlook.begins[h]))
    for year in range(years + 1):
        after = year == years
        parts[0, year] = _part(outlook, h, -outlook.churn[h], year, after)
        parts[1, year] = _part(outlook, h, outlook.growth[h], year, after)
        parts[2, year] = _part(outlook, h, 0.0, year, after)
    return years + 1


@of_numbers
def _part(outlook: Outlook, d: int, rate: float, year: int, after: bool) -> Any:
    """Part of `present_value` in a year after a change is live, or after the horizon."""
    begins, ends, discount = outlook.begins[d], outlook.ends[d], outlook.discount[d]
    if after:
        return _afterwards(rate, discount, ends, outlook.fade[d])
    return _annuity(discount - rate, min(begins + year, ends), min(begins + (year + 1), ends))


def growth_until_live(outlook: Outlook) -> FloatArray:
    """Growth of spending over run-off of contracts until a change goes live (equation 5.3), [draw]."""
    return until_live(outlook.growth, outlook.churn, outlook.begins)


@in_compiled_code
def until_live(growth: FloatArray, churn: FloatArray, begins: FloatArray) -> FloatArray:
    """Growth over run-off until a time (equation 5.3): k = exp((g + lam) * begins)."""
    return exp((growth + churn) * begins)


class Plans(NamedTuple):
    """Ways of using a vendor's channels, and what they may come to sell.

    Attributes
    ----------
    ways
        The ways.
    unlimited
        [plan] the plan that is left without the channels that have a limit; the same one where there is none.
    prospects
        What the channels would earn.
    """

    ways: Ways
    unlimited: IntArray
    prospects: Prospect


class Moves(NamedTuple):
    """Changes from one plan to another.

    Attributes
    ----------
    before, after
        [move] plans of the same draw.
    horizon
        [move] how far and how the vendor looks ahead: which of its outlooks counts.
    """

    before: IntArray
    after: IntArray
    horizon: IntArray

    def some(self, moves: IntArray) -> Moves:
        """Some of them."""
        return Moves(*(values[moves] for values in self))


class Contracts(NamedTuple):
    """What a vendor has under contract.

    Attributes
    ----------
    spending
        [channel, group, draw] spending under contract now, bn a year.
    before, now
        [channel, group, draw] share of each group that each may serve until now, and under the rules reckoned with: so
        much of contracts goes over (equation 3.10).
    """

    spending: FloatArray
    before: FloatArray
    now: FloatArray


def contracts_when_live(contracts: Contracts, plans: Plans, moves: Moves, growth: FloatArray) -> FloatArray:
    """Spending under contract with the channels of a plan when it goes live, valued before run-off (equation 5.13).

    R + P_now * E * (k - 1), where each may serve it

    Until then the present channels go on winning customers. A channel keeps its own as far as it may serve them; those
    of one that closes go to the others as customers would now choose between them, as far as these may serve them.

    Parameters
    ----------
    contracts, plans, moves
        What is under contract, and the changes.
    growth
        [move] `growth_until_live`; 1 for a change that is live at once.

    Returns
    -------
    [slot, move] bn a year, for the channels of the plan afterwards.
    """
    found = np.zeros((len(plans.ways.used), len(moves.after)))
    _contracts_when_live(contracts, plans.ways, plans.prospects.group_sales, moves, growth - 1.0, found)
    return found


@compiled
def _contracts_when_live(  # noqa: C901 (a loop for each axis)
    contracts: Contracts, ways: Ways, sales: FloatArray, moves: Moves, more: FloatArray, found: FloatArray
) -> None:
    spending, access, allowed = contracts
    draw, channels, used = ways
    slots, groups, _ = sales.shape
    live = np.empty(groups)
    for c in range(len(more)):
        before, after = moves.before[c], moves.after[c]
        d = draw[before]
        for i in range(slots):
            if not used[i, before]:
                break
            old, stays = channels[i, before], False
            for g in range(groups):
                live[g] = spending[old, g, d] + sales[i, g, before] * more[c]
            for j in range(slots):
                stays |= used[j, after] and channels[j, after] == old
            for j in range(slots):
                new = channels[j, after]
                if used[j, after] and (new == old or not stays):
                    passed = 0.0
                    for g in range(groups):
                        part = 1.0 if stays else _inside(sales, j, g, after)
                        passed += part * kept_contracts(access[old, g, d], allowed[new, g, d]) * live[g]
                    found[j, c] += passed


@of_numbers
def _inside(sales: FloatArray, slot: int, group: int, plan: int) -> float:
    """Part of a channel in what a plan sells to a group."""
    whole = 0.0
    for j in range(len(sales)):
        whole += sales[j, group, plan]
    return float(sales[slot, group, plan] / max(whole, LEAST))


class Earning(NamedTuple):
    """What channels earn beside their sales.

    Attributes
    ----------
    margin
        [slot, plan] profit per unit of revenue, the vendor's stake in it.
    fixed
        [channel, draw] the vendor's part of fixed cost, bn a year.
    weights, markup
        [channel, draw] part of the vendor's services for own customers that each would run, where all are as good, and
        what a partner takes on top of their cost (`fee_markup`).
    captive
        [draw] cost of these services without a partner, bn a year; 0 where there are none.
    """

    margin: FloatArray
    fixed: FloatArray
    weights: FloatArray
    markup: FloatArray
    captive: FloatArray


def profit_value(outlook: Outlook, ways: Ways, moves: Moves, earning: Earning, revenue: FloatArray) -> FloatArray:
    """Present value of what plans earn from the day on which they are live (equation 5.3), [move], bn.

    Parameters
    ----------
    outlook, ways, moves, earning
        How the vendor looks ahead, the plans, the changes that lead to them, and what channels earn.
    revenue
        [slot, move] present value of what the channels of the plan afterwards sell.
    """
    flat = outlook.present_value(np.zeros_like(outlook.discount))
    captive = outlook.present_value(outlook.captive_growth)
    found = np.empty(len(moves.after))
    _value_profit(ways, moves, earning, revenue, (flat, captive), found)
    return found


@compiled
def _value_profit(
    ways: Ways,
    moves: Moves,
    earning: Earning,
    revenue: FloatArray,
    values: tuple[FloatArray, FloatArray],
    found: FloatArray,
) -> None:
    flat, captive = values
    for c in range(len(moves.after)):
        plan, h = moves.after[c], moves.horizon[c]
        d = ways.draw[plan]
        value, whole, taken = 0.0, 0.0, 0.0
        for j in range(len(revenue)):
            if ways.used[j, plan]:
                k = ways.channels[j, plan]
                value += earning.margin[j, plan] * revenue[j, c] - earning.fixed[k, d] * flat[h]
                whole += earning.weights[k, d]
        for j in range(len(revenue)):
            if ways.used[j, plan]:
                k = ways.channels[j, plan]
                taken += earning.weights[k, d] / max(whole, LEAST) * earning.markup[k, d]
        found[c] = value - earning.captive[d] * taken * captive[h]


@of_numbers
def _mean_growth(now: float, lasting: float, half_life: float, years: float) -> float:
    decay = log(2.0) / half_life * years
    return float(lasting + (now - lasting) * -expm1(-decay) / decay)


@for_arrays(_mean_growth)
def mean_growth(
    out: FloatArray, now: FloatArray, lasting: FloatArray, half_life: FloatArray, years: FloatArray
) -> None:
    """Mean growth over a horizon when growth decays to its lasting rate (equation 5.4), log rate per year."""
    for i in range(len(out)):
        out[i] = _mean_growth(now[i], lasting[i], half_life[i], years[i])


# As governments reckon ------------------------------------------------------------------------------------------------


def flow_value(rate: FloatArray, begins: FloatArray | float, ends: FloatArray) -> FloatArray:
    """Value now of 1 a year from some time to the horizon (equation 5.2).

    Parameters
    ----------
    rate
        [draw] discount rate less growth, log rate per year.
    begins, ends
        Years from now.
    """
    return annuity(rate, np.asarray(begins, dtype=np.float64), ends)


def moving_flow_value(
    discount: FloatArray, growth: FloatArray, churn: FloatArray, begins: FloatArray, ends: FloatArray
) -> FloatArray:
    """Value now of a flow of 1 a year of today's spending that follows what is chosen anew (equation 7.2).

    int_T^H exp((g - r) t) * (1 - exp(-(g + lam) (t - T))) dt

    At T all spending is under contracts made before; these run off at lam while spending grows at g. It is never below
    zero, as shrinking spending frees nothing for others.

    Parameters
    ----------
    discount, growth, churn
        [draw] r, g and lam, log rates per year.
    begins, ends
        [draw] T and H, years from now.
    """
    all_of_it = annuity(discount - growth, begins, ends)
    run_off = annuity(discount + churn, np.zeros_like(begins), ends - begins)
    under_contract = exp((growth - discount) * begins) * run_off
    return np.maximum(all_of_it - under_contract, 0.0)
