"""The command `discover`: under which assumptions a difference meets a condition."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, OtherArgument, ReferenceArgument
from sim.cli.asking import Asked, study_command
from sim.cli.output import print_place
from sim.errors import ScenarioError
from sim.studies.discover import DRAWS


@study_command
def discover(
    reference: ReferenceArgument,
    other: OtherArgument,
    when: Annotated[str, typer.Option(metavar="CONDITION", help='Such as "welfare_china_cum_bn < 0".')],
    draws: Annotated[int, typer.Option(min=4, max=MOST_DRAWS, help="Draws of each scenario.")] = DRAWS,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the region as scenarios; not with --set."),
    ] = None,
    *,
    asked: Asked,
) -> None:
    """Look for a rule about the assumptions under which a difference meets a condition; none is an answer too."""
    from sim.runs.manifest import DISCOVERY
    from sim.studies.discover.discover_page import folder_of
    from sim.studies.discover.discover_study import discover as study
    from sim.studies.discover.discover_study import read_condition
    from sim.studies.discover.written_region import files_for, write_region

    read_condition(when)
    if write is not None:
        files_for(write)
        if asked.all_changes:
            raise ScenarioError(
                "--write: what --set, --as-of and --data change is in no file; make scenarios of it first"
            )
    before, after = asked.load([reference, other])
    made = partial(study, before, after, when, draws=draws)
    found = asked.answer(DISCOVERY, f"{after.name}_discover_{before.name}", made, folder_of)
    if write is not None:
        if not found.is_rule:
            typer.echo(f"{write} is not written, since there is no rule")
            return
        for file in write_region(found, (reference, other), write):
            print_place(file)
