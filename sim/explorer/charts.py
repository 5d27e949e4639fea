"""Charts of an answer beside the reference in grey and what is pinned; an answer replaces data, never the charts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, DataRange1d, FactorRange
from bokeh.models.annotations import Legend, LegendItem, Span
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.transforms import Dodge
from bokeh.plotting import figure

from sim.explorer.controls import Control
from sim.explorer.pins import LOOKS, Look, Pin
from sim.explorer.session import Answer, Figure
from sim.ledger import ACCOUNTS
from sim.report.chart_style import BLACK, BLUE, GREY, colours_of, edges_of_quarters, quarter_ends
from sim.report.kpi_names import UNITS, basis_in_words, parse
from sim.report.statistics import PERCENT, Band, band, shares_of_draws
from sim.runs.run_data import RunData
from sim.scenario.describing import title_of
from sim.scenario.schema import Scenario
from sim.studies.sweep.sweep_study import Sweep

HEIGHT = 270
OWN_CENTRES = ("zone", "owned")
"""Ways of being present that mean data centres of one's own."""
BARE_UNIT = "bn"
"""Unit of the figures in the chart of differences."""

_INK, _LINES = ("#333333", "#dddddd"), ("#d6d6d6", "#474747")
"""Type and grid lines on a light and on a dark ground."""
_BLACK_OR_WHITE = (BLACK, "#ffffff")
"""The one colour of lines that cannot be seen on a dark ground, and what stands for it there."""
_BAND = 0.16
_REFERENCE: Mapping[str, Any] = {"color": GREY, "line_width": 1.4, "line_dash": "dashed"}
_HOLLOW = 0.0

_MARKET, _DATE, _EDGES, _OF_REFERENCE = "market", "date", ("_low", "_high"), "_reference"
"""Names of columns of the data, and their endings."""
_RUNS_AT_HAND = 4 + len(LOOKS)
_PIN_ROW, _KEY_ROW = 11, 26
"""Pixels by which charts grow: for the row of a pin below each figure, and for the key of pins."""
_SAMPLE = 34
"""Width of the lines in that key, pixels: enough for each to show its dashes."""
_SPREAD = 0.3
"""How far the rows of a figure lie from its middle, as a part of the room between figures."""
_DIFFERENCES = ("Difference in clouds, sums over the run", "Difference of countries and in goods, sums over the run")
"""Two charts, since hundreds of billions of goods would hide tenths of clouds."""
_COUNTRIES = ("welfare_", *(held.name for held in ACCOUNTS if held.block == "goods"))
"""How names of figures begin that are about countries as a whole, or about goods."""
_SWEPT_ENDS = (("p5", "p95", 0.08), ("mean_low", "mean_high", 0.25))
"""Bands of a sweep, and how dark they are: 90 % of the draws, and the 90 % interval of the mean."""

Data = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """One chart, with room for what is pinned.

    Attributes
    ----------
    chart
        The chart.
    pinned
        Data of each pin, by its number less one; empty while there is none.
    rows
        Where each pin stands beside a figure, the answer itself last; none in a chart over time.
    """

    chart: figure
    pinned: Sequence[ColumnDataSource]
    rows: Sequence[Dodge] = ()

    def show(self, data: Mapping[int, Data]) -> None:
        """Draw pins by their numbers, and no others; a vendor that a pin has not has no line."""
        for number, source in enumerate(self.pinned, start=1):
            held = data.get(number, {})
            rows = len(next(iter(held.values()), ()))
            source.data = {name: held.get(name, np.full(rows, np.nan)) for name in source.column_names}
        for legend in self.chart.legend:
            for item in legend.items:
                if isinstance(item, LegendItem) and item.name:
                    item.visible = int(item.name) in data
            if legend.name:
                legend.visible = bool(data)
        figures = len(self.chart.y_range.factors) if isinstance(self.chart.y_range, FactorRange) else 0
        self.chart.height = HEIGHT + (_KEY_ROW if data else 0) + _PIN_ROW * len(data) * figures
        if self.rows:
            *pins, now = self.rows
            seen = [now, *(pins[number - 1] for number in sorted(data))]
            for row, place in zip(seen, np.linspace(_SPREAD, -_SPREAD, len(seen)) if data else (0.0,), strict=True):
                row.value = float(place)


