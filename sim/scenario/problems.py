"""Problems found in a scenario, collected so that the user can mend them all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.errors import ScenarioError
from sim.scenario.source_tree import Steps, Tree, dotted, one_line


@dataclass(frozen=True)
class Problem:
    """What is wrong at a path of the scenario, what was expected and the nearest valid name."""

    path: Steps
    text: str

    def located(self, tree: Tree) -> str:
        """Write the problem as one line that begins with the file and line of the value."""
        where = f"{dotted(self.path)}: " if self.path else ""
        return f"{tree.nearest(self.path).place}: {one_line(where + self.text)}"


def refuse(problems: Iterable[Problem], tree: Tree) -> None:
    """Raise all problems, one line each, if there are any: those of the user's own file first, in its order.

    Raises
    ------
    ScenarioError
        With one line for each problem.
    """
    own = tree.place.file

    def position(problem: Problem) -> tuple[bool, str, int]:
        place = tree.nearest(problem.path).place
        return place.file != own, place.file, place.line or 0

    lines = list(dict.fromkeys(problem.located(tree) for problem in sorted(problems, key=position)))
    if lines:
        raise ScenarioError("\n".join(lines))
