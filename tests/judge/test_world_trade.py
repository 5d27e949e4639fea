"""The world's trade beside the judge of one kind of goods, and beside what theory says must hold of any world."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.model.equations.world_trade import Cases, WorldEconomy, settled_world
from sim.model.start.world_economy import world_economy
from tests.judge.armington import Economy, after, at_prices, terms_of_trade

REGIONS = 4


def made_up(seed: int, regions: int = REGIONS, *, tariff: float = 0.05) -> Economy:
    """A world of one kind of goods, everybody mostly at home."""
    random = np.random.default_rng(seed)
    trade = random.uniform(20, 200, (regions, regions)) + np.diag(random.uniform(2000, 9000, regions))
    rates = random.uniform(0, tariff, trade.shape) * (1 - np.eye(regions))
    return Economy(trade, rates, float(random.uniform(1.2, 7)))


def as_one_sector(economy: Economy) -> WorldEconomy:
    """The same world as ours has it: all trade on lists, one for each pair, nothing made of materials."""
    regions = len(economy.trade)
    origin, destination = np.nonzero(~np.eye(regions, dtype=bool))
    home = np.where(np.eye(regions, dtype=bool), economy.trade, 0.0)[:, :, None]
    rates = 1 + economy.tariff[origin, destination]
    return WorldEconomy(
        tuple(f"region_{n}" for n in range(regions)), ("goods",), home, np.ones_like(home),
        (economy.trade[origin, destination] * rates)[:, None], rates, origin, destination,
        np.ones((1, regions)), np.ones((1, 1, regions)), np.zeros((regions, regions), dtype=bool),
    )  # fmt: skip


def with_materials(
    seed: int, regions: int = REGIONS, sectors: int = 3, *, tariff: float = 0.0, whole: bool = False
) -> WorldEconomy:
    """A made-up world with inputs and outputs; each pair has a list in the first sector, or nothing else there."""
    random = np.random.default_rng(seed)
    spending = random.uniform(5, 60, (regions, regions, sectors))
    if whole:
        spending[..., 0] = 0
    spending[np.arange(regions), np.arange(regions)] += random.uniform(800, 3000, (regions, sectors))
    abroad = ~np.eye(regions, dtype=bool)
    origin, destination = np.nonzero(abroad)
    listed = np.zeros((len(origin), sectors))
    listed[:, 0] = random.uniform(10, 50, len(origin))
    kept = np.where(abroad[:, :, None], 1 / (1 + random.uniform(0, 1, spending.shape) * tariff), 1.0)
    inputs = random.uniform(0.1, 1, (sectors, sectors, regions))
    near = np.zeros((regions, regions), dtype=bool)
    near[1:3] = True
    return WorldEconomy(
        tuple(f"region_{n}" for n in range(regions)), tuple(f"sector_{j}" for j in range(sectors)), spending, kept,
        listed, 1 + random.uniform(0, 1, len(origin)) * tariff, origin, destination,
        random.uniform(0.4, 0.7, (sectors, regions)), inputs / inputs.sum(axis=0), near & abroad,
    )  # fmt: skip


def cases(tariff: np.ndarray, elasticity: float, others: float = 1.0) -> Cases:
    return Cases(tariff[:, None], np.array([elasticity]), np.array([others]))


def on_lists(world: WorldEconomy, rates: np.ndarray) -> np.ndarray:
    return rates[world.origin, world.destination]


@pytest.mark.parametrize("seed", range(5))
def test_one_sector_is_the_judges_world(seed):
    """Prices, costs of living, trade, revenue and welfare, to eight digits."""
    economy = made_up(seed)
    world = as_one_sector(economy)
    rates = economy.tariff + np.random.default_rng(seed + 100).uniform(0, 0.4, economy.tariff.shape)
    np.fill_diagonal(rates, 0)
    theirs = after(economy, rates)
    _, ours = settled_world(world, cases(on_lists(world, rates), economy.theta))
    size = economy.spending
    np.testing.assert_allclose(ours.wages[:, 0], theirs.price, rtol=1e-8)
    np.testing.assert_allclose(ours.cost_of_living[:, 0], theirs.cost_of_living, rtol=1e-8)
    np.testing.assert_allclose(ours.trade[:, :, 0, 0], theirs.trade, rtol=1e-8)
    np.testing.assert_allclose(ours.revenue[:, 0] / size, theirs.revenue / size, atol=1e-8)
    np.testing.assert_allclose(ours.gain[:, 0] / size, theirs.gain / size, atol=1e-8)


def test_with_wages_of_before_it_is_the_judges_world_at_given_prices():
    economy = made_up(3)
    world = as_one_sector(economy)
    rates = economy.tariff * 3
    theirs = at_prices(economy, rates, np.ones(REGIONS))
    ours, _ = settled_world(world, cases(on_lists(world, rates), economy.theta))
    np.testing.assert_allclose(ours.gain[:, 0], theirs.gain, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.trade[:, :, 0, 0], theirs.trade, rtol=1e-9)


@pytest.mark.parametrize("elasticity", [1.5, 4.0])
def test_a_small_trade_with_wages_of_before_falls_along_the_curve_of_a_list_that_stands_alone(elasticity):
    """With a trade elasticity of e quantity falls by e + 1 percent for each: equation (6.2)."""
    economy = made_up(1, tariff=0.0)
    world = as_one_sector(replace(economy, trade=np.where(np.eye(REGIONS), economy.trade, economy.trade * 1e-7)))
    rates = np.zeros(len(world.origin))
    rates[0] = 0.25
    ours, _ = settled_world(world, cases(rates, elasticity))
    fallen = ours.listed[0, 0] / (world.listed[0, 0] / world.list_tariff[0])
    assert np.log(fallen) == pytest.approx(-(elasticity + 1) * np.log(1.25), rel=1e-5)
    area = world.listed[0, 0] * (1.25**-elasticity - 1) / -elasticity
    revenue = 0.25 * ours.listed[0, 0]
    assert ours.gain[world.destination[0], 0] == pytest.approx(revenue - area, rel=1e-2)


def test_goods_in_the_nest_replace_each_other_more_than_others_do():
    """What a rival loses to a tariff goes to the other rivals by more than their shares."""
    world = with_materials(2)
    rates = np.zeros(len(world.origin))
    hit = (world.origin == 1) & (world.destination == 0)
    rates[hit] = 0.25
    before = world.trade[:, 0, 0]
    gained = {}
    for others in (1.0, 0.3):
        _, ours = settled_world(world, cases(rates, 4.0, others))
        gained[others] = (ours.trade[:, 0, 0, 0] / before - 1)[2:]
    assert gained[0.3][0] > 2 * gained[0.3][1] > 0
    assert gained[1.0][0] == pytest.approx(gained[1.0][1], rel=0.2)


@given(seed=st.integers(0, 10_000), size=st.floats(0, 1.5), elasticity=st.floats(0.6, 9), others=st.floats(0.2, 1))
def test_the_world_adds_up_in_any_world_under_any_tariffs(seed, size, elasticity, others):
    """Walras: with all other markets settled the last one is too; spending is income, and all income is spent."""
    world = with_materials(seed, tariff=0.2)
    rates = np.random.default_rng(seed).uniform(0, 1, len(world.origin)) * size
    for settled in settled_world(world, cases(rates, elasticity, others)):
        earned = settled.wages[:, 0] * world.earned
        np.testing.assert_allclose((settled.excess[:, 0] * earned).sum() / earned.sum(), 0, atol=1e-10)
        np.testing.assert_allclose(earned.sum(), world.earned.sum(), rtol=1e-9)
        sold, bought = settled.trade[..., 0].sum(axis=(1, 2)), settled.trade[..., 0].sum(axis=(0, 2))
        gap = settled.excess[:, 0] * earned
        output = settled.trade[..., 0].sum(axis=1).T
        made = (world.value_added * output).sum(axis=0)
        np.testing.assert_allclose(made, earned + gap, rtol=1e-9)
        np.testing.assert_allclose((bought - sold) / world.income, (world.borrowed - gap) / world.income, atol=1e-9)
    assert np.abs(settled.excess).max() < 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_small_tariffs_from_free_trade_move_welfare_by_the_terms_of_trade(seed):
    """To the first order: dearer exports less dearer imports, at the quantities before."""
    economy = replace(made_up(seed), tariff=np.zeros((REGIONS, REGIONS)))
    world = as_one_sector(economy)
    rates = np.random.default_rng(seed).uniform(0, 2e-4, economy.tariff.shape) * (1 - np.eye(REGIONS))
    _, ours = settled_world(world, cases(on_lists(world, rates), economy.theta))
    expected = terms_of_trade(economy, after(economy, rates))
    np.testing.assert_allclose(ours.gain[:, 0], expected, rtol=2e-3, atol=1e-7 * economy.spending.max())


@given(seed=st.integers(0, 10_000), size=st.floats(0.02, 1), elasticity=st.floats(0.8, 8), others=st.floats(0.2, 1))
def test_from_free_trade_the_world_loses_by_any_tariffs(seed, size, elasticity, others):
    world = with_materials(seed)
    rates = np.random.default_rng(seed).uniform(0, 1, len(world.origin)) * size
    _, settled = settled_world(world, cases(rates, elasticity, others))
    assert settled.gain[:, 0].sum() < 0


def test_a_small_tariff_pays_a_large_country_and_costs_the_others():
    world = with_materials(7)
    rates = np.where(world.destination == 0, 0.03, 0.0)
    _, settled = settled_world(world, cases(rates, 3.0))
    assert settled.gain[0, 0] > 0
    assert (settled.gain[1:, 0] < 0).all()
    with_wages_of_before, _ = settled_world(world, cases(rates, 3.0))
    assert with_wages_of_before.gain[0, 0] < 0


def test_a_case_has_the_same_bits_whatever_stands_beside_it():
    world = with_materials(5, tariff=0.1)
    random = np.random.default_rng(5)
    tariff, elasticity = random.uniform(0, 2, (len(world.origin), 9)), random.uniform(0.7, 8, 9)
    together = settled_world(world, Cases(tariff, elasticity, np.full(9, 0.5)))
    for case in range(9):
        alone = settled_world(world, Cases(tariff[:, [case]], elasticity[[case]], np.array([0.5])))
        for one, all_ in zip(alone, together, strict=True):
            for name, values in vars(one).items():
                np.testing.assert_array_equal(values[..., 0], getattr(all_, name)[..., case], err_msg=name)


@pytest.mark.parametrize("elasticity", [1.0, 4.0, 25.0])
@pytest.mark.parametrize("others", [0.05, 1.0])
def test_tariffs_that_leave_next_to_no_trade_settle_too(elasticity, others):
    """Where slopes of before lead nowhere, new ones are taken: in the library's world, at 2000 % on all imports."""
    world = world_economy(sim.load("base_2018").goods)
    rates = np.where(world.destination == 0, 20.0, world.list_tariff - 1)
    fixed, settled = settled_world(world, cases(rates, elasticity, others))
    assert np.abs(settled.excess).max() < 1e-9
    assert settled.gain[:, 0].sum() < 0
    assert (fixed.gain[:, 0] < 0).all()


