"""The data says where it comes from, and the loader gives what the files say."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pytest

import sim.facts
from sim.errors import ModelError, ScenarioError
from sim.facts import Fact, find_fact, load_facts, table, table_names

FOLDER = Path(sim.facts.__file__).parent
ANNOUNCED = FOLDER / "announced.csv"
"""Says when rows of the others were announced; holds no facts of its own."""
KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9]+(_[a-z0-9]+)*)+")
TEXT_UNITS = {"text", "date"}


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return list(load_facts().values())


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """Every line of every file, read here without the loader."""
    found = []
    for path in sorted(set(FOLDER.glob("*.csv")) - {ANNOUNCED}):
        with path.open(encoding="utf-8", newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def test_every_file_in_the_folder_is_known_to_the_loader():
    assert {path.stem for path in set(FOLDER.glob("*.csv")) - {ANNOUNCED}} == set(table_names())


def test_every_row_has_a_key_of_its_own_in_lower_snake_case(rows):
    keys = [row["key"] for row in rows]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if not KEY.fullmatch(key)] == []


def test_every_fact_is_filed_under_its_own_well_formed_key():
    assert [key for key, fact in load_facts().items() if key != fact.key or not KEY.fullmatch(key)] == []


def test_every_row_gives_at_least_one_fact(rows):
    known = load_facts()
    fact_starts = {key[:end] for key in known for end in [*_dots(key), len(key)]}
    assert [row["key"] for row in rows if row["key"] not in fact_starts] == []


def _dots(key: str) -> list[int]:
    return [place for place, letter in enumerate(key) if letter == "."]


def test_every_fact_names_its_source_its_unit_and_its_confidence(facts):
    assert [fact.key for fact in facts if not fact.source.strip() or not fact.unit.strip()] == []
    assert {fact.confidence for fact in facts} == {"found", "recalled"}


def test_every_found_fact_has_an_address_and_shows_it(facts):
    found = [fact for fact in facts if fact.confidence == "found"]
    assert [fact.key for fact in found if not fact.source_url.startswith("http")] == []
    assert [fact.key for fact in found if fact.source_url not in fact.citation or "unverified" in fact.citation] == []


def test_every_recalled_fact_is_cited_as_unverified(facts):
    recalled = [fact for fact in facts if fact.confidence == "recalled"]
    assert recalled
    for fact in recalled:
        assert fact.citation.endswith("unverified: recalled from general knowledge"), fact.key


def test_every_citation_is_one_line_that_starts_with_the_source(facts):
    for fact in facts:
        assert fact.citation.startswith(fact.source)
        assert "\n" not in fact.citation


def test_every_value_is_a_finite_number_or_text_that_is_not_empty(facts):
    texts = [fact for fact in facts if fact.unit in TEXT_UNITS]
    numbers = [fact for fact in facts if fact.unit not in TEXT_UNITS]
    assert [fact.key for fact in texts if not isinstance(fact.value, str) or not fact.value] == []
    assert [fact.key for fact in numbers if not isinstance(fact.value, float) or not math.isfinite(fact.value)] == []


def test_a_fact_points_at_the_line_it_was_read_from(facts):
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in FOLDER.glob("*.csv")}
    for fact in facts:
        row_key = lines[fact.file][fact.line - 1].split(",")[0]
        assert fact.key == row_key or fact.key.startswith(f"{row_key}."), fact


def test_no_fact_is_in_percent_and_every_tariff_is_a_share_of_one(facts):
    assert [fact.key for fact in facts if "percent" in fact.unit] == []
    tariff = re.compile(r"(hardware_)?tariff\.(us|china)\.|average_tariff")
    tariffs = [fact for fact in facts if tariff.match(fact.key)]
    rates = [fact for fact in tariffs if not fact.key.endswith(".trade_covered")]
    assert len(rates) > 100
    assert [fact.key for fact in rates if fact.unit != "share of one" or not 0 <= fact.value <= 1.25] == []


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        # Read by eye in the files. Percent there: 10, 7.5, 2.5, 125, 8.37, 5.75, 25, 0.8, 21.67, 57, 16.6, 0.27, 22.7,
        # 48.2.
        ("tariff.us.list_3.2018_09_24", 0.1, "share of one"),
        ("tariff.us.list_4a.2020_02_14", 0.075, "share of one"),
        ("tariff.china.list_75bn_part_1_tier_5.2020_02_14", 0.025, "share of one"),
        ("tariff.us.ieepa_reciprocal.2025_04_10", 1.25, "share of one"),
        ("average_tariff.2018_04_02.china_on_us", 0.0837, "share of one"),
        ("average_tariff_bilateral.2018_01_01.china_on_us", 0.0575, "share of one"),
        ("hardware_tariff.us.8473_30_20.2018_07_06", 0.25, "share of one"),
        ("hardware_trade.2024.847150.china.share", 0.008, "share of one"),
        ("hardware_trade.2024.847150.china.duty_rate", 0.2167, "share of one"),
        ("phase_one.total.2020_2021.fulfilment_first", 0.57, "share of one"),
        ("fgkk.us_tariff_targeted_after", 0.166, "share of one"),
        ("fgkk.buyers_loss_gdp_share", 0.0027, "share of GDP"),
        ("sanction_threats.all.conceded", 0.227, "share of one"),
        ("sanction_threats.united_states.stood_firm", 0.482, "share of one"),
        # Not percent in the files, so the same here.
        ("tariff.us.list_3.2018_09_24.trade_covered", 200.0, "bn USD"),
        ("goods.2017.us_exports_to_china", 130.0, "bn USD"),
        ("goods.2017.us_imports_from_china", 505.2, "bn USD"),
        ("services.2018.us_imports_from_china", 18.3, "bn USD"),
        ("china.2018.fy.total.canalys", 6.54, "bn USD"),
        ("china.2019.q3.aws.canalys.share", 0.086, "share of one"),
        ("world.2018.fy.amazon.canalys", 25.4, "bn USD"),
        ("margin.aws_operating_2018", 0.284, "share of one"),
        ("fgkk.sigma_variety_import_demand", 2.53, "elasticity"),
        ("fgkk.sigma_variety_import_demand.std_error", 0.26, "elasticity"),
        ("phase_one.energy.2021.extra_over_2017", 33.9, "bn USD"),
        ("trade_threats.1994_10.us_japan_autos_301", 9.0, "months"),
        ("event.ftz_cloud_proposal_date", "2019-03-25", "date"),
        ("talks.2019_03_28.place", "Beijing", "text"),
    ],
)
def test_a_value_read_by_eye_comes_out_of_the_loader(key, value, unit):
    fact = find_fact(key)
    assert (fact.value, fact.unit) == (value, unit)


@pytest.mark.parametrize("sample", ["all", "united_states", "united_states_against_china"])
def test_a_threat_is_given_in_to_carried_out_or_dropped(sample):
    ends = [find_fact(f"sanction_threats.{sample}.{end}").value for end in ("conceded", "stood_firm", "backed_down")]
    assert sum(ends) == pytest.approx(1, abs=0.0015)


def test_months_of_a_dispute_are_those_from_its_opening_to_its_settlement(rows):
    disputes = [row for row in rows if row["key"].startswith("trade_threats.")]
    assert len(disputes) == 18
    for row in disputes:
        (year, month), (last_year, last_month) = (row[name].split("-") for name in ("opened", "settled"))
        between = 12 * (int(last_year) - int(year)) + int(last_month) - int(month)
        assert abs(between - int(row["months"])) <= 1, row["key"]
        assert row["key"].startswith(f"trade_threats.{year}_{month}.")


def test_the_whole_markets_of_one_year_differ_by_definition_and_are_kept_apart():
    totals = {key: find_fact(f"china.2019.fy.total.{key}").value for key in ("canalys", "canalys_restated", "idc_iaas")}
    assert totals == {"canalys": 10.7, "canalys_restated": 11.5, "idc_iaas": 7.76}


@pytest.mark.parametrize("name", ["cloud_market_china", "cloud_market_global"])
def test_the_key_of_a_market_row_names_its_definition(name):
    market = table(name)
    for key, definition in zip(market["key"], market["definition"], strict=True):
        assert key.split(".")[4] == definition


@pytest.mark.parametrize("name", ["cloud_market_china", "cloud_market_global"])
def test_no_series_of_one_definition_has_two_values_for_one_vendor_and_period(name):
    market = table(name)
    plain = market[~market["key"].str.endswith((".recalled", ".conflicting"))]
    vendor = plain["key"].str.split(".").str[3]
    assert not plain.assign(vendor=vendor).duplicated(["year", "quarter", "vendor", "definition"]).any()


@pytest.mark.parametrize("name", ["cloud_market_china", "cloud_market_global"])
def test_the_shares_of_one_market_and_definition_never_exceed_the_whole(name):
    market = table(name)
    vendor = market["key"].str.split(".").str[3]
    is_sum = vendor.isin(["total", "top3", "top4", "top5"])
    is_second_report = market["key"].str.endswith((".recalled", ".conflicting"))
    rounding = 0.011  # whole percent
    assert (
        market[~is_sum & ~is_second_report].groupby(["year", "quarter", "definition"])["share"].sum() <= 1 + rounding
    ).all()


def test_a_table_is_the_file_as_it_stands_with_rates_in_percent():
    events = table("tariff_events").set_index("key")
    assert events.loc["tariff.us.list_3.2019_05_10", ["rate_before", "rate_after"]].tolist() == [10, 25]
    assert len(events) == len((FOLDER / "tariff_events.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_changing_a_table_does_not_change_the_next_one():
    mine = table("goods_trade")
    mine["year"] = 0
    assert (table("goods_trade")["year"] > 2000).all()


def test_the_facts_cannot_be_changed():
    with pytest.raises(TypeError):
        load_facts()["goods.2017.us_exports_to_china"] = None


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("goods.2017.us_export_to_china", "goods.2017.us_exports_to_china"),
        ("china.2018.fy.totl.canalys", "china.2018.fy.total.canalys"),
        ("china.2019.q3.aws.canalys", "china.2019.q3.aws.canalys.share"),
        ("goods.2017", "goods.2017.us_imports_from_china"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest_ones(wrong, nearest):
    with pytest.raises(ScenarioError) as caught:
        find_fact(wrong)
    assert wrong in str(caught.value)
    assert nearest in str(caught.value)


def test_a_key_like_no_other_is_still_an_error_of_the_scenario():
    with pytest.raises(ScenarioError, match="there is no fact 'zzzzzz'"):
        find_fact("zzzzzz")


def test_an_unknown_table_is_our_own_error_and_lists_the_files():
    with pytest.raises(ModelError, match="goods_trade"):
        table("good_trade")


def test_two_rows_with_one_key_are_refused_with_both_places(folder_of_facts):
    goods = folder_of_facts / "goods_trade.csv"
    lines = goods.read_text(encoding="utf-8").splitlines()
    goods.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(ModelError, match=rf"goods_trade.csv:{len(lines) + 1}: .*goods_trade.csv:2"):
        load_facts.__wrapped__()


def test_a_number_that_is_none_is_refused_with_its_place(folder_of_facts):
    goods = folder_of_facts / "goods_trade.csv"
    goods.write_text(goods.read_text(encoding="utf-8").replace("130.0", "13O.0"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"goods_trade.csv:4: '13O.0' is no number"):
        load_facts.__wrapped__()


@pytest.fixture
def folder_of_facts(tmp_path, monkeypatch) -> Path:
    """A copy of the data that the loader reads instead, for a test to damage."""
    for path in FOLDER.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(sim.facts, "_file", lambda name: tmp_path / f"{name}.csv")
    return tmp_path
