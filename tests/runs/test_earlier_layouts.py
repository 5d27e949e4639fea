"""A result of the layout before is read as what it would be today, and says what it lacks and how to make it again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from tests.commanding import ended
from tests.forging import vouch

MONTHS = 6
TURNED = {
    "p5": "p95",
    "p25": "p75",
    "p50": "p50",
    "p75": "p25",
    "p95": "p5",
    "mean": "mean",
    "low": "high",
    "high": "low",
}


@pytest.fixture(scope="module")
def today(tmp_path_factory) -> Path:
    """A run with terms of trade that are not 0 everywhere, so that a lost sign is seen."""
    place = tmp_path_factory.mktemp("today") / "kept"
    sim.run("status_quo", draws=4, set={"months": MONTHS, "goods.form": "partial"}, out=place, batch=2, charts=False)
    for path in [*(place / "countries").iterdir(), *(place / "kpis").iterdir()]:
        table = pd.read_parquet(path)
        for column in (name for name in table if name.startswith("terms_of_trade")):
            table[column] = np.linspace(-2.0, 3.0, len(table))
        table.to_parquet(path)
    bands = pd.read_parquet(place / "bands.parquet")
    rows = (bands["column"] == "terms_of_trade_bn").to_numpy()
    for shift, name in enumerate(("low", "p5", "p25", "p50", "mean", "p75", "p95", "high")):
        bands.loc[rows, name] = -1.0 + shift
    bands.to_parquet(place / "bands.parquet")
    vouch(place)
    return place


OF_REROUTING = ("rerouting_gain", "avoided_duty", "rerouted")
"""Accounts that came with layout 7; here nothing is re-routed."""
OF_LIMITS = ("licence_rent", "export_fees")
"""Those of layout 6; here nothing is limited."""
LATER = OF_LIMITS + OF_REROUTING


def laid_out_without(place: Path, accounts: tuple[str, ...], layout: int) -> Path:
    """Take accounts out of all tables of a result, as an earlier layout had none of them."""
    for path in [*(place / "countries").iterdir(), *(place / "kpis").iterdir()]:
        table = pd.read_parquet(path)
        table.drop(columns=[name for name in table if name.startswith(accounts)]).to_parquet(path)
    bands = pd.read_parquet(place / "bands.parquet").astype({"column": "str"})
    bands = bands[~bands["column"].str.startswith(accounts)]
    bands.astype({"column": "category"}).reset_index(drop=True).to_parquet(place / "bands.parquet")
    vouch(place, format=layout)
    return place


@pytest.fixture
def without_routes(today, tmp_path) -> Path:
    """The same, laid out as version 6 did: nothing of goods declared as of another origin."""
    return laid_out_without(shutil.copytree(today, tmp_path / "routes"), OF_REROUTING, 6)


@pytest.fixture
def without_limits(today, tmp_path) -> Path:
    """The same, laid out as version 5 did: nothing of the rents and fees of limits on goods either."""
    return laid_out_without(shutil.copytree(today, tmp_path / "before"), LATER, 5)


@pytest.mark.parametrize("table", ["kpis", "countries", "vendors"])
@pytest.mark.depth
def test_tables_of_layouts_5_and_6_are_those_of_today(without_limits, without_routes, today, table):
    for before, lacks in ((without_limits, "rents and fees"), (without_routes, "another origin")):
        ours, theirs = (getattr(sim.read(place), table) for place in (before, today))
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)
        assert lacks in sim.read(before).lacking
        assert ended("compare", before, today).returncode == 0


@pytest.fixture
def before(without_limits) -> Path:
    """Laid out as version 4 did: bands without regions, the loss of exporters in place of terms of trade."""
    place = without_limits
    for path in [*(place / "countries").iterdir(), *(place / "kpis").iterdir()]:
        table = pd.read_parquet(path)
        names = {name: name.replace("terms_of_trade", "exporter_loss") for name in table if "terms_of_trade" in name}
        table[list(names)] = -table[list(names)]
        table.rename(columns=names).to_parquet(path)
    for name in ("bands", "frequencies"):
        table = pd.read_parquet(place / f"{name}.parquet")
        table = table[table["region"].astype("str") == ""].drop(columns="region").astype({"column": "str"})
        lost = (table["column"] == "terms_of_trade_bn").to_numpy()
        if name == "bands":
            held = table.copy()
            for column, other in TURNED.items():
                table.loc[lost, column] = -held.loc[lost, other]
        table["column"] = table["column"].replace("terms_of_trade_bn", "exporter_loss_bn")
        table.astype({"column": "category"}).reset_index(drop=True).to_parquet(place / f"{name}.parquet")
    vouch(place, format=4)
    return place


@pytest.mark.parametrize("table", ["kpis", "countries", "bands", "frequencies", "vendors", "events"])
def test_its_tables_are_those_of_today(before, today, table):
    ours, theirs = (getattr(sim.read(place), table) for place in (before, today))
    if "region" in theirs:
        kept = (theirs["region"].astype("str") == "") & ~theirs["column"].astype("str").str.startswith(LATER)
        theirs = theirs[kept].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, check_categorical=False)


def test_it_says_what_it_lacks_and_how_to_make_it_again(before, today):
    assert sim.read(today).lacking == ""
    result = sim.read(before)
    command = f"cloudtrade run status_quo --set months={MONTHS} --set goods.form=partial --draws 4 --seed 1"
    assert command in result.lacking
    assert "regions" in result._repr_html_()
    said = ended("compare", before, today)
    assert said.returncode == 0
    assert said.stdout.count("was kept in layout 4") == 1
    assert json.loads(ended("compare", before, today, "--json").stdout)["notes"][0].startswith(result.lacking)


@pytest.mark.parametrize("command", [["verify"], ["compare"]])
def test_an_older_one_is_refused_with_the_command(before, command):
    vouch(before, format=3)
    said = ended(*command, *[before] * (1 if command == ["verify"] else 2))
    assert said.returncode == 2
    assert "cloudtrade run status_quo --set months=6" in said.stderr


def test_it_is_not_verified_nor_written_anew(before, tmp_path):
    said = ended("verify", before)
    assert said.returncode == 2
    assert "cloudtrade run status_quo" in said.stderr
    with pytest.raises(sim.ScenarioError, match="makes it again"):
        sim.read(before).save(tmp_path / "anew")


def test_a_damaged_one_is_named_all_the_same(before):
    table = pd.read_parquet(before / "bands.parquet").drop(columns="mean")
    table.to_parquet(before / "bands.parquet")
    vouch(before)
    with pytest.raises(sim.ScenarioError, match="without the columns mean"):
        sim.read(before).bands  # noqa: B018 (it is read when asked for)
