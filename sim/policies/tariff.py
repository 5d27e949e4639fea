"""Tariffs on goods lists, cuts of them, and tariffs on the hardware that clouds are built from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.timeline import Phase
from sim.values import ListName, MarketName, RateSchedule, Share, ShareSchedule


class Tariff(Policy):
    """A layer of tariff on some goods lists; layers add up.

    tariff_layer[list, d] += rate    from each date on
    """

    power: ClassVar[str | None] = "lists"
    kind: Literal["tariff"]
    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Goods lists that the layer covers."""
    rate: RateSchedule
    """Rate of this layer by date, share of one; write percent above 100 %."""

    def acts(self) -> Iterator[Act]:
        """Add the layer."""
        for name in self.lists:
            yield Act("adds", "tariff_layer", (name,), self.rate)


class TariffCut(Policy):
    """Cut the layers above the base rate on some goods lists.

    tariff_layer[list, d] *= 1 - cut
    """

    power: ClassVar[str | None] = "lists"
    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["tariff_cut"]
    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Goods lists whose layers are cut."""
    cut: ShareSchedule
    """Part of the layers that goes, share of one: 50% halves them, 100% removes them."""

    def acts(self) -> Iterator[Act]:
        """Scale the layers down."""
        for name in self.lists:
            yield Act("cuts", "tariff_layer", (name,), self.cut)


class HardwareTariff(Policy):
    """A tariff on imported servers and network gear, by where the market buys them.

    hardware_tariff[market, d] += rate * origin_share
    """

    power: ClassVar[str | None] = "market"
    kind: Literal["hardware_tariff"]
    market: MarketName
    """Market whose vendors import the hardware."""
    rate: RateSchedule
    """Tariff on hardware from the country it is aimed at, share of one."""
    origin_share: Share
    """Share of the market's hardware imports that comes from that country, share of one."""

    def acts(self) -> Iterator[Act]:
        """Add the tariff, weighted by origin."""
        yield Act("adds", "hardware_tariff", (self.market,), self.rate, self.origin_share)


class HardwareTariffCut(Policy):
    """Cut the tariff on imported servers and network gear.

    hardware_tariff[market, d] *= 1 - cut
    """

    power: ClassVar[str | None] = "market"
    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["hardware_tariff_cut"]
    market: MarketName
    """Market whose vendors import the hardware."""
    cut: ShareSchedule
    """Part of the tariff that goes, share of one."""

    def acts(self) -> Iterator[Act]:
        """Scale the hardware tariff down."""
        yield Act("cuts", "hardware_tariff", (self.market,), self.cut)
