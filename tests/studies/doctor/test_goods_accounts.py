"""Checks of goods trade in its general form: right as it is, and mistakes planted in its accounts are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.model.equations.goods_trade import limited_trade
from sim.model.equations.rerouting import detoured, rerouted_later
from sim.model.minds import detours, goods_block
from sim.model.minds.goods_block import GoodsBlock
from sim.studies.doctor.clock import trade_moves_at_its_speed
from sim.studies.doctor.finding import Verdict
from sim.studies.doctor.goods_accounts import (
    limits_bring_the_gap_of_prices,
    parts_of_real_income_add_up,
    tariff_losses_are_areas,
    tariff_revenue_is_rate_times_imports,
    what_goods_avoid_is_the_gap_of_tariffs,
)
from sim.studies.doctor.patient import Patient

CHECKS = (tariff_revenue_is_rate_times_imports, tariff_losses_are_areas, parts_of_real_income_add_up)


def verdicts(**changes):
    patient = Patient(sim.load("talks_collapse", {"months": 24} | changes), range(5), 1)
    return [check(patient).verdict for check in CHECKS]


def scaled(account, factor):
    """A block that counts an account of every country some times over."""
    right = GoodsBlock.at

    def wrong(self, *seen):
        trade = right(self, *seen)
        return replace(trade, accounts=trade.accounts | {account: factor * trade.accounts[account]})

    return wrong


@pytest.mark.parametrize("pass_through", [1, 0.7])
@pytest.mark.parametrize("form", ["general", "partial"])
def test_accounts_hold_whoever_pays_and_whatever_settles(form, pass_through):
    found = verdicts(**{"goods.form": form, "goods.pass_through": pass_through})
    last = Verdict.PASSED if form == "general" else Verdict.NOT_APPLICABLE
    assert found == [Verdict.PASSED, Verdict.PASSED, last]


@pytest.mark.parametrize(
    ("account", "caught_by"),
    [("tariff_revenue", (0, 2)), ("consumer_loss", (1, 2)), ("deadweight_loss", (1,)), ("terms_of_trade", (2,))],
)
def test_an_account_that_is_counted_otherwise_is_found(account, caught_by, monkeypatch):
    monkeypatch.setattr(GoodsBlock, "at", scaled(account, 1.001))
    found = verdicts()
    assert {place for place, verdict in enumerate(found) if verdict is Verdict.FAILED} == set(caught_by)


@pytest.mark.parametrize("form", ["general", "partial"])
def test_accounts_hold_with_goods_at_sea_and_purchases_put_off(form):
    """The peak of April 2025, which half of the goods at sea miss and importers wait out."""
    patient = Patient(sim.load("escalation_2025", {"goods.form": form, "months": 93}), range(2), 1)
    assert np.abs(patient.visit.months["bought_now"] - 1).max() > 0.1
    assert patient.visit.months["tariff_at_sea"].max() > 0.1
    last = Verdict.PASSED if form == "general" else Verdict.NOT_APPLICABLE
    assert [check(patient).verdict for check in CHECKS] == [Verdict.PASSED, Verdict.PASSED, last]


LIMITS = {
    "policies.quota": {
        "kind": "quota", "by": "us", "lists": ["us_list_3"], "limit": {"2019-03-01": "40%"}, "source": "made up",
    },
    "policies.control": {
        "kind": "export_limit", "by": "us", "lists": ["china_list_2"], "limit": {"2019-01-01": "60%"}, "fee": "15%",
        "source": "made up",
    },
}  # fmt: skip


def under_limits(**changes):
    patient = Patient(sim.load("talks_collapse", {"months": 24} | LIMITS | changes), range(5), 1)
    return [check(patient).verdict for check in (*CHECKS, limits_bring_the_gap_of_prices)]


@pytest.mark.parametrize("pass_through", [1, 0.7])
@pytest.mark.parametrize("form", ["general", "partial"])
def test_accounts_hold_where_quantities_are_limited(form, pass_through):
    found = under_limits(**{"goods.form": form, "goods.pass_through": pass_through})
    third = Verdict.PASSED if form == "general" else Verdict.NOT_APPLICABLE
    assert found == [Verdict.PASSED, Verdict.PASSED, third, Verdict.PASSED]


@pytest.mark.parametrize("account", ["licence_rent", "export_fees"])
def test_a_rent_or_fee_that_is_counted_otherwise_is_found(account, monkeypatch):
    monkeypatch.setattr(GoodsBlock, "at", scaled(account, 1.001))
    assert under_limits() == [Verdict.PASSED, Verdict.PASSED, Verdict.FAILED, Verdict.FAILED]


MISTAKES = {
    "the rent is a triangle": lambda held: replace(held, rent=0.5 * held.rent),
    "the fee is no part of the rent": lambda held: replace(held, rent=held.rent + held.fee),
    "buyers lose no more than the rent": lambda held: replace(held, loss=held.rent + held.fee),
    "all is still traded": lambda held: replace(held, gone=0.0 * held.gone),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("form", ["general", "partial"])
@pytest.mark.depth
def test_a_limit_that_is_worked_out_wrongly_is_found(mistake, form, monkeypatch):
    monkeypatch.setattr(goods_block, "limited_trade", lambda *seen: mistake(limited_trade(*seen)))
    assert Verdict.FAILED in under_limits(**{"goods.form": form})


ROUTES = {
    "goods.rerouting": {
        "speed": 2, "real_cost": 0.4, "passed_on": {"uniform": [0.2, 0.8]}, "source": "made up",
        "routes": {
            "south": {
                "lists": ["us_list_1", "us_list_3"], "through": "us_from_vietnam", "response": 0.8, "limit": 0.1,
                "kept_by": "importer",
            },
            "north": {
                "lists": ["us_list_3"], "through": "us_from_mexico", "response": {"uniform": [0.1, 9]}, "limit": 0.95,
            },
            "home": {
                "lists": ["china_list_2"], "through": "taiwan", "response": 0.5, "limit": 0.3, "kept_by": "through",
            },
        },
    }
}  # fmt: skip


def on_routes(**changes):
    patient = Patient(sim.load("talks_collapse", {"months": 24} | ROUTES | changes), range(5), 1)
    checks = (*CHECKS, what_goods_avoid_is_the_gap_of_tariffs, trade_moves_at_its_speed)
    return [check(patient).verdict for check in checks]


@pytest.mark.parametrize("pass_through", [1, 0.7])
@pytest.mark.parametrize("form", ["general", "partial"])
def test_accounts_hold_where_goods_avoid_tariffs(form, pass_through):
    found = on_routes(**{"goods.form": form, "goods.pass_through": pass_through} | LIMITS)
    third = Verdict.PASSED if form == "general" else Verdict.NOT_APPLICABLE
    assert found == [Verdict.PASSED, Verdict.PASSED, third, Verdict.PASSED, Verdict.PASSED]


def test_accounts_hold_where_goods_at_sea_avoid_tariffs():
    patient = Patient(sim.load("escalation_2025", {"months": 93} | ROUTES), range(2), 1)
    assert patient.visit.months["tariff_at_sea"].max() > 0.1
    checks = (*CHECKS, what_goods_avoid_is_the_gap_of_tariffs, trade_moves_at_its_speed)
    assert [check(patient).verdict for check in checks] == [Verdict.PASSED] * 5


@pytest.mark.parametrize("account", ["rerouting_gain", "avoided_duty", "rerouted"])
def test_duties_avoided_that_are_counted_otherwise_are_found(account, monkeypatch):
    monkeypatch.setattr(GoodsBlock, "at", scaled(account, 1.001))
    assert on_routes()[3] is Verdict.FAILED


WRONG_TURNS = {
    "all that is saved is kept": lambda held: held._replace(kept=held.avoided),
    "nothing is used up": lambda held: held._replace(wasted=0.0 * held.wasted),
    "buyers get nothing of it": lambda held: held._replace(priced=held.priced + 0.01),
    "goods go round to pay as much": lambda held: held._replace(avoided=0.5 * held.avoided),
}


@pytest.mark.parametrize("mistake", WRONG_TURNS.values(), ids=WRONG_TURNS)
@pytest.mark.parametrize("form", ["general", "partial"])
@pytest.mark.depth
def test_a_detour_that_is_worked_out_wrongly_is_found(mistake, form, monkeypatch):
    monkeypatch.setattr(detours, "detoured", lambda *seen: mistake(detoured(*seen)))
    assert Verdict.FAILED in on_routes(**{"goods.form": form})


def test_goods_that_turn_too_fast_are_found(monkeypatch):
    faster = lambda now, goal, speed, months: rerouted_later(now, goal, 1.5 * speed, months)  # noqa: E731
    monkeypatch.setattr(detours, "rerouted_later", faster)
    assert Verdict.FAILED in on_routes()
