"""What a scenario file may hold: each field declared once, with its unit, range and help text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from sim.errors import ModelError
from sim.facts.world_trade import World, is_there, world_regions, world_sector_shares
from sim.policies import AnyPolicy
from sim.policies.stacking import AnyStackingRule, ListedGoods
from sim.quantities import MONTHS_PER_QUARTER
from sim.scenario.rerouting_schema import Rerouting
from sim.scenario.talks_schema import Talks
from sim.timeline import Calendar
from sim.values import (
    COMPUTE_UNITS,
    MOST,
    SHARE,
    ComputeUnits,
    Count,
    CountryName,
    ElasticitySchedule,
    Factor,
    Fee,
    Gdp,
    GrowthRate,
    ImportElasticity,
    LearningExponent,
    LogUnits,
    LogUnitsSchedule,
    LostQuality,
    MarketElasticity,
    MarketName,
    MarketSizeSchedule,
    Months,
    Name,
    Number,
    Part,
    PartialShare,
    PositiveCount,
    Range,
    ReturnRate,
    SegmentName,
    Share,
    Speed,
    Spread,
    SubstitutionElasticity,
    Text,
    UsdBn,
    UsdBnPerYear,
    VendorName,
    Worded,
    Years,
)

EARLIEST_START, LATEST_START = dt.date(1950, 1, 1), dt.date(2150, 1, 1)
"""Base dates outside are mistakes of typing."""


class Presence(IntEnum):
    """How a vendor is present in a market; the code is what the arrays hold."""

    ABSENT = 0
    CROSS_BORDER = 1
    PARTNER = 2
    ZONE = 3
    OWNED = 4


PresenceName = Literal["absent", "cross_border", "partner", "zone", "owned"]


class Country(Part):
    """A country whose government acts and whose welfare is reported."""

    title: Text | None = None
    """Name as people read it; the words of the key where absent."""
    gdp_bn: Gdp
    """Gross domestic product in the base year, bn USD a year."""


class Segment(Part):
    """A kind of customer."""

    title: Text | None = None
    """Name as people read it; the words of the key where absent."""
    substitution_elasticity: SubstitutionElasticity
    """How readily customers move between vendors when relative prices change (sigma)."""


class GrowthAfter(Part):
    """Growth of a market after its last observation, falling from a first to a lasting rate."""

    first: GrowthRate
    """Growth rate of a market just after the last observation, log share per year."""
    lasting: GrowthRate
    """Growth rate of a market in the long run, log share per year."""
    half_life_years: Annotated[Number, Range("years", 1e-9, 50)]
    """Time in which the difference between first and lasting growth halves, years."""


class Growth(Part):
    """Growth of a market before and after what is observed."""

    before: GrowthRate
    """Growth in the year before the base date, log share per year."""
    after: GrowthAfter
    """Growth after the last observation."""


class MarketRules(Part):
    """Rules in force at the base date; policies change them."""

    equity_cap: Share
    """Largest foreign stake in a data-centre firm, share of one: 0 allows none."""
    residency: dict[SegmentName, Share]
    """Share of each segment whose data must stay in the country, share of one."""
    ip_protection: Share
    """Protection of foreign know-how against leaks through partners, share of one."""


class Market(Part):
    """A market for cloud services."""

    title: Text | None = None
    """Name as people read it; the words of the key where absent."""
    country: Name
    """Country or region; a vendor whose home it is counts as domestic."""
    total_bn: MarketSizeSchedule | None = None
    """Observed size by date, bn USD a year; absent where the market is a share of the rest of the world."""
    share_of_rest: Annotated[Number, Range(SHARE, 1e-4, 1, share=True)] | None = None
    """Share of what the world spends outside the markets of known size (`total_bn`), share of one."""
    growth: Growth | None = None
    """Growth of this market; absent where it shares the one drawn for `world_growth`."""
    segment_weights: dict[SegmentName, Share]
    """Share of each segment in the market's spending, share of one; they sum to one."""
    taste: dict[Name, dict[SegmentName, LogUnits]] = {}
    """Quality that a segment sees in a vendor because of its home country, log points; 0 where not named."""
    open_shares: Annotated[
        dict[CountryName, dict[SegmentName, Share]],
        Worded("share of customers ({2}) that {1} vendors would win in an open {0}"),
    ] = {}
    """Share that vendors of a country which sell through partners would have in each segment if the market were open.

    It takes the place of the partners' `quality_penalty` and of `taste` for these vendors, share of one.
    """
    rules: MarketRules
    """Rules in force at the base date."""
    firewall: LostQuality
    """Quality lost by serving the market from abroad, log points."""


