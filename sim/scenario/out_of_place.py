"""Warnings of figures away from their date: a base date that was moved, dates that were dropped, rates without end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sim.scenario.layers import SourceFile
from sim.scenario.library import library_folder, shadowed
from sim.scenario.schema import Scenario
from sim.scenario.schema_slots import everything_in
from sim.scenario.source_tree import EXTENDS, Problem, Steps, Tree, dotted, shown
from sim.values import AfterDeal, Number, Schedule

FORESEEABLE_YEARS = 20
"""Length of runs up to which rates that never fade are taken as they are."""
_OF_THE_START = {"gdp_bn", "world_revenue_bn", "share", "split", "units", "value_bn"}
"""Fields with figures of the base date."""
_FOR_EVER = (("costs", "decline"), ("goods", "growth"), ("presence", "leak"))
"""Rates that never fade."""


@dataclass(frozen=True)
class Layers:
    """A scenario and what it is made of: its values with their places, its files with the oldest last."""

    scenario: Scenario
    tree: Tree
    files: Sequence[SourceFile]

    @cached_property
    def names(self) -> list[str]:
        """What places call each file."""
        return [shown(held.path) for held in self.files]

    def layer(self, path: Steps) -> int:
        """Number of the file that gives a value, 0 for the scenario's own; -1 for what was set for this run."""
        file = self.tree.nearest(path).place.file
        return self.names.index(file) if file in self.names else -1

    @cached_property
    def values(self) -> dict[Steps, Number | Schedule]:
        """All numbers and schedules by path."""
        return {path: held for path, held in everything_in(self.scenario) if isinstance(held, Number | Schedule)}


def moved_start(layers: Layers) -> Iterator[Problem]:
    """Warn of a base date that is laid over figures of another one."""
    scenario, tree = layers.scenario, layers.tree
    olds = [found for file in layers.files if (found := file.own.step("start")) is not None]
    if not olds or olds[-1].content == scenario.start:
        return
    moved = layers.layer(("start",))
    left = [path for path in layers.values if _OF_THE_START & set(path) and layers.layer(path) > moved]
    if left:
        text = (
            f"{scenario.start} instead of {olds[-1].content} ({olds[-1].place}), but {len(left)} figures are still "
            f"those of that date, such as {dotted(left[0])} ({tree.nearest(left[0]).place}); give those of "
            f"{scenario.start}, or leave `start` and look at later quarters"
        )
        yield Problem(("start",), text)


def dropped_dates(layers: Layers) -> Iterator[Problem]:
    """Warn of dated values that one without a date replaces, so that it is in force earlier than they were."""
    for path, held in layers.values.items():
        if not isinstance(held, Schedule) or held.steps[0][0] is not None:
            continue
        for file in layers.files[layers.layer(path) + 1 :]:
            days = [day for day in _exactly(file.own, path).entries if isinstance(day, dt.date)]
            starts = layers.scenario.policies[str(path[1])].starts if path[0] == "policies" else None
            waits = isinstance(starts, AfterDeal) or (starts is not None and days and starts >= min(days))
            if days and not waits:
                first, where = min(days), dotted(path)
                text = (
                    f"replaces {len(days)} dated value{'s' * (len(days) > 1)}, the first of {first}, and is in force "
                    f"from {starts or layers.scenario.start} on; to keep the date write {where}.{first}"
                )
                yield Problem(path, text)
                break


def rates_without_end(layers: Layers) -> Iterator[Problem]:
    """Warn of rates that are taken to last for ever where a run is long."""
    scenario = layers.scenario
    paths: list[Steps] = [*_FOR_EVER]
    paths += [
        ("vendors", name, "captive", market, "growth")
        for name, vendor in scenario.vendors.items()
        for market, captive in vendor.captive.items()
        if captive.fades is None
    ]
    lasting = [dotted(path) for path in paths if isinstance(held := layers.values[path], Number) and any(held.support)]
    if scenario.calendar.end.year - scenario.start.year > FORESEEABLE_YEARS and lasting:
        text = f"the run ends on {scenario.calendar.end}, and these rates are taken to last until then: "
        yield Problem(("months",), text + ", ".join(lasting))


def own_files_in_place_of_the_library(layers: Layers) -> Iterator[str]:
    """Warn of a file that is extended because it lies beside, where the library has another one of that name."""
    for file, parent in zip(layers.files, layers.files[1:], strict=False):
        link = file.own.entries[EXTENDS]
        if shadowed(str(link.content), parent.path):
            yield (
                f"{link.place}: extends: {link.content} is {shown(parent.path)} beside this file, not the library's "
                f"({library_folder() / parent.path.name}); rename it if that one is meant"
            )


def _exactly(tree: Tree, path: Steps) -> Tree:
    """What stands at a path; nothing where the path leads nowhere."""
    for key in path:
        tree = tree.step(key) or Tree(None, tree.place)
    return tree
