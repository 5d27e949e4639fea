"""Screens show what there is: no column of what is not known, and the page that was meant."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.cli import run
from sim.report.kept_table import Kept
from sim.studies.deals import deal_page
from sim.studies.deals.deal_lists import outcome_table
from sim.studies.deals.deal_tables import deal_tables
from tests.report.made_up_deals import random_space, with_history

INPUTS = pd.DataFrame({"draw": np.arange(40), "talks.a": np.linspace(0, 1, 40)})
KNOWN = {"until": dt.date(2019, 4, 5)}


def shown(table) -> str:
    return " ".join([table.caption, table.note, *(column.title for column in table.columns)])


@pytest.mark.parametrize("known", [False, True])
def test_history_has_a_column_only_where_some_is_known(known):
    space = with_history(random_space(), KNOWN) if known else random_space()
    assert ("history" in shown(outcome_table(space))) == known

    tables = {name: Kept(name, table) for name, table in deal_tables(space, INPUTS).items()}
    said = [shown(table) for table in deal_page._outcome_tables(tables, space)]
    assert any("history" in words for words in said) == known
    assert any("known to have happened" in words for words in said) == known


@pytest.mark.parametrize(("names", "page"), [(["a"], "a"), (["a", "b"], "b_vs_a"), (["a", "b", "c"], "all_vs_a")])
def test_the_last_line_of_a_run_names_the_page_of_all_that_was_run(names, page):
    results = [SimpleNamespace(name=name) for name in names]
    assert run._page(results, "results") == f"results/{page}/report.html"
