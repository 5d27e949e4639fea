"""Importers wait while a tariff is above what they expect to hold, and make up for it: nothing is lost, only late."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.model.equations.goods_trade import part_put_off

SPIKE = {"2018-10-01": "100%", "2018-11-01": "0%"}
STAYS = {"2018-10-01": "25%"}
WAITING = {"elasticity": {"2018-07-01": 2}, "speed": 4, "source": "made up"}


def tariff(rate):
    return {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": rate, "source": "made up"}


def played(play, compact, rate, waiting=None, draws=range(1), **changes):
    given = {} if waiting is None else {"goods.postponement": waiting}
    watch = ("bought_now", "put_off", "expected_price", "log_response")
    return play(compact({"policies.war": tariff(rate)} | given | changes), draws, watch=watch)


def machines(run, name):
    return run.months[name][:, run.world.axes.lists.index("machines"), 0]


def us(run, name):
    return run.paths.countries[name][:, run.world.axes.countries.index("us"), 0]


@pytest.mark.parametrize(
    ("price", "expected", "elasticity", "part"),
    [(1.25, 1.25, 3, 0), (1, 1.25, 3, 0), (2, 1, 1, 0.5), (2, 1, 2, 0.75), (1.5, 1.2, 0, 0), (1.5, 1.2, 1, 0.2)],
)
def test_the_part_that_waits_grows_with_the_price_above_what_is_expected(price, expected, elasticity, part):
    found = part_put_off(np.array([[price]]), np.array([[expected]]), np.array([elasticity]))
    np.testing.assert_allclose(found, part, atol=1e-15)


def test_nobody_waits_without_a_rise_or_before_the_first_date_or_at_elasticity_zero(play, compact, different):
    plain = played(play, compact, SPIKE)
    for waiting in (WAITING | {"elasticity": 0}, WAITING | {"elasticity": {"2019-07-01": 2}}):
        other = played(play, compact, SPIKE, waiting)
        assert (other.months["bought_now"] == 1).all()
        assert different(plain.paths, other.paths) == []


def test_a_rise_makes_importers_wait_until_they_take_it_for_granted(play, compact):
    run = played(play, compact, STAYS, WAITING)
    left = np.exp(-4 / 12 * np.arange(21))
    expected = 1.28 * (1.03 / 1.28) ** left
    np.testing.assert_allclose(machines(run, "expected_price")[2:23], expected, rtol=1e-12)
    bought = machines(run, "bought_now")
    assert (bought[:3] == 1).all()
    assert bought[3] == pytest.approx((1.28 / 1.03) ** -2, rel=1e-12)
    assert bought.max() > 1
    assert bought[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("rate", [SPIKE, STAYS])
def test_what_is_put_off_is_made_up_for_to_the_last(play, compact, rate):
    """Over the run as much is bought as without waiting, but for what still waits."""
    plain, run = played(play, compact, rate), played(play, compact, rate, WAITING)
    np.testing.assert_array_equal(plain.months["log_response"], run.months["log_response"])
    missing = us(plain, "imports_bn").sum() - us(run, "imports_bn").sum()
    assert missing == pytest.approx(machines(run, "put_off")[-1], rel=1e-9)
    assert machines(run, "put_off").max() > 1
    assert machines(run, "put_off")[-1] < 0.02 * machines(run, "put_off").max()


def test_a_spike_is_waited_out_and_brings_less(play, compact):
    plain, run = played(play, compact, SPIKE), played(play, compact, SPIKE, WAITING)
    assert us(run, "tariff_revenue_bn").sum() < us(plain, "tariff_revenue_bn").sum()
    bought = machines(run, "bought_now")
    assert bought[3] == pytest.approx((2.03 / 1.03) ** -2)
    assert (bought[4:8] > 1).all()


@pytest.mark.parametrize("pass_through", [1, 0.6])
def test_buyers_keep_what_the_treasury_does_not_get(play, compact, pass_through):
    psi = {"goods.pass_through": pass_through}
    plain = played(play, compact, STAYS, **psi)
    run = played(play, compact, STAYS, WAITING, **psi)
    kept = [us(held, "tariff_revenue_bn") - us(held, "consumer_loss_bn") for held in (plain, run)]
    np.testing.assert_allclose(*kept, rtol=1e-12)
    np.testing.assert_allclose(us(plain, "deadweight_loss_bn"), us(run, "deadweight_loss_bn"), atol=1e-12)
    assert not np.allclose(us(plain, "tariff_revenue_bn"), us(run, "tariff_revenue_bn"), rtol=1e-3)


def test_a_draw_alone_waits_as_it_does_in_a_batch(play, compact):
    waiting = {"elasticity": {"uniform": [0, 3]}, "speed": {"uniform": [1, 9]}, "source": "made up"}
    batch = played(play, compact, SPIKE, waiting, range(20)).months["bought_now"]
    alone = played(play, compact, SPIKE, waiting, range(7, 8)).months["bought_now"]
    np.testing.assert_array_equal(alone[..., 0], batch[..., 7])


def test_with_the_world_around_the_lists_imports_by_origin_move_with_them_and_real_income_does_not(play):
    short = {"months": 90}
    run, plain = (
        play(sim.load("phase_one_2020", set=short | held), range(2))
        for held in ({"goods.postponement": WAITING | {"elasticity": {"2019-01-01": 2}}}, {})
    )
    paths = [held.paths for held in (run, plain)]
    china, here = paths[0].axes.regions.index("china"), paths[0].axes.countries.index("us")
    by_origin = paths[0].trade["imports_bn"][:, china, here] - paths[1].trade["imports_bn"][:, china, here]
    by_list = paths[0].countries["imports_bn"][:, here] - paths[1].countries["imports_bn"][:, here]
    assert np.abs(by_list).max() > 1
    np.testing.assert_allclose(by_origin, by_list, rtol=1e-6, atol=1e-6)
    income = [held.regions["real_income_bn"] for held in paths]
    np.testing.assert_array_equal(*income)


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (WAITING | {"elasticity": -1}, "outside 0 to 50"),
        (WAITING | {"sped": 3}, "unknown key; did you mean speed"),
        ({"speed": 3}, "lacks elasticity"),
    ],
)
def test_a_mistake_is_told(compact, waiting, words):
    with pytest.raises(ScenarioError, match=rf"goods\.postponement.*{words}"):
        compact({"goods.postponement": waiting})
