"""Charts of cloud markets with their numbers: shares, presence, prices, the world ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sim.report.captions import BAND_WORDS
from sim.report.chart_style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE_GREY,
    SKY,
    Chart,
    EndLabel,
    Margins,
    colours_of,
    draw_band,
    draw_path,
    draw_stack,
    edges_of_quarters,
    float_days,
    grid_of,
    label_ends,
    name_axes,
    name_panel,
    new_chart,
    own_style,
    quarter_ends,
    set_dates,
    write_key,
)
from sim.report.statistics import (
    PERCENT,
    Band,
    band,
    band_columns,
    in_rows,
    rows_of,
    shares_of_draws,
    whole_percent,
)
from sim.scenario.describing import title_of
from sim.studies.one_run.chart_words import CLOUD_PARTS, heading_of

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

PRESENCE_COLOURS = {"absent": PALE_GREY, "cross_border": SKY, "partner": ORANGE, "zone": GREEN, "owned": BLUE}
PRESENCE_WORDS = {
    "absent": "absent",
    "cross_border": "from abroad",
    "partner": "through a partner",
    "zone": "own centre in a zone",
    "owned": "own centres anywhere",
}

_LEAST_SHARE_SHOWN = 0.0005
_CONTENDER_SHARE = 0.05
_HEADROOM = 1.05
_YEAR = "end of quarter"


@own_style
def plot_shares(result: RunData) -> Chart:
    """Draw vendors' shares of the focus market over time: home vendors at the left, foreign ones at the right.

    Parameters
    ----------
    result
        A run.
    """
    market = result.scenario.focus.market
    place = title_of(result.scenario, "markets", market)
    subtitle = f"{BAND_WORDS}; the two scales differ."
    heading = heading_of(result, f"{place} cloud market: shares of vendors", subtitle, CLOUD_PARTS)
    chart, panels = new_chart(heading, (1, 2), size=(10.5, 5.2), margins=Margins(between_columns=2.0))
    country = result.scenario.markets[market].country
    is_home = {vendor: held.home == country for vendor, held in result.scenario.vendors.items()}
    for axes, home, title in zip(panels, (True, False), ("Home vendors", "Foreign vendors"), strict=True):
        _draw_shares(axes, result, [vendor for vendor in is_home if is_home[vendor] == home])
        name_panel(axes, title)
        name_axes(axes, _YEAR, "share of spending, percent")
    return chart


def _draw_shares(axes: Axes, result: RunData, vendors: list[str]) -> None:
    market = result.scenario.focus.market
    bands = {vendor: band(result.bands, "vendors", "share", vendor=vendor, market=market) for vendor in vendors}
    shown = {vendor: held for vendor, held in bands.items() if held.high.max() > _LEAST_SHARE_SHOWN}
    colours = colours_of(shown)
    labels = []
    for vendor, held in shown.items():
        last = draw_band(axes, held, colours[vendor], PERCENT)
        labels.append(EndLabel(result.scenario.vendors[vendor].title, last, colours[vendor]))
    axes.set_ylim(0, _HEADROOM * PERCENT * max((held.high.max() for held in shown.values()), default=0.01))
    set_dates(axes, pd.DatetimeIndex(result.bands["date"].unique()))
    label_ends(axes, labels)


def numbers_of_shares(result: RunData) -> pd.DataFrame:
    """Shares of the vendors in the focus market: vendor, home, quarter, and quantiles over draws in percent."""
    market = result.scenario.focus.market
    tables = []
    for name, vendor in result.scenario.vendors.items():
        path = band(result.bands, "vendors", "share", vendor=name, market=market)
        tables.append(band_columns(path, "share", "percent", PERCENT).assign(vendor=name, home=vendor.home))
    return pd.concat(tables, ignore_index=True)


@own_style
def plot_presence(result: RunData) -> Chart:
    """Draw how each foreign vendor is present in the focus market over time, as shares of draws.

    Parameters
    ----------
    result
        A run.
    """
    place = title_of(result.scenario, "markets", result.scenario.focus.market)
    subtitle = "Height of a colour: share of the draws in which a vendor goes so far; it may keep its partner beside."
    heading = heading_of(result, f"{place} cloud market: how foreign vendors are present", subtitle, CLOUD_PARTS)
    shares = {vendor: held for vendor, held in _presence_shares(result).items() if (held["absent"] < 1).any()}
    rows, columns = grid_of(len(shares))
    margins = Margins(right=0.3, foot=1.35, between_columns=0.9, between_rows=0.85)
    size = (9.5, 2.0 + 2.2 * rows)
    chart, panels = new_chart(heading, (rows, columns), size, margins, used=len(shares))
    for axes, (vendor, held) in zip(panels, shares.items(), strict=True):
        dates = pd.DatetimeIndex(held.index)
        draw_stack(axes, float_days(edges_of_quarters(dates)), held, PRESENCE_COLOURS)
        set_dates(axes, dates)
        name_panel(axes, result.scenario.vendors[vendor].title)
        name_axes(axes, _YEAR, "percent of draws")
    write_key(chart, [Patch(color=colour, label=PRESENCE_WORDS[name]) for name, colour in PRESENCE_COLOURS.items()])
    return chart


def numbers_of_presence(result: RunData) -> pd.DataFrame:
    """How foreign vendors are present in the focus market: vendor, presence, quarter, percent of draws."""
    tables = [
        in_rows(held * PERCENT, "quarter", "presence", "draws_percent").assign(vendor=vendor)
        for vendor, held in _presence_shares(result).items()
    ]
    return pd.concat(tables, ignore_index=True)


def _presence_shares(result: RunData) -> dict[str, pd.DataFrame]:
    """Share of draws by date and presence, for each foreign vendor."""
    market = result.scenario.focus.market
    country = result.scenario.markets[market].country
    return {
        vendor: shares_of_draws(result.frequencies, "presence", list(PRESENCE_COLOURS), vendor=vendor, market=market)
        for vendor, held in result.scenario.vendors.items()
        if held.home != country
    }


@own_style
def plot_price_index(result: RunData) -> Chart:
    """Draw the price index of each market over time, with the other markets' medians behind it.

    Parameters
    ----------
    result
        A run.
    """
    subtitle = f"Price for given quality: lower is better for customers. {BAND_WORDS}; grey: the other markets."
    heading = heading_of(result, "Price index of cloud services by market", subtitle, CLOUD_PARTS)
    bands = {market: band(result.bands, "markets", "price_index", market=market) for market in result.scenario.markets}
    margins = Margins(right=0.3, between_columns=0.9, between_rows=0.85)
    grid = grid_of(len(bands))
    chart, panels = new_chart(heading, grid, (9.5, 1.6 + 2.3 * grid[0]), margins, used=len(bands))
    top = _HEADROOM * max(held.high.max() for held in bands.values())
    for axes, (market, colour) in zip(panels, colours_of(bands).items(), strict=True):
        _draw_price_index(axes, bands, market, colour)
        name_panel(axes, title_of(result.scenario, "markets", market))
        axes.set_ylim(0, top)
    return chart


def numbers_of_price_index(result: RunData) -> pd.DataFrame:
    """Price index of each market: market, quarter, and quantiles over draws (1 at the base date)."""
    tables = [
        band_columns(band(result.bands, "markets", "price_index", market=market), "price", "index").assign(
            market=market
        )
        for market in result.scenario.markets
    ]
    return pd.concat(tables, ignore_index=True)


def _draw_price_index(axes: Axes, bands: dict[str, Band], market: str, colour: str) -> None:
    axes.axhline(1, color=GREY, linewidth=0.8, linestyle="dotted")
    for other, held in bands.items():
        if other != market:
            draw_path(axes, float_days(quarter_ends(held.dates)), held.middle, GREY, width=0.8)
    draw_band(axes, bands[market], colour)
    set_dates(axes, bands[market].dates)
    name_axes(axes, _YEAR, "index, 1 at the base date")


@own_style
def plot_ranking(result: RunData) -> Chart:
    """Draw the vendors' places in the world over time, and who holds the place that the scenario watches.

    Parameters
    ----------
    result
        A run.
    """
    watched = result.scenario.focus.rank
    subtitle = (
        "Above: mean place over draws, by revenue of the quarter in all markets; in colour: "
        f"who holds place {watched} in at least {whole_percent(_CONTENDER_SHARE)} of draws at some time."
    )
    heading = heading_of(
        result, f"World ranking of cloud vendors, and who is in place {watched}", subtitle, CLOUD_PARTS
    )
    margins = Margins(between_rows=0.75)
    chart, (above, below) = new_chart(heading, (2, 1), size=(9.0, 7.0), margins=margins, heights=(1.3, 1.0))
    places, holds = mean_places(result), shares_in_place(result, watched) * PERCENT
    contenders = [vendor for vendor in map(str, places) if holds[vendor].max() >= _CONTENDER_SHARE * PERCENT]
    colours = dict.fromkeys(map(str, places), GREY) | colours_of(contenders)
    above.set_ylim(len(places.columns) + 0.5, 0.5)
    above.set_yticks(range(1, len(places.columns) + 1))
    _draw_paths(above, result, places, colours)
    name_axes(above, _YEAR, "mean place in the world")
    below.set_ylim(0, _HEADROOM * PERCENT)
    _draw_paths(below, result, holds[contenders], colours)
    name_axes(below, _YEAR, f"in place {watched}, percent of draws")
    return chart


def numbers_of_ranking(result: RunData) -> pd.DataFrame:
    """Places in the world: vendor, quarter, mean place, percent of draws in the place that the scenario watches."""
    watched = result.scenario.focus.rank
    places = in_rows(mean_places(result), "quarter", "vendor", "mean_place")
    held = in_rows(shares_in_place(result, watched) * PERCENT, "quarter", "vendor", f"in_place_{watched}_percent")
    return places.merge(held, on=["quarter", "vendor"])


def mean_places(result: RunData) -> pd.DataFrame:
    """Mean place in the world by date, a column per vendor that is one firm."""
    rows = rows_of(result.frequencies, "vendors", "world_rank")
    places = rows.assign(place=rows["value"].astype("str").astype("float64") * rows["share"])
    return _by_vendor(result, places, "place")


def shares_in_place(result: RunData, place: int) -> pd.DataFrame:
    """Share of draws in which each vendor holds a place in the world, by date."""
    rows = rows_of(result.frequencies, "vendors", "world_rank")
    held = rows["share"].where(rows["value"].astype("str") == str(place), 0.0)
    return _by_vendor(result, rows.assign(held=held), "held")


def _by_vendor(result: RunData, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    sums = rows.astype({"vendor": "str"}).groupby(["date", "vendor"])[column].sum().unstack("vendor")
    return sums[[vendor for vendor in result.scenario.vendors if vendor in sums]]


def _draw_paths(axes: Axes, result: RunData, paths: pd.DataFrame, colours: dict[str, str]) -> None:
    dates = pd.DatetimeIndex(paths.index)
    labels = []
    for vendor in sorted(map(str, paths), key=lambda vendor: colours[vendor] != GREY):
        path = paths[vendor].to_numpy()
        draw_path(axes, float_days(quarter_ends(dates)), path, colours[vendor])
        labels.append(EndLabel(result.scenario.vendors[vendor].title, path[-1], colours[vendor]))
    set_dates(axes, dates)
    label_ends(axes, labels)
