"""Export controls on chips and tools that another country's vendors need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from sim.policies.levers import Act
from sim.policies.policy import Policy
from sim.values import CountryName, ShareSchedule, YearlyQualitySchedule


class ExportControl(Policy):
    """Slow the quality growth of a country's vendors and raise their cost.

    quality_drift[home, d] -= quality_loss_per_year
    cost_increase[home, d] += cost_increase
    """

    power: ClassVar[str | None] = "target"
    power_of_others: ClassVar[bool] = True
    kind: Literal["export_control"]
    target: CountryName
    """Country whose vendors are denied the goods."""
    quality_loss_per_year: YearlyQualitySchedule
    """Quality lost each year that the control lasts, by date, log points per year."""
    cost_increase: ShareSchedule
    """Increase of unit cost while the control lasts, by date, share of one."""

    def acts(self) -> Iterator[Act]:
        """Add the losses of this control."""
        yield Act("adds", "quality_drift", (self.target,), self.quality_loss_per_year, -1.0)
        yield Act("adds", "cost_increase", (self.target,), self.cost_increase)
