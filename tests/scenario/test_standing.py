"""Of policies that set one rule, which holds when: the rules month by month, and what the user is told of it."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import numpy as np
import pytest

from sim.model.minds.rules_in_force import in_force, rules_in
from sim.timeline import Timeline
from tests.bargain import MADE_UP

MONTHS = 12
KINDS = {
    "ownership": ("equity_cap", "market", lambda x: {"market": "china", "equity_cap": x}),
    "intellectual_property": ("ip_protection", "market", lambda x: {"market": "china", "protection": x}),
    "data_rules": ("residency", "market", lambda x: {"market": "china", "residency": {"enterprise": x}}),
    "restriction": (
        "allowed_share",
        "market",
        lambda x: {"home": "us", "market": "china", "allowed_share": {"enterprise": x}},
    ),
    "pilot_zone": ("zone_reach", "zone", lambda x: {"zone": "harbour", "slots": 1, "reach": {"enterprise": x}}),
    "uncertainty": ("uncertainty", "", lambda x: {"level": x}),
}
"""Each instrument that sets a rule: the lever, and the fields that give it some value."""

DAYS = {
    "the same day": (("2018-10-01", None), ("2018-10-01", None)),
    "within a month": (("2018-10-14", None), ("2018-09-20", None)),
    "one after the other": (("2018-09-01", None), ("2018-12-01", None)),
    "one for a while": (("2018-09-01", None), ("2018-12-01", "2019-03-01")),
    "one inside the other": (("2018-12-01", "2019-02-01"), ("2018-09-01", "2019-04-01")),
    "no overlap": (("2018-09-01", "2018-12-01"), ("2018-12-01", None)),
    "always and later": ((None, None), ("2018-12-01", None)),
    "always, twice": ((None, None), (None, None)),
}
"""First day and end of two policies."""
VALUES = (0.125, 0.375)


def policy(kind, value, days):
    starts, ends = days
    dates = {name: dt.date.fromisoformat(day) for name, day in (("starts", starts), ("ends", ends)) if day}
    by = {} if kind == "uncertainty" else {"by": "china"}
    return {"kind": kind, **by, **KINDS[kind][2](value), **dates, **MADE_UP}


def lever_by_month(world, kind):
    """The value of the rule that the policies set, in the only draw, month by month."""
    timeline = Timeline(world.scenario.calendar)
    name, axis, _ = KINDS[kind]
    for month in range(MONTHS):
        rules = rules_in(
            timeline, world, month, lambda held, policy, month=month: in_force(timeline, world, held, policy, month)
        )
        values = getattr(rules, name)
        if name == "allowed_share":
            values = values[world.axes.countries.index("us")]
        if axis:
            values = values[world.axes.markets.index("china") if axis == "market" else 0]
        if name in {"residency", "zone_reach", "allowed_share"}:
            values = values[world.axes.segments.index("enterprise")]
        yield float(values[0])


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_that_began_last_holds_and_who_is_in_its_shadow_is_told(compact, build, kind, days):
    """Whatever the order in the file: it decides only between two that began in the same month."""
    for order in permutations(range(2)):
        held = {f"policies.number_{n}": policy(kind, VALUES[n], DAYS[days][n]) for n in order}
        scenario = compact({"months": MONTHS} | held)
        month_of = scenario.calendar.month_of
        first = [-99 if start is None else month_of(dt.date.fromisoformat(start)) for start, _ in DAYS[days]]
        ends = [MONTHS if end is None else month_of(dt.date.fromisoformat(end)) for _, end in DAYS[days]]
        world = build(scenario, range(1))
        base = next(lever_by_month(build(compact({"months": MONTHS}), range(1)), kind))
        holders = []
        for month, value in enumerate(lever_by_month(world, kind)):
            active = [n for n in order if first[n] <= month < ends[n]]
            holder = max(active, key=lambda n: (first[n], order.index(n)), default=None)
            assert value == (base if holder is None else VALUES[holder])
            holders.append((holder, active))
        for n, other in permutations(range(2)):
            loses = [month for month, (holder, active) in enumerate(holders) if holder == other and n in active]
            told = [words for words in scenario.warnings if f"policies.number_{n}: " in words]
            before = [holder for holder, _ in holders[: min(loses, default=0)]]
            if not loses or (first[n] < first[other] and order[0] == n and n in before):  # as everybody expects
                assert told == []
                continue
            [words] = told
            assert f"policies.number_{other} (--set policies.number_{other})" in words
            assert ("never takes effect" in words) == all(holder != n for holder, _ in holders)
            assert f"holds from {scenario.calendar.date_of(min(loses))}" in words


@pytest.mark.parametrize("order", list(permutations(["open", "closed"])))
def test_events_tell_of_a_policy_only_where_it_holds(play, compact, order):
    days = {"starts": dt.date(2018, 10, 1)}
    held = {name: {"kind": "ownership", "by": "china", "market": "china", "equity_cap": 0.5, **days} for name in order}
    run = play(
        compact({f"policies.{name}": policy | MADE_UP for name, policy in held.items()} | {"months": 6}), range(1)
    )
    assert run.happened("policy in force") == [(3, "china", order[-1], [0])]


def test_an_overridden_policy_is_announced_when_the_other_one_ends(play, compact):
    rule = {"kind": "ownership", "by": "china", "market": "china", "equity_cap": 0.5, **MADE_UP}
    late = rule | {"starts": dt.date(2018, 9, 1), "ends": dt.date(2018, 11, 1)}
    early = rule | {"starts": dt.date(2018, 9, 1)}
    run = play(compact({"policies.early": early, "policies.late": late, "months": 6}), range(1))
    told = [(month, detail) for month, _, detail, _ in run.happened("policy in force")]
    assert told == [(2, "late"), (4, "early")]
    assert [(month, detail) for month, _, detail, _ in run.happened("policy ends")] == [(4, "late")]


DEAL = {
    "policies.dealt": {
        "kind": "ownership",
        "by": "china",
        "market": "china",
        "equity_cap": 0.75,
        "starts": {"after_deal": 1},
        **MADE_UP,
    },
    "talks": {
        "mode": "chance",
        "agenda": {"access": {"none": [], "open": ["dealt"]}},
        "packages": {"deal": {"access": "open"}},
        "rounds": [
            {"date": dt.date(2018, month, 10), "place": "here", "signs": "deal", "probability": 0.5}
            for month in (8, 11)
        ],
        **MADE_UP,
    },
    "months": MONTHS,
}


@pytest.mark.parametrize(
    ("starts", "share", "told"),
    [(dt.date(2018, 7, 1), 1.0, False), (dt.date(2018, 10, 1), None, True), (dt.date(2019, 1, 1), 0.0, True)],
)
def test_a_deal_and_a_dated_policy_are_told_apart_draw_by_draw(play, compact, starts, share, told):
    """What a deal brings in autumn holds against what began before, and gives way to what comes later."""
    dated = policy("ownership", 0.25, (starts.isoformat(), None))
    scenario = compact({"policies.dated": dated} | DEAL)
    assert [("if a deal brings it, gives way: policies.dated" in words) for words in scenario.warnings] == [True] * told
    run = play(scenario, range(40), watch=("equity_cap",))
    signed = run.world.deal_month
    cap = run.months["equity_cap"][-1, run.market("china")]
    later = signed + 1 >= scenario.calendar.month_of(starts)
    np.testing.assert_array_equal(cap, np.where((signed < MONTHS) & later, 0.75, 0.25))
    if share is None:
        assert set(cap) == {0.25, 0.75}
        assert len({*signed[signed < MONTHS]}) == 2


def test_a_nationwide_roll_out_gives_way_to_a_rule_that_begins_after_it(play, compact, pilot):
    review = {"after_months": 3, "foreign_share_ceiling": 0.99, "if_passed": "nationwide", "if_failed": "closed"}
    rule = {"kind": "ownership", "by": "china", "market": "china", "equity_cap": 0.5, **MADE_UP}
    world = pilot(review=review) | {"policies.closing": rule | {"starts": dt.date(2019, 4, 1)}, "months": MONTHS}
    cap = play(compact(world), range(1), watch=("equity_cap",))
    seen = cap.months["equity_cap"][:, cap.market("china"), 0]
    assert [*seen] == [0.0] * 6 + [1.0] * 3 + [0.5] * 3


def test_an_incident_in_a_zone_that_two_policies_keep_open_counts_once(play, compact, pilot):
    risky = {"zones.harbour.incidents_per_year": 6}
    one = play(compact(pilot() | risky), range(5))
    twice = pilot()["policies.pilot"]
    two = play(compact({"policies.pilot": twice, "policies.second": twice} | risky), range(5))
    assert one.happened("incident")
    assert two.happened("incident") == one.happened("incident")
