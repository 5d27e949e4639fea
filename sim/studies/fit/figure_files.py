"""The figures that a fit or a backtest looks at: those of the package, with those of a user's folder over them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.errors import ScenarioError
from sim.scenario.loading import load_with_places
from sim.studies.fit.fit_settings import Settings
from sim.studies.fit.published import Observation, read_observations, rows_of


@dataclass(frozen=True)
class Data:
    """Figures, and what was left out.

    Attributes
    ----------
    observations
        Figures that can be compared with the model, each key once.
    added
        How many of them come from the user's folder.
    unknown_vendors
        Rows left out by vendor, as the user's files spell it, since no scenario knows it.
    other_definitions
        Rows left out by definition, since they count something else than the model.
    """

    observations: tuple[Observation, ...]
    added: int = 0
    unknown_vendors: tuple[tuple[str, int], ...] = ()
    other_definitions: tuple[tuple[str, int], ...] = ()


def read_data(settings: Settings, directory: Path | None = None) -> Data:
    """Read the package's figures and, if there is one, those of a folder of files of the same format.

    Where both have a row of the same key, the folder's counts. Of raw files without keys only figures count that the
    package has not.

    Parameters
    ----------
    settings
        Which definitions are comparable, and what vendors are called.
    directory
        The user's folder.

    Raises
    ------
    ScenarioError
        If the folder or one of its files is missing, lacks a column, or holds no row that can be compared.
    """
    own = _usable(read_observations(settings))
    vendors = set(load_with_places(settings.history, priors=True).scenario.vendors)
    if directory is None:
        return Data(tuple(own))
    _check(directory, settings)
    theirs = [
        one for one in _usable(_read(settings, directory)) if one.member in {"", settings.goods_country, *vendors}
    ]
    if not theirs:
        raise ScenarioError(
            f"{directory}: no row can be compared with the model; expected definitions "
            f"{', '.join(_comparable(settings))}, positive figures, whole years or quarters (FY, Q1 to Q4)"
        )
    if not _have_keys(directory, settings):
        known = {_meaning(one) for one in own}
        theirs = [one for one in theirs if _meaning(one) not in known]
    merged = {(one.key, one.kind): one for one in (*own, *theirs)}
    return Data(tuple(merged.values()), len(theirs), *_left_out(settings, vendors, directory))


def _have_keys(directory: Path, settings: Settings) -> bool:
    """Whether the rows of a folder have keys; raw files have none."""
    return all("key" in pd.read_csv(directory / f"{name}.csv", nrows=0) for name in settings.markets)


def _meaning(one: Observation) -> tuple[object, ...]:
    """Give what makes a figure the same as another, whatever its row is called."""
    return one.series, one.period, one.definition_sd > 0


def _check(directory: Path, settings: Settings) -> None:
    """Refuse a folder without the files."""
    if not directory.is_dir():
        raise ScenarioError(f"{directory}: there is no such folder")
    missing = [f"{name}.csv" for name in (*settings.markets, settings.goods_file)
               if not (directory / f"{name}.csv").is_file()]  # fmt: skip
    if missing:
        raise ScenarioError(f"{directory}: no {', '.join(missing)}; the files and columns are those of sim/facts")


def _read(settings: Settings, directory: Path) -> list[Observation]:
    """Read a folder; cells that cannot be what their column says are the user's to mend."""
    try:
        return read_observations(settings, directory)
    except (ValueError, TypeError, AttributeError) as problem:
        raise ScenarioError(f"{directory}: a cell is not what its column says ({problem})") from problem


def _usable(observations: Sequence[Observation]) -> list[Observation]:
    """Keep figures that are positive numbers: of the others there is no relative error."""
    return [one for one in observations if math.isfinite(one.value) and one.value > 0.0]


def _comparable(settings: Settings) -> tuple[str, ...]:
    return (*settings.definitions, *settings.wider)


def _left_out(settings: Settings, vendors: Collection[str], directory: Path) -> tuple[tuple[tuple[str, int], ...], ...]:
    """Count rows of vendors, and of definitions, that nothing is compared with."""
    known = {name for name, meant in settings.vendors.items() if meant in {"total", *vendors}}
    unknown, others = Counter[str](), Counter[str]()
    for name in settings.markets:
        rows = rows_of(name, settings, directory)
        is_comparable = rows["definition"].isin(_comparable(settings))
        others.update(rows.loc[~is_comparable, "definition"].fillna("none"))
        unknown.update(rows.loc[is_comparable & ~rows["vendor"].isin(known), "vendor"].fillna("none"))
    return tuple(sorted(unknown.items())), tuple(sorted(others.items()))
