"""Whatever is wrong, the user learns where, what, and what was expected: exit code 2, no traceback, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.runs.result_parts import PartsInMemory
from tests.conftest import COMPACT

REFUSED = 2
SMALL = {"months": 6, "demand.budget_shock_sd": 0.05, "demand.market_elasticity": {"uniform": [1.4, 1.8]}}
"""Half a year of the compact world in which draws differ."""


@pytest.fixture
def refused(capsys) -> Callable[..., str]:
    """Run a command that has to fail, and give what it says."""

    def run(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert ended.value.code == REFUSED
        assert "Traceback" not in said.err + said.out
        return said.err

    return run


@pytest.fixture
def mine(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file that changes the base scenario; its own text begins in line 3."""

    def written(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(f"extends: base_2018\ntitle: Mine\n{text}\n", encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "demand: {market_elasticty: 1.5}", ["demand.market_elasticty", "mean market_elasticity?"], id="unknown key"
        ),
        pytest.param("polices: {}", ["polices: unknown key", "mean policies?"], id="unknown part"),
        pytest.param(
            "vendors: {aws: {sales: {chine: {presence: absent}}}}", ["'chine'", "mean china?"], id="misspelt market"
        ),
        pytest.param("focus: {visitor: usa}", ["focus.visitor", "'usa'", "mean us?"], id="misspelt country"),
        pytest.param(
            "markets: {china: {segment_weights: {goverment: 0}}}",
            ["segment_weights.goverment", "mean government?"],
            id="segment that does not exist",
        ),
        pytest.param(
            "partners: {sinnet: {contracts: {amazon_aws: {share: 1, fee: 0}}}}",
            ["partners.sinnet.contracts.amazon_aws", "known: ", "aws"],
            id="vendor that does not exist",
        ),
        pytest.param("months: long", ["months", "a whole number", "'long'"], id="text for a number"),
        pytest.param("months: 120000", ["months", "1200 or less", "120000"], id="run of ten thousand years"),
        pytest.param("start: 1018-07-01", ["start", "1950-01-01 or more", "1018-07-01"], id="start in another age"),
        pytest.param("months: 7.5", ["months", "a whole number", "7.5"], id="fraction for a whole number"),
        pytest.param("vendors: {aws: {title: 5}}", ["vendors.aws.title", "text", "5"], id="number for text"),
        pytest.param("partners: {sinnet: {licence: no}}", ["licence", "true or false", "'no'"], id="word for a switch"),
        pytest.param("vendors: {aws: {reviews: china}}", ["reviews", "a list", "'china'"], id="word for a list"),
        pytest.param("markets: 5", ["markets", "a mapping", "5"], id="number for a mapping"),
        pytest.param(
            "policies: {mine: {kind: tariff, lists: [us_list_1], rate: 25}}",
            ["policies.mine.rate", "25% or 0.25", "2500%"],
            id="ambiguous tariff",
        ),
        pytest.param(
            "policies: {mine: {kind: tariff, lists: [us_list_1], rate: {2019-01-01: 10%, 2019-05-10: 25}}}",
            ["policies.mine.rate.2019-05-10", "25% or 0.25", "2500%"],
            id="ambiguous tariff on one date",
        ),
        pytest.param(
            "policies: {mine: {kind: tarrif, lists: [us_list_1], rate: 1%}}",
            ["policies.mine.kind", "'tarrif'", "mean tariff?"],
            id="unknown kind of policy",
        ),
        pytest.param(
            "policies: {mine: {kind: tariff, lists: [us_lst_1], rate: 1%}}",
            ["policies.mine.lists.0", "'us_lst_1'", "mean us_list_1?"],
            id="goods list that does not exist",
        ),
        pytest.param(
            "policies: {mine: {kind: uncertainty, level: 1, starts: 2041-01-01}}",
            ["policies.mine.starts", "2041-01-01", "after the end of the run"],
            id="date after the run",
        ),
        pytest.param(
            "policies: {mine: {kind: uncertainty, level: {1818-01-01: 1}}}",
            ["policies.mine.level.1818-01-01", "before the start"],
            id="date long before the run",
        ),
        pytest.param("start: 2018-02-30", ["2018-02-30 is no date"], id="impossible date"),
        pytest.param("start: yesterday", ["start", "a date such as 2018-07-01", "'yesterday'"], id="no date"),
        pytest.param(
            "markets: {china: {segment_weights: {government: 0.9}}}",
            ["markets.china.segment_weights", "must sum to 1"],
            id="shares that do not sum to one",
        ),
        pytest.param(
            "partners: {sinnet: {licence: false}}",
            ["partners.sinnet.licence", "needs `licence: true`"],
            id="partner without a licence",
        ),
        pytest.param(
            "partners: {sinnet: {contracts: {aws: {share: 40%}}}}",
            ["partners.nwcd.contracts.aws.share", "the shares of aws over its partners in china", "sum to 0.9"],
            id="partners that do not serve the whole vendor",
        ),
        pytest.param(
            "partners: {sinnet: {exclusive: true}}",
            ["partners.sinnet.exclusive", "aws sells through nwcd too"],
            id="one of two partners that demands to be the only one",
        ),
        pytest.param(
            "partners: {sinnet: {market: chnia}}", ["partners.sinnet.market", "mean china?"], id="partner nowhere"
        ),
        pytest.param("zones: {guiyang: {market: chnia}}", ["zones.guiyang.market", "mean china?"], id="zone nowhere"),
        pytest.param(
            "vendors: {google: {sales: {china: {share: 1%, presence: partner}}}}",
            ["vendors.google.sales.china.presence", "no partner has a contract with google in china"],
            id="sales through no partner",
        ),
        pytest.param(
            "demand: {channel_elasticity: 7}",
            ["demand.channel_elasticity", "must be above segments.enterprise.substitution_elasticity", "found 7"],
            id="channels as different as vendors",
        ),
        pytest.param(
            "segments: {enterprise: {substitution_elasticity: 8}}",
            ["demand.channel_elasticity", "must be above segments.enterprise.substitution_elasticity (8)"],
            id="vendors as alike as channels",
        ),
        pytest.param(
            "markets: {china: {open_shares: {us: {enterprise: 0}}}}",
            ["markets.china.open_shares.us.enterprise", "above 0 and below 1, found 0"],
            id="open share of nothing",
        ),
        pytest.param(
            "markets: {china: {open_shares: {us: {enterprise: 100%}}}}",
            ["markets.china.open_shares.us.enterprise", "above 0 and below 1, found 1"],
            id="open share of everything",
        ),
        pytest.param(
            "markets: {china: {open_shares: {us: {enterprise: 1%, multinational: 2%}}}}",
            ["markets.china.open_shares.us: come to", "no more than the", "sold through partners today"],
            id="open shares below those of today",
        ),
        pytest.param(
            "demand: {contract_churn: {normal: [0.02, -0.1]}}",
            ["demand.contract_churn", "standard deviation of 0 or more", "-0.1"],
            id="negative standard deviation",
        ),
        pytest.param(
            "demand: {contract_churn: {triangular: [0.3, 0.2, 0.1]}}",
            ["demand.contract_churn", "low <= mode <= high"],
            id="triangle the wrong way round",
        ),
        pytest.param(
            "demand: {contract_churn: {uniform: [0.1]}}", ["uniform takes a list [low, high]"], id="too few parameters"
        ),
        pytest.param(
            "demand: {contract_churn: {gamma: [1, 2]}}", ["normal, lognormal, uniform", "gamma"], id="no distribution"
        ),
        pytest.param(
            "goods: {pass_through: -0.5}", ["goods.pass_through", "-0.5 is outside 0 to 1"], id="number out of range"
        ),
        pytest.param(
            "demand: {contract_churn: {fact: switching.rate}}", ["there is no fact 'switching.rate'"], id="unknown fact"
        ),
        pytest.param("policies: {us_lst_1: null}", ["us_lst_1", "there is none"], id="removal of nothing"),
        pytest.param("policies:", ["nothing is written after `policies:`"], id="nothing after a key"),
        pytest.param("title: twice", ["title stands here a second time", "line 2"], id="key twice"),
        pytest.param("focus: !!python/name:os.system x", ["!!python/name:os.system"], id="Python tag"),
        pytest.param("focus: [1, 2", ["no valid YAML"], id="no YAML"),
    ],
)
def test_a_mistake_in_a_file_is_reported_with_its_line(mine, refused, text, words):
    said = refused("check", mine(text))
    line = next(line for line in said.splitlines() if all(word in line for word in words))
    assert "mine.yaml:" in line
    number = int(line.split("mine.yaml:")[1].split(":")[0])
    assert number in {3, 4}


