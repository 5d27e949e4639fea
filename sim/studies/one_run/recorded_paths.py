"""A recorded column of one run by name and members: which it is, its unit, its bands, its path in each draw."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.columns import AXES, COLUMNS, DIMS, PATH_TABLES, Column
from sim.model.start.parties import axes_of
from sim.report.kpi_names import UNITS, capitalised, check_known, unit_of_money
from sim.report.path_panels import Path, band_of_paths
from sim.report.statistics import Band, band
from sim.scenario.describing import titles_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

MOST_MEMBERS = 8
"""Members that a chart shows; of more the largest are chosen."""
IS_DRAWN = tuple(column for column in COLUMNS if column.table in PATH_TABLES)
"""Columns that are kept over time."""


@dataclass(frozen=True)
class Asked:
    """A column, and of whom.

    Attributes
    ----------
    column
        The column.
    members
        Names that are fixed, by axis: `{"market": "china"}`.
    along
        Axis of which all members are shown; empty where all are fixed.
    candidates
        Members along it.
    """

    column: Column
    members: Mapping[str, str]
    along: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def each(self) -> list[dict[str, str]]:
        """Members of each path."""
        return [{**self.members, self.along: name} for name in self.candidates] if self.along else [dict(self.members)]


def names_of_columns() -> list[str]:
    """Give the names of all columns that are kept over time."""
    return list(dict.fromkeys(column.name for column in IS_DRAWN))


def asked(scenarios: Sequence[Scenario], name: str, members: Mapping[str, str | None]) -> Asked:
    """Find a recorded column by its name and by whose it is.

    Parameters
    ----------
    scenarios
        Those that were run; members are those that all of them have.
    name
        Name of a column that is kept over time.
    members
        Names by axis (vendor, market, country, channel); None for those that are not fixed.

    Raises
    ------
    ScenarioError
        If the column is not recorded of such members, there is no such member, or more than one axis is left.
    """
    given = {axis: member for axis, member in members.items() if member is not None}
    columns = [column for column in IS_DRAWN if column.name == name]
    fitting = [column for column in columns if given.keys() <= set(DIMS[column.table])]
    if not fitting:
        by = " or by ".join(dict.fromkeys(" and ".join(DIMS[column.table]) for column in columns))
        raise ScenarioError(f"{name} is recorded by {by}, not by {' and '.join(given)}")
    column = fitting[0]
    known = {axis: _members(scenarios, axis) for axis in DIMS[column.table]}
    for axis, member in given.items():
        check_known(
            member, known[axis], f"{axis} of {'all these scenarios' if len(scenarios) > 1 else 'this scenario'}"
        )
    free = [axis for axis in known if axis not in given]
    if len(free) > 1:
        wanted = " or ".join(f"{axis}={known[axis][0]!r}" for axis in reversed(free))
        raise ScenarioError(f"{name} is recorded by {' and '.join(known)}; say of which one, such as {wanted}")
    fixed = {axis: given[axis] for axis in known if axis in given}
    return Asked(column, fixed, *((free[0], known[free[0]]) if free else ()))


def _members(scenarios: Sequence[Scenario], axis: str) -> tuple[str, ...]:
    """Members of an axis that all scenarios have."""
    held: list[tuple[str, ...]] = [getattr(axes_of(scenario, 0), AXES[axis]) for scenario in scenarios]
    return tuple(name for name in held[0] if all(name in other for other in held[1:]))


def title_of_path(scenario: Scenario, column: Column, members: Mapping[str, str], leave: Collection[str] = ()) -> str:
    """Say in words what a path shows: `Share of the market's sales, AWS, China`, but for what stands elsewhere."""
    titles = titles_of(scenario)
    words = [name if axis == "channel" else titles[name] for axis, name in members.items() if axis not in leave]
    return ", ".join((capitalised(column.title), *words))


def level_path(run: RunData, column: Column, members: Mapping[str, str], name: str) -> Path:
    """Give the band of a column under a name: of all draws where that is kept, else of those with full paths."""
    if column.counted == "band":
        return Path(name, band(run.bands, column.table, column.name, **members), run.draws)
    paths = paths_of(run, column, members)
    return Path(name, band_of_paths(paths), paths.shape[1])


def paths_of(run: RunData, column: Column, members: Mapping[str, str]) -> pd.DataFrame:
    """Give the path of a column in each draw whose full paths were kept: a row per quarter, a column per draw.

    Raises
    ------
    ScenarioError
        If the run kept none.
    """
    table = run.tables[column.table]
    chosen = np.ones(len(table), dtype=np.bool_)
    for axis, name in members.items():
        chosen &= (table[axis] == name).to_numpy()
    quarters, draws, values = (table[name].to_numpy()[chosen] for name in ("date", "draw", column.name))
    count = max(int(np.count_nonzero(draws == draws[:1])), 1)  # of quarters: tables are sorted by draw and date
    in_rows = values.reshape(-1, count)
    days = pd.DatetimeIndex(quarters[:count], name="date")
    paths = np.ascontiguousarray(in_rows.T)  # the draws of a quarter side by side, in which order they are summed up
    return pd.DataFrame(paths, days, pd.Index(draws[::count], name="draw"), copy=False)


@dataclass(frozen=True)
class Scale:
    """How a column is written on an axis: words, those of differences, and what values are multiplied by."""

    unit: str
    difference: str
    factor: float = 1.0


def scale_of(column: Column, bands: Sequence[Band]) -> Scale:
    """Choose the unit for what is drawn: percent for shares, thousands to trillions of USD for money."""
    if column.unit == "share of one":
        share = UNITS["share"]
        return Scale(share.axis, f"difference, {share.difference_axis}", share.factor)
    if column.kind == "flow":
        sizes = [np.abs(values) for held in bands for values in (held.low, held.mean, held.high)]
        largest = max((float(np.nanmax(size)) for size in sizes if np.isfinite(size).any()), default=0.0)
        factor, money = unit_of_money(largest or 1.0)
        return Scale(f"{money} a quarter", f"difference, {money} a quarter", factor)
    return Scale(column.unit, f"difference, {column.unit}")
