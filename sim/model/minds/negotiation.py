"""Two governments at the table: what they offer and answer, what they learn of each other, and who walks away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.arithmetic.elementary import exp
from sim.model.equations.bargaining import (
    OWN,
    PARTIES,
    Ahead,
    Game,
    after_staying,
    lacking,
    leaving_parties,
    move,
    next_round,
    only_frontier,
    reservation,
)
from sim.model.luck import quantiles
from sim.model.minds.rules_in_force import schedule_step
from sim.model.minds.stakes import Pricing
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray
from sim.timeline import Timeline
from sim.values import Number

TYPES = 9
"""Types that a government may be in the eyes of the other one: middles of equal parts of the distribution."""
TILE = 64
"""Draws that are looked ahead for at once."""


@dataclass(frozen=True)
class Proposal:
    """What a round between governments that bargain comes to.

    Attributes
    ----------
    package
        [draw] index of the package that is best for the host, among all choices; -1 where it would offer none.
    chance
        [draw] chance that it is offered and accepted.
    lacking
        [party, draw] what each side lacks to sign some package that suits the other, bn USD (equation 7.11).
    """

    package: IntArray
    chance: FloatArray
    lacking: FloatArray


class Negotiation:
    """What the two governments know and believe, from round to round (equations 7.3 to 7.6 and 7.9 to 7.11).

    Parameters
    ----------
    timeline, world
        The run, in the month of the first round.
    month
        That month.
    """

    def __init__(self, timeline: Timeline, world: World, month: int) -> None:
        plan = world.scenario.talks
        self.timeline, self.world, self.plan = timeline, world, plan
        self.countries = tuple(plan.stakes)
        self.proposers = [self.countries.index(str(held.host)) for held in plan.rounds]
        brought = [plan.policies_of(package) for package in plan.choices.values()]
        self.offered = np.array([index for index, policies in enumerate(brought) if policies])
        self.pricing = Pricing(timeline, world, month, [brought[index] for index in self.offered])
        self.noise = np.stack([world.value(held.noise_bn) for held in plan.stakes.values()])
        self.discount, self.resumed, self.waiting_cost = self._between_rounds()
        self.chances = self._after_failure()
        self._look(month, np.arange(world.draws.count))
        self.reserve, self.belief = self._types(reservation(self.gains[:, :, 0]))

    def propose(self, number: int, month: int, draws: IntArray) -> Proposal:
        """Let the host offer what is best for it, and find how likely the other side accepts; both learn from it.

        Parameters
        ----------
        number, month
            Index of the round, and its month.
        draws
            Draws, by their place in the batch, in which it is held; what is given has one value for each of them.
        """
        if number:
            self._look(month, draws)
        package, chance, rung = np.full(len(draws), -1), np.zeros(len(draws)), self._rung(draws)
        for tile, ahead in self._ahead(number, draws):
            here = draws[tile]
            belief, noise = np.take(self.belief, here, axis=-1), np.take(self.noise, here, axis=-1)
            found = move(ahead, self.proposers[number], belief, noise)
            self.belief[..., here] = found.belief
            best = self.offered[self.index[found.package, rung[tile], self._place(here)]]
            package[tile], chance[tile] = np.where(found.made, best, -1), found.chance
        return Proposal(
            package, chance, lacking(self.gains[:, :, rung, self._place(draws)], self.reserve[:, OWN, draws])
        )

    def walking(self, number: int, draws: IntArray) -> BoolArray:
        """Find who walks away after a round that has failed, [party, draw]; who stays shows by it what it may be.

        Parameters
        ----------
        number
            Index of the round, which is not the last one.
        draws
            Draws, by their place in the batch, in which it has failed.
        """
        walks = np.zeros((PARTIES, len(draws)), dtype=np.bool_)
        if self.plan.suspension is None:
            return walks
        for tile, failed in self._ahead(number, draws):
            here = draws[tile]
            belief, noise = np.take(self.belief, here, axis=-1), np.take(self.noise, here, axis=-1)
            walks[:, tile] = leaving_parties(failed)
            stays = after_staying(belief, failed, noise)
            self.belief[..., here] = np.where(walks[:, tile].any(axis=0), belief, stays)
        return walks

    def _look(self, month: int, draws: IntArray) -> None:
        """Price all packages and all rungs on the day of a round, in the draws in which it is held."""
        self.held = draws
        self.gains, self.climbs = self.pricing.gains(month, draws), self.pricing.climbs(month, draws)
        self.frontier, self.index, self.efficient = only_frontier(self.gains)

    def _rung(self, draws: IntArray) -> IntArray:
        """How many rungs of the escalation have been climbed."""
        return self.world.rungs_climbed[draws]

    def _place(self, draws: IntArray) -> IntArray:
        """Places of some draws among those in which the round is held."""
        return np.searchsorted(self.held, draws)

    def _ahead(self, number: int, draws: IntArray) -> Iterator[tuple[IntArray, Ahead]]:
        """Look ahead from a round, from the rung of each draw upwards, in few draws at once, which stay in the cache.

        Yields the places of those few among the draws; they have about as many packages.
        """
        rungs, places = self._rung(draws), self._place(draws)
        packages = self.efficient[rungs, places]
        order = np.argsort(packages, kind="stable")
        for first in range(0, len(draws), TILE):
            tile = order[first : first + TILE]
            game = self._game(number, draws[tile], places[tile], self.efficient[:, places[tile]].max())
            yield tile, next_round(game, rungs[tile])

    def _game(self, number: int, draws: IntArray, places: IntArray, packages: int) -> Game:
        """What both know of the rounds from some number on, in some draws and at their places among those held."""
        return Game(
            gains=np.take(self.frontier[:, :packages], places, axis=-1),
            climb=np.take(self.climbs, places, axis=-1),
            reserve=np.take(self.reserve, draws, axis=-1),
            belief=np.take(self.belief, draws, axis=-1),
            noise=np.take(self.noise, draws, axis=-1),
            proposers=self.proposers[number:],
            discount=np.take(self.discount[number:], draws, axis=-1),
            waiting_cost=np.take(self.waiting_cost[number:], draws, axis=-1),
            climbs=self.chances["climbs"][draws],
            climbs_by_walking=self.chances["climbs_by_walking"][draws],
            suspended=self.chances["suspended"][draws],
            resumed=np.take(self.resumed[number:], draws, axis=-1),
            can_walk=self.plan.suspension is not None,
        )

    def _after_failure(self) -> dict[str, FloatArray]:
        """Chances of what a failed round brings, each [draw]."""
        escalation, suspension = self.plan.escalation, self.plan.suspension
        climbs = self._value(escalation.probability if escalation else None)
        walking = escalation.after_walking if escalation else None
        return {
            "climbs": climbs,
            "climbs_by_walking": climbs if walking is None else self._value(walking),
            "suspended": self._value(suspension.probability if suspension else None),
        }

    def _types(self, best: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What a deal costs each type beyond what is priced, and beliefs before the first round (equation 7.9).

        Parameters
        ----------
        best
            [party, draw] S, what each side can get by packages that hurt neither.
        """
        shares = (np.arange(TYPES) + 0.5) / TYPES
        resolve = np.zeros((PARTIES, TYPES + 1, self.world.draws.count))
        for party, stakes in enumerate(self.plan.stakes.values()):
            if stakes.resolve is not None:
                number = stakes.resolve
                middles = quantiles(number, shares) if number.is_uncertain else np.full(TYPES, number.parameters[0])
                resolve[party, :TYPES] = middles[:, None]
                resolve[party, OWN] = self.world.value(number)
        belief = np.full_like(resolve, 1.0 / TYPES)
        belief[:, OWN] = 0.0
        return resolve * best[:, None], belief

    def _between_rounds(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What counts between a round and the next one.

        Returns
        -------
        Discount factors [round, party, draw], chances that talks that are off are resumed [round, draw], and the cost
        of a round without a signature by its date [round, party, draw].
        """
        world, stakes = self.world, list(self.plan.stakes.values())
        months = [self.timeline.calendar.month_of(held.date) for held in self.plan.rounds]
        years = np.diff(months, append=months[-1]) / MONTHS_PER_YEAR
        rates = np.stack([world.value(held.discount) for held in stakes])
        suspension = self.plan.suspension
        resumes = self._value(suspension.resumes_per_year if suspension else None)
        cost = [
            [self._value(schedule_step(self.timeline, held.waiting_cost_bn, month)) for held in stakes]
            for month in months
        ]
        return exp(-rates * years[:, None, None]), 1.0 - exp(-resumes * years[:, None]), np.array(cost)

    def _value(self, number: Number | None) -> FloatArray:
        """Values of what the scenario gives; zeros where it gives none."""
        return np.zeros(self.world.draws.count) if number is None else self.world.value(number)
