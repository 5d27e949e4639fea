"""Vendors that sell in several ways at once: nested choice, joint prices, and where customers of full channels go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.equations.demand import Choice, at_price, log_price_index
from sim.model.equations.equilibrium import bertrand_nash_prices
from sim.model.equations.nests import Nests, joint_prices, parts_of_whole, shares_without, side_by_side
from sim.model.equations.pricing import best_response_price, price_elasticity_atkeson_burstein_2008
from sim.model.equations.prospects import Offers, Rivals, prospect
from sim.model.equations.rationing import Asked, Turned, offer_back
from sim.model.equations.terms import Terms
from tests.depth import depth

STEP = 1e-5


class Market:
    """A market in numbers drawn by a seed: some channels of one vendor, the first rows, and some rivals'."""

    def __init__(self, seed, own=2, rivals=3, groups=2):
        random = np.random.default_rng(seed)
        count = own + rivals
        self.own, self.vendors = own, [0] * own + list(range(1, rivals + 1))
        self.sigma, self.eta = random.uniform(2.5, 6, (groups, 1)), random.uniform(1.1, 2, 1)
        self.mu = random.uniform(7, 25, 1)
        self.pull = random.uniform(0.05, 1, (count, groups, 1))
        self.cost, self.fee = random.uniform(0.5, 0.9, (count, 1)), random.uniform(0, 0.2, (count, 1))
        self.tax, self.stake = random.uniform(0, 0.1, (count, 1)), random.uniform(0.5, 1, (count, 1))
        self.weights = np.ones((count, 1))
        self.weights[:own] = random.dirichlet(np.ones(own))[:, None]
        self.path = random.uniform(1, 10, (groups, 1))

    @property
    def nests(self):
        return Nests.of(self.vendors, self.weights, self.mu, self.sigma)

    @property
    def terms(self):
        return Terms(self.fee, self.tax, self.stake)

    def sold(self, price):
        """Shares and sales at some prices, [channel, group, draw]."""
        choice = Choice.of(self.nests.attraction(at_price(self.pull, np.log(price), self.sigma)))
        index = log_price_index(choice.total, self.sigma)
        return choice.shares, choice.shares * self.path * np.exp((1 - self.eta) * index)

    def profit(self, price):
        """What the first vendor earns in all its channels: its stakes in what fees, taxes and costs leave."""
        sales = self.sold(price)[1].sum(axis=1)[: self.own]
        left = 1 - self.terms.taken[: self.own] - self.cost[: self.own] / price[: self.own]
        return (self.stake[: self.own] * left * sales).sum()

    def best(self):
        return bertrand_nash_prices(
            self.pull, self.path, self.cost, self.terms.taken, self.sigma, self.eta, (self.nests, self.terms)
        )


seeds = st.integers(0, 2**32 - 1)


# Choice ---------------------------------------------------------------------------------------------------------------


@given(seed=seeds)
def test_one_channel_that_carries_all_attracts_to_the_bit_what_it_attracts_alone(seed):
    random = np.random.default_rng(seed)
    alone, kappa = np.exp(random.normal(0, 5, (1, 3, 4))), random.uniform(1.1, 30, (3, 4))
    assert side_by_side(alone, np.ones((1, 4)), kappa).tobytes() == alone.tobytes()


@given(seed=seeds)
def test_channels_attract_together_by_the_power_mean_and_divide_customers_by_its_parts(seed):
    random = np.random.default_rng(seed)
    alone, weights, kappa = random.uniform(0.1, 2, (3, 2, 1)), random.uniform(0.1, 1, (3, 1)), np.array([[2.0], [5.0]])
    found = side_by_side(alone, weights, kappa)
    inner = weights[:, None] * alone**kappa
    np.testing.assert_allclose(found.sum(axis=0), inner.sum(axis=0) ** (1 / kappa), rtol=1e-12)
    np.testing.assert_allclose(parts_of_whole(found), inner / inner.sum(axis=0), rtol=1e-12)


