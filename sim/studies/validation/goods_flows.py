"""Goods trade between the United States and China, year by year, from a run of the history."""

from __future__ import annotations

from collections.abc import Iterator

from sim.runs.run_data import RunData
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.run_totals import total

HALF_YEARS = 2

HALF = "The run has only the second half of the year, here doubled; the data is the whole year."
RUSH = f"{HALF} US firms hurried goods in before List 3 rose; in the model trade only falls."
MISSING = (
    "Goods brought forward into 2018 were missing in 2019, and buyers looked ahead to tariffs announced; the model's "
    "buyers respond to tariffs in force, over some months."
)
PANDEMIC = "The model knows nothing of the pandemic: trend and tariffs happen to give about the right sum."
BOOM = "Demand for goods boomed after the pandemic; the model goes on with its trend."
SCALED = f"{HALF} The lists are scaled to the exports of 2017."
STATE_BUYERS = (
    "China's state buyers cut back on farm goods beyond what tariffs explain, and aircraft deliveries stopped (737 "
    "MAX); the model has tariffs only."
)
PURCHASES = (
    "In-sample in part: purchases of Phase One come on top at the rates at which they were kept, worked out by hand "
    "from what was bought."
)
DEARER = (
    f"{PURCHASES} Farm goods and energy became much dearer in 2021; the model counts trade at the prices of its trend."
)
WHY = {
    "imports": {2018: RUSH, 2019: MISSING, 2020: PANDEMIC, 2021: BOOM},
    "exports": {2018: SCALED, 2019: STATE_BUYERS, 2020: PURCHASES, 2021: DEARER},
}

TEXT = (
    "Quarters of the run of `phase_one_2020` added up to calendar years, Census basis. The trade of the lists is put "
    "in for 2018 (US imports) and 2017 (US exports) and grows by an assumed trend; what tariffs do to it follows from "
    "published elasticities. Data after 2018 is no input, except that purchases of Phase One are put in as they were "
    "kept."
)


def check(evidence: Evidence) -> Check:
    """Compare US imports from and exports to China with the Census figures."""
    return Check("Goods trade by year", TEXT, tuple(_rows(evidence.history)), in_sample="in part", block="goods")


def _rows(history: RunData) -> Iterator[Comparison]:
    directions = (("imports", "US goods imports from China"), ("exports", "US goods exports to China"))
    for flow, words in directions:
        partner = "from_china" if flow == "imports" else "to_china"
        for year, why in WHY[flow].items():
            model = total(history.countries, f"{flow}_bn", year, country="us")
            what = f"{words}, {year}"
            if year == history.scenario.start.year:
                model, what = HALF_YEARS * model, f"{what} (second half, doubled)"
            yield Comparison(what, over_draws(model), published(f"goods.{year}.us_{flow}_{partner}"), why)
