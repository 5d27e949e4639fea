"""Selling beside a zone that is full is worth the same, whichever other changes it is compared with."""

from __future__ import annotations

import numpy as np

from sim.model.equations.present_value import Moves, Outlook
from sim.model.equations.prospects import as_set
from sim.model.minds.channel_books import Books
from sim.model.minds.channel_changes import Cells


def test_what_a_vendor_has_is_worth_what_it_is_over_the_horizon_of_each_change(play, compact, pilot):
    """Each change has a horizon of its own: what is there now is counted over the same years."""
    room = {"zones.harbour.capacity_units": 0.2, "presence.hurdle": 50}
    world = play(compact(pilot() | room), range(2)).world
    v, m = world.axes.vendors.index("eagle"), world.axes.markets.index("china")
    world.active[world.axes.channels.index("eagle.china.harbour")] = True
    books = Books(world, Cells.where(world, m, [v], world.everywhere[None]), 23)
    plans, present = books.plans(as_set(books.active), np.arange(2))
    begins, draw = np.array([0.0, 0.0, 2.5, 1.5, 0.0, 1.0]), np.tile(present, 3)
    rates = (np.full(6, held) for held in (0.1, 0.2, 0.15, 0.0))
    outlook = Outlook(*rates, begins, begins + 5, np.full(6, 2.0))
    together = books.worth(plans, Moves(draw, draw, np.arange(6)), outlook)
    each = [np.array([k]) for k in range(6)]
    alone = [
        books.worth(plans, Moves(draw[k], draw[k], np.zeros(1, dtype=np.int64)), outlook.of_draws(k))[0] for k in each
    ]
    np.testing.assert_array_equal(together, alone)
    assert (together[2:4] > together[:2]).all(), "spending grows"
