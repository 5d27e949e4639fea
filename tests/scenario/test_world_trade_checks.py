"""The trade of the world and the lists of goods in it must fit; each misfit is reported where the user wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli import main

REFUSED = 2
MARS = {"countries.marss": {"gdp_bn": 300}, "goods.import_elasticity.marss": 1.5}
"""A country that acts but is no region of the tables."""


def problems(set_values: dict[str, Any]) -> list[str]:
    with pytest.raises(sim.ScenarioError) as caught:
        sim.load("base_2018", set=set_values)
    return str(caught.value).splitlines()


@pytest.fixture
def mine(write: Callable[..., Path]) -> Callable[[str], Path]:
    """Write a file that changes the base scenario; its own text begins in line 3."""
    return lambda text: write(f"extends: base_2018\ntitle: Mine\n{text}\n")


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"goods.world": None}, "goods.form", ["give goods.world, or write `form: partial`"]),
        (
            {"goods.world.data": "world_2019"},
            "goods.world.data",
            ["no tables of the world's trade 'world_2019'", "did you mean world_2018? (known: world_2018)"],
        ),
        (
            {"goods.world.rivals": ["china", "taiwn"]},
            "goods.world.rivals.1",
            ["world_2018 has no region 'taiwn'", "did you mean taiwan?", "mexico_canada"],
        ),
        (
            {**MARS, "goods.lists.us_list_1.exporter": "marss"},
            "goods.lists.us_list_1.exporter",
            ["world_2018 has no region 'marss'", "(known: asean, china, "],
        ),
        (
            {**MARS, "goods.lists.us_list_1.importer": "marss"},
            "goods.lists.us_list_1.importer",
            ["world_2018 has no region 'marss'"],
        ),
        (
            {"goods.lists.us_list_1.sectors.electronic": 0.1},
            "goods.lists.us_list_1.sectors.electronic",
            ["world_2018 has no sector 'electronic'", "did you mean electronics?"],
        ),
        (
            {"goods.lists.us_list_1.sectors.electronics": 0.2},
            "goods.lists.us_list_1.sectors",
            ["must add up to 1, but add up to 1.05"],
        ),
        (
            {"goods.lists.us_metals.sectors": {"other_goods": 0.8, "services": 0.2}},
            "goods.lists.us_metals.sectors.services",
            ["from china to us have 0.8 bn USD a year of services", "world_2018 has none"],
        ),
        (
            {"goods.lists.us_list_4b.value_bn": 200},
            "goods.lists.us_list_4b.sectors.electronics",
            ["have 191.5 bn USD a year of electronics together", "world_2018 has only 170.1"],
        ),
    ],
)
def test_a_misfit_is_reported_with_its_path_and_what_was_expected(
    changes: dict[str, Any], where: str, words: list[str]
) -> None:
    (found,) = [line for line in problems(changes) if f": {where}: " in line]
    assert [word for word in words if word not in found] == []


def test_a_list_a_little_above_the_table_is_taken_for_rounding() -> None:
    assert sim.load("base_2018", set={"goods.lists.us_list_4b.value_bn": 164})


def test_an_uncertain_value_counts_with_its_central_one() -> None:
    assert sim.load("base_2018", set={"goods.lists.us_list_4b.value_bn": {"triangular": [100, 160, 240]}})
    assert problems({"goods.lists.us_list_4b.value_bn": {"uniform": [160, 240]}})


def test_a_list_between_no_regions_is_not_said_to_exceed_their_trade() -> None:
    found = problems({**MARS, "goods.lists.us_list_1.exporter": "marss"})
    assert [line for line in found if "bn USD a year of" in line] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"goods.lists.us_list_1.sectors": None},
        {"goods.lists.us_list_1.value_bn": 900},
        {**MARS, "goods.lists.us_list_1.exporter": "marss"},
    ],
)
def test_the_partial_form_needs_nothing_of_the_world(changes: dict[str, Any]) -> None:
    assert sim.load("base_2018", set={"goods.form": "partial", **changes})


def test_goods_come_from_a_country_or_a_region_of_the_tables() -> None:
    """In either form; without tables, from a country alone."""
    for form in ("general", "partial"):
        (found,) = problems({"goods.form": form, "goods.lists.us_from_taiwan.exporter": "taiwn"})
        assert "there is no country or region 'taiwn'; did you mean taiwan?" in found
    without = problems({"goods.form": "partial", "goods.world": None})
    assert all("there is no country or region" in line for line in without)
    assert len(without) == len([name for name in sim.load("base_2018").goods.lists if name.startswith("us_from_")])


@pytest.mark.parametrize("changes", [{"goods.world.data": "world_2019"}, {"goods.world.rivals": ["taiwn"]}])
def test_a_world_that_is_given_must_be_there_in_the_partial_form_too(changes: dict[str, Any]) -> None:
    (found,) = problems({"goods.form": "partial", **changes})
    assert "did you mean" in found


def test_the_line_is_that_of_the_entry(mine: Callable[[str], Path]) -> None:
    path = mine("goods:\n  lists:\n    us_list_2:\n      sectors:\n        electronics: 0.3\n        electronic: 0.1")
    with pytest.raises(sim.ScenarioError) as caught:
        sim.load(path)
    total, sector = str(caught.value).splitlines()
    assert total.startswith(f"{path}:6: goods.lists.us_list_2.sectors: the parts of a list")
    assert sector.startswith(f"{path}:8: goods.lists.us_list_2.sectors.electronic: world_2018 has no sector")


def test_too_much_trade_is_reported_at_the_line_that_made_it_so(mine: Callable[[str], Path]) -> None:
    path = mine("goods:\n  lists:\n    us_list_1:\n      value_bn: 100")
    with pytest.raises(sim.ScenarioError) as caught:
        sim.load(path)
    assert [line.startswith(f"{path}:6: ") for line in str(caught.value).splitlines()] == [True, True]


def test_the_command_line_refuses_without_a_traceback(
    mine: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = mine("goods: {world: {data: world_2081, rivals: [chnia]}}")
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path)])
    said = capsys.readouterr()
    assert ended.value.code == REFUSED
    assert "Traceback" not in said.err + said.out
    assert "did you mean world_2018?" in said.err.replace("\n", " ")
