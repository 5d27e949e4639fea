"""Runs set against a reference, draw by draw where their draws share the same luck, as data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.report.captions import count_of_draws
from sim.report.kpi_names import check_known, parse
from sim.report.statistics import HIGH, LOW, MIDDLE, number_columns
from sim.runs.run_data import RunData
from sim.runs.run_names import labels
from sim.studies.compare.changed_values import changed_values
from sim.studies.compare.difference_drivers import drivers_by_run
from sim.studies.compare.differences import Difference, differences_between, share_their_luck
from sim.studies.compare.gains import gains, horizons
from sim.studies.compare.over_time import entries, moves, paybacks
from sim.studies.compare.partings import partings
from sim.studies.one_run.drivers import Inputs, stacked
from sim.studies.one_run.main_kpis import headline_kpis, main_kpis
from sim.studies.one_run.parties import parties_of
from sim.studies.worth.worth_study import Worth, figure_of, worth_of_runs

_DOZEN = 12
LEAST_OF_WORTH = 4
"""Draws from which on halves of them can be set against each other."""


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
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
        share_above (of the draws in which the difference is above zero), mean_if_differing (mean of the draws that
        differ; times their share it is the mean),
        distinguishable (whether that interval leaves zero out, and enough draws differ to trust it), draws_needed
        (about how many would do), draws (compared), verdict (that in words), paired, interval_ratio (width of the
        interval of the mean as a share of that of unpaired runs of the same size: what the shared draws save).
    notes
        What a reader should know about the comparison, such as draws that could not be paired.
    changed
        The values of the model in which the other scenarios differ: scenario, path, title, reference, other, source,
        effect (what trying the value has shown), tried_as (the smallest part that could be changed alone).
    groups, switching
        Tables of `sim.why` for other runs of which they are at hand (`sim.studies.compare.kept_why`), with the columns
        scenario and kpi before the others; empty for all else.
    """

    reference: RunData
    others: tuple[RunData, ...]
    differences: pd.DataFrame
    notes: tuple[str, ...] = ()
    changed: pd.DataFrame = field(default_factory=pd.DataFrame)
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    switching: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def partings(self) -> pd.DataFrame:
        """Where each other run parts from the reference: first event and first figure that differ, one row per run.

        Columns: scenario, event_date (month), actor, event, detail, only_in, event_draws, more_events, draws,
        figure_date (quarter), table, column, member, figure_draws, path_draws, note. Events are those of all common
        draws, figures those of common draws of which both runs kept full paths. Read when first asked for.
        """
        return partings(self.reference, self.by_label)

    @cached_property
    def entries(self) -> pd.DataFrame:
        """Who comes, in what share of draws and when (`sim.studies.compare.over_time.entries`)."""
        return entries(self.reference, self.by_label)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Which vendors come or change how they sell, and when (`sim.studies.compare.over_time.moves`)."""
        return moves(self.reference, self.by_label)

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Who gains and loses how much, and how sure that is (`sim.studies.compare.gains.gains`)."""
        return gains(self.reference.scenario, self.differences)

    @cached_property
    def inputs(self) -> dict[str, Inputs]:
        """What each other run and the reference drew, by the name of the other run."""
        return {name: Inputs.of(run, self.reference) for name, run in self.by_label.items()}

    @cached_property
    def decided(self) -> pd.DataFrame:
        """What decides the main differences and the largest gain or loss of each run, as `drivers_between` says it."""
        largest = self.gains["kpi"][self.gains["rank"] == 1]
        return stacked([drivers_between(self, kpi) for kpi in dict.fromkeys([*self.main_kpis, *largest])])

    @cached_property
    def worths(self) -> dict[str, Worth]:
        """What the choice between all these runs is worth to each country, by the figure of its welfare.

        Empty where the runs do not share their luck, or have too few draws; without countries for which all runs are
        the same.
        """
        runs = {self.reference.name: self.reference, **self.by_label}
        if not all(share_their_luck(self.reference, run) for run in self.others):
            return {}
        found, scenario = self.differences, self.reference.scenario
        differing = set(found["kpi"][(found["share_differing"] > 0.0) & (found["draws"] >= LEAST_OF_WORTH)])
        figures = (figure_of(scenario, country) for country in scenario.countries)
        return {figure: worth_of_runs(runs, figure) for figure in figures if figure in differing}

    @cached_property
    def regret(self) -> pd.DataFrame:
        """How much each country regrets each run: `Worth.regret` with the column kpi before it."""
        return _by_figure({figure: held.regret() for figure, held in self.worths.items()})

    @cached_property
    def information(self) -> pd.DataFrame:
        """What it would be worth to each country to know something first: `Worth.information` of groups, after kpi."""
        return _by_figure({figure: held.information(numbers=False) for figure, held in self.worths.items()})

    @cached_property
    def paybacks(self) -> pd.DataFrame:
        """In which year profits have paid back what moves cost (`sim.studies.compare.over_time.paybacks`)."""
        return paybacks(self.reference, self.by_label)

    @property
    def labels(self) -> list[str]:
        """Names of the other runs as `differences` has them in its column `scenario`."""
        return list(self.differences["scenario"].unique())

    @property
    def kpis(self) -> list[str]:
        """Names of the KPIs that all runs have."""
        return [str(kpi) for kpi in self.differences["kpi"].unique()]

    @property
    def main_kpis(self) -> list[str]:
        """The dozen KPIs that answer who gains, as far as all runs have them; the first ones otherwise."""
        held = set(self.kpis)
        wanted = dict.fromkeys(kpi for run in (self.reference, *self.others) for kpi in main_kpis(run))
        return [kpi for kpi in wanted if kpi in held] or self.kpis[:_DOZEN]

    @property
    def headline_kpis(self) -> list[str]:
        """The KPIs of which one asks first what decides them, as far as all runs have them; else the first main one."""
        held = set(self.kpis)
        return [kpi for kpi in headline_kpis(self.reference.scenario) if kpi in held] or self.main_kpis[:1]

    @property
    def by_label(self) -> dict[str, RunData]:
        """The other runs by the name that they have in `differences`."""
        return dict(zip(self.labels, self.others, strict=True))


