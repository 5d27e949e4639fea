"""The compiled bound plays the same model as `sim` and plain SimPy, in both of its shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numba import njit

from benchmarks import plain_simpy
from benchmarks.agreement import column_differences, columns_of
from benchmarks.compiled_bound import run
from benchmarks.compiled_state import columns, laid_out
from benchmarks.equations import BY_MARKET, BY_SELLER
from benchmarks.lanes import WIDTH, exp, load, log, store
from benchmarks.start import Start, starts
from benchmarks.tasks import FIXED, ONE_CHANNEL
from sim.model.batch import run_batch
from sim.model.recorder import Paths
from sim.scenario.loading import load as load_scenario

SEED = 7
DRAWS = range(3, 3 + WIDTH + 3)
"""One full block, and one that is not."""
AGREE = 1e-9
SHAPES = pytest.mark.parametrize("lanes", [None, WIDTH], ids=["one draw at a time", "blocks of draws"])


@dataclass(frozen=True)
class Case:
    """One scenario played by `sim`, and where the bound starts."""

    paths: Paths
    begins: list[Start]


TIGHT = {"capacity.headroom": 0, "capacity.retirement": 0.6}
"""Servers fail much faster than was foreseen, and nobody plans with a margin."""


@pytest.fixture(scope="module", params=[{}, TIGHT], ids=["as it is", "tight capacity"])
def case(request: pytest.FixtureRequest) -> Case:
    scenario = load_scenario(FIXED, ONE_CHANNEL | request.param)
    return Case(run_batch(scenario, DRAWS, SEED), list(starts(scenario, SEED, DRAWS)))


def played(begins: list[Start], lanes: int | None) -> list[dict[str, np.ndarray]]:
    """Columns of each draw."""
    seen = run(laid_out(begins, lanes))
    return [columns(seen, lanes, d) for d in range(len(begins))]


@SHAPES
def test_the_bound_comes_to_the_numbers_of_sim_in_every_quarter(case: Case, lanes: int | None) -> None:
    for d, seen in enumerate(played(case.begins, lanes)):
        differences = column_differences(case.paths, d, case.begins[d], seen)
        assert set(differences) == {*BY_SELLER, *BY_MARKET}
        assert max(differences.values()) < AGREE, (d, differences)


@SHAPES
def test_the_bound_comes_to_the_numbers_of_plain_simpy(case: Case, lanes: int | None) -> None:
    plain = columns_of(plain_simpy.play(case.begins[-1]))
    for name, column in played(case.begins, lanes)[-1].items():
        largest = plain["total_bn"].max() if name == "unmet_bn" else 0.0
        np.testing.assert_allclose(column, plain[name], rtol=AGREE, atol=AGREE * largest, err_msg=name)


def test_capacity_is_scarce_in_every_market_and_draw_where_it_is_meant_to_be() -> None:
    paths = run_batch(load_scenario(FIXED, ONE_CHANNEL | TIGHT), DRAWS, SEED)
    unmet_share = paths.markets["unmet_bn"].sum(axis=0) / paths.markets["total_bn"].sum(axis=0)
    assert unmet_share.min() > 0.01


@SHAPES
def test_a_slightly_different_number_is_noticed(case: Case, lanes: int | None) -> None:
    others = [replace(start, retirement=start.retirement * (1.0 + 1e-6)) for start in case.begins]
    differences = column_differences(case.paths, 0, others[0], played(others, lanes)[0])
    assert differences["capacity_units"] > AGREE


def test_a_draw_in_a_block_does_not_depend_on_those_beside_it(case: Case) -> None:
    together, alone = played(case.begins, WIDTH)[4], played(case.begins[4:5], WIDTH)[0]
    for name, column in together.items():
        np.testing.assert_allclose(column, alone[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_draws_with_different_sellers_are_refused(case: Case) -> None:
    first = case.begins[0]
    fewer = [replace(first.markets[0], sellers=first.markets[0].sellers[:-1]), *first.markets[1:]]
    with pytest.raises(ValueError, match="same sellers"):
        laid_out([first, replace(first, markets=fewer)])


def test_vendors_with_several_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="one channel"):
        laid_out(list(starts(load_scenario(FIXED), SEED, range(1))))


@njit
def fill(numbers: np.ndarray, exponentials: np.ndarray, logarithms: np.ndarray) -> None:
    for row in range(numbers.shape[0]):
        store(exp(load(numbers, row)), exponentials, row)
        store(log(load(exponentials, row)), logarithms, row)


@pytest.mark.parametrize("shape", [(125 * WIDTH,), (125, WIDTH)], ids=["one by one", "side by side"])
def test_exponentials_and_logarithms_are_good_to_the_last_bits(shape: tuple[int, ...]) -> None:
    numbers = np.linspace(-300.0, 300.0, 125 * WIDTH).reshape(shape)
    exponentials, logarithms = np.empty(shape), np.empty(shape)
    fill(numbers, exponentials, logarithms)
    np.testing.assert_allclose(exponentials, np.exp(numbers), rtol=1e-13)
    np.testing.assert_allclose(logarithms, np.log(exponentials), rtol=1e-15, atol=1e-15)
