"""Values of a scenario that is already loaded can be changed."""

from __future__ import annotations

import pytest

import sim
from sim.scenario.loading import changed

CHANGE = {"presence.hurdle": 0.1, "policies.guiyang_pilot.slots": 2}


def test_a_loaded_scenario_changes_as_its_file_does():
    from_file, from_memory = sim.load("guiyang_pilot", set=CHANGE), changed(sim.load("guiyang_pilot"), CHANGE)
    assert from_memory.policies == from_file.policies
    assert from_memory.presence.hurdle.parameters == (0.1,)
    assert from_memory.name == from_file.name


def test_a_misspelt_path_is_named_with_the_nearest():
    with pytest.raises(sim.ScenarioError, match="presence has no 'hurdel'; did you mean hurdle"):
        changed(sim.load("guiyang_pilot"), {"presence.hurdel": 0})


def test_a_copy_of_a_part_keeps_nothing_that_was_worked_out_of_the_old_one():
    talks = sim.load("bargain_spring_2019").talks
    assert talks.packages_with("guiyang_pilot").any()
    (issue,) = (
        issue for issue, kinds in talks.agenda.items() if any("guiyang_pilot" in held for held in kinds.values())
    )
    closed = talks.model_copy(update={"off_the_table": (*talks.off_the_table, issue)})
    assert len(closed.choices) < len(talks.choices)
    assert not closed.packages_with("guiyang_pilot").any()
