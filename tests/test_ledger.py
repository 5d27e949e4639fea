"""The ledger: what is declared once is whole, and what follows from it is complete."""

from __future__ import annotations

import numpy as np
import pytest

from sim.ledger import ACCOUNTS, FLOWS, WELFARE, follows_vendors_home, weighed_accounts, welfare_accounts
from sim.model.columns import COLUMNS, DIMS, columns_of
from sim.model.minds.stakes import CARRYING_OUT, PARTS
from sim.scenario.talks_schema import Stakes
from tests.bargain import bargain, priced


def test_names_are_used_once():
    for declared in (FLOWS, ACCOUNTS):
        names = [held.name for held in declared]
        assert len(set(names)) == len(names)
    places = [(column.table, column.name) for column in COLUMNS]
    assert len(set(places)) == len(places)


def test_every_account_has_a_flow_and_every_flow_an_account_that_exists():
    accounts = {account.name for account in ACCOUNTS}
    assert {flow.account for flow in FLOWS} - {None} == accounts


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_every_account_is_a_column_of_countries_and_welfare_is_the_sum_of_those_that_count(account, play, compact):
    assert account.column in columns_of("countries")
    countries = play(compact({"policies.war": WAR})).paths.countries
    parts = sum(held.sign * countries[held.column] for held in welfare_accounts())
    np.testing.assert_allclose(countries[f"{WELFARE}_bn"], parts, rtol=1e-12, atol=1e-12)


WAR = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "25%", "source": "made up"}


def test_governments_weigh_the_accounts_under_their_names_and_what_has_no_price_besides():
    weighed = {account.name for account in weighed_accounts()}
    assert weighed < set(Stakes.model_fields)
    assert set(PARTS) - weighed == {"home_sales", "know_how", "foreign_data_centres", CARRYING_OUT}
    for account in weighed_accounts():
        assert account.weighed in str(Stakes.model_fields[account.name].description)


def test_flows_that_count_nowhere_are_only_reported():
    reported = {flow.name for flow in FLOWS if flow.account is None}
    assert reported == {"revenue", "capex", "spending", "unmet", "real_income", "trade", "declared"}


def test_accounts_belong_to_one_kind_of_owner():
    """Profit follows a vendor home; what partners, customers and treasuries get stays in the market's country."""
    assert follows_vendors_home("vendor_profit")
    assert not any(follows_vendors_home(name) for name in ("partner_income", "customer_surplus", "services_tax"))


def test_columns_have_the_shape_of_their_table(play, compact):
    run = play(compact())
    sizes = run.paths.axes.sizes
    for column in COLUMNS:
        shape = tuple(sizes[axis] for axis in DIMS[column.table])
        assert getattr(run.paths, column.table)[column.name].shape[1:-1] == shape, column.name


def test_each_weighed_account_of_goods_moves_a_government(compact):
    """Without its weight a package of tariff cuts is worth something else; no account is weighed for show."""
    goods = [account.name for account in weighed_accounts() if account.block == "goods"]
    scarce = {"few_machines": FEW, "few_soybeans": FEW | {"by": "us", "lists": ["soybeans"], "limit": "40%"}}
    changes = bargain(stakes=BOTH) | {"goods.pass_through": 0.7, "countries.river": {"gdp_bn": 500}}
    [found] = priced(
        compact(changes | {"goods.rerouting": ROUND} | {"policies": {**changes["policies"], **scarce}}), range(1)
    )
    package = found.packages.index(frozenset({"us_removed", "china_removed"}))
    for name in goods:
        assert (np.abs(found.parts[name][:, package]) > 1e-6).any(), name


BOTH = {
    country: {"horizon_years": 5, "discount": 0.06, "waiting_cost_bn": 0.5, "noise_bn": 8}
    | {account.name: 0.5 for account in weighed_accounts()}
    for country in ("us", "china")
}
ROUND = {
    "speed": 1, "real_cost": 0.5, "passed_on": 0.5, "source": "made up",
    "routes": {
        home: {"lists": [goods], "through": "river", "response": 0.5, "limit": 0.2}
        for home, goods in (("west", "machines"), ("east", "soybeans"))
    },
}  # fmt: skip
FEW = {
    "kind": "export_limit", "by": "china", "lists": ["machines"], "limit": "90%", "fee": "5%", "source": "made up",
}  # fmt: skip
