"""Checks of goods trade in its general form: right as it is, and mistakes planted in its accounts are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.model.minds.goods_block import GoodsBlock
from sim.studies.doctor.finding import Verdict
from sim.studies.doctor.goods_accounts import (
    parts_of_real_income_add_up,
    tariff_losses_are_areas,
    tariff_revenue_is_rate_times_imports,
)
from sim.studies.doctor.patient import Patient

CHECKS = (tariff_revenue_is_rate_times_imports, tariff_losses_are_areas, parts_of_real_income_add_up)


def verdicts(**changes):
    patient = Patient(sim.load("talks_collapse", {"months": 24} | changes), range(5), 1)
    return [check(patient).verdict for check in CHECKS]


def scaled(account, factor):
    """A block that counts an account of every country some times over."""
    right = GoodsBlock.at

    def wrong(self, tariff, response, bought_now=None):
        trade = right(self, tariff, response, bought_now)
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
