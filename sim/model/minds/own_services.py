"""Services that a firm runs for its own customers: what they cost in a market, and how they grow."""

from __future__ import annotations

import numpy as np

from sim.arithmetic.elementary import exp, log
from sim.model.equations.nests import parts_of_whole
from sim.model.equations.present_value import mean_growth
from sim.model.equations.trend import continued_log_growth
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, IntArray, middles
from sim.scenario.schema import Fading


def captive_cost(world: World, v: int, m: int, month: int) -> FloatArray:
    """Cost of running the services for the vendor's own customers, without a partner's fee, [draw], bn a year.

    These services are not sold. They are worth to the firm what running them itself would cost, so that only what a
    partner takes on top (`fee_markup`) counts as a loss.
    """
    if (v, m) not in world.runs_for_own_customers:
        return np.zeros(world.draws.count)
    if (v, m) not in world.captive_sizes:
        grown = exp(captive_log_growth(world, v, m, middles(world.scenario.months)[:, None] / MONTHS_PER_YEAR))
        world.captive_sizes[v, m] = world.base.captive[v, m] * grown
    return world.captive_sizes[v, m][month] * world.cost[world.channels.of(v, m)[0]] * world.trend_price(month)


def captive_costs(world: World, v: int, m: int, month: int) -> tuple[list[int], FloatArray]:
    """Give the vendor's channels and `captive_cost` of what each runs, [channel, draw]; several share it as sales."""
    rows = list(world.channels.of(v, m))
    return rows, captive_cost(world, v, m, month) * parts_of_whole(world.active[rows] * world.base.carries[rows])


def captive_log_growth(world: World, v: int, m: int, years: FloatArray) -> FloatArray:
    """Log growth of a vendor's services for its own customers, [..., draw], in so many years from the base date on.

    Parameters
    ----------
    years
        [..., 1] years since the base date.
    """
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    if fades is None:
        return first * years
    start = max(world.scenario.calendar.month_of(fades.after), 0) / MONTHS_PER_YEAR
    faded = np.maximum(years - start, 0.0)
    later = continued_log_growth(faded, first, world.value(fades.lasting), world.value(fades.half_life_years))
    return first * np.minimum(years, start) + later


def captive_growth_ahead(world: World, v: int, m: int, month: int, draws: IntArray, years: FloatArray) -> FloatArray:
    """Yearly growth of those services that a vendor reckons with: the first rate until it begins to fade, [case].

    Parameters
    ----------
    draws, years
        [case] draws, and years until the horizon.
    """
    first, fades = world.base.captive_growth[v, m], _fading(world, v, m)
    faded = 0 if fades is None else month - max(world.scenario.calendar.month_of(fades.after), 0)
    if fades is None or faded <= 0:
        return first[draws]
    lasting, half_life = world.value(fades.lasting), world.value(fades.half_life_years)
    present = lasting + (first - lasting) * exp(-log(2.0) * faded / MONTHS_PER_YEAR / half_life)
    return mean_growth(present[draws], lasting[draws], half_life[draws], years)


def _fading(world: World, v: int, m: int) -> Fading | None:
    captive = list(world.scenario.vendors.values())[v].captive.get(world.axes.markets[m])
    return None if captive is None else captive.fades
