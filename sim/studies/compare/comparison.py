"""Runs set against a reference, draw by draw where their draws share the same luck."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.report.captions import count_of_draws
from sim.report.kpi_names import check_known, parse
from sim.report.statistics import HIGH, LOW, MIDDLE, number_columns, summarise
from sim.runs.address import Address, Place
from sim.runs.result_folder import CHARTS, COMPARISON, FORMAT, MANIFEST, manifest_text, replace_folder
from sim.runs.result_parts import in_manifest
from sim.runs.run_data import RunData
from sim.studies.compare.changed_values import changed_values
from sim.studies.compare.comparison_page import comparison_page
from sim.studies.compare.difference_charts import plot_differences, plot_kpi
from sim.studies.compare.differences import Difference, difference_between, share_their_luck
from sim.studies.compare.driver_charts import plot_drivers
from sim.studies.compare.drivers import drivers_by_run, stacked
from sim.studies.compare.partings import partings
from sim.studies.one_run.chart_numbers import (
    numbers_of_differences,
    numbers_of_drivers,
    numbers_of_welfare_differences,
)
from sim.studies.one_run.drawn_charts import drawn, save_charts
from sim.studies.one_run.main_kpis import headline_kpis, main_kpis
from sim.studies.one_run.notebook_tables import comparison_html
from sim.studies.one_run.welfare_charts import plot_welfare_differences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPARISON_CHARTS: dict[Callable[[Comparison], Figure], Callable[[Comparison], pd.DataFrame]] = {
    plot_differences: numbers_of_differences,
    plot_welfare_differences: numbers_of_welfare_differences,
    plot_drivers: numbers_of_drivers,
}
"""Charts that a saved comparison holds, and the numbers beside them; the files are named after the chart."""

_DOZEN = 12


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs against a reference.

    Two intervals are kept apart. The *spread*, `p5` to `p95`, says how much the effect differs between draws: how sure
    one can be, given the assumptions. The *interval of the mean*, `mean_low` to `mean_high`, says how well so many
    draws pin the mean effect down: more draws narrow it, but not the spread.

    Attributes
    ----------
    reference
        The run that the others are compared with.
    others
        The other runs.
    differences
        One row per other run and KPI: scenario, kpi, unit, basis, reference_mean, other_mean, mean (of the
        differences), sd, p5, p50, p95, probability_other_sign (share of draws in which the difference has not the
        sign of the mean), mean_low, mean_high (90 % interval of the mean), share_differing (of the draws),
        distinguishable (whether that interval leaves zero out, and enough draws differ to trust it), draws_needed
        (about how many would do), draws (compared), verdict (that in words), paired, interval_ratio (width of the
        interval of the mean as a share of that of unpaired runs of the same size: what the shared draws save).
    notes
        What a reader should know about the comparison, such as draws that could not be paired.
    changed
        The values of the model in which the other scenarios differ: scenario, path, reference, other, source, effect
        (what trying the value has shown), tried_as (the smallest part that could be changed alone).
    """

    reference: RunData
    others: tuple[RunData, ...]
    differences: pd.DataFrame
    notes: tuple[str, ...] = ()
    changed: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.labels)} against {self.reference.name})"

    def _repr_html_(self) -> str:
        return comparison_html(self)

    @cached_property
    def partings(self) -> pd.DataFrame:
        """Where each other run parts from the reference: first event and first figure that differ, one row per run.

        Columns: scenario, event_date (month), actor, event, detail, only_in, event_draws, more_events, draws,
        figure_date (quarter), table, column, member, figure_draws, path_draws, note. Events are those of all common
        draws, figures those of common draws of which both runs kept full paths. Read when first asked for.
        """
        return partings(self.reference, dict(zip(self.labels, self.others, strict=True)))

    @property
    def labels(self) -> list[str]:
        """Names of the other runs as `differences` has them in its column `scenario`."""
        return list(self.differences["scenario"].unique())

    @property
    def main_kpis(self) -> list[str]:
        """The dozen KPIs that answer who gains, as far as all runs have them; the first ones otherwise."""
        held = set(self.differences["kpi"])
        wanted = dict.fromkeys(kpi for run in (self.reference, *self.others) for kpi in main_kpis(run))
        return [kpi for kpi in wanted if kpi in held] or list(dict.fromkeys(self.differences["kpi"]))[:_DOZEN]

    @property
    def headline_kpis(self) -> list[str]:
        """The KPIs of which one asks first what decides them, as far as all runs have them; else the first main one."""
        held = set(self.differences["kpi"])
        return [kpi for kpi in headline_kpis(self.reference.scenario) if kpi in held] or self.main_kpis[:1]

    def plot(self, kpi: str) -> Figure:
        """Draw one KPI: its level in each run, and the differences over draws.

        Parameters
        ----------
        kpi
            Name of a KPI that all runs have.

        Raises
        ------
        ScenarioError
            If there is no such KPI.
        """
        self._check_kpi(kpi)
        return plot_kpi(self, kpi)

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
            One row per other run and uncertain number, the strongest first: scenario, kpi, input (dotted path), unit,
            source, correlation (of ranks, Spearman), share_explained (share of the variance of ranks; NaN where there
            are no more than three draws per input), distinguishable, verdict (the direction, or that it cannot be told
            from chance), chance_level (what correlations must exceed), explained_by_all (share that all inputs explain
            together), draws. Its `attrs["note"]` says that in words, or why a run has no rows.

        Raises
        ------
        ScenarioError
            If there is no such KPI or no such run.
        """
        self._check_kpi(kpi)
        if scenario is not None:
            check_known(scenario, self.labels, f"run compared with {self.reference.name}")
        runs = dict(zip(self.labels, self.others, strict=True))
        return drivers_by_run(self.reference, {name: runs[name] for name in runs if scenario in {None, name}}, kpi)

    def _check_kpi(self, kpi: str) -> None:
        check_known(kpi, self.differences["kpi"].unique().tolist(), "KPI of all these results")

    def plot_differences(self) -> Figure:
        """Draw the main differences as dots with both intervals, and say which cannot be told from zero."""
        return plot_differences(self)

    def plot_welfare(self) -> Figure:
        """Draw by part how each country's welfare differs from the reference."""
        return plot_welfare_differences(self)

    def plot_drivers(self, kpi: str | None = None) -> Figure:
        """Draw which uncertain numbers decide the difference in a KPI, the visitor's profit if None.

        Raises
        ------
        ScenarioError
            If there is no such KPI.
        """
        return plot_drivers(self, kpi)

    def with_only(self, other: RunData) -> Comparison:
        """Compare with the reference one of the other runs alone, with what is known of its scenario values."""
        if len(self.others) == 1:
            return self
        alone = compare([self.reference, other])
        label = self.labels[self.others.index(other)]
        rows = self.changed[self.changed["scenario"] == label].assign(scenario=alone.labels[0])
        return replace(alone, changed=rows.reset_index(drop=True))

    def save(self, directory: Address) -> Address:
        """Write differences, summaries and charts into a folder; an older comparison there is replaced at the end.

        Raises
        ------
        ScenarioError
            If the place cannot be written, or holds something else than a comparison.
        """
        return replace_folder(directory, COMPARISON, partial(_write, self))


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
    if len(results) < 2:  # noqa: PLR2004
        raise ScenarioError(f"a comparison needs a reference and at least one other result, found {len(results)}")
    reference, *others = results
    for other in others:
        _check_comparable(reference, other)
    labelled = list(zip(others, _unique_names(results)[1:], strict=True))
    rows = [row for other, label in labelled for row in _rows(reference, other, label)]
    notes = tuple(note for other, label in labelled for note in _notes(reference, other, label))
    changed = changed_values(reference, {label: other for other, label in labelled})
    return Comparison(reference, tuple(others), pd.DataFrame(rows), notes, changed)


