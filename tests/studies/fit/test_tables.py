"""Tables and page of a fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.report.kept_table import Column, Table, as_markdown, number
from sim.report.kpi_names import figure
from sim.studies.fit.fit_tables import parameter_table
from sim.studies.fit.posterior import Gaussian
from sim.values import Number

PRIORS = {
    "moved": Number("normal", (2.0, 0.5), unit="years"),
    "narrowed": Number("lognormal", (1.0, 0.3), unit="ratio"),
    "silent": Number("triangular", (0.0, 1.0, 3.0), unit="share of one"),
}
POSTERIOR = Gaussian(np.array([1.0, 0.1, -0.2]), np.diag([0.95**2, 0.5**2, 0.92**2]))


@pytest.fixture
def table():
    return parameter_table(PRIORS, POSTERIOR).set_index("path")


def test_prior_and_posterior_have_the_moments_of_their_distributions(table):
    narrowed = stats.lognorm(0.15, scale=np.exp(0.03))
    assert table.loc["moved", ["prior_mean", "prior_sd"]].tolist() == pytest.approx([2.0, 0.5], rel=1e-3)
    assert table.loc["moved", ["posterior_mean", "posterior_sd"]].tolist() == pytest.approx([2.5, 0.475], rel=1e-3)
    found = table.loc["narrowed", ["posterior_mean", "posterior_sd", "posterior_p5", "posterior_p95"]].tolist()
    assert found == pytest.approx([narrowed.mean(), narrowed.std(), *narrowed.ppf([0.05, 0.95])], rel=1e-3)
    assert table.loc["silent", "prior_mean"] == pytest.approx(4.0 / 3.0, rel=1e-3)


def test_variance_left_is_that_of_the_score(table):
    assert table["variance_left"].tolist() == pytest.approx([0.95**2, 0.25, 0.92**2])


def test_numbers_that_are_neither_moved_nor_narrowed_are_told_apart(table):
    assert table["moved_or_narrowed"].to_dict() == {"moved": True, "narrowed": True, "silent": False}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (1234.5, "1234"), (0.01234, "0.0123"), (-0.5, "−0.500"), (9.99, "9.99"), (float("nan"), "–")],
)
def test_a_number_is_written_with_three_digits(value, text):
    assert figure(value) == text


def test_a_table_has_a_line_for_each_row_and_bars_in_words_do_not_break_it():
    table = Table("", [Column("A"), number("n")], [("a|b", "1")])
    assert as_markdown(table).splitlines() == ["| A | n |", "| --- | --: |", "| a/b | 1 |"]
