"""The page of a deal space and the files of its folder: what packages are worth, and how the talks end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.captions import count_of_draws
from sim.report.drawn_chart import DrawnChart
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Sentence, Table, joined, number
from sim.report.kpi_names import format_difference
from sim.report.page_layout import Answer, Content, Page, Section, page_of
from sim.report.statistics import whole_percent
from sim.runs.manifest import DEAL_SPACE, FORMAT, MANIFEST, manifest_text
from sim.runs.run_data import SCENARIO
from sim.scenario.describing import title_of
from sim.scenario.loading import dump
from sim.studies.deals.deal_charts import plot_deal_space
from sim.studies.deals.deal_tables import AVERAGED, chosen_issue, long, signed_first
from sim.studies.one_run.page_sections import DRIVER_COLUMNS, MOST_DRIVERS, closing_sections, origin_of
from sim.studies.one_run.study_folder import write_folder

if TYPE_CHECKING:
    from sim.studies.deals.priced_packages import PricedPackages

CHART = "deal_space"
"""Name of the chart in the folder."""
MOST_PACKAGES = 12
"""Packages that are shown at once, those first that most draws sign."""
GAINS = {"mean": "mean", "p5": "5 %", "p95": "95 %"}


def write_deal_space(
    space: PricedPackages, tables: Mapping[str, pd.DataFrame], issue: str | None, made_by: Mapping[str, Any],
    folder: Path,
) -> None:  # fmt: skip
    """Write tables, chart, page and scenario into a folder on this machine.

    Parameters
    ----------
    space, tables
        The deal space, and its tables as `deal_tables` gives them.
    issue
        Issue to look at; that of access to the focus market if None.
    made_by
        What the manifest says of the program and of the settings of the run.
    folder
        Where to.
    """
    chart = DrawnChart(CHART, plot_deal_space(space, issue), tables["packages"])
    manifest = {
        "format": FORMAT,
        "kind": DEAL_SPACE,
        "scenario": space.scenario.name,
        "seed": space.seed,
        "draws": len(space.draws),
        "date": space.date.isoformat(),
        "countries": list(space.countries),
        "packages": len(space.packages),
        "issue": chosen_issue(space.scenario, issue),
        **made_by,
    }
    page = deal_page(space, tables, manifest, chart)
    texts = {SCENARIO: dump(space.scenario), MANIFEST: manifest_text(manifest)}
    files = FolderFiles(tables, parquet={"deals": long(space)}, charts=[chart], page=page, texts=texts)
    write_folder(files, folder, space.scenario)


def deal_page(
    space: PricedPackages, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], chart: DrawnChart
) -> Page:
    """Write the page of a deal space.

    Parameters
    ----------
    space, tables
        The deal space, and its tables as `deal_tables` gives them.
    manifest
        What the folder says of the program and the settings.
    chart
        The chart of the space.
    """
    scenario = space.scenario
    kept = {name: Kept(name, table.reset_index(drop=True)) for name, table in tables.items()}
    closing, more = closing_sections(scenario, manifest, {scenario.name: ""})
    sections = [
        Section("outcomes", "How the talks end", tables=[_outcome_table(kept["outcomes"], space)]),
        Section("effects", "What each level adds", tables=[_effect_table(kept["effects"], space)]),
        Section("charts", "Charts", charts=[chart], charts_in=""),
        Section("packages", "What packages are worth", tables=_package_tables(kept["packages"], space)),
        Section("deciders", "What decides it", tables=[_decider_table(kept["deciders"])]),
        *closing,
    ]
    answer = Answer("", [*_ending(kept["outcomes"]), *_worth(kept["effects"], space, manifest["issue"])])
    return page_of(Content(
        scenario.title, scenario.question, origin_of(manifest), [answer], sections, kept=[*kept.values(), *more]
    ))  # fmt: skip


def _ending(outcomes: Kept) -> list[Sentence]:
    """Say in what share of the draws the talks end how."""
    dated = [row for row in outcomes.frame.index if outcomes.value(row, "date")]
    rows = [row for row in outcomes.frame.index if outcomes.value(row, "prior_share") > 0 and row not in dated[:-1]]
    parts: list[Sentence] = [
        (outcomes.cell(row, "outcome"), " in ", outcomes.cell(row, "prior_share", whole_percent), " (90 % interval ",
         outcomes.cell(row, "prior_low", whole_percent), " to ", outcomes.cell(row, "prior_high", whole_percent), ")")
        for row in rows
    ]  # fmt: skip
    if not parts:
        return []
    draws = outcomes.cell(rows[0], "draws", lambda count: count_of_draws(int(count)))
    return [("Of ", draws, ": ", *joined(parts), ".")]


def _worth(effects: Kept, space: PricedPackages, issue: str) -> list[Sentence]:
    """Say what each level of the issue looked at adds for each country."""
    rows = effects.rows(issue=issue, others=AVERAGED)
    parts: list[Sentence] = [
        (effects.cell(row, "level"), f" is worth to {title_of(space.scenario, 'countries', country)} ",
         effects.cell(row, "mean_bn", _bn), " (90 % interval ", effects.cell(row, "mean_low_bn", _bare), " to ",
         effects.cell(row, "mean_high_bn", _bn), ")")
        for row in rows
        for country in [effects.value(row, "country")]
    ]  # fmt: skip
    words = title_of(space.scenario, "agenda", issue)
    return (
        [(f"Against none, averaged over all else that is on the table, of {words}: ", *joined(parts), ".")]
        if parts
        else []
    )


def _bn(value: float) -> str:
    return format_difference(value, "bn")


def _bare(value: float) -> str:
    return _bn(value).removesuffix(" bn USD")


def _outcome_table(outcomes: Kept, space: PricedPackages) -> Table:
    ways = {"prior": "all draws alike"} | ({"weighted": "weighed by how they fit history"} if space.is_weighed else {})
    columns = [
        number(title, f"{way}_{what}", whole_percent)
        for way, words in ways.items()
        for what, title in (("share", words), ("low", "from"), ("high", "to"))
    ]
    note = f"Numbers: {outcomes.file}."
    return outcomes.table("Share of draws, with 90 % intervals", [Column("outcome", "outcome"), *columns], None, note)


def _effect_table(effects: Kept, space: PricedPackages) -> Table:
    columns = [
        Column("issue", "issue", lambda issue: title_of(space.scenario, "agenda", issue)), Column("level", "level"),
        Column("worth to", "country", lambda country: title_of(space.scenario, "countries", country)),
        Column("others are", "others"), number("bn USD, mean", "mean_bn", _bare),
        number("90 % interval: from", "mean_low_bn", _bare), number("to", "mean_high_bn", _bare),
        number("5 % of draws", "p5_bn", _bare), number("95 % of draws", "p95_bn", _bare),
        number("draws that gain", "gains_share", whole_percent),
    ]  # fmt: skip
    note = f"Against the first level of the issue, present value. Numbers: {effects.file}."
    return effects.table("What a level adds", columns, None, note)


def _package_tables(packages: Kept, space: PricedPackages) -> list[Table]:
    """Lay out the packages that most draws sign, and folded all of them."""
    scenario = space.scenario
    columns = [
        *(Column(title_of(scenario, "agenda", issue), issue) for issue in scenario.talks.agenda),
        *(number(f"{title_of(scenario, 'countries', country)}, bn USD, {words}", f"{country}_gain_{name}_bn", _bare)
          for country in space.countries for name, words in GAINS.items()),
        number("both gain", "both_gain_share", whole_percent), number("signed", "signed_share", whole_percent),
    ]  # fmt: skip
    rows = signed_first(packages.frame)
    every = f"All {len(rows):,} packages"
    note = f"Gains over no deal, present value; shares of the draws. Numbers: {packages.file}."
    first = packages.table("Packages that most draws sign", columns, rows[:MOST_PACKAGES], note)
    return [first, packages.table(every, columns, rows, note, every)]


def _decider_table(deciders: Kept) -> Table:
    rows: Sequence[int] = []
    if len(deciders.frame):
        rows = list(deciders.frame.groupby("kpi", sort=False).head(MOST_DRIVERS).index)
    note = f"Correlation of ranks, over draws. Numbers: {deciders.file}."
    return deciders.table("What decides it", [Column("what", "kpi"), *DRIVER_COLUMNS], rows, note)
