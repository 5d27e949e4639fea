"""What may not change a bargain by a bit: neighbours, batches, workers, which country is which, and idle stakes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import sim
from sim.model.batch import run_batch
from sim.model.recorder import PATH_FAMILIES
from sim.model.world import RoundHeld
from sim.quantities import NEVER
from sim.scenario.talks_schema import Stakes
from sim.scenario.yaml_files import plain_data, to_yaml
from tests.bargain import AGENDA, MANNER, POLICIES, STAKES, UNSURE, bargain, by_deal, priced
from tests.depth import depth

RUNGS = {
    "rung_one": by_deal("tariff", 0, by="us", lists=["machines"], rate="10%"),
    "rung_two": by_deal("tariff", 1, by="china", lists=["soybeans"], rate="7%"),
}
RESTLESS = {
    "escalation": {"probability": 0.3, "after_walking": 0.8, "rungs": [["rung_one"], ["rung_two"]]},
    "suspension": {"probability": 0.3, "resumes_per_year": 5},
    "breakdown_per_year": 0.5,
    "hosts": ("us", "china", "us", "china", "us"),
}
"""Rounds after which draws differ in all that can happen."""
LASTING = {"noise_bn": 1, "delivery": {"uniform": [0.6, 1]}, "concession_cost": 0.1}
HIDDEN = {
    country: held | LASTING | {"resolve": {"choice": [0, 0.3, 0.6, 0.9, 1.2], "together": "resolve"}}
    for country, held in STAKES.items()
}
"""Governments that do not know each other's resolve; luck does not tell the two apart."""


@pytest.fixture(scope="module")
def restless(compact):
    return compact(bargain(POLICIES | RUNGS, stakes=HIDDEN, **RESTLESS) | UNSURE)


# -- neighbours, batches and workers -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def among_many(restless):
    return priced(restless, range(300))[0]


@pytest.mark.parametrize("draws", [range(5, 6), range(3, 10), range(120, 140), range(299, 300)], ids=str)
def test_worth_has_the_same_bits_alone_and_among_many(restless, among_many, draws):
    alone = priced(restless, draws)[0]
    for part, worth in alone.parts.items():
        assert worth.tobytes() == among_many.parts[part][..., draws.start : draws.stop].tobytes(), part


UNTOUCHED = {
    "policies": {name: POLICIES[name] for name in ("china_removed", "us_removed", "opening")}
    | {"dearer": by_deal("tariff", 0, by="china", lists=["soybeans"], rate="20%")},
    "agenda": {issue: {level: held for level, held in levels.items() if level != "halve"}
               for issue, levels in AGENDA.items() if issue != "know_how"},
    "escalation": {"probability": 0.5, "rungs": [["dearer"]]},
    "hosts": ("us", "china", "us", "china", "us", "china"),
}  # fmt: skip
"""Nothing touches the American cloud market until a failed round takes American exports, in some draws early."""


FOUND_BY_DRAW = [item.name for item in fields(RoundHeld) if item.name not in {"number", "month", "proposer"}]
"""What is found at a round in each draw."""
FEW = (range(1), range(27, 28), range(3, 10), range(120, 140))


@pytest.mark.parametrize("changes", [{}, {"presence.leak": 0}], ids=["leaks", "none"])
@pytest.mark.parametrize(
    "plan",
    [RESTLESS | {"policies": POLICIES | RUNGS}, RESTLESS | {"policies": POLICIES | RUNGS, "stakes": HIDDEN}, UNTOUCHED],
    ids=["restless", "hidden", "untouched"],
)
@pytest.mark.depth
def test_offers_and_chances_have_the_same_bits_among_few_and_among_many(compact, plan, changes):
    scenario = compact(bargain(**plan) | UNSURE | changes)
    whole = run_batch(scenario, range(200), 1)
    assert len(np.unique(whole.outcomes["deal_month"])) > 3
    for draws in FEW:
        for one, other in zip(run_batch(scenario, draws, 1).rounds, whole.rounds, strict=True):
            for name in FOUND_BY_DRAW:
                found, expected = getattr(one, name), getattr(other, name)[..., draws.start : draws.stop]
                np.testing.assert_array_equal(found, expected, err_msg=f"{draws}, round {one.number}, {name}")


@pytest.mark.depth
def test_a_lone_draw_of_the_talks_of_2018_to_2020_has_the_bits_that_it_has_among_others():
    """The library's own: hidden resolve, a ladder of three rungs, sides that walk away, deals that break."""
    scenario = sim.load("talks_2018_2020", {"months": 30})
    whole = run_batch(scenario, range(12), 1)
    assert any(held.walked.any() for held in whole.rounds)
    assert 0 < (whole.outcomes["deal_month"] < NEVER).sum() < 12
    for draws in (range(1), range(7, 8)):
        for one, other in zip(run_batch(scenario, draws, 1).rounds, whole.rounds, strict=True):
            for name in FOUND_BY_DRAW:
                found, expected = getattr(one, name), getattr(other, name)[..., draws.start : draws.stop]
                np.testing.assert_array_equal(found, expected, err_msg=f"{draws}, round {one.number}, {name}")


