"""Made-up results with the tables that a run gives: random walks, so that every path moves and every draw differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.model.channels import Channels
from sim.model.columns import BAND_AXES
from sim.runs.manifest import FORMAT, RESULT, Record, in_manifest
from sim.runs.result_parts import PartsInMemory
from sim.runs.run_data import COLUMNS, WHOLE_TABLES
from sim.scenario.schema import Presence, Scenario
from sim.studies.one_run.run_result import RunResult

PRESENCES = [presence.name.lower() for presence in Presence]
FLOWS_OF_COUNTRIES = [column.removesuffix("_bn") for column in COLUMNS["countries"] if column.endswith("_bn")]
QUARTERLY_SD = 0.08
INPUTS = ("demand.market_elasticity", "presence.hurdle", "presence.zone.quality_penalty")
MANY = 1_000_000


def synthetic_tables(scenario: Scenario, draws: int, seed: int) -> dict[str, pd.DataFrame]:
    """All tables of a run."""
    random = np.random.default_rng(seed)
    vendors = _vendors(scenario, draws, random)
    countries = _countries(scenario, draws, random)
    markets = _markets(scenario, draws, random)
    kpis = _kpis(scenario, vendors, countries, markets)
    tables = {
        "kpis": kpis,
        "years": _years(scenario, vendors),
        "vendors": vendors,
        "channels": _channels(scenario, draws, random),
        "countries": countries,
        "markets": markets,
        "events": _events(scenario, draws),
        "digests": pd.DataFrame({"draw": kpis["draw"], "digest": "0" * 32}),
        "inputs": _inputs(draws, seed),
    }
    return tables | over_all_draws(scenario, tables)


def synthetic_result(
    scenario: Scenario, tables: dict[str, pd.DataFrame], draws: int, seed: int, shift: float
) -> RunResult:
    """A result of copies of these tables, the KPIs of all flows shifted."""
    copies = {name: table.copy() for name, table in tables.items()}
    copies["kpis"][[column for column in copies["kpis"] if column.endswith("_bn")]] += shift
    manifest = {
        "format": FORMAT,
        "kind": RESULT,
        "scenario": scenario.name,
        "scenario_hash": "0" * 64,
        "seed": seed,
        "exchanged": {},
        "draws": draws,
        "paths": draws,
        "content_hash": "0" * 64,
        "versions": {"cloudtrade": "0.1.0", "numpy": np.__version__},
        "git_commit": None,
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": 0.1,
        "set": [],
        "failed": [],
        "key": {"scenario_hash": "0" * 64, "seed": seed, "paths": draws, "program": {}},
    }
    return put_together(scenario, manifest, copies)


def put_together(
    scenario: Scenario, manifest: dict[str, Any], tables: dict[str, pd.DataFrame], size: int = MANY
) -> RunResult:
    """A result of whole tables, in parts of so many rows of KPIs."""
    inputs = tuple(column for column in tables["inputs"] if column != "draw")
    draws = tables["kpis"]["draw"].to_numpy()
    parts = []
    for own in (draws[start : start + size] for start in range(0, len(draws), size)):
        pieces = {
            name: table[table["draw"].isin(own)].reset_index(drop=True)
            for name, table in tables.items()
            if name in COLUMNS
        }
        parts.append((Record(int(own.min()), int(own.max()), dict.fromkeys(pieces), inputs), pieces))
    held = PartsInMemory(parts)
    return RunResult(scenario, manifest | in_manifest(held.records), tables, held)


def with_tables(result: RunResult, scenario: Scenario | None = None, **changed: pd.DataFrame) -> RunResult:
    """Copy a result with other tables, from which bands and frequencies are made anew, or with another scenario."""
    tables = dict(result.tables) | changed
    if {"vendors", "markets", "countries"} & changed.keys():
        tables |= over_all_draws(result.scenario, tables)
    return put_together(scenario or result.scenario, result.manifest, tables)


def in_parts(result: RunResult, size: int) -> RunResult:
    """Copy a result, divided into parts of so many draws."""
    return put_together(result.scenario, result.manifest, dict(result.tables), size)


def over_all_draws(scenario: Scenario, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Bands and frequencies of tables of paths."""
    return {"bands": _bands(tables), "frequencies": _frequencies(scenario, tables["vendors"])}


