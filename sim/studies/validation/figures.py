"""All comparisons as one tidy table, from which report pages say how far to trust the model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.studies.backtest.scorecard import ALL_CUTOFFS, TOGETHER, scorecard
from sim.studies.validation.comparison import Check, Comparison

CERTAIN, INSIDE, OUTSIDE = "certain", "inside", "outside"
"""What `inside` says: the model has no range, or the published figure lies in it, or not."""
_COLUMNS = ("check", "in_sample", "what", "unit", "model", "low", "high", "data", "inside", "why", "source")
_SCORES = ("group", "cutoff", "n", "coverage_90", "coverage_50", "ratio_no_change", "ratio_trend")
_DIGITS = 6
"""Significant digits that are kept: more than any figure deserves."""


def figures_of(checks: Sequence[Check]) -> pd.DataFrame:
    """List all comparisons.

    Parameters
    ----------
    checks
        In the order of the page.

    Returns
    -------
    DataFrame
        One row per comparison: check, in_sample (`yes`, `in part` or `no`), what, unit, model (mean over draws), low,
        high (5 and 95 % of the draws), data (the published figure), inside, why (what lies behind a difference),
        source.
    """
    rows = [
        (check.title, check.in_sample, row.what, row.unit,
         *map(_rounded, (row.model.mean, row.model.low, row.model.high, row.data.value)),
         _place(row), row.why, row.data.source)
        for check in checks
        for row in check.comparisons
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def scores_for_pages(scores: pd.DataFrame) -> pd.DataFrame:
    """Sum up scores of forecasts for report pages: by kind of series over all cut-offs, and all together by cut-off.

    Columns: group, cutoff, n, coverage_90, coverage_50, ratio_no_change, ratio_trend (CRPS of the model over that of
    the naive rule, on the rows that the rule has).
    """
    card = scorecard(scores)
    chosen = card[(card["cutoff"] == ALL_CUTOFFS) | (card["group"] == TOGETHER)]
    return chosen[list(_SCORES)].round(_DIGITS).reset_index(drop=True)


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def _place(row: Comparison) -> str:
    if not row.model.is_uncertain:
        return CERTAIN
    return INSIDE if row.is_inside else OUTSIDE
