"""What several commands print, and where they put what they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from sim.cli.answering import answer

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sim.runs.run_data import RunData
    from sim.studies.compare.comparison import Comparison

RESULTS = "results"
"""Folder for the results, unless the user says otherwise."""
PAGE = "report.html"
"""Name of the page in a folder."""


def under(out: str, name: str) -> str:
    """Address of a folder under another, as people write it."""
    above = out.rstrip("/")
    return f"{out}{name}" if not above or above.endswith(":") else f"{above}/{name}"


def made_by() -> dict[str, Any]:
    """Say which program made a folder, for its manifest."""
    from sim.runs.fingerprints import git_commit, program, versions

    return {"versions": versions(), "git_commit": git_commit(), "program": program()}


def print_place(place: Path | str) -> None:
    """Say where something was written."""
    typer.echo(f"Wrote {place}")


def print_page(page: str) -> None:
    """Name the page to open, which is the last thing a command says."""
    typer.echo(f"To read it as a page, open {page} in a browser")


def why_folder(reference: str, other: str) -> str:
    """Name the folder of the study of what decides between two scenarios."""
    return f"{other}_why_{reference}"


def compared_beside(results: Sequence[RunData], out: str) -> Comparison:
    """Compare results with the first of them, with what `why` has kept of the same scenarios in a folder of results."""
    import sim
    from sim.studies.compare.kept_why import with_kept_why

    return with_kept_why(sim.compare(results), lambda reference, other: under(out, why_folder(reference, other)))


def say_comparison(comparison: Comparison, folders: Sequence[str], full: bool = False) -> None:
    """Say the answer of a comparison.

    Parameters
    ----------
    comparison
        Runs beside their reference, with the effects that were tried.
    folders
        Where it and its runs are kept.
    full
        Whether the screen shows all tables after it.
    """
    from sim.studies.compare.comparison_answer import answer_data

    def show() -> None:
        _print_answers(comparison)
        if full:
            _print_tables(comparison)
        _print_notes(comparison)

    answer(lambda: {**answer_data(comparison), "folders": list(folders)}, show)


def with_wanted_effects(comparison: Comparison, wanted: bool | None) -> Comparison:
    """Try which values matter if that is wanted, or if nothing is said and they are few."""
    from sim.studies.compare.effects import MOST_TRIED, with_effects

    few = 0 < len(comparison.changed) <= MOST_TRIED
    return with_effects(comparison) if wanted or (wanted is None and few) else comparison


def _print_answers(comparison: Comparison) -> None:
    """Print several runs beside each other, then the answer and who gains of each."""
    from sim.report.captions import count_of_draws
    from sim.report.kept_table import on_screen, paragraph_on_screen
    from sim.report.terminal import console
    from sim.studies.compare.comparison_answer import answer_of
    from sim.studies.compare.gain_tables import gain_table, tables_of_several

    screen = console()
    for table in tables_of_several(comparison):
        screen.print(on_screen(table))
    for name, run in comparison.by_label.items():
        table = gain_table(comparison, name)
        draws = comparison.gains["draws"][comparison.gains["scenario"] == name]
        known = f", {count_of_draws(int(draws.iloc[0]))}" if len(draws) else ""
        _print_lines(screen, f"{run.scenario.title} ({name} against {comparison.reference.name}{known})", "bold")
        for paragraph in answer_of(comparison, name):
            screen.print(paragraph_on_screen(paragraph, screen.width))
        if table.rows:
            screen.print()
            screen.print(on_screen(table))


def _print_tables(comparison: Comparison) -> None:
    from sim.report.kept_table import on_screen
    from sim.report.terminal import console
    from sim.studies.compare.comparison_tables import (
        changed_line,
        changed_table,
        difference_table,
        driver_table,
        entries_of,
        narrowing_line,
        paybacks_of,
        sums_of,
    )
    from sim.studies.compare.partings import parting_line

    screen = console()
    for name, parting in zip(comparison.labels, comparison.partings.to_dict("records"), strict=True):
        made = difference_table, entries_of, sums_of, paybacks_of, driver_table
        screen.print(*(on_screen(table(comparison, name)) for table in made), sep="\n")
        _print_lines(screen, parting_line(parting, comparison.reference.name))
        if narrowing := narrowing_line(comparison, name):
            _print_lines(screen, narrowing)
        changed = changed_table(comparison, name)
        if changed is None:
            _print_lines(screen, changed_line(comparison, name))
        else:
            screen.print(on_screen(changed))


def _print_notes(comparison: Comparison) -> None:
    from sim.report.terminal import console

    for note in comparison.notes:
        _print_lines(console(), f"Note: {note}")


def _print_lines(screen: Console, text: str, style: str = "") -> None:
    """Print text in lines in which no word is cut."""
    from sim.report.wrapping import wrapped

    screen.print(Text("\n".join(wrapped(text, screen.width)), style=style))
