"""What packages are worth, worked out again from the text of the model in plain numbers, one draw at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.integrate import quad

from sim.model.minds.stakes import PARTS
from sim.scenario.schema import Presence
from tests.bargain import AGENDA, CARES, FIRST, MADE_UP, MANNER, POLICIES, STAKES, UNSURE, bargain, by_deal, priced
from tests.conftest import presence_of
from tests.depth import quick

US, CHINA = 0, 1


def yes_or_no(*policies):
    """An issue for each policy, so that every set of them is a package."""
    return {f"on_{name}": {f"no_{name}": [], name: [name]} for name in policies}


def value_of(flow, begins, ends):
    """Sum of a flow over time; nothing where it would begin too late."""
    return quad(flow, begins, ends, epsabs=1e-13, epsrel=1e-12)[0] if begins < ends else 0.0


# -- a cloud market ----------------------------------------------------------------------------------------------------

LAGS = {"opening": 3, "dear": 1, "closed": 6, "denied": 0, "protected": 4}
REACH = [0.9, 0.5]
ALLOWED = [0.6, 0.8]
QUALITY_LOST = 0.02
CLOUD_POLICIES = {
    "opening": {"kind": "pilot_zone", "zone": "harbour", "slots": 2},
    "dear": {"kind": "hardware_tariff", "market": "china", "rate": "30%", "origin_share": 0.5},
    "closed": {"kind": "restriction", "home": "us", "market": "china"},
    "denied": {"kind": "export_control", "target": "china", "cost_increase": "15%"},
    "protected": {"kind": "intellectual_property", "market": "china", "protection": 0.9},
}  # fmt: skip
CLOUD_POLICIES["opening"]["reach"] = dict(zip(("enterprise", "government"), REACH, strict=True))
CLOUD_POLICIES["closed"]["allowed_share"] = dict(zip(("enterprise", "government"), ALLOWED, strict=True))
CLOUD_POLICIES["denied"]["quality_loss_per_year"] = QUALITY_LOST
GROWTH = 0.1


@dataclass
class Seller:
    """One vendor of the compact world in one market, at the base date and under some rules."""

    home: int | None
    share: float
    fee: float = 0.0
    taste: float = 0.0
    quality: list[float] = field(default_factory=list)
    access: list[float] = field(default_factory=lambda: [1.0] * 4)
    cost: float = 0.0
    owns: bool = False


@dataclass
class PlainMarket:
    """A market in plain numbers, for the equations of sections 3 and 4.

    Customers stand in four groups: enterprises and governments whom the zone would reach, and those whom it would not.
    """

    size: float
    weights: tuple[float, ...]
    sellers: list[Seller]
    sigma: tuple[float, ...] = (5, 4, 5, 4)
    eta: float = 1.6

    @property
    def groups(self):
        return range(len(self.weights))

    def pull(self, s, prices):
        return [
            seller.access[s] * math.exp(seller.quality[s]) * price ** (1 - self.sigma[s])
            for seller, price in zip(self.sellers, prices, strict=True)
        ]

    def index(self, s, prices):
        return sum(self.pull(s, prices)) ** (1 / (1 - self.sigma[s]))

    def revenue(self, prices):
        """[seller][group]"""
        spent = []
        for s, weight in enumerate(self.weights):
            pull = self.pull(s, prices)
            budget = self.size * weight * self.index(s, prices) ** (1 - self.eta)
            spent.append([budget * own / sum(pull) for own in pull])
        return [list(by_segment) for by_segment in zip(*spent, strict=True)]

    def sales(self, prices):
        """[seller] over all groups."""
        return [sum(by_segment) for by_segment in self.revenue(prices)]

    def best_response(self, v, prices):
        """By the slope of the quantity sold, measured."""
        step = 1e-5
        low, high = ([*prices[:v], prices[v] * math.exp(by), *prices[v + 1 :]] for by in (-step, step))
        slope = (math.log(self.sales(low)[v]) - math.log(self.sales(high)[v])) / (2 * step)
        return self.sellers[v].cost / (1 - self.sellers[v].fee) * (slope + 1) / slope

    def calibrate(self):
        """Qualities that reproduce base sales, each index 1, and costs at which a price of 1 is a best response."""
        delta, ones = [0.0] * len(self.sellers), [1.0] * len(self.sellers)
        for _ in range(300):
            for seller, own in zip(self.sellers, delta, strict=True):
                seller.quality = [own, own + seller.taste] * 2
            totals = [sum(self.pull(s, ones)) for s in self.groups]
            for v, seller in enumerate(self.sellers):
                won = sum(w * math.exp(q) / t for w, q, t in zip(self.weights, seller.quality, totals, strict=True))
                delta[v] += math.log(seller.share / won)
        for seller in self.sellers:
            seller.quality = [q - math.log(t) for q, t in zip(seller.quality, totals, strict=True)]
            seller.cost = 1.0
        for v, seller in enumerate(self.sellers):
            seller.cost = 1 / self.best_response(v, ones)

    def settle(self):
        """Prices from which nobody wants to move."""
        prices = [1.0] * len(self.sellers)
        for _ in range(200):
            best = [self.best_response(v, prices) for v in range(len(prices))]
            prices = [math.sqrt(old * new) for old, new in zip(prices, best, strict=True)]
        return prices


def plain_markets(policies):
    """Both markets of the compact world under some of the policies, in the month of the first round."""
    china, us = base_markets()
    for seller in (*china.sellers, *us.sellers):
        if "denied" in policies and seller.home == CHINA:
            seller.cost *= 1.15
            seller.quality = [q - QUALITY_LOST * 5 / 2 for q in seller.quality]
    for seller in china.sellers:
        if "dear" in policies:
            seller.cost *= 0.5 + 0.5 * (1 + 0.3 * 0.5)
        if "opening" in policies and seller.home == US:
            seller.fee, seller.access, seller.owns = 0.0, [1.0, 1.0, 0.0, 0.0], True
            seller.quality = [q + 0.4 - 0.1 for q in seller.quality]
        if "closed" in policies and seller.home == US:
            seller.access = [own * allowed for own, allowed in zip(seller.access, ALLOWED * 2, strict=True)]
    return {"us": us, "china": china}


def grouped(*weights):
    """Weights of segments, divided into the customers whom the zone would reach and the others."""
    parts = list(zip(weights, REACH, strict=True))
    return (*(weight * reach for weight, reach in parts), *(weight * (1 - reach) for weight, reach in parts))


def base_markets():
    """China's market and the American one as they stand before any policy."""
    twins = [Seller(US, 0.1, fee=0.15, taste=-1) for _ in range(2)]
    china = PlainMarket(
        10 * math.exp(GROWTH * (FIRST + 0.5) / 12),
        grouped(0.7, 0.3),
        [*twins, *(Seller(CHINA, share) for share in (0.3, 0.3, 0.2))],
    )
    us = PlainMarket(
        40,
        grouped(0.8, 0.2),
        [Seller(*held) for held in ((US, 0.25), (US, 0.25), (CHINA, 0.02), (CHINA, 0.02), (None, 0.46))],
    )
    for seller in us.sellers:
        seller.owns = seller.home != US
    for market in (china, us):
        market.calibrate()
    return china, us


