"""What it is worth to a vendor to go at the best moment, and what going sooner or later gives away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.channels import reviewed_pairs
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray
from sim.report.captions import count_of_draws, settings_in_words
from sim.report.kpi_names import check_known
from sim.report.statistics import HIGH, LOW, MIDDLE
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.describing import title_of
from sim.scenario.loading import changed, given
from sim.scenario.schema import Scenario
from sim.studies.options import DRAWS, LEAST_DRAWS
from sim.studies.options.best_moment import NOT_AT_ALL, value_of
from sim.studies.options.going_rules import BEST, Outcome, Prospects, outcomes
from sim.studies.options.reckoned_entry import Noted, note_batch

BATCH = 128
ANY = "any change"
"""Stands for all options: the vendor takes the one that gains most."""
OWN, SAME = "as the vendor reckons", "the same years"
"""How a change is counted: over the vendor's horizon from the day on which it is live, or until the same day whenever
it comes."""


@dataclass(frozen=True, repr=False)
class EntryOption:
    """What changes of how a vendor sells in a market bring, by the rule by which it goes.

    Attributes
    ----------
    scenario, vendor, market, seed
        Whose option it is.
    draws
        Numbers of the draws that could be computed.
    dates
        First days of the months in which some draw reviews.
    options
        Changes that are allowed at some review in some draw, in words.
    changes
        One row per draw, review and change: draw, date, option (in words), npv_bn, same_years_bn, sunk_bn.
    found
        What each rule brings, by how changes are counted and by option, any of them first.
    """

    scenario: Scenario
    vendor: str
    market: str
    seed: int
    draws: tuple[int, ...]
    dates: tuple[str, ...]
    options: tuple[str, ...]
    changes: pd.DataFrame
    found: dict[tuple[str, str], tuple[Outcome, ...]]

    def __repr__(self) -> str:
        settings = settings_in_words(len(self.draws), self.seed)
        return f"EntryOption({self.scenario.name}: {self.vendor} in {self.market}, {settings})"

    @property
    def whole(self) -> str:
        """What stands for all options together: the only one where there is one."""
        return ANY if len(self.options) > 1 else self.options[0]

    def table(self) -> pd.DataFrame:
        """Say what each rule brings.

        Returns
        -------
        DataFrame
            One row per way of counting, option and rule: counted, option, rule, unit (of the values), value,
            value_error (present value at the start of the run, mean over draws, standard error), lost, lost_error (the
            same of what the best moment brings more), goes (share of draws), date_p5, date_p50, date_p95 (of those that
            go), hurdle (mean, share of the cost of setting up), draws.
        """
        rows = []
        for (counted, option), of_rules in self.found.items():
            best = next(held.paid for held in of_rules if held.rule == BEST)
            for rule, goes, paid, hurdle in of_rules:
                some = goes[goes != NOT_AT_ALL]
                places = np.quantile(some, (LOW, MIDDLE, HIGH), method="lower") if len(some) else ()
                dates = [self.dates[int(place)] for place in places] or [""] * 3
                rows.append((
                    counted, option, rule, "bn", *value_of(paid), *value_of(best - paid), len(some) / len(paid), *dates,
                    hurdle, len(paid),
                ))  # fmt: skip
        columns = [
            "counted", "option", "rule", "unit", "value", "value_error", "lost", "lost_error", "goes", "date_p5",
            "date_p50", "date_p95", "hurdle", "draws",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)


def entry_option(
    scenario: Scenario | str | Path,
    vendor: str,
    market: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    **making: Unpack[Making],
) -> EntryOption:
    """Run a scenario in which one vendor never moves, and see when it should have.

    Parameters
    ----------
    scenario
        A scenario, or its name or file.
    vendor
        A vendor that reviews how it sells. It counts as willing in every draw.
    market
        A market in which it does; may be left out where there is only one.
    draws, seed
        As in `sim.run`.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If the scenario is not valid, the vendor reviews nothing there, there are too few draws, or no change is ever
        allowed.
    """
    check_draws(draws, seed, LEAST_DRAWS, "since one half says when to go and the other what that brings")
    whole = given(scenario)
    v, m = _pair(whole, vendor, market)
    place = list(whole.markets)[m]
    still = changed(whole, {f"vendors.{vendor}.willing": 0})
    job = Job(still, range(draws), seed, partial(note_batch, v=v, m=m), batch=BATCH)
    [batches] = study_runs([job], whole.name, **making)
    noted = [held for held in batches if held is not None]
    if sum(len(held.draws) for held in noted) < LEAST_DRAWS:
        raise ScenarioError(f"{whole.name}: fewer than {LEAST_DRAWS} draws can be computed; give more --draws")
    return _studied(whole, vendor, place, seed, noted)


def _pair(scenario: Scenario, vendor: str, market: str | None) -> tuple[int, int]:
    """Find a vendor and the market in which it reviews how it sells."""
    names, markets, pairs = list(scenario.vendors), list(scenario.markets), reviewed_pairs(scenario)
    check_known(vendor, names, "vendor of this scenario")
    where = [markets[m] for v, m in pairs if names[v] == vendor]
    if not where:
        others = ", ".join(dict.fromkeys(names[v] for v, _ in pairs)) or "nobody"
        raise ScenarioError(
            f"{vendor} reviews no market (vendors.{vendor}.reviews), so it has no option; those that do: {others}"
        )
    if market is None and len(where) > 1:
        raise ScenarioError(f"{vendor} reviews how it sells in {', '.join(where)}; say which with --market")
    chosen = where[0] if market is None else market
    check_known(chosen, where, f"market in which {vendor} reviews how it sells")
    return names.index(vendor), markets.index(chosen)


def _studied(scenario: Scenario, vendor: str, market: str, seed: int, noted: list[Noted]) -> EntryOption:
    changes = pd.concat([held.changes for held in noted], ignore_index=True)
    of_draws = pd.concat([held.draws for held in noted]).sort_values("draw", ignore_index=True)
    if changes.empty:
        raise ScenarioError(
            f"No answer, because in {scenario.name} no way of selling is ever open to "
            f"{title_of(scenario, 'vendors', vendor)} in {title_of(scenario, 'markets', market)} beside those that it "
            f"has, at any review in {count_of_draws(len(of_draws))}"
        )
    reviews = pd.concat([held.reviews for held in noted], ignore_index=True)
    months, allowed = np.unique(reviews["month"]), np.unique(changes["option"])
    options = tuple(noted[0].titles[k] for k in allowed)
    cube = _Cube(months, of_draws["draw"].to_numpy())
    changes = changes.assign(option=np.searchsorted(allowed, changes["option"])).sort_values(
        ["draw", "month", "option"], ignore_index=True
    )
    discount = np.exp(-np.outer(months / MONTHS_PER_YEAR, of_draws["discount"]))
    own, same, sunk = (
        cube.of_options(changes, name, len(options), missing)
        for name, missing in (("npv_bn", -np.inf), ("same_years_bn", -np.inf), ("sunk_bn", 0.0))
    )
    growth, size, years = (cube.of_reviews(reviews, name) for name in ("growth", "log_size", "years"))
    hurdle = of_draws["hurdle"].to_numpy()
    counted = {
        OWN: Prospects(own, own, sunk, hurdle, discount, np.stack([growth, size], axis=1)),
        SAME: Prospects(own, same, sunk, hurdle, discount, np.stack([growth, size, years], axis=1)),
    }
    found = {
        (name, option): tuple(outcomes(held))
        for name, prospects in counted.items()
        for option, held in _by_option(prospects, options)
    }
    dates = [scenario.calendar.date_of(int(month)).isoformat() for month in months]
    shown = changes.assign(
        date=np.array(dates)[np.searchsorted(months, changes["month"])], option=np.array(options)[changes["option"]]
    )[["draw", "date", "option", "npv_bn", "same_years_bn", "sunk_bn"]]
    return EntryOption(
        scenario, vendor, market, seed, tuple(of_draws["draw"].tolist()), tuple(dates), options, shown, found
    )


def _by_option(prospects: Prospects, options: tuple[str, ...]) -> Iterator[tuple[str, Prospects]]:
    """Give all options together, then each one where there are several."""
    if len(options) > 1:
        yield ANY, prospects
    for k, option in enumerate(options):
        yield option, prospects.only(k)


@dataclass(frozen=True)
class _Cube:
    """Puts rows into arrays whose first axis is dates and whose last is draws.

    Attributes
    ----------
    months, draws
        What stands along the two axes, rising.
    """

    months: IntArray
    draws: IntArray

    def of_options(self, rows: pd.DataFrame, name: str, options: int, missing: float) -> FloatArray:
        """Values of a column, [date, option, draw]."""
        found = np.full((len(self.months), options, len(self.draws)), missing)
        date, draw = self._places(rows)
        found[date, rows["option"], draw] = rows[name]
        return found

    def of_reviews(self, rows: pd.DataFrame, name: str) -> FloatArray:
        """Values of a column, [date, draw]; 0 where there is no review."""
        found = np.zeros((len(self.months), len(self.draws)))
        found[self._places(rows)] = rows[name]
        return found

    def _places(self, rows: pd.DataFrame) -> tuple[IntArray, IntArray]:
        return np.searchsorted(self.months, rows["month"]), np.searchsorted(self.draws, rows["draw"])
