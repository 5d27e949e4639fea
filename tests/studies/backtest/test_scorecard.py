"""The scorecard of a few scores, worked out by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sim.studies.backtest.forecasts import COLUMNS
from sim.studies.backtest.scorecard import scorecard, targets

NONE = math.nan


def scores(*rows):
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


TWO = scores(
    (
        "share.china.alibaba.quarter", "share of one", "2018-12", "2019-06-30",
        0.4, 0.3, 0.35, 0.38, 0.39, 0.5, 0.02, 0.08, NONE,
    ),
    (
        "total.china.year", "bn USD", "2019-12", "2020-12-31",
        20.0, 10.0, 12.0, 15.0, 16.0, 19.0, 4.0, 2.0, 8.0,
    ),
)  # fmt: skip


def line(card, group, cutoff="all"):
    return card[(card["group"] == group) & (card["cutoff"] == cutoff)].iloc[0]


def test_a_line_counts_what_lies_inside_and_takes_means_relative_to_what_came():
    together = line(scorecard(TWO), "All together")

    assert together["n"] == 2
    assert (together["coverage_90"], together["coverage_50"]) == (0.5, 0.0)
    assert together["bias"] == pytest.approx((-0.05 - 0.25) / 2)
    assert together["mae"] == pytest.approx((0.05 + 0.25) / 2)
    assert together["crps"] == pytest.approx((0.02 / 0.4 + 4.0 / 20.0) / 2)


def test_a_rule_is_compared_on_the_figures_it_can_forecast():
    together = line(scorecard(TWO), "All together")

    assert (together["n_no_change"], together["n_trend"]) == (2, 1)
    assert together["ratio_no_change"] == pytest.approx((0.05 + 0.2) / (0.2 + 0.1))
    assert together["model_beside_trend"] == pytest.approx(0.2)
    assert together["ratio_trend"] == pytest.approx(0.5)


def test_every_kind_of_series_and_cutoff_has_a_line_and_no_line_is_empty():
    card = scorecard(TWO)
    lines = set(zip(card["group"], card["cutoff"], strict=True))

    assert lines == {
        *(("All together", cutoff) for cutoff in ("all", "2018-12", "2019-12")),
        *(("Shares in China", cutoff) for cutoff in ("all", "2018-12")),
        *(("Sizes of markets", cutoff) for cutoff in ("all", "2019-12")),
    }


def test_a_series_of_no_known_kind_is_counted_too():
    other = TWO.assign(series="something.else")
    assert line(scorecard(other), "Other series")["n"] == 2


def test_missed_targets_say_by_how_much():
    found = {target.name: target for target in targets(TWO)}
    wide, narrow = (next(t for name, t in found.items() if name.startswith(start)) for start in ("90 %", "50 %"))

    assert (wide.is_met, wide.found) == (False, "50.0 %; 30.0 percentage points too few")
    assert (narrow.is_met, narrow.found) == (False, "0.0 %; 35.0 percentage points too few")


def test_imports_of_the_target_years_are_looked_at_from_each_cutoff_before_them():
    def imports(cutoff, year, median):
        return (
            "imports.world.us.year", "bn USD", cutoff, f"{year}-12-31",
            400.0, 0.0, 0.0, median, 0.0, 900.0, 1.0, 2.0, 2.0,
        )  # fmt: skip

    rows = scores(imports("2018-12", 2019, 439.0), imports("2018-12", 2020, 442.0), imports("2018-12", 2021, 0.0))
    goods = [target for target in targets(rows) if "imports" in target.name]

    assert [target.is_met for target in goods] == [True, False]
    assert goods[1].found == "442 where 400 bn USD came, +10.5 %"
