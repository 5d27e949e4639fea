"""The three countries in gegravity, a program for general equilibrium gravity models (Larch and Yotov 2016).

A tariff is a cost of trade there: it lifts prices and brings no revenue. Version 0.3 keeps the output and spending of
before in the equations that it solves, so its markets do not clear at the incomes that it reports. A bilateral cost is
given as its effect on trade, so the trade of 2018 itself, in logs, is the cost before, and -theta * ln(1 + tau) is
added to it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from tests.judge.armington import Array, Economy
from tests.judge.three_countries import COUNTRIES

# gegravity sorts tables in place, which pandas 3 warns about.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import gegravity

COST = "log_cost"
NAMES = [name.upper() for name in COUNTRIES]
"""Upper case: gegravity puts the country of reference last by a name in upper case."""


@dataclass(frozen=True)
class Gravity:
    """What gegravity finds.

    Attributes
    ----------
    trade
        [origin, destination] change of trade in percent, in its own units of money.
    real_income
        [country] change of real income in percent.
    """

    trade: Array
    real_income: Array


def gravity(economy: Economy, cost: Array) -> Gravity:
    """Let gegravity solve for a factor on the cost of delivery, [origin, destination]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _gravity(economy, cost)


def _gravity(economy: Economy, cost: Array) -> Gravity:
    before = _table(economy, np.log(economy.trade))
    baseline = gegravity.BaselineData(
        before,
        imp_var_name="importer",
        exp_var_name="exporter",
        year_var_name="year",
        trade_var_name="trade",
        expend_var_name="spending",
        output_var_name="output",
    )
    one = pd.DataFrame([{"variable": COST, "coefficient": 1.0, "error": 0.0}])
    model = gegravity.OneSectorGE(
        baseline,
        year="2018",
        expend_var_name="spending",
        output_var_name="output",
        cost_coeff_values=gegravity.CostCoeffs(
            one, identifier_col="variable", coeff_col="coefficient", stderr_col="error"
        ),
        cost_variables=[COST],
        reference_importer="REST",
        sigma=economy.theta + 1.0,
        quiet=True,
    )
    model.build_baseline(omr_rescale=1)
    model.define_experiment(_table(economy, np.log(economy.trade) - economy.theta * np.log(cost)))
    model.simulate(ge_tolerance=1e-12)
    trade = model.bilateral_trade_results["trade change (percent)"].unstack("importer")
    income = model.country_results["GDP change (percent)"]
    return Gravity(trade.loc[NAMES, NAMES].to_numpy(float), income.loc[NAMES].to_numpy(float))


def _table(economy: Economy, log_cost: Array) -> pd.DataFrame:
    """One row for each pair of countries."""
    rows = [
        {
            "exporter": NAMES[origin],
            "importer": NAMES[destination],
            "year": "2018",
            "trade": economy.trade[origin, destination],
            "output": economy.output[origin],
            "spending": economy.spending[destination],
            COST: log_cost[origin, destination],
        }
        for origin, destination in product(range(len(NAMES)), repeat=2)
    ]
    return pd.DataFrame(rows)
