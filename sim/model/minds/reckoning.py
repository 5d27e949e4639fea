"""What a vendor reckons each change of how it sells in a market to be worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.channels import NOBODY
from sim.model.equations.demand import appeal, kept_contracts
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.present_value import (
    Offers,
    Outlook,
    Prospect,
    Rivals,
    contracts_when_live,
    mean_growth,
    prospect,
    revenue_value,
    within_limits,
)
from sim.model.equations.terms import Terms, fee_markup
from sim.model.equations.trend import continued_log_growth
from sim.model.minds.foresight import as_expected, under
from sim.model.minds.zone_room import zone_limit
from sim.model.presence_rules import over_groups, terms_of
from sim.model.world import AWAY, World
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
Values = TypeVar("Values", FloatArray, BoolArray)


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


def options_of(rows: Sequence[int]) -> Iterator[Option]:
    """Give all changes: a channel beside those in use, one in the place of all others, or one less."""
    yield STAY
    for row in rows:
        others = tuple(other for other in rows if other != row)
        yield Option(row, ())
        yield Option(row, others)
        yield Option(AWAY, (row,))


def allows(world: World, v: int, m: int, option: Option) -> BoolArray:
    """Draws in which a vendor may make a change under the rules in force (the table of section 5).

    Services for own customers stay in one place in the country.
    """
    rows = list(world.channels.of(v, m))
    active, captive = world.active[rows], (world.base.captive[v, m] > 0.0).any()
    if option == STAY:
        return world.everywhere
    if option.opens == AWAY:
        return world.nowhere if captive else world.active[option.closes[0]]
    opens = ~world.active[option.opens] & is_open(world, option.opens)
    beside = active.any(axis=0)
    if option.closes or len(rows) == 1:
        return opens
    partners = list(world.scenario.partners.values())
    for row in rows:
        partner = world.channels.partner[row]
        if partner != NOBODY and partners[partner].exclusive:
            beside = world.nowhere if row == option.opens else beside & ~world.active[row]
    return world.nowhere if captive else opens & beside


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


def used_after(world: World, rows: Sequence[int], option: Option) -> BoolArray:
    """Channels that are in use once a change has been made, [channel, draw]."""
    used = world.active[list(rows)].copy()
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
    known = under(world, ahead[-1] if ahead else world.levers)
    asks = world.base.willing[v] if due is None else due & world.base.willing[v]
    allowed = {option: allows(known, v, m, option) & asks for option in options_of(world.channels.of(v, m))}
    options = tuple(option for option, where in allowed.items() if option == STAY or where.any())
    if len(options) == 1:
        nothing = np.zeros((1, world.draws.count))
        return Reckoning(options, nothing, nothing + 1.0, nothing.astype(np.int64))
    few = not ahead and asks.mean() < WORTH_LEAVING_OUT
    books = Books(world, v, m, month, np.flatnonzero(asks) if few else None)
    waits = np.stack([_months_until_open(today, option, books, ahead) for option in options])
    plans, outlook = books.plans(options), books.here(_outlook(world, v, m, month, options, waits))
    present = books.present.of_options(np.zeros(len(options), dtype=np.int64))
    worth = books.worth(plans, outlook) - books.worth(present, outlook)
    sunk = np.stack([sunk_cost(world, option.opens) for option in options])
    gain, price = np.full((len(options), world.draws.count), -np.inf), np.ones((len(options), world.draws.count))
    gain[:, asks if few else ...] = worth
    price[:, asks if few else ...] = [plans.price_of(k, option.opens) for k, option in enumerate(options)]
    gain -= sunk * (1.0 + world.value(world.scenario.presence.hurdle))
    gain = np.where(np.stack([allowed[option] for option in options]), gain, -np.inf)
    gain[0] = 0.0
    return Reckoning(options, gain, price, waits)


WORTH_LEAVING_OUT = 0.8
"""Part of the draws in which a review is due, below which it pays to leave out the others."""


@dataclass(frozen=True)
class Plans:
    """A vendor's channels in a market after some changes, and what they may come to sell.

    Attributes
    ----------
    rows
        [channel, option] channels that each option would have in some draw; unused places hold any.
    used
        [channel, option, draw] whether each would be in use.
    prospects
        What they would earn.
    """

    rows: IntArray
    used: BoolArray
    prospects: Prospect

    def of_options(self, options: IntArray, channels: int | None = None) -> Plans:
        """Some of the options, or some of them several times, with their first channels."""
        held = {name: values[:channels, options] for name, values in vars(self.prospects).items()}
        return Plans(self.rows[:channels, options], self.used[:channels, options], Prospect(**held))

    def price_of(self, option: int, row: int) -> FloatArray:
        """Price that an option plans in one of its channels, [draw]; 1 for `AWAY`."""
        places = np.flatnonzero((self.rows[:, option] == row) & self.used[:, option].any(axis=-1))
        planned: FloatArray = self.prospects.price[places[0], option] if len(places) else np.ones(self.used.shape[-1])
        return planned


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
        self.world, self.v, self.m, self.month, self.some = world, v, m, month, some
        self.rows = world.channels.of(v, m)
        groups = world.base.groups[m]
        held = (world.base.width[m, :groups] > 0.0) | (world.weight[m, :groups] > 0.0)
        self.groups = np.flatnonzero(held.any(axis=-1))  # nobody is in the others
        self._known: dict[tuple[tuple[int, ...], bytes, bytes], Plans] = {}

    def _here(self, values: Values) -> Values:
        """Values [..., draw] in the draws reckoned in."""
        return values if self.some is None else np.take(values, self.some, axis=-1)

    def here(self, outlook: Outlook) -> Outlook:
        """How the vendor looks ahead in the draws reckoned in."""
        return Outlook(**{name: self._here(values) for name, values in vars(outlook).items()})

    @cached_property
    def active(self) -> BoolArray:
        """Whether each channel is in use now, [channel, draw]."""
        return self._here(self.world.active[list(self.rows)])

    @cached_property
    def access(self) -> FloatArray:
        """Share of each group of customers that each channel may serve, [channel, group, draw]."""
        return self._here(self.world.access_to(self.m, self.rows)[:, self.groups])

    @cached_property
    def pull(self) -> FloatArray:
        """Attraction of each channel at a price of 1, [channel, group, draw]."""
        world = self.world
        moving = self._here(world.drift[self.v, self.m] - world.penalty_of(self.rows))
        quality = self._here(world.owned_quality[self.v, self.m]) + moving[:, None]
        return appeal(self.access, over_groups(quality, world.base.groups[self.m])[:, self.groups])

    @cached_property
    def price(self) -> FloatArray:
        """Price that each channel charges, or, where it is not in use, the vendor's others do, [channel, draw]."""
        asked = self._here(self.world.price[list(self.rows)])
        count = self.active.sum(axis=0)
        mean = np.where(count > 0, ordered_sum(np.where(self.active, asked, 0.0)) / np.maximum(count, 1), 1.0)
        return np.where(self.active, asked, mean)

    @cached_property
    def limit(self) -> FloatArray:
        """Most that each channel can sell at a price of 1, [channel, draw], bn a year; infinite outside of zones."""
        trend = self.world.trend_price(self.month)
        return self._here(np.stack([zone_limit(self.world, row, self.month) * trend for row in self.rows]))

    @cached_property
    def terms(self) -> Terms:
        """What of a customer's dollar would go to whom, [channel, draw]."""
        world, rows = self.world, list(self.rows)
        parts = (world.base.fee, world.services_tax, stakes(world))
        return Terms(*(self._here(part[rows]) for part in parts))

    @cached_property
    def contracts(self) -> FloatArray:
        """What is under contract in each channel, [channel, group, draw], bn a year."""
        held = self.world.of_channels(self.world.revenue, self.rows)[:, : self.world.base.groups[self.m]]
        return self._here(self.world.shared_out(self.m, held, self._divides)[:, self.groups])

    @cached_property
    def access_before(self) -> FloatArray:
        """Share of each group that each channel has served so far, [channel, group, draw]."""
        return self._here(self.world.of_channels(self.world.access, self.rows)[:, self.groups])

    @cached_property
    def kept(self) -> dict[int, FloatArray]:
        """Part of the contracts of each channel in use that each may serve, [channel, group, draw] (equation 3.10)."""
        return {
            old: kept_contracts(np.broadcast_to(self.access_before[old], self.access.shape), self.access)
            for old in np.flatnonzero(self.active.any(axis=1)).tolist()
        }

    @cached_property
    def _divides(self) -> BoolArray:
        """Draws in which the rules reckoned with divide the customers of the market for the first time."""
        return self.world.divides(self.m)

    @cached_property
    def rivals(self) -> Rivals:
        """The market that the vendor faces."""
        world = self.world
        own = self._here(ordered_sum(world.of_channels(world.attraction, self.rows))[self.groups])
        total = self._here(world.attraction_total[self.m, self.groups])
        budget = world.shared_out(self.m, world.budget[self.m, : world.base.groups[self.m]], self._divides)
        budget, eta = self._here(budget[self.groups]), self._here(world.base.eta)
        return Rivals(np.maximum(total - own, 0.0), total, budget, self._sigma, eta)

    @cached_property
    def _sigma(self) -> FloatArray:
        """Substitution between vendors, [group, draw]."""
        return self._here(self.world.base.sigma[self.groups])

    @cached_property
    def present(self) -> Plans:
        """Channels as they are, and their prospects."""
        return self.plans([STAY])

    def plans(self, options: Sequence[Option]) -> Plans:
        """Channels after each of some changes, and their prospects (equation 5.1)."""
        used = [self._here(used_after(self.world, self.rows, option)) for option in options]
        some = [np.flatnonzero(of_option.any(axis=1)) for of_option in used]
        places = np.zeros((max(1, *map(len, some)), len(options)), dtype=np.int64)
        in_use = np.zeros((*places.shape, used[0].shape[-1]), dtype=np.bool_)
        for k, here in enumerate(some):
            places[: len(here), k], in_use[: len(here), k] = here, used[k][here]
        found = self._plans_of(places, in_use)
        if options[0] == STAY:
            self.present = found.of_options(np.array([0]), max(len(some[0]), 1))
        return found

    def _prospects(self, places: IntArray, used: BoolArray) -> Prospect:
        """Prospects of channels, [channel, option, ...], given their places among the vendor's."""
        base, rows = self.world.base, np.array(self.rows)[places]
        mu = self._here(base.mu)
        offers = Offers(
            pull=self.pull[places] * used[:, :, None],
            cost=self._here(self.world.cost[rows]),
            limit=self.limit[places],
            terms=self.terms[places],
            weights=self._here(base.carries[rows]),
            kappa=(mu - 1.0) / (self._sigma - 1.0),
            mu=mu,
        )
        return prospect(self.rivals, offers, self.price[places])

    def worth(self, plans: Plans, outlook: Outlook) -> FloatArray:
        """Present value of what each plan earns from the day on which it is live (equation 5.3), [option, draw]."""
        base, places = self.world.base, self._places(plans)
        fixed = plans.used * (self.terms.stake[places] * self._here(base.fixed_cost[plans.rows]))
        contracts = contracts_when_live(outlook, self.contracts, self._won_now)
        flat = outlook.present_value(np.zeros_like(outlook.discount))
        value = plans.prospects.margin * self._revenue(plans, contracts, outlook) - fixed * flat
        parts = parts_of_whole(plans.used * self._here(base.carries[plans.rows]))
        taken = ordered_sum(parts * fee_markup(self.terms.fee[places]))
        captive = self._here(captive_cost(self.world, self.v, self.m, self.month)) * taken
        return ordered_sum(value) - captive * outlook.present_value(outlook.captive_growth)

    def _places(self, plans: Plans) -> IntArray:
        """Places of the channels of plans among the vendor's, [channel, option]."""
        return np.searchsorted(self.rows, plans.rows)

    @cached_property
    def _won_now(self) -> FloatArray:
        """Sales of each channel as it is now if all spending were up for choice, [channel, group, draw], bn a year."""
        won, present = np.zeros_like(self.contracts), self.present
        for place, used, sales in zip(
            self._places(present)[:, 0], present.used[:, 0], present.prospects.group_sales[:, 0], strict=True
        ):
            won[place] += used * sales
        return won

    def _revenue(self, plans: Plans, contracts: FloatArray, outlook: Outlook) -> FloatArray:
        """Present value of what the channels of plans sell, [channel, option, draw], bn."""
        begins, sales = self.passed_on(plans, contracts), plans.prospects.sales
        limit = np.where(plans.used, plans.prospects.limit, np.inf)
        if not np.isfinite(limit).any():
            return revenue_value(outlook, begins, sales)
        return within_limits(outlook, begins, sales, limit, self._without_limited(plans, limit, contracts, outlook))

    def _without_limited(self, plans: Plans, limit: FloatArray, contracts: FloatArray, outlook: Outlook) -> FloatArray:
        """What the others would sell if there were none of the channels with a limit, [channel, option, draw], bn.

        Plans that differ in nothing else share the prospects.
        """
        unlimited, instead = plans.used & np.isinf(limit), np.zeros(plans.used.shape)
        places = self._places(plans)
        others = np.unique(places[unlimited.any(axis=-1)])
        if not len(others):
            return instead
        used = np.stack([(unlimited & (places == other)[..., None]).any(axis=0) for other in others])
        patterns: dict[bytes, int] = {}
        alike = [patterns.setdefault(used[:, k].tobytes(), k) for k in range(used.shape[1])]
        some = sorted(set(alike))
        shared = self._plans_of(np.repeat(others[:, None], len(some), axis=1), used[:, some])
        rest = shared.of_options(np.searchsorted(some, alike))
        value = revenue_value(outlook, self.passed_on(rest, contracts), rest.prospects.sales)
        for other, of_other in zip(others, value, strict=True):
            instead = instead + (unlimited & (places == other)[..., None]) * of_other
        return instead

    def _plans_of(self, places: IntArray, used: BoolArray) -> Plans:
        key = (places.shape, places.tobytes(), used.tobytes())
        if key not in self._known:
            self._known[key] = Plans(np.array(self.rows)[places], used, self._prospects(places, used))
        return self._known[key]

    def passed_on(self, plans: Plans, contracts: FloatArray) -> FloatArray:
        """Contracts that the channels of plans begin with, [channel, option, draw], bn a year.

        A channel keeps its own as far as it may serve them; those of one that closes go to the others as customers
        would now choose between them, as far as these may serve them (equation 3.10).

        Parameters
        ----------
        contracts
            [channel, option, group, draw] what is under contract in each channel of the vendor, bn a year.
        """
        places, found = self._places(plans), np.zeros(plans.used.shape)
        inside = parts_of_whole(plans.prospects.group_sales)
        for old, kept in self.kept.items():
            held = self.active[old] * contracts[old]
            own = plans.used & (places == old)[..., None]
            found += own * ordered_sum(kept[old] * held, axis=-2)
            closes = self.active[old] & ~own.any(axis=0)
            some = np.flatnonzero(closes.any(axis=-1))
            if len(some):
                passed = ordered_sum(inside[:, some] * kept[places[:, some]] * held[some], axis=-2)
                found[:, some] += plans.used[:, some] * closes[some] * passed
        return found