def _bands(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Bands as pandas has them."""
    rows = [
        _bands_of(tables["vendors"], "vendors", "share", ["vendor", "market"]),
        *(_bands_of(tables["markets"], "markets", column, ["market"]) for column in COLUMNS["markets"][3:]),
        *(_bands_of(tables["countries"], "countries", column, ["country"]) for column in COLUMNS["countries"][3:]),
    ]
    bands = pd.concat(rows, ignore_index=True).reindex(columns=WHOLE_TABLES["bands"])
    named = {name: bands[name].astype("object").fillna("").astype("str") for name in BAND_AXES}
    return bands.assign(**named)


def _bands_of(table: pd.DataFrame, name: str, column: str, axes: list[str]) -> pd.DataFrame:
    values = table.astype(dict.fromkeys(axes, "str")).groupby([*axes, "date"])[column]
    quantiles = {f"p{round(100 * q)}": values.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)}
    more = {"mean": values.mean(), "low": values.min(), "high": values.max(), "draws": values.size()}
    return pd.DataFrame(quantiles | more).reset_index().assign(table=name, column=column)


def _frequencies(scenario: Scenario, vendors: pd.DataFrame) -> pd.DataFrame:
    """Shares of draws as pandas counts them."""
    named = [name for name, held in scenario.vendors.items() if not any(s.residual for s in held.sales.values())]
    plain = vendors.astype({"vendor": "str", "market": "str", "presence": "str"})
    revenue = plain.groupby(["draw", "date", "vendor"])["revenue_bn"].sum().unstack("vendor")[named]
    ranks = revenue.rank(axis="columns", ascending=False, method="first").stack().rename("value").reset_index()
    rows = [
        plain.assign(column="presence", value=plain["presence"]),
        ranks.assign(column="world_rank", market="", value=ranks["value"].astype(int).astype(str)),
    ]
    every = pd.concat(rows, ignore_index=True)
    counts = every.groupby(["column", "vendor", "market", "date", "value"]).size() / every["draw"].nunique()
    return counts.rename("share").reset_index().assign(table="vendors", country="", region="")


def _years(scenario: Scenario, vendors: pd.DataFrame) -> pd.DataFrame:
    """Profit of the visitor's vendors in the focus market by year."""
    focus = scenario.focus
    own = [name for name, held in scenario.vendors.items() if held.home == focus.visitor]
    held = vendors[(vendors["market"] == focus.market) & vendors["vendor"].isin(own)]
    by_year = held.groupby(["draw", held["date"].dt.year.rename("year")])["profit_bn"].sum()
    return by_year.rename(f"{focus.visitor}_vendors_profit_in_{focus.market}_bn").reset_index()


def _inputs(draws: int, seed: int) -> pd.DataFrame:
    """Numbers of the scenario as if they were uncertain, unrelated to everything else."""
    drawn = np.random.default_rng([seed, 1]).uniform(size=(len(INPUTS), draws))
    return pd.DataFrame({"draw": np.arange(draws, dtype=np.int64), **dict(zip(INPUTS, drawn, strict=True))})


def _grid(scenario: Scenario, draws: int, **names: list[str]) -> pd.DataFrame:
    """Rows for every draw, quarter and combination of names, sorted in that order."""
    dates = pd.DatetimeIndex(scenario.calendar.quarter_dates()).as_unit("ns")
    rows = pd.MultiIndex.from_product([range(draws), dates, *names.values()], names=["draw", "date", *names])
    table = rows.to_frame(index=False).astype({"draw": np.int64})
    return table.assign(**{axis: pd.Categorical(table[axis], categories=held) for axis, held in names.items()})


def _walk(random: np.random.Generator, draws: int, quarters: int, *others: int) -> np.ndarray:
    """Positive random walks [draw, quarter, ...] that start near 1."""
    steps = random.normal(0, QUARTERLY_SD, (draws, quarters, *others))
    return np.exp(np.cumsum(steps, axis=1))


def _vendors(scenario: Scenario, draws: int, random: np.random.Generator) -> pd.DataFrame:
    names, markets, quarters = list(scenario.vendors), list(scenario.markets), scenario.calendar.quarters
    base = np.array([[_weight(scenario, v, m) for m in markets] for v in names])
    walk = base * _walk(random, draws, quarters, len(names), len(markets))
    share = walk / walk.sum(axis=2, keepdims=True)
    revenue = share * np.array([_size(scenario, m) for m in markets]) / 4
    presence = np.array([[_presence(scenario, v, m) for m in markets] for v in names])
    presence = np.broadcast_to(presence, share.shape).copy()
    moves = random.integers(0, quarters + 10, (draws, 1, len(names), len(markets)))
    is_late = np.arange(quarters)[np.newaxis, :, np.newaxis, np.newaxis] >= moves
    presence[is_late & (presence == Presence.PARTNER)] = Presence.ZONE
    table = _grid(scenario, draws, vendor=names, market=markets)
    price = _walk(random, draws, quarters, len(names), len(markets))
    return table.assign(
        presence=pd.Categorical.from_codes(presence.ravel(), PRESENCES),
        share=share.ravel(),
        revenue_bn=revenue.ravel(),
        profit_bn=0.2 * revenue.ravel(),
        capex_bn=0.1 * revenue.ravel(),
        price=np.where(share > 0, price, np.nan).ravel(),
        capacity_units=1.2 * revenue.ravel(),
    )


def _channels(scenario: Scenario, draws: int, random: np.random.Generator) -> pd.DataFrame:
    channels = Channels.of_scenario(scenario)
    names, quarters = list(channels.names(scenario)), scenario.calendar.quarters
    revenue = _walk(random, draws, quarters, len(names))
    used = np.broadcast_to(channels.at_start, revenue.shape)
    revenue = np.where(used, revenue, 0.0).ravel()
    return _grid(scenario, draws, channel=names).assign(
        in_use=used.ravel() * 1.0,
        revenue_bn=revenue,
        profit_bn=0.2 * revenue,
        price=np.where(used, 1.0, np.nan).ravel(),
        capacity_units=1.2 * revenue,
    )


def _weight(scenario: Scenario, vendor: str, market: str) -> float:
    sales = scenario.vendors[vendor].sales.get(market)
    if sales is None or sales.presence == "absent":
        return 0.0
    return sales.share.central if sales.share else 0.2


def _size(scenario: Scenario, market: str) -> float:
    total = scenario.markets[market].total_bn
    return total.steps[0][1].central if total else 10.0


def _presence(scenario: Scenario, vendor: str, market: str) -> int:
    sales = scenario.vendors[vendor].sales.get(market)
    return int(Presence[sales.presence.upper()]) if sales else int(Presence.ABSENT)


def _countries(scenario: Scenario, draws: int, random: np.random.Generator) -> pd.DataFrame:
    names, quarters = list(scenario.countries), scenario.calendar.quarters
    flows = _walk(random, draws, quarters, len(names)) * np.array([35.0, 125.0])
    tariff = np.where(np.arange(quarters) < 4, 0.08, 0.18)[:, np.newaxis] * np.array([1.0, 0.9])
    table = _grid(scenario, draws, country=names)
    parts = {
        "tariff_revenue_bn": 0.1 * flows[..., ::-1].ravel(),
        "consumer_loss_bn": 0.13 * flows[..., ::-1].ravel(),
        "terms_of_trade_bn": -0.01 * flows.ravel(),
        "licence_rent_bn": 0.003 * flows.ravel(),
        "export_fees_bn": 0.002 * flows.ravel(),
        "rerouting_gain_bn": 0.004 * flows.ravel(),
        "avoided_duty_bn": 0.01 * flows[..., ::-1].ravel(),
        "rerouted_bn": 0.05 * flows[..., ::-1].ravel(),
        "deadweight_loss_bn": 0.04 * flows.ravel(),
        "vendor_profit_bn": 0.05 * flows.ravel(),
        "partner_income_bn": 0.001 * flows.ravel(),
        "customer_surplus_bn": 0.02 * flows[..., ::-1].ravel(),
        "services_tax_bn": 0.01 * flows.ravel(),
    }
    table = table.assign(
        exports_bn=flows.ravel(),
        imports_bn=flows[..., ::-1].ravel(),
        average_tariff=np.broadcast_to(tariff, flows.shape).ravel(),
        **parts,
    )
    reported = ("consumer_loss_bn", "deadweight_loss_bn", "avoided_duty_bn", "rerouted_bn")
    gains = [name for name in parts if name not in reported]
    return table.assign(welfare_bn=table[gains].sum(axis="columns") - table["consumer_loss_bn"])


def _markets(scenario: Scenario, draws: int, random: np.random.Generator) -> pd.DataFrame:
    names, quarters = list(scenario.markets), scenario.calendar.quarters
    walk = _walk(random, draws, quarters, len(names))
    decline = np.exp(-0.03 * np.arange(quarters))[:, np.newaxis]
    return _grid(scenario, draws, market=names).assign(
        total_bn=(walk * 5).ravel(),
        unmet_bn=0.0,
        price_index=(walk * decline).ravel(),
        foreign_share=(0.1 * walk).ravel(),
        hhi=(0.3 * walk).ravel(),
        customer_surplus_bn=(0.1 * walk).ravel(),
    )


def _kpis(scenario: Scenario, vendors: pd.DataFrame, countries: pd.DataFrame, markets: pd.DataFrame) -> pd.DataFrame:
    """A few KPIs of every unit and time basis."""
    market, visitor = scenario.focus.market, scenario.focus.visitor
    draws = pd.RangeIndex(vendors["draw"].max() + 1)
    is_visitor = vendors["vendor"].map({name: vendor.home == visitor for name, vendor in scenario.vendors.items()})
    here = vendors[(vendors["market"] == market) & is_visitor.astype(bool)]
    last = markets[(markets["market"] == market) & (markets["date"] == markets["date"].max())].set_index("draw")
    signed = np.where(draws % 3 == 0, 9.0 + draws, np.nan)
    return pd.DataFrame(
        {
            "draw": draws.to_numpy(dtype=np.int64),
            f"{visitor}_vendors_revenue_in_{market}_cum_bn": here.groupby("draw")["revenue_bn"].sum().to_numpy(),
            f"{visitor}_vendors_profit_in_{market}_cum_bn": here.groupby("draw")["profit_bn"].sum().to_numpy(),
            **{
                f"{what}_{country}_cum_bn": rows.groupby("draw")[f"{what}_bn"].sum().to_numpy()
                for country, rows in countries.groupby("country", observed=True)
                for what in FLOWS_OF_COUNTRIES
            },
            f"price_index_{market}_end_index": last["price_index"].to_numpy(),
            f"foreign_share_{market}_end_share": last["foreign_share"].to_numpy(),
            "alibaba_world_rank_end_rank": 1.0 + draws.to_numpy() % 3,
            "deal_signed_first_months": signed,
            "deal_signed_end_share": np.isfinite(signed).astype(np.float64),
            "guiyang_capacity_mean_units": 0.5,
            "package_end_name": pd.Categorical(np.where(np.isfinite(signed), "pilot", "none"), ["none", "pilot"]),
        }
    )


def _events(scenario: Scenario, draws: int) -> pd.DataFrame:
    date = pd.Timestamp(scenario.start).as_unit("ns")
    return pd.DataFrame(
        {
            "draw": np.arange(draws, dtype=np.int64),
            "date": pd.DatetimeIndex([date] * draws).as_unit("ns"),
            "actor": pd.Categorical(["aws"] * draws, list(scenario.vendors)),
            "event": pd.Categorical(["applies"] * draws, ["applies"]),
            "detail": [f"application {draw}, with a comma" for draw in range(draws)],
        }
    )