def test_a_file_that_extends_itself_in_a_circle_shows_the_circle(refused, tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("title: x\nextends: a\n", encoding="utf-8")
    said = refused("check", tmp_path / "a.yaml")
    assert "b.yaml:2: " in said
    assert "a -> b -> a" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text in UTF-8"),
        (b"Just a letter.\n\nWith two lines.\n", "expected `key: value` lines"),
        (b"[" * 5000, "inside each other"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(refused, tmp_path, content, words):
    (tmp_path / "mine.yaml").write_bytes(content)
    said = refused("run", tmp_path / "mine.yaml", "--out", tmp_path / "out")
    assert "mine.yaml:1: " in said
    assert words in said
    assert not (tmp_path / "out").exists()


def test_a_yaml_bomb_is_refused_at_once(refused, tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "mine.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert "once its aliases are written out" in refused("check", tmp_path / "mine.yaml")


def test_a_missing_file_and_a_misspelt_name_are_told_apart(refused, tmp_path):
    assert "there is no such file" in refused("run", tmp_path / "none.yaml")
    assert "there is no such file; did you mean guiyang_pilot?" in refused("run", tmp_path / "guiyang_pilto.yaml")
    (tmp_path / "my_pilot.yaml").write_text("extends: guiyang_pilot\n", encoding="utf-8")
    assert f"did you mean {tmp_path / 'my_pilot.yaml'}" in refused("run", tmp_path / "my_pilto.yaml")
    assert "my_pilto" in refused("check", tmp_path / ("my_pilto" * 1000 + ".yaml"))
    assert "there is no scenario of that name; did you mean guiyang_pilot?" in refused("run", "guiyang_pilto")
    assert "is a folder" in refused("check", tmp_path / ".." / tmp_path.name)


def test_mistakes_of_all_files_come_together(mine, refused, tmp_path):
    (tmp_path / "other.yaml").write_text("extends: base_2018\nmnths: 12\n", encoding="utf-8")
    said = refused("run", mine("demnd: {}"), tmp_path / "other.yaml", "status_qou")
    assert "demnd" in said
    assert "mnths" in said
    assert "status_qou" in said


@pytest.mark.parametrize("draws", ["0", "-3", "many", "1.5"])
def test_impossible_draws_are_refused(refused, draws):
    said = refused("run", "status_quo", "--draws", draws)
    assert "--draws" in said


def test_a_negative_seed_is_refused(refused):
    assert "--seed" in refused("run", "status_quo", "--seed", "-1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("demand.market_elasticty=1.5", "did you mean market_elasticity?"),
        ("demand.market_elasticity", "expected PATH=VALUE"),
        ("demand.market_elasticity=", "expected PATH=VALUE"),
        ("demand.market_elasticity=large", "expected a number (elasticity), found 'large'"),
        ("demand.contract_churn=25", "25% or 0.25"),
        ("demand={", "no valid YAML"),
    ],
)
def test_a_mistake_in_a_changed_value_is_reported(refused, change, words):
    said = refused("run", "status_quo", "--set", change)
    assert said.startswith("--set demand")
    assert words in said


def test_an_output_folder_that_cannot_be_written_is_refused_before_the_run(refused, tmp_path):
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    assert "cannot be written" in refused("run", "status_quo", "--out", tmp_path / "file" / "results")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_a_folder_of_something_else_is_not_replaced(refused, tmp_path):
    precious = tmp_path / "results" / "status_quo" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("precious", encoding="utf-8")
    assert "is not replaced" in refused("run", "status_quo", "--out", tmp_path / "results")
    assert precious.read_text(encoding="utf-8") == "precious"


def test_two_scenarios_of_one_name_would_replace_each_other(mine, refused, tmp_path):
    path = mine("")
    copy = tmp_path / "copy" / "mine.yaml"
    copy.parent.mkdir()
    copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert "is called mine too" in refused("run", path, copy)


def test_a_result_that_is_none_is_refused(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "expected a result folder" in refused("compare", tmp_path / "none", tmp_path / "none")
    assert "no result folder" in refused("compare", tmp_path / "empty", tmp_path / "empty")
    assert "expected a result folder" in refused("verify", tmp_path / "none")


@pytest.mark.parametrize("option", ["--workers", "--batch", "--draws"])
def test_nothing_can_be_done_with_zero_of_what_does_it(refused, tmp_path, option):
    said = refused("run", "status_quo", option, "0", "--out", tmp_path / "out")
    assert option in said
    assert not (tmp_path / "out").exists()


def test_an_address_of_an_unknown_kind_is_refused_before_the_run(refused):
    assert "s4://bucket/status_quo: no such kind of address" in refused("run", "status_quo", "--out", "s4://bucket")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A small result folder, of which tests damage copies."""
    folder = tmp_path_factory.mktemp("whole") / "compact"
    sim.run(COMPACT, draws=2, set=SMALL, out=folder, charts=False, workers=1)
    return folder


@pytest.fixture
def kept(whole, tmp_path) -> Path:
    """A small result folder."""
    return shutil.copytree(whole, tmp_path / "kept" / "compact")


def cut_short(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-1])


def with_other_bytes(part: Path) -> None:
    """Turn a byte of the first column's values; what Parquet says of itself at the end of the file has no checksum."""
    content, place = part.read_bytes(), 40
    part.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])


@pytest.mark.parametrize("damage", [Path.unlink, cut_short, with_other_bytes])
@pytest.mark.parametrize("command", ["compare", "verify"])
def test_a_damaged_part_is_named_with_what_to_do(kept, refused, command, damage):
    (part,) = (kept / "kpis").iterdir()
    damage(part)
    said = refused(command, *([kept, kept] if command == "compare" else [kept]))
    assert f"{part}: " in said
    assert "missing" in said or "damaged" in said
    assert "run the scenario again" in said


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory) -> Callable[[int], Path]:
    """Result folders in parts of two draws, by the number of draws; tests damage copies and compare with these."""

    @cache
    def made(draws: int) -> Path:
        folder = tmp_path_factory.mktemp("undamaged") / "compact"
        run_in_parts(folder, draws)
        return folder

    return made


