"""Instruments that other installed packages bring along, by the entry points of the group `cloudtrade.instruments`."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import get_args

from sim.errors import ScenarioError
from sim.policies.policy import Policy

GROUP = "cloudtrade.instruments"
"""Group of entry points; each names a class that is a `Policy` with a `kind` of its own."""


def instruments_of_others(ours: Iterable[type[Policy]]) -> tuple[type[Policy], ...]:
    """Load the instruments of other packages.

    Parameters
    ----------
    ours
        Instruments of this package, whose kinds are taken.

    Raises
    ------
    ScenarioError
        If one cannot be loaded, is no instrument, or has the kind of another one.
    """
    taken, found = {kind_of(held) for held in ours}, []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        instrument = _loaded(point)
        kind = kind_of(instrument)
        if kind in taken:
            raise ScenarioError(f"{_named(point)}: another instrument has the kind {kind} already; choose another word")
        taken.add(kind)
        found.append(instrument)
    return tuple(found)


def _loaded(point: EntryPoint) -> type[Policy]:
    try:
        held = point.load()
    except Exception as fault:
        raise ScenarioError(f"{_named(point)}: cannot be loaded ({type(fault).__name__}: {fault})") from fault
    if not (isinstance(held, type) and issubclass(held, Policy) and kind_of(held)):
        raise ScenarioError(f"{_named(point)}: expected a class of sim.policies.Policy with `kind: Literal[...]`")
    return held


def _named(point: EntryPoint) -> str:
    package = f" of the package {point.dist.name}" if point.dist else ""
    return f"instrument {point.name}{package}"


def kind_of(instrument: type[Policy]) -> str:
    """Give the word by which files call an instrument; nothing if it has none."""
    field = instrument.model_fields.get("kind")
    return str((*get_args(field.annotation), "")[0]) if field is not None else ""


def code_of(instrument: type[Policy]) -> str:
    """Fingerprint the file that an instrument stands in."""
    return hashlib.sha256(Path(inspect.getfile(instrument)).read_bytes()).hexdigest()[:16]
