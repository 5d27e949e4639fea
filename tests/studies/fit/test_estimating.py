"""The fit learns what it was shown and nothing else: recovery, later data, repetition."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import yaml

from sim.studies.fit import estimating
from sim.studies.fit.estimating import Fit, fit, predicted_in_draws, scores_in_draws, with_estimates
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.posterior import standard_prior
from sim.studies.fit.published import read_observations

CUTOFF = dt.date(2020, 1, 1)
NONSENSE = 1000.0
SETS = 14
HALF = 1.6448536269514722
"""Half the width of the interval that holds 90 % of a standard normal."""


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimating, "DRAWS", 256)
        patch.setattr(estimating, "ROUNDS", 2)
        yield


@pytest.fixture(scope="module")
def published():
    return read_observations(settings())


@pytest.fixture(scope="module")
def fitted(published) -> Fit:
    return fit(published, CUTOFF, settings())


def assert_same(first: Fit, second: Fit):
    np.testing.assert_array_equal(first.posterior.mean, second.posterior.mean)
    np.testing.assert_array_equal(first.posterior.covariance, second.posterior.covariance)


def test_data_leave_less_of_the_priors_variance_for_what_they_speak_of(fitted):
    left = np.diag(fitted.posterior.covariance)
    known = dict(zip(fitted.priors, left, strict=True))
    assert (left < 1.0 + 1e-9).all()
    assert known["vendors.alibaba.sales.china.catch_up.gap"] < 0.8
    assert known["vendors.huawei.sales.china.catch_up.gap"] > 0.9, "no figure of Huawei was known by the end of 2019"


def test_only_figures_of_cloud_markets_that_were_known_are_used(fitted, published):
    assert all(one.period.end <= CUTOFF for one in fitted.observations)
    assert {one.kind for one in fitted.observations} == {"share", "total"}
    assert len(fitted.observations) < len(published)


def test_nonsense_after_the_cutoff_does_not_move_the_fit_by_a_bit(fitted, published, tmp_path):
    poisoned = [one if one.period.end <= CUTOFF else replace(one, value=NONSENSE) for one in published]

    assert_same(fitted, fit(poisoned, CUTOFF, poisoned_settings(tmp_path)))


def poisoned_settings(folder):
    """Settings whose history holds nonsense wherever a size was not known by the cut-off."""
    kept = {"world": ("world.2018.fy.total.canalys", "world.2019.fy.total.canalys"),
            "china": ("china.2018.fy.total.canalys", "china.2019.fy.total.canalys_restated")}  # fmt: skip
    sizes = {
        name: {dt.date(2018, 7, 1): {"fact": first}, dt.date(2019, 7, 1): {"fact": second},
               dt.date(2020, 7, 1): NONSENSE, dt.date(2021, 7, 1): 2 * NONSENSE}
        for name, (first, second) in kept.items()
    }  # fmt: skip
    sizes["world"] |= {dt.date(2020, 7, 1): 9 * NONSENSE, dt.date(2021, 7, 1): 9 * NONSENSE}
    changed = {
        "extends": settings().history,
        "title": "Nonsense after 2019",
        "world_total_bn": sizes["world"],
        "markets": {"china": {"total_bn": sizes["china"]}},
    }
    path = folder / "poisoned.yaml"
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    return settings().model_copy(update={"history": str(path)})


def test_nonsense_before_the_cutoff_does_move_it(fitted, published):
    poisoned = [replace(one, value=0.6 * one.value) if one.member == "tencent" else one for one in published]
    assert not np.allclose(fitted.posterior.mean, fit(poisoned, CUTOFF, settings()).posterior.mean, atol=0.1)


def test_the_same_data_give_the_same_fit_to_the_last_bit(fitted, published):
    assert_same(fitted, fit(list(reversed(list(reversed(published)))), CUTOFF, settings()))
    assert fitted.estimates == fitted.estimates


def test_without_a_known_figure_the_prior_stays(published):
    later = [one for one in published if one.period.end > CUTOFF]
    early = fit(later, CUTOFF, settings().model_copy(update={"judged": ()}))
    assert not early.observations
    np.testing.assert_array_equal(early.posterior.covariance, np.eye(len(early.priors)))
    np.testing.assert_array_equal(early.posterior.mean, 0.0)


@pytest.fixture(scope="module")
def recovered(published) -> tuple[np.ndarray, np.ndarray]:
    """Scores by which the truth lies off the posterior's mean, [set, parameter], and what share of variance is left."""
    unjudged = settings().model_copy(update={"judged": ()})  # what people judged, no simulation publishes
    truths, figures = simulated_figures(fit(published, CUTOFF, unjudged))
    fits = [fit(simulated, CUTOFF, unjudged) for simulated in figures]
    spreads = np.array([np.sqrt(np.diag(one.posterior.covariance)) for one in fits])
    means = np.array([one.posterior.mean for one in fits])
    return (truths - means) / spreads, spreads**2


def simulated_figures(fitted: Fit):
    """Draw truths from the prior and let the model publish figures of them, with errors of measurement."""
    generator, prior = np.random.default_rng(5), standard_prior(len(fitted.priors))
    draws = range(7_000_000, 7_000_000 + SETS)
    there = with_estimates(fitted.scenario, fitted.priors, prior)
    values = predicted_in_draws(there, draws, fitted.observations)
    scores = scores_in_draws(fitted.priors, prior, draws)
    noise = np.array([[one.log_sd] for one in fitted.observations]) * generator.standard_normal(values.shape)
    published = [
        [replace(one, value=float(value)) for one, value in zip(fitted.observations, column, strict=True)]
        for column in (values * np.exp(noise)).T
    ]
    return scores, published


@pytest.mark.long
def test_intervals_cover_the_numbers_that_made_the_data(recovered):
    off, left = recovered
    told = left.mean(axis=0) < 0.8
    assert told.sum() >= 5
    # The binomial error of 14 sets times some 10 numbers that are told is about 3 points.
    assert 0.80 <= np.mean(np.abs(off) < HALF) <= 0.97
    assert 0.80 <= np.mean(np.abs(off[:, told]) < HALF) <= 0.97


@pytest.mark.depth
def test_posterior_means_are_neither_too_high_nor_too_low(recovered):
    off, left = recovered
    told = left.mean(axis=0) < 0.8
    assert np.abs(off[:, told].mean(axis=0)).max() < 4.0 / np.sqrt(SETS)
    assert abs(off.mean()) < 0.15
