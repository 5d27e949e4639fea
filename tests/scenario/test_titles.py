"""People read titles: those that a scenario gives, or else the words of the key; no figure depends on them."""

from __future__ import annotations

import pytest

import sim
from sim.errors import ScenarioError
from sim.scenario.describing import differing_model_values, entry_of, title_of, titles_of


@pytest.fixture
def untitled(compact):
    return compact({})


@pytest.fixture
def titled(compact):
    """The same world with titles for what has none."""
    country, market, segment = (next(iter(getattr(compact({}), part))) for part in ("countries", "markets", "segments"))
    paths = (f"countries.{country}.title", f"markets.{market}.title", f"segments.{segment}.title")
    return compact(dict(zip(paths, ("The Republic", "Its cloud", "Ministries"), strict=True)))


def test_without_a_title_short_keys_become_capitals_and_long_ones_words(untitled):
    words = [title_of(untitled, "countries", name) for name in ("us", "china", "south_korea")]
    assert words == ["US", "China", "South Korea"]


def test_a_country_and_its_market_of_the_same_key_have_titles_of_their_own(titled):
    first = {part: next(iter(getattr(titled, part))) for part in ("countries", "markets", "segments")}
    assert [title_of(titled, part, name) for part, name in first.items()] == ["The Republic", "Its cloud", "Ministries"]


def test_a_title_is_used_for_figures_even_if_a_later_part_of_the_same_key_has_none(compact):
    name = next(iter(set(compact({}).countries) & set(compact({}).markets)))
    scenario = compact({f"countries.{name}.title": "The Republic"})
    assert titles_of(scenario)[name] == "The Republic"


def test_vendors_and_zones_are_called_by_the_titles_that_they_must_have(untitled):
    vendor, zone = next(iter(untitled.vendors)), next(iter(untitled.zones))
    assert title_of(untitled, "vendors", vendor) == untitled.vendors[vendor].title
    assert title_of(untitled, "zones", zone) == untitled.zones[zone].title


def test_issues_of_the_talks_say_whose_tariffs_on_what_they_are_about():
    scenario = sim.load("deal_spring_2019")
    assert title_of(scenario, "agenda", "tariffs_on_us_goods") == "Chinese tariffs on US goods"
    assert title_of(scenario, "agenda", "cloud_access") == "cloud access"


def test_a_title_of_no_issue_is_refused_with_the_nearest_one():
    with pytest.raises(ScenarioError, match=r"talks\.titles\.cloud_acess.*cloud_access"):
        sim.load("deal_spring_2019", {"talks.titles.cloud_acess": "Access"})


def test_a_title_is_no_value_of_the_model(untitled, titled):
    assert titled != untitled
    assert differing_model_values(untitled, titled) == []
    plain = sim.load("deal_spring_2019", {"talks.titles": {}})
    assert differing_model_values(plain, sim.load("deal_spring_2019")) == []


def test_titles_of_issues_are_no_change_that_a_list_of_scenarios_names(tmp_path):
    file = tmp_path / "named.yaml"
    file.write_text("extends: deal_spring_2019\ntalks: {titles: {cloud_access: Access to the cloud}}\n")
    assert "talks.titles" not in entry_of(file).changes


def test_titles_change_no_bit_of_a_run(untitled, titled):
    one, other = (sim.run(scenario, draws=3, paths=0, workers=1) for scenario in (untitled, titled))
    assert one.kpis.equals(other.kpis)
    assert one.bands.equals(other.bands)
    assert one.manifest["content_hash"] == other.manifest["content_hash"]
