"""Scenarios with more vendors or segments than there are: each is split into equal parts that go their own ways."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from sim.scenario.loading import dump, load
from sim.scenario.schema import Scenario

Tree = dict[str, Any]
SIZES = {"world_revenue_bn", "share", "units"}
"""Fields of a vendor that say how large it is; each part gets its own part of them."""


def with_vendors_split(scenario: Scenario, parts: int) -> Scenario:
    """Split every vendor with known sales; those that have what is left of a market stay whole."""

    def change(tree: Tree) -> None:
        whole = tree["vendors"]
        split = [name for name, vendor in whole.items() if not _has_the_rest(vendor)]
        tree["vendors"] = _repeated(whole, split, parts, lambda vendor: _with_sizes_divided(vendor, parts))
        for partner in tree["partners"].values():
            partner["contracts"] = _repeated(partner["contracts"], split, parts, copy.deepcopy)

    return _changed(scenario, change)


def with_segments_split(scenario: Scenario, parts: int) -> Scenario:
    """Split every segment, with its taste, its residency and its part of each market."""

    def change(tree: Tree) -> None:
        segments = list(tree["segments"])
        for market in tree["markets"].values():
            weights = market["segment_weights"]
            market["segment_weights"] = {name: _divided(weight, parts) for name, weight in weights.items()}
        for holder in ("segments", "markets"):
            tree[holder] = _split_everywhere(tree[holder], segments, parts)

    return _changed(scenario, change)


def _changed(scenario: Scenario, change: Callable[[Tree], None]) -> Scenario:
    tree = yaml.safe_load(dump(scenario))
    change(tree)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{scenario.name}.yaml")
        file.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
        return load(file)


def _has_the_rest(vendor: Tree) -> bool:
    return any(sales.get("residual") for sales in vendor.get("sales", {}).values())


def _repeated(whole: Tree, split: Iterable[str], parts: int, part: Callable[[Any], Any]) -> Tree:
    """Put parts in place of the entries that are split."""
    names = set(split)
    found: Tree = {}
    for name, value in whole.items():
        found |= {f"{name}_{n}": part(value) for n in range(parts)} if name in names else {name: value}
    return found


def _with_sizes_divided(held: Any, parts: int) -> Any:
    if not isinstance(held, dict):
        return copy.deepcopy(held)
    return {
        name: _divided(value, parts) if name in SIZES else _with_sizes_divided(value, parts)
        for name, value in held.items()
    }


def _divided(number: Any, parts: int) -> Any:
    """Divide a number or distribution by the number of parts."""
    if isinstance(number, dict):
        return {name: value if name == "source" else _divided(value, parts) for name, value in number.items()}
    if isinstance(number, list):
        return [value / parts for value in number]
    return number / parts


def _split_everywhere(held: Any, names: list[str], parts: int) -> Any:
    """Repeat each entry of every mapping whose keys are such names."""
    if not isinstance(held, dict):
        return copy.deepcopy(held)
    inner = {name: _split_everywhere(value, names, parts) for name, value in held.items()}
    return _repeated(inner, names, parts, copy.deepcopy) if set(inner) <= set(names) else inner
