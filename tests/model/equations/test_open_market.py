"""The share in an open market says what partners cost: exact where it can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.model.equations.open_market import log_odds_without_fee, partner_gap
from sim.model.luck import Draws
from sim.model.start.base_world import build_world

US = ("eagle", "falcon")
OPEN = {"enterprise": 0.5, "government": 0.1}


def odds(share):
    return share / (1 - share)


def one(*values):
    return np.array(values)[:, None]


@given(share=st.floats(0.01, 0.9), worse=st.floats(0.01, 5))
def test_with_one_segment_the_gap_is_the_log_ratio_of_odds(share, worse):
    today = odds(share) * np.exp(-worse)
    found = partner_gap(one(np.log(odds(share))), one(1.0), np.array([today / (1 + today)]))
    assert found.item() == pytest.approx(worse, rel=1e-9)


@given(
    shares=st.lists(st.floats(0.01, 0.95), min_size=3, max_size=3),
    weights=st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
    gap=st.floats(0.001, 4),
)
def test_the_gap_is_the_one_that_leads_to_todays_share(shares, weights, gap):
    parts = np.array(weights) / sum(weights)
    today = sum(w / (1 + np.exp(gap) / odds(s)) for w, s in zip(parts, shares, strict=True))
    found = partner_gap(np.log(odds(one(*shares))), parts[:, None], np.array([today]))
    assert found.item() == pytest.approx(gap, rel=1e-6, abs=1e-9)


def test_a_share_no_higher_than_todays_leaves_no_gap():
    assert partner_gap(np.log(odds(one(0.1, 0.2))), one(0.5, 0.5), np.array([0.3])).item() == 0


def test_a_fee_explains_its_part():
    plain, dear = (log_odds_without_fee(one(0.4), np.array([fee]), one(5.0)).item() for fee in (0.0, 0.2))
    assert plain - dear == pytest.approx(4 * np.log(1 / 0.8))


@pytest.fixture
def opened(compact):
    return compact({"markets.china.open_shares": {"us": OPEN}, "markets.china.taste": {}})


def test_an_open_market_has_the_shares_that_were_given_where_rivals_prices_and_margins_stay(compact):
    """Vendors too small to move a price or a margin get by opening just what the scenario says, segment by segment."""
    small = {f"vendors.{name}.sales.china.share": 1e-7 for name in US}
    shares = {"markets.china.open_shares": {"us": {"enterprise": 8e-7, "government": 5e-7}}, "markets.china.taste": {}}
    same = {"segments.enterprise.substitution_elasticity": 4}
    table = sim.static_opening(compact(small | shares | same), draws=1)
    found = table[table["vendor"].isin(US)].groupby("segment")["share_after"].sum()
    assert found["enterprise"] == pytest.approx(8e-7, rel=1e-4)
    assert found["government"] == pytest.approx(5e-7, rel=1e-4)


def test_base_sales_are_as_without_it(opened, compact):
    worlds = [build_world(scenario, Draws(1, range(1))) for scenario in (opened, compact())]
    np.testing.assert_allclose(worlds[0].base.sales, worlds[1].base.sales, rtol=1e-12)
    np.testing.assert_allclose(worlds[0].channels.by_pair(worlds[0].sales), worlds[0].base.sales, rtol=1e-10)


def test_the_wider_open_the_more_partners_cost(compact):
    gaps = []
    for share in (0.5, 0.6, 0.7):
        scenario = compact({"markets.china.open_shares": {"us": OPEN | {"enterprise": share}}})
        world = build_world(scenario, Draws(1, range(1)))
        gaps.append(world.base.partner_gap[world.axes.vendors.index("eagle"), world.axes.markets.index("china")].item())
    assert 0 < gaps[0] < gaps[1] < gaps[2]


@pytest.mark.parametrize(("shares", "what"), [
    ({"enterprise": 0.1, "government": 0.1}, "come to 10.0% of the market, no more than the 20.0%"),
    ({"enterprise": 1, "government": 0.1}, "expected a share above 0 and below 1"),
    ({"enterprise": {"uniform": [0, 0.9]}, "government": 0.1}, "expected a share above 0 and below 1"),
    ({"enterprise": 0.5}, "lacks government; every segment needs a share"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(compact, shares, what):
    with pytest.raises(sim.ScenarioError, match="open_shares") as problem:
        compact({"markets.china.open_shares": {"us": shares}})
    assert what in str(problem.value)
