"""The scorecard of a backtest: how often intervals held, how far forecasts were off, and how naive rules did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.quantities import FloatArray
from sim.report.kpi_names import MINUS
from sim.report.statistics import PERCENT
from sim.studies.backtest.forecasts import NAIVE
from sim.studies.backtest.scoring import coverage

RULES = dict(zip(NAIVE, ("no change", "the trend of two years"), strict=True))
"""Naive rules, and what they are called."""

GROUPS: dict[str, tuple[str, ...]] = {
    "Shares in China": ("share.china.",),
    "Shares in the world": ("share.world.",),
    "Sizes of markets": ("total.",),
    "Goods trade": ("imports.", "exports."),
}
"""Kinds of series, and how their names begin."""
OTHER, TOGETHER, ALL_CUTOFFS = "Other series", "All together", "all"
COVERAGE_90, COVERAGE_50 = (0.80, 0.97), (0.35, 0.65)
"""Shares of later figures that the intervals of 90 and of 50 % are to hold."""
GOODS_SERIES, GOODS_YEARS, GOODS_ERROR = "imports.world.us.year", (2019, 2020), 0.10
"""Imports whose median forecast is to be so close, relative to what came."""
_ENDS = (("p5", "p95"), ("p25", "p75"))
"""Ends of the intervals of 90 and 50 %."""
COLUMNS = (
    "group", "cutoff", "n", "coverage_90", "coverage_50", "bias", "mae", "crps",
    *(f"{what}_{rule}" for rule in RULES for what in ("n", "model_beside", "crps", "ratio")),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A target, and what came of it.

    Attributes
    ----------
    name
        What is wanted.
    is_met
        Whether it came about.
    found
        What was found; where the target was missed, by how much.
    """

    name: str
    is_met: bool
    found: str


def scorecard(scores: pd.DataFrame) -> pd.DataFrame:
    """Sum up scores by kind of series and cut-off, each also over all.

    Columns: group, cutoff, n, coverage_90 and coverage_50 (share of figures inside), then means relative to what was
    observed, so that shares and amounts can be added up: bias (median forecast less figure), mae (its size), crps; and
    for each naive rule, over the rows where it has something to go by, n, model_beside (CRPS of the model on the same
    rows), crps and ratio (model over rule; below one the model is better).
    """
    marked = scores.assign(group=scores["series"].map(_group))
    return pd.DataFrame([_row(*part) for part in _parts(marked)], columns=list(COLUMNS))


def targets(scores: pd.DataFrame) -> list[Target]:
    """Compare a scorecard with what it was to be, all cut-offs and series together."""
    card = scorecard(scores)
    together = card[(card["group"] == TOGETHER) & (card["cutoff"] == ALL_CUTOFFS)].iloc[0]
    found = [
        _coverage_target("90", float(together["coverage_90"]), COVERAGE_90),
        _coverage_target("50", float(together["coverage_50"]), COVERAGE_50),
    ]
    found += [_better_than(rule, words, together) for rule, words in RULES.items() if together[f"n_{rule}"]]
    return [*found, *_goods_targets(scores)]


def _parts(marked: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give group, cut-off and rows of each line of the scorecard, none of which is empty."""
    cutoffs = [ALL_CUTOFFS, *sorted(marked["cutoff"].unique())]
    for group in (TOGETHER, *GROUPS, OTHER):
        rows = marked if group == TOGETHER else marked[marked["group"] == group]
        for cutoff in cutoffs:
            chosen = rows if cutoff == ALL_CUTOFFS else rows[rows["cutoff"] == cutoff]
            if len(chosen):
                yield group, cutoff, chosen


def _group(series: str) -> str:
    return next((group for group, starts in GROUPS.items() if series.startswith(starts)), OTHER)


def _row(group: str, cutoff: str, rows: pd.DataFrame) -> tuple[object, ...]:
    observed = rows["observed"].to_numpy()
    error = rows["p50"].to_numpy() / observed - 1.0
    inside = [coverage(observed, rows[low].to_numpy(), rows[high].to_numpy()) for low, high in _ENDS]
    model = rows["crps"].to_numpy() / observed
    beside = [value for rule in RULES for value in _beside(model, rows[f"crps_{rule}"].to_numpy() / observed)]
    return (group, cutoff, len(rows), *inside, error.mean(), np.abs(error).mean(), model.mean(), *beside)


def _beside(model: FloatArray, rule: FloatArray) -> tuple[float, ...]:
    """Mean scores of the model and of a naive rule on the rows that the rule has."""
    has = ~np.isnan(rule)
    if not has.any():
        return 0, np.nan, np.nan, np.nan
    ours, theirs = float(model[has].mean()), float(rule[has].mean())
    return int(has.sum()), ours, theirs, ours / theirs


def _coverage_target(width: str, found: float, bounds: tuple[float, float]) -> Target:
    low, high = bounds
    missed = PERCENT * max(low - found, found - high)
    by = f"; {missed:.1f} percentage points too {'few' if found < low else 'many'}" if missed > 0.0 else ""
    name = f"{width} % intervals hold {PERCENT * low:.0f} to {PERCENT * high:.0f} % of later figures"
    return Target(name, missed <= 0.0, f"{PERCENT * found:.1f} %{by}")


def _better_than(rule: str, words: str, together: pd.Series) -> Target:
    ratio, count = float(together[f"ratio_{rule}"]), int(together[f"n_{rule}"])
    found = f"{ratio:.2f} times its score on the {count} figures it can forecast"
    return Target(f"Mean relative CRPS below that of {words}", ratio < 1.0, found)


def _goods_targets(scores: pd.DataFrame) -> Iterator[Target]:
    """Imports in the years of the target, from each cut-off before them."""
    rows = scores[scores["series"] == GOODS_SERIES]
    for year in GOODS_YEARS:
        for row in rows[rows["date"].str.startswith(f"{year}-")].to_dict("records"):
            error = row["p50"] / row["observed"] - 1.0
            name = f"United States imports of {year} within 10 % at the median, from {row['cutoff']}"
            found = f"{row['p50']:.0f} where {row['observed']:.0f} bn USD came, {PERCENT * error:+.1f} %"
            yield Target(name, abs(error) <= GOODS_ERROR, found.replace("-", MINUS))
