"""What the model says beside published figures, made once for all tests and workers."""

from __future__ import annotations

from sim.studies.validation import DRAWS, SEED, Evidence, Forecasts, gather, gather_forecasts
from sim.studies.validation.forecasts import CUTOFFS
from tests.sharing import Shared


def evidence_of(shared: Shared) -> Evidence:
    """Runs of history and of the pilot, as the page has them."""
    return shared.value("evidence", lambda: gather(DRAWS, SEED))


def forecasts_of(shared: Shared) -> Forecasts:
    """Forecasts from the first cut-off, which know least, and the fit that scenarios use."""
    return shared.value("forecasts", lambda: gather_forecasts(CUTOFFS[:1]))
