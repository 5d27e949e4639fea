"""How long it takes from an offer to a data centre, beside what was seen."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from sim.errors import ModelError
from sim.facts import find_fact
from sim.quantities import MONTHS_PER_YEAR
from sim.runs.run_data import RunData
from sim.studies.validation.comparison import (
    MONTHS,
    Check,
    Comparison,
    Estimate,
    Published,
    derived,
    number_of,
    over_draws,
)
from sim.studies.validation.evidence import Evidence

OFFER, START = "event.ftz_cloud_proposal_date", "rule.miit_vats_pilot_start"
APPLE = ("jv.apple_guizhou_build_start", "jv.apple_guizhou_opening")
OPENS, APPLIES, GOES_LIVE = "zone opens", "applies", "goes live"
"""Events of a run."""

COUNTERFACTUAL = (
    "The scenario asks what an early pilot would have done; it forecasts no date. History took until October 2024 "
    "(scenario `today`)."
)
FIRST_LICENCE = (
    "Only draws in which some vendor moves. The time at the licence desk is drawn around the published figure (2 to "
    "12 months), so only the wait before applying is the model's own: vendors apply once it pays. The first licences "
    "of 2025 went to firms of many kinds, not only to the six cloud vendors of the model."
)
BUILD = (
    "Licence and one site, both times being assumptions. Apple's site near Guiyang, the one case on record, is larger "
    "than what an entrant needs (the date of its opening is recalled)."
)

TEXT = "From the events of a run of `guiyang_pilot`, draw by draw. Few figures exist to compare with."


def check(evidence: Evidence) -> Check:
    """Compare waiting times."""
    moves = moves_to_zones(evidence.pilot)
    first = moves.groupby("draw")[["opened", "granted"]].min()
    opening = lag("from offer to start of the pilot", "rule.zone_proposal_to_pilot_lag", OFFER, START)
    licence = lag("from start of the pilot to February 2025", "rule.pilot_start_to_first_licence_lag", START)
    building = lag("from foundation stone to opening", "cost.build_time_apple_guizhou", *APPLE)
    what = "Offer to opening of the zone, as the scenario assumes"
    to_sales = "Application to first sales from a data centre of its own"
    rows = (
        Comparison(what, _over(moves["opened"] - _offer()), opening, COUNTERFACTUAL),
        Comparison("Opening to first licence", _over(first["granted"] - first["opened"]), licence, FIRST_LICENCE),
        Comparison(to_sales, _over(moves["live"] - moves["applied"]), building, BUILD),
    )
    return Check("Waiting times", TEXT, rows)


def lag(formula: str, key: str, *dates: str) -> Published:
    """Give a lag between published dates, months."""
    return derived(number_of(find_fact(key)), MONTHS, f"months {formula}", key, *dates)


def moves_to_zones(result: RunData) -> pd.DataFrame:
    """Moves of vendors into a zone that went live: draw, vendor, and the months of each step, counted from year 0.

    Returns
    -------
    DataFrame
        Columns draw, vendor, opened, applied, granted, live.
    """
    events = result.events.assign(month=_month(result.events["date"]))
    inside = events["detail"].astype(str).str.startswith("zone in ")
    first = events[inside].groupby(["event", "draw", "actor"], observed=True)["month"].min()
    moves = pd.DataFrame({"applied": first[APPLIES], "live": first[GOES_LIVE]}).dropna()
    moves = moves.rename_axis(["draw", "vendor"]).reset_index()
    opened = events[events["event"] == OPENS].groupby("draw")["month"].min()
    granted = moves["live"] - result.scenario.presence.zone.build_months
    return moves.assign(opened=moves["draw"].map(opened), granted=granted)


def _offer() -> int:
    """Month of the offer of 2019, counted from year 0."""
    date = dt.date.fromisoformat(str(find_fact(OFFER).value))
    return date.year * MONTHS_PER_YEAR + date.month


def _month(dates: pd.Series) -> pd.Series:
    """Months counted from year 0."""
    return dates.dt.year * MONTHS_PER_YEAR + dates.dt.month


def _over(months: pd.Series) -> Estimate:
    if months.empty:
        raise ModelError("no vendor moves into the zone in any draw; waiting times need more draws")
    return over_draws(months.to_numpy(dtype="float64"))
