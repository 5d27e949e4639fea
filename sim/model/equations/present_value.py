"""What each way of being present in a market is worth to a vendor (docs/model.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.model.equations.demand import LEAST, budgets, write_at_price
from sim.model.equations.nests import price_at_margin, write_joint_margins, write_side_by_side
from sim.model.equations.pricing import best_response_price, elasticity_at_share, write_mean_elasticity
from sim.model.equations.terms import Terms, split
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum, quotient

BEST_RESPONSE_STEPS = 2
"""Steps of a vendor's reckoning: managers do not solve the game."""


class Rivals(NamedTuple):
    """The market that a vendor faces, its rivals' prices as they stand.

    Attributes
    ----------
    attraction
        [group, draw] sum of the rivals' attractions.
    total
        [group, draw] sum of all attractions now, the vendor's own included.
    budget
        [group, draw] spending now, bn a year.
    sigma, eta
        [group, draw] and [draw] elasticities.
    """

    attraction: FloatArray
    total: FloatArray
    budget: FloatArray
    sigma: FloatArray
    eta: FloatArray


@dataclass(frozen=True)
class Offers:
    """Channels that a vendor would have side by side.

    Attributes
    ----------
    pull
        [channel, group, draw] access * exp(quality), attraction at a price of 1; 0 where not in use.
    cost, limit
        [channel, draw] unit cost; most that can be sold at a price of 1, bn a year, infinite without a limit.
    terms
        What others take of a customer's dollar, [channel, draw].
    weights
        [channel, draw] part of the vendor's sales that each draws where all are as good.
    kappa, mu
        [group, draw] and [draw], as in `Nests`.
    """

    pull: FloatArray
    cost: FloatArray
    limit: FloatArray
    terms: Terms
    weights: FloatArray
    kappa: FloatArray
    mu: FloatArray


class Prospect(NamedTuple):
    """What a vendor's channels would earn if all spending were up for choice.

    Attributes
    ----------
    price
        [slot, plan] the vendor's best responses.
    group_sales
        [slot, group, plan] P * E, bn a year.
    margin
        [slot, plan] profit per unit of revenue, the vendor's stake in it.
    limit
        [slot, plan] most that can be sold at that price, bn a year.
    """

    price: FloatArray
    group_sales: FloatArray
    margin: FloatArray
    limit: FloatArray

    @property
    def sales(self) -> FloatArray:
        """Sales to all groups, [slot, plan], bn a year."""
        return ordered_sum(self.group_sales, axis=-2)


class Ways(NamedTuple):
    """Ways of using a vendor's channels, each of them in one draw; those that use fewer come first.

    Attributes
    ----------
    draw
        [plan] the draw.
    channels
        [slot, plan] channels in use, in rising order; where `used` is false, any.
    used
        [slot, plan] whether a slot holds a channel: the first ones of each plan do.
    """

    draw: IntArray
    channels: IntArray
    used: BoolArray

    @classmethod
    def of(cls, draw: IntArray, held: BoolArray) -> Ways:
        """List the channels of plans.

        Parameters
        ----------
        draw, held
            [plan] and [channel, plan] draw of each plan, and whether it uses each channel.
        """
        shape = (max(int(held.sum(axis=0).max()), 1), len(draw))
        ways = cls(draw, np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_))
        _list_channels(held, ways)
        return ways


@compiled
def _list_channels(held: BoolArray, ways: Ways) -> None:
    count = np.zeros(held.shape[1], dtype=np.int64)
    for j in range(held.shape[0]):
        for c in range(held.shape[1]):
            if held[j, c]:
                ways.channels[count[c], c], ways.used[count[c], c] = j, True
                count[c] += 1


class _Offered(NamedTuple):
    """`Offers` as compiled loops take them."""

    pull: FloatArray
    cost: FloatArray
    taken: FloatArray
    stake: FloatArray
    weights: FloatArray
    kappa: FloatArray
    mu: FloatArray


