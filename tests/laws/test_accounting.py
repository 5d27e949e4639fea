"""What one side pays the other receives, in every month and in what is recorded."""

from __future__ import annotations

import numpy as np
import pytest

import sim

MONTHS_PER_YEAR = 12
WATCHED = (
    "revenue",
    "unmet",
    "budget",
    "price",
    "cost",
    "stake",
    "capacity",
    "shares",
)

SCENARIOS = {
    "status_quo": {"months": 48},
    "guiyang_pilot": {"months": 48, "policies.guiyang_pilot.starts": "2018-10-01", "presence.zone.build_months": 6},
    "half_open": {
        "months": 48,
        "policies.half": {
            "kind": "ownership", "by": "china", "market": "china", "starts": "2018-10-01", "equity_cap": "95%",
            "source": "made up",
        },
        "presence.owned.build_months": 6,
        "presence.owned.sunk_cost_bn": 0,
        "presence.hurdle": 0,
    },
    "short_of_capacity": {"months": 48, "capacity.headroom": 0.02, "demand.budget_shock_sd": 0.4},
}  # fmt: skip


@pytest.fixture(scope="module", params=SCENARIOS)
def run(request, play):
    base = request.param if request.param in {"status_quo", "guiyang_pilot"} else "status_quo"
    return play(sim.load(base, SCENARIOS[request.param]), range(24), watch=WATCHED)


def quarters(months):
    """Sum monthly flows over quarters, given as yearly rates."""
    return months.reshape(-1, 3, *months.shape[1:]).sum(axis=1) / MONTHS_PER_YEAR


def setting_up(run):
    """Sunk cost of all moves that went live, [quarter, vendor, market, draw], from the events."""
    cost = np.zeros_like(run.paths.vendors["profit_bn"])
    for month, vendor, detail, draws in run.happened("goes live"):
        terms = getattr(run.world.scenario.presence, detail.split()[0], None)
        if terms is not None:
            cost[month // 3, run.vendor(vendor), run.market("china"), draws] += run.world.value(terms.sunk_cost_bn)[
                draws
            ]
    return cost


def test_all_spending_is_revenue_or_unmet_demand_every_month(run):
    spent = run.by_pair("revenue").sum(axis=1) + run.months["unmet"]
    np.testing.assert_allclose(spent, run.months["budget"], rtol=1e-12)


def test_shares_of_free_spending_sum_to_one_every_month(run):
    shares = run.by_pair("shares").sum(axis=1)
    for m, groups in enumerate(run.world.base.groups):
        np.testing.assert_allclose(shares[:, m, :groups], 1, rtol=1e-12)
        assert not run.months["budget"][:, m, groups:].any(), "nobody is beyond the groups of a market"
    assert (run.months["shares"] >= 0).all()


def test_recorded_revenue_and_unmet_demand_are_what_customers_meant_to_spend(run):
    budget = quarters(run.months["budget"].sum(axis=2))
    markets = run.paths.markets
    np.testing.assert_allclose(markets["total_bn"] + markets["unmet_bn"], budget, rtol=1e-11)
    np.testing.assert_allclose(run.paths.vendors["revenue_bn"].sum(axis=1), markets["total_bn"], rtol=1e-11)
    np.testing.assert_allclose(run.paths.vendors["share"].sum(axis=1), 1, rtol=1e-12)


def test_nobody_sells_more_than_its_capacity_at_the_price_of_the_day(run):
    trend = np.stack([run.world.trend_price(month) for month in range(48)])[:, None]
    units = run.months["revenue"].sum(axis=2) / (run.months["price"] * trend)
    assert (units <= run.months["capacity"] * (1 + 1e-12) + 1e-15).all()


def test_the_scenario_short_of_capacity_is_short_of_it(play):
    run = play(sim.load("status_quo", SCENARIOS["short_of_capacity"]), range(24))
    assert (run.paths.markets["unmet_bn"] > 0.001).mean() > 0.05


def test_the_half_open_scenario_has_co_owners(play):
    run = play(sim.load("status_quo", SCENARIOS["half_open"]), range(24))
    assert (run.world.stake == 0.95)[run.world.active].any()


def test_a_channel_that_is_not_in_use_has_neither_sales_nor_capacity(run):
    unused = ~run.months["active"]
    assert not run.months["revenue"].sum(axis=2)[unused].any()
    assert not run.months["capacity"][unused].any()


def test_vendors_profit_is_revenue_less_fee_cost_fixed_cost_co_owners_part_and_setting_up(run):
    """Written out channel by channel from revenue, price, cost, fee and stake of each month, for vendors that sell."""
    now, base = run.months, run.world.base
    sales = now["revenue"].sum(axis=2)
    operating = sales * (1 - base.fee) - sales / now["price"] * now["cost"] - base.fixed_cost * now["active"]
    profit, co_owners = now["stake"] * operating, (1 - now["stake"]) * operating
    expected = quarters(run.by_pair(profit - overhead_of(run))) - setting_up(run)
    sells = ~(run.world.base.captive > 0).any(axis=(1, 2))
    np.testing.assert_allclose(run.paths.vendors["profit_bn"][:, sells], expected[:, sells], rtol=1e-9, atol=1e-12)
    china = run.world.axes.countries.index("china")
    income = run.paths.countries["partner_income_bn"][:, china]
    earned = run.paths.partners["income_bn"].sum(axis=1) + quarters(co_owners).sum(axis=1)
    np.testing.assert_allclose(income, earned, rtol=1e-9, atol=1e-12)


