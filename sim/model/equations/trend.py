"""Where the market goes by itself: paths of spending, and the price index with nothing but trends (section 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.quantities import MONTHS_PER_YEAR, FloatArray


def interpolated_path(observed: Sequence[tuple[int, FloatArray]], times: FloatArray) -> FloatArray:
    """Path of a market's size through its observations, straight in logs (equation 3.6).

    Parameters
    ----------
    observed
        Pairs of month number and [draw] size, in order; the first month is 0 or before.
    times
        Months for which the size is wanted, from 0; it holds the last observation from there on.

    Returns
    -------
    [time, draw] size.
    """
    known = np.array([month for month, _ in observed])
    logs = log(np.stack([size for _, size in observed]))
    after = np.searchsorted(known, times, side="right")
    end = np.minimum(after, len(known) - 1)
    begin = np.minimum(after - 1, end)
    weight = ((times - known[begin]) / np.maximum(known[end] - known[begin], 1))[:, None]
    path = logs[begin] * (1.0 - weight) + logs[end] * weight
    path[after == len(known)] = logs[-1]
    return exp(path)


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
    k = log(2.0) / half_life
    return lasting * years + (first - lasting) * -expm1(-k * years) / k


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
    return -expm1(-1.0 / (MONTHS_PER_YEAR * tau_years))


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


@of_numbers
def _jump(uniform: float, chance: float, size: float) -> float:
    depth = min(uniform, 1.0 - uniform) / max(0.5 * chance, LEAST)
    away = float(-size * log(depth)) if depth < 1.0 else 0.0
    return away if uniform > 1.0 - uniform else -away


@for_arrays(_jump)
def jumps(out: FloatArray, uniforms: FloatArray, chance: FloatArray, size: FloatArray) -> None:
    """Rare jumps of a Laplace distribution (equation 3.15), one uniform number for whether, where to and how far.

    Parameters
    ----------
    uniforms
        [month, draw] above 0 and below 1.
    chance
        [draw] of a jump in a month, share of one.
    size
        [draw] mean size of a jump, up or down, in the unit of what jumps.
    """
    for i in range(len(out)):
        out[i] = _jump(uniforms[i], chance[i], size[i])


def left_of_jumps(new: FloatArray, left: FloatArray, begins: int) -> FloatArray:
    """Sum of all jumps so far, each as far as it has not faded (equation 3.15), [month, draw].

    Parameters
    ----------
    new
        [month, draw] `jumps`.
    left
        [draw] part that a month leaves of them.
    begins
        First month that has any.
    """
    held = np.zeros_like(new)
    _fade(new, left, begins, held)
    return held


@compiled
def _fade(new: FloatArray, left: FloatArray, begins: int, held: FloatArray) -> None:
    months, draws = new.shape
    for month in range(begins, months):
        for d in range(draws):
            held[month, d] = held[month - 1, d] * left[d] + new[month, d]


LEAST = 1e-200
"""Smaller than any chance that is not zero."""


def wandering(news: FloatArray, shares: FloatArray, back: FloatArray, keeps: FloatArray) -> FloatArray:
    """Quality gained on others by month, win rates going back to shares (equation 3.13).

    g' = gained + news - back * (ln P - ln x + news / 2),    gained' = g' - ln(sum_v share * exp(g'))
    P' = share * exp(gained'),    x' = keeps * x + (1 - keeps) * P'

    Half of the news, since it comes in the course of the month.

    Parameters
    ----------
    news
        [month, vendor, market, draw] what trend and luck bring in a month, log points; nothing in the first.
    shares
        [vendor, market, draw] shares of each market at the base date; those who sell nothing do not go back.
    back
        [draw] part of the distance between win rate and share that a month closes.
    keeps
        [month, market, draw] part of spending that goes on under contract.

    Returns
    -------
    [month, vendor, market, draw] log points, in the place of `news`.
    """
    _wander(news, shares, back, keeps)
    return news


@compiled
def _wander(  # noqa: C901 (a loop for each axis)
    gained: FloatArray, shares: FloatArray, back: FloatArray, keeps: FloatArray
) -> None:
    months, vendors, markets, draws = gained.shape
    held, won, total = shares.copy(), shares.copy(), np.empty(draws)
    for month in range(1, months):
        for m in range(markets):
            total[:] = 0.0
            for v in range(vendors):
                for d in range(draws):
                    now = gained[month, v, m, d]
                    if shares[v, m, d] > 0.0 and back[d] != 0.0:
                        now *= 1.0 - 0.5 * back[d]
                        now -= back[d] * log(won[v, m, d] / held[v, m, d])
                    now += gained[month - 1, v, m, d]
                    gained[month, v, m, d] = now
                    total[d] += shares[v, m, d] * exp(now)
            for d in range(draws):
                total[d] = log(total[d])
            for v in range(vendors):
                for d in range(draws):
                    gained[month, v, m, d] -= total[d]
                    won[v, m, d] = shares[v, m, d] * exp(gained[month, v, m, d])
                    stays = keeps[month, m, d]
                    held[v, m, d] = stays * held[v, m, d] + (1.0 - stays) * won[v, m, d]
