"""The command `decisions`: why each vendor moved or waited."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sim.cli.arguments import MOST_DRAWS, OutOption, QuietOption, ScenarioArgument, SeedOption, SetOption, load_all
from sim.cli.output import RESULTS, made_by, print_place, study_in, under
from sim.runs import DEFAULT_SEED

DECISIONS_DRAWS = 200
"""Draws, unless the user says otherwise."""


def decisions(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    vendor: Annotated[str | None, typer.Option(show_default="all that review", help="One vendor.")] = None,
    draw: Annotated[int | None, typer.Option(min=0, help="Show this draw step by step.")] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="Number of draws.")] = DECISIONS_DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default="all cores", help="Processes.")] = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Say why each vendor moved or waited: what every change was worth to it at each review."""
    from sim.errors import ScenarioError
    from sim.report.kept_table import Kept, in_plain_words, on_screen
    from sim.report.terminal import console
    from sim.runs.manifest import DECISIONS
    from sim.runs.progress import Bars
    from sim.studies.decisions.decision_page import answer_of, draw_table, folder_of, summary_table
    from sim.studies.decisions.reviews import decisions as asked

    if draw is not None and draw >= draws:
        raise ScenarioError(f"--draw {draw}: expected 0 to {draws - 1}, since --draws is {draws}")
    (loaded,) = load_all([scenario], changes)
    folder = under(out, f"{loaded.name}_decisions")
    with study_in(folder, DECISIONS) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(loaded, vendor, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in)
        kept = Kept("decisions", found.summary())
        screen = console()
        for sentence in answer_of(found):
            screen.print(Text("".join(map(in_plain_words, sentence))))
        screen.print(on_screen(summary_table(found, kept) if draw is None else draw_table(found, draw)))
        print_place(folder_of(found).save(folder, made_by()))
