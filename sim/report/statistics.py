"""Statistics over draws: summaries, bands of paths over time, and how sure the mean of so many draws is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from sim.quantities import FloatArray
from sim.report.kpi_names import NAME_UNIT, parse

LOW, MIDDLE, HIGH = 0.05, 0.50, 0.95
"""Quantiles over draws that every table and chart gives."""
PERCENT = 100.0
_LEAST_SHARE = 0.005
"""Shares up to this, and what lacks no more to all, would be rounded to nothing and to all."""


def nine_digits(value: float) -> float:
    """Give nine significant digits of a number: those beyond depend on the number of threads of the linear algebra."""
    return float(f"{value:.9g}")


def whole_percent(share: float) -> str:
    """Write a share of one for people: `44 %`."""
    return f"{PERCENT * share:.0f} %"


def share_in_words(share: float) -> str:
    """Write a share of draws in whole percent; what is neither none nor all is not rounded to it."""
    if 0.0 < share <= _LEAST_SHARE:
        return "under 1 %"
    return "over 99 %" if 1.0 - _LEAST_SHARE <= share < 1.0 else whole_percent(share)


@dataclass(frozen=True)
class Band:
    """A path over time in all draws: its median and mean, and the range that holds 90 % of the draws.

    Attributes
    ----------
    dates
        First days of the quarters.
    low, middle, high
        [date] quantiles over draws.
    mean
        [date] mean over draws.
    """

    dates: pd.DatetimeIndex
    low: FloatArray
    middle: FloatArray
    high: FloatArray
    mean: FloatArray


def band(bands: pd.DataFrame, table: str, column: str, **members: str) -> Band:
    """Pick one band out of a result's table of bands.

    Parameters
    ----------
    bands
        `RunResult.bands`.
    table, column
        The quantity, such as "markets" and "price_index".
    **members
        Whose: `vendor`, `market` or `country` by name.
    """
    rows = rows_of(bands, table, column, **members)
    dates = rows["date"].to_numpy()
    order = np.argsort(dates, kind="stable")
    columns = (rows[name].to_numpy(dtype=np.float64)[order] for name in ("p5", "p50", "p95", "mean"))
    return Band(pd.DatetimeIndex(dates[order], name="date"), *columns)


def band_columns(path: Band, name: str, unit: str, factor: float = 1.0) -> pd.DataFrame:
    """Write a band as columns: quarter (its first day), mean and quantiles of draws with the unit in their names."""
    held = {"mean": path.mean, "p5": path.low, "p50": path.middle, "p95": path.high}
    columns = {f"{name}_{what}_{unit}": values * factor for what, values in held.items()}
    return pd.DataFrame({"quarter": path.dates, **columns})


def in_rows(wide: pd.DataFrame, date: str, name: str, value: str) -> pd.DataFrame:
    """Turn a table with dates down and names across into one with a row for each value."""
    return wide.rename_axis(index=date, columns=name).reset_index().melt(date, value_name=value)


def shares_of_draws(frequencies: pd.DataFrame, column: str, values: Sequence[str], **members: str) -> pd.DataFrame:
    """Share of draws with each value by date, a column per value; 0 where no draw has it.

    Parameters
    ----------
    frequencies
        `RunResult.frequencies`.
    column
        What is counted, such as "presence".
    values
        Values to give, in order.
    **members
        Whose: `vendor` or `market` by name.
    """
    rows = rows_of(frequencies, "vendors", column, **members)
    names = pd.Index(list(values), name="value")
    days, quarters = np.unique(rows["date"].to_numpy(), return_inverse=True)
    places = names.get_indexer(pd.Index(rows["value"].astype("str")))
    shares, known = np.zeros((len(days), len(names))), places >= 0
    shares[quarters[known], places[known]] = rows["share"].to_numpy()[known]
    return pd.DataFrame(shares, pd.DatetimeIndex(days, name="date"), names)


def rows_of(rows: pd.DataFrame, table: str, column: str, **members: str) -> pd.DataFrame:
    """Rows of a table of bands or frequencies that are about one quantity of some members."""
    wanted = {"table": table, "column": column, **members}
    return rows[np.logical_and.reduce([(rows[axis] == name).to_numpy() for axis, name in wanted.items()])]


def number_columns(kpis: pd.DataFrame) -> list[str]:
    """Names of the KPIs that are numbers."""
    return [str(column) for column in kpis.columns if column != "draw" and parse(str(column)).unit != NAME_UNIT]


def summarise(kpis: pd.DataFrame) -> pd.DataFrame:
    """Summarise each KPI over draws.

    Parameters
    ----------
    kpis
        One row per draw, one column per KPI.

    Returns
    -------
    DataFrame
        Columns kpi, unit, basis (time basis), mean, sd (of draws), p5, p50, p95, draws (those that have a value: a
        date of signing exists only where something was signed).
    """
    columns = number_columns(kpis)
    rows = np.ascontiguousarray(kpis[columns].to_numpy(dtype=np.float64).T)
    values = pd.DataFrame(rows.T, columns=columns, copy=False)  # in one piece, and the draws of each KPI side by side
    counts = values.count()
    known = counts == len(values)  # the others have to be looked at one by one
    alike = [values.loc[:, some].quantile([LOW, MIDDLE, HIGH]) for some in (known, ~known)]
    quantiles = pd.concat(alike, axis="columns")[columns]
    return pd.DataFrame(
        {
            "kpi": columns,
            "unit": [parse(column).unit for column in columns],
            "basis": [parse(column).basis for column in columns],
            "mean": values.mean().to_numpy(),
            "sd": values.std(ddof=1).to_numpy(),
            "p5": quantiles.loc[LOW].to_numpy(),
            "p50": quantiles.loc[MIDDLE].to_numpy(),
            "p95": quantiles.loc[HIGH].to_numpy(),
            "draws": counts.to_numpy(),
        }
    )


def share_interval(share: float, draws: float) -> tuple[float, float]:
    """Give the 90 % interval of a share of draws (Wilson 1927, JASA 22(158)), which holds at 0 and 1 too.

    Parameters
    ----------
    share
        Share of the draws, share of one.
    draws
        How many there are, or are worth if they are weighted; above 0.
    """
    z = NormalDist().inv_cdf(HIGH)
    middle = (share + z**2 / (2 * draws)) / (1 + z**2 / draws)
    half = z / (1 + z**2 / draws) * math.sqrt(max(share * (1 - share), 0.0) / draws + z**2 / (4 * draws**2))
    return (middle - half if share > 0 else 0.0), (middle + half if share < 1 else 1.0)


def student_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t distribution.

    Expansion in powers of 1 / degrees around the normal quantile (Abramowitz and Stegun 1964, 26.7.5): within 0.1 %
    from three degrees of freedom on, 5 % too low at one.

    Parameters
    ----------
    probability
        Between 0 and 1.
    degrees
        Degrees of freedom, at least 1.
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))
