"""Markets of any kind, and the model text of sections 3 and 4 written out for one market and draw in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Markets:
    """Inputs of demand and pricing: [vendor, market, segment, draw] and parts of it."""

    access: Array
    quality: Array
    log_price: Array
    path_bn: Array
    cost: Array
    fee: Array
    sigma: Array
    eta: Array

    def plain(self, m: int, d: int) -> PlainMarket:
        def listed(array: Array) -> list[list[float]]:
            return array[:, m, :, d].tolist()

        return PlainMarket(
            listed(self.access),
            listed(self.quality),
            self.path_bn[m, :, d].tolist(),
            self.cost[:, m, d].tolist(),
            self.fee[:, m, d].tolist(),
            self.sigma[:, d].tolist(),
            float(self.eta[d]),
        )


@dataclass(frozen=True)
class PlainMarket:
    """One market in one draw; everything as the model text has it, nothing taken from the program."""

    access: list[list[float]]
    quality: list[list[float]]
    path_bn: list[float]
    cost: list[float]
    fee: list[float]
    sigma: list[float]
    eta: float

    def attraction(self, v: int, s: int, price: float) -> float:
        return self.access[v][s] * math.exp(self.quality[v][s]) * price ** (1 - self.sigma[s])

    def total(self, s: int, prices: Sequence[float]) -> float:
        return sum(self.attraction(v, s, price) for v, price in enumerate(prices))

    def share(self, v: int, s: int, prices: Sequence[float]) -> float:
        return self.attraction(v, s, prices[v]) / self.total(s, prices)

    def index(self, s: int, prices: Sequence[float]) -> float:
        return self.total(s, prices) ** (1 / (1 - self.sigma[s]))

    def revenue(self, v: int, prices: Sequence[float]) -> float:
        """Sum over segments of P * E, with E = path * index ** (1 - eta)."""
        return sum(
            self.share(v, s, prices) * path * self.index(s, prices) ** (1 - self.eta)
            for s, path in enumerate(self.path_bn)
        )

    def profit(self, v: int, prices: Sequence[float]) -> float:
        """Profit of one vendor: what it keeps of its revenue, less cost times quantity."""
        revenue = self.revenue(v, prices)
        return (1 - self.fee[v]) * revenue - self.cost[v] * revenue / prices[v]

    def profit_at(self, v: int, price: float, prices: Sequence[float]) -> float:
        return self.profit(v, [*prices[:v], price, *prices[v + 1 :]])


def numbers(low: float, high: float, *shape: int) -> st.SearchStrategy[Array]:
    """Arrays of a shape with numbers between two bounds; one in ten is a bound itself."""
    return st.integers(0, 2**32 - 1).map(lambda seed: _numbers(np.random.default_rng(seed), low, high, shape))


def _numbers(random: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> Array:
    inside, luck = random.uniform(low, high, shape), random.random(shape)
    return np.where(luck < 0.05, low, np.where(luck > 0.95, high, inside))


@st.composite
def any_markets(draw: st.DrawFn, vendors: int | None = None, segments: int | None = None) -> Markets:
    n = vendors or draw(st.integers(1, 4))
    s = segments or draw(st.integers(1, 3))
    m, d = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    return Markets(
        access=draw(numbers(0.05, 1, n, m, s, d)),
        quality=draw(numbers(-2, 2, n, m, s, d)),
        log_price=draw(numbers(-0.7, 0.7, n, m, d)),
        path_bn=draw(numbers(0.1, 50, m, s, d)),
        cost=draw(numbers(0.3, 2, n, m, d)),
        fee=draw(numbers(0, 0.3, n, m, d)),
        sigma=draw(numbers(2.5, 8, s, d)),
        eta=draw(numbers(1.1, 2.4, d)),
    )


@pytest.fixture(scope="session")
def markets() -> Callable[..., st.SearchStrategy[Markets]]:
    return any_markets


@pytest.fixture(scope="session")
def array_of() -> Callable[..., st.SearchStrategy[Array]]:
    """Arrays of numbers between two bounds."""
    return numbers


@pytest.fixture
def close_substitutes() -> Markets:
    """Two vendors that differ in nothing but a fee, in one segment that hardly tells them apart."""
    shape = (2, 1, 1, 1)
    return Markets(
        access=np.ones(shape),
        quality=np.zeros(shape),
        log_price=np.zeros((2, 1, 1)),
        path_bn=np.ones((1, 1, 1)),
        cost=np.full((2, 1, 1), 0.3),
        fee=np.array([0.15, 0.285]).reshape(2, 1, 1),
        sigma=np.array([[8.0]]),
        eta=np.array([1.93]),
    )


@pytest.fixture
def nearly_alone_when_cheap() -> Markets:
    """Three vendors, one of which answers each of two prices with the other, even by half steps."""
    ones = np.ones((3, 1, 1, 1))
    return Markets(
        access=ones,
        quality=np.log(np.array([0.01417792, 0.01417792, 2.9186352])).reshape(3, 1, 1, 1),
        log_price=np.zeros((3, 1, 1)),
        path_bn=np.full((1, 1, 1), 2.0),
        cost=np.array([1.16925684, 1.16925684, 1.22470038]).reshape(3, 1, 1),
        fee=np.array([0.28513911, 0.28513911, 0.00826773]).reshape(3, 1, 1),
        sigma=np.array([[7.72755033]]),
        eta=np.array([1.1]),
    )
