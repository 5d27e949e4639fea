"""The same draw is the same in any company."""

from __future__ import annotations

import numpy as np

from sim.model.recorder import PATH_FAMILIES
from sim.quantities import FloatArray, IntArray
from sim.runs.batch_task import Batch
from sim.studies.doctor.finding import Claim, Finding, Gap
from sim.studies.doctor.patient import Patient


def a_draw_is_the_same_in_any_batch(patient: Patient) -> Finding:
    """Run the last draws again with others that come after them, vendors starting in reverse order; compare bits."""
    text = "Draws have the same bits in another batch, whoever starts first"
    claim = Claim("same bits", text, 0.0, "figures")
    last = patient.draws[-AGAIN:]
    larger = range(last.start, patient.draws.stop + len(patient.draws))
    again = Batch(patient.scenario, larger, patient.seed).paths(reverse=True)
    gaps = []
    for family in PATH_FAMILIES:
        for name, values in getattr(patient.visit.paths, family).items():
            first, second = _bits(values[..., -len(last) :]), _bits(getattr(again, family)[name][..., : len(last)])
            gaps.append(Gap(float((first != second).sum()), f"{name} of {family}"))
    return claim.judged(gaps)


def _bits(values: FloatArray) -> IntArray:
    """Bits of numbers, as whole numbers; what is no number has some too."""
    return np.frombuffer(values.astype(np.float64).tobytes(), dtype=np.int64)


AGAIN = 3
"""Draws that are run again."""
