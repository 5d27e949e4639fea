"""A kept result is read no further than it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.errors import ScenarioError
from sim.runs.address import Place
from tests.runs.conftest import PATHS

DRAWS = 150


@pytest.fixture
def folder(restless, tmp_path) -> Path:
    sim.run(restless, DRAWS, paths=PATHS, workers=1, batch=64, out=tmp_path / "result", charts=False)
    return tmp_path / "result"


def make_unreadable(folder: Path, table: str) -> list[Path]:
    """Put bytes that say nothing into the place of all parts of a table, as many as there were."""
    files = sorted(folder.glob(f"{table}/*.parquet") if (folder / table).is_dir() else folder.glob(f"{table}.parquet"))
    for file in files:
        file.write_bytes(b"\0" * file.stat().st_size)
    return files


def test_kpis_come_without_a_look_at_the_paths(folder, undisturbed):
    paths = ("vendors", "channels", "countries", "markets")
    for table in (*paths, "events", "counts", "extremes", "bands", "frequencies", "inputs"):
        assert make_unreadable(folder, table)
    result = sim.read(folder)
    assert result.kpis.equals(undisturbed(DRAWS).kpis)
    assert result.summary().equals(undisturbed(DRAWS).summary())
    assert result.draws == DRAWS


def test_bands_come_without_a_look_at_any_draw(folder, undisturbed):
    for table in ("kpis", "vendors", "channels", "countries", "markets", "events", "counts", "extremes", "digests"):
        make_unreadable(folder, table)
    assert sim.read(folder).bands["p50"].equals(undisturbed(DRAWS).bands["p50"])


@pytest.mark.parametrize("table", ["vendors", "kpis", "bands"])
def test_what_cannot_be_read_is_named_when_it_is_asked_for(table, folder):
    damaged = make_unreadable(folder, table)[0]
    result = sim.read(folder)
    with pytest.raises(ScenarioError, match="damaged") as refused:
        result.tables[table]
    assert str(damaged) in str(refused.value)


def test_reading_a_result_reads_no_table_at_all(restless, monkeypatch):
    place = "memory://reading/result"
    sim.run(restless, DRAWS, paths=PATHS, workers=1, batch=64, out=place, charts=False)
    seen: list[str] = []
    read = Place.read
    monkeypatch.setattr(Place, "read", lambda place: seen.append(place.name) or read(place))
    result = sim.read(place)
    assert {name.rpartition(".")[2] for name in seen} == {"json", "yaml"}
    for _ in range(2):
        assert len(result.kpis) == DRAWS
        assert sum(name.endswith(".parquet") for name in seen) == 3, "one file for each part, once"


def test_a_run_that_keeps_no_paths_says_so(restless, tmp_path):
    result = sim.run(restless, 20, paths=0, workers=1, out=tmp_path / "result", charts=False)
    assert not (tmp_path / "result" / "vendors").exists()
    assert len(result.bands)
    with pytest.raises(ScenarioError, match="kept no vendors: full paths are kept of the first draws"):
        _ = result.vendors
