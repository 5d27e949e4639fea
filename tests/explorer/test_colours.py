"""Every line of a chart can be told from its ground, on a light and on a dark one."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_rgb

import sim
from sim.explorer.charts import new_charts
from sim.explorer.panel import browser_file
from sim.explorer.session import Answer
from sim.report.chart_style import COLOURS

LEAST = {False: 2.0, True: 3.0}
"""Contrast of lines with a light and with a dark ground; the palette's orange and sky are pale on white."""


def luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def crowded(session) -> Answer:
    """An answer with more vendors than there are colours."""
    vendors = session.parent.scenario.vendors
    many = vendors | {f"newcomer_{number}": vendors["aws"] for number in range(len(COLOURS))}
    run = sim.run(session.parent.scenario.model_copy(update={"vendors": many}), 2)
    return Answer(session.recipe, run, session.reference)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.depth
def test_a_line_for_each_of_many_vendors_can_be_seen(crowded, dark):
    charts = new_charts(crowded)
    ground = [part.split(";")[0].strip() for part in browser_file("colours.css").split("--ground:")[1:]][dark]
    charts.paint(not dark)
    charts.paint(dark)
    glyphs = [drawn.glyph for chart in charts.figures.values() for drawn in chart.renderers]
    colours = {getattr(glyph, of) for glyph in glyphs for of in ("line_color", "fill_color") if hasattr(glyph, of)}
    assert len(colours - {None}) > len(COLOURS)
    assert not [colour for colour in colours - {None} if contrast(colour, ground) < LEAST[dark]]
