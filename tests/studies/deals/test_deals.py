"""The deal space: all packages priced as of the first round, and what the same draws sign."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.model.batch import run_batch
from sim.model.equations.bargaining import nash_package, pareto_frontier
from sim.model.minds.stakes import CARRYING_OUT, PARTS
from sim.quantities import NEVER
from sim.runs.run_plan import LARGEST
from sim.scenario.loading import of_plain_data
from sim.scenario.yaml_files import plain_data
from sim.studies.deals import deal_tables
from sim.studies.deals.deal_space import CUTS
from tests.bargain import AGENDA, FIRST, MANNER, POLICIES, STAKES, UNSURE, bargain, by_deal, priced

DRAWS = 200
US, CHINA = 0, 1


@pytest.fixture(scope="module")
def scenario(compact):
    return compact(
        bargain(packages={"truce": {issue: next(iter(levels)) for issue, levels in AGENDA.items()}}) | UNSURE
    )


@pytest.fixture(scope="module")
def space(scenario):
    return sim.deals(scenario, draws=DRAWS)


# -- packages, parts and draws -----------------------------------------------------------------------------------------


def test_a_deal_space_holds_every_combination_of_levels_once(space):
    combined = {frozenset(zip(AGENDA, levels, strict=True)) for levels in itertools.product(*AGENDA.values())}
    assert {frozenset(package.items()) for package in space.packages.values()} == combined
    assert len(space.packages) == len(combined) == 24
    assert all(list(package) == list(AGENDA) for package in space.packages.values())
    assert space.packages["truce"] == {issue: next(iter(levels)) for issue, levels in AGENDA.items()}


def test_a_deal_space_says_what_it_is_about(space, scenario):
    assert space.scenario is scenario
    assert (space.seed, space.countries, space.date) == (1, ("us", "china"), scenario.talks.rounds[0].date)
    np.testing.assert_array_equal(space.draws, np.arange(DRAWS))


def test_parts_are_there_for_both_countries_all_packages_and_all_draws_and_add_up_to_the_bit(space):
    assert tuple(space.parts) == PARTS
    total = np.zeros((2, 24, DRAWS))
    for part in PARTS:
        assert space.parts[part].shape == (2, 24, DRAWS)
        total += space.parts[part]
    assert np.isfinite(total).all()
    assert space.gains.tobytes() == total.tobytes()
    assert not space.parts[CARRYING_OUT].any(), "nobody minds to keep what it promises"


def test_parts_are_those_that_the_governments_reckon_with_at_the_first_round(space, scenario):
    found = priced(scenario, range(DRAWS))[0]
    packages = [scenario.talks.policies_of(package) for package in space.packages.values()]
    rows = [found.packages.index(package) for package in packages]
    for part, worth in space.parts.items():
        assert worth.tobytes() == found.parts[part][:, rows].tobytes(), part


def test_the_package_that_brings_nothing_gains_nothing_where_nothing_comes_without_a_deal(space):
    assert not space.gains[:, list(space.packages).index("truce")].any()


def test_the_run_of_a_deal_space_is_the_run_of_the_scenario(space, scenario):
    paths = run_batch(scenario, range(DRAWS), 1)
    for name, values in space.outcomes.items():
        np.testing.assert_array_equal(values, paths.outcomes[name], err_msg=name)
    choices, packages = list(scenario.talks.choices), [*space.packages, None]
    signed = [choices[index] if index >= 0 else None for index in paths.outcomes["package"]]
    assert [packages[index] for index in space.signed] == signed
    np.testing.assert_array_equal(space.signed >= 0, space.outcomes["deal_month"] < NEVER)
    for here, there in zip(space.rounds, paths.rounds, strict=True):
        assert (here.number, here.month, here.proposer) == (there.number, there.month, there.proposer)
        for name in ("package", "chance", "held", "agreed", "broke_off", "walked", "lacking"):
            assert getattr(here, name).tobytes() == getattr(there, name).tobytes()


def test_the_nash_package_lies_on_the_frontier_and_both_gain_by_it(space):
    frontier, found = pareto_frontier(space.gains), nash_package(space.gains)
    draws = np.flatnonzero(found >= 0)
    assert len(draws) > DRAWS / 2
    assert frontier[found[draws], draws].all()
    assert (space.gains[:, found[draws], draws] > 0).all()
    products = np.where((space.gains > 0).all(axis=0), space.gains.prod(axis=0), 0)
    np.testing.assert_array_equal(products[found[draws], draws], products.max(axis=0)[draws])
    assert not products[:, found < 0].any()


def test_the_first_draws_are_the_same_however_many_there_are(compact):
    agenda = {issue: AGENDA[issue] for issue in ("us_tariffs", "access")}
    policies = {name: POLICIES[name] for name in ("war", "us_halved", "us_removed", "opening")}
    scenario = compact(bargain(policies, agenda) | UNSURE)
    few, many = (sim.deals(scenario, draws=draws) for draws in (100, LARGEST + 64))
    assert len(many.draws) == many.gains.shape[-1] == many.without.shape[-1] == LARGEST + 64
    for part, worth in few.parts.items():
        assert worth.tobytes() == many.parts[part][..., :100].tobytes(), part
    np.testing.assert_array_equal(few.signed, many.signed[:100])
    for name, values in few.outcomes.items():
        np.testing.assert_array_equal(values, many.outcomes[name][:100])
    for here, there in zip(few.rounds, many.rounds, strict=True):
        assert here.chance.tobytes() == there.chance[:100].tobytes()
        assert here.lacking.tobytes() == there.lacking[:, :100].tobytes()
        assert len(there.held) == there.walked.shape[1] == LARGEST + 64
    for name in ("without", "rungs", "point_worth", "climbs"):
        assert getattr(few, name).tobytes() == getattr(many, name)[..., :100].tobytes(), name
    keys = ["issue", "level", "country", "cut_share"]
    assert many.compensation[keys].equals(few.compensation[keys])


def test_another_seed_has_other_draws(scenario, space):
    other = sim.deals(scenario, draws=DRAWS, seed=2)
    assert other.seed == 2
    assert not np.isin(other.gains[US, 1], space.gains[US, 1]).all()


# -- modes -------------------------------------------------------------------------------------------------------------


def by_chance(compact, **plan):
    named = {"spring": {"us_tariffs": "halve", "china_tariffs": "remove", "access": "zone", "know_how": "strong"}}
    hosts = ({"signs": "spring", "probability": 0.5}, {"signs": "spring", "probability": 0.5})
    return compact(bargain(packages=named, mode="chance", hosts=hosts, **plan) | UNSURE)


def test_all_combinations_are_priced_where_packages_are_signed_by_chance(compact, space):
    found = sim.deals(by_chance(compact), draws=DRAWS)
    assert len(found.packages) == 24
    assert [held.proposer for held in found.rounds] == [-1, -1]
    assert found.without is None, "nobody chooses what to leave out"
    signed = [found.packages[name] for name in np.array([*found.packages])[np.unique(found.signed[found.signed >= 0])]]
    assert signed == [{"us_tariffs": "halve", "china_tariffs": "remove", "access": "zone", "know_how": "strong"}]
    order = [list(found.packages.values()).index(package) for package in space.packages.values()]
    assert found.gains[:, order].tobytes() == space.gains.tobytes(), "how a package is signed is no part of its worth"


def test_a_scenario_that_has_run_before_has_the_same_deal_space(compact):
    scenario = by_chance(compact)
    run_batch(scenario, range(5), 1)
    assert list(scenario.talks.choices) == ["spring"]
    assert len(sim.deals(scenario, draws=5).packages) == 24


def test_what_is_off_the_table_is_not_in_the_deal_space(compact):
    found = sim.deals(compact(bargain(off_the_table=["access", "know_how"]) | UNSURE), draws=20)
    assert len(found.packages) == 6
    assert {(package["access"], package["know_how"]) for package in found.packages.values()} == {("none", "weak")}


# -- without an issue --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hidden(compact):
    """Governments that do not know each other's resolve, a ladder, and sides that may walk away."""
    stakes = {
        country: held | {"noise_bn": 2, "resolve": {"uniform": [0, 1.5]}, "delivery": 0.8}
        for country, held in STAKES.items()
    }
    return compact(bargain(**LADDERED, stakes=stakes) | UNSURE)


