"""Variants that are pinned: kept under a name beside the reference, each with a number and a look of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.errors import ScenarioError
from sim.explorer.session import Answer, Refusal, Session
from sim.report.chart_style import GREEN, ORANGE, PURPLE, VERMILION

LONGEST_NAME = 120
"""Letters of a name that people give."""


@dataclass(frozen=True)
class Look:
    """How a pin is drawn: colour, lengths of dashes and gaps in pixels, and the mark of its means."""

    colour: str
    dashes: str
    mark: str


LOOKS = (
    Look(VERMILION, "2 3", "square"),
    Look(GREEN, "12 3", "triangle"),
    Look(PURPLE, "9 3 2 3", "diamond"),
    Look(ORANGE, "6 3 2 3 2 3", "inverted_triangle"),
)
"""By number of the pin, from 1. What answers now is blue and whole, the reference grey and dashed."""


@dataclass(frozen=True, eq=False)
class Pin:
    """A variant that is pinned.

    Attributes
    ----------
    number
        What charts call it, from 1; it stays while the pin does.
    name
        What is changed, in words.
    answer
        Its run beside the reference.
    """

    number: int
    name: str
    answer: Answer

    @property
    def look(self) -> Look:
        """How it is drawn."""
        return LOOKS[self.number - 1]


@dataclass(frozen=True, eq=False)
class Pins:
    """All that is pinned, by number."""

    held: tuple[Pin, ...] = ()

    def __iter__(self) -> Iterator[Pin]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)

    def including(self, name: str, answer: Answer) -> Pins:
        """Pin an answer too, under the first number that is free.

        Raises
        ------
        ScenarioError
            If the same values are pinned already, or no number is free.
        """
        for pin in self.held:
            if pin.answer.recipe == answer.recipe:
                raise ScenarioError(f"these values are pinned already: pin {pin.number}, {pin.name}")
        free = set(range(1, len(LOOKS) + 1)) - {pin.number for pin in self.held}
        if not free:
            raise ScenarioError(f"{len(LOOKS)} variants are pinned, and charts have room for no more; remove one first")
        added = Pin(min(free), _checked(name), answer)
        return Pins(tuple(sorted((*self.held, added), key=lambda pin: pin.number)))

    def without(self, number: int) -> Pins:
        """Let go of a pin; errors are those of `pin`."""
        gone = self.pin(number)
        return Pins(tuple(pin for pin in self.held if pin is not gone))

    def renamed(self, number: int, name: str) -> Pins:
        """Call a pin otherwise; a ScenarioError if there is none of that number, or the name is empty or too long."""
        meant = self.pin(number)
        return Pins(tuple(replace(pin, name=_checked(name)) if pin is meant else pin for pin in self.held))

    def pin(self, number: int) -> Pin:
        """Give the pin of a number.

        Raises
        ------
        ScenarioError
            If there is none.
        """
        for pin in self.held:
            if pin.number == number:
                return pin
        raise ScenarioError(f"no variant is pinned as {number}")

    def beside(self, session: Session) -> Pins:
        """Set the pins against the reference of a session.

        Raises
        ------
        ScenarioError
            If that reference cannot end when a pin does.
        """
        return Pins(tuple(replace(pin, answer=_answered(session, pin)) for pin in self.held))


def _answered(session: Session, pin: Pin) -> Answer:
    answer = session.answer_of(pin.answer.recipe)
    if isinstance(answer, Refusal):
        raise ScenarioError(f"pin {pin.number}, {pin.name}: {answer.message}")
    return answer


def _checked(name: str) -> str:
    words = " ".join(name.split())
    if not words:
        raise ScenarioError("a pinned variant needs a name")
    if len(words) > LONGEST_NAME:
        raise ScenarioError(f"a name of {len(words)} letters has no room beside the figures; at most {LONGEST_NAME}")
    return words
