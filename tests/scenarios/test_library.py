"""The scenario library: every file says what it asks, runs, gives its sources, and moves results the way it should."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.facts import find_fact, load_facts
from sim.scenario.library import library
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import children
from sim.values import Number, Schedule
from tests.depth import quick
from tests.library_runs import DRAWS, library_run
from tests.sharing import Shared

LIBRARY = tuple(library())
PROMISED = {
    "base_2018", "status_quo", "guiyang_pilot", "pilot_then_nationwide", "nationwide_opening", "deal_spring_2019",
    "talks_collapse", "phase_one_2020", "escalation_2025", "data_flows_open", "strict_residency", "strong_ip",
    "export_controls", "us_restricts_chinese_cloud", "bargain_spring_2019", "talks_2018_2020", "talks_by_precedent",
    "today", "today_without_zones", "zones_nationwide_2027", "zones_closed_2027", "truce_lapses_2026",
    "truce_deal_2026", "truce_by_chance_2026", "chips_freely_sold", "chips_for_a_share_2025",
    "rerouting_2025",
}  # fmt: skip

FIRST_DIFFERENCE = {
    "guiyang_pilot": ("status_quo", "2020-01-01"),
    "pilot_then_nationwide": ("guiyang_pilot", "2022-01-01"),
    "nationwide_opening": ("status_quo", "2020-01-01"),
    "deal_spring_2019": ("status_quo", "2019-04-01"),
    "bargain_spring_2019": ("status_quo", "2019-04-01"),
    "talks_2018_2020": ("status_quo", "2018-10-01"),
    "talks_by_precedent": ("status_quo", "2018-10-01"),
    "talks_collapse": ("status_quo", "2019-05-01"),
    "phase_one_2020": ("talks_collapse", "2020-01-01"),
    "escalation_2025": ("phase_one_2020", "2024-01-01"),
    "ruling_2026": ("escalation_2025", "2026-03-01"),
    "today": ("today_without_zones", "2024-11-01"),
    "zones_nationwide_2027": ("today", "2027-01-01"),
    "zones_closed_2027": ("today", "2027-01-01"),
    "truce_lapses_2026": ("today", "2026-11-01"),
    "truce_deal_2026": ("today", "2026-11-01"),
    "truce_by_chance_2026": ("today", "2026-11-01"),
    "chips_for_a_share_2025": ("chips_freely_sold", "2025-04-01"),
    "data_flows_open": ("status_quo", "2020-01-01"),
    "pilot_and_data_flows": ("data_flows_open", "2020-01-01"),
    "strict_residency": ("status_quo", "2020-01-01"),
    "strong_ip": ("status_quo", "2020-01-01"),
    "export_controls": ("status_quo", "2022-10-01"),
    "us_restricts_chinese_cloud": ("status_quo", "2021-01-01"),
    "allies_restrict_chinese_cloud": ("us_restricts_chinese_cloud", "2021-01-01"),
}
"""Scenario -> the one it is laid against, and the first month in which they may differ."""

REFERENCES = {"base_2018", "status_quo", "today_without_zones", "chips_freely_sold"}
"""Scenarios that stand for no change."""
FROM_THE_START = {"rerouting_2025"}
"""Scenarios that differ from any other one at once."""

OFTEN_RUN = {
    "status_quo", "guiyang_pilot", "nationwide_opening", "deal_spring_2019", "talks_collapse", "phase_one_2020",
}  # fmt: skip
"""Scenarios that other tests run as well."""

TABLES = ("vendors", "countries", "markets", "events")

GivenNumber = tuple[str, Number, str | None]


@cache
def scenario(name: str) -> Scenario:
    return sim.load(name)


KEPT: list[Shared] = []
"""Where runs are kept that other tests look at, too."""


@pytest.fixture(scope="module", autouse=True)
def kept(shared):
    KEPT.append(shared)


@cache
def result(name: str) -> SimpleNamespace:
    """Tables of a run by their names."""
    return SimpleNamespace(**library_run(KEPT[-1], name).tables)


def difference(name: str, reference: str, kpi: str) -> pd.Series[float]:
    """Difference of a KPI, draw by draw."""
    return result(name).kpis[kpi] - result(reference).kpis[kpi]


def numbers(part: Any, path: str = "", source: str | None = None) -> Iterator[GivenNumber]:
    """Give every number with its path and its nearest source."""
    if isinstance(part, Number):
        yield path, part, part.source or source
    elif isinstance(part, Schedule):
        yield from ((f"{path}.{date}", number, number.source or source) for date, number in part.steps)
    else:
        nearest = getattr(part, "source", None) or source
        for key, inner in children(part):
            yield from numbers(inner, f"{path}.{key}", nearest)


def last_step(schedule: Schedule, before: str) -> float:
    """Give the value of a schedule just before a date."""
    limit = pd.Timestamp(before).date()
    return [number.central for date, number in schedule.steps if date is None or date < limit][-1]


def average_tariff(name: str, country: str, quarter: str) -> float:
    table = result(name).countries
    return float(table[(table.country == country) & (table.date == quarter)].average_tariff.mean())


def goods_of_year(name: str, flow: str, year: int) -> float:
    """Median over draws of a year's US goods trade with China, bn USD."""
    table = result(name).countries
    rows = table[(table.country == "us") & (table.date.dt.year == year)]
    return float(rows.groupby("draw")[flow].sum().median())


