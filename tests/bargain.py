"""Two governments that bargain in the compact world: what they may sign, and what each cares about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.model.batch import run_batch
from sim.model.minds.stakes import Parts, Pricing
from sim.model.world import World
from sim.scenario.schema import Scenario
from sim.timeline import Phase, Process, Timeline

FIRST = 6
"""Month of the first round; there is one a month."""
MONTHS = 18
MADE_UP = {"source": "made up"}


def by_deal(kind: str, lag: int, **fields: Any) -> dict[str, Any]:
    """A policy that comes so many months after a signature, or after what else brings it."""
    return {"kind": kind, "starts": {"after_deal": lag}} | fields | MADE_UP


POLICIES = {
    "war": {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "25%"} | MADE_UP,
    "answer": {"kind": "tariff", "by": "china", "lists": ["soybeans"], "rate": "15%"} | MADE_UP,
    "us_halved": by_deal("tariff_cut", 1, by="us", lists=["machines"], cut="50%"),
    "us_removed": by_deal("tariff_cut", 1, by="us", lists=["machines"], cut="100%"),
    "china_removed": by_deal("tariff_cut", 2, by="china", lists=["soybeans"], cut="100%"),
    "opening": by_deal(
        "pilot_zone", 3, by="china", zone="harbour", slots=2, reach={"enterprise": 1, "government": 1}
    ),
    "protected": by_deal("intellectual_property", 4, by="china", market="china", protection=0.9),
}  # fmt: skip
"""A war of tariffs since the base date, and what a deal may bring."""

AGENDA = {
    "us_tariffs": {"keep": [], "halve": ["us_halved"], "remove": ["us_removed"]},
    "china_tariffs": {"keep": [], "remove": ["china_removed"]},
    "access": {"none": [], "zone": ["opening"]},
    "know_how": {"weak": [], "strong": ["protected"]},
}

MANNER = {"horizon_years": 5, "discount": 0.06, "waiting_cost_bn": 0.5, "noise_bn": 8}
CARES = {"vendor_profit": 1, "customer_surplus": 0.5, "exports": 0.3, "tariff_revenue": 1, "consumer_loss": 0.75}
STAKES = {
    "us": MANNER | CARES | {"imports": -0.05, "know_how_bn": 10},
    "china": MANNER | CARES | {"partner_income": 1, "home_sales": 0.1, "foreign_data_centres_bn": -4},
}  # fmt: skip
"""Constants, so that the draws differ by luck alone."""


def rounds(*held: Mapping[str, Any] | str) -> list[dict[str, Any]]:
    """Rounds month by month from the first one, each given by its host or by all that it says."""
    return [
        {"date": dt.date(2019 + i // 12, 1 + i % 12, 10), "place": f"round {i + 1}"}
        | ({"host": one} if isinstance(one, str) else one)
        for i, one in enumerate(held)
    ]


def bargain(
    policies: Mapping[str, Any] = POLICIES,
    agenda: Mapping[str, Any] = AGENDA,
    stakes: Mapping[str, Any] = STAKES,
    hosts: tuple[Mapping[str, Any] | str, ...] = ("us", "china", "us"),
    **plan: Any,
) -> dict[str, Any]:
    """Changes that let the two countries of the compact world bargain."""
    talks = {"mode": "bargaining", "agenda": agenda, "rounds": rounds(*hosts), "stakes": stakes}
    return {"months": MONTHS, "policies": policies, "talks": talks | MADE_UP | plan}


UNSURE = {
    "demand.market_elasticity": {"uniform": [1.4, 1.8]},
    "demand.quality_shock_sd": 0.1,
    "demand.budget_shock_sd": 0.05,
    "goods.pass_through": {"uniform": [0.5, 0.9]},
    "goods.import_elasticity.us": {"triangular": [1.5, 2.5, 4]},
    "goods.growth": {"uniform": [0, 0.06]},
    "presence.leak": {"uniform": [0, 0.2]},
    "presence.hurdle": {"uniform": [0, 4]},
    "zones.harbour.incidents_per_year": 0.5,
}
"""What makes the compact world differ from draw to draw."""


@dataclass
class Priced:
    """What packages are worth in one month of a run: their policies, parts by name, and who worked it out."""

    packages: list[frozenset[str]]
    parts: Parts
    pricing: Pricing
    world: World


def priced(
    scenario: Scenario,
    draws: range = range(3),
    seed: int = 1,
    months: tuple[int, ...] = (FIRST,),
    then: Callable[[Priced, int], object] = lambda found, month: None,
) -> list[Priced]:
    """Price all packages in some months of a run, the first of which is that of the first round.

    `then` is called in each of them with what was found, while the world is that of the month.
    """
    found: list[Priced] = []

    def visit(timeline: Timeline, world: World) -> Process:
        plan = scenario.talks
        packages = [plan.policies_of(package) for package in plan.choices.values()]
        month = yield timeline.at(months[0], Phase.TALKS)
        pricing = Pricing(timeline, world, month, packages)
        for later in (*months[1:], None):
            found.append(Priced(packages, pricing.parts(month), pricing, world))
            then(found[-1], month)
            if later is not None:
                month = yield timeline.at(later, Phase.TALKS)

    run_batch(scenario, draws, seed, guests=[visit])
    return found
