"""Uncertain numbers and shocks: uniforms by seed, name and draw number, turned by inverse distribution functions."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.arithmetic.compiling import compiled
from sim.arithmetic.elementary import exp, normal_score, normal_share
from sim.quantities import FloatArray, IntArray
from sim.values import TOGETHER, Number

BLOCK = 128
"""Draws per random block: a block's numbers are drawn together and cut to the draws asked for."""
STEPS = 2.0**52
"""Uniforms are the middles of so many equal steps, so that none is 0 or 1."""


@dataclass(frozen=True, eq=False)
class Luck:
    """Where uniforms come from.

    A name is that of a stream: the dotted path of a number, or that of a shock. A group is a name, or the beginning of
    names up to a dot: `vendors.aws` holds `vendors.aws.catch_up.gap`.

    Attributes
    ----------
    seed
        Seed of all streams that are not named below.
    exchanged
        Seeds of groups; the most exact group that holds a name counts. All other streams stay as they are, to the bit:
        two runs that differ in one group are a pick-freeze pair (Sobol 1993).
    design
        For some names uniforms above 0 and below 1, [step, draw number], in place of random ones.
    """

    seed: int
    exchanged: Mapping[str, int] = field(default_factory=dict)
    design: Mapping[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, luck: Luck | int) -> Luck:
        """Take a seed for all luck."""
        return luck if isinstance(luck, Luck) else cls(luck)

    @property
    def key(self) -> int | str:
        """The seed where that is all, else a fingerprint of what decides the uniforms."""
        if not self.exchanged and not self.design:
            return self.seed
        found = hashlib.sha256(repr((self.seed, sorted(self.exchanged.items()))).encode())
        for name, given in sorted(self.design.items()):
            found.update(name.encode() + repr(given.shape).encode() + np.ascontiguousarray(given).tobytes())
        return f"{self.seed}-{found.hexdigest()[:16]}"

    def seed_of(self, name: str) -> int:
        """Seed of the stream of a name."""
        if not self.exchanged:
            return self.seed
        held = [group for group in self.exchanged if name == group or name.startswith(f"{group}.")]
        return self.exchanged[max(held, key=len)] if held else self.seed

    def uniforms(self, name: str, length: int, draws: Sequence[int] | IntArray) -> FloatArray:
        """Uniforms of one stream, [length, draw], above 0 and below 1.

        Each block of 128 draws has its own generator, keyed by seed, name and block, so that draw 17 gets the same
        numbers in any batch, on any worker, whatever other quantities there are.

        Parameters
        ----------
        name
            The stream.
        length
            Numbers for each draw.
        draws
            Draw numbers, rising.

        Raises
        ------
        ValueError
            If a design does not hold so many steps or draws.
        """
        if name in self.design:
            given = self.design[name]
            wanted = (length, draws[-1] + 1)
            if len(given) < length or given.shape[1] < wanted[1]:
                raise ValueError(f"the design of {name} holds {given.shape}, not {length} steps of {wanted[1]} draws")
            return np.ascontiguousarray(given[:length, np.asarray(draws)])
        numbers, key, seed = np.asarray(draws), zlib.crc32(name.encode()), self.seed_of(name)
        found, drawn = np.empty((length, len(numbers))), np.empty((length, BLOCK))
        first, last = int(numbers[0]) // BLOCK, int(numbers[-1]) // BLOCK
        ends = np.searchsorted(numbers, np.arange(first, last + 2) * BLOCK).tolist()
        for b, begin, end in zip(range(first, last + 1), ends[:-1], ends[1:], strict=True):
            np.random.default_rng([seed, key, b]).random(out=drawn)
            _put_middles(drawn, numbers[begin:end], begin, found)
        return found


@compiled
def _put_middles(drawn: FloatArray, numbers: IntArray, begin: int, found: FloatArray) -> None:
    """Put the middles of the steps in which a block's numbers lie, [length, draw], to its draws from a place on."""
    for i in range(len(drawn)):
        block, row = drawn[i], found[i, begin : begin + len(numbers)]
        if len(numbers) == BLOCK:
            for d in range(BLOCK):
                row[d] = (np.floor(block[d] * STEPS) + 0.5) / STEPS
        else:
            for d in range(len(numbers)):
                row[d] = (np.floor(block[numbers[d] % BLOCK] * STEPS) + 0.5) / STEPS


