"""The command `doctor`: checks of the model on a scenario."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sim.cli.answering import answer
from sim.cli.arguments import AsOfOption, DataOption, ScenarioArgument, SeedOption, SetOption, all_changes, load_all
from sim.cli.exits import EXIT_DIFFERS
from sim.cli.output import print_place
from sim.runs import DEFAULT_SEED

DOCTOR_DRAWS = 20
MOST_EXAMINED = 1000
"""More draws than that show the doctor nothing new and take long."""


def doctor(
    scenario: ScenarioArgument,
    draws: Annotated[int, typer.Option(min=1, max=MOST_EXAMINED, help="Draws of the run that is looked at.")] = (
        DOCTOR_DRAWS
    ),
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Table to write the findings to.")] = None,
) -> None:
    """Check the model on a scenario as a referee would: sums, signs, limits, symmetry, steps, assumptions."""
    from sim.report.terminal import console
    from sim.studies.doctor.checks import CHECKS, examined
    from sim.studies.doctor.finding import Verdict
    from sim.studies.doctor.findings_shown import finding_table, save, summary

    (loaded,) = load_all([scenario], all_changes(changes, as_of, data))
    with Console(stderr=True).status(f"{loaded.name}: making {len(CHECKS)} checks"):
        findings = list(examined(loaded, draws, seed))

    def show() -> None:
        console().print(finding_table(findings))
        typer.echo(summary(findings))

    about = {"scenario": loaded.name, "draws": draws, "seed": seed, "answer": [summary(findings)]}
    answer(lambda: {**about, "findings": list(map(asdict, findings))}, show)
    if out is not None:
        save(findings, out)
        print_place(out)
    if any(found.verdict is Verdict.FAILED for found in findings):
        raise typer.Exit(EXIT_DIFFERS)
