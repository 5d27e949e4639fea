# ruff: noqa: RUF009 (`rule` declares a field)
"""The arrays that policies may write, reset to the base rules every month; each declares what depends on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from sim.policies.stacking import UNNAMED, Layer, ListedGoods, Stacking
from sim.quantities import NEVER, BoolArray, FloatArray, IntArray
from sim.values import Number, Schedule

ALWAYS = -NEVER
"""Month in which a policy began that has no first day."""


class TradeRows(NamedTuple):
    """Rows of what the world's trade adds to lists that stand alone, all against the base date.

    Attributes
    ----------
    lists, imports
        Log change of each list's quantity, and of what each country imports from each region, [region, country].
    income
        Real income of each region, bn USD a year (equivalent variation).
    revenue, elsewhere
        Tariff revenue, and exports, of each country on goods of no list, bn USD a year.
    """

    lists: slice
    imports: slice
    income: slice
    revenue: slice
    elsewhere: slice

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.elsewhere.stop)


class Border(NamedTuple):
    """Goods that a country imports, of some sectors and some origins; of all where none is named."""

    importer: str
    sectors: tuple[str, ...]
    origins: tuple[str, ...]

    def part_of(self, goods: ListedGoods) -> float:
        """Part of a list that crosses this border, share of one (equation 6.20)."""
        if goods.importer != self.importer or (self.origins and goods.exporter not in self.origins):
            return 0.0
        return sum(share for name, share in goods.parts if name in self.sectors) if self.sectors else 1.0


@dataclass(frozen=True)
class Axes:
    """Names along each axis, in the order of the arrays.

    `zone_markets` is the index of each zone's market, `rings` the groups into which zones divide a segment; `goods`
    says what each list is.
    """

    countries: tuple[str, ...]
    vendors: tuple[str, ...]
    markets: tuple[str, ...]
    segments: tuple[str, ...]
    zones: tuple[str, ...]
    lists: tuple[str, ...]
    partners: tuple[str, ...]
    channels: tuple[str, ...]
    regions: tuple[str, ...]
    zone_markets: tuple[int, ...]
    rungs: int
    rings: int
    draws: int
    goods: tuple[ListedGoods, ...] = ()
    routes: tuple[str, ...] = ()

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Names along each axis that has some, by the axis's name in the singular."""
        return {
            "country": self.countries,
            "home": self.countries,
            "vendor": self.vendors,
            "market": self.markets,
            "segment": self.segments,
            "zone": self.zones,
            "list": self.lists,
            "partner": self.partners,
            "channel": self.channels,
            "region": self.regions,
            "route": self.routes,
        }

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Length of each axis by its name in the singular."""
        sizes = {name: len(members) for name, members in self.names.items()} | {"rung": self.rungs}
        return sizes | {"group": sizes["segment"] * self.rings, "row": self.trade_rows.size}

    @cached_property
    def trade_rows(self) -> TradeRows:
        """Rows of what the world's trade adds to lists that stand alone, one kind after the other; none without it."""
        regions, countries = len(self.regions), len(self.countries)
        lengths = [len(self.lists), regions * countries, regions, countries, countries] if regions else [0] * 5
        ends = np.cumsum([0, *lengths]).tolist()
        return TradeRows(*(slice(first, last) for first, last in pairwise(ends)))

    def places(self, act: Act) -> Sequence[tuple[tuple[int, ...], float]]:
        """Places in the array of a rule that an act is about, and the part of what stands there that it is about."""
        held = act.rule, act.place, act.border
        if held not in self._places:
            self._places[held] = tuple(self._found(act))
        return self._places[held]

    @cached_property
    def _places(self) -> dict[tuple[str, tuple[str, ...], Border | None], Sequence[tuple[tuple[int, ...], float]]]:
        """Places that were asked for before."""
        return {}

    def _found(self, act: Act) -> Iterator[tuple[tuple[int, ...], float]]:
        if act.border is None:
            dims = DECLARED[act.rule]["dims"]
            yield tuple(self.names[dim].index(name) for dim, name in zip(dims, act.place, strict=True)), 1.0
            return
        for row, goods in enumerate(self.goods):
            if part := act.border.part_of(goods):
                yield (row,), part

    def shape(self, *dims: str) -> tuple[int, ...]:
        """Shape of an array over the named axes, draws added last."""
        return (*(self.sizes[dim] for dim in dims), self.draws)


Block = Literal["cloud", "goods", "duties"]
"""Parts of the model that rules act on; on duties collected nothing else depends in the long run."""


