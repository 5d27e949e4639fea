"""Arguments in Python are refused in words as those of the command are."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from tests.conftest import COMPACT

CASES = {
    "no seed": (lambda: sim.run(COMPACT, draws=2, seed=None), "seed is None; a whole number is needed"),
    "half a seed": (lambda: sim.run(COMPACT, draws=2, seed=1.5), "seed is 1.5; a whole number"),
    "text for a seed": (lambda: sim.run(COMPACT, draws=2, seed="1"), "seed is '1'; a whole number"),
    "text for draws": (lambda: sim.run(COMPACT, draws="2"), "draws is '2'; a whole number"),
    "a real number of draws": (lambda: sim.run(COMPACT, draws=2.0), "draws is 2.0; a whole number"),
    "a switch for draws": (lambda: sim.run(COMPACT, draws=True), "draws is True; a whole number"),
    "text for paths": (lambda: sim.run(COMPACT, draws=2, paths="all"), "paths is 'all'; a whole number"),
    "text for workers": (lambda: sim.run(COMPACT, draws=2, workers="2"), "workers is '2'; a whole number"),
    "text for a batch": (lambda: sim.run(COMPACT, draws=2, batch="2"), "batch is '2'; a whole number"),
    "no draws of deals": (lambda: sim.deals("bargain_spring_2019", draws=None), "draws is None; a whole number"),
    "set as in the command": (lambda: sim.run(COMPACT, draws=2, set=["presence.hurdle=0"]), "values by dotted path"),
    "set as in the command, loading": (lambda: sim.load(COMPACT, {"presence.hurdle"}), "values by dotted path"),
    "names to compare": (lambda: sim.compare(["status_quo", "guiyang_pilot"]), "found 'status_quo'"),
    "a number for a scenario": (lambda: sim.load(5), "there is no scenario of that name"),
    "nothing for a scenario": (lambda: sim.run(None, draws=2), "there is no scenario of that name"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_argument_of_the_wrong_kind_is_refused_in_words(case):
    call, words = CASES[case]
    with pytest.raises(sim.ScenarioError) as refused:
        call()
    assert words in str(refused.value)


def test_whole_numbers_of_numpy_are_as_good_as_any():
    changes = {"months": 3}
    ours = sim.run(COMPACT, np.int64(2), np.int64(5), changes, paths=np.int64(1), workers=1)
    assert ours.manifest["content_hash"] == sim.run(COMPACT, 2, 5, changes, paths=1, workers=1).manifest["content_hash"]


@pytest.mark.parametrize("wrong", ["wrkers", "out"])
def test_an_argument_that_no_study_has_is_refused_by_its_name(wrong):
    with pytest.raises(TypeError, match=wrong):
        sim.decisions("guiyang_pilot", draws=1, **{wrong: 1})