def revenue_of_home(name: str, home: str, market: str) -> pd.Series[float]:
    """Revenue of one country's vendors in a market over the run, by draw."""
    vendors = [vendor for vendor, given in scenario(name).vendors.items() if given.home == home]
    table = result(name).vendors
    rows = table[table.vendor.isin(vendors) & (table.market == market)]
    return rows.groupby("draw").revenue_bn.sum()


# What every file has -------------------------------------------------------------------------------------------------


def test_the_library_holds_the_scenarios_that_the_project_promises():
    assert set(LIBRARY) >= PROMISED


@pytest.mark.parametrize("name", LIBRARY)
def test_a_scenario_says_what_it_asks_and_what_it_rests_on(name):
    given = scenario(name)
    assert given.title
    assert len(re.findall(r"[.?!](?=\s|$)", given.question)) >= 2
    assert given.sources
    assert all(given.sources)


@pytest.mark.parametrize("name", LIBRARY)
def test_every_number_stands_under_a_source(name):
    bare = [path for path, _, source in numbers(scenario(name)) if not source or "no source given" in source]
    assert not bare


@pytest.mark.parametrize("name", LIBRARY)
def test_every_fact_that_a_file_names_in_brackets_exists(name):
    text = library()[name].read_text(encoding="utf-8")
    families = {key.partition(".")[0] for key in load_facts()}
    named = re.findall(r"\b[a-z]\w*(?:\.\w+)+", " ".join(re.findall(r"\(([^()]*)\)", text)))
    unknown = {key for key in named if key.partition(".")[0] in families} - set(load_facts())
    assert not unknown


@pytest.mark.parametrize("name", quick(LIBRARY, *OFTEN_RUN))
def test_a_scenario_runs_to_finite_numbers(name):
    for table in ("kpis", "vendors", "countries", "markets"):
        figures = getattr(result(name), table).select_dtypes("number")
        never_is_no_number = [column for column in figures if column.endswith("_first_months")]
        assert np.isfinite(figures.drop(columns=never_is_no_number)).all().all(), table


@pytest.mark.parametrize("name", quick(sorted(set(LIBRARY) - REFERENCES - FROM_THE_START), *OFTEN_RUN - REFERENCES))
def test_a_scenario_is_the_one_it_is_laid_against_until_it_differs(name):
    reference, first = FIRST_DIFFERENCE[name]
    start_of_quarter = pd.Timestamp(first).to_period("Q").start_time
    for table in ("vendors", "countries", "markets"):
        mine, other = getattr(result(name), table), getattr(result(reference), table)
        before = [rows[rows.date < start_of_quarter].reset_index(drop=True) for rows in (mine, other)]
        assert len(before[0]) > 0
        pd.testing.assert_frame_equal(*before, check_exact=True)
    assert not all(getattr(result(name), table).equals(getattr(result(reference), table)) for table in TABLES)


def test_the_status_quo_is_the_base_scenario_going_on():
    pd.testing.assert_frame_equal(
        result("status_quo").kpis.drop(columns="draw"), result("base_2018").kpis.drop(columns="draw"), check_exact=True
    )


