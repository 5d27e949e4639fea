"""The parts of the page that talk with the browser: controls, buttons with what is changed now, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from sim.explorer.controls import Control, Section
from sim.explorer.pins import Pin
from sim.explorer.settings import shown_of

_BROWSER = Path(__file__).parent / "browser"


@cache
def browser_file(name: str) -> str:
    """Read a file that is meant for the browser."""
    return (_BROWSER / name).read_text(encoding="utf-8")


class ControlPanel(JSComponent):
    """All controls of a session.

    The browser sets `request` to a number and where the moved controls stand; the page answers, then sets `answered` to
    that number. The browser asks no more before, so that no questions queue up.
    """

    sections = param.List(doc="What is shown, as `spec_of` gives it.")
    address = param.String(default="", doc="What a browser asks for that loads the page again.")
    moved = param.Dict(default={}, doc="Where controls stand that were moved before the page was loaded again.")
    resets = param.Integer(default=0, doc="How often all controls were put back; one more puts them back.")
    request = param.Dict(default={}, doc="Number of a question, and where the moved controls stand.")
    answered = param.Integer(default=0, doc="Number of the last question that was answered.")
    dark = param.Boolean(default=False, doc="Whether the system prefers a dark ground.")

    _esm = browser_file("controls.js")
    _stylesheets = [browser_file("colours.css"), browser_file("controls.css")]


class Actions(JSComponent):
    """What is changed now, and the buttons; the browser sets `asked`, the page answers with `done`."""

    words = param.List(default=[], doc="What is changed, as options of the command.")
    pins = param.List(default=[], doc="What is pinned, as `spec_of_pins` gives it.")
    parts = param.List(default=[], doc="What can be added to the scenario.")
    opens = param.Boolean(default=True, doc="Whether a report opens in a new tab.")
    asked = param.Dict(default={}, doc="Number and action that was asked for, a name, the number of a pin, a part.")
    done = param.Dict(default={}, doc="Number of the action that is done, text, whether refused, link, question.")

    _esm = browser_file("actions.js")
    _stylesheets = [browser_file("colours.css"), browser_file("actions.css")]


class AnswerTable(JSComponent):
    """The table of answers, as HTML. Panel's own pane would fetch style sheets anew in a notebook at each answer."""

    html = param.String(doc="What is shown.")

    _esm = browser_file("table.js")
    _stylesheets = [browser_file("colours.css"), browser_file("table.css")]


def spec_of(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Describe controls to the browser, values as people see them."""
    return [
        {"title": section.title, "open": section.is_open, "controls": [_spec(control) for control in section.controls]}
        for section in sections
    ]


def spec_of_pins(pins: Iterable[Pin]) -> list[dict[str, Any]]:
    """Describe to the browser what is pinned, and how it is drawn."""
    return [
        {"number": pin.number, "name": pin.name, "colour": pin.look.colour, "dashes": pin.look.dashes} for pin in pins
    ]


def _spec(control: Control) -> dict[str, Any]:
    words = ("path", "part", "title", "name", "kind", "unit", "drawn", "help", "source")
    shown = {end: shown_of(control, getattr(control, end)) for end in ("value", "low", "high", "step")}
    return {word: getattr(control, word) for word in words} | shown | {"options": list(control.options)}
