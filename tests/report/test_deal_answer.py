"""What a deal space says in sentences is what its tables hold, and nothing is said where nothing is known."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sim.quantities import NEVER
from sim.report.kept_table import Cell, Kept
from sim.report.statistics import share_in_words, whole_percent
from sim.studies.deals.deal_answer import answer_of
from sim.studies.deals.deal_tables import deal_tables
from tests.report.made_up_deals import ACCESS, random_space, round_held, space_of, with_history

KNOWN = ({"until": dt.date(2019, 5, 1)}, {"until": dt.date(2019, 5, 10), "signed": True, "without": (ACCESS,)})


def kept(space):
    inputs = pd.DataFrame({"draw": space.draws, "talks.a": space.draws / (len(space.draws) + 1)})
    return {name: Kept(name, table.reset_index(drop=True)) for name, table in deal_tables(space, inputs).items()}


def said(space):
    """What is said, by heading."""
    return {paragraph.heading: paragraph.text for paragraph in answer_of(space, kept(space))}


def climbing(space):
    """The same space with two rungs, by which the United States gain and China loses."""
    draws = len(space.draws)
    climbs = np.stack([np.full((2, draws), 5.0), np.full((2, draws), -3.0)])
    return dataclasses.replace(space, climbs=climbs)


@pytest.fixture(scope="module")
def space():
    return climbing(random_space())


def test_every_number_in_a_sentence_is_that_of_a_cell(space):
    """Sentences hold cells, whose words are those that their column writes."""
    tables = kept(with_history(space, *KNOWN))
    for paragraph in answer_of(with_history(space, *KNOWN), tables):
        cells = [piece for piece in paragraph.sentence if isinstance(piece, Cell)]
        assert cells, paragraph.heading
        words = "".join(piece for piece in paragraph.sentence if isinstance(piece, str))
        assert not any(sign.isdigit() for sign in words.replace("40 draws", "")), words


def test_when_a_deal_comes_is_told_of_the_first_and_the_last_round(space):
    first, *_, last = kept(space)["dates"].frame.to_dict("records")
    words = said(space)["When a deal comes"]
    assert words.startswith("Of 40 draws something is signed by 2019-04-05 in ")
    assert "2019-05-01" not in words
    for row in (first, last):
        assert f"by {row['date']} in {whole_percent(row['share'])} ({whole_percent(row['low'])} to " in words


def test_when_a_deal_comes_is_told_of_the_ends_of_spans_where_history_is_known(space):
    words = said(with_history(space, *KNOWN))["When a deal comes"]
    assert "2019-04-05" not in words
    assert all(f"by {span['until']} in " in words for span in KNOWN)


def test_the_end_of_a_span_between_two_rounds_is_that_of_the_round_before_it(space):
    """Nothing is signed between rounds."""
    spans = ({"until": dt.date(2019, 5, 9)}, {"until": dt.date(2019, 12, 31), "signed": True})
    words = said(with_history(space, *spans))["When a deal comes"]
    shares = kept(space)["dates"].frame["share"]
    for share in shares.iloc[1:]:
        assert f" in {whole_percent(share)} (" in words


def test_draws_that_an_issue_tips_are_told_both_ways_or_that_there_are_none(space):
    last = kept(space)["dates"].frame.iloc[-1]
    words = said(space)["What cloud access does"]
    assert f"tips {share_in_words(last['only_with_share'])} of the draws towards a deal" in words
    assert f"and {share_in_words(last['only_without_share'])} away from one" in words
    same = dataclasses.replace(space, without=space.signed_by)
    assert said(same)["What cloud access does"].endswith("tips no draw either way.")
    assert "What cloud access does" not in said(dataclasses.replace(space, without=None))


def test_threats_are_told_by_who_gains_and_who_loses_by_the_first_rung(space):
    words = said(space)["What threats are worth"]
    assert "brings US USD 5" in words
    assert "costs China USD 3" in words
    assert "What threats are worth" not in said(dataclasses.replace(space, climbs=np.zeros((2, 0, 40))))


def test_history_is_told_step_by_step_and_in_all(space):
    known = with_history(space, *KNOWN)
    table = kept(known)["history"].frame
    words = said(known)["History"]
    for row in table.to_dict("records"):
        assert f"{row['what']} in {whole_percent(row['share'])}" in words
    assert words.endswith(f"all of it in {table['went'].iloc[-1]} of 40 draws.")
    assert "History" not in said(space)


def test_what_would_change_minds_is_told_of_draws_without_a_deal_only(space):
    table = kept(space)["thresholds"].frame.set_index("country")
    words = said(space)["What would change minds"]
    assert words.count(" lacks ") == 2
    assert f"{table.loc['us', 'points_p50']:.1f} points" in words
    months = {name: np.full(40, NEVER) for name in ("broken_month", "no_deal_month")} | {"deal_month": np.full(40, 9)}
    everywhere = dataclasses.replace(space, outcomes=months, signed=np.zeros(40, dtype=int))
    assert "What would change minds" not in said(everywhere)


def test_a_lone_round_in_which_nobody_bargains_can_be_told():
    only = (round_held(0, [False, True], lacking=np.full((2, 2), np.nan)),)
    words = said(space_of(np.ones((2, 6, 2)), rounds=only, signed=np.array([-1, 0])))
    assert words["When a deal comes"].count("2019-04-05") == 1
