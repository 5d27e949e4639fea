"""One comparison of the model with a published figure, and a check: several of them that answer one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.errors import ModelError
from sim.facts import MONEY, RECALLED, Fact, find_fact
from sim.quantities import FloatArray
from sim.report.statistics import HIGH, LOW

MONTHS = "months"
MONEY_A_MONTH = f"{MONEY} a month"
MONEY_A_YEAR = f"{MONEY} a year"
DERIVED = "derived"
"""What stands as the source of a fact that was computed from others."""


@dataclass(frozen=True)
class Estimate:
    """What the model says: the mean over draws and the range that holds 90 % of them.

    Attributes
    ----------
    mean
        Mean over draws.
    low, high
        5 and 95 % quantiles of the draws; both equal the mean where nothing is uncertain.
    """

    mean: float
    low: float
    high: float

    @property
    def is_uncertain(self) -> bool:
        """Whether draws differ."""
        return self.low < self.high


@dataclass(frozen=True)
class Published:
    """What somebody has published.

    Attributes
    ----------
    value
        The number, in the unit of the comparison.
    unit
        Unit of the number, as facts write it.
    source
        Who says so, and the key under which `sim/facts` holds it with its address.
    """

    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class Comparison:
    """The model beside a published figure.

    Attributes
    ----------
    what
        Which quantity.
    model, data
        Both in the unit of the data.
    why
        What lies behind a difference, or why there should be none.
    """

    what: str
    model: Estimate
    data: Published
    why: str

    @property
    def unit(self) -> str:
        """Unit of model and data."""
        return self.data.unit

    @property
    def difference(self) -> float:
        """Model less data."""
        return self.model.mean - self.data.value

    @property
    def is_inside(self) -> bool:
        """Whether the data lies in the range that holds 90 % of the draws."""
        return self.model.low <= self.data.value <= self.model.high


@dataclass(frozen=True)
class Check:
    """Comparisons that answer one question.

    Attributes
    ----------
    title
        What is checked.
    text
        How the model's figures come about and how independent they are of the data: a paragraph of Markdown.
    comparisons
        The rows of its table.
    in_sample
        Whether the figures were put into the model or fitted to: `yes`, `in part` or `no`.
    block
        Part of the model that is checked: one of `sim.ledger.BLOCKS`.
    """

    title: str
    text: str
    comparisons: tuple[Comparison, ...]
    in_sample: Literal["yes", "in part", "no"] = "no"
    block: Literal["cloud", "goods"] = "cloud"


def over_draws(values: FloatArray) -> Estimate:
    """Estimate from one value per draw; values that agree to rounding count as certain."""
    mean = float(np.mean(values))
    low, high = (float(bound) for bound in np.quantile(values, [LOW, HIGH]))
    return Estimate(mean, mean, mean) if np.allclose(values, mean, rtol=1e-12) else Estimate(mean, low, high)


def published(key: str) -> Published:
    """Give the fact of that key as a published figure.

    Raises
    ------
    ScenarioError
        If there is none.
    ModelError
        If it is no number.
    """
    fact = find_fact(key)
    return Published(number_of(fact), fact.unit, _citation(fact))


def derived(value: float, unit: str, formula: str, *keys: str) -> Published:
    """Give a figure computed from facts; `formula` says how in words and `keys` name the facts."""
    facts = [find_fact(key) for key in keys]
    sources = dict.fromkeys(fact.source for fact in facts if fact.source != DERIVED)
    names = ", ".join(_key(fact) for fact in facts)
    return Published(value, unit, f"{'; '.join(sources)}; derived: {formula} ({names})")


def number_of(fact: Fact) -> float:
    """Value of a fact that is a number.

    Raises
    ------
    ModelError
        If it is text.
    """
    if isinstance(fact.value, str):
        raise ModelError(f"{fact.file}:{fact.line}: {fact.key} is {fact.value!r}, where a number is needed")
    return fact.value


def _citation(fact: Fact) -> str:
    return f"{fact.source} ({_key(fact)})"


def _key(fact: Fact) -> str:
    return f"`{fact.key}`{', unverified' if fact.confidence == RECALLED else ''}"
