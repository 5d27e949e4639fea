"""The life of a pilot zone: it opens, takes vendors in, is reviewed, and is extended, closed or copied nationwide."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.minds.rules_in_force import in_force, rules_in
from sim.quantities import NEVER
from sim.scenario.schema import Presence
from sim.timeline import Timeline
from tests.bargain import POLICIES, bargain

OPENS = 3
REVIEW = {"after_months": 12, "foreign_share_ceiling": 0.5, "if_passed": "extended", "if_failed": "closed"}
LIVE = OPENS + 2 + 3
"""Month of going live: opening, two months at the licence desk, three of building."""


def test_a_zone_opens_on_its_date_and_foreign_vendors_move_in(play, compact, pilot):
    run = play(compact(pilot()), range(3), watch=("zone_slots", "zone_reach", "presence"))
    np.testing.assert_array_equal(run.months["zone_slots"][:, 0, 0], [0] * OPENS + [2] * (24 - OPENS))
    assert not run.months["zone_reach"][:OPENS].any()
    assert run.happened("zone opens") == [(OPENS, "harbour", "", [0, 1, 2])]
    for vendor in ("eagle", "falcon"):
        presence = run.months["presence"][:, run.vendor(vendor), run.market("china"), 0]
        np.testing.assert_array_equal(presence, [Presence.PARTNER] * LIVE + [Presence.ZONE] * (24 - LIVE))


def test_a_vendor_in_a_zone_leaves_its_partner_and_pays_no_more_fee(play, compact, pilot):
    run = play(compact(pilot()), range(3))
    assert [(month, detail) for month, _, detail, _ in run.happened("loses vendor", "bridge")] == [
        (LIVE, "eagle"),
        (LIVE, "falcon"),
    ]
    fee = run.in_use("fee", "eagle", "china")[:, 0]
    np.testing.assert_array_equal(fee, np.where(np.arange(24) < LIVE, 0.15, 0))
    assert not run.paths.partners["income_bn"][LIVE // 3 + 1 :].any()


def test_a_zone_takes_no_more_vendors_than_it_has_slots(play, compact, pilot):
    run = play(compact(pilot(slots=1)), range(60), watch=("presence",))
    inside = (run.months["presence"] == Presence.ZONE).sum(axis=(1, 2))
    assert inside.max() == 1
    np.testing.assert_array_equal(inside[-1], 1)
    assert run.happened("licence refused")
    first = {run.world.axes.vendors[v] for v, *_ in np.argwhere(run.months["presence"][-1] == Presence.ZONE)}
    assert first == {"eagle", "falcon"}, "the lot should not favour one vendor in all draws"


def test_capacity_in_a_zone_stays_within_the_vendors_part_of_it(play, compact, pilot):
    scenario = compact(pilot() | {"zones.harbour.capacity_units": 2.4, "months": 48})
    run = play(scenario, range(2), watch=("capacity",))
    inside = [run.row(f"{vendor}.china.harbour") for vendor in ("eagle", "falcon")]
    assert run.months["active"][-1, inside].all()
    assert 1.1 < run.months["capacity"][:, inside].max() <= 1.2 * (1 + 1e-12)
    assert run.paths.zones["used_share"].max() <= 1 + 1e-12


def test_a_vendor_reaches_only_the_customers_that_the_zone_may_serve(play, compact, pilot):
    """Nine of ten enterprises may choose it, the tenth and governments may not."""
    run = play(compact(pilot(reach={"enterprise": 0.9})), range(1), watch=("access", "shares", "revenue"))
    row, china = run.row("eagle.china.harbour"), run.market("china")
    width = run.world.base.width[china, :, 0].reshape(-1, 2)
    access, shares, revenue = (
        run.months[name][-1, row, :, 0].reshape(-1, 2) for name in run.months if name != "active"
    )
    np.testing.assert_allclose((access * width).sum(axis=0), [0.9, 0], rtol=1e-12)
    np.testing.assert_array_equal(access[:, 1], 0)
    np.testing.assert_array_equal(access, shares > 0)
    np.testing.assert_array_equal(access * (width > 0), revenue > 0)


def test_a_passed_review_brings_the_whole_country_after_its_lag(play, compact, pilot):
    review = REVIEW | {"if_passed": "nationwide", "rollout_lag_months": 4}
    run = play(compact(pilot(review=review) | {"months": 36}), range(2), watch=("equity_cap",))
    month = OPENS + 12
    assert run.happened("review passed") == [(month, "harbour", "nationwide", [0, 1])]
    cap = run.months["equity_cap"][:, run.market("china"), 0]
    np.testing.assert_array_equal(cap, (np.arange(36) >= month + 4).astype(float))


def test_a_nationwide_zone_is_reviewed_no_more(play, compact, pilot):
    run = play(compact(pilot(review=REVIEW | {"if_passed": "nationwide"}) | {"months": 60}), range(2))
    assert len(run.happened("review passed")) == 1


def test_an_extended_zone_is_reviewed_again_after_the_same_time(play, compact, pilot):
    run = play(compact(pilot(review=REVIEW) | {"months": 60}), range(2))
    assert [month for month, *_ in run.happened("review passed")] == [OPENS + 12 * n for n in (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def closed(play, compact, pilot):
    """The foreign share is above the ceiling at the first review."""
    review = REVIEW | {"foreign_share_ceiling": 0.05}
    watch = ("presence", "zone_slots", "capacity")
    return play(compact(pilot(review=review) | {"months": 36}), range(3), watch=watch)


def test_a_failed_review_closes_the_zone_that_month(closed):
    month = OPENS + 12
    assert closed.happened("review failed") == [(month, "harbour", "closed", [0, 1, 2])]
    np.testing.assert_array_equal(closed.months["zone_slots"][:, 0, 0] > 0, [OPENS <= m < month for m in range(36)])
    np.testing.assert_array_equal(closed.world.zone_closed[0], month)


def test_vendors_of_a_closed_zone_fall_back_to_their_partners(closed):
    month = OPENS + 12
    assert [(m, who, detail) for m, who, detail, _ in closed.happened("falls back")] == [
        (month, "eagle", "partner in china"),
        (month, "falcon", "partner in china"),
    ]
    presence = closed.months["presence"][:, closed.vendor("eagle"), closed.market("china"), 0]
    np.testing.assert_array_equal(presence[month - 1 :], [Presence.ZONE] + [Presence.PARTNER] * (36 - month))
    assert (closed.in_use("fee", "eagle", "china")[month:] == 0.15).all()
    assert [m for m, *_ in closed.happened("wins vendor", "bridge")] == [month, month]


def test_a_closed_zone_does_not_open_again(closed):
    assert len(closed.happened("zone opens")) == 1
    assert not closed.world.active[closed.world.channels.of_kind(Presence.ZONE)].any()


def test_rules_of_every_month_are_those_written_afresh_whatever_reviews_decide(play, compact, pilot):
    """Between dates and reviews rules stand as they are; draws pass, fail and wait at months of their own."""
    review = REVIEW | {"after_months": 5, "if_passed": "nationwide", "rollout_lag_months": 3}
    share = {"uniform": ["5%", "60%"]}
    hazards = {"zones.harbour.incidents_per_year": 1.5, "months": 48}
    levers = ("zone_slots", "zone_reach", "equity_cap")
    run = play(compact(pilot(review=review | {"foreign_share_ceiling": share}) | hazards), range(40), watch=levers)
    assert len(np.unique(run.world.zone_closed)) > 1
    assert len(np.unique(run.world.zone_nationwide)) > 1
    timeline = Timeline(run.world.scenario.calendar)
    for month in range(48):
        rules = rules_in(
            timeline, run.world, month, lambda name, held, month=month: in_force(timeline, run.world, name, held, month)
        )
        for lever in levers:
            np.testing.assert_array_equal(
                run.months[lever][month], getattr(rules, lever), err_msg=f"{lever} in {month}"
            )


def test_a_failed_review_can_extend_the_pilot(play, compact, pilot):
    review = REVIEW | {"foreign_share_ceiling": 0.05, "if_failed": "extended"}
    run = play(compact(pilot(review=review) | {"months": 36}), range(2))
    assert [month for month, *_ in run.happened("review failed")] == [OPENS + 12, OPENS + 24]
    np.testing.assert_array_equal(run.world.zone_closed[0], NEVER)


def test_incidents_come_at_their_rate_while_vendors_are_inside_and_fail_the_review(play, compact, pilot):
    review = REVIEW | {"after_months": 24, "if_passed": "extended"}
    run = play(compact(pilot(review=review) | {"months": 36, "zones.harbour.incidents_per_year": 0.4}), range(400))
    incidents = run.happened("incident")
    assert min(month for month, *_ in incidents) >= LIVE
    had_one = {draw for month, _, _, draws in incidents for draw in draws if month <= OPENS + 24}
    failed = {draw for _, _, _, draws in run.happened("review failed") for draw in draws}
    assert failed == had_one
    expected = 1 - np.exp(-0.4 * (OPENS + 24 - LIVE) / 12)
    assert len(had_one) / 400 == pytest.approx(expected, abs=0.1)


def test_an_empty_zone_has_no_incidents(play, compact, pilot):
    run = play(compact(pilot(slots=0) | {"zones.harbour.incidents_per_year": 10}), range(20))
    assert run.happened("incident") == []


def test_a_zone_that_ends_on_a_date_sends_its_vendors_back(play, compact, pilot):
    run = play(compact(pilot(ends="2019-10-01")), range(2), watch=("presence",))
    assert [month for month, *_ in run.happened("falls back")] == [15, 15]


def test_an_application_that_a_closed_zone_overtakes_lapses(play, compact, pilot):
    """The zone ends while the vendors still build."""
    run = play(compact(pilot(ends="2019-01-01")), range(2), watch=("presence", "capacity"))
    assert not (run.months["presence"] == Presence.ZONE).any()
    assert [(month, detail) for month, _, detail, _ in run.happened("move lapses")] == [(LIVE, "no longer allowed")] * 2


def test_a_second_deal_without_the_zone_brings_back_nothing_that_the_first_one_opened(compact, build):
    """A deal brings a zone, which goes nationwide; it breaks, and the next deal leaves access out."""
    reviewed = {"after_months": 6, "foreign_share_ceiling": 1, "if_passed": "nationwide", "rollout_lag_months": 1}
    policies = POLICIES | {"opening": POLICIES["opening"] | {"review": reviewed | {"if_failed": "closed"}}}
    scenario = compact(bargain(policies) | {"months": 60})
    timeline, world = Timeline(scenario.calendar), build(scenario)
    packages = list(scenario.talks.choices.values())
    held = [scenario.talks.policies_of(package) for package in packages]
    with_zone, without = held.index(frozenset({"opening"})), held.index(frozenset({"protected"}))

    def cap(month):
        world.brought = {}
        rules = rules_in(timeline, world, month, lambda name, policy: in_force(timeline, world, name, policy, month))
        return set(rules.equity_cap[world.axes.markets.index("china")])

    world.package[:], world.deal_month[:] = with_zone, 6
    world.zone_opened[:], world.zone_nationwide[:] = 9, 16
    assert cap(20) == {1}
    world.broken_month[:] = 21
    assert cap(22) == {0}
    world.package[:], world.deal_month[:], world.broken_month[:] = without, 25, NEVER
    assert cap(30) == {0}