def yields(market):
    """The sellers of a settled market with their revenue, and what they and their partners keep of a dollar of it."""
    prices = market.settle()
    kept = [1 - seller.fee - seller.cost / price for seller, price in zip(market.sellers, prices, strict=True)]
    return list(zip(market.sellers, market.revenue(prices), kept, strict=True)), [
        market.index(s, prices) for s in market.groups
    ]


def sold(held, chosen):
    """Sales of some sellers of a settled market."""
    return sum(sum(revenue) for seller, revenue, _ in held[0] if chosen(seller))


def area(market, old, new):
    """What customers gain: the area left of their demand curves between two price indices."""
    return sum(
        quad(lambda p, w=weight: market.size * w * p**-market.eta, after, before, epsabs=1e-13)[0]
        for weight, before, after in zip(market.weights, old[1], new[1], strict=True)
    )


def earned(old, new, chosen, part, at_once, shifting):
    """Contracts that outlive the change earn what is kept of a dollar after it; the rest moves with what is chosen."""
    total = 0.0
    for (before, revenue_before, kept_before), (after, revenue, kept) in zip(old[0], new[0], strict=True):
        if chosen(before):
            was, now = (kept_before, kept) if part == "own" else (before.fee, after.fee)
            shares = [min(1, a / b) if b else 0 for a, b in zip(after.access, before.access, strict=True)]
            stays = sum(share * held for share, held in zip(shares, revenue_before, strict=True))
            total += (now * stays - was * sum(revenue_before)) * at_once + now * (sum(revenue) - stays) * shifting
    return total


def steps_of(policies):
    """What is in force before and after each month in which something comes into force, and that month."""
    for lag in sorted({LAGS[name] for name in policies}):
        yield [p for p in policies if LAGS[p] < lag], [p for p in policies if LAGS[p] <= lag], lag


