"""The two forms of goods trade: where they are one, where the general one ends, and what adds up on the way."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.ledger import ACCOUNTS
from sim.model.batch import run_batch
from sim.model.equations.world_trade import Cases, settled_world
from sim.model.minds.goods_block import GoodsBlock
from sim.model.minds.world_responses import SAME_TARIFF
from sim.model.start.world_economy import world_economy

GOODS = tuple(account.column for account in ACCOUNTS if account.block == "goods")
WAR = {
    "kind": "tariff", "by": "us", "lists": ["us_list_3", "us_list_4a"], "rate": {"2018-10-01": "30%"},
    "source": "made up",
}  # fmt: skip
SHORT = {"months": 60, "goods.growth": 0}
STILL = {"goods.world.elasticity_speed": 0, "goods.world.wage_speed": 0}
AT_ONCE = {"goods.adjustment": 10_000, "goods.world.elasticity_speed": 10_000, "goods.world.wage_speed": 10_000}


def history(**changes):
    """The tariffs of 2018 and one that is made up; no value removes a policy."""
    changed = SHORT | {"policies.more": WAR} | changes
    return sim.load("base_2018", {path: value for path, value in changed.items() if value is not NEVER})


NEVER = object()


def without_tariffs(*, but=()):
    """Changes that take all tariffs away, but those named."""
    held = sim.load("base_2018").policies
    quiet = {f"policies.{name}": None for name in held if name not in but}
    return quiet if "more" in but else quiet | {"policies.more": NEVER}


def quarterly(paths, column, country):
    return paths.countries[column][:, paths.axes.countries.index(country)]


def tariffs_at_the_end(world):
    """Rates of all lists once the tariff of the test is in force, [list, draw]."""
    lists = list(world.axes.lists)
    layers = {"us_list_1": 0.25, "us_list_2": 0.25, "us_list_3": 0.4, "us_list_4a": 0.3, "us_metals": 0.25,
              "china_metals_15": 0.15, "china_metals_25": 0.25, "china_list_1_other": 0.25, "china_list_2": 0.25,
              "china_list_3_25": 0.1, "china_list_3_20": 0.1, "china_list_3_10": 0.05,
              "china_list_3_5": 0.05}  # fmt: skip
    rates = world.base.base_tariff.copy()
    for name, layer in layers.items():
        rates[lists.index(name)] += layer
    return rates


def rounded(world, rates):
    """Rates as the block tells them apart."""
    return world.base.base_tariff + np.rint((rates - world.base.base_tariff) / SAME_TARIFF) * SAME_TARIFF


def test_where_nothing_settles_the_general_form_is_the_partial_one():
    """Wages and third countries that never move leave lists that stand alone, for shares of any size."""
    general = run_batch(history(**STILL), range(20), 1)
    partial = run_batch(history(**{"goods.form": "partial"}), range(20), 1)
    for column in GOODS:
        np.testing.assert_allclose(general.countries[column], partial.countries[column], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(general.markets["total_bn"], partial.markets["total_bn"], rtol=1e-9)


def test_where_all_settles_at_once_it_is_the_general_equilibrium_of_each_draw(play):
    """Real income, and with it revenue, loss and terms of trade, are those that the solver finds for the draw alone."""
    run = play(history(**AT_ONCE), range(12))
    world, goods = run.world, run.world.scenario.goods
    rates = rounded(world, tariffs_at_the_end(world))
    held = Cases(rates, world.value(goods.world.elasticity), world.value(goods.world.others))
    fixed, settled = settled_world(world_economy(goods), held)
    told = 4 * run.paths.regions["real_income_bn"][-1]
    np.testing.assert_allclose(told, settled.gain, atol=0.03)
    for country in ("us", "china"):
        region = world.axes.regions.index(country)
        terms = 4 * quarterly(run.paths, "terms_of_trade_bn", country)[-1]
        np.testing.assert_allclose(terms, (settled.gain - fixed.gain)[region], atol=0.03)
    imports = 4 * run.paths.trade["imports_bn"][-1]
    us = world.axes.regions.index("us")
    theirs = settled.trade[:, us].sum(axis=1)
    theirs[us] = 0.0
    np.testing.assert_allclose(imports[:, world.axes.countries.index("us")], theirs, rtol=1e-3)


def test_parts_of_a_countrys_welfare_add_up_to_the_real_income_of_its_region_at_every_moment():
    """Against what they were at the base rates."""
    paths = run_batch(history(), range(30), 1)
    before = run_batch(history(**without_tariffs()), range(30), 1)
    np.testing.assert_allclose(before.regions["real_income_bn"], 0, atol=1e-9)
    for country in ("us", "china"):
        parts = [
            quarterly(found, "tariff_revenue_bn", country) - quarterly(found, "consumer_loss_bn", country)
            + quarterly(found, "terms_of_trade_bn", country)
            for found in (paths, before)
        ]  # fmt: skip
        told = paths.regions["real_income_bn"][:, paths.axes.regions.index(country)]
        np.testing.assert_allclose(parts[0] - parts[1], told, atol=1e-9)


def test_interpolation_between_elasticities_is_exact_to_a_few_million_dollars(build):
    """From nodes that no draw is on, under tariffs of 2019 and under those of 145 % of April 2025."""
    world = build(history(), range(200))
    block, economy, goods = GoodsBlock(world), world_economy(world.scenario.goods), world.scenario.goods
    rows = world.axes.trade_rows
    imports = [n for n, held in enumerate(goods.lists.values()) if (held.importer, held.exporter) == ("us", "china")]
    for more, worst in ((0.0, 0.005), (1.2, 0.3)):
        rates = tariffs_at_the_end(world)
        rates[imports] += more
        rates = rounded(world, rates)
        held = Cases(rates, world.value(goods.world.elasticity), world.value(goods.world.others))
        exact = [settled.gain for settled in settled_world(economy, held)]
        response = block.target(rates)
        told = block.at(rates, response).real_income
        np.testing.assert_allclose(told, exact[1], atol=worst)
        np.testing.assert_allclose(response.wage[rows.income], exact[1] - exact[0], atol=worst)


def test_tariffs_that_are_uncertain_themselves_are_solved_draw_by_draw_to_the_same_figures():
    """A range that is next to nothing gives what the constant gives, and a draw is the same in any batch."""
    narrow = WAR | {"rate": {"2018-10-01": {"uniform": ["29.9999%", "30.0001%"]}}}
    certain, uncertain = run_batch(history(), range(6), 1), run_batch(history(**{"policies.more": narrow}), range(6), 1)
    for column in GOODS:
        np.testing.assert_allclose(certain.countries[column], uncertain.countries[column], atol=0.01)
    alone = run_batch(history(**{"policies.more": narrow}), [4], 1)
    for table in ("countries", "regions", "trade"):
        for column, values in getattr(alone, table).items():
            np.testing.assert_array_equal(values[..., 0], getattr(uncertain, table)[column][..., 4])


def test_third_countries_gain_what_china_loses_of_its_market(play):
    """A tariff on Chinese goods alone: China loses, its close rivals gain most for their size, the world loses."""
    run = play(history(**without_tariffs(but=("more",))), range(30))
    income = run.paths.regions["real_income_bn"][-1]
    size = world_economy(run.world.scenario.goods).income[:, None]
    gain = dict(zip(run.world.axes.regions, income / size, strict=True))
    assert (gain["china"] < 0).all()
    assert (gain["mexico_canada"] > gain["europe"]).all()
    assert (gain["mexico_canada"] > 0).all()
    assert (income.sum(axis=0) < 0).all()


@pytest.mark.parametrize("form", ["general", "partial"])
def test_exports_lost_to_everybody_lower_cloud_spending(form):
    """In the general form what is sold elsewhere instead counts, so that spending falls by less."""
    without = {"policies.more": NEVER}
    with_war, quiet = (run_batch(history(**{"goods.form": form} | more), range(10), 1) for more in ({}, without))
    china = with_war.axes.markets.index("china")
    lost = (with_war.markets["total_bn"] / quiet.markets["total_bn"] - 1)[-1, china]
    assert (lost < 0).all()
    if form == "general":
        partial = [
            run_batch(history(**{"goods.form": "partial"} | more), range(10), 1).markets["total_bn"][-1, china]
            for more in ({}, without)
        ]
        assert (lost > partial[0] / partial[1] - 1).mean() > 0.5