def rule(
    *dims: str,
    unit: str,
    doc: str,
    block: Block = "cloud",
    presence: bool = False,
    offers: bool = False,
    spared: float = 0.0,
) -> Any:
    """Declare one array of rules.

    Parameters
    ----------
    dims
        Its axes before draws.
    unit, doc
        Unit and meaning.
    block
        What depends on it: the cloud markets, goods trade, or no more than the duties collected.
    presence
        Whether vendors review how they are present at once when it changes.
    offers
        Whether it changes whom customers may choose, how well they are served, or what sellers keep.
    spared
        Value for the part of a list that a policy is not about.
    """
    marks = {"block": block, "presence": presence, "offers": offers, "spared": spared}
    return field(metadata={"dims": dims, "unit": unit, "doc": doc} | marks)


Verb = Literal["sets", "adds", "scales", "cuts"]
"""What an act does to a rule: gives its value, adds to it, multiplies it, or takes a part of it off."""


class Act(NamedTuple):
    """One thing that a policy does to one rule.

    Attributes
    ----------
    verb
        What it does; of several acts that set a rule, the one of the policy that began last holds.
    rule
        Name of the lever.
    place
        Names along the axes of the lever.
    value
        What is set, added, multiplied by or taken off.
    times
        Factor on the value.
    border
        Goods lists in place of `place`, by sector and origin.
    exempt
        Part that is exempt from it, share of one.
    late
        Months for which goods that left before are exempt: what it adds is what these do not pay.
    authority
        Whose layers of tariff it adds to or cuts; those of tariffs that name none, and of all, if none is given.
    """

    verb: Verb
    rule: str
    place: tuple[str, ...]
    value: Schedule | Number | float
    times: Number | float = 1.0
    border: Border | None = None
    exempt: Schedule | Number | float = 0.0
    late: Number | float | None = None
    authority: str = UNNAMED

    def amount(self, turn: Turn) -> Any:
        """What it does in a month, less what is exempt (equation 6.22); None before its first date."""
        value, exempt = turn.value(self.value), turn.value(self.exempt)
        if value is None:
            return None
        value = value if self.times == 1.0 else value * turn.value(self.times)
        value = value if exempt is None or self.exempt == 0.0 else value * (1.0 - exempt)
        return value if self.late is None else self._at_sea(turn)

    def effect(self, amount: Any, turn: Turn) -> Any:
        """What it sets, adds to or multiplies a rule by, nothing where its policy is not in force."""
        if self.verb == "sets":
            return amount
        factor = 1.0 - amount if self.verb == "cuts" else amount
        return np.where(turn.active, factor, 0.0 if self.verb == "adds" else 1.0)

    def _at_sea(self, turn: Turn) -> FloatArray:
        """What goods that left before do not pay, [draw]: they pay the lowest rate since then (equation 6.23)."""
        if turn.earlier is None:
            return np.zeros_like(turn.active, dtype=np.float64)
        ashore, months = self._replace(late=None), turn.value(self.late or 0.0)
        lowest = now = _charged(ashore, turn)
        spared = np.zeros_like(now)
        for ago in range(1, math.ceil(np.max(months)) + 1):
            lowest = np.minimum(lowest, _charged(ashore, turn.earlier(ago)))
            spared += (now - lowest) * np.clip(1.0 - np.abs(months - ago), 0.0, 1.0)
        return spared


def _charged(act: Act, turn: Turn) -> FloatArray:
    """Rate of a tariff in a month, [draw]; nothing where it is not in force."""
    rate = act.amount(turn)
    return np.where(turn.active, 0.0 if rate is None else rate, 0.0)


@dataclass
class Standing:
    """Who wrote a rule: month in which the policy that set it began, [draw], and the draws in which each one stands."""

    since: IntArray | int
    writers: dict[str, BoolArray]


SHARE = "share of one"


