"""Checks of tariffs and limits on goods: what they are about exists, whose border it is, and nobody taxes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, product

from sim.facts.world_trade import is_there, world_regions, world_sectors
from sim.policies.on_goods import EVERY, OnGoods
from sim.policies.quantity_limits import ExportLimit, Quota
from sim.policies.stacking import Replace
from sim.policies.tariff import Tariff, TariffCut
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import Problem, Steps, did_you_mean


def tariffs_cross_a_border_that_is_there(scenario: Scenario) -> Iterator[Problem]:
    """Check sectors, origins and importer of policies on goods that name no lists; powers are checked elsewhere."""
    importers = {held.importer for held in scenario.goods.lists.values()}
    for name, policy in _by_border(scenario):
        path: Steps = ("policies", name)
        if policy.by is None:
            known = ", ".join(sorted(importers))
            yield Problem(path, f"lacks `by`, the country that imports the goods (known: {known})")
            continue
        unknown = list(_unknown(scenario, policy, path))
        yield from unknown
        borders = [policy.border._replace(importer=importer) for importer in importers]
        if not unknown and not any(border.part_of(goods) for border in borders for goods in scenario.goods.listed):
            yield Problem(path, f"covers no list: {_what_there_is(scenario, policy)}")


def _unknown(scenario: Scenario, policy: OnGoods, path: Steps) -> Iterator[Problem]:
    """Find sectors and origins that are not there."""
    sectors, origins = _sectors(scenario), _origins(scenario)
    for place, name in enumerate(policy.sectors):
        if name not in {*sectors, EVERY}:
            text = f"there is no sector {name!r}{did_you_mean(name, (*sectors, EVERY))}"
            yield Problem((*path, "sectors", place), text)
    for place, name in enumerate(policy.origins):
        if name == policy.by and len(policy.origins) > 1:
            yield Problem((*path, "origins", place), f"{name} is the importer; name where the goods come from")
        elif name not in {*origins, EVERY}:
            text = f"there is no country or region {name!r}{did_you_mean(name, (*origins, EVERY))}"
            yield Problem((*path, "origins", place), text)


def _what_there_is(scenario: Scenario, policy: OnGoods) -> str:
    """Origins and sectors of what the country imports, as far as one of both is what is asked for."""
    mine = [goods for goods in scenario.goods.listed if goods.importer == policy.by]
    origins = {goods.exporter for goods in mine}
    fitting = [goods for goods in mine if not policy.border.origins or goods.exporter in policy.border.origins]
    if not fitting:
        return f"{policy.by} has lists of goods from {', '.join(sorted(origins))}"
    sectors = sorted({name for goods in fitting for name, share in goods.parts if share})
    return f"what {policy.by} imports from there is of {', '.join(sectors) or 'no sector: the lists have none'}"


def authorities_tax_a_good_once(scenario: Scenario) -> Iterator[Problem]:
    """Check that no authority taxes a list by its name and by its sector or origin too."""
    taxed = _with_authority(scenario)
    for (one, by_list), (other, by_border) in product(taxed, taxed):
        same = by_list.authority == by_border.authority and by_list.by == by_border.by
        if not same or by_border.lists or not _together(by_list, by_border):
            continue
        for place, goods in enumerate(by_list.lists):
            listed = scenario.goods.listed[list(scenario.goods.lists).index(goods)]
            if by_border.border.part_of(listed):
                text = (
                    f"{goods} is taxed by {by_list.authority} twice: here, and as goods of its sector or origin by "
                    f"policies.{other}; leave one out, or give it an authority of its own"
                )
                border = "sectors" if by_border.sectors else "origins"
                yield Problem(("policies", one, "lists", place), text, (("policies", other, border),))


def stacking_rules_are_about_tariffs_that_are_there(scenario: Scenario) -> Iterator[Problem]:
    """Check the authorities and origins of rules on how tariffs stack."""
    taxed = _with_authority(scenario)
    for name, rule in scenario.goods.stacking.items():
        path: Steps = ("goods", "stacking", name)
        known = {str(held.authority) for _, held in taxed if held.by in {rule.by, None}}
        for field, authorities in rule.named:
            for place, authority in enumerate(authorities):
                if authority not in known:
                    near = did_you_mean(authority, known) or "; give tariffs an `authority`"
                    here = (*path, field) if field == "authority" else (*path, field, place)
                    yield Problem(here, f"no tariff of {rule.by} has the authority {authority!r}{near}")
        if isinstance(rule, Replace) and rule.authority in rule.replaces:
            yield Problem((*path, "replaces"), f"{rule.authority} cannot take the place of itself")
        for place, origin in enumerate(rule.origins):
            if origin not in _origins(scenario):
                text = f"there is no country or region {origin!r}{did_you_mean(origin, _origins(scenario))}"
                yield Problem((*path, "origins", place), text)


def cuts_are_of_authorities_that_are_there(scenario: Scenario) -> Iterator[Problem]:
    """Check that a cut of the tariffs of one authority has some to cut."""
    known = {str(held.authority) for _, held in _with_authority(scenario)}
    for name, policy in _on_goods(scenario):
        if isinstance(policy, TariffCut) and policy.authority and policy.authority not in known:
            near = did_you_mean(policy.authority, known) or "; give tariffs an `authority`"
            yield Problem(("policies", name, "authority"), f"no tariff has the authority {policy.authority!r}{near}")


def limits_leave_a_price(scenario: Scenario) -> Iterator[Problem]:
    """Check that no limit of quantity makes goods absurdly dear where demand is as stiff as it may be."""
    for name, policy in scenario.policies.items():
        if isinstance(policy, Quota | ExportLimit):
            yield from islice(_too_scarce(scenario, name, policy), 1)


def _too_scarce(scenario: Scenario, name: str, policy: Quota | ExportLimit) -> Iterator[Problem]:
    """Find lists and dates at which a limit leaves too little."""
    for listed, part in _limited(scenario, policy):
        importer = scenario.goods.lists[listed].importer
        elasticity = scenario.goods.import_elasticity.get(importer)
        if elasticity is None:
            continue
        least = 1.0 - (1.0 - MOST_SCARCE ** -elasticity.support[0]) / part
        for date, limit in () if policy.limit is None else policy.limit.steps:
            if limit.support[0] < least:
                text = (
                    f"{limit} is too little of {listed}: with an import elasticity of {importer} down to "
                    f"{elasticity.support[0]:.3g} goods would become more than {MOST_SCARCE:g} times as dear; "
                    f"expected {least:.2g} or more"
                )
                yield Problem(("policies", name, "limit", *(() if date is None else (date,))), text)


def _limited(scenario: Scenario, policy: Quota | ExportLimit) -> Iterator[tuple[str, float]]:
    """Lists that a limit is about, and the part of each."""
    yield from ((name, 1.0) for name in policy.lists)
    if isinstance(policy, Quota) and not policy.lists:
        for name, goods in zip(scenario.goods.lists, scenario.goods.listed, strict=True):
            if part := policy.border.part_of(goods):
                yield name, part


MOST_SCARCE = 100.0
"""Times by which a limit may make goods dearer."""

TARIFF_CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    tariffs_cross_a_border_that_is_there,
    authorities_tax_a_good_once,
    stacking_rules_are_about_tariffs_that_are_there,
    cuts_are_of_authorities_that_are_there,
    limits_leave_a_price,
)
"""All checks of what governments do at their borders."""


def _on_goods(scenario: Scenario) -> Iterator[tuple[str, OnGoods]]:
    return ((name, held) for name, held in scenario.policies.items() if isinstance(held, OnGoods))


def _by_border(scenario: Scenario) -> list[tuple[str, OnGoods]]:
    return [(name, held) for name, held in _on_goods(scenario) if not held.lists]


def _with_authority(scenario: Scenario) -> list[tuple[str, Tariff]]:
    return [(name, held) for name, held in _on_goods(scenario) if isinstance(held, Tariff) and held.authority]


def _together(one: OnGoods, other: OnGoods) -> bool:
    """Whether both may be in force on one day; what a deal brings may come in place of what was there."""
    if one.by_deal or other.by_deal:
        return False
    pairs = ((one.ends, other.first_day), (other.ends, one.first_day))
    return not any(ends is not None and begins is not None and ends <= begins for ends, begins in pairs)


def _sectors(scenario: Scenario) -> tuple[str, ...]:
    """Sectors of the tables, or those that lists name where there are none."""
    world = scenario.goods.world
    if world is not None and is_there(world.trade_tables):
        return world_sectors(world.trade_tables)
    return tuple(dict.fromkeys(name for goods in scenario.goods.listed for name, _ in goods.parts))


def _origins(scenario: Scenario) -> tuple[str, ...]:
    world = scenario.goods.world
    regions = world_regions(world.trade_tables) if world is not None and is_there(world.trade_tables) else ()
    return tuple(dict.fromkeys((*regions, *scenario.countries, *(goods.exporter for goods in scenario.goods.listed))))