def prospect(rivals: Rivals, offers: Offers, price: FloatArray, ways: Ways | None = None) -> Prospect:
    """Prospects of channels at rivals' present prices (equation 5.1), by two best-response steps.

    Parameters
    ----------
    rivals, offers
        The market and the channels.
    price
        [channel, draw] prices where the reckoning starts.
    ways
        Plans to look at; all channels side by side if absent.
    """
    terms, ways = offers.terms, ways or Ways.of(np.arange(price.shape[1]), np.ones(price.shape, dtype=np.bool_))
    best, sales = np.ones(ways.used.shape), np.zeros((len(ways.used), offers.pull.shape[1], len(ways.draw)))
    offered = (offers.pull, offers.cost, terms.taken, terms.stake, offers.weights, offers.kappa, offers.mu)
    market, held = Rivals(*map(np.ascontiguousarray, rivals)), _Offered(*map(np.ascontiguousarray, offered))
    _prospects(market, held, np.ascontiguousarray(price), ways, best, sales)
    at = ways.channels, ways.draw
    margin = np.where(ways.used, split(terms[at], offers.cost[at], best).vendor, 0.0)
    return Prospect(best, sales, margin, np.where(ways.used, offers.limit[at] * best, np.inf))


@compiled
def _prospects(
    rivals: Rivals, offers: _Offered, start: FloatArray, ways: Ways, price: FloatArray, sales: FloatArray
) -> None:
    """Write prices and sales of plans, those with as many channels together."""
    first, slots, plans = 0, ways.used.shape[0], ways.used.shape[1]
    for count in range(slots + 1):
        last = first
        while last < plans and (count == slots or not ways.used[count, last]):
            last += 1
        if count and last > first:
            market, held, best = _gathered(rivals, offers, start, ways, count, first, last)
            sold = np.empty(held.pull.shape)
            _prospect(market, held, best, sold)
            price[:count, first:last] = best
            sales[:count, :, first:last] = sold
        first = last


@compiled
def _gathered(
    rivals: Rivals, offers: _Offered, start: FloatArray, ways: Ways, count: int, first: int, last: int
) -> tuple[Rivals, _Offered, FloatArray]:
    """What the market and the channels are in some plans, [slot, group, plan], with prices where reckoning starts."""
    groups, plans = rivals.total.shape[0], last - first
    of_groups, of_draws = np.empty((5, groups, plans)), np.empty((2, plans))
    of_slots, pull = np.empty((5, count, plans)), np.empty((count, groups, plans))
    for c in range(plans):
        d = ways.draw[first + c]
        of_draws[0, c], of_draws[1, c] = rivals.eta[d], offers.mu[d]
    for g in range(groups):
        for c in range(plans):
            d = ways.draw[first + c]
            of_groups[0, g, c], of_groups[1, g, c] = rivals.attraction[g, d], rivals.total[g, d]
            of_groups[2, g, c], of_groups[3, g, c] = rivals.budget[g, d], rivals.sigma[g, d]
            of_groups[4, g, c] = offers.kappa[g, d]
    for j in range(count):
        for c in range(plans):
            k, d = ways.channels[j, first + c], ways.draw[first + c]
            of_slots[0, j, c], of_slots[1, j, c] = offers.cost[k, d], offers.taken[k, d]
            of_slots[2, j, c], of_slots[3, j, c] = offers.stake[k, d], offers.weights[k, d]
            of_slots[4, j, c] = start[k, d]
        for g in range(groups):
            for c in range(plans):
                pull[j, g, c] = offers.pull[ways.channels[j, first + c], g, ways.draw[first + c]]
    market = Rivals(of_groups[0], of_groups[1], of_groups[2], of_groups[3], of_draws[0])
    held = _Offered(pull, of_slots[0], of_slots[1], of_slots[2], of_slots[3], of_groups[4], of_draws[1])
    return market, held, of_slots[4]


@compiled
def _prospect(rivals: Rivals, offers: _Offered, price: FloatArray, sales: FloatArray) -> None:
    """Write best responses over the prices where the reckoning starts, and sales by group at the last of them."""
    channels, groups, draws = offers.pull.shape
    logs, shares = np.empty((channels, draws)), np.empty((channels, groups, draws))
    alone, together = np.empty((channels, 1, groups, draws)), np.empty((channels, 1, groups, draws))
    for step in range(BEST_RESPONSE_STEPS + 1):
        for j in range(channels):
            for d in range(draws):
                logs[j, d] = log(price[j, d])
        write_at_price(offers.pull, logs, rivals.sigma, alone.reshape(channels, groups, draws))
        write_side_by_side(alone, offers.weights.reshape(channels, 1, draws), offers.kappa, together)
        _share_and_sell(together.reshape(channels, groups, draws), rivals, shares, sales)
        if step < BEST_RESPONSE_STEPS:
            _respond(rivals, offers, shares, sales, price)


