"""Tables of the world's trade in goods: of a folder such as `world_2018`, or of one's own; rows know their line."""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import StringIO
from itertools import permutations
from pathlib import Path
from types import MappingProxyType

from sim.errors import ModelError, ScenarioError

EVERY = "all"
"""Stands for every region or sector in a table; a later row that names one holds for it."""
SUM_TOLERANCE = 1e-3
"""How far the parts of a flow by sector may be from the whole, as they are written with four decimals."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "regions": ("region", "title", "gdp_usd_bn"),
    "trade": ("origin", "destination", "value_usd_bn"),
    "sector_shares": ("origin", "destination", "sector", "share"),
    "tariffs": ("origin", "destination", "sector", "rate_pct"),
    "technology": ("region", "sector", "value_added_share", "share_of_gdp"),
}
_SOURCED = ("source", "confidence")
_NAMES = ("region", "origin", "destination", "sector")
_NUMBERS = ("gdp_usd_bn", "value_usd_bn", "share", "rate_pct", "value_added_share", "share_of_gdp")
_WITH_EVERY = ("sector_shares", "tariffs")
"""Tables in which a row may be about every region or sector."""


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    where
        File and line.
    cells
        Text of each column.
    """

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def number(self, column: str) -> float:
        """Give a column as a number.

        Raises
        ------
        ModelError
            If it is none, or below 0.
        """
        text = self.cells[column]
        try:
            number = float(text)
        except ValueError:
            raise ModelError(f"{self.where}: {text!r} is no number ({column})") from None
        if not (math.isfinite(number) and number >= 0.0):
            raise ModelError(f"{self.where}: expected a number of 0 or more, found {text} ({column})")
        return number


Tables = Mapping[str, tuple[Row, ...]]
"""Rows of each table of a world."""
MOST_BYTES = 500_000
"""Size of all tables of one's own together: scenarios carry them along, and none has a million bytes."""


@dataclass(frozen=True)
class World:
    """Tables of one's own that are held as text.

    Attributes
    ----------
    name
        The folder that they come from, as messages call it.
    texts
        Name and text of each table.
    """

    name: str
    texts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return self.name


@cache
def world_names() -> tuple[str, ...]:
    """Names of the folders of facts that hold the world's trade, in alphabetical order."""
    return tuple(sorted(held.name for held in _facts().iterdir() if held.is_dir() and (held / "trade.csv").is_file()))


def is_own(data: str) -> bool:
    """Whether this is the way to a folder of one's own, and not the name of one of the package."""
    return data.startswith(".") or "/" in data


def own_world(folder: Path, called: str) -> Mapping[str, str]:
    """Read the text of the tables in a folder of one's own, and check them.

    Parameters
    ----------
    folder, called
        The folder, and what messages call it.

    Raises
    ------
    ScenarioError
        If the folder or a table is missing or too large, or as `read_world`.
    """
    if lacking := [f"{name}.csv" for name in _COLUMNS if not (folder / f"{name}.csv").is_file()]:
        what = f"has no {', '.join(lacking)}" if folder.is_dir() else "is no folder"
        raise ScenarioError(f"{called} {what}; the files and columns are those of sim/facts/world_2018")
    if sum((folder / f"{name}.csv").stat().st_size for name in _COLUMNS) > MOST_BYTES:
        raise ScenarioError(f"{called} holds more than {MOST_BYTES:,} bytes; put regions together")
    try:
        texts = {name: (folder / f"{name}.csv").read_text(encoding="utf-8-sig") for name in _COLUMNS}
    except (OSError, UnicodeDecodeError) as fault:
        raise ScenarioError(f"{called} cannot be read: {fault}") from None
    check_world(texts, called)
    return MappingProxyType(texts)


def check_world(texts: Mapping[str, str], called: str) -> None:
    """Refuse tables of one's own in which something is wrong.

    Raises
    ------
    ScenarioError
        If a table is missing, or as `read_world`.
    """
    if lacking := [name for name in _COLUMNS if name not in texts]:
        raise ScenarioError(f"{called} has no table {', '.join(lacking)}")
    try:
        _tables_of(texts, called)
    except ModelError as fault:
        raise ScenarioError(str(fault)) from None
    except csv.Error as fault:
        raise ScenarioError(f"{called} cannot be read as tables: {fault}") from None


def is_there(world: str | World) -> bool:
    """Whether there are such tables."""
    return isinstance(world, World) or world in world_names()


def world_table(world: str | World, name: str) -> tuple[Row, ...]:
    """Give the rows of a table.

    Parameters
    ----------
    world
        One of `world_names()`, or one's own.
    name
        `regions`, `trade` (value before duty), `sector_shares` of it, `tariffs` of before, or `technology`.

    Raises
    ------
    ScenarioError
        If there is no such folder.
    ModelError
        If something in its tables is wrong, as `read_world` says.
    """
    return _world(world)[name]


def world_regions(world: str | World) -> tuple[str, ...]:
    """Names of the regions of a world, in order."""
    return _regions(_world(world))


def world_sectors(world: str | World) -> tuple[str, ...]:
    """Names of the sectors of a world, in order."""
    return _sectors(_world(world))


@cache
def world_traded_bn(world: str | World) -> Mapping[tuple[str, str, str], float]:
    """Give the trade of a year by origin, destination and sector, bn USD before duty; what has none is not in it."""
    tables = _world(world)
    flows = {(row["origin"], row["destination"]): row.number("value_usd_bn") for row in tables["trade"]}
    return MappingProxyType(
        {
            (*pair, sector): value * row.number("share")
            for pair, value in flows.items()
            for sector, row in _shares(tables, *pair).items()
        }
    )


