"""Checks of roles: whose power a policy is, who is at home where, and that no list names a thing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.policies import Policy
from sim.policies.on_goods import OnGoods
from sim.policies.purchases import Purchases
from sim.policies.quantity_limits import ExportLimit, Quota
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import children
from sim.scenario.source_tree import Problem, Steps
from sim.values import Part


def policies_are_set_by_those_who_can(scenario: Scenario) -> Iterator[Problem]:
    """Check that the government that sets a policy has the power to; the world at large may set any."""
    for name, policy in scenario.policies.items():
        for what, owner in _owned(scenario, policy) if policy.by is not None else ():
            if (policy.by == owner) == policy.power_of_others:
                able = [held for held in scenario.countries if (held == owner) != policy.power_of_others]
                who = f"write `by: {' or '.join(able)}`" if able else f"{owner} has no government here: leave `by` out"
                whose = "any other country" if policy.power_of_others else owner
                yield Problem(("policies", name, "by"), f"{policy.by} cannot set {what}, only {whose} can; {who}")
                break


def _owned(scenario: Scenario, policy: Policy) -> Iterator[tuple[str, str]]:
    """What a policy is about, in words, and the country that this belongs to."""
    if isinstance(policy, OnGoods) and not policy.lists:
        yield from _at_a_border(scenario, policy)
    held = getattr(policy, policy.power) if policy.power is not None else ()
    for name in held if isinstance(held, tuple) else (held,):
        if policy.power == "market":
            yield f"rules of the market {name}", scenario.markets[name].country
        elif policy.power == "zone":
            market = scenario.zones[name].market
            yield f"what the zone {name} in {market} may do", scenario.markets[market].country
        elif isinstance(policy, ExportLimit):
            yield f"limits on exports of {name}", scenario.goods.lists[name].exporter
        elif policy.power == "lists":
            yield f"{_what(policy)} {name}", scenario.goods.lists[name].importer
        else:
            yield f"what {name} as {policy.power} does or suffers", name


def _at_a_border(scenario: Scenario, policy: OnGoods) -> Iterator[tuple[str, str]]:
    """Who imports goods of the sectors and origins that a policy is about, where its own country imports none."""
    listed = scenario.goods.listed
    importers = [goods.importer for goods in listed if policy.border._replace(importer=goods.importer).part_of(goods)]
    if policy.by not in importers:
        border = (("of", policy.border.sectors), ("from", policy.border.origins))
        goods = "".join(f" {word} {', '.join(names)}" for word, names in border if names)
        yield from ((f"{_what(policy)} goods{goods}", importer) for importer in importers[:1])


def _what(policy: Policy) -> str:
    return "limits on imports of" if isinstance(policy, Quota) else "tariffs on"


def deals_bring_what_the_parties_can_set(scenario: Scenario) -> Iterator[Problem]:
    """Check that two governments that bargain bring no policy of a third one."""
    talks = scenario.talks
    for issue, levels in talks.agenda.items() if talks.mode == "bargaining" else ():
        for level, names in levels.items():
            for index, name in enumerate(names):
                by = scenario.policies[name].by
                if by is not None and by not in talks.stakes:
                    text = f"{name} is a policy of {by}, which does not bargain ({' and '.join(talks.stakes)} do)"
                    yield Problem(("talks", "agenda", issue, level, index), text)


def promises_cross_a_border(scenario: Scenario) -> Iterator[Problem]:
    """Check that purchases are promised by one country to another."""
    for name, policy in scenario.policies.items():
        if isinstance(policy, Purchases) and policy.exporter == policy.importer:
            yield Problem(("policies", name, "exporter"), f"importer and exporter are both {policy.importer}")


def visitors_come_from_abroad(scenario: Scenario) -> Iterator[Problem]:
    """Check that the visitor of the main results, and a vendor that reviews how it is present, are not at home."""
    focus = scenario.focus
    if scenario.markets[focus.market].country == focus.visitor:
        abroad = [country for country in scenario.countries if country != focus.visitor]
        text = f"{focus.visitor} is at home in the market {focus.market}; name another country ({', '.join(abroad)})"
        yield Problem(("focus", "visitor"), text)
    for name, vendor in scenario.vendors.items():
        for index, market in enumerate(vendor.reviews):
            if scenario.markets[market].country == vendor.home:
                abroad = [held for held, market in scenario.markets.items() if market.country != vendor.home]
                text = f"{name} is at home in {market}, where it is free; name markets abroad ({', '.join(abroad)})"
                yield Problem(("vendors", name, "reviews", index), text)


def lists_name_a_thing_once(scenario: Scenario) -> Iterator[Problem]:
    """Check that nothing stands twice in a list, where it would count twice; sources count nothing."""
    yield from _named_twice(scenario.model_copy(update={"sources": ()}), ())


def _named_twice(part: object, path: Steps) -> Iterator[Problem]:
    seen: dict[str | int, int] = {}
    for key, inner in children(part):
        if isinstance(inner, str | int) and isinstance(part, tuple):
            first = seen.setdefault(inner, key)
            if first != key:
                yield Problem((*path, key), f"{inner} stands in this list already (item {first}); name it once")
        elif isinstance(inner, Part | dict | tuple):
            yield from _named_twice(inner, (*path, key))


POLICY_CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    policies_are_set_by_those_who_can,
    deals_bring_what_the_parties_can_set,
    promises_cross_a_border,
    visitors_come_from_abroad,
    lists_name_a_thing_once,
)
"""All checks of roles."""
