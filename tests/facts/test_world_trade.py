"""Tables of the world's trade say where they come from and fit together, and the reader refuses those that do not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

import sim.facts
from sim.errors import ModelError, ScenarioError
from sim.facts.world_trade import (
    EVERY,
    read_world,
    world_names,
    world_regions,
    world_sectors,
    world_table,
    world_traded_bn,
)

FOLDER = Path(sim.facts.__file__).parent
TABLES = ("regions", "trade", "sector_shares", "tariffs", "technology")
CONFIDENCE = {"found", "recalled", "derived", "assumption"}
WORLDS = world_names()


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[str, str, str], str]:
    """Copy a world, plant a mistake in one of its tables, and give what the reader says of it."""

    def said(table: str, old: str, new: str) -> str:
        folder = tmp_path / "world_2018"
        shutil.copytree(FOLDER / "world_2018", folder)
        file = folder / f"{table}.csv"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ModelError) as caught:
            read_world(folder)
        return str(caught.value)

    return said


def test_there_is_a_world() -> None:
    assert "world_2018" in WORLDS


def test_a_world_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ScenarioError, match="'world_1999'; known: world_2018"):
        world_table("world_1999", "trade")


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source_and_says_how_the_value_came_here(world: str, table: str) -> None:
    rows = world_table(world, table)
    assert rows
    assert [row.where for row in rows if not row["source"].strip() or row["confidence"] not in CONFIDENCE] == []


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("table", TABLES)
def test_a_row_points_at_the_line_it_was_read_from(world: str, table: str) -> None:
    lines = (FOLDER / world / f"{table}.csv").read_text(encoding="utf-8").splitlines()
    for row in world_table(world, table):
        file, _, line = row.where.rpartition(":")
        assert file == f"{world}/{table}.csv"
        assert lines[int(line) - 1].startswith(",".join(list(row.cells.values())[:2]))


@pytest.mark.parametrize("world", WORLDS)
def test_every_region_trades_with_every_other_and_nobody_with_itself(world: str) -> None:
    traded = [(row["origin"], row["destination"]) for row in world_table(world, "trade")]
    assert sorted(traded) == sorted(permutations(world_regions(world), 2))


@pytest.mark.parametrize("world", WORLDS)
def test_the_parts_by_sector_are_all_that_is_traded(world: str) -> None:
    by_sector = world_traded_bn(world)
    for row in world_table(world, "trade"):
        pair = (row["origin"], row["destination"])
        parts = [by_sector.get((*pair, sector), 0.0) for sector in world_sectors(world)]
        assert sum(parts) == pytest.approx(row.number("value_usd_bn"), rel=1e-3), pair


def test_what_china_sells_to_the_united_states_is_read_by_eye() -> None:
    traded = world_traded_bn("world_2018")
    assert traded["china", "us", "electronics"] == pytest.approx(544.8 * 0.3123)
    assert traded["china", "europe", "farm_and_food"] == pytest.approx(603.6 * 0.0175)  # as in sales to all
    assert "services" not in {sector for *_, sector in traded}


@pytest.mark.parametrize("world", WORLDS)
def test_every_region_has_technology_for_every_sector(world: str) -> None:
    pairs = [(row["region"], row["sector"]) for row in world_table(world, "technology")]
    assert sorted(pairs) == sorted(
        (region, sector) for region in world_regions(world) for sector in world_sectors(world)
    )


@pytest.mark.parametrize("world", WORLDS)
def test_technology_adds_up_and_leaves_something_for_workers_and_for_materials(world: str) -> None:
    rows = world_table(world, "technology")
    for row in rows:
        assert 0 < row.number("value_added_share") < 1, row.where
        assert sum(row.number(sector) for sector in world_sectors(world)) == pytest.approx(1, abs=1e-3), row.where
    for region in world_regions(world):
        parts = [row.number("share_of_gdp") for row in rows if row["region"] == region]
        assert sum(parts) == pytest.approx(1, abs=1e-3), region


@pytest.mark.parametrize("world", WORLDS)
def test_tariffs_of_before_are_low_and_the_general_ones_stand_first(world: str) -> None:
    rows = world_table(world, "tariffs")
    assert [row.where for row in rows if row.number("rate_pct") > 15] == []
    assert (rows[0]["origin"], rows[0]["destination"], rows[0]["sector"]) == (EVERY, EVERY, EVERY)
    exceptions = [row["origin"] != EVERY for row in rows]
    assert exceptions == sorted(exceptions)


@pytest.mark.parametrize("world", WORLDS)
def test_what_the_world_makes_is_about_what_was_made_in_2018(world: str) -> None:
    gdp = sum(row.number("gdp_usd_bn") for row in world_table(world, "regions"))
    assert gdp == pytest.approx(86_400, rel=0.01)


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        pytest.param(
            "trade",
            "us,taiwan,",
            "us,taiwn,",
            ["world_2018/trade.csv:5: there is no destination 'taiwn'; did you mean taiwan? (known: us, china,"],
            id="destination",
        ),
        pytest.param(
            "sector_shares",
            "\nchina,us,electronics",
            "\nchnia,us,electronics",
            ["world_2018/sector_shares.csv:12: there is no origin 'chnia'; did you mean china?"],
            id="origin",
        ),
        pytest.param(
            "trade", "us,china,", "us,all,", ["trade.csv:2: there is no destination 'all'"], id="all in trade"
        ),
        pytest.param(
            "tariffs",
            "all,all,farm_and_food",
            "all,all,farm_and_fod",
            ["world_2018/tariffs.csv:3: there is no sector 'farm_and_fod'; did you mean farm_and_food?"],
            id="sector",
        ),
        pytest.param(
            "technology",
            "\nrest,services,",
            "\nrst,services,",
            ["world_2018/technology.csv:33: there is no region 'rst'; did you mean rest?"],
            id="region",
        ),
        pytest.param(
            "sector_shares",
            "china,us,electronics,0.3123",
            "china,us,electronics,0.4123",
            ["world_2018/sector_shares.csv:13: shares from china to us must add up to 1, but add up to 1.1"],
            id="shares",
        ),
        pytest.param(
            "trade", "us,china,157.6", "us,china,-157.6", ["trade.csv:2: expected a number of 0 or more"], id="negative"
        ),
        pytest.param(
            "tariffs", ",3.0,", ",nan,", ["tariffs.csv:2: expected a number of 0 or more, found nan"], id="nan"
        ),
        pytest.param("regions", "20533", "many", ["regions.csv:2: 'many' is no number (gdp_usd_bn)"], id="no number"),
        pytest.param(
            "technology",
            "us,farm_and_food,0.3013,0.022,0.5332,0.0015",
            "us,farm_and_food,0.3013,0.022,0.5332,-0.0015",
            ["technology.csv:2: expected a number of 0 or more, found -0.0015 (electronics)"],
            id="negative materials",
        ),
        pytest.param(
            "regions",
            "\nrest,",
            "\nmars,Mars,MRS,1,a guess,assumption\nrest,",
            [
                "world_2018/regions.csv:9: mars has no row in technology.csv for farm_and_food, electronics, other",
                "world_2018/sector_shares.csv:1: shares from mars to us must add up to 1, but add up to 0",
            ],
            id="no technology",
        ),
        pytest.param(
            "trade",
            "us,mexico_canada,",
            "us,china,",
            ["world_2018/trade.csv:3: is about the same as world_2018/trade.csv:2"],
            id="twice",
        ),
        pytest.param("trade", "value_usd_bn", "value", ["trade.csv:1: lacks the column value_usd_bn"], id="column"),
        pytest.param(
            "trade", "us,china,157.6,", "us,china,157.6,,", ["trade.csv:2: expected as many cells"], id="cells"
        ),
    ],
)
def test_a_mistake_in_a_table_is_refused_with_its_line(
    refusal: Callable[[str, str, str], str], table: str, old: str, new: str, words: list[str]
) -> None:
    said = refusal(table, old, new)
    assert [word for word in words if word not in said] == []


def test_all_mistakes_come_together(refusal: Callable[[str, str, str], str]) -> None:
    said = refusal("tariffs", "all,china,all,5.5", "al,chna,all,-5.5")
    assert [line.partition(": ")[0] for line in said.splitlines()] == ["world_2018/tariffs.csv:4"] * 3


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "world_2018"
    shutil.copytree(FOLDER / "world_2018", folder)
    header = (folder / "technology.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "technology.csv").write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"world_2018/technology.csv:1: has no rows"):
        read_world(folder)


def test_the_tables_as_they_are_are_read_from_any_folder(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "world_2018", tmp_path / "copied")
    assert {name: len(rows) for name, rows in read_world(tmp_path / "copied").items()} == {
        name: len(world_table("world_2018", name)) for name in TABLES
    }
