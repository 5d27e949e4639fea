"""How vendors choose their presence abroad: they move where it pays and the rules allow, and go back when they must."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.minds.channel_changes import STAY, Cells, Option, allowed_changes, is_open, options_of
from sim.model.minds.reckoning import reckon
from sim.model.world import AWAY
from sim.quantities import NEVER
from sim.scenario.schema import Presence
from sim.timeline import Phase


def opened(**changes):
    policy = {"kind": "ownership", "by": "china", "market": "china", "starts": "2018-10-01", "equity_cap": 1}
    return {"policies.opening": policy | {"source": "made up"} | changes}


def presence_of(run, vendor):
    return run.months["presence"][:, run.vendor(vendor), run.market("china"), 0]


def test_vendors_take_up_ownership_when_it_is_allowed_and_pays(play, compact):
    run = play(compact(opened()), range(2), watch=("presence",))
    live = 3 + 2 + 3
    np.testing.assert_array_equal(presence_of(run, "eagle"), [Presence.PARTNER] * live + [Presence.OWNED] * (24 - live))


@pytest.mark.parametrize("changes", [
    {"presence.owned.sunk_cost_bn": 50},
    {"presence.owned.sunk_cost_bn": 0.5, "presence.hurdle": 20},
    {"presence.owned.fixed_cost_bn": 5},
    {"presence.owned.quality_penalty": 5},
])  # fmt: skip
def test_vendors_stay_with_their_partners_when_moving_does_not_pay(play, compact, changes):
    run = play(compact(opened() | changes), range(2))
    assert run.happened("goes live") == []


def test_a_required_return_that_is_high_enough_stops_moves(play, compact):
    """The unsettled times premium works like this; the sunk cost is what there is to lose."""
    changes = {"presence.owned.sunk_cost_bn": 0.4}
    assert play(compact(opened() | changes), range(1)).happened("goes live")
    unsettled = {"kind": "uncertainty", "level": 1, "source": "made up"}
    premium = {"presence.uncertainty_premium": "200%", "policies.unsettled": unsettled}
    assert not play(compact(opened() | changes | premium), range(1)).happened("goes live")


def test_co_owners_keep_their_part_of_profit(play, compact):
    run = play(compact(opened(equity_cap="95%")), range(1), watch=("stake", "presence"))
    owned = presence_of(run, "eagle") == Presence.OWNED
    assert owned.any()
    stake = run.in_use("stake", "eagle", "china")[:, 0]
    np.testing.assert_array_equal(stake, np.where(owned, 0.95, 1.0))


def test_owners_fall_back_to_their_partners_when_ownership_is_forbidden_again(play, compact):
    run = play(compact(opened(ends="2019-10-01")), range(1), watch=("presence", "stake"))
    assert presence_of(run, "eagle")[14] == Presence.OWNED
    assert presence_of(run, "eagle")[15] == Presence.PARTNER
    assert run.in_use("fee", "eagle", "china")[15] == 0.15
    assert run.in_use("stake", "eagle", "china")[15] == 1


def test_without_a_partner_a_vendor_that_loses_its_data_centres_leaves(play, compact):
    loner = {
        "title": "Loner", "home": "us", "world_revenue_bn": 2, "reviews": ["china"], "source": "made up",
        "sales": {"china": {"share": 0.08, "presence": "cross_border"}, "us": {"split": 1, "presence": "owned"}},
    }  # fmt: skip
    run = play(compact(opened(ends="2019-10-01") | {"vendors.loner": loner}), range(1), watch=("presence", "revenue"))
    assert presence_of(run, "loner")[14] == Presence.OWNED
    assert presence_of(run, "loner")[15] == Presence.ABSENT
    assert not run.of("revenue", "loner", "china")[15].any()


def test_a_vendor_that_goes_abroad_for_the_first_time_starts_at_its_planned_price_and_can_serve(play, compact):
    """Falcon sells nothing in China at the base date and enters when ownership opens."""
    newcomer = {
        "vendors.falcon.sales.china": {"presence": "absent", "share": None},
        "presence.cross_border.fixed_cost_bn": 50,
    }
    run = play(
        compact(opened() | newcomer | {"partners.ferry.licence": False}), range(1), watch=("presence", "revenue")
    )
    live = [month for month, *_ in run.happened("goes live", "falcon")]
    assert len(live) == 1
    revenue = run.of("revenue", "falcon", "china").sum(axis=(1, 2))
    assert not revenue[: live[0]].any()
    assert (revenue[live[0] :] > 0).all()
    assert (np.diff(revenue[live[0] :]) > 0).all(), "customers come over as their contracts end"


def test_reviews_come_every_year_and_when_rules_change(play, compact):
    """Moving pays only once cost has fallen on a date between reviews: nobody notices before the next one."""
    cheap = {"kind": "uncertainty", "level": {"2018-07-01": 1, "2019-02-01": 0}, "source": "made up"}
    changes = opened() | {
        "presence.uncertainty_premium": "200%",
        "presence.owned.sunk_cost_bn": 0.4,
        "policies.calm": cheap,
    }
    run = play(compact(changes), range(1))
    assert {month for month, *_ in run.happened("applies")} == {12}


def test_the_gain_of_staying_is_zero_and_what_is_not_allowed_is_out_of_the_question(build, compact):
    world = build(compact())
    eagle, china = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    found = reckon(world, eagle, china, 0)
    assert found.options[0] == STAY
    np.testing.assert_array_equal(found.gain[0], 0)
    closed = [row_of(world, presence) for presence in (Presence.OWNED, Presence.ZONE)]
    assert len(found.options) > 1
    assert not {option.opens for option in found.options}.intersection(closed)


def row_of(world, presence, vendor="eagle", market="china"):
    """Channel in which a vendor is present so."""
    v, m = world.axes.vendors.index(vendor), world.axes.markets.index(market)
    (row,) = (row for row in world.channels.of(v, m) if world.channels.rows[row].kind is presence)
    return row


@pytest.mark.parametrize(("presence", "cap", "slots", "allowed"), [
    (Presence.CROSS_BORDER, 0, 0, True),
    (Presence.PARTNER, 0, 0, True),
    (Presence.ZONE, 0, 0, False),
    (Presence.ZONE, 0, 1, True),
    (Presence.OWNED, 0, 1, False),
    (Presence.OWNED, 0.3, 0, True),
])  # fmt: skip
def test_each_presence_is_open_when_the_rules_say(build, compact, presence, cap, slots, allowed):
    world = build(compact())
    world.levers.equity_cap[0], world.levers.zone_slots[0] = cap, slots
    np.testing.assert_array_equal(is_open(world, row_of(world, presence), np.arange(2)), allowed)


def test_a_vendor_may_add_what_is_open_replace_what_it_has_and_leave(build, compact):
    world = build(compact())
    eagle, china = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    bridge, abroad, owned = (row_of(world, kind) for kind in (Presence.PARTNER, Presence.CROSS_BORDER, Presence.OWNED))
    rows = world.channels.of(eagle, china)
    possible = {STAY, Option(abroad, ()), instead(rows, abroad), Option(AWAY, (bridge,))}
    for option, where in zip(options_of(rows), allowed_changes(world, everywhere(world, eagle)), strict=True):
        assert where.all() == (option in possible), option
    assert {Option(owned, ()), instead(rows, owned), Option(bridge, ()), Option(AWAY, (owned,))} < set(options_of(rows))


def everywhere(world, v):
    """A vendor in all draws, in China's market."""
    return Cells.where(world, world.axes.markets.index("china"), [v], world.everywhere[None])


