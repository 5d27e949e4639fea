"""Fingerprints of draws, which two computers or two days must agree on bit for bit, of scenarios and of the program."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.model.columns import PATH_TABLES, Arrays
from sim.policies import OTHERS
from sim.policies.instruments_of_others import code_of, kind_of
from sim.quantities import IntArray
from sim.runs.distributions import Counts
from sim.runs.parquet import arrays_of
from sim.scenario.schema import Scenario
from sim.scenario.yaml_files import plain_data

BY_DRAW = ("kpis", "years", "events", *PATH_TABLES)
"""Tables whose bits a draw's fingerprint covers; inputs follow from the seed, and need not be drawn in every batch."""

WORDS_AT_ONCE = 2**17
"""How many words of 64 bits are laid out together, or those of one draw: few enough for the cache."""
_DIGEST_LENGTH = 32
"""Hexadecimal digits kept of a draw's fingerprint."""
_WORD_BYTES = 8


def digests_table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Fingerprint each draw.

    Parameters
    ----------
    tables
        Tables of `BY_DRAW`, sorted by draw; those of paths may lack draws, or be absent.

    Returns
    -------
    DataFrame
        Row per draw: draw, digest (16 bytes in hexadecimal).
    """
    digests = Digests(tables["kpis"]["draw"].to_numpy())
    for name in BY_DRAW:
        if name in tables:
            digests.take_in(arrays_of(tables[name]))
    return pd.DataFrame(digests.table)


class Digests:
    """Fingerprints of draws, made of one table after another.

    Parameters
    ----------
    draws
        Draw numbers, rising.
    """

    def __init__(self, draws: IntArray) -> None:
        self._draws, self._found = draws, [hashlib.sha256() for _ in draws]

    def take_in(self, table: Arrays) -> None:
        """Take in the next table of `BY_DRAW`."""
        _take_in(self._found, self._draws, table)

    @property
    def table(self) -> Arrays:
        """Row per draw: draw, digest."""
        digests = [held.hexdigest()[:_DIGEST_LENGTH] for held in self._found]
        return {"draw": self._draws, "digest": np.array(digests, dtype=object)}


def _take_in(found: list[Any], draws: IntArray, table: Arrays) -> None:
    names = ",".join(table).encode()
    columns = [_values_and_words(column) for column in table.values()]
    by_draw = np.asarray(table["draw"])
    edges = np.append(np.searchsorted(by_draw, draws), len(by_draw))
    at_once = max(WORDS_AT_ONCE * len(draws) // max(len(columns) * len(by_draw), 1), 1)
    for some in range(0, len(draws), at_once):
        around = edges[some : some + at_once + 1]
        bits = np.stack([_bits(values[around[0] : around[-1]], words) for values, words in columns])
        places = (around - around[0]).tolist()
        for held, start, end in zip(found[some : some + at_once], places[:-1], places[1:], strict=True):
            if end > start:
                held.update(names)
                held.update(np.ascontiguousarray(bits[:, start:end]).data)


def _values_and_words(column: np.ndarray | pd.Categorical[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of a column, and of text its codes and the bits of each word, the last for no word."""
    if isinstance(column, pd.Categorical):
        words = [_bits_of_word(str(word)) for word in column.categories]
        return column.codes, np.array([*words, 0], dtype=np.uint64)
    return column, None


def _bits(values: np.ndarray, words: np.ndarray | None) -> np.ndarray:
    """Bits of some values, in words of 64; those of a word of text are a fingerprint of it."""
    if words is not None:
        return words[values]
    if values.dtype.kind == "M":
        values = values.astype("datetime64[ns]")
    return np.ascontiguousarray(values, dtype=np.float64 if values.dtype.kind == "f" else None).view(np.uint64)


def _bits_of_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=_WORD_BYTES).digest())


def content_hash(digests: pd.DataFrame, counts: Counts) -> str:
    """Hash of all results of a run, which does not depend on batches, workers, or the order in which they finished.

    Parameters
    ----------
    digests
        Fingerprint of each draw, draws in order.
    counts
        Counts of all draws, from which the bands come.
    """
    found = hashlib.sha256(digests["draw"].to_numpy(dtype=np.int64).tobytes())
    found.update("".join(digests["digest"]).encode())
    found.update(counts.digest)
    return found.hexdigest()


def scenario_hash(scenario: Scenario) -> str:
    """Fingerprint of everything in a scenario."""
    return hashlib.sha256(repr(plain_data(scenario)).encode()).hexdigest()


# The program ----------------------------------------------------------------------------------------------------------

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("cloudtrade", "numpy", "scipy", "pandas", "simpy", "pydantic", "pyarrow", "matplotlib")
DECIDING = ("cloudtrade", "numpy", "scipy", "simpy")
"""Packages of which another version may give other bits."""
WITHOUT_EFFECT = frozenset({"report", "studies", "explorer", "cli", "__main__.py"})
"""Parts of the package that only show or keep results."""
CODE = (".py", ".csv")
DRAWING = ("jinja2", "markupsafe", "pillow")
"""Further packages with which pages and charts are made."""


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of all packages that a result may depend on, for the manifest."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES}


@cache
def program() -> dict[str, str]:
    """Give what decides the bits besides scenario, seed and draw: versions of some packages, and `code`.

    Instruments that other packages bring along have a fingerprint each.
    """
    others = {f"instrument {kind_of(held)}": code_of(held) for held in OTHERS}
    return {name: versions()[name] for name in DECIDING} | {"code": _code(_decides)} | others


@cache
def looks() -> dict[str, str]:
    """Give all that decides how results are shown, beside themselves: `program`, all code and all packages."""
    return program() | versions() | {name: metadata.version(name) for name in DRAWING} | {"all code": _code(_is_code)}


def differences(expected: dict[str, str], found: dict[str, str]) -> str:
    """Say in which parts two programs differ."""
    return ", ".join(
        f"{name} {found.get(name, 'none')} where {value} was expected"
        for name, value in expected.items()
        if found.get(name) != value
    )


def _code(wanted: Callable[[Path], bool]) -> str:
    """Hash of the package's own code and data, as far as it is wanted."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(PACKAGE)
        if wanted(name) and path.is_file():
            found.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _decides(name: Path) -> bool:
    """Whether results depend on a file, which is of none of the parts that only show or keep them."""
    return name.suffix in CODE and name.parts[0] not in WITHOUT_EFFECT


def _is_code(name: Path) -> bool:
    """Whether a file is part of the program: its own, its data, or a template."""
    return bool(name.suffix) and "__pycache__" not in name.parts


@cache
def git_commit() -> str | None:
    """Commit of the code, where it runs from a checkout."""
    root = PACKAGE.parent
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a fixed command)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() or None