class CatchUp(Part):
    """Quality that a vendor gains on its rivals after the base date: gap * (1 - exp(-t / tau))."""

    gap: LogUnits
    """Quality gained on rivals in the end, log points."""
    tau_years: Years
    """Time in which 63 % of the quality gained on rivals is there, years."""


class BaseSales(Part):
    """What a vendor sells in one market at the base date, and how."""

    share: Share | None = None
    """Share of the market, share of one; drawn within its error."""
    split: Share | None = None
    """Share of the vendor's revenue outside the markets where `share` is given; these sum to one over its markets."""
    residual: bool = False
    """Whether the vendor stands for all the rest of this market."""
    presence: PresenceName
    """How the vendor is present at the base date."""
    catch_up: CatchUp | None = None
    """Trend of the vendor's quality in this market, in place of the vendor's own."""

    @model_validator(mode="after")
    def _one_way_of_giving_sales(self) -> BaseSales:
        given = [self.share is not None, self.split is not None, self.residual]
        if sum(given) > 1:
            raise ValueError("give only one of share, split and residual")
        if self.presence == "absent" and any(given):
            raise ValueError("an absent vendor sells nothing: leave out share, split and residual")
        return self


class Fading(Part):
    """A rate that falls to a lasting one."""

    after: dt.date
    """Day until which the first rate lasts."""
    lasting: GrowthRate
    """Growth of its own services in the long run, log share per year."""
    half_life_years: Years
    """Time in which the difference between first and lasting growth of its own services halves, years."""


class Captive(Part):
    """Services that a firm runs for its own customers in a market, not sold there."""

    units: ComputeUnits
    """Size of its own services at the base date, compute units (bn USD a year at base prices)."""
    growth: GrowthRate
    """Growth of its own services at first, log share per year."""
    fades: Fading | None = None
    """How the growth falls later; for ever the same if absent."""


class Vendor(Part):
    """One cloud vendor."""

    title: Text
    """Name as charts show it."""
    home: Name
    """Country whose law and taste it brings along."""
    world_revenue_bn: UsdBnPerYear | None = None
    """Revenue in the whole world at the base date, bn USD a year; needed where `split` is used."""
    sales: dict[MarketName, BaseSales] = {}
    """Base sales by market; absent where not named."""
    catch_up: CatchUp | None = None
    """Trend of the vendor's quality in every market that gives none of its own; one draw for all of them."""
    captive: dict[MarketName, Captive] = {}
    """Services run for its own customers, by market."""
    reviews: tuple[MarketName, ...] = ()
    """Markets in which the vendor reviews how it is present every year and when policy changes."""
    willing: Share | None = None
    """Chance that it would take up a way of being present that pays; in other draws it stays as it is. 1 if absent."""


class Contract(Part):
    """Terms between a partner and one vendor."""

    share: Share
    """Share of the vendor's sales in the market that runs through this partner, share of one."""
    fee: Fee
    """Part of the vendor's revenue which the partner keeps, share of one."""


class Partner(Part):
    """A licensed local firm that operates a foreign vendor's services."""

    title: Text
    """Name as charts show it."""
    market: MarketName
    """Market in which the partner holds a licence."""
    region: Text
    """Where its data centres are."""
    licence: bool
    """Whether it holds the licence to sell cloud services; without one it cannot serve anybody."""
    exclusive: bool = False
    """Whether a vendor that it serves may sell in no other way beside it."""
    contracts: dict[VendorName, Contract]
    """Terms with each vendor that it serves or stands ready to serve."""


class Zone(Part):
    """A pilot zone that may open."""

    title: Text
    """Name as charts show it."""
    market: MarketName
    """Market the zone lies in."""
    capacity_units: Annotated[Number, Range(COMPUTE_UNITS, 0.001, 1e4)]
    """Power and land of the zone, compute units; divided evenly over the slots."""
    incidents_per_year: Annotated[Number, Range("incidents a year", 0, 365)]
    """Security incidents a year while foreign vendors run data centres in the zone."""


