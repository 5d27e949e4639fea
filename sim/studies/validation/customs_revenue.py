"""What customs collect to 2024: the sums of monthly receipts by quarter, and their rate of imports by year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.facts import find_fact
from sim.quantities import MONTHS_PER_QUARTER, FloatArray, ordered_sum
from sim.studies.validation.comparison import (
    MONEY_A_MONTH,
    Check,
    Comparison,
    Published,
    derived,
    number_of,
    over_draws,
)
from sim.studies.validation.evidence import Evidence

LAST_YEAR = 2024
OTHERS_PAY = (
    "Since early 2018 solar panels, washing machines and metals of all origins pay (Sections 201 and 232); the model "
    "charges metals from China alone, and other origins the rates of 2024."
)
RUSH = f"Firms stored goods before List 3 was to rise in January 2019; the model has no such rush. {OTHERS_PAY}"
PAID_LATER = f"What came in December, in that rush, was paid for in January. {OTHERS_PAY}"
AT_SEA = (
    "Goods at sea on 10 May 2019 paid the old rate of List 3 until mid-June; the model charges the new one from May."
)
EXCLUDED = "Goods of excluded tariff lines paid nothing in 2019 and 2020; the model charges every list in full."
PANDEMIC = "Imports fell by a fifth, and some duties could be paid 90 days later (unverified: recalled)."
AFTER = f"{EXCLUDED} Imports were back at the end of the year."
BOOM = "Imports boomed after the pandemic, to a quarter above the model's trend in 2022; the rate below is nearer."
LESS_FROM_CHINA = (
    "Imports stayed 7 to 17 % above the model's trend, and less of them came from China than in the model (13 % in "
    "2024; unverified: recalled)."
)
MORE_FROM_CHINA = f"The pandemic sold what China makes, and most exclusions had lapsed. {OTHERS_PAY}"
WHY = {
    (2018, 3): OTHERS_PAY,
    (2018, 4): RUSH,
    (2019, 1): PAID_LATER,
    (2019, 2): AT_SEA,
    (2019, 3): OTHERS_PAY,
    (2020, 1): EXCLUDED,
    (2020, 2): PANDEMIC,
    (2020, 3): AFTER,
    (2021, 1): BOOM,
    (2023, 1): LESS_FROM_CHINA,
}
"""What lies behind the difference from a quarter on."""
WHY_RATE = {
    2019: f"{OTHERS_PAY} {EXCLUDED}",
    2020: EXCLUDED,
    2021: MORE_FROM_CHINA,
    2022: MORE_FROM_CHINA,
    2023: LESS_FROM_CHINA,
    2024: LESS_FROM_CHINA,
}

TEXT = (
    "Duties a month, of all origins, in the run of `phase_one_2020`, which has the tariffs on China to the end of "
    "2024. The model keeps quarters, so months are summed up to them. Customs receive most duties some weeks after the "
    "goods (a statement for each month is due in the middle of the next one; unverified: recalled), so that their "
    "figures come late. Other origins pay the rates measured in 2024 in all years: of the sums of 2023 and 2024 that "
    "part was put in, what goods from China pay was not. The rate, duties over imports, leaves out how much is bought."
)


def check(evidence: Evidence) -> Check:
    """Compare duties month by month, and their rate, with what customs collected."""
    return Check("Customs revenue", TEXT, (*_duties(evidence), *_rates(evidence)), in_sample="in part", block="goods")


def _duties(evidence: Evidence) -> Iterator[Comparison]:
    why = ""
    for place, date in enumerate(evidence.paths.scenario.calendar.quarter_dates()):
        quarter = (date.month - 1) // MONTHS_PER_QUARTER + 1
        why = WHY.get((date.year, quarter), why)
        if date.year <= LAST_YEAR:
            what = f"US customs duties a month, quarter {quarter} of {date.year}"
            model = _collected(evidence, [place]) / MONTHS_PER_QUARTER
            yield Comparison(what, over_draws(model), _received(date.year, quarter), why)


def _received(year: int, quarter: int) -> Published:
    """Mean of the three months of a quarter."""
    months = range(MONTHS_PER_QUARTER * (quarter - 1) + 1, MONTHS_PER_QUARTER * quarter + 1)
    keys = [f"us_customs_month.{year}_{month:02}" for month in months]
    mean = sum(number_of(find_fact(key)) for key in keys) / MONTHS_PER_QUARTER
    return derived(mean, MONEY_A_MONTH, "mean of the three months", *keys)


def _rates(evidence: Evidence) -> Iterator[Comparison]:
    """Duties over imports of whole years, which the boom of imports leaves out."""
    paths = evidence.paths
    dates, us = paths.scenario.calendar.quarter_dates(), paths.axes.countries.index("us")
    for year in range(dates[0].year + 1, LAST_YEAR + 1):
        quarters = [place for place, date in enumerate(dates) if date.year == year]
        imports = ordered_sum(ordered_sum(paths.trade["imports_bn"][quarters][:, :, us]))
        keys = (f"us_customs.{year}", f"us_customs.{year}.imports")
        duties, bought = (number_of(find_fact(key)) for key in keys)
        data = derived(duties / bought, "share of one", "duties over imports", *keys)
        model = over_draws(_collected(evidence, quarters) / imports)
        yield Comparison(f"US customs duties over imports, {year}", model, data, WHY_RATE[year])


def _collected(evidence: Evidence, quarters: list[int]) -> FloatArray:
    """Duties of some quarters, [draw], bn USD."""
    us = evidence.paths.axes.countries.index("us")
    found: FloatArray = ordered_sum(np.asarray(evidence.paths.countries["tariff_revenue_bn"])[quarters][:, us])
    return found
