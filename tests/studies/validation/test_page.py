"""The page shows the checks as they are, and the one in docs/ is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import sim.studies.validation
from sim.facts import SHARE
from sim.studies.backtest.backtest_page import CANNOT, CHANGE, METHOD, READING
from sim.studies.fit.cutoff import last_month
from sim.studies.validation import Check, gather, model_steps, report, tables, write_report
from sim.studies.validation.checks_page import CERTAIN, INSIDE, UNITS, figures_of, number, rendered
from sim.studies.validation.comparison import MONEY_A_YEAR, Comparison, Estimate, Published
from sim.studies.validation.forecasts import CANNOT_TITLE, CHECKS_TITLE, POSTERIOR_TITLE, SCORECARD_TITLE, sections

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "sim" / "studies" / "one_run"
MADE_ANEW = "make docs/validation.md and the figures of report pages again: make validation"
SCORECARD_BARS = 9


def comparison(mean, low, high, data, unit="months", why="Because."):
    return Comparison("what", Estimate(mean, low, high), Published(data, unit, "somebody (`a.key`)"), why)


def page_of(*rows):
    return rendered([Check("Title", "Text.", rows)], draws=7, seed=2)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.1234, SHARE, "12.3"),
        (-0.05, SHARE, "−5.0"),
        (1.05, SHARE, "105.0"),
        (0.4123, MONEY_A_YEAR, "0.41"),
        (12.345, MONEY_A_YEAR, "12.3"),
        (467.4, "bn USD", "467"),
        (66.0, "months", "66.0"),
    ],
)
def test_a_number_is_written_with_about_three_digits(value, unit, text):
    assert number(value, unit) == text


@pytest.mark.parametrize(("value", "text"), [(0.021, "+2.1"), (-0.021, "−2.1"), (0.0001, "0.0"), (-0.0001, "0.0")])
def test_a_difference_has_a_sign_unless_it_rounds_to_nothing(value, text):
    assert number(value, SHARE, signed=True) == text


def test_a_difference_is_bold_only_where_the_data_lies_outside_the_range():
    assert "| **−2.00** |" in page_of(comparison(5.0, 4.0, 6.0, 7.0))
    assert "| −1.00 |" in page_of(comparison(5.0, 4.0, 6.0, 6.0))


def test_a_figure_without_uncertainty_has_no_range_and_is_never_bold():
    assert "| what | months | 5.00 |  | 7.00 | −2.00 | a | somebody (`a.key`) |" in page_of(
        comparison(5.0, 5.0, 5.0, 7.0)
    )


def test_rows_with_the_same_reason_share_a_remark():
    page = page_of(
        comparison(5.0, 4.0, 6.0, 7.0), comparison(1.0, 0.0, 2.0, 1.0, why="Luck."), comparison(1.0, 0.0, 2.0, 1.0)
    )
    assert [line for line in page.splitlines() if line.startswith("- (")] == ["- (a) Because.", "- (b) Luck."]
    assert [line.split(" | ")[-2] for line in page.splitlines() if line.startswith("| what")] == ["a", "b", "a"]


def test_the_overview_counts_rows_ranges_and_data_inside_them():
    page = page_of(comparison(5.0, 4.0, 6.0, 7.0), comparison(5.0, 4.0, 6.0, 5.5), comparison(5.0, 5.0, 5.0, 5.0))
    assert "| 1. Title | 3 | 2 | 1 |" in page


def test_a_bar_in_a_text_does_not_break_the_table():
    row = Comparison("a|b", Estimate(1.0, 1.0, 1.0), Published(1.0, "months", "c|d (`a.key`)"), "Because.")
    assert "| a/b | months | 1.00 |  | 1.00 | 0.00 | a | c/d (`a.key`) |" in page_of(row)


def test_the_page_says_how_it_was_made():
    assert "Made by `cloudtrade validate` (7 draws, seed 2)" in page_of(comparison(5.0, 4.0, 6.0, 7.0))


def test_every_unit_of_the_checks_is_one_the_page_knows(checks):
    assert {row.unit for check in checks for row in check.comparisons} <= set(UNITS)


def test_the_page_holds_one_full_row_for_each_comparison(page, checks):
    of_checks = page.partition(CHECKS_TITLE)[2].partition(model_steps.TITLE)[0]
    tables = [line for line in of_checks.splitlines() if line.startswith("|")]
    assert len(re.findall(r"^\| .* \| [a-z] \| .* \|$", page, re.MULTILINE)) == sum(len(c.comparisons) for c in checks)
    assert {line.count(" | ") for line in tables} == {3, 7}


@pytest.mark.long
def test_the_same_draws_give_the_same_bytes_and_writing_leaves_only_page_and_charts(tmp_path, monkeypatch, forecasts):
    monkeypatch.setattr(sim.studies.validation, "DRAWS", 12)
    monkeypatch.setattr(sim.studies.validation, "gather_forecasts", lambda: forecasts)
    write_report(tmp_path / "new" / "page.md", tmp_path / "kept")
    page = (tmp_path / "new" / "page.md").read_text(encoding="utf-8")
    assert page == report(gather(12, 1), forecasts, "page")
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
    assert len(shown) == 5
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"page.md", *shown}
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"validation.csv", "forecasts.csv"}


@pytest.fixture(scope="module")
def page(evidence, forecasts) -> str:
    return report(evidence, forecasts)


@pytest.mark.depth
def test_the_page_in_docs_is_up_to_date(page, forecasts):
    """To the letter, but for the rows of the scorecard that take later cut-offs, which take the same way."""
    kept = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    (cutoff,) = map(last_month, forecasts.study.cutoffs)
    (head, tail), (made_head, made_tail) = (text.split(POSTERIOR_TITLE) for text in (kept, page))
    rows = [line for line in made_head.splitlines() if f"| {cutoff} |" in line and line.count(" | ") == SCORECARD_BARS]

    assert tail == made_tail, MADE_ANEW
    assert len(rows) >= 5
    assert set(rows) <= set(head.splitlines()), MADE_ANEW
    assert all(words in head for words in (METHOD, CANNOT, CHANGE, READING)), MADE_ANEW


def test_the_charts_that_the_page_shows_lie_beside_it():
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
    assert shown
    assert all((ROOT / "docs" / name).is_file() for name in shown)


def test_scorecard_and_posterior_come_before_the_checks(forecasts):
    page = rendered([], draws=7, seed=2, before=sections(forecasts, "validation_"))
    titles = [SCORECARD_TITLE, CANNOT_TITLE, POSTERIOR_TITLE, CHECKS_TITLE, "| Check |"]
    assert [page.index(title) for title in titles] == sorted(page.index(title) for title in titles)


def test_the_scorecard_of_the_page_says_what_the_scores_say(forecasts):
    page = sections(forecasts, "validation_")
    scores = forecasts.study.scores
    inside = ((scores["p5"] <= scores["observed"]) & (scores["observed"] <= scores["p95"])).mean()
    (line,) = re.findall(r"^\| 90 % intervals .*$", page, re.MULTILINE)
    assert f"{100 * inside:.1f} %" in line
    assert ("| met |" in line) == (0.80 <= inside <= 0.97)


@pytest.mark.depth
def test_the_figures_that_report_pages_show_are_up_to_date(evidence, forecasts):
    made = tables(evidence, forecasts)
    kept = {name: (PAGES / f"{name}.csv").read_text(encoding="utf-8") for name in made}
    rows = {name: table.to_csv(index=False, lineterminator="\n").splitlines() for name, table in made.items()}
    (cutoff,) = map(last_month, forecasts.study.cutoffs)
    (together,) = [row for row in rows["forecasts"] if f",{cutoff}," in row]

    assert kept["validation"].splitlines() == rows["validation"], MADE_ANEW
    assert together in kept["forecasts"].splitlines(), MADE_ANEW
    assert kept["forecasts"].startswith(rows["forecasts"][0]), MADE_ANEW


def test_figures_say_whether_the_data_lies_inside(checks):
    figures = figures_of(checks)
    assert len(figures) == sum(len(check.comparisons) for check in checks)
    within = (figures["low"] <= figures["data"]) & (figures["data"] <= figures["high"])
    ranged = figures["inside"] != CERTAIN
    assert (within == (figures["inside"] == INSIDE))[ranged].all()
    assert (figures["low"] == figures["high"])[~ranged].all()


def test_the_page_shows_what_each_change_of_the_model_did(page):
    section = page.partition(model_steps.TITLE)[2]
    kept = pd.read_csv(model_steps.FILE)
    shown = {step: rows.groupby(["scenario", "until"]).ngroups for step, rows in kept.groupby("step")}
    assert {step: section.count(f"| {step} |") for step in shown} == shown
    assert (kept["low"] <= kept["mean"]).all()
    assert (kept["mean"] <= kept["high"]).all()