def instead(rows, opens):
    """To open a channel in the place of all others."""
    return Option(opens, tuple(row for row in rows if row != opens))


def test_a_partner_that_wants_to_be_the_only_one_is_left_or_kept_alone(build, compact):
    """Nothing may stand beside it, and it may not come to stand beside anything."""
    alone = {"partners.bridge.contracts.falcon.share": 1, "partners.ferry.contracts.falcon": None}
    world = build(compact(alone | {"partners.bridge.exclusive": True, "markets.china.rules.equity_cap": 1}))
    eagle, china = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    bridge, abroad, owned = (row_of(world, kind) for kind in (Presence.PARTNER, Presence.CROSS_BORDER, Presence.OWNED))
    rows = world.channels.of(eagle, china)
    allowed = dict(zip(options_of(rows), allowed_changes(world, everywhere(world, eagle)), strict=True))
    for row in (abroad, owned):
        assert not allowed[Option(row, ())].any()
        assert allowed[instead(rows, row)].all()
    run_by = {option.opens for option in reckon(world, eagle, china, 0).options if not option.closes}
    assert run_by == {AWAY}
    world.open(abroad, world.everywhere)
    here = everywhere(world, eagle)
    world.close_in(china, here.rows, here.draw, here.rows == bridge)
    allowed = dict(zip(options_of(rows), allowed_changes(world, everywhere(world, eagle)), strict=True))
    assert allowed[Option(owned, ())].all()
    assert not allowed[Option(bridge, ())].any()


