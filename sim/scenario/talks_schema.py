"""What a scenario says of the talks: rounds, agenda and packages, and what the two governments care about."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, create_model

from sim.ledger import weighed_accounts
from sim.quantities import BoolArray
from sim.values import (
    CountryName,
    Name,
    Part,
    PolicyName,
    PositiveUsdBn,
    Resolve,
    ReturnRate,
    Share,
    SignedUsdBnPerYear,
    Speed,
    Text,
    UsdBnSchedule,
    Weight,
    Years,
)


class Happened(Part):
    """What is known of a span of the talks, from the day after the one before it."""

    until: dt.date
    """Its last day."""
    signed: bool = False
    """Whether a deal was signed in it."""
    without: tuple[Name, ...] = ()
    """Issues that the deal left at their first level."""


class Round(Part):
    """One round of talks."""

    date: dt.date
    """When the round ends."""
    place: Text
    """Where it is held."""
    signs: Name | None = None
    """Package that is signed at this round (mode `scripted`), or would be (mode `chance`)."""
    probability: Share | None = None
    """Chance of signing at this round (mode `chance`), share of one."""
    host: CountryName | None = None
    """Country that holds it and makes the offer (mode `bargaining`)."""


class Patience(Part):
    """How a government looks ahead and answers."""

    horizon_years: Years
    """How far the government looks ahead, years."""
    discount: ReturnRate
    """Rate at which it discounts what comes later, log rate per year."""
    waiting_cost_bn: UsdBnSchedule
    """What it costs the government when a round ends without a signature and the talks go on, bn USD; by date where
    deadlines make it dearer."""
    noise_bn: PositiveUsdBn
    """How far its answers scatter around the better one (quantal response), bn USD."""
    resolve: Resolve | None = None
    """What a deal costs it beyond what is priced, as a part of the best package that hurts neither side at the first
    round; drawn once, and the other side knows only the distribution. Nothing where absent."""
    delivery: Share | None = None
    """Chance, in its eyes, that the other side carries out what it promises, share of one; 1 where absent."""
    concession_cost: Share | None = None
    """What it costs to carry out what it promises itself, as a part of what that is worth to the other side; 0 where
    absent."""


if TYPE_CHECKING:
    Weights = Patience
else:
    Weights = create_model(
        "Weights",
        __base__=Patience,
        **{
            account.name: (Weight | None, Field(None, description=f"Weight of {account.weighed}."))
            for account in weighed_accounts()
        },
    )
"""Weights of the accounts of the ledger that governments look at, each a field under the account's name."""


class Stakes(Weights):
    """What one government cares about in the talks; a part that is not named has no weight."""

    home_sales: Weight | None = None
    """Weight of cloud sales of the country's vendors at home."""
    know_how_bn: SignedUsdBnPerYear | None = None
    """Worth of full protection of know-how in the other country's markets, bn USD a year."""
    protection_bn: SignedUsdBnPerYear | None = None
    """Worth of full protection of foreigners' know-how at home, bn USD a year; below 0 where firms lose by it."""
    foreign_data_centres_bn: SignedUsdBnPerYear | None = None
    """Worth of serving all customers at home from data centres that foreigners own, bn USD a year; usually below 0."""


class Escalation(Part):
    """What happens when a round ends without a signature and the talks go on."""

    probability: Share
    """Chance that a failed round brings the next rung, share of one; both sides know it."""
    after_walking: Share | None = None
    """The same where a side walks away from the talks; `probability` where absent."""
    rungs: Annotated[tuple[tuple[PolicyName, ...], ...], Field(min_length=1)]
    """Policies with `starts: {after_deal: ...}` that each rung brings, counted from the failed round; the last is the
    ceiling."""


class Suspension(Part):
    """Talks that break off, by themselves or as a side walks away, and are taken up again, also after a deal broke."""

    probability: Share
    """Chance that a failed round breaks the talks off though nobody wants it, share of one."""
    resumes_per_year: Speed
    """Rate at which talks that broke off are taken up again, log rate per year."""


