"""A result folder keeps a run whole: it is there finished or not at all, and damage is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.manifest import FORMAT, Mark, in_manifest
from sim.runs.parquet import from_parquet, to_parquet
from sim.runs.result_folder import check_place, put_in_place
from sim.runs.run_data import COLUMNS, WHOLE_TABLES
from sim.studies.compare.comparison import compare
from sim.studies.one_run import run_result
from sim.studies.one_run.run_result import read
from tests.forging import vouch
from tests.report.made_up import in_parts, put_together, with_tables

SIZE = 8
"""Draws in a part of the folder that most tests look at."""
FIRST, SECOND, LAST = "000000000-000000007", "000000008-000000015", "000000016-000000019"
"""Names of the parts into which 20 draws fall."""
REMEDY = "run the scenario again"
DELETE = f"delete this file and {REMEDY}"


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def forge(folder: Path, name: str, content: pd.DataFrame) -> None:
    """Put other content into a table or a part of one, and have the manifest say that this was written."""
    content.to_parquet(folder / f"{name}.parquet")
    vouch(folder)


@pytest.fixture(scope="module")
def original(result, tmp_path_factory) -> Path:
    return in_parts(result, SIZE).save(tmp_path_factory.mktemp("original") / "small", charts=False)


@pytest.fixture
def saved(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "results" / "small"))


def test_a_read_result_equals_the_saved_one(result, saved):
    again = read(saved)
    assert again.scenario == result.scenario
    assert {**again.manifest, **in_manifest(())} == {**result.manifest, **in_manifest(())}
    assert set(again.tables) == set(result.tables) == {*COLUMNS, *WHOLE_TABLES}
    for table in result.tables:
        pd.testing.assert_frame_equal(again.tables[table], result.tables[table])


def test_the_manifest_says_which_draws_each_part_holds_and_by_what_its_files_are_known(saved):
    for held, part in zip(read(saved).manifest["parts"], (FIRST, SECOND, LAST), strict=True):
        assert f"{held['first']:09d}-{held['last']:09d}" == part
        files = {table: saved / table / f"{part}.parquet" for table in COLUMNS}
        assert held["files"] == {table: asdict(Mark.of(path.read_bytes())) for table, path in files.items()}
        assert pd.read_parquet(files["kpis"])["draw"].tolist() == list(range(held["first"], held["last"] + 1))


@pytest.mark.parametrize("size", [1, 7, 20])
def test_how_a_result_is_divided_into_parts_does_not_show_in_its_tables(result, tmp_path, size):
    again = read(in_parts(result, size).save(tmp_path / "divided", charts=False))
    assert again.draws == result.draws
    for table in result.tables:
        pd.testing.assert_frame_equal(again.tables[table], result.tables[table])


def test_a_result_that_was_read_can_be_saved_elsewhere(result, saved, tmp_path):
    copy = read(read(saved).save(tmp_path / "copy", charts=False))
    assert copy.manifest == read(saved).manifest
    for table in result.tables:
        pd.testing.assert_frame_equal(copy.tables[table], result.tables[table])


@pytest.mark.depth
def test_an_address_that_is_no_path_does_as_well(result, make_result):
    address = in_parts(result, SIZE).save("memory://tests/small")
    again = read(address)
    for table in result.tables:
        pd.testing.assert_frame_equal(again.tables[table], result.tables[table])
    assert (Place.of(address) / "charts" / "shares.svg").size()
    make_result(draws=4).save(address, charts=False)
    assert read(address).draws == 4
    assert Place.of(address).parent.names() == ["small"]
    assert not (Place.of(address) / "charts").exists()


def test_only_what_is_asked_for_is_read(saved):
    for table in ("vendors", "channels", "countries", "markets", "events"):
        path = saved / table / f"{FIRST}.parquet"
        path.write_bytes(bytes(path.stat().st_size))
    again = read(saved)
    assert len(again.kpis) == 20
    assert len(again.summary())
    with pytest.raises(ScenarioError, match=f"markets/{FIRST}.parquet: damaged"):
        again.tables["markets"]


def test_paths_that_a_run_did_not_keep_are_named_when_asked_for(result, tmp_path):
    tables = {name: table for name, table in result.tables.items() if name != "vendors"}
    again = read(put_together(result.scenario, result.manifest, tables).save(tmp_path / "few", charts=False))
    assert len(again.kpis) == 20
    with pytest.raises(ScenarioError, match=r"this run kept no vendors.*--paths"):
        again.tables["vendors"]


def test_paths_of_the_first_draws_alone_are_those_of_the_parts_that_have_them(result, tmp_path):
    few = with_tables(result, markets=result.markets[result.markets["draw"] < 10])
    again = read(in_parts(few, 10).save(tmp_path / "few", charts=False))
    pd.testing.assert_frame_equal(again.markets, result.markets[result.markets["draw"] < 10])
    assert (again.draws, len(again.kpis)) == (20, 20)


def test_a_run_in_which_nothing_happens_reads_as_it_was(result, tmp_path):
    nothing = pd.Categorical([None] * result.draws, categories=[])
    events = result.events.iloc[:0].reset_index(drop=True)
    quiet = with_tables(result, kpis=result.kpis.assign(package_end_name=nothing), events=events)
    again = read(in_parts(quiet, SIZE).save(tmp_path / "quiet", charts=False))
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
    folder = in_parts(result, SIZE).save(tmp_path / "small")
    held = files_in(folder)
    assert {"scenario.yaml", "manifest.json", "summary.csv"} < set(held)
    assert {f"{table}/{part}.parquet" for table in COLUMNS for part in (FIRST, SECOND, LAST)} < set(held)
    assert {"bands.parquet", "frequencies.parquet", "inputs.parquet"} < set(held)
    assert {"charts/shares.svg", "charts/welfare.svg"} < set(held)
    assert len(pd.read_csv(folder / "summary.csv")) == len(result.summary())


def test_words_take_little_room_in_the_files(make_result, tmp_path):
    folder = make_result(draws=200).save(tmp_path / "small", charts=False)
    (vendors,) = (pd.read_parquet(path) for path in (folder / "vendors").iterdir())
    assert isinstance(vendors["vendor"].dtype, pd.CategoricalDtype)
    assert vendors.memory_usage(deep=True).sum() / len(vendors) < 80


def test_an_older_result_is_replaced(make_result, saved):
    newer = make_result(draws=4)
    newer.save(saved, charts=False)
    assert read(saved).draws == 4
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_a_failure_while_saving_leaves_the_old_result_and_nothing_else(make_result, saved, monkeypatch):
    before = files_in(saved)
    monkeypatch.setattr(run_result, "summarise", lambda kpis: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_result(draws=4).save(saved, charts=False)
    assert files_in(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


KILLED_SAVE = """
import os, signal, sys
from sim.studies.one_run import run_result
old = run_result.read(sys.argv[1])
run_result.summarise = lambda kpis: os.kill(os.getpid(), signal.SIGKILL)
old.save(sys.argv[1], charts=False)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
@pytest.mark.depth
def test_a_killed_save_leaves_the_old_result(saved):
    before = files_in(saved)
    done = subprocess.run([sys.executable, "-c", KILLED_SAVE, saved], check=False)
    assert done.returncode == -signal.SIGKILL
    assert files_in(saved) == before
    assert read(saved).draws == 20


