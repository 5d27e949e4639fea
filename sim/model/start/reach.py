"""Groups of customers: each segment of a market, divided by which of its zones can reach them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.luck import Draws
from sim.policies import PilotZone
from sim.policies.levers import Axes
from sim.quantities import FloatArray
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Reach:
    """How customers are divided into groups (equation 3.16).

    Customers of a segment stand in a row, those whom zones reach first in front; each zone reaches the same part of the
    row as its policy says. Every end of a reach divides two groups, so that a zone serves a group whole or not at all.

    Attributes
    ----------
    width
        [market, group, draw] share of the segment's customers that are in the group.
    within
        [market, group, draw] least reach of a zone that serves the group, share of one.
    """

    width: FloatArray
    within: FloatArray


def pilots_by_market(scenario: Scenario) -> dict[int, list[PilotZone]]:
    """Policies that open zones, by index of the market."""
    markets = list(scenario.markets)
    found: dict[int, list[PilotZone]] = {}
    for policy in scenario.policies.values():
        if isinstance(policy, PilotZone) and policy.slots:
            found.setdefault(markets.index(scenario.zones[policy.zone].market), []).append(policy)
    return found


def rings(scenario: Scenario) -> int:
    """Groups into which a segment is divided at most."""
    return 1 + max((len(pilots) for pilots in pilots_by_market(scenario).values()), default=0)


def reach_of_zones(scenario: Scenario, axes: Axes, draws: Draws) -> Reach:
    """Divide the customers of every market (equation 3.16); groups of a ring stand together, the nearest ring first."""
    count, segments = rings(scenario), len(axes.segments)
    ends = np.ones((count, len(axes.markets), segments, draws.count))
    for m, pilots in pilots_by_market(scenario).items():
        for s, segment in enumerate(axes.segments):
            for k, pilot in enumerate(pilots):
                ends[k, m, s] = draws.number(pilot.reach[segment]) if segment in pilot.reach else 0.0
            ends[: len(pilots), m, s].sort(axis=0)
    begins = np.concatenate([np.zeros_like(ends[:1]), ends[:-1]])
    shape = axes.shape("market", "group")
    width, within = (np.moveaxis(values, 0, 1).reshape(shape) for values in (ends - begins, ends))
    return Reach(width, within)
