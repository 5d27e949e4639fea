"""How far runs are: a bar for each on a terminal or in a notebook with widgets, a line now and then elsewhere."""

from __future__ import annotations

import importlib.util
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

SECONDS_BETWEEN_LINES = 30.0
SECONDS_BEFORE_FIRST_LINE = 5.0


class Rate(ProgressColumn):
    """Draws per second."""

    def render(self, task: Task) -> Text:
        """Give the rate, or nothing before the first batch."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} draws/s" if speed else "")


class Bars:
    """Progress of one or more runs, shown while in its `with` block.

    Nothing runs beside: what is shown moves on when `look` is called, so that processes can be forked safely.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._console = Console(stderr=True)
        self._live = not quiet and _can_redraw(self._console)
        self._plain = not quiet and not self._live
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}/{task.total:,} draws"),
            Rate(), TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console, auto_refresh=False, disable=not self._live, transient=True,
        )  # fmt: skip
        self._lines: dict[str, _Lines] = {}
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, name: str, draws: int, done: int) -> None:
        """Show a run, or more draws of one that is shown: `done` of them were there already."""
        if name in self._lines:
            held = self._lines[name]
            held.draws, held.done = held.draws + draws, held.done + done
            self._progress.update(self._tasks[name], total=held.draws, completed=held.done)
            return
        self._tasks[name] = self._progress.add_task(name, total=draws, completed=done)
        self._lines[name] = _Lines(name, draws, done)

    def advance(self, name: str, draws: int) -> None:
        """Count finished draws."""
        self._progress.advance(self._tasks[name], draws)
        self._lines[name].done += draws
        self.look()

    def say(self, name: str, doing: str) -> None:
        """Say what a run does besides drawing; nothing brings its name back."""
        self._progress.update(self._tasks[name], description=f"{name}: {doing}" if doing else name)
        self.look()

    def look(self) -> None:
        """Bring what is shown up to date."""
        self._progress.refresh()
        if self._plain:
            for lines in self._lines.values():
                line = lines.due()
                if line:
                    self._console.print(line, soft_wrap=True, highlight=False)


def _can_redraw(console: Console) -> bool:
    """Whether what is shown can be drawn anew: on a terminal, and in a notebook that has widgets."""
    return console.is_terminal or (console.is_jupyter and importlib.util.find_spec("ipywidgets") is not None)


class _Lines:
    """Lines about one run where no bar can be drawn: none about a short one."""

    def __init__(self, name: str, draws: int, done: int) -> None:
        self.name, self.draws, self.done = name, draws, done
        self._before = done
        self._started = time.monotonic()
        self._next = self._started + SECONDS_BEFORE_FIRST_LINE

    def due(self) -> str:
        """Give the line, if it is time for one and the run is under way."""
        now = time.monotonic()
        if now < self._next or not self._before < self.done < self.draws:
            return ""
        self._next = now + SECONDS_BETWEEN_LINES
        rate = (self.done - self._before) / (now - self._started)
        left = (self.draws - self.done) / rate
        return f"{self.name}: {self.done:,} of {self.draws:,} draws, {rate:,.0f} draws/s, {left:,.0f} s left"
