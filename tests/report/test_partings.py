"""The first event and the first figure at which two runs part."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.studies.compare.comparison import compare
from sim.studies.compare.partings import FROM_BANDS, NO_FIGURES, NOT_PAIRED, parting_line
from tests.report.made_up import with_tables


def parting_of(reference, other):
    return compare([reference, other]).partings.iloc[0]


def events(rows):
    table = pd.DataFrame(rows, columns=["draw", "date", "actor", "event", "detail"])
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[ns]")
    return table.astype(dict.fromkeys(("actor", "event", "detail"), "category"))


def named(result, **tables):
    return with_tables(result, result.scenario.model_copy(update={"name": "other"}), **tables)


def line_of(reference, other):
    return parting_line(parting_of(reference, other).to_dict(), reference.name)


def test_runs_with_the_same_events_and_figures_do_not_part(result):
    row = parting_of(result, named(result))
    assert pd.isna(row["event_date"])
    assert pd.isna(row["figure_date"])
    assert (row["draws"], row["path_draws"]) == (result.draws, result.draws)
    assert "the same events in all 20 draws; no recorded figure differs" in line_of(result, named(result))


def test_runs_part_at_the_first_month_in_which_any_draw_has_another_event(result):
    common = [(0, "2018-08-01", "us", "policy in force", "a"), (1, "2018-08-01", "us", "policy in force", "a")]
    reference = with_tables(result, events=events(common))
    later = [(draw, "2019-05-01", "china", "zone opens", "") for draw in range(9)]
    new = [(3, "2019-02-01", "aws", "applies", "zone"), (7, "2019-02-01", "aws", "applies", "zone"),
           (5, "2019-02-01", "ibm", "applies", "zone")]  # fmt: skip
    row = parting_of(reference, named(result, events=events([*common, *later, *new])))
    assert row["event_date"] == pd.Timestamp("2019-02-01")
    assert (row["actor"], row["event"], row["detail"], row["only_in"]) == ("aws", "applies", "zone", "other")
    assert (row["event_draws"], row["more_events"], row["draws"]) == (2, 1, result.draws)


def test_an_event_that_only_the_reference_has_is_a_parting_too(result):
    reference = with_tables(result, events=events([(4, "2018-09-01", "us", "signed", "")]))
    row = parting_of(reference, named(result, events=events([])))
    assert (row["only_in"], row["event_draws"]) == ("small", 1)
    assert "September 2018: us, signed only in small, in 1 of 20 draws" in line_of(
        reference, named(result, events=events([]))
    )


def test_an_event_that_happens_twice_in_one_run_and_once_in_the_other_is_a_parting(result):
    once = [(4, "2018-09-01", "guiyang", "incident", "")]
    row = parting_of(with_tables(result, events=events(once)), named(result, events=events(once * 2)))
    assert row["event"] == "incident"


def test_runs_part_at_the_first_quarter_in_which_a_figure_differs(result):
    markets = result.markets.copy()
    quarters = sorted(markets["date"].unique())
    early = (markets["date"] == quarters[3]) & (markets["market"] == "china") & markets["draw"].isin([2, 5, 6])
    late = markets["date"] == quarters[5]
    markets.loc[early, "price_index"] += 1e-12
    markets.loc[late, "hhi"] += 1.0
    row = parting_of(result, named(result, markets=markets))
    assert row["figure_date"] == quarters[3]
    assert (row["table"], row["column"], row["member"], row["figure_draws"]) == ("markets", "price_index", "china", 3)


def test_a_value_that_neither_run_has_is_no_difference(result):
    vendors = result.vendors.assign(price=float("nan"))
    row = parting_of(with_tables(result, vendors=vendors), named(result, vendors=vendors))
    assert pd.isna(row["figure_date"])


def test_figures_of_channels_part_runs_too(result):
    channels = result.channels.copy()
    quarters = sorted(channels["date"].unique())
    changed = (channels["date"] >= quarters[4]) & (channels["channel"] == "aws.china.sinnet")
    channels.loc[changed, "revenue_bn"] += 0.1
    row = parting_of(result, named(result, channels=channels))
    assert row["figure_date"] == quarters[4]
    assert (row["table"], row["column"], row["member"]) == ("channels", "revenue_bn", "aws.china.sinnet")


def test_a_channel_that_only_one_run_knows_is_no_parting_unless_it_is_used(result):
    known = result.channels["channel"] == "aws.china.sinnet"
    assert known.any()
    idle = result.channels.copy()
    idle.loc[known, ["in_use", "revenue_bn", "profit_bn", "capacity_units"]] = 0.0
    idle.loc[known, "price"] = float("nan")
    without = with_tables(result, channels=result.channels[~known])
    assert pd.isna(parting_of(without, named(result, channels=idle))["figure_date"])
    row = parting_of(without, named(result))
    assert (row["table"], row["column"], row["member"]) == ("channels", "in_use", "aws.china.sinnet")


def test_only_draws_that_both_runs_have_are_followed(result):
    wide = events([(19, "2018-08-01", "us", "signed", "")])
    kept = result.kpis[result.kpis["draw"] < 10]
    row = parting_of(result, named(result, kpis=kept, events=wide))
    assert row["draws"] == 10
    assert row["event_date"] == result.events["date"].iloc[0] or pd.isna(row["event_date"])
    assert row["event"] != "signed"


def test_where_draws_are_not_paired_no_parting_is_made_up(make_result):
    row = parting_of(make_result(seed=1), make_result(seed=2))
    assert row["note"] == NOT_PAIRED
    assert pd.isna(row["event_date"])
    assert pd.isna(row["figure_date"])


@pytest.fixture
def without_paths(scenario):
    """Runs of the compact kind that kept no full paths."""
    import sim  # noqa: PLC0415

    def run(draws=4, **changes):
        return sim.run(scenario, draws=draws, paths=0, set={"months": 12} | changes, workers=1)

    return run


def test_without_full_paths_the_bands_say_in_which_quarter_runs_part(without_paths):
    row = parting_of(without_paths(), without_paths(**{"demand.market_elasticity": 1.1}))
    assert row["note"] == FROM_BANDS
    assert row["path_draws"] == 0
    assert pd.notna(row["figure_date"])


def test_without_full_paths_bands_over_other_draws_say_nothing(without_paths):
    row = parting_of(without_paths(), without_paths(draws=3))
    assert row["note"] == NO_FIGURES
    assert pd.isna(row["figure_date"])
