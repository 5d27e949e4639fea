"""One exploration: a scenario, a reference beside it, and an answer for any set of changed values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ModelError, ScenarioError
from sim.explorer.controls import MONTHS, Control, Section, sections_of
from sim.explorer.places import check_inside, scenario_file
from sim.explorer.saving import Parent, save_changes
from sim.report.kpi_names import parse
from sim.runs import DEFAULT_PATHS, DEFAULT_SEED, EXPLORED_DRAWS
from sim.runs.result_folder import REPORT
from sim.runs.run_data import RunData
from sim.runs.run_many import Job, Result, run_many
from sim.runs.run_names import in_words, named_by
from sim.runs.run_plan import How
from sim.scenario.drafts import new_file
from sim.scenario.extension import link_to
from sim.scenario.layers import read_ancestry
from sim.scenario.loading import load
from sim.studies.compare.compared_runs import differences_of_parties
from sim.studies.compare.comparison import compare
from sim.studies.compare.differences import Difference, differences_between
from sim.studies.one_run.main_kpis import label, main_kpis
from sim.studies.sweep.sweep_study import Sweep, sweep

DEFAULT_SCENARIO = "guiyang_pilot"
REMEMBERED = 24
"""Recent answers that are kept, so that going back needs no run."""
RESULTS = "results"
POINTS = 6
"""Values through which a control goes in a sweep."""


@dataclass(frozen=True)
class Figure:
    """One main figure: its mean in the reference and now, and the difference draw by draw."""

    kpi: str
    words: str
    unit: str
    reference: float
    now: float
    difference: Difference


@dataclass(frozen=True, eq=False)
class Answer:
    """What a run with some changed values gave, beside the reference."""

    recipe: Recipe
    run: RunData
    reference: RunData

    @property
    def changes(self) -> Mapping[str, Any]:
        """The changed values by dotted path."""
        return self.recipe.changes

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """The main figures that both runs have."""
        kpis = [kpi for kpi in main_kpis(self.run) if kpi in self.reference.kpis]
        differences = differences_between(self.reference, self.run, kpis)
        return tuple(map(partial(_figure, self.reference, self.run), kpis, differences))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """What the parties have more or less: rows of `ComparedRuns.differences`."""
        return differences_of_parties(self.reference, self.run, self.run.name)


@dataclass(frozen=True)
class Refusal:
    """Why changed values make no valid scenario."""

    changes: Mapping[str, Any]
    message: str


@dataclass(frozen=True)
class Recipe:
    """What a run is made of: a scenario file and changed values by dotted path."""

    path: Path
    changes: Mapping[str, Any] = field(default_factory=dict)

    def job(self, draws: int, seed: int) -> Job:
        """What is run of it."""
        return Job(load(self.path, self.changes), range(draws), seed, Result(paths=0, changes=in_words(self.changes)))

    def kept_job(self, draws: int, seed: int, title: str = "") -> Job:
        """What is run of it for a report: with paths, and called by what is changed and by a title if there is one."""
        changes = in_words(self.changes)
        scenario = named_by(load(self.path, self.changes), changes)
        titled = scenario.model_copy(update={"title": title}) if title else scenario
        return Job(titled, range(draws), seed, Result(paths=DEFAULT_PATHS, changes=changes))


@dataclass(eq=False)
class Session:
    """A scenario that is explored.

    Attributes
    ----------
    parent
        The scenario and its file.
    reference
        The run that answers are compared with.
    recipe
        How that run is made.
    reference_words
        What people call it.
    draws, seed
        How every answer is run.
    """

    parent: Parent
    reference: RunData
    recipe: Recipe
    reference_words: str
    draws: int
    seed: int
    _remembered: OrderedDict[str, RunData] = field(default_factory=OrderedDict)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All that can be moved."""
        return sections_of(self.parent.scenario, self.reference.scenario)

    @cached_property
    def controls(self) -> dict[str, Control]:
        """The controls by path."""
        return {control.path: control for section in self.sections for control in section.controls}

    def answer(self, changes: Mapping[str, Any]) -> Answer | Refusal:
        """Run the scenario with some values changed, as `sim.run(scenario, draws, seed, set=changes, paths=0)` does.

        Parameters
        ----------
        changes
            Changed values by dotted path; None removes an entry.

        Returns
        -------
        Answer or Refusal
            A refusal where the values make no valid scenario.
        """
        return self.answer_of(Recipe(self.parent.path, dict(changes)))

    def answer_of(self, recipe: Recipe) -> Answer | Refusal:
        """Run a scenario file with some values changed, as `answer` does with the one that is explored."""
        try:
            return Answer(recipe, self._run(recipe), self._run(self._beside(recipe)))
        except (ScenarioError, ModelError) as error:
            return Refusal(recipe.changes, str(error))

    def with_reference(self, answer: Answer) -> Session:
        """Give the same exploration with an answer as its reference."""
        words = f"{self.parent.scenario.name} as changed" if answer.changes else self.parent.scenario.name
        again = replace(self, reference=answer.run, recipe=answer.recipe, reference_words=words)
        again.sections = self.sections
        return again

    def with_part(self, name: str, part: str, folder: Path = Path()) -> Session:
        """Give the exploration of a new scenario file, which extends this one and has an example of a part.

        Parameters
        ----------
        name
            Name of the new scenario, and of its file.
        part
            What it has more, of `sim.scenario.drafts.EXAMPLES`.
        folder
            Where the file goes, inside the working folder.

        Raises
        ------
        ScenarioError
            If the name is not allowed or taken, the folder is outside, there is no such part, or the scenario has it.
        """
        check_inside(folder, Path())
        path = new_file(name, link_to(self.parent.path, folder), folder, [part])
        return replace(self, parent=Parent(load(path), path), _remembered=OrderedDict())

    def save(self, name: str, changes: Mapping[str, Any], folder: Path = Path(), replace: bool = False) -> Path:
        """Write the changes as a scenario file; parameters and errors are those of `save_changes`."""
        return save_changes(self.parent, name, changes, folder, replace)

    def report(
        self,
        changes: Mapping[str, Any],
        folder: Path = Path(RESULTS),
        title: str = "",
        others: Mapping[str, Recipe] = MappingProxyType({}),
    ) -> Path:
        """Compare with the reference, keep the comparison, and give the place of its report page.

        Parameters
        ----------
        changes
            Changed values by dotted path.
        folder
            Where the comparison goes, inside the working folder.
        title
            What the page calls the scenario as changed; its own title if empty.
        others
            Other variants by their titles, compared with the same reference.

        Raises
        ------
        ScenarioError
            If the values are not valid, another variant ends at another date, or the folder is outside or holds
            something else.
        """
        place = folder / f"explored_{self.parent.scenario.name}"
        check_inside(place, Path())
        recipe = Recipe(self.parent.path, changes)
        titled = {title: recipe, **others}
        jobs = [self._beside(recipe).kept_job(self.draws, self.seed)]
        jobs += [held.kept_job(self.draws, self.seed, words) for words, held in titled.items()]
        compare(_run(jobs)).save(place)
        return place / REPORT

    def sweep(self, control: Control, changes: Mapping[str, Any]) -> Sweep:
        """Let a control go through its range, or the one that its value is drawn from, in runs beside the reference.

        Parameters
        ----------
        control
            One of a number or a date.
        changes
            Where all else stands. The reference has the same values where it has such.

        Raises
        ------
        ScenarioError
            If it has no range, a value in it is not valid, or nothing differs.
        """
        over = f"{control.path}={_range_of(control)}"
        others = {path: value for path, value in changes.items() if path != control.path}
        beside = self._beside(Recipe(self.parent.path, changes))
        scenario, reference = load(self.parent.path, others), load(beside.path, beside.changes)
        return sweep(scenario, over, reference=reference, draws=self.draws, seed=self.seed, workers=1)

    def _beside(self, recipe: Recipe) -> Recipe:
        """Say how the reference is made, which ends when the run does that it stands beside."""
        months = int(recipe.changes.get(MONTHS, self.parent.scenario.months))
        if months == self.reference.scenario.months:
            return self.recipe
        return Recipe(self.recipe.path, {**self.recipe.changes, MONTHS: months})

    def _run(self, recipe: Recipe) -> RunData:
        if recipe == self.recipe:
            return self.reference
        key = repr((recipe.path, sorted(recipe.changes.items())))
        if key not in self._remembered:
            self._remembered[key] = _run([recipe.job(self.draws, self.seed)])[0]
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]