def plain_worth(country, policies, stakes):
    """Parts of what a set of policies is worth, not weighted (equation 7.3)."""
    parts = dict.fromkeys(PARTS, 0.0)
    for before, after, lag in steps_of(policies):
        for market in ("us", "china"):
            for part, value in step_in_market(country, market, before, after, lag, stakes).items():
                parts[part] += value
    return parts


def step_in_market(country, name, before, after, lag, stakes):
    """Worth of what comes into force in one month, in one market."""
    rate, horizon, run_off = stakes["discount"], stakes["horizon_years"], -math.log(0.7)
    here, growth = ("us", "china").index(country), GROWTH if name == "china" else 0.0
    moves_in = name == "china" and "opening" in after and "opening" not in before
    live = lag / 12 + (5 / 12 if name == "china" and "opening" in after else 0)
    shifting = value_of(
        lambda t: math.exp((growth - rate) * t) * (1 - math.exp(-(growth + run_off) * (t - live))), live, horizon
    )
    at_once = value_of(lambda t: math.exp((growth - rate) * t), live, horizon)
    flat = value_of(lambda t: math.exp(-rate * t), live, horizon)
    market = plain_markets(before)[name]
    old, new = yields(market), yields(plain_markets(after)[name])
    parts = {"vendor_profit": earned(old, new, at_home(here), "own", at_once, shifting)}
    if moves_in and here == US:
        parts["vendor_profit"] -= 2 * ((0.04 - 0.004) * flat + 0.1 * math.exp(-rate * live))
    if name == country:
        parts["customer_surplus"] = area(market, old, new) * shifting
        parts["partner_income"] = earned(old, new, lambda seller: True, "host", at_once, shifting)
        parts["home_sales"] = (sold(new, at_home(here)) - sold(old, at_home(here))) * shifting
        owned = [sold(held, lambda seller: seller.owns) / sold(held, lambda seller: True) for held in (old, new)]
        parts["foreign_data_centres"] = (owned[1] - owned[0]) * flat
    if name == "china" and "protected" in after and "protected" not in before:
        parts["know_how"] = (0.9 - 0.5) * value_of(lambda t: math.exp(-rate * t), lag / 12, horizon)
    return parts


def at_home(country):
    return lambda seller: seller.home == country


CARES_FOR_ALL = {
    "vendor_profit": 1.5, "partner_income": 0.5, "customer_surplus": 0.25, "home_sales": 0.2,
    "know_how_bn": 10, "protection_bn": -3, "foreign_data_centres_bn": -4,
}  # fmt: skip
CLOUD_STAKES = {
    "us": {"horizon_years": 5, "discount": 0.06, "waiting_cost_bn": 0, "noise_bn": 1} | CARES_FOR_ALL,
    "china": {"horizon_years": 8, "discount": 0.04, "waiting_cost_bn": 0, "noise_bn": 1} | CARES_FOR_ALL,
}
WEIGHTS = {
    country: {part: stakes.get(part, 0) for part in PARTS}
    | {"foreign_data_centres": -4, "know_how": {"us": 10, "china": -3}[country]}
    for country, stakes in CLOUD_STAKES.items()
}


def cloud_world(compact, **changes):
    """Both vendors have one partner, and leave it for the zone, as nothing may stand beside it."""
    policies = {name: by_deal(lag=LAGS[name], **policy) for name, policy in CLOUD_POLICIES.items()}
    growing = {"before": GROWTH, "after": {"first": GROWTH, "lasting": GROWTH, "half_life_years": 1}}
    return compact(
        bargain(policies, yes_or_no(*policies), CLOUD_STAKES, hosts=("us",))
        | {"markets.china.growth": growing}
        | {"partners.bridge.exclusive": True, "partners.bridge.contracts.falcon.share": 1}
        | {"partners.ferry.contracts.falcon": None}
        | changes
    )


@pytest.fixture(scope="module")
def cloud(compact):
    return priced(cloud_world(compact), range(5, 6))[0]


@pytest.mark.parametrize(
    "policies",
    quick(
        [
            *((name,) for name in CLOUD_POLICIES),
            ("opening", "protected"),
            ("opening", "dear"),
            ("opening", "closed"),
            ("dear", "denied", "protected"),
            tuple(CLOUD_POLICIES),
        ],
        ("opening",),
        ("dear", "denied", "protected"),
    ),
    ids="+".join,
)
def test_cloud_markets_settle_where_a_plain_solver_says_and_parts_are_its_present_values(cloud, policies):
    package = cloud.packages.index(frozenset(policies))
    for c, (country, stakes) in enumerate(CLOUD_STAKES.items()):
        expected = plain_worth(country, policies, stakes)
        for part, weight in WEIGHTS[country].items():
            found = cloud.parts[part][c, package, 0]
            assert found == pytest.approx(weight * expected[part], rel=1e-6, abs=1e-9), (country, part)


