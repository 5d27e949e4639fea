"""Recorded columns over time in runs beside a reference: levels of all runs, and the band of the differences.

The band of a difference is that of the draws paired by number, not the difference of two bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.report.captions import Heading, count_of_draws
from sim.report.chart_style import GREY, Chart, colours_of
from sim.report.path_panels import Path, PathPanel, band_of_paths, draw_panels
from sim.report.statistics import rows_of
from sim.studies.compare.difference_charts import source_of
from sim.studies.compare.differences import share_their_luck
from sim.studies.compare.partings import draws_with_paths
from sim.studies.one_run.path_charts import (
    PRESENCE_WORDS,
    band_words,
    level_panel,
    most_important,
    panel_title,
    presence_panels,
    presence_title,
)
from sim.studies.one_run.recorded_paths import Asked, asked, level_path, paths_of, scale_of, title_of_path

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.studies.compare.compared_runs import ComparedRuns

PRESENCE = "presence"
"""Column that says how vendors are present."""


def plot_column(compared: ComparedRuns, name: str, members: Mapping[str, str | None]) -> Chart:
    """Draw a recorded column over time: the differences to the reference first, then the levels of all runs.

    Parameters
    ----------
    compared
        Runs against a reference.
    name
        Name of the column.
    members
        Whose, by axis; None for all, of which the eight largest are shown.

    Raises
    ------
    ScenarioError
        If the column is not recorded of such members in all runs, or a run kept no paths that are needed.
    """
    found = _asked(compared, name, members)
    if found.column.counted == "frequency":
        title = f"{presence_title(compared.reference.scenario, found)}, side by side"
        heading = Heading(title, PRESENCE_WORDS, source_of(compared))
        return draw_panels(heading, [presence_panels(_runs(compared), found)], _colours(compared))
    rows, more = _rows(compared, found)
    title = f"{title_of_path(compared.reference.scenario, found.column, found.members)}: {_against(compared)}"
    subtitle = f"{_words([found], rows)}{more}"
    return draw_panels(Heading(title, subtitle, source_of(compared)), rows, _colours(compared))


def plot_paths(compared: ComparedRuns) -> Chart:
    """Draw the main columns over time: what the market buys from abroad, what vendors earn, what the country has.

    Parameters
    ----------
    compared
        Runs against a reference.
    """
    main = _main(compared)
    title = f"How it comes over time: {_against(compared)}"
    rows = _main_rows(compared)
    subtitle = f"{_words(main, rows)} The scales differ."
    return draw_panels(Heading(title, subtitle, source_of(compared)), rows, _colours(compared))


def plot_presence(compared: ComparedRuns) -> Chart:
    """Draw in what share of draws each foreign vendor is inside the focus market, in each run.

    Parameters
    ----------
    compared
        Runs against a reference.
    """
    return plot_column(compared, PRESENCE, {"market": compared.reference.scenario.focus.market})


def has_presence(compared: ComparedRuns) -> bool:
    """Whether anything about presence in the focus market ever changes."""
    market = compared.reference.scenario.focus.market
    rows = [rows_of(run.frequencies, "vendors", PRESENCE, market=market) for run in _runs(compared).values()]
    return any(held["share"].between(0.0, 1.0, inclusive="neither").any() for held in rows) or any(
        held.groupby(["vendor"], observed=True)["value"].nunique().gt(1).any() for held in rows
    )


def paired_differences(reference: RunData, other: RunData, found: Asked, members: Mapping[str, str]) -> pd.DataFrame:
    """Give the difference of a column in each draw whose paths both runs kept: a row per quarter, a column per draw.

    Parameters
    ----------
    reference, other
        Two runs.
    found
        The column.
    members
        Whose, by axis.

    Returns
    -------
    DataFrame
        No columns where no draws can be paired.
    """
    common = np.intersect1d(draws_with_paths(reference), draws_with_paths(other))
    if not share_their_luck(reference, other) or not len(common):
        return pd.DataFrame()
    before, after = (paths_of(run, found.column, members)[common] for run in (reference, other))
    return after - before


def _asked(compared: ComparedRuns, name: str, members: Mapping[str, str | None]) -> Asked:
    return asked([run.scenario for run in (compared.reference, *compared.others)], name, members)


def _runs(compared: ComparedRuns) -> dict[str, RunData]:
    return {compared.reference.name: compared.reference} | compared.by_label


def _colours(compared: ComparedRuns) -> dict[str, str]:
    return {compared.reference.name: GREY} | colours_of(compared.labels)


def _against(compared: ComparedRuns) -> str:
    return f"{', '.join(compared.labels)} against {compared.reference.name}"


def _main(compared: ComparedRuns) -> list[Asked]:
    scenario = compared.reference.scenario
    focus, market = scenario.focus, scenario.markets[scenario.focus.market]
    wanted = (
        ("foreign_share", {"market": focus.market}),
        ("vendor_profit_bn", {"country": focus.visitor}),
        ("welfare_bn", {"country": market.country}),
    )
    return [_asked(compared, name, members) for name, members in wanted]


def _main_rows(compared: ComparedRuns) -> list[list[PathPanel]]:
    every = [_panels(compared, found, found.each[0], _levels(compared, found, found.each[0]))
             for found in _main(compared)]  # fmt: skip
    return _differences_first(every)


def _differences_first(every: list[list[PathPanel]]) -> list[list[PathPanel]]:
    """Put the panels of several columns or members in rows: differences, as far as there are any, then levels."""
    return [row for row in ([panel for held in every for panel in held[:-1]], [held[-1] for held in every]) if row]


def _rows(compared: ComparedRuns, found: Asked) -> tuple[list[list[PathPanel]], str]:
    """Lay out a column: differences of all members shown, then their levels; beside each other where it is one."""
    whose, more = most_important(found, partial(_levels, compared, found))
    every = [_panels(compared, found, members, levels) for members, levels in whose]
    return (every if len(every) == 1 else _differences_first(every)), more


def _levels(compared: ComparedRuns, found: Asked, members: Mapping[str, str]) -> list[Path]:
    return [level_path(run, found.column, members, name) for name, run in _runs(compared).items()]


def _panels(compared: ComparedRuns, found: Asked, members: Mapping[str, str], levels: list[Path]) -> list[PathPanel]:
    """Lay out one member: the difference, if draws can be paired, and the levels."""
    scenario, is_flow = compared.reference.scenario, found.column.kind == "flow"
    level = level_panel(scenario, found, members, levels)
    by_run = {
        name: paired_differences(compared.reference, run, found, members) for name, run in compared.by_label.items()
    }
    paths = [Path(name, band_of_paths(held), held.shape[1]) for name, held in by_run.items() if held.shape[1]]
    if not paths:
        return [level]
    scale = scale_of(found.column, [path.band for path in paths])
    title = f"{panel_title(scenario, found, members)}: difference"
    return [PathPanel(title, scale.difference, paths, scale.factor, is_flow, is_difference=True), level]


def _words(columns: list[Asked], rows: list[list[PathPanel]]) -> str:
    """Say how lines and bands are made, and of how many draws."""
    panels = [panel for row in rows for panel in row]
    levels = {path.draws for panel in panels if not panel.is_difference for path in panel.paths}
    pairs = {path.draws for panel in panels if panel.is_difference for path in panel.paths}
    lines = band_words(*(found.column for found in columns))
    level_draws = " and ".join(map(count_of_draws, sorted(levels)))
    if not pairs:
        return f"{lines}; {level_draws}. No draws can be paired, so no band of the difference can be given."
    pair_draws = " and ".join(map(count_of_draws, sorted(pairs)))
    return (
        f"Differences: mean and 5 to 95 % of {pair_draws} paired by their luck, whose paths all runs kept. "
        f"Levels: {level_draws}. {lines}."
    )