@dataclass
class Levers:
    """What governments can set, per draw, for the month at hand; each array ends with draws."""

    axes: Axes
    stacking: Stacking | None = field(default=None, init=False)
    """How layers of several authorities stack; all add up without."""
    layers: dict[tuple[str, int], list[Layer]] = field(default_factory=dict, init=False)
    """This month's layers on each list by authority, and what of them goods at sea do not pay, [draw], where there are
    rules how they stack."""
    standing: dict[tuple[str | int, ...], Standing] = field(default_factory=dict, init=False)
    changed: dict[str, BoolArray] = field(default_factory=dict, init=False)
    """Where each policy has added to rules, scaled or cut them, [draw]."""
    only: Collection[str] | None = field(default=None, init=False)
    """Rules that can be written; all of them if None."""
    tariff_layer: FloatArray = rule(
        "list", unit=SHARE, block="goods", doc="Tariff on each goods list above the base rate."
    )
    tariff_at_sea: FloatArray = rule(
        "list", unit=SHARE, block="duties", doc="What of it goods that left before it came do not pay."
    )
    limit_of_buyers: FloatArray = rule(
        "list",
        unit=SHARE,
        block="goods",
        spared=1.0,
        doc="Part of the trade of before that may be traded, the rent being the importer's; infinite without limit.",
    )
    limit_of_sellers: FloatArray = rule(
        "list",
        unit=SHARE,
        block="goods",
        spared=1.0,
        doc="The same, the rent being the exporter's; the lower of both holds.",
    )
    export_fee: FloatArray = rule(
        "list", unit=SHARE, block="goods", doc="Part of what is paid before duty that the exporter's treasury gets."
    )
    hardware_tariff: FloatArray = rule("market", unit=SHARE, doc="Effective tariff on server and network hardware.")
    equity_cap: FloatArray = rule(
        "market", unit=SHARE, presence=True, doc="Largest foreign stake in a data-centre firm."
    )
    residency: FloatArray = rule(
        "market",
        "segment",
        unit=SHARE,
        presence=True,
        offers=True,
        doc="Share of the segment whose data must stay in the country.",
    )
    firewall: FloatArray = rule(
        "market",
        unit="log points",
        presence=True,
        offers=True,
        doc="Quality lost by serving the market from abroad.",
    )
    ip_protection: FloatArray = rule(
        "market", unit=SHARE, presence=True, doc="Protection of know-how against the partner's country."
    )
    allowed_share: FloatArray = rule(
        "home",
        "market",
        "segment",
        unit=SHARE,
        presence=True,
        offers=True,
        doc="Share of the segment that vendors of a country may serve.",
    )
    zone_slots: FloatArray = rule(
        "zone",
        unit="vendors",
        presence=True,
        doc="Foreign vendors that may hold a zone licence; 0 while the zone is closed.",
    )
    zone_reach: FloatArray = rule(
        "zone",
        "segment",
        unit=SHARE,
        presence=True,
        offers=True,
        doc="Share of the segment that data centres in the zone may serve.",
    )
    services_tax: FloatArray = rule(
        "market",
        unit=SHARE,
        presence=True,
        offers=True,
        doc="Tax on the revenue of foreign cloud vendors, paid to the market's country.",
    )
    home_services_tax: FloatArray = rule(
        "market",
        unit=SHARE,
        presence=True,
        offers=True,
        doc="Tax on the revenue of cloud vendors that are at home in the market.",
    )
    quality_drift: FloatArray = rule(
        "home", unit="log points per year", doc="Change of the quality of a country's vendors."
    )
    cost_increase: FloatArray = rule("home", unit=SHARE, doc="Increase of the unit cost of a country's vendors.")
    purchases: FloatArray = rule(
        "country",
        "country",
        unit="bn USD a year",
        block="goods",
        doc="[exporter, importer] purchases above trend, as far as kept.",
    )
    uncertainty: FloatArray = rule(unit="share of one", doc="1 while trade policy is unsettled, 0 when settled.")

    @classmethod
    def without_rules(cls, axes: Axes) -> Levers:
        """Levers of a world without any rule."""
        return cls(axes, **{name: np.zeros(axes.shape(*held["dims"])) for name, held in DECLARED.items()})

    def reset(self, base: Levers, written: Iterable[str]) -> None:
        """Copy the base rules over whatever last month's policies wrote."""
        for held in (self.standing, self.changed, self.layers):
            held.clear()
        for name in written:
            np.copyto(getattr(self, name), getattr(base, name))

    def copy(self, only: Collection[str] | None = None) -> Levers:
        """Copy all arrays, or those of some rules, which alone can then be written; the others are shared."""
        copied = copy(self)
        copied.standing, copied.changed, copied.layers, copied.only = {}, {}, {}, only
        for name in DECLARED if only is None else only:
            setattr(copied, name, getattr(self, name).copy())
        return copied

    def with_those_of(self, other: Levers, names: Iterable[str]) -> Levers:
        """Give the same levers, arrays shared, but for some rules those of others."""
        joined = copy(self)
        for name in names:
            setattr(joined, name, getattr(other, name))
        return joined

    def write(self, acts: Sequence[Act], turn: Turn) -> None:
        """Do what a policy does, the same to some rules, in the draws where it is in force."""
        here = [act for act in acts if self.only is None or act.rule in self.only]
        value = here[0].amount(turn) if here else None
        if value is None:
            return
        effect = here[0].effect(value, turn)
        for act in here:
            for place, part in self.axes.places(act):
                some = value * part + (1.0 - part) * DECLARED[act.rule]["spared"] if part != 1.0 else value
                self._write_at(place, act, effect if part == 1.0 else act.effect(some, turn), turn)

    def _write_at(self, place: tuple[int, ...], act: Act, effect: Any, turn: Turn) -> None:
        if act.verb != "sets":
            self.changed[turn.name] = turn.active
        if act.rule in STACKED and self.stacking is not None:
            self._stack(self.stacking, place[0], act, effect, turn)
            return
        row = getattr(self, act.rule)[place]
        if act.verb == "sets":
            np.copyto(row, effect, where=self._overriding((act.rule, *place), turn))
        elif act.verb == "adds":
            row += effect
        else:
            row *= effect

    def _stack(self, stacking: Stacking, row: int, act: Act, effect: Any, turn: Turn) -> None:
        """Do it to the layers of an authority on a list, and write what all layers on it come to."""
        held = self.layers.setdefault((act.rule, row), [])
        if act.verb in {"cuts", "scales"}:
            held[:] = [(name, rate * effect if act.authority in {UNNAMED, name} else rate) for name, rate in held]
        elif act.verb == "sets":
            where = self._overriding((act.rule, row), turn)
            held[:] = [(name, np.where(where, 0.0, rate)) for name, rate in held]
            held.append((act.authority, np.where(where, effect, 0.0)))
        else:
            held.append((act.authority, effect))
        rates, at_sea = (self.layers.get((rule, row), []) for rule in STACKED)
        np.copyto(self.tariff_layer[row], stacking.together(row, rates, turn.value))
        if at_sea and stacking.about(row):
            paid = stacking.together(row, [*rates, *((name, -part) for name, part in at_sea)], turn.value)
            np.copyto(self.tariff_at_sea[row], self.tariff_layer[row] - paid)
        elif at_sea:
            np.copyto(self.tariff_at_sea[row], stacking.together(row, at_sea, turn.value))

    def _overriding(self, cell: tuple[str | int, ...], turn: Turn) -> BoolArray:
        """Draws in which a policy sets a rule: not where another one has set it that began later."""
        held = self.standing.get(cell)
        if held is None:
            self.standing[cell] = Standing(np.where(turn.active, turn.since, ALWAYS), {turn.name: turn.active})
            return turn.active
        where: BoolArray = turn.active & (turn.since >= held.since)
        others = {name: draws & ~where for name, draws in held.writers.items()}
        self.standing[cell] = Standing(np.where(where, turn.since, held.since), others | {turn.name: where})
        return where

    def holds(self, name: str) -> BoolArray | None:
        """Draws in which some rule is as a policy has it; None where it has written none."""
        held = [standing.writers[name] for standing in self.standing.values() if name in standing.writers]
        held += [self.changed[name]] if name in self.changed else []
        return np.logical_or.reduce(held) if held else None


