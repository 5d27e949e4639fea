"""The study on two small worlds, and as the command: groups, luck exchanged, two parts of a mean, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws, Luck
from sim.scenario.describing import numbers_of
from sim.studies.why.input_groups import exchanged, groups_of, read_rules
from sim.studies.why.why_study import OTHER_SEED, Why, why
from sim.studies.why.why_tables import entry_table, switching_table, within_table
from tests.commanding import command, ended

REFUSED, DRAWS = 2, 64
OPENED = {
    "policies.opening": {
        "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01",
        "source": "made up",
    },
}  # fmt: skip
UNSURE = {
    "vendors.eagle.willing": 0.5,
    "presence.owned.sunk_cost_bn": {"uniform": [0.02, 0.3]},
    "partners.bridge.contracts.eagle.fee": {"uniform": [0.05, 0.3]},
    "goods.growth": {"normal": [0.02, 0.01]},
    "months": 48,
}


@pytest.fixture(scope="module")
def pair(compact):
    return compact(UNSURE), compact(UNSURE | OPENED)


@pytest.fixture(scope="module")
def asked(pair):
    return why(*pair, draws=DRAWS, workers=1)


def test_every_stream_is_in_one_group_and_each_kind_in_one_whole(pair):
    groups = groups_of(pair, 1, read_rules())
    parts = [name for group in groups if not group.whole for name in group.streams]
    assert len(parts) == len(set(parts))
    assert {"presence.owned.sunk_cost_bn", "partners.bridge.contracts.eagle.fee"} <= set(parts)
    for whole in (group for group in groups if group.whole):
        alike = [name for group in groups if group.kind == whole.kind and not group.whole for name in group.streams]
        assert sorted(whole.streams) == sorted(alike)
    assert {group.kind for group in groups} == {"assumption", "luck"}


def test_with_no_group_exchanged_a_run_is_that_of_the_seed_and_with_all_that_of_the_other(pair, different):
    groups = groups_of(pair, 1, read_rules())
    everything = groups[0].__class__("all", "", "luck", tuple(name for group in groups for name in group.streams))
    nothing = groups[0].__class__("none", "", "luck", ())
    other = 1 + OTHER_SEED
    for chosen, seed in ((nothing, 1), (everything, other)):
        mixed, plain = (run_batch(pair[1], range(8), luck) for luck in (exchanged(groups, chosen, 1, other), seed))
        assert different(mixed, plain) == []
    one = exchanged(groups, groups[0], 1, other)
    assert isinstance(one, Luck)
    assert different(run_batch(pair[1], range(8), one), run_batch(pair[1], range(8), 1)) != []


def test_a_group_that_does_not_touch_the_difference_has_no_part(asked):
    table = asked.table.set_index("group")
    assert (table.loc["goods", ["first", "total"]] == 0).all()
    assert table.loc["luck_of_willingness", "total"] > 0.1
    assert table["total"].is_monotonic_decreasing or table["whole"].any()


def test_whether_somebody_comes_and_how_much_if_so_make_the_mean(asked):
    table = entry_table(asked).set_index("who")
    made = table["share"] * table["mean_if"] + (1 - table["share"]) * table["mean_otherwise"]
    np.testing.assert_allclose(made, asked.base.mean(), rtol=1e-9)
    eagle = asked.comes["eagle"]
    assert table.loc["eagle", "share"] == pytest.approx((~np.isnan(eagle)).mean())
    assert 0.3 < table.loc["eagle", "share"] < 0.7, "half of the draws find it willing"


def test_the_difference_is_that_of_runs_with_the_same_seed(asked, pair):
    runs = [sim.run(scenario, draws=DRAWS, workers=1) for scenario in pair]
    plain = runs[1].kpis[asked.kpi] - runs[0].kpis[asked.kpi]
    np.testing.assert_array_equal(asked.base, plain)


@pytest.mark.depth
def test_more_draws_leave_those_before_as_they_are(pair, asked):
    fewer = why(*pair, draws=DRAWS // 2, workers=1)
    np.testing.assert_array_equal(fewer.exchanged, asked.exchanged[:, : DRAWS // 2])


def test_inputs_are_what_the_runs_drew(asked, pair):
    drawn = {number.name: values for _, number, values in asked.inputs()}
    fee = "partners.bridge.contracts.eagle.fee"
    inputs = sim.run(pair[1], draws=DRAWS, workers=1).inputs
    np.testing.assert_array_equal(drawn[fee][:DRAWS], inputs[fee])
    assert len(switching_table(asked).columns) == len(set(switching_table(asked).columns))


def test_an_input_that_is_alone_in_its_group_has_the_groups_linear_part(asked):
    table = within_table(asked).set_index("input")
    assert "goods.growth" not in table.index, "nothing is divided where nothing is"
    sunk = table.loc["presence.owned.sunk_cost_bn"]
    assert (sunk["inputs"], sunk["effect"]) == (1, pytest.approx(sunk["linear"]))
    assert sunk["explained"] == pytest.approx(sunk["linear"] / sunk["total"])


def test_a_figure_that_is_linear_in_estimates_that_go_together_is_divided_whole():
    """Y is made of scores as runs draw them; what the scores have in common stands in the scenario's posterior."""
    scenario, draws = sim.load("status_quo"), range(400)
    groups = groups_of((scenario,), 1, read_rules())[:2]
    estimates = groups[0]
    numbers = numbers_of(scenario)
    chosen = [path for path in estimates.streams if len(numbers[path].estimate.loadings) > 2][-3:]

    def figure(luck):
        return sum(k * Draws(luck, draws).scores(numbers[path]) for k, path in enumerate(chosen, start=1))

    lucks = [1, 1 + OTHER_SEED, *(exchanged(groups, group, 1, 1 + OTHER_SEED) for group in groups)]
    base, again, *others = map(figure, lucks)
    found = Why(scenario, scenario, "x_cum_bn", 1, np.arange(400), groups, base, again, np.stack(others), {}, False)
    [(group, effects)] = found.within()
    assert group is estimates
    loadings = [dict(numbers[path].estimate.loadings) for path in chosen]
    total = {name: sum(k * row.get(name, 0) for k, row in enumerate(loadings, start=1)) for name in estimates.streams}
    assert effects.linear == pytest.approx(sum(weight**2 for weight in total.values()))
    assert effects.effects.sum() == pytest.approx(effects.linear)
    table = within_table(found)
    assert (table["explained"] - 1).abs().max() < 0.3, "all of it is linear"
    assert set(table["input"]) == set(estimates.streams)


