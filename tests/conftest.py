"""What all tests share: settings of tools, and runs of scenarios that can be watched month by month."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

import sim
import sim.model.batch
from sim.model.luck import Draws
from sim.model.recorder import PATH_FAMILIES, Paths, Recorder
from sim.model.start.base_world import build_world
from sim.model.world import World
from sim.scenario.schema import Presence, Scenario
from sim.timeline import Phase, Process, Timeline
from tests.sharing import Shared, shared_root

os.environ.setdefault("MPLBACKEND", "Agg")

# What a shell starts in the background is begun with Ctrl-C ignored, and hands that on to all that it starts itself.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Examples are the same in every run and on every machine, and no slow machine fails a test.
for profile, examples in (("quick", 20), ("depth", 25)):
    settings.register_profile(profile, deadline=None, derandomize=True, database=None, max_examples=examples)
settings.load_profile("quick")  # `make test-depth` asks for the other

LONGEST = (
    "test_notebooks", "test_in_browser", "test_bounds", "test_json", "test_library", "test_cluster", "test_killed",
    "test_patients", "test_going_on", "test_app", "test_session", "test_wheel", "test_failures", "test_page",
)  # fmt: skip
"""Files that take long begin first, so that no worker waits for the one that has the last of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file the order stays."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


COMPACT = Path(__file__).parent / "data" / "compact.yaml"
"""A world of constants in which nothing moves by itself, with twin vendors on both sides."""


@dataclass(frozen=True)
class Run:
    """A run with its final world and what was watched, [month, ..., draw] by name."""

    paths: Paths
    world: World
    months: Mapping[str, NDArray[Any]]

    def vendor(self, name: str) -> int:
        return self.world.axes.vendors.index(name)

    def market(self, name: str) -> int:
        return self.world.axes.markets.index(name)

    def row(self, name: str) -> int:
        """Index of a channel: `eagle.china.bridge`, or with the zone's name for one in a zone."""
        return self.world.axes.channels.index(name)

    def rows(self, vendor: str, market: str) -> list[int]:
        """Channels of one vendor in one market."""
        return list(self.world.channels.of(self.vendor(vendor), self.market(market)))

    def by_pair(self, values: str | NDArray[Any]) -> NDArray[Any]:
        """Sum what was watched, [month, channel, ...], over channels, [month, vendor, market, ...]."""
        months = self.months[values] if isinstance(values, str) else values
        return np.stack([self.world.channels.by_pair(month) for month in months])

    def of(self, name: str, vendor: str, market: str) -> NDArray[Any]:
        """Sum what was watched over the channels of one vendor in one market, [month, ..., draw]."""
        total: NDArray[Any] = self.months[name][:, self.rows(vendor, market)].sum(axis=1)
        return total

    def in_use(self, name: str, vendor: str, market: str) -> NDArray[Any]:
        """What holds in the one channel that a vendor uses in a market, [month, draw]; not a number without one."""
        rows = self.rows(vendor, market)
        active = self.months["active"][:, rows]
        assert (active.sum(axis=1) <= 1).all(), "several channels are in use"
        values = self.months[name][:, rows] if name in self.months else getattr(self.world.base, name)[rows]
        found: NDArray[Any] = np.where(active, values, 0.0).sum(axis=1)
        return np.where(active.any(axis=1), found, np.nan)

    def happened(self, event: str, actor: str | None = None) -> list[tuple[int, str, str, list[int]]]:
        """Month, actor, detail and draws of one kind of event, in the order of play."""
        return [
            (month, who, detail, draws.tolist())
            for draws, month, who, what, detail in self.paths.events
            if what == event and actor in (None, who)
        ]


