"""Where two runs part: the first month in which an event differs, and the first quarter in which a figure does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.model.columns import BAND_AXES, columns_of
from sim.quantities import BoolArray, IntArray
from sim.report.captions import count_of_draws
from sim.studies.compare.differences import share_their_luck

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

EVENT_KEYS = ("date", "actor", "event", "detail", "draw")
FIGURE_KEYS: dict[str, tuple[str, ...]] = {"vendors": ("vendor", "market"), "markets": ("market",),
                                           "countries": ("country",), "channels": ("channel",)}  # fmt: skip
"""Tables of full paths, and the columns that name their members."""
SMALLEST_FIRST = sorted(FIGURE_KEYS, key=lambda table: len(FIGURE_KEYS[table]))
"""The same tables: where a small one differs, no more of the large ones matters than what comes before."""
COLUMNS = ("scenario", "event_date", "actor", "event", "detail", "only_in", "event_draws", "more_events",
           "draws", "figure_date", "table", "column", "member", "figure_draws", "path_draws", "note")  # fmt: skip

NOT_PAIRED = "draws are not paired, so no draw can be followed in both runs"
FROM_BANDS = "no full paths of common draws, so the first quarter is that in which bands over all draws differ"
NO_FIGURES = "no full paths of common draws, and other draws behind the bands, so no quarter can be told"


def partings(reference: RunData, others: Mapping[str, RunData]) -> pd.DataFrame:
    """Find for each other run the first date and event at which it parts from the reference.

    Parameters
    ----------
    reference
        The run that the others are compared with.
    others
        The other runs by name.

    Returns
    -------
    DataFrame
        One row per other run. Of the first month in which an event differs in any common draw: event_date, the event
        that differs in most draws (actor, event, detail, only_in: the run that has it, event_draws), more_events
        (others that differ in that month), draws (compared). Of the first quarter in which a figure differs in any
        draw whose full path both runs kept: figure_date, the figure that differs in most draws (table, column, member,
        figure_draws), path_draws (compared; 0 where bands over all draws had to do). Empty where nothing differs.
        note says what could not be told.
    """
    rows = [{"scenario": name} | _parting(reference, run, name) for name, run in others.items()]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    dates = {column: pd.to_datetime(table[column]).astype("datetime64[ns]") for column in ("event_date", "figure_date")}
    counts = {
        column: table[column].astype("Int64")
        for column in ("event_draws", "more_events", "draws", "figure_draws", "path_draws")
    }
    worded = [column for column in COLUMNS if column not in dates and column not in counts]
    words = {column: table[column].astype("object").fillna("").astype("str") for column in worded}
    return table.assign(**dates, **counts, **words)


def parting_line(row: Mapping[Any, Any], reference: str) -> str:
    """Say in one line where a run parts from the reference; `row` is one of `partings`."""
    start = f"{row['scenario']} and {reference}"
    if row["note"] == NOT_PAIRED:
        return f"{start}: where they part cannot be told ({NOT_PAIRED})"
    sentences = [_event_words(row, start), _figure_words(row)]
    return f"{'; '.join(sentences)}{' (' + row['note'] + ')' if row['note'] else ''}"


def _event_words(row: Mapping[Any, Any], start: str) -> str:
    if pd.isna(row["event_date"]):
        return f"{start} have the same events in all {count_of_draws(row['draws'])}"
    more = f", and {row['more_events']:,} more" if row["more_events"] else ""
    detail = f" ({row['detail']})" if row["detail"] else ""
    return (
        f"{start} part in {row['event_date']:%B %Y}: {row['actor']}, {row['event']}{detail} only in {row['only_in']}, "
        f"in {row['event_draws']:,} of {count_of_draws(row['draws'])}{more}"
    )


def _figure_words(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["figure_date"]):
        return "no recorded figure differs" if row["note"] != NO_FIGURES else "figures not compared"
    what = f"{row['column']} of {row['member'].replace('/', ' in ')}"
    paths = row["path_draws"]
    where = f"in {row['figure_draws']:,} of {count_of_draws(paths)}" if paths else "in the bands"
    return f"figures differ from the quarter of {row['figure_date']:%B %Y} on ({what}, {where})"


def _parting(reference: RunData, other: RunData, name: str) -> dict[str, Any]:
    if not share_their_luck(reference, other):
        return {"note": NOT_PAIRED}
    ours, theirs = (run.kpis["draw"].to_numpy() for run in (reference, other))
    common = np.intersect1d(ours, theirs)
    figures = _first_figure(reference, other, common)
    if figures is None:
        is_same = len(common) == len(ours) == len(theirs)
        figures = _first_of_bands(reference.bands, other.bands) | {"note": FROM_BANDS} if is_same else {
            "note": NO_FIGURES
        }  # fmt: skip
    return _first_event(reference, other, common, name) | figures


# Events ---------------------------------------------------------------------------------------------------------------


def _first_event(reference: RunData, other: RunData, common: IntArray, name: str) -> dict[str, Any]:
    """Describe the first month in which an event differs in any of some draws."""
    sides = [run.events[run.events["draw"].isin(common)] for run in (reference, other)]
    both = pd.concat([side.astype({"actor": "str", "event": "str", "detail": "str"}) for side in sides])
    signs = np.repeat([-1, 1], [len(side) for side in sides])
    differing = both.assign(side=signs)[_unmatched(both, signs)]
    if differing.empty:
        return {"draws": len(common)}
    first = differing[differing["date"] == differing["date"].min()]
    counts = first.groupby(["actor", "event", "detail", "side"], sort=True)["draw"].nunique()
    (actor, event, detail, side), draws = counts.idxmax(), int(counts.max())
    return {
        "event_date": first["date"].iloc[0],
        "actor": actor,
        "event": event,
        "detail": detail,
        "only_in": name if side > 0 else reference.name,
        "event_draws": draws,
        "more_events": len(counts) - 1,
        "draws": len(common),
    }


def _unmatched(events: pd.DataFrame, signs: IntArray) -> BoolArray:
    """Whether an event is not in both runs as often, [row]; signs are -1 for one run and 1 for the other."""
    keys = np.zeros(len(events), dtype=np.int64)
    for column in EVENT_KEYS:
        codes, known = pd.factorize(events[column])
        keys = keys * max(len(known), 1) + codes
    _, numbers = np.unique(keys, return_inverse=True)
    unmatched: BoolArray = np.bincount(numbers, weights=signs)[numbers] != 0 if len(keys) else keys != 0
    return unmatched


# Figures --------------------------------------------------------------------------------------------------------------


def _first_figure(reference: RunData, other: RunData, common: IntArray) -> dict[str, Any] | None:
    """Describe the first quarter in which a full path differs; None where there are no full paths of common draws."""
    draws = np.intersect1d(common, np.intersect1d(draws_with_paths(reference), draws_with_paths(other)))
    if not len(draws):
        return None
    until = max(run.markets["date"].max() for run in (reference, other))
    found: dict[str, pd.DataFrame] = {}
    for table in SMALLEST_FIRST:
        rows = (_rows_of(run.rows_until(table, until), draws, FIGURE_KEYS[table]) for run in (reference, other))
        if len(differing := _first_differing(table, *rows)):
            date = differing["date"].iloc[0]
            found, until = (found if date == until else {}) | {table: differing}, date
    at_first = [found[table] for table in FIGURE_KEYS if table in found]
    return (_described(pd.concat(at_first, ignore_index=True)) if at_first else {}) | {"path_draws": len(draws)}


def has_paths(run: RunData) -> bool:
    """Whether a run kept full paths of any draws."""
    return any("markets" in record.files for record in run.parts.records)


def draws_with_paths(run: RunData) -> IntArray:
    """Draws whose full paths a run kept."""
    if not has_paths(run):
        return np.empty(0, dtype=np.int64)
    draws: IntArray = np.sort(pd.unique(run.markets["draw"].to_numpy()))
    return draws


def _described(found: pd.DataFrame) -> dict[str, Any]:
    """Give the figure that differs in most draws, the first one named among equals."""
    row = found.iloc[int(found["draws"].to_numpy().argmax())]
    named = {name: row[name] for name in ("table", "column", "member")}
    return {"figure_date": row["date"], "figure_draws": int(found["draws"].max()), **named}


def _first_differing(table: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Count by figure and member in how many draws two tables differ at the first date at which any does."""
    keys = ["draw", "date", *FIGURE_KEYS[table]]
    dates = np.union1d(ours["date"].unique(), theirs["date"].unique())
    if _have_same_rows(ours, theirs, keys):
        unequal = np.any([_unequal(ours[column], theirs[column]) for column in ours.columns.drop(keys)], axis=0)
        dates = np.sort(ours["date"].to_numpy()[unequal])[:1]
    for date in dates:
        rows = (held[held["date"] == date].reset_index(drop=True) for held in (ours, theirs))
        if len(differing := _differing(table, *rows)):
            return differing
    return pd.DataFrame()


