"""Which of several scenarios is best for a party, how much it regrets another, and what knowing more would be worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.model.luck import Draws
from sim.quantities import FloatArray
from sim.report.captions import settings_in_words
from sim.report.kpi_names import check_known, parse
from sim.report.statistics import student_quantile
from sim.runs.run_data import RunData
from sim.runs.run_many import Job
from sim.runs.run_plan import check_draws
from sim.runs.study_runs import Making, study_runs
from sim.scenario.describing import numbers_of
from sim.scenario.loading import given
from sim.scenario.path_words import words_of_path
from sim.scenario.schema import Scenario
from sim.studies.one_run.draw_figures import draw_figures, in_common
from sim.studies.one_run.drivers import inputs_of
from sim.studies.why.input_groups import InputGroup, grouped, groups_of, read_rules
from sim.studies.worth import DRAWS
from sim.studies.worth.regret import regrets, share_best, worst_tail
from sim.studies.worth.value_of_knowing import of_everything, of_numbers

CUSTOMERS, PARTNERS = "customers", "partners"
"""Parties beside countries and vendors."""


@dataclass(frozen=True, repr=False)
class Worth:
    """What several scenarios bring a party, draw by draw.

    Attributes
    ----------
    scenarios
        Those that are chosen from; the first names the world.
    names
        What they are called.
    kpi, seed
        The figure that the party goes by, and the seed.
    draws
        Numbers of the draws that could be computed in all scenarios.
    figures
        [scenario, draw] the figure.
    groups
        Groups of inputs.
    drawn
        [draw] of each uncertain number what was drawn, by dotted path.
    """

    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    kpi: str
    seed: int
    draws: tuple[int, ...]
    figures: FloatArray
    groups: tuple[InputGroup, ...]
    drawn: Mapping[str, FloatArray]

    def __repr__(self) -> str:
        return f"Worth({', '.join(self.names)}: {self.kpi}, {settings_in_words(len(self.draws), self.seed)})"

    def regret(self) -> pd.DataFrame:
        """Set scenarios beside each other, the best mean first.

        Returns
        -------
        DataFrame
            One row per scenario: scenario, title, unit, mean, difference (of the mean to that of the first scenario),
            difference_low, difference_high (90 % interval), share_best (of the draws), regret_mean, regret_p90,
            regret_worst (mean of the worst twentieth), draws.
        """
        count, regret = self.figures.shape[1], regrets(self.figures)
        mean, change = self.figures.mean(axis=1), self.figures - self.figures[0]
        half = student_quantile(0.95, count - 1) * change.std(axis=1, ddof=1) / np.sqrt(count)
        difference = change.mean(axis=1)
        table = pd.DataFrame({
            "scenario": self.names, "title": [held.title for held in self.scenarios],
            "unit": parse(self.kpi).unit, "mean": mean,
                "difference": difference, "difference_low": difference - half, "difference_high": difference + half,
            "share_best": share_best(self.figures), "regret_mean": regret.mean(axis=1),
            "regret_p90": np.quantile(regret, 0.9, axis=1), "regret_worst": worst_tail(regret), "draws": count,
        })  # fmt: skip
        return table.sort_values("mean", ascending=False, kind="stable", ignore_index=True)

    def information(self, numbers: bool = True) -> pd.DataFrame:
        """Say what it would be worth to know something before choosing.

        Parameters
        ----------
        numbers
            Whether of each number, too, or of groups only.

        Returns
        -------
        DataFrame
            One row for everything, then for each group of numbers and each number, the most valuable first: what,
            title, of (everything, group or number), kind, unit (of the value), value, error (standard error), draws.
        """
        unit, count = parse(self.kpi).unit, self.figures.shape[1]
        everything = of_everything(self.figures)
        first = ("everything", "Everything, luck included", "everything", "", unit, *everything, count)
        rows = []
        for group in self.groups:
            known = {path: self.drawn[path] for path in group.streams if path in self.drawn}
            if known:
                value = of_numbers(self.figures, list(known.values()))
                rows.append((group.name, group.title, "group", group.kind, unit, *value, count))
                rows += [
                    (path, words_of_path(path, *self.scenarios), "number", group.kind, unit,
                     *of_numbers(self.figures, [values]), count)
                    for path, values in known.items() if numbers and not group.whole
                ]  # fmt: skip
        columns = ["what", "title", "of", "kind", "unit", "value", "error", "draws"]
        table = pd.DataFrame([first, *rows], columns=columns)
        rank = table["of"].map({"everything": 0, "group": 1, "number": 2})
        return table.assign(rank=rank).sort_values(
            ["rank", "value"], ascending=[True, False], kind="stable", ignore_index=True
        ).drop(columns="rank")  # fmt: skip


def figure_of(scenario: Scenario, party: str) -> str:
    """Name the figure that a party goes by: welfare of a country, profit of a vendor, income of partners, surplus.

    Raises
    ------
    ScenarioError
        If there is no such party.
    """
    market = scenario.focus.market
    known = {country: f"welfare_{country}_cum_bn" for country in scenario.countries}
    known |= {f"{country}_vendors": f"{country}_vendors_profit_in_{market}_cum_bn" for country in scenario.countries}
    known |= {vendor: f"{vendor}_profit_in_{market}_cum_bn" for vendor in scenario.vendors}
    known |= {PARTNERS: "partners_income_cum_bn", CUSTOMERS: f"customer_surplus_{market}_cum_bn"}
    check_known(party, list(known), "party of these scenarios")
    return known[party]


def worth(
    scenarios: Sequence[Scenario | str | Path],
    party: str | None = None,
    kpi: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    **making: Unpack[Making],
) -> Worth:
    """Run several scenarios with the same draws, and see which is best for a party.

    Parameters
    ----------
    scenarios
        Two at least, their names or files.
    party
        A country, `us_vendors`, a vendor, `partners` or `customers`; the host of the focus market if neither it nor
        `kpi` is given.
    kpi
        The figure that counts, in place of the party's own.
    draws, seed
        As in `sim.run`.
    making
        Workers, and where progress is kept and shown (`Making`).

    Raises
    ------
    ScenarioError
        If a scenario is not valid, there are fewer than two, or there is no such party or figure.
    """
    check_draws(draws, seed, 4, "since halves are set against each other")
    loaded = tuple(map(given, scenarios))
    if len({held.name for held in loaded}) < max(len(loaded), 2):
        raise ScenarioError(
            f"expected two different scenarios at least, found {', '.join(held.name for held in loaded)}"
        )
    host = loaded[0].markets[loaded[0].focus.market].country or loaded[0].focus.visitor
    wanted = kpi or figure_of(loaded[0], party or host)
    jobs = [Job(held, range(draws), seed, partial(draw_figures, kpi=wanted)) for held in loaded]
    made = in_common(study_runs(jobs, "scenarios", **making))
    figures, common = np.stack([table[wanted].to_numpy() for table in made]), tuple(made[0].index.tolist())
    groups, luck = groups_of(loaded, seed, read_rules()), Draws(seed, common)
    drawn = {path: luck.number(number) for path, number in numbers_of(*loaded).items() if number.is_uncertain}
    return Worth(loaded, tuple(held.name for held in loaded), wanted, seed, common, figures, groups, drawn)


def worth_of_runs(runs: Mapping[str, RunData], kpi: str) -> Worth:
    """Say the same of runs that are at hand, and of the draws that all of them have.

    Parameters
    ----------
    runs
        Runs that share their luck, by what they are called; the first names the world.
    kpi
        A figure that all of them have.
    """
    inputs, scenarios = inputs_of(*runs.values()), tuple(run.scenario for run in runs.values())
    made = in_common([run.kpis.set_index("draw")[[kpi]].dropna()] for run in runs.values())
    figures, draws = np.stack([table[kpi].to_numpy() for table in made]), tuple(made[0].index.tolist())
    drawn = {str(path): values.to_numpy() for path, values in inputs.loc[list(draws)].items()}
    groups = grouped(drawn, numbers_of(*scenarios), read_rules())
    return Worth(scenarios, tuple(runs), kpi, next(iter(runs.values())).seed, draws, figures, groups, drawn)
