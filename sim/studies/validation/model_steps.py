"""What each change of the model did to the answers: measured on the commit of the change, and kept as a table.

`python -m sim.studies.validation.model_steps NAME` measures the program as it is and adds its rows; the page shows all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from sim.report.csv_files import csv_of
from sim.report.kept_table import Column, Table, as_markdown
from sim.report.statistics import HIGH, student_quantile
from sim.runs.run_many import Job, Result, run_many
from sim.scenario.loading import load

FILE = Path(__file__).with_name("model_steps.csv")
DRAWS, SEED = 1000, 1
PAIRS = (
    ("guiyang_pilot", "status_quo"),
    ("nationwide_opening", "status_quo"),
    ("today", "today_without_zones"),
)
MOVES = "share of draws in which a foreign vendor opens its own data centre"
FIGURES = {
    "us_vendors_profit_in_china": "profit of US vendors in China",
    "customer_surplus_china": "surplus of customers in China",
    "partners_income": "income of partners",
    "welfare_china": "welfare of China",
}
"""Figures of which sums are given, as the page calls them."""
SUMS = {2025: "to2025", 2030: "to2030", 2035: "cum"}
TITLE = "## What each change of the model did"
TEXT = f"""\
Differences from the reference, sums from July 2018 to the end of a year in bn USD, mean of {DRAWS:,} draws (seed
{SEED}) with the 90 % interval of the mean; **moves** is the {MOVES} until the run ends. Measured on
the commit of each change."""


def measured(step: str) -> pd.DataFrame:
    """Run the scenarios as the program is now.

    Returns
    -------
    DataFrame
        step, scenario, against, until, figure, mean, low, high (90 % interval of the mean).
    """
    names = dict.fromkeys(name for pair in PAIRS for name in pair)
    jobs = [Job(load(name), range(DRAWS), SEED, Result(paths=0)) for name in names]
    kpis = {name: run.kpis.set_index("draw") for name, run in zip(names, run_many(jobs), strict=True)}
    rows = [
        (step, changed, reference, until, *row)
        for changed, reference in PAIRS
        for until, basis in SUMS.items()
        for row in _rows(kpis[changed], kpis[reference], basis)
    ]
    return pd.DataFrame(rows, columns=["step", "scenario", "against", "until", "figure", "mean", "low", "high"])


def _rows(changed: pd.DataFrame, reference: pd.DataFrame, basis: str) -> Iterator[tuple[str, float, float, float]]:
    comes = changed["foreign_data_centre_first_months"].notna()
    yield "moves", *_interval(comes.astype(float))
    for stem, title in FIGURES.items():
        kpi = f"{stem}_{basis}_bn"
        yield title, *_interval((changed[kpi] - reference[kpi]).dropna())


def _interval(values: pd.Series[float]) -> tuple[float, float, float]:
    """Mean and the 90 % interval of it."""
    mean = values.mean()
    error = student_quantile(HIGH, len(values) - 1) * values.std() / np.sqrt(len(values))
    return round(mean, 4), round(mean - error, 4), round(mean + error, 4)


def section() -> str:
    """Write the section of the page, a table for each pair of scenarios."""
    kept, parts = pd.read_csv(FILE), [TITLE, TEXT]
    for (changed, reference, until), rows in kept.groupby(["scenario", "against", "until"], sort=False):
        by_step = rows.assign(cell=rows.apply(_cell, axis=1)).pivot_table(
            index="step", columns="figure", values="cell", aggfunc="first", sort=False
        )
        columns = [Column("Step"), *(Column(str(figure), is_number=True) for figure in by_step)]
        cells = [(str(step), *row) for step, row in zip(by_step.index, by_step.to_numpy(), strict=True)]
        parts += [
            f"**{changed}** against **{reference}**, to the end of {until}",
            as_markdown(Table("", columns, cells)),
        ]
    return "\n\n".join(parts) + "\n"


def _cell(row: pd.Series) -> str:
    if row["figure"] == "moves":
        return f"{row['mean']:.0%}"
    return f"{row['mean']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"


if __name__ == "__main__":
    older = [pd.read_csv(FILE)] if FILE.exists() else []
    FILE.write_bytes(csv_of(pd.concat([*older, measured(sys.argv[1])])))
