"""Parts of a variance against functions whose parts are known, and the rule that says when an order stands."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.why.variance_parts import chance_at, leaders_stand, variance_parts

DRAWS, ERRORS = 4096, 3.5


def measured(function, inputs, draws=DRAWS, seed=1):
    """Estimate the parts of a function of independent uniforms, each a group of its own."""
    rng = np.random.default_rng(seed)
    base, other = rng.random((inputs, draws)), rng.random((inputs, draws))
    exchanged = []
    for group in range(inputs):
        mixed = base.copy()
        mixed[group] = other[group]
        exchanged.append(function(mixed))
    return variance_parts(function(base), function(other), np.array(exchanged))


def ishigami(x):
    angle = np.pi * (2 * x - 1)
    return np.sin(angle[0]) + 7 * np.sin(angle[1]) ** 2 + 0.1 * angle[2] ** 4 * np.sin(angle[0])


def sobol_g(x):
    weights = np.array([0, 1, 4.5, 9])[:, None]
    return np.prod((np.abs(4 * x - 2) + weights) / (1 + weights), axis=0)


def test_ishigamis_function_has_its_parts():
    parts = measured(ishigami, 3)
    for found, error, known in (
        (parts.first, parts.first_error, [0.3139, 0.4424, 0.0]),
        (parts.total, parts.total_error, [0.5576, 0.4424, 0.2437]),
    ):
        assert (np.abs(found - known) < ERRORS * error).all()


def test_sobols_g_function_has_its_parts():
    weights = np.array([0, 1, 4.5, 9])
    alone = 1 / (3 * (1 + weights) ** 2)
    variance = np.prod(1 + alone) - 1
    parts = measured(sobol_g, 4)
    assert (np.abs(parts.first - alone / variance) < ERRORS * parts.first_error).all()
    total = alone * np.prod(1 + alone) / (1 + alone) / variance
    assert (np.abs(parts.total - total) < ERRORS * parts.total_error).all()


def test_the_share_of_luck_is_that_of_added_noise():
    parts = measured(lambda x: 3 * x[0] + x[1], 2)
    np.testing.assert_allclose(parts.total, [0.9, 0.1], atol=ERRORS * parts.total_error.max())
    np.testing.assert_allclose(parts.first, [0.9, 0.1], atol=ERRORS * parts.first_error.max())


def test_what_plays_no_part_has_exactly_none_and_errors_cover():
    parts = measured(lambda x: np.exp(x[0]) * x[1], 3)
    assert (parts.first[2], parts.total[2], parts.total_error[2]) == (0, 0, 0)
    tries = [measured(sobol_g, 4, 256, seed) for seed in range(100)]
    found, error = (np.array([getattr(one, name)[1] for one in tries]) for name in ("total", "total_error"))
    assert 0.6 < error.mean() / found.std() < 1.5


def test_a_figure_that_never_varies_has_no_parts():
    parts = measured(lambda x: np.ones(x.shape[1]), 2)
    assert not parts.total.any()
    assert not parts.first.any()


def test_groups_that_decide_alike_are_seldom_said_to_be_told_apart():
    """Four groups with the same part: any order that is said to stand is a mistake; looks as the study takes them."""
    wrong = 0
    for seed in range(500):
        rng = np.random.default_rng(seed)
        base, other = rng.normal(size=(4, 1024)), rng.normal(size=(4, 1024))
        exchanged = [base.sum(axis=0) - base[g] + other[g] for g in range(4)]
        for look, draws in enumerate((128, 256, 512, 1024), start=1):
            cut = [held[:draws] for held in (base.sum(axis=0), other.sum(axis=0), *exchanged)]
            parts = variance_parts(cut[0], cut[1], np.array(cut[2:]))
            if leaders_stand(parts, 3, chance_at(look, 0.05)):
                wrong += 1
                break
    assert wrong <= 25


def test_groups_that_differ_are_told_apart_with_draws_enough():
    def weighed(x):
        return 8 * x[0] + 4 * x[1] + 2 * x[2] + 0.5 * x[3]

    assert not leaders_stand(measured(weighed, 4, 16), 3, 0.01)
    assert leaders_stand(measured(weighed, 4, 4096), 3, 0.01)


def test_all_looks_together_take_no_more_than_the_chance():
    assert sum(chance_at(look, 0.05) for look in range(1, 10_000)) == pytest.approx(0.05, rel=1e-3)
