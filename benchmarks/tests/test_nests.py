"""Choice among a vendor's own channels and their joint prices, against hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.nests import joint_margins, nested

SIGMA, ETA, MU = [3.0, 1.6], 1.2, 5.0
"""Between vendors in two groups of customers, of the market, and between a vendor's channels."""


def test_a_nest_by_hand() -> None:
    """With kappa = 2: a = 0.5 * 2^2 = 2 and 0.25 * 3^2 = 2.25, A = sqrt(4.25)."""
    assert nested([2.0, 3.0], [0.5, 0.25], 2.0) == pytest.approx(
        [math.sqrt(4.25) * 2.0 / 4.25, math.sqrt(4.25) * 2.25 / 4.25], rel=1e-15
    )


def test_one_channel_attracts_as_without_a_nest() -> None:
    for x in np.geomspace(1e-9, 1e9, 50).tolist():
        assert nested([x], [1.0], 1.7) == [x]


def test_with_one_elasticity_for_all_there_is_no_nest() -> None:
    """With mu = sigma, kappa is 1: customers choose among all channels alike."""
    assert nested([2.0, 3.0, 0.5], [0.5, 0.25, 1.0], 1.0) == pytest.approx([1.0, 0.75, 0.5], rel=1e-15)


def test_a_vendor_that_nobody_may_choose_attracts_nobody() -> None:
    assert nested([0.0, 0.0], [1.0, 1.0], 2.0) == [0.0, 0.0]
    assert nested([0.0, 3.0], [1.0, 1.0], 2.0) == pytest.approx([0.0, 3.0])


def test_channels_of_which_a_part_is_like_the_whole_attract_as_much_as_one() -> None:
    assert nested([1.3, 1.3, 1.3], [0.2, 0.5, 0.3], 6.5) == pytest.approx([0.26, 0.65, 0.39], rel=1e-14)


def test_what_a_vendor_gains_in_all_its_channels_leaves_its_nest_as_it_is() -> None:
    """So a nest changes only with prices and rules, not with the quality that moves from month to month."""
    gained, x, weight = math.exp(0.3), [1.3, 0.4], [0.2, 0.5]
    assert nested([gained * own for own in x], weight, 3.5) == pytest.approx(
        [gained * own for own in nested(x, weight, 3.5)], rel=1e-14
    )


@pytest.mark.parametrize("sigma", [1.4, 3.0, 5.0])
def test_price_has_the_elasticity_of_channels_within_and_of_vendors_without(sigma: float) -> None:
    """Written out: a_j = w_j * (access * exp(quality))^kappa * price^(1 - mu)."""
    kappa = (MU - 1.0) / (sigma - 1.0)
    access, quality, price, weight = [0.9, 0.4], [0.3, -0.2], [1.1, 0.8], [0.6, 0.7]
    x = [h * math.exp(q) * p ** (1.0 - sigma) for h, q, p in zip(access, quality, price, strict=True)]
    a = [
        w * (h * math.exp(q)) ** kappa * p ** (1.0 - MU)
        for w, h, q, p in zip(weight, access, quality, price, strict=True)
    ]
    vendor = sum(a) ** (1.0 / kappa)
    assert nested(x, weight, kappa) == pytest.approx([vendor * own / sum(a) for own in a], rel=1e-13)


def test_joint_margins_by_hand() -> None:
    """One group, S = 0.4 and eps = 3 - 2 * 0.4 = 2.2: (30 - 12.6) m + -4.2 n = 5.4 and -4.2 m + (10 - 1.4) n = 1.4."""
    margins = joint_margins(5.0, [3.0], 1.0, [0.9, 0.7], [8.0], [[0.3], [0.1]])
    assert margins == pytest.approx([52.32 / 132.0, 47.04 / 132.0], rel=1e-14)


def test_the_margin_of_one_channel_is_that_of_its_elasticity() -> None:
    revenue, shares, kept = [3.0, 5.0], [0.3, 0.6], 0.8
    each = [sigma * (1.0 - share) + ETA * share for sigma, share in zip(SIGMA, shares, strict=True)]
    elasticity = (each[0] * 3.0 + each[1] * 5.0) / 8.0
    assert joint_margins(MU, SIGMA, ETA, [kept], revenue, [shares]) == pytest.approx([kept / elasticity], rel=1e-14)


