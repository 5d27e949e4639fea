"""The page of a backtest: targets, scorecard, where it fails, and what the model cannot predict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from sim.report.statistics import PERCENT
from sim.studies.backtest.backtest import Study
from sim.studies.backtest.backtest_charts import CHARTS
from sim.studies.backtest.scorecard import ALL_CUTOFFS, RULES, TOGETHER, Target, scorecard, targets
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimated_names import title_of
from sim.studies.fit.markdown import NOTHING, figure, table_of

METHOD = """\
At each cut-off the model is fitted to what was known by then, and forecasts every comparable figure that came later.
Tariffs, Phase One and the rules of market access are replayed as they came: this is a test of what the model says
about markets and trade, not of whether it foresees politics. Sizes of markets known later are taken out, and so is
how much of Phase One's purchases was kept.

A forecast is that of the figure as it will be published, so it has the error of measurement in it. The two naive
rules get the same error with the same luck: *no change* repeats the last figure, *trend of two years* goes on along
the straight line through the last two years. A rule that has nothing to go by is left out of the comparison, and so
is the model then. CRPS is the continuous ranked probability score, which for a forecast without spread is its
absolute error; errors and scores are divided by what was observed, so that shares and billions can be added up."""

CANNOT = """\
- **Who rises.** A vendor's catch-up is one gap, drawn once and closed at a steady pace. The prior is the same for all
  and centred on nothing, so before the data names a vendor the median forecast lets shares stand still. What comes
  from a new strategy, a new sales force or a home government's choice of vendor shows only afterwards.
- **When demand jumps.** Growth of a market after the last known year starts from that year's and fades. The forecast
  has room for a better or worse year, not for a change of habits such as the one of 2020.
- **Politics.** What comes after the policies replayed here (export controls on chips, inspections, delistings) is in
  no forecast; scenarios ask what it would do.
- **Breaks in how figures are counted.** Analysts restate, and name another set of vendors from year to year. The
  error of measurement is learned from the years before the cut-off and cannot know of a break to come.

Priors and the form of the model were written by people who knew the figures until 2021, and some priors say so in
their source. A backtest takes figures away from the fit, not from its authors: only later data, given with `--data`,
are a forecast in the full sense."""

CHANGE = """\
**The one structural change that would help most:** let a vendor's trend itself wander, with rare large steps whose
size is learned from all vendors together, in place of one gap per vendor that is drawn before the run and closes.
Misses then would be in the fat tails of a forecast rather than outside it, and the fit would follow a turn within
some quarters."""

READING = """\
Bias, error and CRPS are means relative to what was observed. Against a rule: CRPS of the model over that of the rule on
the same figures; below 1 the model is better, in **bold** it is not. Figures of one series are not independent, and the
later ones of an early cut-off are those of a later one again, so there is less evidence than rows. All together, the
comparison with *no change* is easy, since markets grow: the rows of shares are the harder test."""
_WORST = 8
"""Series and cut-offs listed as the worst."""


def rendered(study: Study) -> str:
    """Give the page as text."""
    months = ", ".join(map(last_month, study.cutoffs))
    figures = len({(one.observation.key, one.observation.kind) for one in study.forecasts})
    parts = [
        "# Backtest: forecasts of the past beside what came",
        f"Made by `cloudtrade backtest`; cut-offs {months}; {len(study.scores)} forecasts of {figures} figures.",
        METHOD,
        scorecard_section(study, ""),
        "## What the model cannot predict",
        CANNOT,
        CHANGE,
        "Files: `scores.csv` has a row for each figure and cut-off, `scorecard.csv` the table above in full.",
    ]
    return "\n\n".join(parts) + "\n"


def scorecard_section(study: Study, prefix: str, level: str = "##") -> str:
    """Write targets, scorecard, misses and charts, whose file names begin with a prefix, under headings of a level."""
    card = scorecard(study.scores)
    pictures = [f"![{CHARTS[name][0]}: forecast at each cut-off, and what came]({prefix}{name}.png)"
                for name in CHARTS if _has(study, name)]  # fmt: skip
    return "\n\n".join([
        f"{level} Targets",
        _target_table(targets(study.scores)),
        f"{level} Scorecard",
        _card_table(card),
        READING,
        _losses(card),
        f"{level} Where forecasts missed",
        _misses(study),
        f"{level} Charts",
        *pictures,
    ])  # fmt: skip


def _has(study: Study, name: str) -> bool:
    return bool(study.fan_table["series"].str.startswith(CHARTS[name][1]).any())


def _target_table(found: Iterable[Target]) -> str:
    rows = [(one.name, "met" if one.is_met else "**missed**", one.found) for one in found]
    return table_of(("Target", "", "Found"), rows, words=3)


def _card_table(card: pd.DataFrame) -> str:
    header = ("Series", "Known until", "Figures", "In 90 %", "In 50 %", "Bias, %", "Error, %", "CRPS, %",
              *(f"Against {words}" for words in RULES.values()))  # fmt: skip
    return table_of(header, map(_card_row, card.to_dict("records")), words=2)


def _card_row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    shares = (f"{PERCENT * row[name]:.0f} %" for name in ("coverage_90", "coverage_50"))
    means = (figure(PERCENT * row[name], 2) for name in ("bias", "mae", "crps"))
    ratios = (_ratio(row[f"ratio_{rule}"]) for rule in RULES)
    return (str(row["group"]), str(row["cutoff"]), str(row["n"]), *shares, *means, *ratios)


def _ratio(value: float) -> str:
    if math.isnan(value):
        return NOTHING
    return f"{value:.2f}" if value < 1.0 else f"**{value:.2f}**"


def _losses(card: pd.DataFrame) -> str:
    """Name the parts of the scorecard in which a naive rule is better."""
    lost = [
        f"{row['group'][0].lower()}{row['group'][1:]} from {row['cutoff']} ({words}, {row[f'ratio_{rule}']:.2f})"
        for row in card.to_dict("records")
        for rule, words in RULES.items()
        if row["group"] != TOGETHER and row["cutoff"] != ALL_CUTOFFS and row[f"ratio_{rule}"] >= 1.0
    ]
    if not lost:
        return "In no part of the table is a naive rule better."
    return (
        f"A naive rule is better for {'; '.join(lost)}. There figures moved little or along a line, over so short a "
        "time that no change or a line is hard to beat, while the model's forecast carries the uncertainty of a trend "
        "that it knows from few figures."
    )


def _misses(study: Study) -> str:
    """List the series and cut-offs of which most figures lie outside the 90 % interval."""
    rows = sorted(_missed(study), key=lambda row: -row[0])[:_WORST]
    if not rows:
        return "No figure lies outside its 90 % interval."
    header = ("Series", "Known until", "Outside 90 %", "Median forecast, mean", "What came, mean")
    return "Series and cut-offs with figures outside their 90 % intervals, most first:\n\n" + table_of(
        header, [row[1] for row in rows], words=2
    )


def _missed(study: Study) -> Iterator[tuple[float, tuple[str, ...]]]:
    for (series, cutoff), rows in study.scores.groupby(["series", "cutoff"], sort=True):
        outside = (rows["observed"] < rows["p5"]) | (rows["observed"] > rows["p95"])
        if outside.any():
            base, _, length = str(series).rpartition(".")
            name = f"{title_of(base, study.fits[0].scenario)}, by {length}"
            factor, unit = (PERCENT, " %") if base.startswith("share.") else (1.0, " bn USD")
            means = (f"{figure(factor * rows[column].mean())}{unit}" for column in ("p50", "observed"))
            yield float(outside.sum()), (name, str(cutoff), f"{outside.sum()} of {len(rows)}", *means)
