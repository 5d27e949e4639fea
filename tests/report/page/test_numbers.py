"""Every number on a page stands in the file that the page names, and the answer claims what the file supports."""

from __future__ import annotations

import json
import math
import re
from functools import cache

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from sim.report.kpi_names import UNITS
from sim.studies.compare.comparison_answer import GAINS

NUMBER = re.compile(r"[-+−]?[\d,]*\.?\d+(?:e[-+]?\d+)?")
INTERVALS = re.compile(r"90 %")
AMOUNTS = {"thousand": 1e-6, "million": 1e-3, "billion": 1.0, "trillion": 1e3}
"""Words for amounts, of which the sign may stand in words before them, bn USD."""


@cache
def parsed(folder) -> BeautifulSoup:
    """The page, which nobody may change."""
    return freshly_parsed(folder)


def freshly_parsed(folder) -> BeautifulSoup:
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


@cache
def table(path) -> pd.DataFrame:
    return pd.read_parquet(path)


def kept_value(folder, shown):
    """What the file says that a shown number names."""
    file, column = shown["data-file"], shown["data-column"]
    if file.endswith(".parquet"):
        return table(folder / file)[column].iloc[int(shown["data-row"])]
    held = json.loads((folder / file).read_text(encoding="utf-8"))
    for step in column.split("."):
        held = held[int(step)] if isinstance(held, list) else held.get(step)
        if held is None:
            return None
    return held


@pytest.mark.depth
def test_every_number_shown_is_the_one_in_the_file_that_it_names(folder):
    shown = parsed(folder).find_all("data")
    assert len(shown) > 500
    for element in shown:
        value = kept_value(folder, element)
        if pd.isna(value):
            assert element["value"] == ""
            assert element.text.strip() == "-"
        elif isinstance(value, float):
            assert float(element["value"]) == value
        else:
            assert element["value"] == str(value)


def test_every_number_is_written_as_what_it_is_to_the_last_digit_shown(folder):
    """By its own reading of the text: sign, thousands and percent undone, no more than half a last digit off."""
    checked = 0
    for element in parsed(folder).find_all("data"):
        value = kept_value(folder, element)
        found = NUMBER.fullmatch(element.text.split(" ")[0])
        if not isinstance(value, float) or pd.isna(value) or not found or element["data-column"] == "draws_needed":
            continue
        text, _, word = element.text.replace("−", "-").replace(",", "").partition(" ")
        word = "million" if word.startswith("(") else word  # what stands beside each other is in millions
        value = value / AMOUNTS[word] if word in AMOUNTS else value
        if element["data-file"] == "gains.parquet" or word in AMOUNTS:
            value = abs(value) if text[0] not in "+-" else value
        decimals = len(text.partition(".")[2].partition("e")[0])
        shown = float(text)
        half = 0.5 * 10.0**-decimals * (10 ** int(text.partition("e")[2] or 0))
        if element["data-file"] == "validation.parquet":
            half = 0.5e-3 * abs(shown) + 1e-12
        factors = {1.0, *(unit.factor for unit in UNITS.values())}
        assert any(math.isclose(shown, value * factor, abs_tol=half * 1.001, rel_tol=0) for factor in factors), element
        checked += 1
    assert checked > 100


def test_no_number_stands_in_the_answer_without_saying_where_it_comes_from(folder):
    answer = freshly_parsed(folder).find(id="answer")
    for heading in answer.find_all(["h2", "h3"]):
        heading.decompose()
    for element in answer.find_all("data"):
        element.decompose()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    runs = [manifest, manifest.get("reference", {}), *manifest.get("others", [])]
    names = "|".join(re.escape(run["scenario"]) for run in runs if "scenario" in run)
    words = re.sub(rf"“[^”]*”|{names}", "", answer.get_text(" "))
    assert not re.findall(r"\d", INTERVALS.sub("", words)), words


def test_the_answer_names_as_gaining_and_losing_only_those_whose_interval_leaves_zero_out(folders):
    claims = 0
    for name in ("pair", "three"):
        gains = table(folders[name] / "gains.parquet")
        for paragraph in parsed(folders[name]).select("#answer p"):
            side = 0
            for piece in paragraph.children if paragraph.text.startswith(GAINS) else ():
                if piece.name != "data":
                    side = 1 if "Gain: " in piece.text else -1 if "Lose: " in piece.text else side
                elif piece["data-column"] == "party":
                    row = gains.iloc[int(piece["data-row"])]
                    assert row["told"]
                    assert (row["gain_low_bn"] > 0) if side > 0 else (row["gain_high_bn"] < 0)
                    claims += 1
    assert claims > 3


def test_each_value_of_the_scenario_has_its_source(folder):
    assumptions = table(folder / "assumptions.parquet")
    numbers = assumptions[~assumptions["path"].isin(["start", "months", "window_months"])]
    assert len(numbers) > 200
    assert (numbers["source"] == "").mean() < 0.05, numbers[numbers["source"] == ""]


def test_the_figures_by_which_to_trust_the_model_are_those_that_the_package_keeps(folder):
    figures, checks = (table(folder / f"validation{end}.parquet") for end in ("", "_checks"))
    assert checks["figures"].sum() == len(figures)
    for row in checks.to_dict("records"):
        own = figures[figures["check"] == row["check"]]
        ranged = own[own["low"] < own["high"]]
        assert row["with_range"] == len(ranged)
        assert row["inside"] == ((ranged["low"] <= ranged["data"]) & (ranged["data"] <= ranged["high"])).sum()


@pytest.mark.parametrize("name", ["run", "pair"])
def test_the_charts_of_a_page_are_those_of_the_folder(folders, name):
    folder = folders[name]
    page = parsed(folder)
    captions = " ".join(caption.text for caption in page.find_all("figcaption"))
    charts = sorted((folder / "charts").glob("*.csv"))
    assert len(page.find_all("figure")) == len(charts)
    assert all(f"charts/{chart.name}" in captions for chart in charts)
