"""What a vendor reckons each way of being present in a market to be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.model.equations.demand import appeal, kept_contracts
from sim.model.equations.present_value import (
    Options,
    Outlook,
    Prospect,
    Rivals,
    contracts_when_live,
    mean_growth,
    present_value,
    prospect,
)
from sim.model.equations.terms import Terms, fee_markup
from sim.model.equations.trend import continued_log_growth
from sim.model.minds.foresight import as_expected, under
from sim.model.minds.zone_room import part_of_zone
from sim.model.presence_rules import AccessRules, access_shares, fixed_costs, in_zone, presence_penalty, terms_of
from sim.model.world import World
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Fading, Presence

CAPTIVE_CHOICES = frozenset({Presence.PARTNER, Presence.ZONE, Presence.OWNED})
"""Services for own customers need data centres in the country."""


@dataclass(frozen=True)
class Choice:
    """One way of being present: a presence, and the zone if it is one."""

    presence: Presence
    zone: int = 0


@dataclass(frozen=True)
class Reckoning:
    """What a review finds.

    Attributes
    ----------
    choices
        What was compared.
    gain
        [choice, draw] present value above that of staying, less sunk cost and hurdle, bn; 0 for staying, -inf where not
        allowed.
    prospects
        Price, sales and margin of each choice.
    current
        [draw] index of the present choice.
    waits
        [choice, draw] months until the choice is open under rules announced; 0 where it is open now, or not allowed.
    """

    choices: tuple[Choice, ...]
    gain: FloatArray
    prospects: Prospect
    current: IntArray
    waits: IntArray


def choices_in(world: World, m: int) -> tuple[Choice, ...]:
    """All ways of being present in a market."""
    zones = [Choice(Presence.ZONE, z) for z, market in enumerate(world.axes.zone_markets) if market == m]
    plain = [Choice(kind) for kind in Presence if kind is not Presence.ZONE]
    return (*plain, *zones)


def choices_open(world: World, v: int, m: int) -> tuple[Choice, ...]:
    """Ways of being present that vendor `v` has, or may choose, in at least one draw."""
    return tuple(
        choice
        for choice in choices_in(world, m)
        if is_allowed(world, v, m, choice).any() or is_present(world, v, m, choice).any()
    )


def is_present(world: World, v: int, m: int, choice: Choice) -> BoolArray:
    """Draws in which this is how the vendor is present."""
    if choice.presence is Presence.ZONE:
        return in_zone(world.presence[v, m], world.zone[v, m], choice.zone)
    return world.presence[v, m] == choice.presence


def is_allowed(world: World, v: int, m: int, choice: Choice) -> BoolArray:
    """Draws in which a vendor may choose a presence now (the table of section 5)."""
    levers, always = world.levers, np.ones(world.draws.count, dtype=np.bool_)
    if (world.base.captive[v, m] > 0.0).any() and choice.presence not in CAPTIVE_CHOICES:
        return ~always
    if choice.presence is Presence.PARTNER:
        return always & has_partner(world, v, m)
    if choice.presence is Presence.OWNED:
        return levers.equity_cap[m] > 0.0
    if choice.presence is Presence.ZONE:
        inside = is_present(world, v, m, choice)
        free = world.slots_taken[choice.zone] < levers.zone_slots[choice.zone]
        return (levers.zone_slots[choice.zone] > 0.0) & (inside | free)
    return always


def has_partner(world: World, v: int, m: int) -> bool:
    """Whether a licensed partner in the market has a contract with the vendor."""
    name, market = world.axes.vendors[v], world.axes.markets[m]
    return any(
        partner.market == market and partner.licence and name in partner.contracts
        for partner in world.scenario.partners.values()
    )


def reckon(today: World, v: int, m: int, month: int, ahead: Sequence[Levers] = ()) -> Reckoning:
    """Compare the ways in which vendor `v` could be present in market `m` (equations 5.1 to 5.5, 5.8 and 5.14).

    Parameters
    ----------
    ahead
        Rules of the next months as far as vendors know them; without any they reckon with today's.
    """
    world = as_expected(today, ahead)
    choices = choices_open(world, v, m)
    presence, zone = _codes(world, choices)
    access = _access(world, v, m, presence, zone)
    options = _options(world, v, m, month, choices, access)
    prospects = prospect(_rivals(world, v, m), options, world.price[v, m])
    fixed = options.terms.stake * fixed_costs(world.scenario, world.draws, presence)
    captive = captive_cost(world, v, m, month) * fee_markup(options.terms.fee)
    opens = _months_until_open(today, v, m, choices, options.pull, ahead)
    waits = np.where(opens < NEVER, opens, 0)
    outlook = _outlook(world, v, m, month, choices, waits)
    current = _current(world, v, m, choices)

    def now(values: FloatArray) -> FloatArray:
        index = current[None] if values.ndim == current.ndim + 1 else current[None, None]
        return np.take_along_axis(values, index, axis=0)

    present = Prospect(*(now(getattr(prospects, item.name)) for item in fields(Prospect)))
    won_now, revenue = present.segment_sales[0], world.at(world.revenue, v, m)
    kept = kept_contracts(np.broadcast_to(world.access[v, m], access.shape), access)
    contracts = contracts_when_live(outlook, revenue, won_now, kept)
    value = present_value(outlook, prospects, contracts, fixed, captive)
    all_kept = contracts_when_live(outlook, revenue, won_now, now(kept))
    stay = present_value(outlook, present, all_kept, now(fixed), now(captive))
    gain = value - stay - _sunk(world, choices) * (1.0 + world.value(world.scenario.presence.hurdle))
    gain = np.where((opens < NEVER) & world.base.willing[v], gain, -np.inf)
    np.put_along_axis(gain, current[None], 0.0, axis=0)
    return Reckoning(choices, gain, prospects, current, waits)


def sales_when_live(world: World, v: int, m: int, month: int, choice: Choice) -> tuple[FloatArray, Prospect]:
    """What a vendor starts with on the day on which a choice goes live, and what it may come to sell there.

    Returns
    -------
    [draw] contracts with customers whom it may go on serving, bn a year; and the prospects of this one choice.
    """
    presence, zone = _codes(world, (choice,))
    access = _access(world, v, m, presence, zone)
    kept = kept_contracts(np.broadcast_to(world.access[v, m], access.shape), access)[0]
    prospects = prospect(_rivals(world, v, m), _options(world, v, m, month, (choice,), access), world.price[v, m])
    return ordered_sum(kept * world.at(world.revenue, v, m)), prospects


def _months_until_open(
    world: World, v: int, m: int, choices: tuple[Choice, ...], pull: FloatArray, ahead: Sequence[Levers]
) -> IntArray:
    """Months until each choice is allowed and as attractive as reckoned with, [choice, draw].

    NEVER where it is not allowed in the last month that the vendor knows.
    """
    rules = (world.levers, *ahead)
    ready = known = _are_allowed(under(world, rules[-1]), v, m, choices)
    opens = np.where(known, len(ahead), NEVER)
    for months in reversed(range(len(ahead))):
        if rules[months] is not rules[months + 1]:
            then = under(world, rules[months])
            presence, zone = _codes(then, choices)
            reached = _pull(then, v, m, presence, _access(then, v, m, presence, zone)) >= pull
            ready = known & _are_allowed(then, v, m, choices) & reached.all(axis=1)
        opens[ready] = months
    return opens


def _are_allowed(world: World, v: int, m: int, choices: tuple[Choice, ...]) -> BoolArray:
    """Where each choice is allowed, [choice, draw]."""
    return np.stack([is_allowed(world, v, m, choice) for choice in choices])


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    grown = np.exp(captive_log_growth(world, v, m, month))
    return world.base.captive[v, m] * grown * world.cost[v, m] * world.trend_price(month)


def captive_log_growth(world: World, v: int, m: int, month: int) -> FloatArray:
    """Log growth of a vendor's services for its own customers since the base date, [draw]."""
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    if fades is None:
        return first * (month / MONTHS_PER_YEAR)
    after = max(world.scenario.calendar.month_of(fades.after), 0)
    faded = np.array(max(month - after, 0) / MONTHS_PER_YEAR)
    later = continued_log_growth(faded, first, world.value(fades.lasting), world.value(fades.half_life_years))
    return first * (min(month, after) / MONTHS_PER_YEAR) + later


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
    present = lasting + (first - lasting) * np.exp2(-faded / MONTHS_PER_YEAR / half_life)
    return mean_growth(present, lasting, half_life, years)