def test_close_substitutes_leave_the_best_channel_and_distant_ones_are_rivals_like_vendors():
    alone, sigma = np.array([1.0, 0.8])[:, None, None], np.array([[4.0]])
    for mu, expected in ((4 + 1e-9, [1.0, 0.8]), (3000.0, [1.0, 0.0])):
        found = Nests.of([0, 0], np.ones((2, 1)), np.array([mu]), sigma).attraction(alone)[:, 0, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@given(seed=seeds, part=st.floats(0.01, 0.99))
def test_a_channel_split_in_two_like_ones_is_not_split(seed, part):
    market = Market(seed, own=1)
    split = Market(seed, own=1)
    for name in ("pull", "cost", "fee", "tax", "stake", "weights"):
        values = getattr(market, name)
        setattr(split, name, np.concatenate([values[:1], values]))
    split.own, split.vendors = 2, [0, 0, 1, 2, 3]
    split.weights[:2] = np.array([[part], [1 - part]])
    whole, parts = market.best(), split.best()
    np.testing.assert_allclose(parts, np.concatenate([whole[:1], whole]), rtol=1e-9)
    sales, both = market.sold(whole)[1], split.sold(parts)[1]
    np.testing.assert_allclose(both[:2].sum(axis=0), sales[0], rtol=1e-9)
    np.testing.assert_allclose(both[0], part * sales[0], rtol=1e-9)
    assert split.profit(parts) == pytest.approx(market.profit(whole), rel=1e-9)


# Prices ---------------------------------------------------------------------------------------------------------------


@given(seed=seeds, own=st.integers(2, 4), groups=st.integers(1, 4))
def test_at_joint_prices_no_channels_price_moves_the_vendors_profit(seed, own, groups):
    """The slope in each own price, by differences of the fourth order, beside revenue."""
    market = Market(seed, own=own, groups=groups)
    price = market.best()
    revenue = market.sold(price)[1][:own].sum()
    for j in range(own):

        def earned(step, j=j):
            moved = price.copy()
            moved[j] *= np.exp(step)
            return market.profit(moved)

        h = 1e-3
        slope = (8 * (earned(h) - earned(-h)) - (earned(2 * h) - earned(-2 * h))) / (12 * h)
        assert abs(slope) < 1e-8 * revenue
        assert max(earned(0.05), earned(-0.05)) < earned(0)


@given(seed=seeds)
def test_the_joint_price_of_one_channel_is_the_best_response(seed):
    market = Market(seed, own=1)
    shares, sales = (held[:1] for held in market.sold(np.ones_like(market.cost)))
    elasticity = price_elasticity_atkeson_burstein_2008(shares, sales, market.sigma, market.eta)
    expected = best_response_price(market.cost[:1], elasticity, market.terms.taken[:1])
    in_market = market.sigma - (market.sigma - market.eta) * shares[0]
    terms = Terms(market.fee[:1], market.tax[:1], market.stake[:1])
    found = joint_prices(parts_of_whole(shares), sales[0], in_market, market.mu, market.cost[:1], terms)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_with_equal_fees_all_channels_have_the_markup_of_one():
    """Hottman, Redding and Weinstein (2016): also where one channel costs more than the other."""
    market = Market(5, groups=1)
    market.fee[:2], market.tax[:2], market.stake[:2] = 0.1, 0.0, 1.0
    market.cost[0] = 1.1 * market.cost[1]
    price = market.best()
    share = market.sold(price)[0][:2].sum()
    elasticity = market.sigma[0, 0] * (1 - share) + market.eta[0] * share
    margins = (0.9 - market.cost[:2] / price[:2])[:, 0]
    np.testing.assert_allclose(margins, 0.9 / elasticity, rtol=1e-9)


def worth(market, used):
    """What the first vendor reckons to earn with some of its channels, rivals' prices being 1."""
    attraction = market.nests.attraction(market.pull)
    rivals, own = attraction[market.own :].sum(axis=0), slice(market.own)
    pull = market.pull[own] * np.array(used)[:, None, None]
    kappa = (market.mu - 1) / (market.sigma - 1)
    unlimited = np.full((market.own, 1), np.inf)
    offers = Offers(pull, market.cost[own], unlimited, market.terms[own], market.weights[own], kappa, market.mu)
    price, path = np.ones((market.own, 1)), market.path
    for _ in range(40):
        found = prospect(Rivals(rivals, np.ones_like(rivals), path, market.sigma, market.eta), offers, price)
        if np.abs(found.price / price - 1).max() < 1e-12:
            break
        price = np.sqrt(price * found.price)
    return (found.margin * found.sales).sum()


@given(seed=seeds)
def test_one_more_channel_never_lowers_what_a_vendor_earns_at_rivals_prices(seed):
    """Before fixed cost, at its best responses; a channel can always be made so dear that nobody wants it."""
    market = Market(seed, own=3)
    market.stake[:] = 1
    before = [worth(market, used) for used in ((1, 0, 0), (1, 1, 0), (1, 1, 1))]
    assert before[0] <= before[1] * (1 + 1e-6)
    assert before[1] <= before[2] * (1 + 1e-6)


@depth
@pytest.mark.parametrize("seed", range(40))
def test_many_markets_have_an_equilibrium_that_joint_prices_reach(seed):
    market = Market(seed, own=2 + seed % 3, groups=1 + seed % 4)
    price = market.best()
    highest = market.profit(price)
    for step in np.random.default_rng(seed).normal(0, 0.1, (20, market.own, 1)):
        moved = price.copy()
        moved[: market.own] *= np.exp(step)
        assert market.profit(moved) <= highest * (1 + 1e-12)


# Full channels --------------------------------------------------------------------------------------------------------


def diverted(market, full):
    """What is offered of the excess of full channels, and the rest; attraction, excess and shares too."""
    attraction = market.nests.attraction(market.pull)
    excess = np.zeros_like(attraction)
    excess[full] = 0.3 * attraction[full]
    room = np.ones_like(market.cost, dtype=np.bool_)
    room[full] = False
    return *turned_to_others(market, excess, attraction, room), excess, attraction, room


def turned_to_others(market, excess, attraction, room):
    """What each channel is offered of the excess of its sisters, and what is left of it for everybody."""
    nests, turned = market.nests, Turned.blank(*excess.shape[:2])
    turned.away[..., :1], turned.room[:, :1] = excess, room
    none, total = np.zeros(room.shape), np.zeros(excess.shape[1:])
    offer_back(Asked(excess.copy(), attraction, nests.kappa, nests.nest, none, none, total), turned, 0, 1)
    return turned.back[..., :1], turned.away[..., :1].sum(axis=0)


@given(seed=seeds, full=st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True))
def test_what_sisters_are_offered_and_the_rest_are_the_excess(seed, full):
    market = Market(seed, own=3)
    own, rest, excess, _, room = diverted(market, full)
    assert (own >= 0).all()
    assert (rest >= -1e-15).all()
    assert not own[~room[:, 0]].any()
    assert not own[3:].any(), "only a vendor's own channels are its sisters"
    np.testing.assert_allclose(own.sum(axis=0) + rest, excess.sum(axis=0), rtol=1e-12)