def test_nothing_happens_where_tariffs_stay():
    world = with_materials(8, tariff=0.3)
    for settled in settled_world(world, cases(world.list_tariff - 1, 4.0, 0.5)):
        np.testing.assert_allclose(settled.gain, 0, atol=1e-7)
        np.testing.assert_allclose(settled.trade[..., 0], world.trade, rtol=1e-9, atol=1e-12)


STORED = Path(__file__).with_name("cp2015_jax.csv")
"""What github.com/paulofelipe/cp2015-jax (commit 102f210) makes of the world below by Caliendo and Parro's algorithm.

Run apart, on NumPy in place of JAX, with tolerances of 1e-13, and with wages scaled after each step so that the world's
value added stays what it was, since borrowing is fixed against that. Numbers only.
"""


def judged_world() -> tuple[WorldEconomy, np.ndarray]:
    """The world whose numbers are stored, and its new tariffs."""
    return with_materials(11, tariff=0.2, whole=True), np.random.default_rng(11).uniform(
        0, 0.6, REGIONS * (REGIONS - 1)
    )


def test_an_independent_program_finds_the_same_world():
    world, rates = judged_world()
    with STORED.open(encoding="utf-8") as stream:
        stored = list(csv.DictReader(stream))
    assert len(stored) == 3 * REGIONS
    for row in stored:
        n = int(row["region"])
        _, ours = settled_world(world, cases(rates, float(row["elasticity"])))
        assert ours.gain[n, 0] / world.income[n] == pytest.approx(float(row["gain"]), abs=1e-9)
        assert ours.wages[n, 0] == pytest.approx(float(row["wage"]), rel=1e-9)
        assert ours.cost_of_living[n, 0] == pytest.approx(float(row["cost_of_living"]), rel=1e-9)
