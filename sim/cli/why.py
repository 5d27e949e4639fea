"""The command `why`: which assumption decides a difference, and how much of it nobody can know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sim.cli.arguments import MOST_DRAWS, OutOption, QuietOption, SeedOption, SetOption, load_all
from sim.cli.output import RESULTS, made_by, print_place, study_in, under
from sim.runs import DEFAULT_SEED

WHY_DRAWS = 1024
"""Draws of each run at most, unless the user says otherwise."""


def why(  # noqa: PLR0913, PLR0917 (each option is an argument)
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Scenario that the other is compared with.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Scenario of which the difference is asked for.")],
    kpi: Annotated[
        str | None,
        typer.Option(show_default="profit of the visitor's vendors", help="Figure, as kpis.parquet calls it."),
    ] = None,
    draws: Annotated[
        int, typer.Option(min=2, max=MOST_DRAWS, help="Most draws of each run; it may stop before.")
    ] = WHY_DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    groups: Annotated[Path | None, typer.Option(metavar="FILE", help="Groups of inputs of your own.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default="all cores", help="Processes.")] = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Say which group of inputs decides a difference: estimates, assumptions or luck; and where its sign turns."""
    from sim.report.kept_table import in_plain_words, on_screen
    from sim.report.terminal import console
    from sim.runs.manifest import WHY
    from sim.runs.progress import Bars
    from sim.studies.why.why_page import folder_of, shown
    from sim.studies.why.why_study import why as asked

    before, after = load_all([reference, other], changes)
    folder = under(out, f"{after.name}_why_{before.name}")
    with study_in(folder, WHY) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(
                before, after, kpi, draws=draws, seed=seed, groups=groups, workers=workers, bars=bars,
                kept_in=kept_in,
            )  # fmt: skip
        _, tables, answer = shown(found)
        screen = console()
        for sentence in answer:
            screen.print(Text("".join(map(in_plain_words, sentence))))
        for table in tables:
            screen.print(on_screen(table))
        print_place(folder_of(found).save(folder, made_by()))
