"""A narrowed scenario draws from the box, as its draws there were distributed, and a written one keeps its word."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

import sim
from sim.model.luck import Draws
from sim.scenario.describing import numbers_of
from sim.studies.discover.discover_study import read_condition
from sim.studies.discover.narrowing import Bounds, narrowed
from tests.commanding import ended

DRAWS, REFUSED = 4_000, 2
KPI = "us_vendors_profit_in_china_cum_bn"
SUNK = "presence.owned.sunk_cost_bn"
FEES = [f"partners.bridge.contracts.{vendor}.fee" for vendor in ("eagle", "falcon")]
OPEN = np.inf
UNSURE = {
    SUNK: {"uniform": [0.02, 0.6]}, "presence.hurdle": {"triangular": [0, 0.2, 0.5]},
    "goods.growth": {"normal": [0.02, 0.01]},
    FEES[0]: {"uniform": [0.1, 0.3]}, FEES[1]: {"triangular": [0.1, 0.2, 0.3]},
    "correlated": [{"values": FEES, "rank": 0.7, "source": "made up"}],
}  # fmt: skip


def drawn(scenario, paths, seed=5):
    numbers, luck = numbers_of(scenario), Draws(seed, range(DRAWS))
    return np.stack([luck.number(numbers[path]) for path in paths])


@pytest.mark.parametrize(("path", "low", "high"), [
    (SUNK, 0.1, 0.3), (SUNK, -OPEN, 0.3), ("presence.hurdle", 0.25, OPEN), ("goods.growth", 0.01, 0.03),
])  # fmt: skip
def test_a_number_by_itself_has_the_distribution_that_its_draws_have_in_the_box(compact, path, low, high):
    whole = compact(UNSURE)
    found = compact(UNSURE | narrowed(whole, {path: Bounds(low, high)}, "box"))
    [before], [after] = drawn(whole, [path]), drawn(found, [path])
    inside = before[(before >= low) & (before <= high)]
    assert low - 1e-6 <= after.min() < after.max() <= high + 1e-6
    assert ks_2samp(inside, after).pvalue > 0.01
    others = [name for name in UNSURE if name not in {path, "correlated"}]
    np.testing.assert_array_equal(drawn(whole, others), drawn(found, others))


def test_numbers_that_go_together_still_do_and_tell_of_each_other(compact):
    whole = compact(UNSURE)
    found = compact(UNSURE | narrowed(whole, {FEES[0]: Bounds(0.2, OPEN)}, "box"))
    assert found.correlated == ()
    before, after = drawn(whole, FEES), drawn(found, FEES)
    before = before[:, before[0] >= 0.2]
    assert after[0].min() >= 0.2
    for one, other in zip(before, after, strict=True):
        assert abs(one.mean() - other.mean()) < 4 * one.std() / np.sqrt(200)
    assert np.corrcoef(after)[0, 1] == pytest.approx(np.corrcoef(before)[0, 1], abs=0.2)
    assert before[1].mean() > drawn(whole, FEES)[1].mean() + 0.01, "a high fee tells of another"


def test_a_number_that_was_estimated_takes_the_others_along():
    whole = sim.load("status_quo")
    numbers = numbers_of(whole)
    path = next(path for path, number in numbers.items() if number.estimate is not None)
    bound = numbers[path].estimate.middle
    found = sim.load("status_quo", narrowed(whole, {path: Bounds(bound, OPEN)}, "box"))
    together = [name for name, number in numbers_of(found).items() if number.together]
    assert set(together) == {name for name, number in numbers.items() if number.estimate is not None}
    before, after = drawn(whole, together), drawn(found, together)
    before = before[:, before[together.index(path)] >= bound]
    away = np.abs(before.mean(axis=1) - after.mean(axis=1)) / before.std(axis=1)
    assert away.max() < 4 / np.sqrt(200)


def test_a_box_in_which_nothing_lies_is_refused_and_unknown_numbers_are_left_out(compact):
    whole = compact(UNSURE)
    with pytest.raises(sim.ScenarioError, match="none lies in the box"):
        narrowed(whole, {"presence.hurdle": Bounds(0.6, OPEN)}, "box")
    assert narrowed(whole, {"policies.none.rate": Bounds(0, 1), "months": Bounds(0, 1)}, "box") == {}


# As users run it ------------------------------------------------------------------------------------------------------


@pytest.fixture
def unsure(tmp_path, files):
    """Two scenario files with a number that decides."""
    for file in files:
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    for name, parent in (("before", "compact"), ("after", "opened")):
        (tmp_path / f"{name}.yaml").write_text(
            f"extends: {parent}\ntitle: Unsure\nquestion: What if?\nmonths: 36\n"
            "presence: {owned: {sunk_cost_bn: {uniform: [0.02, 0.6]}}}\n",
            encoding="utf-8",
        )
    return tmp_path / "before.yaml", tmp_path / "after.yaml"


HOW = ("--workers", "1", "--quiet")


def test_the_written_region_has_the_density_that_was_said(unsure, tmp_path):
    when = f"{KPI} < 0"
    done = ended(
        "discover", *unsure, "--when", when, "--draws", "200", *HOW, "--out", tmp_path / "out", "--write",
        tmp_path / "region.yaml",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    [row, *_] = rules_in(tmp_path / "out")
    pair = [sim.load(tmp_path / f"{name}.yaml") for name in ("region_reference", "region")]
    kpi, _, limit = read_condition(when)
    runs = [sim.run(held, draws=200, seed=9, workers=1).kpis[kpi].to_numpy() for held in pair]
    share = float((runs[1] - runs[0] < limit).mean())
    scored = max(row["support"] * row["draws"], 1)
    error = np.sqrt(max(share * (1 - share), 0.01) / 200 + max(row["density"] * (1 - row["density"]), 0.01) / scored)
    assert row["density"] > row["base_rate"]
    assert abs(share - row["density"]) < 3 * error
    assert share > row["base_rate"]
    text = (tmp_path / "region.yaml").read_text(encoding="utf-8")
    assert "extends: ./after.yaml" in text
    again = ended(
        "discover", *unsure, "--when", when, *HOW, "--out", tmp_path / "out", "--write", tmp_path / "region.yaml"
    )
    assert again.returncode == REFUSED
    assert "the file is there already" in again.stderr
    assert (tmp_path / "region.yaml").read_text(encoding="utf-8") == text


def rules_in(folder):
    [study] = folder.iterdir()
    return pd.read_csv(study / "rules.csv").to_dict("records")


@pytest.mark.parametrize(("more", "said"), [
    (("--write", "region.txt"), "expected the name of a scenario file"),
    (("--write", "today.yaml"), "a scenario of the library has this name"),
    (("--write", "region.yaml", "--set", "months=24"), "make scenarios of it first"),
])  # fmt: skip
def test_what_cannot_be_written_is_refused_before_anything_runs(unsure, tmp_path, monkeypatch, more, said):
    monkeypatch.chdir(tmp_path)
    done = ended("discover", *unsure, "--when", f"{KPI} < 0", *HOW, *more, "--out", tmp_path / "out")
    assert done.returncode == REFUSED
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