# Tariffs and goods: against published figures ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "quarters", "facts"),
    [
        ("talks_collapse", ("2019-01-01", "2019-04-01"), ("2019_06_14.us_on_china", "2019_06_15.us_on_china")),
        ("talks_collapse", ("2019-04-01", "2019-10-01"), ("2019_06_15.us_on_china", "2019_12_19.us_on_china")),
        ("phase_one_2020", ("2019-10-01", "2020-01-01"), ("2019_12_19.us_on_china", "2020_02_14.us_on_china")),
        ("phase_one_2020", ("2019-10-01", "2020-01-01"), ("2019_12_19.china_on_us", "2020_02_14.china_on_us")),
    ],
)
def test_average_tariffs_move_by_as_much_as_published(name, quarters, facts):
    country = "us" if facts[0].endswith("us_on_china") else "china"
    before, after = (average_tariff(name, country, quarter) for quarter in quarters)
    published = [find_fact(f"average_tariff.{fact}").value for fact in facts]
    assert after - before == pytest.approx(published[1] - published[0], abs=0.005)


@pytest.mark.parametrize(
    ("quarter", "fact"), [("2019-01-01", "2019_01_01.china_on_us"), ("2019-04-01", "2019_06_01.china_on_us")]
)
def test_chinas_average_tariff_is_the_published_one_with_bilateral_weights(quarter, fact):
    published = find_fact(f"average_tariff_bilateral.{fact}").value
    assert average_tariff("talks_collapse", "china", quarter) == pytest.approx(published, abs=0.003)


def test_layers_of_2025_add_up_to_the_rates_of_the_peak_and_the_truces():
    policies = scenario("escalation_2025").policies
    emergency = [policies["us_fentanyl"], policies["us_reciprocal"]]
    for date, total in (("2025-05-13", 1.45), ("2025-05-15", 0.30), ("2025-12-31", 0.20)):
        assert sum(last_step(policy.rate, date) for policy in emergency) == pytest.approx(total)
    assert last_step(policies["china_all_goods"].rate, "2025-05-13") == pytest.approx(1.25)


def test_a_share_of_the_revenue_of_chips_goes_from_chinas_buyers_to_the_us_treasury():
    names = ("chips_for_a_share_2025", "chips_freely_sold")
    paid, fees, rent = (
        difference(*names, f"{kpi}_cum_bn") for kpi in ("consumer_loss_china", "export_fees_us", "licence_rent_us")
    )
    assert (rent > 0).all()
    assert (fees > rent).all()
    assert (paid > fees + rent).all()
    table = result(names[0]).countries
    begun = table[table.export_fees_bn > 0].date.min()
    assert begun == pd.Timestamp("2025-07-01"), "from September of that quarter on"


def test_goods_that_go_round_cost_the_treasury_and_are_counted_as_their_neighbours():
    names = ("rerouting_2025", "escalation_2025")
    lost, avoided, kept = (
        difference(*names, f"{kpi}_cum_bn") for kpi in ("tariff_revenue_us", "avoided_duty_us", "rerouting_gain_china")
    )
    assert (avoided > 0).all()
    assert (lost < 0).all()
    assert (lost > -avoided).all(), "more of them are bought, which pays something"
    assert (kept < avoided).all()
    paths = library_run(KEPT[-1], names[0]).run.paths
    us, regions = paths.axes.countries.index("us"), list(paths.axes.regions)
    moved = (paths.trade["declared_bn"] - paths.trade["imports_bn"])[:, :, us].sum(axis=(0, 2))
    gained = {name: moved[regions.index(name)] for name in ("asean", "mexico_canada")}
    assert gained["asean"] > gained["mexico_canada"] > 0
    assert moved[regions.index("china")] == pytest.approx(-sum(gained.values()))
    others = [place for place, name in enumerate(regions) if name not in {"china", *gained}]
    assert np.abs(moved[others]).max() < 1e-9


@pytest.mark.parametrize("flow", ["imports", "exports"])
def test_goods_trade_of_2020_comes_near_the_census_figure(flow):
    key = "us_imports_from_china" if flow == "imports" else "us_exports_to_china"
    published = find_fact(f"goods.2020.{key}").value
    assert goods_of_year("phase_one_2020", f"{flow}_bn", 2020) == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize(("name", "base_2017_bn"), [("farm_goods", 20.9), ("energy", 7.6)])
def test_purchases_kept_meet_the_published_part_of_the_commitment(name, base_2017_bn):
    policy = scenario("phase_one_2020").policies[f"purchases_of_{name}"]
    promised = [number.central for _, number in policy.extra_bn.steps]
    assert promised[-1] == 0
    base = 2 * base_2017_bn
    met = (base + policy.compliance.central * sum(promised)) / (base + sum(promised))
    category = {"farm_goods": "agriculture"}.get(name, name)
    assert met == pytest.approx(find_fact(f"phase_one.{category}.2020_2021.fulfilment").value, abs=0.01)


