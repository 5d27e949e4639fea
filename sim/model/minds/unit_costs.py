"""What a compute unit costs every vendor under today's rules."""

from __future__ import annotations

import numpy as np

from sim.model.equations.costs import experience_cost_factor, hardware_cost_factor, residency_cost_factor, unit_cost
from sim.model.equations.pricing import growth_discount
from sim.model.world import World
from sim.quantities import FloatArray, ordered_sum


def current_unit_cost(world: World) -> FloatArray:
    """Unit cost of every channel under today's rules, relative to the common decline, [channel, draw]."""
    base, levers, costs = world.base, world.levers, world.scenario.costs
    hardware = hardware_cost_factor(
        world.value(costs.hardware_share), levers.hardware_tariff, base.levers.hardware_tariff
    )
    residency = residency_cost_factor(
        world.value(costs.residency_cost),
        _mean_residency(world, levers.residency),
        _mean_residency(world, base.levers.residency),
    )
    output_share = world.made / ordered_sum(world.made)
    experience = experience_cost_factor(output_share, world.made_share_base, world.value(costs.experience_exponent))
    control = np.ones_like(world.made)
    for vendor, country in enumerate(base.home):
        if country >= 0:
            control[vendor] += levers.cost_increase[country]
    channels, found = world.channels, np.empty(base.cost.shape)
    places = channels.vendor, channels.market, channels.at_home
    unit_cost(base.cost, (hardware, residency), (experience, control), places, found)
    return found


def asking_cost(world: World, cost: FloatArray) -> FloatArray:
    """Unit cost as vendors count it when they set prices (equation 4.22), [channel, draw].

    Parameters
    ----------
    cost
        [channel, draw] what a unit costs.
    """
    weight, most = world.base.growth_weight, world.base.forgone
    if not most.any():
        return cost
    return cost * growth_discount(weight, most, world.growth[world.channels.market])


def _mean_residency(world: World, residency: FloatArray) -> FloatArray:
    """Residency over segments, weighted by their spending at the base date, [market, draw]."""
    spending = world.base.start_spending
    return ordered_sum(residency * spending, axis=1) / ordered_sum(spending, axis=1)
