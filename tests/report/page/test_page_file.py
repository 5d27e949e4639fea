"""A page is one file that needs nothing else, the same whenever the results are the same."""

from __future__ import annotations

import re

import pytest

import sim
from sim.report.drawn_chart import drawn_charts
from sim.report.statistics import summarise
from sim.studies.compare.comparison import compare
from sim.studies.one_run.run_page import RUN_CHARTS, run_page
from tests.report.page.test_numbers import parsed

LINKS = re.compile(r"""\b(?:src|href|xlink:href|action|poster)=["']([^"']*)["']|url\(([^)]*)\)|@import""")


def test_a_page_refers_to_nothing_outside_itself(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    targets = {one or other for one, other in LINKS.findall(text)}
    assert targets
    assert {target for target in targets if not target.startswith(("#", "data:,"))} == set()
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names))
    assert {target.removeprefix("#") for target in targets if target.startswith("#")} <= set(names)


def test_text_in_charts_is_text(folder):
    words = {text.text.strip() for text in parsed(folder).select("figure svg text")}
    assert any(word in text for word in ("Alibaba", "welfare", "gain to") for text in words)


def test_words_of_a_scenario_cannot_become_part_of_the_page(make_result):
    nasty = "<script>alert('x')</script> & \"so on\""
    result = make_result()
    scenario = result.scenario.model_copy(update={"title": nasty, "question": nasty})
    result = make_result()
    object.__setattr__(result, "scenario", scenario)
    page = run_page(result, summarise(result.kpis), drawn_charts(RUN_CHARTS, result)).html
    assert "<script>alert" not in page
    assert page.count("<script>") == 1


def test_the_same_results_give_the_same_page(make_result):
    result = make_result()
    pages = [run_page(result, summarise(result.kpis), drawn_charts(RUN_CHARTS, result)).html for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.depth
def test_a_comparison_that_is_not_paired_says_so_on_its_page(make_result, tmp_path):
    compare([make_result(), make_result(seed=2, name="other")]).save(tmp_path / "pair")
    assert "do not share their luck" in parsed(tmp_path / "pair").find(id="answer").text


def size_of_page(result):
    return len(run_page(result, summarise(result.kpis), drawn_charts(RUN_CHARTS, result)).html.encode())


@pytest.mark.depth
def test_a_page_of_a_whole_run_has_under_three_megabytes_and_does_not_grow_with_its_draws(make_result):
    few, many = (size_of_page(make_result(draws=draws)) for draws in (60, 1000))
    assert size_of_page(sim.run("guiyang_pilot", draws=20, workers=1)) < 2_700_000
    assert many < 1.1 * few


@pytest.mark.parametrize("kind", ["run", "pair"])
def test_every_table_that_a_page_names_is_in_the_folder(folders, kind):
    folder = folders[kind]
    named = {element["data-file"] for element in parsed(folder).find_all("data")}
    assert named
    assert all((folder / name).exists() for name in named)
