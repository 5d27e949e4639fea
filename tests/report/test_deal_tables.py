"""Tables of the deal space say what its draws say, counted again by plainer means."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.quantities import NEVER
from sim.report.statistics import share_interval
from sim.scenario.talks_schema import Escalation
from sim.studies.deals import deal_tables
from tests.report.made_up_deals import (
    ACCESS,
    AGENDA,
    COMPENSATION,
    TARIFFS,
    combined,
    random_space,
    round_held,
    space_of,
    with_history,
)

NORMAL_95 = 1.6448536269514722


@pytest.fixture(scope="module")
def space():
    return random_space()


def beaten(gains, package) -> bool:
    """Whether another package gives one country more and the other no less."""
    return any(
        (other >= gains[package]).all() and (other > gains[package]).any()
        for number, other in enumerate(gains)
        if number != package
    )


def test_the_long_table_has_every_gain_at_its_place_and_its_parts_add_up(space):
    table = deal_tables.long(space)
    assert len(table) == 2 * len(space.packages) * len(space.draws)
    assert list(table.columns) == ["draw", "package", "country", "gain_bn", "exports_bn", "tariff_revenue_bn"]
    np.testing.assert_allclose(table["exports_bn"] + table["tariff_revenue_bn"], table["gain_bn"], rtol=1e-12)
    names = list(space.packages)
    places = table["country"].map(space.countries.index), table["package"].map(names.index), table["draw"]
    expected = space.gains[tuple(np.array(place, dtype=int) for place in places)]
    np.testing.assert_array_equal(table["gain_bn"], expected)


def test_packages_are_described_by_mean_quantiles_and_shares_of_draws(space):
    table = deal_tables.packages(space).set_index("package")
    rows = deal_tables.long(space).astype({"package": "str", "country": "str"})
    gains = rows.pivot(index=["package", "draw"], columns="country", values="gain_bn")
    for country in space.countries:
        by_package = gains[country].groupby("package")
        expected = {
            "mean": by_package.mean(),
            "p5": by_package.quantile(0.05),
            "p95": by_package.quantile(0.95),
        }
        for name, values in expected.items():
            pd.testing.assert_series_equal(
                table[f"{country}_gain_{name}_bn"], values.loc[table.index], check_names=False
            )
        error = (table[f"{country}_gain_mean_high_bn"] - table[f"{country}_gain_mean_low_bn"]) / 2
        np.testing.assert_allclose(error, 1.6849 * by_package.sem().loc[table.index], rtol=1e-3)  # t with 39 degrees
        np.testing.assert_allclose(
            table[f"{country}_gains_share"], (gains[country] > 0).groupby("package").mean().loc[table.index]
        )
    both = (gains > 0).all(axis="columns").groupby("package").mean()
    pd.testing.assert_series_equal(table["both_gain_share"], both.loc[table.index], check_names=False)


def test_packages_have_the_levels_of_every_issue(space):
    table = deal_tables.packages(space).set_index("package")
    assert table.loc["remove-pilot_zone", [TARIFFS, ACCESS]].tolist() == ["remove", "pilot_zone"]
    assert list(table.index) == list(combined())


def test_packages_that_another_one_beats_are_not_on_the_frontier(space):
    table = deal_tables.packages(space)
    means = table[["us_gain_mean_bn", "china_gain_mean_bn"]].to_numpy()
    assert table["on_frontier"].tolist() == [not beaten(means, package) for package in range(len(means))]
    assert table["on_frontier"].any()


def test_the_nash_package_has_the_largest_product_where_both_gain(space):
    table = deal_tables.packages(space)
    counts = np.zeros(len(table))
    for draw in range(len(space.draws)):
        products = [us * china if us > 0 and china > 0 else 0 for us, china in space.gains[:, :, draw].T]
        if max(products) > 0:
            counts[int(np.argmax(products))] += 1
    np.testing.assert_allclose(table["nash_share"], counts / len(space.draws))
    assert deal_tables.nash_of_means(space) in {None, *table.loc[table["is_nash"], "package"]}


def test_shares_of_signatures_and_of_no_deal_make_up_all_draws(space):
    signed = deal_tables.packages(space)["signed_share"]
    assert signed.sum() + (space.signed < 0).mean() == pytest.approx(1)
    names = list(space.packages)
    counts = pd.Series(space.signed[space.signed >= 0]).value_counts()
    assert counts[names.index(deal_tables.most_signed(space))] == counts.max()


def test_where_nobody_signs_or_gains_no_package_is_named():
    losing = space_of(np.full((2, 6, 4), -1.0))
    assert deal_tables.most_signed(losing) is None
    assert deal_tables.nash_of_means(losing) is None
    assert not deal_tables.packages(losing)["is_nash"].any()


def test_one_draw_has_no_interval_of_its_mean():
    table = deal_tables.packages(random_space(draws=1))
    assert table["us_gain_mean_low_bn"].isna().all()
    np.testing.assert_array_equal(table["us_gain_mean_bn"], table["us_gain_p95_bn"])


def test_parts_of_a_package_add_up_to_its_gain(space):
    table = deal_tables.parts(space, "remove-pilot_zone")
    assert list(table.index) == ["exports", "tariff_revenue", "gain"]
    place = list(space.packages).index("remove-pilot_zone")
    for country, gains in zip(space.countries, space.gains, strict=True):
        means = table[f"{country}_mean_bn"]
        assert means["exports"] + means["tariff_revenue"] == pytest.approx(means["gain"])
        assert means["gain"] == pytest.approx(gains[place].mean())


def test_parts_of_an_unknown_package_are_refused_with_the_nearest_name(space):
    with pytest.raises(ScenarioError, match="did you mean remove-pilot_zone"):
        deal_tables.parts(space, "remove-pilot_zones")


def additive(interplay: float = 0.0) -> np.ndarray:
    """Gains to which levels add 10 (tariffs), 1 and 2 (access) for the US, and as much less for China, in two draws."""
    tariffs, access = {"keep": 0.0, "remove": 10.0}, {"none": 0.0, "pilot_zone": 1.0, "nationwide": 2.0}
    worth = [
        tariffs[package[TARIFFS]] + access[package[ACCESS]] + interplay * (package == TOGETHER)
        for package in combined().values()
    ]
    us = np.array(worth)[:, None] + np.array([[0.0, 100.0]])
    return np.stack([us, -us])


TOGETHER = {TARIFFS: "remove", ACCESS: "pilot_zone"}


def test_levels_that_add_up_have_the_same_effect_alone_and_on_average():
    table = deal_tables.effects(space_of(additive())).set_index(["issue", "level", "country", "others"])
    expected = {(TARIFFS, "remove"): 10.0, (ACCESS, "pilot_zone"): 1.0, (ACCESS, "nationwide"): 2.0}
    for (issue, level), added in expected.items():
        for others in (deal_tables.ALONE, deal_tables.AVERAGED):
            for country, sign in (("us", 1), ("china", -1)):
                row = table.loc[issue, level, country, others]
                assert row["mean_bn"] == row["p5_bn"] == row["p95_bn"] == pytest.approx(sign * added)
                assert row["gains_share"] == (country == "us")
    assert len(table) == len(expected) * 4


def test_what_levels_add_together_counts_on_average_and_not_alone():
    keys = ["issue", "level", "country", "others"]
    table = deal_tables.effects(space_of(additive(interplay=6.0))).set_index(keys)[["mean_bn", "combinations"]]
    assert table.loc[(ACCESS, "pilot_zone", "us", deal_tables.ALONE)].tolist() == [1.0, 1]
    assert table.loc[(ACCESS, "pilot_zone", "us", deal_tables.AVERAGED)].tolist() == [4.0, 2]  # (1 + 7) / 2
    assert table.loc[(TARIFFS, "remove", "us", deal_tables.AVERAGED)].tolist() == [12.0, 3]  # (10 + 16 + 10) / 3


def test_effects_rest_only_on_packages_that_there_are():
    whole = space_of(additive())
    without = {name: levels for name, levels in whole.packages.items() if name != "keep-none"}
    fewer = space_of(additive()[:, 1:], packages=without)
    pilot = deal_tables.effects(fewer).query("level == 'pilot_zone' and country == 'us'")
    assert pilot["others"].tolist() == [deal_tables.AVERAGED]
    assert pilot["combinations"].tolist() == [1]


def compensations(shares: dict[tuple[str, str], list[float]]) -> pd.DataFrame:
    cuts = (0.0, 0.25, 0.5, 1.0)
    rows = [
        (ACCESS, level, country, cut, share, 1 - tried[0], (share - tried[0]) / (1 - tried[0]))
        for (level, country), tried in shares.items()
        for cut, share in zip(cuts, tried, strict=True)
    ]
    return pd.DataFrame(rows, columns=COMPENSATION)


def test_the_compensation_is_the_smallest_cut_accepted_in_half_of_the_draws():
    tried = compensations(
        {
            ("pilot_zone", "china"): [0.1, 0.5, 0.7, 0.9],
            ("nationwide", "china"): [0.0, 0.2, 0.4, 0.3],
            ("nationwide", "us"): [0.6, 0.7, 0.8, 0.9],
        }
    )
    table = deal_tables.compensation(space_of(additive(), compensation=tried))
    table = table.set_index(["issue", "level", "country"])
    asked, where_costly = ["cut_share", "acceptable_share", "verdict"], ["where_costly_cut_share", "made_up_share"]
    assert table.loc[(ACCESS, "pilot_zone", "china"), asked].tolist() == [0.25, 0.5, "a cut of 25 %"]
    assert table.loc[(ACCESS, "nationwide", "us"), asked].tolist() == [0.0, 0.6, "needs none"]
    assert table["costly_share"].tolist() == pytest.approx([0.9, 1.0, 0.4])
    assert table.loc[(ACCESS, "nationwide", "us"), where_costly].tolist() == pytest.approx([0.5, 0.5])
    none = table.loc[(ACCESS, "nationwide", "china")]
    assert np.isnan(none["cut_share"])
    assert none[["acceptable_share", "verdict"]].tolist() == [0.4, "none is enough"]


def test_where_no_level_costs_anything_nothing_is_asked_in_return():
    assert deal_tables.compensation(space_of(additive())).empty


def four_draws(**changed):
    """The first draw signs in April, the second at the first round of May, the third at the second, the last never."""
    months = {
        "deal_month": np.array([9, 10, 10, NEVER]),
        "broken_month": np.array([NEVER, 30, NEVER, NEVER]),
        "no_deal_month": np.array([NEVER, NEVER, NEVER, 10]),
    }
    gains = np.ones((2, 6, 4))
    usual = {"signed": np.array([0, 1, 2, -1]), "outcomes": months, "rounds": ROUNDS}
    return space_of(gains, **{**usual, **changed})


ROUNDS = (
    round_held(
        0,
        [True, False, False, False],
        [False, False, True, True],
        walked=[[False, False, True, False], [False] * 4],
        lacking=[[1, 1, 1, 1], [9, 9, 9, 9]],
    ),
    round_held(1, [False, True, False, False], held=[False, True, False, True], lacking=np.full((2, 4), 4)),
    round_held(2, [False, False, True, False], held=[False, False, True, False], lacking=np.full((2, 4), np.nan)),
)
"""After the first round the United States leaves in the third draw, and in the last one talks break off by chance; they
are taken up again, and the last round is held in the third draw only."""
FIRST, SECOND, THIRD = (dt.date(2019, 4, 5), dt.date(2019, 5, 1), dt.date(2019, 5, 10))
NO_DEAL = "ended without a deal"


def shares(space):
    return deal_tables.outcomes(space).set_index("outcome")["share"]


# -- when --------------------------------------------------------------------------------------------------------------


def test_the_chance_of_a_deal_by_date_is_told_round_by_round():
    table = deal_tables.dates(four_draws())
    assert table["date"].tolist() == [FIRST, SECOND, THIRD]
    assert table["place"].tolist() == ["Washington", "Beijing", "Washington"]
    assert table["share"].tolist() == [0.25, 0.5, 0.75]
    for row in table.to_dict("records"):
        assert (row["low"], row["high"]) == share_interval(row["share"], 4)
    assert table[["without_share", "only_with_share", "history_share"]].isna().all(axis=None)


def test_a_deal_that_broke_counts_as_signed_by_then():
    again = (round_held(0, [True] * 4), round_held(1, [True, False, False, False]), round_held(2, [False] * 4))
    assert deal_tables.dates(four_draws(rounds=again))["share"].tolist() == [1, 1, 1]


def test_draws_that_sign_in_one_of_the_two_ways_alone_are_told_apart():
    without = np.array([[True, True, False, False], [True, True, False, False], [True, True, False, True]])
    table = deal_tables.dates(four_draws(without=without))
    assert table["without_share"].tolist() == [0.5, 0.5, 0.75]
    assert table["only_with_share"].tolist() == [0, 0, 0.25]
    assert table["only_without_share"].tolist() == [0.25, 0, 0.25]
    with_it, without_it = table["share"], table["without_share"]
    np.testing.assert_allclose(with_it - without_it, table["only_with_share"] - table["only_without_share"])


# -- how it ends -------------------------------------------------------------------------------------------------------


def test_ends_are_shares_of_the_draws():
    found = shares(four_draws())
    assert [found[f"signed with cloud access: {level}"] for level in ("none", "pilot zone", "nationwide")] == [0.25] * 3
    assert found["signed and broken later"] == found[NO_DEAL] == 0.25
    assert (deal_tables.outcomes(four_draws())["draws"] == 4).all()


def test_who_walks_away_is_told_apart_from_talks_that_break_off_by_chance():
    found = shares(four_draws())
    assert found["US walks away at least once"] == 0.25
    assert found["China walks away at least once"] == 0
    assert found["talks break off though nobody walks away"] == 0.25


def test_what_is_lacking_at_the_last_round_held_says_why_there_is_no_deal():
    """The last draw lacks something at the second round, the last one that was held in it."""
    suits, holds_out = f"{NO_DEAL}, as no package suits both sides", f"{NO_DEAL}, as one side holds out for more"
    found = shares(four_draws())
    assert (found[suits], found[holds_out]) == (0.25, 0)
    content = (ROUNDS[0], dataclasses.replace(ROUNDS[1], lacking=np.zeros((2, 4))), ROUNDS[2])
    found = shares(four_draws(rounds=content))
    assert (found[suits], found[holds_out]) == (0, 0.25)
    one_side = (ROUNDS[0], dataclasses.replace(ROUNDS[1], lacking=np.array([[0.0] * 4, [np.inf] * 4])), ROUNDS[2])
    assert shares(four_draws(rounds=one_side))[suits] == 0.25


def test_rungs_are_counted_from_below():
    ladder = Escalation.model_construct(rungs=(("us_tariffs_halved",), ("us_tariffs_removed",)))
    space = four_draws(rungs=np.array([0, 1, 2, 2]))
    talks = space.scenario.talks.model_copy(update={"escalation": ladder})
    space = dataclasses.replace(space, scenario=space.scenario.model_copy(update={"talks": talks}))
    found = shares(space)
    assert found["tariffs rise to rung 1 or higher"] == 0.75
    assert found["tariffs rise to rung 2 or higher"] == 0.5


def test_deals_can_be_told_apart_by_another_issue():
    found = shares(four_draws(issue=TARIFFS))
    assert found["signed with US tariffs on Chinese goods: keep"] == 0.75
    assert found["signed with US tariffs on Chinese goods: remove"] == 0


def test_shares_of_outcomes_have_their_intervals():
    for row in deal_tables.outcomes(random_space()).to_dict("records"):
        assert (row["low"], row["high"]) == share_interval(row["share"], 40)


# -- history -----------------------------------------------------------------------------------------------------------

KNOWN = ({"until": FIRST, "signed": False}, {"until": THIRD, "signed": True, "without": (ACCESS,)})


def six_draws():
    """Signed at the first round, the second with access, the second, the third without, the third, and never.

    The package of number 0 has no cloud access and keeps tariffs; 3 removes them without access; 1 and 4 have a zone.
    """
    at_round, signed = np.array([0, 1, 1, 2, 2, 3]), np.array([0, 1, 0, 3, 4, -1])
    rounds = tuple(
        dataclasses.replace(
            round_held(n, at_round == n, held=at_round >= n), package=np.where(at_round >= n, signed, -1)
        )
        for n in range(3)
    )
    months = {name: np.full(6, NEVER) for name in ("deal_month", "broken_month", "no_deal_month")}
    return space_of(np.ones((2, 6, 6)), signed=signed, rounds=rounds, outcomes=months)


def test_what_is_known_is_as_likely_as_it_was_among_the_draws_that_had_gone_so_far_as_history_did():
    """By hand: five of six sign nothing in April, four of these do by May, two of these without access."""
    space = with_history(six_draws(), *KNOWN)
    table = deal_tables.history(space)
    assert table["what"].tolist() == ["no deal by 2019-04-05", "a deal by 2019-05-10", "a deal without cloud access"]
    assert table["share"].tolist() == pytest.approx([5 / 6, 4 / 5, 2 / 4])
    assert table["draws"].tolist() == [6, 5, 4]
    assert table["went"].tolist() == [5, 4, 2]
    assert space.went_as_history.tolist() == [False, False, True, True, False, False]
    for row in table.to_dict("records"):
        assert (row["low"], row["high"]) == share_interval(row["share"], row["draws"])


def test_chances_of_spans_multiply_to_the_share_that_went_as_history_did():
    space = with_history(random_space(200), *KNOWN)
    table = deal_tables.history(space)
    assert 0 < table["share"].prod() == pytest.approx(space.went_as_history.mean())


def test_a_span_holds_the_rounds_after_the_one_before_it_up_to_its_last_day():
    whole = with_history(six_draws(), {"until": dt.date(2019, 12, 31), "signed": True})
    assert deal_tables.history(whole)["went"].tolist() == [5]
    days = (dt.date(2019, 4, 30), dt.date(2019, 5, 1), dt.date(2019, 5, 9))
    for day, went in zip(days, (1, 3, 3), strict=True):
        assert deal_tables.history(with_history(six_draws(), {"until": day, "signed": True}))["went"].tolist() == [went]


def test_what_a_deal_in_history_left_out_is_asked_of_the_deal_of_that_time():
    """One without access is signed in April and breaks, and in May another one with a zone."""
    first = dataclasses.replace(round_held(0, [True]), package=np.array([0]))
    last = dataclasses.replace(round_held(1, [True]), package=np.array([1]))
    months = {"deal_month": np.array([10]), "broken_month": np.array([NEVER]), "no_deal_month": np.array([NEVER])}
    space = space_of(np.ones((2, 6, 1)), signed=np.array([1]), rounds=(first, last), outcomes=months)
    known = with_history(space, {"until": FIRST, "signed": True, "without": (ACCESS,)})
    assert known.went_as_history.tolist() == [True]


def test_draws_that_went_as_history_did_are_looked_at_by_themselves():
    space = with_history(six_draws(), *KNOWN)
    found = deal_tables.outcomes(space).set_index("outcome")
    assert found.loc["signed with cloud access: none", "history_share"] == 1
    assert found.loc["signed with cloud access: none", "share"] == pytest.approx(3 / 6)
    assert deal_tables.dates(space)["history_share"].tolist() == [0, 0.5, 1]


def test_where_nothing_is_known_nothing_is_said_about_it():
    assert four_draws().went_as_history is None
    assert deal_tables.history(four_draws()).empty
    assert deal_tables.outcomes(four_draws())[["history_share", "history_low", "history_high"]].isna().all(axis=None)


def test_where_no_draw_went_as_history_did_nothing_is_said_of_those_that_did():
    space = with_history(four_draws(), {"until": FIRST, "signed": True, "without": (TARIFFS,)})
    space = dataclasses.replace(space, signed=np.array([3, 3, 3, -1]))
    rounds = (dataclasses.replace(ROUNDS[0], package=np.full(4, 3)), *ROUNDS[1:])
    space = dataclasses.replace(space, rounds=rounds)
    assert not space.went_as_history.any()
    table = deal_tables.outcomes(space)
    assert table["history_share"].isna().all()
    assert table["share"].notna().all()
    assert deal_tables.history(space)["share"].tolist() == [0.25, 0]


# -- what is lacking, and what threats are worth -----------------------------------------------------------------------


def ending_without_a_deal(lacking, point_worth):
    """Draws that all end without a deal, lacking so much at their only round, [country, draw]."""
    draws = lacking.shape[1]
    months = {"deal_month": np.full(draws, NEVER), "broken_month": np.full(draws, NEVER),
              "no_deal_month": np.full(draws, 10)}  # fmt: skip
    only = round_held(0, [False] * draws, lacking=lacking)
    return space_of(
        np.ones((2, 6, draws)), rounds=(only,), outcomes=months, point_worth=np.asarray(point_worth, dtype=float)
    )


def test_what_each_side_lacks_is_told_by_quantiles_of_the_draws_in_which_the_other_would_sign_something():
    lacking = np.array([[1.0, 2.0, 3.0, np.inf], [0.0, 0.0, 10.0, 20.0]])
    table = deal_tables.thresholds(ending_without_a_deal(lacking, [[2.0] * 4, [4.0] * 4])).set_index("country")
    assert table["draws"].tolist() == [4, 4]
    assert table["out_of_reach_share"].tolist() == [0.25, 0]
    assert table["lacking_p50_bn"].tolist() == [2, 5]
    assert table.loc["us", ["lacking_p5_bn", "lacking_p95_bn"]].tolist() == pytest.approx([1.1, 2.9])
    assert table["points_p50"].tolist() == [1, 1.25]


def test_points_of_tariff_are_counted_where_they_are_worth_something():
    lacking = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
    table = deal_tables.thresholds(ending_without_a_deal(lacking, [[1.0, -1.0, np.nan], [np.nan] * 3]))
    assert table["points_p50"].tolist()[0] == 1
    assert np.isnan(table["points_p50"].tolist()[1])


def test_only_draws_without_a_deal_lack_anything_and_the_last_round_held_counts():
    table = deal_tables.thresholds(four_draws()).set_index("country")
    assert table["draws"].tolist() == [1, 1]
    assert table["lacking_p50_bn"].tolist() == [4, 4]


def test_where_every_draw_signs_or_nobody_bargains_no_threshold_is_known():
    signed = {"deal_month": np.full(4, 9), "broken_month": np.full(4, NEVER), "no_deal_month": np.full(4, NEVER)}
    by_chance = tuple(dataclasses.replace(held, lacking=np.full((2, 4), np.nan)) for held in ROUNDS)
    for space in (four_draws(outcomes=signed), four_draws(rounds=by_chance)):
        table = deal_tables.thresholds(space)
        assert table[["lacking_p5_bn", "lacking_p50_bn", "points_p50"]].isna().all(axis=None)


def test_each_rung_is_described_by_mean_quantiles_and_share_of_draws_that_gain():
    climbs = np.array([[[1.0, 3.0, -1.0], [0.0, 0.0, 0.0]], [[-1.0, -2.0, -3.0], [5.0, 6.0, 7.0]]])
    table = deal_tables.ladder(space_of(np.ones((2, 6, 3)), climbs=climbs)).set_index(["rung", "country"])
    assert list(table.index) == [(1, "us"), (1, "china"), (2, "us"), (2, "china")]
    assert table["mean_bn"].tolist() == pytest.approx([1, -2, 0, 6])
    assert table["gains_share"].tolist() == pytest.approx([2 / 3, 0, 0, 1])
    assert table.loc[(1, "us"), ["p5_bn", "p95_bn"]].tolist() == pytest.approx([-0.8, 2.8])
    assert deal_tables.ladder(space_of(np.ones((2, 6, 3)))).empty


# -- intervals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "draws"), [(0.3, 50), (0.02, 200), (0.97, 12.5)])
def test_the_ends_of_an_interval_are_shares_from_which_the_one_found_is_just_not_surprising(share, draws):
    for end in share_interval(share, draws):
        assert abs(end - share) == pytest.approx(NORMAL_95 * np.sqrt(end * (1 - end) / draws))


def test_shares_of_nothing_and_of_all_have_intervals_that_end_there():
    assert share_interval(0.0, 30)[0] == 0.0
    assert share_interval(1.0, 30)[1] == 1.0
    assert share_interval(0.0, 30)[1] == pytest.approx(1 - share_interval(1.0, 30)[0])


def test_the_input_that_decides_the_signature_comes_first():
    draws = 200
    random = np.random.default_rng(3)
    inputs = pd.DataFrame({"draw": np.arange(draws), **{f"talks.{name}": random.random(draws) for name in "abc"}})
    signed = np.where(inputs["talks.b"] < 0.4, 0, -1)
    gains = np.broadcast_to(inputs["talks.c"].to_numpy(), (2, 6, draws))
    early = (round_held(0, inputs["talks.a"] > 0.7),)
    table = deal_tables.deciders(space_of(gains, signed=signed, rounds=early), inputs)
    first = table.groupby("kpi", sort=False).first()
    assert first.loc["signed", ["input", "verdict"]].tolist() == ["talks.b", "higher -> less"]
    assert first.loc["signed_at_the_first_round", ["input", "verdict"]].tolist() == ["talks.a", "higher -> more"]
    assert first.loc["us_gain_bn", "input"] == "talks.c"
    assert first.loc["us_gain_bn", "correlation"] == pytest.approx(1)


def test_where_all_draws_sign_nothing_decides():
    inputs = pd.DataFrame({"draw": np.arange(30), "talks.a": np.linspace(0, 1, 30)})
    everywhere = (round_held(0, [True] * 30),)
    space = space_of(np.ones((2, 6, 30)), signed=np.zeros(30, dtype=int), rounds=everywhere)
    table = deal_tables.deciders(space, inputs)
    assert table.empty
    assert "signed: every draw has the same value" in table.attrs["note"]


def test_the_issue_to_look_at_is_ownership_in_the_focus_market_unless_one_is_named(space):
    assert deal_tables.chosen_issue(space.scenario) == ACCESS
    assert deal_tables.chosen_issue(space.scenario, TARIFFS) == TARIFFS
    tariffs_only = space_of(np.ones((2, 2, 3)), {TARIFFS: AGENDA[TARIFFS]})
    assert deal_tables.chosen_issue(tariffs_only.scenario) == TARIFFS
    with pytest.raises(ScenarioError, match=r"cloud_acess is no issue.*did you mean cloud_access"):
        deal_tables.chosen_issue(space.scenario, "cloud_acess")