def test_a_result_set_aside_by_a_save_killed_in_its_last_step_is_still_found(saved):
    before = read(saved).kpis
    saved.rename(saved.parent / f".{saved.name}.abc.replaced")
    pd.testing.assert_frame_equal(read(saved).kpis, before)


@pytest.mark.parametrize("table", ["vendors", "bands"])
def test_tables_of_a_result_that_was_replaced_meanwhile_are_not_mixed_with_those_of_the_new_one(
    make_result, saved, table
):
    before = read(saved)
    kpis = before.kpis
    in_parts(make_result(seed=2), SIZE).save(saved, charts=False, replace=True)
    with pytest.raises(ScenarioError, match=f"{saved}: replaced or moved since it was read; read it again"):
        before.tables[table]
    pd.testing.assert_frame_equal(before.kpis, kpis)
    pd.testing.assert_frame_equal(read(saved).tables[table], make_result(seed=2).tables[table])


def test_a_result_saved_over_itself_still_has_its_tables(saved, result):
    before = read(saved)
    before.save(saved, charts=False)
    pd.testing.assert_frame_equal(before.vendors, result.vendors)


def test_leftovers_of_killed_saves_are_cleared_away_after_a_day(make_result, saved):
    old, recent = (saved.parent / f".small.{age}.filling" for age in ("old", "recent"))
    old.mkdir()
    recent.mkdir()
    os.utime(old, (0, 0))
    make_result(draws=2).save(saved, charts=False)
    assert not old.exists()
    assert recent.exists()


