"""Vendors that sell in several ways at once: nothing is lost between channels, and each is worth what it brings."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.equations.nests import sales_of_channel
from sim.model.minds.channel_changes import Cells
from sim.model.minds.reckoning import reckon
from sim.model.minds.zone_room import zone_limit

UNLIKE = {"partners.ferry.contracts.falcon.fee": 0.05}
"""Falcon's partners take 15 % and 5 %."""
OWNED = {"fixed_cost_bn": 0.05, "sunk_cost_bn": 9, "quality_penalty": 0, "needs_licence": True, "build_months": 3}
ALIKE = {"presence.zone": OWNED, "presence.owned": OWNED, "zones.harbour.capacity_units": 1e4}
CHINA = 0


def rows_of(world, *names):
    return [world.axes.channels.index(name) for name in names]


# Partners side by side ------------------------------------------------------------------------------------------------


def test_partners_with_unlike_fees_are_priced_together_at_one_and_keep_their_parts(play, compact):
    """At the base date and for as long as nothing moves."""
    run = play(compact(UNLIKE), range(1), watch=("price", "sales"))
    rows = rows_of(run.world, "falcon.china.bridge", "falcon.china.ferry")
    np.testing.assert_allclose(run.months["price"][:, rows], 1, rtol=1e-11)
    cost, fee = run.world.base.cost[rows, 0], run.world.base.fee[rows, 0]
    assert 1 - fee[0] - cost[0] != pytest.approx(1 - fee[1] - cost[1], rel=1e-3), "margins do not differ"
    np.testing.assert_allclose(run.months["sales"][:, rows, 0].T / run.of("sales", "falcon", "china")[:, 0],
                               np.array([[0.6], [0.4]]) * np.ones((2, 24)), rtol=1e-10)  # fmt: skip


def test_each_partner_earns_its_fee_on_what_is_sold_through_it(play, compact):
    run = play(compact(UNLIKE | {"demand.budget_shock_sd": 0.1}), range(4), watch=("sales",))
    paid = (run.world.base.fee * run.months["sales"]).reshape(8, 3, -1, 4).sum(axis=1) / 12
    bridge, ferry = (
        paid[:, [row for row, name in enumerate(run.world.axes.channels) if name.endswith(f".{partner}")]].sum(axis=1)
        for partner in ("bridge", "ferry")
    )
    np.testing.assert_allclose(run.paths.partners["income_bn"], np.stack([bridge, ferry], axis=1), rtol=1e-11)


