"""Who gains and who loses how much against a reference, and how sure that is: one row per run and party."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.quantities import MONTHS_PER_YEAR
from sim.report.kept_table import Kept
from sim.studies.one_run.parties import Party, parties_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

COLUMNS = (
    "scenario", "party", "what", "kpi", "block", "sign", "whole", "reference_bn", "gain_bn", "gain_low_bn",
    "gain_high_bn", "yearly_bn", "yearly_p5_bn", "yearly_p95_bn", "share_of_reference", "told", "share_gaining",
    "share_losing", "share_differing", "rank", "since", "until", "present_value_bn", "present_value_told",
    "draws_needed", "draws",
)  # fmt: skip
UNRANKED = 0
"""Rank of what is not ranked."""


def gains(scenario: Scenario, differences: pd.DataFrame) -> pd.DataFrame:
    """Say who gains and loses how much.

    Parameters
    ----------
    scenario
        The reference: its parties, length and years to the end of which sums are given.
    differences
        One row per other run and figure, as `Comparison.differences` has them.

    Returns
    -------
    DataFrame
        One row per other run and party of which both runs have a figure, losses of a party counted below zero:
        scenario, party, what, kpi, block, sign, whole (whether it is a country with all its parties), reference_bn
        (sum over the years that count), gain_bn, gain_low_bn, gain_high_bn (mean of the sum's difference and its 90 %
        interval), yearly_bn (per year of those that count), yearly_p5_bn, yearly_p95_bn (5 and 95 % of the draws),
        share_of_reference (gain as a share of it; missing where that is not above zero, or is nothing that somebody
        has), told (whether the mean can be told from zero), share_gaining, share_losing, share_differing (of draws),
        rank (place by size among the parties of a run that are told from zero and no whole country; 0 of others),
        since, until (first and last of the years that count: `counted_from`), present_value_bn, present_value_told
        (whether that can be told from zero), draws_needed, draws.
    """
    held = Kept("differences", differences.reset_index(drop=True))
    since = counted_from(scenario, differences)
    rows = [row for name in differences["scenario"].unique() for row in _of_run(held, scenario, name, since)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def counted_from(scenario: Scenario, differences: pd.DataFrame) -> int:
    """Year with which the years begin that count: those before it are the same in all runs and draws.

    It is the first year of the run, or the year after one to the end of which the scenario gives sums (`sums_to`), if
    neither these nor any earlier ones differ.
    """
    sums = differences["share_differing"].groupby(differences["basis"])
    same = {str(basis) for basis, shares in sums if (shares == 0.0).all()}
    first = scenario.start.year
    return 1 + max(takewhile(lambda year: f"to{year}" in same, horizons(scenario, first)), default=first - 1)


def horizons(scenario: Scenario, since: int = 0) -> list[int]:
    """Years to the end of which the scenario gives sums, `since` or later, before that in which the run ends."""
    return [year for year in sorted(scenario.focus.sums_to) if since <= year < last_year(scenario)]


def last_year(scenario: Scenario) -> int:
    """Year in which the run ends."""
    return scenario.calendar.date_of(scenario.months - 1).year


def _of_run(held: Kept, scenario: Scenario, name: str, since: int) -> Iterator[dict[str, Any]]:
    known = [party for party in parties_of(scenario) if held.rows(scenario=name, kpi=party.kpi())]
    rows = [_row(held, party, scenario, name, since) for party in known]
    ranked = sorted((row for row in rows if row["told"] and not row["whole"]), key=lambda row: -abs(row["gain_bn"]))
    for rank, row in enumerate(ranked, start=1):
        row["rank"] = rank
    yield from rows


def _row(held: Kept, party: Party, scenario: Scenario, name: str, since: int) -> dict[str, Any]:
    (row,) = held.rows(scenario=name, kpi=party.kpi())
    present, earlier = (held.rows(scenario=name, kpi=party.kpi(basis)) for basis in ("pv", f"to{since - 1}"))
    first, sign = max(scenario.calendar.month_of(dt.date(since, 1, 1)), 0), party.sign
    years = (scenario.months - first) / MONTHS_PER_YEAR

    def gain(place: int, column: str) -> float:
        return sign * float(held.value(place, column)) + 0.0

    low, high = sorted(gain(row, column) for column in ("mean_low", "mean_high"))
    p5, p95 = sorted(gain(row, column) for column in ("p5", "p95"))
    mean = gain(row, "mean")
    before = held.value(row, "reference_mean") - sum(held.value(sum_to, "reference_mean") for sum_to in earlier)
    differing, above = held.value(row, "share_differing"), held.value(row, "share_above")
    gaining, losing = (above, differing - above)[::sign]
    return {
        "scenario": name, "party": party.title, "what": party.what, "kpi": party.kpi(), "block": party.block,
        "sign": sign, "whole": party.whole, "reference_bn": before, "gain_bn": mean, "gain_low_bn": low,
        "gain_high_bn": high, "yearly_bn": mean / years, "yearly_p5_bn": p5 / years, "yearly_p95_bn": p95 / years,
        "share_of_reference": mean / before if before > 0.0 and sign > 0 and party.has_size else math.nan,
        "told": bool(held.value(row, "distinguishable")), "share_gaining": gaining, "share_losing": losing,
        "share_differing": differing, "rank": UNRANKED, "since": since, "until": last_year(scenario),
        "present_value_bn": gain(present[0], "mean") if present else math.nan,
        "present_value_told": bool(present) and bool(held.value(present[0], "distinguishable")),
        "draws_needed": held.value(row, "draws_needed"), "draws": int(held.value(row, "draws")),
    }  # fmt: skip
