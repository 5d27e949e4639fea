"""The two rules without economics, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from sim.studies.backtest.naive import no_change, trend
from sim.studies.fit.published import IMPORTS, SHARE, TOTAL, Observation, Period

CUTOFF = dt.date(2020, 1, 1)


def figure(kind, year, value, quarter=0, member=""):
    period = Period(dt.date(year, 3 * quarter - 2, 1), 3) if quarter else Period(dt.date(year, 1, 1), 12)
    return Observation(f"{kind}.{year}.{quarter}.{member}", kind, "", member, period, value)


def test_no_change_repeats_the_last_share():
    known = [figure(SHARE, 2018, 0.2, member="aws"), figure(SHARE, 2019, 0.3, member="aws")]
    assert no_change(known, figure(SHARE, 2021, 0.9, quarter=2, member="aws")) == 0.3


def test_no_change_of_a_quarter_is_a_fourth_of_the_last_year_and_the_other_way_round():
    assert no_change([figure(TOTAL, 2019, 40.0)], figure(TOTAL, 2020, 0.0, quarter=1)) == pytest.approx(10.0)
    assert no_change([figure(TOTAL, 2019, 12.0, quarter=4)], figure(TOTAL, 2020, 0.0)) == pytest.approx(48.0)


def test_of_a_year_and_its_last_quarter_the_quarter_is_the_later_figure():
    known = [figure(TOTAL, 2019, 40.0), figure(TOTAL, 2019, 12.0, quarter=4)]
    assert no_change(known, figure(TOTAL, 2020, 0.0)) == pytest.approx(48.0)


def test_other_series_do_not_count():
    known = [figure(SHARE, 2019, 0.3, member="google"), figure(TOTAL, 2019, 10.0)]
    wanted = figure(SHARE, 2020, 0.0, member="aws")
    assert no_change(known, wanted) is None
    assert trend(known, wanted, CUTOFF) is None


def test_the_trend_goes_on_along_the_line_through_two_years():
    known = [figure(IMPORTS, 2018, 500.0, member="us"), figure(IMPORTS, 2019, 450.0, member="us")]
    # From the middle of 2018 to that of 2019 it is 365 days, to that of 2021 it is 731 more.
    expected = 450.0 - 50.0 * 731.0 / 365.0
    assert trend(known, figure(IMPORTS, 2021, 0.0, member="us"), CUTOFF) == pytest.approx(expected, rel=1e-3)


def test_the_trend_looks_at_the_last_two_years_only():
    known = [figure(TOTAL, 2017, 999.0), figure(TOTAL, 2018, 20.0), figure(TOTAL, 2019, 30.0)]
    assert trend(known, figure(TOTAL, 2020, 0.0), CUTOFF) == pytest.approx(40.0, rel=1e-3)


def test_one_date_makes_no_line_and_a_line_never_goes_below_zero():
    one = figure(TOTAL, 2019, 30.0)
    assert trend([one, one], figure(TOTAL, 2020, 0.0), CUTOFF) is None
    falling = [figure(TOTAL, 2018, 90.0), figure(TOTAL, 2019, 10.0)]
    assert trend(falling, figure(TOTAL, 2021, 0.0), CUTOFF) == 0.0
