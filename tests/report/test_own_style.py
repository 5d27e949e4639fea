"""A chart is the same picture whatever a user has set for others, and leaves what is set as it is."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import style

import sim
from sim.report.drawn_chart import ChartOf
from sim.studies.compare.comparison import compare
from sim.studies.one_run.run_page import RUN_CHARTS
from tests.depth import quick
from tests.report.made_up_deals import random_space

SETTINGS: dict[str, Any] = {
    "axes.grid": True, "axes.spines.left": False, "axes.unicode_minus": False, "figure.autolayout": True,
    "figure.dpi": 37, "font.family": "monospace", "font.size": 21, "legend.frameon": True, "lines.linestyle": ":",
    "lines.linewidth": 9, "savefig.bbox": "tight", "savefig.facecolor": "red", "savefig.transparent": True,
    "text.hinting": "default", "text.color": "white", "timezone": "Pacific/Kiritimati", "xtick.direction": "inout",
    "xtick.major.size": 20, "ytick.minor.visible": True, "svg.id": "mine", "svg.fonttype": "path",
}  # fmt: skip
CHARTS = [chart.name for chart in RUN_CHARTS if chart.name not in {"talks", "real_income", "origins"}]
"""Charts that every run has."""
OTHERS = ["differences", "welfare_differences", "kpi", "deal_space", "deal_dates"]


@pytest.fixture(scope="module")
def comparison(result, make_result):
    return compare([result, make_result(shift=1.0, name="pilot")])


@pytest.fixture
def draw(result, comparison):
    """Draw a chart by name, and give its picture, small, and what a page shows of it."""
    plots = {chart.name: lambda chart=chart: chart.plot(result) for chart in RUN_CHARTS} | {
        "differences": comparison.plot_differences, "welfare_differences": comparison.plot_welfare,
        "kpi": lambda: comparison.plot("exports_us_cum_bn"), "deal_space": lambda: sim.plot_deal_space(random_space()),
        "deal_dates": lambda: sim.plot_deal_dates(random_space()),
    }  # fmt: skip

    def drawn(name: str) -> tuple[bytes, str]:
        chart = plots[name]()
        stream = io.BytesIO()
        chart.savefig(stream, format="png", dpi=30)
        return stream.getvalue(), ChartOf(lambda _: chart, lambda _: None).drawn(None).svg

    return drawn


@pytest.mark.parametrize("name", quick([*CHARTS, *OTHERS], "shares", "differences", "deal_dates"))
@pytest.mark.depth
def test_a_chart_is_the_same_bytes_in_any_settings(draw, name):
    expected = draw(name)
    with style.context("dark_background"), mpl.rc_context(SETTINGS):
        before = dict(mpl.rcParams)
        assert draw(name) == expected
        assert dict(mpl.rcParams) == before


def test_every_function_that_draws_a_chart_draws_in_its_own_style():
    public = [getattr(sim, name) for name in sim.__all__ if name.startswith("plot_")]
    drawing = {*public, *(chart.plot for chart in RUN_CHARTS)}
    assert not [plot.__name__ for plot in drawing if not hasattr(plot, "__wrapped__")]
