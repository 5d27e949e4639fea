"""What several commands take: arguments, options, and the scenarios that these name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import ScenarioError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

MOST_DRAWS = 1_000_000
"""More draws than any question needs; a longer number is a mistake of typing."""


def kept_place(out: str | None) -> str | None:
    """Refuse a folder that is none, and one that is gone when the command ends."""
    if out is not None and not out.strip():
        raise ScenarioError("--out: nothing is given; expected a folder such as results, or s3://bucket/results")
    if out is not None and out.startswith("memory:"):
        raise ScenarioError(f"--out {out}: what is kept in memory is gone when the command ends; give a folder")
    return out


ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="Path of a scenario file, or a name.")]
ReferenceArgument = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="Scenario that the other is compared with.")
]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="Scenario of which the difference is asked for.")]
KpiOption = Annotated[
    str | None,
    typer.Option(show_default="profit of the visitor's vendors", help="Figure, as kpis.parquet calls it."),
]
WorkersOption = Annotated[int | None, typer.Option(min=1, show_default="all cores", help="Processes.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value by its dotted path; can be given several times. `cloudtrade show` lists the paths.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Run with what was known on that day, such as 2019-03-28."),
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", metavar="FOLDER", help="Take the tables of the world's trade from a folder of your own."),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Where the luck starts; the same seed gives the same results.")]
OutOption = Annotated[
    str,
    typer.Option(callback=kept_place, help="Folder for the results, or an address such as s3://bucket/results."),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Replace results of other values or another seed that stand in the folder.")
]
EffectsOption = Annotated[
    bool | None,
    typer.Option(
        "--effects/--no-effects",
        show_default="up to 40 values",
        help="Try which differing scenario values have an effect; up to half a second for each part that differs.",
    ),
]
FullOption = Annotated[bool, typer.Option("--full", help="Print all tables, not the answer alone.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def all_changes(changes: list[str] | None, as_of: str | None, data: str | None = None) -> list[str]:
    """Put together what --set, --as-of and --data change."""
    found = list(changes or [])
    if as_of is not None:
        try:
            dt.date.fromisoformat(as_of)
        except ValueError:
            raise ScenarioError(f"--as-of {as_of}: expected a date such as 2019-03-28") from None
        found.append(f"as_of={as_of}")
    if data is not None:
        if not Path(data).is_dir():
            raise ScenarioError(f"--data {data}: there is no such folder")
        way = str(Path(data)) if Path(data).is_absolute() else f"./{Path(data)}"
        found.append(f"goods.world.data={json.dumps(way)}")
    return found


def load_all(names: list[str], changes: list[str] | None) -> list[Scenario]:
    """Load all scenarios; problems of all of them come together."""
    from sim.runs.run_names import named_by
    from sim.scenario.layers import parsed
    from sim.scenario.loading import load

    overrides = parsed(changes or [])
    loaded: dict[str, Scenario] = {}
    faults = []
    for name in names:
        try:
            scenario = named_by(load(name, overrides), changes or [])
        except ScenarioError as error:
            faults.append(str(error))
            continue
        if scenario.name in loaded:
            faults.append(f"{name}: another scenario to run is called {scenario.name} too; rename one of the files")
        loaded[scenario.name] = scenario
    if faults:
        raise ScenarioError("\n".join(dict.fromkeys(faults)))
    for warning in dict.fromkeys(warning for scenario in loaded.values() for warning in scenario.warnings):
        typer.echo(f"Warning: {warning}", err=True)
    return list(loaded.values())
