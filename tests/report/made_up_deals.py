"""Made-up deal spaces: few packages of a scenario of the library, with gains that a test chooses."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

import sim
from sim.model.world import RoundHeld
from sim.quantities import NEVER
from sim.scenario.schema import Scenario
from sim.scenario.talks_schema import Happened
from sim.studies.deals.deal_space import DealSpace

COUNTRIES = ("us", "china")
TARIFFS, ACCESS = "tariffs_on_chinese_goods", "cloud_access"
AGENDA = {TARIFFS: ("keep", "remove"), ACCESS: ("none", "pilot_zone", "nationwide")}
SHARE_OF_EXPORTS = 0.75
COMPENSATION = ("issue", "level", "country", "cut_share", "acceptable_share", "costly_share", "made_up_share")


def bargaining(agenda: Mapping[str, Sequence[str]] = AGENDA) -> Scenario:
    """A scenario in which governments bargain, with some of its issues and levels."""
    scenario = sim.load("bargain_spring_2019")
    whole = scenario.talks.agenda
    fewer = {issue: {level: whole[issue][level] for level in levels} for issue, levels in agenda.items()}
    return scenario.model_copy(update={"talks": scenario.talks.model_copy(update={"agenda": fewer})})


def combined(agenda: Mapping[str, Sequence[str]] = AGENDA) -> dict[str, dict[str, str]]:
    """All packages of an agenda, the last issue changing fastest."""
    chosen = [dict(zip(agenda, levels, strict=True)) for levels in itertools.product(*agenda.values())]
    return {"-".join(package.values()): package for package in chosen}


def space_of(gains: NDArray[Any], agenda: Mapping[str, Sequence[str]] = AGENDA, **changed: Any) -> DealSpace:
    """A deal space with these gains, [country, package, draw], three quarters of them exports; nothing is signed.

    One round is held.
    """
    draws = gains.shape[2]
    months = {name: np.full(draws, NEVER) for name in ("deal_month", "broken_month", "no_deal_month")}
    exports = SHARE_OF_EXPORTS * gains
    usual = {
        "scenario": bargaining(agenda),
        "seed": 1,
        "draws": np.arange(draws),
        "date": dt.date(2019, 4, 5),
        "countries": COUNTRIES,
        "packages": combined(agenda),
        "parts": {"exports": exports, "tariff_revenue": gains - exports},
        "signed": np.full(draws, -1),
        "outcomes": months,
        "rounds": (round_held(0, [False] * draws),),
        "compensation": pd.DataFrame(columns=COMPENSATION),
        "issue": ACCESS if ACCESS in agenda else next(iter(agenda)),
        "without": None,
        "rungs": np.zeros(draws, dtype=np.int64),
        "point_worth": np.ones((2, draws)),
        "climbs": np.zeros((2, 0, draws)),
    }
    return DealSpace(**{**usual, **changed})


def random_space(draws: int = 40, seed: int = 1, agenda: Mapping[str, Sequence[str]] = AGENDA) -> DealSpace:
    """A deal space with random gains, where about half of the draws sign some package at one of three rounds."""
    random = np.random.default_rng(seed)
    count = len(combined(agenda))
    gains = random.normal(2.0, 4.0, (2, count, 1)) + random.normal(0.0, 3.0, (2, count, draws))
    signed = np.where(random.random(draws) < 0.5, random.integers(0, count, draws), -1)
    at_round = np.where(signed >= 0, random.integers(0, 3, draws), 3)
    months = {
        "deal_month": np.where(signed >= 0, 9 + np.minimum(at_round, 1), NEVER),
        "broken_month": np.where((signed >= 0) & (random.random(draws) < 0.3), 20, NEVER),
        "no_deal_month": np.where(signed < 0, 10, NEVER),
    }
    lacks = random.gamma(2.0, 3.0, (2, draws))
    rounds = tuple(
        round_held(number, at_round == number, held=at_round >= number, lacking=lacks - number) for number in range(3)
    )
    without = np.logical_or.accumulate([random.random(draws) < 0.2 for _ in range(3)], axis=0)
    return space_of(gains, agenda, signed=signed, outcomes=months, rounds=rounds, without=without)


def round_held(
    number: int,
    agreed: ArrayLike,
    broke_off: ArrayLike | None = None,
    *,
    held: ArrayLike | None = None,
    walked: ArrayLike | None = None,
    lacking: ArrayLike | None = None,
) -> RoundHeld:
    """A round of April (0) or May (1 and 2) 2019; held everywhere, and nobody walks away, unless said otherwise."""
    signs = np.asarray(agreed, dtype=np.bool_)
    draws = len(signs)
    nowhere, sides = np.zeros(draws, dtype=np.bool_), np.zeros((2, draws), dtype=np.bool_)
    return RoundHeld(
        number=number,
        month=9 + min(number, 1),
        proposer=0,
        package=np.zeros(draws, dtype=np.int64),
        chance=np.ones(draws),
        held=~nowhere if held is None else np.asarray(held),
        agreed=signs,
        broke_off=nowhere if broke_off is None else np.asarray(broke_off),
        walked=sides if walked is None else np.asarray(walked),
        lacking=np.zeros((2, draws)) if lacking is None else np.asarray(lacking, dtype=np.float64),
    )


def with_history(space: DealSpace, *spans: Mapping[str, Any]) -> DealSpace:
    """The same deal space of a scenario that knows what happened."""
    held = tuple(Happened(**span) for span in spans)
    talks = space.scenario.talks.model_copy(update={"history": held})
    return replace(space, scenario=space.scenario.model_copy(update={"talks": talks}))
