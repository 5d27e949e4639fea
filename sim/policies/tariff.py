"""Tariffs on goods lists, cuts of them, and tariffs on the hardware that clouds are built from."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.timeline import Phase
from sim.values import ListName, MarketName, RateSchedule, Share, ShareSchedule


class Tariff(Policy):
    """A layer of tariff on some goods lists; layers add up.

    tariff_layer[list, d] += rate    from each date on
    """

    writes: ClassVar[tuple[str, ...]] = ("tariff_layer",)
    kind: Literal["tariff"]
    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Goods lists that the layer covers."""
    rate: RateSchedule
    """Rate of this layer by date, share of one; write percent above 100 %."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Add the layer."""
        rate = turn.scheduled(self.rate)
        if rate is None:
            return
        for name in self.lists:
            levers.tariff_layer[levers.axes.lists.index(name)] += np.where(turn.active, rate, 0.0)


class TariffCut(Policy):
    """Cut the layers above the base rate on some goods lists.

    tariff_layer[list, d] *= 1 - cut
    """

    writes: ClassVar[tuple[str, ...]] = ("tariff_layer",)
    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["tariff_cut"]
    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Goods lists whose layers are cut."""
    cut: ShareSchedule
    """Part of the layers that goes, share of one: 50% halves them, 100% removes them."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Scale the layers down."""
        cut = turn.scheduled(self.cut)
        if cut is None:
            return
        for name in self.lists:
            levers.tariff_layer[levers.axes.lists.index(name)] *= np.where(turn.active, 1.0 - cut, 1.0)


class HardwareTariff(Policy):
    """A tariff on imported servers and network gear, by where the market buys them.

    hardware_tariff[market, d] += rate * origin_share
    """

    writes: ClassVar[tuple[str, ...]] = ("hardware_tariff",)
    kind: Literal["hardware_tariff"]
    market: MarketName
    """Market whose vendors import the hardware."""
    rate: RateSchedule
    """Tariff on hardware from the country it is aimed at, share of one."""
    origin_share: Share
    """Share of the market's hardware imports that comes from that country, share of one."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Add the tariff, weighted by origin."""
        rate = turn.scheduled(self.rate)
        if rate is None:
            return
        effective = np.where(turn.active, rate * turn.number(self.origin_share), 0.0)
        levers.hardware_tariff[levers.axes.markets.index(self.market)] += effective


class HardwareTariffCut(Policy):
    """Cut the tariff on imported servers and network gear.

    hardware_tariff[market, d] *= 1 - cut
    """

    writes: ClassVar[tuple[str, ...]] = ("hardware_tariff",)
    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["hardware_tariff_cut"]
    market: MarketName
    """Market whose vendors import the hardware."""
    cut: ShareSchedule
    """Part of the tariff that goes, share of one."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Scale the hardware tariff down."""
        cut = turn.scheduled(self.cut)
        if cut is not None:
            levers.hardware_tariff[levers.axes.markets.index(self.market)] *= np.where(turn.active, 1.0 - cut, 1.0)
