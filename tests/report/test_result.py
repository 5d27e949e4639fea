"""A result folder keeps a run whole: it is there finished or not at all, and damage is named."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.report import result as result_module
from sim.report.compare import compare
from sim.report.folder import check_place
from sim.report.result import COLUMNS, read

TABLES = ["kpis", "vendors", "countries", "markets", "events", "inputs"]


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def saved(result, tmp_path) -> Path:
    return result.save(tmp_path / "results" / "small", charts=False)


def test_a_read_result_equals_the_saved_one(result, saved):
    again = read(saved)
    assert again.scenario == result.scenario
    assert again.manifest == result.manifest
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(again, table), getattr(result, table))


def test_a_run_in_which_nothing_happens_reads_as_it_was(result, tmp_path):
    nothing = pd.Categorical([None] * result.draws, categories=[])
    events = result.events.iloc[:0].reset_index(drop=True)
    quiet = dataclasses.replace(result, kpis=result.kpis.assign(package_end_name=nothing), events=events)
    again = read(quiet.save(tmp_path / "quiet", charts=False))
    pd.testing.assert_frame_equal(again.kpis, quiet.kpis)
    assert again.events.empty
    assert again.events["event"].cat.categories.empty


def test_names_keep_the_order_of_the_scenario_through_a_folder(result, saved):
    again = read(saved)
    assert list(again.vendors["vendor"].cat.categories) == list(result.scenario.vendors)
    assert again.vendors["presence"].cat.categories[0] == "absent"


def test_a_result_knows_its_name_draws_and_seed(make_result):
    result = make_result(draws=3, seed=7, name="other")
    assert (result.name, result.draws, result.seed) == ("other", 3, 7)


def test_the_folder_holds_the_files_that_others_rely_on(result, tmp_path):
    folder = result.save(tmp_path / "small")
    held = files_in(folder)
    assert {"scenario.yaml", "manifest.json", "summary.csv", *(f"{table}.parquet" for table in TABLES)} < set(held)
    assert {"charts/shares.png", "charts/welfare.png"} < set(held)
    assert len(pd.read_csv(folder / "summary.csv")) == len(result.summary())


def test_words_take_little_room_in_the_files(make_result, tmp_path):
    folder = make_result(draws=200).save(tmp_path / "small", charts=False)
    vendors = pd.read_parquet(folder / "vendors.parquet")
    assert isinstance(vendors["vendor"].dtype, pd.CategoricalDtype)
    assert vendors.memory_usage(deep=True).sum() / len(vendors) < 80


def test_an_older_result_is_replaced(make_result, saved):
    newer = make_result(draws=4)
    newer.save(saved, charts=False)
    assert read(saved).draws == 4
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_a_failure_while_saving_leaves_the_old_result_and_nothing_else(make_result, saved, monkeypatch):
    before = files_in(saved)
    monkeypatch.setattr(result_module.RunResult, "summary", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_result(draws=4).save(saved, charts=False)
    assert files_in(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


KILLED_SAVE = """
import os, signal, sys
from sim.report import result
old = result.read(sys.argv[1])
result.summarise = lambda kpis: os.kill(os.getpid(), signal.SIGKILL)
old.save(sys.argv[1], charts=False)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_a_killed_save_leaves_the_old_result(saved):
    before = files_in(saved)
    done = subprocess.run([sys.executable, "-c", KILLED_SAVE, saved], check=False)
    assert done.returncode == -signal.SIGKILL
    assert files_in(saved) == before
    assert read(saved).draws == 20


def test_a_result_set_aside_by_a_save_killed_in_its_last_step_is_still_found(saved):
    before = read(saved)
    saved.rename(saved.parent / f".{saved.name}.abc.replaced")
    pd.testing.assert_frame_equal(read(saved).kpis, before.kpis)


def test_leftovers_of_killed_saves_are_cleared_away_after_a_day(make_result, saved):
    old, recent = (saved.parent / f".small.{age}.unfinished" for age in ("old", "recent"))
    old.mkdir()
    recent.mkdir()
    os.utime(old, (0, 0))
    make_result(draws=2).save(saved, charts=False)
    assert not old.exists()
    assert recent.exists()


