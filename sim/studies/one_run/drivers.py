"""Which of a run's uncertain numbers decide a result: rank correlations, a rank regression, what chance alone gives."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from sim.quantities import FloatArray
from sim.report.captions import count_of_draws
from sim.report.kpi_names import format_value
from sim.report.statistics import nine_digits, student_quantile
from sim.scenario.describing import values_of
from sim.scenario.path_words import words_of_path
from sim.values import Number

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

CONFIDENCE = 0.95
"""How sure one is that no input at all passes for a driver by chance."""
FEWEST_DRAWS = 10
"""Draws below which nothing is said."""
DRAWS_PER_INPUT = 3
"""The regression needs more than this many draws for each input."""

MOST_NAMED = 3
"""Inputs that are named in one line."""
MORE, LESS = "higher -> more", "higher -> less"
NOTE = "note"
"""Key of the attribute of a table of drivers that says in words what all inputs explain, or why there are none."""

COLUMNS = (
    "kpi", "input", "title", "unit", "source", "correlation", "share_explained", "distinguishable", "verdict",
    "chance_level", "explained_by_all", "draws",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """What a number is called, its unit, and what the nearest `source` around it says."""

    title: str = ""
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Regression:
    """Linear regression of ranks on ranks.

    Attributes
    ----------
    coefficients
        [input] standardised coefficients; NaN where there are too few draws.
    explained
        Share of the variance of ranks that all inputs explain, less what as many unrelated inputs would explain.
    """

    coefficients: FloatArray
    explained: float


def drivers_of_result(result: RunData, *kpis: str) -> list[pd.DataFrame]:
    """Rank the inputs of a run by how strongly each of some KPIs goes with them; columns as in `drivers_of`."""
    inputs, values = Inputs.of(result), result.kpis[["draw", *kpis]].set_index("draw")
    return [_drivers(values[kpi].dropna(), inputs) for kpi in kpis]


def drivers_of(values: pd.Series[float], inputs: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Rank inputs by how strongly values go with them.

    Parameters
    ----------
    values
        A value per draw, none missing, with the name of what it is, indexed by draw.
    inputs
        A column per uncertain number, indexed by draw.
    scenario
        Whose numbers they are.

    Returns
    -------
    DataFrame
        One row per input that varies, strongest first: kpi, input (dotted path), title (that in words), unit, source,
        correlation (of ranks, Spearman), share_explained (of the variance of ranks: squared coefficient of a
        standardised rank regression; NaN without more than three draws per input), distinguishable, verdict
        (direction, or that it cannot be told from chance), chance_level (what correlations must exceed),
        explained_by_all (share of the variance of ranks that all inputs explain together), draws. The attribute
        `note` says what all inputs explain, or why the table is empty.
    """
    return _drivers(values, Inputs(inputs, origins(scenario, paths=set(map(str, inputs)))))


def _drivers(values: pd.Series[float], inputs: Inputs) -> pd.DataFrame:
    return no_drivers("every draw has the same value") if values.nunique() == 1 else inputs.drivers(values)


def inputs_of(*results: RunData) -> pd.DataFrame:
    """Give what runs with the same luck drew, in the draws that all have: a column by dotted path, indexed by draw.

    Parameters
    ----------
    results
        Runs; where several drew a number, the values of the first one count.
    """
    tables = [result.inputs.set_index("draw") for result in results]
    joined = tables[0]
    for table in tables[1:]:
        joined = joined.join(table[table.columns.difference(joined.columns)], how="inner")
    return joined


def origins(*scenarios: Scenario, paths: Collection[str] | None = None) -> dict[str, Origin]:
    """Say by dotted path what each number is called, its unit and source; the first scenario that has it counts.

    Parameters
    ----------
    scenarios
        Whose numbers they are.
    paths
        Those that are wanted, since words take time; all if None.
    """
    found: dict[str, Origin] = {}
    for scenario in scenarios:
        for _, value, source in values_of(scenario):
            if isinstance(value, Number) and value.name not in found and (paths is None or value.name in paths):
                found[value.name] = Origin(words_of_path(value.name, scenario), value.unit, source)
    return found


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of drivers below each other; those without rows are left out where there are others."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else next(iter(tables), no_drivers("nothing was asked"))


def strongest_in_words(drivers: pd.DataFrame) -> str:
    """Name the inputs that matter most, at most three that can be told from chance, or say why none is named."""
    if drivers.empty:
        return str(drivers.attrs[NOTE])
    told = drivers[drivers["distinguishable"]].head(MOST_NAMED)
    if told.empty:
        return f"none of {len(drivers)} inputs can be told from chance at {count_of_draws(int(drivers['draws'].max()))}"
    named = zip(told["title"], told["correlation"], strict=True)
    return ", ".join(f"{title} ({correlation:+.2f})" for title, correlation in named)


def chance_level(draws: int, inputs: int) -> float:
    """Size of a rank correlation that none of so many unrelated inputs exceeds, in 95 of 100 cases at least.

    Student's t on both sides, divided among the inputs after Bonferroni.

    Parameters
    ----------
    draws
        At least 3.
    inputs
        How many correlations are looked at.
    """
    quantile = student_quantile(1 - (1 - CONFIDENCE) / (2 * inputs), draws - 2)
    return quantile / math.hypot(quantile, math.sqrt(draws - 2))


def rank_correlations(inputs: FloatArray, values: FloatArray) -> FloatArray:
    """Spearman's rank correlation of each input with the values; ties share their mean rank.

    Parameters
    ----------
    inputs
        [draw, input], each of which varies.
    values
        [draw], not all the same.
    """
    return _correlations(_standard_ranks(inputs), _standard_ranks(values))