class GrowthShocks(Part):
    """How the growth of markets departs from trend from year to year, after what is observed."""

    sd: Spread
    """Standard deviation of what is new in a market's growth in a year, log points."""
    persistence: Share
    """Part of a year's departure of growth from trend that is left in the next, share of one."""
    common: Share
    """Part of the variance of growth from year to year that all markets share, share of one."""


class Wandering(Part):
    """How vendors' qualities wander in every market after what is known of their trends."""

    after: dt.date
    """Day after which they do."""
    sd: Spread
    """Standard deviation of quality gained or lost in a year by small shocks, log points."""
    jumps_per_year: Annotated[Number, Range("jumps a year", 0, 365)]
    """Jumps of a vendor's trend a year."""
    jump_size: Annotated[Number, Range("log points of quality per year", 0, 20)]
    """Mean size of a jump, up or down, log points of quality per year."""
    fading: Annotated[Number, Range("log rate per year", 0, 50)]
    """Rate at which what a jump brought fades, log rate per year."""


class Demand(Part):
    """How customers choose."""

    market_elasticity: MarketElasticity
    """How a market's spending volume answers to its price index (eta)."""
    channel_elasticity: SubstitutionElasticity
    """Substitution between the channels in which one vendor sells in a market (mu), above that between vendors."""
    channel_churn: PartialShare
    """Share of a vendor's contracts that customers take to the channel of the day in a year, share of one."""
    contract_churn: PartialShare
    """Share of contracted spending that is up for choice again in a year, share of one (lambda)."""
    budget_shock_sd: Spread
    """Standard deviation of a market segment's budget around its path, log points."""
    budget_shock_persistence: Share
    """Part of a budget shock that is still there after a year, share of one."""
    growth_shocks: GrowthShocks | None = None
    """How growth departs from trend after the last observation; not at all if absent."""
    quality_shock_sd: Spread
    """Standard deviation of a vendor's quality in a market gained or lost in a year (random walk), log points."""
    turns: Annotated[dict[VendorName, LogUnitsSchedule], Worded("turn of {0}'s quality {1}")] = {}
    """Gaps of a vendor's own trend that open on later days and are caught up like the first, log points."""
    turns_in: Annotated[
        dict[MarketName, dict[VendorName, LogUnitsSchedule]], Worded("turn of {1}'s quality in {0} {2}")
    ] = {}
    """The same of its trend in one market, log points."""
    wandering: Wandering | None = None
    """How qualities wander after what is known; as before if absent."""
    reversion: Annotated[Number, Range("log rate per year", 0, 50)] | None = None
    """Rate at which a vendor's win rate goes back to its share, but for what policies gave it, log rate per year."""


class GrowthFirst(Part):
    """Vendors that sell below what is best for the year while their home market grows."""

    vendors: tuple[VendorName, ...]
    """Who does so, each in the markets of its own country."""
    operating_margin: Annotated[Number, Range(SHARE, -1, 0.95, share=True)]
    """Operating profit that they report at the base date, share of revenue; one number for all of them."""
    overhead_share: Annotated[Number, Range(SHARE, 0, 2, share=True)]
    """Cost that their sales do not move (research, sales force, administration), share of revenue at the base date."""


class Pricing(Part):
    """How vendors set prices."""

    adjustment_share: Share
    """Part of the way to the best response that a quarter's repricing goes, in logs, share of one (theta)."""
    short_run_share: Share
    """Weight on the short-run elasticity, which counts only spending now up for choice, share of one."""
    growth_first: GrowthFirst | None = None
    """Vendors that take less than the best price to grow; none if absent."""


class Costs(Part):
    """What a compute unit costs."""

    hardware_share: Share
    """Share of imported server and network hardware in unit cost, share of one (h)."""
    decline: GrowthRate
    """Yearly fall of unit cost common to all, log share per year."""
    residency_cost: Share
    """Increase of a foreign vendor's unit cost where all data must stay in the country, share of one (rho)."""
    experience_exponent: LearningExponent
    """How unit cost falls as a vendor's share in all output made so far rises above that at the base date."""
    experience_years: Years
    """Years of base-date output that stand for what was made before, years."""


