"""Export controls: dearer and worse, for the vendors of the target alone."""

from __future__ import annotations

import numpy as np

SETTINGS = {"kind": "export_control", "target": "china", "quality_loss_per_year": 0.1, "cost_increase": "5%"}


def test_a_control_costs_the_vendors_of_its_target_quality_and_money(levers, instrument, turn, changed):
    instrument(**SETTINGS).apply(levers, turn(active=[True, True, False]))
    assert set(changed()) == {"quality_drift", "cost_increase"}
    us, china = (levers.axes.countries.index(name) for name in ("us", "china"))
    np.testing.assert_array_equal(levers.quality_drift[china], [-0.1, -0.1, 0])
    np.testing.assert_array_equal(levers.cost_increase[china], [0.05, 0.05, 0])
    assert not levers.quality_drift[us].any()


def test_two_controls_add_up(levers, instrument, turn):
    for _ in range(2):
        instrument(**SETTINGS).apply(levers, turn())
    np.testing.assert_allclose(levers.cost_increase[levers.axes.countries.index("china")], 0.1)


def test_a_control_costs_its_target_share_everywhere(play, compact):
    free, controlled = (
        play(compact(extra | {"months": 48}), range(1)).paths.vendors["share"][-1, ..., 0]
        for extra in ({}, {"policies.control": SETTINGS | {"by": "us", "starts": "2019-01-01", "source": "made up"}})
    )
    names = list(compact().vendors)
    for vendor in ("dragon", "tiger"):
        assert (controlled[names.index(vendor)] < free[names.index(vendor)]).all()
    for vendor in ("eagle", "falcon"):
        assert (controlled[names.index(vendor)] > free[names.index(vendor)]).all()
