"""A run records what it drew, whatever the size of its batches, and a comparison of real runs finds what decides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.runs.manifest import Record, from_manifest, in_manifest
from sim.runs.totals import inputs_table

DRAWS = 100
MONTHS = {"months": 60}
"""Long enough to see a zone that opens in 2020; what is drawn does not depend on it."""
PROFIT = "us_vendors_profit_in_china_cum_bn"
CAPACITY = "zones.guiyang.capacity_units"
REACH = "policies.guiyang_pilot.reach.enterprise"


@pytest.fixture(scope="module")
def pilot():
    return sim.run("guiyang_pilot", draws=DRAWS, set=MONTHS)


@pytest.fixture(scope="module")
def comparison(pilot):
    return sim.compare([sim.run("status_quo", draws=DRAWS, set=MONTHS), pilot])


def test_the_inputs_are_what_the_world_is_built_from(pilot):
    world = build_world(pilot.scenario, Draws(pilot.seed, range(DRAWS)))
    presence = pilot.scenario.presence
    for number in (presence.hurdle, presence.zone.quality_penalty, pilot.scenario.zones["guiyang"].capacity_units):
        np.testing.assert_array_equal(pilot.inputs[number.name], world.value(number))


def test_inputs_are_floats_that_vary_sorted_by_path_with_a_row_for_each_draw(pilot):
    draw, *paths = pilot.inputs.columns
    assert draw == "draw"
    assert paths == sorted(paths)
    assert (pilot.inputs["draw"] == pilot.kpis["draw"]).all()
    assert (pilot.inputs.dtypes[paths] == np.float64).all()
    assert (pilot.inputs[paths].nunique() > 1).all()


def test_what_is_drawn_anew_over_time_is_no_input(pilot):
    assert pilot.scenario.licensing.service_months.is_uncertain
    assert not {"licensing.service_months", "capacity.lead_months"} & set(pilot.inputs.columns)


def test_a_number_set_to_a_certain_value_is_no_input():
    fixed = sim.run("status_quo", draws=2, set=MONTHS | {"presence.hurdle": 0.3})
    assert "presence.hurdle" not in fixed.inputs
    assert "presence.discount" in fixed.inputs


@pytest.mark.depth
def test_the_inputs_do_not_depend_on_the_size_of_batches(pilot):
    again = sim.run("guiyang_pilot", draws=20, batch=3, workers=1, set=MONTHS)
    pd.testing.assert_frame_equal(again.inputs, pilot.inputs.head(20))


def test_a_number_that_only_some_batches_needed_has_a_value_in_every_draw(pilot):
    needed = tuple(run_batch(pilot.scenario, range(5), pilot.seed).uncertain)
    records = [Record(0, 4, {}, needed), Record(5, 7, {}, ())]
    names = {name for record in from_manifest(in_manifest(records)) for name in record.inputs}
    table = inputs_table(pilot.scenario, pilot.seed, range(8), names)
    pd.testing.assert_frame_equal(table, pilot.inputs.head(8))


def test_the_value_of_an_input_is_that_of_its_draw_where_draws_are_missing(pilot):
    table = inputs_table(pilot.scenario, pilot.seed, [3, 4, 90, 91], pilot.inputs.columns[1:])
    wanted = pilot.inputs[pilot.inputs["draw"].isin(table["draw"])].reset_index(drop=True)
    assert table["draw"].tolist() == [3, 4, 90, 91]
    pd.testing.assert_frame_equal(table, wanted)


def test_inputs_come_back_from_a_result_folder(pilot, tmp_path):
    again = sim.read(pilot.save(tmp_path / "pilot", charts=False))
    pd.testing.assert_frame_equal(again.inputs, pilot.inputs)
    pd.testing.assert_frame_equal(again.drivers(PROFIT), pilot.drivers(PROFIT))


def test_the_policys_own_numbers_are_among_what_may_decide(comparison):
    drivers = comparison.drivers(PROFIT, comparison.labels[-1])
    assert {REACH, CAPACITY, "presence.zone.sunk_cost_bn", "presence.hurdle"} <= set(drivers["input"])
    assert REACH not in comparison.reference.inputs
    assert drivers["draws"].unique().tolist() == [DRAWS]


def test_every_input_of_the_library_has_a_unit_and_a_source(comparison):
    drivers = comparison.drivers(PROFIT)
    assert (drivers["unit"] != "").all()
    assert (drivers["source"] != "").all()


@pytest.mark.depth
def test_the_room_of_the_zone_is_found_among_what_decides():
    """With room drawn from next to nothing to plenty, American vendors sell more where there is more."""
    wide = MONTHS | {CAPACITY: {"uniform": [0.5, 40.0]}, "presence.hurdle": 0.0}
    runs = [sim.run(name, draws=400, set=wide) for name in ("status_quo", "guiyang_pilot")]
    drivers = sim.compare(runs).drivers("us_vendors_revenue_in_china_cum_bn").set_index("input")
    assert drivers.loc[CAPACITY, "correlation"] > drivers.loc[CAPACITY, "chance_level"]
    assert drivers.loc[CAPACITY, "distinguishable"]
