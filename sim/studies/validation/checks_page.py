"""The page that shows all checks, in Markdown, and the same as tables, from which report pages say how far to trust."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.facts import MONEY, SHARE
from sim.report.kept_table import Column, Table, as_markdown
from sim.report.kpi_names import MINUS
from sim.report.statistics import PERCENT
from sim.studies.backtest.scorecard import ALL_CUTOFFS, TOGETHER, scorecard
from sim.studies.validation.comparison import MONEY_A_MONTH, MONEY_A_YEAR, Check, Comparison

COMMAND = "cloudtrade validate"
CERTAIN, INSIDE, OUTSIDE = "certain", "inside", "outside"
"""What `inside` says: the model has no range, or the published figure lies in it, or not."""
_COLUMNS = ("check", "block", "in_sample", "what", "unit", "model", "low", "high", "data", "inside", "why", "source")
_SCORES = ("group", "cutoff", "n", "coverage_90", "coverage_50", "ratio_no_change", "ratio_trend")
_DIGITS = 6
"""Significant digits that are kept: more than any figure deserves."""
FEW, SOME = 10.0, 100.0
"""Below these sizes a number gets two, and one, decimals."""
UNITS = {
    SHARE: "%",
    f"{SHARE} a year": "% a year",
    MONEY: MONEY,
    MONEY_A_MONTH: MONEY_A_MONTH,
    MONEY_A_YEAR: MONEY_A_YEAR,
    "months": "months",
}
"""Units of comparisons -> how the page writes them."""

INTRODUCTION = """\
# Validation: the model beside published figures

How far can the model be trusted? First, what it would have forecast at dates in the past stands beside what came,
scored next to two rules that know no economics; then what the data have taught it, and what they could not; then,
figure by figure, what the fitted model says beside what others have measured, also where the two disagree. The remark
under such a table gives the reason as far as it is known. In the tables of checks:

- **Model** is the mean over draws, **90 % of draws** the range from the 5th to the 95th percentile; without a range,
  nothing in the figure is uncertain. The range holds what the scenario calls uncertain and no more.
- **Data** is the published figure, **difference** is model less data. In **bold**, the data lies outside the range.
- **Source** names who published it and the key under which `sim/facts` keeps it with its address; `unverified` marks
  figures written down from general knowledge.
- **In-sample** figures were put in or fitted to: they show that the model does what it was told, not that it is right.
  The rest is independent in the degree that the text above each table says. Remarks on events outside the data (firms
  that hurried goods in, the pandemic) are general knowledge.
"""

NOT_CHECKED = """\
## What could not be checked

- What foreign clouds gain where they may own data centres: no country has been seen to open as the scenarios do, and
  licences in China's pilot zones are too recent.
- Customers' surplus, know-how that leaks through partners, the weight of a segment, how far a zone reaches: nobody has
  published figures. They are assumptions of the base scenario, most with a wide distribution.
- Anything after 2021 in cloud markets and goods trade: later data is kept out of the project, for judging forecasts;
  `cloudtrade backtest --data DIR` scores them.
"""


def rendered(checks: Sequence[Check], draws: int, seed: int, before: str = "") -> str:
    """Give the page as text.

    Parameters
    ----------
    checks
        In the order of the page.
    draws, seed
        Of the runs behind them.
    before
        Sections that come before the checks.
    """
    origin = f"Made by `{COMMAND}` ({draws} draws, seed {seed}); do not edit, run it again instead.\n"
    parts = [INTRODUCTION, origin, *filter(None, [before]), _overview(checks)]
    parts += [_section(number, check) for number, check in enumerate(checks, start=1)]
    return "\n".join([*parts, NOT_CHECKED])


def _overview(checks: Sequence[Check]) -> str:
    """Count, check by check, how often the data lies in the model's range."""
    rows = []
    for place, check in enumerate(checks, start=1):
        ranged = [row for row in check.comparisons if row.model.is_uncertain]
        inside = str(sum(row.is_inside for row in ranged)) if ranged else ""
        rows.append((f"{place}. {check.title}", str(len(check.comparisons)), str(len(ranged)), inside))
    numbers = (Column(title, is_number=True) for title in ("Figures", "With a range", "Data inside it"))
    return as_markdown(Table("", [Column("Check"), *numbers], rows)) + "\n"


def _section(place: int, check: Check) -> str:
    reasons = list(dict.fromkeys(row.why for row in check.comparisons))
    numbers = (Column(title, is_number=True) for title in ("Model", "90 % of draws", "Data", "Difference"))
    columns = [Column("What"), Column("Unit"), *numbers, Column("Why", is_centred=True), Column("Source")]
    rows = [_row(row, _letter(reasons.index(row.why))) for row in check.comparisons]
    remarks = [f"- ({_letter(index)}) {reason}" for index, reason in enumerate(reasons)]
    table = as_markdown(Table("", columns, rows))
    return "\n".join([f"## {place}. {check.title}", "", check.text, "", table, "", *remarks, ""])


def _row(row: Comparison, letter: str) -> tuple[str, ...]:
    difference = number(row.difference, row.unit, signed=True)
    ends = ""
    if row.model.is_uncertain:
        ends = f"{number(row.model.low, row.unit)} to {number(row.model.high, row.unit)}"
        difference = difference if row.is_inside else f"**{difference}**"
    model, data = number(row.model.mean, row.unit), number(row.data.value, row.unit)
    return row.what, UNITS.get(row.unit, row.unit), model, ends, data, difference, letter, row.data.source


def number(value: float, unit: str, *, signed: bool = False) -> str:
    """Write a number of a unit for people: shares in percent with one decimal, amounts with about three digits."""
    if unit.startswith(SHARE):
        value, decimals = value * PERCENT, 1
    else:
        decimals = 2 if abs(value) < FEW else int(abs(value) < SOME)
    text = f"{value:+.{decimals}f}" if signed else f"{value:.{decimals}f}"
    # A difference that rounds to nothing has no sign.
    return text.lstrip("+-") if float(text) == 0.0 else text.replace("-", MINUS)


def _letter(index: int) -> str:
    return chr(ord("a") + index)


# The same as tables ---------------------------------------------------------------------------------------------------


def figures_of(checks: Sequence[Check]) -> pd.DataFrame:
    """List all comparisons.

    Parameters
    ----------
    checks
        In the order of the page.

    Returns
    -------
    DataFrame
        One row per comparison: check, block (cloud or goods), in_sample (`yes`, `in part` or `no`), what, unit, model
        (mean over draws), low, high (5 and 95 % of the draws), data (the published figure), inside, why (what lies
        behind a difference), source.
    """
    rows = [
        (check.title, check.block, check.in_sample, row.what, row.unit,
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
