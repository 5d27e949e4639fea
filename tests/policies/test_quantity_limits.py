"""Quotas and limits of exports: what they set, who says what, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.policies import Turn
from tests.commanding import ended

QUOTA = {"kind": "quota", "by": "us", "lists": ["machines", "phones"], "limit": {"2019-01-01": "50%"}}
CONTROL = {"kind": "export_limit", "by": "china", "lists": ["machines"], "limit": "40%", "fee": "15%"}
MACHINES, PHONES, SOYBEANS = range(3)


def test_nothing_is_limited_at_the_base_date(levers):
    assert np.isinf(levers.limit_of_buyers).all()
    assert np.isinf(levers.limit_of_sellers).all()
    assert not levers.export_fee.any()


def test_a_quota_sets_the_limit_of_each_of_its_lists_from_its_date_on(levers, instrument, turn, changed):
    quota = instrument(**QUOTA)
    quota.apply(levers, turn(month=5))
    assert not changed()
    quota.apply(levers, turn(month=6, active=[True, False, True]))
    assert set(changed()) == {"limit_of_buyers"}
    for row in (MACHINES, PHONES):
        np.testing.assert_array_equal(levers.limit_of_buyers[row], [0.5, np.inf, 0.5])
    assert np.isinf(levers.limit_of_buyers[SOYBEANS]).all()


def test_a_control_sets_limit_and_fee(levers, instrument, turn, changed):
    instrument(**CONTROL).apply(levers, turn())
    assert set(changed()) == {"limit_of_sellers", "export_fee"}
    np.testing.assert_array_equal(levers.export_fee[MACHINES], 0.15)


@pytest.mark.parametrize("who", ["importer", "exporter"])
@pytest.mark.parametrize("kind", [QUOTA | {"limit": "50%"}, {**CONTROL, "fee": None}])
def test_the_rent_is_where_the_scenario_says(levers, instrument, turn, changed, kind, who):
    instrument(**{name: held for name, held in kind.items() if held is not None}, rent_to=who).apply(levers, turn())
    assert set(changed()) == {"limit_of_buyers" if who == "importer" else "limit_of_sellers"}


def test_a_quota_on_sectors_and_origins_limits_the_part_of_each_list_that_belongs_to_them():
    quota = {"kind": "quota", "by": "us", "sectors": ["electronics"], "origins": ["china"], "limit": "40%"}
    scenario = sim.load("base_2018", {"policies.mine": quota | {"source": "made up"}})
    rules = build_world(scenario, Draws(1, range(2))).base.levers.copy()
    whole = np.ones(2, dtype=np.bool_)
    number = lambda held: np.full(2, held.central)  # noqa: E731
    step = lambda schedule: schedule.steps[-1][1]  # noqa: E731
    scenario.policies["mine"].apply(rules, Turn(0, whole, number, step, ~whole))
    for name, limit in zip(scenario.goods.lists, rules.limit_of_buyers, strict=True):
        held = scenario.goods.lists[name]
        part = held.sectors["electronics"].central if "electronics" in held.sectors else 0.0
        about = held.importer == "us" and held.exporter == "china" and part
        np.testing.assert_allclose(limit, 1 - part * (1 - 0.4) if about else np.inf, err_msg=name)
    assert np.isinf(rules.limit_of_sellers).all()


def test_a_quota_on_an_origin_is_one_on_all_its_lists(different):
    listed = {"lists": [name for name, held in sim.load("base_2018").goods.lists.items() if held.exporter == "taiwan"]}
    quota = {"kind": "quota", "by": "us", "limit": {"2019-01-01": "60%"}, "source": "made up"}
    runs = [
        run_batch(sim.load("base_2018", {"months": 12, "policies.mine": quota | about}), range(3), 1)
        for about in (listed, {"origins": ["taiwan"]})
    ]
    assert different(*runs) == []
    assert runs[0].countries["licence_rent_bn"][-1].any()


@pytest.mark.parametrize(
    ("settings", "where", "words"),
    [
        ("kind: quota, by: us, lists: [us_list_7], limit: 50%", "4: policies.mine.lists.0", "did you mean us_list_3?"),
        ("kind: quota, by: us, lists: [], limit: 50%", "4: policies.mine", "give lists, or sectors and origins"),
        ("kind: quota, by: us, lists: [us_list_1]", "4: policies.mine", "limit"),
        (
            "kind: quota, by: us, sectors: [steel], limit: 50%",
            "4: policies.mine.sectors.0",
            "there is no sector 'steel'",
        ),
        ("kind: quota, by: us, origins: [chinna], limit: 50%", "4: policies.mine.origins.0", "did you mean china?"),
        ("kind: quota, origins: [china], limit: 50%", "4: policies.mine", "lacks `by`"),
        (
            "kind: quota, by: china, origins: [taiwan], limit: 50%",
            "4: policies.mine.by",
            "limits on imports of goods from",
        ),
        (
            "kind: quota, by: us, lists: [us_list_1], origins: [china], limit: 50%",
            "4: policies.mine",
            "give one of both",
        ),
        ("kind: quota, by: china, origins: [us], limit: 1%", "4: policies.mine.limit", "expected 0.04 or more"),
        ("kind: quota, by: us, lists: [us_list_1], limit: 50", "4: policies.mine.limit", "can be read in two ways"),
        ("kind: quota, by: us, lists: [us_list_1], limit: 0", "4: policies.mine.limit", "outside 0.001 to 10"),
        (
            "kind: quota, by: us, lists: [us_list_1], limit: 50%, rent_to: us",
            "4: policies.mine.rent_to",
            "known: exporter, importer",
        ),
        ("kind: quota, by: us, lists: [us_list_1, us_list_1], limit: 50%", "4: policies.mine.lists.1", "already"),
        ("kind: quota, by: china, lists: [us_list_1], limit: 50%", "4: policies.mine.by", "write `by: us`"),
        ("kind: export_limit, by: us, lists: [us_list_1], limit: 50%", "4: policies.mine.by", "write `by: china`"),
        ("kind: export_limit, by: us, lists: [us_from_taiwan], fee: 5%", "4: policies.mine.by", "leave `by` out"),
        ("kind: export_limit, by: china, lists: [us_list_1]", "4: policies.mine", "give limit, fee, or both"),
        ("kind: export_limit, by: china, lists: [us_list_1], fee: 60%", "4: policies.mine.fee", "outside 0 to 0.5"),
        ("kind: quota, by: china, lists: [china_list_2], limit: 1%", "4: policies.mine.limit", "expected 0.04 or more"),
        (
            "kind: quota, by: china, lists: [china_list_2], limit: {2020-01-01: 50%, 2021-01-01: 1%}",
            "4: policies.mine.limit.2021-01-01",
            "more than 100 times as dear",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_expected(tmp_path, settings, where, words):
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: base_2018\ntitle: Mine\npolicies:\n  mine: {{{settings}}}\n", "utf-8")
    said = ended("check", path)
    assert said.returncode == 2
    assert sum(line.startswith(f"{path}:{where}: ") for line in said.stderr.splitlines()) == 1
    assert words in " ".join(said.stderr.split())


def test_a_region_without_a_government_may_be_limited_by_the_world_at_large():
    limit = {"kind": "export_limit", "lists": ["us_from_taiwan"], "limit": "90%", "source": "made up"}
    assert sim.load("base_2018", {"policies.mine": limit}).policies["mine"].rent_to == "exporter"
