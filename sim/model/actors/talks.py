"""The talks: rounds on their dates, signatures by script or chance, and deals that break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.model.equations.bargaining import look_ahead, months_until
from sim.model.minds.stakes import Pricing
from sim.model.world import RoundHeld, World
from sim.quantities import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray
from sim.scenario.talks_schema import Round
from sim.timeline import Phase, Process, Timeline

ACTOR = "talks"


@dataclass(frozen=True)
class Answer:
    """What comes out of a round: the package that would be signed, [draw], and the draws in which it is."""

    package: IntArray
    agrees: BoolArray
    proposer: int = -1
    chance: FloatArray | None = None


Decides = Callable[[int, int], Answer]
"""Decides a round, by its number and month, for all draws, also those in which no talks are held any more."""


def talks(timeline: Timeline, world: World) -> Process:
    """Hold every round in its month; after the last one the draws without a signature have no deal."""
    plan = world.scenario.talks
    if plan.mode == "none" or not plan.rounds:
        return
    decide: Decides | None = None
    month = 0
    for number, this_round in enumerate(plan.rounds):
        month = yield timeline.at(timeline.calendar.month_of(this_round.date), Phase.TALKS)
        decide = decide or _way_to_decide(timeline, world, month)
        held = (world.deal_month == NEVER) & (world.resume_month <= month)
        answer = decide(number, month)
        known = this_round.happened if plan.follows_history else None
        signs = held & (answer.agrees if known is None else known.signed)
        _sign(world, month, this_round, signs, answer.package)
        failed, broke_off = held & ~signs, world.nowhere
        if known is not None:
            broke_off = failed & known.broke_off
            _climb(world, month, failed & known.escalated)
        elif number + 1 < len(plan.rounds):
            broke_off = _after_failure(world, number, month, failed)
        if answer.chance is not None:
            package, chance = np.where(held, answer.package, -1), np.where(held, answer.chance, 0.0)
            found = RoundHeld(number, month, answer.proposer, package, chance, held, signs, broke_off)
            world.rounds.append(found)
    failed = world.deal_month == NEVER
    world.no_deal_month[failed] = month
    world.note(failed, month, ACTOR, "ended without a deal")


def _sign(world: World, month: int, this_round: Round, signs: BoolArray, package: IntArray) -> None:
    """Write the packages signed at a round."""
    world.deal_month[signs] = month
    world.package[signs] = package[signs]
    names = list(world.scenario.talks.choices)
    for index in np.unique(package[signs]):
        world.note(signs & (package == index), month, ACTOR, "signed", f"{names[index]} in {this_round.place}")


def _way_to_decide(timeline: Timeline, world: World, month: int) -> Decides:
    """Give the way in which rounds are decided: by script, by chance, or by governments that bargain."""
    if world.scenario.talks.mode == "bargaining":
        return _Bargaining(timeline, world, month).decide
    return lambda number, _: _as_written(world, number)


def _as_written(world: World, number: int) -> Answer:
    """Sign what the scenario says, always or with the chance that it gives."""
    plan = world.scenario.talks
    this_round = plan.rounds[number]
    if this_round.signs is None:
        return Answer(np.full(world.draws.count, -1), world.nowhere)
    package = np.full(world.draws.count, list(plan.choices).index(this_round.signs))
    if plan.mode == "scripted" or this_round.probability is None:
        return Answer(package, world.everywhere)
    luck = world.draws.uniform(f"talks.round.{number}", 1)[0]
    return Answer(package, luck < world.value(this_round.probability))


class _Bargaining:
    """Two governments that offer and answer by what packages are worth to them (equations 7.2 to 7.6)."""

    def __init__(self, timeline: Timeline, world: World, month: int) -> None:
        plan = world.scenario.talks
        self.timeline, self.world = timeline, world
        self.countries = tuple(plan.stakes)
        brought = [plan.policies_of(package) for package in plan.choices.values()]
        self.offered = np.array([index for index, policies in enumerate(brought) if policies])
        self.pricing = Pricing(timeline, world, month, [brought[index] for index in self.offered])
        stakes = plan.stakes.values()
        self.noise = np.stack([world.value(held.noise_bn) for held in stakes])
        self.waiting_cost = np.stack([world.value(held.waiting_cost_bn) for held in stakes])
        self.proposers = [self.countries.index(str(held.host)) for held in plan.rounds]
        self.kept = self._kept()

    def decide(self, number: int, month: int) -> Answer:
        """Let the host offer what is best for it, and the other side answer."""
        gains = np.zeros((len(self.countries), len(self.offered), self.world.draws.count))
        for part in self.pricing.worth(month).values():
            gains += part
        ahead = look_ahead(gains, self.proposers[number:], self.kept[number:], self.waiting_cost, self.noise)
        offer = ahead[0]
        luck = self.world.draws.uniform(f"talks.round.{number}", 1)[0]
        return Answer(self.offered[offer.package], luck < offer.chance, self.proposers[number], offer.chance)

    def _kept(self) -> FloatArray:
        """What a gain at the next round is worth: discounted, times the chance of one, [round, party, draw]."""
        world, plan = self.world, self.world.scenario.talks
        months = [self.timeline.calendar.month_of(held.date) for held in plan.rounds]
        years = np.diff(months, append=months[-1]) / MONTHS_PER_YEAR
        discount = np.stack([world.value(held.discount) for held in plan.stakes.values()])
        return np.exp(-discount * years[:, None, None]) * self._goes_on(years)[:, None]

    def _goes_on(self, years: FloatArray) -> FloatArray:
        """Chance that talks go on, or are taken up again, by the next round, [round, draw]."""
        world, suspension = self.world, self.world.scenario.talks.suspension
        if suspension is None:
            return np.ones((len(years), world.draws.count))
        still_off = np.exp(-world.value(suspension.resumes_per_year) * years[:, None])
        return 1.0 - world.value(suspension.probability) * still_off


def _after_failure(world: World, number: int, month: int, failed: BoolArray) -> BoolArray:
    """Escalate, and break the talks off, by chance where a round failed; give the draws in which they broke off."""
    escalation, suspension = world.scenario.talks.escalation, world.scenario.talks.suspension
    if escalation is not None:
        luck = world.draws.uniform(f"talks.escalation.{number}", 1)[0]
        _climb(world, month, failed & (luck < world.value(escalation.probability)))
    if suspension is None:
        return world.nowhere
    luck, wait = world.draws.uniform(f"talks.suspension.{number}", 2)
    breaks = failed & (luck < world.value(suspension.probability))
    months = months_until(wait, world.value(suspension.resumes_per_year))
    world.resume_month[breaks] = month + months[breaks]
    world.note(breaks, month, ACTOR, "broke off")
    return breaks


def _climb(world: World, month: int, climbs: BoolArray) -> None:
    """Take the next rung of the escalation, up to the last."""
    reached = (world.rung_month < NEVER).sum(axis=0)
    for rung in range(len(world.rung_month)):
        here = climbs & (reached == rung)
        world.rung_month[rung, here] = month
        world.note(here, month, ACTOR, "escalates", f"to rung {rung + 1}")


def breakdown(timeline: Timeline, world: World) -> Process:
    """Break signed deals at random, at the scenario's rate (equation 7.1)."""
    rate = world.scenario.talks.breakdown_per_year
    if rate is None:
        return
    monthly = -np.expm1(-world.value(rate) / MONTHS_PER_YEAR)
    luck = world.draws.uniform("talks.breakdown", timeline.calendar.months)
    while True:
        month = yield timeline.turn(Phase.TALKS)
        breaks = (world.deal_month < month) & (world.broken_month == NEVER) & (luck[month] < monthly)
        world.broken_month[breaks] = month
        world.note(breaks, month, ACTOR, "deal broken")
