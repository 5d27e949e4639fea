"""The commands about scenario files: `list`, `show`, `diff`, `check`, `schema` and `new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import ScenarioArgument, SetOption
from sim.errors import ScenarioError


def list_scenarios() -> None:
    """List the scenarios of the library and of this folder, with what each one changes."""
    from sim.report.screen import console, scenario_table
    from sim.scenario.describing import entries_at_hand

    console().print(scenario_table(entries_at_hand()))


def show(
    scenario: ScenarioArgument,
    only: Annotated[str, typer.Option(metavar="PATH", help="Show only what stands under this dotted path.")] = "",
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the whole scenario as one file instead.")] = False,
    changes: SetOption = None,
) -> None:
    """Show every value of a scenario with the file and line where it stands, and its source."""
    from sim.report.screen import print_lines
    from sim.scenario.describing import resolved_values
    from sim.scenario.layers import parsed
    from sim.scenario.loading import dump, load_with_places

    loaded = load_with_places(scenario, parsed(changes or []))
    if as_yaml:
        typer.echo(dump(loaded.scenario), nl=False)
        return
    values = [value for value in resolved_values(loaded) if f"{value.path}.".startswith(f"{only}." if only else "")]
    if not values:
        raise ScenarioError(f"{scenario}: nothing stands under {only}; `cloudtrade show {scenario}` lists all paths")
    print_lines([(value.place, f"{value.path} = {value.text}", value.source) for value in values])


def diff(first: ScenarioArgument, second: ScenarioArgument) -> None:
    """Show the values in which two scenarios differ, all that they extend taken into account."""
    from sim.report.screen import print_lines
    from sim.scenario.describing import differing_values
    from sim.scenario.loading import load

    ours, theirs = load(first), load(second)
    differing = differing_values(ours, theirs)
    if differing:
        print_lines([("value", ours.name, theirs.name), *differing])
    else:
        typer.echo(f"{first} and {second} have the same values")


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Paths or names of scenarios.")],
) -> None:
    """Find everything that is wrong in scenario files, with file and line."""
    from sim.scenario.loading import load

    faults = []
    for file in files:
        try:
            load(file)
            typer.echo(f"{file}: no problems")
        except ScenarioError as error:
            faults.append(str(error))
    if faults:
        raise ScenarioError("\n".join(faults))


def schema() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check them."""
    from sim.scenario.describing import json_schema

    typer.echo(json_schema())


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario: lower_case_words.")],
    parent: Annotated[str, typer.Option("--from", metavar="SCENARIO", help="Scenario to start from.")],
) -> None:
    """Write a scenario file of your own into this folder, with what could be changed in comments."""
    from sim.scenario.describing import new_file

    path = new_file(name, parent, Path())
    typer.echo(f"Wrote {path}. Change it, then: cloudtrade run {parent} {name}")
