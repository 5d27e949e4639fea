"""Results show themselves in a notebook: the same numbers as their tables, safe to show on any page."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from sim.report.kpi_names import amount_in_words, format_value
from sim.studies.compare.comparison import compare
from sim.studies.compare.comparison_answer import answer_of
from sim.studies.one_run.main_kpis import label, main_kpis
from tests.report.made_up_deals import random_space

NASTY = "<script>alert('x')</script> & \"so on\""


def parsed(shown: str) -> ET.Element:
    """HTML as it is written here is XML too, but for line breaks."""
    return ET.fromstring(shown.replace("<br>", "<br/>"))  # noqa: S314 (ours)


def rows_of(table: ET.Element) -> dict[str, list[str]]:
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.iter("tr") if row[0].get("scope") == "row"}


def test_a_run_shows_mean_and_range_of_its_main_figures(result):
    page = parsed(result._repr_html_())
    rows, summary = rows_of(page.find("table")), result.summary().set_index("kpi")

    assert len(rows) == len(main_kpis(result))
    for kpi in main_kpis(result):
        unit, *values = rows[label(kpi, result.scenario)]
        row = summary.loc[kpi]
        expected = [format_value(row[column], row["unit"]) for column in ("mean", "p5", "p95")]
        assert unit
        assert all(text.startswith(value) and len(value) > 0 for text, value in zip(expected, values, strict=True)), kpi


def test_a_run_says_what_it_asks_and_where_it_comes_from(result):
    text = " ".join(parsed(result._repr_html_()).itertext())

    assert result.scenario.title in text
    assert " ".join(result.scenario.question.split()) in text
    assert f"{result.draws} draws, seed {result.seed}" in text


def test_a_comparison_shows_answer_and_gains_for_each_other_run(make_result):
    comparison = compare([make_result(), make_result(shift=1.0, name="more"), make_result(shift=0.0, name="same")])
    shown = parsed(comparison._repr_html_())
    text = " ".join("".join(paragraph.itertext()) for paragraph in shown.iter("p"))
    for name in comparison.labels:
        assert all(paragraph.text in text for paragraph in answer_of(comparison, name))
    *_, table = shown.iter("table")
    held = comparison.gains[(comparison.gains["scenario"] == "more") & (comparison.gains["share_differing"] > 0)]
    rows = rows_of(table)
    assert set(rows) == set(held["party"])
    for row in held.to_dict("records"):
        assert rows[row["party"]][0] == f"{'+' if row['yearly_bn'] > 0 else '-'}{amount_in_words(row['yearly_bn'])}"


def test_a_comparison_says_what_a_reader_should_know(make_result):
    comparison = compare([make_result(), make_result(seed=2)])

    text = " ".join(parsed(comparison._repr_html_()).itertext())
    assert comparison.notes
    assert all(note in text for note in comparison.notes)


def test_a_deal_space_shows_the_packages_signed_most_often():
    space = random_space()
    page = parsed(space._repr_html_())
    rows = [[cell.text for cell in row] for row in page.iter("tr")][1:]
    signed = [float(row[-1].removesuffix(" %")) for row in rows]

    assert 0 < len(rows) <= len(space.packages)
    assert signed == sorted(signed, reverse=True)
    most = max((space.signed == place).mean() for place in range(len(space.packages)))
    assert signed[0] == pytest.approx(100 * most, rel=0.01)


@pytest.mark.parametrize("field", ["title", "question"])
def test_words_of_a_scenario_cannot_break_out(make_result, field):
    result = make_result()
    scenario = result.scenario.model_copy(update={field: NASTY})
    object.__setattr__(result, "scenario", scenario)

    for shown in (result._repr_html_(), compare([make_result(), result])._repr_html_()):
        assert "<script" not in shown
        assert NASTY in " ".join(parsed(shown).itertext())


def test_nothing_has_a_colour_of_its_own(make_result):
    shown = compare([make_result(), make_result(shift=1.0, name="more")])._repr_html_() + make_result()._repr_html_()

    assert "color" not in shown
    assert "background" not in shown


def test_in_plain_text_a_result_is_one_line(make_result):
    result = make_result()
    comparison = compare([result, make_result(name="more")])

    assert repr(result) == f"RunResult({result.name}: {result.draws} draws, seed {result.seed})"
    assert repr(comparison) == f"Comparison(more against {result.name})"
