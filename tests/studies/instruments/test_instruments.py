"""The study on a small world, and as the command: instruments, parts that add up, channels, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.report.kept_table import Kept
from sim.studies.instruments.effect_channels import WHOLE, channels_of
from sim.studies.instruments.instrument_list import exchange_of
from sim.studies.instruments.instruments_page import answer_of
from sim.studies.instruments.instruments_study import Shared, ledger_of
from tests.commanding import ended

REFUSED, DRAWS = 2, 6
UNSURE = {"months": 24, "presence.owned.sunk_cost_bn": {"uniform": [0.02, 0.3]}}
OPENED = {"policies.opening": {
    "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01", "source": "made up",
}}  # fmt: skip
TARIFF = {"policies.surcharge": {
    "kind": "tariff", "by": "us", "lists": ["machines"], "rate": 0.1, "starts": "2019-01-01", "source": "made up",
}}  # fmt: skip
IDLE = {"zones.harbour.incidents_per_year": 3}
OTHER = {"demand.market_elasticity": 1.9}


def everything(count):
    return range(1 << count)


@pytest.fixture(scope="module")
def pair(compact):
    package = compact(UNSURE | OPENED | TARIFF | IDLE | OTHER)
    return compact(UNSURE), package.model_copy(update={"name": "package"})


@pytest.fixture(scope="module")
def found(pair):
    return ledger_of(*pair, draws=DRAWS, workers=1)


def test_each_policy_and_each_other_value_is_an_instrument(found):
    assert [one.name for one in found.instruments] == [
        "policies.opening", "policies.surcharge", "demand.market_elasticity", "zones.harbour.incidents_per_year",
    ]  # fmt: skip


def test_parts_add_up_in_every_draw_to_the_difference_of_runs_with_the_same_seed(found, pair):
    runs = [sim.run(scenario, draws=DRAWS, workers=1).kpis for scenario in pair]
    for held in found.shared:
        np.testing.assert_allclose(held.parts.sum(axis=0), held.total, atol=1e-9)
    for kpi in found.kpis:
        whole, *channels = found.of(kpi)
        np.testing.assert_array_equal(whole.total, runs[1][kpi] - runs[0][kpi])
        if channels:
            np.testing.assert_allclose(sum(held.parts for held in channels), whole.parts, atol=1e-9)
    losses = [held for held in found.of("welfare_us_cum_bn") if held.channel == "buyers' loss from tariffs"]
    assert losses[0].parts[1].max() < 0, "a loss counts as one"


def test_what_changes_nothing_has_exactly_nothing_and_is_said_to(found):
    assert [one.name for one in found.idle] == ["zones.harbour.incidents_per_year"]
    for held in found.shared:
        assert (held.parts[3] == 0).all()
    assert "zones.harbour.incidents_per_year" in str(answer_of(found, Kept("ledger", found.table()))[-1])


def test_two_instruments_are_shared_out_by_hand(compact):
    """Of two that do something each has half of what it brings alone and half of what it brings last."""
    worlds = [compact(UNSURE | held) for held in ({}, OPENED, OTHER, OPENED | OTHER)]
    found = ledger_of(worlds[0], worlds[3], "us_vendors_profit_in_china_cum_bn", draws=DRAWS, workers=1)
    figures = [sim.run(world, draws=DRAWS, workers=1).kpis[found.kpis[0]].to_numpy() for world in worlds]
    alone, last = figures[1] - figures[0], figures[3] - figures[2]
    assert np.abs(alone - last).max() > 1e-6, "they act together"
    whole = found.shared[0]
    np.testing.assert_allclose(whole.parts[0], (alone + last) / 2, atol=1e-9)
    np.testing.assert_array_equal(whole.alone[0], alone)
    np.testing.assert_array_equal(whole.last[0], last)


@pytest.mark.parametrize(("lead", "order_error", "is_told"), [(1.0, 0.0, True), (0.01, 0.0, False), (1.0, 2.0, False)])
def test_a_part_is_the_largest_only_where_draws_and_orders_tell_it_from_the_next(lead, order_error, is_told):
    """Two parts with the same luck but for noise, the larger of which is a loss."""
    rng = np.random.default_rng(2)
    luck = rng.normal(size=100)
    parts = np.stack([3 + luck, -(3 + lead + luck + 0.3 * rng.normal(size=100)), np.zeros(100)])
    held = Shared("x_cum_bn", WHOLE, parts, np.full(3, order_error), parts, parts, parts.sum(axis=0))
    assert held.leader == (1, is_told)


def test_a_zone_and_the_policy_that_opens_it_are_one_instrument_and_orders_of_policies_stay(compact, pilot):
    quay = compact().model_dump(mode="json")["zones"]["harbour"] | {"title": "Quay"}
    new = {"zones.quay": quay, "policies.quay_pilot": pilot(zone="quay")["policies.pilot"]}
    exchange = exchange_of(compact(OPENED), compact(OPENED | new | OTHER), everything)
    assert [one.in_full for one in exchange.instruments] == [
        "policies.quay_pilot with zones.quay", "demand.market_elasticity",
    ]  # fmt: skip
    assert exchange.with_subset(0) == exchange.reference
    assert exchange.with_subset(3) == exchange.package
    assert set(exchange.with_subset(1).zones) == {"harbour", "quay"}
    back = exchange_of(compact(OPENED | new), compact(OPENED), everything)
    assert [one.in_full for one in back.instruments] == ["policies.quay_pilot with zones.quay"]


def test_talks_hang_together_with_what_waits_for_them_and_no_further():
    exchange = exchange_of(sim.load("guiyang_pilot"), sim.load("deal_spring_2019"), everything)
    breaks, without, by_deal = sorted(exchange.instruments, key=lambda one: len(one.parts))
    talks = exchange.package.talks
    assert {part[1] for part in without.parts if part[0] == "policies"} == set(talks.if_no_deal)
    waiting = {name for name, policy in exchange.package.policies.items() if policy.by_deal}
    assert {part[1] for part in by_deal.parts if part[0] == "policies"} == waiting - set(talks.if_no_deal)
    assert breaks.in_full == "talks.breakdown_per_year"


def test_more_than_six_instruments_go_by_orders_and_still_add_up(compact):
    fees = {f"partners.bridge.contracts.{vendor}.fee": 0.3 for vendor in ("eagle", "falcon")}
    many = fees | OPENED | IDLE | OTHER | {"markets.china.firewall": 1.2, "presence.hurdle": 0.1}
    found = ledger_of(compact({"months": 6}), compact({"months": 6} | many), draws=2, pairs=2, workers=1)
    assert (len(found.instruments), found.is_exact) == (7, False)
    assert found.runs < 2**7
    for held in found.shared:
        np.testing.assert_allclose(held.parts.sum(axis=0), held.total, atol=1e-9)


@pytest.mark.parametrize("kpi", ["welfare_china_cum_bn", "us_vendors_profit_in_china_cum_bn", "partners_income_cum_bn"])
def test_channels_add_up_to_their_figure(compact, kpi):
    scenario = compact({"months": 12})
    kpis = sim.run(scenario, draws=2, paths=0, workers=1).kpis
    channels = channels_of(kpi, scenario)
    assert len(channels) > 1
    np.testing.assert_allclose(sum(held.sign * kpis[held.kpi] for held in channels), kpis[kpi], atol=1e-9)
    assert channels_of("hhi_china_end_index", scenario) == ()


# As users run it ------------------------------------------------------------------------------------------------------


HOW = ("--draws", "4", "--set", "months=12", "--workers", "1", "--quiet")


@pytest.mark.depth
def test_the_command_keeps_table_chart_and_page_and_says_the_same(files, tmp_path):
    for _ in range(2):
        done = ended("ledger", *files, *HOW, "--out", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    [folder] = tmp_path.iterdir()
    held = {path.name for path in folder.iterdir()}
    assert {"ledger.csv", "ledger.parquet", "ledger.svg", "report.html", "manifest.json"} <= held
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["instruments"], manifest["runs"]) == ("ledger", ["policies.opening"], 2)
    table = pd.read_csv(folder / "ledger.csv")
    assert set(table["instrument"]) == {"policies.opening", "all"}
    assert "the only instrument, opening" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("more", "said"), [
    (("--kpi", "us_vendors_profit_in_chian_cum_bn"), "did you mean us_vendors_profit_in_china_cum_bn"),
    (("--kpi", "foreign_data_centre_first_months"), "not a number in every draw"),
    (("--kpi", "profit"), "is no figure of these scenarios"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_words(files, tmp_path, more, said):
    done = ended("ledger", *files, *HOW, *more, "--out", tmp_path / "out")
    assert done.returncode == REFUSED
    assert said in " ".join(done.stderr.split())
    assert not list((tmp_path / "out").glob("*")), "nothing is half-written"


def test_scenarios_that_do_not_differ_are_refused(files, tmp_path):
    same = files[0].parent / "same.yaml"
    same.write_text("extends: compact\ntitle: Said otherwise\n", encoding="utf-8")
    for other, said in ((same, "no value of the model differs"), (files[0], "is given twice")):
        done = ended("ledger", files[0], other, *HOW, "--out", tmp_path / "out")
        assert done.returncode == REFUSED
        assert said in done.stderr
