"""A first draft of a user's own scenario: what could be changed in comments, or filled examples of the parts asked for.

An example names what the scenario that it extends has: its focus market, its segments, its lists of goods. A new one is
a template and a line in `EXAMPLES`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.citing import SOURCE, VALUE
from sim.scenario.describing import values_of
from sim.scenario.extension import check_new_name
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import EXTENDS, did_you_mean, shown
from sim.scenario.yaml_files import plain_data, to_yaml

SECTIONS = ("policies", "talks", "zones", "demand", "pricing", "costs", "capacity", "presence", "licensing")
"""Parts of a scenario that people change most, in the order of the draft."""
SCHEMA_FILE = "scenario.schema.json"
"""Where a draft tells editors to look for the schema."""

_HEAD = """\
# yaml-language-server: $$schema=$schema
# With the line above, editors complete and check names. Make that file once: cloudtrade schema > $schema

# A scenario of your own: all that the scenario it extends has, and the changes below.
#   cloudtrade check $name.yaml
#   cloudtrade run $parent $name
$extends: $parent
title: $title
question: >
  Say here in a paragraph what question the scenario answers.
sources: []
"""
_COMMENTED = """
# What people change most, with the values it has now. Take the `#` away from a line and from the names that it stands
# under, and change the value: to a number, to a distribution such as {normal: [0.3, 0.05]}, or to null, which removes
# an entry. Give a number that you found somewhere its source: {value: 0.3, source: where you found it}. All values:
#   cloudtrade show $parent

"""
_FILLED = """
# Every number below is an example. Change it, and say in `source` where you have it from. {triangular: [1, 2, 4]} is
# uncertain: at least 1, most likely 2, at most 4, drawn once per draw. All values, with which to compare:
#   cloudtrade show $parent
"""

_VENDOR = """
  my_vendor:
    title: My vendor  # as charts and tables call it
    home: $visitor  # its country: there and in markets it counts as domestic or foreign
    world_revenue_bn: 0.5  # sales in the whole world at the base date, bn USD a year
    sales: {$base_market: {presence: owned, split: 1}}  # where it has them, and how: here, all in one market
    reviews: [$market]  # markets in which it chooses, every year, whether and how to sell
    willing: {triangular: [25%, 50%, 100%]}  # chance that it takes up at all what would pay
    source: "assumption: a small vendor that sells in one market and may enter another"
"""
_PARTNER = """
  my_partner:
    title: My partner
    market: $market  # where it holds the licence
    region: Its city  # where its data centres are
    licence: true  # without one it cannot sell
    contracts: {$served: {share: 100%, fee: {triangular: [5%, 10%, 20%]}}}  # whom it stands ready to serve; its cut
    source: "assumption: a firm like the partners of today"
"""
_ZONE = """
  my_zone:
    title: My zone
    market: $market
    capacity_units: {triangular: [3, 6, 12]}  # room, in bn USD of sales a year at prices of the base date
    incidents_per_year: 0.03  # security incidents; one makes a review of the pilot fail
    source: "assumption: room for a few data centres"
"""
_ZONE_OPENS = """
  my_zone_opens:  # a zone needs such a policy to open
    kind: pilot_zone$by_market
    zone: my_zone
    starts: $starts
    slots: 3  # vendors from abroad that may have a licence at the same time
    reach:  # share of each segment that it may serve; none of those not named$reached
    source: "assumption: opens with few slots, and stays open"
"""
_RESIDENCY = """
  my_data_rules:
    kind: data_rules$by_market
    market: $market
    residency:  # share of data that has to stay in the country, from a date on$confined
    source: "assumption: most data have to stay"
"""
_TARIFF = """
  my_tariff:
    kind: tariff$by_importer
    lists: [$goods]  # `cloudtrade show $parent --only goods.lists` has all
    rate: {$starts: 10%}  # on top of what is in force; another date may follow
    source: "assumption: ten points more"