def _check_comparable(reference: RunData, other: RunData) -> None:
    ours, theirs = reference.scenario, other.scenario
    values = (("months", ours.months, theirs.months), ("start", ours.start, theirs.start))
    changes = [f"--set {name}={mine}" for name, mine, yours in values if mine != yours]
    if changes:
        raise ScenarioError(
            f"{other.name} runs {theirs.months} months from {theirs.start}, {reference.name} {ours.months} months from "
            f"{ours.start}, so their sums cannot be compared; run {other.name} again with {' '.join(changes)}"
        )
    if not set(number_columns(reference.kpis)) & set(number_columns(other.kpis)):
        raise ScenarioError(f"{other.name} and {reference.name} have no KPI in common; run both again")
    if share_their_luck(reference, other) and not set(reference.kpis["draw"]) & set(other.kpis["draw"]):
        raise ScenarioError(
            f"{other.name} has draws {_range_of(other)} and {reference.name} {_range_of(reference)}: no draw in "
            "common, so none can be paired; run both again with the same draws"
        )


def _range_of(run: RunData) -> str:
    draws = run.kpis["draw"]
    return f"{draws.min():,} to {draws.max():,}"


def _rows(reference: RunData, other: RunData, label: str) -> Iterator[dict[str, Any]]:
    shared = set(number_columns(other.kpis))
    for kpi in number_columns(reference.kpis):
        if kpi in shared:
            name, difference = parse(kpi), difference_between(reference, other, kpi)
            yield {
                "scenario": label,
                "kpi": kpi,
                "unit": name.unit,
                "basis": name.basis,
                "reference_mean": reference.kpis[kpi].mean(),
                "other_mean": other.kpis[kpi].mean(),
                **_described(difference),
                "paired": share_their_luck(reference, other),
                "interval_ratio": difference.interval_ratio,
            }


