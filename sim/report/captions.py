"""Words around charts and tables: how to read them, and how counts of draws are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

BAND_WORDS = "Line: median of the draws; band: 5 to 95 % of them"
FLOW_WORDS = "Line: mean of the draws; band: 5 to 95 % of them"

SHOWN_OF_HASH = 12
"""Characters of a content hash that are enough to tell results apart."""
MOST_WORTH_NAMING = 100_000
"""More draws than this are no advice."""
_SIGNIFICANT_DIGITS = 2


@dataclass(frozen=True)
class Heading:
    """Words around a chart: what it is about, how to read it, where it comes from."""

    title: str
    subtitle: str
    source: str


def settings_in_words(draws: int, seed: int) -> str:
    """Write how many draws of which luck there are: `200 draws, seed 1`."""
    return f"{count_of_draws(draws)}, seed {seed}"


def count_of_draws(draws: int) -> str:
    """Write a number of draws: `1 draw`, `1,000 draws`."""
    return f"{draws:,} draw{'' if draws == 1 else 's'}"


def roughly(draws: float) -> str:
    """Write a number of draws that would do, rounded up to two digits: 1,421 is `1,500`."""
    step = 10 ** max(len(str(int(draws))) - _SIGNIFICANT_DIGITS, 0)
    return f"{math.ceil(draws / step) * step:,}"
