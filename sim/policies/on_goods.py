"""What policies on goods share: lists, or sectors and origins, that they are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import model_validator

from sim.policies.levers import Act, Border, Verb
from sim.policies.policy import Policy
from sim.values import ListName, Names, Schedule

EVERY = "all"
"""Stands for all sectors, or all origins."""


class OnGoods(Policy):
    """A policy on goods at a border: on some lists, or on what belongs to some sectors and comes from some origins."""

    power: ClassVar[str | None] = "lists"
    lists: tuple[ListName, ...] = ()
    """Goods lists that it is about; or give sectors and origins."""
    sectors: Names = ()
    """Sectors of the world's trade that it is about, or all; all if only origins are given."""
    origins: Names = ()
    """Countries or regions whose goods it is about, or all; all if only sectors are given."""

    @model_validator(mode="after")
    def _names_goods_once(self) -> OnGoods:
        if self.lists and (self.sectors or self.origins):
            raise ValueError("names lists, and sectors or origins too; give one of both, or write two policies")
        if not (self.lists or self.sectors or self.origins):
            raise ValueError("says of no goods that they are meant; give lists, or sectors and origins")
        for field, names in (("sectors", self.sectors), ("origins", self.origins)):
            if EVERY in names and len(names) > 1:
                raise ValueError(f"`{EVERY}` in {field} holds the others already; name it alone, or leave it out")
        return self

    @property
    def border(self) -> Border:
        """Goods that it is about where it names no lists."""
        some = (tuple(name for name in names if name != EVERY) for names in (self.sectors, self.origins))
        return Border(self.by or "", *some)

    def acts_on(self, verb: Verb, rule: str, value: Schedule) -> Iterator[Act]:
        """Do something to a rule of its goods."""
        if not self.lists:
            yield Act(verb, rule, (), value, border=self.border)
        for name in self.lists:
            yield Act(verb, rule, (name,), value)