LADDERED = {
    "policies": POLICIES
    | {
        f"rung_{n}": by_deal("tariff", 0, by="us", lists=["phones"], rate=f"{n}0%") for n in (1, 2)
    },
    "hosts": ("us", "china", "us", "china"),
    "escalation": {"probability": {"uniform": [0.2, 0.8]}, "after_walking": 0.9, "rungs": [["rung_1"], ["rung_2"]]},
    "suspension": {"probability": {"uniform": [0.1, 0.3]}, "resumes_per_year": 6},
    "breakdown_per_year": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def looked_at(hidden):
    return sim.deals(hidden, draws=DRAWS)


def signed_at(paths):
    return np.logical_or.accumulate([held.agreed for held in paths.rounds], axis=0)


@pytest.mark.parametrize("issue", ["access", "us_tariffs"])
@pytest.mark.depth
def test_the_same_talks_without_an_issue_are_a_run_with_it_off_the_table(compact, hidden, looked_at, issue):
    found = looked_at if issue == "access" else sim.deals(hidden, draws=DRAWS, issue=issue)
    plan = plain_data(hidden)
    closed = of_plain_data(plan | {"talks": plan["talks"] | {"off_the_table": [issue]}}, "closed")
    np.testing.assert_array_equal(found.without, signed_at(run_batch(closed, range(DRAWS), 1)))
    np.testing.assert_array_equal(found.signed_by, signed_at(run_batch(hidden, range(DRAWS), 1)))
    assert found.issue == issue
    assert (found.without != found.signed_by).any()


def test_looking_at_another_issue_changes_nothing_else(hidden, looked_at):
    other = sim.deals(hidden, draws=50, issue="know_how")
    assert other.gains.tobytes() == looked_at.gains[..., :50].tobytes()
    np.testing.assert_array_equal(other.signed, looked_at.signed[:50])


def test_an_issue_already_off_the_table_or_the_only_one_cannot_be_left_out(compact):
    off = sim.deals(compact(bargain(off_the_table=["access"]) | UNSURE), draws=5, issue="access")
    assert off.without is None
    policies = {name: POLICIES[name] for name in ("war", "protected")}
    stakes = dict.fromkeys(("us", "china"), MANNER | {"know_how_bn": 1})
    only = sim.deals(compact(bargain(policies, {"know_how": AGENDA["know_how"]}, stakes)), draws=5)
    assert only.without is None


def test_an_issue_that_is_not_on_the_agenda_is_refused_with_the_nearest_name(scenario):
    with pytest.raises(ScenarioError, match="did you mean access"):
        sim.deals(scenario, draws=3, issue="acces")


# -- history -----------------------------------------------------------------------------------------------------------

DAYS = (dt.date(2019, 2, 28), dt.date(2019, 12, 31))
KNOWN = [{"until": DAYS[0]}, {"until": DAYS[1], "signed": True, "without": ["access"]}]


def test_history_is_told_by_spans_of_rounds_each_given_what_was_before(hidden, looked_at):
    """Counted again from the signatures of each draw: nothing in the first two rounds, then a deal without access."""
    plan = plain_data(hidden)
    found = sim.deals(of_plain_data(plan | {"talks": plan["talks"] | {"history": KNOWN}}, "known"), draws=DRAWS)
    assert found.went_as_history is not None
    packages = list(found.packages.values())
    went, steps = [], [0, 0, 0]
    for draw in range(DRAWS):
        signatures = [n for n, held in enumerate(found.rounds) if held.agreed[draw]]
        early, late = [n for n in signatures if n < 2], [n for n in signatures if n >= 2]
        without = bool(late) and packages[found.rounds[late[-1]].package[draw]]["access"] == "none"
        as_known = [not early, bool(late), without]
        for n in range(3):
            steps[n] += all(as_known[: n + 1])
        went.append(all(as_known))
    assert found.went_as_history.tolist() == went
    table = deal_tables.history(found)
    assert table["went"].tolist() == steps
    assert table["draws"].tolist() == [DRAWS, *steps[:-1]]
    assert 0 < steps[2] < steps[1] < steps[0] < DRAWS


def test_what_is_known_changes_no_draw(hidden, looked_at):
    plan = plain_data(hidden)
    found = sim.deals(of_plain_data(plan | {"talks": plan["talks"] | {"history": KNOWN}}, "known"), draws=50)
    assert found.gains.tobytes() == looked_at.gains[..., :50].tobytes()
    np.testing.assert_array_equal(found.signed, looked_at.signed[:50])
    assert looked_at.went_as_history is None


# -- rungs and thresholds ----------------------------------------------------------------------------------------------


def test_rungs_climbed_are_those_of_the_run(hidden, looked_at, play):
    run = play(hidden, range(DRAWS))
    np.testing.assert_array_equal(looked_at.rungs, (run.world.rung_month < NEVER).sum(axis=0))
    assert set(looked_at.rungs) == {0, 1, 2}


def test_climbs_and_what_is_lacking_are_those_that_the_governments_reckon_with(hidden, looked_at):
    climbs = []
    priced(hidden, range(DRAWS), then=lambda found, month: climbs.append(found.pricing.climbs(month)))
    assert looked_at.climbs.tobytes() == climbs[0][:, :-1].tobytes()
    paths = run_batch(hidden, range(DRAWS), 1)
    none = paths.outcomes["no_deal_month"] < NEVER
    last = np.full((2, DRAWS), math.nan)
    for held in paths.rounds:
        last[:, held.held] = held.lacking[:, held.held]
    table = deal_tables.thresholds(looked_at).set_index("country")
    for i, country in enumerate(("us", "china")):
        known = last[i, none][np.isfinite(last[i, none])]
        assert table.loc[country, "lacking_p50_bn"] == pytest.approx(np.median(known))
        assert table.loc[country, "draws"] == none.sum() > 10


def test_a_point_of_tariff_is_worth_what_all_are_divided_by_how_many_they_are(compact):
    """By hand: 25 points stand on machines and none on phones, bought for 500 and 100 bn in free trade or so.

    China's machines lose all of the layer, which is what the package that removes it at once is worth to China.
    """
    at_once = {"us_removed": POLICIES["us_removed"] | {"starts": {"after_deal": 0}}}
    scenario = compact(bargain(POLICIES | at_once) | UNSURE)
    found = sim.deals(scenario, draws=20)
    world = priced(scenario, range(20))[0].world
    rows = [world.axes.lists.index(name) for name in ("machines", "phones")]
    traded = world.base.free_trade[rows]
    points = 25 * traded[0] / traded.sum(axis=0)
    package = list(found.packages.values()).index(
        {"us_tariffs": "remove", "china_tariffs": "keep", "access": "none", "know_how": "weak"}
    )
    np.testing.assert_allclose(found.point_worth[CHINA], found.gains[CHINA, package] / points, rtol=1e-9)


def test_where_no_tariff_stands_no_point_has_a_worth(compact):
    policies = {name: POLICIES[name] for name in ("answer", "protected")}
    found = sim.deals(compact(bargain(policies, {"know_how": AGENDA["know_how"]}) | UNSURE), draws=5)
    assert np.isnan(found.point_worth[CHINA]).all()
    assert np.isfinite(found.point_worth[US]).all()


# -- compensation ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compensated(compact):
    """A zone costs China something; American tariffs on its machines are what can be cut for it."""
    at_once = {
        "us_removed": POLICIES["us_removed"] | {"starts": {"after_deal": 0}},
        "us_halved": POLICIES["us_halved"] | {"starts": {"after_deal": 0}},
        "opening": POLICIES["opening"] | {"starts": {"after_deal": 0}},
    }
    stakes = STAKES | {
        "china": MANNER | {"exports": {"uniform": [0.05, 0.2]}, "foreign_data_centres_bn": {"uniform": [-200, -10]}}
    }
    return sim.deals(compact(bargain(POLICIES | at_once, stakes=stakes) | UNSURE), draws=DRAWS)


def shares(space, issue, level, country):
    table = space.compensation
    rows = table[(table["issue"] == issue) & (table["level"] == level) & (table["country"] == country)]
    return rows["cut_share"].to_numpy(), rows["acceptable_share"].to_numpy()


def test_a_larger_cut_makes_what_costs_a_country_acceptable_in_more_draws(compensated):
    cuts, accepted = shares(compensated, "access", "zone", "china")
    np.testing.assert_allclose(cuts, np.arange(CUTS + 1) / CUTS)
    assert (np.diff(accepted) >= 0).all()
    assert accepted[0] < 0.2
    assert accepted[-1] > accepted[0] + 0.2


@pytest.mark.parametrize(("cut", "level"), [(0.0, "keep"), (0.5, "halve"), (1.0, "remove")])
def test_a_cut_is_worth_what_the_package_with_that_cut_is_worth(compensated, cut, level):
    """Machines are all that Americans tax beyond the base rate, and cuts and zone come on the same day."""
    held = {"us_tariffs": level, "china_tariffs": "keep", "access": "zone", "know_how": "weak"}
    package = list(compensated.packages.values()).index(held)
    cuts, accepted = shares(compensated, "access", "zone", "china")
    assert accepted[cuts == cut] == pytest.approx((compensated.gains[CHINA, package] >= 0).mean(), abs=1e-12)


def test_only_what_costs_a_country_something_by_itself_asks_for_compensation(compensated):
    """By the mean over draws: revenue and the like, package by package."""
    asked = set(compensated.compensation[["issue", "level", "country"]].itertuples(index=False, name=None))
    nothing = {issue: next(iter(levels)) for issue, levels in AGENDA.items()}
    costs = set()
    for issue, levels in AGENDA.items():
        for level in list(levels)[1:]:
            package = list(compensated.packages.values()).index(nothing | {issue: level})
            means = compensated.gains[:, package].mean(axis=-1)
            costs |= {(issue, level, country) for country, mean in zip(("us", "china"), means, strict=True) if mean < 0}
    assert asked == costs
    assert ("access", "zone", "china") in costs
    assert ("access", "zone", "us") not in costs


def test_without_anything_that_costs_there_is_nothing_to_compensate(compact):
    policies = {name: POLICIES[name] for name in ("war", "protected")}
    agenda = {"know_how": AGENDA["know_how"]}
    stakes = dict.fromkeys(("us", "china"), MANNER | {"know_how_bn": 1})
    found = sim.deals(compact(bargain(policies, agenda, stakes)), draws=5)
    assert found.compensation.empty
    shares = ["acceptable_share", "costly_share", "made_up_share"]
    assert list(found.compensation.columns) == ["issue", "level", "country", "cut_share", *shares]


def test_draws_in_which_a_level_costs_something_are_looked_at_by_themselves(compensated):
    table = compensated.compensation.query("issue == 'access' and level == 'zone' and country == 'china'")
    accepted, costly, made_up = (table[f"{name}_share"].to_numpy() for name in ("acceptable", "costly", "made_up"))
    np.testing.assert_allclose(costly, 1 - accepted[0])
    np.testing.assert_allclose(made_up * costly, accepted - accepted[0], atol=1e-12)


# -- what has no deal space --------------------------------------------------------------------------------------------


def without(plan, *fields, **others):
    return plan | {"talks": {key: value for key, value in plan["talks"].items() if key not in fields} | others}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "gives no talks.rounds"),
        ({"policies": {}, "talks": {"stakes": STAKES, "source": "made up"}}, "gives no talks.rounds"),
        (without(bargain({}, {}, mode="none"), "agenda"), "gives no talks.agenda"),
        (without(bargain(mode="none"), "stakes"), "gives no talks.stakes"),
        (bargain(mode="none"), "talks.mode: none"),
    ],
    ids=["nothing", "stakes-alone", "no-agenda", "no-stakes", "mode-none"],
)
def test_a_scenario_without_rounds_agenda_or_stakes_is_refused(compact, changes, says):
    with pytest.raises(ScenarioError, match=says):
        sim.deals(compact(changes), draws=3)


@pytest.mark.parametrize("draws", [0, -1])
def test_at_least_one_draw_is_needed(scenario, draws):
    with pytest.raises(ScenarioError, match="at least 1"):
        sim.deals(scenario, draws=draws)


def test_a_lone_draw_has_a_deal_space(scenario, space):
    alone = sim.deals(scenario, draws=1)
    assert alone.gains.tobytes() == space.gains[..., :1].tobytes()
    assert alone.without.tolist() == space.without[:, :1].tolist()
    assert alone.rounds[0].month == FIRST
