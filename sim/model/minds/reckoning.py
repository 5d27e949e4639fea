"""What a vendor reckons each change of how it sells in a market to be worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.channels import NOBODY
from sim.model.equations.demand import appeal, kept_contracts
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.present_value import (
    Contracts,
    Moves,
    Outlook,
    Plans,
    contracts_when_live,
    growth_until_live,
    mean_growth,
    revenue_value,
    within_limits,
)
from sim.model.equations.prospects import Offers, Rivals, Ways, prospect
from sim.model.equations.terms import Terms, fee_markup
from sim.model.equations.trend import continued_log_growth
from sim.model.minds.foresight import as_expected, under
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import access_shares, terms_of
from sim.model.world import AWAY, BySeller, World
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray, ordered_sum, years_at
from sim.scenario.schema import Fading, Presence


class Option(NamedTuple):
    """A change of how a vendor sells in a market.

    Attributes
    ----------
    opens
        Channel that is opened; `AWAY` for none.
    closes
        Channels that are closed where they are in use.
    """

    opens: int
    closes: tuple[int, ...]


STAY = Option(AWAY, ())
Values = TypeVar("Values", FloatArray, BoolArray, IntArray)


@dataclass(frozen=True)
class Reckoning:
    """What a review finds.

    Attributes
    ----------
    options
        What was compared; the first is to stay.
    gain
        [option, draw] present value above that of staying, less sunk cost and hurdle, bn; 0 for staying, -inf where not
        allowed.
    price
        [option, draw] price planned in the channel that is opened; 1 where none is.
    waits
        [option, draw] months until the option is open under rules announced; 0 where it is open now, or not allowed.
    """

    options: tuple[Option, ...]
    gain: FloatArray
    price: FloatArray
    waits: IntArray


@cache
def options_of(rows: tuple[int, ...]) -> tuple[Option, ...]:
    """All changes: to stay; for each channel to open it beside those in use, or in the place of all, or to close it."""
    return (STAY, *(option for row in rows for option in _of_channel(rows, row)))


def _of_channel(rows: Sequence[int], row: int) -> Iterator[Option]:
    others = tuple(other for other in rows if other != row)
    if others:
        yield Option(row, ())
    yield Option(row, others)
    yield Option(AWAY, (row,))


def allowed_changes(world: World, v: int, m: int) -> BoolArray:
    """Draws in which a vendor may make each of `options_of` under the rules in force (the table of section 5).

    Services for own customers stay in one place in the country.

    Returns
    -------
    [option, draw].
    """
    rows, captive = world.channels.of(v, m), (world.base.captive[v, m] > 0.0).any()
    active, exclusive = world.active[list(rows)], np.array([_is_exclusive(world, row) for row in rows])
    opens = ~active & np.stack([is_open(world, row) for row in rows])
    beside = opens & ~exclusive[:, None] & active.any(axis=0) & ~active[exclusive].any(axis=0)
    closes = active
    if captive:
        beside, closes = np.zeros_like(beside), np.zeros_like(active)
    changes = np.stack([beside, opens, closes] if len(rows) > 1 else [opens, closes], axis=1)
    return np.concatenate([world.everywhere[None], changes.reshape(-1, world.draws.count)])


def _is_exclusive(world: World, row: int) -> bool:
    """Whether a channel is run by a partner that demands to be the only one."""
    partner = world.channels.rows[row].partner
    return partner != NOBODY and list(world.scenario.partners.values())[partner].exclusive


def is_open(world: World, row: int) -> BoolArray:
    """Draws in which a vendor may sell, or go on selling, through a channel under the rules in force."""
    levers, channel = world.levers, world.channels.rows[row]
    if channel.kind is Presence.OWNED:
        return levers.equity_cap[channel.market] > 0.0
    if channel.kind is Presence.ZONE:
        free = world.slots_taken[channel.zone] < levers.zone_slots[channel.zone]
        return (levers.zone_slots[channel.zone] > 0.0) & (world.active[row] | free)
    if channel.kind is Presence.PARTNER:
        return world.everywhere if channel.licensed else world.nowhere
    return world.everywhere


def used_after(active: BoolArray, rows: Sequence[int], option: Option) -> BoolArray:
    """Channels that are in use once a change has been made, [channel, draw].

    Parameters
    ----------
    active
        [channel, draw] whether each is in use now.
    rows
        The channels.
    """
    used = active.copy()
    for k, row in enumerate(rows):
        if row == option.opens:
            used[k] = True
        elif row in option.closes:
            used[k] = False
    return used


def reckon(
    today: World, v: int, m: int, month: int, ahead: Sequence[Levers] = (), due: BoolArray | None = None
) -> Reckoning:
    """Compare the ways in which vendor `v` could sell in market `m` (equations 5.1 to 5.5, 5.8 and 5.14).

    Parameters
    ----------
    ahead
        Rules of the next months as far as vendors know them; without any they reckon with today's.
    due
        [draw] where the vendor reviews how it sells; everywhere if absent.
    """
    world = as_expected(today, ahead)
    asks = world.base.willing[v] if due is None else due & world.base.willing[v]
    allowed = allowed_changes(under(world, ahead[-1] if ahead else world.levers), v, m) & asks
    allowed[0] = True
    some = np.flatnonzero(allowed.any(axis=1))
    options = tuple(options_of(world.channels.of(v, m))[k] for k in some)
    shape = (len(options), world.draws.count)
    found = Reckoning(options, np.full(shape, -np.inf), np.ones(shape), np.zeros(shape, dtype=np.int64))
    found.gain[0] = 0.0
    if len(options) > 1:
        books, cases = _cases(world, v, m, month, allowed[some])
        waits = _months_until_open(today, options, books, cases, ahead)
        gain, price = _gains(books, options, cases, waits)
        at = cases.option, books.draws[cases.draw]
        found.gain[at], found.price[at], found.waits[at] = gain, price, waits
    return found


class Cases(NamedTuple):
    """Changes that a vendor compares, each in one draw.

    Attributes
    ----------
    option
        [case] which of its options.
    draw
        [case] place of the draw among those reckoned in.
    """

    option: IntArray
    draw: IntArray


def _cases(world: World, v: int, m: int, month: int, allowed: BoolArray) -> tuple[Books, Cases]:
    """Open the books for the draws in which some change is allowed, and list these changes; the first is to stay."""
    changes = allowed[1:]
    where = changes.any(axis=0)
    books = Books(world, v, m, month, np.flatnonzero(where) if where.mean() < WORTH_LEAVING_OUT else None)
    option, draw = np.nonzero(books.here(changes))
    return books, Cases(option + 1, draw)


WORTH_LEAVING_OUT = 0.8
"""Part of the draws in which some change is allowed, below which it pays to leave out the others."""


def _gains(books: Books, options: Sequence[Option], cases: Cases, waits: IntArray) -> tuple[FloatArray, FloatArray]:
    """Gain of each change (equation 5.8), and the price planned in what it opens, [case] each."""
    world, draws, count = books.world, books.draws[cases.draw], len(cases.draw)
    used = np.stack([used_after(books.active, books.rows, option) for option in options], axis=1)
    plans, index = books.plans(
        np.concatenate([used[:, cases.option, cases.draw], books.active[:, cases.draw]], axis=1), np.tile(cases.draw, 2)
    )
    after, before = index[:count], index[count:]
    outlook = _outlook(books, options, cases, waits).of_draws(np.tile(np.arange(count), 2))
    worth = books.worth(plans, Moves(np.tile(before, 2), index), outlook)
    sunk = np.stack([sunk_cost(world, option.opens) for option in options])[cases.option, draws]
    gain = worth[:count] - worth[count:] - sunk * (1.0 + world.value(world.scenario.presence.hurdle)[draws])
    opened = (plans.ways.channels[:, after] == books.opened(options)[cases.option]) & plans.ways.used[:, after]
    price = np.where(opened.any(axis=0), plans.prospects.price[opened.argmax(axis=0), after], 1.0)
    return gain, price


class Books:
    """What a vendor reckons with in one market under the rules of `world.levers`.

    Parameters
    ----------
    world, v, m, month
        The run, the vendor, the market and the month.
    some
        Draws to reckon in, the draws of all that is given; all of them if absent.
    """

    def __init__(self, world: World, v: int, m: int, month: int, some: IntArray | None = None) -> None:
        self.world, self.v, self.m, self.month = world, v, m, month
        self.rows, self.some = world.channels.of(v, m), some
        self.draws = np.arange(world.draws.count) if some is None else some
        segments = len(world.axes.segments)
        held: BoolArray = np.any(world.base.width[m, : world.base.groups[m]] > 0.0, axis=-1)
        held[:segments] |= not world.divided[m].all()
        self.groups = np.flatnonzero(held)  # nobody is in the others
        self._segments = self.groups % segments

    def here(self, values: Values) -> Values:
        """Values [..., draw] in the draws reckoned in."""
        return values if self.some is None else values.take(self.some, axis=-1)

    def _by_group(self, values: FloatArray) -> FloatArray:
        """Values [..., group, draw] of the groups that somebody is in, in the draws reckoned in."""
        return self.here(values).take(self.groups, axis=-2)

    def _over_groups(self, by_segment: FloatArray) -> FloatArray:
        """Give these groups what holds for their segments, [..., segment, draw], in the draws reckoned in."""
        return self.here(by_segment).take(self._segments, axis=-2)

    def _of_channels(self, values: BySeller) -> FloatArray:
        """Values of the vendor's channels, [channel, group, draw]; zero where one is not in use."""
        found = np.zeros((len(self.rows), len(self.groups), len(self.draws)))
        sellers = self.world.sellers[self.m].tolist()
        for k, row in enumerate(self.rows):
            if row in sellers:
                found[k] = self._by_group(values[self.m][sellers.index(row)])
        return found

    def opened(self, options: Sequence[Option]) -> IntArray:
        """Place of the channel that each option opens among the vendor's, [option]; `AWAY` for none."""
        return np.array([AWAY if option.opens == AWAY else self.rows.index(option.opens) for option in options])

    @cached_property
    def active(self) -> BoolArray:
        """Whether each channel is in use now, [channel, draw]."""
        return self.here(self.world.active[list(self.rows)])

    @cached_property
    def access(self) -> FloatArray:
        """Share of each group of customers that each channel may serve, [channel, group, draw]."""
        world = self.world
        channels, within = [world.channels.rows[row] for row in self.rows], self._by_group(world.base.within[self.m])
        return access_shares(channels, world.base.home, world.levers, within, self._over_groups)

    @cached_property
    def pull(self) -> FloatArray:
        """Attraction of each channel at a price of 1, [channel, group, draw]."""
        world = self.world
        moving = self.here(world.drift[self.v, self.m] - world.penalty_of(self.rows))
        quality = self.here(world.owned_quality[self.v, self.m]) + moving[:, None]
        return appeal(self.access, np.take(quality, self._segments, axis=-2))

    @cached_property
    def price(self) -> FloatArray:
        """Price that each channel charges, or, where it is not in use, the vendor's others do, [channel, draw]."""
        asked = self.here(self.world.price[list(self.rows)])
        count = self.active.sum(axis=0)
        mean = np.where(count > 0, ordered_sum(np.where(self.active, asked, 0.0)) / np.maximum(count, 1), 1.0)
        return np.where(self.active, asked, mean)

    @cached_property
    def limit(self) -> FloatArray:
        """Most that each channel can sell at a price of 1, [channel, draw], bn a year; infinite outside of zones."""
        found, zones = np.full((len(self.rows), len(self.draws)), np.inf), self.world.channels.zone[list(self.rows)]
        for k in np.flatnonzero(zones != NOBODY):
            limit = part_of_zone(self.world, int(zones[k]), self.month) * self.world.trend_price(self.month)
            found[k] = self.here(limit)
        return found

    @cached_property
    def terms(self) -> Terms:
        """What of a customer's dollar would go to whom, [channel, draw]."""
        world, rows = self.world, list(self.rows)
        parts = (world.base.fee[rows], world.services_tax[rows], stakes(world, rows))
        return Terms(*map(self.here, parts))

    @cached_property
    def offers(self) -> Offers:
        """All channels of the vendor, in use or not."""
        base, rows = self.world.base, list(self.rows)
        mu, sigma = self.here(base.mu), self.rivals.sigma
        cost, carries = self.here(self.world.cost[rows]), self.here(base.carries[rows])
        return Offers(self.pull, cost, self.limit, self.terms, carries, (mu - 1.0) / (sigma - 1.0), mu)

    @cached_property
    def contracts(self) -> Contracts:
        """What is under contract in each channel, and who may go on serving it."""
        world, m = self.world, self.m
        if self._divides.any():
            held = world.of_channels(world.revenue, self.rows)[:, : world.base.groups[m]]
            spending = self._by_group(world.shared_out(m, held, self._divides))
        else:
            spending = self._of_channels(world.revenue)
        used, place = np.flatnonzero(self.active.any(axis=1)), np.zeros(len(self.rows), dtype=np.int64)
        place[used] = np.arange(len(used))
        before = self._of_channels(world.access)[used]
        kept = kept_contracts(before[:, None], self.access)
        return Contracts(spending, kept, place)

    @cached_property
    def _divides(self) -> BoolArray:
        """Draws in which the rules reckoned with divide the customers of the market for the first time."""
        return self.world.divides(self.m)

    @cached_property
    def rivals(self) -> Rivals:
        """The market that the vendor faces."""
        world, budget = self.world, self.world.budget[self.m]
        if self._divides.any():
            budget = world.shared_out(self.m, budget[: world.base.groups[self.m]], self._divides)
        own, total = ordered_sum(self._of_channels(world.attraction)), self._by_group(world.attraction_total[self.m])
        sigma, eta = self._by_group(world.base.sigma), self.here(world.base.eta)
        return Rivals(np.maximum(total - own, 0.0), total, self._by_group(budget), sigma, eta)

    def plans(self, used: BoolArray, draw: IntArray) -> tuple[Plans, IntArray]:
        """Ways of using the channels, each worked out once, and for each case its place among them.

        Parameters
        ----------
        used
            [channel, case] which channels would be in use.
        draw
            [case] places of draws among those reckoned in.
        """
        limited = np.isfinite(self.limit[:, :1])
        wanted = np.concatenate([used, used & ~limited], axis=1) if limited.any() else used
        ways, index = Ways.distinct(np.resize(draw, wanted.shape[1]), wanted)
        unlimited, count = np.arange(len(ways.draw)), used.shape[1]
        unlimited[index[:count]] = index[-count:]
        return Plans(ways, unlimited, prospect(self.rivals, self.offers, self.price, ways)), index[:count]

    def worth(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what plans earn from the day on which they are live (equation 5.3), [move].

        Parameters
        ----------
        plans, moves
            The plans, and the changes that lead to them.
        outlook
            How the vendor looks ahead, [move] in the place of [draw].
        """
        base, rows, after = self.world.base, list(self.rows), moves.after
        used, at = plans.ways.used[:, after], (plans.ways.channels[:, after], plans.ways.draw[after])
        fixed = used * (self.terms.stake[at] * self.here(base.fixed_cost[rows])[at])
        flat = outlook.present_value(np.zeros_like(outlook.discount))
        value = plans.prospects.margin[:, after] * self._revenue(plans, moves, outlook) - fixed * flat
        if not (base.captive[self.v, self.m] > 0.0).any():
            return ordered_sum(value)
        parts = parts_of_whole(used * self.offers.weights[at])
        taken = ordered_sum(parts * fee_markup(self.terms.fee[at]))
        captive = self.here(captive_cost(self.world, self.v, self.m, self.month))[at[1]] * taken
        return ordered_sum(value) - captive * outlook.present_value(outlook.captive_growth)

    def _revenue(self, plans: Plans, moves: Moves, outlook: Outlook) -> FloatArray:
        """Present value of what the channels of plans sell, [slot, move], bn."""
        sales = plans.prospects.sales
        begins = contracts_when_live(self.contracts, plans, moves, growth_until_live(outlook))
        found = revenue_value(outlook, begins, np.take(sales, moves.after, axis=1))
        some = np.flatnonzero(plans.unlimited[moves.after] != moves.after)
        if len(some):
            full, some_outlook = moves.after[some], outlook.of_draws(some)
            limit = np.take(plans.prospects.limit, full, axis=1)
            instead = self._without_limited(plans, moves.some(some), limit, some_outlook)
            asked = np.take(begins, some, axis=1), np.take(sales, full, axis=1)
            found[:, some] = within_limits(some_outlook, *asked, limit, instead)
        return found

    def _without_limited(self, plans: Plans, moves: Moves, limit: FloatArray, outlook: Outlook) -> FloatArray:
        """What the others would sell if there were none of the channels with a limit, [slot, move], bn."""
        rest = Moves(moves.before, plans.unlimited[moves.after])
        begins = contracts_when_live(self.contracts, plans, rest, growth_until_live(outlook))
        value = revenue_value(outlook, begins, np.take(plans.prospects.sales, rest.after, axis=1))
        others = plans.ways.used[:, moves.after] & np.isinf(limit)
        slots = np.maximum(np.cumsum(others, axis=0) - 1, 0)
        return np.where(others, np.take_along_axis(value, slots, axis=0), 0.0)


def _months_until_open(
    today: World, options: Sequence[Option], books: Books, cases: Cases, ahead: Sequence[Levers]
) -> IntArray:
    """Months until changes are allowed and their channels as attractive as reckoned with, [case]."""
    opened = books.opened(options)[cases.option]
    waits, ready = np.where(opened == AWAY, 0, len(ahead)), opened != AWAY
    rules = (today.levers, *ahead)
    for months in reversed(range(len(ahead))):
        if rules[months] is not rules[months + 1]:
            then = Books(under(today, rules[months]), books.v, books.m, books.month, books.some)
            places = np.array([options_of(books.rows).index(option) for option in options])
            now = then.here(allowed_changes(then.world, books.v, books.m))[places[cases.option], cases.draw]
            pull, wanted = (held.pull[opened, :, cases.draw] for held in (then, books))
            ready = (opened != AWAY) & now & (pull >= wanted).all(axis=-1)
        waits[ready] = months
    return waits


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    if not (world.base.captive[v, m] > 0.0).any():
        return np.zeros(world.draws.count)
    grown = exp(captive_log_growth(world, v, m, month))
    return world.base.captive[v, m] * grown * world.cost[world.channels.of(v, m)[0]] * world.trend_price(month)


def captive_costs(world: World, v: int, m: int, month: int) -> tuple[list[int], FloatArray]:
    """Give the vendor's channels and `captive_cost` of what each runs, [channel, draw]; several share it as sales."""
    rows = list(world.channels.of(v, m))
    return rows, captive_cost(world, v, m, month) * parts_of_whole(world.active[rows] * world.base.carries[rows])


def captive_log_growth(world: World, v: int, m: int, month: int) -> FloatArray:
    """Log growth of a vendor's services for its own customers from the base date to mid-month, [draw]."""
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    if fades is None:
        return first * years_at(month)
    start = max(world.scenario.calendar.month_of(fades.after), 0) / MONTHS_PER_YEAR
    faded = np.array(max(years_at(month) - start, 0.0))
    later = continued_log_growth(faded, first, world.value(fades.lasting), world.value(fades.half_life_years))
    return first * min(years_at(month), start) + later


def _captive_growth_ahead(books: Books, draws: IntArray, years: FloatArray) -> FloatArray:
    """Yearly growth of those services that a vendor reckons with: the first rate until it begins to fade, [case].

    Parameters
    ----------
    draws, years
        [case] draws, and years until the horizon.
    """
    world, v, m = books.world, books.v, books.m
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    faded = 0 if fades is None else books.month - max(world.scenario.calendar.month_of(fades.after), 0)
    if fades is None or faded <= 0:
        return first[draws]
    lasting, half_life = world.value(fades.lasting), world.value(fades.half_life_years)
    present = lasting + (first - lasting) * exp(-log(2.0) * faded / MONTHS_PER_YEAR / half_life)
    return mean_growth(present[draws], lasting[draws], half_life[draws], years)


def _fading(world: World, v: int, m: int) -> Fading | None:
    captive = list(world.scenario.vendors.values())[v].captive.get(world.axes.markets[m])
    return None if captive is None else captive.fades


def stakes(world: World, rows: Sequence[int] | IntArray) -> FloatArray:
    """Share of profit that vendors have in some channels, [channel, draw].

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.
    """
    channels, held = world.channels, np.array(rows)
    cap = world.levers.equity_cap[channels.market[held]]
    capped = (channels.reviewed & (channels.kind == Presence.OWNED))[held, None] & (cap > 0.0)
    return np.where(capped, cap, 1.0)


def _outlook(books: Books, options: Sequence[Option], cases: Cases, waits: IntArray) -> Outlook:
    """Discounting, growth and delays as the vendor sees them, [case] in the place of [draw]."""
    world, draws = books.world, books.draws[cases.draw]
    settings, later = world.scenario.presence, world.scenario.growth_of(world.axes.markets[books.m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    lags = np.array([years_until_live(world, option.opens) for option in options])
    begins = np.maximum(lags[cases.option], waits / MONTHS_PER_YEAR)
    ends = begins + world.value(settings.horizon_years)[draws]
    now, lasting, half_life = world.growth[books.m], world.value(later.lasting), world.value(later.half_life_years)
    return Outlook(
        discount=(world.value(settings.discount) + premium)[draws],
        growth=mean_growth(now[draws], lasting[draws], half_life[draws], ends),
        churn=world.base.churn_rate[draws],
        captive_growth=_captive_growth_ahead(books, draws, ends) - world.value(world.scenario.costs.decline)[draws],
        begins=begins,
        ends=ends,
        fade=world.value(settings.fade_half_life_years)[draws],
    )


def years_until_live(world: World, row: int) -> float:
    """Years from an application until a channel is live: the licence's usual time plus building."""
    if row == AWAY:
        return 0.0
    terms = terms_of(world.scenario, world.channels.rows[row].kind)
    waiting = world.scenario.licensing.service_months.central if terms.needs_licence else 0.0
    return (terms.build_months + waiting) / MONTHS_PER_YEAR


def sunk_cost(world: World, row: int) -> FloatArray:
    """Cost of setting up a channel, [draw], bn; none for `AWAY`."""
    if row == AWAY:
        return np.zeros(world.draws.count)
    return world.value(terms_of(world.scenario, world.channels.rows[row].kind).sunk_cost_bn)