class CapacitySettings(Part):
    """How data centres are built."""

    headroom: Share
    """Capacity wanted above expected sales, share of one."""
    retirement: PartialShare
    """Share of capacity that retires in a year, share of one."""
    lead_months: Months
    """Time from order to first sale, months; drawn for each order."""
    order_every_months: Annotated[int, Field(ge=1, le=60)]
    """Months between orders."""
    capex_per_unit: Annotated[Number, Range("bn USD", 0, 100)]
    """Price of one compute unit of capacity, bn USD."""
    hardware_share_of_capex: Share
    """Share of imported hardware in the price of capacity, share of one (h_capex)."""


class PresenceTerms(Part):
    """What one way of being present costs and loses."""

    quality_penalty: LostQuality
    """Quality lost against owning data centres, log points (the firewall adds to cross-border supply)."""
    fixed_cost_bn: Annotated[Number, Range("bn USD a year", 0, 1e3)]
    """Fixed cost, bn USD a year."""
    sunk_cost_bn: UsdBn
    """Cost of setting up, once, bn USD."""
    needs_licence: bool
    """Whether the licence desk has to approve."""
    build_months: Count
    """Months from licence to first sale."""


class PresenceSettings(Part):
    """How vendors decide on their presence abroad."""

    cross_border: PresenceTerms
    """Serving the market from abroad."""
    partner: PresenceTerms
    """Selling through a licensed partner."""
    zone: PresenceTerms
    """Own data centre in a pilot zone."""
    owned: PresenceTerms
    """Own data centres anywhere in the country."""
    leak: Annotated[Number, Range("share per year", 0, 2, share=True)]
    """Quality that a partner's country gains a year per unit share run by partners, without protection, log points."""
    horizon_years: Years
    """Years that a vendor looks ahead from the day on which a way of being present goes live."""
    fade_half_life_years: Annotated[Number, Range("years", 0, 50)]
    """Half-life of what it earns after these years; 0 if nothing afterwards counts."""
    discount: ReturnRate
    """Required return of vendors, log rate per year (r)."""
    uncertainty_premium: ReturnRate
    """What is added to the required return while trade policy is unsettled, log rate per year."""
    hurdle: Factor
    """Gain over sunk cost that a vendor wants of a move, as a ratio to sunk cost."""
    review_every_months: PositiveCount
    """Months between reviews."""
    foresight_months: Count = 0
    """Months ahead that vendors know the rules: what has been announced or signed and comes into force until then."""
    entrant_quality_sd: Spread
    """Standard error of the quality given to a vendor that is absent at the base date, log points."""


class Licensing(Part):
    """The licence desk: a queue with several officers."""

    officers: PositiveCount
    """Applications that can be worked on at once."""
    service_months: Months
    """Time one application takes, months; drawn for each application."""


class GoodsList(Part):
    """A group of goods traded one way that faces the same tariffs."""

    title: Text
    """Name as charts show it."""
    importer: CountryName
    """Country that charges the tariff."""
    exporter: Name
    """Country, or region of the world's trade (`goods.world`), that the goods come from."""
    value_bn: UsdBnPerYear
    """Trade at the base date's trend with only the base rate in force, bn USD a year."""
    base_rate: Share
    """Tariff before the trade war, share of one."""
    sectors: dict[Name, Share] = {}
    """Part of the list's goods in a sector of the world's trade, share of one; together they are the whole list. If
    absent, those of all that its exporter sells its importer."""


class OwnTables(Part):
    """Tables of the world's trade as they were read from a folder of your own."""

    folder: Text
    """Where they were read."""
    tables: dict[Name, str]
    """Their text, by name."""