def _months_until_open(today: World, option: Option, books: Books, ahead: Sequence[Levers]) -> IntArray:
    """Months until a change is allowed and its channel as attractive as reckoned with, [draw].

    0 where it is not allowed in the last month that the vendor knows.
    """
    opens = np.zeros(today.draws.count, dtype=np.int64)
    if not ahead or option.opens == AWAY:
        return opens
    v, m = books.v, books.m
    rules, place = (today.levers, *ahead), books.rows.index(option.opens)
    ready = known = allows(under(today, rules[-1]), v, m, option)
    opens[known] = len(ahead)
    for months in reversed(range(len(ahead))):
        if rules[months] is not rules[months + 1]:
            then = Books(under(today, rules[months]), v, m, books.month)
            ready = known & allows(then.world, v, m, option) & (then.pull[place] >= books.pull[place]).all(axis=0)
        opens[ready] = months
    return opens


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    if not (world.base.captive[v, m] > 0.0).any():
        return np.zeros(world.draws.count)
    grown = exp(captive_log_growth(world, v, m, month))
    return world.base.captive[v, m] * grown * world.cost[world.channels.of(v, m)[0]] * world.trend_price(month)


def captive_costs(world: World, v: int, m: int, month: int) -> Iterator[tuple[int, FloatArray]]:
    """Give the vendor's channels and `captive_cost` of what each runs, [draw], bn a year; several share it as sales."""
    rows = world.channels.of(v, m)
    parts = parts_of_whole(world.active[list(rows)] * world.base.carries[list(rows)])
    whole = captive_cost(world, v, m, month)
    yield from ((row, whole * part) for row, part in zip(rows, parts, strict=True))


