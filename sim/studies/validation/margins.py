"""Margins that the base prices imply, beside reported ones."""

from __future__ import annotations

from collections.abc import Iterator

from sim.model.world import World
from sim.quantities import FloatArray, ordered_sum
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.run_totals import total

REPORTED_YEARS = (2019, 2020, 2021)

AWS_BASE = (
    "Substitution between vendors (about 5) was chosen with this margin in view, so only the order of magnitude is a "
    "test."
)
AWS_LATER = (
    "Profit over revenue of the run. In the model all costs move with output and fall as prices do, so the margin "
    "follows the share of the market and hardly moves; accounts also hold what is spent on growth, and longer lives "
    "of servers from 2020 on."
)
ALIBABA = (
    "Not a test: the margin at the base date is drawn from these figures (the setting growth_first), and prices that "
    "are lower for growth's sake, and overhead, make up for what it lies below the best."
)
UCLOUD = (
    "A gross margin, before sales, research and administration, of one of the smaller vendors that the model takes "
    "together; it fell to 30 % in 2019 (`margin.ucloud_gross_2019h1`). The model's is after overhead, which is assumed "
    "to be 10 to 45 % of revenue."
)
PARTNER = (
    "The terms were never published; one broker assumed 20 % of operating profit. The scenario assumes 2 to 11 % of "
    "revenue, net of what the partner bears, from the margins that Sinnet reports: about the broker's part of profit."
)

TEXT = (
    "At the base date the model knows prices (1 everywhere), shares and elasticities; costs are those at which the "
    "prices are each vendor's best, or, of vendors that put growth first, those that they report. The margin is price "
    "less cost, partner's fee and overhead, over price, weighted by sales over all markets; from 2019 on it is profit "
    "over revenue of the run."
)


def check(evidence: Evidence) -> Check:
    """Compare implied margins with those that vendors report."""
    rows = (*_aws(evidence), *_chinese(evidence), _partner(evidence.base))
    return Check("Margins", TEXT, rows)


def base_margin(world: World, vendor: str) -> FloatArray:
    """Price less cost, fee and overhead over price at the base date, over all markets, [draw], share of one."""
    base, channels, v = world.base, world.channels, world.axes.vendors.index(vendor)
    rows = [row for row in channels.of_vendor[v] if channels.at_start[row]]
    sales = base.carries[rows] * base.sales[v, channels.market[rows]]
    earned = sales * (1.0 - base.fee[rows] - base.cost[rows])
    margin: FloatArray = (ordered_sum(earned) - ordered_sum(base.overhead[rows])) / ordered_sum(sales)
    return margin


def _aws(evidence: Evidence) -> Iterator[Comparison]:
    base = over_draws(base_margin(evidence.base, "aws"))
    yield Comparison("AWS, base date", base, published("margin.aws_operating_2018"), AWS_BASE)
    for year in REPORTED_YEARS:
        profit, revenue = (
            total(evidence.history.vendors, column, year, vendor="aws") for column in ("profit_bn", "revenue_bn")
        )
        data = published(f"margin.aws_operating_{year}")
        yield Comparison(f"AWS, {year}", over_draws(profit / revenue), data, AWS_LATER)


def _chinese(evidence: Evidence) -> Iterator[Comparison]:
    alibaba = over_draws(base_margin(evidence.base, "alibaba"))
    reports = {
        "operating margin, year to March 2018": "margin.alibaba_cloud_operating_fy2018",
        "adjusted EBITA, year to March 2018": "margin.alibaba_cloud_adj_ebita_fy2018",
        "adjusted EBITA, year to March 2019": "margin.alibaba_cloud_adj_ebita_fy2019",
    }
    for words, key in reports.items():
        yield Comparison(f"Alibaba, base date ({words})", alibaba, published(key), ALIBABA)
    others = over_draws(base_margin(evidence.base, "other_china"))
    what = "Other Chinese vendors, base date (UCloud, gross)"
    yield Comparison(what, others, published("margin.ucloud_gross_2018"), UCLOUD)


def _partner(world: World) -> Comparison:
    """Part of what AWS earns in China, fee included, that goes to its partners."""
    v, m = world.axes.vendors.index("aws"), world.axes.markets.index("china")
    rows, base = list(world.channels.through_partners(v, m)), world.base
    kept, earned = (base.carries[rows] * part for part in (base.fee[rows], 1.0 - base.cost[rows]))
    share = ordered_sum(kept) / ordered_sum(earned)
    data = published("jv.aws_sinnet_profit_share_assumed")
    return Comparison("Partners' part of AWS's profit in China", over_draws(share), data, PARTNER)
