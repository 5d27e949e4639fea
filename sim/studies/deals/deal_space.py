"""The deal space: what every package is worth to both governments, and which one the same draws sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.minds.stakes import PARTS, Pricing
from sim.model.recorder import Paths
from sim.model.world import RoundHeld, World
from sim.quantities import FloatArray, IntArray
from sim.report.captions import settings_in_words
from sim.runs.batch_task import Batch
from sim.runs.run_many import Job, run_many
from sim.runs.run_plan import check_numbers
from sim.scenario.loading import given
from sim.scenario.schema import Scenario
from sim.scenario.talks_schema import Talks
from sim.studies.deals import DRAWS
from sim.studies.deals.deal_lists import deal_space_html
from sim.studies.deals.deal_tables import chosen_issue
from sim.studies.deals.priced_packages import PricedPackages, signed_by
from sim.timeline import Phase, Process, Timeline

CUTS = 20
"""Steps in which a cut of tariffs is tried."""


class DealSpace(PricedPackages):
    """Packages and what they are worth: the tables of `PricedPackages` as notebooks show them."""

    def __repr__(self) -> str:
        return f"DealSpace({self.scenario.name}: {settings_in_words(len(self.draws), self.seed)})"

    def _repr_html_(self) -> str:
        return deal_space_html(self)


def deals(scenario: Scenario | str | Path, draws: int = DRAWS, seed: int = 1, issue: str | None = None) -> DealSpace:
    """Price all packages of a scenario as of its first round, and see what the same draws sign.

    Parameters
    ----------
    scenario
        One with rounds, an agenda, and the stakes of two governments; or its name or file.
    draws
        Number of draws.
    seed
        Seed, as in `sim.run`.
    issue
        Issue to look at, without which the same talks are held once more; that of access to the focus market if None.

    Raises
    ------
    ScenarioError
        If the scenario has no rounds, agenda, stakes or such an issue, or if no draw is asked for.
    """
    check_numbers(draws=draws, seed=seed)
    scenario = given(scenario)
    plan = scenario.talks
    lacking = [name for name in ("rounds", "agenda", "stakes") if not getattr(plan, name)]
    if lacking or plan.mode == "none":
        what = f"gives no talks.{lacking[0]}" if lacking else "holds no talks (talks.mode: none)"
        raise ScenarioError(f"{scenario.title}: {what}, so there are no packages to price; try bargain_spring_2019")
    issue, packages = chosen_issue(scenario, issue), plan.combinations
    jobs = [Job(scenario, range(draws), seed, partial(_survey, packages=packages))]
    closed = _off_the_table(scenario, issue)
    if closed is not None:
        jobs.append(Job(closed, range(draws), seed, _rounds_of))
    parts, *without = run_many(jobs)
    rounds = _joined_rounds([part.paths.rounds for part in parts])
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
        rounds=rounds,
        compensation=_shares(pd.concat([part.compensation for part in parts])),
        issue=issue,
        without=signed_by(_joined_rounds(without[0])) if without else None,
        rungs=np.concatenate([part.rungs for part in parts]),
        point_worth=np.concatenate([part.point_worth for part in parts], axis=-1),
        climbs=np.concatenate([part.climbs for part in parts], axis=-1),
    )


def _off_the_table(scenario: Scenario, issue: str) -> Scenario | None:
    """Give the same talks with an issue off the table; none where it is, or where nobody chooses packages."""
    talks = scenario.talks
    others = [held for held in talks.agenda if held not in {*talks.off_the_table, issue}]
    brings = any(any(talks.agenda[held].values()) for held in others)
    if talks.mode != "bargaining" or issue in talks.off_the_table or len(talks.agenda[issue]) == 1 or not brings:
        return None
    held = {name: getattr(talks, name) for name in Talks.model_fields}
    closed = Talks.model_validate(held | {"off_the_table": (*talks.off_the_table, issue)})
    return scenario.model_copy(update={"talks": closed})


def _rounds_of(batch: Batch) -> tuple[RoundHeld, ...]:
    return batch.paths().rounds


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
    point_worth: FloatArray = field(default_factory=lambda: np.zeros(0))
    climbs: FloatArray = field(default_factory=lambda: np.zeros(0))
    rungs: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    paths: Paths = field(init=False)

    def visit(self, timeline: Timeline, world: World) -> Process:
        """Price the packages at the first round, and count the rungs after the last one."""
        plan = self.scenario.talks
        first, last = (timeline.calendar.month_of(plan.rounds[place].date) for place in (0, -1))
        month = yield timeline.at(first, Phase.TALKS)
        brought = [plan.policies_of(package) for package in self.packages.values()]
        pricing = Pricing(timeline, world, month, brought)
        self.parts = pricing.parts(month)
        self.compensation = pd.DataFrame(list(_compensations(plan, pricing)))
        self.climbs = pricing.climbs(month)[:, :-1]
        self.point_worth = np.stack([pricing.worth_of_a_point(party) for party in range(len(plan.stakes))])
        yield timeline.at(last, Phase.NEWS)
        self.rungs = world.rungs_climbed


def _survey(batch: Batch, packages: dict[str, dict[str, str]]) -> _Survey:
    """Run a batch with a guest who prices the packages."""
    survey = _Survey(batch.scenario, packages)
    survey.paths = batch.paths(guests=[survey.visit])
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


# Batches put together -------------------------------------------------------------------------------------------------


def _joined_outcomes(parts: list[_Survey]) -> dict[str, IntArray]:
    names = ("deal_month", "broken_month", "no_deal_month")
    return {name: np.concatenate([part.paths.outcomes[name] for part in parts]) for name in names}


def _joined_rounds(batches_of_rounds: Sequence[tuple[RoundHeld, ...]]) -> tuple[RoundHeld, ...]:
    arrays = [item.name for item in fields(RoundHeld) if item.name not in {"number", "month", "proposer"}]
    return tuple(
        replace(same[0], **{name: np.concatenate([getattr(one, name) for one in same], axis=-1) for name in arrays})
        for same in zip(*batches_of_rounds, strict=True)
    )
