"""The answer of a comparison, for made-up differences: it claims what intervals support, and no two claims clash."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.report.kept_table import Cell, Kept
from sim.report.kpi_names import amount_in_words
from sim.report.wrapping import wrapped
from sim.scenario.describing import numbers_of
from sim.scenario.loading import load
from sim.scenario.path_words import words_of_path
from sim.studies.compare.compared_runs import _described
from sim.studies.compare.comparison_answer import (
    DECIDES,
    GAINS,
    HAPPENS,
    MOST_RANKED,
    QUESTIONS,
    SURE,
    WHEN,
    Advice,
    AnswerTables,
    answer_of_comparison,
)
from sim.studies.compare.differences import paired_difference
from sim.studies.compare.gains import counted_from, gains
from sim.studies.one_run.parties import parties_of

DRAWS, LINES, COLUMNS = 40, 21, 80
OTHER = "other"
BASES = ("cum", "pv", "to2019", "to2025", "to2030")
REFERENCE = {"cum": 10.0, "pv": 8.0, "to2019": 1.0, "to2025": 4.0, "to2030": 7.0}
"""What each party has in the reference."""
COMMAND = "cloudtrade why status_quo other_scenario"
AMOUNT = re.compile(r"[\d.,]+ (?:thousand|million|billion|trillion)")


@cache
def world():
    """A scenario of the library; no fixture, whose value a failed property would print in full."""
    return load("status_quo")


changes = st.tuples(
    st.floats(-3, 3), st.sampled_from([0.0, 1e-4, 0.1, 1.0, 30.0]), st.sampled_from([0.0, 0.1, 0.6, 1.0])
)  # fmt: skip
"""Mean, spread, and share of draws that differ."""


def differences_of(scenario, drawn, seed, same=()):
    """Made-up differences of all parties; the bases in `same` are alike in all draws."""
    """Differences as comparisons have them, of values made up for each party and time basis."""
    random, rows = np.random.default_rng(seed), []
    for party, (mean, spread, differing) in zip(parties_of(scenario), drawn, strict=True):
        for basis in BASES:
            noise = mean + spread * random.normal(size=DRAWS)
            values = np.where((random.uniform(size=DRAWS) < differing) & (basis not in same), noise, 0.0)
            described = _described(paired_difference(np.zeros(DRAWS), values))
            rows.append({
                "scenario": OTHER, "kpi": party.kpi(basis), "unit": "bn", "basis": basis, **described, "paired": True,
                "reference_mean": REFERENCE[basis], "other_mean": REFERENCE[basis],
            })  # fmt: skip
    return pd.DataFrame(rows)


def tables_of(scenario, differences, share=1.0, correlation=0.5, told=True):
    found = gains(scenario, differences)
    month = pd.Timestamp("2022-01-01")
    moved = [("", "any vendor", share), ("aws", "AWS", share)] if share else [("", "any vendor", 0.0)]
    moves = pd.DataFrame([
        {"scenario": OTHER, "vendor": vendor, "title": title, "draws_moving": round(held * DRAWS), "share": held,
         "first": month, "p5": month, "p95": pd.Timestamp("2030-01-01"), "draws": DRAWS}
        for vendor, title, held in moved
    ])  # fmt: skip
    entries = pd.DataFrame(
        [{"scenario": OTHER, "vendor": "foreign", "title": "anybody", "share_reference": 0.1, "share": 0.4}]
    )
    figure = next(party.stem for party in parties_of(scenario)) + "_bn"
    paybacks = pd.DataFrame(
        [{"scenario": OTHER, "figure": figure, "share_differing": 1.0, "share_paid_back": 0.6, "p50": 2026.0}]
    )
    words = max((words_of_path(path, scenario) for path in numbers_of(scenario)), key=len)
    drivers = pd.DataFrame([
        {"scenario": OTHER, "kpi": kpi, "input": "an.input", "title": words, "correlation": correlation,
         "distinguishable": told, "draws": DRAWS}
        for kpi in found["kpi"]
    ])  # fmt: skip
    frames = {"gains": found, "moves": moves, "entries": entries, "paybacks": paybacks, "differences": differences}
    return AnswerTables(**{name: Kept(name, frame) for name, frame in frames.items()}, decided=Kept("drivers", drivers))


def answered(scenario, tables):
    paragraphs = answer_of_comparison(tables, OTHER, scenario, Advice(COMMAND))
    return {paragraph.heading: paragraph for paragraph in paragraphs}


def rows_named(pieces, column="party"):
    return [piece.row for piece in pieces if isinstance(piece, Cell) and piece.column == column]


def divided(sentence):
    """Rows that a paragraph names as gaining, and as losing, in their order."""
    named, side = {"Gain": [], "Lose": []}, ""
    for piece in sentence:
        if isinstance(piece, Cell):
            if piece.column == "party":
                named[side].append(piece.row)
        else:
            side = next((word for word in named if f"{word}: " in piece), side)
    return named["Gain"], named["Lose"]


def made_up(function):
    count = len(parties_of(world()))
    drawn = st.lists(changes, min_size=count, max_size=count)
    return settings(max_examples=25, deadline=None, phases=(Phase.generate,))(
        given(drawn, st.integers(0, 99))(function)
    )


@made_up
def test_gains_and_losses_are_those_whose_interval_leaves_zero_out(drawn, seed):
    tables = tables_of(world(), differences_of(world(), drawn, seed))
    frame = tables.gains.frame
    gaining, losing = divided(answered(world(), tables)[GAINS].sentence)
    assert all(frame["gain_low_bn"][row] > 0.0 for row in gaining)
    assert all(frame["gain_high_bn"][row] < 0.0 for row in losing)
    assert not set(gaining) & set(losing)
    parts = frame.index[frame["told"] & ~frame["whole"]]
    largest = sorted(parts, key=lambda row: -abs(frame["gain_bn"][row]))[:MOST_RANKED]
    named = [row for row in (*gaining, *losing) if not frame["whole"][row]]
    assert set(named) == set(largest)
    for side in (gaining, losing):
        assert [row for row in side if not frame["whole"][row]] == [row for row in largest if row in side]
    assert frame["rank"][largest].tolist() == list(range(1, len(largest) + 1))


@made_up
def test_what_cannot_be_told_is_said_to_be_so_and_nowhere_a_gain_or_loss(drawn, seed):
    tables = tables_of(world(), differences_of(world(), drawn, seed))
    frame, answer = tables.gains.frame, answered(world(), tables)
    unclear = set(frame.index[~frame["told"] & (frame["share_differing"] > 0.0)])
    assert not unclear & set(rows_named(answer[GAINS].sentence))
    *chances, after = answer[SURE].text.split("cannot tell from zero: ")
    assert bool(unclear) == bool(chances)
    named = [frame["party"][row] for row in rows_named(answer[SURE].sentence) if row in unclear]
    assert all(party in after for party in named)
    assert bool(named) == bool(unclear)
    same = frame["party"][frame["share_differing"] == 0.0]
    for party in set(same) - set(frame["party"][frame["share_differing"] > 0.0]):
        assert not any(party in paragraph.text for paragraph in answer.values())


@made_up
def test_sums_by_year_say_gain_and_loss_as_their_own_intervals_do(drawn, seed):
    differences = differences_of(world(), drawn, seed)
    tables = tables_of(world(), differences)
    when = answered(world(), tables).get(WHEN)
    direction = ""
    for before, piece in zip(when.sentence, when.sentence[1:], strict=False) if when else ():
        if isinstance(piece, Cell) and piece.file == "differences.parquet" and piece.column == "mean":
            direction = before if before != "USD " else direction
            row, sign = differences.loc[piece.row], tables.gains.frame["sign"][rows_named(when.sentence)[-1]]
            assert row["distinguishable"]
            assert (sign * row["mean"] > 0.0) == direction.startswith("gain")


@made_up
def test_amounts_are_those_of_the_table_and_name_their_unit(drawn, seed):
    tables = tables_of(world(), differences_of(world(), drawn, seed))
    years = 2036 - max(2018.5, tables.gains.frame["since"][0])
    for paragraph in answered(world(), tables).values():
        for found in AMOUNT.finditer(paragraph.text):
            assert paragraph.text[: found.start()].endswith("USD "), paragraph.text
        for piece in paragraph.sentence:
            if isinstance(piece, Cell) and piece.column == "yearly_bn":
                assert piece.text == amount_in_words(tables.gains.frame["gain_bn"][piece.row] / years)


@pytest.mark.parametrize(
    ("same", "since", "years", "had"),
    [
        ((), 2018, 17.5, 10.0),
        (("to2025",), 2018, 17.5, 10.0),
        (("to2019",), 2020, 16.0, 9.0),
        (("to2019", "to2025"), 2026, 10.0, 6.0),
        (("to2019", "to2025", "to2030"), 2031, 5.0, 3.0),
    ],
)
def test_years_that_are_the_same_in_all_draws_do_not_count(same, since, years, had):
    """What comes in nine years is not spread over eighteen, nor held against what a party had before."""
    drawn = [(2.0, 0.1, 1.0)] * len(parties_of(world()))
    tables = tables_of(world(), differences_of(world(), drawn, 0, same))
    frame = tables.gains.frame
    assert set(frame["since"]) == {since}
    assert set(frame["until"]) == {2035}
    np.testing.assert_allclose(frame["yearly_bn"] * years, frame["gain_bn"])
    sized = frame[frame["share_of_reference"].notna()]
    np.testing.assert_allclose(sized["share_of_reference"] * had, sized["gain_bn"])
    answer = answered(world(), tables)
    assert f"a year from {since} (" in answer[GAINS].text
    assert not any(f"to {year}" in answer.get(WHEN, answer[GAINS]).text for year in range(2018, since))


def test_a_run_that_begins_after_some_of_the_years_counts_from_the_later_ones():
    later = world().model_copy(update={"start": dt.date(2020, 1, 1)})
    differences = differences_of(world(), [(2.0, 0.1, 1.0)] * len(parties_of(world())), 0, ("to2025",))
    assert counted_from(later, differences[differences["basis"] != "to2019"]) == 2026


def test_shares_that_read_the_same_are_not_set_against_each_other():
    tables = tables_of(world(), differences_of(world(), [(2.0, 0.1, 1.0)] * len(parties_of(world())), 0))
    assert "Own data centre: 40 % (reference 10 %)" in answered(world(), tables)[HAPPENS].text
    alike = tables.entries.frame.assign(share=0.921, share_reference=0.919)
    changed = dataclasses.replace(tables, entries=Kept("entries", alike))
    assert "Own data centre" not in answered(world(), changed)[HAPPENS].text


@made_up
def test_an_answer_fits_a_small_screen_and_no_word_is_cut(drawn, seed):
    answer = answered(world(), tables_of(world(), differences_of(world(), drawn, seed)))
    assert set(answer) <= set(QUESTIONS)
    lines = [line for question, held in answer.items() for line in wrapped(f"{question}: {held.text}", COLUMNS)]
    assert len(lines) <= LINES, "\n".join(lines)
    assert all(len(line) <= COLUMNS for line in lines)
    assert " ".join(lines).split() == " ".join(f"{name}: {held.text}" for name, held in answer.items()).split()


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "Nobody moves"), (0.2, "In most draws nobody moves"), (0.9, "In 90 %")]
)
def test_it_says_whether_anybody_moves(share, said):
    nothing = [(0.0, 0.0, 0.0)] * len(parties_of(world()))
    answer = answered(world(), tables_of(world(), differences_of(world(), nothing, 1), share))
    assert answer[HAPPENS].text.startswith(said)


def test_where_nothing_differs_nobody_gains_and_nothing_decides():
    nothing = [(0.0, 0.0, 0.0)] * len(parties_of(world()))
    answer = answered(world(), tables_of(world(), differences_of(world(), nothing, 1), 0.0))
    assert "same in every draw" in answer[GAINS].text
    assert WHEN not in answer
    assert COMMAND not in answer[DECIDES].text


def test_a_driver_is_named_only_if_it_can_be_told_from_chance():
    differences = differences_of(world(), [(1.0, 0.1, 1.0)] * len(parties_of(world())), 1)
    for told in (True, False):
        decides = answered(world(), tables_of(world(), differences, told=told))[DECIDES]
        assert ("Most of all: " in decides.text) == told
        assert (COMMAND in decides.text) != told
        assert "an.input" not in decides.text
        assert bool(decides.small) == told


def test_what_drives_a_loss_up_is_said_to_be_worse():
    parties = parties_of(world())
    for sign in (1, -1):
        place = next(place for place, party in enumerate(parties) if party.sign == sign)
        drawn = [(1.0, 0.1, 1.0) if k == place else (0.0, 0.0, 0.0) for k in range(len(parties))]
        decides = answered(world(), tables_of(world(), differences_of(world(), drawn, 1), correlation=0.9))[DECIDES]
        assert ("better" if sign > 0 else "worse") in decides.text


def test_a_mean_against_most_draws_is_said_to_be_so():
    differences = differences_of(world(), [(1.0, 0.1, 1.0)] * len(parties_of(world())), 1)
    tables = tables_of(world(), differences)
    frame = tables.gains.frame.assign(share_gaining=0.2, share_losing=0.8)
    against = dataclasses.replace(tables, gains=Kept("gains", frame))
    assert "though" in answered(world(), against)[SURE].text
    assert "though" not in answered(world(), tables)[SURE].text


@pytest.mark.parametrize(
    ("bn", "words"),
    [(0.145, "145 million"), (-2.54, "2.5 billion"), (0.9996, "1.0 billion"), (1227.0, "1.2 trillion"),
     (3.2e-5, "32 thousand"), (1e-9, "under one thousand")],
)  # fmt: skip
def test_amounts_are_written_in_the_words_of_people(bn, words):
    assert amount_in_words(bn) == words


@given(st.floats(1e-6, 1e5))
def test_an_amount_in_words_is_the_amount(bn):
    text, word = amount_in_words(bn).split(" ")
    unit = {"thousand": 1e-6, "million": 1e-3, "billion": 1.0, "trillion": 1e3}[word]
    assert math.isclose(float(text.replace(",", "")) * unit, bn, rel_tol=0.051)


def test_draws_with_a_gain_are_those_in_which_a_loss_is_smaller():
    """Of what tariffs cost, less is a gain: three draws of ten have less, five have more.

    Nobody has a loss, the terms of trade, or welfare, of which a gain would be so many percent.
    """
    values = np.array([-1.0] * 3 + [2.0] * 5 + [0.0] * 2)
    described = _described(paired_difference(np.zeros(10), values))
    kept = {"scenario": OTHER, "unit": "bn", "basis": "cum", "reference_mean": 10.0, "other_mean": 10.7, "paired": True}
    parties = {party.kpi(): party for party in parties_of(world())}
    found = gains(world(), pd.DataFrame([{"kpi": kpi, **kept, **described} for kpi in parties])).set_index("kpi")
    for kpi, party in parties.items():
        gaining, losing = (0.5, 0.3) if party.sign > 0 else (0.3, 0.5)
        assert found.loc[kpi, ["share_gaining", "share_losing"]].tolist() == pytest.approx([gaining, losing])
        assert found.loc[kpi, "gain_bn"] == pytest.approx(0.7 * party.sign)
        assert found.loc[kpi, "gain_low_bn"] <= found.loc[kpi, "gain_bn"] <= found.loc[kpi, "gain_high_bn"]
        assert found.loc[kpi, "yearly_p5_bn"] <= found.loc[kpi, "yearly_p95_bn"]
        no_size = party.whole or "terms of trade" in party.title or party.sign < 0
        assert math.isnan(found.loc[kpi, "share_of_reference"]) == no_size