def test_a_folder_with_other_files_is_not_replaced(result, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(ScenarioError, match="not replaced; choose another folder"):
        result.save(tmp_path, charts=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_is_filled(result, tmp_path):
    assert read(result.save(tmp_path, charts=False)).draws == result.draws


def test_a_result_does_not_replace_a_comparison_nor_the_other_way_round(result, make_result, tmp_path, saved):
    comparison = compare([result, make_result(shift=1)])
    folder = comparison.save(tmp_path / "comparison")
    with pytest.raises(ScenarioError, match="holds a comparison, not a result"):
        result.save(folder, charts=False)
    with pytest.raises(ScenarioError, match="holds a result, not a comparison"):
        comparison.save(saved)
    with pytest.raises(ScenarioError, match="is a comparison, expected a result"):
        read(folder)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_written_is_named(result, tmp_path, place):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"file.*choose another"):
        result.save(tmp_path / place, charts=False)


def test_a_place_can_be_checked_before_a_long_run(tmp_path, saved):
    check_place(saved)
    check_place(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ScenarioError, match="cannot be written"):
        check_place(tmp_path / "file" / "below")


def test_a_link_to_a_folder_stays_a_link(make_result, saved, tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(saved, target_is_directory=True)
    make_result(draws=4).save(link, charts=False)
    assert link.is_symlink()
    assert read(saved).draws == 4


def test_a_missing_folder_is_named_with_those_that_there_are(saved):
    with pytest.raises(ScenarioError, match=f"smal: there is no such folder.*{saved}"):
        read(saved.parent / "smal")


def test_a_folder_of_results_is_no_result_itself(saved):
    with pytest.raises(ScenarioError, match=f"no result folder.*{saved}"):
        read(saved.parent)


def test_a_file_is_no_result_folder(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ScenarioError, match="this is a file"):
        read(tmp_path / "file")


@pytest.mark.parametrize("manifest", ["", "{", "[]", "{}", '"words"'])
def test_a_damaged_manifest_is_named(saved, manifest):
    (saved / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"manifest\.json: damaged.*run the scenario again"):
        read(saved)


def test_another_version_of_the_layout_is_named(saved, result):
    manifest = result.manifest | {"format": 99, "versions": {"cloudtrade": "9.0"}}
    (saved / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"cloudtrade 9\.0 in layout 99.*reads layout 1"):
        read(saved)


@pytest.mark.parametrize("name", [*(f"{table}.parquet" for table in TABLES), "scenario.yaml"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ScenarioError, match=f"{name} missing"):
        read(saved)


@pytest.mark.parametrize("content", [b"", b"words", None])
def test_a_damaged_table_is_named(saved, content):
    path = saved / "vendors.parquet"
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    with pytest.raises(ScenarioError, match=r"vendors\.parquet: damaged.*run the scenario again"):
        read(saved)


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_without_its_columns_is_damaged(saved, table):
    pd.DataFrame({"something": [1]}).to_parquet(saved / f"{table}.parquet")
    with pytest.raises(ScenarioError, match=f"{table}.parquet: damaged, without the columns draw"):
        read(saved)


def test_a_table_with_too_few_draws_is_damaged(saved, result):
    result.kpis.iloc[:5].to_parquet(saved / "kpis.parquet")
    with pytest.raises(ScenarioError, match=r"5 draws where manifest\.json says 20"):
        read(saved)


def test_a_damaged_scenario_file_is_named(saved):
    (saved / "scenario.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"scenario\.yaml"):
        read(saved)


def test_a_copied_result_folder_reads_as_well(saved, tmp_path, result):
    copy = shutil.copytree(saved, tmp_path / "elsewhere" / "renamed")
    assert read(copy).name == result.name


@pytest.mark.parametrize("change", [{"seed": None}, {"seed": "one"}, {"draws": "many"}, {"versions": 3}])
def test_a_manifest_with_a_field_lost_or_of_another_type_is_damaged(saved, result, change):
    (saved / "manifest.json").write_text(json.dumps(result.manifest | change), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"manifest\.json: damaged.*run the scenario again"):
        read(saved)


def test_another_layout_whose_versions_make_no_sense_is_refused_all_the_same(saved):
    (saved / "manifest.json").write_text('{"format": 99, "versions": 3}', encoding="utf-8")
    with pytest.raises(ScenarioError, match="layout 99"):
        read(saved)


def test_words_in_place_of_numbers_are_damage(saved, result):
    kpi = result.kpis.columns[1]
    result.kpis.astype({kpi: str}).to_parquet(saved / "kpis.parquet")
    with pytest.raises(ScenarioError, match=f"kpis.parquet: damaged, no numbers in {kpi}"):
        read(saved)


def test_bytes_lost_in_the_middle_of_a_table_are_damage(saved):
    path = saved / "vendors.parquet"
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"vendors\.parquet: damaged"):
        read(saved)


def test_only_results_are_named_where_a_result_is_missing(saved, result, make_result):
    comparison = compare([result, make_result(name="other")]).save(saved.parent / "compared")
    with pytest.raises(ScenarioError) as refused:
        read(saved.parent / "smal")
    assert str(saved) in str(refused.value)
    assert str(comparison) not in str(refused.value)
