"""What can be moved in a scenario: instruments, rules of its focus market, its end, all uncertain numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args, get_origin

from sim.explorer.ranges import (
    FACTOR_STEP,
    MOST_FACTOR,
    Span,
    is_share,
    span_of_count,
    span_of_numbers,
)
from sim.policies import AnyPolicy
from sim.quantities import MONTHS_PER_QUARTER
from sim.report.kpi_names import capitalised
from sim.scenario.describing import title_of, values_of, words_of
from sim.scenario.path_words import words_of_path
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import Slot, slot_of_field
from sim.scenario.source_tree import Steps, dotted
from sim.values import Number, Part, Schedule

Kind: TypeAlias = Literal["switch", "choice", "integer", "share", "number", "date"]
Setting: TypeAlias = bool | int | float | str | dt.date
"""Where a control stands, in the unit of its field."""

SCALED = "tariff"
"""Kind of the policies whose rates can be scaled together."""
RATE = "rate"
IN_FORCE = "In force"
CHANGES, ADDS = "What this scenario changes", "What this scenario adds"
"""Titles of the sections of a scenario's own."""
MONTHS = "months"
"""Path of the length of a run, which people set by its last month."""
_SHORTEST = 12
"""Months that a run has at least."""

_PERCENT = 100.0


@dataclass(frozen=True)
class Control:
    """One thing that can be moved.

    Attributes
    ----------
    path
        Dotted path of the value; for a factor on several values a name that no path has.
    part, title
        What it belongs to and what it is, in plain words.
    kind
        What moves it; a `share` is shown in percent.
    unit
        Unit of what people read.
    value
        Where it stands in the scenario: the value, or the middle of the distribution that it is drawn from.
    low, high, step
        Ends and step, in the unit of the field; of a date the first and last one, and months.
    options
        Words of a `choice`.
    drawn, support
        The range that the value is drawn from, in words and in the unit of the field; empty for a certain one.
    help, source
        What the field means, and where its value comes from.
    scales
        Of a factor: path and value of all that it multiplies.
    first
        Of a date that stands for a number of months: the first of them.
    """

    path: str
    part: str
    title: str
    kind: Kind
    unit: str
    value: Setting
    low: Setting = 0
    high: Setting = 1
    step: float = 1
    options: tuple[str, ...] = ()
    drawn: str = ""
    support: tuple[float, ...] = ()
    help: str = ""
    source: str = ""
    scales: tuple[tuple[str, float], ...] = ()
    first: dt.date | None = None

    @property
    def name(self) -> str:
        """Part and title: `Guiyang pilot: slots`."""
        return f"{self.part}: {self.title}"


@dataclass(frozen=True)
class Section:
    """Controls that people see together; `is_open` says whether from the start."""

    title: str
    is_open: bool
    controls: tuple[Control, ...]


def sections_of(scenario: Scenario, reference: Scenario) -> tuple[Section, ...]:
    """Find all that can be moved: what the scenario changes and adds, tariffs, market rules, its end, and the rest.

    Parameters
    ----------
    scenario
        What is explored.
    reference
        What it is compared with; policies that this one has not, or has otherwise, come first, then vendors, partners
        and zones that it has not.
    """
    changed = [name for name, policy in scenario.policies.items() if reference.policies.get(name) != policy]
    own = tuple(control for name in changed for control in policy_controls(scenario, name))
    market = title_of(scenario, "markets", scenario.focus.market)
    sections = [
        Section(CHANGES, True, own),
        Section(ADDS, True, tuple(_added(scenario, reference))),
        Section("Tariffs, all at once", True, tuple(_factors(scenario))),
        Section(f"Rules of {market} at the base date", True, tuple(rule_controls(scenario))),
        Section("The run", True, tuple(_end(scenario))),
        *_inherited(scenario, set(changed)),
    ]
    known = {control.path for section in sections for control in section.controls}
    sections.append(Section("All other uncertain numbers", False, tuple(_uncertain(scenario, known))))
    return tuple(section for section in sections if section.controls)


def _end(scenario: Scenario) -> Iterator[Control]:
    """Make a control of the last month of the run, which may end sooner."""
    if scenario.months <= _SHORTEST:
        return
    calendar = scenario.calendar
    last = calendar.date_of(scenario.months - 1)
    words = "Last month; the reference then ends there too. Shorter runs answer faster."
    yield Control(
        MONTHS, "The run", "Ends with", "date", "", last, calendar.date_of(_SHORTEST - 1), last, MONTHS_PER_QUARTER,
        help=words, first=calendar.date_of(0),
    )  # fmt: skip