def captive_log_growth(world: World, v: int, m: int, month: int) -> FloatArray:
    """Log growth of a vendor's services for its own customers from the base date to mid-month, [draw]."""
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    if fades is None:
        return first * years_at(month)
    start = max(world.scenario.calendar.month_of(fades.after), 0) / MONTHS_PER_YEAR
    faded = np.array(max(years_at(month) - start, 0.0))
    later = continued_log_growth(faded, first, world.value(fades.lasting), world.value(fades.half_life_years))
    return first * min(years_at(month), start) + later


def _captive_growth_ahead(world: World, v: int, m: int, month: int, years: FloatArray) -> FloatArray:
    """Yearly growth of those services that a vendor reckons with: the first rate until it begins to fade.

    Parameters
    ----------
    years
        [option, draw] until the horizon.
    """
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    faded = 0 if fades is None else month - max(world.scenario.calendar.month_of(fades.after), 0)
    if fades is None or faded <= 0:
        return first
    lasting, half_life = world.value(fades.lasting), world.value(fades.half_life_years)
    present = lasting + (first - lasting) * exp(-log(2.0) * faded / MONTHS_PER_YEAR / half_life)
    return mean_growth(present, lasting, half_life, years)


def _fading(world: World, v: int, m: int) -> Fading | None:
    captive = list(world.scenario.vendors.values())[v].captive.get(world.axes.markets[m])
    return None if captive is None else captive.fades


