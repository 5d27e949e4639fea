"""Tariffs on goods lists and on hardware: layers add up, cuts scale what has been set."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.model.minds.world_responses import rates_differ_by_draw

RISING = {"2018-10-01": "10%", "2019-06-01": "25%"}


def on(levers, name):
    return levers.tariff_layer[levers.axes.lists.index(name)]


@pytest.mark.parametrize(("month", "expected"), [(2, 0), (3, 0.1), (10, 0.1), (11, 0.25), (30, 0.25)])
def test_a_tariff_has_the_rate_of_the_last_date_that_has_come(levers, instrument, turn, month, expected):
    instrument(kind="tariff", lists=["machines"], rate=RISING).apply(levers, turn(month))
    np.testing.assert_array_equal(on(levers, "machines"), expected)


def test_a_tariff_touches_only_its_lists(levers, instrument, turn, changed):
    instrument(kind="tariff", lists=["machines", "soybeans"], rate="25%").apply(levers, turn())
    assert set(changed()) == {"tariff_layer"}
    assert not on(levers, "phones").any()
    np.testing.assert_array_equal(on(levers, "soybeans"), 0.25)


def test_layers_add_up(levers, instrument, turn):
    for rate in ("25%", "7.5%"):
        instrument(kind="tariff", lists=["machines"], rate=rate).apply(levers, turn())
    np.testing.assert_allclose(on(levers, "machines"), 0.325)


@pytest.mark.parametrize(("cut", "left"), [("0%", 0.2), ("50%", 0.1), ("100%", 0.0)])
def test_a_cut_takes_its_part_of_all_layers(levers, instrument, turn, cut, left):
    for rate in ("15%", "5%"):
        instrument(kind="tariff", lists=["machines"], rate=rate).apply(levers, turn())
    instrument(kind="tariff_cut", lists=["machines"], cut=cut).apply(levers, turn())
    np.testing.assert_allclose(on(levers, "machines"), left)


def test_draws_in_which_a_tariff_is_not_in_force_are_left_alone(levers, instrument, turn):
    instrument(kind="tariff", lists=["machines"], rate="25%").apply(levers, turn(active=[True, False, True]))
    instrument(kind="tariff_cut", lists=["machines"], cut="100%").apply(levers, turn(active=[True, True, False]))
    np.testing.assert_array_equal(on(levers, "machines"), [0, 0, 0.25])


def test_a_tariff_above_the_whole_price_is_possible(levers, instrument, turn):
    instrument(kind="tariff", lists=["machines"], rate="145%").apply(levers, turn())
    np.testing.assert_array_equal(on(levers, "machines"), 1.45)


def test_a_hardware_tariff_counts_by_where_the_hardware_comes_from(levers, instrument, turn, changed):
    instrument(kind="hardware_tariff", market="us", rate="25%", origin_share=0.2).apply(levers, turn())
    assert set(changed()) == {"hardware_tariff"}
    us = levers.axes.markets.index("us")
    np.testing.assert_allclose(levers.hardware_tariff[us], 0.05)
    assert not levers.hardware_tariff[1 - us].any()


def test_a_hardware_cut_takes_its_part_where_it_is_in_force(levers, instrument, turn):
    instrument(kind="hardware_tariff", market="us", rate="25%", origin_share=0.2).apply(levers, turn())
    instrument(kind="hardware_tariff_cut", market="us", cut="40%").apply(levers, turn(active=[True, False, False]))
    np.testing.assert_allclose(levers.hardware_tariff[levers.axes.markets.index("us")], [0.03, 0.05, 0.05])


@pytest.mark.parametrize(("by_tariff", "by_cut"), [("us", "us"), (None, "us"), ("us", None)])
@pytest.mark.parametrize("cut_first", [True, False])
def test_a_cut_cuts_whoever_set_the_tariff_and_in_whatever_order(play, compact, by_tariff, by_cut, cut_first):
    tariff = {"kind": "tariff", "lists": ["machines"], "rate": "20%", "source": "made up"}
    cut = {"kind": "tariff_cut", "lists": ["machines"], "cut": "50%", "source": "made up"}
    tariff |= {"by": by_tariff} if by_tariff else {}
    cut |= {"by": by_cut} if by_cut else {}
    written = (
        {"policies.one": cut, "policies.two": tariff} if cut_first else {"policies.one": tariff, "policies.two": cut}
    )
    levers = play(compact(written | {"months": 6}), range(1)).world.levers
    np.testing.assert_array_equal(on(levers, "machines"), 0.1)


def test_rules_of_a_policy_that_has_ended_are_those_of_before(play, compact):
    tariff = {"kind": "tariff", "lists": ["machines"], "rate": "20%", "starts": "2018-09-01", "ends": "2019-03-01"}
    run = play(compact({"policies.war": tariff | {"source": "made up"}}), range(1), watch=("tariff_layer",))
    machines = run.months["tariff_layer"][:, run.world.axes.lists.index("machines"), 0]
    np.testing.assert_array_equal(machines, [0] * 2 + [0.2] * 6 + [0] * 16)
    assert [month for month, *_ in run.happened("policy in force")] == [2]
    assert [month for month, *_ in run.happened("policy ends")] == [8]


WORLD = {
    "goods.lists.machines.sectors": {"electronics": 0.25, "other_goods": 0.75},
    "goods.lists.phones.sectors": {"electronics": 1},
    "goods.lists.soybeans.sectors": {"farm_and_food": 1},
}
"""Sectors of the lists of the compact world."""


def layers(compact, build, turn, settings):
    """Layers on machines, phones and soybeans under one policy after another."""
    scenario = compact(WORLD | {f"policies.p{n}": held | {"source": "made up"} for n, held in enumerate(settings)})
    levers = build(scenario, range(3)).levers
    for policy in scenario.policies.values():
        policy.apply(levers, turn())
    return levers.tariff_layer[:, 0].tolist()


@pytest.mark.parametrize(
    ("border", "rates"),
    [
        ({"by": "us", "sectors": "electronics"}, [0.05, 0.2, 0]),
        ({"by": "us", "sectors": ["electronics", "other_goods"]}, [0.2, 0.2, 0]),
        ({"by": "us", "sectors": "farm_and_food", "origins": "all"}, None),
        ({"by": "us", "origins": "china"}, [0.2, 0.2, 0]),
        ({"by": "us", "origins": "all"}, [0.2, 0.2, 0]),
        ({"by": "china", "origins": ["us"], "sectors": "all"}, [0, 0, 0.2]),
    ],
)
def test_a_tariff_by_sector_and_origin_falls_on_the_part_of_each_list(compact, build, turn, border, rates):
    tariff = {"kind": "tariff", "rate": "20%", **border}
    if rates is None:
        with pytest.raises(ScenarioError, match="us cannot set tariffs on goods of farm_and_food, only china can"):
            layers(compact, build, turn, [tariff])
        return
    assert layers(compact, build, turn, [tariff]) == rates


def test_a_cut_by_sector_takes_its_part_of_what_is_on_the_list(compact, build, turn):
    tariff = {"kind": "tariff", "by": "us", "lists": ["machines", "phones"], "rate": "20%"}
    cut = {"kind": "tariff_cut", "by": "us", "sectors": "electronics", "cut": "40%"}
    np.testing.assert_allclose(layers(compact, build, turn, [tariff, cut]), [0.2 * 0.9, 0.2 * 0.6, 0])


def test_a_tariff_on_all_goods_of_an_origin_is_one_on_its_lists_to_the_bit(play, compact, different):
    by_name = {"kind": "tariff", "by": "us", "lists": ["machines", "phones"], "rate": RISING, "source": "made up"}
    by_origin = {"kind": "tariff", "by": "us", "origins": "china", "rate": RISING, "source": "made up"}
    one, other = (play(compact({"policies.war": held}), range(2)).paths for held in (by_name, by_origin))
    assert not different(one, other)


EXEMPT = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "20%", "exempt_share": {"2019-01-01": "50%"}}


@pytest.mark.parametrize(("month", "rate"), [(0, 0.2), (5, 0.2), (6, 0.1), (30, 0.1)])
def test_what_is_exempt_pays_nothing_from_its_day_on(levers, instrument, turn, month, rate):
    instrument(**EXEMPT).apply(levers, turn(month))
    np.testing.assert_allclose(on(levers, "machines"), rate, rtol=1e-14)


def test_an_exempt_share_is_a_lower_rate_to_the_bit(play, compact, different):
    rates = {"2018-10-01": "20%", "2019-01-01": "10%"}
    plain = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": rates, "source": "made up"}
    exempt = EXEMPT | {"rate": {"2018-10-01": "20%"}, "source": "made up"}
    one, other = (play(compact({"policies.war": held}), range(2)) for held in (plain, exempt))
    assert different(one.paths, other.paths) == []
    assert one.paths.countries["tariff_revenue_bn"][-1, 0, 0] > 0


def test_an_uncertain_exempt_share_lets_rates_differ_by_draw(compact):
    uncertain = EXEMPT | {"exempt_share": {"uniform": ["0%", "50%"]}, "source": "made up"}
    assert rates_differ_by_draw(compact({"policies.war": uncertain}))
    assert not rates_differ_by_draw(compact({"policies.war": EXEMPT | {"source": "made up"}}))
