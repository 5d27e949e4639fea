"""An unfinished run: which draws are done.

It is a folder beside the place of the result. Its name carries a fingerprint of what is run, so that a changed
scenario, seed or program never finds the parts of another. A part counts as done when its record is there, which is
written last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.errors import ScenarioError
from sim.runs.address import Place, unwritable
from sim.runs.dispatch import Failure
from sim.runs.manifest import UNFINISHED_RUN, Record, from_manifest, read_manifest
from sim.runs.result_parts import Part, PartsInFolder, file_of
from sim.runs.run_data import COLUMNS_OF_PARTS, DONE, FAULTS, RECORDS, RUN

REMEDY = "delete this file and run the same command again: only its draws are then computed again"
_KEY_LENGTH = 8


class Draft:
    """Parts of a run that is not finished.

    Parameters
    ----------
    place
        Where the finished result is to be.
    key
        All that decides the results, by name.
    """

    def __init__(self, place: Place, key: Mapping[str, Any]) -> None:
        mark = fingerprint(key)[:_KEY_LENGTH]
        self.place = place.parent / f"{place.name}.{mark}{UNFINISHED_RUN}"
        self.goal = place
        self.key = dict(key)
        self.records: list[Record] = []

    @property
    def done(self) -> int:
        """How many draws are done."""
        return sum(len(record.draws) for record in self.records)

    def begin(self, draws: int) -> None:
        """Find what is done already, here or in a finished result of the same run.

        Parameters
        ----------
        draws
            How many draws the result is to have; parts that go beyond are of no use to it.

        Raises
        ------
        ScenarioError
            If a part is damaged, or the folder cannot be written.
        """
        try:
            (self.place / FAULTS).remove()
            (self.place / RUN).write(json.dumps(self.key, indent=2).encode())
            self.records = [record for record in self._found() if record.last < draws]
            # A kill may have fallen while the records were being removed, or adopted: manifests know them too.
            for finished in (self.place, self.goal):
                self._adopt(finished, draws)
        except OSError as problem:
            raise unwritable(self.place, problem) from problem

    def add(self, part: Part) -> None:
        """Keep a part: its tables first, its record last."""
        try:
            record = part.written_to(self.place).record
            self._write_record(record)
        except OSError as problem:
            raise self.unwritable(problem) from problem
        self.records.append(record)

    def tell(self, failures: Sequence[Failure]) -> None:
        """Write how it came to failures, all of them anew."""
        faults = [f"{failure.reason}\n{failure.trace}" for failure in failures]
        try:
            (self.place / FAULTS).write("\n".join(faults).encode(errors="replace"))
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def parts(self) -> PartsInFolder:
        """Give all parts so far."""
        return PartsInFolder(self.place, self.records, REMEDY, COLUMNS_OF_PARTS)

    def unwritable(self, problem: OSError) -> ScenarioError:
        """Say why nothing more can be written, and what is not lost."""
        draws = f"{self.done:,} draw{'' if self.done == 1 else 's'}"
        kept = f"; {draws} are kept in {self.place}: then run the same command again to go on"
        return unwritable(self.place, problem, kept)

    def close(self) -> None:
        """Remove what only an unfinished run needs, files of parts that were never done, and half-written ones."""
        for name in RECORDS:
            (self.place / name).remove()
        wanted = {f"{table}/{record.name}.parquet" for record in self.records for table in record.files}
        for name in self.place.files():
            folder, _, file = name.rpartition("/")
            if file.startswith(".") or (folder and file.endswith(".parquet") and name not in wanted):
                (self.place / name).remove()

    def _write_record(self, record: Record) -> None:
        (self.place / DONE / f"{record.name}.json").write(json.dumps(record.as_json()).encode())

    def _found(self) -> Iterator[Record]:
        """Records whose files are there; a part of which one was deleted is not done."""
        for name in (self.place / DONE).names():
            if not name.endswith(".json") or name.startswith("."):
                continue
            record = _read_record(self.place / DONE / name)
            if _is_whole(self.place, record):
                yield record

    def _adopt(self, folder: Place, draws: int) -> None:
        """Take over the parts of a finished folder of the same run, which keeps them until it is replaced."""
        try:
            finished = read_manifest(folder)
        except ScenarioError:
            return
        for record in from_manifest(finished) if finished["key"] == self.key else ():
            if record.last < draws and not self._has_of(record) and _is_sound(folder, record):
                if folder != self.place:
                    for table in record.files:
                        file_of(folder, table, record).copy_to(file_of(self.place, table, record))
                self._write_record(record)
                self.records.append(record)

    def _has_of(self, record: Record) -> bool:
        """Whether some draw of a part is done already."""
        return any(held.first <= record.last and record.first <= held.last for held in self.records)


def _is_whole(place: Place, record: Record) -> bool:
    """Whether all files of a part are there; damage is an error."""
    if any(file_of(place, table, record).size() is None for table in record.files):
        return False
    PartsInFolder(place, [record], REMEDY, {}).check()
    return True


def _is_sound(place: Place, record: Record) -> bool:
    """Whether all files of a part are there; damage is an error, found by reading them."""
    if not _is_whole(place, record):
        return False
    parts = PartsInFolder(place, [record], REMEDY, {})
    for table in record.files:
        parts.frame(table, record)
    return True


def _read_record(place: Place) -> Record:
    try:
        record = Record.from_json(place.read())
    except (OSError, ValueError) as problem:
        raise ScenarioError(f"{place}: damaged; {REMEDY}") from problem
    if place.name != f"{record.name}.json":
        raise ScenarioError(f"{place}: damaged, the record of other draws; {REMEDY}")
    return record


def fingerprint(key: Mapping[str, Any]) -> str:
    """Hash of what decides results."""
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()


def drafts_beside(place: Place) -> list[Place]:
    """Unfinished runs that belong to a place."""
    start = f"{place.name}."
    around = place.parent
    return [around / name for name in around.names() if name.startswith(start) and name.endswith(UNFINISHED_RUN)]
