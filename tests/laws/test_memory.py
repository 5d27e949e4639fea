"""A batch leaves nothing behind but what it recorded."""

from __future__ import annotations

import gc
import weakref

import pytest

import sim
import sim.model.batch
from sim.model.start.base_world import build_world


@pytest.mark.parametrize("scenario", ["status_quo", "deal_spring_2019"])
def test_the_world_is_gone_when_a_batch_is_done(monkeypatch, scenario):
    """Not only when Python next looks for circles: by then several batches would stand in memory."""
    worlds = []

    def building(*args, **settings):
        world = build_world(*args, **settings)
        worlds.append(weakref.ref(world))
        return world

    monkeypatch.setattr(sim.model.batch, "build_world", building)
    gc.disable()
    try:
        paths = sim.model.batch.run_batch(sim.load(scenario, {"months": 12}), range(3), 1)
        assert worlds[0]() is None
    finally:
        gc.enable()
    assert paths.vendors
