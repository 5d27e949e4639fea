"""The command `decisions`: why each vendor moved or waited."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, ScenarioArgument
from sim.cli.asking import Asked, study_command
from sim.studies.decisions import DRAWS


@study_command
def decisions(
    scenario: ScenarioArgument,
    vendor: Annotated[str | None, typer.Option(show_default="all that review", help="One vendor.")] = None,
    draw: Annotated[int | None, typer.Option(min=0, help="Show this draw step by step.")] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="Number of draws.")] = DRAWS,
    *,
    asked: Asked,
) -> None:
    """Say why each vendor moved or waited: what every change was worth to it at each review."""
    from sim.errors import ScenarioError
    from sim.runs.manifest import DECISIONS
    from sim.studies.decisions.decision_page import folder_of
    from sim.studies.decisions.reviews import decisions as study

    if draw is not None and draw >= draws:
        raise ScenarioError(f"--draw {draw}: expected 0 to {draws - 1}, since --draws is {draws}")
    (loaded,) = asked.load([scenario])
    asked.answer(
        DECISIONS, f"{loaded.name}_decisions", partial(study, loaded, vendor, draws=draws),
        partial(folder_of, draw=draw or 0), lambda _, laid_out: [laid_out.tables[0 if draw is None else 1]],
    )  # fmt: skip