def test_foreign_data_centres_count_only_at_home(cloud):
    """The zone is in China, and no American customer is served otherwise for it; controls change who is in both."""
    opened, denied = (np.array([name in package for package in cloud.packages]) for name in ("opening", "denied"))
    foreign = cloud.parts["foreign_data_centres"][:, :, 0]
    np.testing.assert_array_equal(foreign[CHINA] < 0, opened)
    np.testing.assert_array_equal(foreign[US] != 0, denied)


def test_protection_is_a_gain_abroad_and_may_cost_something_at_home(cloud):
    """It is China that protects: the US counts know-how in the other's market, China protection in its own."""
    protected = ["protected" in package for package in cloud.packages]
    know_how = cloud.parts["know_how"][:, :, 0]
    np.testing.assert_array_equal(know_how[US] > 0, protected)
    np.testing.assert_array_equal(know_how[CHINA] < 0, protected)


def test_sunk_cost_is_paid_once_by_each_vendor_that_moves_in_on_the_day_it_goes_live(compact, cloud):
    dearer = priced(cloud_world(compact, **{"presence.zone.sunk_cost_bn": 0.15}), range(5, 6))[0]
    live = (LAGS["opening"] + 2 + 3) / 12
    package = cloud.packages.index(frozenset({"opening"}))
    more = dearer.parts["vendor_profit"][:, package, 0] - cloud.parts["vendor_profit"][:, package, 0]
    assert more[US] == pytest.approx(-1.5 * 2 * 0.05 * math.exp(-0.06 * live), rel=1e-9)
    assert more[CHINA] == 0


# -- goods trade -------------------------------------------------------------------------------------------------------

CUTS = {"us_halved": 0.5, "us_removed": 1.0, "china_removed": 1.0}
LAST_ROUND = FIRST + 2
"""Nothing comes instead of a deal before."""
GOODS_LAGS = {"us_halved": 1, "us_removed": 1, "china_removed": 2, "bought": 5}
LISTS = {"machines": (US, CHINA), "phones": (US, CHINA), "soybeans": (CHINA, US)}
"""Who buys from whom."""
WAR = {"machines": 0.25, "phones": 0.0, "soybeans": 0.15}
NO_DEAL = {"machines": 0.1, "phones": 0.2, "soybeans": 0.0}
COVERS = {"us": ("machines",), "china": ("soybeans",)}
GOODS_STAKES = {
    country: {
        "horizon_years": {"triangular": [2, 4, 8]}, "discount": {"uniform": [0.02, 0.08]}, "waiting_cost_bn": 0,
        "noise_bn": 1, "exports": {"uniform": [0.1, 0.5]}, "imports": -0.1, "tariff_revenue": {"uniform": [0.5, 1.5]},
        "consumer_loss": 0.7,
    }
    for country in ("us", "china")
}  # fmt: skip
GOODS_POLICIES = {name: POLICIES[name] for name in ("war", "answer", "us_halved", "us_removed", "china_removed")} | {
    "bought": by_deal("purchases", 5, importer="china", exporter="us", extra_bn={"uniform": [10, 50]}, compliance=0.5),
    "higher_on_machines": by_deal("tariff", 0, by="us", lists=["machines"], rate="10%"),
    "new_on_phones": by_deal("tariff", 1, by="us", lists=["phones"], rate="20%"),
}
GOODS_AGENDA = {
    "us_tariffs": {"keep": [], "halve": ["us_halved"], "remove": ["us_removed"]},
    "china_tariffs": {"keep": [], "remove": ["china_removed"]},
    "purchases": {"none": [], "promised": ["bought"]},
}
UNSURE_GOODS = {
    "goods.pass_through": {"uniform": [0.4, 1]},
    "goods.import_elasticity.us": {"triangular": [0.5, 1.5, 4]},
    "goods.import_elasticity.china": {"uniform": [0.8, 2]},
    "goods.lists.machines.value_bn": {"normal": [500, 50]},
    "goods.growth": {"uniform": [-0.02, 0.06]},
}


