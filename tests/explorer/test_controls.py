"""Controls are made from whatever scenario there is, and stand where it has its values."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace

import pytest

import sim
from sim.errors import ScenarioError
from sim.explorer.controls import Control, sections_of
from sim.explorer.settings import as_words, changes_of, setting_of, shown_of, written
from sim.scenario.describing import differing_model_values, numbers_of
from sim.scenario.layers import parsed
from tests.depth import quick

KINDS = (
    "base_2018", "guiyang_pilot", "bargain_spring_2019", "escalation_2025", "allies_restrict_chinese_cloud",
    "export_controls", "pilot_and_data_flows", "phase_one_2020",
)  # fmt: skip
SCENARIOS = quick(KINDS, *KINDS[:4])


def one_by_one(controls: list[Control]) -> list[Control]:
    return [control for control in controls if control.kind != "switch"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_control_left_where_it_is_changes_nothing(controls_of, name):
    controls = controls_of(name)
    scenario = sim.load(name)
    certain = {c.path: written(c, c.value) for c in one_by_one(controls) if not c.drawn and not c.scales}
    scaled = {path: written(replace(c, kind="share"), value) for c in controls for path, value in c.scales}

    assert not changes_of(controls, {c.path: c.value for c in controls if not c.drawn})
    assert not differing_model_values(scenario, sim.load(name, certain))
    assert not differing_model_values(scenario, sim.load(name, scaled))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_drawn_value_becomes_a_constant_where_it_is_put(controls_of, name):
    scenario = sim.load(name)
    drawn = [control for control in controls_of(name) if control.drawn]
    fixed = sim.load(name, changes_of(drawn, {control.path: control.value for control in drawn}))

    differing = {value.path: value.other for value in differing_model_values(scenario, fixed)}
    assert set(differing) == {control.path for control in drawn}
    numbers = numbers_of(fixed)
    assert not any(numbers[path].is_uncertain for path in differing)


def loads_or_is_refused(name: str, changes: dict) -> None:
    with suppress(ScenarioError):  # anything else than a refusal in words fails the test
        sim.load(name, changes)


@pytest.mark.parametrize("name", quick(("guiyang_pilot", "export_controls", "data_flows_open"), "guiyang_pilot"))
def test_each_end_of_a_control_loads_or_is_refused_in_words(name):
    scenario = sim.load(name)
    for control in sections_of(scenario, sim.load("status_quo"))[0].controls:
        ends = control.options or ((True, False) if control.kind == "switch" else (control.low, control.high))
        for end in ends:
            loads_or_is_refused(name, changes_of([control], {control.path: end}))


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_controls_at_one_end_load_or_are_refused_in_words(controls_of, name):
    numeric = [control for control in controls_of(name) if control.kind not in {"switch", "choice"}]
    for end in ("low", "high"):
        loads_or_is_refused(name, changes_of(numeric, {control.path: getattr(control, end) for control in numeric}))


@pytest.mark.parametrize("name", SCENARIOS)
def test_paths_are_unique_and_ends_hold_the_value(controls_of, name):
    controls = controls_of(name)
    assert len({control.path for control in controls}) == len(controls)
    for control in controls:
        if control.kind in {"share", "number", "integer"}:
            assert control.low <= control.value <= control.high, control.path
            assert control.low < control.high, control.path


def test_controls_of_another_world_speak_of_its_names_alone(other_world):
    elsewhere = sim.load(other_world)
    sections = sections_of(elsewhere, elsewhere.model_copy(update={"policies": {}}))
    controls = {control.path: control for section in sections for control in section.controls}
    said = " ".join(f"{control.path} {control.name}" for control in controls.values()).lower()

    assert not [old for old in ("china", "guiyang", "beijing", "aws") if old in said]
    assert controls["policies.ferry_dues"].kind == "switch"
    assert controls["policies.ferry_dues.residency.firms.2019-01-01"].value == 0.5
    assert controls["policies.ferry_dues.residency.firms.2019-07-01"].drawn == "20 to 40 %"
    assert controls["policies.ferry_dues.starts"].value == dt.date(2019, 1, 1)
    assert controls["markets.ruritania.rules.equity_cap"].part == "Ruritania"
    assert sections[0].is_open
    assert {control.path.split(".")[1] for control in sections[0].controls} == {"ferry_dues"}


def test_policies_that_a_scenario_inherits_are_folded_away(controls_of):
    sections = sections_of(sim.load("guiyang_pilot"), sim.load("status_quo"))
    first, *others = sections
    assert {control.path.split(".")[1] for control in first.controls} == {"guiyang_pilot"}
    assert {section.is_open for section in others if "Other policies" in section.title} == {False}


def test_a_policy_that_a_deal_brings_has_neither_switch_nor_date_of_its_own(controls_of):
    scenario = sim.load("bargain_spring_2019")
    awaited = [name for name, policy in scenario.policies.items() if policy.by_deal]
    paths = {control.path for control in controls_of("bargain_spring_2019")}
    assert awaited
    assert not paths & {f"policies.{name}{end}" for name in awaited for end in ("", ".starts")}


def test_one_factor_scales_all_tariffs_of_a_country(controls_of):
    name = "guiyang_pilot"
    scenario, controls = sim.load(name), controls_of(name)
    doubled = sim.load(name, changes_of(controls, {"tariffs of us": 2.0}))
    for name, policy in scenario.policies.items():
        if policy.kind == "tariff":
            factor = 2 if policy.by == "us" else 1
            rates = [number.central for _, number in policy.rate.steps]
            assert [number.central for _, number in doubled.policies[name].rate.steps] == pytest.approx(
                [factor * rate for rate in rates]
            )


def test_a_rate_above_the_whole_is_written_in_percent(controls_of):
    name = "guiyang_pilot"
    controls = controls_of(name)
    raised = changes_of(controls, {"policies.us_list_1.rate.2018-07-06": 1.25})
    assert raised == {"policies.us_list_1.rate.2018-07-06": "125%"}
    ((_, number),) = sim.load(name, raised).policies["us_list_1"].rate.steps
    assert number.central == 1.25


def test_what_stands_inside_a_policy_that_is_off_is_left_out(controls_of):
    controls = controls_of("guiyang_pilot")
    settings = {"policies.guiyang_pilot": False, "policies.guiyang_pilot.slots": 5}
    assert changes_of(controls, settings) == {"policies.guiyang_pilot": None}


def test_a_single_tariff_counts_more_than_the_factor_on_all(controls_of):
    path = "policies.us_list_1.rate.2018-07-06"
    changes = changes_of(controls_of("guiyang_pilot"), {path: 0.3, "tariffs of us": 2.0})
    assert changes[path] == 0.3


@pytest.mark.parametrize(("shown", "share"), [(35, 0.35), (8.37, 0.0837), (0.1, 0.001), (150, 1.5)])
def test_percent_that_is_shown_is_the_share_to_the_last_bit(controls_of, shown, share):
    control = next(control for control in controls_of("guiyang_pilot") if control.kind == "share")
    assert setting_of(control, shown) == share
    assert shown_of(control, share) == shown


@pytest.mark.parametrize(
    ("path", "nonsense"),
    [
        ("policies.guiyang_pilot.slots", "many"),
        ("policies.guiyang_pilot.slots", float("nan")),
        ("policies.guiyang_pilot.slots", None),
        ("policies.guiyang_pilot.starts", "2020-02-31"),
        ("policies.guiyang_pilot.review.if_passed", "annexed"),
        ("policies.guiyang_pilot.reach.enterprise", True),
    ],
)
def test_nonsense_from_a_browser_is_refused_in_words(controls_of, path, nonsense):
    control = next(control for control in controls_of("guiyang_pilot") if control.path == path)
    with pytest.raises(ScenarioError, match="Guiyang pilot"):
        setting_of(control, nonsense)


def test_the_words_of_changes_are_options_that_load_the_same(controls_of):
    controls = controls_of("guiyang_pilot")
    by_path = {control.path: control for control in controls}
    settings = {
        "policies.guiyang_pilot.slots": 5,
        "policies.guiyang_pilot.starts": dt.date(2021, 4, 1),
        "policies.us_list_1": False,
        "policies.us_list_2.rate.2018-08-23": 1.1,
        "markets.china.rules.residency.enterprise": 0.25,
    }
    assert settings.keys() <= by_path.keys()
    changes = changes_of(controls, settings)
    words = [option.removeprefix("--set ") for option in as_words(changes)]
    assert not differing_model_values(sim.load("guiyang_pilot", parsed(words)), sim.load("guiyang_pilot", changes))


def test_every_uncertain_number_has_a_control(controls_of):
    drawn = {name for name, number in numbers_of(sim.load("guiyang_pilot")).items() if number.is_uncertain}
    assert drawn <= {control.path for control in controls_of("guiyang_pilot")}


def test_the_end_of_a_run_is_a_date_that_stands_for_its_months(controls_of):
    (end,) = (control for control in controls_of("guiyang_pilot") if control.path == "months")
    months = sim.load("guiyang_pilot").months
    assert written(end, end.value) == months
    assert written(end, setting_of(end, "2022-12-01")) == months - 12 * (end.value.year - 2022)
    assert changes_of([end], {"months": end.value}) == {}
    for stop in (written(end, end.low), written(end, end.low) + end.step, months - end.step):
        assert sim.load("guiyang_pilot", {"months": stop}).months == stop
