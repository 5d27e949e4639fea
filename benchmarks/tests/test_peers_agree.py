"""Peers in `benchmarks/` play the same model as `sim`, so that their times can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import agents, equations, plain_simpy
from benchmarks.agreement import column_differences, columns_of
from benchmarks.equations import BY_MARKET, BY_SELLER
from benchmarks.kept_starts import keep, start_of
from benchmarks.nests import kept_in_nest
from benchmarks.same_model import AGREE, peer_difference, refuse_other_models
from benchmarks.same_part import play_part
from benchmarks.start import ChannelStart, Start, starts
from benchmarks.tasks import FIXED
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.model.recorder import Paths
from sim.model.start.base_world import build_world
from sim.quantities import FloatArray
from sim.scenario.loading import load
from sim.scenario.schema import Scenario

SEED = 7
DRAWS = range(3, 8)


@pytest.fixture(scope="module")
def fixed() -> Scenario:
    return load(FIXED)


@pytest.fixture(scope="module")
def paths(fixed: Scenario) -> Paths:
    return run_batch(fixed, DRAWS, SEED)


@pytest.fixture(scope="module")
def begins(fixed: Scenario) -> list[Start]:
    return list(starts(fixed, SEED, DRAWS))


@pytest.mark.parametrize("d", range(len(DRAWS)))
def test_plain_simpy_comes_to_the_numbers_of_sim_in_every_quarter(paths: Paths, begins: list[Start], d: int) -> None:
    quarters = plain_simpy.play(begins[d])
    assert len(quarters) == begins[d].months // 3
    differences = column_differences(paths, d, begins[d], columns_of(quarters))
    assert set(differences) == {*BY_SELLER, *BY_MARKET}
    assert max(differences.values()) < AGREE, differences


def test_many_draws_played_from_a_file_come_to_the_numbers_of_sim(
    paths: Paths, begins: list[Start], tmp_path: Path
) -> None:
    keep(begins, tmp_path / "starts")
    difference = peer_difference(paths, begins, str(tmp_path / "starts"), plain_simpy)
    assert 0.0 < difference < AGREE


def played_by_agents(start: Start) -> dict[str, FloatArray]:
    """Play one draw with the agents of Mesa and AgentPy, in the order in which those call them."""
    draw = agents.Draw()
    draw.begin(start)
    markets = [plain_simpy.Market(draw, market) for market in start.markets]
    sellers = [plain_simpy.Seller(draw, market, i) for market in markets for i in range(len(market.start.sellers))]
    seen: dict[str, list[float]] = {name: [] for name in (*BY_SELLER, *BY_MARKET)}
    for month in range(start.months):
        draw.go_to(month)
        do(sellers, "receive_capacity")
        do(sellers, "set_prices", month % 3 == 0)
        do(markets, "leak", month > 0)
        do(sellers, "improve")
        do(markets, "serve")
        do(sellers, "order", month % start.order_every_months == 0)
        if month % 3 == 2:
            for name, column in seen.items():
                column += [getattr(agent, name) for agent in (sellers if name in BY_SELLER else markets)]
            do(markets, "forget_flows")
    return {name: np.array(column) for name, column in seen.items()}


def do(those: Iterable[agents.SellerAgent | agents.MarketAgent], what: str, due: bool = True) -> None:
    for agent in those if due else ():
        getattr(agent, what)()


@pytest.mark.parametrize("d", range(len(DRAWS)))
def test_agents_of_the_frameworks_come_to_the_numbers_of_sim(paths: Paths, begins: list[Start], d: int) -> None:
    differences = column_differences(paths, d, begins[d], played_by_agents(begins[d]))
    assert max(differences.values()) < AGREE, differences


UNLIKE = {
    "partners.sinnet.contracts.aws": {"share": 0.75, "fee": 0.02},
    "partners.nwcd.contracts.aws": {"share": 0.25, "fee": 0.3},
    "demand.channel_elasticity": 25,
    "demand.channel_churn": 0.3,
}
SHORT = {"capacity.headroom": 0, "capacity.retirement": 0.6}


@pytest.mark.parametrize("change", [UNLIKE, UNLIKE | SHORT], ids=["unlike partners", "and short of capacity"])
def test_a_vendor_with_unlike_partners_is_the_same_as_in_sim(
    change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers change channels, and where one is full part of them stay with the vendor."""
    kept: list[float] = []

    def noticed(shares: list[float], has_room: list[bool], kappa: float, alike: float) -> float:
        kept.append(kept_in_nest(shares, has_room, kappa, alike))
        return kept[-1]

    monkeypatch.setattr(equations, "kept_in_nest", noticed)
    scenario = load(FIXED, change)
    played = run_batch(scenario, range(2), SEED)
    for d, start in enumerate(starts(scenario, SEED, range(2))):
        assert max(len(seller.channels) for market in start.markets for seller in market.sellers) == 2
        differences = column_differences(played, d, start, columns_of(plain_simpy.play(start)))
        assert max(differences.values()) < AGREE, differences
    assert max(kept) > 0.0


def in_two(channel: ChannelStart) -> list[ChannelStart]:
    """Divide a channel in two that differ in nothing but size."""
    return [
        replace(
            channel,
            weight=channel.weight * size,
            capacity=channel.capacity * size,
            on_order=channel.on_order * size,
            pipeline=[units * size for units in channel.pipeline],
            contracts=[revenue * size for revenue in channel.contracts],
            shares=[share * size for share in channel.shares],
        )
        for size in (0.3, 0.7)
    ]