def stakes(world: World) -> FloatArray:
    """Share of profit that vendors have in each channel, [channel, draw].

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.
    """
    cap = world.levers.equity_cap[world.channels.market]
    capped = (world.channels.reviewed & world.channels.of_kind(Presence.OWNED))[:, None] & (cap > 0.0)
    return np.where(capped, cap, 1.0)


def _outlook(world: World, v: int, m: int, month: int, options: Sequence[Option], waits: IntArray) -> Outlook:
    """Discounting, growth and delays as the vendor sees them."""
    settings = world.scenario.presence
    later = world.scenario.growth_of(world.axes.markets[m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    lags = np.array([years_until_live(world, option.opens) for option in options])
    begins = np.maximum(lags[:, None], waits / MONTHS_PER_YEAR)
    ends = begins + world.value(settings.horizon_years)
    captive_growth = _captive_growth_ahead(world, v, m, month, ends) - world.value(world.scenario.costs.decline)
    return Outlook(
        discount=world.value(settings.discount) + premium,
        growth=mean_growth(world.growth[m], world.value(later.lasting), world.value(later.half_life_years), ends),
        churn=world.base.churn_rate,
        captive_growth=captive_growth,
        begins=begins,
        ends=ends,
        fade=world.value(settings.fade_half_life_years),
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
