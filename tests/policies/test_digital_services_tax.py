"""A tax on the revenue of cloud vendors: who pays, who receives, and that no place of the model may forget it.

Each law below looks at one place that has to know the tax. Then mistakes are planted, each of which forgets it in one
place, and some law has to fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import sim.model.actors.government
import sim.model.actors.market
import sim.model.columns
import sim.model.minds.appraisal
from sim.errors import ScenarioError
from sim.ledger import ACCOUNTS, FLOWS
from sim.model.equations import prospects, terms
from sim.model.equations.prospects import as_set
from sim.model.equations.terms import Terms, split
from sim.model.minds import channel_books
from sim.model.minds.appraisal import CLOUD_RULES
from sim.model.minds.channel_books import Books
from sim.model.minds.channel_changes import STAY, Cells, Option, used_after
from sim.model.world import World
from sim.scenario.schema import Presence
from tests.bargain import AGENDA, FIRST, POLICIES, STAKES, bargain, by_deal, priced

RATE, STARTS, DUE = 0.08, "2018-12-01", 5
"""Rate of the tax, its first day, and the month of that day: the last of a quarter, in which no price is set."""
TAXED = ("eagle", "falcon")


def tax(**changes: Any) -> dict[str, Any]:
    settings = {"kind": "digital_services_tax", "by": "china", "market": "china", "rate": RATE, "starts": STARTS}
    return {"policies.tax": settings | {"source": "made up"} | changes}


WATCH = ("sales", "price", "cost", "stake", "rules_changed", "services_tax", "home_services_tax")


@pytest.fixture(scope="module")
def run(play, compact):
    return play(compact(tax()), range(1), watch=WATCH)


def rates_of(run) -> np.ndarray:
    """Rate that is paid in each channel, [month, channel]."""
    homes = [vendor.home for vendor in run.paths.scenario.vendors.values()]
    taxed = [homes[row.vendor] != "china" and row.market == run.market("china") for row in run.world.channels.rows]
    due = np.arange(len(run.months["sales"])) >= DUE
    return RATE * (due[:, None] & np.array(taxed))


# Laws -----------------------------------------------------------------------------------------------------------------


def prices_pass_the_tax_on(run) -> None:
    """In the end prices have risen by about what is left of a dollar before over what is left with the tax."""
    price = run.in_use("price", "eagle", "china")[:, 0]
    dearer = price[-1] / price[DUE - 1]
    assert 0.9 / (1 - RATE / (1 - 0.15)) < dearer < 1.1 / (1 - RATE / (1 - 0.15))
    assert dearer > 1 + RATE / 2


def every_dollar_goes_somewhere(run) -> None:
    """Revenue less cost and fixed cost is what owners, partners and the treasury get."""
    paths, world = run.paths, run.world
    months = {name: values[..., 0] for name, values in run.months.items()}
    sales = months["sales"]
    paid = (rates_of(run) * sales / 12).reshape(-1, 3, sales.shape[1]).sum(axis=(1, 2))
    np.testing.assert_allclose(paths.countries["services_tax_bn"][:, paths.axes.countries.index("china"), 0], paid)
    cost = sales * months["cost"] / months["price"]
    left = ((1 - world.base.fee[:, 0] - rates_of(run)) * sales - cost) / 12
    for vendor in TAXED:
        rows = run.rows(vendor, "china")
        used = [row for row in rows if world.active[row].all()]
        assert (months["active"] == world.active[:, 0]).all(axis=0)[rows].all(), "a vendor changes how it sells"
        fixed = world.base.fixed_cost[used, 0].sum()
        expected = left[:, rows].sum(axis=1).reshape(-1, 3).sum(axis=1) - fixed / 4
        profit = paths.vendors["profit_bn"][:, run.vendor(vendor), run.market("china"), 0]
        np.testing.assert_allclose(profit, expected, rtol=1e-9)


def the_treasury_is_paid_from_the_first_month(run) -> None:
    c = run.paths.axes.countries.index("china")
    revenue = run.paths.countries["services_tax_bn"][:, c, 0]
    sold = sum(run.of("sales", vendor, "china")[DUE, 0] for vendor in TAXED)
    assert revenue[DUE // 3] == pytest.approx(RATE * sold / 12)
    assert revenue[: DUE // 3].tolist() == [0.0] * (DUE // 3)


def welfare_counts_the_tax(run) -> None:
    countries = run.paths.countries
    assert countries["services_tax_bn"].any()
    parts = sum(account.sign * countries[account.column] for account in ACCOUNTS)
    np.testing.assert_allclose(countries["welfare_bn"], parts, rtol=1e-12)


def vendors_hear_of_it(run) -> None:
    assert run.months["rules_changed"][:, 0].tolist() == [month == DUE for month in range(len(run.months["sales"]))]


def reviews_reckon_with_it(run) -> None:
    world: World = run.world
    v, m = run.vendor("eagle"), run.market("china")
    abroad = run.row("eagle.china.cross_border")
    books = Books(world, Cells.where(world, m, [v], world.everywhere[None]), 23)
    rows = world.channels.of(v, m)
    options = (STAY, Option(abroad, ()), Option(abroad, (run.row("eagle.china.bridge"),)))
    used = np.concatenate([used_after(books.active, rows, option) for option in options], axis=1)
    plans, _ = books.plans(as_set(used), np.zeros(3, dtype=np.int64))
    for slot, plan in np.argwhere(plans.ways.used):
        row = rows[plans.ways.channels[slot, plan]]
        price, margin = (getattr(plans.prospects, name)[slot, plan] for name in ("price", "margin"))
        fee = 0.15 if world.channels.rows[row].kind is Presence.PARTNER else 0.0
        np.testing.assert_allclose(margin, 1 - fee - RATE - world.cost[row, 0] / price, rtol=1e-9)
    assert plans.ways.used.sum() == 4


def governments_count_it(compact) -> None:
    """A package that brings a tax is worth its revenue to the host, and costs the other country's vendors profit."""
    brought = {"levy": by_deal("digital_services_tax", 0, by="china", market="china", rate=RATE)}
    agenda = AGENDA | {"tax": {"none": [], "some": ["levy"]}}
    stakes = {country: cares | {"services_tax": 1} for country, cares in STAKES.items()}
    [found] = priced(compact(bargain(POLICIES | brought, agenda, stakes)), range(1), months=(FIRST,))
    plain, taxed = (found.packages.index(frozenset(names)) for names in (set(), {"levy"}))
    us, china = 0, 1
    revenue = found.parts["services_tax"]
    assert revenue[china, taxed] > 0
    assert not revenue[:, plain].any()
    assert not revenue[us].any()
    lost = found.parts["vendor_profit"][us]
    assert (lost[taxed] < lost[plain]).all()
    assert (found.parts["customer_surplus"][china, taxed] < 0).all()
    first, nothing = found.pricing.first, frozenset()
    m = list(first.world.axes.markets).index("china")
    after = first.settled(first.stage(frozenset({"levy"})), m)
    foreign = ~first.world.base.domestic[:, m]
    sold = after.sales[foreign].sum(axis=0)
    np.testing.assert_allclose((after.kept["services_tax"] * after.sales).sum(axis=0), RATE * sold)
    assert after is not first.settled(first.stage(nothing), m)


