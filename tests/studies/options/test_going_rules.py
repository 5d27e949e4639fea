"""What each rule brings, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.options.best_moment import NOT_AT_ALL
from sim.studies.options.going_rules import BEST, HURDLE, NOW, NOW_OR_NEVER, ONE_HURDLE, PAYS, Prospects, outcomes

DRAWS = 40
NONE = -np.inf


@pytest.fixture
def prospects():
    """Two options in all draws: a dear one that grows from a loss, a cheap one that opens late and brings little."""
    dear, cheap = [-1.0, 1.0, 4.0, 5.0], [NONE, NONE, 0.5, 0.6]
    reckoned = np.repeat(np.stack([dear, cheap], axis=1)[..., None], DRAWS, axis=2)
    sunk = np.broadcast_to(np.array([4.0, 0.5])[None, :, None], reckoned.shape)
    discount = np.repeat(np.array([1.0, 0.9, 0.8, 0.5])[:, None], DRAWS, axis=1)
    nothing_known = np.zeros((4, 1, DRAWS))
    return Prospects(reckoned, reckoned, sunk, np.full(DRAWS, 0.5), discount, nothing_known)


def by_rule(prospects):
    found = {held.rule: held for held in outcomes(prospects)}
    assert all(len(set(held.goes)) == len(set(held.paid.tolist())) == 1 for held in found.values())  # draws are alike
    return {rule: (int(held.goes[0]), float(held.paid[0])) for rule, held in found.items()}


def test_each_rule_goes_on_its_date_and_brings_what_is_reckoned_then(prospects):
    assert by_rule(prospects) == {
        NOW: (0, -1.0),
        NOW_OR_NEVER: (NOT_AT_ALL, 0.0),
        PAYS: (1, pytest.approx(0.9)),
        HURDLE: (2, pytest.approx(3.2)),  # 1 - 0.5 * 4 is below zero; 4 - 2 above, and above 0.5 - 0.25
        ONE_HURDLE: (2, pytest.approx(3.2)),
        BEST: (2, pytest.approx(3.2)),  # not 0.5 * 5
    }


def test_one_option_alone_is_looked_at_by_itself(prospects):
    cheap = by_rule(prospects.only(1))
    assert cheap[NOW] == cheap[NOW_OR_NEVER] == cheap[PAYS] == cheap[BEST] == (2, pytest.approx(0.4))


def test_vendors_choose_by_what_they_reckon_and_get_what_is_counted(prospects):
    other = Prospects(**{**vars(prospects), "counted": prospects.counted * np.array([0.1, 1.0])[None, :, None]})
    found = by_rule(other)
    assert found[HURDLE] == (2, pytest.approx(0.32))
    assert found[BEST] == (2, pytest.approx(0.4))  # takes the cheap one, which is then worth more


def test_a_hurdle_that_differs_by_draw_is_each_draws_own(prospects):
    hurdle = np.where(np.arange(DRAWS) % 4 == 0, 0.0, 2.0)
    found = {held.rule: held for held in outcomes(Prospects(**{**vars(prospects), "hurdle": hurdle}))}
    np.testing.assert_array_equal(found[HURDLE].goes, np.where(hurdle == 0.0, 1, NOT_AT_ALL))
    assert found[HURDLE].hurdle == pytest.approx(1.5)


def test_without_cost_of_setting_up_no_hurdle_is_named(prospects):
    found = list(outcomes(Prospects(**{**vars(prospects), "sunk": np.zeros_like(prospects.sunk)})))
    assert np.isnan([held.hurdle for held in found]).all()
