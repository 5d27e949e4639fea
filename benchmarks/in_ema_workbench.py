"""Plain SimPy's model through the evaluators of the EMA Workbench, for many draws."""

from __future__ import annotations

import numpy as np
from ema_workbench import (
    ArrayOutcome,
    Constant,
    IntegerParameter,
    Model,
    MultiprocessingEvaluator,
    Scenario,
    SequentialEvaluator,
)

from benchmarks.agreement import columns_of
from benchmarks.equations import Quarter
from benchmarks.kept_starts import start_of
from benchmarks.plain_simpy import play
from sim.quantities import FloatArray

Outcomes = dict[str, FloatArray]


def play_draw(starts: str, draw: int) -> dict[str, FloatArray]:
    """Play one draw; each column [quarter, market and seller]."""
    quarters = play(start_of(starts, draw))
    return {name: column.reshape(len(quarters), -1) for name, column in columns_of(quarters).items()}


def model(starts: str, draws: int) -> Model:
    """Declare the model: which draws it knows, and what it gives."""
    declared = Model("cloudtrade", function=play_draw)
    declared.uncertainties = [IntegerParameter("draw", 0, max(draws - 1, 1))]
    declared.constants = [Constant("starts", starts)]
    declared.outcomes = [ArrayOutcome(name) for name in Quarter._fields]
    return declared


def play_many(starts: str, draws: int, processes: int) -> Outcomes:
    """Play many draws; each outcome [draw, quarter, market and seller]."""
    experiments = [Scenario(str(draw), draw=draw) for draw in range(draws)]
    declared = model(starts, draws)
    several = processes > 1
    chosen = MultiprocessingEvaluator(declared, processes) if several else SequentialEvaluator(declared)
    with chosen as evaluator:
        _, outcomes = evaluator.perform_experiments(experiments, log_progress=True)
    return outcomes


def columns(outcomes: Outcomes, draw: int) -> dict[str, FloatArray]:
    """Give the outcomes of a draw, flat in the order quarter, market, seller."""
    return {name: np.asarray(outcomes[name][draw]).ravel() for name in Quarter._fields}
