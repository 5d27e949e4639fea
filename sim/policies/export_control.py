"""Export controls on chips and tools that another country's vendors need."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.policies.levers import Levers, Turn
from sim.policies.policy import Policy
from sim.values import CountryName, ShareSchedule, YearlyQualitySchedule


class ExportControl(Policy):
    """Slow the quality growth of a country's vendors and raise their cost.

    quality_drift[home, d] -= quality_loss_per_year
    cost_increase[home, d] += cost_increase
    """

    writes: ClassVar[tuple[str, ...]] = ("quality_drift", "cost_increase")
    kind: Literal["export_control"]
    target: CountryName
    """Country whose vendors are denied the goods."""
    quality_loss_per_year: YearlyQualitySchedule
    """Quality lost each year that the control lasts, by date, log points per year."""
    cost_increase: ShareSchedule
    """Increase of unit cost while the control lasts, by date, share of one."""

    def apply(self, levers: Levers, turn: Turn) -> None:
        """Add the losses of this control."""
        c = levers.axes.countries.index(self.target)
        loss, increase = turn.scheduled(self.quality_loss_per_year), turn.scheduled(self.cost_increase)
        if loss is not None:
            levers.quality_drift[c] -= np.where(turn.active, loss, 0.0)
        if increase is not None:
            levers.cost_increase[c] += np.where(turn.active, increase, 0.0)