@pytest.fixture
def divided(undamaged, tmp_path) -> Path:
    """A small result folder in three parts."""
    return shutil.copytree(undamaged(6), tmp_path / "divided" / "compact")


def run_in_parts(folder: Path, draws: int = 6) -> sim.RunResult:
    return sim.run(COMPACT, draws=draws, set=SMALL, out=folder, charts=False, batch=2, workers=1)


def assert_like(folder: Path, undamaged: Path) -> None:
    repaired, fresh = sim.read(folder), sim.read(undamaged)
    assert repaired.manifest["content_hash"] == fresh.manifest["content_hash"]
    for table in fresh.tables:
        pd.testing.assert_frame_equal(repaired.tables[table], fresh.tables[table])


@pytest.mark.parametrize("case", [("kpis", 6), ("vendors", 8)], ids=str)
@pytest.mark.depth
def test_doing_what_the_message_says_repairs_a_damaged_part_and_computes_no_other(divided, undamaged, case):
    table, draws = case
    untouched, part, _ = sorted((divided / table).iterdir())
    same_file = untouched.stat().st_ino
    with_other_bytes(part)
    with pytest.raises(sim.ScenarioError, match=f"{part}: damaged.* delete this file and run the scenario again"):
        sim.read(divided).tables[table]
    part.unlink()
    run_in_parts(divided, draws)
    assert untouched.stat().st_ino == same_file
    assert_like(divided, undamaged(draws))


