"""How tariffs of several authorities on the same goods stack: all add up, but for rules that a scenario gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from pydantic import Field

from sim.quantities import FloatArray
from sim.values import CountryName, Name, Names, Number, Part, RateSchedule, Schedule

UNNAMED = ""
"""Authority of tariffs that name none; no rule but a cap on all can be about it."""
Layer = tuple[str, FloatArray]
"""Authority and rate of one tariff on a list, [draw], share of one."""
Layers = Mapping[str, FloatArray]
"""Layers on one list by authority, [draw], share of one."""
ValueOf = Callable[[Schedule | Number | float], Any]
"""Gives this month's values, one per draw or one for all; None before the first date of a schedule."""


class Stack(NamedTuple):
    """What is charged on one list.

    Attributes
    ----------
    layers
        Layers by authority.
    base
        [draw] rate before any tariff, share of one.
    value_of
        Gives this month's value of a number or schedule.
    """

    layers: Layers
    base: FloatArray
    value_of: ValueOf


class ListedGoods(NamedTuple):
    """What a list of goods is: who imports it from where, and its parts by sector, shares of one."""

    importer: str
    exporter: str
    parts: tuple[tuple[str, float], ...]


class StackingRule(Part):
    """A rule of one importer on tariffs of several authorities, list by list and draw by draw."""

    by: CountryName
    """Country whose tariffs it is about."""
    origins: Names = ()
    """Countries or regions whose goods it is about; all if absent."""

    def is_about(self, goods: ListedGoods) -> bool:
        """Whether it holds for a list."""
        return goods.importer == self.by and (not self.origins or goods.exporter in self.origins)

    @property
    def named(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Authorities that it names, by field."""
        raise NotImplementedError

    def kept(self, stack: Stack) -> Layers:
        """Part of each layer that is kept, [draw], shares of one; of others all is (equation 6.21)."""
        raise NotImplementedError


class Exclude(StackingRule):
    """Authorities that exclude each other: only one of them is charged."""

    kind: Literal["exclude"]
    authorities: Annotated[tuple[Name, ...], Field(min_length=2)]
    """Authorities, of which one holds."""
    holds: Literal["higher", "first"] = "higher"
    """Which: the one with the higher rate, or of those that charge anything the one named first."""

    @property
    def named(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Those that exclude each other."""
        return (("authorities", self.authorities),)

    def kept(self, stack: Stack) -> Layers:
        """Keep all of the layer that holds and nothing of the others."""
        here = [name for name in self.authorities if name in stack.layers]
        if not here:
            return {}
        rates = np.stack([stack.layers[name] for name in here])
        holding = np.argmax(rates if self.holds == "higher" else rates > 0.0, axis=0)
        return {name: np.where(holding == place, 1.0, 0.0) for place, name in enumerate(here)}


class Replace(StackingRule):
    """An authority that takes the place of others wherever it charges anything."""

    kind: Literal["replace"]
    authority: Name
    """Authority that takes their place."""
    replaces: Annotated[Names, Field(min_length=1)]
    """Authorities that are not charged where it is."""

    @property
    def named(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The one that replaces, and those that it does."""
        return (("authority", (self.authority,)), ("replaces", self.replaces))

    def kept(self, stack: Stack) -> Layers:
        """Keep nothing of the others where it charges."""
        if self.authority not in stack.layers:
            return {}
        alone = np.where(stack.layers[self.authority] > 0.0, 0.0, 1.0)
        return {name: alone for name in self.replaces if name in stack.layers}


class Cap(StackingRule):
    """A ceiling on what some authorities charge together with the base (most-favoured-nation) rate."""

    kind: Literal["cap"]
    authorities: Names = ()
    """Authorities under the ceiling; all, and tariffs that name none, if absent."""
    cap: RateSchedule
    """Ceiling by date, base rate included, share of one."""

    @property
    def named(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Those under the ceiling."""
        return (("authorities", self.authorities),)

    def kept(self, stack: Stack) -> Layers:
        """Keep the same part of each, so that with the base rate they come to the ceiling."""
        cap = stack.value_of(self.cap)
        here = [name for name in stack.layers if not self.authorities or name in self.authorities]
        if cap is None or not here:
            return {}
        total = sum((stack.layers[name] for name in here), np.zeros_like(stack.base))
        room = np.maximum(cap - stack.base, 0.0)
        part = np.divide(room, total, out=np.ones_like(stack.base), where=total > room)
        return dict.fromkeys(here, part)


AnyStackingRule: TypeAlias = Annotated[Exclude | Replace | Cap, Field(discriminator="kind")]
"""Any rule, told apart by its `kind`."""


@dataclass(frozen=True)
class Stacking:
    """Rules that hold for the lists of a scenario.

    Attributes
    ----------
    rules
        In the order in which they act.
    goods
        [list] what each list is.
    base
        [list, draw] rates before any tariff, share of one.
    """

    rules: Sequence[StackingRule]
    goods: Sequence[ListedGoods]
    base: FloatArray

    def about(self, row: int) -> list[StackingRule]:
        """Rules that hold for a list."""
        return [rule for rule in self.rules if rule.is_about(self.goods[row])]

    def together(self, row: int, layers: Sequence[Layer], value_of: ValueOf) -> FloatArray:
        """What layers on a list come to, [draw], share of one (equation 6.21), added up in their order."""
        for rule in self.about(row):
            kept = rule.kept(Stack(_by_authority(layers), self.base[row], value_of))
            layers = [(name, rate * kept[name] if name in kept else rate) for name, rate in layers]
        return sum((rate for _, rate in layers), np.zeros(self.base.shape[-1]))


def _by_authority(layers: Sequence[Layer]) -> Layers:
    found: dict[str, FloatArray] = {}
    for name, rate in layers:
        found[name] = found[name] + rate if name in found else rate
    return found