def _fading(world: World, v: int, m: int) -> Fading | None:
    captive = list(world.scenario.vendors.values())[v].captive.get(world.axes.markets[m])
    return None if captive is None else captive.fades


def _access(world: World, v: int, m: int, presence: IntArray, zone: IntArray) -> FloatArray:
    """Share of each segment that each choice may serve, [choice, segment, draw]."""
    foreign = np.zeros((len(presence), 1), dtype=np.bool_)
    home = np.full(len(presence), world.base.home[v])
    rules = AccessRules.in_market(world.levers, m)
    return access_shares(presence[:, None], zone[:, None], foreign, home, rules)[:, 0]


def _options(world: World, v: int, m: int, month: int, choices: tuple[Choice, ...], access: FloatArray) -> Options:
    """Attraction, cost, terms and limit of each choice."""
    presence, _ = _codes(world, choices)
    cost = np.broadcast_to(world.cost[v, m], presence.shape)
    unlimited = np.full(world.draws.count, np.inf)
    limit = [
        part_of_zone(world, c.zone, month) * world.trend_price(month) if c.presence is Presence.ZONE else unlimited
        for c in choices
    ]
    return Options(_pull(world, v, m, presence, access), cost, terms_offered(world, v, m, presence), np.stack(limit))


def _pull(world: World, v: int, m: int, presence: IntArray, access: FloatArray) -> FloatArray:
    """Attraction of each choice at a price of 1, [choice, segment, draw]."""
    foreign = np.zeros((len(presence), 1), dtype=np.bool_)
    firewalls = world.levers.firewall[m : m + 1], world.base.levers.firewall[m : m + 1]
    gap = world.base.partner_gap[v, m]
    penalty = presence_penalty(world.scenario, world.draws, presence[:, None], foreign, *firewalls, gap)[:, 0]
    quality = world.owned_quality[v, m] + (world.drift[v, m] - penalty)[:, None]
    return appeal(access, quality)