def test_purchases_end_with_the_promise_of_two_years():
    kept = result("phase_one_2020").countries.exports_bn - result("talks_collapse").countries.exports_bn
    table = result("phase_one_2020").countries.assign(kept=kept)
    rows = table[table.country == "us"].groupby("date").kept.mean()
    during, after = rows["2021-10-01"], rows["2022-01-01"]
    assert during > 3
    assert 0 < after < 1


@pytest.mark.parametrize(
    ("name", "reference"),
    [("talks_collapse", "status_quo"), ("phase_one_2020", "status_quo"), ("escalation_2025", "phase_one_2020")],
)
def test_escalation_lowers_imports_from_china_in_every_draw(name, reference):
    assert (difference(name, reference, "imports_us_cum_bn") < 0).all()
    assert (difference(name, reference, "deadweight_loss_us_cum_bn") > 0).all()


def test_phase_one_undoes_a_part_of_the_collapse_in_every_draw():
    regained = difference("phase_one_2020", "talks_collapse", "imports_us_cum_bn")
    lost = -difference("talks_collapse", "status_quo", "imports_us_cum_bn")
    assert (regained > 0).all()
    assert (regained < lost).all()
    assert (difference("phase_one_2020", "talks_collapse", "exports_us_cum_bn") > 0).all()


def test_dearer_servers_cost_us_vendors_profit_at_home_in_every_draw():
    assert (difference("talks_collapse", "status_quo", "us_vendors_profit_at_home_cum_bn") < 0).all()


# Talks ---------------------------------------------------------------------------------------------------------------


def test_goods_trade_rises_with_a_deal_and_falls_without_one():
    signed = result("deal_spring_2019").kpis.deal_signed_end_share == 1
    imports = difference("deal_spring_2019", "status_quo", "imports_us_cum_bn")
    assert 0 < signed.sum() < DRAWS
    assert (imports[~signed] < 0).all()
    assert (imports[signed] >= 0).all()


def test_without_a_deal_tariffs_reach_the_rates_of_may_and_june_2019():
    policies, history = scenario("deal_spring_2019").policies, scenario("talks_collapse").policies
    for name in ("us_list_3", "us_hardware", "china_list_3_25", "china_list_3_20", "china_list_3_10", "china_hardware"):
        in_force, added = (policies[key].rate for key in (name, f"no_deal_{name}"))
        reached = last_step(in_force, "2019-05-01") + last_step(added, "2019-05-01")
        assert reached == pytest.approx(last_step(history[name].rate, "2019-08-31")), name


def test_the_zone_opens_only_where_a_deal_is_signed():
    run = result("deal_spring_2019")
    opened = set(run.events[run.events.event == "zone opens"].draw)
    assert opened
    assert opened <= set(run.kpis[run.kpis.deal_signed_end_share == 1].draw)


def test_phase_one_is_signed_in_january_2020_in_every_draw_and_opens_nothing():
    run = result("phase_one_2020")
    assert (run.kpis.deal_signed_first_months == 18).all()
    assert (run.kpis.foreign_owners_end_vendors == 0).all()
    assert not (run.events.event == "zone opens").any()


def test_deals_are_called_by_what_they_promise_and_not_by_keys():
    signed = result("talks_2018_2020").events.query("event == 'signed'").detail
    assert len(signed) > 2
    assert not signed.str.contains("-|_").any()


def test_threats_carried_out_and_talks_by_precedent_rest_on_how_threats_ended():
    """Of the sides that threatened and were resisted, some stood firm and the others backed down."""
    conceded, firm, down = (
        find_fact(f"sanction_threats.all.{end}").value for end in ("conceded", "stood_firm", "backed_down")
    )
    walking = scenario("talks_2018_2020").talks.escalation.after_walking
    assert walking.parameters[1] == pytest.approx(firm / (firm + down), abs=5e-4)
    at_once = scenario("talks_by_precedent").talks.hazard.at_once
    top = find_fact("sanction_threats.united_states_against_china.conceded").value
    assert at_once.parameters[1:] == pytest.approx((conceded, top))