def open_session(
    scenario: str | Path = DEFAULT_SCENARIO,
    reference: str | Path | None = None,
    draws: int = EXPLORED_DRAWS,
    seed: int = DEFAULT_SEED,
) -> Session:
    """Load a scenario and run its reference.

    Parameters
    ----------
    scenario
        Name or path, in the library or the working folder.
    reference
        The same of the scenario to compare with; the one that `scenario` extends if None.
    draws, seed
        How every answer is run.

    Raises
    ------
    ScenarioError
        If one of them is not there, lies outside or is not valid, or the two cannot be compared.
    """
    path = scenario_file(scenario, Path())
    beside = _parent_of(path) if reference is None else scenario_file(reference, Path())
    parent, recipe = Parent(load(path), path), Recipe(beside)
    reference_run, first = _run([held.job(draws, seed) for held in (recipe, Recipe(path))])
    compare([reference_run, first])  # says why, if they cannot be compared
    return Session(parent, reference_run, recipe, reference_run.name, draws, seed)


def _run(jobs: list[Job]) -> list[RunData]:
    """Run in this process: an answer must not wait for others to start."""
    return list(run_many(jobs, How(workers=1)))


def _range_of(control: Control) -> str:
    """Write the values that a control goes through, as `cloudtrade sweep --over` takes them."""
    if control.scales or control.first is not None or control.kind in {"switch", "choice"}:
        raise ScenarioError(f"{control.name}: has no range that can be swept; move a number or a date")
    first, last = control.support or (control.low, control.high)
    if control.kind == "integer":
        return ",".join(map(str, np.unique(np.linspace(first, last, POINTS).round().astype(int))))  # type: ignore[arg-type]
    return f"{first}..{last}:{POINTS}"


def _parent_of(path: Path) -> Path:
    files = read_ancestry(path)
    return files[1].path if len(files) > 1 else path


def _figure(reference: RunData, now: RunData, kpi: str, difference: Difference) -> Figure:
    before, after = (float(held.kpis[kpi].mean()) for held in (reference, now))
    words = label(kpi, now.scenario)
    return Figure(kpi, words, parse(kpi).unit, before, after, difference)
