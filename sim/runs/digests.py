"""Fingerprints of draws: what two computers, two batch sizes or two days must agree on, bit for bit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.runs.distributions import Counts

BY_DRAW = ("kpis", "events", "vendors", "countries", "markets")
"""Tables whose bits a draw's fingerprint covers; inputs follow from the seed, and need not be drawn in every batch."""

DRAWS_AT_ONCE = 16
"""Draws whose bits are laid out together: few enough for the cache."""
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
    draws = tables["kpis"]["draw"].to_numpy()
    found = [hashlib.sha256() for _ in draws]
    for name in BY_DRAW:
        if name in tables:
            _take_in(found, draws, tables[name])
    return pd.DataFrame({"draw": draws, "digest": [held.hexdigest()[:_DIGEST_LENGTH] for held in found]})


def _take_in(found: list[Any], draws: np.ndarray, table: pd.DataFrame) -> None:
    names, columns = ",".join(map(str, table.columns)).encode(), [_bits_of_column(table[name]) for name in table]
    by_draw = table["draw"].to_numpy()
    edges = np.append(np.searchsorted(by_draw, draws), len(table))
    for some in range(0, len(draws), DRAWS_AT_ONCE):
        around = edges[some : some + DRAWS_AT_ONCE + 1]
        bits = np.stack([column[around[0] : around[-1]] for column in columns])
        starts, ends = around[:-1] - around[0], around[1:] - around[0]
        for held, start, end in zip(found[some : some + DRAWS_AT_ONCE], starts, ends, strict=True):
            if end > start:
                held.update(names)
                held.update(np.ascontiguousarray(bits[:, start:end]).data)


def _bits_of_column(column: pd.Series) -> np.ndarray:
    """Bits of a column, [row] in words of 64; those of a word of text are a fingerprint of it."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = [_bits_of_word(str(word)) for word in column.cat.categories]
        return np.array([*words, 0], dtype=np.uint64)[column.cat.codes.to_numpy()]
    values = column.to_numpy()
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
