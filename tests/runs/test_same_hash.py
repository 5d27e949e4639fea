"""Whoever computes the draws, in whatever batches and wherever they are kept: the same hash, and the same bits."""

from __future__ import annotations

import pytest

import sim
from tests.depth import quick
from tests.runs.conftest import PATHS, RESTLESS

DRAWS = 300
FEW_DRAWS = 12


def test_the_scenario_has_draws_that_differ_in_numbers_and_events(undisturbed):
    """The tests of this folder would prove little about draws that are all alike."""
    result = undisturbed(DRAWS)
    assert result.kpis["us_vendors_revenue_in_china_cum_bn"].nunique() == DRAWS
    assert result.events.groupby("draw").size().nunique() > 2
    assert result.inputs["demand.market_elasticity"].nunique() == DRAWS
    assert result.vendors["draw"].nunique() == PATHS


def test_another_seed_or_another_number_of_draws_has_another_hash(restless, undisturbed):
    hashes = {undisturbed(draws).manifest["content_hash"] for draws in (DRAWS, DRAWS - 1, DRAWS + 1)}
    hashes.add(sim.run(restless, draws=DRAWS, seed=2, paths=PATHS, workers=1).manifest["content_hash"])
    assert len(hashes) == 4


@pytest.mark.parametrize("workers", quick((1, 2, 3), 2))
@pytest.mark.parametrize("batch", [64, None])
def test_the_number_of_workers_changes_no_bit(workers, batch, restless, undisturbed, assert_same):
    result = sim.run(restless, draws=DRAWS, paths=PATHS, workers=workers, batch=batch)
    assert_same(result, undisturbed(DRAWS))


@pytest.mark.parametrize(
    ("batch", "draws", "workers"),
    [(1, FEW_DRAWS, 1), (7, FEW_DRAWS, 2), (37, DRAWS, 2), (128, DRAWS, 1), (1000, DRAWS, 2)],
)
@pytest.mark.depth
def test_the_size_of_batches_changes_no_bit(batch, draws, workers, restless, undisturbed, assert_same):
    result = sim.run(restless, draws=draws, paths=PATHS, workers=workers, batch=batch)
    assert len(result.parts.records) == -(-draws // batch)
    assert_same(result, undisturbed(draws))


@pytest.mark.parametrize("setting", [{"pricing.adjustment_share": 0.5}, {"costs.experience_exponent": 1}])
@pytest.mark.depth
def test_round_exponents_change_no_bit_of_a_lone_draw(setting, compact, assert_same):
    how = {"draws": FEW_DRAWS, "set": RESTLESS | setting, "workers": 1}
    assert_same(sim.run(compact(), batch=1, **how), sim.run(compact(), **how))


def test_paths_that_end_within_a_batch_change_no_bit_of_the_others(restless, undisturbed):
    few, all_paths = undisturbed(DRAWS, 10), undisturbed(DRAWS, DRAWS)
    for table in ("kpis", "events", "inputs", "bands", "frequencies"):
        assert few.tables[table].equals(all_paths.tables[table]), table
    kept = all_paths.vendors[all_paths.vendors["draw"] < 10]
    assert few.vendors.equals(kept.reset_index(drop=True))


@pytest.mark.parametrize("address", ["{tmp_path}/result", "memory://same_hash/result"])
@pytest.mark.depth
def test_a_result_that_is_kept_has_the_bits_of_one_in_memory(address, restless, undisturbed, assert_same, tmp_path):
    place = address.format(tmp_path=tmp_path)
    given = sim.run(restless, draws=DRAWS, paths=PATHS, workers=2, batch=64, out=place, charts=False)
    for result in (given, sim.read(place)):
        assert_same(result, undisturbed(DRAWS))
    assert given.scenario == sim.read(place).scenario


def test_a_result_saved_from_memory_has_the_same_bits(undisturbed, assert_same, tmp_path):
    undisturbed(DRAWS).save(tmp_path / "saved", charts=False)
    assert_same(sim.read(tmp_path / "saved"), undisturbed(DRAWS))


@pytest.mark.parametrize("hash_seed", quick(("0", "4242"), "4242"))
@pytest.mark.depth
def test_the_order_of_python_sets_changes_no_bit(hash_seed, commands, undisturbed, assert_same):
    more = ("--paths", str(PATHS), "--workers", "2", "--batch", "64")
    done = commands.run(DRAWS, *more, env={"PYTHONHASHSEED": hash_seed})
    assert done.returncode == 0, done.stderr
    assert_same(commands.result, undisturbed(DRAWS))


def test_settings_given_with_the_run_are_those_of_the_file(compact, undisturbed, assert_same):
    assert_same(sim.run(compact(), draws=40, set=RESTLESS, paths=PATHS, workers=1), undisturbed(40))