def test_a_full_zone_is_closed_to_others_but_not_to_who_is_inside(build, compact):
    world = build(compact())
    world.levers.zone_slots[0], world.slots_taken[0] = 1, 1
    inside, outside = (row_of(world, Presence.ZONE, vendor) for vendor in ("eagle", "falcon"))
    world.active[row_of(world, Presence.PARTNER)] = False
    world.open(inside, world.everywhere)
    assert is_open(world, inside, np.arange(2)).all()
    assert not is_open(world, outside, np.arange(2)).any()


def test_only_a_licensed_partner_with_a_contract_can_serve(build, compact):
    raft = {"title": "Raft", "market": "china", "region": "Hainan", "contracts": {"google": {"share": 1, "fee": 0.1}}}

    def kinds(**raft_too):
        google = {"title": "G", "home": "us", "reviews": ["china"]}
        held = {"vendors.google": google, **{f"partners.{name}": partner for name, partner in raft_too.items()}}
        world = build(compact({path: values | {"source": "made up"} for path, values in held.items()}))
        rows = world.channels.of(world.axes.vendors.index("google"), world.axes.markets.index("china"))
        assert not world.active[list(rows)].any()
        allowed = [row for row in rows if is_open(world, row, np.arange(world.draws.count)).all()]
        return {world.channels.rows[row].kind for row in allowed}

    assert kinds() == kinds(raft=raft | {"licence": False}) == {Presence.CROSS_BORDER}
    assert kinds(raft=raft | {"licence": True}) == {Presence.CROSS_BORDER, Presence.PARTNER}


def test_a_captive_customer_stays_in_the_country_and_leaves_its_partner_when_it_may_own(play, compact):
    """Apple's case: services for its own customers need data centres in China, run by a partner or by itself."""
    captive = {
        "vendors.orchard": {
            "title": "Orchard", "home": "us", "reviews": ["china"], "source": "made up",
            "captive": {"china": {"units": 3, "growth": "10%"}},
        },
        "partners.bridge.contracts.orchard": {"share": 1, "fee": 0.2},
    }  # fmt: skip
    closed, open_ = (play(compact(captive | extra), range(1)) for extra in ({}, opened()))
    assert closed.happened("applies", "orchard") == []
    assert closed.world.active[closed.row("orchard.china.bridge")].all()
    assert [detail for *_, detail, _ in open_.happened("goes live", "orchard")] == ["owned in china"]
    assert [detail for *_, detail, _ in open_.happened("loses vendor", "bridge") if detail == "orchard"] == ["orchard"]


def test_a_captive_customer_with_two_partners_pays_each_for_its_part_only(play, compact):
    """Both keep the same share of revenue, so that together they take what one would."""
    orchard = {
        "title": "Orchard", "home": "us", "reviews": ["china"], "source": "made up",
        "captive": {"china": {"units": 3, "growth": "10%"}},
    }  # fmt: skip

    def fees(shares):
        contracts = {
            f"partners.{name}.contracts.orchard": {"share": share, "fee": 0.2} for name, share in shares.items()
        }
        free = {"presence.partner.fixed_cost_bn": 0, "months": 12}
        run = play(compact({"vendors.orchard": orchard} | contracts | free), range(1))
        return -run.paths.vendors["profit_bn"][:, run.vendor("orchard"), run.market("china"), 0], run.paths.partners

    (alone, _), (shared, partners) = fees({"bridge": 1}), fees({"bridge": 0.75, "ferry": 0.25})
    assert (alone > 0).all()
    np.testing.assert_allclose(shared, alone, rtol=1e-12)
    without = play(compact({"months": 12}), range(1)).paths.partners["income_bn"][..., 0]
    got = partners["income_bn"][..., 0] - without
    np.testing.assert_allclose(got, np.outer(alone, [0.75, 0.25]), rtol=1e-6)


def test_nobody_is_waiting_for_a_move_that_is_over(play, compact, pilot):
    run = play(compact(pilot()), range(2))
    assert (run.world.live_month == NEVER).all()
    assert not run.world.applied.any()


def test_phases_of_entry_and_licensing_leave_at_least_a_month_between_application_and_going_live(play, compact):
    """Even without licence and building time nothing happens in the month of the application."""
    at_once = {"presence.owned.needs_licence": False, "presence.owned.build_months": 0}
    run = play(compact(opened() | at_once), range(1))
    assert {month for month, *_ in run.happened("goes live")} == {4}
    assert Phase.ENTRY < Phase.LICENSING
