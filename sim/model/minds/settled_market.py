"""One market as governments see it: where it would settle under given rules, vendors' presence included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.demand import choice_at, log_price_index, ration
from sim.model.equations.pricing import bertrand_nash_prices
from sim.model.equations.terms import Terms, fee_markup, split
from sim.model.equations.welfare import surplus_of_spending
from sim.model.minds.reckoning import (
    Reckoning,
    captive_cost,
    reckon,
    sunk_cost,
    terms_offered,
    years_until_live,
)
from sim.model.minds.unit_costs import current_unit_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.presence_rules import AccessRules, access_shares, fixed_costs, presence_penalty
from sim.model.start.parties import reviewed_pairs
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Presence


@dataclass(frozen=True)
class Settled:
    """What a settled market yields, money in bn USD a year.

    Attributes
    ----------
    revenue, access
        [vendor, segment, draw] revenue, bn a year, and the share of customers that may be served.
    kept
        [vendor, draw] parts of a dollar of revenue by the account in which they stand (`sim.ledger`).
    fixed
        [vendor, draw] fixed cost of presence, and what a partner takes for services to own customers.
    sunk
        [vendor, draw] cost of setting up, bn USD, for those who move.
    partners_fixed
        [draw] income of licensed partners from services to vendors' own customers.
    surplus
        [draw] customers' surplus against the base date.
    home_sales
        [draw] sales of vendors that are at home.
    foreign_owned
        [draw] share of sales served from data centres that foreigners own.
    years_until_live
        [draw] until the last move is live.
    """

    revenue: FloatArray
    access: FloatArray
    kept: dict[str, FloatArray]
    fixed: FloatArray
    sunk: FloatArray
    partners_fixed: FloatArray
    surplus: FloatArray
    home_sales: FloatArray
    foreign_owned: FloatArray
    years_until_live: FloatArray

    @property
    def sales(self) -> FloatArray:
        """Revenue over all segments, [vendor, draw], bn a year."""
        return ordered_sum(self.revenue, axis=1)


@dataclass(frozen=True)
class Places:
    """How every vendor would be present in a market, each [vendor, draw]."""

    presence: IntArray
    zone: IntArray
    sunk: FloatArray
    waits: FloatArray


def settled_market(world: World, m: int, month: int, learned: FloatArray) -> Settled:
    """Work out where a market would settle under the rules of `world.levers` (equation 7.3).

    Vendors move where they reckon it worth it, as in their own reviews, and prices are those of the static equilibrium
    of section 4. Spending is that of the month with activity as without lost exports.

    Parameters
    ----------
    learned
        [vendor, draw] quality that vendors may expect to gain from now on, log points.
    """
    return settled_with(world, m, month, learned, _places(world, m, month))


def open_market(world: World, m: int, visitor: str) -> Settled:
    """Work out where a market would settle at the base date had a country's vendors been inside (equation 9.10).

    All of them that sell there, or may come, have data centres of their own: no partner, no fee, no penalty. Prices are
    those of the static equilibrium, and spending is all in play.
    """
    home, base = world.axes.countries.index(visitor), world.base
    free = ((base.home == home) & ~base.domestic[:, m] & base.sells[:, m].any(axis=-1))[:, None]
    presence = np.where(free, np.int64(Presence.OWNED), world.presence[:, m])
    nothing = np.zeros(presence.shape)
    places = Places(presence, world.zone[:, m], nothing, nothing)
    return settled_with(world, m, 0, nothing, places)


def settled_with(world: World, m: int, month: int, learned: FloatArray, places: Places) -> Settled:
    """Work out where a market would settle with vendors in given places; parameters are those of `settled_market`."""
    here = world.base.sellers[m]
    presence, zone = places.presence[here], places.zone[here]
    terms = _terms(world, m, places)
    cost = current_unit_cost(world)[here, m]
    access = _access(world, m, presence, zone)
    quality = _quality(world, m, presence, learned)
    path = _spending(world, m, month)
    sigma, eta = world.base.sigma, world.base.eta
    price = bertrand_nash_prices(access, quality, path, cost, terms[here].taken, sigma, eta)
    choice = choice_at(access, quality, np.log(price), sigma)
    log_index = log_price_index(choice.total, sigma)
    budget = path * np.exp((1.0 - eta) * log_index)
    limit = zone_limit(world, m, presence, zone, month) * world.trend_price(month) * price
    revenue = choice.shares * budget
    served = ration(revenue, choice.attraction, limit)
    shared = split(terms[here], cost, price)
    at_home = world.base.domestic[here, m][:, None]
    owned = ((presence == Presence.ZONE) | (presence == Presence.OWNED)) & ~at_home
    total = ordered_sum(served.sales)
    foreign = np.divide(ordered_sum(served.sales * owned), total, out=np.zeros_like(total), where=total > 0.0)
    captive = _captive(world, m, month, terms.fee)

    def of_all(values: FloatArray) -> FloatArray:
        held = np.zeros((len(places.sunk), *values.shape[1:]))
        held[here] = values
        return held

    against_base = log_index - world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    return Settled(
        revenue=of_all(revenue),
        access=of_all(access),
        kept={account: of_all(part) for account, part in shared.by_account.items()},
        fixed=captive + _fixed(world, m, places, terms.stake),
        sunk=places.sunk,
        partners_fixed=ordered_sum(captive),
        surplus=ordered_sum(budget * surplus_of_spending(against_base, eta)),
        home_sales=ordered_sum(served.sales * at_home),
        foreign_owned=foreign,
        years_until_live=places.waits.max(axis=0),
    )


def _places(world: World, m: int, month: int) -> Places:
    """Let vendors that review their presence move to what they reckon best, as far as zones have room."""
    shape = world.presence[:, m].shape
    places = Places(world.presence[:, m].copy(), world.zone[:, m].copy(), np.zeros(shape), np.zeros(shape))
    found = {v: reckon(world, v, m, month) for v in _reviewers(world, m)}
    if not found:
        return places
    pending = {v: world.live_month[v, m] < NEVER for v in found}
    moves = {v: _wanted(held) & ~pending[v][None] for v, held in found.items()}
    for z, market in enumerate(world.axes.zone_markets):
        if market == m:
            _share_slots(world, z, found, moves)
    for v, held in found.items():
        _write(world, v, held, moves[v], places)
        _write_pending(world, v, m, pending[v] & (world.next_opens[v, m] <= month), places)
    return places


def _wanted(held: Reckoning) -> BoolArray:
    """Move to make, [choice, draw]: true for the best choice where it is not the present one."""
    best = held.gain.argmax(axis=0)
    index = np.arange(len(held.choices))[:, None]
    wanted: BoolArray = (index == best) & (best != held.current)
    return wanted


def _share_slots(world: World, z: int, found: dict[int, Reckoning], moves: dict[int, BoolArray]) -> None:
    """Give the free slots of a zone to those who gain most; strike out the moves of the others."""
    into = {
        v: index
        for v, held in found.items()
        for index, choice in enumerate(held.choices)
        if choice.presence is Presence.ZONE and choice.zone == z
    }
    if not into:
        return
    gains = np.stack([np.where(moves[v][index], found[v].gain[index], -np.inf) for v, index in into.items()])
    rank = (-gains).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    free = world.levers.zone_slots[z] - world.slots_taken[z]
    for row, (v, index) in enumerate(into.items()):
        moves[v][index] &= rank[row] < free


def _write(world: World, v: int, held: Reckoning, moves: BoolArray, places: Places) -> None:
    for choice, moving in zip(held.choices, moves, strict=True):
        if moving.any():
            places.presence[v, moving], places.zone[v, moving] = choice.presence, choice.zone
            places.sunk[v, moving] = sunk_cost(world, choice.presence)[moving]
            places.waits[v, moving] = years_until_live(world, choice)


def _write_pending(world: World, v: int, m: int, pending: BoolArray, places: Places) -> None:
    """Moves under way go live whatever the talks bring, and their cost is spent, unless they wait for an opening."""
    if pending.any():
        places.presence[v, pending] = world.next_presence[v, m, pending]
        places.zone[v, pending] = world.next_zone[v, m, pending]


def _access(world: World, m: int, presence: IntArray, zone: IntArray) -> FloatArray:
    """Share of each segment that each seller may serve, [seller, segment, draw]."""
    here, base = world.base.sellers[m], world.base
    rules = AccessRules.in_market(world.levers, m)
    domestic = base.domestic[here, m : m + 1]
    access = access_shares(presence[:, None], zone[:, None], domestic, base.home[here], rules)[:, 0]
    return access * base.sells[here, m][:, None]


def _quality(world: World, m: int, presence: IntArray, learned: FloatArray) -> FloatArray:
    """Log quality of each seller, [seller, segment, draw]."""
    here, base = world.base.sellers[m], world.base
    domestic, gap = base.domestic[here, m : m + 1], base.partner_gap[here, m][:, None]
    firewalls = world.levers.firewall[m : m + 1], base.levers.firewall[m : m + 1]
    penalty = presence_penalty(world.scenario, world.draws, presence[:, None], domestic, *firewalls, gap)[:, 0]
    fixed = np.where(base.sells[here, m][:, None], world.owned_quality[here, m], 0.0)
    return fixed + (world.drift[here, m] + learned[here] - penalty)[:, None]


def _spending(world: World, m: int, month: int) -> FloatArray:
    """Spending at a price index of 1, [segment, draw], bn a year; activity is left to the goods block."""
    base = world.base
    decline = world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    above = (1.0 - base.eta) * (-decline - base.trend_log_index[month, m])
    return base.spending_path[month, m] * np.exp(above)


def _terms(world: World, m: int, places: Places) -> Terms:
    """Terms of every vendor, [vendor, draw]: as they are, but for those that choose how to be present."""
    terms = Terms(world.fee[:, m].copy(), world.services_tax[:, m], world.stake[:, m].copy())
    for v in _reviewers(world, m):
        offered = terms_offered(world, v, m, places.presence[v])
        terms.fee[v], terms.stake[v] = offered.fee, offered.stake
    return terms


def _reviewers(world: World, m: int) -> list[int]:
    """Vendors that choose how to be present in a market."""
    return [v for v, market in reviewed_pairs(world.scenario) if market == m]


def _fixed(world: World, m: int, places: Places, stake: FloatArray) -> FloatArray:
    """Fixed cost of vendors that choose how to be present, [vendor, draw], bn a year."""
    fixed = np.zeros_like(places.sunk)
    for v in _reviewers(world, m):
        fixed[v] = stake[v] * fixed_costs(world.scenario, world.draws, places.presence[v])
    return fixed


def _captive(world: World, m: int, month: int, fee: FloatArray) -> FloatArray:
    """What partners take for services to vendors' own customers, [vendor, draw], bn a year."""
    taken = np.zeros_like(fee)
    for v in np.flatnonzero((world.base.captive[:, m] > 0.0).any(axis=1)):
        taken[v] = captive_cost(world, int(v), m, month) * fee_markup(fee[v])
    return taken