def test_a_folder_replaces_the_old_one_although_a_killed_run_left_the_one_before_behind(saved, tmp_path):
    finished = Path(shutil.copytree(saved, tmp_path / "results" / "small.1234.unfinished"))
    left = tmp_path / "results" / ".small.1234.unfinished.replaced"
    (left / "kpis").mkdir(parents=True)
    (left / "kpis" / "part.parquet").write_bytes(b"of an older result")
    put_in_place(Place.of(finished), Place.of(saved))
    assert read(saved).draws == 20
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_a_folder_with_other_files_is_not_replaced(result, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(ScenarioError, match="not replaced; choose another folder"):
        result.save(tmp_path, charts=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_is_filled(result, tmp_path):
    assert read(result.save(tmp_path, charts=False)).draws == result.draws


def test_a_result_does_not_replace_a_comparison_nor_the_other_way_round(result, make_result, tmp_path, saved):
    comparison = compare([result, make_result(shift=1)])
    folder = comparison.save(tmp_path / "comparison", charts=False)
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
    with pytest.raises(ScenarioError, match="there is no such folder"):
        read(tmp_path / "file" / "below")


def test_an_empty_folder_is_no_result(saved):
    (saved.parent / "empty").mkdir()
    with pytest.raises(ScenarioError, match=f"empty: no result folder, manifest.json is missing.*{saved}"):
        read(saved.parent / "empty")


def test_a_run_that_is_not_finished_is_no_result_yet(saved):
    unfinished = saved.rename(saved.parent / "small.1234.unfinished")
    (unfinished / "manifest.json").unlink()
    with pytest.raises(ScenarioError, match="this run is not finished; run the same command again"):
        read(unfinished)


@pytest.mark.parametrize("manifest", ["", "{", "[]", "{}", '"words"'])
def test_a_damaged_manifest_is_named(saved, manifest):
    (saved / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"manifest\.json: damaged.*delete the folder and run the scenario again"):
        read(saved)


def test_another_version_of_the_layout_is_named(saved, result):
    change_manifest(saved, format=99, versions={"cloudtrade": "9.0"})
    with pytest.raises(
        ScenarioError, match=rf"cloudtrade 9\.0 in layout 99.*reads layout {FORMAT}.*run the scenario again"
    ):
        read(saved)


def test_a_folder_of_the_first_layout_is_named_and_may_be_replaced(saved, result):
    manifest = {name: result.manifest[name] for name in ("scenario", "seed", "draws", "versions")}
    shutil.rmtree(saved)
    saved.mkdir()
    (saved / "manifest.json").write_text(json.dumps({"format": 1} | manifest), encoding="utf-8")
    result.kpis.to_parquet(saved / "kpis.parquet")
    with pytest.raises(ScenarioError, match=rf"cloudtrade 0\.1\.0 in layout 1.*reads layout {FORMAT}"):
        read(saved)
    result.save(saved, charts=False)
    assert read(saved).draws == 20
    assert not (saved / "kpis.parquet").exists()


@pytest.mark.parametrize("name", [*(f"{table}.parquet" for table in WHOLE_TABLES), "scenario.yaml"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ScenarioError, match=f"{name} missing; {REMEDY}"):
        read(saved)


@pytest.mark.parametrize("table", COLUMNS)
def test_a_missing_part_is_named(saved, table):
    (saved / table / f"{SECOND}.parquet").unlink()
    with pytest.raises(ScenarioError, match=f"{table}/{SECOND}.parquet: missing; {REMEDY}"):
        read(saved)


@pytest.mark.parametrize("content", [b"", b"words", None])
def test_a_part_of_another_size_is_named(saved, content):
    path = saved / "vendors" / f"{LAST}.parquet"
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    with pytest.raises(ScenarioError, match=rf"vendors/{LAST}\.parquet: damaged, .* bytes where .* {DELETE}"):
        read(saved)


@pytest.mark.parametrize("table", WHOLE_TABLES)
@pytest.mark.parametrize("content", [b"", b"words", None])
def test_a_damaged_table_is_named(saved, table, content):
    path = saved / f"{table}.parquet"
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    with pytest.raises(ScenarioError, match=rf"{table}\.parquet: damaged.*{DELETE}"):
        read(saved).tables[table]


@pytest.mark.parametrize("table", COLUMNS)
def test_a_part_without_its_columns_is_damaged(saved, table):
    forge(saved, f"{table}/{SECOND}", pd.DataFrame({"something": [1]}))
    with pytest.raises(ScenarioError, match=f"{table}/{SECOND}.parquet: damaged, without the columns draw"):
        read(saved).tables[table]


@pytest.mark.parametrize("table", WHOLE_TABLES)
def test_a_table_without_its_columns_is_damaged(saved, table):
    forge(saved, table, pd.DataFrame({"something": [1]}))
    with pytest.raises(ScenarioError, match=f"{table}.parquet: damaged, without the columns {WHOLE_TABLES[table][0]}"):
        read(saved).tables[table]


@pytest.mark.parametrize("draws", [range(8, 13), range(9, 17), [8, 9, 10, 11, 12, 13, 14, 14]])
def test_a_part_with_other_draws_than_its_own_is_damaged(saved, result, draws):
    forge(saved, f"kpis/{SECOND}", result.kpis.set_index("draw").loc[list(draws)].reset_index())
    with pytest.raises(ScenarioError, match=rf"kpis/{SECOND}\.parquet: damaged, .* from 8 to 15; {DELETE}"):
        read(saved).tables["kpis"]


def test_parts_that_do_not_make_up_all_draws_are_damage(saved, result):
    change_manifest(saved, parts=read(saved).manifest["parts"][:2])
    with pytest.raises(ScenarioError, match=r"manifest\.json: damaged, parts with 16 draws where 20 should be"):
        read(saved)


def test_draws_that_failed_are_not_missed(saved):
    failed = [{"first": 16, "last": 19, "reason": "no memory"}]
    change_manifest(saved, parts=read(saved).manifest["parts"][:2], failed=failed)
    again = read(saved)
    assert (again.draws, len(again.kpis), again.failed) == (16, 16, failed)


def test_a_damaged_scenario_file_is_named(saved):
    (saved / "scenario.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=rf"{saved}/scenario\.yaml: damaged, not the bytes .*; {DELETE}"):
        read(saved)
    vouch(saved)
    with pytest.raises(ScenarioError, match=rf"{saved}/scenario\.yaml: damaged \(scenario\.yaml:2: .*\); {DELETE}"):
        read(saved)


def test_a_copied_result_folder_reads_as_well(saved, tmp_path, result):
    copy = shutil.copytree(saved, tmp_path / "elsewhere" / "renamed")
    assert read(copy).name == result.name


@pytest.mark.parametrize(
    "change",
    [
        {"seed": None}, {"seed": "one"}, {"draws": "many"}, {"versions": 3}, {"parts": None}, {"parts": {}},
        {"parts": [3]}, {"parts": [{}]}, {"parts": [{"first": 0, "last": 19, "files": [1], "seconds": 0}]},
        {"parts": [{"first": 0, "last": "many", "files": {}, "seconds": 0}]}, {"inputs": None}, {"failed": [3]},
    ],
)  # fmt: skip
def test_a_manifest_with_a_field_lost_or_of_another_type_is_damaged(saved, change):
    change_manifest(saved, **change)
    with pytest.raises(ScenarioError, match=r"manifest\.json: damaged.*delete the folder and run the scenario again"):
        read(saved)


def test_another_layout_whose_versions_make_no_sense_is_refused_all_the_same(saved):
    (saved / "manifest.json").write_text('{"format": 99, "versions": 3}', encoding="utf-8")
    with pytest.raises(ScenarioError, match="layout 99"):
        read(saved)


def test_words_in_place_of_numbers_are_damage(saved, result):
    kpi = result.kpis.columns[1]
    forge(saved, f"kpis/{FIRST}", result.kpis.iloc[:SIZE].astype({kpi: str}))
    with pytest.raises(ScenarioError, match=f"kpis/{FIRST}.parquet: damaged, no numbers in {kpi}"):
        read(saved).tables["kpis"]


@pytest.mark.parametrize("name", [f"vendors/{SECOND}.parquet", f"kpis/{FIRST}.parquet", "bands.parquet"])
def test_bytes_lost_in_the_middle_of_a_table_are_damage(saved, name):
    path = saved / name
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=rf"{name}: damaged.*{DELETE}"):
        read(saved).tables[name.removesuffix(".parquet").split("/")[0]]


def test_whichever_byte_is_lost_nothing_but_damage_is_reported_and_no_number_changes(tmp_path):
    place = Place.of(tmp_path / "table.parquet")
    words = pd.Categorical(["a", "b", None, "b"])
    table = pd.DataFrame({"draw": np.arange(4), "x_cum_bn": [0.5, -1.0, np.nan, 2.0], "word": words, "more": "text"})
    content = to_parquet(table.assign(date=pd.Timestamp(2018, 7, 1)))
    for lost in range(0, len(content), 3):
        place.write(content[:lost] + bytes([content[lost] ^ 0xFF]) + content[lost + 1 :])
        found, refusal = read_or_refused(place, ("draw", "x_cum_bn"))
        if found is None:
            assert refusal.startswith(f"{place}: damaged")
        else:
            np.testing.assert_array_equal(found[["draw", "x_cum_bn"]], table[["draw", "x_cum_bn"]])


def read_or_refused(place: Place, columns: tuple[str, ...]) -> tuple[pd.DataFrame | None, str]:
    try:
        return from_parquet(place, REMEDY, columns), ""
    except ScenarioError as refusal:
        return None, str(refusal)


def test_only_results_are_named_where_a_result_is_missing(saved, result, make_result):
    comparison = compare([result, make_result(name="other")]).save(saved.parent / "compared", charts=False)
    with pytest.raises(ScenarioError) as refused:
        read(saved.parent / "smal")
    assert str(saved) in str(refused.value)
    assert str(comparison) not in str(refused.value)
