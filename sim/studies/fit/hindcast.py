"""The world as one could know it at a cut-off: history's policies, market sizes known by then, and priors."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sim.quantities import MONTHS_PER_YEAR
from sim.scenario.describing import numbers_of
from sim.scenario.loading import changed, load_with_places
from sim.scenario.schema import Growth, Scenario
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
    history = loaded.scenario
    scenario = changed(history, {"months": months, **_turns(history, cutoff), **_sizes(history, cutoff, settings)})
    numbers = numbers_of(scenario)
    hidden = {path: _written(prior) for pattern, prior in settings.hidden.items() for path in numbers
              if fnmatchcase(path, pattern)}  # fmt: skip
    return Hindcast(changed(scenario, hidden), {path: numbers[path] for path in loaded.estimated if path in numbers})


def _turns(history: Scenario, cutoff: dt.date) -> dict[str, Any]:
    """Leave out turns of vendors' trends from the cut-off on, and let them wander from then on."""
    demand = history.demand
    changes: dict[str, Any] = {} if demand.wandering is None else {"demand.wandering.after": cutoff.isoformat()}
    groups = {"turns": demand.turns} | {f"turns_in.{market}": turns for market, turns in demand.turns_in.items()}
    for group, turns in groups.items():
        for vendor, schedule in turns.items():
            dates, path = [date for date, _ in schedule.steps if date is not None], f"demand.{group}.{vendor}"
            later = [date for date in dates if date >= cutoff]
            changes |= {path: None} if later == dates else {f"{path}.{date}": None for date in later}
    return changes


def _sizes(history: Scenario, cutoff: dt.date, settings: Settings) -> dict[str, Any]:
    """Leave out sizes of markets not known at the cut-off, and guess their growth from then on."""
    changes: dict[str, Any] = {}
    own = [_known(market.total_bn, cutoff) for market in history.markets.values() if market.total_bn]
    growths: list[tuple[str, str, Schedule | None, Growth | None, Sequence[Mapping[dt.date, float]]]] = [
        ("world_total_bn", "world_growth", history.world_total_bn, history.world_growth, own)
    ]
    growths += [(f"markets.{name}.total_bn", f"markets.{name}.growth", market.total_bn, market.growth, ())
                for name, market in history.markets.items()]  # fmt: skip
    for sizes, growth, held, past, apart in growths:
        if held is not None and past is not None:
            known = _known(held, cutoff)
            later = [date for date, _ in held.steps if date is not None and date not in known]
            if later:
                changes |= {f"{sizes}.{date}": None for date in later}
                changes[f"{growth}.after.first"] = _growth(_without(known, apart), settings, past.before)
    return changes


def _written(prior: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": {key: held for key, held in prior.items() if key != "source"}, "source": prior["source"]}


def _known(sizes: Schedule, cutoff: dt.date) -> dict[dt.date, float]:
    """Give the yearly sizes, put at mid-year, whose year had ended at the cut-off."""
    return {date: number.central for date, number in sizes.steps if date is not None and _known_from(date) <= cutoff}


def _without(whole: Mapping[dt.date, float], apart: Sequence[Mapping[dt.date, float]]) -> dict[dt.date, float]:
    """Take markets with sizes of their own out of the world, at dates at which all are known."""
    dates = [date for date in whole if all(date in sizes for sizes in apart)]
    return {date: whole[date] - math.fsum(sizes[date] for sizes in apart) for date in dates}


def _known_from(date: dt.date) -> dt.date:
    return Period(date, _HALF_YEAR).end


def _growth(known: Mapping[dt.date, float], settings: Settings, before: Number) -> dict[str, Any]:
    """Guess growth after the last known size from the last known growth, log share a year."""
    last, dates = before.central, sorted(known)
    if len(dates) > 1:
        early, late = dates[-2:]
        years = ((late.year - early.year) * MONTHS_PER_YEAR + late.month - early.month) / MONTHS_PER_YEAR
        last = math.log(known[late] / known[early]) / years
    guess = {"normal": [settings.growth.kept * last, settings.growth.sd]}
    return {"value": guess, "source": "assumption: a part of the growth of the last year known at the cut-off"}
