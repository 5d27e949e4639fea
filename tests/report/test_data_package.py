"""`datapackage.json` describes every table of a folder, with the words under which each column is declared."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim.model.columns import COLUMNS, PATH_TABLES
from sim.report.kpi_names import NAME_UNIT, parse
from sim.studies.one_run import column_words
from tests.commanding import ended
from tests.frictionless import faults_of

LOSSES = {"bn": "bn USD", "share": "share of one", "months": "months from the start"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("package") / "mine"
    sim.run("guiyang_pilot", draws=6, set={"months": 6}, out=place, batch=3, charts=False)
    return place


def package_of(folder: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return held


def test_each_file_of_data_stands_in_one_resource_with_the_columns_it_has(folder):
    package = package_of(folder)
    named = [held["path"] if isinstance(held["path"], list) else [held["path"]] for held in package["resources"]]
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.suffix in {".parquet", ".csv"}]
    assert sorted(path for paths in named for path in paths) == sorted([*files, "scenario.yaml"])
    assert len({held["name"] for held in package["resources"]}) == len(package["resources"])
    for held, paths in zip(package["resources"], named, strict=True):
        for path in (path for path in paths if path.endswith("parquet")):
            assert [field["name"] for field in held["schema"]["fields"]] == pq.read_schema(folder / path).names
    assert any(len(paths) > 1 for paths in named)


def test_fields_have_the_words_and_units_of_their_declarations(folder):
    tables = {held["name"]: held for held in package_of(folder)["resources"]}
    said = {
        (name, field["name"]): field for name in tables for field in tables[name].get("schema", {}).get("fields", [])
    }
    for column in (column for column in COLUMNS if column.table in PATH_TABLES):
        field = said[column.table, column.name]
        assert (field["title"], field["unit"]) == (column.title, column.unit)
    for (table, name), field in said.items():
        if table == "kpis" and name != "draw" and parse(name).unit in LOSSES:
            assert field["unit"] == LOSSES[parse(name).unit]
            assert field["type"] == "number"
        if table == "kpis" and name.endswith(NAME_UNIT):
            assert field["type"] == "string"
    inputs = pd.read_parquet(folder / "inputs.parquet").columns.drop("draw")
    assert all("description" in said["inputs", name] for name in inputs)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"name": "draw", "type": "integer"', '"name": "drew", "type": "integer"', "are declared"),
        ('"name": "kpi", "type": "string"', '"name": "kpi", "type": "number"', "where number is declared"),
        ('"unit": ', '"units": ', "has no unit"),
        ('"path": "summary.csv"', '"path": "../summary.csv"', "leads elsewhere"),
    ],
)
def test_a_package_that_is_wrong_is_found(folder, tmp_path, before, after, words):
    package = json.dumps(package_of(folder))
    assert before in package
    copy = shutil.copytree(folder, tmp_path / "outer" / "copy")
    shutil.copy(folder / "summary.csv", tmp_path / "outer")
    assert faults_of(copy) == []
    (copy / "datapackage.json").write_text(package.replace(before, after), encoding="utf-8")
    assert any(words in fault for fault in faults_of(copy))


def test_the_package_is_among_the_files_that_verify_looks_at(folder):
    assert ended("verify", folder, "--sample", "1").returncode == 0
    path = folder / "datapackage.json"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("bn USD", "bn EUR", 1), encoding="utf-8")
    refused = ended("verify", folder, "--sample", "1")
    path.write_text(before, encoding="utf-8")
    assert refused.returncode == 1
    assert "datapackage.json" in refused.stdout + refused.stderr


def test_the_words_of_a_column_stand_once():
    """Of two lines about one column the second would count, and nobody would see it."""
    names = [line.split("|")[0].strip() for line in column_words._WORDS.strip().splitlines()]
    assert [name for name, times in Counter(names).items() if times > 1] == []
