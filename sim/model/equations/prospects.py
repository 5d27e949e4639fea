"""What a vendor's channels would earn if all spending were up for choice (docs/model.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.arithmetic.elementary import log
from sim.model.equations.demand import LEAST, budgets, write_at_price
from sim.model.equations.nests import Vendor, in_use, write_joint_prices, write_side_by_side
from sim.model.equations.pricing import best_response_price, margin, write_mean_elasticity
from sim.model.equations.terms import Terms
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

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
    def of(cls, draw: IntArray, sets: IntArray) -> Ways:
        """List the channels of plans.

        Parameters
        ----------
        draw, sets
            [plan] draw of each plan, and the channels that it uses (`as_set`).
        """
        shape = (max(int(np.bitwise_count(sets).max()), 1), len(draw))
        ways = cls(draw, np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_))
        _list_channels(sets, ways)
        return ways

    @classmethod
    def distinct(cls, draw: IntArray, sets: IntArray, limited: IntArray) -> tuple[Ways, IntArray, IntArray]:
        """List each way of using channels in a draw once, and what is left of it without channels that have a limit.

        Parameters
        ----------
        draw, sets
            As in `of`; the plans in any order.
        limited
            [draw] set of the channels that have a limit.

        Returns
        -------
        The ways; for each plan, which of them it is, [plan]; and for each of them which one is left without limited
        channels, [way], the same one where it has none.
        """
        index = np.empty(len(draw), dtype=np.int64)
        found, held, unlimited = _tell_apart(draw, sets, limited, index)
        return cls.of(found, held), index, unlimited


def as_set(used: BoolArray) -> IntArray:
    """Channels in use, [channel, case], as one number for each case, [case]: a bit for each channel."""
    found = np.zeros(used.shape[1:], dtype=np.int64)
    for k, uses in enumerate(used):
        found |= uses.astype(np.int64) << k
    return found


@of_numbers
def _size(some: int) -> int:
    """How many channels a set has."""
    size = 0
    while some:
        size += some & 1
        some >>= 1
    return size


@compiled
def _tell_apart(  # noqa: C901, PLR0912 (a loop for each axis)
    draw: IntArray, sets: IntArray, limited: IntArray, index: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Write which way each plan is; give draw and set of the ways, by number of channels, set and draw."""
    plans, seen = len(sets), np.zeros(sets.max() + 1, dtype=np.bool_)
    for c in range(plans):
        seen[sets[c]] = True
        seen[sets[c] & ~limited[draw[c]]] = True
    rank, held, ranks = np.zeros(len(seen), dtype=np.int64), np.zeros(len(seen), dtype=np.int64), 0
    most = 0
    for some in range(len(seen)):
        most = max(most, _size(some) if seen[some] else 0)
    for size in range(most + 1):
        for some in range(len(seen)):
            if seen[some] and _size(some) == size:
                rank[some], held[ranks], ranks = ranks, some, ranks + 1
    place, ways = np.full((ranks, len(limited)), -1), 0
    for c in range(plans):
        d = draw[c]
        place[rank[sets[c]], d] = 0
        place[rank[sets[c] & ~limited[d]], d] = 0
    for r in range(ranks):
        for d in range(place.shape[1]):
            if place[r, d] >= 0:
                place[r, d], ways = ways, ways + 1
    found, uses, unlimited = np.empty(ways, np.int64), np.empty(ways, np.int64), np.empty(ways, np.int64)
    for r in range(ranks):
        for d in range(place.shape[1]):
            way = place[r, d]
            if way >= 0:
                found[way], uses[way] = d, held[r]
                unlimited[way] = place[rank[held[r] & ~limited[d]], d]
    for c in range(plans):
        index[c] = place[rank[sets[c]], draw[c]]
    return found, uses, unlimited


@compiled
def _list_channels(sets: IntArray, ways: Ways) -> None:
    for c in range(len(sets)):
        left, channel, slot = sets[c], 0, 0
        while left:
            if left & 1:
                ways.channels[slot, c], ways.used[slot, c] = channel, True
                slot += 1
            left >>= 1
            channel += 1


class _Offered(NamedTuple):
    """`Offers` as compiled loops take them."""

    pull: FloatArray
    cost: FloatArray
    taken: FloatArray
    stake: FloatArray
    weights: FloatArray
    kappa: FloatArray
    mu: FloatArray
    limit: FloatArray


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
    everything = np.full(price.shape[1], (1 << len(price)) - 1)
    terms, ways = offers.terms, ways or Ways.of(np.arange(price.shape[1]), everything)
    shape = ways.used.shape
    found = Prospect(
        np.ones(shape), np.zeros((shape[0], offers.pull.shape[1], shape[1])), np.zeros(shape), np.full(shape, np.inf)
    )
    of_channels = (offers.pull, offers.cost, terms.taken, terms.stake, offers.weights)
    offered = (*of_channels, offers.kappa, offers.mu, offers.limit)
    market, held = Rivals(*map(np.ascontiguousarray, rivals)), _Offered(*map(np.ascontiguousarray, offered))
    _prospects(market, held, np.ascontiguousarray(price), ways, found)
    return found