def rank_regression(inputs: FloatArray, values: FloatArray) -> Regression:
    """Regress the ranks of the values on those of all inputs, by the normal equations.

    Parameters
    ----------
    inputs
        [draw, input], each of which varies.
    values
        [draw], not all the same.
    """
    return _regression(_standard_ranks(inputs), _standard_ranks(values))


def _correlations(ranks: FloatArray, response: FloatArray) -> FloatArray:
    return np.asarray(response @ ranks / len(response), dtype=np.float64)


def _regression(ranks: FloatArray, response: FloatArray) -> Regression:
    draws, count = ranks.shape
    if draws <= DRAWS_PER_INPUT * count:
        return Regression(np.full(count, math.nan), math.nan)
    among_inputs, with_values = ranks.T @ ranks / draws, ranks.T @ response / draws
    coefficients = np.asarray(np.linalg.lstsq(among_inputs, with_values)[0], dtype=np.float64)
    left = 1 - float(coefficients @ with_values)
    adjusted = 1 - left * (draws - 1) / (draws - count - 1)
    return Regression(coefficients, max(adjusted, 0.0))


def _standard_ranks(values: FloatArray) -> FloatArray:
    """Replace values by their ranks along draws, with mean 0 and variance 1."""
    ranks = pd.DataFrame(values).rank().to_numpy().reshape(values.shape)
    return np.asarray((ranks - ranks.mean(axis=0)) / ranks.std(axis=0), dtype=np.float64)


def ranked(inputs: pd.DataFrame, values: pd.Series[float], known: Mapping[str, Origin]) -> pd.DataFrame:
    """Rank inputs by their correlation with values; both are indexed by draw, and no value is missing."""
    return Inputs(inputs, known).drivers(values)


@dataclass(frozen=True, eq=False)
class Inputs:
    """What runs drew, whose ranks serve for whatever is set against them.

    Attributes
    ----------
    drawn
        A column per uncertain number, indexed by draw.
    known
        What each is called, by its dotted path.
    """

    drawn: pd.DataFrame
    known: Mapping[str, Origin]

    @classmethod
    def of(cls, *results: RunData) -> Self:
        """Give what runs with the same luck drew; where several drew a number, the values of the first one count."""
        drawn, scenarios = inputs_of(*results), (result.scenario for result in results)
        return cls(drawn, origins(*scenarios, paths=set(map(str, drawn))))

    def drivers(self, values: pd.Series[float]) -> pd.DataFrame:
        """Rank them by their correlation with values, of which none is missing, indexed by draw."""
        draws = self.drawn.index.intersection(values.index)
        if len(draws) < FEWEST_DRAWS:
            return no_drivers(f"{count_of_draws(len(draws))} cannot say; at least {FEWEST_DRAWS} are needed")
        names, ranks = self._all_ranks if len(draws) == len(self.drawn) else _ranks_of(self.drawn.loc[draws])
        if names.empty:
            return no_drivers("no number that was drawn varies")
        origin = [self.known.get(path, Origin()) for path in names]
        table = _table(names, ranks, np.asarray(values.loc[draws], dtype=np.float64)).assign(
            kpi=str(values.name),
            title=[held.title or path for held, path in zip(origin, names, strict=True)],
            unit=[held.unit for held in origin],
            source=[held.source for held in origin],
        )
        order = table["correlation"].abs().sort_values(ascending=False, kind="stable").index
        table = table.loc[order, list(COLUMNS)].reset_index(drop=True)
        table.attrs[NOTE] = _explained_in_words(table)
        return table

    @cached_property
    def _all_ranks(self) -> tuple[pd.Index, FloatArray]:
        return _ranks_of(self.drawn)


def _ranks_of(inputs: pd.DataFrame) -> tuple[pd.Index, FloatArray]:
    """Give the names of the inputs that vary, and their ranks, [draw, input]."""
    inputs = inputs.loc[:, inputs.nunique() > 1]
    return inputs.columns, _standard_ranks(inputs.to_numpy(dtype=np.float64))


def _table(names: pd.Index, ranks: FloatArray, values: FloatArray) -> pd.DataFrame:
    draws, count = ranks.shape
    response = _standard_ranks(values)
    regression = _regression(ranks, response)
    correlations = np.array([*map(nine_digits, _correlations(ranks, response))])
    level = chance_level(draws, count)
    return pd.DataFrame(
        {
            "input": names,
            "correlation": correlations,
            "share_explained": [*map(nine_digits, regression.coefficients**2)],
            "distinguishable": np.abs(correlations) > level,
            "verdict": [_verdict(correlation, level, draws) for correlation in correlations],
            "chance_level": level,
            "explained_by_all": nine_digits(regression.explained),
            "draws": draws,
        }
    )


def _verdict(correlation: float, level: float, draws: int) -> str:
    if abs(correlation) <= level:
        return f"cannot be told from chance at {count_of_draws(draws)}"
    return MORE if correlation > 0 else LESS


def _explained_in_words(table: pd.DataFrame) -> str:
    explained, inputs = float(table["explained_by_all"].iloc[0]), len(table)
    if math.isnan(explained):
        return f"more than {DRAWS_PER_INPUT * inputs:,} draws would tell how much all {inputs} inputs explain"
    return f"all {inputs} inputs together explain {format_value(explained, 'share')} of the variance of ranks"


def no_drivers(reason: str) -> pd.DataFrame:
    """Make an empty table that says why it is empty."""
    words = dict.fromkeys(("kpi", "input", "title", "unit", "source", "verdict"), "object")
    kinds = dict.fromkeys(COLUMNS, "float64") | words | {"distinguishable": "bool", "draws": "int64"}
    table = pd.DataFrame({column: pd.Series(dtype=kinds[column]) for column in COLUMNS})
    table.attrs[NOTE] = reason
    return table
