"""Present values as governments reckon with them (docs/model.md, section 7)."""

from __future__ import annotations

import numpy as np

from sim.model.equations.present_value import annuity
from sim.quantities import FloatArray


def flow_value(rate: FloatArray, begins: FloatArray | float, ends: FloatArray) -> FloatArray:
    """Value now of 1 a year from some time to the horizon (equation 5.2).

    Parameters
    ----------
    rate
        [draw] discount rate less growth, log rate per year.
    begins, ends
        Years from now.
    """
    return annuity(rate, np.asarray(begins, dtype=np.float64), ends)


def moving_flow_value(
    discount: FloatArray, growth: FloatArray, churn: FloatArray, begins: FloatArray, ends: FloatArray
) -> FloatArray:
    """Value now of a flow of 1 a year of today's spending that follows what is chosen anew (equation 7.2).

    int_T^H exp((g - r) t) * (1 - exp(-(g + lam) (t - T))) dt

    At T all spending is under contracts made before; these run off at lam while spending grows at g. It is never below
    zero, as shrinking spending frees nothing for others.

    Parameters
    ----------
    discount, growth, churn
        [draw] r, g and lam, log rates per year.
    begins, ends
        [draw] T and H, years from now.
    """
    all_of_it = annuity(discount - growth, begins, ends)
    run_off = annuity(discount + churn, np.zeros_like(begins), ends - begins)
    under_contract = np.exp((growth - discount) * begins) * run_off
    return np.maximum(all_of_it - under_contract, 0.0)
