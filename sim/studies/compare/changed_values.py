"""Scenario values in which runs differ, and what trying each of them has shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sim.scenario.describing import differing_model_values
from sim.scenario.path_words import words_of_path

if TYPE_CHECKING:
    from sim.runs.run_data import RunData

EFFECTIVE, EVENTS_ONLY, TOGETHER = "effective", "changed only events", "only together with others"
OVERRIDDEN = "only without the others"
NOT_ALONE, NOT_TRIED = "cannot be tried alone", "not tried"
"""What the column `effect` says of a value."""

COLUMNS = ("scenario", "path", "title", "reference", "other", "source", "effect", "tried_as")


def changed_nothing(draws: int) -> str:
    """Say that a value had no effect at all, in how many draws."""
    return f"changed nothing in {draws} draws"


def changed_values(reference: RunData, others: Mapping[str, RunData]) -> pd.DataFrame:
    """List the values of the model in which other runs differ from the reference.

    Parameters
    ----------
    reference
        The run that the others are compared with.
    others
        The other runs by name.

    Returns
    -------
    DataFrame
        One row per other run and value: scenario, path, title (that in words), reference, other (a dash where there is
        none), source, effect (`not tried` here), tried_as (path of the smallest part that can be changed alone, and
        what goes with it; empty if none was).
    """
    rows = [
        (
            name,
            value.path,
            words_of_path(value.path, run.scenario, reference.scenario),
            value.reference,
            value.other,
            value.source,
            NOT_TRIED,
            "",
        )
        for name, run in others.items()
        for value in differing_model_values(reference.scenario, run.scenario)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
