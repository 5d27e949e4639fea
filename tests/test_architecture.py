"""The arrows of docs/design.md: which room of the program may import which."""

from __future__ import annotations

import sys

import pytest

from benchmarks.house import IMPORTS, OURS, Import, circles, is_without_circle, modules_imported

GROUND = {"quantities", "errors", "timeline", "values", "ledger", "arithmetic"}
SCENARIO_SIDE = GROUND | {"facts", "policies", "scenario"}
INSIDE = {"model.channels", "model.luck", "model.world", "model.presence_rules"}
"""What the parts of the model share: arrays and declarations."""
MINDS = SCENARIO_SIDE | INSIDE | {"model.equations", "model.start", "model.minds"}
RUNNING = SCENARIO_SIDE | {"model", "runs", "report"}

MAY_IMPORT: dict[str, set[str]] = {
    "quantities": set(),
    "ledger": set(),
    "errors": set(),
    "timeline": {"quantities"},
    "arithmetic": {"quantities"},
    "values": {"quantities", "errors", "timeline"},
    "facts": {"quantities", "errors", "values"},
    "policies": GROUND,
    "scenario": GROUND | {"policies", "facts"},
    "model.equations": {"quantities", "errors", "arithmetic"},
    "model.luck": GROUND | {"scenario"},
    "model.channels": SCENARIO_SIDE,
    "model.presence_rules": SCENARIO_SIDE | {"model.channels", "model.luck"},
    "model.world": SCENARIO_SIDE | {"model.equations", "model.channels", "model.luck", "model.presence_rules"},
    "model.start": SCENARIO_SIDE | INSIDE | {"model.equations"},
    "model.minds": SCENARIO_SIDE | INSIDE | {"model.equations", "model.start"},
    "model.actors": MINDS,
    "model.columns": MINDS,
    "model.recorder": MINDS | {"model.columns"},
    "model.kpis": MINDS | {"model.columns", "model.recorder"},
    "model.batch": MINDS | {"model.actors", "model.recorder"},
    "runs": SCENARIO_SIDE | {"model"},
    "report": GROUND,
    "explorer": RUNNING | {"studies", "sim"},
    "cli": RUNNING | {"studies", "explorer", "sim"},
    "__main__": {"cli"},
}
"""For each room the others that it may import; `model` and `studies` stand for all their rooms, `sim` for the public
names in `sim/__init__.py`."""

STUDIES: dict[str, set[str]] = {
    "one_run": set(),
    "compare": {"one_run", "why", "worth"},
    "deals": {"one_run", "compare"},
    "fit": {"one_run", "compare"},
    "backtest": {"fit", "one_run"},
    "validation": {"fit", "backtest", "one_run"},
    "doctor": {"one_run"},
    "why": {"one_run"},
    "sweep": {"one_run"},
    "decisions": {"one_run"},
    "discover": {"one_run"},
    "first_look": {"compare", "decisions"},
    "worth": {"one_run", "why"},
    "instruments": {"one_run"},
    "options": {"one_run", "decisions"},
}
"""For each study the others on which it builds; all may use what runs and shows."""
MAY_IMPORT |= {f"studies.{name}": RUNNING | {f"studies.{below}" for below in on} for name, on in STUDIES.items()}

OUTSIDE = {
    "arithmetic": {"numpy", "numba", "llvmlite"},
    "model.equations": {"numpy"},
    "policies": {"numpy", "pydantic"},
    "model.start": {"numpy"},
    "model.minds": {"numpy"},
    "model.actors": {"numpy"},
    "report": {"numpy", "pandas", "scipy", "matplotlib", "rich", "jinja2", "markupsafe"},
}
"""Libraries that some rooms are limited to; the standard library is always allowed."""

IN_BROWSERS = {"panel", "bokeh", "param", "tornado"}
"""Libraries of the extra `explore`, known to the explorer alone; the modules of it that need them are imported last."""

NEED_BROWSERS = {f"sim.explorer.{name}" for name in ("charts", "panel", "app", "door", "serve")}
"""Modules that cannot be imported without the extra."""

KEEPS_TIME = {"timeline"}
"""Rooms that know SimPy; everybody else asks them."""


def room_of(module: str) -> str:
    """The room that a module belongs to: `model.actors` for `sim.model.actors.vendor`, `sim` for `sim` itself."""
    steps = module.split(".")
    depth = 3 if len(steps) > 1 and steps[1] in {"model", "studies"} else 2
    return ".".join(steps[1:depth]) or "sim"


def rooms_imported(found: Import) -> set[str]:
    return {room_of(module) for module in modules_imported(found)}


def is_allowed(room: str, allowed: set[str]) -> bool:
    return room in allowed or room.partition(".")[0] in allowed


ROOMS = sorted({room_of(found.importer) for found in IMPORTS} - {"sim"})


def test_every_room_of_the_program_has_its_arrows() -> None:
    assert set(ROOMS) <= set(MAY_IMPORT), "a new room of sim/ belongs into MAY_IMPORT and into docs/design.md"


def test_the_arrows_form_no_circle() -> None:
    rooms = set(MAY_IMPORT)
    graph = {
        room: {other for other in rooms if other != room and is_allowed(other, below)}
        for room, below in MAY_IMPORT.items()
    }

    assert is_without_circle(graph)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    allowed = {room} | MAY_IMPORT.get(room, set())
    wrong = [
        f"{found.place} imports {found.imported}"
        for found in OURS
        if room_of(found.importer) == room and not all(is_allowed(other, allowed) for other in rooms_imported(found))
    ]

    assert not wrong


def test_modules_do_not_import_each_other_in_circles_types_counted() -> None:
    assert circles() == []


@pytest.mark.parametrize("room", sorted(OUTSIDE))
def test_equations_rules_actors_and_the_toolkit_need_few_libraries(room: str) -> None:
    libraries = {
        found.imported.partition(".")[0] for found in IMPORTS if room_of(found.importer) == room and found not in OURS
    }

    assert libraries - sys.stdlib_module_names <= OUTSIDE[room]


def test_only_the_page_of_the_explorer_knows_the_libraries_of_its_extra() -> None:
    knowing = {found.importer for found in IMPORTS if found.imported.partition(".")[0] in IN_BROWSERS}

    assert knowing <= NEED_BROWSERS


def test_only_the_command_line_imports_the_explorer() -> None:
    importers = {room_of(found.importer) for found in OURS if "explorer" in rooms_imported(found)}

    assert importers <= {"cli", "explorer", "sim"}


def test_only_the_timeline_knows_simpy() -> None:
    knowing = {room_of(found.importer) for found in IMPORTS if found.imported.partition(".")[0] == "simpy"}

    assert knowing <= KEEPS_TIME


def test_no_module_imports_underscore_names_of_another() -> None:
    reaching = [
        f"{found.place}: {name}"
        for found in OURS
        for name in (*found.imported.split("."), *found.names)
        if name.startswith("_") and not name.endswith("__")
    ]

    assert not reaching


def test_nothing_but_the_entry_point_imports_the_command_line() -> None:
    importers = {
        found.importer for found in OURS if "cli" in rooms_imported(found) and room_of(found.importer) != "cli"
    }

    assert importers <= {"sim.__main__"}
