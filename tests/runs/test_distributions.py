"""Bands and frequencies of all draws, from counts that add up without rounding however draws are divided."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import sim
from sim.model.batch import run_batch
from sim.model.columns import AXES, DIMS, columns_of
from sim.model.recorder import PATH_FAMILIES, Paths
from sim.runs.address import Place
from sim.runs.distributions import QUANTILES, Counts, Distributions, counts_of, steps, total, value_of_step
from sim.runs.parquet import from_parquet, to_parquet

DRAWS = 60
KNOWN_TO = 2.0**-9
"""How closely counts know a value, as a share of it."""
SERIES = [
    ("vendors", "share"),
    *(("markets", column) for column in columns_of("markets")),
    *(("countries", column) for column in columns_of("countries")),
]
OF_THE_WORLD = [("regions", "real_income_bn"), ("trade", "imports_bn"), ("trade", "declared_bn")]
NUMBERS = st.floats(-1e300, 1e300, allow_subnormal=False)


@pytest.fixture(scope="module")
def result() -> sim.RunResult:
    """A run in unequal batches, all of whose paths are kept."""
    return sim.run("guiyang_pilot", draws=DRAWS, batch=17, set={"months": 48})


@pytest.fixture(scope="module")
def paths() -> Paths:
    return run_batch(sim.load("guiyang_pilot", set={"months": 12}), range(24), 1)


def rows_of(table: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Rows about one quantity, by the names of the axes that its table has, and date."""
    rows = table[(table["table"] == name) & (table["column"] == column)]
    axes = list(DIMS[name])
    return rows.astype(dict.fromkeys(axes, "str")).set_index([*axes, "date"]).sort_index()


def over_draws(table: pd.DataFrame, name: str, column: str) -> Any:
    axes = list(DIMS[name])
    return table.astype(dict.fromkeys(axes, "str")).groupby([*axes, "date"])[column]


@pytest.mark.parametrize(("name", "column"), SERIES)
def test_bands_are_the_quantiles_of_the_paths(result, name, column):
    bands, values = rows_of(result.bands, name, column), over_draws(result.tables[name], name, column)
    assert bands.index.equals(values.size().index)
    for band, share in QUANTILES.items():
        below, above = (values.quantile(share, interpolation=way).abs() for way in ("lower", "higher"))
        apart = (bands[band] - values.quantile(share)).abs()
        assert (apart <= 0.002 * np.maximum(below, above)).all(), band


@pytest.mark.parametrize(("name", "column"), SERIES)
def test_means_are_close_and_the_ends_of_bands_exact(result, name, column):
    bands, values = rows_of(result.bands, name, column), over_draws(result.tables[name], name, column)
    sizes = over_draws(result.tables[name].assign(**{column: result.tables[name][column].abs()}), name, column).mean()
    assert ((bands["mean"] - values.mean()).abs() <= 0.002 * sizes).all()
    assert (bands["low"] == values.min()).all()
    assert (bands["high"] == values.max()).all()
    assert (bands["draws"] == DRAWS).all()


def test_bands_hold_nothing_else(result):
    held = {*SERIES, *OF_THE_WORLD}
    assert set(zip(result.bands["table"], result.bands["column"], strict=True)) == held
    assert len(result.bands) == sum(len(rows_of(result.bands, *series)) for series in held)


@pytest.mark.parametrize(("name", "column"), OF_THE_WORLD)
def test_bands_of_the_worlds_trade_are_told_apart_by_region(result, name, column):
    """Kept as bands alone: who gains elsewhere, and where imports come from."""
    played = run_batch(result.scenario, range(DRAWS), 1)
    values = getattr(played, name)[column].reshape(-1, DRAWS)
    bands = result.bands[(result.bands["table"] == name) & (result.bands["column"] == column)]
    assert bands["region"].nunique() == len(played.axes.regions)
    np.testing.assert_array_equal(bands["low"], values.min(axis=1))
    np.testing.assert_array_equal(bands["high"], values.max(axis=1))
    in_order = bands.astype(dict.fromkeys(DIMS[name], "str"))
    first = in_order[in_order["date"] == in_order["date"].min()][list(DIMS[name])]
    names = [getattr(played.axes, AXES[axis]) for axis in DIMS[name]]
    assert list(first.itertuples(index=False, name=None)) == list(product(*names))


def test_bands_come_from_all_draws_although_the_paths_of_a_few_are_kept(result):
    few = sim.run(result.scenario, draws=DRAWS, paths=5)
    assert few.vendors["draw"].nunique() == 5
    pd.testing.assert_frame_equal(few.bands, result.bands)
    pd.testing.assert_frame_equal(few.frequencies, result.frequencies)


def test_frequencies_count_the_draws_in_which_a_vendor_is_present_how(result):
    found = rows_of(result.frequencies, "vendors", "presence").set_index("value", append=True)["share"]
    plain = result.vendors.astype(dict.fromkeys(("vendor", "market", "presence"), "str"))
    counts = plain.groupby(["vendor", "market", "date", "presence"]).size()
    assert (found.groupby(level=[0, 1, 2]).sum() - 1).abs().max() < 1e-12
    assert found.rename_axis(counts.index.names).astype(float).to_dict() == (counts / DRAWS).to_dict()


