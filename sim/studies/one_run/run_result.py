"""One run as people meet it: run it or read it, then ask for figures, drivers and a folder with charts and a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sim.report.captions import settings_in_words
from sim.report.csv_files import csv_of
from sim.report.kpi_names import check_known
from sim.report.statistics import number_columns, summarise
from sim.runs import DEFAULT_DRAWS, DEFAULT_PATHS, DEFAULT_SEED, run_data
from sim.runs.address import Address, Place
from sim.runs.parquet import to_parquet
from sim.runs.progress import Bars
from sim.runs.result_folder import CHARTS
from sim.runs.run_data import Presentation, RunData
from sim.runs.run_many import Job, Result, run_one
from sim.runs.run_names import check_same_inputs, in_words, named_by
from sim.runs.run_plan import How, check_numbers
from sim.scenario.loading import changed, load
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import AS_OF
from sim.studies.one_run.data_package import write_package
from sim.studies.one_run.drivers import drivers_of_result
from sim.studies.one_run.exchange_formats import dataset_of, iamc_table
from sim.studies.one_run.main_figures import run_html

if TYPE_CHECKING:
    import xarray

    from sim.report.chart_style import Chart
    from sim.report.folder_files import FolderFiles

SUMMARY = "summary.csv"
"""Figures in a result folder."""


class RunResult(RunData):
    """What one run of a scenario gave: the tables of `RunData`, and what people ask of them."""

    @classmethod
    def of(cls, data: RunData) -> Self:
        """Give data the methods that people use."""
        return cls(data.scenario, data.manifest, data.tables, data.parts)

    def __repr__(self) -> str:
        return f"RunResult({self.name}: {settings_in_words(self.draws, self.seed)})"

    def _repr_html_(self) -> str:
        return run_html(self)

    def summary(self) -> pd.DataFrame:
        """Summarise each KPI: kpi, unit, basis, mean, sd, p5, p50, p95, and the number of draws with a value."""
        return summarise(self.kpis)

    def drivers(self, kpi: str) -> pd.DataFrame:
        """Rank the uncertain numbers by how strongly a KPI goes with them; see `Comparison.drivers` for the columns.

        Parameters
        ----------
        kpi
            Name of a KPI.

        Raises
        ------
        ScenarioError
            If there is no such KPI.
        """
        check_known(kpi, number_columns(self.kpis), "KPI of this result")
        return drivers_of_result(self, kpi)[0]

    def to_xarray(self) -> xarray.Dataset:
        """Give the recorded paths of the first draws as a dataset of xarray, for which the extra `xarray` is needed.

        Returns
        -------
        Dataset
            A variable for each column of the tables vendors, channels, markets and countries, called
            `<table>_<column>`, with the dimensions draw, date (first day of the quarter) and those of the table. Its
            attributes say `units`, `long_name` and `description`.

        Raises
        ------
        ScenarioError
            If xarray is not installed, or the run kept no paths.
        """
        return dataset_of(self)

    def to_iamc(self, quantiles: Sequence[float] = ()) -> pd.DataFrame:
        """Give the recorded paths of the first draws by year in the long form that the IAMC uses and pyam reads.

        Flows are summed over each calendar year that lies whole within the run; levels are those at the end of each
        year. Vendors that sell nothing in a market in any draw have no rows there.

        Parameters
        ----------
        quantiles
            Shares of the draws, such as `(0.05, 0.95)`, of which the quantiles are given as variables of their own:
            `Country|Welfare|5.0th Percentile`.

        Returns
        -------
        DataFrame
            Columns model, scenario, region, variable (`Cloud market|Revenue|AWS`), unit, year, value (mean over draws).

        Raises
        ------
        ScenarioError
            If a quantile is no share, or the run kept no paths.
        """
        return iamc_table(self, quantiles)

    def plot(
        self,
        column: str,
        *,
        market: str | None = None,
        vendor: str | None = None,
        country: str | None = None,
        channel: str | None = None,
    ) -> Chart:
        """Draw a recorded column over time with the range of the draws, in a panel for each member.

        Parameters
        ----------
        column
            Name of a column of `vendors`, `channels`, `countries` or `markets`, such as `share`.
        market, vendor, country, channel
            Whose; of what is not said all are shown, the eight largest if they are more.

        Raises
        ------
        ScenarioError
            If there is no such column, it is not recorded of such members, or more must be said.
        """
        from sim.studies.one_run.path_charts import plot_paths  # noqa: PLC0415 (a run need not wait for matplotlib)
        from sim.studies.one_run.recorded_paths import names_of_columns  # noqa: PLC0415

        check_known(column, names_of_columns(), "column that is kept over time")
        return plot_paths(self, column, {"market": market, "vendor": vendor, "country": country, "channel": channel})

    def save(self, directory: Address, charts: bool = True, *, replace: bool = False) -> Address:
        """Write the result folder; an older one is replaced when the new one is finished, not before.

        Parameters
        ----------
        directory
            The folder itself, such as results/status_quo, or an address such as s3://bucket/status_quo.
        charts
            Whether to draw the charts too, which takes longest.
        replace
            Whether a result of other values or another seed may be replaced.

        Raises
        ------
        ScenarioError
            If the place cannot be written, or holds something else than a result folder.
        """
        if not replace:
            check_same_inputs(Place.of(directory), self.scenario, self.seed)
        return run_data.save(self, directory, presentation(charts))


def run(  # noqa: PLR0913 (each setting is an argument, so that editors and notebooks show it)
    scenario: Scenario | Address,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    set: Mapping[str, Any] | None = None,
    *,
    out: Address | None = None,
    charts: bool = True,
    progress: bool = False,
    paths: int = DEFAULT_PATHS,
    workers: int | None = None,
    cluster: str | None = None,
    batch: int | None = None,
    replace: bool = False,
    as_of: str | dt.date | None = None,
) -> RunResult:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A loaded scenario, the path of a file, or the name of one in the library.
    draws
        Number of Monte Carlo draws.
    seed
        Seed; the same scenario, seed and draw number give the same bits.
    set
        Values to change for this run, by dotted path, such as `{"demand.market_elasticity": 1.5}`.
    out
        Folder for the result, or an address such as s3://bucket/status_quo. Each batch is kept beside it as it
        finishes: the same call again computes only what is missing, and one with more draws only the new ones. Without
        it the result is in memory, and `save` writes it.
    charts
        Whether to draw charts into the folder.
    progress
        Whether to show how far the run is.
    paths
        Full quarterly paths are kept of so many draws, the first ones.
    workers
        Processes; None for as many as there are cores, where the system can fork, else one.
    cluster
        Address of a Dask scheduler, used in place of processes.
    batch
        Draws advanced together; None for what suits draws and workers.
    replace
        Whether a result of other values or another seed in the folder may be replaced.
    as_of
        Day, such as `2019-03-28`, with what was known on which to run; all is known if absent.

    Raises
    ------
    ScenarioError
        If the scenario, a changed value, a number, an address or the folder is not valid.
    """
    how = How(workers, cluster, batch)
    check_numbers(draws=draws, seed=seed, paths=paths)
    changes = _with_day(set, as_of)
    loaded = _loaded(scenario, changes)
    wanted = Result(out, presentation(charts), int(paths), in_words(changes), replace)
    with Bars(quiet=not progress) as bars:
        return RunResult.of(run_one(Job(loaded, range(draws), int(seed), wanted), how, bars))