# As users run it ------------------------------------------------------------------------------------------------------


HOW = ("--draws", "12", "--set", "vendors.eagle.willing=0.5", "--set", "months=36", "--quiet")


@pytest.mark.depth
def test_the_command_keeps_tables_chart_and_page_and_says_the_same(files, tmp_path):
    done = command("why", *files, *HOW, "--out", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    held = {path.name for path in folder.iterdir()}
    assert {
        "groups.csv",
        "entry.csv",
        "within.csv",
        "switching.csv",
        "why.svg",
        "why.csv",
        "report.html",
        "manifest.json",
    } <= held
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["draws"], manifest["seed"]) == ("why study", 12, 1)
    entry = pd.read_csv(folder / "entry.csv")
    assert entry.loc[0, "who"] == "foreign"
    assert "of the draws a vendor opens a data centre of its own" in " ".join(done.stdout.split())
    assert str(folder) in done.stdout
    again = ended("why", *files, *HOW, "--workers", "1", "--out", tmp_path)
    assert again.returncode == 0, "the same study again takes its place"


@pytest.mark.parametrize(("more", "said"), [
    (("--kpi", "us_vendors_profit_in_chian_cum_bn"), "did you mean us_vendors_profit_in_china_cum_bn"),
    (("--kpi", "exports_us_cum_bn"), "in every draw, so nothing decides it"),
    (("--groups", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    (("--set", "months=37"), "months"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_words(files, tmp_path, more, said):
    done = ended("why", *files, *HOW, *more, "--workers", "1", "--out", tmp_path / "out")
    assert done.returncode == REFUSED
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("text", "said"), [
    ("assumption: 3", "expected lists of {name, title, names}"),
    ("assumtion: []", "expected lists of {name, title, names}"),
    ("a: [", "no YAML"),
])  # fmt: skip
def test_a_file_of_groups_that_is_none_is_refused(tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sim.ScenarioError, match=f"mine.yaml: .*{said}"):
        read_rules(path)


def test_groups_of_ones_own_take_the_place_of_the_packages(pair, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("assumption: [{name: all_of_it, title: Everything assumed, names: ['*']}]", encoding="utf-8")
    groups = groups_of(pair, 1, read_rules(path))
    assert [group.title for group in groups if group.kind == "assumption"] == ["Everything assumed"]
