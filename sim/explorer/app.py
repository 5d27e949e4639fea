"""The page: controls at the side, what they change beside the reference, and buttons to keep it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import panel as pn
from markupsafe import Markup

from sim.errors import ScenarioError
from sim.explorer.charts import Charts, new_charts
from sim.explorer.controls import ADDS, CHANGES
from sim.explorer.panel import Actions, AnswerTable, ControlPanel, browser_file, spec_of, spec_of_pins
from sim.explorer.pins import Pins
from sim.explorer.session import Answer, Refusal, Session
from sim.explorer.settings import as_words, changes_of, name_of, setting_of
from sim.explorer.table import answer_html, refusal_html, table_html, variants_html
from sim.explorer.tabs import Shown
from sim.scenario.drafts import EXAMPLES
from sim.scenario.extension import NameTakenError
from sim.scenario.source_tree import shown
from sim.studies.one_run.main_kpis import label

SIDE_WIDTH, GAP = 380, 16
"""Width of the controls in a notebook, and the gap beside them, pixels."""

SWEPT = "What the last control does: mean difference, its 90 % interval, and 90 % of the draws"
"""Title of the chart of a sweep."""

UNCHANGED = "nothing changed"
"""Name of a variant in which all controls stand where the scenario has them."""

SETTLING = 500
"""Milliseconds for which nothing more may come before those are answered who did not wait for the last answer."""

Publish = Callable[[Path], str]
"""Makes a report reachable by the browser, and gives its address."""
Keep = Callable[[Shown], None]
"""Remembers what is shown."""


class Explorer:
    """One page of one user; shows itself in a notebook.

    Attributes
    ----------
    session
        What is explored.
    answer
        The last answer.
    changes
        The changed values that it answers, by dotted path; `sim.run(..., set=explorer.changes)` gives the same.
    pins
        What is pinned beside the reference.
    """

    def __init__(self, session: Session, publish: Publish | None = None, keep: Keep | None = None) -> None:
        self.session = session
        self._keep = keep
        self.changes: Mapping[str, Any] = {}
        first = session.answer({})
        if isinstance(first, Refusal):
            raise ScenarioError(first.message)
        self.answer = first
        self.pins = Pins()
        self._name = UNCHANGED
        self._refused: Refusal | None = None
        self._publish = publish
        self._may_replace = ""
        self._charts: Charts = new_charts(first)
        self._panes = {title: _pane(chart) for title, chart in self._charts.figures.items()}
        self._pane_swept = _pane(self._charts.swept)
        self._controls = ControlPanel(sections=spec_of(session.sections), sizing_mode="stretch_width")  # type: ignore[no-untyped-call]
        self._actions = Actions(parts=list(EXAMPLES), opens=publish is not None, sizing_mode="stretch_width")  # type: ignore[no-untyped-call]
        table = answer_html(first) + table_html(first, session.reference_words)
        self._table = AnswerTable(html=table, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]
        self._latest: dict[str, Any] = {}
        self._moved: Mapping[str, Any] = {}
        self._last = ""
        self._swept = _box(SWEPT, self._pane_swept)
        self._swept.visible = False
        take_move = partial(self._take, self._answer_request, lambda: self._controls.answered)
        take_act = partial(self._take, self._act, lambda: self._actions.done.get("number", 0))
        self._controls.param.watch(take_move, "request")
        self._controls.param.watch(self._paint, "dark")
        self._actions.param.watch(take_act, "asked")

    def restore(self, shown: Shown, address: str) -> None:
        """Show again what was shown before, controls where they stood and pins, and let the browser ask for it so."""
        self._controls.address = address
        if len(shown.pins):
            self._show_pins(shown.pins)
        if shown.moved:
            self._controls.moved = dict(shown.moved)
            self._move(shown.moved)

    def __repr__(self) -> str:
        return f"Explorer({self.session.parent.scenario.name} beside {self.session.reference_words})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        pn.extension(inline=True)  # nothing from the network
        return self.layout()._repr_mimebundle_(include, exclude)  # type: ignore[no-untyped-call]

    def layout(self) -> pn.Row:
        """Give the page as a Panel layout."""
        parts = [self._actions, self._swept, self._table, *self._chart_boxes().values()]
        main = pn.Column(*parts, sizing_mode="stretch_width", styles={"min-width": "0"})
        controls = pn.Column(self._controls, sizing_mode="stretch_width", margin=(0, GAP, 0, 0))
        side = pn.Column(controls, width=SIDE_WIDTH, height=900, scroll=True, margin=(0, GAP, 0, 0))
        return pn.Row(side, main, sizing_mode="stretch_width")

    def page(self, nonce: str = "") -> pn.Template:
        """Give the page as HTML of its own, its scripts marked with a nonce."""
        scenario = self.session.parent.scenario
        page = pn.Template(jinja2.Template(browser_file("page.html"), autoescape=True))
        page.add_variable("heading", scenario.title)
        page.add_variable("question", " ".join(scenario.question.split()))
        page.add_variable("colours", browser_file("colours.css"))
        page.add_variable("marked", lambda scripts: scripts.replace("<script", f'<script nonce="{nonce}"'))
        boxes = self._chart_boxes()
        page.add_variable("charts", list(boxes))
        parts = {"controls": self._controls, "actions": self._actions, "swept": self._swept, "table": self._table}
        for name, part in (parts | boxes).items():
            page.add_panel(name, part)
        return page

    def _chart_boxes(self) -> dict[str, pn.Column]:
        return {f"chart_{place}": _box(*held) for place, held in enumerate(self._panes.items())}

    # From the browser -------------------------------------------------------------------------------------------------

    def _take(self, answer: Callable[[Mapping[str, Any]], None], last: Callable[[], int], event: Any) -> None:
        """Answer a question; of many that do not wait for answers, as ours do, only the last when no more comes."""
        self._latest[event.name] = event.new

        def answer_latest() -> None:
            if self._latest[event.name] is event.new:
                answer(event.new)

        document = pn.state.curdoc
        if document is None or document.session_context is None or event.new.get("number") == last() + 1:
            answer(event.new)
        else:
            document.add_timeout_callback(answer_latest, SETTLING)

    def _answer_request(self, asked: Mapping[str, Any]) -> None:
        if not _says(asked, number=int, moved=dict):
            return
        try:
            self._move(asked["moved"])
        finally:
            self._controls.answered = asked["number"]

    def _move(self, moved: Mapping[str, Any]) -> None:
        controls = self.session.controls
        newly = [path for path in moved if path in controls and moved[path] != self._moved.get(path)]
        self._last, self._moved = next(iter(reversed(newly)), self._last), moved
        try:
            settings = {path: setting_of(controls[path], value) for path, value in moved.items() if path in controls}
        except ScenarioError as error:
            self._show(Refusal({}, str(error)))
            return
        self._name = name_of(controls.values(), settings) or UNCHANGED
        self._show(self.session.answer(changes_of(controls.values(), settings)))

    def _show(self, answer: Answer | Refusal) -> None:
        """Show an answer; of a refusal its words above the last figures."""
        self.changes = answer.changes
        self._actions.words = as_words(answer.changes)
        self._refused = answer if isinstance(answer, Refusal) else None
        if isinstance(answer, Answer):
            self.answer = answer
            self._charts.show(answer)
        self._tabulate()

    def _tabulate(self) -> None:
        """Show figures: why there are none of the values as they stand, those of all variants, those of the last."""
        beside = self.session.reference_words
        refused = refusal_html(self._refused) if self._refused is not None else ""
        named = {"now": self.answer} | {f"pin {pin.number}: {pin.name}": pin.answer for pin in self.pins}
        variants = variants_html(named, beside) if self.pins.held else ""
        self._table.html = refused + answer_html(self.answer) + variants + table_html(self.answer, beside)
        if self._keep is not None:
            self._keep(Shown(self.session, self._moved, self.pins))

    def _show_pins(self, pins: Pins) -> None:
        """Show what is pinned from now on."""
        self.pins = pins
        self._actions.pins = spec_of_pins(pins)
        self._charts.show_pins(pins)
        self._tabulate()

    def _paint(self, event: Any) -> None:
        self._charts.paint(event.new)

    def _act(self, asked: Mapping[str, Any]) -> None:
        pin: Any = asked.get("pin")
        known: dict[str, Callable[[str], dict[str, str]]] = {
            "reset": self._reset, "reference": self._refer, "report": self._report, "save": self._save,
            "replace": self._replace, "sweep": self._sweep, "pin": self._pin,
            "unpin": partial(self._unpin, pin), "rename": partial(self._rename, pin),
            "add": partial(self._add, asked.get("part")),
        }  # fmt: skip
        if not _says(asked, number=int, action=str, name=str) or asked["action"] not in known:
            return
        done: dict[str, Any] = {"number": asked["number"], "text": "", "refused": False, "link": "", "question": ""}
        name = self._may_replace if asked["action"] == "replace" else asked["name"]
        self._may_replace = ""
        try:
            done |= known[asked["action"]](name)
        except NameTakenError as error:
            self._may_replace = name
            done |= {"text": str(error), "refused": True, "question": f"Replace {name}.yaml"}
        except (ScenarioError, OSError) as error:
            done |= {"text": str(error), "refused": True}
        self._actions.done = done

    def _reset(self, _name: str) -> dict[str, str]:
        self._controls.resets += 1
        self._move({})
        return {"text": "All controls are back where the scenario has them."}

    def _refer(self, _name: str) -> dict[str, str]:
        answer = self.session.answer(self.changes)
        if isinstance(answer, Refusal):
            raise ScenarioError(answer.message)
        session = self.session.with_reference(answer)
        pins = self.pins.beside(session)
        self.session = session
        self._show_pins(pins)
        self._show(self.session.answer(self.changes))
        return {"text": "Differences are now to the values as they stand."}

    def _sweep(self, _name: str) -> dict[str, str]:
        """Let the control that was moved last go through its range, and show the curve."""
        if not self._last:
            raise ScenarioError("move a control first: the one that was moved last goes through its range")
        control = self.session.controls[self._last]
        found = self.session.sweep(control, self.changes)
        self._charts.show_sweep(found, control)
        self._swept.visible = True
        words = f"{label(found.kpi, found.scenario)}, over {control.name}"
        return {"text": f"The curve is of: {words}. The reference has the same values where it has such."}

    def _pin(self, _name: str) -> dict[str, str]:
        """Keep what is shown beside the reference, under the words of what is changed."""
        self._check_answered()
        before = set(self.pins)
        self._show_pins(self.pins.including(self._name, self.answer))
        (added,) = set(self.pins) - before
        return {"text": f"Pinned as pin {added.number}: {added.name}"}

    def _check_answered(self) -> None:
        """Refuse to keep what there is no answer to."""
        if self._refused is not None:
            raise ScenarioError(self._refused.message)

    def _unpin(self, number: int, _name: str) -> dict[str, str]:
        gone = self.pins.pin(number)
        self._show_pins(self.pins.without(number))
        return {"text": f"Pin {gone.number} is gone: {gone.name}"}

    def _rename(self, number: int, name: str) -> dict[str, str]:
        self._show_pins(self.pins.renamed(number, name))
        return {"text": f"Pin {number} is called: {self.pins.pin(number).name}"}

    def _add(self, part: Any, name: str) -> dict[str, str]:
        """Explore a new scenario file, which extends this one and has a part more; controls stay where they are."""
        if not isinstance(part, str):
            raise ScenarioError("say what is to be added")
        session = self.session.with_part(name, part)
        first = session.answer({})
        if isinstance(first, Refusal):
            raise ScenarioError(first.message)
        self.session, self.answer = session, first
        self._controls.sections = spec_of(session.sections)
        self._draw()
        self._move(self._moved)
        added = [f"“{section.title}”" for section in session.sections if section.title in {CHANGES, ADDS}]
        where = f"{shown(session.parent.path)}, which is explored from now on"
        return {"text": f"Wrote {where}. Its numbers are examples: see {' and '.join(added)}."}

    def _draw(self) -> None:
        """Draw all charts anew, for a scenario that has other vendors."""
        self._charts = new_charts(self.answer)
        self._charts.paint(self._controls.dark)
        for title, chart in self._charts.figures.items():
            self._panes[title].object = chart
        self._pane_swept.object = self._charts.swept
        self._swept.visible = False
        self._charts.show_pins(self.pins)

    def _report(self, _name: str) -> dict[str, str]:
        """Keep a comparison of the values as they stand, and of all pins that end when they do, with the reference."""
        self._check_answered()
        months = self.answer.run.scenario.months
        others = [pin for pin in self.pins if pin.answer.recipe != self.answer.recipe]
        alike = [pin for pin in others if pin.answer.run.scenario.months == months]
        titled = {f"pin {pin.number}: {pin.name}": pin.answer.recipe for pin in alike}
        alone = f"{self.session.parent.scenario.title} ({self._name})" if self.changes else ""
        title = f"now: {self._name}" if titled else alone
        page = self.session.report(self.changes, title=title, others=titled)
        link = self._publish(page) if self._publish is not None else ""
        left = [f"pin {pin.number}" for pin in others if pin not in alike]
        without = f", without {' and '.join(left)}, of which the run ends at another date" if left else ""
        return {"text": f"Wrote {shown(page)}{without}", "link": link}

    def _save(self, name: str) -> dict[str, str]:
        return _written(self.session.save(name, self.changes))

    def _replace(self, name: str) -> dict[str, str]:
        """Replace the one file of which the user was asked just now; the browser cannot name another."""
        if not name:
            raise ScenarioError("nothing to replace: no name was refused just now because its file is there already")
        return _written(self.session.save(name, self.changes, replace=True))


def _written(path: Path) -> dict[str, str]:
    return {"text": f"Wrote {shown(path)}; check it with: cloudtrade check {shown(path)}"}


def _says(said: Mapping[str, Any], **kinds: type) -> bool:
    """Whether a browser says what the page would say; to anything else there is no answer."""
    return all(isinstance(said.get(word), kind) for word, kind in kinds.items())


def _pane(chart: Any) -> pn.pane.Bokeh:
    return pn.pane.Bokeh(chart, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]


def _box(title: str, pane: pn.pane.Bokeh) -> pn.Column:
    return pn.Column(_heading(title), pane, sizing_mode="stretch_width")


def _heading(title: str) -> pn.pane.HTML:
    styles = [browser_file("colours.css"), browser_file("table.css")]
    html = str(Markup("<h2>{}</h2>").format(title))  # Panel escapes for the way to the browser what says it is HTML
    return pn.pane.HTML(html, stylesheets=styles, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]
