"""Tables of the world's trade of one's own: read beside the file, carried along, refused with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import sim.facts
from sim.errors import ScenarioError
from sim.model.start.world_economy import world_economy
from sim.runs.fingerprints import scenario_hash
from sim.scenario.loading import changed, dump, load
from tests.commanding import ended

WORLD_2018 = Path(sim.facts.__file__).parent / "world_2018"
MINE = "extends: status_quo\ntitle: Mine\nquestion: Mine\ngoods: {world: {data: ./my_world}}\n"
SOLD = "us,china,157.6", "us,china,200"


@pytest.fixture
def mine(tmp_path):
    """A scenario beside a copy of the tables of 2018, some text of which may be replaced."""

    def written(table: str = "trade", old: str = "", new: str = "") -> Path:
        folder = tmp_path / "a" / "my_world"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(WORLD_2018, folder)
        text = (folder / f"{table}.csv").read_text(encoding="utf-8")
        assert old in text
        (folder / f"{table}.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
        (folder.parent / "mine.yaml").write_text(MINE, encoding="utf-8")
        return folder.parent / "mine.yaml"

    return written


def test_the_same_tables_give_the_same_world(mine):
    ours, theirs = world_economy(load(mine()).goods), world_economy(load("status_quo").goods)
    assert ours.regions == theirs.regions
    assert (ours.inputs == theirs.inputs).all()


def test_what_stands_in_the_tables_is_in_the_world_and_in_the_hash(mine):
    before = load(mine())
    after = load(mine("trade", *SOLD))
    assert after.goods.world.trade_tables != before.goods.world.trade_tables
    assert scenario_hash(after) != scenario_hash(before)
    assert not (world_economy(after.goods).inputs == world_economy(before.goods).inputs).all()


def test_a_scenario_carries_its_tables_along(mine, tmp_path):
    file = mine("trade", *SOLD)
    scenario = load(file)
    shutil.rmtree(file.parent / "my_world")
    copy = tmp_path / "mine.yaml"
    copy.write_text(dump(scenario), encoding="utf-8")
    assert load(copy) == scenario
    assert changed(scenario, {"months": 60}).goods == scenario.goods
    assert changed(scenario, {"goods.world.data": "world_2018"}).goods == load("status_quo").goods


def test_one_that_extends_it_reads_the_folder_of_its_parent(mine, tmp_path):
    mine("trade", *SOLD)
    child = tmp_path / "child.yaml"
    child.write_text("extends: ./a/mine.yaml\ntitle: Child\nquestion: Child\n", encoding="utf-8")
    assert load(child).goods == load(tmp_path / "a" / "mine.yaml").goods


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        (
            "trade",
            "us,taiwan",
            "us,taiwn",
            "my_world/trade.csv:5: there is no destination 'taiwn'; did you mean taiwan",
        ),
        ("trade", SOLD[0], "us,china,much", "my_world/trade.csv:2: 'much' is no number"),
        ("regions", "gdp_usd_bn", "gdp", "my_world/regions.csv:1: lacks the column gdp_usd_bn"),
        ("regions", "us,US", "usa,US", "there is no region 'us'"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_with_its_line(mine, table, old, new, words):
    with pytest.raises(ScenarioError) as refused:
        load(mine(table, old, new))
    assert words in str(refused.value)


def test_a_folder_without_the_tables_is_refused(mine):
    file = mine()
    (file.parent / "my_world" / "trade.csv").unlink()
    with pytest.raises(ScenarioError, match=r"mine.yaml:4: goods.world.data: .*my_world has no trade.csv"):
        load(file)
    shutil.rmtree(file.parent / "my_world")
    with pytest.raises(ScenarioError, match=r"mine.yaml:4: goods.world.data: .*my_world is no folder"):
        load(file)


def test_tables_that_were_damaged_in_a_result_are_refused(mine, tmp_path):
    text = dump(load(mine()))
    copy = tmp_path / "copy.yaml"
    copy.write_text(text.replace("us,taiwan,", "us,taiwn,", 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match="there is no destination 'taiwn'"):
        load(copy)


@pytest.mark.depth
def test_the_command_takes_a_folder_and_runs_with_it(mine, tmp_path, monkeypatch):
    folder = mine("trade", *SOLD).parent / "my_world"
    monkeypatch.chdir(tmp_path)
    small = ("--draws", 2, "--paths", 0, "--no-charts", "--quiet", "--out", "r")
    assert ended("run", "status_quo", "--data", "a/my_world", *small).returncode == 0
    result = tmp_path / "r" / "status_quo_with_world_data_a_my_world"
    ours, theirs = sim.read(result).scenario, load("status_quo", {"goods.world.data": str(folder)})
    assert ours.goods.world.trade_tables.texts == theirs.goods.world.trade_tables.texts
    shutil.rmtree(folder)
    assert ended("verify", result).returncode == 0
    refused = ended("run", "status_quo", "--data", "nowhere", *small)
    assert refused.returncode == 2
    assert "--data nowhere: there is no such folder" in refused.stderr
