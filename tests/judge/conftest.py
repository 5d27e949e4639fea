"""Worlds that programs apart from ours judge."""

from __future__ import annotations

import pytest

import sim
from sim.model.luck import Draws
from sim.model.start.base_world import build_world
from sim.model.world import World

ONE_CHANNEL_EACH = {"partners.sinnet.contracts.aws.share": 1, "partners.nwcd.contracts.aws.share": 0}


@pytest.fixture(scope="session")
def base() -> World:
    """The base scenario at its start, in a few draws; AWS has one partner, as the judges know one price per vendor."""
    return build_world(sim.load("base_2018", ONE_CHANNEL_EACH), Draws(1, range(3)))


@pytest.fixture(scope="session")
def history() -> World:
    """The scenario with the tariffs of 2018 to 2020."""
    return build_world(sim.load("phase_one_2020"), Draws(1, range(3)))