def _differing(table: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Count by figure and member in how many draws the rows of a quarter in one table differ, where any does."""
    if ours.equals(theirs):
        return pd.DataFrame()
    members = list(FIGURE_KEYS[table])
    keys = ["draw", "date", *members]
    columns = [column for column in ours if column not in keys and column in theirs]
    if not _have_same_rows(ours, theirs, keys):
        words = dict.fromkeys([*members, *(["presence"] if "presence" in ours else [])], "str")
        ours, theirs = _aligned(ours.astype(words), theirs.astype(words), keys)
    unequal = pd.DataFrame({column: _unequal(ours[column], theirs[column]) for column in columns})
    if not unequal.to_numpy().any():
        return pd.DataFrame()
    counts = unequal.groupby([ours[name] for name in members], observed=True).sum().reset_index()  # a row is a draw's
    counts = counts.astype(dict.fromkeys(members, "str")).sort_values(members)
    found = counts.melt(members, var_name="column", value_name="draws").query("draws > 0")
    member = found[members].agg("/".join, axis=1) if len(found) else ""
    return found.assign(table=table, member=member, date=ours["date"].iloc[0])


def _have_same_rows(ours: pd.DataFrame, theirs: pd.DataFrame, keys: list[str]) -> bool:
    """Whether two tables can be set against each other row by row."""
    return ours.dtypes.equals(theirs.dtypes) and ours[keys].equals(theirs[keys])


def _rows_of(held: pd.DataFrame, draws: IntArray, names: tuple[str, ...]) -> pd.DataFrame:
    """Give some draws; not channels of which there is nothing, which one scenario may not even know."""
    wanted = np.isin(held["draw"].to_numpy(), draws)
    if names == FIGURE_KEYS["channels"]:
        wanted &= np.any([held[column].fillna(0.0).to_numpy() != 0.0 for column in columns_of("channels")], axis=0)
    return held if wanted.all() else held[wanted].reset_index(drop=True)


def _aligned(ours: pd.DataFrame, theirs: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give both tables with the rows of either, in one order."""
    rows = pd.concat([ours[keys], theirs[keys]]).drop_duplicates().sort_values(keys, ignore_index=True)
    left, right = (rows.merge(side, how="left", on=keys) for side in (ours, theirs))
    return left, right


def _unequal(ours: pd.Series[Any], theirs: pd.Series[Any]) -> BoolArray:
    """Whether two values differ, [row]; no value is equal to no value."""
    unequal: BoolArray = (ours != theirs).to_numpy(dtype=np.bool_)
    if unequal.any():
        unequal = unequal & ~(ours.isna() & theirs.isna()).to_numpy(dtype=np.bool_)
    return unequal


def _first_of_bands(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, Any]:
    """Describe the first quarter in which bands over the same draws differ."""
    keys = ["table", "column", *BAND_AXES, "date"]
    numbers = ["p5", "p25", "p50", "p75", "p95", "mean", "low", "high"]
    names = dict.fromkeys(keys[:-1], "str")
    rows = ours.astype(names).merge(theirs.astype(names), how="outer", on=keys, suffixes=("", " of other"))
    unequal = np.any([_unequal(rows[name], rows[f"{name} of other"]) for name in numbers], axis=0)
    rows = rows[unequal].sort_values("date", kind="stable")
    if rows.empty:
        return {"path_draws": 0}
    first = rows.iloc[0]
    member = "/".join(first[name] for name in BAND_AXES if first[name])
    described = {"table": first["table"], "column": first["column"], "member": member}
    return {"figure_date": first["date"], "path_draws": 0, **described}
