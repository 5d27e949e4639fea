"""Where nothing moves, the model is the textbook: prices settle at the equilibrium, twins are alike, openness helps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.equations.demand import appeal, choice_at, log_price_index
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.terms import Terms
from sim.model.equations.welfare import exact_surplus

SHOCK = {
    "kind": "hardware_tariff", "market": "china", "rate": {"2018-10-01": "30%"}, "origin_share": 1, "source": "made up",
}  # fmt: skip
CONTROL = {
    "kind": "export_control", "target": "china", "starts": "2018-10-01", "quality_loss_per_year": 0,
    "cost_increase": "15%", "source": "made up",
}  # fmt: skip
LONG = {
    "months": 120,
    "policies.shock": SHOCK,
    "policies.control": CONTROL,
    "demand.contract_churn": 0.9,
    "presence.review_every_months": 600,
    "capacity.headroom": 1,
}
"""Costs jump in October 2018, unevenly between vendors, and then nothing moves for ten years."""


@pytest.fixture(scope="module")
def settled(play, compact):
    return play(compact(LONG), range(1), watch=("price", "shares", "budget", "revenue", "surplus"))


def sells(world):
    """Whether a channel is in use, and its vendor sells there, [channel, draw]."""
    return world.active & (world.base.sales[world.channels.vendor, world.channels.market] > 0)


def quality_of(world, here):
    """Quality in some channels, [channel, segment, draw]."""
    v, m = world.channels.vendor[here], world.channels.market[here]
    return world.owned_quality[v, m] - world.penalty[here][:, None]


def equilibrium_of(world):
    path, base, price = world.base.spending_path[-1] * world.activity[:, None], world.base, np.ones_like(world.price)
    for m, here in enumerate(world.sellers):
        taken, pull = base.fee[here], appeal(world.access[m], quality_of(world, here))
        together = world.nests(m, here), Terms(taken, 0 * taken, 1 + 0 * taken)
        price[here] = bertrand_nash_prices(pull, path[m], world.cost[here], taken, base.sigma, base.eta, together)
    return price


def test_prices_settle_at_the_static_equilibrium(settled):
    world = settled.world
    sold, prices = sells(world), settled.months["price"]
    assert (np.abs(prices[-1] / prices[2] - 1)[sold] > 0.01).any(), "no price has moved"
    np.testing.assert_allclose(prices[-1][sold], equilibrium_of(world)[sold], rtol=1e-6)


def test_the_settled_market_is_one_where_nobody_gains_by_another_price(settled):
    """Brute force on the vendor's profit in all its channels of a market, all contracts being what is chosen now.

    The price of one channel at a time is moved.
    """
    world, base = settled.world, settled.world.base
    sigma, eta = base.sigma[:, 0], base.eta[0]
    path = (base.spending_path[-1] * world.activity[:, None])[..., 0]
    for m, here in enumerate(world.sellers):
        pull = (world.access[m] * np.exp(quality_of(world, here)))[..., 0]
        owner, kappa = world.channels.vendor[here], (base.mu[0] - 1) / (sigma - 1)
        same, carries = owner[:, None] == owner, base.carries[here]
        kept, cost, price = 1 - base.fee[here, 0], world.cost[here, 0], world.price[here, 0]

        def earned(prices, m=m, pull=pull, kept=kept, cost=cost, nest=(same, carries, kappa)):
            """Profit in each channel."""
            same, carries, kappa = nest
            beside = carries * (pull * prices[:, None] ** (1 - sigma)) ** kappa
            attraction = beside * (same @ beside) ** (1 / kappa - 1)
            total = attraction.sum(axis=0)
            sales = (attraction / total * path[m] * (total ** (1 / (1 - sigma))) ** (1 - eta)).sum(axis=1)
            return kept * sales - cost * sales / prices

        for place in np.flatnonzero(sells(world)[here, 0]):
            own = world.channels.vendor[here] == world.channels.vendor[here[place]]
            factors = np.ones((501, len(here)))
            factors[:, place] = np.exp(np.linspace(-0.5, 0.5, 501))
            best = max(earned(price * factor)[own].sum() for factor in factors)
            assert best <= earned(price)[own].sum() * (1 + 1e-9)


def test_contracts_settle_at_what_customers_would_choose(settled):
    shares, budget = settled.months["shares"][-1], settled.months["budget"][-1][settled.world.channels.market]
    np.testing.assert_allclose(settled.months["revenue"][-1], shares * budget, rtol=1e-6, atol=1e-9)


def test_the_surplus_settles_at_the_exact_area(settled):
    world = settled.world
    exact = exact_surplus(world.base.spending_path[-1] * world.activity[:, None], world.log_index, world.base.eta)
    assert (np.abs(world.log_index) > 0.05).any()
    np.testing.assert_allclose(world.surplus, exact, rtol=1e-6, atol=1e-9)


def test_a_world_in_which_nothing_moves_stays_as_it_is(play, compact):
    run = play(compact({"months": 48}), range(1), watch=("price", "revenue", "capacity"))
    np.testing.assert_allclose(run.months["price"][:, sells(run.world)], 1, rtol=1e-12)
    np.testing.assert_allclose(run.months["revenue"], run.months["revenue"][[0]].repeat(48, axis=0), rtol=1e-12)
    assert np.abs(run.paths.markets["customer_surplus_bn"]).max() < 1e-12
    assert run.paths.events == ()


def test_the_surplus_is_what_each_vintage_of_contracts_was_worth_on_its_day_and_what_got_cheaper(play, compact):
    """Contracts kept apart by the month in which they were signed, in plain numbers."""
    shocks = {"demand.budget_shock_sd": 0.2, "demand.quality_shock_sd": 0.1, "capacity.headroom": 1, "months": 36}
    run = play(compact(shocks), range(2), watch=("budget", "log_index", "price", "revenue", "surplus", "unmet"))
    assert run.months["unmet"].max() < 1e-12, "who is not served has no vintage"
    eta, stays = run.world.base.eta[0], 0.7 ** (1 / 12)
    market = run.world.channels.market
    base = (run.world.base.attraction * run.world.base.start_spending[market])[None]
    spent = np.concatenate([base, run.months["revenue"][:-1]])
    price = run.months["price"]
    cheaper = np.log(np.concatenate([np.ones_like(price[:1]), price[:-1]]) / price)[:, :, None]

    def in_market(values):
        return np.stack([values[:, market == m].sum(axis=1) for m in range(market.max() + 1)], axis=1)

    gain = in_market(spent * cheaper) / in_market(spent)
    for m, s, d in np.ndindex(run.months["budget"].shape[1:]):
        vintages = [(in_market(base)[0, m, s, d], 0.0)]
        for month in range(36):
            budget, index = (run.months[name][month, m, s, d] for name in ("budget", "log_index"))
            left = [(amount * (stays if month else 1), worth + gain[month, m, s, d]) for amount, worth in vintages]
            held = sum(amount for amount, _ in left)
            cut = min(1, budget / held) if held else 1
            worth = (1 - np.exp((eta - 1) * index)) / (eta - 1)
            vintages = [(amount * cut, worth) for amount, worth in left] + [(max(budget - held, 0), worth)]
            surplus = sum(amount * worth for amount, worth in vintages)
            assert run.months["surplus"][month, m, s, d] == pytest.approx(surplus, rel=1e-9, abs=1e-12)


# Twins ----------------------------------------------------------------------------------------------------------------


ONE_PARTNER = {"partners.bridge.contracts.falcon.share": 1, "partners.ferry.contracts.falcon": None}
"""Falcon sells through the partner that Eagle sells through, and through no other."""


@pytest.mark.parametrize("changes", [{}, LONG, {"months": 48, "costs.decline": 0.1, "presence.leak": 0.1}])
def test_twin_vendors_have_the_same_numbers(play, compact, changes):
    run = play(compact(ONE_PARTNER | changes), range(2))
    for one, other in (("eagle", "falcon"), ("dragon", "tiger")):
        for name, values in run.paths.vendors.items():
            assert values[:, run.vendor(one)].tobytes() == values[:, run.vendor(other)].tobytes(), (name, one)


def test_twins_that_both_move_into_a_zone_stay_twins(play, compact, pilot):
    run = play(compact(ONE_PARTNER | pilot() | {"months": 48}), range(2))
    assert len(run.happened("goes live")) == 2
    for name, values in run.paths.vendors.items():
        assert values[:, run.vendor("eagle")].tobytes() == values[:, run.vendor("falcon")].tobytes(), name


def test_the_partners_of_twins_earn_by_their_contracts(play, compact):
    """Bridge runs all of Eagle and 60 % of Falcon, Ferry the other 40 %, at the same fee."""
    bridge, ferry = play(compact(), range(1)).paths.partners["income_bn"].sum(axis=0)[:, 0]
    assert bridge / ferry == pytest.approx(1.6 / 0.4, rel=1e-12)


def test_countries_that_mirror_each_other_lose_alike_by_the_same_tariffs(play, compact):
    mirrored = {
        "countries.china.gdp_bn": 20000,
        "goods.import_elasticity": {"us": 2, "china": 2},
        "goods.lists.phones.value_bn": 0,
        "goods.lists.soybeans": {"value_bn": 500, "base_rate": 0.03},
        "policies": {
            "there": {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "25%", "source": "made up"},
            "back": {"kind": "tariff", "by": "china", "lists": ["soybeans"], "rate": "25%", "source": "made up"},
        },
    }
    countries = play(compact(mirrored), range(1)).paths.countries
    goods = ("exports", "imports", "tariff_revenue", "consumer_loss", "deadweight_loss", "terms_of_trade")
    for name in goods:
        us, china = countries[f"{name}_bn"][:, :, 0].T
        np.testing.assert_array_equal(us, china, err_msg=name)


# Openness -------------------------------------------------------------------------------------------------------------


def numbers(low, high, *shape):
    seeds = st.integers(0, 2**32 - 1)
    return seeds.map(lambda seed: np.random.default_rng(seed).uniform(low, high, shape))


@given(
    access=numbers(0, 0.9, 3, 1, 2, 1),
    more=numbers(0, 1, 3, 1, 2, 1),
    quality=numbers(-2, 2, 3, 1, 2, 1),
    log_price=numbers(-0.5, 0.5, 3, 1, 1),
)
def test_more_liberal_access_never_lowers_customers_surplus_at_given_prices(access, more, quality, log_price):
    sigma, eta = np.full((2, 1), 5.0), np.array([1.6])
    access[0] = 1.0

    def surplus(access):
        choice = choice_at(access, quality, log_price, sigma)
        return exact_surplus(np.ones((1, 2, 1)), log_price_index(choice.total, sigma), eta)

    assert (surplus(access + (1 - access) * more) >= surplus(access) - 1e-12).all()


@given(
    access=numbers(0.05, 0.9, 3, 1, 1, 1),
    more=st.floats(0, 1),
    quality=numbers(-1, 1, 3, 1, 1, 1),
    cost=numbers(0.5, 1, 3, 1, 1),
    sigma=st.floats(2.5, 7),
)
def test_more_liberal_access_never_lowers_customers_surplus_when_prices_answer(access, more, quality, cost, sigma):
    """One segment, at the static equilibrium before and after (who gains access also raises its price)."""
    elasticity, eta = np.full((1, 1), sigma), np.array([1.6])
    opened = access.copy()
    opened[2] += (1 - opened[2]) * more

    def log_index(access):
        prices = bertrand_nash_prices(appeal(access, quality), np.ones((1, 1, 1)), cost, 0 * cost, elasticity, eta)
        choice = choice_at(access, quality, np.log(prices), elasticity)
        return log_price_index(choice.total, elasticity).item()

    assert log_index(opened) <= log_index(access) + 1e-9


def test_an_open_zone_never_leaves_customers_worse_off_in_a_static_market(play, compact, pilot):
    closed, opened = (
        play(compact(extra | {"months": 60, "presence.review_every_months": 600}), range(1)).paths.markets
        for extra in ({}, pilot())
    )
    gain = (opened["customer_surplus_bn"] - closed["customer_surplus_bn"])[:, 0, 0]
    assert gain[-1] > 0
    assert (gain >= -1e-12).all()
