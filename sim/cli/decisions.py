"""The command `decisions`: why each vendor moved or waited."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
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
from sim.studies.decisions import DRAWS


def decisions(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    vendor: Annotated[str | None, typer.Option(show_default="all that review", help="One vendor.")] = None,
    draw: Annotated[int | None, typer.Option(min=0, help="Show this draw step by step.")] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="Number of draws.")] = DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Say why each vendor moved or waited: what every change was worth to it at each review."""
    from sim.errors import ScenarioError
    from sim.runs.manifest import DECISIONS
    from sim.runs.progress import Bars
    from sim.studies.decisions.decision_page import folder_of
    from sim.studies.decisions.reviews import decisions as asked

    if draw is not None and draw >= draws:
        raise ScenarioError(f"--draw {draw}: expected 0 to {draws - 1}, since --draws is {draws}")
    (loaded,) = load_all([scenario], all_changes(changes, as_of, data))
    folder = under(out, f"{loaded.name}_decisions")
    with study_in(folder, DECISIONS) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(loaded, vendor, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in)
        study = folder_of(found, draw or 0)
        summary, stepped = study.tables
        report_study(study, folder, [summary if draw is None else stepped])