@pytest.fixture(scope="module")
def whole_run(restless):
    return sim.run(restless, draws=40, workers=1)


@pytest.mark.parametrize(("batch", "workers"), [pytest.param(1, 1, marks=depth), (7, 1), (None, 2)])
def test_a_bargain_has_the_same_hash_whatever_the_batches_and_workers(restless, whole_run, batch, workers):
    assert whole_run.kpis["deal_signed_end_share"].nunique() == 2
    parts = sim.run(restless, draws=40, workers=workers, batch=batch)
    assert parts.manifest["content_hash"] == whole_run.manifest["content_hash"]


def test_the_order_in_which_vendors_start_changes_nothing(restless, different):
    one, other = (run_batch(restless, range(60), 1, reverse=reverse) for reverse in (False, True))
    assert different(one, other) == []


# -- which country is which --------------------------------------------------------------------------------------------

SAME_LUCK = {
    name: UNSURE[name]
    for name in ("demand.market_elasticity", "goods.pass_through", "goods.growth", "presence.leak", "presence.hurdle")
}
"""Luck that does not know of countries."""
OTHER = {"us": "china", "china": "us"}


def with_countries_swapped(data):
    """Give each country all that is the other's, the order of countries being as before."""
    if isinstance(data, dict):
        swapped = {OTHER.get(key, key): with_countries_swapped(value) for key, value in data.items()}
        return {key: swapped[key] for key in data} if swapped.keys() == data.keys() else swapped
    if isinstance(data, list):
        return [with_countries_swapped(item) for item in data]
    return OTHER.get(data, data) if isinstance(data, str) else data


@pytest.fixture(scope="module")
def twins(compact, tmp_path_factory):
    """A scenario, and the same with the countries swapped."""
    stakes = {country: held | {"terms_of_trade": 0.6, "delivery": 0.8} for country, held in HIDDEN.items()}
    scenario = compact(bargain(POLICIES | RUNGS, stakes=stakes, **RESTLESS) | SAME_LUCK)
    path = tmp_path_factory.mktemp("swapped") / "swapped.yaml"
    path.write_text(to_yaml(with_countries_swapped(plain_data(scenario)) | {"name": "swapped"}), encoding="utf-8")
    swapped = sim.load(path)
    assert list(swapped.countries) == list(scenario.countries)
    assert list(swapped.talks.stakes) == list(scenario.talks.stakes)
    assert swapped.vendors["eagle"].home == "china"
    assert [held.host for held in swapped.talks.rounds] == [OTHER[held.host] for held in scenario.talks.rounds]
    return scenario, swapped


def test_swapping_all_data_of_the_two_countries_swaps_what_packages_are_worth(twins):
    one, other = (priced(scenario, range(100))[0] for scenario in twins)
    assert one.packages == other.packages
    for part, worth in one.parts.items():
        assert worth.any() or part in {"services_tax", "licence_rent", "export_fees", "rerouting_gain"}, part
        np.testing.assert_allclose(other.parts[part][::-1], worth, rtol=1e-9, atol=1e-9, err_msg=part)


