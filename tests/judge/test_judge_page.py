"""docs/judge.md shows what the judges find."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyblp", reason="the page holds figures of PyBLP; install the extra `judge` to check them")
pytest.importorskip("gegravity", reason="the page holds figures of gegravity; install the extra `judge` to check them")

from tests.judge import figures

PAGE = Path(__file__).parents[2] / "docs" / "judge.md"


LINES = PAGE.read_text(encoding="utf-8").splitlines()


def not_shown(rows):
    return [line for line in rows if line not in LINES]


@pytest.mark.depth
def test_the_page_shows_how_far_logits_go_apart():
    assert not not_shown(figures.logits())


@pytest.mark.depth
def test_the_page_shows_how_closely_judges_agree_on_the_base_scenario(base):
    assert not not_shown(figures.agreement(base))


@pytest.mark.parametrize("table", [figures.goods, figures.others, figures.costs])
def test_the_page_shows_what_judges_of_goods_trade_find(history, table):
    assert not not_shown(table(history))
