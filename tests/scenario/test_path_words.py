"""Dotted paths in words: every value has some, uncertain numbers differ, names are the titles of the scenario."""

from __future__ import annotations

import pytest

from sim.scenario.describing import numbers_of, values_of
from sim.scenario.loading import load
from sim.scenario.path_words import words_of_path
from sim.scenario.source_tree import dotted

NAMES = ("guiyang_pilot", "talks_2018_2020", "ruling_2026")


@pytest.fixture(scope="module", params=NAMES)
def scenario(request):
    return load(request.param)


def test_every_value_has_words_that_are_no_path(scenario):
    for steps, _, _ in values_of(scenario):
        if len(steps) > 1:
            words = words_of_path(dotted(steps), scenario)
            assert words != dotted(steps)
            assert "_" not in words, words
            assert len(words) < 140, words


def test_no_two_uncertain_numbers_have_the_same_words(scenario):
    paths = [path for path, number in numbers_of(scenario).items() if number.is_uncertain]
    assert len({words_of_path(path, scenario) for path in paths}) == len(paths)


def test_names_are_written_as_the_scenario_calls_them(scenario):
    market = scenario.focus.market
    held = scenario.markets[market].model_copy(update={"title": "Middle Kingdom"})
    renamed = scenario.model_copy(update={"markets": {**scenario.markets, market: held}})
    path = next(path for path in numbers_of(scenario) if path.startswith(f"markets.{market}.open_shares."))
    assert "Middle Kingdom" in words_of_path(path, renamed)


def test_what_no_scenario_has_stays_as_it_is(scenario):
    for path in ("shock.growth", "demand.none", "markets.nowhere.firewall", "focus.market.deeper"):
        assert words_of_path(path, scenario) == path


def test_the_first_scenario_that_has_a_path_counts(scenario):
    base = load("base_2018")
    only = next(path for path in numbers_of(load("guiyang_pilot")) if path.startswith("policies.guiyang_pilot"))
    assert words_of_path(only, base, load("guiyang_pilot")) != only
