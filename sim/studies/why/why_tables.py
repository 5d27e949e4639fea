"""The answers of the study as tables: groups of inputs, does anybody come and how much if so, where the sign turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.report.kpi_names import parse
from sim.report.statistics import nine_digits
from sim.scenario.describing import numbers_of, titles_of
from sim.studies.one_run.drivers import origins
from sim.studies.why.switching import switching_value
from sim.studies.why.why_study import ANYBODY

if TYPE_CHECKING:
    from sim.studies.why.why_study import Why

MOST_SWITCHES = 12
"""Numbers of which a change of sign is looked for: those that the difference goes with most."""
LEVEL = 3.0
"""Standard errors of a rank correlation that a number's must exceed: few of 150 pass by chance."""
_ENTRY = (
    "who", "title", "share", "share_error", "first", "p5", "p95", "mean_if", "mean_if_error", "mean_otherwise", "mean",
    "unit", "draws",
)  # fmt: skip
_SWITCHING = (
    "input", "title", "group", "kind", "unit", "source", "correlation", "p5", "p50", "p95", "mean_at_p5", "mean_at_p95",
    "turns_at", "turns_low", "turns_high", "found", "draws",
)  # fmt: skip


_WITHIN = (
    "group", "title", "kind", "input", "unit", "source", "effect", "effect_error", "linear", "linear_error", "total",
    "explained", "inputs", "draws",
)  # fmt: skip


def why_tables(why: Why) -> dict[str, pd.DataFrame]:
    """Make `groups`, `entry`, `within` and `switching`."""
    return {
        "groups": why.table,
        "entry": entry_table(why),
        "within": within_table(why),
        "switching": switching_table(why),
    }


def entry_table(why: Why) -> pd.DataFrame:
    """Divide the mean difference into whether somebody comes, and how much it is if so.

    Returns
    -------
    DataFrame
        One row for anybody and for each foreign vendor: who, title, share (of draws in which it comes), share_error,
        first (month, median of those draws), p5, p95, mean_if, mean_if_error (difference in these draws),
        mean_otherwise (in all others), mean (share * mean_if + (1 - share) * mean_otherwise), unit, draws.
    """
    return pd.DataFrame(_entries(why), columns=list(_ENTRY))


def _entries(why: Why) -> Iterator[tuple[Any, ...]]:
    titles, unit, draws = titles_of(why.other), parse(why.kpi).unit, len(why.base)
    for who, months in why.comes.items():
        comes = ~np.isnan(months)
        share = float(comes.mean())
        if who != ANYBODY and not comes.any():
            continue
        mean_if, otherwise = (float(why.base[held].mean()) if held.any() else 0.0 for held in (comes, ~comes))
        error = float(why.base[comes].std(ddof=1) / np.sqrt(comes.sum())) if comes.sum() > 1 else np.nan
        dates = [_quarter(why, months[comes], at) for at in (0.5, 0.05, 0.95)]
        title = "anybody" if who == ANYBODY else titles.get(who, who)
        spread = float(np.sqrt(share * (1.0 - share) / draws))
        mean = share * mean_if + (1.0 - share) * otherwise
        yield (who, title, share, spread, *dates, mean_if, error, otherwise, mean, unit, draws)


def _quarter(why: Why, months: Any, at: float) -> Any:
    if not len(months):
        return None
    month = int(np.quantile(months, at, method="lower"))
    return f"{why.other.calendar.date_of(month):%Y-%m}"


def within_table(why: Why) -> pd.DataFrame:
    """Say what part of the variance each input of a group makes, as far as the difference is linear in its score.

    Returns
    -------
    DataFrame
        One row per input, those of a group together, the group with the largest linear part first: group, title, kind,
        input (dotted path), unit, source, effect (Shapley effect, share of the variance of the difference),
        effect_error (standard error), linear, linear_error (what the effects of the group add up to), total (total
        effect of the group), explained (share of it that is linear), inputs (how many), draws.
    """
    numbers, sources = numbers_of(why.reference, why.other), origins(why.other, why.reference)
    names = [group.name for group in why.groups]
    rows: list[tuple[Any, ...]] = []
    for group, found in sorted(why.within(), key=lambda pair: -pair[1].linear):
        place = names.index(group.name)
        total = float(why.parts.total[place])
        scale = 2.0 * total / float(((why.base - why.exchanged[place]) ** 2).mean())
        ends = [nine_digits(part) for part in (found.linear * scale, found.linear_error * scale)]
        effects = [nine_digits(effect * scale) for effect in found.effects]
        for k in np.argsort(np.negative(effects), kind="stable"):
            path = group.streams[k]
            about = (numbers[path].unit, sources[path].source) if path in numbers else ("", "")
            effect = effects[k], nine_digits(found.error[k] * scale)
            linear = (*ends, total, ends[0] / total, len(group.streams), len(why.base))
            rows.append((group.name, group.title, group.kind, path, *about, *effect, *linear))
    return pd.DataFrame(rows, columns=list(_WITHIN))


def switching_table(why: Why) -> pd.DataFrame:
    """Say at which value of each number that the difference goes with its mean changes the sign.

    Returns
    -------
    DataFrame
        One row per number, the strongest first: input (dotted path), title (that in words), group, kind, unit, source,
        correlation (of ranks), p5, p50, p95 (of the number), mean_at_p5, mean_at_p95 (mean of the difference
        there), turns_at, turns_low, turns_high (value at which that mean is 0, with a 90 % interval; nothing
        where it is not within 5 to 95 % of the draws), found (share of resamples that find one), draws.
    """
    from scipy.stats import spearmanr  # noqa: PLC0415 (a comparison, which shows tables of `why`, need not wait for it)

    both, sources = why.both, origins(why.other, why.reference)
    least = LEVEL / np.sqrt(len(both) - 1)
    found = []
    for group, number, drawn in why.inputs():
        if np.ptp(drawn) > 0.0 and abs(correlation := float(spearmanr(drawn, both).statistic)) > least:
            found.append((abs(correlation), correlation, group, number, drawn))
    rows = []
    for _, correlation, group, number, drawn in sorted(found, key=lambda row: -row[0])[:MOST_SWITCHES]:
        switch = switching_value(drawn, both)
        known = sources[number.name]
        rows.append((
            number.name, known.title, group.title, group.kind, number.unit, known.source, correlation,
            *np.quantile(drawn, (0.05, 0.5, 0.95)),
            switch.at_low, switch.at_high, switch.value, switch.low, switch.high, switch.found, len(both),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_SWITCHING))