@compiled
def _share_and_sell(attraction: FloatArray, rivals: Rivals, shares: FloatArray, sales: FloatArray) -> None:
    """Write shares and sales at some attractions beside those of rivals; the price index moves with all of them."""
    channels, groups, draws = attraction.shape
    spent = np.empty(draws)
    for g in range(groups):
        total = rivals.attraction[g].copy()
        for j in range(channels):
            for d in range(draws):
                total[d] += attraction[j, g, d]
        for d in range(draws):
            moved = _moved(total[d], rivals.total[g, d])
            spent[d] = _budget(rivals.budget[g, d], log(moved) / (1.0 - rivals.sigma[g, d]), rivals.eta[d])
        for j in range(channels):
            for d in range(draws):
                shares[j, g, d] = attraction[j, g, d] / max(total[d], LEAST)
                sales[j, g, d] = shares[j, g, d] * spent[d]


@compiled
def _respond(rivals: Rivals, offers: _Offered, shares: FloatArray, sales: FloatArray, price: FloatArray) -> None:
    """Write the best responses to rivals at some shares and sales: together where several channels are in use."""
    elasticity = np.empty(price.shape)
    write_mean_elasticity(shares, sales, rivals.sigma, rivals.eta, elasticity)
    for j in range(len(price)):
        for d in range(price.shape[1]):
            price[j, d] = _best_response(offers.cost[j, d], elasticity[j, d], offers.taken[j, d])
    if len(price) > 1:
        _respond_together(rivals, offers, shares, sales, price)


@compiled
def _respond_together(  # noqa: C901 (a loop for each axis)
    rivals: Rivals, offers: _Offered, shares: FloatArray, sales: FloatArray, price: FloatArray
) -> None:
    """Write the prices at which channels that are in use side by side together earn most (equation 4.20)."""
    channels, groups, draws = shares.shape
    inside, margins = np.empty((channels, 1, groups, draws)), np.empty((channels, 1, draws))
    spending, elasticity = np.empty((1, groups, draws)), np.empty((1, groups, draws))
    for g in range(groups):
        whole = np.zeros(draws)
        spending[0, g] = 0.0
        for j in range(channels):
            for d in range(draws):
                whole[d] += shares[j, g, d]
                spending[0, g, d] += sales[j, g, d]
        for d in range(draws):
            elasticity[0, g, d] = _at_share(whole[d], rivals.sigma[g, d], rivals.eta[d])
        for j in range(channels):
            for d in range(draws):
                inside[j, 0, g, d] = shares[j, g, d] / max(whole[d], LEAST)
    for j in range(channels):
        for d in range(draws):
            margins[j, 0, d] = offers.stake[j, d] * (1.0 - offers.taken[j, d])
    write_joint_margins(inside, (spending, elasticity), offers.mu, margins)
    count = _in_use(offers.pull)
    for j in range(channels):
        for d in range(draws):
            if count[d] > 1:
                margin = margins[j, 0, d] / offers.stake[j, d]
                price[j, d] = _price_at_margin(offers.cost[j, d], 1.0 - offers.taken[j, d], margin)


@compiled
def _in_use(pull: FloatArray) -> IntArray:
    """How many channels some group can choose, [draw]."""
    count = np.zeros(pull.shape[2], dtype=np.int64)
    for j in range(pull.shape[0]):
        for d in range(pull.shape[2]):
            for g in range(pull.shape[1]):
                if pull[j, g, d] > 0.0:
                    count[d] += 1
                    break
    return count


_budget, _best_response = of_numbers(budgets), of_numbers(best_response_price)
_at_share, _price_at_margin = of_numbers(elasticity_at_share), of_numbers(price_at_margin)


@of_numbers
def _moved(total: float, before: float) -> float:
    """Sum of attractions against that before; 1 where nobody can be chosen."""
    return total / before if total > 0.0 and before > 0.0 else 1.0


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
    old, grown = outlook.present_value(-outlook.churn), outlook.present_value(outlook.growth)
    return _sold(contracts, sales, old, grown, growth_until_live(outlook))


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
