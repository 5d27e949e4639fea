"""The command `cloudtrade`: reads arguments, calls the public functions, prints tables and messages."""

# ruff: noqa: PLC0415 - each command imports what it needs, so that help and lists need not wait for pandas and charts

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
from rich.console import Console
from rich.text import Text

from sim import __version__
from sim.ensemble.plan import DEFAULT_DRAWS, DEFAULT_PATHS, DEFAULT_SEED
from sim.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.deal_space import DealSpace
    from sim.report.compare import Comparison
    from sim.report.result import RunResult
    from sim.scenario.schema import Scenario

MOST_DRAWS = 1_000_000
"""More draws than any question needs; a longer number is a mistake of typing."""
DEALS_DRAWS = 1000
"""Draws in which packages are priced, unless the user says otherwise."""
ALL = "all"
"""What the folder calls the comparison of all scenarios of a run with the reference: `all_vs_status_quo`."""
EXAMPLE = ("status_quo", "guiyang_pilot")
EXAMPLE_DRAWS = 500
DOCTOR_DRAWS = 20
MOST_EXAMINED = 1000
"""More draws than that show the doctor nothing new and take long."""
RESULTS = "results"
FIT_CUTOFF = "2021-12"
"""Last month of the data whose posterior the base scenario uses."""
BACKTEST_CUTOFFS = ("2018-12", "2019-12", "2020-12")
EXPLORED_SCENARIO = "guiyang_pilot"
EXPLORER_PORT = 5006
EXIT_DIFFERS = 1
"""Exit code where draws run again are not what was kept, or a check of the model fails."""
EXIT_REFUSED = 2
"""Exit code where something in the user's files or arguments is wrong."""
EXIT_INCOMPLETE = 3
"""Exit code where some draws could not be computed."""
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


class Commands(typer.core.TyperGroup):
    """All commands; Ctrl-C in any of them says what is kept, where Typer alone would end without a word."""

    def invoke(self, context: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt as stop:
            raise typer.Exit(_interrupted(stop)) from stop


app = typer.Typer(
    name="cloudtrade",
    cls=Commands,
    help="Simulate what trade policy does to cloud vendors in the United States and China.",
    epilog="Example: cloudtrade run status_quo guiyang_pilot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="Path of a scenario file, or a name.")]
EffectsOption = Annotated[
    bool | None,
    typer.Option(
        "--effects/--no-effects",
        show_default="up to 40 values",
        help="Try which differing scenario values have an effect; up to half a second for each part that differs.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value by its dotted path; can be given several times. `cloudtrade show` lists the paths.",
    ),
]

DataOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with cloud_market_china.csv, cloud_market_global.csv and goods_trade.csv, formatted like those of "
        "the package; their rows are added to it, and count where both have a key.",
    ),
]


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process: 0 if all went well, 2 if the user has to mend something.

    Parameters
    ----------
    arguments
        What follows the command's name; those of the process if absent.
    """
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: list[str] | None) -> int:
    try:
        app(arguments, prog_name="cloudtrade")
    except SystemExit as finished:
        return _flushed(finished.code if isinstance(finished.code, int) else 1)
    except KeyboardInterrupt as stop:
        return _interrupted(stop)
    except BrokenPipeError:
        return _flushed(EXIT_BROKEN_PIPE)
    except ScenarioError as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"{error.filename or 'a file'}: {error.strerror or error}")
    return 0


def _interrupted(stop: KeyboardInterrupt) -> int:
    said = str(stop) or "Interrupted. Finished results are kept; nothing half-done is left."
    Console(stderr=True).print(Text(said), soft_wrap=True)
    return EXIT_INTERRUPTED


def _refused(message: str) -> int:
    """Say what is wrong, without markup or wrapping, on the error stream."""
    Console(stderr=True).print(Text(message), soft_wrap=True)
    return EXIT_REFUSED


def _flushed(code: int) -> int:
    """Write out what is left; a reader that has gone away is no error worth a message."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    return code


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cloudtrade {__version__}")
        raise typer.Exit


