"""Data centres: what was ordered arrives when its lead time is over, and what stands retires."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest

import sim
import sim.model.actors.vendor
from sim.model.actors.vendor import place_order


@pytest.fixture(scope="module")
def orders_and_run(play):
    """A run with random lead times, and each order that was placed: channels, arrivals, units, month."""
    placed, place = [], sim.model.actors.vendor.place_order

    def noted(world, own, arrival, units, month):
        placed.append((own.copy(), arrival.copy(), units.copy(), month))
        place(world, own, arrival, units, month)

    with patch.object(sim.model.actors.vendor, "place_order", noted):
        run = play(sim.load("status_quo", {"months": 48}), range(16), watch=("capacity", "on_order"))
    return placed, run


def test_an_order_arrives_exactly_when_its_lead_time_is_over(orders_and_run, build):
    """Capacity of each month from the one before: retirement, what the base date had under way, and each order."""
    placed, run = orders_and_run
    assert len({month for *_, month in placed}) == 8
    keeps = (1 - run.world.value(run.world.scenario.capacity.retirement)) ** (1 / 12)
    before = build(run.world.scenario, range(16)).pipeline
    arrivals = np.zeros((max(arrival.max() for _, arrival, *_ in placed) + 1, *before.shape[1:]))
    arrivals[: len(before)] = before
    for own, arrival, units, _ in placed:
        np.add.at(arrivals, (arrival, own[:, None], np.arange(16)), units)
    capacity, unmoved = run.months["capacity"], run.months["active"].all(axis=0)
    for month in range(1, 48):
        expected = capacity[month - 1] * keeps + arrivals[month]
        np.testing.assert_allclose(capacity[month][unmoved], expected[unmoved], rtol=1e-12)


def test_lead_times_are_those_that_the_scenario_draws(orders_and_run):
    placed, run = orders_and_run
    leads = np.concatenate([arrival - month for _, arrival, _, month in placed])
    low, _, high = run.world.scenario.capacity.lead_months.parameters
    assert leads.min() >= low
    assert leads.max() <= np.ceil(high)
    assert len(np.unique(leads)) > 8


def test_what_is_on_order_is_what_has_not_arrived(orders_and_run, build):
    placed, run = orders_and_run
    pipeline = build(run.world.scenario, range(16)).pipeline
    for month in (5, 20, 47):
        expected = pipeline[month + 1 :].sum(axis=0)
        for own, arrival, units, ordered in placed:
            if ordered <= month:
                expected[own] += np.where(arrival > month, units, 0)
        np.testing.assert_allclose(run.months["on_order"][month], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("lead", [0.5, 6, 59, {"lognormal": [20, 0.6]}, {"uniform": [1, 70]}], ids=str)
def test_the_pipeline_holds_every_order_whatever_its_lead_time(play, lead):
    """Its months go round: an order that took longer than once around would arrive too early."""
    ahead = []

    def noting(world, own, arrival, units, month):
        ahead.extend((arrival - month).flat)
        place_order(world, own, arrival, units, month)

    with patch.object(sim.model.actors.vendor, "place_order", noting):
        world = play(sim.load("status_quo", {"months": 72, "capacity.lead_months": lead}), range(6)).world
    assert 1 <= min(ahead) <= max(ahead) < len(world.pipeline)
    np.testing.assert_allclose(world.pipeline.sum(axis=0), world.on_order, rtol=1e-9, atol=1e-9)


def test_a_fixed_lead_time_is_kept_to_the_month(play, compact):
    """With 9 months of lead, orders of months 0 and 6 are on line in months 9 and 15, not before."""
    scenario = compact({"capacity.lead_months": 9, "capacity.retirement": 0, "demand.budget_shock_sd": 0, "months": 24})
    still = play(scenario, range(1), watch=("capacity",)).months["capacity"][..., 0]
    assert np.ptp(still, axis=0).max() < 1e-9

    place = sim.model.actors.vendor.place_order

    def one_order(world, own, arrival, units, month):
        if month == 6:
            place(world, own, arrival, np.ones_like(units), month)

    with patch.object(sim.model.actors.vendor, "place_order", one_order):
        run = play(scenario, range(1), watch=("capacity",))
    capacity, used = run.months["capacity"][..., 0], run.world.active[:, 0]
    np.testing.assert_allclose(np.diff(capacity, axis=0)[14], used)
    np.testing.assert_allclose(np.delete(np.diff(capacity, axis=0), 14, axis=0), 0, atol=1e-12)


def test_in_a_market_that_does_not_move_orders_replace_what_retires(play, compact):
    run = play(compact({"months": 60}), range(1), watch=("capacity",))
    capacity = run.months["capacity"][..., 0]
    channels = run.world.channels
    sales = run.world.base.sales[channels.vendor, channels.market, 0] * run.world.base.carries[:, 0]
    sells = run.world.active[:, 0] & (sales > 0)
    late = capacity[36:][:, sells]
    # Orders come twice a year and cover what retires until the next one arrives.
    assert (late >= sales[sells]).all()
    assert (late <= sales[sells] * 1.3 * 1.06).all()
    assert run.paths.markets["unmet_bn"].max() < 1e-12


def test_a_unit_of_capacity_costs_more_where_its_hardware_pays_a_tariff(play, compact):
    """Half of a unit is hardware, the tariff is 20 %: capital expenditure on the same units is 10 % higher."""
    tariff = {"kind": "hardware_tariff", "market": "china", "rate": "20%", "origin_share": 1, "source": "made up"}
    calm = {"months": 12, "costs.hardware_share": 0}
    plain, taxed = (
        play(compact(calm | extra), range(1)).paths.vendors["capex_bn"][0, :, 0, 0]
        for extra in ({}, {"policies.hardware": tariff})
    )
    np.testing.assert_allclose(taxed, plain * 1.1, rtol=1e-9)


@pytest.mark.depth
def test_who_moves_is_sold_out_no_more_often_afterwards_than_who_stays(play):
    """A vendor that goes live builds for what it will sell there, not for what it would have sold through its partner.

    Two years after each move, beside the same months and draws of a world in which the market stays closed; budgets and
    qualities without shocks.
    """
    calm = {"demand.budget_shock_sd": 0, "demand.quality_shock_sd": 0}
    held = ("capacity", "sales", "price")
    runs = [play(sim.load(name, calm), range(96), watch=held) for name in ("nationwide_opening", "status_quo")]
    opened, china = runs[0], runs[0].market("china")
    trend = np.stack([opened.world.trend_price(month) for month in range(opened.world.scenario.months)])[:, None]

    def sold_out(run):
        """Whether a vendor can serve nobody more in China, [month, vendor, draw]; who is not there can serve nobody."""
        capacity, sales, price = (run.months[name] for name in held)
        room = sales < capacity * price * trend * (1 - 1e-9)
        return ~run.by_pair(room & run.months["active"])[:, :, china]

    moved, stayed, moves = *map(sold_out, runs), 0
    for vendor in ("aws", "microsoft", "google"):
        v, found = opened.vendor(vendor), []
        for month, _, _, draws in opened.happened("goes live", vendor):
            after = slice(month, month + 24)
            found += [(moved[after, v, draw].mean(), stayed[after, v, draw].mean()) for draw in draws]
        ours, theirs = np.mean(found, axis=0)
        assert ours <= theirs
        moves += len(found)
    assert moves > 30
