"""Two kinds of error: one that the user can mend, one that we must."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ScenarioError(Exception):
    """Something in the user's files or arguments is wrong; the message says where, what and what next.

    Several problems found together are joined by newlines, one line each.
    """


class ModelError(Exception):
    """An invariant of the model is broken: a fault of the program, never of the user."""


class ImpossibleDrawsError(ModelError):
    """Some draws cannot be computed; all others can.

    Attributes
    ----------
    where
        [draw] which of the batch, true or false.
    """

    def __init__(self, reason: str, where: NDArray[np.bool_]) -> None:
        super().__init__(reason, where)
        self.where = where

    def __str__(self) -> str:
        """Why."""
        return str(self.args[0])


PACKAGE = Path(__file__).parent
_AT = "Where in the program: "


def with_place(fault: BaseException) -> BaseException:
    """Note on a fault where in the program it happened, which it would forget on its way from a worker."""
    if not any(note.startswith(_AT) for note in getattr(fault, "__notes__", ())):
        frames = traceback.extract_tb(fault.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)] or frames
        if ours:
            path = Path(ours[-1].filename)
            file = path.relative_to(PACKAGE.parent).as_posix() if path.is_relative_to(PACKAGE) else path.name
            fault.add_note(f"{_AT}{file}:{ours[-1].lineno}")
    return fault


def fault_in_words(fault: BaseException) -> str:
    """Say what went wrong in the program, and in which file and line if that is known."""
    notes = [note.removeprefix(_AT) for note in getattr(with_place(fault), "__notes__", ()) if note.startswith(_AT)]
    return f"{type(fault).__name__}: {fault}" + "".join(f" (in {place})" for place in notes)
