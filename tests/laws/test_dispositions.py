"""What governments are lasts from round to round, so that more rounds of talks are not more chances of a deal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.model.batch import run_batch
from sim.quantities import NEVER
from tests.bargain import STAKES, UNSURE, bargain

DRAWS = 600
FEW, MANY = 6, 9
"""Rounds."""
OLD = {"noise_bn": 8}
"""Answers scatter by what the smaller packages are worth, and nothing lasts."""
LASTING = {"noise_bn": 2, "resolve": {"uniform": [0, 1.2]}}


@pytest.fixture(scope="module")
def held(compact):
    """Runs by manner and number of rounds."""

    def run(manner, rounds):
        stakes = {country: own | manner for country, own in STAKES.items()}
        hosts = tuple(itertools.islice(itertools.cycle(("us", "china")), rounds))
        return run_batch(compact(bargain(stakes=stakes, hosts=hosts) | UNSURE), range(DRAWS), 1)

    return {
        (name, rounds): run(manner, rounds)
        for name, manner in (("old", OLD), ("lasting", LASTING))
        for rounds in (FEW, MANY)
    }


def signed(paths):
    return float((paths.outcomes["deal_month"] < NEVER).mean())


@pytest.mark.parametrize("later", [1, 2, 3, 4])
def test_a_draw_with_a_low_chance_at_the_first_round_has_one_later(held, later):
    """Over draws in which talks go on; who answers at even rounds is China, at odd ones the United States."""
    rounds = held["lasting", MANY].rounds
    still = rounds[later].held
    assert still.sum() > 40
    assert np.corrcoef(rounds[0].chance[still], rounds[later].chance[still])[0, 1] > 0.5


def test_more_rounds_sign_less_than_half_of_what_they_do_where_nothing_lasts(held):
    """Of the draws that the first rounds left open."""
    added = {
        name: (signed(held[name, MANY]) - signed(held[name, FEW])) / (1 - signed(held[name, FEW]))
        for name in ("old", "lasting")
    }
    assert 0 < added["lasting"] < added["old"] / 2


def test_rounds_sign_ever_less_of_what_is_open_where_dispositions_last_and_not_where_they_do_not(held):
    chances = {
        name: [this.chance[this.held].mean() for this in held[name, MANY].rounds[: FEW + 2]]
        for name in ("old", "lasting")
    }
    assert all(later < earlier for earlier, later in itertools.pairwise(chances["lasting"]))
    assert chances["lasting"][-1] < chances["lasting"][0] / 4
    assert chances["old"][FEW] > chances["old"][0] / 2


def test_the_more_resolve_the_fewer_deals(compact):
    def share(most):
        stakes = {country: own | LASTING | {"resolve": {"uniform": [0, most]}} for country, own in STAKES.items()}
        return signed(run_batch(compact(bargain(stakes=stakes) | UNSURE), range(DRAWS), 1))

    shares = [share(most) for most in (0.01, 1.2, 2.4, 5)]
    assert all(more < less - 0.02 for less, more in itertools.pairwise(shares))
