"""Papers on the tariffs' losses, each redone with its own assumptions: why the model's figures differ from theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.facts import find_fact
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.scenario.library import library_folder
from sim.scenario.loading import load
from sim.studies.validation.average_tariffs import END_OF_2018
from sim.studies.validation.comparison import Check, Comparison, derived, number_of, over_draws, published
from sim.studies.validation.dated_tariffs import lists_hit, lists_of, tariffs_on
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.goods_losses import LISTS_1_TO_3_AT_25_PERCENT
from sim.studies.validation.goods_path import GoodsFlows, monthly_path, settled

FOLDER = "estimates"
"""Folder in the library's own, out of its listing: scenarios that only repeat a paper's assumptions."""
AMITI, FAJGELBAUM, NEW_YORK_FED = "amiti_redding_weinstein_2019", "fajgelbaum_et_al_2020", "new_york_fed_2019"
US, CHINA = "us", "china"
TRIANGLE = 0.5
TEN_PERCENT = 0.1

TEXT = (
    "The figures of the table above once more, with what the paper assumed in place of what the base scenario does: "
    "the scenarios in `scenarios/estimates`. Amiti, Redding and Weinstein come in steps, each of which adds one "
    "assumption to those before it; the last one is their own arithmetic."
)
BASE = "The base scenario, as in the table above."
AT_ONCE = "Trade moves at once instead of over months."
ALL_ORIGINS = (
    "Besides, all tariffs of 2018 count, as in the paper (283 bn): steel, aluminium, solar panels and washing "
    "machines of all origins at 17.9 %, which the average of Fajgelbaum and others leaves for them."
)
SIX = (
    "Besides, imports fall by 6 % for each percent (`arw.import_quantity_elasticity_ihs`) along one demand curve. "
    "Half of what was taxed is then no longer bought, so the loss rises less than the elasticity does, and revenue "
    "falls away."
)
FORMULA_LOSS = (
    "The paper's arithmetic on the same goods: half the tariff, times imports as they were before it, times 6 times "
    "the log change of the price. So the base scenario is lower by {0:.2f} bn a month since trade takes time, by "
    "{1:.2f} since it holds Chinese goods only, by {2:.2f} for the elasticity and by {3:.2f} since the paper's "
    "triangle stands on imports that have not fallen; {4:.2f} is left, less than the rate on other goods leaves open."
)
FORMULA_REVENUE = (
    "Tariffs times imports as they were before: revenue in December 2018 was as if nobody had turned away yet (goods "
    "were hurried in before the rise then planned for January). With a response of 6 it could not have been: the "
    "paper's two figures do not lie on one demand curve. Its 6 keeps products that vanish, each as one case among "
    "all; without them it finds 1.3 (`arw.import_quantity_elasticity_log`)."
)
OWN_GOODS = (
    "The paper's own elasticities and goods. It multiplies imports of before by what they became dearer (next row); "
    "the model takes off what buyers save by turning away."
)
BASKET = (
    "Imports of before times the rise of tariffs, 14.0 points on 303 bn. The paper's loss is 16.8 % of these imports, "
    "near the rate after the rise (16.6 %): perhaps its average has other weights, for products and years that the "
    "project does not hold, and in its general equilibrium prices move, too."
)
OWN_REVENUE = (
    "Weights again: 34.3 bn on what is left of 303 bn (less 31.7 %) would be a tariff of 16.6 %, the rate after, "
    "where the model has the rise of 14.0 points only, with the highest rates on what has shrunk most."
)
AGGREGATE = (
    "Two differences cancel: without the larger loss of its buyers the paper's figure would be lower, without what "
    "producers gain from dearer exports (`fgkk.producer_export_gain`, 9.4 bn), which the model leaves out, higher."
)
OWN_IMPORTS = (
    "One elasticity on the average of each list; the paper's is on products and adds substitution between products "
    "and with American goods."
)
OWN_EXPORTS = "China's retaliation alone, with the paper's foreign elasticity of 1.04; the paper's is by all countries."
BY_CONSTRUCTION = "By construction: the elasticity is chosen so."
NOTE_LOSS = "The sum of the next two rows, with their reasons."
NOTE_TAX = (
    "With a response of 43 % for each 10 % a constant elasticity leaves 28 % of imports at 25 %; the note's tax is "
    "one on 108 bn, 44 % of them. It does not say how it went from 10 to 25 %."
)
NOTE_CURVE = (
    "Under one demand curve the loss is twice the tax; the note has three times. Half the tariff times imports of "
    "before times their log change, the formula of the authors' paper, gives 39 bn, and the whole tariff instead of "
    "half of it, as if all who turn away paid a dearer supplier the whole difference, 78 bn (next row)."
)
NOTE_WHOLE = (
    "Tariff times imports of before times their log change. That this is the note's arithmetic is a guess from the "
    "figure; it is no area under a demand curve."
)
BUYERS_PART = (
    "Pass-through is an input, here read off what buyers lose beyond the deadweight loss over what is collected. The "
    "model takes 1; the papers lie at or below it."
)


def check(evidence: Evidence) -> Check:
    """Compare the losses with the published ones, under the published assumptions."""
    rows = (*_amiti(evidence.base), *_fajgelbaum(), *_new_york_fed(), *_pass_through(evidence.base))
    return Check("Losses under the papers' own assumptions", TEXT, rows, in_sample="in part", block="goods")


def world_of(paper: str, overrides: Mapping[str, Any] | None = None) -> World:
    """Build the world of a paper's scenario; nothing in its goods trade is uncertain, so one draw holds it."""
    path = library_folder() / FOLDER / f"{paper}.yaml"
    return build_world(load(path, dict(overrides or {})), Draws(1, range(1)))


