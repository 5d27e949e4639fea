"""The page that shows all checks, in Markdown: the same bytes whenever the model's figures are the same."""

from __future__ import annotations

from collections.abc import Sequence

from sim.facts import MONEY, SHARE
from sim.studies.validation.comparison import MONEY_A_MONTH, MONEY_A_YEAR, Check, Comparison, Estimate

COMMAND = "cloudtrade validate"
PERCENT_OF_ONE = 100.0
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
    lines = [_line("Check", "Figures", "With a range", "Data inside it"), _line("---", "--:", "--:", "--:")]
    for number, check in enumerate(checks, start=1):
        ranged = [row for row in check.comparisons if row.model.is_uncertain]
        inside = sum(row.is_inside for row in ranged)
        cells = (len(check.comparisons), len(ranged), inside if ranged else "")
        lines.append(_line(f"{number}. {check.title}", *map(str, cells)))
    return "\n".join(lines) + "\n"


def _section(number: int, check: Check) -> str:
    reasons = list(dict.fromkeys(row.why for row in check.comparisons))
    header = ("What", "Unit", "Model", "90 % of draws", "Data", "Difference", "Why", "Source")
    lines = [_line(*header), _line("---", "---", "--:", "--:", "--:", "--:", ":-:", "---")]
    lines += [_row(row, _letter(reasons.index(row.why))) for row in check.comparisons]
    remarks = [f"- ({_letter(index)}) {reason}" for index, reason in enumerate(reasons)]
    return "\n".join([f"## {number}. {check.title}", "", check.text, "", *lines, "", *remarks, ""])


def _row(row: Comparison, letter: str) -> str:
    difference = number(row.difference, row.unit, signed=True)
    if row.model.is_uncertain and not row.is_inside:
        difference = f"**{difference}**"
    model, data = number(row.model.mean, row.unit), number(row.data.value, row.unit)
    shown = UNITS.get(row.unit, row.unit)
    return _line(row.what, shown, model, _range(row.model, row.unit), data, difference, letter, row.data.source)


def _range(estimate: Estimate, unit: str) -> str:
    """Write the range that holds 90 % of the draws; nothing where draws do not differ."""
    return f"{number(estimate.low, unit)} to {number(estimate.high, unit)}" if estimate.is_uncertain else ""


def number(value: float, unit: str, *, signed: bool = False) -> str:
    """Write a number of a unit for people: shares in percent with one decimal, amounts with about three digits."""
    if unit.startswith(SHARE):
        value, decimals = value * PERCENT_OF_ONE, 1
    else:
        decimals = 2 if abs(value) < FEW else int(abs(value) < SOME)
    text = f"{value:+.{decimals}f}" if signed else f"{value:.{decimals}f}"
    # A difference that rounds to nothing has no sign.
    return text.lstrip("+-") if float(text) == 0.0 else text.replace("-", "−")


def _letter(index: int) -> str:
    return chr(ord("a") + index)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
