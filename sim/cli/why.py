"""The command `why`: which assumption decides a difference, and how much of it nobody can know."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, KpiOption, OtherArgument, ReferenceArgument
from sim.cli.asking import Asked, study_command
from sim.cli.output import why_folder
from sim.studies.why import DRAWS


@study_command
def why(
    reference: ReferenceArgument,
    other: OtherArgument,
    kpi: KpiOption = None,
    draws: Annotated[
        int, typer.Option(min=2, max=MOST_DRAWS, help="Most draws of each run; it may stop before.")
    ] = DRAWS,
    groups: Annotated[Path | None, typer.Option(metavar="FILE", help="Groups of inputs of your own.")] = None,
    *,
    asked: Asked,
) -> None:
    """Say which group of inputs decides a difference: estimates, assumptions or luck; and where its sign turns."""
    from sim.runs.manifest import WHY
    from sim.studies.why.why_page import folder_of
    from sim.studies.why.why_study import why as study

    before, after = asked.load([reference, other])
    made = partial(study, before, after, kpi, draws=draws, groups=groups)
    asked.answer(WHY, why_folder(before.name, after.name), made, folder_of)
