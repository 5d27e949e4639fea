"""Every number of every scenario at its bounds and just beyond: inside the model is sound, outside it is refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.scenario.describing import values_of
from sim.scenario.layers import read_ancestry
from sim.scenario.library import library
from sim.scenario.source_tree import dotted
from sim.values import RARE, Number, in_percent
from tests.depth import depth, quick, usual

BASE = "base_2018"


def numbers_of(name: str) -> dict[tuple[Any, ...], Number]:
    return {path: value for path, value, _ in values_of(sim.load(name)) if isinstance(value, Number)}


def written(number: Number, value: float) -> Any:
    return in_percent(value, number.high) if number.unit.startswith("share") else value


def beyond(number: Number, end: float) -> Any:
    step = 1e-3 * max(1, abs(end))
    return written(number, end - step if end == number.low else end + step)


def nested(values: dict[tuple[Any, ...], Any]) -> dict[Any, Any]:
    content: dict[Any, Any] = {}
    for (*steps, last), value in values.items():
        inside = content
        for step in steps:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return content


class Plainly(yaml.SafeDumper):
    """Writes a date that occurs twice in full both times: a scenario has no aliases as keys."""

    def ignore_aliases(self, data):
        return True


@pytest.mark.parametrize("side", ["low", "high"])
@pytest.mark.parametrize("name", quick(sorted(library()), BASE, "talks_2018_2020"))
def test_just_beyond_its_bounds_every_number_is_refused_with_its_line(tmp_path, name, side):
    found = {path: (number, beyond(number, getattr(number, side))) for path, number in numbers_of(name).items()}
    in_lists = {path for path in found if any(isinstance(step, int) for step in path)}
    values = {path: value for path, (_, value) in found.items() if path not in in_lists}
    path = tmp_path / "mine.yaml"
    content = {"extends": name, "title": "Beyond"} | nested(values)
    path.write_text(yaml.dump(content, Dumper=Plainly, sort_keys=False, default_flow_style=False))
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(path, {dotted(path): found[path][1] for path in in_lists})
    problems = str(refused.value).splitlines()
    lines = path.read_text().splitlines()
    for steps, (number, _) in found.items():
        words = f": {dotted(steps)}: "
        (problem,) = [line for line in problems if words in line]
        assert f"is outside {number.low:g} to {number.high:g} ({number.unit})" in problem
        place = problem.partition(words)[0]
        if steps in in_lists:
            assert place == f"--set {dotted(steps)}"
        else:
            last = steps[-1]
            key = last.isoformat() if isinstance(last, dt.date) else last
            assert lines[int(place.removeprefix(f"{path}:")) - 1].strip().startswith(f"{key}:")


FEW = (
    "costs.experience_exponent", "capacity.lead_months", "world_growth.after.half_life_years",
    "segments.enterprise.substitution_elasticity", "partners.vnet.contracts.microsoft.fee", "demand.budget_shock_sd",
)  # fmt: skip


DRAWS = 6
Numbers = list[tuple[tuple[Any, ...], Number]]
Bound = Callable[[Number], Any]


def low(number: Number) -> Any:
    return written(number, number.low)


def high(number: Number) -> Any:
    return written(number, number.high)


def either(number: Number) -> Any:
    return {"choice": [low(number), high(number)]}


def run_at_their_bounds(name: str, numbers: Numbers, arrays_of: Any) -> None:
    """Run with draws at both ends of all; those that checks of several numbers refuse at one end after the other.

    Parts of a whole cannot be at an end alone: once they are refused they stay where they are.
    """
    refused = run_those_that_fit(name, numbers, either, arrays_of)
    for end in (low, high):
        run_each_that_fits(name, refused, end, arrays_of)


def run_each_that_fits(name: str, numbers: Numbers, at: Bound, arrays_of: Any) -> None:
    """Run with numbers at a bound until each has been there, or is refused although no other is."""
    refused = run_those_that_fit(name, numbers, at, arrays_of)
    if len(numbers) > 1:
        parts = [refused] if len(refused) < len(numbers) else [numbers[::2], numbers[1::2]]
        for part in parts:
            run_each_that_fits(name, part, at, arrays_of)


def run_those_that_fit(name: str, numbers: Numbers, at: Bound, arrays_of: Any) -> Numbers:
    """Run with those numbers at a bound that go together there, and give the others, but for parts of a whole."""
    if not numbers:
        return []
    values = {dotted(path): at(number) for path, number in numbers}
    problems = run_with(name, {"months": months_for(name, numbers)} | values, arrays_of).splitlines()
    if not problems:
        return []
    named = [held for held in numbers if any(is_named(held[0], line) for line in problems)]
    if not named and len(numbers) > 1:
        halves = (numbers[::2], numbers[1::2])
        return [held for half in halves for held in run_those_that_fit(name, half, at, arrays_of)]
    others = run_those_that_fit(name, [held for held in numbers if held not in named], at, arrays_of) if named else []
    return others + [held for held in named if not is_part(held[0])]


def is_part(path: tuple[Any, ...]) -> bool:
    """Whether a number is one of those that must add up to one."""
    return path[-1] == "split" or path[-2] in {"sectors", "segment_weights"}


def is_named(path: tuple[Any, ...], problem: str) -> bool:
    """Whether a problem names a number, or what it is in; of the latter, only its splits where it is about these."""
    words = set(re.findall(r"[\w.-]+\w", problem))
    inside = {dotted(path[:end]) for end in range(1, len(path))} & words
    of_that_kind = path[-1] == "split" or "`split`" not in problem
    return dotted(path) in words or (of_that_kind and any("." in name or "_" in name for name in inside))


def run_with(name: str, values: dict[str, Any], arrays_of: Any) -> str:
    """Run with some values and find all that comes of it finite, or say why they are refused."""
    try:
        scenario = sim.load(name, values)
    except sim.ScenarioError as refusal:
        return str(refusal)
    paths = run_batch(scenario, range(DRAWS), 1)
    for what, found in arrays_of(paths):
        known = paths.channels["in_use"] > 0 if what == "channels.price" else True
        assert np.isfinite(np.where(known, found, 0.0)).all(), f"{values}: {what}"
    return ""


def months_for(name: str, numbers: Numbers) -> int:
    """Two years, or as long as it takes to see what the latest of some numbers does."""
    start = start_of(name)
    last = max((step for path, _ in numbers for step in path if isinstance(step, dt.date)), default=start)
    quarters = (12 * (last.year - start.year) + last.month - start.month) // 3
    return max(24, 3 * quarters + 6)


@cache
def start_of(name: str) -> dt.date:
    return sim.load(name).start


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("path", FEW)
def test_at_its_bounds_the_model_is_sound(path, arrays_of):
    steps = tuple(path.split("."))
    run_at_their_bounds(BASE, [(steps, numbers_of(BASE)[steps])], arrays_of)


TOGETHER = 64
"""Numbers that are taken to their bounds in one run; those beside each other, which have to fit, are in others."""


@depth
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", usual(sorted(library()), BASE, "talks_2018_2020", "truce_by_chance_2026"))
def test_at_their_bounds_all_numbers_leave_the_model_sound(name, arrays_of):
    files = read_ancestry(library()[name])
    known = numbers_of(files[1].name) if len(files) > 1 else {}
    own = [(path, number) for path, number in numbers_of(name).items() if known.get(path) != number]
    runs = math.ceil(len(own) / TOGETHER)
    for first in range(runs):
        run_at_their_bounds(name, own[first::runs], arrays_of)


SCIPY = {
    "normal": stats.norm,
    "lognormal": lambda median, sd: stats.lognorm(sd, scale=median),
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "triangular": lambda low, mode, high: stats.triang((mode - low) / (high - low), low, high - low),
}
wide = st.floats(0.05, 5)
DISTRIBUTIONS = st.one_of(
    st.tuples(st.just("normal"), st.tuples(wide, wide)),
    st.tuples(st.just("lognormal"), st.tuples(wide, wide)),
    st.tuples(st.just("uniform"), st.tuples(wide, wide).map(lambda held: (held[0], held[0] + held[1]))),
    st.tuples(
        st.just("triangular"),
        st.tuples(wide, wide, wide).map(lambda held: (held[0], held[0] + held[1], held[0] + held[1] + held[2])),
    ),
)


@given(distribution=DISTRIBUTIONS, low=st.floats(-1, 3), width=st.floats(0.1, 9))
def test_the_share_of_draws_outside_is_that_of_the_distribution(distribution, low, width):
    kind, parameters = distribution
    number = Number(kind, parameters, low=low, high=low + width, name="a")
    theory = SCIPY[kind](*parameters)
    assert number.share_outside == pytest.approx(theory.cdf(low) + theory.sf(low + width), abs=1e-9)


@pytest.mark.parametrize(
    ("path", "value", "share"),
    [
        ("partners.vnet.contracts.microsoft.fee", {"normal": [0.6, 0.2]}, "in 4.14 % of draws"),
        ("demand.market_elasticity", {"normal": [1.6, 0.3]}, "in 2.46 % of draws"),
        ("costs.experience_exponent", {"lognormal": [0.5, 0.5]}, "in 8.28 % of draws"),
        ("world_growth.after.half_life_years", {"normal": [2, 0.9]}, "in 1.31 % of draws"),
        ("capacity.retirement", {"uniform": [-0.25, 0.75]}, "in 25 % of draws"),
        ("capacity.retirement", {"triangular": [-0.5, 0, 0.5]}, "in 50 % of draws"),
        ("capacity.retirement", {"choice": [0.1, 0.2, "200%"]}, "in 33.3 % of draws"),
    ],
)
def test_a_distribution_is_refused_with_the_share_of_draws_outside(path, value, share):
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(BASE, {path: value})
    assert share in str(refused.value)
    kind, parameters = next(iter(value.items()))
    number = numbers_of(BASE)[tuple(path.split("."))]
    plain = tuple(2.0 if held == "200%" else held for held in parameters)
    draws = Draws(1, range(20_000)).number(Number(kind, plain, name=path))
    outside = ((draws < number.low) | (draws > number.high)).mean()
    assert 100 * outside == pytest.approx(float(share.split()[1]), abs=1)


def test_rare_draws_are_put_at_the_bound():
    path = ("demand", "market_elasticity")
    scenario = sim.load(BASE, {dotted(path): {"normal": [1.6, 0.2]}})
    number = scenario.demand.market_elasticity
    assert 0 < number.share_outside < RARE
    assert Draws(1, range(20_000)).number(number).min() == number.low


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("costs.residency_cost", 8, "8 percent (write 8% or 0.08)"),
        ("policies.us_list_3.rate.2018-09-24", 1, "1 percent (write 1% or 0.01) or 1 times the whole (write 100%)"),
        ("world_growth.before", 1, "1 percent (write 1% or 0.01)"),
        ("world_total_bn.2018-07-01", 80_400, "if that is million USD, write 80.4"),
        ("vendors.microsoft.world_revenue_bn", 13_500, "if that is million USD, write 13.5"),
        ("presence.horizon_years", 60, "if that is months, write 5"),
        ("world_growth.after.half_life_years", 96, "if that is months, write 8"),
        ("capacity.lead_months", 540, "if that is days, write 17.76"),
        ("demand.quality_shock_sd", 8, "if that is percent, write 0.08"),
        ("presence.hurdle", 125, "if that is percent, write 1.25"),
        ("presence.horizon_years", {"normal": [60, 12]}, "if that is months, write 5"),
    ],
)
def test_a_number_in_another_unit_gets_the_likely_one(path, value, words):
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(BASE, {path: value})
    assert words in str(refused.value)


@pytest.mark.parametrize("value", [1, 0.5, {"uniform": [0, 1]}])
def test_a_share_that_ends_at_the_whole_may_be_one(value):
    sim.load(BASE, {"markets.us.rules.ip_protection": value, "pricing.adjustment_share": value})


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), {"normal": [0.1, float("inf")]}])
@pytest.mark.parametrize("path", ["policies.us_list_3.rate.2018-09-24", "costs.decline", "goods.adjustment"])
def test_what_is_not_finite_is_refused_as_that(path, value):
    with pytest.raises(sim.ScenarioError, match="expected a finite number"):
        sim.load(BASE, {path: value})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"markets.china.total_bn.2019-07-01": 200},
            "up to 200 bn USD a year are spent in china on 2019-07-01, and in the",
        ),
        ({"world_total_bn.2020-07-01": 5}, "in the whole world 5 at least (world_total_bn)"),
        ({"vendors.microsoft.world_revenue_bn": 100}, "comes with the vendors above to"),
        ({"vendors.idle": {"title": "Idle", "home": "us"}}, "vendors.idle: does nothing"),
        ({"world_total_bn.9999-07-01": 500}, "more than 10 years after the end of the run"),
        ({"markets.china.total_bn.2050-07-01": 500}, "more than 10 years after the end of the run"),
        ({"vendors.google.catch_up.gap": {"prior": "banana"}}, "found 'banana'"),
        (
            {"vendors.google.catch_up.gap": {"prior": {"normal": [1, 2]}}},
            "is not the prior that",
        ),
        ({"vendors.google.catch_up.gap": {"prior": {"normal": [0, 99]}}}, "of draws"),
    ],
)
def test_numbers_that_make_no_sense_together_are_refused(changes, words):
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(BASE, changes)
    assert words in str(refused.value)
