"""What `check --deep` says of a scenario is what was planted in it."""

from __future__ import annotations

import pytest

import sim
from sim.cli.scenarios import WIDTH
from sim.scenario.loading import dump, load_with_places
from sim.studies.first_look.first_look import first_look
from tests.commanding import ended
from tests.conftest import COMPACT

PLANTED = """
extends: compact
title: A zone with one slot, and things that do nothing
question: Is what was planted found?
source: "assumption: made up"
policies:
  pilot:
    {kind: pilot_zone, by: china, zone: harbour, starts: 2018-10-01, slots: 1, reach: {enterprise: 1, government: 1}}
  idle: {kind: tariff, by: us, lists: [phones], rate: 0%}
zones:
  reef: {title: Reef, market: china, capacity_units: 5, incidents_per_year: 0}
vendors:
  owl: {title: Owl, home: us, world_revenue_bn: 1, sales: {us: {split: 1, presence: owned}}}
  mole: {title: Mole, home: us, reviews: [china], willing: 0}
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compact.yaml").write_text(COMPACT.read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(PLANTED, encoding="utf-8")
    return path


def test_the_command_says_who_comes_why_others_do_not_what_is_full_and_what_does_nothing(planted):
    done = ended("check", planted.name, "--deep")
    lines = done.stdout.splitlines()
    said = " ".join(done.stdout.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, lines)) <= WIDTH
    assert "In 32 draws beside compact, which it extends" in said
    assert "Harbour opens in 32 of 32 draws [92 to 100], is used in 32 of 32 draws" in said
    assert "No slot is left for somebody who wants one in 32 of 32 draws" in said
    assert "Mole in China: never another way to sell; it is not willing" in said
    assert "Owl never reviews where and how it sells" in said
    assert "Mole sells nothing at the base date" in said
    assert "Reef never opens: no policy of kind pilot_zone names it." in said
    idle = [line for line in done.stdout.split("- ") if "has no effect" in " ".join(line.split())]
    assert {line.split()[1] for line in idle} == {"policies.idle", "zones.reef"}


def test_counts_and_dates_are_those_of_the_events(planted):
    said = " ".join(first_look(load_with_places(planted), draws=8))
    events = sim.run(planted, draws=8).events
    live = events[(events["event"] == "goes live") & (events["detail"] == "zone in harbour")]
    for vendor, title in (("eagle", "Eagle"), ("falcon", "Falcon")):
        own = live[live["actor"] == vendor]
        if len(own):
            assert f"{title} changes how it sells in China in {own['draw'].nunique()} of 8 draws" in said
            first = f"first in {own['date'].iloc[0]:%B %Y} (median), most often: zone in Harbour."
            assert f"(in compact in 0), {first}" in said
    assert live["draw"].nunique() == 8


def test_a_vendor_for_which_nothing_pays_is_told_what_is_missing(planted):
    path = planted.with_name("dear.yaml")
    path.write_text("extends: mine\ntitle: Dear\npresence: {zone: {sunk_cost_bn: 50}, owned: {sunk_cost_bn: 50}}\n")
    said = " ".join(first_look(load_with_places(path), draws=4))
    assert "no change is worth its cost (the best, mostly " in said
    assert "Harbour opens in 4 of 4 draws [60 to 100], is used in 0 of 4 draws [0 to 40]" in said


def test_a_scenario_that_extends_nothing_is_tried_without_each_of_its_policies(planted):
    whole = planted.with_name("whole.yaml")
    whole.write_text(dump(sim.load(planted)), encoding="utf-8")
    said = first_look(load_with_places(whole), draws=4)
    assert said[0].startswith("In 4 draws (in brackets")
    assert [line.split()[1] for line in said if "has no effect" in line] == ["policies.idle"]
