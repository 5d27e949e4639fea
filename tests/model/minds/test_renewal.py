"""Policies that run out unless they are renewed: by one chance for each draw and day."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.model.minds.rules_in_force import in_force
from sim.model.start.base_world import build_world
from sim.timeline import Timeline

DAY = "2019-03-01"
"""Beginning of month 8 of the compact world."""
WAR = {"kind": "tariff", "by": "us", "lists": ["machines"], "rate": {"2018-10-01": "20%"}, "source": "made up"}


def until(chance, **settings):
    return WAR | {"until": DAY, "renews_with_chance": chance} | settings


def layers(play, compact, policies, draws=range(1)):
    """Layers on machines, [month, draw], and the run."""
    written = {f"policies.p{number}": held for number, held in enumerate(policies)}
    run = play(compact(written), draws, watch=("tariff_layer",))
    return run.months["tariff_layer"][:, run.world.axes.lists.index("machines")], run


@pytest.mark.parametrize(("chance", "same"), [(1, WAR), (0, WAR | {"ends": DAY})])
def test_certain_renewal_is_no_end_and_none_is_one_to_the_bit(play, compact, different, chance, same):
    _, one = layers(play, compact, [until(chance)], range(3))
    _, other = layers(play, compact, [same], range(3))
    assert different(one.paths, other.paths) == []


def test_it_is_in_force_until_the_day_and_then_in_its_share_of_draws(play, compact):
    layer, run = layers(play, compact, [until(0.7)], range(400))
    assert (layer[:3] == 0).all()
    assert (layer[3:8] == 0.2).all()
    renewed = layer[8] > 0
    assert 0.63 < renewed.mean() < 0.77
    assert (layer[8:] == layer[8]).all()
    ((month, actor, detail, draws),) = run.happened("policy ends")
    assert (month, actor, detail) == (8, "us", "p0")
    assert draws == np.flatnonzero(~renewed).tolist()


def test_what_ends_on_one_day_has_one_luck_and_on_another_day_another(play, compact):
    likely, unlikely = (layers(play, compact, [until(chance)], range(200))[0][8] > 0 for chance in (0.8, 0.4))
    assert not (unlikely & ~likely).any()
    both, _ = layers(play, compact, [until(0.6), until(0.6, rate={"2018-10-01": "5%"})], range(200))
    assert set(np.round(both[8], 3)) == {0, 0.25}
    apart, _ = layers(play, compact, [until(0.6), until(0.6, until="2019-04-01")], range(200))
    assert set(np.round(apart[9], 3)) == {0, 0.2, 0.4}


def test_a_draw_alone_is_renewed_as_it_is_in_a_batch(play, compact):
    uncertain = until({"uniform": [0.2, 0.9]})
    batch, _ = layers(play, compact, [uncertain], range(30))
    assert 0 < (batch[-1] > 0).sum() < 30
    for draw in (3, 17, 29):
        np.testing.assert_array_equal(
            layers(play, compact, [uncertain], range(draw, draw + 1))[0][:, 0], batch[:, draw]
        )


def test_who_looks_ahead_takes_it_to_go_on(compact):
    scenario = compact({"policies.p": until(0.5)})
    world, timeline = build_world(scenario, Draws(1, range(50))), Timeline(scenario.calendar)
    assert in_force(timeline, world, "p", scenario.policies["p"], 20).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"until": DAY}, "until: needs renews_with_chance; write `ends`"),
        ({"renews_with_chance": 0.5}, "renews_with_chance: needs `until`"),
        ({"until": DAY, "renews_with_chance": 1.5}, "p.renews_with_chance"),
        ({"until": DAY, "renews_with_chance": 0.5, "starts": DAY}, "until: 2019-03-01 is not after the policy starts"),
        ({"until": DAY, "renews_with_chance": 0.5, "ends": DAY}, "until: 2019-03-01 is not before the policy ends"),
        ({"until": "soon", "renews_with_chance": 0.5}, "until: expected a date such as 2018-07-01"),
        ({"untill": DAY, "renews_with_chance": 0.5}, "unknown key; did you mean until"),
    ],
)
def test_a_mistake_is_told(compact, settings, words):
    with pytest.raises(ScenarioError, match=words):
        compact({"policies.p": WAR | settings})


@pytest.mark.depth
def test_the_truce_of_2025_is_renewed_as_today_or_lapses_on_both_sides():
    draws = range(12)
    tariffs = {}
    for name in ("today", "truce_by_chance_2026", "truce_lapses_2026"):
        paths = sim.model.batch.run_batch(sim.load(name, set={"months": 108}), draws, 1)
        tariffs[name] = paths.countries["average_tariff"]
    today, chance, lapses = tariffs.values()
    assert not np.allclose(today[-1], lapses[-1])
    renewed = (chance[-1] == today[-1]).all(axis=0)
    assert 0 < renewed.sum() < len(draws)
    np.testing.assert_array_equal(chance[..., renewed], today[..., renewed])
    np.testing.assert_allclose(chance[..., ~renewed], lapses[..., ~renewed], rtol=1e-12)


def test_a_pilot_zone_is_reviewed_and_not_renewed(compact, pilot):
    with pytest.raises(ScenarioError, match="until: a pilot zone is not renewed by chance; give it a `review`"):
        compact(pilot(until=DAY, renews_with_chance=0.5))
