"""What one run gave, as data, and the folder that keeps it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from sim.errors import ScenarioError
from sim.model.columns import BAND_AXES, DIMS, PATH_TABLES, columns_of
from sim.model.luck import Luck
from sim.runs.address import Address, Place
from sim.runs.earlier_layouts import as_today, columns_then
from sim.runs.manifest import (
    LACKING,
    MANIFEST,
    RESULT,
    Mark,
    Record,
    command_again,
    files_of,
    from_manifest,
    in_manifest,
    manifest_of,
    manifest_text,
    read_manifest,
)
from sim.runs.parquet import Tables, from_parquet, joined, to_parquet, whole
from sim.runs.result_folder import current, replace_folder
from sim.runs.result_parts import AGAIN, DELETE, Parts, PartsInFolder, file_of
from sim.scenario.loading import dump, load
from sim.scenario.schema import Scenario

SCENARIO = "scenario.yaml"
"""The scenario in a result folder, beside a folder of parts for each table."""

RUN, DONE = "run.json", "done"
RECORDS = (RUN, DONE)
"""File and folder of an unfinished run, which a finished one does not have any more."""

FAULTS = "faults.txt"
"""How it came to it that some draws could not be computed, for those who mend the program."""

NAME = "_name"
"""Ending of the KPIs that are words, not numbers."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "kpis": ("draw",),
    "years": ("draw", "year"),
    **{
        table: ("draw", "date", *DIMS[table], *columns_of(table)) for table in PATH_TABLES
    },
    "events": ("draw", "date", "actor", "event", "detail"),
    "digests": ("draw", "digest"),
}  # fmt: skip
"""Tables in parts, and the columns that each has at least."""

COLUMNS_OF_PARTS = COLUMNS | {"counts": ("key", "draws"), "extremes": ("low", "high")}
"""The same, with the tables from which bands are made, which have no use joined."""

WHOLE_TABLES: dict[str, tuple[str, ...]] = {
    "bands": ("table", "column", *BAND_AXES, "date", "p5", "p25", "p50", "p75", "p95", "mean", "low", "high", "draws"),
    "frequencies": ("table", "column", *BAND_AXES, "date", "value", "share"),
    "inputs": ("draw",),
}  # fmt: skip
"""Tables over all draws, each in one file, and the columns that each has at least."""


