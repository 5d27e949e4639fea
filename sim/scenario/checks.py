"""Checks across the parts of a valid scenario: what each part alone cannot know.

Bounds of one number stand at its field; what several numbers, dates or parties say together is checked here.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Callable, Iterator

from sim.policies import PilotZone
from sim.policies.digital_services_tax import DigitalServicesTax
from sim.scenario.policy_checks import POLICY_CHECKS
from sim.scenario.rerouting_checks import REROUTING_CHECKS
from sim.scenario.schema import Scenario, Vendor
from sim.scenario.schema_slots import everything_in
from sim.scenario.source_tree import ANNOUNCED, AS_OF, Problem, Steps, did_you_mean
from sim.scenario.talks_checks import TALKS_CHECKS
from sim.scenario.tariff_checks import TARIFF_CHECKS
from sim.scenario.world_trade_checks import WORLD_TRADE_CHECKS
from sim.values import MOST_TAKEN, AfterDeal, Number, Schedule

SUM_TOLERANCE = 1e-6
"""How far shares that make up a whole may be from it, as they are written with few decimals."""
NEARLY = 0.75
"""Likeness from which a word that is no country is taken for a misspelt one."""
YEARS_AROUND = 10
"""Dates more years before the start than this are mistakes of typing; so are observations as long after the end."""
_OBSERVED = ("total_bn", "world_total_bn", "fades")
"""Observed figures, and growth that fades, which may go on after the end of a run."""


def segment_weights_make_up_each_market(scenario: Scenario) -> Iterator[Problem]:
    """Check that a market weighs every segment, and that the weights sum to one."""
    for name, market in scenario.markets.items():
        missing = [segment for segment in scenario.segments if segment not in market.segment_weights]
        if missing:
            text = f"has no weight for {', '.join(missing)}; give every segment one, 0 where it buys nothing"
            yield Problem(("markets", name, "segment_weights"), text)
        total = sum(weight.central for weight in market.segment_weights.values())
        if _differs_from_one(total):
            yield Problem(("markets", name, "segment_weights"), f"must sum to 1, but sum to {total:.6g}")


def each_market_grows(scenario: Scenario) -> Iterator[Problem]:
    """Check that a market has a growth of its own where the world has none."""
    for name, market in scenario.markets.items():
        if market.growth is None and scenario.world_growth is None:
            yield Problem(("markets", name), "has no growth; give it one, or give world_growth for all such markets")


def each_market_has_one_size(scenario: Scenario) -> Iterator[Problem]:
    """Check that a market has either its own total or a share of the rest of the world, and that these sum to one."""
    shares = [market.share_of_rest.central for market in scenario.markets.values() if market.share_of_rest is not None]
    for name, market in scenario.markets.items():
        if (market.total_bn is None) == (market.share_of_rest is None):
            given = "neither" if market.total_bn is None else "both"
            yield Problem(("markets", name), f"needs one of total_bn and share_of_rest, has {given}")
        if market.share_of_rest is not None and _differs_from_one(sum(shares)):
            text = f"the shares of all markets must sum to 1, but sum to {sum(shares):.6g}"
            yield Problem(("markets", name, "share_of_rest"), text)


def each_market_has_one_residual_vendor(scenario: Scenario) -> Iterator[Problem]:
    """Check that one vendor stands for all the rest of a market."""
    for market in scenario.markets:
        selling = {name: vendor.sales[market] for name, vendor in scenario.vendors.items() if market in vendor.sales}
        residual = [name for name, sales in selling.items() if sales.residual]
        if not residual:
            text = "no vendor stands for the rest of the market: give one vendor `residual: true` in it"
            yield Problem(("markets", market), text)
        for vendor in residual[1:]:
            text = f"only one vendor may stand for the rest of {market}, and {residual[0]} already does"
            yield Problem(("vendors", vendor, "sales", market, "residual"), text)


def base_shares_fit_into_each_market(scenario: Scenario) -> Iterator[Problem]:
    """Check that the shares given for a market leave something for its residual vendor."""
    for market in scenario.markets:
        given = {v: _share(vendor, market) for v, vendor in scenario.vendors.items() if _share(vendor, market) > 0}
        if sum(given.values()) >= 1:
            last = list(given)[-1]
            text = f"the shares of all vendors in {market} must stay below 1, but sum to {sum(given.values()):.6g}"
            yield Problem(("vendors", last, "sales", market, "share"), text)


def splits_make_up_each_vendor(scenario: Scenario) -> Iterator[Problem]:
    """Check that the splits of a vendor sum to one and have a revenue to split."""
    for name, vendor in scenario.vendors.items():
        splits = [sales.split.central for sales in vendor.sales.values() if sales.split is not None]
        if splits and _differs_from_one(sum(splits)):
            text = f"`split` over the vendor's markets must sum to 1, but sums to {sum(splits):.6g}"
            yield Problem(("vendors", name, "sales"), text)
        if splits and vendor.world_revenue_bn is None:
            yield Problem(("vendors", name), "lacks world_revenue_bn, which its `split` divides up")


def splits_leave_no_negative_revenue(scenario: Scenario) -> Iterator[Problem]:
    """Check that a vendor sells no more where its share is given than it does in the world."""
    for name, vendor in scenario.vendors.items():
        if vendor.world_revenue_bn is None:
            continue
        known = sum(_share(vendor, market) * _base_total(scenario, market) for market in vendor.sales)
        if known > vendor.world_revenue_bn.central:
            text = (
                f"is below the {known:.4g} bn USD that the vendor's shares of markets come to at the start "
                f"({scenario.start}); all of them must be figures of that date"
            )
            yield Problem(("vendors", name, "world_revenue_bn"), text)


def markets_fit_into_the_world(scenario: Scenario) -> Iterator[Problem]:
    """Check that markets of a size of their own leave something for those that share the rest, in every draw."""
    own = {name: market.total_bn for name, market in scenario.markets.items() if market.total_bn is not None}
    for date, world in scenario.world_total_bn.steps if 0 < len(own) < len(scenario.markets) else ():
        day = date or scenario.start
        spent = sum(_number_on(day, schedule).support[1] for schedule in own.values())
        if spent >= world.support[0]:
            last = list(own)[-1]
            steps = [step for step, _ in own[last].steps if step is not None and step <= day][-1:]
            text = f"up to {spent:.6g} bn USD a year are spent in {' and '.join(own)} on {day}"
            text += f", and in the whole world {world.support[0]:.6g} at least (world_total_bn)"
            yield Problem(("markets", last, "total_bn", *steps), text)


def vendors_sell_no_more_than_the_world_buys(scenario: Scenario) -> Iterator[Problem]:
    """Check that revenues of vendors fit into the world market."""
    world, revenue = _number_on(scenario.start, scenario.world_total_bn).central, 0.0
    for name, vendor in scenario.vendors.items():
        revenue += 0.0 if vendor.world_revenue_bn is None else vendor.world_revenue_bn.central
        if vendor.world_revenue_bn is not None and revenue > world:
            text = f"comes with the vendors above to {revenue:.6g} bn USD a year; the whole world spends {world:.6g}"
            yield Problem(("vendors", name, "world_revenue_bn"), text)


def vendors_sell_somewhere(scenario: Scenario) -> Iterator[Problem]:
    """Check that a vendor is somewhere, or may go there."""
    for name, vendor in scenario.vendors.items():
        if not (vendor.sales or vendor.captive or vendor.reviews):
            yield Problem(("vendors", name), "does nothing: give it sales, captive services or markets that it reviews")


def contracts_make_up_each_vendor(scenario: Scenario) -> Iterator[Problem]:
    """Check that the partners that serve a vendor in a market divide up all its sales there."""
    for vendor, market in _partnered(scenario):
        serving = _serving(scenario, vendor, market)
        total = sum(scenario.partners[partner].contracts[vendor].share.central for partner in serving)
        if _differs_from_one(total):
            text = f"the shares of {vendor} over its partners in {market} must sum to 1, but sum to {total:.6g}"
            *others, last = [("partners", partner, "contracts", vendor, "share") for partner in serving]
            yield Problem(last, text, tuple(others))


def exclusive_partners_are_the_only_ones(scenario: Scenario) -> Iterator[Problem]:
    """Check that a partner that demands to be the only one is the vendor's only partner there."""
    for vendor, market in _partnered(scenario):
        serving = _serving(scenario, vendor, market)
        for partner in serving:
            if scenario.partners[partner].exclusive and len(serving) > 1:
                others = ", ".join(name for name in serving if name != partner)
                text = f"{vendor} sells through {others} too, so no partner of it in {market} can be the only one"
                yield Problem(("partners", partner, "exclusive"), text)