def test_frequencies_count_the_draws_in_which_a_vendor_holds_a_place_in_the_world(result):
    rows = result.frequencies[result.frequencies["column"] == "world_rank"].astype({"vendor": "str", "value": "str"})
    named = [vendor for vendor in result.scenario.vendors if vendor in set(rows["vendor"])]
    assert {f"{vendor}_world_rank_end_rank" for vendor in named} <= set(result.kpis)
    revenue = result.vendors.astype({"vendor": "str"}).groupby(["draw", "date", "vendor"])["revenue_bn"].sum()
    places = revenue.unstack("vendor")[named].rank(axis="columns", ascending=False, method="first")
    for date, held in places.groupby(level="date"):
        for vendor in named:
            found = rows[(rows["date"] == date) & (rows["vendor"] == vendor)].set_index("value")["share"]
            counts = held[vendor].astype(int).astype(str).value_counts() / DRAWS
            assert found.to_dict() == counts.to_dict()


def test_the_last_places_are_those_of_the_main_figures(result):
    last = result.frequencies[result.frequencies["date"] == result.frequencies["date"].max()]
    for vendor in ("aws", "alibaba"):
        found = last[(last["column"] == "world_rank") & (last["vendor"] == vendor)]
        counts = result.kpis[f"{vendor}_world_rank_end_rank"].value_counts() / DRAWS
        assert dict(zip(found["value"].astype("str").astype(float), found["share"], strict=True)) == counts.to_dict()


def piece_of(paths: Paths, start: int, end: int) -> Paths:
    families: dict[str, Any] = {
        family: {name: values[..., start:end] for name, values in getattr(paths, family).items()}
        for family in PATH_FAMILIES
    }
    return replace(paths, draws=paths.draws[start:end], **families)


def assert_same(found: Counts, wanted: Counts) -> None:
    for name in ("keys", "draws", "low", "high"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    assert found.digest == wanted.digest


@given(data=st.data())
def test_counts_of_batches_add_up_to_those_of_all_draws_whatever_the_division(paths, data):
    count = len(paths.draws)
    shape = paths.markets["total_bn"].shape
    values = data.draw(arrays(np.float64, (shape[1], count), elements=st.sampled_from([0.0, -0.0]) | NUMBERS))
    restless = replace(paths, markets=paths.markets | {"total_bn": np.broadcast_to(values, shape)})
    cuts = data.draw(st.sets(st.integers(1, count - 1), max_size=count - 1))
    batches = data.draw(st.permutations(list(pairwise([0, *sorted(cuts), count]))))
    parts = [counts_of(piece_of(restless, *batch)) for batch in batches]
    wanted = counts_of(restless)

    assert_same(total(parts), wanted)
    assert wanted.draws.sum() == count * len(wanted.low)


def test_counts_of_the_longest_runs_and_very_many_draws_add_up():
    cells = np.array([0, 1, 70_000, 200_000]) << 21
    some = Counts(cells + 5, np.array([1, 2, 3, 999_999]), np.zeros(1), np.ones(1))
    others = Counts(cells + np.array([4, 5, 5, 6]), np.array([1, 1, 10_000_000, 7]), -np.ones(1), np.zeros(1))
    added = total([some, others])
    by_hand: dict[int, int] = {}
    for key, draws in zip([*some.keys, *others.keys], [*some.draws, *others.draws], strict=True):
        by_hand[int(key)] = by_hand.get(int(key), 0) + int(draws)
    assert dict(zip(added.keys.tolist(), added.draws.tolist(), strict=True)) == by_hand
    assert (np.diff(added.keys) > 0).all()
    assert (added.low[0], added.high[0]) == (-1, 1)


def test_counts_come_back_from_their_files(paths, tmp_path):
    counts = counts_of(paths)
    back = {}
    for name, table in counts.tables().items():
        file = Place.of(tmp_path / name)
        file.write(to_parquet(table, name))
        back[name] = from_parquet(file, "again")
    assert_same(Counts.from_tables(back), counts)


def test_one_draw_is_its_own_band(paths):
    bands = Distributions(paths.scenario, counts_of(piece_of(paths, 7, 8))).bands()
    for name in (*QUANTILES, "mean", "high"):
        np.testing.assert_array_equal(bands[name], bands["low"])


@given(arrays(np.float64, st.integers(1, 40), elements=NUMBERS))
def test_values_keep_their_order_in_steps(values: NDArray[np.float64]):
    assert (np.diff(steps(np.sort(values))) >= 0).all()


@given(arrays(np.float64, st.integers(1, 40), elements=NUMBERS))
def test_values_come_back_from_their_steps_nearly_as_they_were(values: NDArray[np.float64]):
    back = value_of_step(steps(values))
    assert (np.abs(back - values) <= KNOWN_TO * np.abs(values)).all()
    np.testing.assert_array_equal(steps(back), steps(values))


@pytest.mark.parametrize("values", [[0.0], [-0.0], [1.0, -1.0], [*range(-512, 513)], [0.5, -0.25, 2.0**-40]])
def test_zeros_and_small_whole_numbers_are_known_exactly(values):
    np.testing.assert_array_equal(value_of_step(steps(np.array(values, dtype=np.float64))), values)


def test_numbers_on_both_sides_of_zero_keep_their_order():
    values = np.array([-1e9, -2.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 2.0, 1e9])
    assert (np.diff(steps(values)) > 0).all()
    assert steps(np.array([-0.0])) == steps(np.array([0.0]))