@dataclass(frozen=True, eq=False, repr=False)
class RunData:
    """What one run of a scenario gave.

    Amounts of a quarter are flows of that quarter; shares, prices, capacity and presence are as at its end. Tables are
    read from the folder, or put together, when they are first asked for.

    Attributes
    ----------
    scenario
        The scenario that was run.
    manifest
        Scenario hash, seed, draws, versions of the packages, git commit, start, seconds, content hash, and `format`.
    tables
        All tables by name.
    parts
        The pieces that they are joined of, as they are kept in a folder.
    """

    scenario: Scenario
    manifest: dict[str, Any]
    tables: Mapping[str, pd.DataFrame]
    parts: Parts

    @property
    def lacking(self) -> str:
        """What it lacks that runs of today have, and the command that makes it again; nothing if it lacks nothing."""
        layout = self.manifest["format"]
        if layout not in LACKING:
            return ""
        return f"{self.name} was kept in layout {layout}, with {LACKING[layout]}; {command_again(self.manifest)}"

    @property
    def kpis(self) -> pd.DataFrame:
        """One row per draw: `draw` and one column per KPI, whose name ends in its time basis and unit."""
        return self.tables["kpis"]

    @property
    def vendors(self) -> pd.DataFrame:
        """Paths of the first draws: one row per draw, quarter (its first day), vendor and market."""
        return self.tables["vendors"]

    @property
    def channels(self) -> pd.DataFrame:
        """Paths of the first draws: one row per draw, quarter and channel (`vendor.market.partner`, zone or way)."""
        return self.tables["channels"]

    @property
    def countries(self) -> pd.DataFrame:
        """Paths of the first draws: one row per draw, quarter and country."""
        return self.tables["countries"]

    @property
    def markets(self) -> pd.DataFrame:
        """Paths of the first draws: one row per draw, quarter and market."""
        return self.tables["markets"]

    @property
    def years(self) -> pd.DataFrame:
        """Row per draw and calendar year: money of those who may gain or lose from opening the focus market, bn USD."""
        return self.tables["years"]

    @property
    def events(self) -> pd.DataFrame:
        """Who did what, when, in which draw."""
        return self.tables["events"]

    @property
    def inputs(self) -> pd.DataFrame:
        """One row per draw: `draw` and one column per uncertain number that the run drew, by dotted path."""
        return self.tables["inputs"]

    @property
    def bands(self) -> pd.DataFrame:
        """How all draws lie at each date: quantiles, mean, least and largest, one row per quantity, member and quarter.

        Columns: table, column, vendor, market, country (empty where it does not apply), date, p5, p25, p50, p75, p95,
        mean, low, high, draws. Low and high are exact. Quantiles and means are as if each draw were known to 0.2 % of
        its size.
        """
        return self.tables["bands"]

    @property
    def frequencies(self) -> pd.DataFrame:
        """In what share of all draws a vendor is present how, or holds which place in the world, by quarter.

        Columns: table, column (presence or world_rank), vendor, market, country, date, value, share.
        """
        return self.tables["frequencies"]

    def rows_until(self, table: str, date: np.datetime64) -> pd.DataFrame:
        """Give the rows of a table of full paths up to a date; of one that was not asked for yet no more is held."""
        tables = self.tables
        if isinstance(tables, Tables) and table not in tables.held:
            return tables.makers[table](date)
        rows = tables[table]
        return rows[rows["date"] <= date]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    @property
    def draws(self) -> int:
        """Number of draws that were computed."""
        return sum(len(record.computed) for record in self.parts.records)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Draws that could not be computed: first, last, reason."""
        single = ((draw, reason) for record in self.parts.records for draw, reason in record.failed)
        found = [{"first": draw, "last": draw, "reason": reason} for draw, reason in single]
        return sorted([*self.manifest.get("failed", []), *found], key=lambda held: held["first"])

    @property
    def seed(self) -> int:
        """Seed of the random streams; draws of two runs can be paired if it is the same."""
        return int(self.manifest["seed"])

    @property
    def luck(self) -> Luck | None:
        """Where luck came from; None where a design gave uniforms, of which the manifest keeps a fingerprint alone."""
        luck = Luck(self.seed, self.manifest["exchanged"])
        return luck if luck.key == self.manifest["key"]["seed"] else None


@dataclass(frozen=True)
class Presentation:
    """What people read in a result folder, written before the folder is put in its place.

    Attributes
    ----------
    write
        Writes it into the folder that it is given.
    needed
        Names without which a finished folder is not what was asked for.
    """

    write: Callable[[RunData, Place], None] = lambda *_: None
    needed: tuple[str, ...] = ()


def read(directory: Address) -> RunData:
    """Read a result folder; its tables are read when they are asked for.

    Raises
    ------
    ScenarioError
        If it is missing, not finished, damaged, or of another version; the message says which file and what to do.
    """
    return result_in(current(directory))


def result_in(place: Place, scenario: Scenario | None = None) -> RunData:
    """Read a result folder whose place is known; `scenario` is what it keeps, if that has been loaded already."""
    try:
        return _result_in(place, scenario)
    except OSError as problem:
        raise ScenarioError(f"{place}: cannot be read ({problem.strerror or problem})") from problem


def _result_in(place: Place, scenario: Scenario | None) -> RunData:
    manifest = read_manifest(place)
    marks, names = files_of(manifest), (SCENARIO, *map(_file, WHOLE_TABLES))
    missing = [name for name in names if not (place / name).is_there]
    if missing:
        raise ScenarioError(f"{place}: damaged, {', '.join(missing)} missing; {AGAIN}")
    for name in names:
        if name not in marks or (place / name).size() != marks[name].size:
            raise ScenarioError(f"{place / name}: damaged, not the bytes that were written; {DELETE}")
    layout = manifest["format"]
    every = (COLUMNS_OF_PARTS | WHOLE_TABLES).items()
    columns = {table: columns_then(table, held, layout) for table, held in every}
    parts = PartsInFolder(place, from_manifest(manifest), DELETE, columns)
    parts.check()
    totals = {table: partial(_read_whole, place, table, columns[table], marks[_file(table)]) for table in WHOLE_TABLES}
    tables = {
        table: partial(_made, table, make, place, manifest) for table, make in (tables_of_parts(parts) | totals).items()
    }
    whole(place / SCENARIO, DELETE, marks[SCENARIO])
    return RunData(scenario or load_scenario(place), manifest, Tables(tables), parts)


def _made(
    table: str, make: Callable[..., pd.DataFrame], place: Place, manifest: dict[str, Any], *until: np.datetime64
) -> pd.DataFrame:
    """Read a table, unless the folder holds another result by now."""
    if manifest_of(place) != manifest:
        raise ScenarioError(f"{place}: replaced or moved since it was read; read it again")
    return as_today(table, make(*until), manifest["format"])


def altered(data: RunData) -> Iterator[str]:
    """Name the files in the folder of a result that are not what was written, and those that its run has not written.

    Files whose names begin with a dot are those of the system or of other programs.
    """
    if not isinstance(data.parts, PartsInFolder):
        return
    place, marks = data.parts.place, files_of(data.manifest)
    records = data.parts.records
    marks |= {
        f"{table}/{record.name}.parquet": mark for record in records for table, mark in record.files.items() if mark
    }
    for name, mark in marks.items():
        try:
            whole(place / name, AGAIN, mark)
        except ScenarioError as fault:
            yield str(fault)
    for name in place.files():
        if name not in marks and name != MANIFEST and not name.rpartition("/")[2].startswith("."):
            yield f"{place / name}: not written by this run; move it elsewhere"


def tables_of_parts(parts: Parts) -> dict[str, Callable[..., pd.DataFrame]]:
    """For each table in parts a function that joins it, or its rows up to a date."""
    return {table: partial(_joined, parts, table) for table in COLUMNS}


def load_scenario(place: Place) -> Scenario:
    """Load the scenario that a result folder keeps."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / SCENARIO
        copy.write_bytes(whole(place / SCENARIO, DELETE, None))
        try:
            return load(copy)
        except ScenarioError as problem:
            what = str(problem).replace(str(copy), SCENARIO)
            raise ScenarioError(f"{place / SCENARIO}: damaged ({what}); {DELETE}") from problem