class Hazard(Part):
    """When a deal comes, for those who would rather not say what governments want (mode `hazard`)."""

    signs: Name
    """Package that is signed."""
    at_once: Share
    """Chance of a signature at the first round, share of one."""
    settles_per_year: Speed
    """Rate of a signature after it, log rate per year."""
    never: Share
    """Chance that no round brings a signature, whatever their number, share of one."""


class Talks(Part):
    """Talks between the two governments."""

    mode: Literal["none", "scripted", "chance", "hazard", "bargaining"] = "none"
    """How the talks are decided."""
    agenda: dict[Name, dict[Name, tuple[PolicyName, ...]]] = {}
    """Issues, the levels each can take, and the policies that each level brings."""
    titles: dict[Name, Text] = {}
    """Names of issues as people read them; the words of the key where absent."""
    promises: dict[Name, dict[Name, Text]] = {}
    """What a level of an issue promises, as people read it in the name of a package; issue and level where absent."""
    off_the_table: tuple[Name, ...] = ()
    """Issues that stay at their first level when governments bargain."""
    packages: dict[Name, dict[Name, Name]] = {}
    """Packages by name: one level for each issue. Governments that bargain may sign these and any other combination."""
    rounds: tuple[Round, ...] = ()
    """Rounds in order."""
    if_no_deal: tuple[PolicyName, ...] = ()
    """Policies with `starts: {after_deal: ...}` that come instead after the last round without a signature."""
    breakdown_per_year: Speed | None = None
    """Rate at which a signed deal is broken, which ends its policies, log rate per year (0.05: about 5 % a year)."""
    stakes: dict[CountryName, Stakes] = {}
    """What each of the two governments cares about (mode `bargaining`)."""
    hazard: Hazard | None = None
    """Chance and rate of a signature (mode `hazard`)."""
    escalation: Escalation | None = None
    """Tariffs and other policies that failed rounds bring (modes `hazard` and `bargaining`)."""
    suspension: Suspension | None = None
    """Talks that break off; without it no side can walk away (modes `hazard` and `bargaining`)."""
    history: tuple[Happened, ...] = ()
    """What is known to have happened, span after span; no run reads it, `cloudtrade deals` sets it beside its own."""

    @cached_property
    def choices(self) -> dict[str, dict[str, str]]:
        """All packages that may be signed: those with a name, or in mode `bargaining` all that are on the table."""
        return self.combinations if self.mode == "bargaining" else self.packages

    @cached_property
    def combinations(self) -> dict[str, dict[str, str]]:
        """All packages of the agenda, first those that the scenario names."""
        levels = [[next(iter(kinds))] if issue in self.off_the_table else kinds for issue, kinds in self.agenda.items()]
        names = {tuple(package[issue] for issue in self.agenda): name for name, package in self.packages.items()}
        combined = sorted(itertools.product(*levels), key=lambda chosen: chosen not in names)
        return {names.get(chosen, "-".join(chosen)): dict(zip(self.agenda, chosen, strict=True)) for chosen in combined}

    def policies_of(self, package: Mapping[str, str]) -> frozenset[str]:
        """Names of the policies that a package brings."""
        return frozenset(name for issue, level in package.items() for name in self.agenda[issue][level])

    @property
    def rungs(self) -> tuple[tuple[str, ...], ...]:
        """Policies that each rung of the escalation brings."""
        return self.escalation.rungs if self.escalation else ()

    def packages_with(self, policy: str) -> BoolArray:
        """Whether each of the `choices` brings a policy, [package + 1]; the last place stands for no package."""
        return self._bring.get(policy, self._bring[""])

    @cached_property
    def _bring(self) -> dict[str, BoolArray]:
        """For each policy that some package brings, what `packages_with` gives; for '' what it gives for all others."""
        held = [self.policies_of(package) for package in self.choices.values()]
        names = {"", *(name for names in held for name in names)}
        return {name: np.array([*(name in policies for policies in held), False]) for name in names}
