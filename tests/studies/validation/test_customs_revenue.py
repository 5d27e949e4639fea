"""Duties by quarter add up to those of the years, on both sides, and months to what is published of years."""

from __future__ import annotations

import pytest

from sim.facts import find_fact
from sim.studies.validation import customs_revenue, world_trade

QUARTERS = range(1, 5)


@pytest.fixture(scope="module")
def rows(evidence):
    return {row.what: row for row in customs_revenue.check(evidence).comparisons}


def test_every_quarter_to_the_end_of_2024_is_there(rows):
    years = [(2018, 3), (2018, 4), *((year, quarter) for year in range(2019, 2025) for quarter in QUARTERS)]
    wanted = [f"US customs duties a month, quarter {quarter} of {year}" for year, quarter in years]
    assert [what for what in rows if "a month" in what] == wanted


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022])
def test_quarters_add_up_to_the_year(rows, evidence, year):
    held = [rows[f"US customs duties a month, quarter {quarter} of {year}"] for quarter in QUARTERS]
    (whole,) = [row for row in world_trade.check(evidence).comparisons if row.what == f"US customs duties, {year}"]
    assert 3 * sum(row.model.mean for row in held) == pytest.approx(whole.model.mean)
    assert 3 * sum(row.data.value for row in held) == pytest.approx(whole.data.value, abs=0.01)


@pytest.mark.parametrize("year", range(2017, 2025))
@pytest.mark.parametrize("what", ["", ".imports"])
def test_months_add_up_to_what_is_published_of_the_year(year, what):
    months = [find_fact(f"us_customs_month.{year}_{month:02}{what}").value for month in range(1, 13)]
    assert sum(months) == pytest.approx(find_fact(f"us_customs.{year}{what}").value, abs=0.06)


@pytest.mark.parametrize("year", range(2019, 2025))
def test_the_rate_lies_between_that_of_others_and_that_of_china(rows, year):
    row = rows[f"US customs duties over imports, {year}"]
    assert row.data.value == find_fact(f"us_customs.{year}").value / find_fact(f"us_customs.{year}.imports").value
    assert (
        find_fact("us_tariff.2025_02_04.mexico.rate_2024").value
        < row.model.mean
        < find_fact("us_tariff.2025_02_04.china.rate_2024").value
    )
