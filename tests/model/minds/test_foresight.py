"""Vendors and rules to come: they apply for what is announced or signed, and wait while policy is unsettled."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.model.minds.channel_changes import Option
from sim.model.minds.reckoning import reckon
from sim.quantities import NEVER
from sim.scenario.schema import Presence

MONTHS = 36
WAITING = 2 + 3
"""Two months at the licence desk, three of building."""

TWINS = ("eagle", "falcon")
OPENS = 10
OPENS_ON = "2019-05-01"
SIGNED = 7
LAG = 8

ZONE = {"kind": "pilot_zone", "zone": "harbour", "slots": 2, "reach": {"enterprise": 1, "government": 1}}
OWNERSHIP = {"kind": "ownership", "market": "china", "equity_cap": 1}
MADE_UP = {"by": "china", "source": "made up"}


def known(months, **changes):
    """So many months of foresight; reviews only when there is news."""
    settings = {"presence.foresight_months": months, "presence.review_every_months": 600, "months": MONTHS}
    return settings | {f"policies.{name}": policy | MADE_UP for name, policy in changes.items()}


def signed(months, opening, **plan):
    """A round in month 7 signs a package whose opening comes eight months later."""
    agenda = {"access": {"none": [], "open": ["opening"]}}
    held = [{"date": dt.date(2019, 2, 10), "place": "here", "signs": "deal"}]
    talks = {"mode": "scripted", "agenda": agenda, "packages": {"deal": {"access": "open"}}, "rounds": held}
    opening = opening | {"starts": {"after_deal": LAG}}
    return known(months, opening=opening) | {"talks": talks | {"source": "made up"} | plan}


def months_of(run, event):
    return {month for month, *_ in run.happened(event)}


def first_month(run, presence):
    """First month of each draw in which one of the twins is present so; NEVER where none ever is."""
    twins = [run.vendor(name) for name in TWINS]
    there = (run.months["presence"][:, twins, run.market("china")] == presence).any(axis=1)
    return np.where(there.any(axis=0), there.argmax(axis=0), NEVER)


BOTH = pytest.mark.parametrize(
    ("opening", "presence"), [(ZONE, Presence.ZONE), (OWNERSHIP, Presence.OWNED)], ids=["zone", "ownership"]
)


@BOTH
@pytest.mark.parametrize("foresight", [0, 1, 4, 5, 8, 10, 20])
def test_applications_move_forward_with_the_announcement_and_nobody_is_live_before_the_opening(
    play, compact, opening, presence, foresight
):
    """What has a date in the scenario is announced from the beginning, so that foresight alone limits."""
    run = play(compact(known(foresight, opening=opening | {"starts": OPENS_ON})), watch=("presence",))
    applied = OPENS - min(foresight, OPENS)
    assert months_of(run, "applies") == {applied}
    assert months_of(run, "goes live") == {max(OPENS, applied + WAITING)}
    np.testing.assert_array_equal(first_month(run, presence), max(OPENS, applied + WAITING))


@BOTH
@pytest.mark.parametrize("foresight", [0, 3, 8, 12])
def test_a_signature_is_an_announcement(play, compact, opening, presence, foresight):
    """Nobody applies before the deal is signed, however far vendors look."""
    run = play(compact(signed(foresight, opening)), watch=("presence",))
    applied = SIGNED + LAG - min(foresight, LAG)
    assert months_of(run, "applies") == {applied}
    np.testing.assert_array_equal(first_month(run, presence), max(SIGNED + LAG, applied + WAITING))


def test_only_draws_that_sign_apply_early(play, compact):
    held = [{"date": dt.date(2019, 2, 10), "place": "here", "signs": "deal", "probability": 0.5}]
    run = play(compact(signed(LAG, ZONE, mode="chance", rounds=held)), range(40))
    deal = set(np.flatnonzero(run.paths.outcomes["deal_month"] < NEVER))
    assert 0 < len(deal) < 40
    assert {draw for *_, draws in run.happened("applies") for draw in draws} == deal


def test_moves_come_no_later_with_foresight_and_earlier_where_licences_and_building_took_the_time(play, compact):
    """Licences take one to four months, by draw, vendor and month of application."""
    slow = {"licensing": {"officers": 1, "service_months": {"uniform": [1, 4]}}}
    opening = ZONE | {"starts": OPENS_ON}
    first = {
        foresight: first_month(
            play(compact(known(foresight, opening=opening) | slow), range(60), watch=("presence",)), Presence.ZONE
        )
        for foresight in (0, 10)
    }
    assert (first[10] >= OPENS).all()
    assert (first[10] < first[0]).all()
    quick = slow | {"presence.zone.needs_licence": False, "presence.zone.build_months": 1}
    run = play(compact(known(10, opening=opening) | quick), watch=("presence",))
    late = play(compact(known(0, opening=opening) | quick), watch=("presence",))
    np.testing.assert_array_equal(first_month(run, Presence.ZONE), OPENS)
    np.testing.assert_array_equal(first_month(late, Presence.ZONE), OPENS + 1)


def test_a_move_lapses_where_the_deal_breaks_before_its_zone_opens(play, compact):
    run = play(compact(signed(LAG, ZONE, breakdown_per_year=1.5)), range(200), watch=("presence",))
    opens = SIGNED + LAG
    broken = run.paths.outcomes["broken_month"]
    early = broken <= opens
    assert 0 < early.sum() < 200
    assert months_of(run, "applies") == {SIGNED}
    for twin in TWINS:
        lapses = run.happened("move lapses", twin)
        assert [month for month, *_ in lapses] == [opens]
        assert lapses[0][-1] == np.flatnonzero(early).tolist()
    np.testing.assert_array_equal(first_month(run, Presence.ZONE), np.where(early, NEVER, opens))
    assert (run.world.live_month == NEVER).all()
    assert not run.world.slots_taken[:, early].any()


@pytest.mark.parametrize("foresight", [0, 4, 10])
def test_a_zone_never_holds_more_than_its_slots(play, compact, foresight):
    opening = ZONE | {"slots": 1, "starts": OPENS_ON}
    run = play(compact(known(foresight, opening=opening)), range(60), watch=("presence",))
    np.testing.assert_array_equal((run.months["presence"] == Presence.ZONE).sum(axis=(1, 2)).max(axis=0), 1)
    assert {draw for *_, draws in run.happened("licence refused") for draw in draws} == set(range(60))


def test_who_applies_for_a_slot_that_is_only_announced_waits_for_it(play, compact):
    """One slot from the beginning, a second one from month 15."""
    more = ZONE | {"starts": "2019-10-01"}
    run = play(compact(known(15, pilot=ZONE | {"slots": 1}, more=more)), range(60), watch=("presence",))
    inside = (run.months["presence"] == Presence.ZONE).sum(axis=(1, 2))
    assert months_of(run, "applies") == {0}
    expected = np.repeat([0, 1, 2], [WAITING, 15 - WAITING, MONTHS - 15])
    np.testing.assert_array_equal(inside, np.repeat(expected[:, None], 60, axis=1))


def test_a_slot_that_does_not_come_after_all_takes_nobody_in(play, compact):
    """A deal that would add a second slot breaks before it does."""
    changes = known(LAG, pilot=ZONE | {"slots": 1}) | signed(LAG, ZONE, breakdown_per_year=1.5)
    run = play(compact(changes), range(200), watch=("presence",))
    inside = (run.months["presence"] == Presence.ZONE).sum(axis=(1, 2))
    early = run.paths.outcomes["broken_month"] <= SIGNED + LAG
    assert 0 < early.sum() < 200
    assert inside[:, early].max() == 1
    assert (inside[SIGNED + LAG, ~early] == 2).all()


def test_free_movement_of_data_brings_vendors_abroad_no_earlier_than_it_comes(play, compact):
    """Serving from abroad is allowed all the time, but until then most data have to stay."""
    flows = {"kind": "data_rules", "market": "china", "residency": {"enterprise": 0, "government": 0}}
    world = {"markets.china.firewall": 0, "presence.cross_border.fixed_cost_bn": 0}
    run = play(compact(known(8, flows=flows | {"starts": OPENS_ON}) | world), watch=("presence",))
    assert months_of(run, "applies") == {OPENS - 8}
    np.testing.assert_array_equal(first_month(run, Presence.CROSS_BORDER), OPENS)
    late = play(compact(known(0, flows=flows | {"starts": OPENS_ON}) | world), watch=("presence",))
    np.testing.assert_array_equal(first_month(late, Presence.CROSS_BORDER), OPENS + 1)


def test_nobody_moves_into_what_is_known_to_close(play, compact):
    opening = ZONE | {"starts": OPENS_ON, "ends": "2020-03-01"}
    assert months_of(play(compact(known(0, opening=opening))), "falls back") == {20}
    assert play(compact(known(20, opening=opening))).happened("applies") == []


def test_who_is_inside_stays_until_the_zone_closes(play, compact):
    opening = ZONE | {"starts": "2018-10-01", "ends": "2020-03-01"}
    yearly = {"presence.review_every_months": 12}
    run = play(compact(known(10, opening=opening) | yearly))
    assert months_of(run, "applies") == {0}
    assert months_of(run, "falls back") == {20}


def test_what_opens_later_is_worth_less_and_starts_later(build, compact):
    """The same rules in two months' and in two years' time: both reckoned from today."""
    world = build(compact())
    eagle, china = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    closed, opened = world.levers.copy(), world.levers.copy()
    opened.equity_cap[china] = 1
    world.levers.equity_cap[china] = 1
    now = reckon(world, eagle, china, 0)
    world.levers.equity_cap[china] = 0
    soon, late = (reckon(world, eagle, china, 0, [*([closed] * (n - 1)), opened]) for n in (2, 24))
    assert now.options == soon.options == late.options
    bridge, data_centres = (world.axes.channels.index(f"eagle.china.{way}") for way in ("bridge", "owned"))
    owned = now.options.index(Option(data_centres, tuple(
        row for row in world.channels.of(eagle, china) if row != data_centres
    )))  # fmt: skip
    assert bridge in now.options[owned].closes
    np.testing.assert_array_equal(now.waits, 0)
    np.testing.assert_array_equal(soon.waits[owned], 2)
    np.testing.assert_array_equal(late.waits[owned], 24)
    np.testing.assert_array_equal(soon.gain, now.gain, "licence and building take longer anyway")
    assert (late.gain[owned] < now.gain[owned]).all()


def test_foresight_of_nothing_changes_no_bit(play, compact, different):
    """Rules that hold from the beginning leave nothing to foresee."""
    busy = {"demand.budget_shock_sd": 0.1, "presence.review_every_months": 12}
    one, other = (play(compact(known(months, opening=OWNERSHIP) | busy), range(20)) for months in (0, 12))
    assert one.happened("goes live")
    assert different(one.paths, other.paths) == []
    assert one.happened("applies") == other.happened("applies")


def test_foresight_gives_the_same_bits_for_any_batch_and_order(play, compact, different, arrays_of):
    """What vendors know in one draw hangs on no other draw, nor on who reviews first."""
    held = [{"date": dt.date(2019, 2, 10), "place": "here", "signs": "deal", "probability": 0.3}]
    scenario = compact(signed(LAG, ZONE | {"slots": 1}, mode="chance", rounds=held, breakdown_per_year=0.5))
    whole = play(scenario, range(40))
    assert different(whole.paths, play(scenario, range(40), reverse=True).paths) == []
    for part in (range(7), range(7, 8), range(8, 40)):
        held_alone = dict(arrays_of(play(scenario, part).paths))
        for name, values in arrays_of(whole.paths):
            assert values[..., part.start : part.stop].tobytes() == held_alone[name].tobytes(), name


def test_vendors_look_no_further_than_today_unless_the_scenario_says_so(play, compact, pilot, different):
    assert compact().presence.foresight_months == 0
    one, other = (play(compact(pilot() | extra)) for extra in ({}, {"presence.foresight_months": 0}))
    assert different(one.paths, other.paths) == []


def unsettled(level, premium="10%"):
    """Ownership opens; what it costs to set up differs between draws."""
    costs = {"presence.uncertainty_premium": premium, "presence.owned.sunk_cost_bn": {"uniform": [0.1, 1.5]}}
    opening, mood = OWNERSHIP | {"starts": OPENS_ON}, {"kind": "uncertainty", "level": level}
    return known(8, opening=opening, mood=mood) | costs


def movers(run, before=NEVER):
    return {(who, draw) for month, who, _, draws in run.happened("applies") for draw in draws if month < before}


def test_the_more_unsettled_policy_is_the_fewer_vendors_move(play, compact):
    """Whoever moves in spite of uncertainty would move without; some wait (Handley and Limao 2017)."""
    calm, half, full = (movers(play(compact(unsettled(level)), range(200))) for level in (0, 0.5, 1))
    assert full < half < calm
    assert full, "in some draws it pays all the same"


def test_a_settlement_lets_those_move_who_waited(play, compact):
    """Uncertainty ends in month 20; reviews come every month."""
    monthly = {"presence.review_every_months": 1}
    run = play(compact(unsettled({"2018-07-01": 1, "2020-03-01": 0}) | monthly), range(200))
    calm = play(compact(unsettled(0) | monthly), range(200))
    still = play(compact(unsettled(1) | monthly), range(200))
    assert movers(still) < movers(run) <= movers(calm)
    assert any(month >= 20 for month in months_of(run, "applies"))


def test_a_settlement_that_is_foreseen_settles_nothing_yet(play, compact):
    """Uncertainty ends with the opening: those who apply before are those to whom it makes no difference."""
    run = play(compact(unsettled({"2018-07-01": 1, OPENS_ON: 0})), range(200))
    still = play(compact(unsettled(1)), range(200))
    assert movers(run, before=OPENS) == movers(still, before=OPENS)
    assert movers(run, before=OPENS) < movers(run)


def test_without_a_premium_uncertainty_moves_no_bit(play, compact, different):
    calm, full = (play(compact(unsettled(level, premium=0)), range(50)) for level in (0, 1))
    assert movers(calm)
    assert different(calm.paths, full.paths) == []
