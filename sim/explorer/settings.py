"""From where the controls stand to changed values of the scenario, as `--set` takes them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sim.errors import ScenarioError
from sim.explorer.controls import Control, Setting, date_words
from sim.quantities import MONTHS_PER_YEAR
from sim.values import percent

_DIGITS = 12
"""Digits to which a scaled rate is rounded, so that 3 times 0.1 is 0.3."""
_PER_HUNDRED = Decimal(100)
MOST_NAMED = 3
"""Changes that the name of a variant says in words; of more it says how many."""


def setting_of(control: Control, shown: Any) -> Setting:
    """Read where a control was moved to, as people see it: 35 of a share is 0.35.

    Parameters
    ----------
    control
        What was moved.
    shown
        A number in the unit that is shown, a date as text, a word or a truth value.

    Raises
    ------
    ScenarioError
        If the control cannot stand there.
    """
    try:
        return _read(control, shown)
    except (TypeError, ValueError, ArithmeticError):
        raise ScenarioError(f"{control.name}: {shown!r} is none of what can stand here ({control.kind})") from None


def _read(control: Control, shown: Any) -> Setting:
    if control.kind == "switch":
        return bool(shown)
    if control.kind == "choice":
        return control.options[control.options.index(shown)]
    if control.kind == "date":
        return dt.date.fromisoformat(shown)
    if isinstance(shown, bool) or not math.isfinite(shown):
        raise ValueError(shown)
    if control.kind == "integer":
        return int(shown)
    return float(Decimal(repr(shown)) / _PER_HUNDRED) if control.kind == "share" else float(shown)


def shown_of(control: Control, setting: Setting) -> Any:
    """Write where a control stands as people see it: the inverse of `setting_of`."""
    if control.kind == "share":
        return float(Decimal(repr(float(setting))) * _PER_HUNDRED)  # type: ignore[arg-type]
    return setting.isoformat() if isinstance(setting, dt.date) else setting


def written(control: Control, setting: Setting) -> Any:
    """Give a setting as plain data of a scenario: off is null, an end a number of months."""
    if control.first is not None and isinstance(setting, dt.date):
        return (setting.year - control.first.year) * MONTHS_PER_YEAR + setting.month - control.first.month + 1
    if control.kind == "switch":
        return True if setting else None
    return _plain(float(setting), control.kind) if isinstance(setting, float) else setting


def changes_of(controls: Iterable[Control], settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Give the changed values by dotted path.

    A drawn value that was moved is a constant from then on, wherever it stands; a certain one at its old place is no
    change. Values inside a policy that is off are left out, and a value moved by itself counts more than a factor.

    Parameters
    ----------
    controls
        All that can be moved.
    settings
        Where the controls stand that were moved, by path.
    """
    moved = _moved(controls, settings)
    changes: dict[str, Any] = {}
    for control, setting in moved:
        for path, value in control.scales:
            changes[path] = _plain(round(value * float(setting), _DIGITS), "share")  # type: ignore[arg-type]
    changes |= {control.path: written(control, setting) for control, setting in moved if not control.scales}
    off = tuple(f"{path}." for path, value in changes.items() if value is None)
    return {path: value for path, value in changes.items() if not path.startswith(off)}


def _moved(controls: Iterable[Control], settings: Mapping[str, Setting]) -> list[tuple[Control, Setting]]:
    """Give the controls that do not stand where the scenario has them, with where they stand."""
    known = [(control, settings[control.path]) for control in controls if control.path in settings]
    return [(control, setting) for control, setting in known if control.drawn or setting != control.value]


def name_of(controls: Iterable[Control], settings: Mapping[str, Setting]) -> str:
    """Say in words what is changed: `Guiyang pilot: Slots 4; Ends with June 2030`; nothing where nothing is.

    Parameters
    ----------
    controls, settings
        As in `changes_of`.
    """
    moved = _moved(controls, settings)
    off = tuple(f"{control.path}." for control, setting in moved if control.kind == "switch" and not setting)
    named = [(control, setting) for control, setting in moved if not control.path.startswith(off)]
    said, part = [], ""
    for control, setting in named[:MOST_NAMED]:
        said.append(_said(control, setting, control.part == part))
        part = control.part
    more = len(named) - MOST_NAMED
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def _said(control: Control, setting: Setting, without_part: bool) -> str:
    """Write a control and where it stands: `Guiyang pilot: Slots 4`, without what it belongs to `Slots 4`."""
    if control.kind == "switch":
        return f"{control.part} {'in force' if setting else 'off'}"
    if control.first is not None and isinstance(setting, dt.date):
        return f"{control.title} {setting:%B %Y}"
    name = control.title if without_part else control.name
    if isinstance(setting, dt.date):
        return f"{name} {date_words(setting)}"
    if isinstance(setting, str):
        return f"{name} {setting.replace('_', ' ')}"
    return f"{name} {shown_of(control, setting):,.6g} {control.unit}".rstrip()


def as_words(changes: Mapping[str, Any]) -> list[str]:
    """Write changes as options of the command: `--set policies.pilot.slots=4`."""
    return [f"--set {path}={'null' if value is None else value}" for path, value in changes.items()]


def _plain(value: float, kind: str) -> float | str:
    return percent(value) if kind == "share" and abs(value) >= 1 else value
