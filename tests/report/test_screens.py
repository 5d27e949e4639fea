"""Screens show what there is: no column of what is not known, and the page that was meant."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from sim.cli import run
from sim.report.kept_table import Kept
from sim.studies.deals import deal_page
from sim.studies.deals.deal_lists import outcome_table
from sim.studies.deals.deal_tables import outcomes
from tests.report.made_up_deals import random_space

HISTORY = ("weigh", "history")


def shown(table) -> str:
    return " ".join([table.caption, table.note, *(column.title for column in table.columns)])


@pytest.mark.parametrize("known", [False, True])
def test_history_has_a_column_only_where_some_is_known(known):
    space = random_space()
    draws = len(space.draws)
    weights = np.linspace(0, 2 / draws, draws) if known else np.full(draws, 1 / draws)
    space = dataclasses.replace(space, weights=weights)
    said = shown(outcome_table(space))
    assert all((word in said) == known for word in HISTORY)

    said = shown(deal_page._outcome_table(Kept("outcomes", outcomes(space)), space))
    assert all((word in said) == known for word in HISTORY)


@pytest.mark.parametrize(("names", "page"), [(["a"], "a"), (["a", "b"], "b_vs_a"), (["a", "b", "c"], "all_vs_a")])
def test_the_last_line_of_a_run_names_the_page_of_all_that_was_run(names, page):
    results = [SimpleNamespace(name=name) for name in names]
    assert run._page(results, "results") == f"results/{page}/report.html"