def partnered_vendors_have_licensed_partners(scenario: Scenario) -> Iterator[Problem]:
    """Check that a vendor that sells through a partner at the base date has one, with a licence."""
    for name, market in _present_as(scenario, "partner"):
        serving = _serving(scenario, name, market)
        if not serving:
            text = f"no partner has a contract with {name} in {market}; add one or choose another presence"
            yield Problem(("vendors", name, "sales", market, "presence"), text)
        for partner in serving:
            if not scenario.partners[partner].licence:
                text = f"{name} sells through this partner in {market} at the base date, so it needs `licence: true`"
                yield Problem(("partners", partner, "licence"), text)


def base_presence_is_allowed(scenario: Scenario) -> Iterator[Problem]:
    """Check that nobody is in a zone before one is open, or owns data centres where foreign vendors may not."""
    for name, market in _present_as(scenario, "zone"):
        if not _has_open_zone(scenario, market):
            text = f"no zone in {market} is open at the base date (by a policy of kind pilot_zone)"
            yield Problem(("vendors", name, "sales", market, "presence"), text)
    for name, market in _present_as(scenario, "owned"):
        place = scenario.markets[market]
        is_foreign = scenario.vendors[name].home != place.country
        if is_foreign and place.rules.equity_cap.central == 0:
            text = f"{market} lets no foreign vendor own data centres at the base date (equity_cap is 0)"
            yield Problem(("vendors", name, "sales", market, "presence"), text)


