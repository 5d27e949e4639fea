"""Where luck comes from: groups of names exchanged while all others stay, designs, numbers estimated together."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import sim
from sim.facts import posterior
from sim.model.batch import run_batch
from sim.model.luck import Draws, Luck, from_scores, quantiles
from sim.scenario.describing import values_of
from sim.values import Number

SHORT = {"months": 24}
GROUP = "vendors.aws"


@pytest.fixture(scope="module")
def scenario():
    return sim.load("guiyang_pilot", SHORT)


@pytest.fixture(scope="module")
def numbers(scenario) -> list[Number]:
    return [value for _, value, _ in values_of(scenario) if isinstance(value, Number) and value.is_uncertain]


def test_exchanging_no_group_is_the_same_run(scenario, different):
    plain = run_batch(scenario, range(20), 3)
    assert different(plain, run_batch(scenario, range(20), Luck(3))) == []
    assert different(plain, run_batch(scenario, range(20), Luck(3, exchanged={"nobody.at_all": 4}))) == []


@pytest.mark.depth
def test_exchanging_all_groups_is_the_other_seeds_run(scenario, drawn_names, different):
    every = dict.fromkeys(drawn_names, 4)
    assert different(run_batch(scenario, range(20), 4), run_batch(scenario, range(20), Luck(3, exchanged=every))) == []


def test_exchanging_one_group_leaves_all_other_numbers_as_they_are(numbers):
    plain, other = Draws(3, range(64)), Draws(Luck(3, exchanged={GROUP: 4}), range(64))
    moved = {number.name for number in numbers if not np.array_equal(plain.number(number), other.number(number))}
    of_group = {number.name for number in numbers if number.name.startswith(f"{GROUP}.")}
    loaded = {
        number.name
        for number in numbers
        if number.estimate and any(name.startswith(f"{GROUP}.") for name, _ in number.estimate.loadings)
    }
    assert of_group
    assert moved == of_group | loaded, "besides the group only numbers that data tie to it may move"


def test_the_most_exact_group_counts():
    luck = Luck(1, exchanged={"vendors": 2, "vendors.aws": 3})
    assert [luck.seed_of(name) for name in ("vendors.aws.gap", "vendors.ibm.gap", "vendors", "vendorsx")] == [
        3,
        2,
        2,
        1,
    ]


def test_a_design_of_the_generators_own_uniforms_gives_the_same_bits(numbers):
    plain = Luck(5)
    design = {number.name: plain.uniforms(number.name, 1, range(300)) for number in numbers}
    for number in numbers:
        for name, _ in number.loadings:
            design.setdefault(name, plain.uniforms(name, 1, range(300)))
        given_uniforms = Draws(Luck(99, design=design), range(130, 260)).number(number)
        assert given_uniforms.tobytes() == Draws(5, range(130, 260)).number(number).tobytes()


def test_a_design_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="the design of a holds"):
        Luck(1, design={"a": np.full((1, 10), 0.5)}).uniforms("a", 1, range(5, 20))


def test_luck_travels_and_has_a_key_that_tells_it_apart():
    lucks = [
        Luck(1),
        Luck(2),
        Luck(1, exchanged={"a": 2}),
        Luck(1, exchanged={"a": 3}),
        Luck(1, design={"a": np.full((1, 4), 0.5)}),
        Luck(1, design={"a": np.full((1, 4), 0.25)}),
    ]
    keys = [luck.key for luck in lucks]
    assert keys[:2] == [1, 2]
    assert len(set(keys)) == len(keys)
    assert [pickle.loads(pickle.dumps(luck)).key for luck in lucks] == keys  # noqa: S301 (our own bytes)


@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(0, 1000), st.integers(1, 300))
def test_uniforms_lie_strictly_inside(seed, length, first, count):
    uniforms = Luck(seed).uniforms("any", length, range(first, first + count))
    assert uniforms.shape == (length, count)
    assert ((uniforms > 0) & (uniforms < 1)).all()
    assert np.isfinite(stats.norm.ppf(uniforms)).all()


@pytest.mark.parametrize("kind", ["normal", "lognormal", "uniform", "triangular", "choice"])
def test_inverse_distribution_functions_give_the_same_bits_for_one_draw_or_many(kind):
    parameters = {"normal": (1.0, 0.4), "lognormal": (2.0, 0.3), "uniform": (0.0, 3.0), "triangular": (0.0, 1.0, 5.0)}
    number = Number(kind, parameters.get(kind, (1.0, 2.0, 4.0)))
    shares = Luck(1).uniforms("any", 1, range(1000))
    together = quantiles(number, shares)
    alone = [quantiles(number, shares[:, [draw]].copy())[0, 0] for draw in range(1000)]
    assert together.tobytes() == np.array(alone).tobytes()


# Numbers that were estimated together ---------------------------------------------------------------------------------

KNOWN = "2021-12"


@pytest.fixture(scope="module")
def estimated(numbers) -> dict[str, Number]:
    return {number.name: number for number in numbers if number.estimate is not None}


def test_scores_have_the_means_and_covariances_of_the_posterior(estimated):
    draws = Draws(7, range(40_000))
    found = np.stack([draws.scores(number) for number in estimated.values()])
    names = list(posterior(KNOWN))
    loadings = [dict(number.estimate.loadings) for number in estimated.values()]
    root = np.array([[held.get(name, 0.0) for name in names] for held in loadings])
    means = np.array([number.estimate.mean for number in estimated.values()])
    np.testing.assert_allclose(found.mean(axis=1), means, atol=5 / np.sqrt(40_000))
    np.testing.assert_allclose(np.cov(found), root @ root.T, atol=0.04)


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_the_interval_of_a_mean_goes_on_shrinking(count, estimated):
    """A list of 200 values would know its own mean, not that of the posterior: its error stops at 7 % of the sd."""
    name = "vendors.alibaba.sales.china.catch_up.gap"
    number = estimated[name]
    prior_mean, prior_sd = number.parameters
    sd = np.sqrt(sum(weight**2 for _, weight in number.estimate.loadings))
    exact = prior_mean + prior_sd * number.estimate.mean
    errors = [Draws(seed, range(count)).number(number).mean() - exact for seed in range(12)]
    assert np.sqrt(np.mean(np.square(errors))) < 1.8 * prior_sd * sd / np.sqrt(count)


def test_quantiles_that_an_estimate_names_are_those_of_its_draws(estimated):
    draws = Draws(2, range(50_000))
    for number in estimated.values():
        values = draws.number(number)
        low, high = number.estimate.low, number.estimate.high
        share = ((values >= low) & (values <= high)).mean()
        assert share == pytest.approx(0.9, abs=0.01), number.name


def test_an_estimated_number_has_the_same_value_whatever_others_the_scenario_draws(estimated):
    name = "presence.leak"
    alone = Draws(1, range(50)).number(estimated[name])
    draws = Draws(1, range(50))
    for number in estimated.values():
        draws.number(number)
    assert draws.number(estimated[name]).tobytes() == alone.tobytes()


def test_a_score_of_zero_is_the_median_of_the_prior():
    number = Number("triangular", (0.0, 1.0, 3.0))
    assert from_scores(number, np.zeros(1))[0] == pytest.approx(stats.triang(1 / 3, 0, 3).median())
