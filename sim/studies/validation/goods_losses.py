"""Revenue and losses from the trade war's tariffs, beside the papers that estimated them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from sim.facts import find_fact
from sim.model.world import World
from sim.quantities import MONTHS_PER_YEAR, FloatArray, ordered_sum
from sim.studies.validation.average_tariffs import END_OF_2018
from sim.studies.validation.comparison import (
    MONEY_A_YEAR,
    Check,
    Comparison,
    Published,
    derived,
    number_of,
    over_draws,
    published,
)
from sim.studies.validation.dated_tariffs import lists_hit, lists_of, tariffs_on
from sim.studies.validation.evidence import Evidence
from sim.studies.validation.goods_path import GoodsMonth, monthly_path, settled

END_OF_2019, END_OF_2021 = dt.date(2019, 12, 31), dt.date(2021, 12, 31)
LISTS_1_TO_3_AT_25_PERCENT = dt.date(2019, 6, 15)
TEN_PERCENT = 0.1

SCOPE = (
    "The paper counts all tariffs of 2018 on goods of all origins (steel and aluminium, solar panels, washing "
    "machines), the model those on Chinese goods."
)
RUSH = (
    f"{SCOPE} Besides, firms hurried goods of List 3 in before the rise then planned for January 2019 and paid the "
    "tariff on them; in the model imports fall from the first month."
)
STEEPER = (
    f"{SCOPE} The larger reason is how imports respond: the paper finds about 6 % for each percent of tariff "
    "(`arw.import_quantity_elasticity_ihs`), the model takes 2.5 (`fgkk.sigma_variety_import_demand`) and lets trade "
    "move over months. Deadweight loss grows in proportion to it."
)
SPRING_REVENUE = f"{RUSH} The paper's months from January on add the tariffs of the spring."
SPRING_LOSS = f"{STEEPER} The paper's months from January on add the tariffs of the spring."
RETALIATION = (
    "The paper counts retaliation by all countries and finds a response of 3.9 % for each percent; the model takes "
    "China's, and an elasticity between 0.7 and 3.9."
)
BASKET = (
    "The paper's loss is what the imports of before the war cost more at the new prices, for all goods and origins "
    "hit; the model's is what buyers lose after turning away from dearer goods, for Chinese goods (first row)."
)
NET = (
    "Derived from the two rows above, without the producers' gain that the paper adds (the model has none); it shares "
    "their reasons."
)
COVERED = "The scenario covers Lists 1 to 3 and metals from China, the paper all origins."
COVERED_EXPORTS = "The scenario covers China's retaliation on the trade of 2017, the paper that of all countries."
SAME_ELASTICITY = (
    "The model takes its import elasticity from this very paper, so this is no independent test; the paper's figure "
    "is measured over the months observed and over all origins."
)
LOW_END = (
    "The model's elasticity spans what two papers find: 1.04 this one (`fgkk.sigma_star_foreign_import_demand`), 3.9 "
    "Amiti, Redding and Weinstein. The paper's figure suits the low end; the fall of exports in 2019 (table above) "
    "does not."
)
EXTRAPOLATED = (
    "The note carries its response of 43 % to a tariff of 10 % (below) over to 25 %: few imports then remain, so "
    "there is little tax and a large loss. The model's response is half as strong, so buyers stay and pay."
)
STRONGER = (
    "The note takes the months after List 3 came in, when firms had just filled their stores; the model's figure is "
    "for the long run, from an elasticity of 2.5."
)
HOUSEHOLDS = f"{SCOPE} The larger reason is its response of imports, as further below."
SECTORS = (
    "The commission compares whole sectors, which hold goods on no list, on average over 2018 to 2021; the model "
    "compares the goods of Lists 1 to 4A with their trend at base rates, from July 2018 on."
)
COVERED_2021 = "Trade of 2018 and trend are inputs, the fall since is the model's."

TEXT = (
    "What the tariffs above the base rates add: the equations of lists that stand alone (`goods.form: partial`, as the "
    "papers reckon) with the tariffs of each month, less the same equations with base rates for ever, draw by draw. "
    "What wages and third countries make of them is in the table of the world's trade. Figures for months follow trade "
    "as it adjusts; yearly figures of the papers stand beside the long run at the trade of 2018. Most papers cover "
    "more than trade with China, so the model should lie below them; besides, imports respond less in the model than "
    "the New York Fed's authors found, which no scope explains."
)


def check(evidence: Evidence) -> Check:
    """Compare revenue, losses and trade lost with the published estimates."""
    world = evidence.base
    path = monthly_path(world, END_OF_2021)
    rows = (
        *_covered(world),
        *_late_2018(world, path),
        *_long_run_of_2018(world),
        *_lists_at_25_percent(world),
        *_imports_since(world, path),
    )
    return Check("Revenue and losses from the tariffs", TEXT, rows, block="goods")


def _rows_of(world: World, names: Collection[str]) -> list[int]:
    return [index for index, name in enumerate(world.axes.lists) if name in names]


def _sum(world: World, values: FloatArray, names: Collection[str]) -> FloatArray:
    """Sum over some goods lists, [draw]."""
    return ordered_sum(values[_rows_of(world, names)])


def _base_trade(world: World, names: Collection[str]) -> FloatArray:
    """Trade of some goods lists at base rates, [draw], bn a year."""
    return _sum(world, np.stack([world.value(item.value_bn) for item in world.scenario.goods.lists.values()]), names)


def _covered(world: World) -> Iterator[Comparison]:
    """How much trade the tariffs of 2018 cover."""
    imports = over_draws(_base_trade(world, lists_hit(world, "us", END_OF_2018)))
    exports = over_draws(_base_trade(world, lists_hit(world, "china", END_OF_2018)))
    yield Comparison("US imports hit in 2018", imports, published("fgkk.us_targeted_imports"), COVERED)
    yield Comparison("US imports hit in 2018", imports, published("arw.imports_covered"), COVERED)
    yield Comparison("US exports hit in 2018", exports, published("arw.exports_facing_retaliation"), COVERED_EXPORTS)


def _late_2018(world: World, path: Sequence[GoodsMonth]) -> Iterator[Comparison]:
    """Months of 2018, and sums over them."""
    imports, exports = lists_of(world, "us"), lists_of(world, "china")
    months = [month.trade_war for month in path if month.date <= END_OF_2018]
    revenue = [_sum(world, month.revenue, imports) / MONTHS_PER_YEAR for month in months]
    lost = [_sum(world, month.deadweight_loss, imports) / MONTHS_PER_YEAR for month in months]
    sold_less = -_sum(world, months[-1].trade, exports) / MONTHS_PER_YEAR
    to_november = slice(-1)
    cases = (
        ("US tariff revenue in December 2018", revenue[-1], "arw.tax_cost_per_month_late_2018", RUSH),
        ("US deadweight loss in December 2018", lost[-1], "arw.deadweight_loss_per_month_late_2018", STEEPER),
        ("US exports lost in December 2018", sold_less, "arw.exports_lost_per_month", RETALIATION),
        ("US tariff revenue, July to November 2018 (data from January)", sum(revenue[to_november]),
         "arw.tariff_revenue_jan_nov_2018", SPRING_REVENUE),
        ("US deadweight loss, July to November 2018 (data from January)", sum(lost[to_november]),
         "arw.deadweight_loss_jan_nov_2018", SPRING_LOSS),
        ("US tariff revenue, second half of 2018 (data: whole year)", sum(revenue),
         "arw.tariff_revenue_2018_jep", SPRING_REVENUE),
        ("US deadweight loss, second half of 2018 (data: whole year)", sum(lost),
         "arw.deadweight_loss_2018_jep", SPRING_LOSS),
    )  # fmt: skip
    for what, model, key, why in cases:
        yield Comparison(what, over_draws(np.asarray(model)), published(key), why)


def _long_run_of_2018(world: World) -> Iterator[Comparison]:
    """The tariffs of end 2018, once trade has moved all the way."""
    flows = settled(world, tariffs_on(world, END_OF_2018))
    imports = lists_of(world, "us")
    loss, revenue = _sum(world, flows.consumer_loss, imports), _sum(world, flows.revenue, imports)
    yield Comparison("US buyers' loss, tariffs of end 2018", over_draws(loss), published("fgkk.buyers_loss"), BASKET)
    yield Comparison(
        "US tariff revenue, tariffs of end 2018", over_draws(revenue), published("fgkk.tariff_revenue"), SCOPE
    )
    yield Comparison("US buyers' loss less revenue, tariffs of end 2018", over_draws(loss - revenue), _net_loss(), NET)
    yield Comparison(
        "US buyers' loss, tariffs of end 2018", over_draws(loss), _cost_of_the_tariffs_of_2018(), HOUSEHOLDS
    )
    changes = (
        ("us", "fgkk.targeted_imports_change", SAME_ELASTICITY),
        ("china", "fgkk.targeted_exports_change", LOW_END),
    )
    for importer, key, why in changes:
        hit = lists_hit(world, importer, END_OF_2018)
        change = _sum(world, flows.trade, hit) / _base_trade(world, hit)
        words = "imports" if importer == "us" else "exports"
        yield Comparison(f"Change of US {words} hit in 2018", over_draws(change), published(key), why)


def _net_loss() -> Published:
    keys = ("fgkk.buyers_loss", "fgkk.tariff_revenue")
    loss, revenue = (number_of(find_fact(key)) for key in keys)
    return derived(loss - revenue, MONEY_A_YEAR, "loss less revenue", *keys)


def _cost_of_the_tariffs_of_2018() -> Published:
    """Cost of the tariffs of 2018 in all households: the note gives it for one, and another cost both ways."""
    keys = ("nyfed2019.cost_per_household_2018_tariffs", "nyfed2019.annual_cost", "nyfed2019.cost_per_household")
    cost, all_households, one_household = (number_of(find_fact(key)) for key in keys)
    formula = "cost per household times households, which are annual cost over cost per household"
    return derived(cost * all_households / one_household, MONEY_A_YEAR, formula, *keys)


def _lists_at_25_percent(world: World) -> Iterator[Comparison]:
    """The tariffs of June 2019, Lists 1 to 3 at 25 %, once trade has moved all the way."""
    flows = settled(world, tariffs_on(world, LISTS_1_TO_3_AT_25_PERCENT))
    imports = lists_of(world, "us")
    parts = (
        ("US buyers' loss", flows.consumer_loss, "nyfed2019.annual_cost"),
        ("US tariff revenue", flows.revenue, "nyfed2019.tax_part"),
        ("US deadweight loss", flows.deadweight_loss, "nyfed2019.deadweight_part"),
    )
    for what, flow, key in parts:
        model = over_draws(_sum(world, flow, imports))
        yield Comparison(f"{what}, Lists 1 to 3 at 25 %", model, published(key), EXTRAPOLATED)
    raised = settled(world, world.base.base_tariff + TEN_PERCENT)
    change = _sum(world, raised.trade, imports) / _base_trade(world, imports)
    key = "nyfed2019.import_response_to_10pct_tariff"
    yield Comparison("Change of US imports under 10 % on all", over_draws(change), published(key), STRONGER)


def _imports_since(world: World, path: Sequence[GoodsMonth]) -> Iterator[Comparison]:
    """Imports on Lists 1 to 4A, in the last year of the path and on average over all of it."""
    hit = lists_hit(world, "us", END_OF_2019) - {"us_metals"}
    actual = np.stack([_sum(world, month.actual.trade, hit) for month in path])
    usual = np.stack([_sum(world, month.at_base.trade, hit) for month in path])
    last_year = over_draws(actual[-MONTHS_PER_YEAR:].mean(axis=0))
    change = over_draws(actual.sum(axis=0) / usual.sum(axis=0) - 1.0)
    what = "US imports on Lists 1 to 4A"
    yield Comparison(f"{what}, 2021", last_year, published("usitc2023.affected_imports_2021"), COVERED_2021)
    key = "usitc2023.section301_imports_change_avg"
    yield Comparison(f"Change of {what}, mid-2018 to 2021", change, published(key), SECTORS)