@pytest.fixture(scope="module")
def goods(compact):
    plan = bargain(
        GOODS_POLICIES, GOODS_AGENDA, GOODS_STAKES, if_no_deal=["higher_on_machines", "new_on_phones"]
    )  # fmt: skip
    return priced(compact(plan | UNSURE_GOODS), range(4))[0]


class PlainTrade:
    """Goods trade of one draw in the long run, bn a year."""

    def __init__(self, world, draw):
        goods = world.scenario.goods
        self.psi = float(world.value(goods.pass_through)[draw])
        self.growth = float(world.value(goods.growth)[draw])
        self.lists = {
            name: tuple(
                float(world.value(number)[draw])
                for number in (held.value_bn, held.base_rate, goods.import_elasticity[held.importer])
            )
            for name, held in goods.lists.items()
        }

    def flows(self, country, layers, bought):
        """Value before duty of what is sold and bought, duty, and what duty costs buyers."""
        found = dict.fromkeys(("exports", "imports", "tariff_revenue", "consumer_loss"), 0.0)
        found["exports" if country == US else "imports"] += bought
        for name, (importer, _) in LISTS.items():
            value, base, elasticity = self.lists[name]
            rate = base + layers[name]
            price, base_price = 1 + self.psi * rate, 1 + self.psi * base
            free = (
                value
                / (1 - (1 - self.psi) * base)
                * base_price**elasticity
                * math.exp(self.growth * (FIRST + 0.5) / 12)
            )
            quantity = free * price**-elasticity
            sold = quantity * (1 - (1 - self.psi) * rate)
            if country == importer:
                found["imports"] += sold
                found["tariff_revenue"] += rate * quantity
                found["consumer_loss"] -= quad(lambda p, x=free, e=elasticity: x * p**-e, 1, price, epsabs=1e-12)[0]
            else:
                found["exports"] += sold
        return found


def plain_goods_worth(world, draw, country, policies):
    """Weighted parts in goods trade of what some policies bring over no deal, step by step."""
    trade, name = PlainTrade(world, draw), ("us", "china")[country]
    stakes = world.scenario.talks.stakes[name]
    promise = world.scenario.policies["bought"]
    promised = float(world.value(promise.extra_bn.steps[0][1])[draw]) * 0.5

    def flows(brought):
        layers = dict(WAR)
        for policy in brought & CUTS.keys():
            for item in COVERS[policy.split("_")[0]]:
                layers[item] *= 1 - CUTS[policy]
        return trade.flows(country, layers, promised if "bought" in brought else 0.0)

    no_deal = trade.flows(country, {item: WAR[item] + NO_DEAL[item] for item in LISTS}, 0.0)
    stages = [(no_deal, flows(set()), LAST_ROUND - FIRST)]
    for lag in sorted({GOODS_LAGS[policy] for policy in policies}):
        so_far = {policy for policy in policies if GOODS_LAGS[policy] <= lag}
        stages.append((stages[-1][1], flows(so_far), lag))
    rate = float(world.value(stakes.discount)[draw]) - trade.growth
    horizon = float(world.value(stakes.horizon_years)[draw])
    return {
        part: float(world.value(getattr(stakes, part))[draw])
        * sum(
            (new[part] - old[part]) * value_of(lambda t: math.exp(-rate * t), months / 12, horizon)
            for old, new, months in stages
        )
        for part in ("exports", "imports", "tariff_revenue", "consumer_loss")
    }


@pytest.mark.parametrize("country", [US, CHINA], ids=["us", "china"])
def test_goods_parts_are_those_of_plain_trade_under_no_deal_and_under_the_package(goods, country):
    assert len(goods.packages) == 12
    for package, policies in enumerate(goods.packages):
        for draw in range(4):
            for part, expected in plain_goods_worth(goods.world, draw, country, policies).items():
                found = goods.parts[part][country, package, draw]
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), (policies, draw, part)


def test_no_part_but_those_of_goods_and_of_cloud_spending_moves_with_goods(goods):
    moved = {part for part, worth in goods.parts.items() if worth.any()}
    assert moved == {"exports", "imports", "tariff_revenue", "consumer_loss"}, "nothing of clouds has a weight here"


