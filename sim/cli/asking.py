"""What the command of every study takes beside its question, and how it runs, keeps and shows what it found."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from rich.text import Text

from sim.cli.answering import answer, folder_data
from sim.cli.arguments import (
    AsOfOption,
    DataOption,
    OutOption,
    QuietOption,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, made_by, print_place, under
from sim.runs import DEFAULT_SEED

if TYPE_CHECKING:
    from sim.report.kept_table import Table
    from sim.scenario.schema import Scenario
    from sim.studies.one_run.study_folder import StudyFolder

Found = TypeVar("Found")


@dataclass(frozen=True)
class Asked:
    """Options of every study, as `study_command` adds them to its command."""

    seed: SeedOption = DEFAULT_SEED
    changes: SetOption = None
    as_of: AsOfOption = None
    data: DataOption = None
    workers: WorkersOption = None
    out: OutOption = RESULTS
    quiet: QuietOption = False

    @property
    def all_changes(self) -> list[str]:
        """What differs from the scenarios as they are."""
        return all_changes(self.changes, self.as_of, self.data)

    def load(self, names: Sequence[str]) -> list[Scenario]:
        """Load scenarios as they are asked for."""
        return load_all(list(names), self.all_changes)

    def answer(
        self,
        kind: str,
        name: str,
        study: Callable[..., Found],
        folder_of: Callable[[Found], StudyFolder],
        shown: Callable[[Found, StudyFolder], Sequence[Table]] | None = None,
    ) -> Found:
        """Make a study, keep it, and say what it found.

        Parameters
        ----------
        kind
            What manifests call it.
        name
            What its folder is called.
        study
            Makes it, given seed, workers, bars and kept_in.
        folder_of
            Lays out its folder.
        shown
            Tables that the screen shows; all if None.
        """
        from sim.report.kept_table import in_plain_words, on_screen
        from sim.report.terminal import console
        from sim.runs.address import Place
        from sim.runs.manifest import UNFINISHED_RUN
        from sim.runs.progress import Bars
        from sim.runs.result_folder import check_place

        folder = under(self.out, name)
        unfinished = f"{check_place(folder, kind)}{UNFINISHED_RUN}"
        with Bars(quiet=self.quiet) as bars:
            found = study(seed=self.seed, workers=self.workers, bars=bars, kept_in=unfinished)
        kept = folder_of(found)
        place = kept.save(folder, made_by())
        Place.of(unfinished).remove()
        sentences = ["".join(map(in_plain_words, sentence)) for sentence in kept.answer]
        tables = shown(found, kept) if shown else kept.tables
        answer(
            lambda: folder_data(folder, {held.name: held.frame for held in kept.kept}, sentences),
            lambda: console().print(*map(Text, sentences), *map(on_screen, tables), sep="\n"),
        )
        print_place(place)
        return found


def study_command(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of every study in place of its argument `asked`."""
    hints = get_type_hints(Asked, include_extras=True)
    shared = [
        inspect.Parameter(held.name, inspect.Parameter.KEYWORD_ONLY, default=held.default, annotation=hints[held.name])
        for held in fields(Asked)
    ]

    @wraps(command)
    def with_options(**arguments: Any) -> None:
        asked = Asked(**{held.name: arguments.pop(held.name) for held in fields(Asked)})
        command(asked=asked, **arguments)

    own = inspect.signature(command, eval_str=True)
    taken = [parameter for parameter in own.parameters.values() if parameter.name != "asked"]
    with_options.__dict__["__signature__"] = own.replace(parameters=[*taken, *shared])
    return with_options
