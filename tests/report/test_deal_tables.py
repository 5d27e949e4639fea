"""Tables of the deal space say what its draws say, counted again by plainer means."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.quantities import NEVER
from sim.report.statistics import share_interval
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
    return space_of(gains, **{"signed": np.array([0, 1, 2, -1]), "outcomes": months, **changed})


ROUNDS = (
    round_held(0, [True, False, False, False], [False, False, False, True]),
    round_held(1, [False, True, False, False]),
    round_held(2, [False, False, True, False]),
)


def test_rounds_of_the_same_month_are_told_apart_where_governments_bargain():
    table = deal_tables.outcomes(four_draws(rounds=ROUNDS)).set_index("outcome")["prior_share"]
    assert table["signed by 2019-04-05 (Washington)"] == 0.25
    assert table["signed by 2019-05-01 (Beijing)"] == 0.5
    assert table["signed by 2019-05-10 (Washington)"] == 0.75
    assert table["talks broke off on 2019-04-05"] == 0.25
    assert table["signed and broken later"] == table["ended without a deal"] == 0.25
    assert [table[f"signed with cloud access: {level}"] for level in ("none", "pilot zone", "nationwide")] == [0.25] * 3


def test_of_rounds_in_one_month_the_last_counts_where_nothing_else_is_known():
    table = deal_tables.outcomes(four_draws()).set_index("outcome")
    signed = [outcome for outcome in table.index if outcome.startswith("signed by")]
    assert signed == ["signed by 2019-04-05 (Washington)", "signed by 2019-05-10 (Washington)"]
    assert table.loc[signed, "prior_share"].tolist() == [0.25, 0.75]
    assert table.loc[signed, "date"].tolist() == [dt.date(2019, 4, 5), dt.date(2019, 5, 10)]


def test_deals_can_be_told_apart_by_another_issue():
    table = deal_tables.outcomes(four_draws(), TARIFFS).set_index("outcome")["prior_share"]
    assert table["signed with US tariffs on Chinese goods: keep"] == 0.75
    assert table["signed with US tariffs on Chinese goods: remove"] == 0


def test_history_weighs_draws_by_how_well_they_fit_it():
    weights = np.array([0.7, 0.1, 0.1, 0.1])
    table = deal_tables.outcomes(four_draws(rounds=ROUNDS, weights=weights)).set_index("outcome")
    assert table.loc["signed by 2019-04-05 (Washington)", "weighted_share"] == pytest.approx(0.7)
    assert table.loc["ended without a deal", "weighted_share"] == pytest.approx(0.1)
    assert table["effective_draws"].unique() == pytest.approx(1 / (0.49 + 3 * 0.01))
    assert (table["draws"] == 4).all()


def test_equal_weights_are_worth_all_draws():
    table = deal_tables.outcomes(four_draws(rounds=ROUNDS))
    assert table["effective_draws"].unique() == pytest.approx(4)
    np.testing.assert_allclose(table["weighted_share"], table["prior_share"])
    np.testing.assert_allclose(table["weighted_low"], table["prior_low"])


def test_where_no_draw_fits_history_nothing_is_said_about_it():
    table = deal_tables.outcomes(four_draws(weights=np.zeros(4)))
    assert (table["effective_draws"] == 0).all()
    assert table[["weighted_share", "weighted_low", "weighted_high"]].isna().all(axis=None)
    assert table["prior_share"].notna().all()


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
    table = deal_tables.deciders(space_of(gains, signed=signed), inputs)
    first = table.groupby("kpi", sort=False).first()
    assert first.loc["signed", ["input", "verdict"]].tolist() == ["talks.b", "higher -> less"]
    assert first.loc["us_gain_bn", "input"] == "talks.c"
    assert first.loc["us_gain_bn", "correlation"] == pytest.approx(1)


def test_where_all_draws_sign_nothing_decides():
    inputs = pd.DataFrame({"draw": np.arange(30), "talks.a": np.linspace(0, 1, 30)})
    table = deal_tables.deciders(space_of(np.ones((2, 6, 30)), signed=np.zeros(30, dtype=int)), inputs)
    assert table.empty
    assert "signed: every draw has the same value" in table.attrs["note"]


def test_the_issue_to_look_at_is_ownership_in_the_focus_market_unless_one_is_named(space):
    assert deal_tables.chosen_issue(space.scenario) == ACCESS
    assert deal_tables.chosen_issue(space.scenario, TARIFFS) == TARIFFS
    tariffs_only = space_of(np.ones((2, 2, 3)), {TARIFFS: AGENDA[TARIFFS]})
    assert deal_tables.chosen_issue(tariffs_only.scenario) == TARIFFS
    with pytest.raises(ScenarioError, match=r"cloud_acess is no issue.*did you mean cloud_access"):
        deal_tables.chosen_issue(space.scenario, "cloud_acess")