def test_lost_exports_come_back_as_cloud_spending_at_the_flows_of_a_market_without_the_deal(compact):
    """China sells machines for 500 bn at a duty of 3 %; every bn lost takes 2 / 14000 off cloud spending of 10 bn."""
    policies = {name: GOODS_POLICIES[name] for name in ("war", "us_removed")}
    policies["dear"] = CLOUD_POLICIES["dear"] | MADE_UP
    cares = {"vendor_profit": 1, "partner_income": 1, "customer_surplus": 1, "home_sales": 1}
    stakes = dict.fromkeys(("us", "china"), MANNER | cares)
    still = {f"markets.{name}.growth.after.half_life_years": 1e-9 for name in ("us", "china")}
    found = priced(compact(bargain(policies, yes_or_no("us_removed"), stakes) | still))[0]
    package = found.packages.index(frozenset({"us_removed"}))
    lost = 500 - 500 * (1.28 / 1.03) ** -2.5
    more, years = 2 * lost / 14000, value_of(lambda t: math.exp(-0.06 * t), 1 / 12, 5)
    market, at_base = plain_markets(["dear"])["china"], plain_markets(())["china"]
    market.size = at_base.size = 10
    held, before = yields(market), yields(at_base)

    def profit(country):
        return sum(kept * sum(revenue) for seller, revenue, kept in held[0] if seller.home == country)

    expected = {
        "vendor_profit": (profit(US), profit(CHINA)),
        "partner_income": (0, sum(seller.fee * sum(revenue) for seller, revenue, _ in held[0])),
        "customer_surplus": (0, area(market, before, held)),
        "home_sales": (0, sold(held, at_home(CHINA))),
    }
    assert expected["customer_surplus"][CHINA] < -0.1, "customers are worse off than at the base date"
    for part, flows in expected.items():
        for country, flow in enumerate(flows):
            worth = found.parts[part][country, package]
            np.testing.assert_allclose(worth, flow * more * years, rtol=1e-6, atol=1e-12, err_msg=part)


# -- what adds up, and which way it goes -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(compact):
    return priced(compact(bargain() | UNSURE), range(20))[0]


def test_a_package_that_changes_no_rule_is_worth_nothing_at_all(compact):
    """What it brings cuts layers that are not there, caps what is capped so, and reaches nobody."""
    idle = {
        "cut_of_nothing": by_deal("tariff_cut", 3, by="us", lists=["phones"], cut="100%"),
        "no_hardware_duty": by_deal("hardware_tariff_cut", 1, by="us", market="us", cut="50%"),
        "same_cap": by_deal("ownership", 2, by="china", market="china", equity_cap=0),
        "same_protection": by_deal("intellectual_property", 2, by="china", market="china", protection=0.5),
        "no_purchases": by_deal("purchases", 2, importer="china", exporter="us", extra_bn=50, compliance=0),
        "war": POLICIES["war"],
    }
    names = [name for name in idle if name != "war"]
    found = priced(compact(bargain(idle, yes_or_no(*names)) | UNSURE), range(10))[0]
    assert len(found.packages) == 2 ** len(names)
    for part, worth in found.parts.items():
        assert not worth.any(), part


def test_a_tariff_and_its_cut_in_one_package_cancel_out(compact):
    """The cut alone cuts nothing, and still has to be reckoned with."""
    policies = {
        "war": POLICIES["war"],
        "new": by_deal("tariff", 1, by="us", lists=["phones"], rate="20%"),
        "waived": by_deal("tariff_cut", 1, by="us", lists=["phones"], cut="100%"),
    }
    found = priced(compact(bargain(policies, yes_or_no("new", "waived")) | UNSURE), range(10))[0]
    for package, policies in enumerate(found.packages):
        for part in ("exports", "tariff_revenue", "consumer_loss"):
            assert found.parts[part][:, package].any() == (policies == {"new"}), (part, policies)


def test_a_package_is_worth_nothing_only_in_the_draws_where_it_changes_nothing(compact):
    """Protection is 0.5 in the base rules; a deal brings 0.5 or 0.9, draw by draw."""
    policies = {"protected": POLICIES["protected"] | {"protection": {"choice": [0.5, 0.9]}}}
    found = priced(compact(bargain(policies, yes_or_no("protected")) | UNSURE), range(40))[0]
    protection = found.world.value(found.world.scenario.policies["protected"].protection.steps[0][1])
    package = found.packages.index(frozenset({"protected"}))
    assert set(protection) == {0.5, 0.9}
    for part, worth in found.parts.items():
        assert not worth[:, package, protection == 0.5].any(), part
    assert (found.parts["know_how"][US, package, protection == 0.9] > 0).all()
    assert (found.parts["vendor_profit"][:, package, protection == 0.9] != 0).all()


