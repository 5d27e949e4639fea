"""What a folder says of itself: the schema of `manifest.json`, and the one reader of it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from mmap import mmap
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError
from pydantic import model_validator as validator
from pydantic.dataclasses import dataclass

from sim.errors import ScenarioError
from sim.runs.address import Place

FORMAT = 7
"""Version of the layout of the folders that this package writes."""
LACKING = {
    6: "no bands of goods that are declared as of another origin",
    5: "no bands of goods that are declared as of another origin, and of the rents and fees that limits on goods bring",
    4: "no bands of the regions of the world's trade, of goods that are declared as of another origin, and of the "
    "rents and fees that limits on goods bring",
}
"""Earlier layouts of results that are read too, and what such folders lack."""
MANIFEST = "manifest.json"
"""File that tells what a folder is."""
FolderKind = Literal[
    "result",
    "comparison",
    "deal space",
    "fit",
    "backtest",
    "why study",
    "sweep",
    "worth study",
    "decisions",
    "discovery",
    "ledger",
    "option study",
]
RESULT, COMPARISON, DEAL_SPACE, FIT, BACKTEST, WHY, SWEEP, WORTH, DECISIONS, DISCOVERY, LEDGER, OPTION = get_args(
    FolderKind
)
"""Kinds of folder; a manifest that does not say is a result's."""
UNFINISHED_RUN = ".unfinished"
"""Ending of the names of folders in which runs wait to be gone on with."""
REMEDY = "delete the folder and run the scenario again"
"""What to do about a damaged manifest: a folder that does not say what it is is never replaced."""

_STEP = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_STRICT = ConfigDict(strict=True, extra="forbid")
Hash: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
TableName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z_]+$")]
FileName: TypeAlias = Annotated[str, Field(pattern=rf"^{_STEP}(/{_STEP})*$")]
"""Path of a file inside a folder, which cannot lead out of it."""


@dataclass(frozen=True, config=_STRICT)
class Mark:
    """By what the content of a file is known again: its size in bytes, and its SHA-256."""

    size: NonNegativeInt
    sha256: Hash

    @classmethod
    def of(cls, content: bytes | mmap) -> Self:
        """Mark some content."""
        return cls(len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, config=_STRICT)
class Record:
    """What is known of a part.

    Attributes
    ----------
    first, last
        Draw numbers, both included.
    files
        Mark of each table's file; none for a table in memory.
    inputs
        Uncertain numbers that these draws needed; a manifest has them once for all parts.
    seconds
        Time that it took.
    failed
        Draws that cannot be computed, each with the reason; the tables hold all others.
    """

    first: NonNegativeInt
    last: NonNegativeInt
    files: dict[TableName, Mark | None]
    inputs: tuple[str, ...] = ()
    seconds: float = 0.0
    failed: tuple[tuple[NonNegativeInt, str], ...] = ()

    @property
    def name(self) -> str:
        """Name of the part's files, which sort as draws do."""
        return f"{self.first:09d}-{self.last:09d}"

    @property
    def draws(self) -> range:
        """Draw numbers."""
        return range(self.first, self.last + 1)

    @property
    def computed(self) -> list[int]:
        """Draw numbers that the tables hold."""
        failed = dict(self.failed)
        return [draw for draw in self.draws if draw not in failed]

    def as_json(self) -> dict[str, Any]:
        """Lay out for JSON."""
        held: dict[str, Any] = _RECORD.dump_python(self, mode="json")
        return held

    @classmethod
    def from_json(cls, content: bytes) -> Record:
        """Read what `as_json` has laid out; whatever else raises a ValueError."""
        return _RECORD.validate_json(content)


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Failed(BaseModel):
    """Draws that could not be computed."""

    model_config = _STRICT
    first: NonNegativeInt
    last: NonNegativeInt
    reason: str

    @property
    def draws(self) -> range:
        """Draw numbers."""
        return range(self.first, self.last + 1)


class Key(BaseModel):
    """All that decides the results, but for the number of draws."""

    model_config = _STRICT
    scenario_hash: Hash
    seed: NonNegativeInt | str
    paths: NonNegativeInt
    program: dict[str, str]