def _amiti(base: World) -> Iterator[Comparison]:
    """From the base scenario's deadweight loss and revenue of December 2018 to the paper's, step by step."""
    fgkk = number_of(find_fact("fgkk.sigma_variety_import_demand"))
    theirs, weaker = world_of(AMITI), world_of(AMITI, {f"goods.import_elasticity.{US}": fgkk})
    steps = (
        ("base scenario", _december(base), BASE, BASE),
        ("at once", _monthly(base), AT_ONCE, AT_ONCE),
        ("all origins", _monthly(weaker), ALL_ORIGINS, ALL_ORIGINS),
        ("elasticity of 6", _monthly(theirs), SIX, SIX),
        ("the paper's arithmetic", _arithmetic(theirs), FORMULA_LOSS, FORMULA_REVENUE),
    )
    data = published("arw.deadweight_loss_per_month_late_2018")
    means = [float(np.mean(loss)) for _, (loss, _), _, _ in steps]
    gaps = np.diff([*means, data.value]).round(2) + 0.0
    for which, (loss, _), why, _ in steps:
        what = f"US deadweight loss in December 2018, {which}"
        yield Comparison(what, over_draws(loss), data, why.format(*gaps))
    for which, (_, revenue), _, why in steps:
        what = f"US tariff revenue in December 2018, {which}"
        yield Comparison(what, over_draws(revenue), published("arw.tax_cost_per_month_late_2018"), why)


def _december(world: World) -> tuple[FloatArray, FloatArray]:
    """Deadweight loss and revenue of December 2018 as trade adjusts, each [draw], bn a month."""
    return _loss_and_revenue(world, monthly_path(world, END_OF_2018)[-1].trade_war)


def _monthly(world: World) -> tuple[FloatArray, FloatArray]:
    """The same once trade has moved all the way."""
    return _loss_and_revenue(world, settled(world, tariffs_on(world, END_OF_2018)))


def _loss_and_revenue(world: World, flows: GoodsFlows) -> tuple[FloatArray, FloatArray]:
    loss, revenue = (_of(world, US, part) / MONTHS_PER_YEAR for part in (flows.deadweight_loss, flows.revenue))
    return loss, revenue


def _arithmetic(world: World) -> tuple[FloatArray, FloatArray]:
    """Deadweight loss and revenue on imports as they were before, each [draw], bn a month."""
    tariff = tariffs_on(world, END_OF_2018)
    collected = _first_order(world, tariff)
    turned_away = world.base.import_elasticity * _log_rise(world, tariff)
    loss = TRIANGLE * collected * turned_away
    return _of(world, US, loss) / MONTHS_PER_YEAR, _of(world, US, collected) / MONTHS_PER_YEAR


