"""The commands about scenario files: `list`, `show`, `diff`, `check`, `schema` and `new`."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sim.cli.answering import answer
from sim.cli.arguments import AsOfOption, DataOption, ScenarioArgument, SetOption, all_changes
from sim.errors import ScenarioError

if TYPE_CHECKING:
    from sim.scenario.describing import Entry
    from sim.scenario.loading import Loaded

REFERENCE = "status_quo"
"""Scenario that a new one starts from unless the user says otherwise."""
WIDTH = 80
"""Width of lines of sentences."""
MOST_NAMES = 5
"""Number of changes in one part of a scenario that the list names."""


def list_scenarios() -> None:
    """List the scenarios of the library and of this folder, with what each one changes."""
    from sim.report.terminal import console
    from sim.scenario.describing import entries_at_hand

    entries = entries_at_hand()
    answer(lambda: {"scenarios": list(map(asdict, entries))}, lambda: console().print(_scenario_table(entries)))


def _scenario_table(entries: Iterable[Entry]) -> Table:
    """Lay out the scenarios that there are."""
    table = Table(box=None, pad_edge=False, show_header=True)
    for heading in ("scenario", "title", "changes"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "scenario")
    for entry in entries:
        name = Text(entry.name, style="bold")
        parent = Text(f"\n  on {entry.parent}", style="dim") if entry.parent else Text()
        table.add_row(Text.assemble(name, parent), Text(entry.title), Text(_changes(entry)))
    return table


def _changes(entry: Entry) -> str:
    """Name what a scenario changes, part by part: `policies: us_list_3, us_hardware; months`."""
    if not entry.parent:
        return "everything: extends nothing"
    parts: dict[str, list[str]] = {}
    for change in entry.changes:
        part, _, name = change.partition(".")
        parts.setdefault(part, []).extend([name] if name else [])
    return "; ".join(f"{part}: {_shortened(names)}" if names else part for part, names in parts.items()) or "nothing"


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return f"{', '.join(names[:MOST_NAMES])} and {more} more" if more > 0 else ", ".join(names)


def show(
    scenario: ScenarioArgument,
    only: Annotated[str, typer.Option(metavar="PATH", help="Show only what stands under this dotted path.")] = "",
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the whole scenario as one file instead.")] = False,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
) -> None:
    """Show every value of a scenario with the file and line where it stands, and its source."""
    from sim.report.terminal import print_lines
    from sim.scenario.describing import resolved_values
    from sim.scenario.layers import parsed
    from sim.scenario.loading import dump, load_with_places
    from sim.scenario.yaml_files import plain_data

    loaded = load_with_places(scenario, parsed(all_changes(changes, as_of, data)))
    if as_yaml:
        answer(
            lambda: plain_data(loaded.scenario),
            lambda: typer.echo(_as_it_loads(dump(loaded.scenario)), nl=False),
        )
        return
    values = [value for value in resolved_values(loaded) if f"{value.path}.".startswith(f"{only}." if only else "")]
    if not values:
        raise ScenarioError(f"{scenario}: nothing stands under {only}; `cloudtrade show {scenario}` lists all paths")
    answer(
        lambda: {"scenario": loaded.scenario.name, "values": list(map(asdict, values))},
        lambda: print_lines([(value.place, f"{value.path} = {value.text}", value.source) for value in values]),
    )


def _as_it_loads(text: str) -> str:
    """Refuse to print a file with other letters than it has: it would load as something else."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        raise ScenarioError(
            f"the output is in {encoding}, which has no {text[error.start]!r}; ask for UTF-8: PYTHONIOENCODING=utf-8"
        ) from None
    return text


def diff(first: ScenarioArgument, second: ScenarioArgument, as_of: AsOfOption = None) -> None:
    """Show the values in which two scenarios differ, all that they extend taken into account."""
    from sim.report.terminal import print_lines
    from sim.scenario.describing import differing_values
    from sim.scenario.layers import parsed
    from sim.scenario.loading import load

    day = parsed(all_changes(None, as_of))
    ours, theirs = load(first, day), load(second, day)
    differing = differing_values(ours, theirs)
    heads = ("path", "reference", "other")
    values = [dict(zip(heads, row, strict=True)) for row in differing]
    answer(
        lambda: {"reference": ours.name, "other": theirs.name, "values": values},
        lambda: (
            print_lines([("value", ours.name, theirs.name), *differing])
            if differing
            else typer.echo(f"{first} and {second} have the same values")
        ),
    )


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Paths or names of scenarios.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Run each in 32 draws and say what it does beside what it extends.")
    ] = False,
    as_of: AsOfOption = None,
) -> None:
    """Find everything that is wrong in scenario files, with file and line."""
    from sim.scenario.layers import parsed
    from sim.scenario.loading import load_with_places

    day = parsed(all_changes(None, as_of))
    checked: list[Checked] = []
    for file in files:
        try:
            loaded = load_with_places(file, day)
            checked.append(Checked(file, "", tuple(loaded.scenario.warnings), tuple(_looked(loaded) if deep else ())))
        except ScenarioError as error:
            checked.append(Checked(file, str(error)))
    answer(lambda: {"files": list(map(asdict, checked))}, lambda: _show(checked))
    if faults := [held.fault for held in checked if held.fault]:
        raise ScenarioError("\n".join(faults))


@dataclass(frozen=True)
class Checked:
    """What was found in a file: what is wrong, what one should know, and what it does if that was asked for."""

    file: str
    fault: str
    warnings: tuple[str, ...] = ()
    first_look: tuple[str, ...] = ()


def _looked(loaded: Loaded) -> list[str]:
    """Say what a scenario does."""
    from sim.runs.progress import Bars
    from sim.studies.first_look.first_look import first_look

    with Bars() as bars:
        return first_look(loaded, bars=bars)


def _show(checked: Iterable[Checked]) -> None:
    """Print what was found in files that have no faults, in short lines."""
    for held in checked:
        if not held.fault:
            _show_file(held)


def _show_file(checked: Checked) -> None:
    warnings = checked.warnings
    typer.echo(f"{checked.file}: no problems" + (f", {len(warnings)} to know about:" if warnings else ""))
    typer.echo("".join(f"{warning}\n" for warning in warnings), nl=False)
    if not checked.first_look:
        return
    head, *sentences = checked.first_look
    lines = textwrap.wrap(head, WIDTH)
    for sentence in sentences:
        lines += textwrap.wrap(
            sentence, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )
    typer.echo("\n".join(lines))


def schema() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check them."""
    from sim.scenario.describing import json_schema

    answer(lambda: json.loads(json_schema()), lambda: typer.echo(json_schema()))


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario: lower_case_words.")],
    parent: Annotated[str, typer.Option("--from", metavar="SCENARIO", help="Scenario to start from.")] = REFERENCE,
    parts: Annotated[
        str | None,
        typer.Option("--with", metavar="PARTS", help="Examples to fill in: vendor, partner, zone, residency, tariff."),
    ] = None,
) -> None:
    """Write a scenario file of your own: with examples of some parts, or in comments all that you could change."""
    from sim.scenario.drafts import new_file

    wanted = [] if parts is None else [part.strip() for part in parts.split(",")]
    path = new_file(name, parent, Path(), wanted)
    answer(
        lambda: {"file": str(path), "reference": parent},
        lambda: typer.echo(f"Wrote {path}. Change it, then: cloudtrade run {parent} {name}"),
    )
