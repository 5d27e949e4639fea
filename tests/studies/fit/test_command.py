"""`cloudtrade fit` as users run it; in a process of its own it makes the posterior that the package has."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from sim.cli.published_figures import FIT_CUTOFF
from sim.facts import posteriors
from sim.scenario.loading import load_with_places
from sim.studies.fit import estimating
from sim.studies.fit.fit_settings import settings
from tests.commanding import command, ended
from tests.depth import quick
from tests.later_data import folder_of

REFUSED = 2
MADE_ANEW = "sim/facts/posteriors is out of date: make fit"
LAST_DIGIT, MOST_ROUNDED = 1.01e-3, 2
FILES = {
    "posterior.csv", "parameters.csv", "observations.csv", "prior_posterior.svg", "prior_posterior.csv", "fitted.svg",
    "fitted.csv", "fit.md", "manifest.json", "datapackage.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit") / "made"
    run = command("fit", "--out", folder, "--quiet")
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout, folder


@pytest.mark.long
def test_the_folder_holds_posterior_tables_charts_and_page(done):
    _, folder = done
    assert {path.name for path in folder.iterdir()} == FILES
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["cutoff"], manifest["scenario"]) == ("fit", "2021-12", settings().history)


@pytest.fixture(params=quick(posteriors(), FIT_CUTOFF))
def made(request, done, tmp_path):
    """Name of each posterior of the package, and the one that the fit makes now."""
    folder = done[1] if request.param == FIT_CUTOFF else tmp_path / "made"
    if not folder.exists():
        assert command("fit", "--cutoff", request.param, "--out", folder, "--quiet").returncode == 0
    return request.param, (folder / "posterior.csv").read_text(encoding="utf-8")


@pytest.mark.long
def test_the_package_has_the_posterior_that_the_fit_makes_now(made):
    """The same text, but for the last digit of a cell or two where another machine rounds otherwise."""
    name, now = made
    kept = (resources.files("sim.facts") / "posteriors" / f"{name}.csv").read_text(encoding="utf-8")
    ours, theirs = (list(csv.reader(io.StringIO(text))) for text in (kept, now))
    assert ours[0] == theirs[0], MADE_ANEW
    pairs = [pair for row in zip(ours[1:], theirs[1:], strict=True) for pair in zip(*row, strict=True)]
    other = [(float(first or 0), float(second or 0)) for first, second in pairs if first != second]
    assert len(other) <= MOST_ROUNDED, MADE_ANEW
    assert all(first == pytest.approx(second, rel=LAST_DIGIT, abs=2e-4) for first, second in other), MADE_ANEW


@pytest.mark.depth
def test_the_posterior_has_a_row_for_each_number_that_the_scenario_estimates(done):
    posterior = pd.read_csv(done[1] / "posterior.csv")
    assert set(posterior["number"]) == set(load_with_places("base_2018").estimated)
    assert list(posterior.columns[-len(posterior) :]) == list(posterior["number"])


@pytest.mark.depth
def test_parameters_and_posterior_agree(done):
    _, folder = done
    posterior = pd.read_csv(folder / "posterior.csv", index_col="number")
    table = pd.read_csv(folder / "parameters.csv", index_col="path")
    assert list(table.index) == list(posterior.index)
    np.testing.assert_allclose(posterior["score_mean"], table["score_mean"], atol=1e-4)
    loadings = posterior[list(posterior.index)].fillna(0.0).to_numpy()
    np.testing.assert_allclose(np.sqrt((loadings**2).sum(axis=1)), table["score_sd"], atol=1e-3)
    np.testing.assert_allclose(posterior["p5"], table["posterior_p5"], rtol=1e-3, atol=1e-6)
    assert (table["variance_left"] <= 1.0 + 1e-6).all()


@pytest.mark.depth
def test_the_screen_names_what_moved_and_what_stayed(done):
    said, folder = done
    table = pd.read_csv(folder / "parameters.csv")
    shown, silent = said.split("The data say nothing about:")
    assert all(path in shown for path in table.loc[table["moved_or_narrowed"], "path"])
    words = silent.replace("\n", " ")
    assert all(path in words for path in table.loc[~table["moved_or_narrowed"], "path"])


@pytest.mark.depth
def test_most_figures_lie_where_the_fitted_model_has_them(done):
    rows = pd.read_csv(done[1] / "observations.csv")
    errors = 2.0 * rows["error"]
    near = rows["observed"].between(rows["p5"] * (1.0 - errors), rows["p95"] * (1.0 + errors))
    assert near.mean() > 0.9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cutoff", "last year"], "no month"),
        (["--cutoff", "2017-12"], "expected 2018-12 or a later month"),
        (["--data", "nowhere"], "nowhere: there is no such folder"),
    ],
)
def test_bad_input_is_refused_in_words(arguments, said):
    refused = ended("fit", *arguments)
    assert refused.returncode == REFUSED
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_that_holds_something_else_is_not_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    refused = ended("fit", "--out", tmp_path)
    assert refused.returncode == REFUSED
    assert "choose another folder" in refused.stderr
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.depth
def test_a_folder_of_data_is_said_to_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(estimating, "DRAWS", 128)
    monkeypatch.setattr(estimating, "ROUNDS", 1)
    run = ended("fit", "--cutoff", "2019-06", "--data", folder_of(tmp_path / "later"), "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert "10 figures read from the folder" in run.stdout
    assert "Kingsoft (1)" in run.stdout
