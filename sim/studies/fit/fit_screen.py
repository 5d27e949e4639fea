"""What the screen says of a fit."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from sim.errors import ScenarioError
from sim.report.statistics import whole_percent
from sim.studies.fit.cutoff import last_month
from sim.studies.fit.estimating import Fit
from sim.studies.fit.figure_files import Data
from sim.studies.fit.fit_settings import settings
from sim.studies.fit.fit_tables import FitReport
from sim.studies.fit.markdown import figure


def parameter_table(report: FitReport) -> Table:
    """Lay out prior against posterior of the numbers that the data moved or narrowed."""
    fit = report.fit
    title = f"Prior and posterior: {len(fit.observations)} figures until {last_month(fit.cutoff)}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("number", overflow="fold")
    for heading in ("prior", "sd", "posterior", "sd", "variance left"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.learned.to_dict("records"):
        numbers = (row[column] for column in ("prior_mean", "prior_sd", "posterior_mean", "posterior_sd"))
        table.add_row(Text(row["path"]), *map(figure, numbers), whole_percent(row["variance_left"]))
    return table


def check_used(fit: Fit) -> Fit:
    """Refuse a fit that no figure went into: it would be the prior, and look like more.

    Raises
    ------
    ScenarioError
        If the data hold no figure between the base date and the cut-off.
    """
    if {one.key for one in fit.observations} <= {one.key for one in settings().judged}:
        raise ScenarioError(
            f"--cutoff {last_month(fit.cutoff)}: no figure of a whole quarter or year from {fit.scenario.start:%Y-%m} "
            "on was known by then; expected a later month, or earlier figures with --data"
        )
    return fit


def data_lines(data: Data) -> list[str]:
    """Say what was read from a user's folder and what of it was left out; nothing if there is no folder."""
    lines = [f"{data.added} figures read from the folder."] if data.added else []
    for what, counted in (
        ("vendors that no scenario knows", data.unknown_vendors),
        ("other definitions than the model's", data.other_definitions),
    ):
        if counted:
            names = ", ".join(f"{name} ({count})" for name, count in counted)
            total = sum(count for _, count in counted)
            lines.append(f"Left out: {total} {'row' if total == 1 else 'rows'} of {what}: {names}.")
    return lines
