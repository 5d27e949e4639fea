"""What a way of being present is worth: prospects against a search over prices, present values against integrals."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from sim.model.equations.capacity import expected_sales
from sim.model.equations.present_value import (
    Contracts,
    Moves,
    Outlook,
    Plans,
    annuity,
    contracts_when_live,
    growth_until_live,
    mean_growth,
    revenue_value,
    within_limits,
)
from sim.model.equations.prospects import Offers, Prospect, Rivals, Ways, as_set, prospect
from sim.model.equations.terms import Terms

years, rate = st.floats(0, 8), st.floats(-0.6, 0.6)


FIRST = np.zeros(1, dtype=np.int64)
"""The only horizon."""


def one(value):
    return np.array([value])


@given(rate=rate, begins=years, length=years)
def test_an_annuity_is_the_integral_of_discounted_payments(rate, begins, length):
    expected, _ = quad(lambda t: np.exp(-rate * t), begins, begins + length)
    assert annuity(one(rate), one(begins), one(begins + length)).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(rate=st.floats(-1e-6, 1e-6), length=years)
def test_an_annuity_near_a_rate_of_zero_is_its_length(rate, length):
    assert annuity(one(rate), one(0.0), one(length)).item() == pytest.approx(length, rel=1e-5)


@given(rate=rate, begins=years)
def test_what_begins_after_the_horizon_is_worth_nothing(rate, begins):
    assert annuity(one(rate), one(begins), one(begins - 1)).item() == 0


@given(now=rate, lasting=rate, half_life=st.floats(0.2, 6), years=st.floats(0.1, 10))
def test_mean_growth_is_the_mean_of_a_rate_that_halves_its_distance(now, lasting, half_life, years):
    expected, _ = quad(lambda t: lasting + (now - lasting) * 0.5 ** (t / half_life), 0, years)
    found = mean_growth(*(one(x) for x in (now, lasting, half_life, years))).item()
    assert found == pytest.approx(expected / years, abs=1e-9)


@given(
    discount=st.floats(0, 0.3),
    growth=st.floats(-0.1, 0.5),
    churn=st.floats(0.001, 0.5),
    years=st.tuples(st.floats(0, 2), st.floats(2, 8), st.sampled_from([0.0, 0.3, 2.0, 8.0])),
    amounts=st.tuples(*[st.floats(0, 10)] * 4),
    margin=st.floats(-0.5, 0.9),
    captive_growth=rate,
)
def test_the_present_value_is_the_discounted_integral_of_profit(
    discount, growth, churn, years, amounts, margin, captive_growth
):
    """Revenue by brute force: contracts at the start run off, and each later moment wins a share of what comes up.

    After the horizon what is earned then halves every `fade` years.
    """
    sales, contracts, fixed, captive = amounts
    begins, ends, fade = years
    growth = max(growth, -churn)
    outlook = Outlook(*(one(x) for x in (discount, growth, churn, captive_growth, begins, ends, fade)))
    before_run_off = contracts * np.exp(churn * begins)
    revenue = revenue_value(outlook, FIRST, one(before_run_off)[None], one(sales)[None])
    costs = fixed * outlook.present_value(one(0.0)) + captive * outlook.present_value(outlook.captive_growth)
    value = margin * revenue - costs

    def profit(t):
        run_off = np.exp(-churn * (t - begins))
        won = sales * (np.exp(growth * t) - np.exp(growth * begins) * run_off)
        revenue = contracts * run_off + won
        return np.exp(-discount * t) * (margin * revenue - fixed - captive * np.exp(captive_growth * t))

    def afterwards(t):
        return profit(ends) * np.exp(-(discount + np.log(2) / fade) * (t - ends))

    expected, _ = quad(profit, begins, ends, epsabs=1e-11)
    if fade:
        expected += quad(afterwards, ends, ends + 60 * fade, epsabs=1e-11, limit=200)[0]
    assert value.item() == pytest.approx(expected, rel=1e-7, abs=1e-8)


def plans(held, sales):
    """Plans in one draw.

    Parameters
    ----------
    held
        [plan, channel] which channels each uses.
    sales
        [channel, group] what each channel would sell in any of them.
    """
    ways = Ways.of(np.zeros(len(held), dtype=np.int64), as_set(np.array(held, dtype=bool).T))
    group_sales = np.moveaxis(sales[ways.channels], -1, 1) * ways.used[:, None]
    nothing = np.zeros(ways.used.shape)
    return Plans(ways, np.arange(len(held)), Prospect(nothing, np.ascontiguousarray(group_sales), nothing, nothing))


def moves(before, after):
    return Moves(np.array([before]), np.array([after]), FIRST)


@given(
    growth=st.floats(-0.1, 0.5),
    churn=st.floats(0.001, 0.5),
    begins=st.floats(0, 2),
    revenue=st.floats(0, 10),
    potential=st.floats(0, 10),
)
def test_contracts_at_the_start_of_an_option_are_what_expected_sales_of_the_present_way_leave(
    growth, churn, begins, revenue, potential
):
    growth = max(growth, -churn)
    outlook = Outlook(*(one(x) for x in (0.1, growth, churn, 0.0, begins, 5.0, 3.0)))
    parts = np.array([[0.3], [0.7]])
    contracts = Contracts(revenue * parts[None], *np.ones((2, 1, 2, 1)))
    stays = plans([[1]], potential * parts.T)
    live = contracts_when_live(contracts, stays, moves(0, 0), growth_until_live(outlook)).sum()
    expected = expected_sales(*(one(x) for x in (revenue, potential, churn, growth, begins))).item()
    assert live * np.exp(-churn * begins) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1), growth=st.floats(1, 2))
def test_contracts_of_a_channel_that_closes_go_to_those_left_as_far_as_these_may_serve_them(seed, growth):
    """By the sums of equation 5.13: the first channel closes, the second stays, the third opens."""
    rng = np.random.default_rng(seed)
    sales, spending = rng.uniform(0.1, 2, (3, 2)), rng.uniform(0, 3, (3, 2)) * [[1], [1], [0]]
    before, now = rng.uniform(0, 1, (2, 3, 2))
    kept = np.minimum(now / before[:, None], 1.0)
    contracts = Contracts(*(values[..., None] for values in (spending, before, now)))
    found = contracts_when_live(contracts, plans([[1, 1, 0], [0, 1, 1]], sales), moves(0, 1), one(growth))[:, 0]
    live = spending + sales * (growth - 1) * [[1], [1], [0]]
    inside = sales / sales[1:].sum(axis=0)
    own = np.array([(kept[1, 1] * live[1]).sum(), 0.0])
    assert found == pytest.approx(own + [(inside[j] * kept[0, j] * live[0]).sum() for j in (1, 2)])


@given(
    sales=st.floats(0, 10),
    contracts=st.floats(0, 10),
    limit=st.floats(0, 20),
    horizon=st.floats(0.5, 7),
    fade=st.sampled_from([0.0, 2.0]),
)
def test_no_year_brings_more_than_can_be_sold(sales, contracts, limit, horizon, fade):
    """By brute force: each year, and what fades after the horizon, is cut by itself."""
    discount, growth, churn, begins = 0.1, 0.2, 0.15, 0.5
    ends = begins + horizon
    outlook = Outlook(*(one(x) for x in (discount, growth, churn, 0.0, begins, ends, fade)))
    amounts = one(contracts * np.exp(churn * begins))[None], one(sales)[None]
    bounded = within_limits(outlook, FIRST, *amounts, one(limit)[None], np.zeros((1, 1))).item()

    def revenue(t):
        run_off = np.exp(-churn * (t - begins))
        return contracts * run_off + sales * (np.exp(growth * t) - np.exp(growth * begins) * run_off)

    expected, years = 0.0, [begins + year for year in range(int(np.ceil(horizon)))]
    for first, last in itertools.pairwise([*years, ends]):
        asked = quad(lambda t: np.exp(-discount * t) * revenue(t), first, last)[0]
        expected += min(asked, limit * quad(lambda t: np.exp(-discount * t), first, last)[0])
    if fade:
        expected += min(revenue(ends), limit) * np.exp(-discount * ends) / (discount + np.log(2) / fade)
    assert bounded == pytest.approx(expected, rel=1e-7, abs=1e-9)


@given(
    contracts=st.lists(st.floats(0, 10), min_size=2, max_size=2),
    sales=st.lists(st.floats(0, 10), min_size=2, max_size=2),
    limit=st.floats(0, 5),
    more=st.floats(0, 5),
)
def test_customers_for_whom_there_is_no_room_win_the_others_what_they_would_win_without(contracts, sales, limit, more):
    """All of it where there is no room at all, none where there is room for everybody, in proportion between."""
    outlook = Outlook(*(one(x) for x in (0.1, 0.2, 0.1, 0.0, 0.5, 5.0, 0.0)))
    amounts = [np.array(values)[:, None] for values in (contracts, sales)]
    found = revenue_value(outlook, FIRST, *amounts)
    bounded = within_limits(outlook, FIRST, *amounts, np.array([limit, np.inf])[:, None], found + more)
    part = bounded[0].item() / found[0].item() if found[0].item() else 1.0
    assert 0 <= part <= 1 + 1e-12
    assert bounded[1].item() == pytest.approx(found[1].item() + (1 - part) * more)


# Prospects ------------------------------------------------------------------------------------------------------------


@st.composite
def calls(draw, array_of):
    """A vendor for which a price of 1 is best as it is present in one draw, and another way of being present in one."""
    segments = draw(st.integers(1, 3))
    sigma, eta = draw(array_of(3.5, 7, segments, 1)), draw(array_of(1.1, 2.2, 1))
    own = draw(array_of(0.01, 0.35, segments, 1))
    budget = draw(array_of(0.5, 10, segments, 1))
    rivals = Rivals(*(np.repeat(x, 2, axis=-1) for x in (1 - own, np.ones_like(own), budget, sigma, eta)))
    pull = np.concatenate([own, own * np.exp(draw(array_of(-0.3, 0.6, segments, 1)))], axis=1)
    fee = draw(st.floats(0, 0.25))
    weights = own * budget / (own * budget).sum()
    elasticity = (weights * (sigma * (1 - own) + eta * own)).sum()
    cost = (1 - fee) * (1 - 1 / elasticity)
    terms = Terms(np.array([[fee, 0.0]]), draw(array_of(0, 0.2, 1, 2)), np.ones((1, 2)))
    return rivals, alone(pull, np.full((1, 2), cost), terms)


def alone(pull, cost, terms):
    """A vendor with one channel."""
    many = np.ones_like(cost)
    return Offers(pull[None], cost, many * np.inf, terms, many, np.full(pull.shape, 3.0), 20.0 * many[0])


def profit_of(rivals, offers, d, price):
    """Profit in a draw at an own price, from the model text, rivals' attractions given."""
    pull = offers.pull[0, :, d] * price ** (1 - rivals.sigma[:, d])
    total = rivals.attraction[:, d] + pull
    index = (total / rivals.total[:, d]) ** (1 / (1 - rivals.sigma[:, d]))
    sales = (pull / total * rivals.budget[:, d] * index ** (1 - rivals.eta[d])).sum()
    left = 1 - offers.terms.taken[0, d]
    return left * sales - offers.cost[0, d] * sales / price