def it_is_paid_at_once_where_nobody_reviews_its_presence(play, compact) -> None:
    still = {"vendors.eagle.reviews": [], "vendors.falcon.reviews": []}
    run = play(compact(tax() | still), range(1), watch=WATCH)
    the_treasury_is_paid_from_the_first_month(run)


LAWS: tuple[Callable[..., None], ...] = (
    prices_pass_the_tax_on,
    every_dollar_goes_somewhere,
    the_treasury_is_paid_from_the_first_month,
    welfare_counts_the_tax,
    vendors_hear_of_it,
    reviews_reckon_with_it,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_tax_is_known_wherever_money_is_counted(law, run):
    law(run)


def test_the_tax_is_paid_at_once_where_nobody_reviews_its_presence(play, compact):
    it_is_paid_at_once_where_nobody_reviews_its_presence(play, compact)


def test_governments_that_bargain_count_the_tax(compact):
    governments_count_it(compact)


# Ways to forget it ----------------------------------------------------------------------------------------------------


def without(names: tuple[str, ...], forgotten: str) -> tuple[str, ...]:
    return tuple(name for name in names if name != forgotten)


def forgets_in_prices(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Terms, "taken", property(lambda self: self.fee))


def forgets_in_books(patch: pytest.MonkeyPatch) -> None:
    def wrong(held, cost, price):
        found = split(held, cost, price)
        return replace(found, vendor=found.vendor + held.tax, owners=found.owners + held.tax)

    patch.setattr(sim.model.actors.market, "split", wrong)


def forgets_to_collect(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(World, "raises_services_tax", property(lambda self: False))


def forgets_in_reviews(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channel_books, "Terms", lambda fee, tax, stake: Terms(fee, 0 * tax, stake))


def forgets_in_prospects(patch: pytest.MonkeyPatch) -> None:
    right = prospects._Offered
    patch.setattr(prospects, "_Offered", lambda pull, cost, taken, *more: right(pull, cost, taken - RATE, *more))


def forgets_the_treasury_in_appraisals(patch: pytest.MonkeyPatch) -> None:
    right = terms.split
    patch.setattr(
        sim.model.minds.settled_market,
        "split",
        lambda held, cost, price: replace(right(held, cost, price), treasury=np.zeros_like(cost)),
    )


def forgets_the_fingerprint(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sim.model.minds.appraisal, "CLOUD_RULES", without(CLOUD_RULES, "services_tax"))


def forgets_the_news(patch: pytest.MonkeyPatch) -> None:
    module = sim.model.actors.government
    patch.setattr(module, "NEWSWORTHY", without(without(module.NEWSWORTHY, "services_tax"), "home_services_tax"))


def forgets_that_offers_change(patch: pytest.MonkeyPatch) -> None:
    module = sim.model.actors.market
    patch.setattr(module, "OFFERS", without(without(module.OFFERS, "services_tax"), "home_services_tax"))


def forgets_the_account(patch: pytest.MonkeyPatch) -> None:
    flows = tuple(replace(flow, account=None) if flow.name == "services_tax" else flow for flow in FLOWS)
    patch.setattr(sim.model.columns, "FLOWS", flows)


def forgets_it_in_welfare(patch: pytest.MonkeyPatch) -> None:
    accounts = tuple(replace(held, sign=0) if held.name == "services_tax" else held for held in ACCOUNTS)
    patch.setattr(sim.model.columns, "ACCOUNTS", accounts)


WAYS_TO_FORGET = (
    forgets_in_prices,
    forgets_in_books,
    forgets_to_collect,
    forgets_in_reviews,
    forgets_in_prospects,
    forgets_the_treasury_in_appraisals,
    forgets_the_fingerprint,
    forgets_the_news,
    forgets_that_offers_change,
    forgets_the_account,
    forgets_it_in_welfare,
)


@pytest.mark.parametrize("way", WAYS_TO_FORGET, ids=lambda way: way.__name__)
def test_forgetting_the_tax_in_one_place_breaks_a_law(way, play, compact, monkeypatch):
    way(monkeypatch)
    run = play(compact(tax()), range(1), watch=WATCH)
    broken = [law.__name__ for law in LAWS if fails(law, run)]
    broken = broken or fails(it_is_paid_at_once_where_nobody_reviews_its_presence, play, compact)
    assert broken or fails(governments_count_it, compact)


def fails(law: Callable[..., None], *what: Any) -> bool:
    try:
        law(*what)
    except AssertionError:
        return True
    return False


# What a user sees -----------------------------------------------------------------------------------------------------


def test_a_tax_on_all_falls_on_vendors_at_home_too(levers, instrument, turn, changed):
    instrument(kind="digital_services_tax", by="china", market="china", rate="5%", on="all").apply(levers, turn())
    assert set(changed()) == {"services_tax", "home_services_tax"}
    china = levers.axes.markets.index("china")
    assert set(levers.services_tax[china]) == set(levers.home_services_tax[china]) == {0.05}
    assert not np.delete(levers.services_tax, china, axis=0).any()


def test_taxes_add_up_and_hold_only_where_they_are_in_force(levers, instrument, turn):
    first = instrument(kind="digital_services_tax", by="china", market="china", rate="5%")
    second = instrument(kind="digital_services_tax", by="china", market="china", rate={"2019-01-01": "2%"})
    for policy in (first, second):
        policy.apply(levers, turn(month=6, active=[True, False, True]))
    np.testing.assert_allclose(levers.services_tax[levers.axes.markets.index("china")], [0.07, 0, 0.07])
    assert not levers.home_services_tax.any()


def test_a_run_reports_the_revenue(compact):
    result = sim.run(compact(tax()), draws=3)
    kpis = result.kpis
    assert (kpis["services_tax_china_cum_bn"] > 0).all()
    assert not kpis["services_tax_us_cum_bn"].any()


def test_taxes_that_leave_nothing_beside_fees_are_refused(compact):
    fee = {"partners.bridge.contracts.eagle.fee": 0.55, "policies.more": tax(rate="40%")["policies.tax"]}
    with pytest.raises(ScenarioError, match=r"policies\.more\.rate: with fees of partners up to 103% of revenue"):
        compact(tax() | fee)


@pytest.mark.parametrize("rate", ["60%", -0.1, 7])
def test_a_rate_that_leaves_nothing_is_refused(compact, rate):
    with pytest.raises(ScenarioError, match="rate"):
        compact(tax(rate=rate))
