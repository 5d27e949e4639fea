"""The command `run`: simulate scenarios, keep their results, compare them with the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from sim.cli.answering import answer
from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    EffectsOption,
    FullOption,
    OutOption,
    QuietOption,
    ReplaceOption,
    SeedOption,
    SetOption,
    all_changes,
    load_all,
)
from sim.cli.exits import EXIT_INCOMPLETE
from sim.cli.output import (
    PAGE,
    RESULTS,
    compared_beside,
    print_page,
    print_place,
    say_comparison,
    under,
    with_wanted_effects,
)
from sim.errors import ScenarioError
from sim.runs import DEFAULT_DRAWS, DEFAULT_PATHS, DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.runs.run_data import RunData
    from sim.runs.run_many import Crew
    from sim.scenario.schema import Scenario
    from sim.studies.compare.comparison import Comparison

ALL = "all"
"""What the folder calls the comparison of all scenarios of a run with the reference: `all_vs_status_quo`."""


def run(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO", help="Paths or names; the first one is the reference.")
    ],
    draws: Annotated[
        int, typer.Option(min=1, max=MOST_DRAWS, help="How many times to run each scenario with other luck.")
    ] = DEFAULT_DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    out: OutOption = RESULTS,
    charts: Annotated[
        bool, typer.Option(help="Draw charts and the report page, which takes most of the time of a small run.")
    ] = True,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    paths: Annotated[
        int, typer.Option(min=0, help="Keep full quarterly paths of so many draws; bands come from all.")
    ] = DEFAULT_PATHS,
    workers: Annotated[
        int | None, typer.Option(min=1, show_default="all cores", help="Processes that share the draws.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="Dask scheduler whose workers do it instead."),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, show_default="chosen", help="Draws advanced together; changes speed and memory only."),
    ] = None,
    effects: EffectsOption = None,
    full: FullOption = False,
    quiet: QuietOption = False,
    replace: ReplaceOption = False,
) -> None:
    """Run scenarios, keep their results, and show who gains what; several are compared with the first.

    Finished draws are kept: the same command again computes only what is missing, and more draws only the new ones.
    """
    from sim.runs.progress import Bars
    from sim.runs.run_many import Crew, Job, Result, run_many
    from sim.runs.run_plan import How, check_numbers
    from sim.studies.one_run.run_result import presentation

    how = How(workers, cluster, batch)
    check_numbers(draws=draws, seed=seed, paths=paths)
    changes = all_changes(changes, as_of, data)
    prepared = load_all(scenarios, changes)
    _check_places(prepared, out, None if replace else seed)
    jobs = [
        Job(scenario, range(draws), seed, Result(place, presentation(charts), paths, tuple(changes), replace))
        for scenario, place in ((held, under(out, held.name)) for held in prepared)
    ]
    with Crew(how) as crew:
        with Bars(quiet) as bars:
            results = list(run_many(jobs, bars=bars, crew=crew))
        _show_results(results, out, effects, crew, charts=charts, full=full)
    if changes:
        typer.echo(f"Changed for this run: {', '.join(changes)}")
    _mention(results, draws, out)
    if charts:
        print_page(_page(results, out))
    _end_if_draws_are_missing(results, out)


def _check_places(scenarios: list[Scenario], out: str, seed: int | None) -> None:
    """Refuse before the run a place that cannot be written, or holds a result of other inputs if a seed is given."""
    from sim.runs.manifest import COMPARISON
    from sim.runs.result_folder import check_place
    from sim.runs.run_names import check_same_inputs

    reference, *others = scenarios
    comparisons = [_comparison_folder(out, reference.name, other) for other in _compared(others)]
    for scenario in scenarios:
        if under(out, scenario.name) in comparisons:
            raise ScenarioError(
                f"{scenario.name}: a comparison of these scenarios goes into a folder of that name; rename the file"
            )
    for scenario in scenarios:
        place = check_place(under(out, scenario.name))
        if seed is not None:
            check_same_inputs(place, scenario, seed)
    for folder in comparisons:
        check_place(folder, COMPARISON)


def _compared(others: Sequence[Scenario | RunData]) -> list[str]:
    """Name what is compared with the reference: each other scenario and, where they are several, all together."""
    names = [other.name for other in others]
    if len(names) > 1 and ALL in names:
        raise ScenarioError(f"{ALL}: the comparison of all scenarios goes by that name; rename the file")
    return [*names, ALL] if len(names) > 1 else names


def _comparison_folder(out: str, reference: str, other: str) -> str:
    return under(out, f"{other}_vs_{reference}")


def _show_results(
    results: list[RunData], out: str, effects: bool | None, crew: Crew, *, charts: bool, full: bool
) -> None:
    from sim.report.kept_table import on_screen
    from sim.report.terminal import console
    from sim.studies.one_run.main_figures import figures_data, result_table

    reference, *others = results
    places = [under(out, result.name) for result in results]
    if not others:
        answer(
            lambda: {**figures_data(reference), "folders": places},
            lambda: console().print(on_screen(result_table(reference))),
        )
    else:
        comparison = with_wanted_effects(compared_beside(results, out), effects)
        places = [*_saved(comparison, others, out, charts, crew), *places]
        say_comparison(comparison, places, full)
    for place in places:
        print_place(place)


def _saved(comparison: Comparison, others: Sequence[RunData], out: str, charts: bool, crew: Crew) -> list[str]:
    """Write each comparison with the reference into its folder, unless that holds it already, and give the folders."""
    from sim.studies.compare.comparison import save_unless_kept

    reference = comparison.reference.name
    for other in others:
        save_unless_kept(comparison.with_only(other), _comparison_folder(out, reference, other.name), charts, crew)
    names = _compared(others)
    if ALL in names:
        save_unless_kept(comparison, _comparison_folder(out, reference, ALL), charts, crew)
    return [_comparison_folder(out, reference, name) for name in names]


def _page(results: Sequence[RunData], out: str) -> str:
    """Name the page that shows all that was run."""
    reference, *others = results
    folder = _comparison_folder(out, reference.name, _compared(others)[-1]) if others else under(out, reference.name)
    return f"{folder}/{PAGE}"


def _mention(results: list[RunData], wanted: int, out: str) -> None:
    """Say what the user might not expect of the results."""
    from sim.runs.address import Place
    from sim.runs.unfinished import drafts_beside

    for result in results:
        for draft in drafts_beside(Place.of(under(out, result.name))):
            typer.echo(
                f"{draft} holds an unfinished run with other values, seed or program; delete it if it is not wanted"
            )
        if result.manifest["draws"] > wanted:
            typer.echo(f"{result.name}: there were {result.draws:,} draws of this run already, and all are used")


def _end_if_draws_are_missing(results: list[RunData], out: str) -> None:
    """End with a code of its own if draws could not be computed, and say which."""
    failures = [
        f"{result.name}: draws {failed['first']:,} to {failed['last']:,} could not be computed ({failed['reason']})"
        for result in results
        for failed in result.failed
    ]
    if failures:
        from sim.runs.run_data import FAULTS

        told = [f"{under(out, result.name)}/{FAULTS}" for result in results if result.failed]
        failures.append(f"How it came to it: {', '.join(told)}")
        failures.append("All other draws are kept; the same command again tries only these.")
        Console(stderr=True).print(Text("\n".join(failures)), soft_wrap=True)
        raise typer.Exit(EXIT_INCOMPLETE)
