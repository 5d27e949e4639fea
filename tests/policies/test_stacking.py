"""Tariffs of several authorities on one list: they add up, exclude or replace each other, or end at a ceiling."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.model.minds.rules_in_force import in_force, rules_in
from sim.model.start.base_world import build_world
from sim.scenario.loading import changed
from sim.timeline import Timeline

BASE = 0.03
"""Base rate of machines in the compact world."""


def tariff(authority, rate, **settings):
    named = {} if authority is None else {"authority": authority}
    return {"kind": "tariff", "lists": ["machines"], "rate": rate, "source": "made up", **named, **settings}


def stacked(compact, policies, rules=(), draws=range(3), month=0):
    """Layer on machines in a month, under rules and policies as they come."""
    written = {f"policies.p{number}": held for number, held in enumerate(policies)}
    written |= {f"goods.stacking.r{number}": {"by": "us"} | held for number, held in enumerate(rules)}
    scenario = compact(written)
    world, timeline = build_world(scenario, Draws(1, draws)), Timeline(scenario.calendar)
    levers = rules_in(timeline, world, month, lambda name, policy: in_force(timeline, world, name, policy, month))
    return levers.tariff_layer[world.axes.lists.index("machines")]


FEES, METALS = tariff("fees", "10%"), tariff("metals", "25%")
HIGHER = {"kind": "exclude", "authorities": ["fees", "metals"]}
FIRST = HIGHER | {"holds": "first"}
INSTEAD = {"kind": "replace", "authority": "metals", "replaces": "fees"}


@pytest.mark.parametrize(
    ("policies", "rules", "layer"),
    [
        ([FEES, METALS], [], 0.35),
        ([FEES, METALS], [HIGHER], 0.25),
        ([METALS, FEES], [HIGHER], 0.25),
        ([FEES, METALS], [FIRST], 0.1),
        ([tariff("fees", "0%"), METALS], [FIRST], 0.25),
        ([FEES, METALS], [INSTEAD], 0.25),
        ([FEES, tariff("metals", "0%")], [INSTEAD], 0.1),
        ([FEES, METALS, tariff(None, "5%")], [HIGHER], 0.3),
        ([FEES, FEES, tariff("metals", "15%")], [HIGHER], 0.2),
        ([FEES, METALS], [{"kind": "cap", "cap": "15%"}], 0.15 - BASE),
        ([FEES, METALS], [{"kind": "cap", "cap": "1%"}], 0),
        ([FEES, METALS], [{"kind": "cap", "cap": "50%"}], 0.35),
        ([FEES, METALS, tariff(None, "5%")], [{"kind": "cap", "cap": "13%", "authorities": "fees"}], 0.1 + 0.25 + 0.05),
        ([FEES, METALS, tariff(None, "5%")], [{"kind": "cap", "cap": "8%", "authorities": "fees"}], 0.05 + 0.25 + 0.05),
        ([FEES, METALS], [HIGHER, {"kind": "cap", "cap": "20%"}], 0.2 - BASE),
        ([FEES, METALS], [{"kind": "cap", "cap": "15%", "origins": "us"}], 0.35),
        ([FEES, METALS], [HIGHER | {"by": "china"}], None),
    ],
)
def test_layers_stack_as_the_rules_say(compact, policies, rules, layer):
    if layer is None:
        with pytest.raises(ScenarioError, match="no tariff of china has the authority 'fees'; give tariffs an"):
            stacked(compact, [held | {"by": "us"} for held in policies], rules)
        return
    np.testing.assert_allclose(stacked(compact, policies, rules), layer, rtol=1e-12)


def cut(part, **settings):
    return {"kind": "tariff_cut", "lists": ["machines"], "cut": part, "source": "made up", **settings}


@pytest.mark.parametrize(
    ("cuts", "rules", "layer"),
    [
        ([cut("50%")], [], 0.175),
        ([cut("50%", authority="metals")], [], 0.1 + 0.125),
        ([cut("100%", authority="metals")], [], 0.1),
        ([cut("80%", authority="metals")], [HIGHER], 0.1),
        ([cut("50%")], [HIGHER], 0.125),
        ([cut("50%")], [{"kind": "cap", "cap": "20%"}], 0.2 - BASE),
        ([cut("50%")], [{"kind": "cap", "cap": "23%"}], 0.175),
    ],
)
def test_cuts_act_on_the_layers_before_they_are_stacked(compact, cuts, rules, layer):
    np.testing.assert_allclose(stacked(compact, [FEES, METALS, *cuts], rules), layer, rtol=1e-12)


def test_the_higher_one_holds_in_each_draw_alike_alone_and_in_a_batch(compact):
    policies = [tariff("fees", {"uniform": ["0%", "50%"]}), METALS]
    fees = stacked(compact, [tariff("fees", {"uniform": ["0%", "50%"]})], draws=range(40))
    both = stacked(compact, policies, [HIGHER], draws=range(40))
    assert 0 < np.count_nonzero(fees > 0.25) < len(fees)
    np.testing.assert_array_equal(both, np.maximum(fees, 0.25))
    assert stacked(compact, policies, [HIGHER], draws=[17])[0] == both[17]


def test_authorities_without_rules_change_no_bit(compact):
    rates = [0.1, 0.2, 0.7, 0.3]
    plain = stacked(compact, [tariff(None, rate) for rate in rates])
    np.testing.assert_array_equal(plain, stacked(compact, [tariff("any", rate) for rate in rates]))
    assert plain[0] == 0.1 + 0.2 + 0.7 + 0.3


def test_a_dated_ceiling_comes_on_its_day_in_a_run_as_well(play, compact):
    ceiling = {"kind": "cap", "by": "us", "cap": {"2018-12-01": "15%", "2019-03-01": "400%"}}
    scenario = compact({"policies.one": FEES, "policies.other": METALS, "goods.stacking.ceiling": ceiling})
    run = play(scenario, range(1), watch=("tariff_layer",))
    machines = run.months["tariff_layer"][:, run.world.axes.lists.index("machines"), 0]
    np.testing.assert_allclose(machines, [0.35] * 5 + [0.15 - BASE] * 3 + [0.35] * 16)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            HIGHER | {"authorities": ["fees", "metal"]},
            "r0.authorities.1: no tariff of us has the authority 'metal'; did",
        ),
        (HIGHER | {"authorities": ["fees"]}, "expected at least 2 in the list, found 1"),
        (HIGHER | {"authorities": ["fees", "fees"]}, "r0.authorities.1: fees stands in this list already"),
        (HIGHER | {"by": "chna"}, "'chna' is not in countries; did you mean china"),
        (INSTEAD | {"authority": "metals", "replaces": "metals"}, "metals cannot take the place of itself"),
        (
            INSTEAD | {"replaces": "feess"},
            "replaces.0: no tariff of us has the authority 'feess'; did",
        ),
        ({"kind": "cap", "cap": "15%", "origins": "chin"}, "no country or region 'chin'; did you mean china"),
        ({"kind": "capp", "cap": "15%"}, "unknown kind 'capp'; did you mean cap"),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_the_nearest_name(compact, rule, words):
    with pytest.raises(ScenarioError, match=words):
        stacked(compact, [FEES, METALS], [rule])


def test_a_cut_of_an_authority_without_tariffs_is_refused(compact):
    with pytest.raises(ScenarioError, match=r"p2.authority: no tariff has the authority 'metall'; did you mean metals"):
        stacked(compact, [FEES, METALS, cut("50%", authority="metall")])


def test_rules_survive_writing_out(compact):
    scenario = compact({"policies.a": FEES, "policies.b": METALS, "goods.stacking.one": HIGHER | {"by": "us"}})
    assert changed(scenario, {"months": 24}).goods.stacking == scenario.goods.stacking


def test_without_rules_layers_add_up_in_the_order_of_today_to_the_bit(compact):
    """A cut of one authority needs layers by authority; what it does not touch keeps its bits."""
    held = [tariff(name, rate) for name, rate in (("fees", 0.05), ("metals", 0.1), ("fees", 0.2))]
    plain = stacked(compact, held)
    nothing = [tariff("suspended", "24%"), cut("100%", authority="suspended")]
    np.testing.assert_array_equal(plain, stacked(compact, [*held, *nothing]))
    assert plain[0] != 0.05 + 0.2 + 0.1
