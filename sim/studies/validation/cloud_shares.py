"""Sizes and shares of cloud markets until 2021, beside the tables that the scenario was fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from sim.facts import table
from sim.quantities import FloatArray
from sim.runs.run_data import RunData
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.run_totals import total

YEARS = (2019, 2020, 2021)
PERIODS = (None, 4)
"""Quarters of which Canalys' figures are compared; None is the whole year."""
CANALYS = ("canalys", "canalys_restated")
IDC = "idc_iaas"
MORE_OF_CHINA = ("china.2019.q3.aws.canalys", "china.2020.q4.aws.idc_iaas", "china.2020.q4.china_telecom.idc_iaas")
"""The only figures for two vendors that Canalys counts among the others."""
MODEL_NAMES = {"amazon": "aws"}
"""Where the files name a vendor otherwise than the scenario."""
TITLES = {"total": "Whole market", "others": "All others"}

YEARLY_TOTAL = (
    "Put in as the yearly rate at mid-year and interpolated, so the sum over the year differs a little. Besides, "
    "spending in the run answers to lost exports and dearer hardware, which the observed totals hold already: counted "
    "twice, they make the run somewhat too low."
)
QUARTERLY_TOTAL = "Not put in, but it follows from the yearly figures; the model has no seasons."
OLD_TOTAL = "The scenario uses the figure as Canalys restated it in 2021, which is in this table too."
FITTED = "In-sample: `cloudtrade fit` has chosen shares at the base date and catch-up in the light of these figures."
BEFORE_HUAWEI = (
    "In this table Huawei has no row of its own, so shares of the others are overstated. In-sample, but the fit "
    "follows the figures of 2020 and 2021 more, which are many and have one."
)
OTHER_COUNT = (
    "IDC's count (infrastructure only), for a vendor that Canalys does not name. In-sample: it was in view when the "
    "share of 2018 was judged, and the fit uses it with the error by which the two counts lie apart."
)

CHINA_TEXT = (
    "Revenue in the period over the revenue of all vendors, in the run of `phase_one_2020`. **In-sample**: market "
    "totals are inputs, and vendors' trends are the posterior of `cloudtrade fit`, which has seen the figures up to "
    "2021. The table shows how well the fit does and how wide the model's range is around it; of forecasts the "
    "scorecard above speaks. Data: Canalys (infrastructure and platform services), whole years and fourth quarters, "
    "and the few figures for two vendors that Canalys counts among the others."
)
WORLD_TEXT = (
    "The same over all markets of the model, again **in-sample**. Ranges are narrow in 2019, since all draws start "
    "from the published revenue of 2018."
)


@dataclass(frozen=True)
class _Figure:
    """A row of a market table."""

    key: str
    definition: str
    year: int
    quarter: int | None
    vendor: str
    has_revenue: bool
    has_share: bool


def of_china(evidence: Evidence) -> Check:
    """Compare the Chinese market and vendors' shares in it."""
    figures = _figures("cloud_market_china")
    extra = [figure for figure in figures if figure.key in MORE_OF_CHINA]
    rows = tuple(_rows(evidence.history, [*_main(figures), *extra], market="china"))
    return Check("Cloud market in China", CHINA_TEXT, rows, in_sample="yes")


def of_the_world(evidence: Evidence) -> Check:
    """Compare the markets of the world together and vendors' shares in them."""
    rows = tuple(_rows(evidence.history, _main(_figures("cloud_market_global"))))
    return Check("Cloud markets of the world", WORLD_TEXT, rows, in_sample="yes")


def _figures(name: str) -> list[_Figure]:
    rows = table(name)
    return [_figure(row) for _, row in rows[~rows["key"].str.endswith((".conflicting", ".recalled"))].iterrows()]


def _figure(row: pd.Series) -> _Figure:
    quarter = str(row["quarter"])
    return _Figure(
        key=row["key"],
        definition=row["definition"],
        year=int(row["year"]),
        quarter=int(quarter[1:]) if quarter.startswith("Q") else None,
        vendor=row["key"].split(".")[3],
        has_revenue=bool(pd.notna(row["revenue_usd_bn"])),
        has_share=bool(pd.notna(row["share"])),
    )


def _main(figures: list[_Figure]) -> list[_Figure]:
    """Canalys' figures for whole years and fourth quarters of the years compared."""
    return [f for f in figures if f.definition in CANALYS and f.year in YEARS and f.quarter in PERIODS]


def _rows(history: RunData, figures: list[_Figure], **market: str) -> Iterator[Comparison]:
    for figure in figures:
        named = [other.vendor for other in figures if _same_table(other, figure) and other.vendor not in TITLES]
        quarter = "" if figure.quarter is None else f" Q{figure.quarter}"
        what = f"{_title(history, figure.vendor)}, {figure.year}{quarter}"
        whole = total(history.markets, "total_bn", figure.year, figure.quarter, **market)
        if figure.vendor == "total":
            yield Comparison(what, over_draws(whole), published(figure.key), _why(figure, market))
            continue
        part = _revenue(history, figure, named, whole, **market)
        if figure.has_share:
            data = published(f"{figure.key}.share")
            yield Comparison(f"{what}, share", over_draws(part / whole), data, _why(figure, market))
        else:
            yield Comparison(what, over_draws(part), published(figure.key), _why(figure, market))


def _same_table(first: _Figure, second: _Figure) -> bool:
    return (first.definition, first.year, first.quarter) == (second.definition, second.year, second.quarter)


def _title(history: RunData, vendor: str) -> str:
    """Name of a vendor for people."""
    return TITLES.get(vendor) or history.scenario.vendors[_model_name(vendor)].title


def _model_name(vendor: str) -> str:
    return MODEL_NAMES.get(vendor, vendor)


def _revenue(history: RunData, figure: _Figure, named: list[str], whole: FloatArray, **market: str) -> FloatArray:
    """Revenue of a vendor, or of all that the published table does not name, [draw], bn in the period."""
    if figure.vendor == "others":
        rest = whole.copy()
        for vendor in named:
            rest -= _of_vendor(history, figure, vendor, **market)
        return rest
    return _of_vendor(history, figure, figure.vendor, **market)


def _of_vendor(history: RunData, figure: _Figure, vendor: str, **market: str) -> FloatArray:
    chosen = market | {"vendor": _model_name(vendor)}
    return total(history.vendors, "revenue_bn", figure.year, figure.quarter, **chosen)


def _why(figure: _Figure, market: dict[str, str]) -> str:
    """Choose the remark that fits a figure."""
    if figure.definition == IDC:
        return OTHER_COUNT
    is_before_huawei = bool(market) and figure.year == YEARS[0]
    if figure.vendor == "total":
        is_old = is_before_huawei and figure.quarter is None and figure.definition == CANALYS[0]
        yearly = YEARLY_TOTAL if figure.quarter is None else QUARTERLY_TOTAL
        return OLD_TOTAL if is_old else yearly
    return BEFORE_HUAWEI if is_before_huawei else FITTED