@dataclass(frozen=True)
class Charts:
    """The charts of one page with the data behind them.

    Attributes
    ----------
    drawn
        Charts by their title.
    sources
        Data of the answer by the same title.
    swept, swept_source
        The chart of a sweep and its data.
    """

    drawn: Mapping[str, Drawn]
    sources: Mapping[str, ColumnDataSource]
    swept: figure
    swept_source: ColumnDataSource

    @property
    def figures(self) -> dict[str, figure]:
        """Charts by their title."""
        return {title: drawn.chart for title, drawn in self.drawn.items()}

    def show_pins(self, pins: Iterable[Pin]) -> None:
        """Draw what is pinned, and nothing else, beside the answer."""
        data = {pin.number: data_of(pin.answer) for pin in pins}
        for title, drawn in self.drawn.items():
            drawn.show({number: held[title] for number, held in data.items() if title in held})

    def show(self, answer: Answer) -> None:
        """Put the data of another answer into the charts."""
        for title, data in data_of(answer).items():
            self.sources[title].data = data

    def show_sweep(self, found: Sweep, control: Control) -> None:
        """Put the sweep of a control into its chart, in the units in which people read it."""
        [grid], unit = found.grids, UNITS[parse(found.kpi).unit]
        table = found.table()
        columns = ("mean", *(name for low, high, _ in _SWEPT_ENDS for name in (low, high)))
        scale = PERCENT if control.kind == "share" else 1.0
        data: Data = {"place": np.array(grid.places) * scale}
        self.swept_source.data = data | {name: table[name].to_numpy() * unit.factor for name in columns}
        self.swept.xaxis.axis_label = control.unit or control.title
        self.swept.yaxis.axis_label = unit.difference_axis

    def paint(self, dark: bool) -> None:
        """Choose colours of type and lines for a light or a dark ground."""
        for chart in (*self.figures.values(), self.swept):
            _paint(chart, *(_LINES if dark else _INK))
            for glyph in (getattr(drawn, "glyph", None) for drawn in chart.renderers):
                for of in ("line_color", "fill_color"):
                    if getattr(glyph, of, None) in _BLACK_OR_WHITE:
                        setattr(glyph, of, _BLACK_OR_WHITE[dark])


def new_charts(answer: Answer) -> Charts:
    """Draw the charts of a first answer."""
    scenario = answer.run.scenario
    place = title_of(scenario, "markets", scenario.focus.market)
    sources = {title: ColumnDataSource(data) for title, data in data_of(answer).items()}
    shares, price, presence, *differences = sources
    drawn = {
        shares: _lines(sources[shares], "percent of spending", _visitors(scenario), stepped=False),
        price: _lines(sources[price], "index, 1 at the base date", {_MARKET: place}, stepped=False),
        presence: _lines(sources[presence], "percent of draws", _visitors(scenario), stepped=True),
    } | {title: _dots(sources[title]) for title in differences}
    nothing: Data = {name: [] for name in ("place", "mean", *(end for ends in _SWEPT_ENDS for end in ends[:2]))}
    swept_source = ColumnDataSource(nothing)
    charts = Charts(drawn, sources, _swept(swept_source), swept_source)
    charts.paint(dark=False)
    return charts


def data_of(answer: Answer) -> dict[str, Data]:
    """Give the data of each chart by its title."""
    scenario = answer.run.scenario
    place = title_of(scenario, "markets", scenario.focus.market)
    visitor = title_of(scenario, "countries", scenario.focus.visitor)
    titles = (
        f"Shares of {visitor} vendors in {place}",
        f"Price index of {place}",
        f"{visitor} vendors with data centres of their own in {place}",
    )
    paths = map(_beside, _paths_of(answer.run), _paths_of(answer.reference))
    of_countries = [figure.kpi.startswith(_COUNTRIES) for figure in answer.figures]
    panels = (
        [held for held, of in zip(answer.figures, of_countries, strict=True) if of is other] for other in (False, True)
    )
    differences = dict(zip(_DIFFERENCES, map(difference_data, panels), strict=True))
    return dict(zip(titles, paths, strict=True)) | {title: data for title, data in differences.items() if data["words"]}


