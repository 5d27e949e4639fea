"""The command `discover`: under which assumptions a difference meets a condition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    OtherArgument,
    OutOption,
    QuietOption,
    ReferenceArgument,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, print_place, report_study, study_in, under
from sim.errors import ScenarioError
from sim.runs import DEFAULT_SEED
from sim.studies.discover import DRAWS


def discover(  # noqa: PLR0913, PLR0917 (each option is an argument)
    reference: ReferenceArgument,
    other: OtherArgument,
    when: Annotated[str, typer.Option(metavar="CONDITION", help='Such as "welfare_china_cum_bn < 0".')],
    draws: Annotated[int, typer.Option(min=4, max=MOST_DRAWS, help="Draws of each scenario.")] = DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the region as scenarios; not with --set."),
    ] = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Look for a rule about the assumptions under which a difference meets a condition; none is an answer too."""
    from sim.runs.manifest import DISCOVERY
    from sim.runs.progress import Bars
    from sim.studies.discover.discover_page import folder_of
    from sim.studies.discover.discover_study import discover as asked
    from sim.studies.discover.discover_study import read_condition
    from sim.studies.discover.written_region import files_for, write_region

    read_condition(when)
    if write is not None:
        files_for(write)
        if changes or as_of or data:
            raise ScenarioError(
                "--write: what --set, --as-of and --data change is in no file; make scenarios of it first"
            )
    before, after = load_all([reference, other], all_changes(changes, as_of, data))
    folder = under(out, f"{after.name}_discover_{before.name}")
    with study_in(folder, DISCOVERY) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(before, after, when, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in)
        report_study(folder_of(found), folder)
    if write is not None:
        if not found.is_rule:
            typer.echo(f"{write} is not written, since there is no rule")
            return
        for file in write_region(found, (reference, other), write):
            print_place(file)
