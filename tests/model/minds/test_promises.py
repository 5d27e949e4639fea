"""What a package is worth where promises may be broken and cost something to keep, on every rung, round after round."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.batch import run_batch
from sim.model.minds.stakes import CARRYING_OUT, PARTS, Pricing
from sim.quantities import NEVER
from sim.timeline import Phase
from tests.bargain import AGENDA, FIRST, MANNER, POLICIES, STAKES, UNSURE, bargain, by_deal, priced

DRAWS = range(12)
US, CHINA = 0, 1


def counting(**promises):
    """The usual stakes, with what governments make of promises."""
    return {country: held | promises for country, held in STAKES.items()}


@pytest.fixture(scope="module")
def worth(compact):
    """Price all packages for governments that make something of promises, [part][country, package, draw]."""

    def of(**promises):
        return priced(compact(bargain(stakes=counting(**promises)) | UNSURE), DRAWS)[0]

    return of


@pytest.fixture(scope="module")
def plain(worth):
    """Promises are kept, and cost nothing."""
    return worth()


def gains(found):
    return sum(found.parts.values())


BY = {name: policy.get("by") for name, policy in POLICIES.items()}


def alone(found, country, package):
    """Place of the package that holds what one country brings of it."""
    return found.packages.index(frozenset(name for name in package if BY[name] == country))


# -- promises of the other side ----------------------------------------------------------------------------------------


def test_promises_that_are_kept_and_cost_nothing_are_worth_what_none_need_be_said_of(worth, plain):
    found = worth(delivery=1, concession_cost=0)
    for part in PARTS:
        np.testing.assert_allclose(found.parts[part], plain.parts[part], rtol=1e-12, atol=1e-12, err_msg=part)
    assert not plain.parts[CARRYING_OUT].any()


def test_of_a_side_that_delivers_nothing_only_what_one_brings_oneself_counts(worth, plain):
    found = worth(delivery=0)
    for package, policies in enumerate(found.packages):
        for i, country in enumerate(STAKES):
            own = alone(plain, country, policies)
            for part in PARTS:
                expected = plain.parts[part][i, own]
                np.testing.assert_allclose(found.parts[part][i, package], expected, rtol=1e-12, atol=1e-12)


def test_between_the_two_a_promise_counts_by_the_chance_that_it_is_kept(worth, plain):
    nothing, found = worth(delivery=0), worth(delivery=0.3)
    for part in PARTS:
        expected = 0.7 * nothing.parts[part] + 0.3 * plain.parts[part]
        np.testing.assert_allclose(found.parts[part], expected, rtol=1e-9, atol=1e-12, err_msg=part)


def test_distrust_of_one_side_takes_nothing_from_what_the_other_one_sees(compact, plain):
    stakes = STAKES | {"us": STAKES["us"] | {"delivery": 0.2}}
    found = priced(compact(bargain(stakes=stakes) | UNSURE), DRAWS)[0]
    assert gains(found)[CHINA].tobytes() == gains(plain)[CHINA].tobytes()
    assert not np.array_equal(gains(found)[US], gains(plain)[US])


def test_what_no_country_brings_is_no_promise_of_the_other_one(compact):
    """A policy of the world at large comes with any package that holds it."""
    policies = POLICIES | {"us_removed": {k: v for k, v in POLICIES["us_removed"].items() if k != "by"}}
    one, other = (
        priced(compact(bargain(policies, stakes=counting(**held)) | UNSURE), DRAWS)[0] for held in ({}, {"delivery": 0})
    )
    package = one.packages.index(frozenset({"us_removed"}))
    np.testing.assert_allclose(gains(other)[:, package], gains(one)[:, package], rtol=1e-12)
    assert gains(one)[CHINA, package].all()


# -- one's own promises ------------------------------------------------------------------------------------------------


def test_what_a_side_promises_costs_it_a_part_of_what_that_is_worth_to_the_other_one(worth, plain):
    """By hand: what the package is worth to the other side, less what that side's own half is worth to it."""
    found, whole = worth(concession_cost=0.25), gains(plain)
    for package, policies in enumerate(found.packages):
        for i, other in ((US, "china"), (CHINA, "us")):
            promised = whole[1 - i, package] - whole[1 - i, alone(plain, other, policies)]
            expected = -0.25 * np.maximum(promised, 0.0)
            np.testing.assert_allclose(found.parts[CARRYING_OUT][i, package], expected, rtol=1e-9, atol=1e-12)
    for part in PARTS[:-1]:
        assert found.parts[part].tobytes() == plain.parts[part].tobytes(), part