def _visitors(scenario: Scenario) -> dict[str, str]:
    """Titles of the visitor's vendors that sell in the focus market or may come, by key."""
    market = scenario.focus.market
    return {
        name: vendor.title
        for name, vendor in scenario.vendors.items()
        if vendor.home == scenario.focus.visitor and (market in vendor.sales or market in vendor.reviews)
    }


def _beside(now: Data, before: Data) -> Data:
    """Add the lines of the reference; nothing where it has no such line."""
    names = [name for name in now if name != _DATE and not name.endswith(_EDGES)]
    return now | {f"{name}{_OF_REFERENCE}": before.get(name, np.full(len(now[name]), np.nan)) for name in names}


@lru_cache(maxsize=_RUNS_AT_HAND)
def _paths_of(run: RunData) -> tuple[Data, Data, Data]:
    """Give shares, price index and presence in one run; those of the reference are wanted again and again."""
    market, vendors = run.scenario.focus.market, _visitors(run.scenario)
    shares: Data = {}
    for vendor in vendors:
        shares |= _band_data(vendor, band(run.bands, "vendors", "share", vendor=vendor, market=market), PERCENT)
    price = _band_data(_MARKET, band(run.bands, "markets", "price_index", market=market), 1.0)
    return shares, price, _presence_data(run, market, vendors)


def _band_data(name: str, held: Band, factor: float) -> Data:
    paths = {f"{name}_low": held.low, name: held.middle, f"{name}_high": held.high}
    dates = quarter_ends(held.dates).to_numpy()
    return {_DATE: dates} | {column: path * factor for column, path in paths.items()}


def _presence_data(run: RunData, market: str, vendors: Iterable[str]) -> Data:
    data: Data = {}
    for vendor in vendors:
        shares = shares_of_draws(run.frequencies, "presence", OWN_CENTRES, vendor=vendor, market=market)
        own = shares.sum(axis=1).to_numpy() * PERCENT
        data |= {_DATE: edges_of_quarters(pd.DatetimeIndex(shares.index)).to_numpy(), vendor: np.append(own, own[-1])}
    return data


def difference_data(figures: Iterable[Figure]) -> Data:
    """Give the differences in amounts of money with their 90 % intervals; hollow where not told from zero."""
    shown = [figure for figure in figures if figure.unit == BARE_UNIT]
    means = np.array([figure.difference.mean for figure in shown])
    halves = np.nan_to_num(np.array([figure.difference.half_width for figure in shown]))
    return {
        "words": [short_words(figure) for figure in shown],
        "mean": means,
        "low": means - halves,
        "high": means + halves,
        "fill": [1.0 if figure.difference.is_distinguishable else _HOLLOW for figure in shown],
    }


def short_words(figure: Figure) -> str:
    """Describe a figure without its time basis."""
    return figure.words.removesuffix(f", {basis_in_words(figure.kpi)}")


# Drawing --------------------------------------------------------------------------------------------------------------


def _lines(source: ColumnDataSource, axis: str, names: Mapping[str, str], stepped: bool) -> Drawn:
    """Draw a line for each name, with its band where there is one, the reference in grey, and pins in their dashes.

    Pins have the colours of the names; where there is but one name they have their own.
    """
    chart = _new(x_axis_type="datetime", y_axis_label=axis, y_range=DataRange1d(start=0))
    colours = colours_of(names) if len(names) > 1 else dict.fromkeys(names, BLUE)
    greys = [_line(chart, source, f"{name}{_OF_REFERENCE}", stepped, _REFERENCE) for name in names]
    pinned = [_empty_like(source) for _ in LOOKS]
    for look, held in zip(LOOKS, pinned, strict=True):
        for name in names:
            colour = colours[name] if len(names) > 1 else look.colour
            _line(chart, held, name, stepped, {"color": colour, "line_width": 1.8, "line_dash": look.dashes})
    lines = []
    for name in names:
        if not stepped:
            ends = f"{name}_low", f"{name}_high"
            chart.varea("date", *ends, source=source, fill_color=colours[name], fill_alpha=_BAND)
        lines.append(_line(chart, source, name, stepped, {"color": colours[name], "line_width": 2}))
    items = [LegendItem(label=names[name], renderers=[line]) for name, line in zip(names, lines, strict=True)]
    items += [LegendItem(label="reference", renderers=greys[:1])]
    chart.add_layout(_key(items), "below")
    samples = [_sample(chart, look, look.colour if len(names) == 1 else BLACK) for look in LOOKS]
    chart.add_layout(_key_of_pins(samples), "below")
    return Drawn(chart, pinned)


