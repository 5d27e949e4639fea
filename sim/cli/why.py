"""The command `why`: which assumption decides a difference, and how much of it nobody can know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    KpiOption,
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
from sim.cli.output import RESULTS, report_study, study_in, why_folder
from sim.runs import DEFAULT_SEED
from sim.studies.why import DRAWS


def why(  # noqa: PLR0913, PLR0917 (each option is an argument)
    reference: ReferenceArgument,
    other: OtherArgument,
    kpi: KpiOption = None,
    draws: Annotated[
        int, typer.Option(min=2, max=MOST_DRAWS, help="Most draws of each run; it may stop before.")
    ] = DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    groups: Annotated[Path | None, typer.Option(metavar="FILE", help="Groups of inputs of your own.")] = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Say which group of inputs decides a difference: estimates, assumptions or luck; and where its sign turns."""
    from sim.runs.manifest import WHY
    from sim.runs.progress import Bars
    from sim.studies.why.why_page import folder_of
    from sim.studies.why.why_study import why as asked

    before, after = load_all([reference, other], all_changes(changes, as_of, data))
    folder = why_folder(out, before.name, after.name)
    with study_in(folder, WHY) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(
                before, after, kpi, draws=draws, seed=seed, groups=groups, workers=workers, bars=bars,
                kept_in=kept_in,
            )  # fmt: skip
        report_study(folder_of(found), folder)