def test_what_lies_in_different_markets_and_in_goods_adds_up(full):
    """Cuts of tariffs, and opening with protection, share neither rules nor customers."""
    of_goods = frozenset({"us_removed", "china_removed"})
    of_clouds = frozenset({"opening", "protected"})
    both, trade, clouds = (full.packages.index(package) for package in (of_goods | of_clouds, of_goods, of_clouds))
    for part, worth in full.parts.items():
        np.testing.assert_allclose(worth[:, both], worth[:, trade] + worth[:, clouds], rtol=1e-12, atol=1e-12)
        if part not in (
            "know_how",
            "foreign_data_centres",
            "home_sales",
            "partner_income",
            "services_tax",
            "terms_of_trade",
            "licence_rent",
            "export_fees",
            "rerouting_gain",
            "carrying_out",
        ):
            assert worth[:, both].any(), part


def test_lower_american_tariffs_raise_chinas_exports_and_help_american_buyers(full):
    halved, removed = (full.packages.index(frozenset({name})) for name in ("us_halved", "us_removed"))
    exports, loss = full.parts["exports"], full.parts["consumer_loss"]
    assert (exports[CHINA, removed] > exports[CHINA, halved]).all()
    assert (exports[CHINA, halved] > 0).all()
    assert not exports[US, [halved, removed]].any()
    assert (loss[US, removed] > loss[US, halved]).all()
    assert (loss[US, halved] > 0).all()
    assert not loss[CHINA, [halved, removed]].any()


@pytest.mark.parametrize(("elasticity", "rises"), [(1.5, False), (2.5, False), (9.0, True)])
def test_halving_a_tariff_loses_revenue_unless_it_stands_beyond_the_rate_that_yields_most(compact, elasticity, rises):
    """Of full pass-through 1 / (e - 1) yields most: 200 %, 67 %, and 12.5 % where 28 % come down to 15.5 %."""
    found = priced(compact(bargain() | {"goods.import_elasticity.us": elasticity}))[0]
    revenue = found.parts["tariff_revenue"][US, found.packages.index(frozenset({"us_halved"}))]
    assert ((revenue > 0) == rises).all()
    assert (revenue != 0).all()


def test_at_an_elasticity_of_one_half_no_base_for_tariffs_is_lost(compact):
    """Revenue rises with the rate wherever demand is this steep, so a cut can only lose."""
    found = priced(compact(bargain() | {"goods.import_elasticity.us": 0.5}))[0]
    halved, removed = (found.packages.index(frozenset({name})) for name in ("us_halved", "us_removed"))
    revenue = found.parts["tariff_revenue"][US]
    assert (revenue[removed] < revenue[halved]).all()
    assert (revenue[halved] < 0).all()


@pytest.mark.parametrize("weight", [*CARES, "imports", "partner_income", "home_sales", "know_how_bn"])
def test_a_weight_scales_its_part_and_no_other(compact, full, weight):
    part = weight.removesuffix("_bn")
    doubled = {country: stakes | {weight: 2 * stakes.get(weight, 0)} for country, stakes in STAKES.items()}
    found = priced(compact(bargain(stakes=doubled) | UNSURE), range(20))[0]
    for name, worth in found.parts.items():
        factor = 2 if name == part else 1
        assert (factor * full.parts[name]).tobytes() == worth.tobytes(), name


def test_twice_the_weights_make_twice_the_gains(compact, full):
    doubled = {
        country: {field: value if field in MANNER else 2 * value for field, value in stakes.items()}
        for country, stakes in STAKES.items()
    }
    found = priced(compact(bargain(stakes=doubled) | UNSURE), range(20))[0]
    for name, worth in found.parts.items():
        assert (2 * full.parts[name]).tobytes() == worth.tobytes(), name


def test_a_government_that_looks_no_further_than_the_first_change_sees_nothing(compact):
    """The earliest policy comes a month after the signature, the others later."""
    hurried = {country: stakes | {"horizon_years": 1 / 12} for country, stakes in STAKES.items()}
    found = priced(compact(bargain(stakes=hurried) | UNSURE))[0]
    cloud_only = [p for p, package in enumerate(found.packages) if not package & {"us_halved", "us_removed"}]
    sunk = found.parts.pop("vendor_profit")[:, cloud_only]
    for part, worth in found.parts.items():
        assert not worth.any(), part
    assert (sunk <= 0).all(), "what is sunk is sunk"


