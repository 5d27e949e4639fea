"""What the screen says of a backtest."""

from __future__ import annotations

import math

import pandas as pd
from rich.table import Table

from sim.report.statistics import PERCENT, whole_percent
from sim.studies.backtest.scorecard import ALL_CUTOFFS, RULES, TOGETHER, Target
from sim.studies.fit.markdown import NOTHING, figure


def scorecard_table(card: pd.DataFrame) -> Table:
    """Lay out coverage, errors and ratios of scores: all together, and by kind of series."""
    table = Table(title="Forecasts beside what came", title_justify="left", box=None, pad_edge=False)
    for heading in ("series", "known until"):
        table.add_column(heading, no_wrap=True)
    for heading in ("figures", "in 90 %", "in 50 %", "error %", *(f"CRPS / {words}" for words in RULES.values())):
        table.add_column(heading, justify="right")
    for row in card.to_dict("records"):
        if row["group"] == TOGETHER or row["cutoff"] == ALL_CUTOFFS:
            ratios = (row[f"ratio_{rule}"] for rule in RULES)
            table.add_row(
                row["group"], row["cutoff"], str(row["n"]), whole_percent(row["coverage_90"]),
                whole_percent(row["coverage_50"]), figure(PERCENT * row["mae"], 2),
                *(NOTHING if math.isnan(ratio) else f"{ratio:.2f}" for ratio in ratios),
            )  # fmt: skip
    return table


def target_lines(found: list[Target]) -> list[str]:
    """Say of each target whether it was met."""
    return [f"{'met' if one.is_met else 'MISSED'}: {one.name} ({one.found})" for one in found]