def open_shares_are_above_todays(scenario: Scenario) -> Iterator[Problem]:
    """Check that vendors who sell through partners would have more in an open market, in every segment a share."""
    for name, market in scenario.markets.items():
        for country, by_segment in market.open_shares.items():
            path = ("markets", name, "open_shares", country)
            if missing := [segment for segment in scenario.segments if segment not in by_segment]:
                yield Problem(path, f"lacks {', '.join(missing)}; every segment needs a share")
                continue
            for segment, share in by_segment.items():
                low, high = share.support
                if low <= 0.0 or high >= 1.0:
                    yield Problem((*path, segment), f"expected a share above 0 and below 1, found {share}")
            partnered = [
                sales.share.central
                for vendor in scenario.vendors.values()
                if vendor.home == country and (sales := vendor.sales.get(name)) is not None
                if sales.presence == "partner" and sales.share is not None
            ]
            opened = sum(
                market.segment_weights[segment].central * by_segment[segment].central for segment in by_segment
            )
            if opened <= sum(partnered):
                today = f"{sum(partnered):.1%} sold through partners today"
                yield Problem(path, f"come to {opened:.1%} of the market, no more than the {today}")


def regions_are_known(scenario: Scenario) -> Iterator[Problem]:
    """Check that tastes name homes of vendors, and that no home or country is a misspelt country."""
    homes = {vendor.home for vendor in scenario.vendors.values()}
    for name, market in scenario.markets.items():
        for home in market.taste:
            if home not in homes:
                text = f"no vendor has the home {home!r}{did_you_mean(home, homes)}"
                yield Problem(("markets", name, "taste", home), text)
        yield from _misspelt(scenario, market.country, ("markets", name, "country"))
    for name, vendor in scenario.vendors.items():
        yield from _misspelt(scenario, vendor.home, ("vendors", name, "home"))


def vendors_are_closer_substitutes_than_markets(scenario: Scenario) -> Iterator[Problem]:
    """Check that customers move more readily between vendors than in and out of the market."""
    market = scenario.demand.market_elasticity
    for name, segment in scenario.segments.items():
        if segment.substitution_elasticity.support[0] <= market.support[1]:
            text = (
                f"must be above demand.market_elasticity ({market}) in every draw, "
                f"found {segment.substitution_elasticity}"
            )
            market_path = ("demand", "market_elasticity")
            yield Problem(("segments", name, "substitution_elasticity"), text, (market_path,))


def channels_are_closer_substitutes_than_vendors(scenario: Scenario) -> Iterator[Problem]:
    """Check that customers move more readily between channels of a vendor than between vendors."""
    channels = scenario.demand.channel_elasticity
    for name, segment in scenario.segments.items():
        if channels.support[0] <= segment.substitution_elasticity.support[1]:
            text = (
                f"must be above segments.{name}.substitution_elasticity ({segment.substitution_elasticity}) in every "
                f"draw, found {channels}"
            )
            yield Problem(("demand", "channel_elasticity"), text, (("segments", name, "substitution_elasticity"),))


def goods_lists_cross_a_border(scenario: Scenario) -> Iterator[Problem]:
    """Check that a list of goods comes from another country or region, and that its importer has an elasticity."""
    for name, goods in scenario.goods.lists.items():
        if goods.importer == goods.exporter:
            yield Problem(("goods", "lists", name, "exporter"), f"importer and exporter are both {goods.importer}")
        if goods.importer not in scenario.goods.import_elasticity:
            yield Problem(("goods", "import_elasticity"), f"lacks {goods.importer}, which imports the list {name}")