@pytest.mark.parametrize("case", [("kpis", 8), ("counts", 6), ("bands.parquet", 6), ("scenario.yaml", 6)], ids=str)
def test_a_run_makes_again_what_is_missing_in_its_finished_folder(divided, undamaged, case):
    name, draws = case
    path = divided / name
    (sorted(path.iterdir())[1] if path.is_dir() else path).unlink()
    run_in_parts(divided, draws)
    assert_like(divided, undamaged(draws))


@pytest.mark.parametrize("case", [("counts", with_other_bytes), ("kpis", cut_short), ("markets", with_other_bytes)])
@pytest.mark.depth
def test_more_draws_are_not_added_to_a_damaged_part(divided, undamaged, case):
    table, damage = case
    part = sorted((divided / table).iterdir())[1]
    damage(part)
    before = {path: path.read_bytes() for path in divided.rglob("*.parquet")}
    with pytest.raises(sim.ScenarioError, match=f"{part}: damaged.*; delete this file and run the same command again"):
        run_in_parts(divided, 8)
    assert {path: path.read_bytes() for path in divided.rglob("*.parquet")} == before
    part.unlink()
    run_in_parts(divided, 8)
    assert_like(divided, undamaged(8))


def test_a_damaged_table_that_nobody_asks_for_is_found_by_verify(kept, refused):
    (part,) = (kept / "markets").iterdir()
    with_other_bytes(part)
    assert f"{part}: damaged" in refused("verify", kept)


