"""Each value in which scenarios differ is marked by what it does, and a planted one without effect is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

import sim
from sim.model.batch import run_batch
from sim.studies.compare.effects import same_figures, with_effects

NOTHING = "changed nothing in 4 draws"


@pytest.fixture
def effects(compact):
    """Try what two compact worlds differ in, in four draws: effect and tried part by path."""

    def tried(changes, reference=None):
        runs = [
            sim.run(compact({"months": 12} | held), draws=2, paths=0, workers=1) for held in (reference or {}, changes)
        ]
        runs[1] = replace(runs[1], scenario=runs[1].scenario.model_copy(update={"name": "other"}))
        rows = with_effects(sim.compare(runs), draws=4).changed
        return {row["path"]: (row["effect"], row["tried_as"]) for row in rows.to_dict("records")}

    return tried


def test_a_value_with_an_effect_and_a_planted_one_without_are_told_apart(effects):
    found = effects({"demand.market_elasticity": 1.9, "zones.harbour.incidents_per_year": 3})
    assert found == {
        "demand.market_elasticity": ("effective", "demand.market_elasticity"),
        "zones.harbour.incidents_per_year": (NOTHING, "zones.harbour.incidents_per_year"),
    }


def test_a_value_that_matters_only_with_another_is_marked_so(effects, pilot):
    changes = pilot() | {"zones.harbour.capacity_units": 0.001}
    found = effects(changes)
    assert found["zones.harbour.capacity_units"] == ("only together with others", "zones.harbour.capacity_units")
    assert found["policies.pilot.slots"] == ("only without the others", "policies.pilot")  # a zone without room


def test_a_policy_that_another_one_overrides_is_not_called_effective(effects):
    """Alone it would open the market; beside the other one, which stands later, it changes nothing."""
    rule = {"kind": "ownership", "by": "china", "market": "china", "starts": "2018-10-01", "source": "made up"}
    found = effects({"policies.open": rule | {"equity_cap": 1}, "policies.closed": rule | {"equity_cap": 0}})
    assert found["policies.open.equity_cap"] == ("only without the others", "policies.open")
    assert "effective" not in {effect for effect, _ in found.values()}
    found = effects({"policies.closed": rule | {"equity_cap": 0}, "policies.open": rule | {"equity_cap": 1}})
    assert found["policies.open.equity_cap"] == ("effective", "policies.open")


def test_all_values_of_a_policy_that_only_one_scenario_has_are_tried_together(effects, pilot):
    found = effects(pilot())
    assert {tried for _, tried in found.values()} == {"policies.pilot"}
    assert len(found) > 3


def test_a_policy_that_is_taken_away_is_tried_too(effects, pilot):
    assert set(effects({}, reference=pilot()).values()) == {("effective", "policies.pilot")}


def test_a_policy_that_only_announces_itself_changes_only_events(effects):
    tariff = {"kind": "uncertainty", "level": {"2018-10-01": 0}, "source": "made up"}
    found = effects({"policies.nothing": tariff})
    assert {effect for effect, _ in found.values()} <= {"changed only events", NOTHING}


def test_nothing_is_tried_unless_it_is_asked_for(compact):
    worlds = [compact({"months": 6, "demand.market_elasticity": elasticity}) for elasticity in (1.5, 1.7)]
    runs = [sim.run(world, draws=2, paths=0, workers=1) for world in worlds]
    assert set(sim.compare(runs).changed["effect"]) == {"not tried"}
    assert set(sim.compare(runs, effects=True).changed["effect"]) == {"effective"}


def test_what_two_runs_show_already_is_not_run_again(compact, monkeypatch):
    worlds = [compact({"months": 6, "costs.decline": value}) for value in (0.1, 0.2)]
    bare, full = ([sim.run(world, draws=2, paths=paths, workers=1) for world in worlds] for paths in (0, 2))
    tried = with_effects(sim.compare(bare), draws=4).changed
    monkeypatch.setattr(sim.studies.compare.effects, "run_many", None)
    assert with_effects(sim.compare(full), draws=4).changed.equals(tried)
    with pytest.raises(TypeError):
        with_effects(sim.compare(bare), draws=4)


def test_figures_are_matched_by_name_and_not_by_place(compact):
    scenario = compact({"months": 6})
    turned = scenario.model_copy(update={"zones": {"quay": scenario.zones["harbour"], **scenario.zones}})
    one, other = (run_batch(held, range(3), 1) for held in (scenario, turned))
    assert other.zones["used_share"].shape != one.zones["used_share"].shape
    assert same_figures(one, other)


def test_a_channel_that_is_never_used_changes_nothing(compact):
    scenario = compact({"months": 6})
    quay = scenario.zones["harbour"].model_copy(update={"title": "Quay"})
    wider = scenario.model_copy(update={"zones": {"quay": quay, **scenario.zones}})
    one, other = (run_batch(held, range(3), 1) for held in (scenario, wider))
    assert len(other.axes.channels) > len(one.axes.channels)
    assert same_figures(one, other)
    one.channels["price"][0, 0] *= 2
    assert not same_figures(one, other)


def test_other_luck_is_not_the_same_figures(scenario_with_luck):
    assert not same_figures(run_batch(scenario_with_luck, range(3), 1), run_batch(scenario_with_luck, range(3), 2))


@pytest.fixture
def scenario_with_luck(compact):
    return compact({"months": 6, "demand.market_elasticity": {"uniform": [1.4, 1.9]}})


@pytest.mark.long
def test_nearly_all_values_of_talks_that_name_policies_get_a_verdict():
    runs = [
        sim.run(name, draws=2, paths=0, workers=1, set={"months": 12}) for name in ("guiyang_pilot", "deal_spring_2019")
    ]
    rows = with_effects(sim.compare(runs), draws=8).changed.set_index("path")
    assert len(rows) > 100
    assert "cannot be tried alone" not in set(rows["effect"])
    halved = rows.loc["policies.us_tariffs_halved.by"]
    assert halved["effect"] == "only together with others"
    assert halved["tried_as"] == "policies.us_tariffs_halved with talks.agenda.tariffs_on_chinese_goods.halve"
    unused = rows.loc["policies.data_flows_by_deal.by"]  # no package of the scenario opens data flows
    assert unused["effect"] == "changed nothing in 8 draws"