def dates_are_near_the_run(scenario: Scenario) -> Iterator[Problem]:
    """Check that no date is a mistake of typing; one after the end is a problem of `late_dates`, but for figures."""
    start, end = scenario.start, scenario.calendar.end
    for path, date in _dates(scenario):
        if date < start.replace(year=start.year - YEARS_AROUND):
            yield Problem(path, f"{date} is more than {YEARS_AROUND} years before the start ({start})")
        elif _is_observed(path) and date > end.replace(year=end.year + YEARS_AROUND):
            yield Problem(path, f"{date} is more than {YEARS_AROUND} years after the end of the run ({end})")


def policies_end_after_they_start(scenario: Scenario) -> Iterator[Problem]:
    """Check that a policy is in force for some time."""
    for name, policy in scenario.policies.items():
        starts, ends = policy.starts, policy.ends
        if isinstance(starts, dt.date) and ends is not None and ends <= starts:
            yield Problem(("policies", name, "ends"), f"{ends} is not after the policy starts ({starts})")


def policies_run_out_once_and_by_chance(scenario: Scenario) -> Iterator[Problem]:
    """Check that a policy that is renewed or not says when and how likely, and is in force until that day."""
    for name, policy in scenario.policies.items():
        path: Steps = ("policies", name)
        if policy.until is not None and isinstance(policy, PilotZone):
            yield Problem((*path, "until"), "a pilot zone is not renewed by chance; give it a `review`, or `ends`")
        if policy.until is None:
            if policy.renews_with_chance is not None:
                yield Problem(
                    (*path, "renews_with_chance"), "needs `until`, the day on which it runs out or is renewed"
                )
            continue
        if policy.renews_with_chance is None:
            text = "needs renews_with_chance; write `ends` for a day on which the policy certainly ends"
            yield Problem((*path, "until"), text)
        if isinstance(policy.starts, dt.date) and policy.until <= policy.starts:
            yield Problem((*path, "until"), f"{policy.until} is not after the policy starts ({policy.starts})")
        if policy.ends is not None and policy.ends <= policy.until:
            yield Problem((*path, "until"), f"{policy.until} is not before the policy ends anyway ({policy.ends})")


def rounds_stand_in_order(scenario: Scenario) -> Iterator[Problem]:
    """Check that rounds of talks stand in the order of their dates, none before the run."""
    previous = scenario.start
    for index, held in enumerate(scenario.talks.rounds):
        path: Steps = ("talks", "rounds", index, "date")
        if held.date < scenario.start:
            yield Problem(path, f"{held.date} is before the start of the run ({scenario.start})")
        elif held.date < previous:
            yield Problem(path, f"{held.date} is before the round above it ({previous}); rounds stand in order")
        elif index and held.date == previous:
            yield Problem(path, f"{held.date} is the date of the round above it too; one day has one round")
        previous = max(previous, held.date)


def sizes_are_known_from_the_start(scenario: Scenario) -> Iterator[Problem]:
    """Check that what is spent in the world and in each market is known when the run begins."""
    markets = scenario.markets.items()
    sizes: dict[Steps, Schedule | None] = {("world_total_bn",): scenario.world_total_bn}
    for path, schedule in (
        sizes | {("markets", name, "total_bn"): market.total_bn for name, market in markets}
    ).items():
        first = None if schedule is None else schedule.steps[0][0]
        if first is not None and first > scenario.start:
            yield Problem(path, f"must be known from the start ({scenario.start}), but begins on {first}")


def late_dates(scenario: Scenario) -> Iterator[Problem]:
    """Find dates after the end of the run; figures that were observed may go on.

    Not among `CHECKS`: whether a late date is a problem depends on which file it stands in.
    """
    end = scenario.calendar.end
    for path, date in _dates(scenario):
        is_late = date >= end if path[:2] == ("talks", "rounds") else date > end
        if is_late and not _is_observed(path):
            yield Problem(path, f"{date} is after the end of the run ({scenario.start} to {end})")


def taxes_and_fees_leave_something(scenario: Scenario) -> Iterator[Problem]:
    """Check that taxes on revenue, with the highest fee that partners there may take, leave a vendor some of it."""
    rates: dict[str, float] = {}
    for name, policy in scenario.policies.items():
        if isinstance(policy, DigitalServicesTax):
            rates[policy.market] = rates.get(policy.market, 0.0) + max(
                number.support[1] for _, number in policy.rate.steps
            )
            partners = [held for held in scenario.partners.values() if held.market == policy.market]
            fees = [contract.fee.support[1] for held in partners for contract in held.contracts.values()]
            taken = rates[policy.market] + max(fees, default=0.0)
            if taken > MOST_TAKEN + SUM_TOLERANCE:
                text = f"with fees of partners up to {taken:.0%} of revenue is taken; {MOST_TAKEN:.0%} can be at most"
                yield Problem(("policies", name, "rate"), text)