@given(seed=seeds)
def test_a_vendor_whose_channel_is_all_full_sells_what_it_would_sell_without_it(seed):
    """Of the whole share of a full channel, what stays is what the other would win if the full one were not there."""
    market = Market(seed, own=2)
    attraction = market.nests.attraction(market.pull)
    shares = attraction / attraction.sum(axis=0)
    excess = np.zeros_like(shares)
    excess[0] = shares[0]
    room = np.array([[False], *[[True]] * (len(shares) - 1)])
    own, rest = turned_to_others(market, excess, attraction, room)
    outside = attraction[1:] / attraction[1:].sum(axis=0)
    found = shares[1] + own[1] + rest * outside[0]
    kept = market.weights[1] * market.pull[1] ** market.nests.kappa
    alone = kept ** (1 / market.nests.kappa)
    expected = alone / (alone + attraction[2:].sum(axis=0))
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    without = shares_without(shares[:2], room[:2], market.nests.kappa)
    np.testing.assert_allclose(without, [np.zeros_like(expected), expected], rtol=1e-9, atol=1e-15)


@given(seed=seeds)
def test_without_a_channel_the_others_win_more_each_and_less_together(seed):
    market = Market(seed, own=3)
    attraction = market.nests.attraction(market.pull)
    shares = (attraction / attraction.sum(axis=0))[:3]
    left = shares_without(shares, np.array([[True], [True], [False]]), market.nests.kappa)
    assert (left[:2] >= shares[:2]).all()
    assert (left.sum(axis=0) <= shares.sum(axis=0)).all()
    everything = shares_without(shares, np.ones((3, 1), dtype=np.bool_), market.nests.kappa)
    np.testing.assert_allclose(everything, shares, rtol=1e-12)
