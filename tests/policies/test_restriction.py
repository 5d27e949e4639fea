"""Restrictions on the vendors of one country in a market."""

from __future__ import annotations

import numpy as np


def restriction(**share):
    return {"kind": "restriction", "by": "us", "home": "china", "market": "us", "allowed_share": share}


def test_only_the_named_country_market_and_segments_are_restricted(levers, instrument, turn, changed):
    instrument(**restriction(government="0%")).apply(levers, turn(active=[True, True, False]))
    assert set(changed()) == {"allowed_share"}
    china, us = levers.axes.countries.index("china"), levers.axes.markets.index("us")
    expected = np.ones_like(levers.allowed_share)
    expected[china, us, levers.axes.segments.index("government"), :2] = 0
    np.testing.assert_array_equal(levers.allowed_share, expected)


def test_a_vendor_shut_out_of_a_segment_sells_nothing_there_at_once(play, compact):
    ban = restriction(government="0%", enterprise="50%") | {"starts": "2019-01-01", "source": "made up"}
    run = play(compact({"policies.ban": ban}), range(1), watch=("revenue", "access"))
    enterprise, government = run.of("revenue", "dragon", "us")[:, :, 0].T
    assert (government[:6] > 0).all()
    assert not government[6:].any()
    assert enterprise[6] < 0.55 * enterprise[5]
    np.testing.assert_array_equal(run.of("access", "dragon", "us")[6:, :, 0], [[0.5, 0]] * 18)


def test_vendors_at_home_and_of_other_countries_are_not_restricted(play, compact):
    ban = restriction(government="0%", enterprise="0%") | {"source": "made up"}
    run = play(compact({"policies.ban": ban}), range(1), watch=("access",))
    for vendor, market in (("eagle", "us"), ("rest_of_us", "us"), ("dragon", "china")):
        np.testing.assert_array_equal(run.of("access", vendor, market), 1)


def test_when_a_restriction_ends_customers_come_back_as_their_contracts_end(play, compact):
    ban = restriction(enterprise="0%") | {"starts": "2018-10-01", "ends": "2019-04-01", "source": "made up"}
    run = play(compact({"policies.ban": ban, "months": 60}), range(1), watch=("revenue",))
    revenue = run.of("revenue", "dragon", "us")[:, 0, 0]
    assert not revenue[3:9].any()
    assert (np.diff(revenue[8:]) > 0).all()
    assert revenue[-1] < revenue[0]


def test_a_segment_that_nobody_may_serve_any_more_goes_unserved_and_leaves_all_figures_finite(play, compact, arrays_of):
    """All vendors of a market are foreign there, and both countries are shut out of one segment."""
    shut = {
        "kind": "restriction",
        "market": "us",
        "allowed_share": {"government": {"2018-10-01": 0}},
        "source": "made up",
    }
    changes = {
        "vendors.rest_of_us.home": "china",
        "markets.us.country": "island",
        "policies.one": shut | {"home": "china"},
        "policies.other": shut | {"home": "us"},
    }
    run = play(compact(changes), range(1), watch=("revenue",))
    assert not run.by_pair("revenue")[3:, :, run.market("us"), 1].any()
    for name, values in arrays_of(run.paths):
        unused = run.paths.channels["in_use"] == 0 if name == "channels.price" else False
        assert (np.isfinite(values) | unused).all(), name