class ResultManifest(BaseModel):
    """What the manifest of a result says.

    Attributes
    ----------
    exchanged
        Seeds of groups of names that differ from `seed`.
    set
        Values that were changed for this run.
    as_of
        Day as of which it was run; all was known if absent.
    failed
        Batches that could not be computed; parts name single draws that cannot.
    inputs
        Uncertain numbers that some draw needed.
    files
        All files but those of parts and the manifest itself.
    """

    model_config = _STRICT
    format: Literal[4, 5, 6, 7]
    kind: Literal["result"] = "result"
    scenario: str
    scenario_hash: Hash
    seed: NonNegativeInt
    exchanged: dict[str, NonNegativeInt]
    draws: PositiveInt
    paths: NonNegativeInt
    fast: bool = False  # written by earlier versions
    content_hash: Hash
    versions: dict[str, str]
    git_commit: str | None
    started: str
    seconds: float
    set: list[str]
    as_of: str | None = None
    failed: list[Failed]
    key: Key
    inputs: list[str]
    parts: list[Record]
    files: dict[FileName, Mark]

    @validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse draws that are missing, or there twice; each part has a row of KPIs for each of its draws."""
        held = [part.draws for part in self.parts if "kpis" in part.files]
        lost = [draws.draws for draws in self.failed]
        ends = 0
        for draws in sorted([*held, *lost], key=lambda draws: draws.start):
            if not ends <= draws.start < draws.stop <= self.draws:
                raise ValueError(
                    f"draws {draws.start} to {draws.stop - 1} are there twice, or beyond the {self.draws:,} draws"
                )
            ends = draws.stop
        found, failed = (sum(draws.stop - draws.start for draws in some) for some in (held, lost))
        if found + failed != self.draws:
            raise ValueError(f"parts with {found:,} draws where {self.draws - failed:,} should be")
        return self


class _Any(BaseModel):
    """What every manifest says."""

    model_config = ConfigDict(strict=True, extra="allow")
    format: int
    kind: FolderKind = "result"


def manifest_text(contents: Mapping[str, Any]) -> str:
    """Write what a folder is, as `manifest.json` has it."""
    return json.dumps(contents, indent=2) + "\n"


def in_manifest(records: Sequence[Record], files: Mapping[str, Mark] | None = None) -> dict[str, Any]:
    """Lay out for a manifest what is known of all parts and of the other files."""
    parts = [{name: value for name, value in record.as_json().items() if name != "inputs"} for record in records]
    marks = {name: {"size": mark.size, "sha256": mark.sha256} for name, mark in (files or {}).items()}
    return {"inputs": sorted({name for record in records for name in record.inputs}), "parts": parts, "files": marks}


def from_manifest(manifest: Mapping[str, Any]) -> list[Record]:
    """Read what a manifest says of the parts."""
    inputs = {"inputs": manifest["inputs"]}
    return [Record.from_json(json.dumps({**held, **inputs}).encode()) for held in manifest["parts"]]


def files_of(manifest: Mapping[str, Any]) -> dict[str, Mark]:
    """Read what a manifest says of the files that are no parts."""
    return {name: Mark(**held) for name, held in manifest["files"].items()}


def manifest_of(place: Place) -> dict[str, Any] | None:
    """Read the manifest of any kind of folder; None if there is none that makes sense."""
    try:
        return _Any.model_validate_json((place / MANIFEST).read()).model_dump()
    except (OSError, ValueError):
        return None


def read_manifest(place: Place) -> dict[str, Any]:
    """Read what a result folder says about itself, and refuse layouts that are too old or too new.

    Raises
    ------
    ScenarioError
        If the folder is missing, not finished, damaged, of another kind, or of another version.
    """
    try:
        content = (place / MANIFEST).read()
    except OSError as problem:
        raise _unreadable(place, problem) from problem
    try:
        said = _Any.model_validate_json(content)
        if said.format != FORMAT and said.format not in LACKING:
            raise _of_another_version(place, said)
        if said.kind != RESULT:
            raise ScenarioError(f"{place}: is a {said.kind}, expected a result folder{_folders_near(place)}")
        ResultManifest.model_validate_json(content)
    except ValidationError as problem:
        [first, *_] = problem.errors()
        where, what = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise ScenarioError(f"{place / MANIFEST}: damaged, {where}{': ' if where else ''}{what}; {REMEDY}") from problem
    return said.model_dump()


def _unreadable(place: Place, problem: OSError) -> ScenarioError:
    """Say why a folder has no manifest that can be read."""
    if place.size() is not None:
        return ScenarioError(f"{place}: this is a file, expected a result folder{_folders_near(place)}")
    if not place.exists():
        return ScenarioError(f"{place}: there is no such folder, expected a result folder{_folders_near(place)}")
    if (place / MANIFEST).exists():
        return ScenarioError(f"{place / MANIFEST}: damaged, cannot be read ({problem.strerror or problem}); {REMEDY}")
    if place.name.endswith(UNFINISHED_RUN):
        return ScenarioError(f"{place}: this run is not finished; run the same command again to go on with it")
    return ScenarioError(f"{place}: no result folder, {MANIFEST} is missing{_folders_near(place)}")


def _of_another_version(place: Place, said: _Any) -> ScenarioError:
    versions = (said.model_extra or {}).get("versions")
    unknown = "of another version"
    version = versions.get("cloudtrade", unknown) if isinstance(versions, dict) else unknown
    *read, last = map(str, (FORMAT, *LACKING))
    return ScenarioError(
        f"{place / MANIFEST}: written by cloudtrade {version} in layout {said.format}, and this version "
        f"reads layout {', '.join(read)} and {last}; run the scenario again: {command_again(said.model_extra or {})}"
    )


def command_again(manifest: Mapping[str, Any]) -> str:
    """Give the command that makes a result again, as far as its manifest tells."""
    changes = [str(change) for change in manifest.get("set") or ()]
    name = str(manifest.get("scenario", "SCENARIO")).partition("_with_" if changes else "\n")[0]
    words = ["cloudtrade", "run", name, *(word for change in changes for word in ("--set", change))]
    options = [word for held in ("draws", "seed") if held in manifest for word in (f"--{held}", str(manifest[held]))]
    return shlex.join([*words, *options])


def _folders_near(place: Place) -> str:
    """Name the result folders inside or beside a folder, for an error message."""
    for around in (place, place.parent):
        found = sorted(str(folder) for folder in _within(around) if (manifest_of(folder) or {}).get("kind") == RESULT)
        if found:
            return f"; there are: {', '.join(found)}"
    return "; make one with `cloudtrade run`"


def _within(place: Place) -> Iterator[Place]:
    try:
        yield from (place / name for name in place.names())
    except OSError:
        return
