"""A partner that demands to be the only one: nothing opens beside it, nor it beside anything."""

from __future__ import annotations

import pytest

from sim.model.minds.channel_changes import Cells, Option, allowed_changes, options_of

OPEN = {"markets.china.rules.equity_cap": 1}
PARTNER, OWN = "eagle.china.bridge", "eagle.china.owned"


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize(("used", "opens"), [(PARTNER, OWN), (OWN, PARTNER)])
def test_an_exclusive_partner_is_changed_for_another_channel_but_never_one_of_two(
    compact, build, exclusive, used, opens
):
    contracts = {"partners.bridge.contracts.falcon": None, "partners.ferry.contracts.falcon.share": 1}
    world = build(compact(OPEN | contracts | {"partners.bridge.exclusive": exclusive}))
    row, other = (world.axes.channels.index(name) for name in (opens, used))
    world.active[list(world.channels.of(0, 0))] = False
    world.active[other] = True
    rows = world.channels.of(0, 0)
    allowed = dict(
        zip(options_of(rows), allowed_changes(world, Cells.where(world, 0, [0], world.everywhere[None])), strict=True)
    )
    assert allowed[Option(row, ())].all() != exclusive
    assert allowed[Option(row, tuple(held for held in rows if held != row))].all()
