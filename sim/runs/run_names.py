"""What runs are called: a run with changed values says so in its name, so that none is taken for another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any

from sim.errors import ScenarioError
from sim.model.luck import Luck
from sim.runs.address import Place
from sim.runs.fingerprints import scenario_hash
from sim.runs.manifest import manifest_of
from sim.runs.run_data import RunData, load_scenario
from sim.scenario.describing import differing_model_values
from sim.scenario.schema import Scenario

LONGEST = 60
"""Letters of a name that say what was changed; more become a fingerprint."""
MOST_NAMED = 3
"""Differing values that a message names."""


def in_words(changes: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Changed values by dotted path, as manifests have them."""
    return tuple(f"{path}={value}" for path, value in (changes or {}).items())


def named_by(scenario: Scenario, changes: Sequence[str]) -> Scenario:
    """Give a scenario with changed values a name of its own that says so.

    Parameters
    ----------
    scenario
        The scenario with the values changed.
    changes
        What was changed, as `PATH=VALUE`. Whoever changes the name itself has given one.
    """
    if not changes or any(change.partition("=")[0].strip() == "name" for change in changes):
        return scenario
    return scenario.model_copy(update={"name": f"{scenario.name}_with_{_spelt(changes)}"})


def _spelt(changes: Iterable[str]) -> str:
    """Spell changes in letters that names, files and folders may have: `market_elasticity_1_5`."""
    said = [re.sub(r"^\w+\.", "", change.strip()).lower() for change in changes]
    plain = [re.sub(r"(?<![\w.])-(?=[\d.])", "minus_", change).replace("%", "_percent") for change in said]
    name = "_and_".join(re.sub(r"[^a-z0-9]+", "_", change).strip("_") for change in plain)
    if len(name) <= LONGEST:
        return name
    mark = hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]
    return f"{name[: LONGEST - len(mark) - 1].rstrip('_')}_{mark}"


def labels(results: Sequence[RunData]) -> list[str]:
    """Name each run; one that is called like an earlier one also by what differs, or by its number if nothing does."""
    found: dict[str, RunData] = {}
    for result in results:
        label = result.name
        if label in found and (differing := _differing(found[label], result)):
            label += f"_with_{_spelt(differing)}"
        names = chain([label], (f"{label} ({number})" for number in count(2)))
        found[next(name for name in names if name not in found)] = result
    return list(found)


def _differing(one: RunData, other: RunData) -> list[str]:
    changes = [f"{value.path}={value.other}" for value in differing_model_values(one.scenario, other.scenario)]
    return changes or [f"{name}={theirs}" for name, ours, theirs in (
        ("seed", one.seed, other.seed), ("draws", one.draws, other.draws)
    ) if ours != theirs]  # fmt: skip


def check_same_inputs(place: Place, scenario: Scenario, seed: int | Luck) -> None:
    """Refuse to replace a result of other inputs, which would be lost without a word.

    One that has the same inputs is only made anew, with more draws or by another program, and one that is damaged or of
    an older layout has to be.

    Raises
    ------
    ScenarioError
        If the place holds a result of other values of the model or of another seed.
    """
    said = manifest_of(place) or {}
    key = Luck.of(seed).key
    kept_key = (said.get("key") or {}).get("seed", said.get("seed", key))
    others = [] if kept_key == key else [f"seed {kept_key}, here {key}"]
    if said.get("scenario_hash", "") != scenario_hash(scenario):
        try:
            values = differing_model_values(load_scenario(place), scenario)
        except (ScenarioError, OSError):
            values = []
        others += [f"{value.path} {value.reference}, here {value.other}" for value in values]
    if others:
        more = len(others) - MOST_NAMED
        shown = "; ".join(others[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise ScenarioError(
            f"{place}: holds a run of {said.get('scenario', 'a scenario')} with other inputs ({shown}); choose another "
            "folder with --out, or replace it with --replace (in Python: replace=True)"
        )
