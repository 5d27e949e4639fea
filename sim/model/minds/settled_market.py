"""One market as governments see it: where it would settle under given rules, vendors' presence included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.channels import reviewed_pairs
from sim.model.equations.demand import Choice, appeal, at_price, log_price_index
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.rationing import ration
from sim.model.equations.terms import Terms, fee_markup, split
from sim.model.equations.welfare import surplus_of_spending
from sim.model.minds.channel_books import stakes
from sim.model.minds.channel_changes import used_after
from sim.model.minds.own_services import captive_cost
from sim.model.minds.reckoning import Reckoning, reckonings, sunk_cost, years_until_live
from sim.model.minds.unit_costs import asking_cost, current_unit_cost
from sim.model.minds.zone_room import zone_limit
from sim.model.presence_rules import over_groups
from sim.model.world import AWAY, World
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, ordered_sum, quotient
from sim.scenario.schema import Presence


@dataclass(frozen=True)
class Settled:
    """What a settled market yields, money in bn USD a year.

    Attributes
    ----------
    revenue, access
        [vendor, group, draw] revenue, bn a year, and the share of customers that may be served.
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
    """How every vendor would sell in a market.

    Attributes
    ----------
    active
        [channel, draw] whether each channel of the market would be in use.
    sunk, waits
        [vendor, draw] cost of setting up, bn USD, and years until a move is live, for those who move.
    """

    active: BoolArray
    sunk: FloatArray
    waits: FloatArray


def open_market(world: World, m: int, visitor: str) -> Settled:
    """Work out where a market would settle at the base date had a country's vendors been inside (equation 9.10).

    All of them that sell there and may come to own, or may come, have data centres of their own: no partner, no fee, no
    penalty. Prices are those of the static equilibrium, and spending is all in play.
    """
    home, base, channels = world.axes.countries.index(visitor), world.base, world.channels
    free = (base.home == home) & ~base.domestic[:, m] & base.sells[:, m].any(axis=-1)
    inside = channels.of_kind(Presence.OWNED)
    may = channels.by_pair(inside[:, None] * np.ones(world.draws.count))[:, m].any(axis=-1)
    active = np.where((free & may)[channels.vendor][:, None], inside[:, None], world.active)
    nothing = np.zeros(world.axes.shape("vendor"))
    return settled_with(world, m, 0, nothing, Places(active[channels.in_market[m]], nothing, nothing))


def settled_with(world: World, m: int, month: int, learned: FloatArray, places: Places) -> Settled:
    """Work out where a market would settle under the rules of `world.levers` (equation 7.3).

    Prices are those of the static equilibrium of section 4. Spending is that of the month with activity as without lost
    exports.

    Parameters
    ----------
    learned
        [vendor, draw] quality that vendors may expect to gain from now on, log points.
    places
        How vendors would sell.
    """
    channels, base = world.channels, world.base
    used = places.active.any(axis=1)
    here, active = np.arange(len(channels.rows))[channels.in_market[m]][used], places.active[used]
    vendor = channels.vendor[here]
    terms = Terms(base.fee[here], world.services_tax[here], stakes(world, here[:, None], np.arange(world.draws.count)))
    current = current_unit_cost(world)
    cost = current[here]
    sells = active & base.sells[vendor, m]
    groups = base.groups[m]
    access = world.access_to(m, here) * sells[:, None]
    owned = np.where(base.sells[vendor, m][:, None], world.owned_quality[vendor, m], 0.0)
    quality = over_groups(owned + (world.drift[vendor, m] + learned[vendor] - world.penalty_of(here))[:, None], groups)
    path = over_groups(_spending(world, m, month), groups) * base.width[m, :groups]
    sigma, eta = base.sigma[:groups], base.eta
    nests, pull = world.nests(m, here), appeal(access, quality)
    asking = asking_cost(world, current)[here]
    price = bertrand_nash_prices(pull, path, asking, terms.taken, sigma, eta, (nests, terms))
    choice = Choice.of(nests.attraction(at_price(pull, log(price), sigma)))
    log_index = log_price_index(choice.total, sigma)
    budget = path * exp((1.0 - eta) * log_index)
    limit = np.stack([zone_limit(world, row, month) for row in here]) * world.trend_price(month) * price
    revenue = choice.shares * budget
    served = ration(revenue, choice.attraction, limit, nests)
    shared = split(terms, cost, price)
    at_home = channels.at_home[here][:, None]
    foreign_owned = (channels.of_kind(Presence.ZONE, Presence.OWNED) & ~channels.at_home)[here][:, None]
    total = ordered_sum(served.sales)
    foreign = np.divide(ordered_sum(served.sales * foreign_owned), total, out=np.zeros_like(total), where=total > 0.0)
    captive = _captive(world, m, month, vendor, active * base.carries[here], fee_markup(terms.fee))
    fixed = _by_vendor(world, vendor, active * (terms.stake * base.fixed_cost[here]))

    against_base = log_index - world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    return Settled(
        revenue=_by_vendor(world, vendor, revenue),
        access=_widest(world, vendor, access),
        kept={account: _mean(world, vendor, part, served.sales) for account, part in shared.by_account.items()},
        fixed=captive + fixed,
        sunk=places.sunk,
        partners_fixed=ordered_sum(captive),
        surplus=ordered_sum(budget * surplus_of_spending(against_base, eta)),
        home_sales=ordered_sum(served.sales * at_home),
        foreign_owned=foreign,
        years_until_live=places.waits.max(axis=0),
    )


