"""Whether all that is timed plays the same model: how far its numbers lie from those of `sim`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from benchmarks.agreement import column_differences
from benchmarks.start import Start
from sim.model.recorder import Paths
from sim.quantities import FloatArray

AGREE = 1e-9
"""Relative difference up to which two programs play the same model."""


def peer_difference(paths: Paths, begins: Sequence[Start], starts: str, module: ModuleType) -> float:
    """Largest relative difference of what a peer collects when it plays many draws its own way."""
    played = module.play_many(starts, len(begins), 1)
    return worst(paths, begins, lambda draw: module.columns(played, draw))


def worst(paths: Paths, begins: Sequence[Start], columns: Callable[[int], Mapping[str, FloatArray]]) -> float:
    """Largest relative difference over draws, columns, quarters, markets and sellers."""
    return max(max(column_differences(paths, d, start, columns(d)).values()) for d, start in enumerate(begins))


def bound_difference(paths: Paths, begins: Sequence[Start], *, blocks: bool) -> float:
    """Largest relative difference of the compiled bound, in one of its shapes."""
    from benchmarks.compiled_bound import run  # noqa: PLC0415 (compiles)
    from benchmarks.compiled_state import columns, laid_out  # noqa: PLC0415
    from benchmarks.lanes import WIDTH  # noqa: PLC0415

    lanes = WIDTH if blocks else None
    seen = run(laid_out(list(begins), lanes))
    return worst(paths, begins, lambda draw: columns(seen, lanes, draw))


def refuse_other_models(differences: Mapping[str, float]) -> None:
    """Stop if times would compare different models.

    Raises
    ------
    ValueError
        If a difference is larger than it may be, or not a number.
    """
    if wrong := {name: difference for name, difference in differences.items() if not difference <= AGREE}:
        raise ValueError(f"not the same model as sim within {AGREE:g}: {wrong}")