class Draws:
    """Random numbers for some draws.

    Parameters
    ----------
    luck
        Where uniforms come from, or just a seed.
    draws
        Draw numbers of this batch, rising.
    known
        Values of numbers that are not drawn, [draw] by dotted path.
    """

    def __init__(self, luck: Luck | int, draws: Sequence[int], known: Mapping[str, FloatArray] | None = None) -> None:
        self.luck = Luck.of(luck)
        self.draws = draws
        self._numbers: dict[str, FloatArray] = dict(known or {})
        self._normals: dict[str, FloatArray] = {}
        self._uncertain: dict[str, Number] = {}

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return self.luck.seed

    @cached_property
    def numbers(self) -> IntArray:
        """Draw numbers of this batch, [draw]."""
        return np.asarray(self.draws)

    @property
    def count(self) -> int:
        """Number of draws in the batch."""
        return len(self.draws)

    @property
    def uncertain(self) -> dict[str, Number]:
        """Uncertain numbers with one value per draw that were asked for so far, by dotted path."""
        return dict(self._uncertain)

    def number(self, number: Number) -> FloatArray:
        """Values of a scenario's number, [draw], cut to its bounds."""
        found = self._numbers.get(number.name)
        if found is None:
            mixed = number.loadings or number.estimate
            found = from_scores(number, self.scores(number)) if mixed else self.path(number, number.name, 1)[0]
            self._numbers[number.name] = found
            if number.is_uncertain:
                self._uncertain[number.name] = number
        return found

    def with_values(self, number: Number, values: FloatArray) -> Draws:
        """Give the same draws in which one number has other values, [draw]; these draws stay as they are."""
        return Draws(self.luck, self.draws, self._numbers | {number.name: values})

    def scores(self, number: Number) -> FloatArray:
        """Scores of an estimated or correlated number, [draw] (equations 9.8 and 9.9).

        Standard normal under the number's distribution: a mean and loadings times independent normals, one by one, so
        that no bit depends on the batch; the normals of a number are those of its own stream.
        """
        known = number.estimate
        mean, loadings = (0.0, number.loadings) if known is None else (known.mean, known.loadings)
        if not loadings:
            raise ValueError(f"{number.name} is neither estimated nor correlated")
        scores = np.full(self.count, mean)
        for name, weight in loadings:
            if name not in self._normals:
                self._normals[name] = self.standard_normal(name, 1)[0]
            scores += weight * self._normals[name]
        return scores

    def path(self, number: Number, name: str, length: int) -> FloatArray:
        """Independent values of a number, [length, draw], from the stream `name`."""
        if not number.is_uncertain:
            return np.full((length, self.count), number.parameters[0])
        stream = f"{TOGETHER}.{number.together}" if number.together else name
        return quantiles(number, self.uniform(stream, length))

    def standard_normal(self, name: str, length: int) -> FloatArray:
        """Independent standard normal values, [length, draw]."""
        uniform = self.uniform(name, length)
        return normal_score(uniform, out=uniform)

    def uniform(self, name: str, length: int) -> FloatArray:
        """Independent uniform values above 0 and below 1, [length, draw]."""
        return self.luck.uniforms(name, length, self.numbers)


def quantiles(number: Number, shares: FloatArray) -> FloatArray:
    """Values of a number below which given shares of its distribution lie, cut to its bounds."""
    if number.kind in {"normal", "lognormal"}:
        values = of_scores(number, normal_score(shares))
    elif number.kind == "choice":
        listed = np.asarray(number.parameters)
        values = listed[np.minimum((shares * len(listed)).astype(np.int64), len(listed) - 1)]
    elif number.kind == "uniform":
        low, high = number.parameters
        values = low + (high - low) * shares
    else:
        values = _of_triangle(number, shares)
    return np.clip(values, number.low, number.high)


def from_scores(number: Number, scores: FloatArray) -> FloatArray:
    """Values of a number at scores that are standard normal under its distribution, cut to its bounds."""
    if number.kind in {"normal", "lognormal"}:
        return np.clip(of_scores(number, scores), number.low, number.high)
    return quantiles(number, normal_share(scores))


def of_scores(number: Number, scores: FloatArray) -> FloatArray:
    """Values of a normal or lognormal number at scores."""
    middle, spread = number.parameters
    values: FloatArray = middle + spread * scores if number.kind == "normal" else middle * exp(spread * scores)
    return values


def _of_triangle(number: Number, shares: FloatArray) -> FloatArray:
    low, mode, high = number.parameters
    if high == low:
        return np.full_like(shares, low)
    found = np.empty(shares.shape)
    _write_triangle(shares.ravel(), low, mode, high, found.reshape(-1))
    return found


@compiled
def _write_triangle(shares: FloatArray, low: float, mode: float, high: float, found: FloatArray) -> None:
    for i in range(len(shares)):
        rising = low + math.sqrt(shares[i] * (high - low) * (mode - low))
        falling = high - math.sqrt((1.0 - shares[i]) * (high - low) * (high - mode))
        found[i] = rising if shares[i] < (mode - low) / (high - low) else falling
