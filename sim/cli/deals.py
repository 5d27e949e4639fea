"""The command `deals`: what packages are worth to governments that bargain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from sim.cli.answering import answer, folder_data
from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    OutOption,
    QuietOption,
    ReplaceOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    all_changes,
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
    as_of: AsOfOption = None,
    data: DataOption = None,
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

    changes = all_changes(changes, as_of, data)
    (loaded,) = load_all([scenario], changes)
    if issue is not None and loaded.talks.agenda:
        chosen_issue(loaded, issue)
    folder = under(out, f"{loaded.name}-deals")
    place = check_place(folder, DEAL_SPACE)
    if not replace:
        check_same_inputs(place, loaded, seed)
    screen = Console(stderr=True, quiet=quiet)
    with screen.status(f"{loaded.name}: pricing packages in {draws:,} draws"):
        space = priced(loaded, draws, seed, issue)
    _report_deals(space, folder, changes)


def _report_deals(space: DealSpace, folder: str, changes: list[str]) -> None:
    """Print what a deal space says, and keep it."""
    from functools import partial

    from sim.report.kept_table import Kept, on_screen, paragraph_on_screen
    from sim.report.terminal import console
    from sim.runs.fingerprints import scenario_hash
    from sim.runs.manifest import DEAL_SPACE
    from sim.runs.result_folder import replace_folder
    from sim.runs.totals import inputs_table
    from sim.studies.deals.deal_answer import answer_of
    from sim.studies.deals.deal_lists import (
        date_table,
        decider_lines,
        effect_table,
        in_return,
        outcome_table,
        package_table,
    )
    from sim.studies.deals.deal_page import write_deal_space
    from sim.studies.deals.deal_tables import deal_tables
    from sim.studies.one_run.drivers import origins

    draws = range(int(space.draws[0]), int(space.draws[-1]) + 1)
    inputs = inputs_table(space.scenario, space.seed, draws, origins(space.scenario))
    provenance = {"scenario_hash": scenario_hash(space.scenario), "set": changes, **made_by()}
    tables = deal_tables(space, inputs)
    kept = {name: Kept(name, table.reset_index(drop=True)) for name, table in tables.items()}
    paragraphs = answer_of(space, kept)
    lines = [*in_return(space), *decider_lines(space, tables["deciders"])]

    def show() -> None:
        screen = console()
        screen.print(Text(f"{space.scenario.title} ({space.scenario.name})", style="bold"))
        for paragraph in paragraphs:
            screen.print(paragraph_on_screen(paragraph, screen.width))
        for table in (date_table(space), outcome_table(space), package_table(space), effect_table(space)):
            screen.print(on_screen(table))
        for line in lines:
            screen.print(Text(line))

    place = replace_folder(folder, DEAL_SPACE, partial(write_deal_space, space, tables, provenance))
    said = [f"{paragraph.heading}: {paragraph.text}" for paragraph in paragraphs]
    answer(lambda: folder_data(folder, tables, [*said, *lines]), show)
    print_place(place)