class WorldTrade(Part):
    """Trade of the world around the lists, in general equilibrium (docs/model.md, section 6)."""

    data: Text | OwnTables
    """Tables of regions, trade, sectors, tariffs and technology of one year: a folder of `sim/facts`, or the way from
    this file to one of your own, such as `./my_world`."""
    elasticity: Annotated[Number, Range("elasticity", 0.25, 25)]
    """Trade elasticity between close rivals in the long run: percent of spending lost with a percent more of price."""
    rivals: tuple[Name, ...] = ()
    """Regions whose goods are closer substitutes for each other than for those of others."""
    others: Annotated[Number, Range("ratio", 0.05, 1)]
    """Trade elasticity between all other goods, home goods among them, as a ratio to that."""
    elasticity_speed: Speed
    """Speed at which trade moves on from its short-run to its long-run level, log rate per year."""
    wage_speed: Speed
    """Speed at which wages and exchange rates, and with them the terms of trade, settle, log rate per year."""

    @property
    def trade_tables(self) -> str | World:
        """The tables themselves."""
        return self.data if isinstance(self.data, str) else World(self.data.folder, tuple(self.data.tables.items()))


class Postponement(Part):
    """How importers put purchases off while a tariff is above what they expect to hold (docs/model.md, 6.24)."""

    elasticity: ElasticitySchedule
    """Percent of purchases that wait with a percent of price above what is expected, by date; none before the first."""
    speed: Speed
    """Speed at which purchases are made up for, and expectations come round to the tariff, log rate per year."""


class Goods(Part):
    """Goods trade between the countries."""

    form: Literal["partial", "general"] = "partial"
    """Whether wages and third countries stay as they are, or settle with the tariffs (which needs `world`)."""
    world: WorldTrade | None = None
    """Trade of the world around the lists."""
    lists: Annotated[dict[Name, GoodsList], Field(min_length=1)]
    """Groups of goods by name."""
    import_elasticity: dict[CountryName, ImportElasticity]
    """Elasticity of import demand of each importing country."""
    pass_through: Share
    """Part of a tariff that buyers pay, share of one (psi)."""
    adjustment: Speed
    """Speed at which trade moves to its long-run level, log rate per year (kappa)."""
    growth: GrowthRate
    """Growth of trade at given tariffs, log share per year."""
    activity_multiplier: Factor
    """Loss of cloud spending per lost goods exports, both as shares of GDP and of spending."""
    postponement: Postponement | None = None
    """How purchases are put off; all are made on time if absent."""
    rerouting: Rerouting | None = None
    """How goods avoid tariffs by way of other countries; none do if absent."""
    stacking: dict[Name, AnyStackingRule] = {}
    """Rules on tariffs of several authorities on the same goods, in the order in which they act; all add up without."""

    @property
    def routes(self) -> tuple[str, ...]:
        """Names of the routes by which goods avoid tariffs."""
        return () if self.rerouting is None else tuple(self.rerouting.routes)

    @property
    def listed(self) -> tuple[ListedGoods, ...]:
        """What each list is; its parts are those of its pair in the tables where it gives none."""
        return tuple(
            ListedGoods(held.importer, held.exporter, tuple(self._parts(held).items())) for held in self.lists.values()
        )

    def _parts(self, held: GoodsList) -> Mapping[str, float]:
        if held.sectors or self.world is None or not is_there(self.world.trade_tables):
            return {name: share.central for name, share in held.sectors.items()}
        if not {held.importer, held.exporter} <= set(world_regions(self.world.trade_tables)):
            return {}
        return world_sector_shares(self.world.trade_tables, held.exporter, held.importer)

    def rows(self, *, importer: str | None = None, exporters: Collection[str] | None = None) -> list[int]:
        """Places of the lists that a country imports, and that come from some countries or regions; all if absent."""
        return [
            place
            for place, held in enumerate(self.lists.values())
            if importer in {None, held.importer} and (exporters is None or held.exporter in exporters)
        ]


class Focus(Part):
    """What the main results are about."""

    market: MarketName
    """Market whose opening is in question."""
    visitor: CountryName
    """Country whose vendors want in."""
    rank: PositiveCount = 4
    """Place in the world ranking that the results watch."""
    sums_to: tuple[Annotated[int, Field(ge=EARLIEST_START.year)], ...] = ()
    """Years to the end of which sums are given, beside those over the whole run."""
    discount: ReturnRate | None = None
    """Policy rate for present values at the base date, log rate per year; none are given without."""


Rank = Annotated[float, Field(ge=-1, le=1)]