def _described(difference: Difference) -> dict[str, Any]:
    quantiles = np.quantile(difference.values, [LOW, MIDDLE, HIGH]) if difference.draws else [math.nan] * 3
    return {
        "mean": difference.mean,
        "sd": float(difference.values.std(ddof=1)) if difference.draws > 1 else math.nan,
        **dict(zip(("p5", "p50", "p95"), map(float, quantiles), strict=True)),
        "probability_other_sign": difference.probability_other_sign,
        "mean_low": difference.mean - difference.half_width,
        "mean_high": difference.mean + difference.half_width,
        "share_differing": difference.share_differing,
        "distinguishable": difference.is_distinguishable,
        "draws_needed": difference.draws_needed,
        "draws": difference.draws,
        "verdict": difference.verdict,
    }


def _notes(reference: RunData, other: RunData, label: str) -> Iterator[str]:
    if not share_their_luck(reference, other):
        yield (
            f"{label} (seed {other.seed}) and {reference.name} (seed {reference.seed}) do not share their luck: draws "
            "are not paired, so the intervals are wider than they need be, and the share of draws that differ, the "
            "drivers and the first parting cannot be told; run both with the same seed"
        )
    elif reference.draws != other.draws:
        yield (
            f"{label} has {count_of_draws(other.draws)} and {reference.name} {reference.draws:,}: only those in both "
            f"are compared, {_common(reference, other):,}"
        )
    yield from _notes_on_figures(reference, other, label)
    ours, theirs = (run.manifest.get("versions", {}).get("cloudtrade") for run in (reference, other))
    if ours != theirs:
        yield (
            f"{label} was made by cloudtrade {theirs} and {reference.name} by {ours}: some differences may be the "
            "program's; run both again"
        )


def _notes_on_figures(reference: RunData, other: RunData, label: str) -> Iterator[str]:
    ours, theirs = (set(number_columns(run.kpis)) for run in (reference, other))
    lone = {reference.name: len(ours - theirs), label: len(theirs - ours)}
    if ours != theirs:
        only = " and ".join(f"{count} only in {name}" for name, count in lone.items() if count)
        yield (
            f"{label} and {reference.name} have other markets, vendors or countries, so some figures are not in both "
            f"({only}): the {len(ours & theirs)} of both are compared"
        )


def _common(reference: RunData, other: RunData) -> int:
    return len(set(reference.kpis["draw"]) & set(other.kpis["draw"]))


def _unique_names(results: Sequence[RunData]) -> list[str]:
    """Name each run, numbered where a scenario was run more than once."""
    seen: Counter[str] = Counter()
    names = []
    for result in results:
        seen[result.name] += 1
        names.append(result.name if seen[result.name] == 1 else f"{result.name} ({seen[result.name]})")
    return names


def main_drivers(comparison: Comparison) -> pd.DataFrame:
    """List what decides each of the main KPIs; columns as `Comparison.drivers` has them."""
    return stacked([comparison.drivers(kpi) for kpi in comparison.main_kpis])


def _write(comparison: Comparison, folder: Path) -> None:
    comparison.differences.to_csv(folder / "differences.csv", index=False)
    drivers = main_drivers(comparison)
    drivers.to_csv(folder / "drivers.csv", index=False)
    runs = [comparison.reference, *comparison.others]
    for run, name in zip(runs, _unique_names(runs), strict=True):
        summarise(run.kpis).to_csv(folder / f"summary_{name}.csv", index=False)
    comparison.changed.to_csv(folder / "changed_values.csv", index=False)
    comparison.partings.to_csv(folder / "partings.csv", index=False)
    charts = [drawn(plot, numbers, comparison) for plot, numbers in COMPARISON_CHARTS.items()]
    save_charts(charts, folder / CHARTS)
    manifest = _manifest(comparison)
    comparison_page(comparison, drivers, manifest, charts).write(Place.of(folder))
    (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")


def _identity(run: RunData) -> dict[str, Any]:
    """What a run's manifest says, but for the parts in which its own folder keeps it."""
    return {name: value for name, value in run.manifest.items() if name not in in_manifest(())}


def _manifest(comparison: Comparison) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": COMPARISON,
        "reference": _identity(comparison.reference),
        "others": [_identity(run) for run in comparison.others],
        "notes": list(comparison.notes),
    }
