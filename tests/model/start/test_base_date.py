"""At the base date the model is the data: market totals, vendors' revenues, and prices that nobody would change."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.scenario.schema import Presence
from tests.conftest import presence_of

FACTS = Path(sim.__file__).parent / "facts"
NAMES_IN_CANALYS = {"aws": "Amazon", "microsoft": "Microsoft", "google": "Google", "alibaba": "Alibaba"}
DRAWS = range(300)


@pytest.fixture(scope="module")
def scenario():
    return sim.load("base_2018", {"months": 24})


@pytest.fixture(scope="module")
def world(build, scenario):
    return build(scenario, DRAWS)


def canalys_2018(file: str) -> dict[str, float]:
    """Revenue by vendor in Canalys' series for the full year 2018, read from the data itself."""
    with (FACTS / file).open(encoding="utf-8") as rows:
        return {
            row["vendor"]: float(row["revenue_usd_bn"])
            for row in csv.DictReader(rows)
            if (row["definition"], row["year"], row["quarter"]) == ("canalys", "2018", "FY") and row["revenue_usd_bn"]
        }


def test_every_draw_starts_with_the_market_totals_of_2018(world):
    sales = world.base.sales.sum(axis=0)
    china, whole = canalys_2018("cloud_market_china.csv")["TOTAL"], canalys_2018("cloud_market_global.csv")["TOTAL"]
    np.testing.assert_allclose(sales[world.axes.markets.index("china")], china, rtol=1e-9)
    np.testing.assert_allclose(sales.sum(axis=0), whole, rtol=1e-9)


@pytest.mark.parametrize("vendor", NAMES_IN_CANALYS)
def test_every_draw_starts_with_the_vendors_world_revenues_of_2018(world, vendor):
    revenue = canalys_2018("cloud_market_global.csv")[NAMES_IN_CANALYS[vendor]]
    sales = world.base.sales[world.axes.vendors.index(vendor)].sum(axis=0)
    np.testing.assert_allclose(sales, revenue, rtol=1e-9)


@pytest.mark.parametrize("vendor", ["ibm", "oracle"])
def test_a_vendor_whose_revenue_is_uncertain_starts_with_the_revenue_drawn(world, scenario, vendor):
    drawn = world.value(scenario.vendors[vendor].world_revenue_bn)
    assert drawn.std() > 0
    np.testing.assert_allclose(world.base.sales[world.axes.vendors.index(vendor)].sum(axis=0), drawn, rtol=1e-9)


def test_the_first_month_before_anything_moves_sells_what_the_data_say(play):
    """Month 0 of a run without policies and shocks, through the market agent: half a month's growth later."""
    changes = {"months": 24, "demand.budget_shock_sd": 0, "pricing.growth_first": None}
    scenario = sim.load("base_2018", changes)
    run = play(scenario, range(20), watch=("revenue",))
    sales = run.by_pair("revenue")[0].sum(axis=2)
    grown = run.world.base.spending_path[0].sum(axis=1) / run.world.base.start_size
    np.testing.assert_allclose(sales, run.world.base.sales * grown, rtol=1e-9, atol=1e-12)


def test_calibrated_qualities_reproduce_sales_with_shares_written_out(world):
    """Shares from access, quality and prices of 1, times segment budgets, are the sales."""
    channels = world.channels
    v, m = channels.vendor, channels.market
    access = world.of_channels(world.access, range(len(channels.rows)))
    pull = access * np.exp(world.owned_quality[v, m] - world.penalty[:, None]) * world.base.carries[:, None]
    pull = channels.by_pair(np.where(world.base.sales[v, m][:, None] > 0, pull, 0))
    np.testing.assert_allclose(pull.sum(axis=0), 1, rtol=1e-9)
    np.testing.assert_allclose((pull * world.base.start_spending).sum(axis=2), world.base.sales, rtol=1e-9, atol=1e-12)


def test_nobody_would_change_its_price_of_one_at_the_base_date(world):
    """Brute force: profit over a grid of own prices, rivals' at 1, budgets answering to the price index."""
    base, channels = world.base, world.channels
    through_partners = channels.of_kind(Presence.PARTNER)
    assert base.fee[through_partners & channels.at_start].any()
    assert not base.fee[~through_partners].any()
    factors = np.exp(np.concatenate([np.linspace(-0.8, 0.8, 41), np.linspace(-0.02, 0.02, 21)]))
    tried = set()
    for row in np.flatnonzero(channels.at_start):
        sells = base.sales[channels.vendor[row], channels.market[row]] > 0
        profit = np.stack([_profit_at(world, row, price) for price in factors])
        at_one = _profit_at(world, row, 1.0)
        assert (profit - at_one * (1 + 1e-9))[:, sells].max(initial=-1) <= 1e-12
        assert (base.cost[row][sells] > 0).all()
        tried |= {(channels.vendor[row], channels.market[row])} if sells.any() else set()
    assert tried == set(zip(*np.nonzero((base.sales > 0).any(axis=2)), strict=True)), (
        "every vendor sells in a channel wherever it sells"
    )


def _profit_at(world, row, price):
    """Profit of a vendor in its market where one of its channels asks another price than 1, [draw].

    Cost is what it counts in prices: less what growth is worth to a vendor that puts growth first.
    """
    base, channels, m = world.base, world.channels, world.channels.market[row]
    own = list(channels.of(channels.vendor[row], m))
    asked = np.ones((len(own), 1))
    asked[own.index(row)] = price
    whole = base.attraction[own].sum(axis=0)
    parts = base.attraction[own] / np.maximum(whole, 1e-300) * asked[:, None] ** (1 - base.mu)
    mean = np.maximum(parts.sum(axis=0), 1e-300)
    vendor = whole * mean ** ((base.sigma - 1) / (base.mu - 1))
    total = 1 - whole + vendor
    index = total ** (1 / (1 - base.sigma))
    sales = (parts / mean * vendor / total * base.start_spending[m] * index ** (1 - base.eta)).sum(axis=1)
    return ((1 - base.fee[own]) * sales - world.asking_cost[own] * sales / asked).sum(axis=0)