def test_keeping_a_promise_costs_the_same_however_little_the_other_side_counts_on_it(worth):
    trusted, distrusted = worth(concession_cost=0.25), worth(concession_cost=0.25, delivery=0.1)
    assert trusted.parts[CARRYING_OUT].tobytes() == distrusted.parts[CARRYING_OUT].tobytes()
    assert trusted.parts[CARRYING_OUT].any()


def test_only_promises_that_help_the_other_side_cost_anything(worth):
    cost = worth(concession_cost=0.5).parts[CARRYING_OUT]
    assert (cost <= 0).all()
    idle = worth(concession_cost=0.5).packages.index(frozenset())
    assert not cost[:, idle].any()


# -- on every rung -----------------------------------------------------------------------------------------------------

OF_GOODS = {
    country: MANNER | {"exports": 0.3, "imports": -0.1, "tariff_revenue": 1, "consumer_loss": 0.75, "resolve": 0.4}
    for country in STAKES
}
"""Nobody cares for clouds, whose size would follow tariffs."""
RUNGS = {
    "rung_one": {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": "10%"},
    "rung_two": {"kind": "tariff", "by": "us", "lists": ["machines", "phones"], "rate": "5%"},
    "rung_three": {"kind": "tariff", "by": "china", "lists": ["soybeans"], "rate": "7%"},
}
LAGS = {"rung_one": 0, "rung_two": 2, "rung_three": 1}
LADDER = [["rung_one"], ["rung_two", "rung_three"]]
STANDING = {name: held | {"source": "made up"} for name, held in RUNGS.items()}
WAITING = {name: by_deal(held["kind"], LAGS[name], **{k: v for k, v in held.items() if k != "kind"})
           for name, held in RUNGS.items()}  # fmt: skip
UNSURE_GOODS = {name: number for name, number in UNSURE.items() if name.startswith("goods")}
MONTHS = (FIRST, FIRST + 2)


def on_rungs(compact, policies=POLICIES, agenda=AGENDA, **plan):
    """Gains on all rungs and worth of climbing, month by month."""
    scenario = compact(bargain(policies, agenda, OF_GOODS, hosts=("us", "china", "us"), **plan) | UNSURE_GOODS)
    found = []

    def look(priced_then, month):
        found.append((priced_then.pricing.gains(month), priced_then.pricing.climbs(month)))

    at_months = priced(scenario, DRAWS, months=MONTHS, then=look)
    return at_months[0].packages, found


@pytest.fixture(scope="module")
def laddered(compact):
    return on_rungs(compact, POLICIES | WAITING, escalation={"probability": 0.5, "rungs": LADDER})


@pytest.mark.parametrize("rung", [0, 1, 2])
def test_gains_on_a_rung_are_those_where_its_policies_stand_from_the_start(compact, laddered, rung):
    standing = {name: STANDING[name] for names in LADDER[:rung] for name in names}
    packages, expected = on_rungs(compact, POLICIES | standing)
    same = [laddered[0].index(package) for package in packages]
    for (found, _), (plain_gains, _) in zip(laddered[1], expected, strict=True):
        np.testing.assert_allclose(found[:, same, rung], plain_gains[:, :, 0], rtol=1e-9, atol=1e-9)


def test_rungs_change_what_a_package_that_cuts_them_is_worth(laddered):
    packages, ((found, _), _) = laddered
    removed = packages.index(frozenset({"us_removed"}))
    assert (found[CHINA, removed, 1] > found[CHINA, removed, 0] + 0.1).all()


@pytest.mark.parametrize("rung", [0, 1])
def test_to_be_a_rung_higher_is_worth_the_difference_between_no_deals(compact, laddered, rung):
    """What a package would be worth that brought the policies of the next rung, those below standing."""
    standing = {name: STANDING[name] for names in LADDER[:rung] for name in names}
    war = {name: POLICIES[name] for name in ("war", "answer")}
    policies = war | standing | {name: WAITING[name] for name in LADDER[rung]}
    packages, expected = on_rungs(compact, policies, {"next": {"no": [], "yes": LADDER[rung]}})
    package = packages.index(frozenset(LADDER[rung]))
    for (_, climbs), (plain_gains, _) in zip(laddered[1], expected, strict=True):
        np.testing.assert_allclose(climbs[:, rung], plain_gains[:, package, 0], rtol=1e-9, atol=1e-9)
        assert climbs[:, rung].all()


def test_nothing_is_above_the_last_rung_and_without_a_ladder_there_is_one_rung(compact, laddered):
    for found, climbs in laddered[1]:
        assert found.shape[2] == climbs.shape[1] == 3
        assert not climbs[:, 2].any()
    for found, climbs in on_rungs(compact)[1]:
        assert found.shape[2] == climbs.shape[1] == 1
        assert not climbs.any()


def test_parts_on_a_rung_add_up_to_the_gains_on_it(compact):
    ladder = {"probability": 0.5, "rungs": LADDER}
    stakes = counting(delivery=0.6, concession_cost=0.2)
    found = priced(compact(bargain(POLICIES | WAITING, stakes=stakes, escalation=ladder) | UNSURE), DRAWS)[0]
    on_all = found.pricing.gains(FIRST)
    for rung in range(3):
        total = sum(found.pricing.parts(FIRST, rung).values())
        np.testing.assert_allclose(on_all[:, :, rung], total, rtol=1e-9, atol=1e-9)


# -- rounds share what has not changed ---------------------------------------------------------------------------------


def test_what_rounds_share_changes_no_bit(compact):
    """Later rounds take over what still holds: a pricing that begins in their month finds the same goods trade.

    In between a tariff comes by date, rungs have been climbed, and deals were signed and have broken.
    """
    phones = {"kind": "tariff", "by": "us", "lists": ["phones"], "rate": "20%", "starts": "2019-03-01"}
    policies = POLICIES | WAITING | {"phones_too": phones | {"source": "made up"}}
    plan = bargain(
        policies, stakes=OF_GOODS, hosts=("us", "china") * 3, breakdown_per_year=3,
        escalation={"probability": 0.5, "rungs": LADDER}, suspension={"probability": 0.2, "resumes_per_year": 12},
    )  # fmt: skip
    scenario = compact(plan | UNSURE_GOODS)
    packages = [scenario.talks.policies_of(package) for package in scenario.talks.choices.values()]
    found = []

    def visit(timeline, world):
        old = None
        for month in range(FIRST, FIRST + 6):
            yield timeline.at(month, Phase.TALKS)
            old = old or Pricing(timeline, world, month, packages)
            new = Pricing(timeline, world, month, packages)
            found.append([(pricing.gains(month), pricing.climbs(month)) for pricing in (old, new)])

    paths = run_batch(scenario, range(60), 1, guests=[visit])
    for (gains_of_old, climbs_of_old), (gains_of_new, climbs_of_new) in found:
        assert gains_of_old.tobytes() == gains_of_new.tobytes()
        assert climbs_of_old.tobytes() == climbs_of_new.tobytes()
    assert (paths.outcomes["broken_month"] < NEVER).any()
    assert found[0][0][0].tobytes() != found[-1][0][0].tobytes()