def _uncertain(scenario: Scenario, known: Container[str]) -> Iterator[Control]:
    """Make a control of each number that is drawn and has none yet, those of a part of the scenario together."""
    for steps, value, source in values_of(scenario):
        path = dotted(steps)
        if isinstance(value, Number) and value.is_uncertain and path not in known:
            held = _of_number(steps, value, span_of_numbers([value]), {"help": path, "source": source})
            title = capitalised(words_of_path(path, scenario))
            yield Control(path=path, part=capitalised(words_of(str(steps[0]))), title=title, **held.values)


def policy_controls(scenario: Scenario, name: str) -> Iterator[Control]:
    """Find what can be moved in one policy: whether it is in force, and its dates, numbers and nested parts.

    A policy that a package of talks brings cannot be switched off here, nor has it a date of its own.
    """
    policy = scenario.policies[name]
    part = policy_title(scenario, name)
    if not policy.by_deal:
        words = (type(policy).__doc__ or "").partition("\n")[0]
        path = dotted(("policies", name))
        yield Control(path, part, IN_FORCE, "switch", "", True, help=words, source=policy.source or "")
    yield from _of_leaves(scenario, part, _leaves(policy, ("policies", name)), depth=2)


def _added(scenario: Scenario, reference: Scenario) -> Iterator[Control]:
    """Find what can be moved in vendors, partners and zones that the reference has not."""
    for collection in ("vendors", "partners", "zones"):
        members = getattr(scenario, collection)
        for name in (name for name in members if name not in getattr(reference, collection)):
            part = title_of(scenario, collection, name)
            yield from _of_leaves(scenario, part, _leaves(members[name], (collection, name)), depth=2)


def rule_controls(scenario: Scenario) -> Iterator[Control]:
    """Find what can be moved in the rules of the focus market."""
    name = scenario.focus.market
    market = scenario.markets[name]
    part = title_of(scenario, "markets", name)
    base: Steps = ("markets", name)
    slots = {step: slot_of_field(type(market).model_fields[step]) for step in ("rules", "firewall")}
    yield from _of_leaves(scenario, part, _leaves(market.rules, (*base, "rules"), slots["rules"]), depth=3)
    words = type(market).model_fields["firewall"].description or ""
    leaf = _Leaf((*base, "firewall"), market.firewall, slots["firewall"], words, market.source or "")
    yield from _of_leaves(scenario, part, [leaf], depth=2)


def policy_title(scenario: Scenario, name: str) -> str:
    """Write the key of a policy as words, with the titles of countries: `us_list_1` is US list 1."""
    return capitalised(" ".join(_words(word, scenario) for word in name.split("_")))


def _inherited(scenario: Scenario, changed: set[str]) -> Iterator[Section]:
    """Collect the other policies by the government that sets them."""
    by: dict[str | None, list[str]] = {}
    for name, policy in scenario.policies.items():
        if name not in changed:
            by.setdefault(policy.by, []).append(name)
    for country, names in by.items():
        title = f"Other policies of {title_of(scenario, 'countries', country)}" if country else "Other policies"
        yield Section(title, False, tuple(control for name in names for control in policy_controls(scenario, name)))


def _factors(scenario: Scenario) -> Iterator[Control]:
    """Make one factor on all certain tariff rates that a country sets."""
    by: dict[str, list[AnyPolicy]] = {}
    scaled: dict[str, list[tuple[str, float]]] = {}
    for name, policy in scenario.policies.items():
        if policy.kind == SCALED and policy.by is not None:
            by.setdefault(policy.by, []).append(policy)
            scaled.setdefault(policy.by, []).extend(_certain_rates(name, policy))
    for country, policies in by.items():
        if not scaled[country]:
            continue
        title = title_of(scenario, "countries", country)
        words = f"Multiplies the rates of its {len(policies)} tariff policies, at every date; drawn rates stay."
        yield Control(
            f"tariffs of {country}", "All tariffs", title, "number", "times", 1.0, 0.0, MOST_FACTOR, FACTOR_STEP,
            help=words, scales=tuple(scaled[country]),
        )  # fmt: skip


def _certain_rates(name: str, policy: AnyPolicy) -> Iterator[tuple[str, float]]:
    for date, number in getattr(policy, RATE).steps:
        if not number.is_uncertain:
            yield dotted(_dated(("policies", name, RATE), date)), number.central


# From fields to controls ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Leaf:
    """A value of a scenario with what the schema says of its field."""

    steps: Steps
    value: Any
    slot: Slot
    help: str = ""
    source: str = ""