def _fajgelbaum() -> Iterator[Comparison]:
    """The paper's year, at the tariffs of the end of 2018."""
    world = world_of(FAJGELBAUM)
    tariff = tariffs_on(world, END_OF_2018)
    flows = settled(world, tariff)
    loss, revenue = _of(world, US, flows.consumer_loss), _of(world, US, flows.revenue)
    keys = ("fgkk.buyers_loss", "fgkk.tariff_revenue")
    theirs = [number_of(find_fact(key)) for key in keys]
    net = derived(theirs[0] - theirs[1], find_fact(keys[0]).unit, "loss less revenue", *keys)
    first_order = _of(world, US, _first_order(world, tariff))
    imports, exports = (_change(world, importer, flows) for importer in (US, CHINA))
    name = "Fajgelbaum and others"
    cases = (
        ("US buyers' loss", loss, published("fgkk.buyers_loss"), OWN_GOODS),
        ("US buyers' loss, imports as before", first_order, published("fgkk.buyers_loss"), BASKET),
        ("US tariff revenue", revenue, published("fgkk.tariff_revenue"), OWN_REVENUE),
        ("US buyers' loss less revenue", loss - revenue, net, OWN_GOODS),
        ("US loss in all", loss - revenue, published("fgkk.net_real_income_loss"), AGGREGATE),
        ("change of US imports hit", imports, published("fgkk.targeted_imports_change"), OWN_IMPORTS),
        ("change of US exports hit", exports, published("fgkk.targeted_exports_change"), OWN_EXPORTS),
    )
    for what, model, data, why in cases:
        yield Comparison(f"{name}: {what}", over_draws(model), data, why)


def _new_york_fed() -> Iterator[Comparison]:
    """The note's year, Lists 1 to 3 at 25 %."""
    world = world_of(NEW_YORK_FED)
    tariff = tariffs_on(world, LISTS_1_TO_3_AT_25_PERCENT)
    flows = settled(world, tariff)
    raised = (1.0 + world.base.base_tariff) * (1.0 + TEN_PERCENT) - 1.0
    response = _of(world, US, settled(world, raised).trade) / _trade(world, lists_of(world, US))
    whole = _first_order(world, tariff) * world.base.import_elasticity * _log_rise(world, tariff)
    cases = (
        ("US buyers' loss", _of(world, US, flows.consumer_loss), "nyfed2019.annual_cost", NOTE_LOSS),
        ("US tariff revenue", _of(world, US, flows.revenue), "nyfed2019.tax_part", NOTE_TAX),
        ("US deadweight loss", _of(world, US, flows.deadweight_loss), "nyfed2019.deadweight_part", NOTE_CURVE),
        ("US deadweight loss, whole tariff", _of(world, US, whole), "nyfed2019.deadweight_part", NOTE_WHOLE),
        ("prices up by 10 %, change of US imports", response,
         "nyfed2019.import_response_to_10pct_tariff", BY_CONSTRUCTION),
    )  # fmt: skip
    for what, model, key, why in cases:
        yield Comparison(f"New York Fed: {what}", over_draws(model), published(key), why)


def _pass_through(base: World) -> Iterator[Comparison]:
    """Part of the tariffs of the end of 2018 that American buyers pay."""
    flows = settled(base, tariffs_on(base, END_OF_2018))
    paid = _of(base, US, flows.consumer_loss - flows.deadweight_loss) / _of(base, US, flows.revenue)
    keys = (
        "arw.pass_through",
        "cavallo2021.import_price_pass_through",
        "usitc2023.pass_through",
        "gopinath_neiman.pass_through_2018_19",
    )
    for key in keys:
        yield Comparison("Part of US tariffs that buyers pay", over_draws(paid), published(key), BUYERS_PART)


def _of(world: World, importer: str, values: FloatArray) -> FloatArray:
    """Sum over what a country imports, [draw]."""
    mine = lists_of(world, importer)
    total: FloatArray = ordered_sum(values[[row for row, name in enumerate(world.axes.lists) if name in mine]])
    return total


def _before(world: World) -> FloatArray:
    """Trade at base rates by goods list, [list, draw], bn a year."""
    return np.stack([world.value(item.value_bn) for item in world.scenario.goods.lists.values()])


def _trade(world: World, names: frozenset[str]) -> FloatArray:
    """Trade of some goods lists at base rates, [draw], bn a year."""
    rows = [row for row, name in enumerate(world.axes.lists) if name in names]
    total: FloatArray = ordered_sum(_before(world)[rows])
    return total


def _change(world: World, importer: str, flows: GoodsFlows) -> FloatArray:
    """Change of a country's imports on the lists hit by the end of 2018, [draw], share of one."""
    return _of(world, importer, flows.trade) / _trade(world, lists_hit(world, importer, END_OF_2018))


def _first_order(world: World, tariff: FloatArray) -> FloatArray:
    """Imports of before times the rise of the tariff, [list, draw], bn a year."""
    return (tariff - world.base.base_tariff) * _before(world)


def _log_rise(world: World, tariff: FloatArray) -> FloatArray:
    """Log change of the price with duty, [list, draw]."""
    rise: FloatArray = np.log1p(tariff) - np.log1p(world.base.base_tariff)
    return rise
