"""Goods declared as of another origin: how many, what they pay, and who has the duty that they avoid."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.equations.rerouting import detoured, rerouted_in_the_end
from tests.commanding import command, ended

US, CHINA = 0, 1
MACHINES_BN, PHONES_BN, ELASTICITY, BASE, WAR = 500, 100, 2.5, 0.03, 0.25
TARIFF = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": {"2019-01-01": WAR}, "source": "made up"}
FROM = 2
"""First quarter with the tariff."""
THIRD = {"countries.river": {"gdp_bn": 500}}
AT_ONCE = {"goods.adjustment": 10_000}
RIVER = {"lists": ["machines"], "through": "river", "response": 1, "limit": 0.5}
PSI = pytest.mark.parametrize("psi", [1, 0.7])


def routed(route=RIVER, **changes):
    """A world in which machines may go by way of River, of whose goods nobody has a list."""
    settings = {"speed": 10_000, "real_cost": 0.4, "passed_on": 0.3, "source": "made up"} | changes
    return {"goods.rerouting": {"routes": {"river": route}} | settings}


def played(play, compact, *changes, draws=range(1), tariff=TARIFF):
    found = THIRD | AT_ONCE | ({"policies.war": tariff} if tariff else {})
    for change in changes:
        found |= change
    return play(compact(found), draws)


def yearly(run, name, country):
    return 4 * run.paths.countries[f"{name}_bn"][:, country, 0]


def more(run, plain, name, country):
    return yearly(run, name, country) - yearly(plain, name, country)


def bought(rate, psi=1.0):
    """Machines that are bought at a rate, bn a year at the free-trade price."""
    free = MACHINES_BN * (1 + psi * BASE) ** ELASTICITY / (1 - (1 - psi) * BASE)
    return free * (1 + psi * rate) ** -ELASTICITY


PHONES_OF_RIVER = {"goods.lists.phones.exporter": "river"}
NOTHING = {
    "no gap": (routed(), {}, None),
    "no limit": (routed(RIVER | {"limit": 0}), {}, TARIFF),
    "no response": (routed(RIVER | {"response": 0}), {}, TARIFF),
    "the route pays as much": (
        routed(RIVER | {"through": "phones"}), PHONES_OF_RIVER, TARIFF | {"lists": ["machines", "phones"]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOTHING)
def test_without_a_gap_or_goods_that_can_go_nothing_changes_in_any_bit(play, compact, different, case):
    settings, world, tariff = NOTHING[case]
    world = world | {"goods.adjustment": 0.7, "goods.pass_through": {"uniform": [0.6, 1]}}
    runs = [played(play, compact, world, held, draws=range(4), tariff=tariff) for held in ({}, settings)]
    assert different(*(run.paths for run in runs)) == []


ROUND = {
    "lists": ["us_list_1", "us_list_3"], "through": "us_from_vietnam", "response": {"uniform": [0.1, 2]}, "limit": 0.3,
}  # fmt: skip


def in_the_world(route=ROUND, draws=range(6), **changes):
    settings = {"speed": 1.5, "real_cost": {"uniform": [0, 1]}, "passed_on": {"uniform": [0, 1]}}
    held = {} if route is None else {"goods.rerouting": settings | {"routes": {"way": route}, "source": "made up"}}
    return run_batch(sim.load("talks_collapse", {"months": 36} | held | changes), draws, 1)


def test_in_the_general_form_nothing_changes_either_where_none_can_go(different):
    assert different(in_the_world(None), in_the_world(ROUND | {"limit": 0})) == []


@PSI
def test_share_price_duties_and_gains_are_those_of_the_equations(play, compact, psi):
    plain, run = (played(play, compact, held, {"goods.pass_through": psi}) for held in ({}, routed()))
    share, cost = WAR, WAR * WAR / 2
    saved = WAR * share - cost
    rate = BASE + WAR - 0.3 * saved
    now = bought(rate, psi)
    for name, country, expected in (
        ("rerouted", US, share * now),
        ("avoided_duty", US, share * WAR * now),
        ("rerouting_gain", CHINA, (0.7 * saved + 0.6 * cost) * now),
        ("tariff_revenue", US, (BASE + WAR - share * WAR) * now),
        ("exports", CHINA, (1 - (1 - psi) * rate) * now + PHONES_BN),
    ):
        np.testing.assert_allclose(yearly(run, name, country)[FROM:], expected, rtol=1e-9, err_msg=name)
    assert not run.paths.countries["rerouted_bn"][:FROM].any()
    assert not run.paths.countries["rerouting_gain_bn"][:, US].any()
    assert (more(run, plain, "exports", CHINA)[FROM:] > 0).all()
    absorbed = (1 - psi) * rate * now
    np.testing.assert_allclose(yearly(run, "terms_of_trade", CHINA)[FROM:], -absorbed, rtol=1e-9, atol=1e-12)


@PSI
@pytest.mark.parametrize("kept_by", ["exporter", "importer"])
@pytest.mark.parametrize("quota", [None, "50%"])
def test_what_one_side_loses_the_other_has_but_for_the_deadweight_loss(play, compact, psi, kept_by, quota):
    limit = {"kind": "quota", "by": "us", "lists": ["machines"], "limit": quota, "source": "made up"}
    world = {"goods.pass_through": psi} | ({"policies.few": limit} if quota else {})
    plain, run = (played(play, compact, world, held) for held in ({}, routed(RIVER | {"kept_by": kept_by})))
    goods = {"tariff_revenue": 1, "consumer_loss": -1, "terms_of_trade": 1, "licence_rent": 1, "rerouting_gain": 1}
    gained = sum(sign * more(run, plain, name, country) for name, sign in goods.items() for country in (US, CHINA))
    np.testing.assert_allclose(gained[FROM:], -more(run, plain, "deadweight_loss", US)[FROM:], rtol=1e-9, atol=1e-9)
    keeper = CHINA if kept_by == "exporter" else US
    assert (yearly(run, "rerouting_gain", keeper)[FROM:] > 1).all()
    assert not yearly(run, "rerouting_gain", 1 - keeper).any()
    if quota is not None:
        np.testing.assert_allclose(yearly(run, "rerouted", US)[FROM:], WAR * 0.5 * bought(BASE, psi), rtol=1e-9)


def test_gains_of_traders_in_the_country_on_the_way_leave_both_others(play, compact):
    """River has no accounts here: what its traders keep is what is missing."""
    ours, theirs = (played(play, compact, routed(RIVER | {"kept_by": who})) for who in ("exporter", "through"))
    np.testing.assert_array_equal(more(ours, theirs, "rerouting_gain", CHINA), yearly(ours, "rerouting_gain", CHINA))
    assert yearly(ours, "rerouting_gain", CHINA)[-1] > 1
    for name in ("tariff_revenue", "consumer_loss", "deadweight_loss", "rerouted"):
        np.testing.assert_array_equal(yearly(ours, name, US), yearly(theirs, name, US))


def test_a_wider_gap_sends_more_goods_round_up_to_the_limit(play, compact):
    rates = [0.01, 0.05, 0.2, 0.4, 0.7, 1.5]
    parts = []
    for rate in rates:
        run = played(play, compact, routed(), tariff=TARIFF | {"rate": {"2019-01-01": f"{rate:.0%}"}})
        parts.append(yearly(run, "rerouted", US)[-1] / (yearly(run, "exports", CHINA)[-1] - PHONES_BN))
    np.testing.assert_allclose(parts, np.minimum(rates, 0.5), rtol=1e-9)


@PSI
@pytest.mark.parametrize("there", [0, 0.1])
def test_if_all_goods_go_round_at_no_cost_they_pay_the_tariff_of_the_third_country(play, compact, psi, there):
    """A cost that is nearly nothing, 1 / 2000 of value, is as a tariff of that height whose revenue is lost."""
    world = {"goods.pass_through": psi} | PHONES_OF_RIVER
    there_too = {"policies.there": TARIFF | {"lists": ["phones"], "rate": {"2019-01-01": there}}} if there else {}
    route = RIVER | {"through": "phones", "response": 1000, "limit": 1}
    run = played(play, compact, world, there_too, routed(route, passed_on=1, real_cost=1))
    low = {"rate": {"2019-01-01": there + 0.0005}}
    plain = played(play, compact, world, there_too, tariff=TARIFF | low)
    for name, country in (("consumer_loss", US), ("exports", CHINA), ("terms_of_trade", CHINA)):
        np.testing.assert_allclose(yearly(run, name, country), yearly(plain, name, country), rtol=1e-9, err_msg=name)
    fewer = yearly(plain, "tariff_revenue", US) - 0.0005 * bought(BASE + there + 0.0005, psi)
    np.testing.assert_allclose(yearly(run, "tariff_revenue", US)[FROM:], fewer[FROM:], rtol=1e-9)


def test_goods_turn_to_a_route_in_time_and_back_at_once(play, compact):
    war = TARIFF | {"rate": {"2018-10-01": WAR, "2019-10-01": 0.1}}
    run = played(play, compact, routed(speed=2), tariff=war)
    part = yearly(run, "rerouted", US) / (yearly(run, "exports", CHINA) - PHONES_BN)
    assert (np.diff(part[1:5]) > 0).all()
    assert part[1] < 0.06
    assert part[4] > 0.19
    np.testing.assert_allclose(part[5:], 0.1, rtol=1e-9)


def test_routes_that_could_take_more_than_all_goods_share_them(play, compact):
    routes = {name: RIVER | {"through": name, "response": 1000, "limit": 0.8} for name in ("river", "lake")}
    settings = routed() | {"countries.lake": {"gdp_bn": 9}}
    settings["goods.rerouting"] = settings["goods.rerouting"] | {"routes": routes}
    run = played(play, compact, settings)
    part = yearly(run, "rerouted", US) / (yearly(run, "exports", CHINA) - PHONES_BN)
    np.testing.assert_allclose(part[FROM:], 1, rtol=1e-9)


@pytest.mark.parametrize("kept_by", ["exporter", "through", "importer"])
def test_real_income_of_regions_is_the_sum_of_its_parts_and_declared_imports_are_as_many_as_true_ones(kept_by):
    changes = {"goods.pass_through": 0.8}
    plain, run = (in_the_world(route, **changes) for route in (None, ROUND | {"kept_by": kept_by}))
    parts = {"tariff_revenue": 1, "consumer_loss": -1, "terms_of_trade": 1, "rerouting_gain": 1}
    axes = run.axes
    for country in ("us", "china"):
        c, r = axes.countries.index(country), axes.regions.index(country)
        told = run.regions["real_income_bn"][:, r] - plain.regions["real_income_bn"][:, r]
        found = sum(sign * (run.countries[f"{n}_bn"] - plain.countries[f"{n}_bn"])[:, c] for n, sign in parts.items())
        np.testing.assert_allclose(told, found, rtol=1e-9, atol=1e-9)
    income = (run.regions["real_income_bn"] - plain.regions["real_income_bn"])[-1]
    if kept_by == "through":
        assert (income[axes.regions.index("asean")] > 0).all()
    true, declared = (run.trade[f"{name}_bn"] for name in ("imports", "declared"))
    np.testing.assert_allclose(declared.sum(axis=1), true.sum(axis=1), rtol=1e-12)
    us = axes.countries.index("us")
    moved = run.countries["rerouted_bn"][:, us]
    for region, sign in (("china", -1), ("asean", 1)):
        r = axes.regions.index(region)
        np.testing.assert_allclose((declared - true)[:, r, us], sign * moved, rtol=1e-9, atol=1e-9)
    assert (moved[-1] > 0.1).all()
    np.testing.assert_array_equal(plain.trade["declared_bn"], plain.trade["imports_bn"])


def test_a_draw_alone_goes_round_as_it_does_in_a_batch():
    """Draws in which all, some and none can go, side by side."""
    unsure = ROUND | {"limit": {"choice": [0, 0.05, 0.6]}}
    batch, alone = in_the_world(unsure, range(12)), in_the_world(unsure, range(7, 8))
    moved = batch.countries["rerouted_bn"][-1, US]
    assert (moved > 0).any()
    assert (moved == 0).any()
    for table in ("countries", "regions", "trade"):
        for name, values in getattr(batch, table).items():
            np.testing.assert_array_equal(getattr(alone, table)[name][..., 0], values[..., 7], err_msg=name)


def test_what_is_avoided_is_divided_up_without_a_rest_and_nobody_goes_round_at_a_loss():
    rng = np.random.default_rng(3)
    gap = rng.uniform(-0.3, 1.5, (3, 4, 500))
    response, limit = rng.uniform(0, 5, (3, 1, 500)), rng.uniform(0, 1, (3, 4, 500))
    tariff, split = rng.uniform(0, 1.5, (4, 500)), rng.uniform(0, 1, (2, 500))
    goal = rerouted_in_the_end(gap, response, limit)
    assert (goal.sum(axis=0) <= 1 + 1e-12).all()
    assert not goal[gap <= 0].any()
    held = detoured(tariff, gap, goal * rng.uniform(0, 1, goal.shape), response, (split[0], split[1]))
    to_buyers = tariff - held.priced
    np.testing.assert_allclose(held.avoided.sum(axis=0), to_buyers + (held.kept + held.wasted).sum(axis=0), atol=1e-12)
    for part in (held.kept, held.wasted, to_buyers):
        assert (part >= -1e-15).all()


MISTAKES = [
    ("through: us_from_vietnm", "through", "did you mean us_from_vietnam?"),
    ("through: marss", "through", "there is no list, country or region 'marss'"),
    ("through: us", "through", "us imports the goods itself"),
    ("through: china", "through", "us has lists of goods from china"),
    ("through: asean", "through", "expected one of them: us_from_vietnam"),
    ("through: us_list_2", "lists.0", "us_list_1 comes from china, which the route is through"),
    ("through: china_other", "through", "china imports china_other"),
    ("limit: 120%", "limit", "outside 0 to 1"),
    ("limit: -10%", "limit", "outside 0 to 1"),
    ("response: -1", "response", "outside 0 to 1000"),
    ("kept_by: vietnam", "kept_by", "known: exporter, importer, through"),
    ("lists: [us_list_1, china_other]", "lists.1", "china imports china_other, and us the goods before it"),
    ("lists: [us_list_1, us_list_1]", "lists.1", "already"),
    ("lists: [us_list_9]", "lists.0", "did you mean us_list_"),
    ("lists: []", "lists", "at least 1"),
]


@pytest.mark.parametrize(("mistake", "where", "words"), MISTAKES, ids=[mistake for mistake, *_ in MISTAKES])
def test_a_mistake_is_told_with_its_line_and_what_was_expected(tmp_path, mistake, where, words):
    field, _, _ = mistake.partition(":")
    route = {"lists": "[us_list_1]", "through": "us_from_vietnam", "response": "0.1", "limit": "10%"}
    held = ", ".join([f"{name}: {value}" for name, value in route.items() if name != field] + [mistake])
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: base_2018\ntitle: Mine\ngoods:\n  rerouting:\n"
        '    {speed: 1, real_cost: 0.5, passed_on: 0.5, source: "assumption: made up", routes: {way: {'
        + held
        + "}}}\n",
        "utf-8",
    )
    said = ended("check", path)
    assert said.returncode == 2
    told = [
        line for line in said.stderr.splitlines() if line.startswith(f"{path}:5: goods.rerouting.routes.way.{where}: ")
    ]
    assert len(told) == 1, said.stderr
    assert words in " ".join(said.stderr.split())


def test_no_list_takes_a_route_twice(tmp_path):
    way = "{lists: [us_list_1], through: us_from_vietnam, response: 0.1, limit: 10%}"
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: base_2018\ntitle: Mine\ngoods:\n  rerouting:\n    speed: 1\n    real_cost: 0.5\n    passed_on: 0.5\n"
        f'    source: "assumption: made up"\n    routes:\n      one: {way}\n      two: {way}\n',
        "utf-8",
    )
    said = ended("check", path)
    assert said.returncode == 2
    assert f"{path}:11: goods.rerouting.routes.two.lists.0: us_list_1 goes through us_from_vietnam" in said.stderr


@pytest.mark.depth
def test_the_command_runs_routes_and_the_doctor_finds_nothing_wrong(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "extends: talks_collapse\ntitle: By way of Vietnam\nquestion: Who has the duty?\nmonths: 36\ngoods:\n"
        "  rerouting:\n    speed: 2\n    real_cost: 0.5\n    passed_on: 0.5\n    source: 'assumption: made up'\n"
        "    routes:\n      vietnam: {lists: [us_list_3], through: us_from_vietnam, response: 0.5, limit: 20%}\n",
        "utf-8",
    )
    said = command("run", mine, "--draws", "4", "--out", tmp_path / "out", "--no-charts", "--json")
    assert said.returncode == 0, said.stderr
    kpis = sim.read(tmp_path / "out" / "mine").kpis
    assert (kpis["avoided_duty_us_cum_bn"] > 0.1).all()
    assert (kpis["rerouting_gain_china_cum_bn"] > 0.01).all()
    assert not kpis["rerouted_china_cum_bn"].any()
    assert ended("doctor", mine, "--draws", "3").returncode == 0
