"""The command `deals`: what packages are worth to governments that bargain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from sim.cli.answering import answer, folder_data
from sim.cli.arguments import (
    MOST_DRAWS,
    OutOption,
    QuietOption,
    ReplaceOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    load_all,
)
from sim.cli.output import RESULTS, made_by, print_place, under
from sim.runs import DEFAULT_SEED
from sim.studies.deals import DRAWS

if TYPE_CHECKING:
    from sim.studies.deals.deal_space import DealSpace


def deals(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="In how many draws to price all packages.")] = (
        DRAWS
    ),
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    out: OutOption = RESULTS,
    issue: Annotated[
        str | None,
        typer.Option(show_default="cloud access", help="Issue of the talks to look at, as the agenda calls it."),
    ] = None,
    quiet: QuietOption = False,
    replace: ReplaceOption = False,
) -> None:
    """Price every package that two governments may sign, and show which deals are worth it to both."""
    from sim.runs.manifest import DEAL_SPACE
    from sim.runs.result_folder import check_place
    from sim.runs.run_names import check_same_inputs
    from sim.studies.deals.deal_space import deals as priced
    from sim.studies.deals.deal_tables import chosen_issue

    (loaded,) = load_all([scenario], changes)
    if issue is not None and loaded.talks.agenda:
        chosen_issue(loaded, issue)
    folder = under(out, f"{loaded.name}-deals")
    place = check_place(folder, DEAL_SPACE)
    if not replace:
        check_same_inputs(place, loaded, seed)
    screen = Console(stderr=True, quiet=quiet)
    with screen.status(f"{loaded.name}: pricing packages in {draws:,} draws"):
        space = priced(loaded, draws, seed)
    _report_deals(space, issue, folder, changes or [])


def _report_deals(space: DealSpace, issue: str | None, folder: str, changes: list[str]) -> None:
    """Print what a deal space says, and keep it."""
    from functools import partial

    from sim.report.kept_table import on_screen
    from sim.report.terminal import console
    from sim.runs.fingerprints import scenario_hash
    from sim.runs.manifest import DEAL_SPACE
    from sim.runs.result_folder import replace_folder
    from sim.runs.totals import inputs_table
    from sim.studies.deals.deal_lists import decider_lines, effect_table, in_return, outcome_table, package_table
    from sim.studies.deals.deal_page import write_deal_space
    from sim.studies.deals.deal_tables import deal_tables
    from sim.studies.one_run.drivers import origins

    draws = range(int(space.draws[0]), int(space.draws[-1]) + 1)
    inputs = inputs_table(space.scenario, space.seed, [draws], origins(space.scenario))
    provenance = {"scenario_hash": scenario_hash(space.scenario), "set": changes, **made_by()}
    tables = deal_tables(space, inputs, issue)
    lines, deciders = in_return(space, issue), decider_lines(space, tables["deciders"])

    def show() -> None:
        screen = console()
        screen.print(on_screen(package_table(space)), on_screen(effect_table(space, issue)), sep="\n")
        for line in lines:
            screen.print(Text(line))
        screen.print(on_screen(outcome_table(space, issue)))
        for line in deciders:
            screen.print(Text(line))

    place = replace_folder(folder, DEAL_SPACE, partial(write_deal_space, space, tables, issue, provenance))
    answer(lambda: folder_data(folder, tables, [*lines, *deciders]), show)
    print_place(place)