@pytest.fixture(scope="module")
def many(build, scenario):
    return build(scenario, range(2000))


def test_shares_of_the_chinese_market_are_drawn_within_their_error(many, scenario):
    world = many
    china = world.axes.markets.index("china")
    share = world.base.sales[world.axes.vendors.index("alibaba"), china] / world.base.sales[:, china].sum(axis=0)
    known = scenario.vendors["alibaba"].sales["china"].share.estimate
    assert share.mean() == pytest.approx(known.middle, abs=0.01)
    spread = (known.high - known.low) / (2 * 1.645)
    assert share.std() == pytest.approx(spread, rel=0.25)  # shares that leave the others too little are scaled


def test_no_vendor_starts_with_negative_sales_in_any_of_many_draws(many):
    assert (many.base.sales >= 0).all()


def test_a_vendor_that_is_in_a_market_can_be_chosen_in_every_draw(many):
    """A share cut to zero must not shut a vendor out for good."""
    world = many
    present = (presence_of(world) != Presence.ABSENT) & (world.base.captive == 0).all(axis=-1, keepdims=True)
    can_be_chosen = np.isfinite(world.owned_quality).any(axis=2)
    shut_out = [
        f"{vendor} in {market}: {(present & ~can_be_chosen)[v, m].sum()} of 2000 draws"
        for v, vendor in enumerate(world.axes.vendors)
        for m, market in enumerate(world.axes.markets)
        if (present & ~can_be_chosen)[v, m].any()
    ]
    assert not shut_out


def test_capacity_starts_at_what_is_served_plus_headroom(world, scenario):
    headroom = world.value(scenario.capacity.headroom)
    capacity = world.channels.by_pair(world.capacity)
    np.testing.assert_allclose(capacity, world.base.sales * (1 + headroom), rtol=1e-12)
    assert not world.capacity[~world.active].any()


def test_what_is_on_order_at_the_base_date_is_what_the_pipeline_holds(world):
    np.testing.assert_allclose(world.on_order, world.pipeline.sum(axis=0), rtol=1e-12)


def test_the_base_date_is_the_same_whatever_the_length_of_the_run(build):
    """A run of a year begins like one of seven: nothing of the base date may depend on the horizon."""
    short, long = (build(sim.load("base_2018", {"months": months}), range(4)) for months in (12, 84))
    for name in ("capacity", "on_order", "owned_quality", "cost", "penalty", "growth"):
        np.testing.assert_array_equal(getattr(short, name), getattr(long, name), err_msg=name)
    np.testing.assert_array_equal(short.base.spending_path[:12], long.base.spending_path[:12])
    np.testing.assert_array_equal(short.base.trend_log_index[:12], long.base.trend_log_index[:12])


def test_the_trend_of_the_index_is_that_of_base_offers_with_quality_that_moves_by_itself_and_leaks(build):
    """ln Pi written out for a month far ahead, from base shares, quality gained and the common decline."""
    world = build(sim.load("base_2018", {"months": 60, "pricing.growth_first": None}), range(20))
    base, month = world.base, 48
    years = month / 12
    china = world.axes.markets.index("china")
    partner_run = (presence_of(world) == Presence.PARTNER) * base.sales
    leak = world.value(world.scenario.presence.leak) * (1 - world.levers.ip_protection[china])
    leaked = years * leak * partner_run.sum(axis=0)[china] / base.sales.sum(axis=0)[china]
    at_home = base.home == world.axes.countries.index("china")
    learned = np.where(at_home[:, None, None], leaked, 0)
    pull = world.channels.by_pair(base.attraction) * np.exp(base.gained[month] + learned)[:, :, None]
    decline = world.value(world.scenario.costs.decline) * years
    expected = np.log(pull.sum(axis=0)) / (1 - base.sigma) - decline
    np.testing.assert_allclose(base.trend_log_index[month], expected, rtol=1e-9)


def test_goods_trade_at_base_tariffs_is_what_the_lists_say(world, scenario):
    value = world.base.free_trade * (1 + world.base.base_tariff) ** -world.base.import_elasticity
    expected = np.array([item.value_bn.parameters[0] for item in scenario.goods.lists.values()])
    np.testing.assert_allclose(value, expected[:, None].repeat(len(DRAWS), axis=1), rtol=1e-12)


def test_an_absent_vendor_stands_against_its_home_rivals_as_it_does_elsewhere(build):
    """Google in China: the rivals' mean there, plus its mean lead over them where all sell (no error drawn)."""
    world = build(sim.load("base_2018", {"months": 24, "presence.entrant_quality_sd": 0}), range(40))
    vendors, markets, quality = world.axes.vendors, world.axes.markets, world.owned_quality
    google, china = vendors.index("google"), markets.index("china")
    rivals = [vendors.index(name) for name in ("aws", "microsoft", "ibm", "oracle")]
    sold_by_all = (world.base.sales[rivals, china] > 0).all(axis=0)
    elsewhere = [m for m in range(len(markets)) if m != china]
    lead = np.mean([quality[google, m] - quality[rivals, m].mean(axis=0) for m in elsewhere], axis=0)
    expected = quality[rivals, china].mean(axis=0) + lead
    np.testing.assert_allclose(quality[google, china][:, sold_by_all], expected[:, sold_by_all], rtol=1e-9)
