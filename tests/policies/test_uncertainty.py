"""How unsettled trade policy is."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize(("month", "expected"), [(0, 1), (19, 1), (20, 0.4), (30, 0.4)])
def test_the_level_is_that_of_the_last_date_that_has_come(levers, instrument, turn, month, expected):
    level = {"2018-07-01": 1, "2020-03-01": 0.4}
    instrument(kind="uncertainty", level=level).apply(levers, turn(month))
    np.testing.assert_array_equal(levers.uncertainty, expected)


def test_draws_in_which_it_is_not_in_force_stay_settled(levers, instrument, turn, changed):
    instrument(kind="uncertainty", level=1).apply(levers, turn(active=[False, True, False]))
    assert set(changed()) == {"uncertainty"}
    np.testing.assert_array_equal(levers.uncertainty, [0, 1, 0])


def test_uncertainty_keeps_vendors_from_sinking_money_until_things_settle(play, compact, pilot):
    """The zone opens in October 2018; vendors apply at the review after calm has come."""
    unsettled = {"kind": "uncertainty", "level": {"2018-07-01": 1, "2019-03-01": 0}, "source": "made up"}
    changes = pilot() | {"presence.zone.sunk_cost_bn": 0.4, "presence.uncertainty_premium": "300%"}
    calm, tense = (play(compact(changes | extra), range(1)) for extra in ({}, {"policies.unsettled": unsettled}))
    assert {month for month, *_ in calm.happened("applies")} == {3}
    assert {month for month, *_ in tense.happened("applies")} == {12}
