"""Residency by segment and the firewall."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.schema import Presence


def test_residency_changes_for_the_segments_that_are_named(levers, instrument, turn, changed):
    instrument(kind="data_rules", market="china", residency={"enterprise": "10%"}).apply(levers, turn())
    assert set(changed()) == {"residency"}
    china = levers.axes.markets.index("china")
    np.testing.assert_array_equal(levers.residency[china].T, [[0.1, 0.9]] * 3)


@pytest.mark.parametrize(("factor", "expected"), [(0, 0), (0.5, 0.75), (1, 1.5), (2, 3)])
def test_the_firewall_is_scaled(levers, instrument, turn, factor, expected):
    instrument(kind="data_rules", market="china", firewall=factor).apply(levers, turn())
    np.testing.assert_array_equal(levers.firewall[levers.axes.markets.index("china")], expected)
    np.testing.assert_array_equal(levers.firewall[levers.axes.markets.index("us")], 0.5)


def test_draws_in_which_it_is_not_in_force_keep_the_base_rule(levers, instrument, turn):
    policy = instrument(kind="data_rules", market="china", residency={"enterprise": 0}, firewall=0)
    policy.apply(levers, turn(active=[True, False, False]))
    china = levers.axes.markets.index("china")
    np.testing.assert_array_equal(levers.residency[china, 0], [0, 0.4, 0.4])
    np.testing.assert_array_equal(levers.firewall[china], [0, 1.5, 1.5])


@pytest.mark.parametrize(("month", "expected"), [(5, 0.4), (6, 0.2), (12, 0.2), (18, 0)])
def test_residency_can_fall_step_by_step(levers, instrument, turn, month, expected):
    steps = {"2019-01-01": "20%", "2020-01-01": "0%"}
    instrument(kind="data_rules", market="china", residency={"enterprise": steps}).apply(levers, turn(month))
    np.testing.assert_array_equal(levers.residency[levers.axes.markets.index("china"), 0], expected)


def test_with_free_flow_of_data_vendors_serve_the_market_from_abroad(play, compact):
    """Without residency and firewall a partner has nothing left to offer."""
    free = {
        "kind": "data_rules", "by": "china", "market": "china", "starts": "2019-01-01", "source": "made up",
        "residency": {"enterprise": 0, "government": 0}, "firewall": 0,
    }  # fmt: skip
    run = play(compact({"policies.free": free}), range(1), watch=("presence", "access"))
    assert run.months["presence"][-1, run.vendor("eagle"), run.market("china")] == Presence.CROSS_BORDER
    np.testing.assert_array_equal(run.of("access", "eagle", "china")[-1], 1)


def test_contracts_with_customers_who_may_no_longer_be_served_end_at_once(play, compact):
    """Dragon serves the other market from abroad; residency takes half of its remaining customers away."""
    abroad = {f"vendors.{name}.sales.us.presence": "cross_border" for name in ("dragon", "tiger")}
    strict = {
        "kind": "data_rules", "market": "us", "starts": "2019-01-01", "residency": {"enterprise": 0.55},
        "source": "made up",
    }  # fmt: skip
    run = play(compact(abroad | {"policies.strict": strict, "demand.contract_churn": 0}), range(1), watch=("revenue",))
    revenue = run.of("revenue", "dragon", "us")[:, 0, 0]
    assert revenue[6] / revenue[5] == pytest.approx(0.5, abs=0.01)
    assert revenue[5] == pytest.approx(revenue[0], rel=1e-9)
