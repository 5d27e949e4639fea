"""The goods block beside a general equilibrium of three countries: where they agree, and what ours leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.studies.validation.dated_tariffs import tariffs_on
from tests.judge.armington import after, at_prices, balanced, terms_of_trade
from tests.judge.our_goods import END_OF_2019, by_lists, on_average
from tests.judge.three_countries import CHINA, REST, US, economy_of, tariffs

SAME_PRICES = np.ones(3)


@pytest.fixture(scope="module")
def economy(history):
    return economy_of(history)


@pytest.fixture(scope="module")
def war(history):
    """Tariffs of the end of 2019."""
    return tariffs(history, tariffs_on(history, END_OF_2019))


def test_without_a_change_nothing_changes(economy):
    same = after(economy, economy.tariff)
    np.testing.assert_allclose(same.trade, economy.trade, rtol=1e-9)
    np.testing.assert_allclose(same.gain, 0.0, atol=1e-6)


def test_the_world_adds_up_before_and_after(economy, war):
    """All that is made is sold, what one spends beyond its income others lend, and so the last market clears."""
    then = after(economy, war)
    np.testing.assert_allclose(then.trade.sum(axis=1), then.price * economy.output, rtol=1e-9)
    assert economy.borrowed.sum() == pytest.approx(0.0, abs=1e-6)
    income = then.price * economy.output + then.revenue + economy.borrowed
    np.testing.assert_allclose(then.spending, income, rtol=1e-9)


def test_the_unit_of_money_does_not_matter(economy, war):
    in_trillions = replace(economy, trade=economy.trade / 1000)
    np.testing.assert_allclose(after(in_trillions, war).gain, after(economy, war).gain / 1000, rtol=1e-6)


def test_costs_between_all_countries_move_welfare_by_what_they_leave_at_home(economy, war):
    """Arkolakis, Costinot and Rodriguez-Clare: without revenue and borrowing, welfare is home share ** (-1 / theta)."""
    even = balanced(economy, partner=REST)
    then = after(even, even.tariff, (1 + war) / (1 + economy.tariff))
    home = np.diag(then.trade) / then.spending / (np.diag(even.trade) / even.spending)
    np.testing.assert_allclose(then.gain / even.spending + 1, home ** (-1 / even.theta), rtol=1e-9)


@pytest.mark.parametrize("importer", [US, CHINA])
def test_our_goods_block_is_the_limit_of_a_small_trade_at_given_prices(economy, war, importer):
    """Where trade is too small to move prices or incomes, both are the same: imports, revenue and loss."""
    exporter = 1 - importer
    trade = economy.trade.copy()
    trade[exporter, importer] *= 1e-6
    small = replace(economy, trade=trade)
    only = economy.tariff.copy()
    only[exporter, importer] = war[exporter, importer]
    ours, then = on_average(small, only, importer), at_prices(small, only, SAME_PRICES)
    assert then.trade[exporter, importer] / trade[exporter, importer] - 1 == pytest.approx(ours.imports, rel=1e-5)
    assert (then.revenue - small.revenue)[importer] == pytest.approx(ours.revenue, rel=1e-4)
    assert then.gain[importer] == pytest.approx(ours.welfare, rel=1e-4)


def test_imports_both_ways_fall_as_in_general_equilibrium_by_no_less_than_two_thirds_and_no_more(economy, war):
    then = after(economy, war)
    ours = by_lists(END_OF_2019, economy.theta + 1)
    for (exporter, importer), loss in (((CHINA, US), ours[US]), ((US, CHINA), ours[CHINA])):
        theirs = then.trade[exporter, importer] / economy.trade[exporter, importer] - 1
        assert loss.imports < 0
        assert theirs < 0
        assert 0.65 < loss.imports / theirs < 1.0


def test_both_tax_each_other_and_collect_sums_of_the_same_order(economy, war):
    raised = after(economy, war).revenue - economy.revenue
    ours = by_lists(END_OF_2019, economy.theta + 1)
    for importer in (US, CHINA):
        assert 0.5 < ours[importer].revenue / raised[importer] < 1.0


def test_the_world_loses_as_much_as_our_two_countries_do(economy, war):
    """Terms of trade pass gains around; what is lost to all is of one size in both."""
    then = after(economy, war)
    ours = sum(loss.welfare for loss in by_lists(END_OF_2019, economy.theta + 1))
    assert then.gain[[US, CHINA]].sum() < 0
    assert then.gain.sum() == pytest.approx(ours, rel=0.25)


def test_terms_of_trade_are_why_america_loses_less_and_china_more_than_ours_say(economy, war):
    then, ours = after(economy, war), by_lists(END_OF_2019, economy.theta + 1)
    moved = terms_of_trade(economy, then)
    assert moved[US] > 0 > moved[CHINA]
    assert then.gain[US] > ours[US].welfare
    assert then.gain[CHINA] < ours[CHINA].welfare
    for country in (US, CHINA):
        without = then.gain[country] - moved[country]
        assert without == pytest.approx(at_prices(economy, war, SAME_PRICES).gain[country], rel=0.25)


def test_third_countries_take_over_part_of_the_trade_and_gain(economy, war):
    more = after(economy, war).trade - economy.trade
    assert more[REST, US] > 0
    assert more[CHINA, REST] > 0
    assert after(economy, war).gain[REST] > 0
