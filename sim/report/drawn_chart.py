"""A chart with its numbers: declared together, drawn as a picture in a file or as a part of a page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup

from sim.report.captions import Heading
from sim.report.chart_style import OWN_SETTINGS, POINTS_PER_INCH, Chart

PIXELS_PER_POINT = 1.5
"""Size at which charts are shown where there is room: their type is then as large as that of tables."""
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_XLINK = "http://www.w3.org/1999/xlink"
_GROUND = '<rect width="100%" height="100%" fill="white"/>'
_NAMED = re.compile(r'(\bid="|xlink:href="#|url\(#)(?:(?P<kind>\w*?)(?P<hash>[0-9a-f]{10})\b)?')

Subject = TypeVar("Subject")
"""What a chart is drawn of."""


@dataclass(frozen=True)
class DrawnChart:
    """A chart that has been drawn, and its numbers.

    Attributes
    ----------
    name
        What its files are called, without the ending.
    heading
        The words around it.
    key
        What each colour stands for in all panels, where a page writes that above them.
    svg
        The chart as a part of a page: text stays text, no name that other charts have. Its words are in it and out of
        sight, since they become the page's own; `data-whole` says how large it is with them.
    picture
        The same drawing with its words, as an SVG file.
    numbers
        What it shows, as a tidy table.
    """

    name: str
    heading: Heading
    key: Mapping[str, str]
    svg: Markup
    picture: str
    numbers: pd.DataFrame

    @classmethod
    def of(cls, name: str, figure: Chart, numbers: pd.DataFrame) -> Self:
        """Draw a chart, once for both of its forms."""
        stream = io.StringIO()
        with mpl.rc_context(OWN_SETTINGS | {"svg.fonttype": "none", "svg.hashsalt": name}):
            figure.savefig(stream, format="svg", transparent=True, metadata=_NO_METADATA)
        drawn = stream.getvalue()
        opening = drawn.index(">", drawn.index("<svg")) + 1
        # matplotlib has escaped the words in it
        content = Markup(_named(name, _METADATA.sub("", drawn[opening:])).strip())  # noqa: S704
        in_page = _in_panels(name, figure, content) if figure.cells else _in_one(figure, content)
        return cls(name, figure.heading, figure.key, in_page, f"{drawn[:opening]}{_GROUND}\n{content}\n", numbers)


def _named(name: str, drawn: str) -> str:
    """Name parts after their chart; numbers stand for matplotlib's hashes, which hang on how NumPy prints."""
    numbers: dict[str, int] = {}

    def own(found: re.Match[str]) -> str:
        kind, hashed = found["kind"], found["hash"]
        return f"{found[1]}{name}-" + (f"{kind}{numbers.setdefault(hashed, len(numbers) + 1)}" if hashed else "")

    return _NAMED.sub(own, drawn)


def _size(figure: Chart) -> tuple[float, float]:
    width, height = (float(inches) * POINTS_PER_INCH for inches in figure.get_size_inches())
    return width, height


def _in_one(figure: Chart, content: Markup) -> Markup:
    width, height = _size(figure)
    head, foot = (inches * POINTS_PER_INCH for inches in figure.room)
    label = f"{figure.heading.title}. {figure.heading.subtitle}"
    opening = Markup(
        '<svg viewBox="0 {:.1f} {:.1f} {:.1f}" data-whole="{:.1f} {:.1f}" role="img" aria-label="{}" '
        'style="max-width: {:.0f}px" xmlns:xlink="{}">'
    ).format(head, width, height - head - foot, width, height, label, width * PIXELS_PER_POINT, _XLINK)
    return opening + content


def _in_panels(name: str, figure: Chart, content: Markup) -> Markup:
    """Draw once, out of sight, and show each panel as a picture of its own: matplotlib numbers them from one."""
    whole = Markup('<svg class="drawn" data-whole="{:.1f} {:.1f}" aria-hidden="true" xmlns:xlink="{}">')
    drawn = whole.format(*_size(figure), _XLINK) + content
    panels = [
        Markup(
            '<svg viewBox="{:.1f} {:.1f} {:.1f} {:.1f}" role="img" aria-label="{}" style="max-width: {:.0f}px">'
            '<use href="#{}-axes_{}"/></svg>'
        ).format(
            *(POINTS_PER_INCH * inches for inches in cell), f"{axes.get_title(loc='left')}. {axes.get_ylabel()}",
            cell[2] * POINTS_PER_INCH * PIXELS_PER_POINT, name, place,
        )
        for place, (cell, axes) in enumerate(zip(figure.cells, figure.axes, strict=True), start=1)
    ]  # fmt: skip
    return Markup('<div class="panels">{}</div>').format(drawn + Markup("\n").join(panels))


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True)
class ChartOf(Generic[Subject]):
    """A chart of something and its numbers, declared together.

    Attributes
    ----------
    plot
        Draws it; the files are named after this function: `shares.svg` after `plot_shares`.
    numbers
        Gives what it shows, as a tidy table with units in the names of the columns; None where the chart says it.
    has_something
        Whether a subject has something to show.
    """

    plot: Callable[[Subject], Chart]
    numbers: Callable[[Subject], pd.DataFrame] | None = None
    has_something: Callable[[Subject], bool] = _always

    @property
    def name(self) -> str:
        """What its files are called, without the ending."""
        return self.plot.__name__.removeprefix("plot_")

    def drawn(self, subject: Subject) -> DrawnChart:
        """Draw it."""
        figure = self.plot(subject)
        return DrawnChart.of(self.name, figure, figure.numbers if self.numbers is None else self.numbers(subject))


def drawn_charts(declared: Iterable[ChartOf[Subject]], subject: Subject) -> list[DrawnChart]:
    """Draw the charts for which a subject has something to show."""
    return [chart.drawn(subject) for chart in declared if chart.has_something(subject)]