def test_disputes_elsewhere_settled_in_the_time_that_scenarios_say():
    """Left out is the case itself: 7, 10 and 14 of the other 17 within one, two and five years."""
    facts = load_facts()
    months = [fact.value for key, fact in facts.items() if key.startswith("trade_threats.") and "phase_one" not in key]
    assert len(months) == 17
    assert [sum(value <= 12 * years for value in months) for years in (1, 2, 5)] == [7, 10, 14]
    yearly = len(months) / (sum(months) / 12)
    low, middle, _ = scenario("talks_by_precedent").talks.hazard.settles_per_year.parameters
    assert low == pytest.approx(yearly, abs=0.02)
    assert 1 - np.exp(-middle) == pytest.approx(7 / 17, abs=0.03)


# Cloud ---------------------------------------------------------------------------------------------------------------


def test_a_nationwide_opening_brings_at_least_as_many_foreign_owners_as_a_pilot():
    owners = "foreign_owners_end_vendors"
    pilot, nationwide = result("guiyang_pilot").kpis[owners], result("nationwide_opening").kpis[owners]
    assert 0 < pilot.mean() <= nationwide.mean()


def test_the_national_rule_after_the_pilot_adds_owners_but_no_longer_the_gain_of_an_early_opening():
    def gain(name: str, kpi: str) -> float:
        return float(difference(name, "status_quo", kpi).mean())

    owners, profit = "foreign_owners_end_vendors", "us_vendors_profit_in_china_cum_bn"
    assert gain("pilot_then_nationwide", owners) >= gain("guiyang_pilot", owners)
    assert gain("pilot_then_nationwide", profit) < gain("nationwide_opening", profit)


@pytest.mark.parametrize("name", ["guiyang_pilot", "nationwide_opening"])
def test_a_way_around_partners_costs_them_income(name):
    assert difference(name, "status_quo", "partners_income_cum_bn").mean() < 0


def test_four_zones_open_in_2024_and_who_comes_has_built_by_2026_at_the_earliest():
    run = result("today")
    opened = run.events[run.events.event == "zone opens"]
    assert set(opened.actor) == {"beijing", "shanghai_lingang", "hainan", "shenzhen"}
    assert set(opened.date) == {pd.Timestamp("2024-11-01")}
    first = run.kpis.foreign_data_centre_first_months.dropna()
    assert 0 < len(first) < DRAWS
    # A licence takes two months at least, and building a year and a half.
    assert (first >= scenario("today").calendar.month_of(dt.date(2026, 4, 1))).all()


def test_better_protection_never_helps_chinese_vendors_abroad():
    assert (difference("strong_ip", "status_quo", "china_vendors_revenue_abroad_cum_bn") <= 0).all()


def test_export_controls_cost_chinese_vendors_at_home_and_abroad_in_every_draw():
    assert (difference("export_controls", "status_quo", "china_vendors_profit_in_china_cum_bn") < 0).all()
    assert (difference("export_controls", "status_quo", "china_vendors_revenue_abroad_cum_bn") < 0).all()


def test_strict_residency_costs_us_vendors_revenue_in_china_on_average():
    assert difference("strict_residency", "status_quo", "us_vendors_revenue_in_china_cum_bn").mean() < 0


def test_open_data_flows_bring_more_vendors_to_serve_china_from_abroad():
    def served_from_abroad(name: str) -> int:
        table = result(name).vendors
        end = table[(table.market == "china") & (table.date == table.date.max())]
        return int((end.presence == "cross_border").sum())

    assert served_from_abroad("data_flows_open") > served_from_abroad("status_quo")


@pytest.mark.parametrize(
    ("name", "reference", "market"),
    [
        ("us_restricts_chinese_cloud", "status_quo", "us"),
        ("allies_restrict_chinese_cloud", "us_restricts_chinese_cloud", "europe"),
    ],
)
def test_restrictions_cost_chinese_vendors_sales_where_they_hold_in_every_draw(name, reference, market):
    assert (revenue_of_home(name, "china", market) < revenue_of_home(reference, "china", market)).all()


@pytest.mark.parametrize("policy", ["guiyang_pilot", "data_flows_open"])
def test_the_combined_scenario_holds_the_same_policies_as_the_two_it_combines(policy):
    def written(name: str) -> list[tuple[str, str, tuple[float, ...]]]:
        return [(path, number.kind, number.parameters) for path, number, _ in numbers(scenario(name).policies[policy])]

    assert written("pilot_and_data_flows") == written(policy)
