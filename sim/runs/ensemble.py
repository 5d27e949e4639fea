"""Run all draws of a scenario, wherever there are workers, and make the result."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sim.errors import ScenarioError
from sim.runs.address import Address, Place
from sim.runs.batch_task import Task
from sim.runs.batching import batches, missing, size_for
from sim.runs.cluster import Cluster
from sim.runs.collecting import Collector, InDraft, InMemory
from sim.runs.digests import content_hash
from sim.runs.dispatch import Dispatch, Failure
from sim.runs.distributions import Counts
from sim.runs.executors import InProcess, Processes, Workers, can_fork, cores
from sim.runs.folder_lock import alone
from sim.runs.identity import git_commit, program, versions
from sim.runs.parquet import Tables
from sim.runs.progress import Bars
from sim.runs.result_folder import FORMAT, check_place, clear_replaced, manifest_of, put_in_place
from sim.runs.result_parts import Parts, in_manifest
from sim.runs.run_data import Presentation, RunData, result_in, tables_of_parts, write_rest
from sim.runs.run_plan import Plan
from sim.runs.totals import Totals
from sim.runs.unfinished import Draft
from sim.scenario.loading import dump
from sim.scenario.schema import Scenario
from sim.scenario.yaml_files import plain_data


class Interrupted(KeyboardInterrupt):
    """A run was stopped by its user; the message says what is kept and how to go on."""


def simulate(
    scenario: Scenario, plan: Plan, bars: Bars, out: Address | None = None, presentation: Presentation | None = None
) -> RunData:
    """Run a loaded scenario as planned.

    Parameters
    ----------
    scenario, plan
        What to run.
    bars
        Where progress is shown.
    out
        Folder for the result; in memory if absent.
    presentation
        What the folder holds besides data; nothing if absent.

    Raises
    ------
    ScenarioError
        If the folder is not valid, or no draw could be computed.
    """
    ensemble = Ensemble(scenario, plan, bars)
    if out is None:
        return ensemble.result(ensemble.collect(InMemory()))
    place = check_place(out)
    with alone(place):
        return _into_folder(ensemble, place, presentation or Presentation(lambda *_: None))


def _into_folder(ensemble: Ensemble, place: Place, presentation: Presentation) -> RunData:
    """Go on with what is there, and put the finished folder in its place."""
    clear_replaced(place)
    finished = manifest_of(place) or {}
    if finished.get("key") == ensemble.key and isinstance(finished.get("draws"), int):
        ensemble.plan = replace(ensemble.plan, draws=max(ensemble.plan.draws, finished["draws"]))
        has_all = all((place / name).exists() for name in presentation.needed)
        if has_all and _needs_nothing(finished, ensemble.plan):
            with suppress(ScenarioError):  # what is missing or damaged is made again
                return result_in(place, ensemble.scenario)
    draft = Draft(place, ensemble.key)
    draft.begin(ensemble.plan.draws)
    try:
        _finish(ensemble, draft, presentation)
    except KeyboardInterrupt as stop:
        raise Interrupted(
            f"Interrupted: {draft.done:,} of {ensemble.plan.draws:,} draws of {ensemble.scenario.name} are kept in "
            f"{draft.place}. Run the same command again to go on from there."
        ) from stop
    return result_in(place, ensemble.scenario)


def _finish(ensemble: Ensemble, draft: Draft, presentation: Presentation) -> None:
    """Compute what is missing, write what is made of all draws, and put the folder in its place."""
    parts = ensemble.collect(InDraft(draft))
    ensemble.bars.say(ensemble.scenario.name, "writing")
    try:
        write_rest(ensemble.result(parts), ensemble.text, draft.place, presentation)
        draft.close()
        put_in_place(draft.place, draft.goal)
    except OSError as problem:
        raise draft.unwritable(problem) from problem
    ensemble.bars.say(ensemble.scenario.name, "")


def _needs_nothing(finished: dict[str, Any], plan: Plan) -> bool:
    """Whether a finished result of the same run has all the draws that are wanted."""
    return int(finished["draws"]) >= plan.draws and not finished.get("failed")


@dataclass
class Ensemble:
    """The draws of one run.

    Attributes
    ----------
    scenario, plan
        What is run.
    bars
        Where progress is shown.
    failures
        Batches that could not be computed.
    """

    scenario: Scenario
    plan: Plan
    bars: Bars
    failures: list[Failure] = field(default_factory=list)
    _started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    _clock: float = field(default_factory=time.perf_counter)

    @cached_property
    def text(self) -> str:
        """The scenario as YAML."""
        return dump(self.scenario)

    @cached_property
    def key(self) -> dict[str, Any]:
        """All that decides the results, but for the number of draws; `fast` gives the same bits."""
        return {
            "scenario_hash": scenario_hash(self.scenario),
            "seed": self.plan.seed,
            "paths": self.plan.paths,
            "program": program(),
        }

    def collect(self, collector: Collector) -> Parts:
        """Compute the draws that a collector lacks."""
        done = collector.done
        gaps = list(missing(done, self.plan.draws))
        total = sum(map(len, gaps))
        self.bars.begin(self.scenario.name, self.plan.draws, self.plan.draws - total)
        if total:
            workers = _workers(self.plan, total)
            try:
                self._work_through(workers, gaps, collector)
            finally:
                workers.close()
        return collector.parts()

    def _work_through(self, workers: Workers, gaps: list[range], collector: Collector) -> None:
        size = self.plan.batch or size_for(sum(map(len, gaps)), workers.count)
        dispatch = Dispatch(workers, self.bars.look, self.failures)
        tasks = (
            Task(self.scenario, self.plan.seed, draws, self.plan.paths, self.plan.fast, collector.packed, program())
            for draws in batches(gaps, size)
        )
        for part in dispatch.parts(tasks):
            collector.add(part)
            self.bars.advance(self.scenario.name, len(part.draws))

    def result(self, parts: Parts) -> RunData:
        """Make the result of all parts.

        Raises
        ------
        ScenarioError
            If no draw could be computed.
        """
        if not parts.records:
            reasons = "; ".join(sorted({failure.reason for failure in self.failures}))
            raise ScenarioError(f"{self.scenario.name}: no draw could be computed: {reasons}")
        totals = Totals(self.scenario, self.plan.seed, parts)
        makers = tables_of_parts(parts) | totals.makers()
        tables = Tables(makers)
        return RunData(self.scenario, self._manifest(tables, totals.counts, parts), tables, parts)

    def _manifest(self, tables: Tables, counts: Counts, parts: Parts) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "scenario": self.scenario.name,
            "scenario_hash": self.key["scenario_hash"],
            "seed": self.plan.seed,
            "draws": self.plan.draws,
            "paths": self.plan.paths,
            "fast": self.plan.fast,
            "content_hash": content_hash(tables["digests"], counts),
            "versions": versions(),
            "git_commit": git_commit(),
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 3),
            "set": list(self.plan.changes),
            "failed": [failure.as_json() for failure in self.failures],
            "key": self.key,
        } | in_manifest(parts.records)


def _workers(plan: Plan, draws: int) -> Workers:
    """Choose who does the work: nobody else where there is only one batch of it."""
    if plan.cluster is not None:
        return Cluster(plan.cluster)
    wanted = plan.workers or (cores() if can_fork() else 1)
    useful = -(-draws // (plan.batch or size_for(draws, wanted)))
    count = min(wanted, useful)
    return Processes(count) if count > 1 else InProcess()


def scenario_hash(scenario: Scenario) -> str:
    """Fingerprint of everything in a scenario."""
    return hashlib.sha256(repr(plain_data(scenario)).encode()).hexdigest()
