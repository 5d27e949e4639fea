"""Who has the power: every policy of the library given to every government that has not, and visitors at home."""

from __future__ import annotations

from typing import get_args

import pytest

import sim
from sim.errors import ScenarioError
from sim.policies import Instrument
from sim.scenario.library import library
from sim.scenario.policy_checks import POLICY_CHECKS
from tests.bargain import AGENDA, POLICIES, bargain, by_deal
from tests.conftest import COMPACT
from tests.depth import quick

LIBRARY = quick(sorted(library()), "base_2018", "deal_spring_2019", "allies_restrict_chinese_cloud")

WHO_COULD = {
    "tariff": ("us", {"lists": ["machines"], "rate": "10%"}),
    "tariff_cut": ("us", {"lists": ["machines"], "cut": "10%"}),
    "hardware_tariff": ("china", {"market": "china", "rate": "10%", "origin_share": 0.1}),
    "hardware_tariff_cut": ("china", {"market": "china", "cut": "10%"}),
    "ownership": ("china", {"market": "china", "equity_cap": 1}),
    "pilot_zone": ("china", {"zone": "harbour", "slots": 1, "reach": {"enterprise": 1}}),
    "data_rules": ("china", {"market": "china", "firewall": 0}),
    "digital_services_tax": ("china", {"market": "china", "rate": "3%"}),
    "intellectual_property": ("china", {"market": "china", "protection": 1}),
    "restriction": ("us", {"home": "china", "market": "us", "allowed_share": {"enterprise": 0}}),
    "purchases": ("china", {"exporter": "us", "importer": "china", "extra_bn": 1, "compliance": 1}),
    "quota": ("us", {"lists": ["machines"], "limit": "50%"}),
    "export_limit": ("china", {"lists": ["machines"], "limit": "50%"}),
    "export_control": ("us", {"target": "china", "quality_loss_per_year": 0.1, "cost_increase": 0}),
}
"""For each instrument but those that anybody has: the one of two governments that could set it."""


def problems(scenario) -> list[tuple[str, str]]:
    return [(".".join(map(str, held.path)), held.text) for check in POLICY_CHECKS for held in check(scenario)]


def test_every_instrument_says_whose_power_it_is() -> None:
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(Instrument)}
    assert kinds == {*WHO_COULD, "uncertainty"}


@pytest.mark.parametrize("name", LIBRARY)
def test_every_policy_of_the_library_is_refused_to_every_other_government(name) -> None:
    scenario = sim.load(name)
    tried = 0
    for held, policy in scenario.policies.items():
        for country in set(scenario.countries) - {policy.by}:
            others = policy.model_copy(update={"by": country})
            found = problems(scenario.model_copy(update={"policies": {**scenario.policies, held: others}}))
            if policy.kind == "uncertainty":
                assert not found
                continue
            [(path, text)] = found
            assert path == f"policies.{held}.by"
            able: tuple[str, ...] = (f"write `by: {policy.by}`",)
            if policy.by is None:
                importers = (name for name in scenario.countries if name != country)
                able = ("europe has no government here: leave `by` out", *(f"write `by: {name}`" for name in importers))
            assert text.startswith(f"{country} cannot set")
            assert text.endswith(able)
            tried += 1
    assert tried


@pytest.mark.parametrize("kind", WHO_COULD)
def test_a_file_that_gives_an_instrument_to_the_wrong_government_is_refused_with_its_line(tmp_path, compact, kind):
    able, settings = WHO_COULD[kind]
    policy = {"kind": kind, "source": "made up", **settings}
    for by in (able, None):
        compact({"policies.mine": policy | ({"by": by} if by else {})})
    [wrong] = {"us", "china"} - {able}
    with pytest.raises(ScenarioError, match=rf"policies\.mine\.by: {wrong} cannot set .*; write `by: {able}`$"):
        compact({"policies.mine": policy | {"by": wrong}})
    fields = ", ".join(f"{field}: {value}" for field, value in (policy | {"by": wrong}).items()).replace("'", "")
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: {COMPACT}\npolicies:\n  mine: {{{fields}}}\n")
    with pytest.raises(ScenarioError, match=rf"mine\.yaml:3: policies\.mine\.by: {wrong} cannot"):
        sim.load(path)


