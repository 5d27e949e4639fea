"""What the world's trade and bargaining cost: whole batches beside those of `status_quo`, and packages priced; JSON."""

from __future__ import annotations

import json
import sys

from benchmarks.tasks import SEED, batch_work
from benchmarks.timing import Seconds, Work, measured, timed
from sim.model.batch import run_batch
from sim.model.minds.stakes import Pricing
from sim.model.world import World
from sim.scenario.loading import load
from sim.scenario.schema import Scenario
from sim.timeline import Phase, Process, Timeline

REFERENCE = "status_quo"
PARTIAL = {"goods.form": "partial"}
TALKS = ("deal_spring_2019", "bargain_spring_2019", "talks_2018_2020")
PRICED = "bargain_spring_2019"
ONE_WAY_IN = {"talks.agenda.cloud_access.nationwide": None, "policies.nationwide_by_deal": None, "months": 12,
              "talks.promises.cloud_access.nationwide": None}  # fmt: skip
"""Talks whose packages are priced, with one level less, which leaves 72; in a run that ends soon after the rounds."""
DRAWS, QUICK_DRAWS = 1000, 64
REPETITIONS, QUICK_REPETITIONS = 7, 2


def main(*options: str) -> None:
    """Measure and print."""
    is_quick = "--quick" in options
    draws = QUICK_DRAWS if is_quick else DRAWS
    priced = load(PRICED, ONE_WAY_IN)
    others = {"partial": batch_work(load(REFERENCE, PARTIAL), draws), "pricing": pricing_work(priced, draws)}
    others |= {name: batch_work(load(name), draws) for name in TALKS}
    found = {
        "draws": draws,
        "packages": len(priced.talks.combinations),
        "seconds_per_draw": measured(
            batch_work(load(REFERENCE), draws), others, QUICK_REPETITIONS if is_quick else REPETITIONS
        ),
    }
    json.dump(found, sys.stdout)


def pricing_work(scenario: Scenario, draws: int) -> Work:
    """Price all packages at the first round; what else the run does is not counted."""
    plan = scenario.talks

    def task(spent: Seconds) -> None:
        def visit(timeline: Timeline, world: World) -> Process:
            month = yield timeline.at(timeline.calendar.month_of(plan.rounds[0].date), Phase.TALKS)
            with timed(spent):
                packages = [plan.policies_of(package) for package in plan.combinations.values()]
                Pricing(timeline, world, month, packages).gains(month)

        run_batch(scenario, range(draws), SEED, guests=[visit])

    return task, draws


if __name__ == "__main__":
    main(*sys.argv[1:])
