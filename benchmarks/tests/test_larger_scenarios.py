"""Scenarios with more vendors or segments, with which growth is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import larger
from benchmarks.start import starts
from sim.scenario.loading import load
from sim.scenario.schema import Scenario

PARTS = 2
RESIDUAL = {"other_china", "other_world"}


@pytest.fixture(scope="module")
def fixed() -> Scenario:
    return load(Path(larger.__file__).parent / "status_quo_fixed.yaml")


def test_vendors_are_split_and_those_with_the_rest_of_a_market_stay_whole(fixed: Scenario) -> None:
    split = larger.with_vendors_split(fixed, PARTS)
    assert set(split.vendors) - set(fixed.vendors) == {
        f"{name}_{n}" for name in set(fixed.vendors) - RESIDUAL for n in range(PARTS)
    }
    assert set(split.vendors) & set(fixed.vendors) == RESIDUAL


def test_parts_of_a_vendor_are_together_as_large_as_the_vendor(fixed: Scenario) -> None:
    split = larger.with_vendors_split(fixed, PARTS)
    for n in range(PARTS):
        own, part = fixed.vendors["aws"], split.vendors[f"aws_{n}"]
        assert part.world_revenue_bn.central * PARTS == pytest.approx(own.world_revenue_bn.central)
        assert part.sales["china"].share.central * PARTS == pytest.approx(own.sales["china"].share.central)
        assert part.sales["us"].split.central == own.sales["us"].split.central


def test_parts_of_a_segment_are_together_as_large_as_the_segment(fixed: Scenario) -> None:
    split = larger.with_segments_split(fixed, PARTS)
    assert len(split.segments) == PARTS * len(fixed.segments)
    for name, market in split.markets.items():
        weights = [weight.central for weight in market.segment_weights.values()]
        assert sum(weights) == pytest.approx(1.0)
        whole = fixed.markets[name].segment_weights["enterprise"].central
        assert market.segment_weights["enterprise_1"].central * PARTS == pytest.approx(whole)


def test_peers_can_play_what_was_split(fixed: Scenario) -> None:
    sellers = [
        sum(len(market.vendors) for market in next(starts(scenario, 1, range(1))).markets)
        for scenario in (fixed, larger.with_vendors_split(fixed, PARTS))
    ]
    residual = len(fixed.markets)
    assert sellers[1] - residual == PARTS * (sellers[0] - residual)
