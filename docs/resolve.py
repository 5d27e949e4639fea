"""Play made-up disputes to see which range of resolve fits how threats ended elsewhere; the table stands in talks.md.

    python docs/resolve.py

Two sides share a pie of one. Each could get all of it by some split that does not hurt the other, so the best package
is worth one to both, and resolve is what a deal costs a side as a part of the pie. Offers take turns, a round every six
weeks for five years. There is one sanction, which hurts the side that is threatened four times as much as the other
one, and which a deal undoes. No number is taken from the talks between the United States and China.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.facts import load_facts, table
from sim.model.equations.bargaining import (
    Ahead,
    Game,
    after_staying,
    leaving_parties,
    months_until,
    move,
    next_round,
)
from sim.quantities import BoolArray, FloatArray, IntArray

HIGHEST = (0.8, 1.2, 1.6)
"""Upper ends of resolve, which is uniform from 0 on."""
DRAWS, SEED = 1000, 1
ROUNDS, MONTHS, SEEN_AHEAD = 41, 1.5, 16
STEPS, TYPES, RUNGS = 20, 9, 1
NOISE, COST, RATE = 0.03, 0.005, 0.06
CLIMBS, CLIMBS_BY_WALKING, RESUMES = 0.25, 0.714, 4.5
LOSSES = (0.1, 0.4)
"""What the sanction costs the side that threatens and the one that is threatened."""
WITHIN = (12, 24, 60)
"""Months within which disputes are counted."""


@dataclass
class Dispute:
    """Made-up disputes of one range of resolve, a draw each."""

    highest: float
    draws: int = DRAWS

    def __post_init__(self) -> None:
        self.luck = np.random.default_rng(SEED)
        share = np.arange(STEPS + 1) / STEPS
        shape = (2, STEPS + 1, RUNGS + 1, self.draws)
        undone = np.array(LOSSES)[:, None] * np.arange(RUNGS + 1)
        self.gains = np.broadcast_to(np.stack([share, 1 - share])[:, :, None, None], shape) + undone[:, None, :, None]
        self.climb = np.zeros((2, RUNGS + 1, self.draws))
        self.climb[:, :-1] = -np.array(LOSSES)[:, None, None]
        types = (np.arange(TYPES) + 0.5) / TYPES * self.highest
        own = self.luck.random((2, 1, self.draws)) * self.highest
        self.reserve = np.concatenate([np.broadcast_to(types[None, :, None], (2, TYPES, self.draws)), own], axis=1)
        self.belief = np.full_like(self.reserve, 1 / TYPES)
        self.belief[:, -1] = 0.0
        self.rung = np.zeros(self.draws, dtype=np.int64)
        self.sanctioned = np.full(self.draws, ROUNDS)

    def ahead(self, number: int) -> Ahead:
        """Look ahead from a round."""
        rounds = min(ROUNDS - number, SEEN_AHEAD)

        def same(value: float, *shape: int) -> FloatArray:
            return np.full((*shape, self.draws), value)

        game = Game(
            gains=self.gains, climb=self.climb, reserve=self.reserve, belief=self.belief, noise=same(NOISE, 2),
            proposers=[(number + n) % 2 for n in range(rounds)], discount=same(np.exp(-RATE * MONTHS / 12), rounds, 2),
            waiting_cost=same(COST, rounds, 2), climbs=same(CLIMBS), climbs_by_walking=same(CLIMBS_BY_WALKING),
            suspended=same(0.0), resumed=same(1 - np.exp(-RESUMES * MONTHS / 12), rounds),
        )  # fmt: skip
        return next_round(game, self.rung)

    def signed(self) -> IntArray:
        """Play all rounds; give the round at which each draw signs, ROUNDS where none does."""
        found = np.full(self.draws, ROUNDS)
        back = np.zeros(self.draws, dtype=np.int64)
        for number in range(ROUNDS):
            held = (found == ROUNDS) & (back <= number)
            signs = held & (self.luck.random(self.draws) < self._chance(number, held))
            found[signs] = number
            if number + 1 < ROUNDS:
                back = np.where(held & ~signs, self._after(number, held & ~signs), back)
        return found

    def _chance(self, number: int, held: BoolArray) -> FloatArray:
        found = move(self.ahead(number), number % 2, self.belief, np.full((2, self.draws), NOISE))
        self.belief = np.where(held, found.belief, self.belief)
        return found.chance

    def _after(self, number: int, failed: BoolArray) -> IntArray:
        """Let sides walk away and rungs come; give the round from which the talks go on."""
        ahead = self.ahead(number)
        walks = failed & leaving_parties(ahead).any(axis=0)
        stayed = after_staying(self.belief, ahead, np.full((2, self.draws), NOISE))
        self.belief = np.where(failed & ~walks, stayed, self.belief)
        luck, wait = self.luck.random((2, self.draws))
        climbs = failed & (luck < np.where(walks, CLIMBS_BY_WALKING, CLIMBS))
        self.sanctioned[climbs & (self.rung == 0)] = number
        self.rung = np.minimum(self.rung + climbs, RUNGS)
        months = months_until(wait, np.full(self.draws, RESUMES))
        return number + np.where(walks, np.ceil(months / MONTHS), 1).astype(np.int64)


def shares(highest: float, draws: int = DRAWS) -> list[float]:
    """Give the shares of disputes that end before any sanction, and within each of some months."""
    dispute = Dispute(highest, draws)
    signed = dispute.signed()
    before = (signed < ROUNDS) & (signed <= dispute.sanctioned)
    return [float(before.mean()), *(float((signed * MONTHS <= months).mean()) for months in WITHIN)]


def known() -> list[str]:
    """Give the same of disputes elsewhere: threats given in to, or that and dropped; episodes but the one at hand."""
    facts = load_facts()
    conceded, dropped = (float(facts[f"sanction_threats.all.{how}"].value) for how in ("conceded", "backed_down"))
    episodes = table("trade_threat_episodes")
    months = episodes["months"][~episodes["outcome"].str.contains("the case itself")]
    return [f"{100 * conceded:.0f} to {100 * (conceded + dropped):.0f} %",
            *(f"{100 * (months <= within).mean():.0f} %" for within in WITHIN)]  # fmt: skip


def rows() -> Iterator[str]:
    """Lines of the table."""
    titles = " | ".join(f"within {within} months" for within in WITHIN)
    yield f"| resolve, uniform from 0 to | settled before any sanction | {titles} |"
    yield "|--:" * (len(WITHIN) + 2) + "|"
    for highest in HIGHEST:
        yield f"| {highest} | " + " | ".join(f"{100 * share:.0f} %" for share in shares(highest)) + " |"
    yield "| elsewhere | " + " | ".join(known()) + " |"


if __name__ == "__main__":
    print("\n".join(rows()))