def test_vendors_with_two_like_channels_in_each_market_come_to_the_numbers_of_sim(
    paths: Paths, begins: list[Start]
) -> None:
    """Choice in the nest, joint prices, orders and rationing know no size."""
    markets = [
        replace(
            market,
            sellers=[
                replace(seller, channels=[part for channel in seller.channels for part in in_two(channel)])
                for seller in market.sellers
            ],
        )
        for market in begins[0].markets
    ]
    start = replace(begins[0], markets=markets)
    differences = column_differences(paths, 0, start, columns_of(plain_simpy.play(start)))
    assert max(differences.values()) < AGREE, differences


def test_customers_and_prices_follow_what_a_channel_costs(begins: list[Start]) -> None:
    """The cheaper of two like channels asks less, and sells more than the other."""
    start = begins[0].markets[0]
    first = start.sellers[0]
    dear, cheap = in_two(first.channels[0])
    pair = [replace(dear, weight=0.5), replace(cheap, weight=0.5, cost=cheap.cost * 0.8)]
    markets = [replace(start, sellers=[replace(first, channels=pair), *start.sellers[1:]])]
    played = plain_simpy.Model(replace(begins[0], markets=markets))
    for month in range(60):
        played.go_to(month)
        do(played.sellers, "receive_capacity")
        do(played.sellers, "set_prices", month % 3 == 0)
        do(played.sellers, "improve")
        do(played.markets, "serve")
        do(played.sellers, "order", month % 6 == 0)
    other, less = played.sellers[0].channels
    assert less.price < other.price
    assert less.sales > other.sales
    assert all(mine > its for mine, its in zip(less.shares, other.shares, strict=True))


def test_more_draws_than_are_kept_begin_again_with_the_first(begins: list[Start], tmp_path: Path) -> None:
    file = tmp_path / "starts"
    keep(begins, file)
    assert [start_of(str(file), draw) for draw in range(7)] == [*begins, *begins[:2]]


@pytest.mark.parametrize("difference", [2e-9, float("nan"), float("inf")])
def test_another_model_is_refused(difference: float) -> None:
    refuse_other_models({"mesa": 1e-12})
    with pytest.raises(ValueError, match="agentpy"):
        refuse_other_models({"mesa": 1e-12, "agentpy": difference})


def test_a_peer_that_comes_to_no_number_is_infinitely_far_away(
    paths: Paths, begins: list[Start], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(begins, tmp_path / "starts")
    monkeypatch.setattr(agents, "price_index", lambda _: float("nan"))
    assert peer_difference(paths, begins, str(tmp_path / "starts"), plain_simpy) == float("inf")


def test_plain_simpy_leaves_nobody_out(paths: Paths, begins: list[Start]) -> None:
    for d, start in enumerate(begins):
        played = np.zeros(paths.vendors["revenue_bn"].shape[1:3], dtype=np.bool_)
        for m, market in enumerate(start.markets):
            played[market.vendors, m] = True
        for column in ("revenue_bn", "share", "capacity_units", "capex_bn"):
            assert not paths.vendors[column][:, ~played, d].any(), column


def test_a_slightly_different_number_is_noticed(paths: Paths, begins: list[Start]) -> None:
    other = replace(begins[0], headroom=begins[0].headroom * (1.0 + 1e-6))
    differences = column_differences(paths, 0, other, columns_of(plain_simpy.play(other)))
    assert differences["capacity_units"] > AGREE
    assert differences["capex_bn"] > AGREE


def test_the_draws_compared_ration_scarce_capacity(begins: list[Start], monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = []
    ration = equations.ration

    def noticed(terms: Start, customers: equations.Customers, wanted: list[float], limit: list[float]) -> None:
        cuts.append(customers)
        ration(terms, customers, wanted, limit)

    monkeypatch.setattr(equations, "ration", noticed)
    plain_simpy.play(begins[0])
    assert cuts


def test_the_part_timed_by_itself_is_the_part_that_whole_batches_play(fixed: Scenario, paths: Paths) -> None:
    part = play_part(build_world(fixed, Draws(SEED, DRAWS)))
    for column in BY_SELLER:
        np.testing.assert_array_equal(part.vendors[column], paths.vendors[column])
    for column in BY_MARKET:
        np.testing.assert_array_equal(part.markets[column], paths.markets[column])


def test_a_start_does_not_depend_on_the_draws_beside_it(fixed: Scenario, begins: list[Start]) -> None:
    alone = next(starts(fixed, SEED, range(DRAWS[2], DRAWS[2] + 1)))
    assert alone == begins[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vendors.google.reviews": ["china"]}, "google"),
        ({"goods.activity_multiplier": 2}, "goods.activity_multiplier"),
        ({"pricing.short_run_share": 0.5}, "pricing.short_run_share"),
        ({"policies.trade_war_uncertainty.starts": "2019-01-01"}, "trade_war_uncertainty"),
    ],
)
def test_a_scenario_with_parts_that_peers_lack_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        next(starts(load(FIXED, change), SEED, range(1)))


def test_a_policy_that_peers_do_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="pilot_zone"):
        next(starts(load("guiyang_pilot"), SEED, range(1)))
