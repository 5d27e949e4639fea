"""A first draft of a user's own scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.ancestry import EXTENDS
from sim.scenario.citing import SOURCE, VALUE
from sim.scenario.library import library
from sim.scenario.loading import load
from sim.scenario.source_tree import shown
from sim.scenario.writing import plain_data, to_yaml

SECTIONS = ("policies", "talks", "zones", "demand", "pricing", "costs", "capacity", "presence", "licensing")
"""Parts of a scenario that people change most, in the order of the draft."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")

_HEAD = """\
# A scenario of your own: all that the scenario it extends has, and the changes below.
#   cloudtrade check {name}.yaml
#   cloudtrade run {parent} {name}
{extends}: {parent}
title: {title}
question: >
  Say here in a paragraph what question the scenario answers.
sources: []

# What people change most, with the values it has now. Take the `#` away from a line and from the names that it stands
# under, and change the value: to a number, to a distribution such as {{normal: [0.3, 0.05]}}, or to null, which removes
# an entry. Give a number that you found somewhere its source: {{value: 0.3, source: where you found it}}. All values:
#   cloudtrade show {parent}

"""


def new_file(name: str, parent: str, folder: Path) -> Path:
    """Write a draft that extends another scenario, with all that could be changed in comments.

    Parameters
    ----------
    name
        Name of the new scenario, and of its file.
    parent
        Name or path of the scenario to start from.
    folder
        Where the file goes.

    Raises
    ------
    ScenarioError
        If the name is not allowed, taken, or the file is there already or cannot be written.
    """
    _check_name(name)
    text = draft(name, parent)
    path = folder / f"{name}.yaml"
    try:
        _write_whole(path, text)
    except FileExistsError:
        raise ScenarioError(f"{shown(path)}: the file is there already; choose another name") from None
    except OSError as error:
        raise ScenarioError(f"{shown(path)}: cannot be written: {error.strerror or error}") from None
    return path


def _write_whole(path: Path, text: str) -> None:
    """Write a new file, or leave none."""
    stream = path.open("x", encoding="utf-8")
    try:
        with stream:
            stream.write(text)
    except BaseException:
        path.unlink()
        raise


def draft(name: str, parent: str) -> str:
    """Give the text of a draft.

    Raises
    ------
    ScenarioError
        If the parent cannot be loaded.
    """
    content = plain_data(load(parent))
    head = _HEAD.format(name=name, parent=parent, extends=EXTENDS, title=name.replace("_", " ").capitalize())
    sections = {key: _without_sources(content[key]) for key in SECTIONS if content.get(key)}
    return head + "".join(f"#{line}\n" for line in to_yaml(sections).splitlines())


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ScenarioError(f"{name}: expected a name of lower-case letters, digits and underscores, such as my_pilot")
    if name in library():
        raise ScenarioError(f"{name}: a scenario of the library has this name; choose another one")


def _without_sources(value: Any) -> Any:
    """Leave out sources, which would not hold for changed numbers."""
    if isinstance(value, list):
        return [_without_sources(item) for item in value]
    if not isinstance(value, dict):
        return value
    if VALUE in value:
        return _without_sources(value[VALUE])
    return {key: _without_sources(entry) for key, entry in value.items() if key != SOURCE}
