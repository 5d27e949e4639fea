"""The page of a deal space and the files of its folder: what packages are worth, and how the talks end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.drawn_chart import DrawnChart
from sim.report.folder_files import FolderFiles
from sim.report.kept_table import Column, Kept, Table, number
from sim.report.kpi_names import format_difference
from sim.report.page_layout import Answer, Content, Page, Section, page_of
from sim.report.statistics import whole_percent
from sim.runs.manifest import DEAL_SPACE, FORMAT, MANIFEST, manifest_text
from sim.runs.run_data import SCENARIO
from sim.scenario.describing import title_of
from sim.scenario.loading import dump
from sim.studies.deals.deal_answer import answer_of
from sim.studies.deals.deal_charts import plot_deal_dates, plot_deal_space
from sim.studies.deals.deal_tables import long, signed_first
from sim.studies.one_run.page_sections import DRIVER_COLUMNS, MOST_DRIVERS, closing_sections, origin_of
from sim.studies.one_run.study_folder import write_folder

if TYPE_CHECKING:
    from sim.studies.deals.priced_packages import PricedPackages

CHART, DATES_CHART = "deal_space", "deal_dates"
"""Names of the charts in the folder."""
MOST_PACKAGES = 12
"""Packages that are shown at once, those first that most draws sign."""
GAINS = {"mean": "mean", "p5": "5 %", "p95": "95 %"}


def write_deal_space(
    space: PricedPackages, tables: Mapping[str, pd.DataFrame], made_by: Mapping[str, Any], folder: Path
) -> None:
    """Write tables, chart, page and scenario into a folder on this machine.

    Parameters
    ----------
    space, tables
        The deal space, and its tables as `deal_tables` gives them.
    made_by
        What the manifest says of the program and of the settings of the run.
    folder
        Where to.
    """
    charts = [
        DrawnChart.of(DATES_CHART, plot_deal_dates(space), tables["dates"]),
        DrawnChart.of(CHART, plot_deal_space(space), tables["packages"]),
    ]
    manifest = {
        "format": FORMAT,
        "kind": DEAL_SPACE,
        "scenario": space.scenario.name,
        "seed": space.seed,
        "draws": len(space.draws),
        "date": space.date.isoformat(),
        "countries": list(space.countries),
        "packages": len(space.packages),
        "issue": space.issue,
        **made_by,
    }
    page = deal_page(space, tables, manifest, charts)
    texts = {SCENARIO: dump(space.scenario), MANIFEST: manifest_text(manifest)}
    files = FolderFiles(tables, parquet={"deals": long(space)}, charts=charts, page=page, texts=texts)
    write_folder(files, folder, space.scenario)


def deal_page(
    space: PricedPackages, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any],
    charts: Sequence[DrawnChart],
) -> Page:  # fmt: skip
    """Write the page of a deal space.

    Parameters
    ----------
    space, tables
        The deal space, and its tables as `deal_tables` gives them.
    manifest
        What the folder says of the program and the settings.
    charts
        Chances by date, and the deal space.
    """
    scenario = space.scenario
    kept = {name: Kept(name, table.reset_index(drop=True)) for name, table in tables.items()}
    closing, more = closing_sections(scenario, manifest, {scenario.name: ""})
    dates, space_chart = charts
    sections = [
        Section("dates", "When a deal comes", charts=[dates], charts_in="", tables=[_date_table(kept["dates"], space)]),
        Section("outcomes", "How the talks end", tables=_outcome_tables(kept, space)),
        Section("effects", "What each level adds", tables=[_effect_table(kept["effects"], space)]),
        Section("charts", "The deal space", charts=[space_chart], charts_in=""),
        Section("packages", "What packages are worth", tables=_package_tables(kept["packages"], space)),
        Section("deciders", "What decides it", tables=[_decider_table(kept["deciders"])]),
        *closing,
    ]
    answer = Answer("", paragraphs=answer_of(space, kept))
    return page_of(Content(
        scenario.title, scenario.question, origin_of(manifest), [answer], sections, kept=[*kept.values(), *more]
    ))  # fmt: skip


def _bare(value: float) -> str:
    return format_difference(value, "bn").removesuffix(" bn USD")


def _with_interval(ways: Mapping[str, str]) -> list[Column]:
    """Columns of shares and their intervals, by the beginning of their names."""
    return [
        number(title, f"{way}{what}", whole_percent)
        for way, words in ways.items()
        for what, title in (("share", words), ("low", "from"), ("high", "to"))
    ]


def _date_table(dates: Kept, space: PricedPackages) -> Table:
    issue = title_of(space.scenario, "agenda", space.issue)
    ways = {"": "something signed"} | ({} if space.without is None else {"without_": f"without {issue}"})
    columns = [Column("by", "date"), Column("place", "place"), *_with_interval(ways)]
    if space.without is not None:
        columns.append(number(f"only with {issue}", "only_with_share", whole_percent))
        columns.append(number("only without", "only_without_share", whole_percent))
    note = f"Deals that broke later count. Numbers: {dates.file}."
    return dates.table("Share of draws, with 90 % intervals", columns, None, note)


def _outcome_tables(kept: Mapping[str, Kept], space: PricedPackages) -> list[Table]:
    """Lay out how the talks end, what would change minds, and what is known to have happened."""
    outcomes, thresholds, ladder, history = (kept[name] for name in ("outcomes", "thresholds", "ladder", "history"))
    went = space.went_as_history
    ways = {"": "all draws"} | (
        {} if went is None or not went.any() else {"history_": "draws that went as history did"}
    )
    ends = outcomes.table(
        "Share of draws, with 90 % intervals", [Column("outcome", "outcome"), *_with_interval(ways)], None,
        f"Numbers: {outcomes.file}.",
    )  # fmt: skip
    minds = thresholds.table(
        "What each side would need, where the talks end without a deal",
        [Column("country", "country", lambda country: title_of(space.scenario, "countries", country)),
         number("draws", "draws"), number("out of reach", "out_of_reach_share", whole_percent),
         number("lacks, bn USD, median", "lacking_p50_bn", _plain), number("5 %", "lacking_p5_bn", _plain),
         number("95 %", "lacking_p95_bn", _plain), number("in points of tariff", "points_p50", _plain)],
        None, "To sign the best package that the other side would sign at the last round held, present value; out of "
        f"reach: the other side would sign none. Numbers: {thresholds.file}.",
    )  # fmt: skip
    shown = [ends, minds]
    if len(ladder.frame):
        shown.append(ladder.table(
            "What each rung of the escalation is worth",
            [Column("rung", "rung"),
             Column("to", "country", lambda country: title_of(space.scenario, "countries", country)),
             number("bn USD, mean", "mean_bn", _plain), number("5 % of draws", "p5_bn", _plain),
             number("95 % of draws", "p95_bn", _plain), number("draws that gain", "gains_share", whole_percent)],
            None, "Present value, as of the first round, of going up from the rung below if no deal ever came. "
            f"Numbers: {ladder.file}.",
        ))  # fmt: skip
    if not len(history.frame):
        return shown
    known = history.table(
        "How likely it was, each given what stands above it",
        [Column("what is known to have happened", "what"), *_with_interval({"": "share"}), number("of draws", "draws")],
        None, f"Numbers: {history.file}.",
    )  # fmt: skip
    return [*shown, known]


def _plain(value: float) -> str:
    return f"{value:.1f}"


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
