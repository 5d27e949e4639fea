"""Scenarios made of the patient's: constants only, without policy, with nothing moving, on a clock of half months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from sim.policies import AnyPolicy, PilotZone
from sim.scenario.schema import Growth, GrowthAfter, Scenario
from sim.scenario.talks_schema import Talks
from sim.timeline import Calendar
from sim.values import Number, Schedule

Parts = Mapping[str, Any]


def adapted(part: Any, number: Callable[[Number], Number], date: Callable[[dt.date], dt.date] | None = None) -> Any:
    """Copy a part of a scenario with each of its numbers, and each date if wanted, put through a function."""
    if isinstance(part, Number):
        return number(part)
    if isinstance(part, Schedule):
        steps = ((date(day) if date and day else day, number(held)) for day, held in part.steps)
        return Schedule(tuple(steps))
    if isinstance(part, dt.date):
        return date(part) if date else part
    if isinstance(part, BaseModel):
        fields = type(part).model_fields
        return part.model_copy(update={name: adapted(getattr(part, name), number, date) for name in fields})
    if isinstance(part, Mapping):
        return {key: adapted(value, number, date) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(adapted(item, number, date) for item in part)
    return part


def constant(number: Number, value: float) -> Number:
    """Give a number one value in all draws."""
    return replace(number, kind="constant", parameters=(value,), estimate=None, loadings=())


def with_values(part: Any, values: Mapping[str, Any]) -> Any:
    """Copy a part with some fields changed, by dotted path; a plain number replaces what is in a `Number`."""
    for path, value in values.items():
        part = _with_value(part, path.split("."), value)
    return part


def _with_value(part: Any, steps: list[str], value: Any) -> Any:
    here, *rest = steps
    held = part[here] if isinstance(part, Mapping) else getattr(part, here)
    if rest:
        new = _with_value(held, rest, value)
    else:
        new = constant(held, value) if isinstance(held, Number) and not isinstance(value, Number) else value
    return {**part, here: new} if isinstance(part, Mapping) else part.model_copy(update={here: new})


def at_its_centre(scenario: Scenario) -> Scenario:
    """Give every distribution its central value, and no shocks."""
    centre: Scenario = adapted(scenario, lambda number: constant(number, number.central))
    no_shocks = ("demand.budget_shock_sd", "demand.quality_shock_sd", "presence.entrant_quality_sd")
    calm: Scenario = with_values(
        centre, {**dict.fromkeys(no_shocks, 0.0), "demand.growth_shocks": None, "demand.wandering": None}
    )
    return calm


def with_presence_fixed(scenario: Scenario) -> Scenario:
    """Let no vendor review how it is present, and open no zone."""
    vendors = {name: vendor.model_copy(update={"reviews": ()}) for name, vendor in scenario.vendors.items()}
    kept = {name: policy for name, policy in scenario.policies.items() if not isinstance(policy, PilotZone)}
    return scenario.model_copy(update={"vendors": vendors, "policies": kept, "talks": Talks()})


def without_policy(scenario: Scenario) -> Scenario:
    """Take away all policies and the talks; the rules of the base date stay."""
    return with_presence_fixed(scenario).model_copy(update={"policies": {}})


def standing_still(scenario: Scenario) -> Scenario:
    """Take away policies, trends and shocks, and let no capacity retire: nothing is left that could move."""
    none = ("costs.decline", "costs.experience_exponent", "presence.leak", "goods.growth", "capacity.retirement")
    calm: dict[str, Any] = {**dict.fromkeys(none, 0.0), "demand.turns": {}, "demand.turns_in": {}}
    still: Scenario = with_values(without_policy(at_its_centre(scenario)), calm)
    markets = {name: _of_one_size(scenario, name) for name in scenario.markets}
    vendors = {name: _without_trend(vendor) for name, vendor in still.vendors.items()}
    world = Schedule(((None, _at_start(still.world_total_bn, still.calendar)),))
    flat = {"markets": markets, "vendors": vendors, "world_total_bn": world, "world_growth": None}
    return still.model_copy(update=flat)


def _of_one_size(scenario: Scenario, name: str) -> Any:
    """Give a market that is at all times as large as at the base date."""
    market = adapted(scenario.markets[name], lambda number: constant(number, number.central))
    growth = adapted(scenario.growth_of(name), lambda number: constant(number, number.central))
    after = growth.after.model_copy(update={key: constant(getattr(growth.after, key), 0.0) for key in _RATES})
    flat: Growth = growth.model_copy(update={"before": constant(growth.before, 0.0), "after": after})
    total = market.total_bn
    if total is not None:
        total = Schedule(((None, _at_start(total, scenario.calendar)),))
    return market.model_copy(update={"growth": flat, "total_bn": total})


_RATES = tuple(name for name in ("first", "lasting") if name in GrowthAfter.model_fields)


def _at_start(schedule: Schedule, calendar: Calendar) -> Number:
    """Give the last number of a schedule that is in force when the run begins, or its first."""
    begun = [number for date, number in schedule.steps if date is None or calendar.month_of(date) <= 0]
    return begun[-1] if begun else schedule.steps[0][1]


def _without_trend(vendor: Any) -> Any:
    sales = {name: held.model_copy(update={"catch_up": None}) for name, held in vendor.sales.items()}
    captive = {name: with_values(held, {"growth": 0.0, "fades": None}) for name, held in vendor.captive.items()}
    return vendor.model_copy(update={"sales": sales, "captive": captive, "catch_up": None})


def with_policies(scenario: Scenario, added: Mapping[str, AnyPolicy]) -> Scenario:
    """Add policies to those there are."""
    return scenario.model_copy(update={"policies": {**scenario.policies, **added}})


# Half months ----------------------------------------------------------------------------------------------------------

HALVED = frozenset({"log rate per year", "share per year", "log points of quality per year", "incidents a year"})
"""Units of numbers that are half as large when time is counted in steps that are half as long."""
DOUBLED = frozenset({"years", "months"})
"""Units of numbers that are twice as large then."""
ROOTS = ("demand.contract_churn", "capacity.retirement", "pricing.adjustment_share")
"""What is lost or closed in a given time, as a share: two steps together do what one did."""
COUNTS = ("capacity.order_every_months", "presence.review_every_months")
"""Whole numbers of months."""


def on_half_steps(scenario: Scenario) -> Scenario:
    """Give the same world on a clock whose steps are half a month.

    One month of the new scenario is half a month of the old: lags and dates are twice as far away, rates half as high,
    and what two steps do together is what one did. Presence has to be fixed and shocks have to be zero.
    """
    calendar = scenario.calendar

    def slower(number: Number) -> Number:
        factor = 0.5 if number.unit in HALVED else 2.0 if number.unit in DOUBLED else 1.0
        return constant(number, number.central * factor)

    def later(date: dt.date) -> dt.date:
        return calendar.date_of(2 * calendar.month_of(date))

    stretched: Scenario = adapted(scenario, slower, later)
    values: dict[str, Any] = {"start": scenario.start, "months": 2 * scenario.months}
    for path in ROOTS:
        values[path] = 1.0 - (1.0 - _held(scenario, path).central) ** 0.5
    persistence = "demand.budget_shock_persistence"
    values[persistence] = _held(scenario, persistence).central ** 0.5
    for path in COUNTS:
        values[path] = 2 * _held(scenario, path)
    result: Scenario = with_values(stretched, values)
    return result


def _held(part: Any, path: str) -> Any:
    for step in path.split("."):
        part = getattr(part, step)
    return part
