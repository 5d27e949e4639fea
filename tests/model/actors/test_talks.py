"""Rounds of talks: packages are signed by script or by chance, bring their policies, and can be broken."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from sim.quantities import NEVER

DEAL_MONTH = 7
LAG = 3
TARIFF = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "25%", "source": "made up"}
AGENDA = {"tariffs": {"keep": [], "remove": ["relief"]}, "access": {"none": [], "open": ["opening"]}}
PACKAGES = {"small": {"tariffs": "remove", "access": "none"}, "large": {"tariffs": "remove", "access": "open"}}
POLICIES = {
    "policies.war": TARIFF,
    "policies.relief": {
        "kind": "tariff_cut", "by": "us", "lists": ["machines"], "cut": "100%", "starts": {"after_deal": 0},
        "source": "made up",
    },
    "policies.opening": {
        "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": {"after_deal": LAG},
        "source": "made up",
    },
}  # fmt: skip


def rounds(*held):
    return [{"date": dt.date(2019, 1 + i, 10), "place": f"round {i + 1}", **one} for i, one in enumerate(held)]


def talks(mode, held, **more):
    plan = {"mode": mode, "agenda": AGENDA, "packages": PACKAGES, "rounds": held, "source": "made up"}
    return POLICIES | {"talks": plan | more, "months": 36}


@pytest.fixture(scope="module")
def by_chance(play, compact):
    held = rounds(*({"signs": "large", "probability": 0.4} for _ in range(3)))
    return play(compact(talks("chance", held)), range(400), watch=("equity_cap", "tariff_layer"))


def test_a_scripted_round_signs_its_package_in_every_draw(play, compact):
    run = play(compact(talks("scripted", rounds({}, {"signs": "small"}, {}))), range(5))
    np.testing.assert_array_equal(run.paths.outcomes["deal_month"], DEAL_MONTH)
    np.testing.assert_array_equal(run.paths.outcomes["package"], list(PACKAGES).index("small"))
    assert run.happened("signed") == [(DEAL_MONTH, "talks", "tariffs: remove (in round 2)", list(range(5)))]


def test_a_round_signs_about_as_often_as_its_probability_says(by_chance):
    month = by_chance.paths.outcomes["deal_month"]
    counts = [int((month == 6 + i).sum()) for i in range(3)]
    expected = [400 * 0.4 * 0.6**i for i in range(3)]
    for count, mean in zip(counts, expected, strict=True):
        assert abs(count - mean) < 4 * mean**0.5
    assert (month == NEVER).sum() == 400 - sum(counts)


def test_each_draw_signs_at_most_once(by_chance):
    signed = list(itertools.chain(*(draws for *_, draws in by_chance.happened("signed"))))
    assert len(signed) == len(set(signed))
    failed = list(itertools.chain(*(draws for *_, draws in by_chance.happened("ended without a deal"))))
    assert sorted(signed + failed) == list(range(400))


def test_a_signed_package_takes_effect_on_its_dates_in_the_draws_that_signed(by_chance):
    deal = by_chance.paths.outcomes["deal_month"]
    months = np.arange(36)[:, None]
    china = by_chance.market("china")
    np.testing.assert_array_equal(by_chance.months["equity_cap"][:, china], np.where(months >= deal + LAG, 1.0, 0.0))
    layer = by_chance.months["tariff_layer"][:, by_chance.world.axes.lists.index("machines")]
    np.testing.assert_array_equal(layer, np.where(months >= deal, 0.0, 0.25))


def test_draws_without_a_deal_keep_the_old_rules(by_chance, play, compact, arrays_of):
    """To the last bit: they equal the same draws of a run without talks."""
    without = play(compact({"policies.war": TARIFF, "months": 36}), range(400))
    no_deal = by_chance.paths.outcomes["deal_month"] == NEVER
    expected = dict(arrays_of(without.paths))
    for name, values in arrays_of(by_chance.paths):
        if not name.startswith("outcomes"):
            assert values[..., no_deal].tobytes() == expected[name][..., no_deal].tobytes(), name


def test_a_package_brings_only_the_policies_of_its_levels(play, compact):
    run = play(compact(talks("scripted", rounds({"signs": "small"}))), range(2), watch=("equity_cap", "tariff_layer"))
    assert not run.months["equity_cap"][:, run.market("china")].any()
    assert not run.months["tariff_layer"][6:].any()


def test_what_comes_without_a_deal_comes_only_after_the_last_round_and_only_there(play, compact):
    held = rounds(*({"signs": "small", "probability": 0.5} for _ in range(2)))
    escalation = TARIFF | {"rate": "10%", "starts": {"after_deal": 2}}
    changes = talks("chance", held, if_no_deal=["escalation"]) | {"policies.escalation": escalation}
    run = play(compact(changes), range(60), watch=("tariff_layer",))
    layer = run.months["tariff_layer"][:, run.world.axes.lists.index("machines")]
    deal = run.paths.outcomes["deal_month"]
    months = np.arange(36)[:, None]
    without = np.where(months >= 7 + 2, 0.25 + 0.1, 0.25)
    expected = np.where(deal < NEVER, np.where(months >= deal, 0, 0.25), without)
    assert 0 < (deal < NEVER).sum() < 60
    np.testing.assert_allclose(layer, expected)


@pytest.fixture(scope="module")
def broken(play, compact):
    held = rounds({"signs": "large"})
    return play(
        compact(talks("scripted", held, breakdown_per_year=0.5)), range(300), watch=("equity_cap", "tariff_layer")
    )


def test_deals_break_at_the_rate_of_the_scenario(broken):
    """Exponential waiting time from the month after the signature, by the end of the run."""
    late = broken.paths.outcomes["broken_month"] < NEVER
    expected = 1 - np.exp(-0.5 * (36 - 7) / 12)
    assert late.mean() == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 300) ** 0.5)
    assert (broken.paths.outcomes["broken_month"] > 6).all()


def test_a_broken_deal_restores_the_rules_from_that_month_on(broken):
    end = broken.paths.outcomes["broken_month"]
    months = np.arange(36)[:, None]
    cap = np.where((months >= 6 + LAG) & (months < end), 1.0, 0.0)
    np.testing.assert_array_equal(broken.months["equity_cap"][:, broken.market("china")], cap)
    layer = broken.months["tariff_layer"][:, broken.world.axes.lists.index("machines")]
    np.testing.assert_array_equal(layer, np.where((months >= 6) & (months < end), 0.0, 0.25))


def test_vendors_that_owned_by_a_deal_fall_back_to_their_partners_when_it_breaks(broken):
    fallen = broken.happened("falls back", "eagle")
    end = broken.paths.outcomes["broken_month"]
    assert fallen
    assert all(detail == "partner in china" for _, _, detail, _ in fallen)
    assert all((end[draws] == month).all() for month, _, _, draws in fallen)


def test_talks_are_the_same_whatever_else_the_scenario_holds(by_chance, play, compact):
    held = rounds(*({"signs": "small", "probability": 0.4} for _ in range(3)))
    other = play(compact(talks("chance", held) | {"demand.budget_shock_sd": 0.2}), range(400))
    np.testing.assert_array_equal(other.paths.outcomes["deal_month"], by_chance.paths.outcomes["deal_month"])
