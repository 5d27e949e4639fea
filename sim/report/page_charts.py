"""Charts as SVG inside a page: the words around them become the page's own, text in them stays text."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING, cast

import matplotlib as mpl

from sim.report.chart_style import HEADING_MARKS, POINTS_PER_INCH
from sim.report.page_content import PageChart

if TYPE_CHECKING:
    from sim.report.chart_style import Chart
    from sim.studies.one_run.drawn_charts import DrawnChart

PIXELS_PER_POINT = 1.25
"""Size at which charts are shown where there is room: their type is then as large as that of tables."""
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMED = re.compile(r'(\bid="|xlink:href="#|url\(#)')


def page_chart(drawn: DrawnChart, folder: str) -> PageChart:
    """Turn a chart into a part of a page.

    Parameters
    ----------
    drawn
        A chart with its numbers; it is left as it was.
    folder
        Where its files are, beside the page.
    """
    chart = cast("Chart", drawn.figure)  # `new_chart` makes all charts
    words = chart.heading
    return PageChart(words.title, words.subtitle, words.source, _inline(chart, drawn.name), f"{folder}{drawn.name}.csv")


def _svg(chart: Chart, name: str) -> str:
    """Draw a chart without the words around it."""
    words = [text for text in chart.texts if text.get_gid() in HEADING_MARKS]
    stream = io.StringIO()
    try:
        for text in words:
            text.set_visible(False)
        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
            chart.savefig(stream, format="svg", transparent=True, metadata=_NO_METADATA)
    finally:
        for text in words:
            text.set_visible(True)
    return stream.getvalue()


def _inline(chart: Chart, name: str) -> str:
    """Make a chart part of a page: no header, a description, names that no other chart has, no room for its words."""
    svg = _svg(chart, name)
    body = _METADATA.sub("", svg[svg.index(">", svg.index("<svg")) + 1 :])
    width, height = (inches * POINTS_PER_INCH for inches in chart.get_size_inches())
    head, foot = (inches * POINTS_PER_INCH for inches in chart.room)
    words = escape(f"{chart.heading.title}. {chart.heading.subtitle}")
    opening = (
        f'<svg viewBox="0 {head:.1f} {width:.1f} {height - head - foot:.1f}" role="img" aria-label="{words}" '
        f'style="max-width: {width * PIXELS_PER_POINT:.0f}px" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return opening + _NAMED.sub(rf"\g<1>{name}-", body).strip()
