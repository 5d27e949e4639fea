"""Without policies, trends and shocks nothing moves."""

from __future__ import annotations

import numpy as np

from sim.quantities import FloatArray
from sim.studies.doctor.finding import Claim, Finding, largest
from sim.studies.doctor.patient import Patient, by_pair, selling, visited
from sim.studies.doctor.variants import standing_still

ROUNDING = 1e-9
"""What moves by less than this, as a part of its size, stands still."""
CALM = ("share", "revenue_bn", "price", "capacity_units", "total_bn", "price_index", "exports_bn", "imports_bn")
"""Figures that are the same in all quarters."""
NOUGHT = ("unmet_bn", "customer_surplus_bn")
"""Figures that stay zero beside what customers spend."""


def nothing_moves_by_itself(patient: Patient) -> Finding:
    """Run a world of constants with no policy, trend, shock, retirement of capacity, or review of presence."""
    text = "Without policies, trends and shocks the base date lasts for ever"
    claim = Claim("fixed point", text, ROUNDING)
    visit = visited(standing_still(patient.scenario), range(1), patient.seed)
    quarters = [date.isoformat() for date in patient.scenario.calendar.quarter_dates()]
    gaps = []
    for family in ("vendors", "markets", "countries"):
        for name, values in getattr(visit.paths, family).items():
            if name in CALM:
                gaps.append(largest(_moved(values), f"{name} of {family}", quarters))
    spent = visit.paths.markets["total_bn"]
    gaps += [largest(np.abs(visit.paths.markets[name]) / spent, name, quarters) for name in NOUGHT]
    base, sales = visit.world.base.sales, by_pair(visit.world, visit.months["sales"])
    gaps.append(largest(np.abs(sales - base) / base.sum(), "sales against the base date"))
    price = visit.months["price"][:, selling(visit.world)]
    gaps.append(largest(np.abs(price - 1.0), "price against the base date"))
    return claim.judged(gaps)


def _moved(values: FloatArray) -> FloatArray:
    """Change since the first quarter, as a part of the largest figure."""
    size = np.abs(values[0]).max(initial=0.0)
    moved: FloatArray = np.abs(values - values[0]) / (size or 1.0)
    return moved
