"""`cloudtrade deals` as users run it: what it keeps agrees with itself, and what it refuses it explains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.model.minds.stakes import PARTS
from tests.commanding import command, ended

pytestmark = pytest.mark.depth

SCENARIO, NAME = "bargain_spring_2019", "bargain_spring_2019_with_months_24"
FOLDER = f"{NAME}-deals"
SHORT = {"months": 24}
SET = ("--set", "months=24")
DRAWS, SEED = 12, 3
REFUSED = 2
TABLES = (
    "packages", "effects", "compensation", "dates", "outcomes", "history", "thresholds", "ladder", "deciders",
)  # fmt: skip
CHARTS = ("deal_space", "deal_dates")
FILES = {
    *(f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")),
    *(f"{name}.{kind}" for name in CHARTS for kind in ("csv", "svg")),
    "deals.parquet", "scenario.yaml", "manifest.json", "datapackage.json", "report.html",
    "assumptions.parquet", "validation.parquet", "validation_checks.parquet", "forecasts.parquet",
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    said: str
    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"{name}.csv", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Done:
    out = tmp_path_factory.mktemp("deals")
    run = command("deals", SCENARIO, *SET, "--draws", str(DRAWS), "--seed", str(SEED), "--out", out, "--quiet")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return Done(run.stdout, out / FOLDER)


@pytest.fixture(scope="module")
def draws(done) -> pd.DataFrame:
    return pd.read_parquet(done.folder / "deals.parquet").astype({"package": "str", "country": "str"})


def test_the_folder_holds_tables_chart_scenario_and_manifest(done):
    assert {path.name for path in done.folder.iterdir()} == FILES
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["scenario"]) == ("deal space", NAME)
    assert (manifest["draws"], manifest["seed"], manifest["issue"]) == (DRAWS, SEED, "cloud_access")
    assert manifest["versions"]["cloudtrade"] == sim.__version__
    for chart, table in (("deal_space", "packages"), ("deal_dates", "dates")):
        assert (done.folder / f"{chart}.svg").read_text(encoding="utf-8").startswith("<?xml")
        points, known = (pd.read_csv(done.folder / f"{name}.csv") for name in (chart, table))
        pd.testing.assert_frame_equal(points, known)


def test_the_command_prints_when_a_deal_comes_what_breaks_it_packages_effects_and_where_files_are(done):
    words = " ".join(done.said.split())
    assert f"{DRAWS} draws, seed {SEED}" in words
    for said in (
        "When a deal comes", "Something is signed by", "What cloud access does", "What would change minds",
        "gain to US", "no deal", "What cloud access adds", "How the talks end", "signed with cloud access",
    ):  # fmt: skip
        assert said in words
    assert "In return for cloud access: nationwide" in words or "costs either side" in words
    assert "History" not in words, "the scenario knows of none"
    assert f"Wrote {done.folder}" in done.said


def test_packages_are_called_by_what_they_promise(done):
    table = done.table("packages").set_index("package")
    assert "US halves its tariffs" in set(table["in_words"])
    assert all(name in " ".join(done.said.split()) for name in table.nlargest(1, "signed_share")["in_words"])
    assert table["in_words"].is_unique


def test_chances_by_date_and_ends_agree_with_each_other_and_with_what_was_signed(done):
    dates, outcomes = done.table("dates"), done.table("outcomes").set_index("outcome")["share"]
    assert dates["date"].tolist() == ["2019-04-05", "2019-05-01", "2019-05-10"]
    assert dates["share"].is_monotonic_increasing
    assert dates["without_share"].is_monotonic_increasing
    signed = done.table("packages")["signed_share"].sum()
    assert dates["share"].iloc[-1] == pytest.approx(signed)
    assert signed + outcomes["ended without a deal"] == pytest.approx(1)
    by_level = [share for outcome, share in outcomes.items() if outcome.startswith("signed with cloud access")]
    assert sum(by_level) == pytest.approx(signed)
    why = [share for outcome, share in outcomes.items() if outcome.startswith("ended without a deal, as")]
    assert sum(why) == pytest.approx(outcomes["ended without a deal"])


def test_without_the_issue_the_command_tells_of_the_same_talks_with_it_off_the_table(done):
    closed = sim.load(SCENARIO, SHORT | {"talks.off_the_table": ["cloud_access"]})
    run = sim.run(closed, draws=DRAWS, seed=SEED)
    assert done.table("dates")["without_share"].iloc[-1] == pytest.approx(run.kpis["deal_signed_end_share"].mean())


def test_a_scenario_that_knows_history_is_set_beside_it(tmp_path):
    """End to end, on the talks as they were held: what happened is told with its chances, and no run reads it."""
    run = ended("deals", "talks_2018_2020", "--set", "months=24", "--draws", "20", "--out", tmp_path, "--quiet")
    assert run.returncode == 0, run.stderr
    words = " ".join(run.stdout.split())
    folder = tmp_path / "talks_2018_2020_with_months_24-deals"
    table, dates = (pd.read_csv(folder / f"{name}.csv") for name in ("history", "dates"))
    assert table["what"].tolist() == [
        "no deal by 2019-05-10", "a deal by 2020-01-15", "a deal without cloud access"
    ]  # fmt: skip
    assert table["draws"].tolist() == [20, *table["went"].tolist()[:-1]]
    by_may = dates.set_index("date").loc["2019-05-10", "share"]
    assert table["share"].iloc[0] == pytest.approx(1 - by_may)
    assert "What is known to have happened" in words
    assert f"all of it in {table['went'].iloc[-1]} of 20 draws" in words
    ladder = pd.read_csv(folder / "ladder.csv")
    assert sorted(set(ladder["rung"])) == [1, 2, 3]
    assert "What threats are worth" in words


def test_parts_add_up_to_the_gain_in_every_draw(draws):
    parts = [column for column in draws if column.endswith("_bn") and column != "gain_bn"]
    assert {part.removesuffix("_bn") for part in parts} == set(PARTS)
    pd.testing.assert_series_equal(draws[parts].sum(axis="columns"), draws["gain_bn"], check_names=False)
    assert len(draws) == DRAWS * 2 * draws["package"].nunique()
    assert draws["gain_bn"].abs().max() > 1


def test_packages_can_be_counted_again_from_the_draws(done, draws):
    table = done.table("packages").set_index("package")
    wide = draws.pivot(index=["package", "draw"], columns="country", values="gain_bn")
    assert set(table.index) == set(draws["package"])
    for country in ("us", "china"):
        grouped = wide[country].groupby("package")
        for name, values in {"mean": grouped.mean(), "p95": grouped.quantile(0.95)}.items():
            found = table[f"{country}_gain_{name}_bn"]
            pd.testing.assert_series_equal(found, values.loc[table.index], check_names=False)
    both = (wide > 0).all(axis="columns").groupby("package").mean()
    pd.testing.assert_series_equal(table["both_gain_share"], both.loc[table.index], check_names=False)


def test_the_frontier_can_be_found_again_from_the_draws(done, draws):
    means = draws.groupby(["package", "country"])["gain_bn"].mean().unstack()
    table = done.table("packages").set_index("package")
    for package, own in means.iterrows():
        better = (means >= own).all(axis="columns") & (means > own).any(axis="columns")
        assert table.loc[package, "on_frontier"] == (not better.any())
    products = means.prod(axis="columns").where((means > 0).all(axis="columns"), 0)
    assert table.index[table["is_nash"]].tolist() == ([products.idxmax()] if products.max() > 0 else [])


def test_what_was_signed_is_what_a_run_with_the_same_seed_signs(done):
    run = sim.run(SCENARIO, draws=DRAWS, seed=SEED, set=SHORT)
    signed = done.table("packages").set_index("package")["signed_share"]
    counts = run.kpis["package_end_name"].value_counts() / DRAWS
    for package, share in counts[counts > 0].items():
        assert signed[package] == pytest.approx(share)
    assert signed.sum() == pytest.approx(run.kpis["deal_signed_end_share"].mean())


def test_python_gives_the_same_deal_space(draws):
    space = sim.deals(sim.load(SCENARIO, SHORT), draws=DRAWS, seed=SEED)
    assert isinstance(space, sim.DealSpace)
    means = draws.groupby(["country", "package"])["gain_bn"].mean()
    for country, gains in zip(space.countries, space.gains.mean(axis=2), strict=True):
        assert dict(zip(space.packages, gains, strict=True)) == pytest.approx(means[country].to_dict())


def test_the_kept_scenario_gives_the_same_again(done, tmp_path):
    run = ended(
        "deals", done.folder / "scenario.yaml", "--draws", str(DRAWS), "--seed", str(SEED), "--out", tmp_path, "-q"
    )
    assert run.returncode == 0, run.stderr
    again = (tmp_path / FOLDER / "packages.csv").read_text(encoding="utf-8")
    assert again == (done.folder / "packages.csv").read_text(encoding="utf-8")


def test_a_deal_space_is_no_result_of_a_run(done):
    with pytest.raises(sim.ScenarioError, match="is a deal space, expected a result folder"):
        sim.read(done.folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["status_quo"], ["no talks.rounds", "no packages to price"], id="no talks"),
        pytest.param(["deal_spring_2019"], ["no talks.stakes"], id="no stakes"),
        pytest.param([SCENARIO, "--issue", "cloud_acess"], ["no issue", "mean cloud_access?"], id="misspelt issue"),
        pytest.param([SCENARIO, "--set", "talks.agenda.cloud=1"], ["talks.agenda.cloud"], id="wrong change"),
        pytest.param(["bargain_spring"], ["bargain_spring_2019"], id="misspelt scenario"),
    ],
)
def test_what_cannot_be_priced_is_refused_in_words(arguments, words, tmp_path):
    refused = ended("deals", *arguments, "--draws", "2", "--out", tmp_path)
    assert refused.returncode == REFUSED
    assert "Traceback" not in refused.stderr
    for word in words:
        assert word in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "thesis.txt").write_text("years of work", encoding="utf-8")
    refused = ended("deals", SCENARIO, *SET, "--draws", "2", "--out", tmp_path)
    assert refused.returncode == REFUSED
    assert "choose another folder" in refused.stderr
    assert (tmp_path / FOLDER / "thesis.txt").read_text(encoding="utf-8") == "years of work"