def test_a_vendor_with_two_like_partners_is_as_one_with_one_but_for_what_another_contract_costs(play, compact):
    """Eagle and Falcon are twins in a market that moves; Falcon has two partners."""
    shock = {
        "kind": "hardware_tariff", "market": "china", "rate": {"2018-10-01": "30%"}, "origin_share": 1, "source": "x",
    }  # fmt: skip
    paths = play(compact({"policies.shock": shock, "months": 36}), range(2)).paths.vendors
    eagle, falcon = ({name: values[:, v, CHINA] for name, values in paths.items()} for v in (0, 1))
    for name in ("revenue_bn", "price", "share", "capacity_units"):
        np.testing.assert_allclose(falcon[name], eagle[name], rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(falcon["profit_bn"], eagle["profit_bn"] - 0.004 / 4, rtol=1e-9)


def test_customers_come_to_the_channel_that_they_would_choose_now_at_the_yearly_rate(build, compact):
    """Contracts in disorder: each group's distance from its choice falls to 90 % in a year, and nothing is lost."""
    world = build(compact({"demand.contract_churn": 0}), range(2))
    here = world.sellers[CHINA]
    places = [here.tolist().index(row) for row in rows_of(world, "falcon.china.bridge", "falcon.china.ferry")]
    whole = world.revenue[CHINA][places].sum(axis=0)
    world.revenue[CHINA][places] = np.stack([0.1 * whole, 0.9 * whole])
    for _ in range(12):
        own, pull = world.revenue[CHINA][places], world.attraction[CHINA][places]
        moved = sales_of_channel(own, own.sum(axis=0), pull, pull.sum(axis=0), world.channel_churn_month)
        world.revenue[CHINA][places] = moved
    found = world.revenue[CHINA][places]
    np.testing.assert_allclose(found[0], (0.6 - 0.5 * 0.9) * whole, rtol=1e-9)
    np.testing.assert_allclose(found.sum(axis=0), whole, rtol=1e-12)


@pytest.mark.parametrize("further", [(), ("falcon.china.owned",)])
def test_a_channel_that_closes_leaves_customers_capacity_and_orders_to_the_vendors_others(build, compact, further):
    world = build(compact({"markets.china.rules.equity_cap": 1}), range(3))
    v, some = world.axes.vendors.index("falcon"), np.array([True, False, True])
    rows = list(world.channels.of(v, CHINA))
    for row in rows_of(world, *further):
        world.open(row, world.everywhere)
    [ferry] = rows_of(world, "falcon.china.ferry")

    def held():
        stocks = (world.capacity, world.on_order, world.sales, np.moveaxis(world.pipeline, 0, 1))
        return [stock[rows].copy() for stock in stocks] + [world.of_channels(world.revenue, rows)]

    before, here = held(), Cells.where(world, CHINA, [v], some[None])
    world.close_in(CHINA, here.rows, here.draw, here.rows == ferry)
    np.testing.assert_array_equal(world.active[ferry], ~some)
    for old, new in zip(before, held(), strict=True):
        assert old[rows.index(ferry)].any()
        np.testing.assert_allclose(new.sum(axis=0), old.sum(axis=0), rtol=1e-12)
        assert not new[rows.index(ferry)][..., some].any()
        np.testing.assert_array_equal(new[..., ~some], old[..., ~some])


def test_capacity_without_contracts_goes_to_the_first_channel_left_in_each_draw(build, compact):
    """Which one that is does not depend on what is left in other draws."""
    world = build(compact({"markets.china.rules.equity_cap": 1}), range(2))
    v, [bridge, ferry, owned] = world.axes.vendors.index("falcon"), rows_of(world, *(
        f"falcon.china.{way}" for way in ("bridge", "ferry", "owned")
    ))  # fmt: skip
    world.active[bridge, 1] = False
    world.open(owned, world.everywhere)
    world.revenue[CHINA][:] = 0.0
    here, before = Cells.where(world, CHINA, [v], world.everywhere[None]), world.capacity.copy()
    world.close_in(CHINA, here.rows, here.draw, here.rows == ferry)
    gained = world.capacity - before
    np.testing.assert_allclose(gained[bridge], [before[ferry, 0], 0])
    np.testing.assert_allclose(gained[owned], [0, before[ferry, 1]])


# Zones beside partners ------------------------------------------------------------------------------------------------


def reckoned(play, compact, pilot, reach, **changes):
    """What Eagle reckons when a zone has opened, by option: what is opened, and whether in the place of all others.

    Moving is so dear that nobody has taken the zone's slots.
    """
    dear = {"months": 6, "presence.zone.sunk_cost_bn": 9}
    scenario = compact(dear | pilot(reach=dict.fromkeys(("enterprise", "government"), reach)) | changes)
    world = play(scenario, range(1)).world
    found = reckon(world, world.axes.vendors.index("eagle"), CHINA, 5)
    names = {row: world.axes.channels[row].rpartition(".")[2] for row in range(len(world.channels.rows))}
    return {
        (names.get(option.opens), bool(option.closes)): gain.item()
        for option, gain in zip(found.options, found.gain, strict=True)
    }


def test_a_zone_is_worth_more_the_more_customers_it_reaches_and_the_more_room_it_has(play, compact, pilot):
    by_reach = [reckoned(play, compact, pilot, reach) for reach in (0.1, 0.4, 0.7, 1)]
    room = [reckoned(play, compact, pilot, 0.7, **{"zones.harbour.capacity_units": units}) for units in (0.1, 1, 4)]
    for beside in (("harbour", False), ("harbour", True)):
        for found in (by_reach, room):
            values = [gain[beside] for gain in found]
            assert values == sorted(values)
            assert values[0] < values[-1]
    for gain in by_reach[:3]:
        assert gain["harbour", False] > gain["harbour", True], "a partner is worth keeping for those out of reach"


def test_a_zone_for_everybody_is_worth_what_data_centres_anywhere_are_worth(play, compact, pilot):
    changes = ALIKE | {"markets.china.rules.equity_cap": 1, "presence.cross_border.sunk_cost_bn": 9}
    found = reckoned(play, compact, pilot, 1, **changes)
    for closes in (False, True):
        assert found["harbour", closes] == pytest.approx(found["owned", closes], rel=1e-12)
    part = reckoned(play, compact, pilot, 0.5, **changes)
    assert part["harbour", True] < part["owned", True]


@pytest.fixture(scope="module")
def full(play, compact, pilot):
    """A zone with room for a part of those who want it, kept beside partners, and one with room for all."""
    reach = {"enterprise": 0.8, "government": 0.8}
    held = ("price", "sales", "shares", "budget", "unmet", "capacity")
    settings = pilot(reach=reach) | {"months": 60, "presence.zone.fixed_cost_bn": 0, "presence.zone.sunk_cost_bn": 0}
    return [play(compact(settings | {"zones.harbour.capacity_units": units}), range(1), watch=held)
            for units in (0.8, 100)]  # fmt: skip


def test_a_zone_that_is_full_is_dear_and_turns_hardly_anybody_away(full):
    small, large = full
    [row] = rows_of(small.world, "eagle.china.harbour")
    asked = (small.months["shares"][:, row] * small.months["budget"][:, CHINA]).sum(axis=1)[:, 0]
    room = zone_limit(small.world, row, 0)[0] * small.months["price"][:, row, 0]
    used = small.months["active"][:, row, 0]
    assert used[-1]
    assert large.months["sales"][-1, row, 0] > 1.2 * room[-1], "there is room for all who would come"
    assert small.months["sales"][-1, row, 0] > 0.8 * room[-1]
    assert (asked[-12:] <= room[-12:] * 1.02).all()
    assert (small.months["price"][-12:, row] > large.months["price"][-12:, row] * 1.01).all()
    unmet, budget = (small.months[name][-12:, CHINA].sum(axis=1) for name in ("unmet", "budget"))
    assert (unmet < 1e-3 * budget).all()


def test_what_a_channel_sells_and_groups_spend_add_up_whatever_channels_are_used(full):
    for run in full:
        served = run.months["budget"] - run.months["unmet"]
        np.testing.assert_allclose(run.by_pair("sales").sum(axis=1), served.sum(axis=2), rtol=1e-11)
    several = full[0].months["active"][:, full[0].rows("eagle", "china")].sum(axis=1)
    assert several.max() == 2, "nobody sells in two ways"
