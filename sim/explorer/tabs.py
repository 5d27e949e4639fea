"""What tabs of the browser show, so that one that is loaded again goes on where it was."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.explorer.pins import Pins
from sim.explorer.session import Session

REMEMBERED = 48
"""Tabs of which is remembered what they show, those last used."""


@dataclass(frozen=True)
class Shown:
    """What one tab shows: what is explored, where controls stand that were moved, and what is pinned."""

    session: Session
    moved: Mapping[str, Any] = field(default_factory=dict)
    pins: Pins = field(default_factory=Pins)


class Tabs:
    """What each tab shows, by a word that nobody can guess.

    Parameters
    ----------
    first
        What a new tab shows.
    """

    def __init__(self, first: Shown) -> None:
        self._first = first
        self._held: OrderedDict[str, Shown] = OrderedDict()

    def opened(self, word: str) -> tuple[str, Shown]:
        """Give a tab's word and what it shows: a new one where a word is not known."""
        if word in self._held:
            return word, self._held[word]
        return secrets.token_urlsafe(), self._first

    def keep(self, word: str, shown: Shown) -> None:
        """Remember what a tab shows now."""
        self._held[word] = shown
        self._held.move_to_end(word)
        if len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
