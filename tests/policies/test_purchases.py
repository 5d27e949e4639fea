"""Promised purchases, kept in part."""

from __future__ import annotations

import numpy as np

PROMISE = {
    "kind": "purchases", "by": "china", "exporter": "us", "importer": "china", "extra_bn": 50, "compliance": "60%",
}  # fmt: skip
US, CHINA = 0, 1


def test_the_part_that_is_kept_counts(levers, instrument, turn, changed):
    instrument(**PROMISE).apply(levers, turn(active=[True, False, True]))
    assert set(changed()) == {"purchases"}
    np.testing.assert_allclose(levers.purchases[US, CHINA], [30, 0, 30])


def test_promises_add_up(levers, instrument, turn):
    for _ in range(2):
        instrument(**PROMISE).apply(levers, turn())
    np.testing.assert_allclose(levers.purchases[US, CHINA], 60)


def test_purchases_raise_exports_of_one_side_and_imports_of_the_other(play, compact):
    plain, more = (
        play(compact(extra), range(1)).paths.countries
        for extra in ({}, {"policies.promise": PROMISE | {"starts": "2019-01-01", "source": "made up"}})
    )
    quarter = np.array([0, 0] + [30 / 4] * 6)
    np.testing.assert_allclose((more["exports_bn"] - plain["exports_bn"])[:, US, 0], quarter, atol=1e-9)
    np.testing.assert_allclose((more["imports_bn"] - plain["imports_bn"])[:, CHINA, 0], quarter, atol=1e-9)
    np.testing.assert_array_equal(more["exports_bn"][:, CHINA], plain["exports_bn"][:, CHINA])


def test_purchases_lift_cloud_spending_of_the_exporter(play, compact):
    """The multiplier is 2, and 30 bn are 0.15 % of GDP."""
    world = play(compact({"policies.promise": PROMISE | {"source": "made up"}}), range(1)).world
    np.testing.assert_allclose(world.activity[world.axes.markets.index("us")], 1 + 2 * 30 / 20000, rtol=1e-9)
    np.testing.assert_array_equal(world.activity[world.axes.markets.index("china")], 1)
