"""The command `option`: what it is worth to a vendor to open a channel now, later or never."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, ScenarioArgument
from sim.cli.asking import Asked, study_command
from sim.studies.options import DRAWS, LEAST_DRAWS


@study_command
def option(
    scenario: ScenarioArgument,
    vendor: Annotated[str, typer.Option(help="A vendor that reviews how it sells.")],
    market: Annotated[
        str | None, typer.Option(show_default="the only one that it reviews", help="In which market.")
    ] = None,
    draws: Annotated[int, typer.Option(min=LEAST_DRAWS, max=MOST_DRAWS, help="Number of draws.")] = DRAWS,
    *,
    asked: Asked,
) -> None:
    """Say when a vendor should change how it sells, what waiting is worth, and what the model's hurdle gives away."""
    from sim.runs.manifest import OPTION
    from sim.studies.options.options_page import folder_of
    from sim.studies.options.options_study import entry_option

    (loaded,) = asked.load([scenario])
    name = f"{loaded.name}_option_{vendor}{f'_{market}' if market else ''}"
    made = partial(entry_option, loaded, vendor, market, draws=draws)
    asked.answer(OPTION, name, made, folder_of, lambda _, study: study.tables[:2])
