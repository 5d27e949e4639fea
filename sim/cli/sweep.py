"""The command `sweep`: how a figure moves with one or two values of a scenario."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sim.cli.arguments import MOST_DRAWS, OutOption, QuietOption, ScenarioArgument, SeedOption, SetOption, load_all
from sim.cli.output import RESULTS, made_by, print_place, study_in, under
from sim.runs import DEFAULT_SEED

SWEEP_DRAWS = 200
"""Draws of each point, unless the user says otherwise."""


def sweep(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    over: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=FIRST..LAST:POINTS", help="Values to go through, or PATH=VALUE,VALUE; once or twice."
        ),
    ],
    against: Annotated[str | None, typer.Option(metavar="REFERENCE", help="Show differences to this scenario.")] = None,
    kpi: Annotated[
        str | None,
        typer.Option(show_default="profit of the visitor's vendors", help="Figure, as kpis.parquet calls it."),
    ] = None,
    draws: Annotated[int, typer.Option(min=2, max=MOST_DRAWS, help="Draws of each point.")] = SWEEP_DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default="all cores", help="Processes.")] = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Run a scenario with one or two values going through a grid, each point with the same draws."""
    from sim.report.kept_table import Kept, in_plain_words, on_screen
    from sim.report.terminal import console
    from sim.runs.manifest import SWEEP
    from sim.runs.progress import Bars
    from sim.studies.sweep.grids import grid_of
    from sim.studies.sweep.sweep_page import answer_of, folder_of, sweep_table
    from sim.studies.sweep.sweep_study import sweep as swept

    grids = [grid_of(text) for text in over]
    loaded = load_all([scenario, *([against] if against else [])], changes)
    ending = "_and_".join(grid.path.rpartition(".")[2] for grid in grids)
    folder = under(out, f"{loaded[0].name}_over_{ending}")
    with study_in(folder, SWEEP) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = swept(
                loaded[0], over, kpi, reference=loaded[1] if against else None, draws=draws, seed=seed, workers=workers,
                bars=bars, kept_in=kept_in,
            )  # fmt: skip
        kept = Kept("sweep", found.table())
        screen = console()
        screen.print(on_screen(sweep_table(found, kept)))
        for sentence in answer_of(found, kept):
            screen.print(Text("".join(map(in_plain_words, sentence))))
        print_place(folder_of(found).save(folder, made_by()))
