"""Runs a reference with subsets of the instruments of a package, and shares the difference out among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.kpis import MAY_BE_MISSING
from sim.quantities import BoolArray, FloatArray
from sim.report.captions import settings_in_words
from sim.report.kpi_names import NAME_UNIT, parse
from sim.report.statistics import HIGH, LOW, student_quantile
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.studies.instruments import DRAWS, PAIRS
from sim.studies.instruments.effect_channels import WHOLE, Channel, channels_of
from sim.studies.instruments.instrument_list import Instrument, exchange_of
from sim.studies.instruments.shapley import of_all_subsets, of_orders, orders_of, subsets_along
from sim.studies.one_run.draw_figures import draw_figures, in_common
from sim.studies.one_run.main_kpis import answer_kpis

MOST_EXACT = 6
"""Instruments of which all subsets are run; of more, some orders are."""
ROUNDING = 1e-9
"""Differences below this, in the unit of their figure, are rounding, and said to be 0."""
ALL_TOGETHER = "all"
"""Instrument that stands for the package as a whole."""
_COLUMNS = (
    "kpi", "instrument", "title", "parts", "channel", "unit", "mean", "mean_low", "mean_high", "error", "p5", "p95",
    "alone", "last", "draws",
)  # fmt: skip


@dataclass(frozen=True)
class Shared:
    """The difference of one figure, or of one channel of it, shared out among instruments.

    Attributes
    ----------
    kpi, channel
        The figure, and the title of its channel; `all` of the figure itself.
    parts
        [instrument, draw] the part of each.
    order_error
        [instrument] standard error of the mean that comes of orders left out.
    alone, last
        [instrument, draw] what each brings to the reference without others, and what it brings when it comes last.
    total
        [draw] the difference.
    """

    kpi: str
    channel: str
    parts: FloatArray
    order_error: FloatArray
    alone: FloatArray
    last: FloatArray
    total: FloatArray

    @property
    def moved(self) -> BoolArray:
        """Which instruments move it in any draw, be it alone or with all others, [instrument]."""
        return np.asarray((np.abs([self.parts, self.alone, self.last]) > ROUNDING).any(axis=(0, 2)))

    @property
    def leader(self) -> tuple[int, bool]:
        """Instrument with the largest mean part, and whether it can be told from the next one (level 5 %)."""
        means = self.parts.mean(axis=1)
        first, *others = np.argsort(-np.abs(means), kind="stable")
        if not others:
            return int(first), True
        lead = np.sign(means[first]) * self.parts[first] - np.sign(means[others[0]]) * self.parts[others[0]]
        mean, error = _mean_and_error(lead, np.hypot(*self.order_error[[first, others[0]]]))
        return int(first), bool(mean > student_quantile(HIGH, lead.size - 1) * error)


@dataclass(frozen=True, repr=False)
class InstrumentLedger:
    """What each instrument of a package brings, and through whom.

    Attributes
    ----------
    reference, package
        The scenarios.
    seed
        Seed of the runs.
    draws
        Numbers of the draws that could be computed in all runs.
    instruments
        What the scenarios differ in.
    shared
        Each figure, followed by its channels.
    runs
        How many subsets of instruments were run.
    is_exact
        Whether these are all subsets.
    """

    reference: Scenario
    package: Scenario
    seed: int
    draws: tuple[int, ...]
    instruments: tuple[Instrument, ...]
    shared: tuple[Shared, ...]
    runs: int
    is_exact: bool

    def __repr__(self) -> str:
        pair = f"{self.package.name} against {self.reference.name}"
        count = f"{len(self.instruments)} instruments" if len(self.instruments) > 1 else "1 instrument"
        return f"InstrumentLedger({pair}: {count}, {settings_in_words(len(self.draws), self.seed)})"

    @property
    def kpis(self) -> list[str]:
        """Names of the figures."""
        return [held.kpi for held in self.shared if held.channel == WHOLE]

    @property
    def idle(self) -> list[Instrument]:
        """Instruments that change nothing in any figure in any draw, neither alone nor with all others."""
        moved = np.any([held.moved for held in self.shared], axis=0)
        return [one for one, does in zip(self.instruments, moved, strict=True) if not does]

    def table(self) -> pd.DataFrame:
        """Say what each instrument brings, figure by figure.

        Returns
        -------
        DataFrame
            One row per figure, instrument and channel, the largest part of the figure first and all instruments
            together last: kpi, instrument (dotted path of its first part), title, parts (all of them), channel (`all`
            is the figure), unit, mean (Shapley value), mean_low, mean_high (90 % interval of the mean), error
            (standard error of the mean), p5, p95 (of the draws), alone (mean of what it brings to the reference by
            itself), last (mean of what it adds to all others), draws.
        """
        rows = [row for kpi in self.kpis for row in self._rows(kpi)]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def of(self, kpi: str) -> list[Shared]:
        """Give a figure and its channels."""
        return [held for held in self.shared if held.kpi == kpi]

    def _rows(self, kpi: str) -> Iterable[tuple[Any, ...]]:
        whole, *channels = self.of(kpi)
        for k in np.argsort(-np.abs(whole.parts.mean(axis=1)), kind="stable"):
            one = self.instruments[k]
            for held in (whole, *channels):
                numbers = _spread(held.parts[k], held.order_error[k])
                names = one.name, one.title, one.in_full
                yield self._row(held, names, (*numbers, _mean(held.alone[k]), _mean(held.last[k])))
        for held in (whole, *channels):
            names = ALL_TOGETHER, "all together", ""
            yield self._row(held, names, (*_spread(held.total, 0.0), _mean(held.total), _mean(held.total)))

    def _row(self, held: Shared, names: tuple[str, str, str], numbers: tuple[float, ...]) -> tuple[Any, ...]:
        return (held.kpi, *names, held.channel, parse(held.kpi).unit, *numbers, len(self.draws))


def _mean(differences: FloatArray) -> float:
    return float(without_rounding(differences).mean())


def without_rounding(differences: FloatArray) -> FloatArray:
    """Take what is rounding for nothing."""
    return np.where(np.abs(differences) > ROUNDING, differences, 0.0)


def _mean_and_error(parts: FloatArray, order_error: float) -> tuple[float, float]:
    return float(parts.mean()), float(np.hypot(parts.std(ddof=1) / np.sqrt(parts.size), order_error))


def _spread(parts: FloatArray, order_error: float) -> tuple[float, ...]:
    """Mean with its 90 % interval, its standard error, and the range of draws."""
    parts = without_rounding(parts)
    mean, error = _mean_and_error(parts, order_error)
    half = student_quantile(HIGH, parts.size - 1) * error
    low, high = np.quantile(parts, (LOW, HIGH))
    return mean, mean - half, mean + half, error, float(low), float(high)


def ledger_of(
    reference: Scenario | str | Path,
    package: Scenario | str | Path,
    kpi: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    pairs: int = PAIRS,
    **making: Unpack[Making],
) -> InstrumentLedger:
    """Share the difference between two scenarios out among the instruments in which they differ.

    Parameters
    ----------
    reference, package
        Scenarios, or their names or files.
    kpi
        The figure; profit of the visitor's vendors, surplus, partners' income and welfare of both countries if None.
    draws
        Draws of each run.
    seed
        As in `sim.run`.
    pairs
        Pairs of orders in which instruments come, where there are more than six of them.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If a scenario is not valid, they do not differ, or there is no such figure in numbers.
    """
    check_draws(draws, seed, 2, "for an interval")
    if pairs < 2:  # noqa: PLR2004
        raise ScenarioError(f"--pairs {pairs}: expected two at least, for an error")
    before, after = given(reference), given(package)
    if kpi is not None and (MAY_BE_MISSING in kpi or kpi.endswith(f"_{NAME_UNIT}")):
        raise ScenarioError(f"{kpi}: is not a number in every draw, so differences in it cannot be divided")
    wanted = answer_kpis(after) if kpi is None else [kpi]
    draw_figures(Batch(before, range(1), seed), wanted[0])  # an unknown figure is refused before all is run
    exchange = exchange_of(before, after, partial(_subsets, pairs=pairs))
    channels = {name: channels_of(name, before, after) for name in wanted}
    also = [*wanted, *(held.kpi for name in wanted for held in channels[name])]
    subsets = sorted(_subsets(len(exchange.instruments), pairs))
    reduction = partial(draw_figures, kpi=wanted[0], also=also)
    jobs = [Job(exchange.with_subset(subset), range(draws), seed, reduction) for subset in subsets]
    made = in_common(study_runs(jobs, "subsets of instruments", **making))
    tables = dict(zip(subsets, made, strict=True))
    shared = [
        held
        for name in wanted if all(name in table for table in made)
        for channel in (Channel(WHOLE, name), *channels[name])
        if (held := _shared(name, channel, tables, pairs)).moved.any() or channel.title == WHOLE
    ]  # fmt: skip
    return InstrumentLedger(
        before, after, seed, tuple(made[0].index.tolist()), exchange.instruments, tuple(shared), len(subsets),
        _are_few(len(exchange.instruments)),
    )  # fmt: skip


def _are_few(count: int) -> bool:
    """Whether so many instruments are divided by all subsets."""
    return count <= MOST_EXACT


def _subsets(count: int, pairs: int) -> set[int]:
    """Choose the subsets to run: all, or those of some orders, each instrument alone and each left out."""
    if _are_few(count):
        return set(range(1 << count))
    everything = (1 << count) - 1
    ends = {subset for k in range(count) for subset in (1 << k, everything & ~(1 << k))}
    return ends.union(*map(subsets_along, orders_of(count, pairs)))


def _shared(kpi: str, channel: Channel, tables: Mapping[int, pd.DataFrame], pairs: int) -> Shared:
    """Share one figure out; a vendor or partner that a run does not have earns nothing in it."""
    values = {
        subset: channel.sign * (table[channel.kpi].to_numpy() if channel.kpi in table else np.zeros(len(table)))
        for subset, table in tables.items()
    }
    everything = max(values)
    count = everything.bit_length()
    few = _are_few(count)
    found = of_all_subsets(np.stack([values[s] for s in range(len(values))])) if few else of_orders(
        orders_of(count, pairs), values
    )  # fmt: skip
    return Shared(
        kpi,
        channel.title,
        found.parts,
        found.order_error,
        np.stack([values[1 << k] - values[0] for k in range(count)]),
        np.stack([values[everything] - values[everything & ~(1 << k)] for k in range(count)]),
        values[everything] - values[0],
    )