@app.callback()
def cloudtrade(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Simulate what trade policy does to cloud vendors in the United States and China."""


@app.command(epilog="Example: cloudtrade run status_quo guiyang_pilot --draws 500")
def run(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO", help="Paths or names; the first one is the reference.")
    ],
    draws: Annotated[
        int, typer.Option(min=1, max=MOST_DRAWS, help="How many times to run each scenario with other luck.")
    ] = (DEFAULT_DRAWS),
    seed: Annotated[int, typer.Option(min=0, help="Where the luck starts; the same seed gives the same results.")] = (
        DEFAULT_SEED
    ),
    out: Annotated[str, typer.Option(help="Folder for the results, or an address such as s3://bucket/results.")] = (
        "results"
    ),
    charts: Annotated[
        bool, typer.Option(help="Draw charts and the report page, which takes most of the time of a small run.")
    ] = True,
    changes: SetOption = None,
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
    fast: Annotated[bool, typer.Option("--fast", help="Use compiled equations (needs the extra `fast`).")] = False,
    effects: EffectsOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Run scenarios, keep their results, and show who gains what; several are compared with the first.

    Finished draws are kept: the same command again computes only what is missing, and more draws only the new ones.
    """
    from sim.ensemble.plan import Plan
    from sim.ensemble.progress import Bars
    from sim.ensemble.run import simulate

    plan = Plan(draws, seed, paths, fast, workers, cluster, batch, tuple(changes or ()))
    plan.check()
    prepared = _load_all(scenarios, changes)
    _check_places(prepared, out)
    with Bars(quiet) as bars:
        results = [simulate(scenario, plan, bars, _under(out, scenario.name), charts) for scenario in prepared]
    _show_results(results, out, effects, charts)
    if changes:
        typer.echo(f"Changed for this run: {', '.join(changes)}")
    _mention(results, draws, out)


@app.command(epilog="Example: cloudtrade verify results/status_quo --sample 64")
def verify(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result folder.")],
    sample: Annotated[int, typer.Option(min=1, help="How many draws to run again.")] = 32,
) -> None:
    """Run some draws of a kept result again and compare them bit by bit."""
    from sim.ensemble.verify import verify as verified
    from sim.report.result import read

    report = verified(read(result), sample)
    typer.echo(report.text)
    if not report.agrees:
        raise typer.Exit(EXIT_DIFFERS)


@app.command(epilog="Example: cloudtrade compare results/status_quo results/guiyang_pilot --out results/pilot")
def compare(
    results: Annotated[
        list[str], typer.Argument(metavar="RESULT", help="Result folders; the first one is the reference.")
    ],
    out: Annotated[str | None, typer.Option(help="Folder for the differences and their charts.")] = None,
    effects: EffectsOption = None,
) -> None:
    """Compare kept results with the first of them; draws with the same number and seed are paired."""
    import sim
    from sim.storage.folder import COMPARISON, check_place

    if out is not None:
        check_place(out, COMPARISON)
    comparison = _with_effects(sim.compare([sim.read(folder) for folder in results]), effects)
    _print_comparison(comparison)
    if out is not None:
        _print_place(comparison.save(out))


@app.command(epilog="Example: cloudtrade deals bargain_spring_2019 --draws 500")
def deals(
    scenario: ScenarioArgument,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="In how many draws to price all packages.")] = (
        DEALS_DRAWS
    ),
    seed: Annotated[int, typer.Option(min=0, help="Where the luck starts; the same seed gives the same results.")] = (
        DEFAULT_SEED
    ),
    changes: SetOption = None,
    out: Annotated[str, typer.Option(help="Folder for the results, or an address such as s3://bucket/results.")] = (
        "results"
    ),
    issue: Annotated[
        str | None,
        typer.Option(show_default="cloud access", help="Issue of the talks to look at, as the agenda calls it."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Price every package that two governments may sign, and show which deals are worth it to both."""
    from sim.deal_space import deals as priced
    from sim.report.deal_tables import chosen_issue
    from sim.storage.folder import DEAL_SPACE, check_place

    (loaded,) = _load_all([scenario], changes)
    if issue is not None and loaded.talks.agenda:
        chosen_issue(loaded, issue)
    folder = _under(out, f"{loaded.name}-deals")
    check_place(folder, DEAL_SPACE)
    screen = Console(stderr=True, quiet=quiet)
    with screen.status(f"{loaded.name}: pricing packages in {draws:,} draws"):
        space = priced(loaded, draws, seed)
    _report_deals(space, issue, folder, changes or [])


@app.command("list", epilog="Example: cloudtrade list")
def list_scenarios() -> None:
    """List the scenarios of the library and of this folder, with what each one changes."""
    from sim.scenario.listing import entries_at_hand
    from sim.terminal import console, scenario_table

    console().print(scenario_table(entries_at_hand()))


@app.command(epilog="Example: cloudtrade show guiyang_pilot --only policies")
def show(
    scenario: ScenarioArgument,
    only: Annotated[str, typer.Option(metavar="PATH", help="Show only what stands under this dotted path.")] = "",
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the whole scenario as one file instead.")] = False,
    changes: SetOption = None,
) -> None:
    """Show every value of a scenario with the file and line where it stands, and its source."""
    from sim.scenario.listing import resolved_values
    from sim.scenario.loading import dump, load_with_places
    from sim.scenario.overrides import parsed
    from sim.terminal import print_lines

    loaded = load_with_places(scenario, parsed(changes or []))
    if as_yaml:
        typer.echo(dump(loaded.scenario), nl=False)
        return
    values = [value for value in resolved_values(loaded) if f"{value.path}.".startswith(f"{only}." if only else "")]
    if not values:
        raise ScenarioError(f"{scenario}: nothing stands under {only}; `cloudtrade show {scenario}` lists all paths")
    print_lines([(value.place, f"{value.path} = {value.text}", value.source) for value in values])


@app.command(epilog="Example: cloudtrade diff status_quo guiyang_pilot")
def diff(first: ScenarioArgument, second: ScenarioArgument) -> None:
    """Show the values in which two scenarios differ, all that they extend taken into account."""
    from sim.scenario.listing import differing_values
    from sim.scenario.loading import load
    from sim.terminal import print_lines

    ours, theirs = load(first), load(second)
    differing = differing_values(ours, theirs)
    if differing:
        print_lines([("value", ours.name, theirs.name), *differing])
    else:
        typer.echo(f"{first} and {second} have the same values")


@app.command(epilog="Example: cloudtrade check my_pilot.yaml")
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Paths or names of scenarios.")],
) -> None:
    """Find everything that is wrong in scenario files, with file and line."""
    from sim.scenario.loading import load

    faults = []
    for file in files:
        try:
            load(file)
            typer.echo(f"{file}: no problems")
        except ScenarioError as error:
            faults.append(str(error))
    if faults:
        raise ScenarioError("\n".join(faults))


@app.command(epilog="Example: cloudtrade doctor guiyang_pilot --out findings.csv")
def doctor(
    scenario: ScenarioArgument,
    draws: Annotated[int, typer.Option(min=1, max=MOST_EXAMINED, help="Draws of the run that is looked at.")] = (
        DOCTOR_DRAWS
    ),
    seed: Annotated[int, typer.Option(min=0, help="Where the luck starts; the same seed gives the same results.")] = (
        DEFAULT_SEED
    ),
    changes: SetOption = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Table to write the findings to.")] = None,
) -> None:
    """Check the model on a scenario as a referee would: sums, signs, limits, symmetry, steps, assumptions."""
    from sim.doctor.checks import CHECKS, examined
    from sim.doctor.finding import Verdict
    from sim.doctor.screen import finding_table, save, summary
    from sim.terminal import console

    (loaded,) = _load_all([scenario], changes)
    with Console(stderr=True).status(f"{loaded.name}: making {len(CHECKS)} checks"):
        findings = list(examined(loaded, draws, seed))
    console().print(finding_table(findings))
    typer.echo(summary(findings))
    if out is not None:
        save(findings, out)
        _print_place(out)
    if any(found.verdict is Verdict.FAILED for found in findings):
        raise typer.Exit(EXIT_DIFFERS)


@app.command(epilog="Example: cloudtrade schema > scenario.schema.json")
def schema() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check them."""
    from sim.scenario.json_schema import json_schema

    typer.echo(json_schema())


@app.command(epilog="Example: cloudtrade new my_pilot --from guiyang_pilot")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario: lower_case_words.")],
    parent: Annotated[str, typer.Option("--from", metavar="SCENARIO", help="Scenario to start from.")],
) -> None:
    """Write a scenario file of your own into this folder, with what could be changed in comments."""
    from sim.scenario.template import new_file

    path = new_file(name, parent, Path())
    typer.echo(f"Wrote {path}. Change it, then: cloudtrade run {parent} {name}")


@app.command(epilog="Example: cloudtrade explore guiyang_pilot")
def explore(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Path in this folder, or a name.")
    ] = EXPLORED_SCENARIO,
    reference: Annotated[
        str | None,
        typer.Option(show_default="the scenario that it extends", help="Scenario to compare with.", metavar="SCENARIO"),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="How many draws answer each question.")] = (
        DEFAULT_DRAWS
    ),
    seed: Annotated[int, typer.Option(min=0, help="Where the luck starts; the same seed gives the same results.")] = (
        DEFAULT_SEED
    ),
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = EXPLORER_PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Move sliders and see the market answer at once, in a browser (needs the extra `explore`)."""
    from sim.explorer.opening import check_installed
    from sim.explorer.session import open_session

    check_installed()
    from sim.explorer.serve import check_port, serve

    check_port(port)
    session = open_session(scenario, reference, draws, seed)
    serve(session, port, typer.echo, open_browser=browser)


@app.command(epilog="Example: cloudtrade fit --cutoff 2021-12")
def fit(
    cutoff: Annotated[str, typer.Option(metavar="YYYY-MM", help="Last month of the data.")] = FIT_CUTOFF,
    data: DataOption = None,
    out: Annotated[str | None, typer.Option(show_default="results/fit-YYYY-MM", help="Folder for the results.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Estimate trends and gaps from published figures up to a month, and set prior beside posterior."""
    from sim.fit.cutoff import first_day_after, last_month
    from sim.fit.data import read_data
    from sim.fit.estimating import fit as fitted
    from sim.fit.folder import save
    from sim.fit.page import silence
    from sim.fit.screen import check_used, data_lines, parameter_table
    from sim.fit.settings import settings
    from sim.fit.tables import FitReport
    from sim.storage.folder import FIT, check_place
    from sim.terminal import console

    month = first_day_after(cutoff, settings())
    figures = read_data(settings(), data)
    folder = out or _under(RESULTS, f"fit-{last_month(month)}")
    check_place(folder, FIT)
    with Console(stderr=True, quiet=quiet).status(f"Fitting to the figures until {last_month(month)}"):
        report = FitReport(check_used(fitted(figures.observations, month, settings())))
    console().print(parameter_table(report))
    for line in (*data_lines(figures), silence(report)):
        console().print(Text(line))
    _print_place(save(report, folder, _made_by()))