def test_channels_that_customers_do_not_leave_for_each_other_are_priced_as_one_by_one() -> None:
    """Each group sees one of them: what the vendor asks in the other does not matter."""
    margins = joint_margins(MU, SIGMA, ETA, [0.9, 0.7], [6.0, 2.0], [[0.3, 0.0], [0.0, 0.1]])
    alone = [
        joint_margins(MU, SIGMA, ETA, [0.9], [6.0, 0.0], [[0.3, 0.0]]),
        joint_margins(MU, SIGMA, ETA, [0.7], [0.0, 2.0], [[0.0, 0.1]]),
    ]
    assert margins == pytest.approx([alone[0][0], alone[1][0]], rel=1e-14)


def by_group(values: list[list[float]]) -> list[float]:
    return [sum(row) for row in zip(*values, strict=True)]


class Monopolist:
    """A vendor with three channels for two groups, and rivals who stay as they are."""

    strength = ((0.5, 0.2), (0.0, 0.4), (0.3, 0.3))
    """[channel][group]"""
    weight = (0.5, 0.8, 0.4)
    cost = (0.5, 0.4, 0.55)
    kept = (1.0, 0.85, 0.7)
    rivals, path = (0.7, 0.9), (10.0, 4.0)

    def sold(self, price: list[float]) -> tuple[list[list[float]], list[list[float]]]:
        """Revenue and shares, [channel][group]."""
        revenue: list[list[float]] = [[] for _ in price]
        shares: list[list[float]] = [[] for _ in price]
        for g, sigma in enumerate(SIGMA):
            x = [row[g] * p ** (1.0 - sigma) for row, p in zip(self.strength, price, strict=True)]
            own = nested(x, self.weight, (MU - 1.0) / (sigma - 1.0))
            total = sum(own) + self.rivals[g]
            budget = self.path[g] * total ** ((1.0 - ETA) / (1.0 - sigma))
            for j, attraction in enumerate(own):
                shares[j].append(attraction / total)
                revenue[j].append(attraction / total * budget)
        return revenue, shares

    def profit(self, price: list[float]) -> float:
        """What is left after fees and costs."""
        revenue, _ = self.sold(price)
        return sum(
            (left - cost / asked) * sum(row)
            for left, cost, asked, row in zip(self.kept, self.cost, price, revenue, strict=True)
        )

    def best(self) -> list[float]:
        """Prices that are best at the revenue which they bring."""
        price = [1.0, 1.0, 1.0]
        for _ in range(500):
            revenue, shares = self.sold(price)
            margins = joint_margins(MU, SIGMA, ETA, self.kept, by_group(revenue), shares)
            target = [c / (left - m) for c, left, m in zip(self.cost, self.kept, margins, strict=True)]
            price = [math.sqrt(old * new) for old, new in zip(price, target, strict=True)]
        return price


def test_joint_prices_bring_the_highest_profit() -> None:
    vendor = Monopolist()
    best = vendor.best()
    highest = vendor.profit(best)
    generator = np.random.default_rng(1)
    for size in (1e-4, 1e-2, 0.3):
        for _ in range(50):
            other = [price * math.exp(step) for price, step in zip(best, generator.normal(0.0, size, 3), strict=True)]
            assert vendor.profit(other) < highest
    for j in range(3):
        up, down = best.copy(), best.copy()
        up[j], down[j] = best[j] * 1.0001, best[j] / 1.0001
        assert (vendor.profit(up) - vendor.profit(down)) / (2e-4 * highest) == pytest.approx(0.0, abs=1e-7)


def test_prices_set_one_by_one_are_lower_than_joint_ones() -> None:
    """A vendor that forgot its other channels would take their customers from itself."""
    vendor = Monopolist()
    best = vendor.best()
    revenue, shares = vendor.sold(best)
    margins = joint_margins(MU, SIGMA, ETA, vendor.kept, by_group(revenue), shares)
    for j, row in enumerate(revenue):
        elasticity = 0.0
        for g, sigma in enumerate(SIGMA):
            share = sum(own[g] for own in shares)
            of_vendor = sigma - (sigma - ETA) * share
            elasticity += (MU - shares[j][g] / share * (MU - of_vendor)) * row[g] / sum(row)
        assert margins[j] > vendor.kept[j] / elasticity