def test_a_layer_on_lists_of_two_importers_belongs_to_no_single_one(compact):
    layer = {"kind": "tariff", "lists": ["machines", "soybeans"], "rate": "10%", "source": "made up"}
    compact({"policies.mine": layer})
    for country, other in (("us", "china"), ("china", "us")):
        with pytest.raises(ScenarioError, match=f"{country} cannot set tariffs on .*, only {other} can"):
            compact({"policies.mine": layer | {"by": country}})


def test_a_deal_of_two_governments_brings_no_policy_of_a_third_one(compact):
    third = {"countries.india": {"gdp_bn": 1}, "policies.settled": by_deal("uncertainty", 0, by="india", level=0)}
    agenda = AGENDA | {"peace": {"none": [], "some": ["settled"]}}
    with pytest.raises(ScenarioError, match=r"peace\.some\.0: settled is a policy of india, which does not bargain"):
        compact(third | bargain(POLICIES, agenda))


def test_a_day_has_one_round(compact):
    changes = bargain(POLICIES, AGENDA)
    [first, *_] = changes["talks"]["rounds"]
    with pytest.raises(ScenarioError, match="2019-01-10 is the date of the round above it too"):
        compact(changes | {"talks": changes["talks"] | {"rounds": [first, first]}})


def test_purchases_are_no_ones_from_itself(compact):
    promise = {"kind": "purchases", "exporter": "us", "importer": "us", "extra_bn": 1, "compliance": 1}
    with pytest.raises(ScenarioError, match="exporter: importer and exporter are both us"):
        compact({"policies.mine": promise | {"source": "made up"}})


@pytest.mark.parametrize("name", LIBRARY)
def test_no_vendor_reviews_its_home_and_no_visitor_is_at_home(name):
    scenario = sim.load(name)
    for vendor, held in scenario.vendors.items():
        for market, place in scenario.markets.items():
            reviewing = held.model_copy(update={"reviews": (market,)})
            found = problems(scenario.model_copy(update={"vendors": {**scenario.vendors, vendor: reviewing}}))
            assert [path for path, _ in found] == [f"vendors.{vendor}.reviews.0"] * (place.country == held.home)
    for market, place in scenario.markets.items():
        for visitor in scenario.countries:
            focus = scenario.focus.model_copy(update={"market": market, "visitor": visitor})
            found = problems(scenario.model_copy(update={"focus": focus}))
            assert [path for path, _ in found] == ["focus.visitor"] * (place.country == visitor)


@pytest.mark.parametrize("name", LIBRARY)
def test_whatever_a_list_names_twice_is_found(name):
    scenario = sim.load(name)
    assert problems(scenario) == []
    found = 0
    for path, names in lists_of(scenario.model_copy(update={"sources": ()}), ()):
        twice = problems(changed(scenario, path, (*names, names[0])))
        where = ".".join(map(str, (*path, len(names))))
        assert (where, f"{names[0]} stands in this list already (item 0); name it once") in twice
        found += 1
    assert found


def lists_of(part, path):
    """All lists of words in a scenario, with their paths."""
    if isinstance(part, tuple):
        if part and isinstance(part[0], str):
            yield path, part
        inner = enumerate(part)
    elif isinstance(part, dict):
        inner = part.items()
    elif hasattr(type(part), "model_fields"):
        inner = ((field, getattr(part, field)) for field in type(part).model_fields)
    else:
        return
    for key, held in inner:
        yield from lists_of(held, (*path, key))


def changed(part, path, value):
    """Copy a part with something else at a path."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(part, tuple):
        return tuple(changed(held, rest, value) if index == key else held for index, held in enumerate(part))
    if isinstance(part, dict):
        return {**part, key: changed(part[key], rest, value)}
    return part.model_copy(update={key: changed(getattr(part, key), rest, value)})


def test_a_year_named_twice_is_refused_with_its_place():
    """It would give two figures of one name."""
    with pytest.raises(sim.ScenarioError, match=r"focus\.sums_to\.1: 2025 stands in this list already \(item 0\)"):
        sim.load("status_quo", {"focus.sums_to": [2025, 2025]})
