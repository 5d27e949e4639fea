"""A kept result can be checked: what was altered is noticed, and what was not agrees."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.model.batch import run_batch
from sim.model.luck import Luck
from sim.runs.fingerprints import BY_DRAW, digests_table
from sim.runs.run_many import Job, Result, run_one
from sim.runs.run_plan import How
from sim.runs.verify import sample_of, verify
from tests.forging import vouch
from tests.runs.conftest import PATHS

DRAWS = 150
ALTERED = 70


@pytest.fixture(scope="module")
def kept(restless, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "restless"
    sim.run(restless, DRAWS, paths=PATHS, workers=1, batch=64, out=folder, charts=False)
    return folder


@pytest.fixture
def folder(kept, tmp_path) -> Path:
    """A copy that may be altered."""
    return Path(shutil.copytree(kept, tmp_path / "restless"))


@pytest.fixture
def verified(capsys) -> Callable[..., tuple[int, str]]:
    """Exit code of the command, and what it says."""

    def run(folder: Path, sample: int = 8) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["verify", str(folder), "--sample", str(sample)])
        return ended.value.code, capsys.readouterr().out

    return run


def alter(folder: Path, file: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write a table with a change in it, and have the manifest say that this was written."""
    [path] = folder.glob(file)
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    vouch(folder)


def one_bit_more(column: str, draw: int = ALTERED) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Change one number by its last bit."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        row = table.index[table["draw"] == draw][0]
        table.loc[row, column] = np.nextafter(table.loc[row, column], np.inf)
        return table

    return change


@pytest.mark.parametrize("sample", [1, 8, DRAWS, 10 * DRAWS])
def test_a_result_that_nobody_touched_agrees(kept, verified, sample):
    code, said = verified(kept, sample)
    assert code == 0
    assert f"restless: {min(sample, DRAWS)} of {DRAWS} draws run again, all with the same bits" in said
    assert sim.read(kept).manifest["content_hash"] in said


@pytest.mark.parametrize("address", [None, "memory://verify/result"])
def test_a_result_in_memory_or_at_an_address_agrees_too(address, restless):
    result = sim.run(restless, 40, paths=PATHS, workers=1, out=address, charts=False)
    assert verify(result, 5).agrees


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("kpis/*064-*.parquet", "us_vendors_in_china_end_share"),
        ("vendors/*064-*.parquet", "price"),
        ("markets/*064-*.parquet", "price_index"),
        ("countries/*064-*.parquet", "exports_bn"),
    ],
)
def test_one_bit_of_one_number_is_noticed_and_the_draw_is_named(file, column, folder, verified):
    """Whether its draw is in the sample or not."""
    alter(folder, file, one_bit_more(column))
    code, said = verified(folder, 1)
    assert code == 1
    assert f"the tables of draw {ALTERED} are not those that were written" in said


def test_an_altered_event_is_noticed_and_the_draw_is_named(folder, verified):
    def later(events: pd.DataFrame) -> pd.DataFrame:
        row = events.index[events["draw"] == ALTERED][0]
        events.loc[row, "date"] += pd.Timedelta(days=31)
        return events

    alter(folder, "events/*064-*.parquet", later)
    code, said = verified(folder, 1)
    assert code == 1
    assert f"draw {ALTERED}" in said


def test_an_event_that_was_taken_away_is_noticed(folder, verified):
    alter(folder, "events/*064-*.parquet", lambda events: events[events["draw"] != ALTERED])
    code, said = verified(folder, 1)
    assert code == 1
    assert f"draw {ALTERED}" in said


def test_a_scenario_that_was_altered_is_noticed(folder, verified):
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    assert text.count("contract_churn: 0.3\n") == 1
    (folder / "scenario.yaml").write_text(text.replace("contract_churn: 0.3\n", "contract_churn: 0.31\n"), "utf-8")
    vouch(folder)
    code, said = verified(folder)
    assert code == 1
    assert "scenario.yaml is not the scenario that was run" in said
    assert "came out with other bits" in said


def test_fingerprints_altered_along_with_a_table_are_noticed(folder, verified):
    """By the hash of all draws in the manifest, even where the altered draw is not run again."""
    assert ALTERED not in next(sample_of(sim.read(folder), 1))
    alter(folder, "kpis/*064-*.parquet", one_bit_more("us_vendors_in_china_end_share"))
    result = sim.read(folder)
    record = result.parts.records[1]
    digests = digests_table({name: result.parts.frame(name, record) for name in BY_DRAW})
    alter(folder, "digests/*064-*.parquet", lambda _: digests)
    code, said = verified(folder, 1)
    assert code == 1
    assert "content hash" in said


@pytest.mark.parametrize("file", ["bands.parquet", "frequencies.parquet", "inputs.parquet"])
def test_an_altered_table_over_all_draws_is_noticed(file, folder, verified):
    def changed(table: pd.DataFrame) -> pd.DataFrame:
        column = next(name for name in table if table[name].dtype == np.float64)
        table.loc[3, column] = np.nextafter(table.loc[3, column], np.inf)
        return table

    alter(folder, file, changed)
    code, said = verified(folder, 1)
    assert code == 1
    assert file in said


def test_another_program_is_named_where_bits_differ(folder, verified, monkeypatch):
    alter(folder, "digests/*064-*.parquet", lambda table: table.assign(digest="0" * 32))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["key"]["program"]["numpy"] = "0.0.1"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    code, said = verified(folder, DRAWS)
    assert code == 1
    assert "numpy" in said
    assert "0.0.1" in said


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 50, DRAWS - 1, DRAWS, DRAWS + 1, 10_000])
def test_a_sample_has_the_size_asked_for_and_lies_within_the_draws(size, kept):
    drawn = [draw for stretch in sample_of(sim.read(kept), size) for draw in stretch]
    assert len(drawn) == len(set(drawn)) == min(size, DRAWS)
    assert set(drawn) <= set(range(DRAWS))


def test_a_sample_of_the_same_result_is_always_the_same(kept, undisturbed):
    one, again = (list(sample_of(sim.read(kept), 20)) for _ in range(2))
    assert one == again == list(sample_of(undisturbed(DRAWS), 20))


def test_a_sample_leaves_out_draws_that_failed(restless, monkeypatch):
    def failing(scenario, draws, *rest, **how):
        if draws.start == 32:
            raise FloatingPointError
        return run_batch(scenario, draws, *rest, **how)

    with monkeypatch.context() as patched:
        patched.setattr("sim.runs.batch_task.run_batch", failing)
        result = sim.run(restless, 64, paths=0, workers=1, batch=16)
    drawn = {draw for stretch in sample_of(result, 64) for draw in stretch}
    assert drawn == {*range(32), *range(48, 64)}
    assert verify(result, 64).agrees


DESIGN = {"demand.market_elasticity": np.linspace(0.1, 0.9, 16)[np.newaxis]}


@pytest.mark.parametrize(
    ("luck", "said"),
    [
        (Luck(1, exchanged={"presence": 5}), "16 of 16 draws run again, all with the same bits"),
        (Luck(1, design=DESIGN), "no draw can be run again: its uniforms come from a design"),
    ],
)
def test_a_run_with_other_luck_than_one_seed_is_run_again_where_the_manifest_keeps_it_and_else_says_so(
    luck, said, restless, verified, tmp_path
):
    wanted = Result(tmp_path / "result", paths=PATHS)
    run_one(Job(restless, range(16), luck, wanted), How(workers=1))
    code, words = verified(tmp_path / "result", 16)
    assert (code, said in words) == (0, True), words