"""
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "vendor": (("vendors", _VENDOR),),
    "partner": (("partners", _PARTNER),),
    "zone": (("zones", _ZONE), ("policies", _ZONE_OPENS)),
    "residency": (("policies", _RESIDENCY),),
    "tariff": (("policies", _TARIFF),),
}
"""Parts that a draft can have filled: the sections of the file that each one writes to, and what it writes there."""
_ORDER = ("vendors", "partners", "zones", "policies")
_CONFINED = "{triangular: [70%, 85%, 95%]}"
_COMMENTS_FROM = 46
_REACHED = "{triangular: [30%, 60%, 90%]}"


def new_file(name: str, parent: str, folder: Path, parts: Sequence[str] = ()) -> Path:
    """Write a draft that extends another scenario: examples of some parts, or in comments all that could be changed.

    Parameters
    ----------
    name
        Name of the new scenario, and of its file.
    parent
        Name or path of the scenario to start from.
    folder
        Where the file goes.
    parts
        Examples to fill in, of `EXAMPLES`; comments if there are none.

    Raises
    ------
    ScenarioError
        If the name is not allowed, taken, there is no such part, or the file is there already or cannot be written.
    """
    check_new_name(name)
    text = draft(name, parent, parts)
    path = folder / f"{name}.yaml"
    try:
        stream = path.open("x", encoding="utf-8")
        try:
            with stream:
                stream.write(text)
            if parts:
                load(path)
        except BaseException:
            path.unlink()
            raise
    except FileExistsError:
        raise ScenarioError(f"{shown(path)}: the file is there already; choose another name") from None
    except OSError as error:
        raise ScenarioError(f"{shown(path)}: cannot be written: {error.strerror or error}") from None
    return path


def draft(name: str, parent: str, parts: Sequence[str] = ()) -> str:
    """Give the text of a draft.

    Raises
    ------
    ScenarioError
        If the parent cannot be loaded, there is no such part, or the parent has not what an example names.
    """
    for part in parts:
        if part not in EXAMPLES:
            raise ScenarioError(f"--with {part}: there is no example of that name{did_you_mean(part, EXAMPLES)}")
    scenario = load(parent)
    words = {"name": name, "parent": parent, "extends": EXTENDS, "schema": SCHEMA_FILE}
    head = Template(_HEAD).substitute(words, title=name.replace("_", " ").capitalize())
    if parts:
        return head + Template(_FILLED).substitute(words) + _filled(scenario, parts, words)
    return head + Template(_COMMENTED).substitute(words) + _in_comments(scenario)


def _in_comments(scenario: Scenario) -> str:
    content = plain_data(scenario)
    sections = {key: _without_sources(content[key]) for key in SECTIONS if content.get(key)}
    return "".join(f"#{line}\n" for line in to_yaml(sections).splitlines())


def _without_sources(value: Any) -> Any:
    """Leave out sources, which would not hold for changed numbers."""
    if isinstance(value, list):
        return [_without_sources(item) for item in value]
    if not isinstance(value, dict):
        return value
    if VALUE in value:
        return _without_sources(value[VALUE])
    return {key: _without_sources(entry) for key, entry in value.items() if key != SOURCE}


# Examples -------------------------------------------------------------------------------------------------------------


def _filled(scenario: Scenario, parts: Sequence[str], words: Mapping[str, str]) -> str:
    """Write the examples, each section of the file once."""
    names = _Names(scenario)
    found: dict[str, list[str]] = {section: [] for section in _ORDER}
    for part in (part for part in EXAMPLES if part in parts):
        for section, text in EXAMPLES[part]:
            taken = [key for key in getattr(scenario, section) if f"\n  {key}:" in text]
            if taken:
                raise ScenarioError(f"--with {part}: {scenario.name} already has {section}.{taken[0]}; copy that entry")
            own = names.of_partner(parts) if part == "partner" else {}
            found[section].append(Template(text).substitute(words, **names.common(), **own))
    text = "".join(f"\n{section}:{''.join(texts)}" for section, texts in found.items() if texts)
    return "".join(f"{_in_column(line)}\n" for line in text.splitlines())


def _in_column(line: str) -> str:
    """Put what a line says of itself where all lines do so, or above it where it is too long."""
    text, mark, comment = line.partition("  # ")
    if not mark:
        return line
    if len(text) < _COMMENTS_FROM:
        return f"{text:<{_COMMENTS_FROM}}# {comment}"
    return f"{text[: len(text) - len(text.lstrip())]}# {comment}\n{text}"


@dataclass(frozen=True)
class _Names:
    """What examples name of the scenario that they change."""

    scenario: Scenario

    def common(self) -> dict[str, str]:
        """Names for all examples."""
        scenario = self.scenario
        focus, lists = scenario.focus, scenario.goods.lists
        abroad = [name for name in scenario.markets if name != focus.market]
        home = [name for name in abroad if scenario.markets[name].country == focus.visitor]
        there = (scenario.markets[focus.market].country,)
        charged = [list(lists)[row] for row in scenario.goods.rows(importer=focus.visitor, exporters=there)] or list(
            lists
        )
        goods = max(charged, key=lambda name: lists[name].value_bn.central)
        held = scenario.markets[focus.market].rules.residency
        strictest = max(scenario.segments, key=lambda name: held[name].central if name in held else 0.0)
        freer = [name for name in scenario.segments if name != strictest] or [strictest]
        starts = self.starts()
        return {
            "market": focus.market,
            "visitor": focus.visitor,
            "base_market": (home or abroad or [focus.market])[0],
            "starts": starts.isoformat(),
            "goods": goods,
            "reached": "".join(f"\n      {name}: {_REACHED}" for name in freer),
            "confined": "".join(f"\n      {name}: {{{starts}: {_CONFINED}}}" for name in freer),
            "by_market": self._by(scenario.markets[focus.market].country),
            "by_importer": self._by(lists[goods].importer),
        }

    def of_partner(self, parts: Sequence[str]) -> dict[str, str]:
        """Whom a new partner can serve: one that does not sell through partners yet, and chooses how it does."""
        market = self.scenario.focus.market
        free = ["my_vendor"] if "vendor" in parts else []
        for name, vendor in self.scenario.vendors.items():
            sales = vendor.sales.get(market)
            if market in vendor.reviews and (sales is None or sales.presence != "partner"):
                free.append(name)
        if not free:
            text = f"every vendor that reviews {market} has its partners; ask for a vendor too: --with vendor,partner"
            raise ScenarioError(f"--with partner: {text}")
        return {"served": free[0]}

    def starts(self) -> dt.date:
        """Give the first New Year's Day after all that the policies say, or the base date if the run ends before."""
        scenario = self.scenario
        said = [day for path, value, _ in values_of(scenario.policies) for day in _days(path[-1], value)]
        day = dt.date(max([scenario.start, *said]).year + 1, 1, 1)
        return day if day <= scenario.calendar.quarter_dates()[-1] else scenario.start

    def _by(self, country: str) -> str:
        return f"\n    by: {country}  # whose policy it is" if country in self.scenario.countries else ""


def _days(*held: Any) -> Iterator[dt.date]:
    yield from (value for value in held if isinstance(value, dt.date))
