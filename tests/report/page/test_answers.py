"""The answer in plain sentences, for differences made up at random: no claim that the interval does not support."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.kept_table import Cell, Kept
from sim.studies.compare.comparison_page import FALLS, RISES, answer_of_comparison
from sim.studies.one_run.main_kpis import answer_kpis

NO_DRIVERS = Kept("drivers", pd.DataFrame({"kpi": [], "scenario": []}))


def row(kpi, mean, half_width, differing):
    is_told = abs(mean) > half_width and differing > 0
    return {
        "scenario": "other", "kpi": kpi, "unit": "bn", "mean": mean if differing else 0.0,
        "mean_low": mean - half_width, "mean_high": mean + half_width, "p5": mean - 1.0, "p95": mean + 1.0,
        "share_differing": differing, "distinguishable": is_told, "draws_needed": math.nan, "draws": 100,
    }  # fmt: skip


def said(sentences) -> str:
    return "".join(piece.text if isinstance(piece, Cell) else piece for sentence in sentences for piece in sentence)


one_difference = st.tuples(
    st.floats(-5, 5).filter(bool), st.floats(0, 5), st.sampled_from([0.0, 0.3, 1.0])
)  # fmt: skip


@given(st.lists(one_difference, min_size=5, max_size=5))
def test_each_figure_is_named_once_as_what_it_is(scenario, drawn):
    kpis = answer_kpis(scenario)
    rows = [row(kpi, *values) for kpi, values in zip(kpis, drawn, strict=True)]
    sentences = answer_of_comparison(Kept("differences", pd.DataFrame(rows)), NO_DRIVERS, "other", scenario)
    cells = {
        piece.row: str(sentence[place - 1])
        for sentence in sentences
        for place, piece in enumerate(sentence)
        if isinstance(piece, Cell) and piece.column == "mean"
    }
    for number, held in enumerate(rows):
        if held["distinguishable"]:
            assert cells[number].endswith(f"{RISES if held['mean_low'] > 0 else FALLS} (")
        else:
            assert number not in cells
    assert len(sentences) <= 3
    assert all(sentence[-1] == "." for sentence in sentences)


def test_what_no_draw_changes_is_said_to_be_the_same(scenario):
    rows = [row(kpi, 0.0, 0.0, 0.0) for kpi in answer_kpis(scenario)]
    sentences = answer_of_comparison(Kept("differences", pd.DataFrame(rows)), NO_DRIVERS, "other", scenario)
    assert "same in all of 100 draws: " in said(sentences)
    assert RISES not in said(sentences)


def test_a_driver_is_named_only_if_it_can_be_told_from_chance(scenario):
    kpi = answer_kpis(scenario)[0]
    table = Kept("differences", pd.DataFrame([row(kpi, 1.0, 0.1, 1.0)]))
    driver = {"scenario": "other", "kpi": kpi, "input": "an.input", "correlation": 0.5, "explained_by_all": math.nan,
              "draws": 100.0}  # fmt: skip
    for told in (True, False):
        drivers = Kept("drivers", pd.DataFrame([driver | {"distinguishable": told}]))
        assert ("an.input" in said(answer_of_comparison(table, drivers, "other", scenario))) == told


@pytest.mark.parametrize(("needed", "words"), [(1421.0, "about 1,500 draws"), (math.inf, "0 bn USD)")])
def test_it_says_how_many_draws_would_tell_where_that_is_worth_knowing(scenario, needed, words):
    held = row(answer_kpis(scenario)[0], 0.5, 0.5, 1.0) | {"draws_needed": needed, "mean_low": 0.0, "mean_high": 0.0}
    sentences = answer_of_comparison(Kept("differences", pd.DataFrame([held])), NO_DRIVERS, "other", scenario)
    assert words in said(sentences)
