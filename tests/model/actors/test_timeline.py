"""Months as dates, turns as SimPy events, and the order of play inside a month."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.timeline import Calendar, Phase, Timeline

quarters = st.builds(dt.date, st.integers(1990, 2060), st.sampled_from([1, 4, 7, 10]), st.just(1))
calendars = st.builds(Calendar, quarters, st.integers(1, 60).map(lambda quarters: 3 * quarters))


@given(calendar=calendars, month=st.integers(-200, 400))
def test_the_first_day_of_a_month_belongs_to_it(calendar, month):
    assert calendar.month_of(calendar.date_of(month)) == month


@given(calendar=calendars, date=st.dates(dt.date(1980, 1, 1), dt.date(2080, 1, 1)))
def test_a_date_takes_effect_in_its_month_if_it_comes_by_the_middle_of_it(calendar, date):
    first = calendar.date_of(calendar.month_of(date))
    if date.day <= 15:
        assert first == date.replace(day=1)
    else:
        assert first == (date.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


@given(calendar=calendars, dates=st.tuples(st.dates(dt.date(1980, 1, 1)), st.dates(dt.date(1980, 1, 1))))
def test_a_later_date_never_takes_effect_before_an_earlier_one(calendar, dates):
    early, late = sorted(dates)
    assert calendar.month_of(early) <= calendar.month_of(late)


@given(calendar=calendars)
def test_quarters_follow_each_other_and_fill_the_run(calendar):
    dates = calendar.quarter_dates()
    assert dates[0] == calendar.start
    assert len(dates) * 3 == calendar.months
    assert all(calendar.month_of(after) - calendar.month_of(before) == 3 for before, after in itertools.pairwise(dates))
    assert calendar.month_of(calendar.end) == calendar.months


def played(months, *players):
    """Turns in the order in which they come: (month, phase, player)."""
    timeline, turns = Timeline(Calendar(dt.date(2018, 7, 1), months)), []

    def player(name, phase, every):
        while True:
            month = yield timeline.turn(phase, every=every)
            turns.append((month, phase, name))

    for name, phase, every in players:
        timeline.env.process(player(name, phase, every))
    timeline.run()
    return turns


@given(order=st.permutations(list(Phase)))
def test_a_month_is_played_in_the_order_of_its_phases_however_actors_are_started(order):
    turns = played(3, *((phase.name, phase, 1) for phase in order))
    assert [(month, phase) for month, phase, _ in turns] == [(month, phase) for month in range(3) for phase in Phase]


@given(every=st.integers(1, 14), months=st.integers(1, 12).map(lambda quarters: 3 * quarters))
def test_an_actor_with_rarer_turns_has_them_in_the_months_divisible_by_its_interval(every, months):
    turns = played(months, ("rare", Phase.PRICING, every))
    assert [month for month, *_ in turns] == list(range(0, months, every))


@pytest.mark.parametrize(("month", "phase"), [(0, Phase.TALKS), (0, Phase.RECORD), (5, Phase.MARKET)])
def test_a_given_moment_comes_between_the_phases_around_it(month, phase):
    timeline, seen = Timeline(Calendar(dt.date(2018, 7, 1), 6)), []

    def once():
        seen.append((yield timeline.at(month, phase)))
        seen.append(timeline.env.now)

    timeline.env.process(once())
    timeline.run()
    assert seen == [month, month * len(Phase) + phase]


def test_an_actor_can_take_several_turns_in_one_month():
    timeline, turns = Timeline(Calendar(dt.date(2018, 7, 1), 3)), []

    def twice():
        while True:
            first = yield timeline.turn(Phase.POLICY)
            second = yield timeline.turn(Phase.AMENDMENT)
            turns.append((first, second))

    timeline.env.process(twice())
    timeline.run()
    assert turns == [(month, month) for month in range(3)]


def test_vendors_see_the_rules_of_the_month_before_they_act_and_customers_the_prices():
    """The order that docs and agents rely on."""
    assert Phase.TALKS < Phase.ZONES < Phase.POLICY < Phase.AMENDMENT < Phase.NEWS < Phase.ENTRY < Phase.LICENSING
    assert Phase.LICENSING < Phase.SUPPLY < Phase.PRICING < Phase.MARKET < Phase.PARTNERS < Phase.ORDERS
    assert Phase.ORDERS < Phase.GOODS < Phase.RECORD
