"""What the command prints of comparisons."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.report.kept_table import Column, Table, in_plain_words, number, on_screen
from sim.report.wrapping import wrapped
from sim.studies.compare.comparison import compare
from sim.studies.compare.comparison_tables import changed_line, changed_table, narrowing_line
from sim.studies.compare.gain_tables import matrix, preferences
from tests.report.made_up import with_tables


def printed(*tables, width=160):
    console = Console(width=width)
    with console.capture() as said:
        console.print(*map(on_screen, tables))
    return said.get()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_several_runs_stand_beside_each_other_and_nothing_is_cut(make_result, width):
    runs = [make_result(), *(make_result(shift=shift, name=f"run_{shift}") for shift in range(1, 6))]
    compared = compare(runs)
    for table in (matrix(compared.gains, compared.labels, compared.reference.name), preferences(compared)):
        said = printed(table, width=width)
        assert all(f"run_{shift}" in said for shift in range(1, 6))
        assert words_of(table) <= set(said.replace(":", " ").split())
        assert max(map(len, said.splitlines())) <= width


def words_of(table):
    rows = [[column.title for column in table.columns[1:]], *table.rows]
    return {word for row in rows for piece in row for word in in_plain_words(piece).split()}


words = st.text("abcdefgh", min_size=1, max_size=25)
texts = st.lists(words, min_size=1, max_size=4).map(" ".join)


@given(st.integers(2, 6).flatmap(lambda n: st.lists(st.lists(texts, min_size=n, max_size=n), min_size=2, max_size=5)))
def test_no_word_of_a_table_is_cut_at_any_width(rows):
    titles, *lines = rows
    columns = [number(title) if place % 2 else Column(title) for place, title in enumerate(titles)]
    for width in (40, 80, 120):
        said = printed(Table("", columns, lines), width=width)
        assert {word for row in lines for text in row for word in text.split()} <= set(said.split())
        assert {word for title in titles[1:] for word in title.split()} <= set(said.replace(":", " ").split())


@given(st.lists(words, min_size=1, max_size=30).map(" ".join), st.integers(25, 120))
def test_lines_hold_all_words_and_are_no_longer_than_there_is_room(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines) == text
    assert all(len(line) <= width for line in lines)


def test_a_number_stays_with_its_unit_and_a_path_breaks_after_dots():
    assert wrapped("about 83 % of USD 145 million", 15) == ["about 83 % of", "USD 145 million"]
    assert wrapped("policies.guiyang_pilot.review.after_months", 25) == [
        "policies.guiyang_pilot.",
        "review.after_months",
    ]


def test_the_words_on_narrowing_give_the_middle_of_the_main_kpis(result):
    comparison = compare([result, noisy(result, 0.01)])
    rows = comparison.differences
    ratios = rows.loc[rows["kpi"].isin(comparison.main_kpis) & (rows["share_differing"] > 0), "interval_ratio"]
    times = 1 / ratios.median()
    words = narrowing_line(comparison, "noisy")
    assert f"about {times:,.0f} times" in words or f"about {times:.1f} times" in words


def test_draws_that_are_shared_in_vain_are_said_to_be(result):
    assert "hardly narrows" in narrowing_line(compare([result, noisy(result, 1000.0)]), "noisy")


def test_where_draws_are_not_paired_nothing_is_said_of_narrowing(make_result):
    comparison = compare([make_result(seed=1), make_result(seed=2, name="pilot")])
    assert narrowing_line(comparison, "pilot") == ""


def test_values_that_differ_are_listed_with_what_they_do(result):
    scenario = result.scenario.model_copy(update={"name": "other", "months": result.scenario.months})
    costs = scenario.costs.model_copy(
        update={"decline": dataclasses.replace(scenario.costs.decline, parameters=(0.2,))}
    )
    other = dataclasses.replace(result, scenario=scenario.model_copy(update={"costs": costs}))
    said = printed(changed_table(compare([result, other]), "other"))
    assert "costs" in said
    assert "decline" in said
    assert "not tried" in said


def test_scenarios_with_the_same_values_are_said_to_have_them(make_result):
    comparison = compare([make_result(), make_result(name="twin")])
    assert changed_table(comparison, "twin") is None
    assert "no value of the model differs" in changed_line(comparison, "twin")


def noisy(result, size):
    """Copy a result with noise on all its amounts."""
    random = np.random.default_rng(7)
    amounts = [name for name in result.kpis if name.endswith("_bn")]
    noise = size * random.normal(size=(result.draws, len(amounts)))
    kpis = result.kpis.assign(**{name: result.kpis[name] + noise[:, n] for n, name in enumerate(amounts)})
    return with_tables(result, result.scenario.model_copy(update={"name": "noisy"}), kpis=kpis)
