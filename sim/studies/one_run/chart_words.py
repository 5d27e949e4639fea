"""Words around charts of runs: title, how to read them, and on which program, draws and data they rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.report.captions import Heading, settings_in_words

if TYPE_CHECKING:
    from sim.runs.run_data import RunData
    from sim.scenario.schema import Scenario

CLOUD_PARTS = ("world_total_bn", "markets", "vendors")
GOODS_PARTS = ("goods", "policies")
"""Parts of a scenario that hold the data behind charts of cloud markets and of goods trade."""

_PUBLISHED = re.compile(r"^([^;(]+?)\s*(?:\([^;]*)?;\s*https?://")
"""A cited fact: who published it, perhaps a remark in brackets, then the address."""


def heading_of(result: RunData, title: str, subtitle: str, parts: tuple[str, ...]) -> Heading:
    """Put the words of one run's chart together; `parts` of the scenario hold the data behind it."""
    return Heading(title, f"{result.scenario.title}. {subtitle}", source_line((result,), parts))


def source_line(results: tuple[RunData, ...], parts: tuple[str, ...]) -> str:
    """Say which program, scenarios, draws, seed and data a chart rests on."""
    settings = dict.fromkeys(settings_in_words(run.draws, run.seed) for run in results)
    names = ", ".join(dict.fromkeys(run.name for run in results))
    version = results[0].manifest["versions"]["cloudtrade"]
    return source_in_words(version, names, " and ".join(settings), results[0].scenario, parts)


def source_in_words(version: str, names: str, settings: str, scenario: Scenario, parts: tuple[str, ...]) -> str:
    """Put a source line together; `parts` of the scenario hold the data."""
    data = ", ".join(published_data(scenario, parts)) or "; ".join(scenario.sources)
    return (
        f"Source: cloudtrade {version}, scenario {names}; {settings}. Data: {data}; what nobody has published is "
        "assumed, as the scenario says."
    )


def published_data(scenario: Scenario, parts: tuple[str, ...]) -> list[str]:
    """Name who published the facts that some parts of a scenario cite."""
    found = (_PUBLISHED.match(source) for source in _sources(scenario.model_dump(include=set(parts))))
    return list(dict.fromkeys(match.group(1) for match in found if match))


def _sources(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("source"), str):
            yield part["source"]
        part = list(part.values())
    if isinstance(part, list | tuple):
        for inner in part:
            yield from _sources(inner)