@cache
def world_sector_shares(world: str, origin: str, destination: str) -> Mapping[str, float]:
    """Give the parts of what one region sells another by sector, shares of one; those of services are nothing."""
    shares = {name: row.number("share") for name, row in _shares(_world(world), origin, destination).items()}
    return MappingProxyType(shares)


def read_world(folder: Traversable) -> Tables:
    """Read the tables of a folder.

    Raises
    ------
    ModelError
        If a table lacks a column or has no rows, a row says again what another says, a number is below 0, a region or
        sector is not known, a region has no technology for a sector, or the parts of a flow by sector do not add up;
        one line for each, with file and line.
    """
    texts = {name: (folder / f"{name}.csv").read_text(encoding="utf-8") for name in _COLUMNS}
    return _tables_of(texts, folder.name)


def _tables_of(texts: Mapping[str, str], called: str) -> Tables:
    """Read tables from their texts, and refuse what does not fit together."""
    tables = MappingProxyType({name: tuple(_rows(texts[name], name, f"{called}/{name}.csv")) for name in _COLUMNS})
    for faults in (_faults_of_rows, _faults_between_rows):
        if found := list(faults(tables)):
            raise ModelError("\n".join(found))
    return tables


@cache
def _world(world: str | World) -> Tables:
    if isinstance(world, World):
        return _tables_of(dict(world.texts), world.name)
    if world not in world_names():
        raise ScenarioError(f"there is no table of the world's trade {world!r}; known: {', '.join(world_names())}")
    return read_world(_facts() / world)


def _rows(text: str, name: str, where: str) -> Iterator[Row]:
    found, reader = False, csv.DictReader(StringIO(text), strict=True)
    lacking = [column for column in (*_COLUMNS[name], *_SOURCED) if column not in (reader.fieldnames or ())]
    if lacking:
        raise ModelError(f"{where}:1: lacks the column {', '.join(lacking)}")
    for cells in reader:
        if None in cells or None in cells.values():
            raise ModelError(f"{where}:{reader.line_num}: expected as many cells as there are columns")
        found = True
        yield Row(f"{where}:{reader.line_num}", cells)
    if not found:
        raise ModelError(f"{where}:1: has no rows")


def _faults_of_rows(tables: Tables) -> Iterator[str]:
    """Find names that are not known, numbers that are none or below 0, and rows that say again what one above says."""
    regions, sectors = _regions(tables), _sectors(tables)
    for name, rows in tables.items():
        first: dict[tuple[str, ...], Row] = {}
        named = [column for column in _NAMES if column in _COLUMNS[name]]
        counted = [column for column in _NUMBERS if column in _COLUMNS[name]]
        every = (EVERY,) if name in _WITH_EVERY else ()
        for row in rows:
            for column in named:
                yield from _unknown(row, column, ((*sectors, *every) if column == "sector" else (*regions, *every)))
            for column in (*counted, *sectors) if name == "technology" else counted:
                try:
                    row.number(column)
                except ModelError as fault:
                    yield str(fault)
            above = first.setdefault(tuple(row[column] for column in named), row)
            if above is not row:
                yield f"{row.where}: is about the same as {above.where}; expected one row for it"


def _unknown(row: Row, column: str, known: Sequence[str]) -> Iterator[str]:
    if row[column] not in known:
        nearest = difflib.get_close_matches(row[column], known, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        yield f"{row.where}: there is no {column} {row[column]!r}{hint} (known: {', '.join(known)})"


def _faults_between_rows(tables: Tables) -> Iterator[str]:
    """Find regions without technology for a sector, and flows of which the parts by sector are not the whole."""
    has = {(row["region"], row["sector"]) for row in tables["technology"]}
    for row in tables["regions"]:
        if lacking := [sector for sector in _sectors(tables) if (row["region"], sector) not in has]:
            yield f"{row.where}: {row['region']} has no row in technology.csv for {', '.join(lacking)}"
    for origin, destination in permutations(_regions(tables), 2):
        shares = _shares(tables, origin, destination)
        total = sum(row.number("share") for row in shares.values())
        if abs(total - 1.0) > SUM_TOLERANCE:
            above = f"{tables['sector_shares'][0].where.rpartition(':')[0]}:1"
            where = [above, *(row.where for row in tables["sector_shares"] if row in shares.values())]
            yield f"{where[-1]}: shares from {origin} to {destination} must add up to 1, but add up to {total:.6g}"


def _shares(tables: Tables, origin: str, destination: str) -> Mapping[str, Row]:
    """Row that holds for each sector of what one region sells to another."""
    return {
        sector: row
        for row in tables["sector_shares"]
        if row["origin"] in {origin, EVERY} and row["destination"] in {destination, EVERY}
        for sector in (_sectors(tables) if row["sector"] == EVERY else (row["sector"],))
    }


def _regions(tables: Tables) -> tuple[str, ...]:
    return tuple(row["region"] for row in tables["regions"])


def _sectors(tables: Tables) -> tuple[str, ...]:
    """Names of the columns of technology that say what a sector buys."""
    own = (*_COLUMNS["technology"], *_SOURCED)
    return tuple(column for column in tables["technology"][0].cells if column not in own)


def _facts() -> Traversable:
    return resources.files(__package__ or "sim.facts")
