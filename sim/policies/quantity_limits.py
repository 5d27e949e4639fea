"""Limits of quantity on goods: quotas of an importer, and limits and fees of an exporter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sim.policies.levers import Act
from sim.policies.on_goods import OnGoods
from sim.policies.policy import Policy
from sim.values import LimitSchedule, ListName, TaxSchedule

Side = Literal["importer", "exporter"]
"""Who has the rent of a limit: those who may buy, or those who may sell."""
LIMITS: dict[Side, str] = {"importer": "limit_of_buyers", "exporter": "limit_of_sellers"}
"""Rule that a limit writes, by who has its rent."""


class Quota(OnGoods):
    """A limit of quantity that an importer sets on some goods.

    limit_of_buyers[list, d] = 1 - part of the list * (1 - limit)     limit_of_sellers with `rent_to: exporter`
    """

    kind: Literal["quota"]
    limit: LimitSchedule
    """Quantity that may be traded by date, as a part of trade at the base date's trend with only the base rates."""
    rent_to: Side = "importer"
    """Who may trade, and so earns the gap between the prices of buyers and sellers."""

    def acts(self) -> Iterator[Act]:
        """Set the limit."""
        yield from self.acts_on("sets", LIMITS[self.rent_to], self.limit)


class ExportLimit(Policy):
    """A limit of quantity, a fee, or both, that an exporter sets on what it sells of some lists.

    limit_of_sellers[list, d] = limit     limit_of_buyers with `rent_to: importer`
    export_fee[list, d] = fee
    """

    power: ClassVar[str | None] = "lists"
    kind: Literal["export_limit"]
    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Goods lists that it is about, each with the same part."""
    limit: LimitSchedule | None = None
    """Quantity that may be traded by date, as a part of trade at the base date's trend with only the base rates; any if
    absent."""
    fee: TaxSchedule | None = None
    """Part of what is paid for the goods before duty that goes to the exporter's treasury, by date, share of one; none
    if absent."""
    rent_to: Side = "exporter"
    """Who may trade, and so earns the gap between the prices of buyers and sellers, less the fee."""

    @model_validator(mode="after")
    def _does_something(self) -> ExportLimit:
        if self.limit is None and self.fee is None:
            raise ValueError("neither limits exports nor asks a fee for them; give limit, fee, or both")
        return self

    def acts(self) -> Iterator[Act]:
        """Set the limit and the fee."""
        for name in self.lists:
            if self.limit is not None:
                yield Act("sets", LIMITS[self.rent_to], (name,), self.limit)
            if self.fee is not None:
                yield Act("sets", "export_fee", (name,), self.fee)
