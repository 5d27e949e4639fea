"""Selling beside a zone that is full is worth the same, whichever other changes it is compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.equations.present_value import Outlook
from sim.model.minds.reckoning import Books


def test_what_a_vendor_has_is_worth_what_it_is_over_the_horizon_of_each_change(play, compact, pilot):
    """Each change has a horizon of its own: what is there now is counted over the same years."""
    room = {"zones.harbour.capacity_units": 0.2, "presence.hurdle": 50}
    world = play(compact(pilot() | room), range(2)).world
    v, m = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    world.active[world.axes.channels.index("eagle.china.harbour")] = True
    books = Books(world, v, m, 23)
    rate = [np.full(2, held) for held in (0.1, 0.2, 0.15, 0.0, 2.0)]
    begins = np.array([[0.0, 0.0], [2.5, 1.5], [0.0, 1.0]])
    outlook = Outlook(rate[0], rate[1], rate[2], rate[3], begins, begins + 5, rate[4])
    together = books.worth(books.present.of_options(np.zeros(3, dtype=np.int64)), outlook)
    alone = [
        books.worth(books.present, replace(outlook, begins=begins[[k]], ends=begins[[k]] + 5))[0] for k in range(3)
    ]
    np.testing.assert_array_equal(together, alone)
    assert (together[1] > together[0]).all(), "spending grows"
