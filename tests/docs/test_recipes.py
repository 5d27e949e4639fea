"""What docs/running.md shows of other tools works on a result folder, with those that are installed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim

PAGE = Path(__file__).parents[2] / "docs" / "running.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## Reading results with other tools")[2].partition("\n## ")[0]
BLOCKS = [block.partition("\n")[::2] for block in SECTION.split("```")[1::2]]
PYTHON = {
    text.split()[1] if text.startswith("import") else "sim": text for language, text in BLOCKS if language == "python"
}
(SQL,) = (text for language, text in BLOCKS if language == "sql")


@pytest.fixture(scope="module")
def shares(tmp_path_factory) -> tuple[Path, pd.Series]:
    """A folder with a result, and the mean shares in China that each recipe has to find."""
    place = tmp_path_factory.mktemp("recipes")
    result = sim.run(
        "status_quo",
        draws=4,
        set={"months": 6},
        out=place / "results" / "status_quo",
        batch=2,
        charts=False,
        replace=True,
    )
    held = result.vendors[result.vendors["market"] == "china"].astype({"vendor": "str"})
    return place, held.groupby(["date", "vendor"])["share"].mean()


def last_value(text: str, names: dict[str, Any]) -> Any:
    """Run a block and give the value of its last line."""
    *lines, last = ast.parse(text).body
    exec(compile(ast.Module(lines, []), "block", "exec"), names)  # noqa: S102 (our own page)
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "block", "eval"), names)  # noqa: S307 (our own page)


@pytest.mark.depth
def test_our_own_forms(shares, monkeypatch):
    pytest.importorskip("xarray")
    monkeypatch.chdir(shares[0])
    names: dict[str, Any] = {"sim": sim}
    last_value(PYTHON["sim"], names)
    means = names["paths"].vendors_share.sel(market="china").mean("draw").to_series()
    np.testing.assert_allclose(means.reindex(shares[1].index), shares[1])
    assert list(pd.read_csv("status_quo_iamc.csv").columns) == list(names["table"].columns)


@pytest.mark.parametrize(("library", "column"), [("pyarrow.compute", "share_mean"), ("polars", "share")])
def test_libraries_that_read_parquet(library, column, shares, monkeypatch):
    pytest.importorskip(library)
    monkeypatch.chdir(shares[0])
    found = last_value(PYTHON[library], {}).to_pandas().astype({"vendor": "str"})
    means = found.set_index(["date", "vendor"])[column]
    np.testing.assert_allclose(means.reindex(shares[1].index), shares[1])


def test_sql(shares, monkeypatch):
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(shares[0])
    means = duckdb.sql(SQL).df().astype({"vendor": "str"}).set_index(["date", "vendor"])["mean"]
    np.testing.assert_allclose(means.reindex(shares[1].index), shares[1])
