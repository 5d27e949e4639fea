"""Whoever comes is examined: worlds without zones, partners, competitors or talks, and the library."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.errors import ModelError
from sim.scenario.loading import of_plain_data
from sim.scenario.yaml_files import plain_data
from sim.studies.doctor.checks import CHECKS, examined, finding_of
from sim.studies.doctor.finding import Verdict
from sim.studies.doctor.patient import Patient, visited
from sim.studies.doctor.variants import at_its_centre, on_half_steps, standing_still, with_presence_fixed, with_values
from sim.values import Number
from tests.depth import usual
from tests.studies.doctor.healthy import HEALTHY

ASSUMED = {"published ranges", "base data"}
"""Checks of what a scenario assumes, which the model cannot help."""


KINDS = {
    "guiyang_pilot": 60,
    "allies_restrict_chinese_cloud": 60,
    "bargain_spring_2019": 48,
    "export_controls": 66,
    "ruling_2026": 102,
}
"""One scenario of each kind, with as many months as it takes to see its policies at work."""


def checked(scenario, draws=2):
    return {found.check: found for found in examined(scenario, draws, 1)}


def sick(findings):
    return {name for name, found in findings.items() if found.verdict is Verdict.FAILED} - ASSUMED


def without(scenario, **changes):
    return of_plain_data(plain_data(scenario) | changes, scenario.name)


@pytest.fixture(scope="module")
def alone(compact):
    """A world with one market and one vendor, neither partners nor zones."""
    data = plain_data(compact())
    china = data["markets"]["china"]
    china.pop("taste")
    parts = {"markets": {"china": china}, "partners": {}, "zones": {}, "world_total_bn": 10}
    return without(compact(), **parts, vendors={"rest_of_china": data["vendors"]["rest_of_china"]})


def test_one_vendor_alone_is_examined_and_checks_without_an_object_say_so(alone):
    findings = checked(alone)

    assert sick(findings) == set()
    for name in ("fees", "partner fee", "perfect substitutes", "catch-up"):
        assert findings[name].verdict is Verdict.NOT_APPLICABLE
        assert findings[name].where
    assert findings["monopoly"].verdict is Verdict.PASSED


@pytest.mark.depth
def test_a_world_without_zones_is_examined(healthy):
    assert sick(checked(without(healthy, zones={}))) == set()


@pytest.mark.parametrize("presence", ["cross_border", "owned"])
@pytest.mark.depth
def test_vendors_may_be_present_in_any_way(compact, presence):
    changes = {"vendors.eagle.sales.china.presence": presence, "markets.china.rules.equity_cap": 1}
    assert sick(checked(compact(HEALTHY | changes))) == set()


@pytest.mark.depth
def test_a_pilot_with_fewer_slots_than_applicants_is_examined(compact, pilot):
    assert sick(checked(compact(HEALTHY | pilot(slots=1)), draws=6)) == set()


@pytest.mark.depth
def test_tariffs_that_exporters_absorb_are_examined(compact):
    assert sick(checked(compact(HEALTHY | {"goods.pass_through": 0.6}))) == set()


def test_a_run_of_one_quarter_is_examined(compact):
    assert "spending" in checked(compact({"months": 3}))


@pytest.mark.parametrize("name", usual(KINDS, "guiyang_pilot"))
def test_the_model_passes_on_scenarios_of_the_library(name):
    assert sick(checked(sim.load(name, {"months": KINDS[name]}))) == set()


def test_a_model_that_gives_up_has_failed(healthy):
    def gives_up(patient):
        raise ModelError("no equilibrium")

    found = finding_of(gives_up, Patient(healthy, range(1), 1))
    assert (found.verdict, found.where, found.check) == (Verdict.FAILED, "no equilibrium", "gives up")


def test_an_assumption_outside_its_range_is_named_with_the_facts_beside_it(compact):
    found = checked(compact(HEALTHY | {"goods.pass_through": 0.5}))["published ranges"]

    assert found.verdict is Verdict.FAILED
    assert "goods.pass_through is 0.5" in found.where
    assert "gopinath_neiman.pass_through_2018_19" in found.where


def test_shares_that_overfill_a_market_are_counted(compact):
    wide = {f"vendors.{name}.sales.china.share": {"normal": [0.28, 0.1]} for name in ("dragon", "tiger", "eagle")}
    found = checked(compact(HEALTHY | wide))["base data"]

    assert found.verdict is Verdict.FAILED
    assert 0.1 < found.worst < 1
    assert "china" in found.where


# -- variants of a patient ---------------------------------------------------------------------------------------------


def numbers_of(part):
    if isinstance(part, Number):
        return [part]
    held = part.values() if isinstance(part, dict) else part if isinstance(part, tuple) else ()
    fields = [getattr(part, name) for name in getattr(type(part), "model_fields", ())]
    return [number for item in (*held, *fields) for number in numbers_of(item)]


def test_the_central_scenario_has_no_luck(healthy):
    assert any(number.is_uncertain for number in numbers_of(healthy))
    assert not any(number.is_uncertain for number in numbers_of(at_its_centre(healthy)))


def test_half_steps_leave_catch_up_and_growth_where_they_are(healthy):
    """Catch-up and the path of the market are given in closed form, so that the clock must not matter to them."""
    plain = with_values(with_presence_fixed(at_its_centre(healthy)), {"demand.reversion": 0.0})
    whole, half = visited(plain, range(1), 1), visited(on_half_steps(plain), range(1), 1)

    np.testing.assert_allclose(half.world.base.gained[::2], whole.world.base.gained, rtol=1e-12, atol=1e-15)
    first, second = (half.world.base.market_path[k::2] for k in (0, 1))
    np.testing.assert_allclose(np.sqrt(first * second), whole.world.base.market_path, rtol=2e-5)
    np.testing.assert_array_equal(
        half.months["tariff_layer"][::2].any(axis=(1, 2)), whole.months["tariff_layer"].any(axis=(1, 2))
    )


def test_a_patient_that_stands_still_has_neither_policies_nor_trends(healthy):
    still = standing_still(healthy)

    assert not still.policies
    assert all(vendor.catch_up is None for vendor in still.vendors.values())
    assert still.costs.decline.central == 0


# -- the command -------------------------------------------------------------------------------------------------------


def ended_with(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


@pytest.mark.depth
def test_the_command_prints_a_table_and_counts_what_passed(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    out = tmp_path / "findings.csv"
    short = ("--draws", 2, "--set", "months=60", "--set", "capacity.lead_months=50")
    code = ended_with("doctor", "status_quo", *short, "--out", out)
    said = capsys.readouterr().out

    assert code == 1, "a lead time of 50 months is longer than anybody has published"
    assert "capacity.lead_months is 50" in " ".join(said.split())
    assert f"of {len(CHECKS) - 3} passed; 3 not applicable" in said
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(CHECKS)
    assert {row["verdict"] for row in rows} <= set(Verdict)


def test_the_command_refuses_a_scenario_that_is_wrong(capsys):
    assert ended_with("doctor", "status_quo", "--set", "demand.market_elasticity=0.5") == 2
    assert "demand.market_elasticity" in capsys.readouterr().err
