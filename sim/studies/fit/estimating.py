"""From published figures up to a cut-off to the posterior of the estimated numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.model.luck import Draws
from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, FloatArray
from sim.runs.run_many import Job, run_one
from sim.scenario.loading import changed, load_with_places
from sim.scenario.schema import Scenario
from sim.studies.fit.fit_settings import Settings
from sim.studies.fit.hindcast import hindcast
from sim.studies.fit.posterior import Gaussian, estimates, standard_prior, update
from sim.studies.fit.predicting import is_covered, predictions
from sim.studies.fit.published import EXPORTS, IMPORTS, Observation, judged, known_at, with_doubts, with_errors
from sim.values import Estimate, Number

DRAWS, ROUNDS, BATCH = 1024, 4, 512
"""Draws of each round, rounds, and draws advanced together."""
SEED = 1


@dataclass(frozen=True)
class Fit:
    """What the data up to a cut-off say.

    Attributes
    ----------
    cutoff
        First day after what was known.
    scenario
        The world as known then, with priors.
    priors
        Estimated numbers by dotted path.
    observations
        Figures that were used, with their errors.
    posterior
        Distribution of scores, in the order of `priors`.
    """

    cutoff: dt.date
    scenario: Scenario
    priors: dict[str, Number]
    observations: tuple[Observation, ...]
    posterior: Gaussian

    @property
    def estimates(self) -> dict[str, Estimate]:
        """What the data say of each number, by dotted path."""
        return estimates(self.priors, self.posterior)


def fit(observations: Sequence[Observation], cutoff: dt.date, settings: Settings) -> Fit:
    """Estimate from all figures known at a cut-off; none that became known later is looked at.

    Parameters
    ----------
    observations
        Published figures, also later ones.
    cutoff
        First day after what is known.
    settings
        Priors, errors, and what is estimated.
    """
    world = hindcast(settings, cutoff, months_until(cutoff, settings))
    scenario, priors = world.scenario, world.priors
    known = with_doubts(known_at(observations, cutoff), cutoff, settings)
    used = tuple(usable([*with_errors(known, settings), *known_at(judged(settings), cutoff)], scenario))
    posterior = standard_prior(len(priors))
    if used:
        for number in range(ROUNDS):
            posterior = _round(scenario, priors, used, posterior, number)
    return Fit(cutoff, scenario, priors, used, posterior)


def months_until(date: dt.date, settings: Settings) -> int:
    """Months from the start of history to a date, at least one quarter."""
    start = hindcast_start(settings)
    months = (date.year - start.year) * MONTHS_PER_YEAR + date.month - start.month
    return max(months, MONTHS_PER_QUARTER)


def hindcast_start(settings: Settings) -> dt.date:
    """First day of the history that is replayed."""
    return load_with_places(settings.history, priors=True).scenario.start


def usable(observations: Sequence[Observation], scenario: Scenario) -> list[Observation]:
    """Keep figures of cloud markets that the run holds whole; goods trade has no estimated number."""
    start = scenario.start.year * MONTHS_PER_YEAR + scenario.start.month - 1
    quarters = scenario.months // MONTHS_PER_QUARTER
    return [
        one
        for one in observations
        if one.kind not in {IMPORTS, EXPORTS} and is_covered(start, quarters, one.period)
        and (not one.member or one.member in scenario.vendors)
    ]  # fmt: skip


def _round(
    scenario: Scenario, priors: dict[str, Number], used: Sequence[Observation], around: Gaussian, number: int
) -> Gaussian:
    """Run the model where the posterior is thought to lie, and estimate again there."""
    there = with_estimates(scenario, priors, around)
    draws = range(number * DRAWS, (number + 1) * DRAWS)
    simulated = np.log(predicted_in_draws(there, draws, used))
    observed = np.array([math.log(one.value) for one in used])
    return update(scores_in_draws(priors, around, draws), simulated, observed, np.array([one.log_sd for one in used]))


def scores_in_draws(priors: dict[str, Number], around: Gaussian, draws: range) -> FloatArray:
    """Scores of the estimated numbers in some draws of a run with `with_estimates`, [draw, parameter]."""
    luck, known = Draws(SEED, draws), estimates(priors, around)
    return np.stack([luck.scores(replace(number, estimate=known[path])) for path, number in priors.items()], axis=1)


def predicted_in_draws(scenario: Scenario, draws: range, observations: Sequence[Observation]) -> FloatArray:
    """Run some draws, and give what they say of figures, [observation, draw]."""
    wanted = partial(predictions, observations=observations)
    return np.concatenate(run_one(Job(scenario, draws, SEED, wanted, BATCH)), axis=1)


def with_estimates(scenario: Scenario, priors: dict[str, Number], around: Gaussian) -> Scenario:
    """Copy a scenario with the estimated numbers drawn from a distribution of scores."""
    known = estimates(priors, around)
    numbers = {path: replace(number, source=None, estimate=known[path]) for path, number in priors.items()}
    return changed(scenario, {path: number.written()["value"] for path, number in numbers.items()})
