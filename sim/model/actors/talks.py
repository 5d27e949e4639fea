"""The talks: rounds on their dates, signatures by script, chance or bargain, sides that walk away, deals that break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.arithmetic.elementary import expm1
from sim.model.equations.bargaining import LATEST, PARTIES, months_until
from sim.model.minds.negotiation import Negotiation
from sim.model.world import RoundHeld, World
from sim.quantities import DAYS_PER_YEAR, MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray
from sim.scenario.describing import package_in_words
from sim.scenario.talks_schema import Hazard, Round, Talks
from sim.timeline import Phase, Process, Timeline

ACTOR = "talks"


@dataclass(frozen=True)
class Answer:
    """What comes out of a round.

    Attributes
    ----------
    package
        [draw] package that is or would be signed; -1 where there is none.
    agrees
        [draw] whether it is signed, if the round is held.
    chance
        [draw] chance of that.
    proposer
        Index of the party that offers it; -1 where nobody does.
    lacking
        [party, draw] what each side lacks to sign, bn USD; none where nobody bargains.
    """

    package: IntArray
    agrees: BoolArray
    chance: FloatArray
    proposer: int = -1
    lacking: FloatArray | None = None


class Decides(Protocol):
    """Decides how rounds end, and what follows where they fail."""

    def answer(self, number: int, month: int, held: BoolArray, /) -> Answer:
        """Decide a round, by its number and month, in the draws in which it is held."""
        ...

    def walking(self, number: int, failed: BoolArray, /) -> BoolArray:
        """Find which party walks away where a round has failed, [party, draw]."""
        ...


def talks(timeline: Timeline, world: World) -> Process:
    """Hold every round in its month; after the last one the draws without a signature have no deal."""
    plan = world.scenario.talks
    if plan.mode == "none" or not plan.rounds:
        return
    decides: Decides | None = None
    month = 0
    for number, this_round in enumerate(plan.rounds):
        month = yield timeline.at(timeline.calendar.month_of(this_round.date), Phase.TALKS)
        decides = decides or _way_to_decide(timeline, world, month)
        held = ((world.deal_month == NEVER) | (world.broken_month <= month)) & (world.resume_month <= month)
        answer = decides.answer(number, month, held)
        signs = held & answer.agrees
        _sign(world, month, this_round, signs, answer.package)
        failed, broke_off, walked = held & ~signs, world.nowhere, np.zeros((PARTIES, world.draws.count), dtype=np.bool_)
        if number + 1 < len(plan.rounds):
            broken, wait = _broken_by_itself(world, number, failed)
            walked = decides.walking(number, failed & ~broken)
            left: BoolArray = np.logical_or.reduce(walked)
            _escalate(world, number, month, failed, left)
            broke_off = broken | left
            _suspend(world, month, wait, broken, walked)
        package, chance = np.where(held, answer.package, -1), np.where(held, answer.chance, 0.0)
        lacking = np.full(walked.shape, np.nan) if answer.lacking is None else answer.lacking
        found = RoundHeld(number, month, answer.proposer, package, chance, held, signs, broke_off, walked, lacking)
        world.rounds.append(found)
    ended = world.deal_month == NEVER
    world.no_deal_month[ended] = month
    world.brought = {}
    world.note(ended, month, ACTOR, "ended without a deal")


def _sign(world: World, month: int, this_round: Round, signs: BoolArray, package: IntArray) -> None:
    """Write the packages signed at a round."""
    world.deal_month[signs] = month
    world.broken_month[signs] = NEVER
    world.package[signs] = package[signs]
    world.brought = {}
    choices = list(world.scenario.talks.choices.values())
    for index in np.unique(package[signs]):
        words = package_in_words(world.scenario, choices[index])
        world.note(signs & (package == index), month, ACTOR, "signed", f"{words} (in {this_round.place})")


def _way_to_decide(timeline: Timeline, world: World, month: int) -> Decides:
    """Give the way in which rounds are decided: by governments that bargain, a hazard, chance, or a script."""
    plan = world.scenario.talks
    if plan.mode == "bargaining":
        return _ByBargain(timeline, world, month)
    return _ByHazard(world, plan.hazard) if plan.hazard and plan.mode == "hazard" else _AsWritten(world)


class _AsWritten:
    """Sign what the scenario says, always or with the chance that it gives."""

    def __init__(self, world: World) -> None:
        self.world, self.plan = world, world.scenario.talks
        self.nobody = np.zeros((PARTIES, world.draws.count), dtype=np.bool_)

    def answer(self, number: int, _month: int, _held: BoolArray, /) -> Answer:
        """Sign the package of the round."""
        world, this_round = self.world, self.plan.rounds[number]
        if this_round.signs is None:
            return Answer(np.full(world.draws.count, -1), world.nowhere, np.zeros(world.draws.count))
        chance = np.ones(world.draws.count)
        if self.plan.mode == "chance" and this_round.probability is not None:
            chance = world.value(this_round.probability)
        return Answer(_of_name(world, this_round.signs), _luck(world, number) < chance, chance)

    def walking(self, _number: int, _failed: BoolArray, /) -> BoolArray:
        """Nobody does."""
        return self.nobody


class _ByHazard(_AsWritten):
    """Sign at once, at a rate, or never (equation 7.13)."""

    def __init__(self, world: World, hazard: Hazard) -> None:
        super().__init__(world)
        self.hazard = hazard
        self.ever = world.draws.uniform("talks.hazard", 1)[0] >= world.value(hazard.never)

    def answer(self, number: int, _month: int, _held: BoolArray, /) -> Answer:
        """Sign by the time since the round before."""
        world = self.world
        chance = world.value(self.hazard.at_once)
        if number:
            before, now = (self.plan.rounds[place].date for place in (number - 1, number))
            years = (now - before).days / DAYS_PER_YEAR
            chance = -expm1(-world.value(self.hazard.settles_per_year) * years)
        chance = np.where(self.ever, chance, 0.0)
        return Answer(_of_name(world, self.hazard.signs), _luck(world, number) < chance, chance)


class _ByBargain:
    """Let two governments decide by what packages are worth to them (`sim.model.minds.negotiation`)."""

    def __init__(self, timeline: Timeline, world: World, month: int) -> None:
        self.world = world
        self.negotiation = Negotiation(timeline, world, month)

    def answer(self, number: int, month: int, held: BoolArray) -> Answer:
        """Let the host offer, and the other side answer."""
        count, draws = self.world.draws.count, np.flatnonzero(held)
        package, chance, lacking = np.full(count, -1), np.zeros(count), np.full((PARTIES, count), np.nan)
        if len(draws):
            found = self.negotiation.propose(number, month, draws)
            package[draws], chance[draws], lacking[:, draws] = found.package, found.chance, found.lacking
        agrees = _luck(self.world, number) < chance
        return Answer(package, agrees, chance, self.negotiation.proposers[number], lacking)

    def walking(self, number: int, failed: BoolArray) -> BoolArray:
        """Let each side weigh going on against leaving."""
        walked, draws = np.zeros((PARTIES, self.world.draws.count), dtype=np.bool_), np.flatnonzero(failed)
        walked[:, draws] = self.negotiation.walking(number, draws)
        return walked


def _of_name(world: World, package: str) -> IntArray:
    """Give a package by its name, in all draws."""
    return np.full(world.draws.count, list(world.scenario.talks.choices).index(package))


def _luck(world: World, number: int) -> FloatArray:
    """Give the uniforms that decide a round, [draw]."""
    luck: FloatArray = world.draws.uniform(f"talks.round.{number}", 1)[0]
    return luck


def _broken_by_itself(world: World, number: int, failed: BoolArray) -> tuple[BoolArray, FloatArray]:
    """Find where talks break off though nobody wants it, [draw], and the luck of how long any pause lasts, [draw]."""
    suspension = world.scenario.talks.suspension
    if suspension is None:
        return world.nowhere, np.zeros(world.draws.count)
    luck, wait = world.draws.uniform(f"talks.suspension.{number}", 2)
    return failed & (luck < world.value(suspension.probability)), wait


def _escalate(world: World, number: int, month: int, failed: BoolArray, left: BoolArray) -> None:
    """Bring the next rung by chance where a round failed, by another one where a side has left."""
    escalation = world.scenario.talks.escalation
    if escalation is None:
        return
    luck = world.draws.uniform(f"talks.escalation.{number}", 1)[0]
    chance = world.value(escalation.probability)
    if escalation.after_walking is not None:
        chance = np.where(left, world.value(escalation.after_walking), chance)
    _climb(world, month, failed & (luck < chance))


def _suspend(world: World, month: int, wait: FloatArray, broken: BoolArray, walked: BoolArray) -> None:
    """Pause talks that broke off by themselves or as a side walked away."""
    plan, breaks = world.scenario.talks, np.logical_or.reduce([broken, *walked])
    world.resume_month[breaks] = month + _pause(plan, world, wait)[breaks]
    for party, country in enumerate(plan.stakes):
        world.note(walked[party], month, ACTOR, "walked away", country)
    world.note(broken, month, ACTOR, "broke off")


def _pause(plan: Talks, world: World, luck: FloatArray) -> IntArray:
    """Months until talks that are off are taken up again, [draw]."""
    if plan.suspension is None:
        return np.full(world.draws.count, LATEST)
    return months_until(luck, world.value(plan.suspension.resumes_per_year))


def _climb(world: World, month: int, climbs: BoolArray) -> None:
    """Take the next rung of the escalation, up to the last."""
    reached = world.rungs_climbed
    for rung in range(len(world.rung_month)):
        here = climbs & (reached == rung)
        world.rung_month[rung, here] = month
        world.note(here, month, ACTOR, "escalates", f"to rung {rung + 1}")
    world.brought = {}


def breakdown(timeline: Timeline, world: World) -> Process:
    """Break signed deals at random, at the scenario's rate (equation 7.1); talks may then be taken up again."""
    plan = world.scenario.talks
    if plan.breakdown_per_year is None:
        return
    monthly = -expm1(-world.value(plan.breakdown_per_year) / MONTHS_PER_YEAR)
    luck = world.draws.uniform("talks.breakdown", timeline.calendar.months)
    wait = world.draws.uniform("talks.breakdown.pause", 1)[0]
    while True:
        month = yield timeline.turn(Phase.TALKS)
        breaks = (world.deal_month < month) & (world.broken_month == NEVER) & (luck[month] < monthly)
        world.broken_month[breaks] = month
        world.resume_month[breaks] = month + _pause(plan, world, wait)[breaks]
        world.note(breaks, month, ACTOR, "deal broken")
