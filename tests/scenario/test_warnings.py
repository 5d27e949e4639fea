"""What is valid and may surprise is said by `check` and `run`, with file and line; the library has nothing of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.model.minds.own_services import captive_log_growth
from sim.model.start.base_world import build_world
from sim.scenario.library import library
from sim.scenario.loading import load
from sim.studies.one_run.page_sections import trust_section
from tests.conftest import COMPACT
from tests.depth import quick

OPENING = "{{kind: ownership, by: china, market: china, source: made up, {}}}"


@pytest.fixture
def mine(tmp_path):
    """Write a file over the compact world, whose 24 months begin in July 2018; its own text begins in line 2."""

    def written(text: str, name: str = "mine.yaml", extends: str = str(COMPACT)):
        path = tmp_path / name
        path.write_text(f"extends: {extends}\n{text}\n", encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("name", quick(sorted(library()), "status_quo", "ruling_2026", "talks_2018_2020"))
def test_the_library_surprises_nobody(name):
    assert sim.load(name).warnings == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("starts: 2019-01-16, ends: 2019-02-10, equity_cap: 1", "2019-01-16 and ends on 2019-02-10; a month has"),
        (
            "starts: 2019-01-01, ends: 2019-06-01, equity_cap: {2020-01-01: 1}",
            "first value is of 2020-01-01, and it ends",
        ),
        ("ends: 2019-06-01, equity_cap: {2019-06-01: 1}", "first value is of 2019-06-01, and it ends on 2019-06-01"),
        ("starts: 2020-07-01, equity_cap: 1", "it begins on 2020-07-01, and the run ends on 2020-07-01"),
        ("starts: 2020-06-16, equity_cap: 1", "it begins on 2020-06-16, and the run ends on 2020-07-01"),
        ("equity_cap: {2020-07-01: 1}", "it begins on 2020-07-01, and the run ends on 2020-07-01"),
        ("ends: 2018-07-01, equity_cap: 1", "it ends on 2018-07-01, and the run begins on 2018-07-01"),
    ],
)
def test_a_policy_that_no_month_has_in_force_is_told(mine, fields, words):
    path = mine(f"policies:\n  mine: {OPENING.format(fields)}")
    [warning] = load(path).warnings
    assert warning.startswith(f"{path}:3: policies.mine: is never in force: ")
    assert words in warning


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("starts: 2020-01-01, equity_cap: {2019-01-01: 50%, 2019-06-01: 1}", "2019-01-01"),
        ("ends: 2019-06-01, equity_cap: {2019-01-01: 50%, 2019-07-01: 1}", "2019-07-01"),
    ],
)
def test_a_dated_value_that_is_lost_is_told(mine, fields, date):
    path = mine(f"policies:\n  mine: {OPENING.format(fields)}")
    [warning] = load(path).warnings
    assert warning.startswith(f"{path}:3: policies.mine.equity_cap.{date}: is never in force: ")


def test_a_run_that_is_cut_short_says_nothing_of_what_it_leaves_out(mine):
    path = mine(f"policies:\n  mine: {OPENING.format('starts: 2020-01-01, equity_cap: 1')}")
    assert load(path, {"months": 12}).warnings == ()


def test_talks_that_are_not_held_bring_nothing(mine):
    text = (
        f"policies:\n  mine: {OPENING.format('starts: {after_deal: 1}, equity_cap: 1')}\ntalks: {{if_no_deal: [mine]}}"
    )
    [warning] = load(mine(text)).warnings
    assert "talks: mode none holds no talks, so nothing brings mine" in warning


@pytest.mark.parametrize("start", ["2019-01-01", "2017-07-01"])
def test_a_start_that_is_moved_away_from_its_figures_is_told(mine, start):
    [warning] = load(mine(f"start: {start}")).warnings
    assert f":2: start: {start} instead of 2018-07-01 ({COMPACT}" in warning.replace("tests/data", str(COMPACT.parent))
    assert "countries.us.gdp_bn" in warning
    assert load(mine("start: 2018-07-01")).warnings == ()


def test_a_start_too_late_for_its_figures_is_refused_by_a_line_that_names_it():
    with pytest.raises(ScenarioError, match=r"world_revenue_bn: .* at the start \(2020-07-01\)"):
        load("status_quo", {"start": "2020-07-01"})


@pytest.mark.parametrize(
    ("path", "value", "first"),
    [("policies.us_list_3.rate", "25%", "2018-09-24"), ("markets.china.total_bn", 5, "2018-07-01")],
)
def test_a_value_without_dates_says_which_it_replaces(path, value, first):
    [warning] = load("status_quo", {path: value}).warnings
    assert f"--set {path}: {path}: replaces " in warning
    assert f"the first of {first}" in warning
    assert warning.endswith(f"to keep the date write {path}.{first}")
    assert load("status_quo", {f"{path}.{first}": value}).warnings == ()


def test_rates_that_never_fade_are_named_where_a_run_is_long():
    [warning] = load("status_quo", {"months": 378}).warnings
    assert warning.endswith("until then: costs.decline, goods.growth, presence.leak")
    [warning] = load("status_quo", {"months": 378, "vendors.apple.captive.china.fades": None}).warnings
    assert warning.endswith("vendors.apple.captive.china.growth")


def test_growth_of_own_use_fades_to_what_lasts():
    """As before until the day on which it begins to fade, then slower and slower, in the end as it lasts."""
    rates = {"growth": 0.25, "fades.lasting": 0.10, "fades.half_life_years": 2}
    changes = {"months": 600, **{f"vendors.apple.captive.china.{name}": rate for name, rate in rates.items()}}
    world = build_world(load("status_quo", changes), Draws(1, range(1)))
    apple, china = world.axes.vendors.index("apple"), world.axes.markets.index("china")
    grown = captive_log_growth(world, apple, china, (np.arange(600)[:, None] + 0.5) / 12)[:, 0].tolist()
    yearly = [12 * (after - before) for before, after in pairwise(grown)]
    fades = world.scenario.calendar.month_of(world.scenario.vendors["apple"].captive["china"].fades.after)
    assert yearly[: fades - 1] == pytest.approx([0.25] * (fades - 1))
    assert yearly[fades - 1 :] == sorted(yearly[fades - 1 :], reverse=True)
    assert yearly[fades + 24] == pytest.approx(0.10 + 0.15 / 2, rel=0.02)
    assert yearly[-1] == pytest.approx(0.10, abs=1e-3)


# Names of files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("My-Zone", "my_zone"),
        ("my zone", "my_zone"),
        ("my.zone", "my_zone"),
        ("Zölle", "zolle"),
        ("Straße", "strasse"),
        ("2020", "scenario_2020"),
        ("2020-05-01", "scenario_2020_05_01"),
        ("_draft_", "draft"),
        ("my__zone_", "my__zone_"),
        ("İstanbul", "istanbul"),
        ("deal (2)", "deal_2"),
    ],
)
def test_a_file_may_be_called_as_people_call_files(mine, file, name):
    path = mine("title: Mine", f"{file}.yaml")
    assert load(path).name == name
    child = mine("title: Child", "child.yaml", file)
    assert load(child).title == "Child"


@pytest.mark.parametrize("file", ["关税", "---", "…"])
def test_a_file_of_which_no_name_can_be_made_says_what_to_write(mine, file):
    path = mine("title: Mine", f"{file}.yaml")
    with pytest.raises(ScenarioError, match="rename the file, or write `name: my_scenario` at its top"):
        load(path)
    assert load(mine("name: tariffs", f"{file}.yaml")).name == "tariffs"


def test_a_file_that_extends_its_own_name_means_the_library(mine):
    own = mine("demand: {market_elasticity: 1.3}", "status_quo.yaml", "status_quo")
    scenario = load(own)
    assert scenario.policies == load("status_quo").policies
    assert scenario.demand.market_elasticity.central == 1.3
    assert scenario.warnings == ()


def test_a_file_in_place_of_the_librarys_is_told(mine):
    own = mine("demand: {market_elasticity: 1.3}", "status_quo.yaml", "status_quo")
    child = mine("title: Child", "child.yaml", "status_quo")
    [warning] = load(child).warnings
    assert warning.startswith(f"{child}:1: extends: status_quo is {own} beside this file, not the library's")
    own.write_bytes(library()["status_quo"].read_bytes())
    assert load(child).warnings == ()


# Where it is said -----------------------------------------------------------------------------------------------------


def test_check_and_run_say_it(mine, capsys, tmp_path):
    path = mine(f"months: 6\npolicies:\n  mine: {OPENING.format('starts: 2019-01-01, equity_cap: 1')}")
    run = ("run", "--draws", "1", "--no-charts", "-q", "--workers", "1", "--out", str(tmp_path / "out"))
    for command in (("check",), run):
        with pytest.raises(SystemExit) as ended:
            main([*command, str(path)])
        assert not ended.value.code
    said = capsys.readouterr()
    assert said.out.startswith(f"{path}: no problems, 1 to know about:\n{path}:4: policies.mine: is never in force")
    assert f"Warning: {path}:4: policies.mine: is never in force" in said.err


def test_a_page_about_another_world_shows_no_checks_of_the_librarys(compact):
    section, tables = trust_section(compact())
    assert tables == []
    assert not section.tables
    assert "say nothing about this scenario, whose world has no europe, rest, aws" in str(section.words)
    assert len(trust_section(load("guiyang_pilot"))[1]) == 3
