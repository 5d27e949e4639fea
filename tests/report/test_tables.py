"""What the command prints of comparisons."""

from __future__ import annotations

import dataclasses

import numpy as np
from rich.console import Console

from sim.report.kept_table import on_screen
from sim.studies.compare.comparison import compare
from sim.studies.compare.comparison_tables import changed_line, changed_table, narrowing_line, overview_tables
from tests.report.made_up import with_tables


def printed(*tables):
    console = Console(width=160)
    with console.capture() as said:
        console.print(*map(on_screen, tables))
    return said.get()


def test_several_runs_stand_side_by_side_and_nothing_is_cut(make_result):
    runs = [make_result(), *(make_result(shift=shift, name=f"run_{shift}") for shift in range(1, 6))]
    said = printed(*overview_tables(compare(runs)))
    assert all(f"run_{shift}" in said for shift in range(1, 6))
    assert "…" not in said
    assert "no effect" in said


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
    assert "costs.decline" in said
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
