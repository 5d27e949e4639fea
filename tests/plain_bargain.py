"""A bargain in plain numbers, one draw at a time, from the text of the model (equations 7.4 to 7.6 and 7.10)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from sim.model.equations.bargaining import Game

Numbers = Any
"""Lists of numbers, as deep as the name says."""
_CLEAR = 1e-9


@dataclass
class PlainRound:
    """What a round promises: by party, type, package and rung, in this order as far as they apply.

    A package that is offered is None where no offer is made.
    """

    offers: Numbers
    surplus: Numbers
    accepts: Numbers
    refusing: Numbers
    expected: Numbers
    going_on: Numbers
    leaving: Numbers


@dataclass
class PlainBargain:
    """Two parties of several types on several rungs, in one draw."""

    gains: Numbers
    climb: Numbers
    reserve: Numbers
    belief: Numbers
    noise: Numbers
    proposers: Numbers
    discount: Numbers
    waiting_cost: Numbers
    climbs: float
    climbs_by_walking: float
    suspended: float
    resumed: Numbers
    can_walk: bool = True
    margins: list[float] = field(default_factory=list)
    """How far each choice was from going the other way."""

    @property
    def unclear(self) -> bool:
        """Whether some choice hangs on the last bits of a number."""
        return min(self.margins) < _CLEAR

    @classmethod
    def of(cls, game: Game, d: int) -> PlainBargain:
        """One draw of a game in arrays."""
        whole = {"proposers": list(game.proposers), "can_walk": game.can_walk}
        return cls(
            **whole, **{name: value[..., d].tolist() for name, value in game._asdict().items() if name not in whole}
        )

    @property
    def rungs(self) -> range:
        return range(len(self.climb[0]))

    def types(self, party: int) -> range:
        return range(len(self.reserve[party]))

    def rounds(self) -> list[PlainRound]:
        """All rounds, worked out from the last one backwards."""
        found: list[PlainRound] = []
        off = [[[0.0 for _ in self.rungs] for _ in self.types(i)] for i in range(2)]
        for number in reversed(range(len(self.proposers))):
            if found:
                on, off = self._talking_or_not(number, found[0].expected, off)
                refusing, going_on, leaving = self._failed(on, off)
            else:
                refusing = going_on = leaving = off
            found.insert(0, self._round(number, refusing, going_on, leaving))
        return found

    def _talking_or_not(self, number: int, expected: Numbers, off_then: Numbers) -> tuple[Numbers, Numbers]:
        """Worth of talks that go on to the next round, and of talks that are off."""
        on, off = [], []
        for i in range(2):
            discount, cost = self.discount[number][i], self.waiting_cost[number][i]
            on.append([[discount * worth - cost for worth in by_rung] for by_rung in expected[i]])
            back = self.resumed[number]
            off.append([
                [discount * (back * held + (1 - back) * free) - cost for held, free in zip(*of_type, strict=True)]
                for of_type in zip(expected[i], off_then[i], strict=True)
            ])  # fmt: skip
        return on, off

    def _climbing(self, i: int, by_rung: Numbers, rung: int, chance: float) -> float:
        if rung == self.rungs[-1]:
            return float(by_rung[rung])
        return float((1 - chance) * by_rung[rung] + chance * (self.climb[i][rung] + by_rung[rung + 1]))

    def _failed(self, on: Numbers, off: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        def over_all(worth: Numbers, chance: float) -> Numbers:
            return [
                [[self._climbing(i, worth[i][t], rung, chance) for rung in self.rungs] for t in self.types(i)]
                for i in range(2)
            ]

        going_on, leaving = over_all(on, self.climbs), over_all(off, self.climbs_by_walking)
        broken, refusing = over_all(off, self.climbs), over_all(on, 0.0)
        for i in range(2):
            for rung in self.rungs:
                walks = [[self._walks(p, t, rung, going_on, leaving) for t in self.types(p)] for p in range(2)]
                left = sum(self.belief[1 - i][t] for t in self.types(1 - i) if walks[1 - i][t])
                for t in self.types(i):
                    stay, go = going_on[i][t][rung], leaving[i][t][rung]
                    self.margins.append(abs(go - stay))
                    worth = go if walks[i][t] else left * go + (1 - left) * stay
                    refusing[i][t][rung] = self.suspended * broken[i][t][rung] + (1 - self.suspended) * worth
        return refusing, going_on, leaving

    def _walks(self, i: int, t: int, rung: int, going_on: Numbers, leaving: Numbers) -> bool:
        return self.can_walk and bool(leaving[i][t][rung] > going_on[i][t][rung])

    def _round(self, number: int, refusing: Numbers, going_on: Numbers, leaving: Numbers) -> PlainRound:
        i, j = self.proposers[number], 1 - self.proposers[number]
        packages = range(len(self.gains[0]))
        accepts = [
            [[self._accepts(j, t, q, rung, refusing) for rung in self.rungs] for q in packages] for t in self.types(j)
        ]
        expected = [[list(by_rung) for by_rung in by_type] for by_type in refusing]
        surplus = [[[0.0 for _ in self.rungs] for _ in packages] for _ in self.types(i)]
        offers: Numbers = [[None for _ in self.rungs] for _ in self.types(i)]
        for rung in self.rungs:
            for kind in self.types(i):
                for q in packages:
                    chance = math.fsum(self.belief[j][t] * accepts[t][q][rung] for t in self.types(j))
                    over = self.gains[i][q][rung] - self.reserve[i][kind] - refusing[i][kind][rung]
                    surplus[kind][q][rung] = chance * over
                ranked = sorted(packages, key=lambda q, k=kind, r=rung: -surplus[k][q][r])  # type: ignore[misc]
                best = surplus[kind][ranked[0]][rung]
                over = self.gains[i][ranked[0]][rung] - self.reserve[i][kind] - refusing[i][kind][rung]
                self.margins.append(abs(over))
                others = [q for q in ranked if not self._alike(q, ranked[0], rung)]
                self.margins += [1 - surplus[kind][q][rung] / best for q in others[:1] if best > 0]
                if best > 0:
                    offers[kind][rung] = ranked[0]
                    expected[i][kind][rung] = refusing[i][kind][rung] + best
            for t in self.types(j):
                outcomes = []
                for kind in self.types(i):
                    q = offers[kind][rung]
                    chance = 0.0 if q is None else accepts[t][q][rung]
                    won = 0.0 if q is None else self.gains[j][q][rung] - self.reserve[j][t]
                    outcomes.append(self.belief[i][kind] * (chance * won + (1 - chance) * refusing[j][t][rung]))
                expected[j][t][rung] = math.fsum(outcomes)
        return PlainRound(offers, surplus, accepts, refusing, expected, going_on, leaving)

    def _alike(self, q: int, other: int, rung: int) -> bool:
        """Whether two packages are worth the same to both, so that the first one is offered."""
        return all(held[q][rung] == held[other][rung] for held in self.gains)

    def _accepts(self, j: int, t: int, q: int, rung: int, refusing: Numbers) -> float:
        return logit(self.gains[j][q][rung] - self.reserve[j][t] - refusing[j][t][rung], self.noise[j])


def logit(better: float, noise: float) -> float:
    """Chance of a choice that is better by so much."""
    return 1 / (1 + math.exp(min(-better / noise, 700)))


def bayes(belief: list[float], likelihood: list[float]) -> list[float]:
    """What is believed of each type after something that each would do with some chance."""
    joint = [prior * max(chance, 1e-12) for prior, chance in zip(belief, likelihood, strict=True)]
    return [held / math.fsum(joint) for held in joint]


def after_a_refusal(belief: list[float], seen: PlainRound, package: int | None, rung: int) -> list[float]:
    """Belief about the responder."""
    if package is None:
        return belief
    return bayes(belief, [1 - by_package[package][rung] for by_package in seen.accepts])


def after_an_offer(
    belief: list[float], seen: PlainRound, package: int | None, rung: int, noise: float, among: list[int]
) -> list[float]:
    """Belief about the proposer: its offer is read as a logit choice among some packages, and none."""
    likelihood = []
    for by_package in seen.surplus:
        worth = [0.0, *(by_package[q][rung] / noise for q in among)]
        top = max(worth)
        chosen = worth[0 if package is None else among.index(package) + 1]
        likelihood.append(math.exp(chosen - top) / math.fsum(math.exp(value - top) for value in worth))
    return bayes(belief, likelihood)


def after_a_stay(belief: list[float], seen: PlainRound, party: int, rung: int, noise: float) -> list[float]:
    """Belief about a side that has not walked away after a failed round."""
    better = [stay[rung] - go[rung] for stay, go in zip(seen.going_on[party], seen.leaving[party], strict=True)]
    return bayes(belief, [logit(value, noise) for value in better])
