"""Goods that were on their way when a tariff came pay the lowest rate since they left."""

from __future__ import annotations

import numpy as np
import pytest

TARIFF = {"kind": "tariff", "by": "us", "lists": ["machines"], "source": "made up"}
ONE_STEP = {"2018-10-01": "20%"}
RISE = {"2018-10-01": "10%", "2019-01-01": "30%"}
SPIKE = {"2018-10-01": "10%", "2018-12-01": "110%", "2019-01-01": "30%"}
FALL = {"2018-10-01": "30%", "2018-12-01": "10%"}


def paid(play, compact, changes, draws=range(1)):
    """What machines pay above the base rate, [month, draw], and the run."""
    run = play(compact(changes), draws, watch=("tariff_layer", "tariff_at_sea", "log_response"))
    row = run.world.axes.lists.index("machines")
    return (run.months["tariff_layer"] - run.months["tariff_at_sea"])[:, row], run


@pytest.mark.parametrize(
    ("rate", "months", "expected"),
    [
        (ONE_STEP, 0, [0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.2]),
        (ONE_STEP, 1, [0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2]),
        (ONE_STEP, 0.25, [0, 0, 0, 0.15, 0.2, 0.2, 0.2, 0.2]),
        (ONE_STEP, 2.5, [0, 0, 0, 0, 0, 0.1, 0.2, 0.2]),
        (RISE, 1, [0, 0, 0, 0, 0.1, 0.1, 0.1, 0.3]),
        (SPIKE, 1, [0, 0, 0, 0, 0.1, 0.1, 0.3, 0.3]),
        (SPIKE, 0.5, [0, 0, 0, 0.05, 0.1, 0.6, 0.3, 0.3]),
        (FALL, 1, [0, 0, 0, 0, 0.3, 0.1, 0.1, 0.1]),
    ],
)
def test_goods_pay_the_lowest_rate_since_they_left(play, compact, rate, months, expected):
    found, _ = paid(play, compact, {"policies.war": TARIFF | {"rate": rate, "collected_after": months}})
    np.testing.assert_allclose(found[: len(expected), 0], expected, atol=1e-15)
    np.testing.assert_allclose(found[len(expected) :, 0], expected[-1], rtol=1e-14)


def test_no_voyage_is_no_exemption_to_the_bit(play, compact, different):
    one, other = (
        play(compact({"policies.war": TARIFF | {"rate": RISE} | sea}), range(3)) for sea in ({}, {"collected_after": 0})
    )
    assert different(one.paths, other.paths) == []


def test_duties_wait_and_orders_do_not(play, compact):
    at_once, before = paid(play, compact, {"policies.war": TARIFF | {"rate": ONE_STEP}})
    later, after = paid(play, compact, {"policies.war": TARIFF | {"rate": ONE_STEP, "collected_after": 1}})
    assert (later <= at_once).all()
    np.testing.assert_array_equal(before.months["log_response"], after.months["log_response"])
    us = after.world.axes.countries.index("us")
    waited = (
        before.paths.countries["tariff_revenue_bn"][:, us, 0] - after.paths.countries["tariff_revenue_bn"][:, us, 0]
    )
    begin, end = (-2.5 * np.log1p(rate) for rate in (0.03, 0.23))
    bought = 500 * 1.03**2.5 * np.exp(end + (begin - end) * np.exp(-3 * 0.5 / 12))
    np.testing.assert_allclose(waited, [0, 0.2 * bought / 12, 0, 0, 0, 0, 0, 0], rtol=1e-9, atol=1e-12)


def test_a_draw_alone_has_the_voyage_that_it_has_in_a_batch(play, compact):
    war = TARIFF | {"rate": SPIKE, "collected_after": {"uniform": [0, 3]}}
    batch, _ = paid(play, compact, {"policies.war": war}, range(40))
    alone, _ = paid(play, compact, {"policies.war": war}, range(17, 18))
    assert len(np.unique(batch[4])) > 5
    np.testing.assert_array_equal(alone[:, 0], batch[:, 17])


def test_a_cut_cuts_what_goods_at_sea_pay_too(play, compact):
    cut = {"kind": "tariff_cut", "by": "us", "lists": ["machines"], "cut": "50%", "source": "made up"}
    war = TARIFF | {"rate": RISE, "collected_after": 1}
    whole, _ = paid(play, compact, {"policies.war": war})
    half, _ = paid(play, compact, {"policies.war": war, "policies.cut": cut})
    np.testing.assert_allclose(half, whole / 2, rtol=1e-14)


def test_where_authorities_exclude_each_other_goods_at_sea_pay_the_higher_of_what_each_charges_them(play, compact):
    fees = TARIFF | {"rate": "10%", "authority": "fees"}
    metals = TARIFF | {"rate": ONE_STEP, "authority": "metals", "collected_after": 1}
    rule = {"kind": "exclude", "by": "us", "authorities": ["fees", "metals"]}
    found, run = paid(play, compact, {"policies.a": fees, "policies.b": metals, "goods.stacking.one": rule})
    np.testing.assert_allclose(found[:, 0], [0.1] * 4 + [0.2] * 20, rtol=1e-14)
    layer = run.months["tariff_layer"][:, run.world.axes.lists.index("machines"), 0]
    np.testing.assert_allclose(layer, [0.1] * 3 + [0.2] * 21, rtol=1e-14)
