"""Tariffs on goods by list, sector and origin, cuts of them, and tariffs on the hardware that clouds are built from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act, Verb
from sim.policies.on_goods import OnGoods
from sim.policies.policy import Policy
from sim.policies.stacking import UNNAMED
from sim.timeline import Phase
from sim.values import MarketName, MonthsAtSea, Name, RateSchedule, Schedule, Share, ShareSchedule


class OnTariffs(OnGoods):
    """A policy on tariffs of some goods.

    Of a list of which only a part belongs to the sectors, that part of the rate falls on all of it (equation 6.20).
    """

    authority: Name | None = None
    """Law or power that a tariff rests on, such as `section_301`, or whose tariffs a cut is about (all if absent). None
    may tax a list both by its name and by its sector or origin."""

    def goods_acts(self, verb: Verb, value: Schedule) -> Iterator[Act]:
        """Do something to the layers on its goods."""
        for act in self.acts_on(verb, "tariff_layer", value):
            yield act._replace(authority=self.authority or UNNAMED)


class Tariff(OnTariffs):
    """A layer of tariff on some goods; layers add up.

    tariff_layer[list, d] += rate * part of the list * (1 - exempt share)    from each date on
    """

    kind: Literal["tariff"]
    rate: RateSchedule
    """Rate of this layer by date, share of one; write percent above 100 %."""
    exempt_share: ShareSchedule | None = None
    """Part of the goods by value that does not pay it, by date, share of one (equation 6.22); none before the first."""
    collected_after: MonthsAtSea | None = None
    """Months that goods are on their way, which pay the lowest rate since they left (equation 6.23); none if absent."""

    def acts(self) -> Iterator[Act]:
        """Add the layer, and note what goods that are on their way do not pay of it."""
        exempt = 0.0 if self.exempt_share is None else self.exempt_share
        for act in self.goods_acts("adds", self.rate):
            yield act._replace(exempt=exempt)
            if self.collected_after is not None:
                yield act._replace(exempt=exempt, rule="tariff_at_sea", late=self.collected_after)


class TariffCut(OnTariffs):
    """Cut the layers above the base rate on some goods.

    tariff_layer[list, d] *= 1 - cut * part of the list
    """

    phase: ClassVar[Phase] = Phase.AMENDMENT
    kind: Literal["tariff_cut"]
    cut: ShareSchedule
    """Part of the layers that goes, share of one: 50% halves them, 100% removes them."""

    def acts(self) -> Iterator[Act]:
        """Scale the layers down, and what goods at sea do not pay of them."""
        for act in self.goods_acts("cuts", self.cut):
            yield act
            yield act._replace(rule="tariff_at_sea")


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
