"""What a vendor reckons each way of selling in a market to be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.model.channels import has_partner
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
from sim.model.minds.zone_room import zone_limit
from sim.model.presence_rules import access_shares, over_groups, presence_penalty, terms_of
from sim.model.world import World
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray, ordered_sum
from sim.scenario.schema import Fading, Presence

AWAY = -1
"""Choice to leave a market, or to stay away from it; all other choices are channels."""


@dataclass(frozen=True)
class Reckoning:
    """What a review finds.

    Attributes
    ----------
    choices
        What was compared: channels, or `AWAY`.
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

    choices: tuple[int, ...]
    gain: FloatArray
    prospects: Prospect
    current: IntArray
    waits: IntArray


def choices_open(world: World, v: int, m: int) -> tuple[int, ...]:
    """Ways of selling that vendor `v` has, or may choose, in at least one draw."""
    return tuple(
        row
        for row in (AWAY, *world.channels.of(v, m))
        if is_allowed(world, v, m, row).any() or in_use(world, v, m, row).any()
    )


def in_use(world: World, v: int, m: int, row: int) -> BoolArray:
    """Draws in which this is how the vendor sells."""
    if row == AWAY:
        return np.asarray(~world.active[list(world.channels.of(v, m))].any(axis=0))
    return world.active[row]


def is_allowed(world: World, v: int, m: int, row: int) -> BoolArray:
    """Draws in which a vendor may choose a channel, or leave, now (the table of section 5)."""
    levers = world.levers
    if row == AWAY:
        return world.nowhere if (world.base.captive[v, m] > 0.0).any() else world.everywhere
    channel = world.channels.rows[row]
    if channel.kind is Presence.OWNED:
        return levers.equity_cap[m] > 0.0
    if channel.kind is Presence.ZONE:
        free = world.slots_taken[channel.zone] < levers.zone_slots[channel.zone]
        return (levers.zone_slots[channel.zone] > 0.0) & (world.active[row] | free)
    if channel.kind is Presence.PARTNER:
        name, market = world.axes.vendors[v], world.axes.markets[m]
        return world.everywhere if has_partner(world.scenario, name, market) else world.nowhere
    return world.everywhere


def reckon(today: World, v: int, m: int, month: int, ahead: Sequence[Levers] = ()) -> Reckoning:
    """Compare the ways in which vendor `v` could sell in market `m` (equations 5.1 to 5.5, 5.8 and 5.14).

    Parameters
    ----------
    ahead
        Rules of the next months as far as vendors know them; without any they reckon with today's.
    """
    world = as_expected(today, ahead)
    choices = choices_open(world, v, m)
    access = _access(world, m, choices)
    options = _options(world, v, m, month, choices, access)
    prospects = prospect(_rivals(world, v, m), options, _price_now(world, v, m))
    fixed = options.terms.stake * _of(world.base.fixed_cost, choices)
    captive = captive_cost(world, v, m, month) * fee_markup(options.terms.fee)
    opens = _months_until_open(today, v, m, choices, options.pull, ahead)
    waits = np.where(opens < NEVER, opens, 0)
    outlook = _outlook(world, v, m, month, choices, waits)
    current = _current(world, v, m, choices)

    def now(values: FloatArray) -> FloatArray:
        index = current[None] if values.ndim == current.ndim + 1 else current[None, None]
        return np.take_along_axis(values, index, axis=0)

    present = Prospect(*(now(getattr(prospects, item.name)) for item in fields(Prospect)))
    won_now = present.segment_sales[0]
    revenue, before = _contracts(world, v, m)
    kept = kept_contracts(np.broadcast_to(before, access.shape), access)
    contracts = contracts_when_live(outlook, revenue, won_now, kept)
    value = present_value(outlook, prospects, contracts, fixed, captive)
    all_kept = contracts_when_live(outlook, revenue, won_now, now(kept))
    stay = present_value(outlook, present, all_kept, now(fixed), now(captive))
    gain = value - stay - _sunk(world, choices) * (1.0 + world.value(world.scenario.presence.hurdle))
    gain = np.where((opens < NEVER) & world.base.willing[v], gain, -np.inf)
    np.put_along_axis(gain, current[None], 0.0, axis=0)
    return Reckoning(choices, gain, prospects, current, waits)


def sales_when_live(world: World, v: int, m: int, month: int, row: int) -> tuple[FloatArray, Prospect]:
    """What a vendor starts with on the day on which a channel goes live, and what it may come to sell there.

    Returns
    -------
    [draw] contracts with customers whom it may go on serving, bn a year; and the prospects of this one choice.
    """
    access, (revenue, before) = _access(world, m, (row,)), _contracts(world, v, m)
    kept = kept_contracts(np.broadcast_to(before, access.shape), access)[0]
    options = _options(world, v, m, month, (row,), access)
    return ordered_sum(kept * revenue), prospect(_rivals(world, v, m), options, _price_now(world, v, m))


def _price_now(world: World, v: int, m: int) -> FloatArray:
    """Price that a vendor now charges in a market, [draw]; 1 where it does not sell there."""
    rows = list(world.channels.of(v, m))
    active = world.active[rows]
    return np.where(active.any(axis=0), ordered_sum(np.where(active, world.price[rows], 0.0)), 1.0)


def _contracts(world: World, v: int, m: int) -> tuple[FloatArray, FloatArray]:
    """What a vendor has under contract in a market, bn a year, and the share that it may serve, [group, draw]."""
    rows = list(world.channels.of(v, m))
    revenue, access = (ordered_sum(world.of_channels(held, rows)) for held in (world.revenue, world.access))
    groups = world.base.groups[m]
    return world.shared_out(m, revenue[:groups], _opens(world, m)), access[:groups]


