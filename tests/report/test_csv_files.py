"""CSV files hold nothing that a spreadsheet would reckon, and pandas reads their numbers back to the last bit."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from sim.report.csv_files import csv_of

FORMULAS = (
    "=1+1", "=HYPERLINK(\"http://evil.example\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "  =1", "＝1", "-abc", "\tquiet",
)  # fmt: skip
HARMLESS = ("", "-", "text", "a=b", "-5", "-1.5e-3", "+7", "2019-01-01", "'quoted", "5 - 3", "-inf")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_a_formula_is_marked_in_cells_and_headings(text):
    held = pd.read_csv(io.BytesIO(csv_of(pd.DataFrame({"words": [text], text: ["a"]}))), dtype=str)
    assert held["words"][0].removeprefix("'").splitlines() == text.splitlines()
    assert held["words"][0].startswith("'")
    assert held.columns[1].startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_all_other_text_is_as_it_was(text):
    held = pd.read_csv(io.BytesIO(csv_of(pd.DataFrame({"words": [text]}))), dtype=str, keep_default_na=False)
    assert held["words"][0] == text


def test_numbers_dates_and_gaps_are_read_back():
    numbers = np.array([-0.1, 1 / 3, -1e300, 5e-324, np.nan, -0.0])
    table = pd.DataFrame({
        "number": numbers, "whole": np.arange(-3, 3), "date": pd.date_range("2018-01-01", periods=6),
        "mixed": pd.Series([-1.5, "-x", None, "-1.5", True, -7], dtype=object), "kind": pd.Categorical(["-b", "c"] * 3),
    })  # fmt: skip
    held = pd.read_csv(io.BytesIO(csv_of(table)), parse_dates=["date"])
    assert held["number"].to_numpy().tobytes() == numbers.tobytes()
    pd.testing.assert_frame_equal(held[["whole", "date"]], table[["whole", "date"]], check_dtype=False)
    assert held["mixed"].isna().tolist() == [False, False, True, False, False, False]
    assert held["kind"].tolist() == ["'-b", "c"] * 3
    assert held["mixed"].tolist()[1] == "'-x"


def test_digits_do_not_depend_on_what_the_user_has_set():
    table = pd.DataFrame({"number": [1 / 3], "words": ["a"]})
    expected = csv_of(table)
    with np.printoptions(legacy="1.13", precision=2), pd.option_context("display.precision", 2):
        assert csv_of(table) == expected