def test_a_result_of_another_layout_is_refused_with_the_remedy(kept, refused):
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    (kept / "manifest.json").write_text(json.dumps(manifest | {"format": 1}), encoding="utf-8")
    said = refused("compare", kept, kept)
    assert f"{kept / 'manifest.json'}: written by cloudtrade {sim.__version__} in layout 1" in said
    assert "run the scenario again" in said


@pytest.mark.parametrize("command", [["rnu"], ["run"], ["run", "status_quo", "--drwas", "5"], ["new"], ["show"]])
def test_a_command_that_is_none_is_refused(refused, command):
    assert "Usage: cloudtrade" in refused(*command)


def test_messages_go_to_the_error_stream_of_a_real_process(mine):
    done = subprocess.run(
        [sys.executable, "-m", "sim", "check", mine("demand: {market_elasticty: 1.5}")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "40"},
    )
    assert done.returncode == REFUSED
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "mine.yaml:3: demand.market_elasticty: unknown key; did you mean market_elasticity?" in done.stderr


def test_folders_that_do_not_belong_together_are_refused(refused, tmp_path):
    short, long = (
        sim.run(COMPACT, draws=2, set={"months": months}, workers=1).save(tmp_path / str(months), charts=False)
        for months in (6, 9)
    )
    said = refused("compare", short, long)
    assert "cannot be compared" in said
    assert "--set months=6" in said


def test_a_comparison_is_no_result_to_compare(refused, tmp_path):
    result = sim.run(COMPACT, draws=2, set=SMALL, workers=1)
    folder = result.save(tmp_path / "result", charts=False)
    comparison = sim.compare([result, result]).save(tmp_path / "comparison", charts=False)
    assert str(comparison) in refused("compare", folder, comparison)


def test_results_without_a_common_draw_are_refused(refused, tmp_path):
    result = sim.run(COMPACT, draws=4, set=SMALL, workers=1, batch=2, paths=0)
    folders = []
    for record in result.parts.records:
        parts = PartsInMemory([(record, {table: result.parts.frame(table, record) for table in record.files})])
        failed = [{"first": 2 - record.first, "last": 3 - record.first, "reason": "made up"}]
        half = replace(result, parts=parts, manifest=result.manifest | {"failed": failed})
        folders.append(half.save(tmp_path / str(record.first), charts=False))
    assert "no draw in common" in refused("compare", *folders)
