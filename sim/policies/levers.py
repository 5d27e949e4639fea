# ruff: noqa: RUF009 (`rule` declares a field)
"""The arrays that policies may write, reset to the base rules every month; each declares what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np

from sim.quantities import BoolArray, FloatArray
from sim.values import Number, Schedule


@dataclass(frozen=True)
class Axes:
    """Names along each axis, in the order of the arrays; `zone_markets` is the index of each zone's market."""

    countries: tuple[str, ...]
    vendors: tuple[str, ...]
    markets: tuple[str, ...]
    segments: tuple[str, ...]
    zones: tuple[str, ...]
    lists: tuple[str, ...]
    partners: tuple[str, ...]
    zone_markets: tuple[int, ...]
    rungs: int
    draws: int

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Length of each axis by its name in the singular."""
        return {
            "country": len(self.countries),
            "home": len(self.countries),
            "vendor": len(self.vendors),
            "market": len(self.markets),
            "segment": len(self.segments),
            "zone": len(self.zones),
            "list": len(self.lists),
            "partner": len(self.partners),
            "rung": self.rungs,
        }

    def shape(self, *dims: str) -> tuple[int, ...]:
        """Shape of an array over the named axes, draws added last."""
        return (*(self.sizes[dim] for dim in dims), self.draws)


Block = Literal["cloud", "goods"]
"""Parts of the model that rules act on."""


def rule(*dims: str, unit: str, doc: str, block: Block = "cloud", presence: bool = False, offers: bool = False) -> Any:
    """Declare one array of rules.

    Parameters
    ----------
    dims
        Its axes before draws.
    unit, doc
        Unit and meaning.
    block
        What depends on it: the cloud markets or goods trade.
    presence
        Whether vendors review how they are present at once when it changes.
    offers
        Whether it changes whom customers may choose, how well they are served, or what sellers keep.
    """
    return field(
        metadata={"dims": dims, "unit": unit, "doc": doc, "block": block, "presence": presence, "offers": offers}
    )


SHARE = "share of one"


@dataclass
class Levers:
    """What governments can set, per draw, for the month at hand; each array ends with draws."""

    axes: Axes
    tariff_layer: FloatArray = rule(
        "list", unit=SHARE, block="goods", doc="Tariff on each goods list above the base rate."
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
        for name in written:
            np.copyto(getattr(self, name), getattr(base, name))

    def copy(self) -> Levers:
        """Copy all arrays."""
        return Levers(self.axes, **{name: getattr(self, name).copy() for name in DECLARED})


DECLARED: Mapping[str, Mapping[str, Any]] = {item.name: item.metadata for item in fields(Levers) if item.metadata}
"""What is declared of each array of rules, by name."""


def rules_with(**marks: object) -> tuple[str, ...]:
    """Names of the rules that are marked in some way: `rules_with(block="goods")`."""
    return tuple(name for name, held in DECLARED.items() if all(held[mark] == value for mark, value in marks.items()))


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
    nationwide
        [draw] where the zone that the policy opens has been extended to the whole country.
    """

    month: int
    active: BoolArray
    number: Callable[[Number], FloatArray]
    step: Callable[[Schedule], Number | None]
    nationwide: BoolArray

    def scheduled(self, schedule: Schedule) -> FloatArray | None:
        """Values of a schedule this month, one per draw; None before its first date."""
        number = self.step(schedule)
        return None if number is None else self.number(number)
