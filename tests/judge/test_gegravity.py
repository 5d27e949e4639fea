"""gegravity beside the small general equilibrium and the goods block: costs of trade between three countries."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.validation.dated_tariffs import tariffs_on
from tests.judge.armington import after, at_incomes_of_before, balanced
from tests.judge.our_goods import END_OF_2019, by_lists
from tests.judge.three_countries import CHINA, REST, US, economy_of, tariffs

pytest.importorskip("gegravity", reason="gegravity judges goods trade; install the extra `judge` to let it")

from tests.judge.gravity import gravity


@pytest.fixture(scope="module")
def even(history):
    """The three countries, with every country's imports paid for by exports."""
    return balanced(economy_of(history), partner=REST)


@pytest.fixture(scope="module")
def cost(history):
    """Tariffs of the end of 2019 as costs of delivery that nobody earns."""
    economy = economy_of(history)
    return (1 + tariffs(history, tariffs_on(history, END_OF_2019))) / (1 + economy.tariff)


@pytest.fixture(scope="module")
def theirs(even, cost):
    return gravity(even, cost)


def test_gegravity_finds_the_equilibrium_at_the_incomes_of_before(even, cost, theirs):
    _, real_income = at_incomes_of_before(even, cost)
    np.testing.assert_allclose(theirs.real_income, 100 * (real_income - 1), atol=1e-6)


def test_its_trade_does_not_add_up_to_what_countries_make_at_its_prices(even, cost, theirs):
    """Why it is no judge to six digits: sales move otherwise than prices times what is made."""
    sold = (even.trade * (1 + theirs.trade / 100)).sum(axis=1) / even.output
    price, _ = at_incomes_of_before(even, cost)
    assert np.ptp(sold / price) > 0.01


def test_once_incomes_follow_prices_its_results_keep_their_sign_and_order(even, cost, theirs):
    """Both in their own unit of money, so trade is compared relative to what Americans buy at home."""
    then = after(even, even.tariff, cost)
    np.testing.assert_allclose(theirs.real_income[:REST], (100 * then.gain / even.spending)[:REST], rtol=0.1)
    ours, other = then.trade / even.trade, 1 + theirs.trade / 100
    np.testing.assert_allclose(other / other[US, US], ours / ours[US, US], atol=0.03)


def test_imports_both_ways_fall_as_ours_do(even, theirs):
    ours = by_lists(END_OF_2019, even.theta + 1)
    assert ours[US].imports == pytest.approx(theirs.trade[CHINA, US] / 100, rel=0.3)
    assert ours[CHINA].imports == pytest.approx(theirs.trade[US, CHINA] / 100, rel=0.3)
    assert theirs.trade[REST, US] > 0
