"""Uncertain numbers and shocks: named random streams that depend on seed, name and draw number only."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from sim.quantities import FloatArray
from sim.values import Number

SAMPLE = "sample"
"""Stream from which all numbers with a sample take their place in the list."""
BLOCK = 128
"""Draws per random block: a block's numbers are drawn together and cut to the draws asked for."""


class Draws:
    """Random numbers for one range of draws.

    Each quantity has its own generator, keyed by seed, name and block of 128 draws, so draw 17 gets the same numbers
    in any batch, on any worker, whatever other quantities the scenario holds.

    Parameters
    ----------
    seed
        Seed of the run.
    draws
        Draw numbers of this batch, contiguous.
    """

    def __init__(self, seed: int, draws: range) -> None:
        self.seed = seed
        self.draws = draws
        self._numbers: dict[str, FloatArray] = {}
        self._uncertain: dict[str, Number] = {}

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
        if number.name not in self._numbers:
            self._numbers[number.name] = self.path(number, number.name, 1)[0]
            if number.is_uncertain:
                self._uncertain[number.name] = number
        return self._numbers[number.name]

    def path(self, number: Number, name: str, length: int) -> FloatArray:
        """Independent values of a number, [length, draw], from the stream `name`."""
        if not number.is_uncertain:
            return np.full((length, self.count), number.parameters[0])
        if number.kind in {"normal", "lognormal"}:
            middle, spread = number.parameters
            standard = self.standard_normal(name, length)
            values = middle + spread * standard if number.kind == "normal" else middle * np.exp(spread * standard)
        elif number.kind == "sample":
            values = _from_list(number, self.uniform(SAMPLE, length))
        else:
            values = from_uniform(number, self.uniform(name, length))
        return np.clip(values, number.low, number.high)

    def standard_normal(self, name: str, length: int) -> FloatArray:
        """Independent standard normal values, [length, draw]."""
        return self._stream(name, length, lambda generator, shape: generator.standard_normal(shape))

    def uniform(self, name: str, length: int) -> FloatArray:
        """Independent uniform values in [0, 1), [length, draw]."""
        return self._stream(name, length, lambda generator, shape: generator.random(shape))

    def _stream(
        self, name: str, length: int, values: Callable[[np.random.Generator, tuple[int, int]], FloatArray]
    ) -> FloatArray:
        first, last = self.draws[0] // BLOCK, self.draws[-1] // BLOCK
        key = zlib.crc32(name.encode())
        blocks = [values(np.random.default_rng([self.seed, key, b]), (length, BLOCK)) for b in range(first, last + 1)]
        offset = self.draws[0] - first * BLOCK
        return np.ascontiguousarray(np.concatenate(blocks, axis=1)[:, offset : offset + self.count])


def _from_list(number: Number, uniform: FloatArray) -> FloatArray:
    """Take each value of a list equally often."""
    values = np.asarray(number.parameters)
    return values[np.minimum((uniform * len(values)).astype(np.int64), len(values) - 1)]


def from_uniform(number: Number, uniform: FloatArray) -> FloatArray:
    """Give the quantiles of a bounded distribution at shares of one."""
    if number.kind == "choice":
        return _from_list(number, uniform)
    if number.kind == "uniform":
        low, high = number.parameters
        return low + (high - low) * uniform
    low, mode, high = number.parameters
    if high == low:
        return np.full_like(uniform, low)
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(uniform * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - uniform) * (high - low) * (high - mode))
    return np.where(uniform < split, rising, falling)
