"""Entry as an option from end to end: what is noted is what the model does, and looking on changes nothing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.kpis import figure_tables
from sim.report.kept_table import Kept, in_plain_words
from sim.runs.batch_task import Batch
from sim.scenario.loading import changed
from sim.studies.options.best_moment import NOT_AT_ALL
from sim.studies.options.going_rules import BEST, HURDLE, NOW, PAYS
from sim.studies.options.options_page import answer_of
from sim.studies.options.options_study import ANY, OWN, SAME, entry_option
from sim.studies.options.reckoned_entry import Watcher
from tests.commanding import ended
from tests.conftest import COMPACT

REFUSED, DRAWS = 2, 40


@pytest.fixture(scope="module")
def scenario(compact, pilot):
    """A zone that some draws find too dear at first, in a market that grows by chance."""
    unsure = {
        "presence.zone.sunk_cost_bn": {"uniform": [0.02, 3.0]}, "presence.hurdle": {"uniform": [0, 1]},
        "presence.fade_half_life_years": 2, "presence.horizon_years": {"uniform": [3, 6]},
        "demand.budget_shock_sd": 0.2, "vendors.eagle.willing": 0.5, "months": 84,
    }  # fmt: skip
    return compact(pilot() | unsure)


@pytest.fixture(scope="module")
def found(scenario):
    return entry_option(scenario, "eagle", draws=DRAWS, workers=1)


def of_rule(found, rule, counted=OWN, option=ANY):
    return next(held for held in found.found[counted, option] if held.rule == rule)


def test_with_the_models_hurdle_it_goes_when_the_vendor_of_the_model_first_applies(found, scenario):
    events = sim.run(changed(scenario, {"vendors.eagle.willing": 1}), draws=DRAWS, workers=1).events
    applied = events[(events["event"] == "applies") & (events["actor"] == "eagle")]
    first = {row.draw: f"{row.date:%Y-%m-01}" for row in applied.sort_values("date", ascending=False).itertuples()}
    goes = of_rule(found, HURDLE).goes
    assert first == {draw: found.dates[at] for draw, at in enumerate(goes) if at != NOT_AT_ALL}
    assert len(set(first.values())) > 1
    assert len(first) < DRAWS


@pytest.mark.parametrize("vendor", ["eagle", "falcon"])
def test_looking_on_changes_no_bit(scenario, vendor):
    batch = Batch(scenario, range(12), 1)
    watcher = Watcher(list(scenario.vendors).index(vendor), list(scenario.markets).index("china"))
    watched, plain = (
        pd.DataFrame(figure_tables(batch.paths(guests=guests))["kpis"]) for guests in ([watcher.watch], [])
    )
    pd.testing.assert_frame_equal(watched, plain, check_exact=True)
    assert len(watcher.noted().changes)


def test_years_that_end_on_one_day_count_the_first_moment_alike_and_later_ones_for_less(found):
    changes = found.changes
    of_review = changes.groupby(["draw", "date"])["npv_bn"].max()
    first = of_review[of_review > 0.0].reset_index().groupby("draw")["date"].min()
    when = changes["draw"].map(first).fillna("9999")
    before, later = changes[changes["date"] <= when], changes[changes["date"] > when]
    pd.testing.assert_series_equal(before["npv_bn"], before["same_years_bn"], check_names=False, check_exact=True)
    beside = later[later["option"] == "zone in harbour beside what it has"]
    gross, gross_same = (beside[name] + beside["sunk_bn"] for name in ("npv_bn", "same_years_bn"))
    assert (gross_same < gross)[gross > 0.0].all()
    assert (gross > 0.0).sum() > DRAWS
    np.testing.assert_array_equal(of_rule(found, PAYS, OWN).paid, of_rule(found, PAYS, SAME).paid)


def test_rules_are_paid_what_was_noted(found):
    """By hand for one draw: present value of the best change on the first date on which one pays."""
    pays, rate = of_rule(found, PAYS), found.scenario.presence.discount.central
    draw = int(np.flatnonzero(pays.goes > 0)[0])
    held = found.changes[found.changes["draw"] == draw].groupby("date")["npv_bn"].max()
    date = held[held > 0.0].index[0]
    months = (pd.Timestamp(date) - pd.Timestamp(found.scenario.start)).days / 30.4375
    assert found.dates[pays.goes[draw]] == date
    assert pays.paid[draw] == pytest.approx(held[date] * np.exp(-rate * months / 12), rel=1e-3)
    nothing = of_rule(found, BEST).goes == NOT_AT_ALL
    assert (of_rule(found, BEST).paid[nothing] == 0.0).all()


def test_the_table_adds_up(found):
    table = found.table().set_index(["counted", "option", "rule"])
    for (counted, option, _), row in table.iterrows():
        assert row["value"] + row["lost"] == pytest.approx(table.loc[(counted, option, BEST), "value"], abs=1e-7)
    first = table.xs(NOW, level="rule")
    assert (first["goes"] <= 1.0).all()
    assert (table["value_error"] >= 0.0).all()


def test_sentences_claim_nothing_that_errors_do_not_support(found):
    table = found.table()
    told = spoken(found, table.assign(value=0.3, lost=0.05, value_error=0.01, lost_error=0.01))
    assert "gains USD 300 million" in told
    assert "is worth USD 50 million" in told
    assert "gives away USD 50 million" in told
    for value, lost in ((0.3, 0.05), (-0.3, -0.05)):
        untold = spoken(found, table.assign(value=value, lost=lost, value_error=0.2, lost_error=0.04))
        assert "million" not in untold
        assert "cannot be told from nothing" in untold
    never = spoken(found, table.assign(goes=0.0))
    assert "best to stay" in never


def spoken(found, table):
    return " ".join("".join(map(in_plain_words, line)) for line in answer_of(found, Kept("options", table)))


def test_the_same_call_gives_the_same_however_it_is_divided(found, scenario, monkeypatch):
    monkeypatch.setattr("sim.studies.options.options_study.BATCH", 16)
    again = entry_option(scenario, "eagle", "china", draws=DRAWS, workers=1)
    pd.testing.assert_frame_equal(again.table(), found.table(), check_exact=True)
    pd.testing.assert_frame_equal(again.changes, found.changes, check_exact=True)


def test_the_command_keeps_table_chart_and_page(tmp_path):
    how = ("--draws", "20", "--set", "months=36", "--workers", "1", "--quiet", "--out", tmp_path)
    done = ended("option", COMPACT, "--vendor", "eagle", *how)
    assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    kept = {path.name for path in folder.iterdir()}
    assert {"options.csv", "entry_option.svg", "entry_option.csv", "changes.parquet", "report.html"} <= kept
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["kind"] == "option study"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--vendor", "egale"), "did you mean eagle"),
        (("--vendor", "dragon"), "dragon reviews no market"),
        (("--vendor", "eagle", "--market", "us"), "did you mean china"),
        (("--vendor", "eagle", "--set", "months=6"), "No answer, because"),
        (("--vendor", "eagle", "--draws", "3"), "20"),
    ],
)
def test_what_has_no_answer_is_refused_in_words(tmp_path, more, said):
    how = ("--draws", "20", "--set", "months=36", "--workers", "1", "--quiet", "--out", tmp_path)
    refused = ended("option", COMPACT, *how, *more)
    assert (refused.returncode, refused.stdout) == (REFUSED, "")
    assert said in " ".join(refused.stderr.split())
    assert not [path for path in tmp_path.iterdir() if not path.name.endswith(".unfinished")]
    if "--draws" in more:
        with pytest.raises(sim.ScenarioError, match="expected 20 at least"):
            entry_option(COMPACT, "eagle", draws=3)
