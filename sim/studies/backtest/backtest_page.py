"""A backtest on the screen, as a page and as a folder: targets, scorecard, where it fails, what cannot be predicted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Row, Table, as_markdown, number
from sim.report.kpi_names import NOTHING, figure
from sim.report.statistics import PERCENT, whole_percent
from sim.runs.address import Address
from sim.runs.manifest import BACKTEST, FORMAT, MANIFEST, manifest_text
from sim.runs.result_folder import replace_folder
from sim.studies.backtest import forecasts
from sim.studies.backtest.backtest import Study
from sim.studies.backtest.backtest_charts import CHARTS, fan_charts
from sim.studies.backtest.scorecard import ALL_CUTOFFS, RULES, TOGETHER, Target, scorecard, targets
from sim.studies.fit import estimating
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimated_names import title_of
from sim.studies.fit.fit_page import FLOATS
from sim.studies.one_run.study_folder import write_folder

METHOD = """\
At each cut-off the model is fitted to what was known by then, and forecasts every comparable figure that came later.
Tariffs, Phase One and the rules of market access are replayed as they came: this is a test of what the model says
about markets and trade, not of whether it foresees politics. Sizes of markets known later are taken out, and so is
how much of Phase One's purchases was kept.

A forecast is that of the figure as it will be published, so it has the error of measurement in it. The two naive
rules get the same error with the same luck: *no change* repeats the last figure, *trend of two years* goes on along
the straight line through the last two years. A rule that has nothing to go by is left out of the comparison, and so
is the model then. Shares in the world in 2022 to 2024 are known only as Canalys restated them in August 2024, so that
the cut-offs of 2022 and 2023 know a little too much. CRPS is the continuous ranked probability score, which for a
forecast without spread is its absolute error; errors and scores are divided by what was observed, so that shares and
billions can be added up."""

CANNOT = """\
- **Who rises.** Gaps, turns and jumps of vendors' trends have one prior for all, centred on nothing, so before the data
  names a vendor the median forecast lets shares stand still. What comes from a new strategy, a new sales force or a
  home government's choice of vendor shows only afterwards.
- **When demand jumps.** Growth of a market after the last known year starts from that year's and fades, with shocks
  that last a while. The forecast has room for better or worse years, and does not know which.
- **Politics.** What comes after the policies replayed here (export controls on chips, inspections, delistings) is in
  no forecast; scenarios ask what it would do.
- **Breaks in how figures are counted.** Analysts restate, and name another set of vendors from year to year. The
  error of measurement is learned from the years before the cut-off and cannot know of a break to come.

