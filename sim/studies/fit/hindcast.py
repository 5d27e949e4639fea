"""The world as one could know it at a cut-off: history's policies, market sizes known by then, and priors."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sim.quantities import MONTHS_PER_YEAR
from sim.scenario.describing import values_of
from sim.scenario.loading import changed, load_with_places
from sim.scenario.schema import Growth, Scenario
from sim.scenario.source_tree import dotted
from sim.studies.fit.fit_settings import Settings
from sim.studies.fit.published import Period
from sim.values import Number, Schedule

_HALF_YEAR = 6


@dataclass(frozen=True)
class Hindcast:
    """The world as one could know it at a cut-off.

    Attributes
    ----------
    scenario
        Policies as they were, market sizes known by then, priors for all that is estimated.
    priors
        The numbers to estimate, by dotted path.
    """

    scenario: Scenario
    priors: dict[str, Number]


def hindcast(settings: Settings, cutoff: dt.date, months: int) -> Hindcast:
    """Make the scenario that replays the policies of history with what was known of markets at a cut-off.

    Sizes of markets that became known later are left out; growth goes on from the last known year's.

    Parameters
    ----------
    settings
        Which history, and what it must not know.
    cutoff
        First day after what is known.
    months
        Length of the run.
    """
    loaded = load_with_places(settings.history, priors=True)
    scenario = changed(loaded.scenario, {"months": months, **_sizes(loaded.scenario, cutoff, settings)})
    numbers = dict(_numbers(scenario))
    hidden = {path: _written(prior) for pattern, prior in settings.hidden.items() for path in numbers
              if fnmatchcase(path, pattern)}  # fmt: skip
    return Hindcast(changed(scenario, hidden), {path: numbers[path] for path in loaded.estimated})


def _sizes(history: Scenario, cutoff: dt.date, settings: Settings) -> dict[str, Any]:
    """Leave out sizes of markets not known at the cut-off, and guess their growth from then on."""
    changes: dict[str, Any] = {}
    growths: list[tuple[str, str, Schedule | None, Growth | None]] = [
        ("world_total_bn", "world_growth", history.world_total_bn, history.world_growth)
    ]
    growths += [(f"markets.{name}.total_bn", f"markets.{name}.growth", market.total_bn, market.growth)
                for name, market in history.markets.items()]  # fmt: skip
    for sizes, growth, held, known in growths:
        if held is not None and known is not None:
            changes |= {f"{sizes}.{date}": None for date in _unknown(held, cutoff)}
            changes[f"{growth}.after.first"] = _growth(held, cutoff, settings, known.before)
    return changes


def _numbers(scenario: Scenario) -> Iterator[tuple[str, Number]]:
    for steps, value, _ in values_of(scenario):
        if isinstance(value, Number):
            yield dotted(steps), value


def _written(prior: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": {key: held for key, held in prior.items() if key != "source"}, "source": prior["source"]}


def _unknown(sizes: Schedule, cutoff: dt.date) -> list[dt.date]:
    """Give the dates of yearly sizes, put at mid-year, whose year had not ended at the cut-off."""
    return [date for date, _ in sizes.steps if date is not None and _known_from(date) > cutoff]


def _known_from(date: dt.date) -> dt.date:
    return Period(date, _HALF_YEAR).end


def _growth(sizes: Schedule, cutoff: dt.date, settings: Settings, before: Number) -> dict[str, Any]:
    """Guess growth after the last known size from the last known growth, log share a year."""
    known: Sequence[tuple[dt.date | None, Number]] = [
        (date, number) for date, number in sizes.steps if date is not None and _known_from(date) <= cutoff
    ]
    last = before.central
    if len(known) > 1:
        (early, first), (late, second) = known[-2:]
        assert early is not None, "dates of sizes"  # noqa: S101
        assert late is not None, "dates of sizes"  # noqa: S101
        years = ((late.year - early.year) * MONTHS_PER_YEAR + late.month - early.month) / MONTHS_PER_YEAR
        last = math.log(second.central / first.central) / years
    guess = {"normal": [settings.growth.kept * last, settings.growth.sd]}
    return {"value": guess, "source": "assumption: a part of the growth of the last year known at the cut-off"}
