"""Charts of recorded columns of one run over time, and in what share of draws vendors are inside a market."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.report.captions import BAND_WORDS, FLOW_WORDS, count_of_draws
from sim.report.chart_style import BLUE, Chart
from sim.report.path_panels import Path, PathPanel, draw_panels, path_of_shares
from sim.report.statistics import PERCENT, rows_of
from sim.scenario.describing import title_of
from sim.scenario.schema import Presence
from sim.studies.one_run.chart_words import CLOUD_PARTS, GOODS_PARTS, heading_of
from sim.studies.one_run.recorded_paths import (
    MOST_MEMBERS,
    Asked,
    asked,
    level_path,
    scale_of,
    title_of_path,
)

if TYPE_CHECKING:
    from sim.model.columns import Column
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

OWN = (Presence.ZONE.name.lower(), Presence.OWNED.name.lower())
"""Ways of being present with a data centre of one's own."""
INSIDE = (Presence.PARTNER.name.lower(), *OWN)
"""Ways of being present inside a market: not from abroad, and not absent."""
Line = tuple[str, str, tuple[str, ...]]
"""Vendor, market, and the ways of being there."""
PRESENCE_WORDS = (
    "Full line: share of draws in which the vendor has a data centre of its own, in a zone or anywhere; "
    "broken line: in which it is inside in any way, its own or through a partner."
)


def plot_paths(result: RunData, name: str, members: Mapping[str, str | None]) -> Chart:
    """Draw a recorded column of a run over time with its band, in a panel for each member.

    Parameters
    ----------
    result
        A run.
    name
        Name of the column.
    members
        Whose, by axis; None for all, of which the eight largest are shown.

    Raises
    ------
    ScenarioError
        If the column is not recorded of such members.
    """
    found = asked([result.scenario], name, members)
    if found.column.counted == "frequency":
        panels = presence_panels({result.name: result}, found)
        heading = heading_of(result, presence_title(result.scenario, found), PRESENCE_WORDS, CLOUD_PARTS)
        return draw_panels(heading, [panels], {result.name: BLUE})
    whose, more = most_important(found, lambda each: [level_path(result, found.column, each, result.name)])
    panels = [level_panel(result.scenario, found, each, paths) for each, paths in whose]
    draws = count_of_draws(whose[0][1][0].draws)
    subtitle = f"{band_words(found.column)}; {draws}.{more}"
    title = title_of_path(result.scenario, found.column, found.members)
    return draw_panels(heading_of(result, title, subtitle, CLOUD_PARTS + GOODS_PARTS), [panels], {result.name: BLUE})


def band_words(*columns: Column) -> str:
    """Say how the paths of columns are drawn."""
    kinds = {column.kind for column in columns}
    if len(kinds) > 1:
        return f"{BAND_WORDS}; of amounts of a quarter the line is the mean"
    return FLOW_WORDS if "flow" in kinds else BAND_WORDS


def most_important(
    found: Asked, paths: Callable[[dict[str, str]], list[Path]]
) -> tuple[list[tuple[dict[str, str], list[Path]]], str]:
    """Give the members to be shown with their paths, the eight largest where there are more, and say that.

    Parameters
    ----------
    found
        What is asked for.
    paths
        Gives the paths of one of its members.
    """
    every = [(each, paths(each)) for each in found.each]
    size = {place: max(float(abs(path.band.mean).max()) for path in held) for place, (_, held) in enumerate(every)}
    with_something = [place for place in size if size[place] > 0.0] or [0]
    shown = sorted(with_something, key=lambda place: -size[place])[:MOST_MEMBERS]
    scales = " The scales differ." if len(shown) > 1 else ""
    largest = f" The {len(shown)} largest of {len(with_something)}." if len(shown) < len(with_something) else ""
    return [every[place] for place in sorted(shown)], f"{scales}{largest}"


def level_panel(scenario: Scenario, found: Asked, members: Mapping[str, str], paths: Sequence[Path]) -> PathPanel:
    """Lay out the levels of a column for one member."""
    scale = scale_of(found.column, [path.band for path in paths])
    title = panel_title(scenario, found, members)
    return PathPanel(title, scale.unit, paths, scale.factor, is_flow=found.column.kind == "flow")


def panel_title(scenario: Scenario, found: Asked, members: Mapping[str, str]) -> str:
    """Name whose paths a panel shows; all there is to say where only one is shown."""
    if not found.along:
        return title_of_path(scenario, found.column, members)
    whole = title_of_path(scenario, found.column, members, leave=found.members)
    return whole.partition(", ")[2]


def presence_title(scenario: Scenario, found: Asked) -> str:
    """Say of which vendors and market a chart of presence is."""
    where = title_of(scenario, "markets", found.members["market"]) if "market" in found.members else "each market"
    who = title_of(scenario, "vendors", found.members["vendor"]) if "vendor" in found.members else "each vendor"
    return f"Who is inside, and when: {who} in {where}"


def presence_panels(runs: Mapping[str, RunData], found: Asked) -> list[PathPanel]:
    """Lay out in what share of all draws vendors are inside a market, by quarter, in each run.

    Parameters
    ----------
    runs
        Runs by name.
    found
        The column, and of which vendors and markets; those of which nothing ever changes are left out if there are
        others.
    """
    scenario = next(iter(runs.values())).scenario
    inside = {name: _inside(run, found) for name, run in runs.items()}
    panels, moving = [], []
    for members in found.each:
        own, any_way = (
            [
                path_of_shares(
                    name, shares[members["vendor"], members["market"], ways], runs[name].draws, ways == INSIDE
                )
                for name, shares in inside.items()
            ]
            for ways in (OWN, INSIDE)
        )
        title = panel_title(scenario, found, members)
        panels.append(PathPanel(title, "percent of draws", [*own, *any_way], top=PERCENT))
        moving.append(any(np.ptp([path.band.mean for path in paths]) > 0.0 for paths in (own, any_way)))
    return [panel for panel, moves in zip(panels, moving, strict=True) if moves][:MOST_MEMBERS] or panels[:1]


def _inside(run: RunData, found: Asked) -> dict[Line, pd.Series[float]]:
    """Percent of draws by quarter in which a vendor is in a market in some ways, by all three."""
    rows = rows_of(run.frequencies, found.column.table, found.column.name, **found.members)
    quarters = pd.DatetimeIndex(rows["date"].unique())
    named = rows[rows["value"].isin(INSIDE)].astype(dict.fromkeys(("vendor", "market", "value"), "str"))
    nowhere = pd.Series(0.0, quarters)
    shares: dict[Line, pd.Series[float]] = {
        (each["vendor"], each["market"], ways): nowhere for each in found.each for ways in (OWN, INSIDE)
    }
    for (vendor, market), held in named.groupby(["vendor", "market"]):
        for ways in (OWN, INSIDE):
            sums = held[held["value"].isin(ways)].groupby("date")["share"].sum()
            shares[str(vendor), str(market), ways] = sums.reindex(quarters, fill_value=0.0) * PERCENT
    return shares
