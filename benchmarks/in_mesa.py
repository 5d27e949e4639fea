"""Market, prices and capacity of the model in Mesa 3: an agent for each seller and each market, a step a month."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from mesa.batchrunner import batch_run
from mesa.datacollection import DataCollector

from benchmarks.agents import Draw, MarketAgent, SellerAgent
from benchmarks.equations import BY_MARKET, BY_SELLER, QUARTER
from benchmarks.kept_starts import start_of
from benchmarks.start import MarketStart, Start
from sim.quantities import FloatArray

COLUMNS = (*BY_SELLER, *BY_MARKET)
Rows = list[dict[str, Any]]


class Market(MarketAgent, mesa.Agent):
    """A market and its customers."""

    def __init__(self, model: CloudModel, start: MarketStart) -> None:
        mesa.Agent.__init__(self, model)
        self.begin(start)


class Seller(SellerAgent, mesa.Agent):
    """What one vendor does in one market."""

    def __init__(self, model: CloudModel, market: Market, i: int) -> None:
        mesa.Agent.__init__(self, model)
        self.begin(market, i)


class CloudModel(Draw, mesa.Model):
    """One draw in play."""

    def __init__(self, terms: Start) -> None:
        mesa.Model.__init__(self)
        self.begin(terms)
        self.markets = [Market(self, start) for start in terms.markets]
        for market in self.markets:
            for i in range(len(market.start.sellers)):
                Seller(self, market, i)
        self.datacollector = DataCollector(agent_reporters={name: name for name in COLUMNS})

    def step(self) -> None:
        """Play a month. `batch_run` leaves out the last step that a model takes, so that one plays nothing."""
        month = self.steps - 1
        if month == self.terms.months:
            self.running = False
            return
        self.go_to(month)
        sellers, markets = self.agents_by_type[Seller], self.agents_by_type[Market]
        sellers.do("receive_capacity")
        if month % QUARTER == 0:
            sellers.do("set_prices")
        if month:
            markets.do("leak")
        sellers.do("improve")
        markets.do("serve")
        if month % self.terms.order_every_months == 0:
            sellers.do("order")
        if month % QUARTER == QUARTER - 1:
            self.datacollector.collect(self)
            self.agents_by_type[Market].do("forget_flows")


def play(start: Start) -> DataCollector:
    """Play one draw."""
    model = CloudModel(start)
    model.run_model()
    return model.datacollector


def model_of(starts: str, draw: int) -> CloudModel:
    """Make the model of a draw from its start in a file."""
    return CloudModel(start_of(starts, draw))


def play_many(starts: str, draws: int, processes: int) -> Rows:
    """Play many draws the way Mesa offers; a row for each draw, quarter and agent."""
    return batch_run(
        model_of,
        {"starts": starts, "draw": range(draws)},
        number_processes=processes,
        data_collection_period=QUARTER,
        display_progress=False,
    )


def columns(rows: Rows, draw: int) -> dict[str, FloatArray]:
    """Give what was collected of a draw, flat in the order quarter, market, seller."""
    own = [row for row in rows if row["draw"] == draw and "AgentID" in row]
    return {name: np.array([row[name] for row in own if row[name] is not None]) for name in COLUMNS}
