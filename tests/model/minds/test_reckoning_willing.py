"""A vendor that is not willing stays as it is, however well a move would pay; the chance is the scenario's."""

from __future__ import annotations

import numpy as np

from sim.model.luck import Luck

DRAWS = 64
OPENED = {
    "kind": "ownership", "by": "china", "market": "china", "equity_cap": 1, "starts": "2019-01-01", "source": "made up",
}  # fmt: skip


def moves(play, compact, chance):
    changes = {"policies.opening": OPENED} | ({} if chance is None else {"vendors.eagle.willing": chance})
    run = play(compact(changes), range(DRAWS))
    return [{draw for *_, draws in run.happened("applies", vendor) for draw in draws} for vendor in ("eagle", "falcon")]


def test_the_willing_move_where_it_pays_and_the_unwilling_never(play, compact):
    everybody = set(range(DRAWS))
    assert moves(play, compact, None)[0] == moves(play, compact, 1)[0] == everybody
    assert moves(play, compact, 0)[0] == set()


def test_the_chance_is_that_of_the_scenario_and_moves_nobody_else(play, compact):
    few, many = (moves(play, compact, chance) for chance in (0.3, 0.7))
    assert 0.1 < len(few[0]) / DRAWS < 0.5
    assert 0.5 < len(many[0]) / DRAWS < 0.9
    assert few[0] < many[0], "the same luck decides"
    assert few[1] == many[1] == set(range(DRAWS))


def test_its_luck_has_a_name_of_its_own(play, compact):
    run = play(compact({"policies.opening": OPENED, "vendors.eagle.willing": 0.3}), range(DRAWS))
    uniforms = Luck(1).uniforms("presence.willing.eagle", 1, range(DRAWS))[0]
    expected = set(np.flatnonzero(uniforms < 0.3).tolist())
    assert {draw for *_, draws in run.happened("applies", "eagle") for draw in draws} == expected
