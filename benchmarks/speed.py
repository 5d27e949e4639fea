"""Time of one draw on one core: `sim`, the compiled bound and the peers, interleaved in one process; prints JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks import plain_simpy
from benchmarks.kept_starts import keep
from benchmarks.peers import TITLES, peer
from benchmarks.same_model import bound_difference, peer_difference, refuse_other_models
from benchmarks.start import Start, starts
from benchmarks.tasks import FIXED, ONE_CHANNEL, SEED, batch_work, bound_work, ensemble_work, part_work, peer_work
from benchmarks.timing import Work, measured
from sim.model.batch import run_batch
from sim.runs.run_plan import LARGEST
from sim.scenario.loading import load
from sim.scenario.schema import Scenario

MONTHS = 84
PEER_DRAWS, BOUND_DRAWS, SIM_DRAWS = 10, 256, LARGEST
REPETITIONS, QUICK_REPETITIONS = 11, 2


def main(*options: str) -> None:
    """Measure and print."""
    status_quo, fixed = load("status_quo", {"months": MONTHS}), load(FIXED, {"months": MONTHS})
    one_channel = load(FIXED, {"months": MONTHS} | ONE_CHANNEL)
    begins, bound_begins = (
        list(starts(one, SEED, range(n))) for one, n in ((fixed, PEER_DRAWS), (one_channel, BOUND_DRAWS))
    )
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "starts"))
        keep(begins, Path(file))
        others = sim_works(status_quo, fixed) | bound_works(bound_begins) | peer_works(begins, file)
        plain = peer_work(plain_simpy.play, begins)
        found = {
            "months": MONTHS,
            "batch": LARGEST,
            "draws": {name: draws for name, (_, draws) in others.items()} | {"plain_simpy": PEER_DRAWS},
            "differences": checked_differences(fixed, begins, file) | bound_differences(one_channel, bound_begins),
            "seconds_per_draw": measured(plain, others, QUICK_REPETITIONS if "--quick" in options else REPETITIONS),
        }
    json.dump(found, sys.stdout)


def sim_works(status_quo: Scenario, fixed: Scenario) -> dict[str, Work]:
    """The same part as the peers, and whole batches."""
    whole = {"fixed": fixed, "status_quo": status_quo}
    return {"part": part_work(fixed, SIM_DRAWS)} | {
        name: batch_work(scenario, SIM_DRAWS) for name, scenario in whole.items()
    }


def bound_works(begins: list[Start]) -> dict[str, Work]:
    """The compiled bound in its two shapes."""
    return {"bound_draws": bound_work(begins, blocks=False), "bound_blocks": bound_work(begins, blocks=True)}


def peer_works(begins: list[Start], file: str) -> dict[str, Work]:
    """Peers other than plain SimPy. The EMA Workbench only plays ensembles."""
    works = {name: peer_work(peer(name).play, begins) for name in ("in_mesa", "in_agentpy")}
    return works | {"in_ema_workbench": ensemble_work("in_ema_workbench", file, len(begins))}


def checked_differences(fixed: Scenario, begins: list[Start], file: str) -> dict[str, float]:
    """Largest relative difference of everything that is timed from `sim`.

    Raises
    ------
    ValueError
        If one lies further away than it may.
    """
    paths = run_batch(fixed, range(len(begins)), SEED)
    found = {name: peer_difference(paths, begins, file, peer(name)) for name in TITLES}
    refuse_other_models(found)
    return found


def bound_differences(one_channel: Scenario, begins: list[Start]) -> dict[str, float]:
    """The same of the compiled bound."""
    paths = run_batch(one_channel, range(len(begins)), SEED)
    found = {
        f"bound_{shape}": bound_difference(paths, begins, blocks=shape == "blocks") for shape in ("draws", "blocks")
    }
    refuse_other_models(found)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
