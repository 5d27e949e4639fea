"""Tariffs as analysts write them: by list, or by sector and origin; each mistake is told where it was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli import main
from sim.facts.world_trade import world_sector_shares
from sim.scenario.loading import changed

REFUSED = 2
TARIFF = {"kind": "tariff", "by": "us", "rate": {"2020-01-01": "10%"}}
DUTY = {**TARIFF, "authority": "section_232", "source": "made up"}


@pytest.fixture
def refused(write: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> Callable[[str], list[str]]:
    """Check a file whose policies begin in line 4, and give what the command says, line by line, after the file."""

    def check(policies: str) -> list[str]:
        path = write(f"extends: base_2018\ntitle: Mine\npolicies:\n{policies}\n")
        with pytest.raises(SystemExit) as ended:
            main(["check", str(path)])
        said = capsys.readouterr()
        assert ended.value.code == REFUSED
        assert "Traceback" not in said.err + said.out
        assert "" not in said.err.split(f"{path}:")[1:]
        return [" ".join(line.split()) for line in said.err.split(f"{path}:")[1:]]

    return check


@pytest.mark.parametrize(
    ("settings", "where", "words"),
    [
        ("by: us, origins: [taiwn]", "4: policies.mine.origins.0", "'taiwn'; did you mean taiwan? (known: all, asean,"),
        ("by: us, origins: taiwn", "4: policies.mine.origins.0", "'taiwn'; did you mean taiwan?"),
        ("by: us, sectors: electronic", "4: policies.mine.sectors.0", "'electronic'; did you mean electronics?"),
        ("by: us, origins: [us, china]", "4: policies.mine.origins.0", "us is the importer"),
        ("by: us, origins: us", "4: policies.mine.by", "us cannot set tariffs on goods from us, only china can"),
        ("origins: china", "4: policies.mine", "lacks `by`, the country that imports the goods (known: china, us)"),
        ("by: europe, origins: china", "4: policies.mine.by", "'europe' is not in countries"),
        ("by: china, origins: europe", "4: policies.mine.by", "cannot set tariffs on goods from europe, only us can"),
        ("by: china, origins: china", "4: policies.mine.by", "cannot set tariffs on goods from china, only us can"),
        ("by: us, origins: china, sectors: services", "4: policies.mine", "is of electronics, farm_and_food, other_"),
        ("by: us", "4: policies.mine", "give lists, or sectors and origins"),
        ("by: us, lists: [us_list_1], origins: china", "4: policies.mine", "give one of both"),
        ("by: us, origins: [all, china]", "4: policies.mine", "`all` in origins holds the others already"),
        ("by: us, origins: [china, china]", "4: policies.mine.origins.1", "stands in this list already"),
        ("by: us, lists: [us_list_1, us_list_1]", "4: policies.mine.lists.1", "stands in this list already (item 0)"),
        ("by: china, lists: [us_list_1]", "4: policies.mine.by", "china cannot set tariffs on us_list_1, only us can"),
    ],
)
@pytest.mark.parametrize("kind", [{"kind": "tariff", "rate": "10%"}, {"kind": "tariff_cut", "cut": "10%"}])
def test_a_mistake_is_told_with_its_line_and_what_was_expected(refused, settings, where, words, kind) -> None:
    fields = ", ".join(f"{name}: {value}" for name, value in kind.items())
    (line,) = refused(f"  mine: {{{fields}, {settings}}}")
    assert line.startswith(f"{where}: ")
    assert words in line


def test_no_authority_taxes_a_list_by_its_name_and_by_its_sector(refused) -> None:
    steel = "kind: tariff, by: us, authority: section_232, rate: 25%"
    lines = refused(f"  steel: {{{steel}, lists: [us_list_3, us_metals]}}\n  all: {{{steel}, sectors: electronics}}")
    (line,) = lines
    assert line.startswith("4: policies.steel.lists.0: us_list_3 is taxed by section_232 twice")
    assert "policies.all;" in line


@pytest.mark.parametrize(
    "other",
    [
        {"authority": "section_201"},
        {"authority": None},
        {"by": "china", "origins": "us"},
        {"ends": "2020-01-01"},
        {"sectors": "farm_and_food"},
    ],
)
def test_two_tariffs_that_differ_in_power_day_or_goods_are_no_mistake(other: dict[str, Any]) -> None:
    one = {**DUTY, "lists": ["us_list_1"], "starts": "2020-01-01"}
    second = {**DUTY, "rate": "5%", "sectors": "electronics"} | other
    second = {name: value for name, value in second.items() if value is not None}
    sim.load("base_2018", set={"policies.one": one, "policies.other": second})


def test_a_list_without_sectors_has_those_of_its_pair() -> None:
    goods = sim.load("base_2018").goods
    by_name = dict(zip(goods.lists, goods.listed, strict=True))
    assert not goods.lists["us_from_taiwan"].sectors
    assert dict(by_name["us_from_taiwan"].parts) == world_sector_shares("world_2018", "taiwan", "us")
    assert dict(by_name["us_list_1"].parts) == {"electronics": 0.15, "other_goods": 0.85}


def test_one_name_without_brackets_is_a_list_of_one_and_survives_writing_out() -> None:
    scenario = sim.load("base_2018", set={"policies.mine": {**DUTY, "origins": "china", "sectors": ["electronics"]}})
    mine = scenario.policies["mine"]
    assert (mine.origins, mine.sectors) == (("china",), ("electronics",))
    again = changed(scenario, {"months": 210})
    assert again.policies["mine"] == mine
