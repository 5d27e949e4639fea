"""Wherever people read the name of a country, market or issue, they read its title."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from sim.report.kept_table import Kept
from sim.scenario.schema import Scenario
from sim.studies.compare.comparison import compare
from sim.studies.compare.comparison_tables import comparison_html
from sim.studies.compare.difference_charts import plot_welfare_differences
from sim.studies.deals.deal_answer import answer_of
from sim.studies.deals.deal_charts import plot_deal_dates, plot_deal_space
from sim.studies.deals.deal_lists import (
    date_table,
    deal_space_html,
    decider_lines,
    effect_table,
    in_return,
    outcome_table,
    package_table,
)
from sim.studies.deals.deal_tables import deal_tables, deciders, outcomes
from sim.studies.one_run.goods_charts import plot_goods
from sim.studies.one_run.main_kpis import label
from sim.studies.one_run.market_charts import plot_presence, plot_price_index, plot_shares
from sim.studies.one_run.welfare_charts import plot_welfare
from tests.report.made_up import with_tables
from tests.report.made_up_deals import ACCESS, random_space

COUNTRY, MARKET, ISSUE = "A country of $_$", "A market of $_$", "An issue of $_$"
"""Titles no key could be made into, with signs that charts must not take for formulas."""


def titled(scenario: Scenario) -> Scenario:
    parts = {"countries": COUNTRY, "markets": MARKET}
    members = {
        part: {name: held.model_copy(update={"title": title}) for name, held in getattr(scenario, part).items()}
        for part, title in parts.items()
    }
    talks = scenario.talks.model_copy(update={"titles": dict.fromkeys(scenario.talks.agenda, ISSUE)})
    return scenario.model_copy(update={**members, "talks": talks})


@pytest.fixture
def renamed(result):
    return dataclasses.replace(result, scenario=titled(result.scenario))


@pytest.fixture
def space():
    made = random_space()
    scenario = titled(made.scenario)
    unpromised = scenario.talks.model_copy(update={"promises": {}})  # packages are called by issue and level
    return dataclasses.replace(made, scenario=scenario.model_copy(update={"talks": unpromised}))


def words_in(figure) -> str:
    """All text of a chart, which is laid out on the way."""
    figure.canvas.draw()
    return " ".join(
        text.get_text().replace("\n", " ") for text in figure.findobj(lambda held: hasattr(held, "get_text"))
    )


@pytest.mark.parametrize("plot", [plot_shares, plot_presence, plot_price_index])
def test_charts_call_a_market_by_its_title(renamed, plot):
    assert MARKET in words_in(plot(renamed))


@pytest.mark.parametrize("plot", [plot_goods, plot_welfare])
def test_charts_call_a_country_by_its_title(renamed, plot):
    assert COUNTRY in words_in(plot(renamed))


def test_a_comparison_calls_countries_and_markets_by_their_titles(renamed):
    kpis = renamed.kpis.assign(**{name: renamed.kpis[name] + 1.0 for name in renamed.kpis if name.endswith("_bn")})
    comparison = compare([renamed, with_tables(renamed, kpis=kpis)])
    assert COUNTRY in words_in(plot_welfare_differences(comparison))
    assert MARKET in comparison_html(comparison)


def test_figures_are_described_with_the_titles_of_what_they_are_about(renamed):
    scenario = renamed.scenario
    kpi = f"customer_surplus_{scenario.focus.market}_cum_bn"
    assert label(kpi, scenario) == f"Surplus of cloud customers in {MARKET}, sum over the run"
    assert COUNTRY in label(f"welfare_{scenario.focus.visitor}_cum_bn", scenario)


def test_the_deal_space_names_countries_and_issues_by_their_titles(space):
    words = words_in(plot_deal_space(space, ACCESS))
    assert f"gain to {COUNTRY}" in words
    assert f"Colour: {ISSUE}" in words
    shown = deal_space_html(space)
    assert COUNTRY in shown
    assert ISSUE in shown


def test_tables_of_a_deal_space_name_countries_and_issues_by_their_titles(space):
    assert f"gain to {COUNTRY}" in {column.title for column in package_table(space).columns}
    assert ISSUE in effect_table(space).caption
    assert ISSUE in in_return(space)[0]
    assert f"without {ISSUE}" in {column.title for column in date_table(space).columns}
    assert f"{COUNTRY} walks away at least once" in set(outcomes(space)["outcome"])


def test_the_chart_of_dates_calls_the_issue_by_its_title(space):
    words = words_in(plot_deal_dates(space))
    assert f"with {ISSUE} on the table" in words
    assert f"{ISSUE} off the table" in words


def test_what_the_deal_space_answers_calls_countries_and_issues_by_their_titles(space):
    kept = {name: Kept(name, table) for name, table in deal_tables(space, made_inputs(space)).items()}
    paragraphs = answer_of(space, kept)
    assert f"What {ISSUE} does" in {paragraph.heading for paragraph in paragraphs}
    said = " ".join(paragraph.text for paragraph in paragraphs)
    assert f"Where {ISSUE} is off the table" in said
    assert f"{COUNTRY} lacks" in said
    assert any(ISSUE in str(row[0]) for row in outcome_table(space).rows)


def test_what_decides_a_gain_is_said_of_the_country_by_its_title(space):
    inputs = deciders(space, made_inputs(space))
    assert any(f"the gain of {COUNTRY}" in line for line in decider_lines(space, inputs))


def made_inputs(space):
    noise = [float((7 * draw) % len(space.draws)) for draw in range(len(space.draws))]
    return pd.DataFrame({"draw": space.draws, "demand.market_elasticity": noise})
