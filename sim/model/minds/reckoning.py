"""What a vendor reckons each change of how it sells in a market to be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.model.equations.present_value import Moves, Outlook, mean_growth
from sim.model.equations.prospects import as_set
from sim.model.minds.channel_books import Books
from sim.model.minds.channel_changes import WAYS, Cells, Option, allowed_changes, options_of
from sim.model.minds.foresight import as_expected, under
from sim.model.minds.own_services import captive_growth_ahead
from sim.model.presence_rules import PRESENCE_TERMS, terms_of
from sim.model.world import AWAY, World
from sim.policies import Levers
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray
from sim.scenario.schema import Presence


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
    where = today.everywhere if due is None else due
    [found] = reckonings(today, [v], m, month, where[None], ahead)
    return found


def reckonings(
    today: World, vendors: Sequence[int], m: int, month: int, due: BoolArray, ahead: Sequence[Levers] = ()
) -> list[Reckoning]:
    """`reckon` for several vendors; `due` says where they review how they sell, [vendor, draw]."""
    found = review(today, m, vendors, month, due, ahead)
    return [_of_vendor(today, found, i, v) for i, v in enumerate(vendors)]


def _of_vendor(world: World, found: Reviews, i: int, v: int) -> Reckoning:
    """What one of the vendors that review finds."""
    rows, here = world.channels.of(v, found.cells.m), found.cells.of == i
    places = [0, *(1 + WAYS * k + way for k in range(len(rows)) for way in range(len(rows) == 1, WAYS))]
    gain = found.gain[:, here]
    some = [k for k, place in enumerate(places) if not k or np.isfinite(gain[place]).any()]
    options, shape, kept = options_of(rows), (len(some), world.draws.count), [places[k] for k in some]
    held = Reckoning(
        tuple(options[k] for k in some), np.full(shape, -np.inf), np.ones(shape), np.zeros(shape, dtype=np.int64)
    )
    held.gain[0], draw = 0.0, found.cells.draw[here]
    held.gain[:, draw] = gain[kept]
    held.price[:, draw], held.waits[:, draw] = found.price[:, here][kept], found.waits[:, here][kept]
    return held


class Reviews(NamedTuple):
    """What vendors find that review how they sell in a market.

    Attributes
    ----------
    cells
        Who reviews, in which draws, as far as some change is allowed.
    gain, price, waits
        [option, cell] as in `Reckoning`, for the changes of `allowed_changes`.
    """

    cells: Cells
    gain: FloatArray
    price: FloatArray
    waits: IntArray


def review(
    today: World, m: int, vendors: Sequence[int], month: int, due: BoolArray, ahead: Sequence[Levers] = ()
) -> Reviews:
    """Let vendors compare the ways in which they could sell in a market; `due` says in which draws, [vendor, draw]."""
    world = as_expected(today, ahead)
    cells = Cells.where(world, m, vendors, due & world.base.willing[list(vendors)])
    allowed = allowed_changes(under(world, ahead[-1] if ahead else world.levers), cells)
    some: BoolArray = np.asarray(allowed[1:].any(axis=0))
    cells, allowed = cells.some(some), allowed[:, some]
    found = Reviews(cells, np.where(allowed, 0.0, -np.inf), np.ones(allowed.shape), np.zeros(allowed.shape, np.int64))
    if len(cells.of):
        books = Books(world, cells, month)
        if ahead:
            found.waits[:] = _months_until_open(today, books, allowed, ahead)
        _reckon_with(books, allowed, found)
    return found


def _reckon_with(books: Books, allowed: BoolArray, found: Reviews) -> None:
    """Write the gain of each change (equation 5.8), and the price planned in what it opens."""
    world, cells = books.world, books.cells
    lags = np.zeros(len(Presence))
    for kind in PRESENCE_TERMS:
        lags[kind] = _years_until_live(world, kind)
    now = as_set(books.active)
    option, cell, horizon, sets, begins = _list_cases(allowed, lags[world.channels.kind[cells.rows]], found.waits, now)
    plans, after = books.plans(sets, cell)
    stays = option == 0
    stay = np.flatnonzero(stays)[horizon]
    outlook = _outlook(books, cell[stays], begins)
    worth = books.worth(plans, Moves(after[stay], after, horizon), outlook)
    changes = np.flatnonzero(~stays)
    stay, after, option, cell = (values[changes] for values in (stay, after, option, cell))
    slot, way = np.divmod(option - 1, WAYS)
    gain = worth[changes] - worth[stay]
    opens = way < WAYS - 1
    draw = cells.draw[cell]
    kinds = world.channels.kind[cells.rows[slot, cell]]
    hurdle = 1.0 + world.value(world.scenario.presence.hurdle)
    gain -= np.where(opens, sunk_costs(world, kinds[opens])[kinds, draw], 0.0) * hurdle[draw]
    opened = plans.ways.used[:, after] & (plans.ways.channels[:, after] == slot)
    price = plans.prospects.price[opened.argmax(axis=0), after]
    found.gain[option, cell] = gain
    found.price[option, cell] = np.where(opens, price, 1.0)


@compiled
def _list_cases(  # noqa: C901 (a loop for each axis)
    allowed: BoolArray, lags: FloatArray, waits: IntArray, now: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray]:
    """List what vendors compare, horizon after horizon: to stay, and the changes that begin at the same time.

    Parameters
    ----------
    allowed, waits
        [option, cell] which changes are allowed, and months until they are.
    lags
        [slot, cell] years from an application until each channel is live.
    now
        [cell] set of the channels in use.

    Returns
    -------
    Option, cell, horizon and set of channels in use afterwards, [case] each, and years until a change is live,
    [horizon].
    """
    options, cells = allowed.shape
    most = 2 * allowed.sum()
    option, cell, horizon = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    sets, begins, at = np.empty(most, np.int64), np.empty(most), np.empty(options)
    cases, horizons = 0, 0
    for c in range(cells):
        first = horizons
        for o in range(1, options):
            if allowed[o, c]:
                lag = 0.0 if o % WAYS == 0 else lags[(o - 1) // WAYS, c]
                at[o] = max(lag, waits[o, c] / MONTHS_PER_YEAR)
                h = first
                while h < horizons and begins[h] != at[o]:
                    h += 1
                if h == horizons:
                    begins[h], horizons = at[o], horizons + 1
        for h in range(first, horizons):
            option[cases], cell[cases], horizon[cases], sets[cases] = 0, c, h, now[c]
            cases += 1
            for o in range(1, options):
                if allowed[o, c] and at[o] == begins[h]:
                    option[cases], cell[cases], horizon[cases] = o, c, h
                    sets[cases] = _used_after(now[c], (o - 1) // WAYS, (o - 1) % WAYS)
                    cases += 1
    return option[:cases], cell[:cases], horizon[:cases], sets[:cases], begins[:horizons]


@of_numbers
def _used_after(now: int, slot: int, way: int) -> int:
    """Set of the channels in use after something has been done with one of them (`WAYS`)."""
    this = 1 << slot
    return now | this if way == 0 else this if way == 1 else now & ~this


def _months_until_open(today: World, books: Books, allowed: BoolArray, ahead: Sequence[Levers]) -> IntArray:
    """Months until changes are allowed and their channels as attractive as reckoned with, [option, cell]."""
    option, cell = np.nonzero(allowed[1:])
    slot, way = np.divmod(option, WAYS)
    opens = way < WAYS - 1
    waits, ready = np.where(opens, len(ahead), 0), opens
    rules = (today.levers, *ahead)
    for months in reversed(range(len(ahead))):
        if rules[months] is not rules[months + 1]:
            then = Books(under(today, rules[months]), books.cells, books.month)
            now = allowed_changes(then.world, books.cells)[1:][option, cell]
            pull, wanted = (held.pull[slot, :, cell] for held in (then, books))
            ready = opens & now & (pull >= wanted).all(axis=-1)
        waits[ready] = months
    found = np.zeros(allowed.shape, dtype=np.int64)
    found[1:][option, cell] = waits
    return found


def _outlook(books: Books, cell: IntArray, begins: FloatArray) -> Outlook:
    """Discounting, growth and delays as vendors see them.

    Parameters
    ----------
    cell, begins
        [horizon] whose outlook it is, and years until a change is live.
    """
    world, cells, draws = books.world, books.cells, books.cells.draw[cell]
    settings, later = world.scenario.presence, world.scenario.growth_of(world.axes.markets[cells.m]).after
    premium = world.value(settings.uncertainty_premium) * world.levers.uncertainty
    ends = begins + world.value(settings.horizon_years)[draws]
    now, lasting, half_life = world.growth[cells.m], world.value(later.lasting), world.value(later.half_life_years)
    captive, who = np.zeros(len(cell)), cells.v[cell]
    for v in books.captive_vendors:
        here = np.flatnonzero(who == v)
        captive[here] = captive_growth_ahead(world, v, cells.m, books.month, draws[here], ends[here])
    return Outlook(
        discount=(world.value(settings.discount) + premium)[draws],
        growth=mean_growth(now[draws], lasting[draws], half_life[draws], ends),
        churn=world.base.churn_rate[draws],
        captive_growth=captive - world.value(world.scenario.costs.decline)[draws],
        begins=begins,
        ends=ends,
        fade=world.value(settings.fade_half_life_years)[draws],
    )


def years_until_live(world: World, row: int) -> float:
    """Years from an application until a channel is live: the licence's usual time plus building."""
    if row == AWAY:
        return 0.0
    return _years_until_live(world, world.channels.rows[row].kind)


def _years_until_live(world: World, kind: Presence) -> float:
    terms = terms_of(world.scenario, kind)
    waiting = world.scenario.licensing.service_months.central if terms.needs_licence else 0.0
    return (terms.build_months + waiting) / MONTHS_PER_YEAR


def sunk_costs(world: World, kinds: IntArray) -> FloatArray:
    """Cost of setting up, bn, for some ways of selling, [kind, draw]; 0 for the others."""
    found = np.zeros((len(Presence), world.draws.count))
    for kind in np.unique(kinds):
        found[kind] = world.value(terms_of(world.scenario, Presence(kind)).sunk_cost_bn)
    return found


def sunk_cost(world: World, row: int) -> FloatArray:
    """Cost of setting up a channel, [draw], bn; none for `AWAY`."""
    if row == AWAY:
        return np.zeros(world.draws.count)
    return world.value(terms_of(world.scenario, world.channels.rows[row].kind).sunk_cost_bn)
