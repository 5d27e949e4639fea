"""What several commands print, and where they put what they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from sim.report.kept_table import Table
    from sim.studies.compare.comparison import Comparison
    from sim.studies.one_run.study_folder import StudyFolder

RESULTS = "results"
"""Folder for the results, unless the user says otherwise."""


def under(out: str, name: str) -> str:
    """Address of a folder under another, as people write it."""
    above = out.rstrip("/")
    return f"{out}{name}" if not above or above.endswith(":") else f"{above}/{name}"


def made_by() -> dict[str, Any]:
    """Say which program made a folder, for its manifest."""
    from sim.runs.fingerprints import git_commit, program, versions

    return {"versions": versions(), "git_commit": git_commit(), "program": program()}


@contextmanager
def study_in(folder: str, kind: str) -> Iterator[str]:
    """Check the folder of a study, and give the place where what is finished is kept until the study is saved."""
    from sim.runs.address import Place
    from sim.runs.manifest import UNFINISHED_RUN
    from sim.runs.result_folder import check_place

    unfinished = f"{check_place(folder, kind)}{UNFINISHED_RUN}"
    yield unfinished
    Place.of(unfinished).remove()


def report_study(study: StudyFolder, folder: str, tables: Sequence[Table] | None = None) -> None:
    """Print the answer of a study and its tables, all if none are named, and keep it."""
    from sim.report.kept_table import in_plain_words, on_screen
    from sim.report.terminal import console

    screen = console()
    for sentence in study.answer:
        screen.print(Text("".join(map(in_plain_words, sentence))))
    for table in study.tables if tables is None else tables:
        screen.print(on_screen(table))
    print_place(study.save(folder, made_by()))


def print_place(place: Path | str) -> None:
    """Say where something was written."""
    typer.echo(f"Wrote {place}")


def show_comparison(comparison: Comparison, effects: bool | None) -> Comparison:
    """Print a comparison, and give it back with the effects that were tried.

    Parameters
    ----------
    comparison
        Runs beside their reference.
    effects
        Whether to try which differing values have an effect; if nothing is said, only where they are few.
    """
    tried = _with_effects(comparison, effects)
    _print_comparison(tried)
    return tried


def _with_effects(comparison: Comparison, wanted: bool | None) -> Comparison:
    """Try which values matter if that is wanted, or if nothing is said and they are few."""
    from sim.studies.compare.effects import MOST_TRIED, with_effects

    few = 0 < len(comparison.changed) <= MOST_TRIED
    return with_effects(comparison) if wanted or (wanted is None and few) else comparison


def _print_comparison(comparison: Comparison) -> None:
    from sim.report.kept_table import on_screen
    from sim.report.terminal import console
    from sim.studies.compare.comparison_tables import (
        difference_table,
        driver_table,
        entries_of,
        overview_tables,
        paybacks_of,
        sums_of,
    )
    from sim.studies.compare.partings import parting_line

    screen = console()
    if len(comparison.others) > 1:
        screen.print(*map(on_screen, overview_tables(comparison)), sep="\n")
    for name, parting in zip(comparison.labels, comparison.partings.to_dict("records"), strict=True):
        in_time = (table(comparison, name) for table in (entries_of, sums_of, paybacks_of))
        tables = difference_table(comparison, name), *in_time, driver_table(comparison, name)
        screen.print(*map(on_screen, tables), sep="\n")
        screen.print(Text(parting_line(parting, comparison.reference.name)), soft_wrap=True)
        _print_scenarios(comparison, name)
    for note in comparison.notes:
        screen.print(Text(f"Note: {note}"))


def _print_scenarios(comparison: Comparison, other: str) -> None:
    """Print what sharing draws saved, and in which values of the scenario a run differs."""
    from sim.report.kept_table import on_screen
    from sim.report.terminal import console
    from sim.studies.compare.comparison_tables import changed_line, changed_table, narrowing_line

    screen, changed = console(), changed_table(comparison, other)
    if narrowing := narrowing_line(comparison, other):
        screen.print(Text(narrowing), soft_wrap=True)
    screen.print(Text(changed_line(comparison, other)) if changed is None else on_screen(changed))