STACKED = ("tariff_layer", "tariff_at_sea")
"""Rules that hold layers of several authorities."""
DECLARED: Mapping[str, Mapping[str, Any]] = {item.name: item.metadata for item in fields(Levers) if item.metadata}
"""What is declared of each array of rules, by name."""


def rules_with(**marks: object) -> tuple[str, ...]:
    """Names of the rules that are marked in some way: `rules_with(block="goods")`."""
    return tuple(name for name, held in DECLARED.items() if all(held[mark] == value for mark, value in marks.items()))


CLOUD_RULES, GOODS_RULES = rules_with(block="cloud"), rules_with(block="goods")
"""Rules that cloud markets and goods trade depend on."""


@dataclass(frozen=True)
class Turn:
    """What a policy knows when it writes the levers for one month.

    Attributes
    ----------
    month
        Month number.
    active
        [draw] where the policy is in force.
    number
        Gives a number's values, one per draw.
    step
        Gives the step of a schedule that is in force, or None before its first date.
    nationwide, since_nationwide
        [draw] where the zone that the policy opens has been extended to the whole country, and the month of it.
    name
        Name of the policy.
    since
        Month in which the policy began, `ALWAYS` where it has no first day; one for all draws or [draw].
    earlier
        Gives the turn of so many months ago; none where only one day is looked at.
    """

    month: int
    active: BoolArray
    number: Callable[[Number], FloatArray]
    step: Callable[[Schedule], Number | None]
    nationwide: BoolArray
    since_nationwide: IntArray | int = 0
    name: str = ""
    since: IntArray | int = ALWAYS
    earlier: Callable[[int], Turn] | None = None

    def value(self, held: Schedule | Number | float) -> Any:
        """Values of this month, one per draw or one for all; None before the first date of a schedule."""
        number = self.step(held) if isinstance(held, Schedule) else held
        return self.number(number) if isinstance(number, Number) else number