@settings(max_examples=30)
@given(data=st.data())
def test_prospects_are_profits_at_nearly_the_best_price(array_of, data):
    """Two steps of best response are not the optimum, but leave little of its profit behind."""
    rivals, offers = data.draw(calls(array_of))
    found = prospect(rivals, offers, np.ones((1, 2)))
    for d in (0, 1):
        reckoned = (found.margin * found.sales)[0, d]
        assert reckoned == pytest.approx(profit_of(rivals, offers, d, found.price[0, d]), rel=1e-9)
        best = max(profit_of(rivals, offers, d, price) for price in np.exp(np.linspace(-0.6, 2, 401)))
        assert reckoned >= 0.95 * best


@given(data=st.data(), stake=st.floats(0.1, 1))
def test_an_owner_of_a_part_earns_that_part(array_of, data, stake):
    rivals, offers = data.draw(calls(array_of))
    start = np.ones((1, 2))
    whole = prospect(rivals, offers, start)
    part = replace(offers, terms=replace(offers.terms, stake=np.full((1, 2), stake)))
    np.testing.assert_allclose(prospect(rivals, part, start).margin, stake * whole.margin, rtol=1e-12)
    np.testing.assert_array_equal(prospect(rivals, part, start).price, whole.price)


def test_an_option_without_customers_earns_nothing():
    rivals = Rivals(np.ones((1, 1)), np.ones((1, 1)), np.full((1, 1), 5.0), np.full((1, 1), 5.0), one(1.6))
    terms = Terms(*[np.zeros((1, 1))] * 3)
    nobody = alone(np.zeros((1, 1)), np.full((1, 1), 0.7), terms)
    assert prospect(rivals, nobody, np.ones((1, 1))).sales.item() == 0


