"""The share that US vendors would have in an open China at the base date: limits with known answers."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.studies.validation.static_opening import ALL

US = ("eagle", "falcon")
FREE = {
    "presence.partner.quality_penalty": 0,
    "partners.bridge.contracts.eagle.fee": 0,
    "partners.bridge.contracts.falcon.fee": 0,
    "partners.ferry.contracts.falcon.fee": 0,
}


def shares(scenario, draws=1):
    """Share of the US vendors together, by draw and segment."""
    table = sim.static_opening(scenario, draws=draws)
    totals = table.groupby(["draw", "segment"])[["share_before", "share_after"]].sum()
    np.testing.assert_allclose(totals, 1, rtol=1e-12)
    return table[table["vendor"].isin(US)].groupby(["draw", "segment"])[["share_before", "share_after"]].sum()


def test_where_a_partner_costs_nothing_an_open_market_is_as_it_was(compact):
    found = shares(compact(FREE))
    np.testing.assert_allclose(found["share_after"], found["share_before"], rtol=1e-9)


def test_what_stands_before_are_the_shares_of_the_base_date(compact):
    found = shares(compact())
    assert found.loc[(0, ALL), "share_before"] == pytest.approx(0.2, rel=1e-9)


def test_a_penalty_alone_moves_the_odds_by_itself_where_prices_stay(compact):
    """With vendors too small to move any price, odds rise by exp(penalty) in each segment."""
    small = {f"vendors.{name}.sales.china.share": 1e-7 for name in US}
    found = shares(compact(FREE | small | {"presence.partner.quality_penalty": 0.5}))
    odds = found / (1 - found)
    np.testing.assert_allclose(odds["share_after"] / odds["share_before"], np.exp(0.5), rtol=1e-5)


def test_a_fee_alone_moves_the_odds_by_its_part_of_the_price_where_margins_stay(compact):
    """Small vendors pass a fee on in full: the price falls by it, and odds rise by (1 - fee) ** (1 - sigma)."""
    small = {f"vendors.{name}.sales.china.share": 1e-7 for name in US}
    fees = {path: 0.15 for path in FREE if path.endswith(".fee")}
    one_kind = {"segments.enterprise.substitution_elasticity": 4}
    found = shares(compact(FREE | small | fees | one_kind))
    odds = found / (1 - found)
    np.testing.assert_allclose(odds["share_after"] / odds["share_before"], 0.85**-3, rtol=1e-5)


@pytest.mark.parametrize("path", ["presence.partner.quality_penalty", "partners.bridge.contracts.eagle.fee"])
def test_the_worse_the_partner_the_more_an_open_market_brings(compact, path):
    gains = [
        (found := shares(compact(FREE | {path: worse})))["share_after"] - found["share_before"] for worse in (0.1, 0.2)
    ]
    assert (gains[1] > gains[0]).all()
    assert (gains[0] > 0).all()


def test_draws_have_the_luck_that_runs_have_whatever_their_number():
    few, more = (sim.static_opening("status_quo", draws=draws, seed=3) for draws in (2, 5))
    assert few.equals(more[more["draw"] < 2].reset_index(drop=True))
    run = sim.run("status_quo", 2, seed=3, set={"months": 3}, charts=False, workers=1).vendors
    first = run[(run["market"] == "china") & (run["vendor"] == "aws")]
    ours = few[(few["vendor"] == "aws") & (few["segment"] == ALL)]
    np.testing.assert_allclose(ours["share_before"], first["share"], rtol=0.1)


def test_what_does_not_exist_is_refused_in_words():
    with pytest.raises(sim.ScenarioError, match="status_quo"):
        sim.static_opening("status_qou", draws=1)


@pytest.mark.parametrize(("numbers", "words"), [({"draws": 0}, "draws is 0"), ({"seed": -1}, "seed is -1")])
def test_numbers_that_make_no_sense_are_refused_in_words(numbers, words):
    with pytest.raises(sim.ScenarioError, match=words):
        sim.static_opening("status_quo", **numbers)
