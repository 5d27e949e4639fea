"""How fast prices fall, beside studies of list prices and announced cuts."""

from __future__ import annotations

from sim.quantities import FloatArray
from sim.runs.run_data import RunData
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.run_totals import total

BETWEEN = (
    "The assumed fall of costs (5 to 18 % a year) was placed between this figure and the other one, so its size is no "
    "test; only how markups move is the model's own. Periods differ, too."
)
SMOOTH = (
    "The model's prices follow costs smoothly and stand for what customers pay, discounts included. List prices stand "
    "still for years and then are cut, so one year says little."
)

TEXT = (
    "Price of a compute unit at the end of quarters of the run of `phase_one_2020`. Levels cannot be compared between "
    "markets, since the model sets all prices of the base date to 1: what makes Beijing dearer than US East (1.41 "
    "times in 2024, `price.aws_beijing_vs_us_east_ratio_median`) counts as lower quality in the model."
)


def check(evidence: Evidence) -> Check:
    """Compare the fall of prices."""
    history = evidence.history
    decline = over_draws(_ratio(history, "aws", "us", (2019, 2), (2021, 2)) ** 0.5 - 1.0)
    in_2024 = over_draws(_ratio(history, "alibaba", "china", (2023, 4), (2024, 4)) - 1.0)
    beijing = over_draws(_ratio(history, "aws", "china", (2023, 3), (2024, 4)) - 1.0)
    us = "AWS in the United States, a year, mid-2019 to mid-2021"
    rows = (
        Comparison(f"{us} (data: 2008 to 2017, quality held)", decline, published("price.aws_annual_change_2008_2017"),
                   BETWEEN),
        Comparison(f"{us} (data: EC2, 2009 to 2016)", decline, published("price.ec2_annual_change_2009_2016"), BETWEEN),
        Comparison("Alibaba in China, in 2024 (data: cut of list prices)", in_2024,
                   published("price.alibaba_cut_2024_average"), SMOOTH),
        Comparison("AWS in China, September 2023 to end of 2024 (data: list prices)", beijing,
                   published("price.aws_beijing_list_change_2023_2024"), SMOOTH),
    )  # fmt: skip
    return Check("Fall of prices", TEXT, rows)


def _ratio(history: RunData, vendor: str, market: str, first: tuple[int, int], last: tuple[int, int]) -> FloatArray:
    """Price at the end of one quarter over that at the end of an earlier one, [draw]; quarters as (year, 1 to 4)."""
    before, after = (total(history.vendors, "price", *when, vendor=vendor, market=market) for when in (first, last))
    return after / before
