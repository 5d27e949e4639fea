"""Limits of quantity on goods: what is traded, what buyers pay, and who has the rent."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.integrate import quad

import sim
from sim.model.batch import run_batch
from sim.model.equations.goods_trade import limited_trade
from tests.commanding import command, ended

US, CHINA = 0, 1
MACHINES_BN, PHONES_BN, ELASTICITY = 500, 100, 2.5
FREE = MACHINES_BN * 1.03**ELASTICITY
QUOTA = {"kind": "quota", "by": "us", "lists": ["machines"], "limit": {"2019-01-01": "50%"}, "source": "made up"}
CONTROL = QUOTA | {"kind": "export_limit", "by": "china"}
FROM = 2
"""First quarter with the limit."""
PSI = pytest.mark.parametrize("psi", [1, 0.7])


def limited(play, compact, policy=None, draws=range(1), **changes):
    policies = {} if policy is None else {"policies.limit": policy}
    return play(compact(policies | changes), draws)


def yearly(run, name, country):
    return 4 * run.paths.countries[f"{name}_bn"][:, country, 0]


def more(run, plain, name, country):
    """What a limit adds to an account of a country, bn USD a year."""
    return yearly(run, name, country) - yearly(plain, name, country)


@pytest.mark.parametrize("policy", [QUOTA, CONTROL, CONTROL | {"fee": "0%"}, QUOTA | {"rent_to": "exporter"}])
@pytest.mark.parametrize("form", ["partial", "general"])
@pytest.mark.depth
def test_a_limit_that_does_not_bind_is_no_limit_bit_for_bit(play, compact, different, policy, form):
    loose = policy | {"limit": {"2019-01-01": "400%"}}
    if form == "partial":
        runs = [limited(play, compact, given, range(4), **{"goods.pass_through": 0.8}) for given in (None, loose)]
        paths = [run.paths for run in runs]
    else:
        listed = loose | {"lists": ["us_list_3"]}
        changes = ({}, {"policies.limit": listed})
        paths = [run_batch(sim.load("talks_collapse", {"months": 36} | changed), range(4), 1) for changed in changes]
    assert different(*paths) == []


@PSI
@pytest.mark.parametrize("policy", [QUOTA, CONTROL])
def test_what_is_traded_is_the_limit_and_the_rent_is_the_gap_of_prices_times_it(play, compact, policy, psi):
    plain, run = (limited(play, compact, held, **{"goods.pass_through": psi}) for held in (None, policy))
    received = 1 - (1 - psi) * 0.03
    free = MACHINES_BN * (1 + psi * 0.03) ** ELASTICITY / received
    sold = 0.5 * MACHINES_BN / received
    price = (free / sold) ** (1 / ELASTICITY)
    rent = (price - 1 - psi * 0.03) * sold
    holder = US if policy is QUOTA else CHINA
    np.testing.assert_allclose(yearly(run, "licence_rent", holder)[FROM:], rent, rtol=1e-9)
    assert not run.paths.countries["licence_rent_bn"][:FROM].any()
    assert not run.paths.countries["licence_rent_bn"][:, 1 - holder].any()
    exported = -0.5 * MACHINES_BN + (rent if policy is CONTROL else 0)
    np.testing.assert_allclose(more(run, plain, "exports", CHINA)[FROM:], exported, rtol=1e-9)
    np.testing.assert_allclose(more(run, plain, "imports", US)[FROM:], exported, rtol=1e-9)
    np.testing.assert_allclose(more(run, plain, "tariff_revenue", US)[FROM:], -0.03 * sold, rtol=1e-9)
    np.testing.assert_allclose(more(run, plain, "terms_of_trade", CHINA)[FROM:], (1 - psi) * 0.03 * sold, atol=1e-9)
    loss = quad(lambda p: free * p**-ELASTICITY, 1 + psi * 0.03, price, epsabs=1e-11)[0]
    np.testing.assert_allclose(more(run, plain, "consumer_loss", US)[FROM:], loss, rtol=1e-9)


@PSI
@pytest.mark.parametrize("policy", [QUOTA, CONTROL, CONTROL | {"fee": "20%"}])
def test_what_one_side_pays_the_other_has_but_for_the_deadweight_loss(play, compact, policy, psi):
    plain, run = (limited(play, compact, held, **{"goods.pass_through": psi}) for held in (None, policy))
    gained = sum(more(run, plain, "welfare", country) for country in (US, CHINA))
    cloud = ("vendor_profit", "partner_income", "customer_surplus", "services_tax")
    clouds = sum(more(run, plain, name, country) for name in cloud for country in (US, CHINA))
    wasted = more(run, plain, "deadweight_loss", US)
    np.testing.assert_allclose((gained - clouds)[FROM:], -wasted[FROM:], rtol=1e-9)
    assert (wasted[FROM:] > 1).all()


def test_a_limit_is_the_tariff_that_makes_demand_meet_it(play, compact):
    """Once trade has moved, a quota and its tariff cost buyers the same, and the rent is the revenue of the rest."""
    at_once = {"goods.adjustment": 10_000}
    price = 1.03 * 2 ** (1 / ELASTICITY)
    tariff = {"kind": "tariff", "by": "us", "lists": ["machines"], "source": "made up"}
    tariff |= {"rate": {"2019-01-01": price - 1.03}}
    quota, taxed = (limited(play, compact, policy, **at_once) for policy in (QUOTA, tariff))
    for name in ("consumer_loss", "deadweight_loss", "exports", "welfare"):
        np.testing.assert_allclose(yearly(quota, name, US), yearly(taxed, name, US), rtol=1e-9)
    whole = yearly(quota, "tariff_revenue", US) + yearly(quota, "licence_rent", US)
    np.testing.assert_allclose(whole, yearly(taxed, "tariff_revenue", US), rtol=1e-9)


def test_a_tariff_on_goods_that_are_limited_comes_out_of_the_rent(play, compact):
    """Buyers pay what scarcity says; the treasury takes it from those who have licences."""
    tariff = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "20%", "source": "made up"}
    at_once = {"goods.adjustment": 10_000}
    plain = limited(play, compact, QUOTA, **at_once)
    taxed = limited(play, compact, QUOTA, **at_once, **{"policies.war": tariff})
    np.testing.assert_allclose(yearly(taxed, "consumer_loss", US)[FROM:], yearly(plain, "consumer_loss", US)[FROM:])
    np.testing.assert_allclose(more(taxed, plain, "licence_rent", US)[FROM:], -0.2 * 0.5 * MACHINES_BN, rtol=1e-9)


def test_a_fee_below_the_rent_is_a_transfer_from_sellers_to_their_treasury(play, compact):
    plain, run = (limited(play, compact, policy) for policy in (CONTROL, CONTROL | {"fee": {"2019-01-01": "15%"}}))
    scarcity = 1.03 * 2 ** (1 / ELASTICITY) - 1.03
    fee = 0.15 * (1 + scarcity) * 0.5 * MACHINES_BN
    np.testing.assert_allclose(yearly(run, "export_fees", CHINA)[FROM:], fee, rtol=1e-9)
    np.testing.assert_allclose(more(run, plain, "licence_rent", CHINA)[FROM:], -fee, rtol=1e-9)
    for name in ("welfare", "consumer_loss", "exports", "deadweight_loss"):
        for country in (US, CHINA):
            np.testing.assert_allclose(yearly(run, name, country), yearly(plain, name, country), rtol=1e-12)


def test_a_fee_without_a_limit_is_paid_by_buyers_and_leaves_sellers_what_they_had(play, compact):
    fee = {"kind": "export_limit", "by": "china", "lists": ["machines"], "fee": {"2019-01-01": "20%"}}
    run = limited(play, compact, fee | {"source": "made up"})
    sold = FREE * (1.03 + 0.25) ** -ELASTICITY
    np.testing.assert_allclose(yearly(run, "export_fees", CHINA)[FROM:], 0.25 * sold, rtol=1e-9)
    assert not run.paths.countries["licence_rent_bn"].any()
    np.testing.assert_allclose(yearly(run, "exports", CHINA)[FROM:], sold * 1.25 + PHONES_BN, rtol=1e-9)


def test_the_lower_of_two_limits_holds_and_has_the_rent(play, compact):
    both = {"policies.control": CONTROL | {"limit": {"2019-01-01": "30%", "2019-07-01": "70%"}}}
    run = limited(play, compact, QUOTA, **both)
    rents = run.paths.countries["licence_rent_bn"][:, :, 0]
    assert rents[2:4, CHINA].all()
    assert not rents[2:4, US].any()
    assert rents[4:, US].all()
    assert not rents[4:, CHINA].any()


def test_lost_exports_lower_cloud_spending_less_where_the_exporters_have_the_rent(play, compact):
    plain, theirs, ours = (limited(play, compact, held) for held in (None, QUOTA | {"rent_to": "exporter"}, QUOTA))
    spent = [run.paths.markets["total_bn"][-1, run.market("china"), 0] for run in (plain, theirs, ours)]
    assert spent[0] > spent[1] > spent[2]


@pytest.mark.parametrize("policy", [QUOTA, CONTROL | {"fee": "25%"}])
def test_real_income_of_regions_is_the_sum_of_its_parts(policy):
    held = {"lists": ["us_list_3"], "limit": "40%", "source": "made up"}
    runs = [
        run_batch(sim.load("talks_collapse", {"months": 36, "goods.pass_through": 0.8} | changed), range(6), 1)
        for changed in ({}, {"policies.limit": policy | held})
    ]
    parts = {"tariff_revenue": 1, "consumer_loss": -1, "terms_of_trade": 1, "licence_rent": 1, "export_fees": 1}
    for country in ("us", "china"):
        c, r = runs[0].axes.countries.index(country), runs[0].axes.regions.index(country)
        told = [run.regions["real_income_bn"][:, r] for run in runs]
        found = [sum(sign * run.countries[f"{name}_bn"][:, c] for name, sign in parts.items()) for run in runs]
        np.testing.assert_allclose(told[1] - told[0], found[1] - found[0], rtol=1e-9, atol=1e-9)
        assert (np.abs(told[1] - told[0])[-1] > 0.01).all()
    others = [r for r, name in enumerate(runs[0].axes.regions) if name not in {"us", "china"}]
    one, other = (run.regions["real_income_bn"][:, others] for run in runs)
    np.testing.assert_array_equal(one, other)


def test_a_draw_alone_is_limited_as_it_is_in_a_batch(play, compact):
    """Draws in which the limit binds, and in which it does not, side by side."""
    unsure = {"goods.import_elasticity.us": {"uniform": [1.5, 4]}, "goods.pass_through": {"uniform": [0.5, 1]}}
    policy = CONTROL | {"limit": {"uniform": ["50%", "150%"]}, "fee": {"uniform": [0, 0.3]}}
    batch = limited(play, compact, policy, range(20), **unsure).paths.countries
    assert (batch["licence_rent_bn"][-1, CHINA] > 1e-9).any()
    assert (batch["licence_rent_bn"][-1, CHINA] < 1e-9).any()
    alone = limited(play, compact, policy, range(7, 8), **unsure).paths.countries
    for name, values in batch.items():
        np.testing.assert_array_equal(alone[name][..., 0], values[..., 7], err_msg=name)


def test_rent_is_never_below_zero_nor_is_more_traded_than_is_wanted_or_allowed():
    rng = np.random.default_rng(3)
    wanted, allowed, elasticity = rng.uniform(0.1, 9, (3, 1, 400))
    fee, price, received = rng.uniform(0, 0.5, 400), rng.uniform(1, 2, (1, 400)), rng.uniform(0.3, 1, (1, 400))
    held = limited_trade(wanted, allowed, fee, (price, received), elasticity)
    left = wanted - held.gone
    assert (held.rent >= 0).all()
    assert (held.gone >= -1e-15).all()
    assert (left <= np.minimum(wanted, allowed) * (1 + 1e-12)).all()
    assert (held.loss + 1e-12 >= held.rent + held.fee).all()


@pytest.mark.depth
def test_the_command_runs_a_quota_and_tells_who_has_the_rent(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "extends: talks_collapse\ntitle: Fewer machines\nquestion: Who has the rent?\nmonths: 36\npolicies:\n"
        "  few: {kind: quota, by: us, lists: [us_list_3], limit: {2020-01-01: 40%}, rent_to: exporter, "
        'source: "assumption: made up"}\n',
        "utf-8",
    )
    said = command("run", mine, "--draws", "4", "--out", tmp_path / "out", "--no-charts", "--json")
    assert said.returncode == 0, said.stderr
    folder = json.loads(said.stdout)
    assert folder
    kpis = sim.read(tmp_path / "out" / "mine").kpis
    assert (kpis["licence_rent_china_cum_bn"] > 1).all()
    assert not kpis["licence_rent_us_cum_bn"].any()
    assert ended("doctor", mine, "--draws", "3").returncode == 0
