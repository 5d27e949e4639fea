"""Lines of text for a screen: broken at blanks, never inside a word, and not between a number and its unit."""

from __future__ import annotations

import re
import textwrap

_TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=USD) (?=\d)|(?<=\d) (?=(?:thousand|million|billion|trillion)\b)")
"""Blanks at which no line is broken."""
_HELD = "\u00a0"
"""A blank at which no line is broken, as it stands until lines are made; also what sets a line in."""
_PIECES = re.compile(r"[^./]*[./]+|[^./]+")
"""Parts of a dotted path or an address, at whose ends it may be broken where there is no room for it."""


def wrapped(text: str, width: int) -> list[str]:
    """Break text into lines of a width; a word that is longer breaks after dots and slashes, or stands out.

    Parameters
    ----------
    text
        Text, in which line ends are kept.
    width
        Most characters of a line.
    """
    return [line for part in text.split("\n") for line in _lines(part, width)]


def narrowest(text: str, in_pieces: bool = False) -> int:
    """Give the least width at which no word of a text is broken, or none but after dots and slashes."""
    words = re.split(r"[ \n]+", _TOGETHER.sub(_HELD, text))
    return max((len(piece) for word in words for piece in (_PIECES.findall(word) if in_pieces else [word])), default=0)


def widest(text: str) -> int:
    """Give the length of the longest line of a text."""
    return max(map(len, text.split("\n")))


def _lines(text: str, width: int) -> list[str]:
    held = " ".join(_broken(word, width) for word in _TOGETHER.sub(_HELD, text).split(" "))
    lines = textwrap.wrap(held, max(width, 1), break_long_words=False, break_on_hyphens=False)
    return [line.replace(_HELD, " ") for line in lines] or [""]


def _broken(word: str, width: int) -> str:
    """Put blanks after the pieces of a word that is too long for a line, as few as will do."""
    if len(word) <= width:
        return word
    lines = [""]
    for piece in _PIECES.findall(word):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return " ".join(lines)
