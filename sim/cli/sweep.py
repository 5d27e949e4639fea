"""The command `sweep`: how a figure moves with one or two values of a scenario."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    KpiOption,
    OutOption,
    QuietOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, report_study, study_in, under
from sim.runs import DEFAULT_SEED
from sim.studies.sweep import DRAWS


def sweep(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    over: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=FIRST..LAST:POINTS", help="Values to go through, or PATH=VALUE,VALUE; once or twice."
        ),
    ],
    against: Annotated[str | None, typer.Option(metavar="REFERENCE", help="Show differences to this scenario.")] = None,
    kpi: KpiOption = None,
    draws: Annotated[int, typer.Option(min=2, max=MOST_DRAWS, help="Draws of each point.")] = DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Run a scenario with one or two values going through a grid, each point with the same draws."""
    from sim.runs.manifest import SWEEP
    from sim.runs.progress import Bars
    from sim.studies.sweep.grids import grid_of
    from sim.studies.sweep.sweep_page import folder_of
    from sim.studies.sweep.sweep_study import sweep as swept

    grids = [grid_of(text) for text in over]
    loaded = load_all([scenario, *([against] if against else [])], all_changes(changes, as_of, data))
    ending = "_and_".join(grid.path.rpartition(".")[2] for grid in grids)
    folder = under(out, f"{loaded[0].name}_over_{ending}")
    with study_in(folder, SWEEP) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = swept(
                loaded[0], over, kpi, reference=loaded[1] if against else None, draws=draws, seed=seed, workers=workers,
                bars=bars, kept_in=kept_in,
            )  # fmt: skip
        report_study(folder_of(found), folder)