def _codes(world: World, choices: tuple[Choice, ...]) -> tuple[IntArray, IntArray]:
    """Presence and zone of each choice, [choice, draw]."""
    same = np.zeros((1, world.draws.count), dtype=np.int64)
    presence = np.array([choice.presence for choice in choices])[:, None] + same
    return presence, np.array([choice.zone for choice in choices])[:, None] + same


def terms_offered(world: World, v: int, m: int, presence: IntArray) -> Terms:
    """What of a customer's dollar would go to whom if a vendor that chooses its presence were present so.

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.

    Parameters
    ----------
    presence
        [..., draw] ways of being present.
    """
    cap = world.levers.equity_cap[m]
    return Terms(
        fee=np.where(presence == Presence.PARTNER, world.base.fee[v, m], 0.0),
        tax=np.broadcast_to(world.services_tax[v, m], presence.shape),
        stake=np.where((presence == Presence.OWNED) & (cap > 0.0), cap, 1.0),
    )


def _rivals(world: World, v: int, m: int) -> Rivals:
    others = np.maximum(world.attraction_total[m] - world.at(world.attraction, v, m), 0.0)
    return Rivals(others, world.attraction_total[m], world.budget[m], world.base.sigma, world.base.eta)


def _outlook(world: World, v: int, m: int, month: int, choices: tuple[Choice, ...], waits: IntArray) -> Outlook:
    """Discounting, growth and delays as the vendor sees them."""
    settings = world.scenario.presence
    after = world.scenario.growth_of(world.axes.markets[m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    lags = np.stack([np.full(world.draws.count, years_until_live(world, choice)) for choice in choices])
    begins = np.maximum(lags, waits / MONTHS_PER_YEAR)
    ends = begins + world.value(settings.horizon_years)
    captive_growth = _captive_growth_ahead(world, v, m, month, ends) - world.value(world.scenario.costs.decline)
    growth = mean_growth(world.growth[m], world.value(after.lasting), world.value(after.half_life_years), ends)
    return Outlook(
        discount=world.value(settings.discount) + premium,
        growth=growth,
        churn=world.base.churn_rate,
        captive_growth=captive_growth,
        begins=begins,
        ends=ends,
        fade=world.value(settings.fade_half_life_years),
    )


def years_until_live(world: World, choice: Choice) -> float:
    """Years from an application until a choice is live: the licence's usual time plus building."""
    if choice.presence is Presence.ABSENT:
        return 0.0
    terms = terms_of(world.scenario, choice.presence)
    waiting = world.scenario.licensing.service_months.central if terms.needs_licence else 0.0
    return (terms.build_months + waiting) / MONTHS_PER_YEAR


def _sunk(world: World, choices: tuple[Choice, ...]) -> FloatArray:
    """Cost of setting up each choice, [choice, draw], bn."""
    return np.stack([sunk_cost(world, choice.presence) for choice in choices])


def sunk_cost(world: World, presence: Presence) -> FloatArray:
    """Cost of setting up one way of being present, [draw], bn."""
    if presence is Presence.ABSENT:
        return np.zeros(world.draws.count)
    return world.value(terms_of(world.scenario, presence).sunk_cost_bn)


def _current(world: World, v: int, m: int, choices: tuple[Choice, ...]) -> IntArray:
    """Index of the present choice, [draw]."""
    current = np.zeros(world.draws.count, dtype=np.int64)
    for index, choice in enumerate(choices):
        current[is_present(world, v, m, choice)] = index
    return current
