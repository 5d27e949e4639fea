"""The commands that set the model beside published figures: `fit`, `backtest` and `validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from sim.cli.answering import answer, folder_data, rows_of
from sim.cli.arguments import QuietOption, kept_place
from sim.cli.output import RESULTS, made_by, print_place, under

if TYPE_CHECKING:
    from sim.report.kept_table import OnScreen

FIT_CUTOFF = "2021-12"
"""Last month of the data whose posterior the base scenario uses."""
BACKTEST_CUTOFFS = ("2018-12", "2019-12", "2020-12", "2021-12", "2022-12", "2023-12")

DataOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with cloud_market_china.csv, cloud_market_global.csv and goods_trade.csv, formatted like those of "
        "the package; their rows are added to it, and count where both have a key.",
    ),
]


def fit(
    cutoff: Annotated[str, typer.Option(metavar="YYYY-MM", help="Last month of the data.")] = FIT_CUTOFF,
    data: DataOption = None,
    out: Annotated[
        str | None,
        typer.Option(callback=kept_place, show_default="results/fit-YYYY-MM", help="Folder for the results."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Estimate trends and gaps from published figures up to a month, and set prior beside posterior."""
    from sim.report.kept_table import on_screen
    from sim.runs.manifest import FIT
    from sim.runs.result_folder import check_place
    from sim.studies.fit.cutoff import first_day_after, last_month
    from sim.studies.fit.estimating import fit as fitted
    from sim.studies.fit.figure_files import read_data
    from sim.studies.fit.fit_page import data_lines, parameter_table, save, silence, tables_of
    from sim.studies.fit.fit_settings import settings
    from sim.studies.fit.fit_tables import FitReport, check_used

    month = first_day_after(cutoff, settings())
    figures = read_data(settings(), data)
    folder = out or under(RESULTS, f"fit-{last_month(month)}")
    check_place(folder, FIT)
    with Console(stderr=True, quiet=quiet).status(f"Fitting to the figures until {last_month(month)}"):
        report = FitReport(check_used(fitted(figures.observations, month, settings())))
    lines = [*data_lines(figures), silence(report)]
    place = save(report, folder, made_by())
    answer(
        lambda: folder_data(folder, tables_of(report), lines),
        lambda: _show(on_screen(parameter_table(report)), lines),
    )
    print_place(place)


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
    out: Annotated[str, typer.Option(callback=kept_place, help="Folder for the results.")] = f"{RESULTS}/backtest",
    quiet: QuietOption = False,
) -> None:
    """Forecast published figures from what was known before, and score the forecasts beside naive ones."""
    from sim.report.kept_table import on_screen
    from sim.runs.manifest import BACKTEST
    from sim.runs.result_folder import check_place
    from sim.studies.backtest.backtest import study
    from sim.studies.backtest.backtest_page import save, scorecard_table, tables_of, target_lines
    from sim.studies.backtest.scorecard import scorecard, targets
    from sim.studies.fit.cutoff import first_day_after
    from sim.studies.fit.figure_files import read_data
    from sim.studies.fit.fit_page import data_lines
    from sim.studies.fit.fit_settings import settings

    months = [first_day_after(month, settings()) for month in cutoffs or BACKTEST_CUTOFFS]
    figures = read_data(settings(), data)
    check_place(out, BACKTEST)
    with Console(stderr=True, quiet=quiet).status(f"Fitting and forecasting at {len(months)} cut-offs"):
        found = study(figures.observations, months, settings())
    lines = [*target_lines(targets(found.scores)), *data_lines(figures)]
    place = save(found, out, made_by())
    answer(
        lambda: folder_data(out, tables_of(found), lines),
        lambda: _show(on_screen(scorecard_table(scorecard(found.scores))), lines),
    )
    print_place(place)


def validate(
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/validation.md"),
    figures: Annotated[Path | None, typer.Option(help="Folder for the tables that report pages show.")] = None,
) -> None:
    """Compare the model with published figures, and write the page that says how far they agree."""
    from sim.studies.validation import write_report

    found = write_report(out, figures)
    answer(lambda: {"page": str(out), **{name: rows_of(table) for name, table in found.items()}}, lambda: None)
    for path in filter(None, (out, figures)):
        print_place(path)


def _show(table: OnScreen, lines: Sequence[str]) -> None:
    """Print a table and lines below it."""
    from sim.report.terminal import console

    console().print(table)
    for line in lines:
        console().print(Text(line))
