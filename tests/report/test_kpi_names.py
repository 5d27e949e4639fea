"""A KPI's name says its time basis and unit, and people read words and rounded values."""

from __future__ import annotations

import math

import pytest

from sim.errors import ModelError
from sim.report.kpi_names import format_difference, format_value, label_from_name, parse


def test_a_name_splits_into_subject_time_basis_and_unit():
    name = parse("price_index_china_end_index")
    assert (name.stem, name.basis, name.unit) == ("price_index_china", "end", "index")


@pytest.mark.parametrize(
    "name", ["revenue", "revenue_bn", "revenue_cum", "revenue_total_bn", "cum_bn", "revenue_cum_eur"]
)
def test_a_name_without_a_known_ending_is_a_fault_of_the_program(name):
    with pytest.raises(ModelError, match=name):
        parse(name)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1234.5678, "bn", "1,235 bn USD"),
        (0.0314, "share", "3.14 %"),
        (0.5, "index", "0.500"),
        (27.0, "months", "27.0 months"),
        (0.0, "bn", "0 bn USD"),
        (0.0000004, "bn", "4.0e-07 bn USD"),
        (-0.00000123, "share", "-0.00012 %"),
        (-0.000000123, "share", "-1.2e-05 %"),
        (math.nan, "bn", "-"),
        (-12.345, "bn", "-12.3 bn USD"),
    ],
)
def test_values_are_written_with_three_digits_and_their_unit(value, unit, written):
    assert format_value(value, unit) == written


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [(0.0314, "share", "+3.14 points"), (-2.5, "rank", "-2.50 places"), (0.0, "bn", "0 bn USD"), (math.nan, "bn", "-")],
)
def test_differences_are_written_with_their_sign(value, unit, written):
    assert format_difference(value, unit) == written


def test_a_rounding_to_the_next_power_of_ten_keeps_the_value():
    assert float(format_value(9.9999, "index")) == pytest.approx(10, abs=0.01)


def test_a_title_that_holds_another_name_is_left_alone():
    titles = {"rest": "all but us and china", "us": "US", "china": "China"}
    assert label_from_name("price_index_rest_of_us_end_index", titles) == "Price index all but us and china of US"


def test_names_inside_a_kpi_are_written_as_the_scenario_has_them():
    titles = {"china": "China", "china_telecom": "China Telecom", "us": "US"}
    assert label_from_name("china_telecom_in_china_end_share", titles) == "China Telecom in China"
    assert label_from_name("status_of_us_end_share", titles) == "Status of US"