def write_rest(data: RunData, scenario: str, folder: Place, presentation: Presentation) -> None:
    """Write all that a result folder holds besides the parts, the manifest last; `scenario` is its scenario as YAML."""
    (folder / SCENARIO).write(scenario.encode())
    for table in WHOLE_TABLES:
        (folder / _file(table)).write(to_parquet(data.tables[table]))
    presentation.write(data, folder)
    files = {name: Mark.of((folder / name).read()) for name in folder.files() if _is_rest(name)}
    manifest = data.manifest | in_manifest(data.parts.records, files)
    (folder / MANIFEST).write(manifest_text(manifest).encode())


def _is_rest(name: str) -> bool:
    """Whether a file is no part, no record of one, not the manifest, and not half-written."""
    inside, _, file = name.rpartition("/")
    return not file.startswith(".") and inside not in {*COLUMNS_OF_PARTS, *RECORDS} and name not in {MANIFEST, *RECORDS}


def save(data: RunData, directory: Address, presentation: Presentation) -> Address:
    """Write a result folder; an older one is replaced when the new one is finished, not before.

    Raises
    ------
    ScenarioError
        If the place cannot be written, or holds something else than a result folder, or the result is of an earlier
        layout.
    """
    if data.lacking:
        raise ScenarioError(f"{data.lacking} makes it again; as it is, its folder can be copied, but not written anew")
    return replace_folder(directory, RESULT, partial(_write, data, presentation))


def _write(data: RunData, presentation: Presentation, folder: Path) -> None:
    place, records = Place.of(folder), []
    for record in data.parts.records:
        contents = {table: data.parts.content(table, record) for table in record.files}
        for table, content in contents.items():
            file_of(place, table, record).write(content)
        records.append(replace(record, files={table: Mark.of(content) for table, content in contents.items()}))
    parts = PartsInFolder(place, records, DELETE, COLUMNS_OF_PARTS)
    write_rest(replace(data, parts=parts), dump(data.scenario), place, presentation)


def _file(table: str) -> str:
    return f"{table}.parquet"


def _joined(parts: Parts, table: str, until: np.datetime64 | None = None) -> pd.DataFrame:
    """Join all parts of a table."""
    held = [record for record in parts.records if table in record.files]
    if not held:
        raise ScenarioError(
            f"this run kept no {table}: full paths are kept of the first draws, as many as --paths says"
        )
    frames = [parts.frame(table, record, until) for record in held]
    if table == "kpis":
        for record, frame in zip(held, frames, strict=True):
            _check_kpis(parts, record, frame)
    return joined(frames)


def _read_whole(place: Place, table: str, columns: tuple[str, ...], mark: Mark) -> pd.DataFrame:
    return from_parquet(place / _file(table), DELETE, columns, mark)


def _check_kpis(parts: Parts, record: Record, kpis: pd.DataFrame) -> None:
    if kpis["draw"].tolist() != record.computed:
        what = f"damaged, {len(kpis):,} draws, not just those from {record.first} to {record.last}"
        raise parts.damaged("kpis", record, what)
    kinds = {str(kpi): kind for kpi, kind in kpis.dtypes.items()}
    worded = [kpi for kpi, kind in kinds.items() if not kpi.endswith(NAME) and not is_numeric_dtype(kind)]
    if worded:
        raise parts.damaged("kpis", record, f"damaged, no numbers in {', '.join(worded)}")
