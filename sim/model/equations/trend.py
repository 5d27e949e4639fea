"""Where the market goes by itself: paths of spending, and the price index with nothing but trends (section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray


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


@compiled
def spend_on_trend(
    scores: FloatArray,
    keeps: tuple[FloatArray, FloatArray],
    logs: tuple[FloatArray, FloatArray],
    path: FloatArray,
    weights: FloatArray,
) -> None:
    """Spending of each segment under shocks to its budget and to its market's growth (equations 3.12 and 3.14).

    b' = rho * b + innovation * score,    spending = exp(b - variance / 2 + shock to growth) * size * weight

    Parameters
    ----------
    scores
        [month, market, segment, draw] standard normal shocks, the first of which is not used; gets spending, bn a year.
    keeps
        [draw] rho, part of a budget's shock that is left a month later, and size of what is new.
    logs
        [month, draw] half of the variance of shocks to budgets, and [month, market, draw] shocks to growth, log points.
    path, weights
        [month, market, draw] size of each market, and [market, segment, draw] share of each segment.
    """
    (rho, innovation), (half_variance, growth) = keeps, logs
    months, markets, segments, draws = scores.shape
    shock = np.zeros((markets, segments, draws))
    for month in range(months):
        for m in range(markets):
            for s in range(segments):
                if month:
                    for d in range(draws):
                        shock[m, s, d] = rho[d] * shock[m, s, d] + innovation[d] * scores[month, m, s, d]
                for d in range(draws):
                    scores[month, m, s, d] = exp(shock[m, s, d] - half_variance[month, d] + growth[month, m, d])
                for d in range(draws):
                    scores[month, m, s, d] *= path[month, m, d] * weights[m, s, d]


def catch_up_share(tau_years: FloatArray) -> FloatArray:
    """Part of what is left of a gap that a month closes (equation 3.8): 1 - exp(-1 / (12 tau))."""
    return -expm1(-1.0 / (MONTHS_PER_YEAR * tau_years))


@of_numbers
def _catch_up_step(gained: float, gap: float, share: float) -> float:
    return (gap - gained) * share + gained


@for_arrays(_catch_up_step)
def catch_up_step(out: FloatArray, gained: FloatArray, gap: FloatArray, share: FloatArray) -> None:
    """Quality gained a month later (equation 3.8), so that after t years gap * (1 - exp(-t / tau)) is gained.

    Parameters
    ----------
    gained, gap
        [..., draw] gained so far and in the end, log points.
    share
        [..., draw] `catch_up_share` of the time constant.
    """
    for i in range(len(out)):
        out[i] = _catch_up_step(gained[i], gap[i], share[i])


@of_numbers
def _nearness(uniform: float, chance: float) -> float:
    """How far from an end a number lies, in parts of what makes a jump: it jumps below 1."""
    return min(uniform, 1.0 - uniform) / max(0.5 * chance, LEAST)


@of_numbers
def _jump(uniform: float, chance: float, size: float) -> float:
    nearness = _nearness(uniform, chance)
    if nearness >= 1.0:
        return 0.0
    away = float(-size * log(nearness))
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


class Jumps(NamedTuple):
    """How a trend jumps.

    Attributes
    ----------
    begins
        First month that may have jumps.
    chance, size, left
        [draw] as in `jumps`, for what a year gains; and the part that a month leaves of them.
    """

    begins: int
    chance: FloatArray
    size: FloatArray
    left: FloatArray


@compiled
def drift_of_jumps(path: FloatArray, of: Jumps) -> None:
    """Add up what is left of the jumps of a trend (equation 3.15).

    Jumps fade: of each there is left, in the gain of a year, what `left` to the power of the months since says.

    Parameters
    ----------
    path
        [month, draw] uniform numbers above 0 and below 1; gets what jumps bring in each month, log points.
    of
        How the trend jumps.
    """
    months, draws = path.shape
    drift, places = np.zeros(draws), np.empty(draws, np.int64)
    path[: of.begins] = 0.0
    for month in range(of.begins, months):
        row, count = path[month], 0
        for d in range(draws):
            places[count] = d
            count += _nearness(row[d], of.chance[d]) < 1.0
        for d in range(draws):
            drift[d] *= of.left[d]
        for k in range(count):
            d = places[k]
            drift[d] += _jump(row[d], of.chance[d], of.size[d])
        for d in range(draws):
            row[d] = drift[d] / MONTHS_PER_YEAR


class LuckOfQuality(NamedTuple):
    """What luck may bring to the quality of a vendor in a market.

    Attributes
    ----------
    scores, drift
        [month, draw] standard normal shocks, and what jumps of the trend bring in a month, log points; no months
        without any.
    sd
        [2, draw] standard deviation of a year's shocks, before a month and from it on.
    later
        That month.
    """

    scores: FloatArray
    drift: FloatArray
    sd: FloatArray
    later: int


class CatchUp(NamedTuple):
    """How a vendor catches up in a market.

    Attributes
    ----------
    gap, share
        [draw] what it will have gained in the end, log points, and `catch_up_share` of its time constant.
    months, more
        [turn] months in which gaps open, rising, and [turn, draw] how wide.
    """

    gap: FloatArray
    share: FloatArray
    months: IntArray
    more: FloatArray


@compiled
def bring_news(  # noqa: C901 (a loop for each step)
    luck: LuckOfQuality, catch_up: CatchUp, news: FloatArray, v: int, m: int
) -> None:
    """Bring what trend and luck do to a quality in each month (equations 3.8 and 3.15).

    Parameters
    ----------
    luck, catch_up
        Of the vendor in the market.
    news
        [month, vendor, market, draw] gets log points; nothing in the first month.
    v, m
        Vendor and market.
    """
    months, draws = len(news), news.shape[-1]
    gap, shock, gained, turn = catch_up.gap.copy(), np.zeros(draws), np.zeros(draws), 0
    for month in range(1, months):
        row, sd = news[month, v, m], luck.sd[1 if month >= luck.later else 0]
        while turn < len(catch_up.months) and catch_up.months[turn] < month:
            for d in range(draws):
                gap[d] += catch_up.more[turn, d]
            turn += 1
        if len(luck.scores):
            scores = luck.scores[month]
            for d in range(draws):
                shock[d] = scores[d] * sd[d] / ROOT_OF_YEAR
            if len(luck.drift):
                drift = luck.drift[month]
                for d in range(draws):
                    shock[d] += drift[d]
        for d in range(draws):
            before = gained[d]
            gained[d] = _catch_up_step(before, gap[d], catch_up.share[d])
            row[d] = shock[d] + (gained[d] - before)


ROOT_OF_YEAR = math.sqrt(MONTHS_PER_YEAR)
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
def _wander(  # noqa: C901, PLR0912 (a loop for each axis, and for each step that the compiler can lay side by side)
    gained: FloatArray, shares: FloatArray, back: FloatArray, keeps: FloatArray
) -> None:
    """Take one market after the other, and rows of draws, so that all that a month needs of it stays in the cache."""
    months, vendors, markets, draws = gained.shape
    held, won, returns = np.empty((3, vendors, draws))
    sells, total = np.empty(vendors, np.bool_), np.empty(draws)
    for m in range(markets):
        sells[:] = False
        for v in range(vendors):
            share = shares[v, m]
            for d in range(draws):
                held[v, d] = won[v, d] = share[d]
                returns[v, d] = back[d] if share[d] > 0.0 else 0.0
            for d in range(draws):
                sells[v] |= share[d] > 0.0
        for month in range(1, months):
            stays, total[:] = keeps[month, m], 0.0
            for v in range(vendors):
                now, before, share = gained[month, v, m], gained[month - 1, v, m], shares[v, m]
                if sells[v]:
                    for d in range(draws):
                        now[d] = _less_back(now[d], won[v, d], held[v, d], returns[v, d]) + before[d]
                    for d in range(draws):
                        total[d] += share[d] * exp(now[d])
                else:
                    for d in range(draws):
                        now[d] += before[d]
            for d in range(draws):
                total[d] = log(total[d])
            for v in range(vendors):
                now, share = gained[month, v, m], shares[v, m]
                for d in range(draws):
                    now[d] -= total[d]
                if sells[v]:
                    for d in range(draws):
                        won[v, d] = share[d] * exp(now[d])
                    for d in range(draws):
                        held[v, d] = stays[d] * held[v, d] + (1.0 - stays[d]) * won[v, d]


@of_numbers
def _less_back(news: float, won: float, held: float, back: float) -> float:
    return news * (1.0 - 0.5 * back) - back * float(log(won / held)) if back != 0.0 else news


UNPRICED, ABSENT = -1, -2
"""Stand for the prices of a vendor that stay as they are, and for one that nobody can choose."""


@compiled
def attraction_on_trend(  # noqa: C901 (a loop for each axis)
    start: FloatArray,
    quality: tuple[FloatArray, FloatArray],
    prices: tuple[IntArray, FloatArray],
    attraction: FloatArray,
    total: FloatArray,
) -> None:
    """Attraction of vendors if nothing but trends moves it (equations 3.1 and 3.9).

    Parameters
    ----------
    start
        [vendor, market, segment, draw] at the base date.
    quality
        Log quality gained since, by itself, [vendor, market, draw], and from partners, [vendor, draw].
    prices
        Which factor each vendor's prices bring, [vendor, market], or `UNPRICED` or `ABSENT`; [factor, segment, draw].
    attraction, total
        [vendor, market, segment, draw] gets A, but that of `ABSENT` vendors, if it has room for any; and
        [market, segment, draw] gets its sum.
    """
    (gained, learned), (priced, factor) = quality, prices
    vendors, markets, segments, draws = start.shape
    better, total[:] = np.empty(draws), 0.0
    for v in range(vendors):
        for m in range(markets):
            k = priced[v, m]
            if k != ABSENT:
                for d in range(draws):
                    better[d] = exp(gained[v, m, d] + learned[v, d])
                for s in range(segments):
                    if k == UNPRICED:
                        for d in range(draws):
                            total[m, s, d] += start[v, m, s, d] * better[d]
                    else:
                        for d in range(draws):
                            total[m, s, d] += start[v, m, s, d] * better[d] * factor[k, s, d]
                    if len(attraction):
                        for d in range(draws):
                            priced_at = 1.0 if k == UNPRICED else factor[k, s, d]
                            attraction[v, m, s, d] = start[v, m, s, d] * better[d] * priced_at