@app.command(epilog="Example: cloudtrade backtest --cutoff 2019-12 --data later_data --out results/backtest")
def backtest(
    cutoffs: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff",
            metavar="YYYY-MM",
            show_default=", ".join(BACKTEST_CUTOFFS),
            help="Last month that a forecast knows; can be given several times.",
        ),
    ] = None,
    data: DataOption = None,
    out: Annotated[str, typer.Option(help="Folder for the results.")] = f"{RESULTS}/backtest",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Forecast published figures from what was known before, and score the forecasts beside naive ones."""
    from sim.backtest.folder import save
    from sim.backtest.scorecard import scorecard, targets
    from sim.backtest.screen import scorecard_table, target_lines
    from sim.backtest.study import study
    from sim.fit.cutoff import first_day_after
    from sim.fit.data import read_data
    from sim.fit.screen import data_lines
    from sim.fit.settings import settings
    from sim.storage.folder import BACKTEST, check_place
    from sim.terminal import console

    months = [first_day_after(month, settings()) for month in cutoffs or BACKTEST_CUTOFFS]
    figures = read_data(settings(), data)
    check_place(out, BACKTEST)
    with Console(stderr=True, quiet=quiet).status(f"Fitting and forecasting at {len(months)} cut-offs"):
        found = study(figures.observations, months, settings())
    console().print(scorecard_table(scorecard(found.scores)))
    for line in (*target_lines(targets(found.scores)), *data_lines(figures)):
        console().print(Text(line))
    _print_place(save(found, out, _made_by()))


@app.command(epilog="Example: cloudtrade validate --out docs/validation.md")
def validate(
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/validation.md"),
    figures: Annotated[Path | None, typer.Option(help="Folder for the tables that report pages show.")] = None,
) -> None:
    """Compare the model with published figures, and write the page that says how far they agree."""
    from sim.validation import write_report

    write_report(out, figures)
    for path in filter(None, (out, figures)):
        _print_place(path)


@app.command(epilog="Example: cloudtrade example --out results/example")
def example(
    out: Annotated[Path, typer.Option(help="Folder for the differences and their charts.")] = Path("results/example"),
) -> None:
    """Make the example that the repository keeps: the pilot against the status quo."""
    import sim
    from sim.storage.folder import COMPARISON, check_place

    check_place(out, COMPARISON)
    comparison = _with_effects(sim.compare([sim.run(name, draws=EXAMPLE_DRAWS) for name in EXAMPLE]), wanted=None)
    _print_comparison(comparison)
    _print_place(comparison.save(out))


def _report_deals(space: DealSpace, issue: str | None, folder: str, changes: list[str]) -> None:
    """Print what a deal space says, and keep it."""
    from sim.ensemble.inputs import inputs_table
    from sim.ensemble.run import scenario_hash
    from sim.report.deal_folder import DealReport
    from sim.report.deal_screen import decider_lines, effect_table, in_return, outcome_table, package_table
    from sim.report.inputs import origins
    from sim.terminal import console

    draws = range(int(space.draws[0]), int(space.draws[-1]) + 1)
    inputs = inputs_table(space.scenario, space.seed, [draws], origins(space.scenario))
    made_by = {"scenario_hash": scenario_hash(space.scenario), "set": changes, **_made_by()}
    report = DealReport(space, inputs, issue, made_by)
    screen = console()
    screen.print(package_table(space), effect_table(space, issue), sep="\n")
    for line in in_return(space, issue):
        screen.print(Text(line))
    screen.print(outcome_table(space, issue))
    for line in decider_lines(space, report.tables["deciders"]):
        screen.print(Text(line))
    _print_place(report.save(folder))


def _made_by() -> dict[str, Any]:
    """Say which program made a folder, for its manifest."""
    from sim.ensemble.identity import git_commit, program, versions

    return {"versions": versions(), "git_commit": git_commit(), "program": program()}


def _load_all(names: list[str], changes: list[str] | None) -> list[Scenario]:
    """Load all scenarios; problems of all of them come together."""
    from sim.scenario.loading import load
    from sim.scenario.overrides import parsed

    overrides = parsed(changes or [])
    loaded: dict[str, Scenario] = {}
    faults = []
    for name in names:
        try:
            scenario = load(name, overrides)
        except ScenarioError as error:
            faults.append(str(error))
            continue
        if scenario.name in loaded:
            faults.append(f"{name}: another scenario to run is called {scenario.name} too; rename one of the files")
        loaded[scenario.name] = scenario
    if faults:
        raise ScenarioError("\n".join(dict.fromkeys(faults)))
    return list(loaded.values())


def _check_places(scenarios: list[Scenario], out: str) -> None:
    """Refuse an unwritable place before the run, not after it."""
    from sim.storage.folder import COMPARISON, check_place

    reference, *others = scenarios
    comparisons = [_comparison_folder(out, reference.name, other) for other in _compared(others)]
    for scenario in scenarios:
        if _under(out, scenario.name) in comparisons:
            raise ScenarioError(
                f"{scenario.name}: a comparison of these scenarios goes into a folder of that name; rename the file"
            )
    for scenario in scenarios:
        check_place(_under(out, scenario.name))
    for folder in comparisons:
        check_place(folder, COMPARISON)


def _compared(others: Sequence[Scenario | RunResult]) -> list[str]:
    """Name what is compared with the reference: each other scenario and, where they are several, all together."""
    names = [other.name for other in others]
    if len(names) > 1 and ALL in names:
        raise ScenarioError(f"{ALL}: the comparison of all scenarios goes by that name; rename the file")
    return [*names, ALL] if len(names) > 1 else names


def _comparison_folder(out: str, reference: str, other: str) -> str:
    return _under(out, f"{other}_vs_{reference}")


def _under(out: str, name: str) -> str:
    """Address of a folder under another, as people write it."""
    return f"{out.rstrip('/') or '/'}/{name}"


def _show_results(results: list[RunResult], out: str, effects: bool | None, charts: bool) -> None:
    import sim
    from sim.report.tables import result_table
    from sim.terminal import console

    reference, *others = results
    if not others:
        console().print(result_table(reference))
    else:
        comparison = _with_effects(sim.compare(results), effects)
        _print_comparison(comparison)
        for other in others:
            comparison.with_only(other).save(_comparison_folder(out, reference.name, other.name))
            _print_place(_comparison_folder(out, reference.name, other.name))
        if ALL in _compared(others):
            _print_place(comparison.save(_comparison_folder(out, reference.name, ALL)))
    for result in results:
        _print_place(_under(out, result.name))
    if charts:
        folder = _comparison_folder(out, reference.name, others[0].name) if others else _under(out, reference.name)
        typer.echo(f"To read it as a page, open {folder}/report.html in a browser")


def _with_effects(comparison: Comparison, wanted: bool | None) -> Comparison:
    """Try which values matter if that is wanted, or if nothing is said and they are few."""
    from sim.effective import MOST_TRIED, with_effects

    few = 0 < len(comparison.changed) <= MOST_TRIED
    return with_effects(comparison) if wanted or (wanted is None and few) else comparison


def _print_comparison(comparison: Comparison) -> None:
    from sim.report.partings import parting_line
    from sim.report.tables import comparison_tables, driver_tables, overview_tables
    from sim.terminal import console

    screen = console()
    if len(comparison.others) > 1:
        screen.print(*overview_tables(comparison), sep="\n")
    partings = comparison.partings.to_dict("records")
    tables = zip(comparison.labels, comparison_tables(comparison), driver_tables(comparison), partings, strict=True)
    for name, differences, drivers, parting in tables:
        screen.print(differences, drivers, sep="\n")
        screen.print(Text(parting_line(parting, comparison.reference.name)), soft_wrap=True)
        _print_scenarios(comparison, name)
    for note in comparison.notes:
        screen.print(Text(f"Note: {note}"))


def _print_scenarios(comparison: Comparison, other: str) -> None:
    """Print what sharing draws saved, and in which values of the scenario a run differs."""
    from sim.report.tables import changed_line, changed_table, narrowing_line
    from sim.terminal import console

    screen, changed = console(), changed_table(comparison, other)
    if narrowing := narrowing_line(comparison, other):
        screen.print(Text(narrowing), soft_wrap=True)
    screen.print(Text(changed_line(comparison, other)) if changed is None else changed)


def _mention(results: list[RunResult], wanted: int, out: str) -> None:
    """Say what the user might not expect of the results, and end with a code of its own if draws are missing."""
    from sim.storage.draft import drafts_beside
    from sim.storage.place import Place

    for result in results:
        for draft in drafts_beside(Place.of(_under(out, result.name))):
            typer.echo(
                f"{draft} holds an unfinished run with other values, seed or program; delete it if it is not wanted"
            )
        if result.manifest["draws"] > wanted:
            typer.echo(f"{result.name}: there were {result.draws:,} draws of this run already, and all are used")
    failures = [
        f"{result.name}: draws {failed['first']:,} to {failed['last']:,} could not be computed ({failed['reason']})"
        for result in results
        for failed in result.failed
    ]
    if failures:
        failures.append("All other draws are kept; the same command again tries only these.")
        Console(stderr=True).print(Text("\n".join(failures)), soft_wrap=True)
        raise typer.Exit(EXIT_INCOMPLETE)


def _print_place(place: Path | str) -> None:
    typer.echo(f"Wrote {place}")