Priors and the form of the model were written by people who knew the figures until 2021, and some priors say so in
their source. A backtest takes figures away from the fit, not from its authors: only later data, given with `--data`,
are a forecast in the full sense."""

CHANGE = """\
**The one structural change that would help most:** a likelihood with fat tails. Jumps of trends are rare and large,
but the turns that a fit learns are normal, so a vendor that jumped is believed to have jumped by less, and what
follows is forecast too low."""

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
    pictures = [f"![{CHARTS[name][0]}: forecast at each cut-off, and what came]({prefix}{name}.svg)"
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
    return as_markdown(Table("", [Column("Target"), Column(""), Column("Found")], rows))


def _card_table(card: pd.DataFrame) -> str:
    columns = [
        Column("Series", "group"), Column("Known until", "cutoff"), number("Figures", "n"),
        number("In 90 %", "coverage_90", whole_percent), number("In 50 %", "coverage_50", whole_percent),
        number("Bias, %", "bias", _percent), number("Error, %", "mae", _percent), number("CRPS, %", "crps", _percent),
        *(number(f"Against {words}", f"ratio_{rule}", _marked) for rule, words in RULES.items()),
    ]  # fmt: skip
    return as_markdown(Kept("", card, NOTHING).table("", columns))


def _percent(share: float) -> str:
    return figure(PERCENT * share, 2)


def _marked(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 1.0 else f"**{ratio:.2f}**"


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
        "time that no change or a line is hard to beat. Shares of 2021 to 2024 hardly moved, while the model has room "
        "for vendors that turn, and starts from the share that fits all figures up to the cut-off, where the rules "
        "start from the last one. Its intervals there are too wide rather than too narrow."
    )


def _misses(study: Study) -> str:
    """List the series and cut-offs of which most figures lie outside the 90 % interval."""
    rows = sorted(_missed(study), key=lambda row: -row[0])[:_WORST]
    if not rows:
        return "No figure lies outside its 90 % interval."
    columns = [Column("Series"), Column("Known until"),
               *map(number, ("Outside 90 %", "Median forecast, mean", "What came, mean"))]  # fmt: skip
    table = as_markdown(Table("", columns, [row for _, row in rows]))
    return f"Series and cut-offs with figures outside their 90 % intervals, most first:\n\n{table}"


def _missed(study: Study) -> Iterator[tuple[float, Row]]:
    for (series, cutoff), rows in study.scores.groupby(["series", "cutoff"], sort=True):
        outside = (rows["observed"] < rows["p5"]) | (rows["observed"] > rows["p95"])
        if outside.any():
            base, _, length = str(series).rpartition(".")
            name = f"{title_of(base, study.fits[0].scenario)}, by {length}"
            factor, unit = (PERCENT, " %") if base.startswith("share.") else (1.0, " bn USD")
            means = (f"{figure(factor * rows[column].mean())}{unit}" for column in ("p50", "observed"))
            yield float(outside.sum()), (name, str(cutoff), f"{outside.sum()} of {len(rows)}", *means)


# On the screen --------------------------------------------------------------------------------------------------------


def scorecard_table(card: pd.DataFrame) -> Table:
    """Lay out coverage, errors and ratios of scores: all together, and by kind of series."""
    columns = [
        Column("series", "group", wraps=False), Column("known until", "cutoff", wraps=False),
        number("figures", "n", wraps=True), number("in 90 %", "coverage_90", whole_percent, wraps=True),
        number("in 50 %", "coverage_50", whole_percent, wraps=True), number("error %", "mae", _percent, wraps=True),
        *(number(f"CRPS / {words}", f"ratio_{rule}", "{:.2f}".format, wraps=True) for rule, words in RULES.items()),
    ]  # fmt: skip
    shown = card[(card["group"] == TOGETHER) | (card["cutoff"] == ALL_CUTOFFS)].reset_index(drop=True)
    return Kept("", shown, NOTHING).table("Forecasts beside what came", columns)


def target_lines(found: list[Target]) -> list[str]:
    """Say of each target whether it was met."""
    return [f"{'met' if one.is_met else 'MISSED'}: {one.name} ({one.found})" for one in found]


# The folder -----------------------------------------------------------------------------------------------------------


def save(study: Study, directory: Address, made_by: Mapping[str, Any] | None = None) -> Address:
    """Write the folder; an older backtest there is replaced when the new one is finished.

    Parameters
    ----------
    study
        The backtest.
    directory
        Where to.
    made_by
        What the manifest says of the program.

    Raises
    ------
    ScenarioError
        If the place cannot be written or holds something else.
    """
    return replace_folder(directory, BACKTEST, partial(_write, study, made_by or {}))


def _write(study: Study, made_by: Mapping[str, Any], folder: Path) -> None:
    manifest = {
        "format": FORMAT,
        "kind": BACKTEST,
        "scenario": study.fits[0].scenario.name,
        "cutoffs": list(map(last_month, study.cutoffs)),
        "seed": estimating.SEED,
        "draws": forecasts.DRAWS,
        "figures": len(study.scores),
        **made_by,
    }
    texts = {"scorecard.md": rendered(study), MANIFEST: manifest_text(manifest)}
    files = FolderFiles(tables_of(study), charts=fan_charts(study), texts=texts, float_format=FLOATS)
    write_folder(files, folder, study.fits[-1].scenario)


def tables_of(study: Study) -> dict[str, pd.DataFrame]:
    """Give the tables of the folder."""
    return {"scores": study.scores, "scorecard": scorecard(study.scores)}
