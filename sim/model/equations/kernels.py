"""The hottest equations as one exchangeable set: plain NumPy, or the same compiled (`sim.model.equations.compiled`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from sim.errors import ScenarioError
from sim.model.equations import demand, pricing
from sim.model.equations.demand import Choice, Served
from sim.quantities import FloatArray


@dataclass(frozen=True)
class Kernels:
    """Functions that take most of a run's time. Any set of them gives the same bits.

    Attributes
    ----------
    choose
        `sim.model.equations.demand.choose`
    spend
        `sim.model.equations.demand.spend`
    price_elasticity
        `sim.model.equations.pricing.price_elasticity_atkeson_burstein_2008`
    book_month
        `sim.model.equations.pricing.book_month`
    """

    choose: Callable[[FloatArray, FloatArray], Choice]
    spend: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Served]
    price_elasticity: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]
    book_month: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], None]


NUMPY = Kernels(
    choose=demand.choose,
    spend=demand.spend,
    price_elasticity=pricing.price_elasticity_atkeson_burstein_2008,
    book_month=pricing.book_month,
)
"""The reference."""


def compiled_kernels() -> Kernels:
    """Give the compiled set.

    Raises
    ------
    ScenarioError
        If numba is not installed.
    """
    try:
        compiled = importlib.import_module("sim.model.equations.compiled")
    except ModuleNotFoundError as missing:
        if missing.name != "numba":
            raise
        raise ScenarioError("fast arithmetic needs numba: pip install 'cloudtrade[fast]'") from missing
    return Kernels(**compiled.COMPILED)