def test_packages_are_worth_what_avoids_the_no_deal_rules_even_if_they_bring_something_else(compact):
    """No deal brings 10 % more on machines after the last round; a package of protection alone spares that."""
    policies = POLICIES | {"higher": by_deal("tariff", 0, by="us", lists=["machines"], rate="10%")}
    plain = priced(compact(bargain()))[0]
    spared = priced(compact(bargain(policies, if_no_deal=["higher"])))[0]
    package = plain.packages.index(frozenset({"protected"}))
    assert not plain.parts["consumer_loss"][US, package].any()
    lost = 500 * 1.03**2.5 * (1.38 ** (1 - 2.5) - 1.28 ** (1 - 2.5)) / (1 - 2.5)
    years = value_of(lambda t: math.exp(-0.06 * t), (LAST_ROUND - FIRST) / 12, 5)
    np.testing.assert_allclose(spared.parts["consumer_loss"][US, package], 0.75 * lost * years, rtol=1e-9)


def test_an_issue_more_changes_nothing_of_the_other_packages(compact, full):
    """Packages are told apart by what they bring, not by how many there are."""
    agenda = AGENDA | {"sales": {"none": [], "promised": ["bought"]}}
    policies = POLICIES | {
        "bought": by_deal("purchases", 2, importer="china", exporter="us", extra_bn=20, compliance=0.5) | MADE_UP
    }
    found = priced(compact(bargain(policies, agenda) | UNSURE), range(20))[0]
    same = [found.packages.index(package) for package in full.packages]
    for part, worth in full.parts.items():
        assert found.parts[part][:, same].tobytes() == worth.tobytes(), part


@pytest.fixture(scope="module")
def two_months(compact):
    """The first round and four months later, nothing signed; a tariff on phones comes in between."""
    phones = {"kind": "tariff", "by": "us", "lists": ["phones"], "rate": "20%", "starts": "2019-04-01"}
    policies = POLICIES | {
        "phones_too": phones | MADE_UP,
        "us_removed": POLICIES["us_removed"] | {"lists": ["machines", "phones"]},
    }
    unbending = {country: held | {"resolve": 100} for country, held in STAKES.items()}
    plan = bargain(policies, stakes=unbending, hosts=("us",))
    return priced(compact(plan | {"goods.growth": 0.03}), months=(FIRST, FIRST + 4))


def test_later_rounds_price_goods_under_the_tariffs_of_the_day(two_months):
    """The cut of all tariffs is then worth something on phones too, and trade has grown for four months."""
    exports, grown = [then.parts["exports"][CHINA] for then in two_months], math.exp(0.03 * 4 / 12)
    halved, removed = (two_months[0].packages.index(frozenset({name})) for name in ("us_halved", "us_removed"))
    np.testing.assert_allclose(exports[1][halved], exports[0][halved] * grown, rtol=1e-12)
    years = value_of(lambda t: math.exp((0.03 - 0.06) * t), 1 / 12, 5)
    won = exports[1][removed] - exports[0][removed] * grown
    phones = (100 - 100 * 1.2**-2.5) * math.exp(0.03 * 10.5 / 12)
    np.testing.assert_allclose(won, 0.3 * phones * years, rtol=1e-9)


def test_later_rounds_let_what_is_earned_in_a_cloud_market_move_with_its_spending_and_nothing_else(two_months):
    """Tariffs lose exports and with them spending, in the same proportion for all that customers pay for."""
    first, later = two_months
    opened = first.packages.index(frozenset({"opening"}))
    parts = ("vendor_profit", "partner_income", "customer_surplus", "home_sales")
    ratios = np.stack([later.parts[part][CHINA, opened] / first.parts[part][CHINA, opened] for part in parts])
    np.testing.assert_allclose(ratios, np.broadcast_to(ratios[0], ratios.shape), rtol=1e-12)
    assert ((ratios > 0.95) & (ratios < 1)).all()
    fixed = [then.parts["foreign_data_centres"][CHINA, opened] for then in two_months]
    assert fixed[0].tobytes() == fixed[1].tobytes()


def test_a_cap_on_foreign_stakes_takes_nothing_from_vendors_at_home(compact):
    """Half of a foreign owner's profit may go to co-owners; that of vendors at home never does."""
    policies = {"half_open": by_deal("ownership", 1, by="china", market="china", equity_cap="50%")}
    found = priced(compact(bargain(policies, {"access": {"none": [], "half": ["half_open"]}})))[0]
    world, first = found.world, found.pricing.first
    m = world.axes.markets.index("china")
    at_home = world.base.domestic[:, m] & world.base.sells[:, m].any(axis=1)
    assert (presence_of(world)[at_home, m] == Presence.OWNED).all()
    settled = first.settled(first.stage(frozenset({"half_open"})), m)
    np.testing.assert_allclose(settled.kept["partner_income"][at_home], 0, atol=1e-15)
    assert (settled.kept["vendor_profit"][at_home] > 0).all()
