"""Real income of the regions of the world's trade among the main figures."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.kpis import figure_tables

SHORT = {"months": 36, "focus.sums_to": [2019]}


@pytest.fixture(scope="module")
def paths():
    return run_batch(sim.load("talks_collapse", SHORT), range(5), 1)


@pytest.fixture(scope="module")
def kpis(paths):
    return figure_tables(paths)["kpis"]


def test_the_real_income_of_a_region_is_the_sum_over_its_quarters(paths, kpis):
    assert "mexico_canada" in paths.axes.regions
    for n, region in enumerate(paths.axes.regions):
        quarters = paths.regions["real_income_bn"][:, n]
        assert np.any(quarters != 0.0)
        np.testing.assert_allclose(kpis[f"real_income_{region}_cum_bn"], quarters.sum(axis=0))
        np.testing.assert_allclose(kpis[f"real_income_{region}_to2019_bn"], quarters[:6].sum(axis=0))


def test_real_income_has_a_present_value_at_the_policy_rate_alone(paths, kpis):
    kinds = {name.rsplit("_", 2)[1] for name in kpis if name.startswith("real_income_china_")}
    assert kinds == {"cum", "to2019", "pv"}
    middles = (np.arange(12) + 0.5)[:, None] / 4
    discounted = paths.regions["real_income_bn"][:, paths.axes.regions.index("china")] * np.exp(
        -paths.outcomes["policy_rate"] * middles
    )
    np.testing.assert_allclose(kpis["real_income_china_pv_bn"], discounted.sum(axis=0))


def test_in_the_partial_form_nobody_has_real_income():
    paths = run_batch(sim.load("talks_collapse", {**SHORT, "goods.form": "partial"}), range(2), 1)
    assert not [name for name in figure_tables(paths)["kpis"] if name.startswith("real_income")]