def _key(items: list[LegendItem], **more: Any) -> Legend:
    return Legend(items=items, orientation="horizontal", ncols=4, border_line_alpha=0, margin=0, **more)


def _sample(chart: figure, look: Look, colour: str) -> GlyphRenderer[Any]:
    """Draw the line of a pin where nobody sees it but in the key."""
    return chart.line([math.nan], [math.nan], color=colour, line_width=1.8, line_dash=look.dashes)


def _key_of_pins(samples: Iterable[GlyphRenderer[Any]]) -> Legend:
    """Say what is which pin; nothing is seen of it until something is pinned."""
    items = [
        LegendItem(label=f"pin {number}", renderers=[sample], visible=False, name=str(number))
        for number, sample in enumerate(samples, start=1)
    ]
    return _key(items, glyph_width=_SAMPLE, visible=False, name="pins")


def _empty_like(source: ColumnDataSource) -> ColumnDataSource:
    return ColumnDataSource(dict.fromkeys(source.column_names, ()))


def _line(
    chart: figure, source: ColumnDataSource, column: str, stepped: bool, how: Mapping[str, Any]
) -> GlyphRenderer[Any]:
    if stepped:
        return chart.step("date", column, source=source, mode="after", **how)
    return chart.line("date", column, source=source, **how)


def _dots(source: ColumnDataSource) -> Drawn:
    """Draw differences as dots with their intervals, those of pins below those of the answer in marks of their own."""
    words = list(reversed(source.data["words"]))
    axis = f"{UNITS[BARE_UNIT].difference_axis}; 90 % interval"
    chart = _new(y_range=FactorRange(factors=words), x_axis_label=axis)
    chart.add_layout(Span(location=0, dimension="height", line_color=GREY, line_dash="dotted"))
    pinned = [_empty_like(source) for _ in LOOKS]
    looks = [*LOOKS, Look(BLUE, "solid", "circle")]
    drawn = [_dots_of(chart, held, look) for held, look in zip([*pinned, source], looks, strict=True)]
    chart.add_layout(_key_of_pins(marks for marks, _ in drawn[:-1]), "below")
    return Drawn(chart, pinned, [row for _, row in drawn])


def _dots_of(chart: figure, source: ColumnDataSource, look: Look) -> tuple[GlyphRenderer[Any], Dodge]:
    """Draw dots with their intervals; give the dots, and what moves them beside their figure."""
    row = Dodge(value=0.0, range=chart.y_range)
    words: Any = {"field": "words", "transform": row}
    chart.segment("low", words, "high", words, source=source, color=look.colour, line_width=3)
    marks = chart.scatter(
        "mean", words, source=source, size=9, marker=look.mark, color=look.colour, fill_alpha="fill", line_width=2
    )
    return marks, row


def _swept(source: ColumnDataSource) -> figure:
    """Draw how the difference goes with a control."""
    chart = _new(x_axis_label="", y_axis_label="")
    for low, high, alpha in _SWEPT_ENDS:
        chart.varea("place", low, high, source=source, fill_color=BLUE, fill_alpha=alpha)
    chart.line("place", "mean", source=source, color=BLUE, line_width=2)
    chart.scatter("place", "mean", source=source, color=BLUE, size=6)
    chart.add_layout(Span(location=0, dimension="width", line_color=GREY, line_dash="dotted"))
    return chart


def _new(**settings: Any) -> figure:
    chart = figure(
        height=HEIGHT, sizing_mode="stretch_width", tools="", toolbar_location=None, min_border_left=46,
        background_fill_alpha=0, border_fill_alpha=0, outline_line_alpha=0, **settings,
    )  # fmt: skip
    for axis in chart.axis:
        axis.axis_label_text_font_style = "normal"
        axis.minor_tick_line_alpha = 0
    return chart


def _paint(chart: figure, ink: str, lines: str) -> None:
    for axis in chart.axis:
        axis.axis_label_text_color = axis.major_label_text_color = ink
        axis.axis_line_color = axis.major_tick_line_color = GREY
    for grid in chart.grid:
        grid.grid_line_color = lines
    for legend in chart.legend:
        legend.label_text_color = ink
        legend.background_fill_alpha = 0