def overhead_of(run):
    """Cost that sales do not move, with the trend of the vendor's sales, [month, channel, draw]."""
    base, channels = run.world.base, run.world.channels
    size = base.market_path / base.sales.sum(axis=0)
    return base.overhead * (size[:, None] * np.exp(base.gained))[:, channels.vendor, channels.market]


def test_what_vendors_pay_in_fees_is_what_partners_earn(run):
    """Fees on sales, and on the services for own customers that a partner runs (equation 5.5)."""
    fees, sales = run.world.base.fee, run.months["revenue"].sum(axis=2)
    paid = (fees * sales).sum(axis=1)
    captive = run.world.base.captive
    for v, m in np.argwhere((captive > 0).any(axis=2)):
        growth, decline = run.world.base.captive_growth[v, m], run.world.value(run.world.scenario.costs.decline)
        fades = list(run.world.scenario.vendors.values())[v].captive["china"].fades
        lasting, half_life = run.world.value(fades.lasting), run.world.value(fades.half_life_years)
        years = (np.arange(48)[:, None] + 0.5) / MONTHS_PER_YEAR
        faded = np.maximum(years - run.world.scenario.calendar.month_of(fades.after) / MONTHS_PER_YEAR, 0)
        # After a day the rate halves its distance from the lasting one in each half-life: its integral.
        excess = (growth - lasting) * half_life / np.log(2) * (1 - 0.5 ** (faded / half_life))
        grown = growth * (years - faded) + lasting * faded + excess
        units = captive[v, m] * np.exp(grown - decline * years)
        for row in run.world.channels.of(v, m):
            own_cost = units * run.months["cost"][:, row] * run.months["active"][:, row]
            paid += fees[row] / (1 - fees[row]) * own_cost
    np.testing.assert_allclose(run.paths.partners["income_bn"].sum(axis=1), quarters(paid), rtol=1e-10, atol=1e-14)


def test_a_captive_firm_loses_exactly_the_fee_that_its_partner_takes(run):
    apple = run.vendor("apple")
    loss = -run.paths.vendors["profit_bn"][:, apple].sum(axis=1)
    partner = run.paths.partners["income_bn"][:, run.world.axes.partners.index("gcbd")]
    rows = run.rows("apple", "china")
    fixed = quarters((run.world.base.fixed_cost[rows] * run.months["active"][:, rows]).sum(axis=1))
    whole = (run.in_use("stake", "apple", "china") == 1).all(axis=0)
    fixed += setting_up(run)[:, apple].sum(axis=1)
    np.testing.assert_allclose((loss - fixed)[:, whole], partner[:, whole], rtol=1e-9, atol=1e-13)


def test_welfare_is_exactly_the_sum_of_its_parts(run):
    parts = run.paths.countries
    cloud = parts["vendor_profit_bn"] + parts["partner_income_bn"] + parts["customer_surplus_bn"]
    goods = parts["tariff_revenue_bn"] - parts["consumer_loss_bn"] + parts["terms_of_trade_bn"]
    goods = goods + parts["licence_rent_bn"] + parts["export_fees_bn"] + parts["rerouting_gain_bn"]
    np.testing.assert_array_equal(parts["welfare_bn"], cloud + goods)


def test_a_countrys_parts_are_those_of_its_vendors_and_markets(run):
    countries, paths = run.paths.countries, run.paths
    for c, country in enumerate(run.world.axes.countries):
        own = [v for v, vendor in enumerate(paths.scenario.vendors.values()) if vendor.home == country]
        places = [m for m, market in enumerate(paths.scenario.markets.values()) if market.country == country]
        profit = paths.vendors["profit_bn"][:, own].sum(axis=(1, 2))
        surplus = paths.markets["customer_surplus_bn"][:, places].sum(axis=1)
        np.testing.assert_allclose(countries["vendor_profit_bn"][:, c], profit, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(countries["customer_surplus_bn"][:, c], surplus, rtol=1e-12)


def test_goods_losses_add_up_between_the_two_countries(run):
    """What buyers lose, and exporters where lists stand alone, is revenue or lost to everybody."""
    goods = {name: values.sum(axis=1) for name, values in run.paths.countries.items()}
    borne = 0 if run.world.axes.regions else goods["terms_of_trade_bn"]
    np.testing.assert_allclose(
        goods["consumer_loss_bn"] - borne,
        goods["tariff_revenue_bn"] + goods["deadweight_loss_bn"],
        rtol=1e-10,
    )
    np.testing.assert_allclose(goods["exports_bn"], goods["imports_bn"], rtol=1e-12)


def test_everything_recorded_is_a_finite_number_but_the_price_of_what_is_not_sold(run, arrays_of):
    for name, values in arrays_of(run.paths):
        unused = run.paths.channels["in_use"] == 0 if name == "channels.price" else np.zeros_like(values, dtype=bool)
        np.testing.assert_array_equal(np.isfinite(values), ~unused, err_msg=name)
