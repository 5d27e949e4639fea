"""Where the market goes by itself: paths of spending, and the price index with nothing but trends (section 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.quantities import MONTHS_PER_YEAR, FloatArray


def interpolated_path(observed: Sequence[tuple[int, FloatArray]], months: int) -> FloatArray:
    """Path of a market's size through its observations, straight in logs (equation 3.6).

    Parameters
    ----------
    observed
        Pairs of month number and [draw] size, in order; the first month is 0 or before.
    months
        Length of the path; it holds the last observation from there on.

    Returns
    -------
    [month, draw] size.
    """
    known = [month for month, _ in observed]
    logs = np.log(np.stack([size for _, size in observed]))
    path = np.empty((months, logs.shape[1]))
    for month in range(months):
        after = int(np.searchsorted(known, month, side="right"))
        if after == len(known):
            path[month] = logs[-1]
            continue
        begin, end = known[after - 1], known[after]
        weight = (month - begin) / (end - begin)
        path[month] = logs[after - 1] * (1.0 - weight) + logs[after] * weight
    return np.exp(path)


def continued_log_growth(
    years: FloatArray, first: FloatArray, lasting: FloatArray, half_life: FloatArray
) -> FloatArray:
    """Log growth since the last observation when the growth rate decays to a lasting one (equation 3.7).

    lasting * t + (first - lasting) * (1 - exp(-k t)) / k,    k = ln 2 / half-life

    Parameters
    ----------
    years
        [month, 1] years since the last observation, 0 before it.
    first, lasting
        [draw] growth rates, log share per year.
    half_life
        [draw] years.
    """
    k = np.log(2.0) / half_life
    return lasting * years + (first - lasting) * -np.expm1(-k * years) / k


def growth_shocks(years: FloatArray, innovations: FloatArray, persistence: FloatArray) -> FloatArray:
    """Log size against trend where the growth of years departs from it (equation 3.14).

    z' = persistence * z + innovation; the sum of z so far, straight within a year

    Parameters
    ----------
    years
        [month] years since the last observation, 0 before it.
    innovations
        [year, draw] what is new in the growth of each year after it, log points; more years than are asked for.
    persistence
        [draw] part of a year's departure that is left in the next.

    Returns
    -------
    [month, draw] log points.
    """
    departure = np.zeros((len(innovations) + 1, innovations.shape[1]))
    for year, new in enumerate(innovations):
        departure[year + 1] = persistence * departure[year] + new
    whole = years.astype(np.int64)
    within = (years - whole)[:, None]
    return np.cumsum(departure, axis=0)[whole] + within * departure[whole + 1]


def catch_up_share(tau_years: FloatArray) -> FloatArray:
    """Part of what is left of a gap that a month closes (equation 3.8): 1 - exp(-1 / (12 tau))."""
    return -np.expm1(-1.0 / (MONTHS_PER_YEAR * tau_years))


def catch_up_step(gained: FloatArray, gap: FloatArray, share: FloatArray) -> FloatArray:
    """Quality gained a month later (equation 3.8), so that after t years gap * (1 - exp(-t / tau)) is gained.

    Parameters
    ----------
    gained, gap
        [..., draw] gained so far and in the end, log points.
    share
        [..., draw] `catch_up_share` of the time constant.
    """
    step = gap - gained
    step *= share
    step += gained
    return step


def drift(
    gained: FloatArray, gap: FloatArray, share: FloatArray, shocks: FloatArray, learned: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Catch-up a month later, and quality gained in all since the base date (equations 3.8 and 3.11).

    Parameters
    ----------
    gained, gap, share
        [vendor, market, draw] as in `catch_up_step`.
    shocks
        [vendor, market, draw] quality shocks so far, log points.
    learned
        [vendor, draw] know-how from partners, less what export controls cost, log points.
    """
    gained = catch_up_step(gained, gap, share)
    moved = gained + shocks
    moved += learned[:, None]
    return gained, moved