def _opens(world: World, m: int) -> BoolArray:
    """Draws in which the rules reckoned with divide the customers of a market for the first time."""
    zones = [z for z, market in enumerate(world.axes.zone_markets) if market == m]
    return (world.levers.zone_slots[zones] > 0.0).any(axis=0) & ~world.divided[m]


def _months_until_open(
    world: World, v: int, m: int, choices: tuple[int, ...], pull: FloatArray, ahead: Sequence[Levers]
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
            reached = _pull(then, v, m, choices, _access(then, m, choices)) >= pull
            ready = known & _are_allowed(then, v, m, choices) & reached.all(axis=1)
        opens[ready] = months
    return opens


def _are_allowed(world: World, v: int, m: int, choices: tuple[int, ...]) -> BoolArray:
    """Where each choice is allowed, [choice, draw]."""
    return np.stack([is_allowed(world, v, m, row) for row in choices])


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    grown = np.exp(captive_log_growth(world, v, m, month))
    return world.base.captive[v, m] * grown * world.cost[world.channels.of(v, m)[0]] * world.trend_price(month)


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


def _of(values: FloatArray, choices: Sequence[int], away: float = 0.0) -> FloatArray:
    """Values [channel, ..., draw] of some choices, and another value for not selling at all."""
    found: FloatArray = values[list(choices)]
    for k, row in enumerate(choices):
        if row == AWAY:
            found[k] = away
    return found


def _access(world: World, m: int, choices: Sequence[int]) -> FloatArray:
    """Share of each group of customers that each choice may serve, [choice, group, draw]."""
    rows = [world.channels.rows[row] for row in choices]
    access = access_shares(rows, world.base.home, world.levers, world.base.within[m, : world.base.groups[m]])
    for k, row in enumerate(choices):
        if row == AWAY:
            access[k] = 0.0
    return access


def _options(world: World, v: int, m: int, month: int, choices: tuple[int, ...], access: FloatArray) -> Options:
    """Attraction, cost, terms and limit of each choice."""
    unlimited = np.full(world.draws.count, np.inf)
    limit = [unlimited if row == AWAY else zone_limit(world, row, month) * world.trend_price(month) for row in choices]
    cost = _of(world.cost, choices, 1.0)
    return Options(_pull(world, v, m, choices, access), cost, terms_offered(world, choices), np.stack(limit))


def _pull(world: World, v: int, m: int, choices: Sequence[int], access: FloatArray) -> FloatArray:
    """Attraction of each choice at a price of 1, [choice, group, draw]."""
    rows = [world.channels.rows[row] for row in choices]
    rules = world.levers, world.base.levers
    penalty = presence_penalty(world.scenario, world.draws, rows, *rules, world.base.partner_gap)
    quality = world.owned_quality[v, m] + (world.drift[v, m] - penalty)[:, None]
    return appeal(access, over_groups(quality, world.base.groups[m]))


def terms_offered(world: World, choices: Sequence[int]) -> Terms:
    """What of a customer's dollar would go to whom, [choice, draw]."""
    tax, stake = _of(world.services_tax, choices), _of(stakes(world), choices, 1.0)
    return Terms(_of(world.base.fee, choices), tax, stake)


def stakes(world: World) -> FloatArray:
    """Share of profit that vendors have in each channel, [channel, draw].

    A foreign owner has the stake that the national rule allows; all where the rule allows none, as its data centres
    then close.
    """
    cap = world.levers.equity_cap[world.channels.market]
    capped = (world.channels.reviewed & world.channels.of_kind(Presence.OWNED))[:, None] & (cap > 0.0)
    return np.where(capped, cap, 1.0)


def _rivals(world: World, v: int, m: int) -> Rivals:
    groups = slice(world.base.groups[m])
    own = ordered_sum(world.of_channels(world.attraction, world.channels.of(v, m)))[groups]
    total, budget = world.attraction_total[m, groups], world.budget[m, groups]
    others = np.maximum(total - own, 0.0)
    budget = world.shared_out(m, budget, _opens(world, m))
    return Rivals(others, total, budget, world.base.sigma[groups], world.base.eta)


def _outlook(world: World, v: int, m: int, month: int, choices: tuple[int, ...], waits: IntArray) -> Outlook:
    """Discounting, growth and delays as the vendor sees them."""
    settings = world.scenario.presence
    after = world.scenario.growth_of(world.axes.markets[m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    lags = np.stack([np.full(world.draws.count, years_until_live(world, row)) for row in choices])
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


def years_until_live(world: World, row: int) -> float:
    """Years from an application until a choice is live: the licence's usual time plus building."""
    if row == AWAY:
        return 0.0
    terms = terms_of(world.scenario, world.channels.rows[row].kind)
    waiting = world.scenario.licensing.service_months.central if terms.needs_licence else 0.0
    return (terms.build_months + waiting) / MONTHS_PER_YEAR


def _sunk(world: World, choices: tuple[int, ...]) -> FloatArray:
    """Cost of setting up each choice, [choice, draw], bn."""
    return np.stack([sunk_cost(world, row) for row in choices])


def sunk_cost(world: World, row: int) -> FloatArray:
    """Cost of setting up one way of selling, [draw], bn."""
    if row == AWAY:
        return np.zeros(world.draws.count)
    return world.value(terms_of(world.scenario, world.channels.rows[row].kind).sunk_cost_bn)


def _current(world: World, v: int, m: int, choices: tuple[int, ...]) -> IntArray:
    """Index of the present choice, [draw]."""
    current = np.zeros(world.draws.count, dtype=np.int64)
    for index, row in enumerate(choices):
        current[in_use(world, v, m, row)] = index
    return current
