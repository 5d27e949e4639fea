"""What people call the parts of a scenario: the title that it gives, or else the words of its key."""

from __future__ import annotations

from typing import Literal

from sim.scenario.schema import Scenario

Collection = Literal["countries", "markets", "segments", "vendors", "partners", "zones", "agenda"]
"""Parts of a scenario whose members people read the names of; `agenda` holds the issues of the talks."""

_IN_FIGURES: tuple[Collection, ...] = ("countries", "markets", "segments", "vendors", "partners", "zones")
_LONGEST_ACRONYM = 3
_WORDS = {"hhi": "HHI"}


def title_of(scenario: Scenario, collection: Collection, name: str) -> str:
    """Give the title of a member of a scenario: `us` of `countries` is US unless the scenario calls it otherwise.

    Parameters
    ----------
    scenario
        The scenario.
    collection
        Where the member stands.
    name
        Its key. One that the scenario does not have is written as words too.
    """
    if collection == "agenda":
        return scenario.talks.titles.get(name) or words_of(name)
    return _own_title(scenario, collection, name) or _capitalised(name)


def titles_of(scenario: Scenario) -> dict[str, str]:
    """Give the titles of all names that figures are called by, by key.

    Where several members share a key, such as a country and its market, the last one that has a title of its own gives
    it.
    """
    members = [(collection, name) for collection in _IN_FIGURES for name in getattr(scenario, collection)]
    plain = {name: _capitalised(name) for _, name in members}
    own = {name: title for collection, name in members if (title := _own_title(scenario, collection, name))}
    return _WORDS | plain | own


def words_of(name: str) -> str:
    """Write a key that has no title, such as a level of an issue, as words: `pilot_zone` is pilot zone."""
    return name.replace("_", " ")


def _own_title(scenario: Scenario, collection: Collection, name: str) -> str | None:
    member = getattr(scenario, collection).get(name)
    return None if member is None else member.title


def _capitalised(name: str) -> str:
    return " ".join(word.upper() if len(word) <= _LONGEST_ACRONYM else word.capitalize() for word in name.split("_"))
