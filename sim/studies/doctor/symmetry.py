"""Two countries exchange all that is theirs, and every figure changes sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.errors import ScenarioError
from sim.model.recorder import Paths
from sim.policies import PilotZone
from sim.runs.batch_task import Batch
from sim.scenario.loading import of_plain_data
from sim.scenario.schema import Scenario
from sim.scenario.yaml_files import plain_data
from sim.studies.doctor.finding import Claim, Finding, largest, relative
from sim.studies.doctor.patient import Patient

ROUNDING = 1e-9
"""Sums in another order agree to this."""
TURNED = ("countries", "segments", "markets", "partners")
"""Parts of a scenario whose order has no meaning; so has that of goods lists, and of vendors that review nothing."""
FREE_TEXT = frozenset({"title", "question", "source", "sources", "name", "region", "note", "place"})
"""Entries that hold words for people, not names."""


def swapped_countries_swap_figures(patient: Patient) -> Finding:
    """Give the visitor and the country of the market in focus each other's names everywhere, and turn all lists round.

    The scenario has constants only, and a slot and an officer for every applicant: random streams, and the lots that
    decide who comes first, go by names.
    """
    text = (
        "Countries that exchange all that is theirs exchange their figures (constants, slots for all, order reversed)"
    )
    claim = Claim("symmetry", text, ROUNDING)
    scenario = _without_queues(patient.centre)
    focus = scenario.focus
    one, other = focus.visitor, scenario.markets[focus.market].country
    if one == other or other not in scenario.countries:
        return claim.not_applicable("the market in focus is not that of a second country")
    names = {one: other, other: one}
    try:
        swapped = of_plain_data(_turned(_renamed(plain_data(scenario), names)), scenario.name)
    except ScenarioError as error:
        return claim.not_applicable(f"the names of the countries cannot be exchanged: {str(error).splitlines()[0]}")
    here, there = (Batch(held, range(1), patient.seed).paths() for held in (scenario, swapped))
    return claim.judged(
        largest(_apart(here, there, family, name, names), f"{name} of {family}")
        for family in AXES
        for name in getattr(here, family)
    )


AXES = {"vendors": ("vendors", "markets"), "markets": ("markets",), "countries": ("countries",),
        "partners": ("partners",), "zones": ("zones",)}  # fmt: skip
"""Names along the axes of what is recorded, after quarters."""


def _without_queues(scenario: Scenario) -> Scenario:
    """Give every applicant an officer and a slot, and let lists of goods stand alone: no two regions are alike."""
    many = len(scenario.vendors) * len(scenario.markets)
    policies = {
        name: policy.model_copy(update={"slots": many}) if isinstance(policy, PilotZone) and policy.slots else policy
        for name, policy in scenario.policies.items()
    }
    licensing = scenario.licensing.model_copy(update={"officers": many})
    alone = scenario.goods.model_copy(update={"form": "partial"})
    return scenario.model_copy(update={"policies": policies, "licensing": licensing, "goods": alone})


def _renamed(data: Any, names: dict[str, str]) -> Any:
    """Exchange names wherever they are keys or values, free text apart."""
    if isinstance(data, dict):
        return {
            names.get(key, key): value if key in FREE_TEXT else _renamed(value, names) for key, value in data.items()
        }
    if isinstance(data, list):
        return [_renamed(item, names) for item in data]
    return names.get(data, data) if isinstance(data, str) else data


def _turned(data: dict[str, Any]) -> dict[str, Any]:
    """Turn round the parts whose order has no meaning."""
    turned = {key: _reversed(value) if key in TURNED else value for key, value in data.items()}
    plain = {name: held for name, held in data["vendors"].items() if not held.get("reviews")}
    turned["vendors"] = {**_reversed(plain), **{k: v for k, v in data["vendors"].items() if k not in plain}}
    turned["goods"] = {**data["goods"], "lists": _reversed(data["goods"].get("lists", {}))}
    return turned


def _reversed(entries: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(entries.items()))


def _apart(here: Paths, there: Paths, family: str, name: str, names: dict[str, str]) -> Any:
    """Differences of one figure after putting the other run into the order of the first."""
    found, expected = getattr(there, family)[name], getattr(here, family)[name]
    for axis, members in enumerate(AXES[family], start=1):
        ours, theirs = getattr(here.axes, members), list(getattr(there.axes, members))
        found = found.take([theirs.index(names.get(member, member)) for member in ours], axis=axis)
    money = [np.abs(values).max(initial=0.0) for key, values in getattr(here, family).items() if key.endswith("_bn")]
    return relative(
        found.astype(np.float64),
        expected.astype(np.float64),
        float(max(money, default=0.0)) if name.endswith("_bn") else 0.0,
    )
