"""The arrays that policies may write, reset to the base rules every month."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property

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


@dataclass
class Levers:
    """What governments can set, per draw, for the month at hand."""

    axes: Axes
    tariff_layer: FloatArray
    """[list, draw] tariff on each goods list above the base rate, share of one."""
    hardware_tariff: FloatArray
    """[market, draw] effective tariff on server and network hardware, share of one."""
    equity_cap: FloatArray
    """[market, draw] largest foreign stake in a data-centre firm, share of one."""
    residency: FloatArray
    """[market, segment, draw] share of the segment whose data must stay in the country."""
    firewall: FloatArray
    """[market, draw] quality lost by serving the market from abroad, log points."""
    ip_protection: FloatArray
    """[market, draw] protection of know-how against the partner's country, share of one."""
    allowed_share: FloatArray
    """[home, market, segment, draw] share of the segment that vendors of a country may serve."""
    zone_slots: FloatArray
    """[zone, draw] foreign vendors that may hold a zone licence; 0 while the zone is closed."""
    zone_reach: FloatArray
    """[zone, segment, draw] share of the segment that data centres in the zone may serve."""
    quality_drift: FloatArray
    """[home, draw] change of the quality of a country's vendors, log points per year."""
    cost_increase: FloatArray
    """[home, draw] increase of the unit cost of a country's vendors, share of one."""
    purchases: FloatArray
    """[exporter, importer, draw] purchases above trend, as far as kept, bn USD a year."""
    uncertainty: FloatArray
    """[draw] 1 while trade policy is unsettled, 0 when settled."""

    def reset(self, base: Levers, written: Iterable[str]) -> None:
        """Copy the base rules over whatever last month's policies wrote."""
        for name in written:
            np.copyto(getattr(self, name), getattr(base, name))

    def copy(self) -> Levers:
        """Copy all arrays."""
        return Levers(self.axes, **{name: getattr(self, name).copy() for name in lever_names()})


def lever_names() -> tuple[str, ...]:
    """Names of the lever arrays."""
    return tuple(field.name for field in fields(Levers) if field.name != "axes")


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
