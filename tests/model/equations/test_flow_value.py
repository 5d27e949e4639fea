"""Present values of governments, against integrals added up in small steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.model.equations.present_value import flow_value, moving_flow_value

STEPS = 2000

rates = st.floats(-0.3, 0.6)
churns = st.floats(0, 4.6)
"""Up to a run-off of 99 % a year, the fastest that a scenario takes."""
years = st.floats(0, 15)


def integral(flow, begins, ends):
    """Simpson's rule; nothing where the interval is empty."""
    if begins >= ends:
        return 0.0
    times = np.linspace(begins, ends, 2 * STEPS + 1)
    weights = np.array([1.0, *[4.0, 2.0] * (STEPS - 1), 4.0, 1.0])
    return float((weights * flow(times)).sum() * (ends - begins) / (6 * STEPS))


def of_draws(function, *numbers):
    return float(function(*(np.array([number]) for number in numbers))[0])


@given(rate=rates, begins=years, ends=years)
def test_a_flow_is_worth_its_discounted_sum(rate, begins, ends):
    expected = integral(lambda t: np.exp(-rate * t), begins, ends)
    assert of_draws(flow_value, rate, begins, ends) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(discount=rates, growth=rates, churn=churns, begins=years, ends=years)
def test_a_moving_flow_is_worth_what_is_chosen_anew_while_old_contracts_run_off(discount, growth, churn, begins, ends):
    """Where spending shrinks faster than contracts run off, nothing is chosen anew at any time."""

    def flow(t):
        under_contract = np.exp(growth * begins - churn * (t - begins))
        return np.exp(-discount * t) * np.maximum(np.exp(growth * t) - under_contract, 0)

    expected = integral(flow, begins, ends)
    assert of_draws(moving_flow_value, discount, growth, churn, begins, ends) == pytest.approx(
        expected, rel=1e-8, abs=1e-9 * integral(lambda t: np.exp((growth - discount) * t), begins, ends) + 1e-12
    )


@given(discount=rates, growth=rates, churn=churns, begins=years, later=years)
def test_what_begins_at_the_horizon_or_after_is_worth_nothing(discount, growth, churn, begins, later):
    ends = begins
    assert of_draws(flow_value, discount, ends + later, ends) == 0
    assert of_draws(moving_flow_value, discount, growth, churn, ends + later, ends) == 0


@given(discount=rates, growth=rates, churn=churns, begins=years, ends=years)
def test_no_flow_is_worth_less_than_nothing_or_more_than_all_of_it(discount, growth, churn, begins, ends):
    moving = of_draws(moving_flow_value, discount, growth, churn, begins, ends)
    assert 0 <= moving <= of_draws(flow_value, discount - growth, begins, ends)


@given(discount=rates, growth=rates, begins=st.floats(0, 1), ends=years)
def test_without_contracts_a_moving_flow_is_all_of_it(discount, growth, begins, ends):
    """At a run-off of 600 a year contracts last for half a day; what is under them is at most 1 / 600 of a year."""
    whole = of_draws(flow_value, discount - growth, begins, ends)
    moving = of_draws(moving_flow_value, discount, growth, 600.0, begins, ends)
    assert 0 <= whole - moving <= math.exp((growth - discount) * begins) / (600 + discount) * (1 + 1e-9)


@given(discount=rates, begins=years, ends=years)
def test_where_nothing_runs_off_and_nothing_grows_nothing_moves(discount, begins, ends):
    assert of_draws(moving_flow_value, discount, 0.0, 0.0, begins, ends) == pytest.approx(0, abs=1e-12)


@given(discount=rates, growth=rates, churn=churns, begins=years, ends=years, more=st.floats(0.01, 2))
def test_faster_run_off_an_earlier_beginning_and_a_later_end_are_never_worth_less(
    discount, growth, churn, begins, ends, more
):
    assume(begins < ends)

    def worth(churn=churn, begins=begins, ends=ends):
        return of_draws(moving_flow_value, discount, growth, churn, begins, ends)

    value = worth()
    rounding = 1e-9 * of_draws(flow_value, discount - growth, begins, ends)
    assert worth(churn=churn + more) >= value - rounding
    assert worth(begins=max(begins - more, 0)) >= value - rounding
    assert worth(ends=ends + more) >= value - rounding


def test_a_flow_that_is_not_discounted_is_worth_its_years():
    np.testing.assert_array_equal(flow_value(np.zeros(3), np.array([0.0, 1.0, 4.0]), np.full(3, 3.0)), [3, 2, 0])


def test_ten_years_by_hand():
    """1 a year from year 2 to 10 at 5 %: (exp(-0.1) - exp(-0.5)) / 0.05."""
    by_hand = (math.exp(-0.1) - math.exp(-0.5)) / 0.05
    assert of_draws(flow_value, 0.05, 2.0, 10.0) == pytest.approx(by_hand, rel=1e-14)


def test_draws_do_not_mix():
    random = np.random.default_rng(1)
    columns = [random.uniform(low, high, 40) for low, high in ((0, 0.2), (0, 0.2), (0.1, 1), (0, 4), (0, 8))]
    together = moving_flow_value(*columns)
    alone = [moving_flow_value(*(column[d : d + 1] for column in columns))[0] for d in range(40)]
    assert together.tobytes() == np.array(alone).tobytes()
