"""Tables as Parquet, and tables in parts that are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from mmap import mmap
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.errors import ScenarioError
from sim.model.columns import Arrays
from sim.runs.address import Place
from sim.runs.manifest import Mark

Content = TypeVar("Content", bytes, bytes | mmap)
OBJECTS = np.dtype(object)
RISING_NUMBERS = frozenset({"counts"})
"""Tables of whole numbers that rise slowly: their differences take a fifth of the room."""

_DAMAGED = (pa.ArrowException, OSError, ValueError, LookupError, TypeError)
"""What comes of reading a damaged file; what it says about types and names for pandas has no checksum."""

SMALL, QUICK, MANY_ROWS = "zstd", "lz4", 1_000_000
"""Compression, and how many rows make time matter more than room: full paths are noise that hardly packs."""


def arrays_of(table: pd.DataFrame) -> Arrays:
    """Columns of a table of pandas."""
    return {
        str(name): column.array if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()
        for name, column in table.items()
    }


def to_parquet(table: pd.DataFrame | Arrays, name: str = "") -> bytes:
    """Write a table as Parquet; columns of words become dictionaries.

    Parameters
    ----------
    table
        The table, in which what is not a number is written as missing.
    name
        Which table of a part it is. Of parts a mark is kept; all others get checksums inside.
    """
    arrays = arrays_of(table) if isinstance(table, pd.DataFrame) else table
    columns = {column: pa.array(values, from_pandas=True) for column, values in arrays.items()}
    # Where nothing is missing nothing is written of what is, which takes a third of the time.
    fields = [
        pa.field(column, held.type, nullable=held.null_count > 0 or not len(held)) for column, held in columns.items()
    ]
    held = pa.table(list(columns.values()), schema=pa.schema(fields))
    packing: dict[str, Any] = {"use_dictionary": [field.name for field in held.schema if _repeats(field.type)]}
    if name in RISING_NUMBERS:
        packing["column_encoding"] = dict.fromkeys(held.column_names, "DELTA_BINARY_PACKED")
    out = BytesIO()
    packing["compression"] = QUICK if held.num_rows > MANY_ROWS else SMALL
    packing["row_group_size"] = max(held.num_rows, 1)  # one, so that columns are read in one piece
    pq.write_table(held, out, write_page_checksum=not name, write_statistics=False, **packing)
    return out.getvalue()


def _repeats(kind: pa.DataType) -> bool:
    """Whether the values of a column are few: of numbers, looking for repetition costs more than it saves."""
    return pa.types.is_dictionary(kind) or pa.types.is_timestamp(kind) or pa.types.is_string(kind)


def whole(place: Place, remedy: str, mark: Mark | None) -> bytes:
    """Read a file, and check that it is what was written; errors are those of `_checked`."""
    return _checked(place.read, place, remedy, mark)


def _checked(read: Callable[[], Content], place: Place, remedy: str, mark: Mark | None) -> Content:
    """Read a file in some way, and check that it is what was written.

    Raises
    ------
    ScenarioError
        If it cannot be read, or is not what its mark says.
    """
    try:
        content = read()
    except OSError as problem:
        raise ScenarioError(f"{place}: damaged ({problem.strerror or problem}); {remedy}") from problem
    if mark is not None and Mark.of(content) != mark:
        raise ScenarioError(f"{place}: damaged, not the bytes that were written; {remedy}")
    return content


def from_parquet(
    place: Place, remedy: str, columns: Sequence[str] = (), mark: Mark | None = None,
    until: np.datetime64 | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Read a Parquet file and check its mark, or without one its checksums.

    Parameters
    ----------
    place
        The file.
    remedy
        What to do if it is damaged.
    columns
        Columns that it has at least.
    mark
        By what its content is known.
    until
        Last date whose rows are wanted; all if None.

    Raises
    ------
    ScenarioError
        If it is missing or damaged.
    """
    content = pa.BufferReader(_checked(place.mapped, place, remedy, mark))
    try:
        file = pq.ParquetFile(content, page_checksum_verification=mark is None)  # a mark has been checked already
        table = (file.read() if until is None else _until(file, until)).to_pandas()
    except _DAMAGED as problem:
        raise ScenarioError(f"{place}: damaged ({problem}); {remedy}") from problem
    missing = [column for column in columns if column not in table]
    if missing:
        raise ScenarioError(f"{place}: damaged, without the columns {', '.join(missing)}; {remedy}")
    return _with_empty_categories(table)


def _until(file: pq.ParquetFile, date: np.datetime64) -> pa.Table:
    """Read the rows up to a date, piece by piece, since all are many."""
    last = pa.scalar(date)
    pieces = [rows.filter(pc.less_equal(rows["date"], last)) for rows in file.iter_batches()]
    return pa.Table.from_batches(pieces, file.schema_arrow)


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join the parts of one table, in the order given, with categories that do not depend on how it was divided."""
    frames = list(parts)
    if len(frames) == 1:
        return frames[0]
    for column in frames[0].columns:
        if isinstance(frames[0][column].dtype, pd.CategoricalDtype):
            words = _all_words([frame[column].cat.categories for frame in frames])
            frames = [frame.assign(**{column: frame[column].cat.set_categories(words)}) for frame in frames]
    return pd.concat(frames, ignore_index=True)


def _all_words(categories: Sequence[pd.Index]) -> pd.Index:
    """Categories that hold those of all parts: those of the part that has them all, else sorted."""
    longest = max(categories, key=len)
    words = set(longest).union(*categories)
    return longest if len(words) == len(longest) else pd.Index(sorted(words))


def _with_empty_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Give columns of words in which no word occurs their type again: Parquet keeps no dictionary without entries."""
    for name in [name for name, kind in table.dtypes.items() if kind is OBJECTS and table[name].isna().all()]:
        table[name] = table[name].astype("category")
    return table


@dataclass
class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, each made when it is first asked for, and then kept.

    Attributes
    ----------
    makers
        For each table a function that reads or makes it.
    """

    makers: Mapping[str, Callable[..., pd.DataFrame]]
    held: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.held:
            self.held[name] = self.makers[name]()
        return self.held[name]

    def __reduce__(self) -> tuple[type[Tables], tuple[Mapping[str, Callable[..., pd.DataFrame]]]]:
        """Send no tables to other processes, which read or make what they need."""
        return Tables, (self.makers,)

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)
