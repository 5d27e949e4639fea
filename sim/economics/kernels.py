"""The hottest equations as one exchangeable set: plain NumPy, or the same compiled (`sim.economics.compiled`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from sim.economics import demand, pricing, trend, welfare
from sim.economics.demand import Choice, Spent
from sim.errors import ScenarioError
from sim.quantities import FloatArray


@dataclass(frozen=True)
class Kernels:
    """Functions that take most of a run's time. Any set of them gives the same bits.

    Attributes
    ----------
    choose
        `sim.economics.demand.choose`
    spend
        `sim.economics.demand.spend`
    drift
        `sim.economics.trend.drift`
    price_elasticity
        `sim.economics.pricing.price_elasticity_atkeson_burstein_2008`
    profits
        `sim.economics.pricing.profits`
    add_month
        `sim.economics.welfare.add_month`
    """

    choose: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Choice]
    spend: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Spent]
    drift: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    price_elasticity: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]
    profits: Callable[
        [FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]
    ]
    add_month: Callable[[FloatArray, FloatArray], None]


NUMPY = Kernels(
    choose=demand.choose,
    spend=demand.spend,
    drift=trend.drift,
    price_elasticity=pricing.price_elasticity_atkeson_burstein_2008,
    profits=pricing.profits,
    add_month=welfare.add_month,
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
        compiled = importlib.import_module("sim.economics.compiled")
    except ModuleNotFoundError as missing:
        if missing.name != "numba":
            raise
        raise ScenarioError("fast arithmetic needs numba: pip install 'cloudtrade[fast]'") from missing
    kernels: Kernels = compiled.COMPILED
    return kernels