def _leaves(part: Any, steps: Steps, slot: Slot | None = None, help: str = "", source: str = "") -> Iterator[_Leaf]:  # noqa: A002
    """Walk a part of a scenario and all that is inside."""
    if isinstance(part, Part):
        for name, info in type(part).model_fields.items():
            inner = getattr(part, name)
            yield from _leaves(
                inner, (*steps, name), slot_of_field(info), info.description or "", part.source or source
            )
    elif isinstance(part, Mapping) and slot is not None:
        for key, inner in part.items():
            yield from _leaves(inner, (*steps, key), slot.step(key, part), help, source)
    elif slot is not None and part is not None:
        yield _Leaf(steps, part, slot, help, source)


def _of_leaves(scenario: Scenario, part: str, leaves: Iterable[_Leaf], depth: int) -> Iterator[Control]:
    """Make controls of values; `depth` is how many steps lead to the part that they belong to."""
    for leaf in leaves:
        for control in _controls(leaf):
            yield control.named(scenario, part, depth)


@dataclass(frozen=True)
class _Unnamed:
    """A control that has no words yet."""

    steps: Steps
    values: dict[str, Any] = field(default_factory=dict)

    def named(self, scenario: Scenario, part: str, depth: int) -> Control:
        """Add the words."""
        words = [_words(step, scenario) for step in self.steps[depth:]]
        ends = _first_and_last_month(scenario) if self.values["kind"] == "date" else {}
        return Control(path=dotted(self.steps), part=part, title=capitalised(", ".join(words)), **self.values, **ends)


def _first_and_last_month(scenario: Scenario) -> dict[str, Any]:
    calendar = scenario.calendar
    return {"low": calendar.date_of(0), "high": calendar.date_of(scenario.months - 1)}


def _words(step: Any, scenario: Scenario) -> str:
    if isinstance(step, dt.date):
        return f"from {date_words(step)}"
    if step in scenario.countries:
        return title_of(scenario, "countries", step)
    segment = scenario.segments.get(step)
    return (segment.title if segment else None) or words_of(step)


def date_words(date: dt.date) -> str:
    """Write a date: `6 July 2018`."""
    return f"{date.day} {date:%B %Y}"


def _controls(leaf: _Leaf) -> Iterator[_Unnamed]:
    known = {"help": leaf.help, "source": leaf.source}
    if isinstance(leaf.value, Number):
        yield _of_number(leaf.steps, leaf.value, span_of_numbers([leaf.value]), known)
    elif isinstance(leaf.value, Schedule):
        span = span_of_numbers(number for _, number in leaf.value.steps)
        for date, number in leaf.value.steps:
            yield _of_number(_dated(leaf.steps, date), number, span, known)
    elif isinstance(leaf.value, int) and not isinstance(leaf.value, bool):
        yield _of_count(leaf, known)
    elif isinstance(leaf.value, dt.date):
        yield _Unnamed(leaf.steps, known | {"kind": "date", "unit": "", "value": leaf.value})
    elif len(options := _options(leaf.slot)) > 1:
        yield _Unnamed(leaf.steps, known | {"kind": "choice", "unit": "", "value": leaf.value, "options": options})


def _of_number(steps: Steps, number: Number, span: Span, known: dict[str, Any]) -> _Unnamed:
    share = is_share(number)
    values: dict[str, Any] = {
        "kind": "share" if share else "number",
        "unit": "%" if share else number.unit,
        "value": number.central,
        "low": span.low,
        "high": span.high,
        "step": span.step,
        "drawn": _drawn(number, share),
        "support": tuple(number.support) if number.is_uncertain else (),
        "source": number.source or known["source"],
    }
    return _Unnamed(steps, known | values)


def _of_count(leaf: _Leaf, known: dict[str, Any]) -> _Unnamed:
    span = span_of_count(leaf.value, leaf.slot.marks)
    unit = "months" if "months" in str(leaf.steps[-1]) else ""
    ends = {"low": int(span.low), "high": int(span.high), "step": 1}
    return _Unnamed(leaf.steps, known | {"kind": "integer", "unit": unit, "value": leaf.value} | ends)


def _options(slot: Slot) -> tuple[str, ...]:
    return next((get_args(held) for held in slot.holds if get_origin(held) is Literal), ())


def _drawn(number: Number, share: bool) -> str:
    if not number.is_uncertain:
        return ""
    low, high = (end * _PERCENT if share else end for end in number.support)
    return f"{low:.3g} to {high:.3g}{' %' if share else ''}"


def _dated(steps: Steps, date: dt.date | None) -> Steps:
    return steps if date is None else (*steps, date)
