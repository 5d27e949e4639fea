"""Numbers go together where a scenario says so by name, by the rank it says, and nowhere else."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.scenario.describing import values_of
from sim.scenario.loading import changed
from sim.values import Number
from tests.depth import quick

MANY = range(20_000)
ELASTICITY, DECLINE, EXTRA = "demand.market_elasticity", "costs.decline", "goods.growth"
KINDS = {
    "triangular": {ELASTICITY: {"triangular": [1.1, 1.6, 2.2]}},
    "normal": {ELASTICITY: {"normal": [1.6, 0.1]}},
    "lognormal": {ELASTICITY: {"lognormal": [1.6, 0.05]}},
    "uniform": {ELASTICITY: {"uniform": [1.2, 2]}},
    "choice": {ELASTICITY: {"choice": [1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2]}},
}


def load(values, rank, changes=None):
    return sim.load("base_2018", {"correlated": [{"values": values, "rank": rank}]} | (changes or {}))


def numbers(scenario):
    return {number.name: number for _, number, _ in values_of(scenario) if isinstance(number, Number)}


def drawn(scenario, *names):
    held, draws = numbers(scenario), Draws(1, MANY)
    return [draws.number(held[name]) for name in names]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", quick([-0.95, -0.4, 0.0, 0.3, 0.6, 0.99], -0.4, 0.6))
def test_two_numbers_have_the_rank_correlation_that_is_asked_for(kind, rank):
    names = (ELASTICITY, DECLINE)
    together = drawn(load(names, rank, KINDS[kind]), *names)
    alone = drawn(sim.load("base_2018", KINDS[kind]), *names)
    assert stats.spearmanr(*together).statistic == pytest.approx(rank, abs=0.03)
    for mixed, plain in zip(together, alone, strict=True):
        assert stats.ks_2samp(mixed, plain).pvalue > 1e-3


def test_each_pair_of_three_has_a_rank_of_its_own():
    names, ranks = (ELASTICITY, DECLINE, EXTRA), [0.7, -0.3, 0.2]
    found = drawn(load(names, ranks), *names)
    for pair, rank in zip(itertools.combinations(found, 2), ranks, strict=True):
        assert stats.spearmanr(*pair).statistic == pytest.approx(rank, abs=0.03)


def test_the_luck_of_all_other_numbers_and_of_the_first_one_stays():
    plain, other = numbers(sim.load("base_2018", {"correlated": []})), numbers(load((EXTRA, DECLINE), 0.6))
    ours, theirs = Draws(1, range(300)), Draws(1, range(300))
    moved = {name for name in plain if ours.number(plain[name]).tobytes() != theirs.number(other[name]).tobytes()}
    assert moved == {DECLINE}


def test_correlated_draws_are_the_same_bits_in_any_batch_and_after_a_scenario_was_written_out(different):
    scenario = load((ELASTICITY, DECLINE), -0.5, {"months": 6})
    held = numbers(scenario)[DECLINE]
    part = Draws(1, range(100, 150)).number(held)
    np.testing.assert_array_equal(part, Draws(1, range(200)).number(held)[100:150])
    again = changed(scenario, {})
    assert again == scenario
    assert different(run_batch(scenario, range(4), 1), run_batch(again, range(4), 1)) == []


def test_a_number_that_is_given_one_value_leaves_the_draws_of_the_others_of_its_group():
    fees = list(sim.load("base_2018").correlated[0].values)
    plain, fixed = numbers(sim.load("base_2018")), numbers(sim.load("base_2018", {fees[0]: 0.05}))
    assert (Draws(1, range(9)).number(fixed[fees[0]]) == 0.05).all()
    for name in fees[1:]:
        assert Draws(1, range(99)).number(plain[name]).tobytes() == Draws(1, range(99)).number(fixed[name]).tobytes()


TWO = (f"{ELASTICITY}, {DECLINE}", 0.5)


@pytest.mark.parametrize(
    ("values", "rank", "words"),
    [
        ("demand.market_elasticty, costs.decline", 0.5, "did you mean demand.market_elasticity?"),
        ("nothing, costs.decline", 0.5, "there is no number 'nothing'"),
        ("costs.decline", 0.5, "expected at least 2 in the list"),
        ("costs.decline, costs.decline", 0.5, "costs.decline stands here twice"),
        ("costs.decline, vendors.google.catch_up.gap", 0.5, "vendors.google.catch_up.gap was estimated"),
        ("costs.decline, capacity.lead_months", 0.5, "drawn anew for each order"),
        ("costs.decline, licensing.service_months", 0.5, "drawn anew for each application"),
        ("demand.market_elasticity, costs.decline", 1.5, "expected 1.0 or less, found 1.5"),
        ("demand.market_elasticity, costs.decline", 1, "not positive definite"),
        ("demand.market_elasticity, costs.decline, goods.growth", -0.6, "not positive definite"),
        ("demand.market_elasticity, costs.decline, goods.growth", [0.9, 0.9, -0.9], "not positive definite"),
        ("demand.market_elasticity, costs.decline, goods.growth", [0.9, 0.9], "make 3 pairs, but 2 ranks"),
        ("demand.market_elasticity, costs.decline", "high", "'high'"),
    ],
)
def test_what_cannot_go_together_is_refused_with_its_line(tmp_path, values, rank, words):
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"extends: base_2018\ntitle: Mine\nquestion: Which?\ncorrelated:\n  - {{values: [{values}], rank: {rank}}}\n"
    )
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(path)
    assert all("mine.yaml:5: correlated.0" in line for line in str(refused.value).splitlines())
    assert words in str(refused.value)


def test_a_number_is_in_one_group_at_most():
    groups = [{"values": [ELASTICITY, DECLINE], "rank": 0.5}, {"values": [DECLINE, EXTRA], "rank": 0.5}]
    with pytest.raises(sim.ScenarioError, match=r"correlated\.1\.values\.0: costs\.decline is in the group above too"):
        sim.load("base_2018", {"correlated": groups})


def listed(values, together=None):
    return {"choice": values} | ({"together": together} if together else {})


@pytest.mark.parametrize("lengths", quick([(3, 4), (3, 3), (5, 2), (3, 101), (7, 7)], (3, 4), (3, 3)))
def test_lists_are_independent_whatever_their_lengths(lengths):
    ours, theirs = ([1.2 + 0.005 * n for n in range(length)] for length in lengths)
    changes = {ELASTICITY: listed(ours), DECLINE: listed([value / 10 for value in theirs])}
    assert abs(stats.spearmanr(*drawn(sim.load("base_2018", changes), ELASTICITY, DECLINE)).statistic) < 0.03


def test_lists_with_the_same_word_take_the_same_place():
    changes = {ELASTICITY: listed([1.2, 1.5, 1.8], "study"), DECLINE: listed([0.15, 0.05, 0.12], "study")}
    changes[EXTRA] = listed([0.01, 0.02, 0.03], "other")
    first, second, third = drawn(sim.load("base_2018", changes), *changes)
    assert set(zip(first, second, strict=True)) == {(1.2, 0.15), (1.5, 0.05), (1.8, 0.12)}
    assert abs(stats.spearmanr(first, third).statistic) < 0.03


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {ELASTICITY: listed([1.2, 1.5], "s"), DECLINE: listed([0.1, 0.2, 0.3], "s")},
            r"costs\.decline: has 3 values and demand\.market_elasticity has 2, but both say `together: s`",
        ),
        ({ELASTICITY: {"sample": [1.2, 1.5]}}, r"lists go together by a word: \{choice: \[\.\.\.\], together: WORD\}"),
        ({ELASTICITY: {"normal": [1.6, 0.1], "together": "s"}}, "found a mapping with normal, together"),
        ({ELASTICITY: {"choice": [1.6, 2], "together": " "}}, "expected a word after `together`"),
        ({"capacity.lead_months": listed([12, 18], "s")}, "is drawn anew for each order"),
        (
            {
                ELASTICITY: listed([1.2, 1.5], "s"),
                "correlated": [{"values": [ELASTICITY, DECLINE], "rank": 0.5}],
            },
            "goes with the other lists of s already",
        ),
    ],
)
def test_lists_that_cannot_go_together_are_refused(changes, words):
    with pytest.raises(sim.ScenarioError, match=words):
        sim.load("base_2018", changes)