@given(data=st.data())
def test_channels_that_a_plan_does_not_use_might_as_well_not_be_there(array_of, data):
    """To the bit, however many plans are looked at together, and whichever slots their channels come to stand in."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    channels, groups, draws = 4, 2, 3
    shape, per = (groups, draws), (channels, draws)
    rivals = Rivals(*(rng.uniform(0.5, 2, shape) for _ in range(3)), rng.uniform(3.5, 7, shape), rng.uniform(1.1, 2, 3))
    terms = Terms(*(rng.uniform(0, 0.2, per) for _ in range(2)), rng.uniform(0.5, 1, per))
    mu = np.full(draws, 20.0)
    kappa = (mu - 1) / (rivals.sigma - 1)
    offers = Offers(
        rng.uniform(0.1, 1, (channels, *shape)), rng.uniform(0.5, 0.9, per), np.full(per, np.inf), terms,
        rng.uniform(0.2, 1, per), kappa, mu,
    )  # fmt: skip
    start = rng.uniform(0.8, 1.2, per)
    held = np.array(sorted(itertools.product([False, True], repeat=channels), key=sum)).T
    ways = Ways.of(rng.integers(0, draws, held.shape[1]), as_set(held))
    found = prospect(rivals, offers, start, ways)
    for plan, used in enumerate(held.T):
        rows, d = np.flatnonzero(used), ways.draw[[plan]]
        if len(rows):
            market = Rivals(*(np.ascontiguousarray(values[..., d]) for values in rivals))
            few = Offers(
                offers.pull[rows][..., d], offers.cost[rows][:, d], offers.limit[rows][:, d], terms[rows, d][:, None],
                offers.weights[rows][:, d], kappa[:, d], mu[d],
            )  # fmt: skip
            by_itself = prospect(market, few, start[rows][:, d])
            for one_by_one, together in zip(by_itself, found, strict=True):
                np.testing.assert_array_equal(together[: len(rows), ..., plan], one_by_one[..., 0])
        assert not found.group_sales[len(rows) :, :, plan].any()


def test_ways_are_told_apart_by_number_of_channels_channels_and_draw_and_stand_beside_what_is_left_of_them():
    rng = np.random.default_rng(5)
    draw, held = rng.integers(0, 7, 90), rng.random((4, 90)) < 0.5
    ways, index, unlimited = Ways.distinct(draw, as_set(held), np.full(7, 0b0101))
    uses = np.zeros((4, len(ways.draw)), dtype=bool)
    uses[ways.channels[ways.used], np.nonzero(ways.used)[1]] = True
    np.testing.assert_array_equal(ways.draw[index], draw)
    np.testing.assert_array_equal(uses[:, index], held)
    np.testing.assert_array_equal(ways.draw[unlimited], ways.draw)
    np.testing.assert_array_equal(uses[:, unlimited], uses & np.array([False, True, False, True])[:, None])
    keys = [(one.sum(), *one[::-1], way) for one, way in zip(uses.T.astype(int), ways.draw, strict=True)]
    assert keys == sorted(set(keys))
