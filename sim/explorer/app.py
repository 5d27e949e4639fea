"""The page: controls at the side, what they change beside the reference, and buttons to keep it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import panel as pn

from sim.errors import ScenarioError
from sim.explorer.charts import Charts, new_charts
from sim.explorer.panel import Actions, AnswerTable, ControlPanel, browser_file, spec_of
from sim.explorer.session import Answer, Refusal, Session
from sim.explorer.settings import as_words, changes_of, setting_of
from sim.explorer.table import refusal_html, table_html
from sim.scenario.source_tree import shown

SIDE_WIDTH, GAP = 380, 16
"""Width of the controls in a notebook, and the gap beside them, pixels."""

Publish = Callable[[Path], str]
"""Makes a report reachable by the browser, and gives its address."""


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
    """

    def __init__(self, session: Session, publish: Publish | None = None) -> None:
        self.session = session
        self.changes: Mapping[str, Any] = {}
        first = session.answer({})
        if isinstance(first, Refusal):
            raise ScenarioError(first.message)
        self.answer = first
        self._publish = publish
        self._charts: Charts = new_charts(first)
        self._controls = ControlPanel(sections=spec_of(session.sections), sizing_mode="stretch_width")  # type: ignore[no-untyped-call]
        self._actions = Actions(opens=publish is not None, sizing_mode="stretch_width")  # type: ignore[no-untyped-call]
        table = table_html(first, session.reference_words)
        self._table = AnswerTable(html=table, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]
        self._controls.param.watch(self._answer_request, "request")
        self._controls.param.watch(self._paint, "dark")
        self._actions.param.watch(self._act, "asked")

    def __repr__(self) -> str:
        return f"Explorer({self.session.parent.scenario.name} beside {self.session.reference_words})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        pn.extension(inline=True)  # nothing from the network
        return self.layout()._repr_mimebundle_(include, exclude)  # type: ignore[no-untyped-call]

    def layout(self) -> pn.Row:
        """Give the page as a Panel layout."""
        parts = [self._actions, self._table, *self._chart_boxes().values()]
        main = pn.Column(*parts, sizing_mode="stretch_width", styles={"min-width": "0"})
        controls = pn.Column(self._controls, sizing_mode="stretch_width", margin=(0, GAP, 0, 0))
        side = pn.Column(controls, width=SIDE_WIDTH, height=900, scroll=True, margin=(0, GAP, 0, 0))
        return pn.Row(side, main, sizing_mode="stretch_width")

    def page(self) -> pn.Template:
        """Give the page as HTML of its own."""
        scenario = self.session.parent.scenario
        page = pn.Template(browser_file("page.html"))
        page.add_variable("heading", scenario.title)
        page.add_variable("question", " ".join(scenario.question.split()))
        page.add_variable("colours", browser_file("colours.css"))
        parts = {"controls": self._controls, "actions": self._actions, "table": self._table}
        for name, part in (parts | self._chart_boxes()).items():
            page.add_panel(name, part)
        return page

    def _chart_boxes(self) -> dict[str, pn.Column]:
        boxes = {}
        for place, (title, chart) in enumerate(self._charts.figures.items()):
            pane = pn.pane.Bokeh(chart, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]
            boxes[f"chart_{place}"] = pn.Column(_html(f"<h2>{escape(title)}</h2>"), pane, sizing_mode="stretch_width")
        return boxes

    # From the browser -------------------------------------------------------------------------------------------------

    def _answer_request(self, event: Any) -> None:
        try:
            self._move(event.new["moved"])
        finally:
            self._controls.answered = event.new["number"]

    def _move(self, moved: Mapping[str, Any]) -> None:
        controls = self.session.controls
        try:
            settings = {path: setting_of(controls[path], value) for path, value in moved.items() if path in controls}
        except ScenarioError as error:
            self._show(Refusal({}, str(error)))
            return
        self._show(self.session.answer(changes_of(controls.values(), settings)))

    def _show(self, answer: Answer | Refusal) -> None:
        """Show an answer; of a refusal its words above the last figures."""
        self.changes = answer.changes
        self._actions.words = as_words(answer.changes)
        if isinstance(answer, Refusal):
            self._table.html = refusal_html(answer) + table_html(self.answer, self.session.reference_words)
            return
        self.answer = answer
        self._table.html = table_html(answer, self.session.reference_words)
        self._charts.show(answer)

    def _paint(self, event: Any) -> None:
        self._charts.paint(event.new)

    def _act(self, event: Any) -> None:
        asked = event.new
        known = {"reset": self._reset, "reference": self._refer, "report": self._report, "save": self._save}
        done: dict[str, Any] = {"number": asked["number"], "text": "", "refused": False, "link": ""}
        try:
            done |= known[asked["action"]](asked)
        except (ScenarioError, OSError) as error:
            done |= {"text": str(error), "refused": True}
        self._actions.done = done

    def _reset(self, _asked: Mapping[str, Any]) -> dict[str, str]:
        self._controls.resets += 1
        self._move({})
        return {"text": "All controls are back where the scenario has them."}

    def _refer(self, _asked: Mapping[str, Any]) -> dict[str, str]:
        answer = self.session.answer(self.changes)
        if isinstance(answer, Refusal):
            raise ScenarioError(answer.message)
        self.session = self.session.with_reference(answer)
        self._show(self.session.answer(self.changes))
        return {"text": "Differences are now to the values as they stand."}

    def _report(self, _asked: Mapping[str, Any]) -> dict[str, str]:
        page = self.session.report(self.changes)
        link = self._publish(page) if self._publish is not None else ""
        return {"text": f"Wrote {shown(page)}", "link": link}

    def _save(self, asked: Mapping[str, Any]) -> dict[str, str]:
        path = self.session.save(asked["name"], self.changes, replace=bool(asked["replace"]))
        return {"text": f"Wrote {shown(path)}; check it with: cloudtrade check {shown(path)}"}


def _html(text: str) -> pn.pane.HTML:
    styles = [browser_file("colours.css"), browser_file("table.css")]
    return pn.pane.HTML(text, stylesheets=styles, sizing_mode="stretch_width", margin=0)  # type: ignore[no-untyped-call]