CHECKS: tuple[Callable[[Scenario], Iterator[Problem]], ...] = (
    segment_weights_make_up_each_market,
    each_market_grows,
    each_market_has_one_size,
    each_market_has_one_residual_vendor,
    base_shares_fit_into_each_market,
    splits_make_up_each_vendor,
    splits_leave_no_negative_revenue,
    markets_fit_into_the_world,
    vendors_sell_no_more_than_the_world_buys,
    vendors_sell_somewhere,
    contracts_make_up_each_vendor,
    exclusive_partners_are_the_only_ones,
    partnered_vendors_have_licensed_partners,
    base_presence_is_allowed,
    regions_are_known,
    open_shares_are_above_todays,
    vendors_are_closer_substitutes_than_markets,
    channels_are_closer_substitutes_than_vendors,
    goods_lists_cross_a_border,
    *WORLD_TRADE_CHECKS,
    *TARIFF_CHECKS,
    *REROUTING_CHECKS,
    taxes_and_fees_leave_something,
    *POLICY_CHECKS,
    *TALKS_CHECKS,
    dates_are_near_the_run,
    policies_end_after_they_start,
    policies_run_out_once_and_by_chance,
    rounds_stand_in_order,
    sizes_are_known_from_the_start,
)
"""All checks; names that must exist are checked before these."""


def _differs_from_one(total: float) -> bool:
    return not math.isclose(total, 1, rel_tol=0, abs_tol=SUM_TOLERANCE)


def _share(vendor: Vendor, market: str) -> float:
    sales = vendor.sales.get(market)
    return 0.0 if sales is None or sales.share is None else sales.share.central


def _is_observed(path: Steps) -> bool:
    return any(step in _OBSERVED for step in path)


def _base_total(scenario: Scenario, market: str) -> float:
    """Size of a market at the base date, 0 where it is not observed."""
    schedule = scenario.markets[market].total_bn
    return 0.0 if schedule is None else _number_on(scenario.start, schedule).central


def _number_on(day: dt.date, schedule: Schedule) -> Number:
    begun = [number for date, number in schedule.steps if date is None or date <= day]
    return begun[-1] if begun else schedule.steps[0][1]


def _present_as(scenario: Scenario, presence: str) -> Iterator[tuple[str, str]]:
    for name, vendor in scenario.vendors.items():
        for market, sales in vendor.sales.items():
            if sales.presence == presence:
                yield name, market


def _partnered(scenario: Scenario) -> list[tuple[str, str]]:
    pairs = [(vendor, partner.market) for partner in scenario.partners.values() for vendor in partner.contracts]
    return list(dict.fromkeys(pairs))


def _serving(scenario: Scenario, vendor: str, market: str) -> list[str]:
    partners = scenario.partners.items()
    return [name for name, partner in partners if partner.market == market and vendor in partner.contracts]


def _has_open_zone(scenario: Scenario, market: str) -> bool:
    pilots = [policy for policy in scenario.policies.values() if isinstance(policy, PilotZone)]
    begun = [pilot for pilot in pilots if pilot.starts is None or _has_begun(pilot.starts, scenario)]
    return any(scenario.zones[pilot.zone].market == market for pilot in begun)


def _has_begun(starts: dt.date | AfterDeal, scenario: Scenario) -> bool:
    return isinstance(starts, dt.date) and starts <= scenario.start


def _misspelt(scenario: Scenario, region: str, path: tuple[str, ...]) -> Iterator[Problem]:
    """Refuse a region that is nearly a country; any other word is a region of its own."""
    nearest = difflib.get_close_matches(region, scenario.countries, n=1, cutoff=NEARLY)
    if region not in scenario.countries and nearest:
        yield Problem(path, f"there is no country {region!r}; did you mean {nearest[0]}?")


def _dates(scenario: Scenario) -> Iterator[tuple[Steps, dt.date]]:
    """Give every date inside a scenario with its path, but for those that say what was known when."""
    for path, held in everything_in(scenario):
        if path[-1] in {AS_OF, ANNOUNCED}:
            continue
        if isinstance(held, dt.date):
            yield path, held
        elif isinstance(held, Schedule):
            yield from (((*path, date), date) for date, _ in held.steps if date is not None)
