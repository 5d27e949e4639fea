"""Two kinds of error: one that the user can mend, one that we must."""

from __future__ import annotations

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
