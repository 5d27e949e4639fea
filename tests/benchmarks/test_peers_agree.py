"""Peers in `benchmarks/` play the same model as `sim`, so that their times can be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import plain_simpy
from benchmarks.agreement import BY_MARKET, BY_SELLER, largest_differences
from benchmarks.same_part import play_part
from benchmarks.start import Start, starts
from sim.batch import run_batch
from sim.recorder import Paths
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.world.build import build_world
from sim.world.draws import Draws

FIXED = Path(plain_simpy.__file__).parent / "status_quo_fixed.yaml"
SEED = 7
DRAWS = range(3, 8)
AGREE = 1e-9


@pytest.fixture(scope="module")
def fixed() -> Scenario:
    return load(FIXED)


@pytest.fixture(scope="module")
def paths(fixed: Scenario) -> Paths:
    return run_batch(fixed, DRAWS, SEED)


@pytest.fixture(scope="module")
def begins(fixed: Scenario) -> list[Start]:
    return list(starts(fixed, SEED, DRAWS))


@pytest.mark.parametrize("d", range(len(DRAWS)))
def test_plain_simpy_comes_to_the_numbers_of_sim_in_every_quarter(paths: Paths, begins: list[Start], d: int) -> None:
    quarters = plain_simpy.play(begins[d])
    assert len(quarters) == begins[d].months // 3
    differences = largest_differences(paths, d, begins[d], quarters)
    assert set(differences) == {*BY_SELLER, *BY_MARKET}
    assert max(differences.values()) < AGREE, differences


def test_plain_simpy_leaves_nobody_out(paths: Paths, begins: list[Start]) -> None:
    for d, start in enumerate(begins):
        played = np.zeros(paths.vendors["revenue_bn"].shape[1:3], dtype=np.bool_)
        for m, market in enumerate(start.markets):
            played[market.vendors, m] = True
        for column in ("revenue_bn", "share", "capacity_units", "capex_bn"):
            assert not paths.vendors[column][:, ~played, d].any(), column


def test_a_slightly_different_number_is_noticed(paths: Paths, begins: list[Start]) -> None:
    other = replace(begins[0], headroom=begins[0].headroom * (1.0 + 1e-6))
    differences = largest_differences(paths, 0, other, plain_simpy.play(other))
    assert differences["capacity_units"] > AGREE
    assert differences["capex_bn"] > AGREE


def test_the_draws_compared_ration_scarce_capacity(begins: list[Start], monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = []
    ration = plain_simpy.ration

    def noticed(
        market: plain_simpy.Market, wanted: list[list[float]], load: list[float], limit: list[float]
    ) -> list[list[float]]:
        cuts.append(market)
        return ration(market, wanted, load, limit)

    monkeypatch.setattr(plain_simpy, "ration", noticed)
    plain_simpy.play(begins[0])
    assert cuts


def test_the_part_timed_by_itself_is_the_part_that_whole_batches_play(fixed: Scenario, paths: Paths) -> None:
    part = play_part(build_world(fixed, Draws(SEED, DRAWS)))
    for column in BY_SELLER:
        np.testing.assert_array_equal(part.vendors[column], paths.vendors[column])
    for column in BY_MARKET:
        np.testing.assert_array_equal(part.markets[column], paths.markets[column])


def test_a_start_does_not_depend_on_the_draws_beside_it(fixed: Scenario, begins: list[Start]) -> None:
    alone = next(starts(fixed, SEED, range(DRAWS[2], DRAWS[2] + 1)))
    assert alone == begins[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vendors.google.reviews": ["china"]}, "google"),
        ({"goods.activity_multiplier": 2}, "goods.activity_multiplier"),
        ({"pricing.short_run_share": 0.5}, "pricing.short_run_share"),
        ({"policies.trade_war_uncertainty.starts": "2019-01-01"}, "trade_war_uncertainty"),
    ],
)
def test_a_scenario_with_parts_that_peers_lack_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        next(starts(load(FIXED, change), SEED, range(1)))


def test_a_policy_that_peers_do_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="pilot_zone"):
        next(starts(load("guiyang_pilot"), SEED, range(1)))
