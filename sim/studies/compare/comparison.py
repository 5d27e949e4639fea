"""Runs beside a reference as people meet them: compare them, then ask for charts, drivers and a folder with a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Self

import pandas as pd

from sim.errors import ScenarioError
from sim.report.kpi_names import check_known
from sim.runs.address import Address, Place
from sim.runs.manifest import COMPARISON
from sim.runs.result_folder import replace_folder
from sim.runs.run_data import RunData
from sim.runs.run_many import Crew
from sim.studies.compare.compared_paths import plot_column
from sim.studies.compare.compared_runs import ComparedRuns, compared_runs, drivers_between
from sim.studies.compare.comparison_page import write_comparison
from sim.studies.compare.comparison_tables import comparison_html
from sim.studies.compare.difference_charts import plot_differences, plot_kpi, plot_welfare_differences
from sim.studies.compare.driver_charts import plot_drivers
from sim.studies.compare.kept_comparison import is_kept, made_of
from sim.studies.one_run.recorded_paths import names_of_columns
from sim.studies.why import DRAWS
from sim.studies.why.why_study import Why, why

if TYPE_CHECKING:
    from sim.report.chart_style import Chart


class Comparison(ComparedRuns):
    """Runs against a reference: the tables of `ComparedRuns`, and what people ask of them."""

    @classmethod
    def of(cls, compared: ComparedRuns) -> Self:
        """Give data the methods that people use."""
        return cls(**{item.name: getattr(compared, item.name) for item in fields(compared)})

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.labels)} against {self.reference.name})"

    def _repr_html_(self) -> str:
        return comparison_html(self)

    def plot(
        self,
        name: str,
        *,
        market: str | None = None,
        vendor: str | None = None,
        country: str | None = None,
        channel: str | None = None,
    ) -> Chart:
        """Draw a KPI, or a recorded column over time.

        Of a KPI: its level in each run, and the differences over draws. Of a column: the band of its difference to the
        reference over the draws that both runs kept, and its band in each run, in panels for each member.

        Parameters
        ----------
        name
            Name of a KPI that all runs have, which ends in a time basis and a unit as `exports_us_cum_bn` does; or of a
            column of `vendors`, `channels`, `countries` or `markets`, such as `revenue_bn`.
        market, vendor, country, channel
            Whose column; of what is not said all are shown, the eight largest if they are more.

        Raises
        ------
        ScenarioError
            If there is no such KPI or column, it is not recorded of such members, or more must be said.
        """
        members = {"market": market, "vendor": vendor, "country": country, "channel": channel}
        given = [axis for axis, member in members.items() if member is not None]
        if name in names_of_columns():
            return plot_column(self, name, members)
        if given and name in self.kpis:
            raise ScenarioError(f"{name} is a KPI, one figure of a run; leave out {' and '.join(given)}")
        if given:
            check_known(name, names_of_columns(), "column that is kept over time")
        check_known(name, [*self.kpis, *names_of_columns()], "KPI of all these results, nor a column over time")
        return plot_kpi(self, name)

    def drivers(self, kpi: str, scenario: str | None = None) -> pd.DataFrame:
        """Rank the uncertain numbers by how strongly the draw-by-draw difference in a KPI goes with them.

        Parameters
        ----------
        kpi
            Name of a KPI that all runs have.
        scenario
            Name of one of the other runs; all of them if None.

        Returns
        -------
        DataFrame
            One row per other run and uncertain number, the strongest first: scenario, kpi, input (dotted path), title
            (that in words), unit, source, correlation (of ranks, Spearman), share_explained (share of the variance of
            ranks; NaN where there are no more than three draws per input), distinguishable, verdict (the direction, or
            that it cannot be told from chance), chance_level (what correlations must exceed), explained_by_all (share
            that all inputs explain together), draws. Its `attrs["note"]` says that in words, or why a run has no rows.

        Raises
        ------
        ScenarioError
            If there is no such KPI or no such run.
        """
        return drivers_between(self, kpi, scenario)

    def plot_differences(self) -> Chart:
        """Draw the main differences as dots with both intervals, and say which cannot be told from zero."""
        return plot_differences(self)

    def plot_welfare(self) -> Chart:
        """Draw by part how each country's welfare differs from the reference."""
        return plot_welfare_differences(self)

    def plot_drivers(self, kpi: str | None = None) -> Chart:
        """Draw which uncertain numbers decide the difference in a KPI, the visitor's profit if None.

        Raises
        ------
        ScenarioError
            If there is no such KPI.
        """
        return plot_drivers(self, kpi)

    def why(self, kpi: str | None = None, scenario: str | None = None, draws: int = DRAWS) -> Why:
        """Find which group of inputs decides the difference to one of the other runs, from runs of its own (`sim.why`).

        Parameters
        ----------
        kpi
            Name of a KPI that all runs have; the profit of the visitor's vendors if None.
        scenario
            Name of one of the other runs; the first of them if None.
        draws
            Most draws of each run.

        Raises
        ------
        ScenarioError
            If there is no such KPI or no such run, or the difference is the same in every draw.
        """
        other = self.labels[0] if scenario is None else scenario
        check_known(other, self.labels, f"run compared with {self.reference.name}")
        run = self.by_label[other]
        return why(self.reference.scenario, run.scenario, kpi, draws=draws, seed=self.reference.seed)

    def with_only(self, other: RunData) -> Comparison:
        """Compare with the reference one of the other runs alone, with what is known of its scenario values."""
        if len(self.others) == 1:
            return self
        alone = compare([self.reference, other])
        label = self.labels[self.others.index(other)]
        mine = {
            name: table[table["scenario"] == label].assign(scenario=alone.labels[0]).reset_index(drop=True)
            for name in ("changed", "groups", "switching")
            if len(table := getattr(self, name))
        }
        return replace(alone, **mine)

    def save(self, directory: Address, charts: bool = True) -> Address:
        """Write differences and summaries into a folder; an older comparison there is replaced at the end.

        Parameters
        ----------
        directory
            The folder itself, or an address.
        charts
            Whether to draw the charts and the page too, which takes longest.

        Raises
        ------
        ScenarioError
            If the place cannot be written, or holds something else than a comparison.
        """
        return replace_folder(directory, COMPARISON, partial(write_comparison, self, charts=charts))


def compare(results: Sequence[RunData]) -> Comparison:
    """Compare runs with the first of them.

    Draws are paired by number if the seeds are the same, since draw 17 then has the same luck in both runs.

    Parameters
    ----------
    results
        The reference and at least one other run.

    Raises
    ------
    ScenarioError
        If there is only one run, or two of them cover different months, share no KPI or have no draw in common.
    """
    return Comparison.of(compared_runs(results))


def save_unless_kept(comparison: Comparison, directory: Address, charts: bool, crew: Crew | None = None) -> None:
    """Write a comparison of runs that were just read, unless its folder holds all of it already.

    Parameters
    ----------
    comparison
        Runs as their folders hold them.
    directory
        The folder itself, or an address.
    charts
        Whether to draw the charts and the page too.
    crew
        Who draws the charts meanwhile; they are drawn here if absent.
    """
    made = made_of(comparison, charts)
    if not is_kept(Place.of(directory), made):
        replace_folder(
            directory, COMPARISON, partial(write_comparison, comparison, charts=charts, made=made, crew=crew)
        )
