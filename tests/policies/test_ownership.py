"""The largest stake that a foreign vendor may hold."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.schema import Presence


@pytest.mark.parametrize(("month", "expected"), [(2, 0), (3, 0.5), (23, 0.5), (24, 1)])
def test_the_cap_is_that_of_the_last_date_that_has_come(levers, instrument, turn, month, expected):
    caps = {"2018-10-01": "50%", "2020-07-01": "100%"}
    instrument(kind="ownership", market="china", equity_cap=caps).apply(levers, turn(month))
    np.testing.assert_array_equal(levers.equity_cap[levers.axes.markets.index("china")], expected)


def test_draws_in_which_it_is_not_in_force_keep_the_base_rule(levers, instrument, turn, changed):
    policy = instrument(kind="ownership", market="china", equity_cap="30%")
    policy.apply(levers, turn(active=[False, True, False]))
    assert set(changed()) == {"equity_cap"}
    np.testing.assert_array_equal(levers.equity_cap[levers.axes.markets.index("china")], [0, 0.3, 0])


def test_ownership_can_also_be_taken_away(play, compact):
    ban = {
        "kind": "ownership",
        "by": "us",
        "market": "us",
        "equity_cap": 0,
        "starts": "2019-01-01",
        "source": "made up",
    }
    changes = {"policies.ban": ban, "vendors.dragon.reviews": ["us"], "vendors.tiger.reviews": ["us"]}
    run = play(compact(changes), range(1), watch=("presence",))
    dragon = run.months["presence"][:, run.vendor("dragon"), run.market("us"), 0]
    np.testing.assert_array_equal(dragon[:6], Presence.OWNED)
    assert not (dragon[6:] == Presence.OWNED).any()


def test_the_rule_restated_does_not_undo_what_a_pilot_brought(play, compact, pilot):
    """A policy that says what holds already must not stop the roll-out of a zone, wherever it stands in the file."""
    review = {"after_months": 12, "foreign_share_ceiling": 0.9, "if_passed": "nationwide", "if_failed": "closed"}
    rule = {"kind": "ownership", "by": "china", "market": "china", "equity_cap": 0, "source": "made up"}
    opening, restated = pilot(review=review), {"policies.rule": rule}
    for changes in (opening, opening | restated, restated | opening):
        world = play(compact(changes), range(1)).world
        assert world.levers.equity_cap[world.axes.markets.index("china")] == 1
