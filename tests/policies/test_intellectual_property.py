"""Protection of know-how."""

from __future__ import annotations

import numpy as np


def test_protection_is_set_where_the_policy_is_in_force(levers, instrument, turn, changed):
    policy = instrument(kind="intellectual_property", market="china", protection="80%")
    policy.apply(levers, turn(active=[True, False, True]))
    assert set(changed()) == {"ip_protection"}
    np.testing.assert_array_equal(levers.ip_protection[levers.axes.markets.index("china")], [0.8, 0.5, 0.8])


def test_stronger_protection_slows_what_rivals_learn(play, compact):
    law = {
        "kind": "intellectual_property", "by": "china", "market": "china", "protection": 1, "starts": "2019-07-01",
        "source": "made up",
    }  # fmt: skip
    leak = {"presence.leak": 0.2}
    weak, strong = (
        play(compact(leak | extra), range(1), watch=("leaked",)).months["leaked"][:, 1, 0]
        for extra in ({}, {"policies.law": law})
    )
    np.testing.assert_array_equal(strong[:12], weak[:12])
    np.testing.assert_array_equal(strong[12:], strong[11])
    assert (np.diff(weak) > 0).all()