AT_A_TIME = 256
"""Plans that are worked out together: as many as the processor holds at hand."""


@compiled
def _prospects(rivals: Rivals, offers: _Offered, start: FloatArray, ways: Ways, found: Prospect) -> None:
    """Write the prospects of plans, those with as many channels together."""
    first, slots, plans = 0, ways.used.shape[0], ways.used.shape[1]
    for count in range(slots + 1):
        last = first
        while last < plans and (count == slots or not ways.used[count, last]):
            last += 1
        while first < last:
            upto = min(first + AT_A_TIME, last)
            if count:
                market, held, best = _gathered(rivals, offers, start, ways, count, first, upto)
                sold = np.empty(held.pull.shape)
                _prospect(market, held, best, sold)
                _keep(held, best, sold, first, found)
            first = upto


@compiled
def _keep(offers: _Offered, price: FloatArray, sold: FloatArray, first: int, found: Prospect) -> None:
    """Write what some plans promise among all of them, from a place on."""
    slots, groups, plans = sold.shape
    for j in range(slots):
        for c in range(plans):
            found.price[j, first + c] = price[j, c]
            owners = margin(price[j, c], offers.cost[j, c], offers.taken[j, c])
            found.margin[j, first + c] = offers.stake[j, c] * owners
            found.limit[j, first + c] = offers.limit[j, c] * price[j, c]
        for g in range(groups):
            for c in range(plans):
                found.group_sales[j, g, first + c] = sold[j, g, c]


@compiled
def _gathered(
    rivals: Rivals, offers: _Offered, start: FloatArray, ways: Ways, count: int, first: int, last: int
) -> tuple[Rivals, _Offered, FloatArray]:
    """What the market and the channels are in some plans, [slot, group, plan], with prices where reckoning starts."""
    groups, plans = rivals.total.shape[0], last - first
    of_groups, of_draws = np.empty((5, groups, plans)), np.empty((2, plans))
    of_slots, pull = np.empty((6, count, plans)), np.empty((count, groups, plans))
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
            of_slots[4, j, c], of_slots[5, j, c] = start[k, d], offers.limit[k, d]
        for g in range(groups):
            for c in range(plans):
                pull[j, g, c] = offers.pull[ways.channels[j, first + c], g, ways.draw[first + c]]
    market = Rivals(of_groups[0], of_groups[1], of_groups[2], of_groups[3], of_draws[0])
    held = _Offered(pull, of_slots[0], of_slots[1], of_slots[2], of_slots[3], of_groups[4], of_draws[1], of_slots[5])
    return market, held, of_slots[4]


@compiled
def _prospect(rivals: Rivals, offers: _Offered, price: FloatArray, sales: FloatArray) -> None:
    """Write best responses over the prices where the reckoning starts, and sales by group at the last of them."""
    channels, groups, draws = offers.pull.shape
    logs, shares = np.empty((channels, draws)), np.empty((channels, groups, draws))
    alone = np.empty((channels, 1, groups, draws))
    divides = channels > 1 or not _carry_all(offers.weights)
    together = np.empty(alone.shape) if divides else alone  # to the last bit what side_by_side gives
    for step in range(BEST_RESPONSE_STEPS + 1):
        for j in range(channels):
            for d in range(draws):
                logs[j, d] = log(price[j, d])
        write_at_price(offers.pull, logs, rivals.sigma, alone.reshape(channels, groups, draws))
        if divides:
            write_side_by_side(alone, offers.weights.reshape(channels, 1, draws), offers.kappa, together)
        _share_and_sell(together.reshape(channels, groups, draws), rivals, shares, sales)
        if step < BEST_RESPONSE_STEPS:
            _respond(rivals, offers, shares, sales, price)


@compiled
def _carry_all(weights: FloatArray) -> bool:
    """Whether each channel can carry all of its vendor's sales."""
    for j in range(weights.shape[0]):
        for d in range(weights.shape[1]):
            if weights[j, d] != 1.0:
                return False
    return True


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
            spent[d] = budgets(rivals.budget[g, d], log(moved) / (1.0 - rivals.sigma[g, d]), rivals.eta[d])
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
            price[j, d] = best_response_price(offers.cost[j, d], elasticity[j, d], offers.taken[j, d])
    if len(price) > 1:
        vendor = Vendor(offers.cost, offers.taken, offers.stake, rivals.sigma, rivals.eta, offers.mu)
        write_joint_prices(vendor, shares, sales, in_use(offers.pull) > 1, price)


@of_numbers
def _moved(total: float, before: float) -> float:
    """Sum of attractions against that before; 1 where nobody can be chosen."""
    return total / before if total > 0.0 and before > 0.0 else 1.0
