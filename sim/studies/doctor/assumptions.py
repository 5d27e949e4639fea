"""Assumptions beside published ranges, what the theory admits in every draw, and sources."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import numpy as np

from sim.facts import find_fact
from sim.scenario.schema_slots import children
from sim.studies.doctor.finding import Claim, Finding, Gap
from sim.studies.doctor.markets import fills_a_market, oversold
from sim.studies.doctor.patient import Patient
from sim.values import Number, Part, Schedule

OUTSIDE = "numbers"
"""Unit of counts of numbers."""


@dataclass(frozen=True)
class PublishedRange:
    """Values of one assumption that somebody has published.

    Attributes
    ----------
    path
        Dotted path of the assumption; `*` stands for any name.
    low, high
        Keys of facts (or sums, absolute values or reciprocals of them) at both ends.
    what
        What was measured.
    """

    path: str
    low: str
    high: str
    what: str

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends as numbers."""
        return _worth(self.low), _worth(self.high)


def published_ranges() -> list[PublishedRange]:
    """Give the ranges of `assumptions.csv`."""
    with resources.files(__package__).joinpath("assumptions.csv").open(encoding="utf-8") as stream:
        return [PublishedRange(**row) for row in csv.DictReader(stream)]


def _worth(written: str) -> float:
    """Number behind a fact's key, `|key|`, `1 / key` or `key + key`."""
    if " + " in written:
        return sum(_worth(part) for part in written.split(" + "))
    if written.startswith("1 / "):
        return 1.0 / _worth(written.removeprefix("1 / "))
    if written.startswith("|"):
        return abs(_worth(written.strip("|")))
    return float(find_fact(written).value)


def assumptions_lie_where_others_found_them(patient: Patient) -> Finding:
    """Set the central values of assumptions beside ranges from the literature."""
    claim = Claim("published ranges", "Assumptions lie, at their centre, within what has been published", 0.0, OUTSIDE)
    held = {path: value for path, value, _ in _numbers(patient.scenario)}
    outside, compared = [], 0
    for known in published_ranges():
        low, high = known.ends
        for path, value in held.items():
            if fnmatchcase(path, known.path):
                compared += 1
                if not low <= value <= high:
                    ends = f"{low:.3g} ({known.low}) to {high:.3g} ({known.high})"
                    outside.append(f"{path} is {value:.3g}, outside {ends}")
    if not compared:
        return claim.not_applicable("no range is known for any of its assumptions")
    return claim.judged([Gap(float(len(outside)), "; ".join(outside) or f"{compared} assumptions compared")])


def draws_are_admissible(patient: Patient) -> Finding:
    """Look in many draws for elasticities at which no price is best, and for fees and tariffs that eat all revenue."""
    text = "In every draw sigma > eta > 1, and fees and absorbed tariffs leave something"
    claim = Claim("admissible draws", text, 0.0, "draws")
    world, base = patient.many, patient.many.base
    wrong = {
        "market elasticity at or below 1": base.eta <= 1.0,
        "substitution at or below the market elasticity": (base.sigma <= base.eta).any(axis=0),
        "fees of all revenue": (base.fee >= 1.0).any(axis=(0, 1)),
    }
    if patient.scenario.goods.lists:
        absorbed = (1.0 - world.value(patient.scenario.goods.pass_through)) * base.base_tariff.max(axis=0)
        wrong["exporters who would pay to sell"] = absorbed >= 1.0
    return claim.judged([Gap(float(np.sum(where)), name) for name, where in wrong.items()])


def base_data_fit_together(patient: Patient) -> Finding:
    """Count the draws in which shares drawn for vendors are too large for their market, or for their world revenue.

    The model scales such shares down, so that the vendors do not have the shares that the scenario states.
    """
    text = "Shares drawn for vendors rarely exceed their market or what the vendor sells in the world"
    claim = Claim("base data", text, RARELY, "share of draws")
    world, full = patient.many, fills_a_market(patient.many)
    gaps = [Gap(float(full[m].mean()), f"named vendors fill {market}") for m, market in enumerate(world.axes.markets)]
    for v, vendor in enumerate(world.axes.vendors):
        gaps.append(Gap(float(oversold(world, v).mean()), f"{vendor} sells more in its markets than in the world"))
    return claim.judged(gaps)


RARELY = 0.10
"""Share of draws in which stated figures may contradict each other: they are drawn apart within their errors."""


def uncertain_numbers_have_sources(patient: Patient) -> Finding:
    """Look for the source of each number with a distribution, its own or that of a part around it."""
    claim = Claim("sources", "Every uncertain number says where it comes from", 0.0, OUTSIDE)
    bare = [path for path, _, sourced in _numbers(patient.scenario, uncertain=True) if not sourced]
    return claim.judged([Gap(float(len(bare)), ", ".join(bare) or "all uncertain numbers")])


def _numbers(
    part: Any, path: str = "", sourced: bool = False, *, uncertain: bool = False
) -> Iterator[tuple[str, float, bool]]:
    """Give path, central value and whether there is a source, of all numbers or of the uncertain ones."""
    if isinstance(part, Number):
        if part.is_uncertain or not uncertain:
            yield path, part.central, sourced or bool(part.source)
        return
    if isinstance(part, Schedule):
        for date, number in part.steps:
            yield from _numbers(number, f"{path}.{date}" if date else path, sourced, uncertain=uncertain)
        return
    if isinstance(part, int) and not isinstance(part, bool) and not uncertain:
        yield path, float(part), sourced
    if isinstance(part, Part):
        sourced = sourced or bool(part.source)
    for key, held in children(part):
        yield from _numbers(held, f"{path}.{key}" if path else str(key), sourced, uncertain=uncertain)