def _loaded(scenario: Scenario | Address, set: Mapping[str, Any] | None) -> Scenario:
    if not isinstance(scenario, Scenario):
        return named_by(load(scenario, set), in_words(set))
    return named_by(changed(scenario, set), in_words(set)) if set else scenario


def _with_day(set: Mapping[str, Any] | None, as_of: str | dt.date | None) -> Mapping[str, Any] | None:
    """Add to changed values the day as of which a scenario is run."""
    return set if as_of is None else {**(set or {}), AS_OF: as_of}


def read(directory: Address) -> RunResult:
    """Read a result folder; its tables are read when they are asked for.

    Raises
    ------
    ScenarioError
        If it is missing, not finished, damaged, or of another version; the message says which file and what to do.
    """
    return RunResult.of(run_data.read(directory))


def presentation(charts: bool) -> Presentation:
    """Say what a result folder holds besides its data: figures, and charts with the page that shows them if wanted."""
    if not charts:  # which need not wait for matplotlib
        return Presentation(_write_figures)
    from sim.studies.one_run.run_page import run_files  # noqa: PLC0415 (here, so that workers begin with it)

    return Presentation(partial(_write_all, run_files), (CHARTS,))


def _write_figures(data: RunData, folder: Place) -> None:
    _write_summary(summarise(data.kpis), folder)
    write_package(folder, data.scenario)


def _write_summary(summary: pd.DataFrame, folder: Place) -> None:
    (folder / CHARTS).remove()  # of fewer draws, or half of them, where an earlier end was killed
    (folder / SUMMARY).write(csv_of(summary))


def _write_all(run_files: Callable[[RunData, pd.DataFrame], FolderFiles], data: RunData, folder: Place) -> None:
    """Write figures, charts, the page that shows them, the tables that the page names, and what all tables hold."""
    summary = summarise(data.kpis)
    _write_summary(summary, folder)
    for name, content in run_files(data, summary).contents(to_parquet):
        (folder / name).write(content)
    write_package(folder, data.scenario)
