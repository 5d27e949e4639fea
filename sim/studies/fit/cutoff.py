"""Cut-offs as people write them: the last month that is known, `2021-12`."""

from __future__ import annotations

import datetime as dt

from sim.errors import ScenarioError
from sim.facts import month_ended
from sim.scenario.loading import load_with_places
from sim.studies.fit.fit_settings import Settings

_OPTION = "--cutoff"


def first_day_after(month: str, settings: Settings) -> dt.date:
    """Read a cut-off and give the first day after it.

    Parameters
    ----------
    month
        Last month that is known, `2021-12`.
    settings
        Which history is replayed; its base date needs sizes of markets, which must have been known.

    Raises
    ------
    ScenarioError
        If this is no month, an earlier one, or one later than any fit may know.
    """
    cutoff, first = month_ended(month.strip()), _first_possible(settings)
    if cutoff is None:
        raise ScenarioError(f"{_OPTION} {month}: no month, expected one such as 2021-12")
    if cutoff < first:
        raise ScenarioError(
            f"{_OPTION} {month}: before the sizes of markets at the base date of {settings.history} were known; "
            f"expected {last_month(first)} or a later month"
        )
    if cutoff > settings.last_cutoff:
        raise ScenarioError(
            f"{_OPTION} {month}: later figures judge forecasts, and nothing is fitted to them; expected "
            f"{last_month(settings.last_cutoff)} or an earlier month"
        )
    return cutoff


def _first_possible(settings: Settings) -> dt.date:
    """Give the first day after the year whose market sizes are the first that history has."""
    history = load_with_places(settings.history, priors=True).scenario
    held = [history.world_total_bn, *(market.total_bn for market in history.markets.values())]
    first = [sizes.steps[0][0] for sizes in held if sizes is not None]
    return max([history.start, *(dt.date(date.year + 1, 1, 1) for date in first if date is not None)])


def last_month(cutoff: dt.date) -> str:
    """Write a cut-off, given as the first day after it, as its last month: `2021-12`."""
    return f"{cutoff - dt.timedelta(days=1):%Y-%m}"
