"""Market, prices and capacity of the model in AgentPy: an agent for each seller and each market, a step a month."""

from __future__ import annotations

import agentpy as ap

from benchmarks.agents import Draw, MarketAgent, SellerAgent
from benchmarks.equations import BY_MARKET, BY_SELLER, QUARTER
from benchmarks.kept_starts import start_of
from benchmarks.start import MarketStart, Start
from sim.quantities import FloatArray


class Market(MarketAgent, ap.Agent):
    """A market and its customers."""

    def setup(self, start: MarketStart) -> None:
        """Stand at the base date."""
        self.begin(start)


class Seller(SellerAgent, ap.Agent):
    """What one vendor does in one market."""

    def setup(self, market: Market, i: int) -> None:
        """Stand at the base date."""
        self.begin(market, i)


class CloudModel(Draw, ap.Model):
    """One draw in play; parameters: `start`, or a file of `starts` and the number of the `draw`."""

    def setup(self) -> None:
        """Stand at the base date."""
        self.begin(self.p["start"] if "start" in self.p else start_of(self.p.starts, self.p.draw))
        self.markets = ap.AgentList(self, [Market(self, start=start) for start in self.terms.markets])
        seats = [(market, i) for market in self.markets for i in range(len(market.start.sellers))]
        self.sellers = ap.AgentList(self, [Seller(self, market=market, i=i) for market, i in seats])

    def step(self) -> None:
        """Play a month."""
        month = self.t - 1
        self.go_to(month)
        self.sellers.receive_capacity()
        if month % QUARTER == 0:
            self.sellers.set_prices()
        if month:
            self.markets.leak()
        self.sellers.improve()
        self.markets.serve()
        if month % self.terms.order_every_months == 0:
            self.sellers.order()

    def update(self) -> None:
        """Record what is seen at the end of a quarter."""
        if self.t and self.t % QUARTER == 0:
            self.sellers.record(BY_SELLER)
            self.markets.record(BY_MARKET)
            self.markets.forget_flows()


def play(start: Start) -> ap.DataDict:
    """Play one draw."""
    return CloudModel({"start": start, "steps": start.months}).run(display=False)


def play_many(starts: str, draws: int, processes: int) -> ap.DataDict:
    """Play many draws the way AgentPy offers; frames with a row for each draw, agent and quarter."""
    months = start_of(starts, 0).months
    sample = [{"starts": starts, "draw": draw, "steps": months} for draw in range(draws)]
    return ap.Experiment(CloudModel, sample, record=True).run(n_jobs=processes, display=False)


def columns(output: ap.DataDict, draw: int) -> dict[str, FloatArray]:
    """Give what was recorded of a draw, flat in the order quarter, market, seller."""
    found: dict[str, FloatArray] = {}
    for agents, names in (("Seller", BY_SELLER), ("Market", BY_MARKET)):
        frame = output.variables[agents].xs(draw, level="sample_id").sort_index(level=["t", "obj_id"])
        found |= {name: frame[name].to_numpy() for name in names}
    return found