class Correlated(Part):
    """Uncertain numbers that move together."""

    values: Annotated[tuple[str, ...], Field(min_length=2)]
    """Their dotted paths, as `cloudtrade show` prints them."""
    rank: Rank | tuple[Rank, ...]
    """Rank correlation of every pair; or a list with one for each pair: that of first and second, first and third, ...,
    second and third, ..."""


class Scenario(Part):  # noqa: PLW1641 (its mappings have no hash)
    """A complete scenario: everything a run needs."""

    name: Name
    """Name of the file without its ending."""
    title: Text
    """One line that says what happens."""
    question: Text
    """A paragraph that says what question the scenario answers."""
    sources: tuple[str, ...] = ()
    """Where the story comes from."""
    start: Annotated[dt.date, Field(ge=EARLIEST_START, le=LATEST_START)]
    """Base date, the first day of a quarter."""
    months: Annotated[int, Field(ge=MONTHS_PER_QUARTER, le=MOST)]
    """Length of the run in months, whole quarters."""
    as_of: dt.date | None = None
    """Day as of which it is run: what was announced, published or decided later is left out; all is known if absent."""
    posterior: str | None = None
    """Posterior that numbers with a `prior` are drawn from: last month of its data, `2021-12`; their priors if none."""
    focus: Focus
    """What the main results are about."""
    countries: dict[Name, Country]
    """Countries whose governments act."""
    segments: dict[Name, Segment]
    """Kinds of customers."""
    world_total_bn: MarketSizeSchedule
    """Observed size of the world market by date, bn USD a year."""
    world_growth: Growth | None = None
    """Growth of the markets that give none of their own; one draw for all of them."""
    markets: dict[Name, Market]
    """Markets for cloud services."""
    vendors: dict[Name, Vendor]
    """Cloud vendors."""
    partners: dict[Name, Partner] = {}
    """Licensed local firms."""
    zones: dict[Name, Zone] = {}
    """Pilot zones that may open."""
    demand: Demand
    """How customers choose."""
    pricing: Pricing
    """How vendors set prices."""
    costs: Costs
    """What a compute unit costs."""
    capacity: CapacitySettings
    """How data centres are built."""
    presence: PresenceSettings
    """How vendors decide on their presence."""
    licensing: Licensing
    """The licence desk."""
    goods: Goods
    """Goods trade between the countries."""
    correlated: tuple[Correlated, ...] = ()
    """Uncertain numbers that move together; all others are independent."""
    policies: dict[Name, AnyPolicy] = {}
    """Policies by name."""
    talks: Talks = Talks()
    """Talks between the governments."""
    _warnings: tuple[str, ...] = PrivateAttr(())

    def __eq__(self, other: object) -> bool:
        """Whether all values are the same, wherever they were read."""
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may surprise in what was loaded, though it is valid: file and line, what holds, and when."""
        return self._warnings

    def with_warnings(self, warnings: tuple[str, ...]) -> Scenario:
        """Copy the scenario with warnings."""
        copied = self.model_copy()
        copied._warnings = warnings  # noqa: SLF001 (its own)
        return copied

    def growth_of(self, market: str) -> Growth:
        """Growth of a market: its own, or the world's.

        Raises
        ------
        ModelError
            If neither is given, which the checks of a scenario refuse.
        """
        growth = self.markets[market].growth or self.world_growth
        if growth is None:
            raise ModelError(f"no growth is given for {market}")
        return growth

    def catch_up_of(self, vendor: str, market: str) -> CatchUp | None:
        """Trend of a vendor's quality in a market where it sells: that of the market, or the vendor's."""
        sales = self.vendors[vendor].sales.get(market)
        return None if sales is None else sales.catch_up or self.vendors[vendor].catch_up

    @property
    def calendar(self) -> Calendar:
        """Months of the run as dates."""
        return Calendar(self.start, self.months)

    @model_validator(mode="after")
    def _whole_quarters(self) -> Scenario:
        if self.start.day != 1 or (self.start.month - 1) % MONTHS_PER_QUARTER:
            raise ValueError("start must be the first day of a quarter, such as 2018-07-01")
        if self.months % MONTHS_PER_QUARTER:
            raise ValueError("months must be whole quarters, a multiple of 3")
        return self
