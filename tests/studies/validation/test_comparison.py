"""A comparison keeps to what is published and says where the data lies."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import ModelError, ScenarioError
from sim.studies.validation.comparison import Comparison, Estimate, Published, derived, over_draws, published


def test_an_estimate_is_the_mean_and_the_range_of_nine_draws_in_ten():
    values = np.arange(101.0)
    np.random.default_rng(3).shuffle(values)
    assert over_draws(values) == Estimate(mean=50.0, low=5.0, high=95.0)


def test_draws_that_agree_to_rounding_are_certain():
    estimate = over_draws(np.array([0.3, 0.1 + 0.2, 0.3]))
    assert not estimate.is_uncertain
    assert estimate.mean == pytest.approx(0.3)


@pytest.mark.parametrize(("data", "inside"), [(0.9, False), (1.0, True), (1.5, True), (2.0, True), (2.1, False)])
def test_data_is_inside_where_the_range_holds_it(data, inside):
    row = Comparison("x", Estimate(1.4, 1.0, 2.0), Published(data, "months", "somebody"), "because")
    assert row.is_inside is inside
    assert row.difference == pytest.approx(1.4 - data)


def test_a_published_figure_carries_its_source_and_key():
    assert published("goods.2019.us_exports_to_china") == Published(
        106.5,
        "bn USD",
        "Census monthly NSA totals (country.xlsx) summed; stored in bdecon/US-chartbook "
        "(`goods.2019.us_exports_to_china`)",
    )


def test_a_recalled_figure_is_marked():
    assert published("fgkk.tariff_revenue").source.endswith("(`fgkk.tariff_revenue`, unverified)")


def test_a_derived_figure_names_all_it_rests_on():
    figure = derived(16.7, "bn USD a year", "loss less revenue", "fgkk.buyers_loss", "fgkk.tariff_revenue")
    assert figure.source == (
        "Fajgelbaum-Goldberg-Kennedy-Khandelwal QJE 2020; derived: loss less revenue "
        "(`fgkk.buyers_loss`, `fgkk.tariff_revenue`, unverified)"
    )


def test_a_fact_that_is_text_cannot_be_compared():
    with pytest.raises(ModelError, match=r"event\.ftz_cloud_proposal_date is '2019-03-25', where a number is needed"):
        published("event.ftz_cloud_proposal_date")


def test_an_unknown_fact_is_named_with_the_nearest():
    with pytest.raises(ScenarioError, match=r"goods\.2019"):
        published("goods.2019.us_export_to_china")