def compared_runs(results: Sequence[RunData]) -> ComparedRuns:
    """Set runs against the first of them; errors are those of `sim.compare`."""
    if len(results) < 2:  # noqa: PLR2004
        raise ScenarioError(f"a comparison needs a reference and at least one other result, found {len(results)}")
    reference, *others = results
    for other in others:
        _check_comparable(reference, other)
    labelled = list(zip(others, labels(results)[1:], strict=True))
    rows = [row for other, label in labelled for row in _rows(reference, other, label, _shared(reference, other))]
    lacking = [f"{run.lacking} makes it again" for run in (reference, *others) if run.lacking]
    notes = (*lacking, *(note for other, label in labelled for note in _notes(reference, other, label)))
    changed = changed_values(reference, {label: other for other, label in labelled})
    return ComparedRuns(reference, tuple(others), pd.DataFrame(rows), notes, changed)


def _by_figure(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    for figure, table in tables.items():
        table.insert(0, "kpi", figure)
    return stacked(list(tables.values())) if tables else pd.DataFrame()


def drivers_between(compared: ComparedRuns, kpi: str, other: str | None = None) -> pd.DataFrame:
    """Rank the uncertain numbers by how strongly the difference in a KPI goes with them; see `Comparison.drivers`.

    Parameters
    ----------
    compared
        Runs against a reference.
    kpi
        Name of a KPI that all runs have.
    other
        Name of one of the other runs; all of them if None.
    """
    check_known(kpi, compared.kpis, "KPI of all these results")
    if other is not None:
        check_known(other, compared.labels, f"run compared with {compared.reference.name}")
    runs = {name: run for name, run in compared.by_label.items() if other in {None, name}}
    return drivers_by_run(compared.reference, runs, kpi, compared.inputs)


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


def differences_of_parties(reference: RunData, other: RunData, name: str) -> pd.DataFrame:
    """Give of one run alone, called `name`, what `gains` needs: rows of `ComparedRuns.differences`."""
    bases = ("cum", "pv", *(f"to{year}" for year in horizons(reference.scenario)))
    wanted = {party.kpi(basis) for party in parties_of(reference.scenario) for basis in bases}
    kpis = [kpi for kpi in _shared(reference, other) if kpi in wanted]
    return pd.DataFrame(_rows(reference, other, name, kpis))


def _shared(reference: RunData, other: RunData) -> list[str]:
    """Name the figures that both runs have."""
    theirs = set(number_columns(other.kpis))
    return [kpi for kpi in number_columns(reference.kpis) if kpi in theirs]


def _rows(reference: RunData, other: RunData, label: str, kpis: list[str]) -> Iterator[dict[str, Any]]:
    means = (run.kpis[kpis].mean().tolist() for run in (reference, other))
    for kpi, difference, ours, theirs in zip(kpis, differences_between(reference, other, kpis), *means, strict=True):
        name = parse(kpi)
        yield {
            "scenario": label,
            "kpi": kpi,
            "unit": name.unit,
            "basis": name.basis,
            "reference_mean": ours,
            "other_mean": theirs,
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
        "share_above": difference.share_above,
        "mean_if_differing": difference.mean_if_differing,
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