def test_swapping_all_data_of_the_two_countries_swaps_offers_and_outcomes(twins):
    one, other = (run_batch(scenario, range(300), 1) for scenario in twins)
    assert len(np.unique(one.outcomes["package"])) > 3
    assert any(held.walked.any() for held in one.rounds)
    for name, values in one.outcomes.items():
        np.testing.assert_array_equal(other.outcomes[name], values, err_msg=name)
    for here, there in zip(one.rounds, other.rounds, strict=True):
        assert there.proposer == 1 - here.proposer
        np.testing.assert_array_equal(there.package, here.package)
        np.testing.assert_allclose(there.chance, here.chance, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(there.walked[::-1], here.walked)
        np.testing.assert_allclose(there.lacking[::-1], here.lacking, rtol=1e-9, atol=1e-9)
    for name, values in one.countries.items():
        swapped = other.countries[name][:, ::-1]
        np.testing.assert_allclose(swapped, values, rtol=1e-9, atol=1e-9, err_msg=name)


# -- nothing at stake --------------------------------------------------------------------------------------------------

IDLE = {
    "cut_of_nothing": by_deal("tariff_cut", 1, by="us", lists=["phones"], cut="100%"),
    "same_cap": by_deal("ownership", 2, by="china", market="china", equity_cap=0),
    "no_purchases": by_deal("purchases", 2, importer="china", exporter="us", extra_bn=50, compliance=0),
}
IDLE_AGENDA = {name: {"no": [], "yes": [name]} for name in IDLE}
ONLY = {"war": POLICIES["war"], "answer": POLICIES["answer"]}
TALKED = ("outcomes.deal_month", "outcomes.package", "outcomes.no_deal_month", "outcomes.broken_month")
"""That there were talks at all is no effect of theirs."""


PATIENT = {country: held | {"waiting_cost_bn": 0} for country, held in HIDDEN.items()}
"""No deal is signed only to be rid of the cost of waiting for one."""


def silent(plan):
    """The same scenario, with nobody talking."""
    return plan | {"talks": plan["talks"] | {"mode": "none"}}


def test_talks_over_policies_that_change_nothing_give_the_path_of_no_talks(compact, play, different):
    plan = bargain(ONLY | IDLE, IDLE_AGENDA, PATIENT, suspension=RESTLESS["suspension"]) | UNSURE
    talked, untalked = (play(compact(changes), range(60)) for changes in (plan, silent(plan)))
    assert len(talked.paths.rounds) == 3
    assert not any(held.chance.any() for held in talked.paths.rounds), "nobody offers what is worth nothing to it"
    assert different(talked.paths, untalked.paths, but=TALKED) == []


def test_governments_with_nothing_at_stake_sign_nothing_and_give_the_path_of_no_talks(compact, play, different):
    """No weights, no resolve and no cost of waiting; a scenario is refused that says so, and the model can do it."""
    plan = bargain(stakes=PATIENT, suspension=RESTLESS["suspension"]) | UNSURE
    scenario = compact(plan)
    manner = ("horizon_years", "discount", "waiting_cost_bn", "noise_bn")
    idle = {
        country: Stakes(**{name: getattr(held, name) for name in manner})
        for country, held in scenario.talks.stakes.items()
    }
    talks = scenario.talks.model_copy(update={"stakes": idle})
    talked = play(scenario.model_copy(update={"talks": talks}), range(60))
    untalked = play(compact(silent(plan)), range(60))
    assert not any(held.chance.any() or held.agreed.any() for held in talked.paths.rounds)
    assert different(talked.paths, untalked.paths, but=TALKED) == []


def test_even_a_signed_deal_that_changes_nothing_gives_the_path_of_no_talks(compact, play, different):
    """A package has a name, and its policies announce themselves; no number of the world moves."""
    every = {"all": dict.fromkeys(IDLE, "yes")}
    scripted = bargain(ONLY | IDLE, IDLE_AGENDA, packages=every, mode="scripted", hosts=({"signs": "all"},)) | UNSURE
    talked, untalked = (play(compact(changes), range(60)) for changes in (scripted, silent(scripted)))
    assert (talked.paths.outcomes["package"] == 0).all()
    assert different(talked.paths, untalked.paths, but=TALKED) == []


def losers(cares):
    """Patient governments for which each package is a loss, or nothing."""
    return dict.fromkeys(("us", "china"), MANNER | LASTING | {"resolve": 0.5, "waiting_cost_bn": 0} | cares)


@pytest.mark.parametrize("cares", [{"tariff_revenue": 1}, {"consumer_loss": -1}, {"imports": -1}], ids=str)
def test_governments_of_which_neither_gains_by_anything_sign_nothing(compact, play, different, cares):
    """Each cut costs revenue, and it moves buyers' costs and imports as both dislike here; nobody makes an offer."""
    cuts = {name: POLICIES[name] for name in ("us_halved", "us_removed", "china_removed")}
    agenda = {issue: AGENDA[issue] for issue in ("us_tariffs", "china_tariffs")}
    plan = bargain(ONLY | cuts, agenda, losers(cares)) | UNSURE
    plan |= {"goods.import_elasticity.us": {"triangular": [1.5, 2, 2.5]}}
    found = priced(compact(plan), range(60))[0]
    assert all((worth <= 0).all() for worth in found.parts.values())
    assert any(worth.any() for worth in found.parts.values())
    talked, untalked = (play(compact(changes), range(60)) for changes in (plan, silent(plan)))
    assert (talked.paths.outcomes["deal_month"] == NEVER).all()
    assert different(talked.paths, untalked.paths, but=TALKED) == []


def test_what_lies_before_the_first_round_knows_nothing_of_the_talks(compact, restless):
    """Two quarters pass until January 2019."""
    talked = run_batch(restless, range(60), 1)
    plan = bargain(POLICIES | RUNGS, stakes=HIDDEN, **RESTLESS) | UNSURE
    untalked = run_batch(compact(silent(plan)), range(60), 1)
    quarters = [family for family in PATH_FAMILIES if family != "outcomes"]
    moved = 0
    for family in quarters:
        for name, values in getattr(talked, family).items():
            other = getattr(untalked, family)[name]
            assert values[:2].tobytes() == other[:2].tobytes(), name
            moved += values.tobytes() != other.tobytes()
    assert moved > 5
