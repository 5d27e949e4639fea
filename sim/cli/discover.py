"""The command `discover`: under which assumptions a difference meets a condition."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from sim.cli.arguments import MOST_DRAWS, OutOption, QuietOption, SeedOption, SetOption, load_all
from sim.cli.output import RESULTS, made_by, print_place, study_in, under
from sim.runs import DEFAULT_SEED

DISCOVER_DRAWS = 1000
"""Draws of each scenario, unless the user says otherwise."""


def discover(  # noqa: PLR0913, PLR0917 (each option is an argument)
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Scenario that the other is compared with.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Scenario of which the difference is asked for.")],
    when: Annotated[str, typer.Option(metavar="CONDITION", help='Such as "welfare_china_cum_bn < 0".')],
    draws: Annotated[int, typer.Option(min=4, max=MOST_DRAWS, help="Draws of each scenario.")] = DISCOVER_DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, show_default="all cores", help="Processes.")] = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Look for a rule about the assumptions under which a difference meets a condition; none is an answer too."""
    from sim.report.kept_table import Kept, in_plain_words, on_screen
    from sim.report.terminal import console
    from sim.runs.manifest import DISCOVERY
    from sim.runs.progress import Bars
    from sim.studies.discover.discover_page import answer_of, folder_of, rule_table
    from sim.studies.discover.discover_study import discover as asked
    from sim.studies.discover.discover_study import read_condition

    read_condition(when)
    before, after = load_all([reference, other], changes)
    folder = under(out, f"{after.name}_discover_{before.name}")
    with study_in(folder, DISCOVERY) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(before, after, when, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in)
        screen = console()
        for sentence in answer_of(found):
            screen.print(Text("".join(map(in_plain_words, sentence))))
        screen.print(on_screen(rule_table(Kept("rules", found.rules()))))
        print_place(folder_of(found).save(folder, made_by()))
