"""The deal space: what every package is worth to both governments, and which one the same draws sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.model.minds.stakes import PARTS, Pricing
from sim.model.recorder import Paths
from sim.model.world import RoundHeld, World
from sim.quantities import FloatArray, IntArray
from sim.report.captions import settings_in_words
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job, run_one
from sim.runs.run_plan import check_numbers
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.scenario.talks_schema import Happened, Talks
from sim.studies.deals import DRAWS
from sim.studies.deals.deal_lists import deal_space_html
from sim.studies.deals.priced_packages import PricedPackages
from sim.timeline import Phase, Process, Timeline

CUTS = 20
"""Steps in which a cut of tariffs is tried."""


class DealSpace(PricedPackages):
    """Packages and what they are worth: the tables of `PricedPackages` as notebooks show them."""

    def __repr__(self) -> str:
        return f"DealSpace({self.scenario.name}: {settings_in_words(len(self.draws), self.seed)})"

    def _repr_html_(self) -> str:
        return deal_space_html(self)


def deals(scenario: Scenario | str | Path, draws: int = DRAWS, seed: int = 1) -> DealSpace:
    """Price all packages of a scenario as of its first round, and see what the same draws sign.

    Parameters
    ----------
    scenario
        One with rounds, an agenda, and the stakes of two governments; or its name or file.
    draws
        Number of draws.
    seed
        Seed, as in `sim.run`.

    Raises
    ------
    ScenarioError
        If the scenario has no rounds, agenda or stakes, or if no draw is asked for.
    """
    check_numbers(draws=draws, seed=seed)
    scenario = given(scenario)
    plan = scenario.talks
    lacking = [name for name in ("rounds", "agenda", "stakes") if not getattr(plan, name)]
    if lacking or plan.mode == "none":
        what = f"gives no talks.{lacking[0]}" if lacking else "holds no talks (talks.mode: none)"
        raise ScenarioError(f"{scenario.title}: {what}, so there are no packages to price; try bargain_spring_2019")
    packages = plan.combinations
    parts: list[_Survey] = run_one(Job(scenario, range(draws), seed, partial(_survey, packages=packages)))
    return DealSpace(
        scenario=scenario,
        seed=seed,
        draws=np.concatenate([part.paths.draws for part in parts]),
        date=plan.rounds[0].date,
        countries=tuple(plan.stakes),
        packages=packages,
        parts={name: np.concatenate([part.parts[name] for part in parts], axis=-1) for name in PARTS},
        signed=_signed(plan, packages, np.concatenate([part.paths.outcomes["package"] for part in parts])),
        outcomes=_joined_outcomes(parts),
        rounds=_joined_rounds([part.paths.rounds for part in parts]),
        compensation=_shares(pd.concat([part.compensation for part in parts])),
        weights=_weights(np.concatenate([part.fit for part in parts])),
    )


def _signed(plan: Talks, packages: dict[str, dict[str, str]], package: IntArray) -> IntArray:
    """Indices among all combinations of what was signed among `plan.choices`."""
    names = list(packages)
    index = np.array([*(names.index(name) for name in plan.choices), -1], dtype=np.int64)
    found: IntArray = index[package]
    return found


@dataclass
class _Survey:
    """What is found in one batch of draws."""

    scenario: Scenario
    packages: dict[str, dict[str, str]]
    parts: dict[str, FloatArray] = field(default_factory=dict)
    compensation: pd.DataFrame = field(default_factory=pd.DataFrame)
    fit: FloatArray = field(default_factory=lambda: np.zeros(0))
    paths: Paths = field(init=False)

    def visit(self, timeline: Timeline, world: World) -> Process:
        """Price the packages at the first round."""
        plan = self.scenario.talks
        month = yield timeline.at(timeline.calendar.month_of(plan.rounds[0].date), Phase.TALKS)
        brought = [plan.policies_of(package) for package in self.packages.values()]
        pricing = Pricing(timeline, world, month, brought)
        self.parts = pricing.worth(month)
        self.compensation = pd.DataFrame(list(_compensations(plan, pricing)))


def _survey(batch: Batch, packages: dict[str, dict[str, str]]) -> _Survey:
    """Run a batch with a guest who prices the packages."""
    survey = _Survey(batch.scenario, packages)
    survey.paths = batch.paths(guests=[survey.visit])
    survey.fit = _log_fit(batch)
    return survey


def _compensations(plan: Talks, pricing: Pricing) -> Iterator[Mapping[str, object]]:
    """Try cuts of the other side's tariffs for each level that comes by itself.

    What counts is the difference to a deal that settles nothing else, so that what comes without a deal plays no part.
    """
    nothing = [pricing.gain_with_cut(frozenset(), party, 0.0) for party in range(len(pricing.countries))]
    for issue, levels in plan.agenda.items():
        for level, policies in levels.items():
            for party, country in enumerate(pricing.countries):
                brought = frozenset(policies)
                if not brought:
                    continue
                costs = pricing.gain_with_cut(brought, party, 0.0) < nothing[party]
                for cut in np.linspace(0.0, 1.0, CUTS + 1):
                    gain = pricing.gain_with_cut(brought, party, float(cut)) - nothing[party]
                    yield {
                        "issue": issue,
                        "level": level,
                        "country": country,
                        "cut_share": float(cut),
                        "gain": float(gain.sum()),
                        "accepted": int((gain >= 0.0).sum()),
                        "costly": int(costs.sum()),
                        "made_up": int((costs & (gain >= 0.0)).sum()),
                        "draws": gain.size,
                    }


def _shares(found: pd.DataFrame) -> pd.DataFrame:
    """Join what batches found, and keep the levels that cost a country something."""
    keys = ["issue", "level", "country", "cut_share"]
    shares = {"acceptable_share": ("accepted", "draws"), "costly_share": ("costly", "draws"),
              "made_up_share": ("made_up", "costly")}  # fmt: skip
    if found.empty:
        return pd.DataFrame(columns=[*keys, *shares])
    counts = ["gain", "accepted", "costly", "made_up", "draws"]
    summed = found.groupby(keys, sort=False, as_index=False)[counts].sum()
    uncut = summed["gain"].where(summed["cut_share"] == 0.0)
    costs = uncut.groupby([summed[name] for name in keys[:3]], sort=False).transform("first") < 0.0
    summed = summed[costs].reset_index(drop=True)
    return summed.assign(**{name: summed[part] / summed[whole] for name, (part, whole) in shares.items()})[
        [*keys, *shares]
    ]


# What is known to have happened ---------------------------------------------------------------------------------------


def _log_fit(batch: Batch) -> FloatArray:
    """Log of how likely each draw makes what is known to have happened at the rounds (equation 7.9), [draw]."""
    plan, count = batch.scenario.talks, len(batch.draws)
    if plan.mode != "bargaining" or not any(held.happened for held in plan.rounds):
        return np.zeros(count)
    history = plan.model_copy(update={"follows_history": True})
    paths = replace(batch, scenario=batch.scenario.model_copy(update={"talks": history})).paths()
    fit, draws, climbed = np.zeros(count), Draws(batch.seed, batch.draws), 0
    with np.errstate(divide="ignore"):
        for held in paths.rounds:
            known = plan.rounds[held.number].happened
            if known is not None:
                fit += np.log(_signing(plan, known, held))
                if not known.signed and held.number + 1 < len(plan.rounds):
                    followed = _what_followed(plan, known, draws, climbed < len(plan.rungs))
                    fit += np.where(held.held, np.log(followed), 0.0)
                climbed += known.escalated
    return fit


def _signing(plan: Talks, known: Happened, held: RoundHeld) -> FloatArray:
    """Chance of what happened at one round: a signature of a package that fits, or none."""
    if not known.signed:
        return 1.0 - held.chance
    fits = [all(package[issue] == next(iter(plan.agenda[issue])) for issue in known.without)
            for package in plan.choices.values()]  # fmt: skip
    return held.chance * np.array(fits)[held.package]


def _what_followed(plan: Talks, known: Happened, draws: Draws, below_the_top: bool) -> FloatArray:
    """Chance of what a failed round brought: the next rung if any is left, and talks that broke off or went on."""
    chance = np.ones(draws.count)
    if plan.escalation is not None and below_the_top:
        escalates = draws.number(plan.escalation.probability)
        chance = chance * (escalates if known.escalated else 1.0 - escalates)
    if plan.suspension is not None:
        breaks_off = draws.number(plan.suspension.probability)
        chance = chance * (breaks_off if known.broke_off else 1.0 - breaks_off)
    return chance


def _weights(log_fit: FloatArray) -> FloatArray:
    """Weights of draws from the logs of how well they fit."""
    best = log_fit.max()
    if best == -np.inf:
        return np.zeros_like(log_fit)
    likelihood = np.exp(log_fit - best)
    weights: FloatArray = likelihood / likelihood.sum()
    return weights


# Batches put together -------------------------------------------------------------------------------------------------


def _joined_outcomes(parts: list[_Survey]) -> dict[str, IntArray]:
    names = ("deal_month", "broken_month", "no_deal_month")
    return {name: np.concatenate([part.paths.outcomes[name] for part in parts]) for name in names}


def _joined_rounds(batches_of_rounds: list[tuple[RoundHeld, ...]]) -> tuple[RoundHeld, ...]:
    arrays = ("package", "chance", "held", "agreed", "broke_off")
    return tuple(
        replace(same[0], **{name: np.concatenate([getattr(one, name) for one in same]) for name in arrays})
        for same in zip(*batches_of_rounds, strict=True)
    )