def play(
    scenario: Scenario, draws: range = range(3), seed: int = 1, *, watch: tuple[str, ...] = (), reverse: bool = False
) -> Run:
    """Run one batch; `watch` names arrays of the world (or of its levers) to copy at the end of every month.

    Which channels are in use is always watched.
    """
    seen: dict[str, list[NDArray[Any]]] = {name: [] for name in ("active", *watch)}
    worlds = []

    class Watching(Recorder):
        def __init__(self, world: World) -> None:
            super().__init__(world)
            worlds.append(world)

        def watch(self, timeline: Timeline) -> Process:
            timeline.env.process(self.look(timeline))
            return super().watch(timeline)

        def look(self, timeline: Timeline) -> Process:
            while True:
                yield timeline.turn(Phase.RECORD)
                for name, copies in seen.items():
                    copies.append(whole(self.world, name))

    with patch.object(sim.model.batch, "Recorder", Watching):
        paths = sim.model.batch.run_batch(scenario, draws, seed, reverse=reverse)
    return Run(paths, worlds[0], {name: np.stack(copies) for name, copies in seen.items()})


def whole(world: World, name: str) -> NDArray[Any]:
    """Copy an array of the world or of its levers; what is held by seller as [channel, group, draw].

    `shares` are those of free spending, P. `presence` is how each vendor is present, [vendor, market, draw].
    """
    rows = range(len(world.channels.rows))
    if name == "shares":
        return world.shares(rows)
    if name == "presence":
        return presence_of(world)
    values = getattr(world if hasattr(world, name) else world.levers, name)
    if isinstance(values, list):
        return world.of_channels(values, rows)
    copied: NDArray[Any] = values.copy()
    return copied


def presence_of(world: World) -> NDArray[Any]:
    """How each vendor is present in each market, [vendor, market, draw]: what goes furthest of what it uses."""
    found = np.full(world.axes.shape("vendor", "market"), Presence.ABSENT)
    for channel, active in zip(world.channels.rows, world.active, strict=True):
        place = found[channel.vendor, channel.market]
        np.maximum(place, channel.kind, out=place, where=active)
    return found


def arrays_of(paths: Paths) -> Iterator[tuple[str, NDArray[Any]]]:
    """All that was recorded as arrays, by name."""
    for family in PATH_FAMILIES:
        for name, values in getattr(paths, family).items():
            yield f"{family}.{name}", values


def different(one: Paths, other: Paths, *, but: tuple[str, ...] = ()) -> list[str]:
    """Names of what differs between two runs in any bit; `but` names what may."""
    others = dict(arrays_of(other))
    return [name for name, values in arrays_of(one) if name not in but and not same_bits(values, others[name])]


def same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Shared:
    """What all workers have in common."""
    return Shared(shared_root(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="session", name="play")
def _play() -> Callable[..., Run]:
    return play


@pytest.fixture(scope="session", name="different")
def _different() -> Callable[..., list[str]]:
    return different


@pytest.fixture(scope="session", name="arrays_of")
def _arrays_of() -> Callable[[Paths], Iterator[tuple[str, NDArray[Any]]]]:
    return arrays_of


@pytest.fixture(scope="session")
def compact() -> Callable[..., Scenario]:
    """Load the compact world with some values changed."""

    def load(changes: Mapping[str, Any] | None = None) -> Scenario:
        return sim.load(COMPACT, changes or {})

    return load


@pytest.fixture(scope="session")
def build() -> Callable[..., World]:
    """Build a scenario's world at the base date."""

    def built(scenario: Scenario, draws: range = range(3), seed: int = 1) -> World:
        return build_world(scenario, Draws(seed, draws))

    return built


@pytest.fixture(scope="session")
def pilot() -> Callable[..., dict[str, Any]]:
    """A policy that opens the compact world's zone, attractive enough that both foreign twins move in."""

    def policy(**changes: Any) -> dict[str, Any]:
        zone = {"kind": "pilot_zone", "by": "china", "zone": "harbour", "starts": "2018-10-01", "slots": 2}
        reach = {"enterprise": 1, "government": 1}
        return {"policies.pilot": zone | {"reach": reach, "source": "made up"} | changes}

    return policy
