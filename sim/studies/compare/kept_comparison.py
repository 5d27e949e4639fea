"""A comparison that its folder holds already: made of the same runs by the same program, and left alone since.

Of runs as their own folders hold them, for what else may be done to tables in memory no manifest tells.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.csv_files import csv_of
from sim.runs.address import Place
from sim.runs.fingerprints import looks
from sim.runs.manifest import COMPARISON, MANIFEST, Mark, in_manifest, manifest_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.studies.compare.compared_runs import ComparedRuns

MADE_OF, FILES = "made_of", "files"
"""What the manifest of a comparison says so that it is known again: a hash of all that decides it, and its files."""


def identity(run: RunData) -> dict[str, Any]:
    """What a run's manifest says, but for the parts in which its own folder keeps it."""
    return {name: value for name, value in run.manifest.items() if name not in in_manifest(())}


def made_of(compared: ComparedRuns, charts: bool) -> str:
    """Hash of all that decides what the folder of a comparison holds: runs, what was tried or asked, the program."""
    runs = [identity(run) for run in (compared.reference, *compared.others)]
    found = hashlib.sha256(json.dumps([runs, compared.notes, charts, looks()], sort_keys=True).encode())
    for table in (compared.changed, compared.groups, compared.switching):
        found.update(hashlib.sha256(csv_of(table)).digest())
    return found.hexdigest()


def known_again(made: str, folder: Path) -> dict[str, Any]:
    """Give what the manifest of a folder on this machine, which is filled but for it, says of how to know it again."""
    return {MADE_OF: made, FILES: in_manifest((), _marks(Place.of(folder)))[FILES]}


def is_kept(place: Place, made: str) -> bool:
    """Whether a place on this machine holds all of a comparison that would be made of the same, byte for byte."""
    said = manifest_of(place) if place.is_local else None
    if said is None or said["kind"] != COMPARISON or said.get(MADE_OF) != made:
        return False
    try:
        return bool(in_manifest((), _marks(place))[FILES] == said.get(FILES))
    except OSError:
        return False


def _marks(place: Place) -> dict[str, Mark]:
    return {name: Mark.of((place / name).read()) for name in place.files() if name != MANIFEST}
