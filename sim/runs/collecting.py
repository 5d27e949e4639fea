"""Where finished batches go: memory, or the draft of a result folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import pandas as pd

from sim.runs.batch_task import Part
from sim.runs.result_parts import Parts, PartsInFolder, PartsInMemory, Record
from sim.runs.run_data import COLUMNS_OF_PARTS
from sim.runs.unfinished import REMEDY, Draft


class Collector(Protocol):
    """Takes in finished batches."""

    @property
    def packed(self) -> bool:
        """Whether tables are wanted as the content of Parquet files."""

    @property
    def done(self) -> Sequence[range]:
        """Draws that are done."""

    def add(self, part: Part) -> None:
        """Take in a part."""

    def parts(self) -> Parts:
        """Give all parts so far."""


class InMemory:
    """Keeps parts as tables."""

    packed = False

    def __init__(self) -> None:
        self._parts: list[tuple[Record, Mapping[str, pd.DataFrame]]] = []

    @property
    def done(self) -> Sequence[range]:
        """Draws that are done."""
        return [record.draws for record, _ in self._parts]

    def add(self, part: Part) -> None:
        """Take in a part."""
        tables = cast("dict[str, pd.DataFrame]", part.tables)
        self._parts.append((_record(part, dict.fromkeys(tables, 0)), tables))

    def parts(self) -> Parts:
        """Give all parts so far."""
        return PartsInMemory(self._parts)


class InDraft:
    """Writes parts into a draft.

    Parameters
    ----------
    draft
        Where they go.
    """

    packed = True

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    @property
    def done(self) -> Sequence[range]:
        """Draws that are done."""
        return [record.draws for record in self.draft.records]

    def add(self, part: Part) -> None:
        """Take in a part."""
        contents = cast("dict[str, bytes]", part.tables)
        self.draft.add(_record(part, {table: len(content) for table, content in contents.items()}), contents)

    def parts(self) -> Parts:
        """Give all parts so far."""
        return PartsInFolder(self.draft.place, self.draft.records, REMEDY, COLUMNS_OF_PARTS)


def _record(part: Part, sizes: dict[str, int]) -> Record:
    return Record(part.draws.start, part.draws.stop - 1, sizes, part.inputs, round(part.seconds, 3))
