"""The command `sweep`: how a figure moves with one or two values of a scenario."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, KpiOption, ScenarioArgument
from sim.cli.asking import Asked, study_command
from sim.studies.sweep import DRAWS


@study_command
def sweep(
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
    *,
    asked: Asked,
) -> None:
    """Run a scenario with one or two values going through a grid, each point with the same draws."""
    from sim.runs.manifest import SWEEP
    from sim.studies.sweep.grids import grid_of
    from sim.studies.sweep.sweep_page import folder_of
    from sim.studies.sweep.sweep_study import sweep as study

    grids = [grid_of(text) for text in over]
    swept, *base = asked.load([scenario, *([against] if against else [])])
    ending = "_and_".join(grid.path.rpartition(".")[2] for grid in grids)
    made = partial(study, swept, over, kpi, reference=base[0] if base else None, draws=draws)
    asked.answer(SWEEP, f"{swept.name}_over_{ending}", made, folder_of)