def _by_vendor(world: World, vendor: IntArray, values: FloatArray) -> FloatArray:
    """Sum values [channel, ..., draw] over the channels of each vendor, [vendor, ..., draw]."""
    held = np.zeros((len(world.axes.vendors), *values.shape[1:]))
    for v, of_channel in zip(vendor, values, strict=True):
        held[v] += of_channel
    return held


def _widest(world: World, vendor: IntArray, access: FloatArray) -> FloatArray:
    """Share of each group that a vendor may serve in some channel, [vendor, group, draw]."""
    held = np.zeros((len(world.axes.vendors), *access.shape[1:]))
    np.maximum.at(held, vendor, access)
    return held


def _mean(world: World, vendor: IntArray, values: FloatArray, sales: FloatArray) -> FloatArray:
    """Mean over the channels of each vendor, by their sales, [vendor, draw]; 0 without sales."""
    whole = _by_vendor(world, vendor, sales)
    share = quotient(sales, whole[vendor], whole[vendor] > 0.0, np.zeros_like(sales))
    return _by_vendor(world, vendor, share * values)


def settled_places(world: World, m: int, month: int) -> Places:
    """Let vendors that review how they sell move to what they reckon best, as far as zones have room (equation 7.3)."""
    shape = world.axes.shape("vendor")
    active = world.active.copy()
    places = Places(active[world.channels.in_market[m]], np.zeros(shape), np.zeros(shape))
    who = [v for v, market in reviewed_pairs(world.scenario) if market == m]
    everywhere = np.ones((len(who), world.draws.count), dtype=np.bool_)
    found = dict(zip(who, reckonings(world, who, m, month, everywhere) if who else (), strict=True))
    pending = {v: world.live_month[v, m] < NEVER for v in found}
    moves = {v: _wanted(held) & ~pending[v][None] for v, held in found.items()}
    for z, market in enumerate(world.axes.zone_markets):
        if market == m:
            _share_slots(world, z, found, moves)
    for v, held in found.items():
        rows = list(world.channels.of(v, m))
        for option, moving in zip(held.options, moves[v], strict=True):
            if moving.any():
                active[rows] = np.where(moving, used_after(world.active[rows], rows, option), active[rows])
                places.sunk[v, moving] = sunk_cost(world, option.opens)[moving]
                places.waits[v, moving] = years_until_live(world, option.opens)
        due = pending[v] & (world.next_opens[v, m] <= month)  # these go live whatever the talks bring
        opens = np.array(rows)[:, None] == world.next_channel[v, m]
        active[rows] = np.where(due, opens | (world.active[rows] & ~world.leaving[rows]), active[rows])
    return places


def _wanted(held: Reckoning) -> BoolArray:
    """Change to make, [option, draw]: true for the best one, none where that is to stay."""
    best = held.gain.argmax(axis=0)
    index = np.arange(len(held.options))[:, None]
    wanted: BoolArray = (index == best) & (best > 0)
    return wanted


def _share_slots(world: World, z: int, found: dict[int, Reckoning], moves: dict[int, BoolArray]) -> None:
    """Give the free slots of a zone to those who gain most; strike out the moves of the others."""
    into = [
        (v, index)
        for v, held in found.items()
        for index, option in enumerate(held.options)
        if option.opens != AWAY and world.channels.rows[option.opens].zone == z
    ]
    if not into:
        return
    gains = np.stack([np.where(moves[v][index], found[v].gain[index], -np.inf) for v, index in into])
    rank = (-gains).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    free = world.levers.zone_slots[z] - world.slots_taken[z]
    for row, (v, index) in enumerate(into):
        moves[v][index] &= rank[row] < free


def _spending(world: World, m: int, month: int) -> FloatArray:
    """Spending at a price index of 1, [segment, draw], bn a year; activity is left to the goods block."""
    base = world.base
    decline = world.value(world.scenario.costs.decline) * (month / MONTHS_PER_YEAR)
    above = (1.0 - base.eta) * (-decline - base.trend_log_index[month, m])
    return base.spending_path[month, m] * exp(above)


def _captive(world: World, m: int, month: int, vendor: IntArray, carries: FloatArray, markup: FloatArray) -> FloatArray:
    """What partners take for services to vendors' own customers, [vendor, draw], bn a year.

    Parameters
    ----------
    carries, markup
        [channel, draw] what each runs of the vendor's sales, 0 where not in use, and what is taken per unit of cost.
    """
    taken = np.zeros(world.axes.shape("vendor"))
    for v in np.flatnonzero((world.base.captive[:, m] > 0.0).any(axis=1)):
        own = vendor == v
        taken[v] = captive_cost(world, int(v), m, month) * ordered_sum(parts_of_whole(carries[own]) * markup[own])
    return taken
