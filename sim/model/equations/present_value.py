"""What each way of being present in a market is worth to a vendor (docs/model.md, section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.model.equations.demand import LEAST
from sim.model.equations.prospects import Prospect, Ways
from sim.quantities import FloatArray, IntArray, ordered_sum, quotient


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


def revenue_value(outlook: Outlook, contracts: FloatArray, sales: FloatArray) -> FloatArray:
    """Present value of what channels sell from their start on, without limits (equation 5.3), bn.

    Revenue runs as in `expected_sales`: what is under contract runs off, and a share of what comes up for choice after
    the change has gone live is won.

    Parameters
    ----------
    outlook
        Discounting, growth and delays.
    contracts
        [channel, draw] spending under contract when the change goes live, before run-off, bn a year.
    sales
        [channel, draw] sales if all spending were up for choice, bn a year.

    Returns
    -------
    [channel, draw].
    """
    found = np.empty(sales.shape)
    _value_revenue(outlook, contracts, sales, found)
    return found


@compiled
def _value_revenue(outlook: Outlook, contracts: FloatArray, sales: FloatArray, found: FloatArray) -> None:
    draws = len(outlook.begins)
    old, grown, until_live = np.empty(draws), np.empty(draws), np.empty(draws)
    for d in range(draws):
        begins, ends, discount, fade = outlook.begins[d], outlook.ends[d], outlook.discount[d], outlook.fade[d]
        old[d] = _until_and_after(-outlook.churn[d], discount, begins, ends, fade)
        grown[d] = _until_and_after(outlook.growth[d], discount, begins, ends, fade)
        until_live[d] = _until_live(outlook.growth[d], outlook.churn[d], begins)
    for j in range(len(sales)):
        for d in range(draws):
            found[j, d] = _sold_of(contracts[j, d], sales[j, d], old[d], grown[d], until_live[d])


def _sold(
    contracts: FloatArray, sales: FloatArray, old: FloatArray, grown: FloatArray, until_live: FloatArray
) -> FloatArray:
    """What runs off and what is won of it (equation 5.3): contracts * old + sales * max(grown - k * old, 0)."""
    return contracts * old + sales * np.maximum(grown - until_live * old, 0.0)


def within_limits(
    outlook: Outlook, contracts: FloatArray, sales: FloatArray, limit: FloatArray, instead: FloatArray
) -> FloatArray:
    """Present value of what channels sell where some cannot sell all that is asked of them (equation 5.3), bn.

    A limit binds in each year, and in what comes after the horizon. Of customers whom a channel has no room for the
    vendor's others win what they would without it.

    Parameters
    ----------
    outlook, contracts, sales
        As in `revenue_value`.
    limit
        [channel, draw] most that can be sold, bn a year; infinite without a limit.
    instead
        [channel, draw] `revenue_value` if there were none of the channels with a limit.

    Returns
    -------
    [channel, draw].
    """
    limited, asked, served = np.isfinite(limit), revenue_value(outlook, contracts, sales), np.zeros(sales.shape)
    _serve(outlook, contracts, sales, limit, served)
    wanted = ordered_sum(np.where(limited, asked, 0.0))
    met = quotient(ordered_sum(np.where(limited, served, 0.0)), wanted, wanted > 0.0, np.ones_like(wanted))
    return np.where(limited, served, np.where(limited.any(axis=0), instead + met * (asked - instead), asked))


@compiled
def _serve(outlook: Outlook, contracts: FloatArray, sales: FloatArray, limit: FloatArray, served: FloatArray) -> None:
    """Add the value of what channels with a limit can sell of what is asked of them, year by year."""
    for d in range(len(outlook.begins)):
        until_live = _until_live(outlook.growth[d], outlook.churn[d], outlook.begins[d])
        years = int(np.ceil(outlook.ends[d] - outlook.begins[d]))
        for year in range(years + 1):
            after = year == years
            old = _part(outlook, d, -outlook.churn[d], year, after)
            grown = _part(outlook, d, outlook.growth[d], year, after)
            flat = _part(outlook, d, 0.0, year, after)
            for j in range(len(sales)):
                if limit[j, d] < np.inf:
                    asked = _sold_of(contracts[j, d], sales[j, d], old, grown, until_live)
                    served[j, d] += min(asked, limit[j, d] * flat)


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


def until_live(growth: FloatArray, churn: FloatArray, begins: FloatArray) -> FloatArray:
    """Growth over run-off until a time (equation 5.3): k = exp((g + lam) * begins)."""
    return exp((growth + churn) * begins)


_sold_of, _until_live = of_numbers(_sold), of_numbers(until_live)


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
    """

    before: IntArray
    after: IntArray

    def some(self, moves: IntArray) -> Moves:
        """Some of them."""
        return Moves(self.before[moves], self.after[moves])


class Contracts(NamedTuple):
    """What a vendor has under contract.

    Attributes
    ----------
    spending
        [channel, group, draw] spending under contract now, bn a year.
    kept
        [channel in use, channel, group, draw] part of the contracts of each that another may serve (equation 3.10).
    place
        [channel] place of each in the first axis of `kept`.
    """

    spending: FloatArray
    kept: FloatArray
    place: IntArray


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
    spending, kept, place = contracts
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
                        passed += part * kept[place[old], new, g, d] * live[g]
                    found[j, c] += passed


@of_numbers
def _inside(sales: FloatArray, slot: int, group: int, plan: int) -> float:
    """Part of a channel in what a plan sells to a group."""
    whole = 0.0
    for j in range(len(sales)):
        whole += sales[j, group, plan]
    return float(sales[slot, group, plan] / max(whole, LEAST))


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
