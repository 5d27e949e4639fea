"""The page of a deal space: what packages are worth to two governments that bargain, and how their talks end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.report.captions import count_of_draws
from sim.report.kpi_names import format_difference
from sim.report.page_content import Answer, Column, Content, Kept, Page, PageTable, Piece, Section, Sentence, joined
from sim.report.page_rendering import rendered
from sim.report.statistics import whole_percent
from sim.scenario.describing import title_of
from sim.studies.deals.deal_tables import AVERAGED
from sim.studies.one_run.page_sections import assumption_section, chart_section, manifest_section, origin_of
from sim.studies.one_run.page_tables import DRIVER_COLUMNS, MOST_DRIVERS, driver_cells
from sim.studies.one_run.trust_section import trust_section

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.deals.deal_folder import DealReport
    from sim.studies.one_run.drawn_charts import DrawnChart

MOST_PACKAGES = 12
"""Packages that are shown at once, those first that most draws sign."""
GAINS = {"mean": "mean", "p5": "5 %", "p95": "95 %"}


def deal_page(report: DealReport, manifest: Mapping[str, Any], chart: DrawnChart) -> Page:
    """Write the page of a deal space.

    Parameters
    ----------
    report
        The deal space and its tables.
    manifest
        What the folder says of the program and the settings.
    chart
        The chart of the space.

    Returns
    -------
    Page
        The page, and the tables that it names and the folder has to keep.
    """
    scenario = report.space.scenario
    kept = {name: Kept(name, table.reset_index(drop=True)) for name, table in report.tables.items()}
    trust, figures = trust_section()
    assumed, assumptions = assumption_section(scenario)
    sections = [
        Section("outcomes", "How the talks end", tables=[_outcomes(kept["outcomes"])]),
        Section("effects", "What each level adds", tables=[_effects(kept["effects"], report)]),
        chart_section([chart], folder=""),
        Section("packages", "What packages are worth", tables=_packages(kept["packages"], report)),
        Section("deciders", "What decides it", tables=[_deciders(kept["deciders"])]),
        trust,
        assumed,
        manifest_section(manifest, {scenario.name: ""}),
    ]
    answer = Answer("", [*_ending(kept["outcomes"]), *_worth(kept["effects"], report, manifest["issue"])])
    content = Content(scenario.title, scenario.question, origin_of(manifest), [answer], sections)
    tables: list[Kept] = [*kept.values(), assumptions, *figures]
    return Page(rendered(content), {table.name: table.frame for table in tables})


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


def _worth(effects: Kept, report: DealReport, issue: str) -> list[Sentence]:
    """Say what each level of the issue looked at adds for each country."""
    rows = effects.rows(issue=issue, others=AVERAGED) if len(effects.frame) else []
    parts: list[Sentence] = [
        (effects.cell(row, "level"), f" is worth to {title_of(report.space.scenario, 'countries', country)} ",
         effects.cell(row, "mean_bn", _bn), " (90 % interval ", effects.cell(row, "mean_low_bn", _bare), " to ",
         effects.cell(row, "mean_high_bn", _bn), ")")
        for row in rows
        for country in [effects.value(row, "country")]
    ]  # fmt: skip
    words = title_of(report.space.scenario, "agenda", issue)
    return (
        [(f"Against none, averaged over all else that is on the table, of {words}: ", *joined(parts), ".")]
        if parts
        else []
    )


def _bn(value: float) -> str:
    return format_difference(value, "bn")


def _outcomes(outcomes: Kept) -> PageTable:
    shares = [f"{way}_{what}" for way in ("prior", "weighted") for what in ("share", "low", "high")]
    headings = ("all draws alike", "from", "to", "weighed by how they fit history", "from", "to")
    columns = [Column("outcome"), *(Column(words, is_number=True) for words in headings)]
    rows = [[outcomes.cell(row, "outcome"), *(outcomes.cell(row, name, whole_percent) for name in shares)]
            for row in outcomes.frame.index]  # fmt: skip
    return PageTable("Share of draws, with 90 % intervals", columns, rows, f"Numbers: {outcomes.file}.")


def _effects(effects: Kept, report: DealReport) -> PageTable:
    numbers = ("mean_bn", "mean_low_bn", "mean_high_bn", "p5_bn", "p95_bn")
    headings = ("bn USD, mean", "90 % interval: from", "to", "5 % of draws", "95 % of draws", "draws that gain")
    columns = [*map(Column, ("issue", "level", "worth to", "others are")),
               *(Column(words, is_number=True) for words in headings)]  # fmt: skip
    rows = [
        [effects.cell(row, "issue", lambda issue: title_of(report.space.scenario, "agenda", issue)),
         effects.cell(row, "level"),
         effects.cell(row, "country", lambda country: title_of(report.space.scenario, "countries", country)),
         effects.cell(row, "others"), *(effects.cell(row, name, _bare) for name in numbers),
         effects.cell(row, "gains_share", whole_percent)]
        for row in effects.frame.index
    ]  # fmt: skip
    note = f"Against the first level of the issue, present value. Numbers: {effects.file}."
    return PageTable("What a level adds", columns, rows, note)


def _packages(packages: Kept, report: DealReport) -> list[PageTable]:
    order = ["signed_share", "both_gain_share"]
    rows = packages.frame.sort_values(order, ascending=False, kind="stable").index
    first = _package_table(packages, report, list(rows[:MOST_PACKAGES]), "")
    return [first, _package_table(packages, report, list(rows), f"All {len(rows):,} packages")]


def _package_table(packages: Kept, report: DealReport, rows: list[int], folded: str) -> PageTable:
    scenario, countries = report.space.scenario, report.space.countries
    issues = list(scenario.talks.agenda)
    columns = [
        *(Column(title_of(scenario, "agenda", issue)) for issue in issues),
        *(Column(f"{title_of(scenario, 'countries', country)}, bn USD, {words}", is_number=True)
          for country in countries for words in GAINS.values()),
        Column("both gain", is_number=True), Column("signed", is_number=True),
    ]  # fmt: skip
    cells: list[list[Piece]] = [
        [*(packages.cell(row, issue) for issue in issues),
         *(packages.cell(row, f"{country}_gain_{name}_bn", _bare) for country in countries for name in GAINS),
         *(packages.cell(row, f"{name}_share", whole_percent) for name in ("both_gain", "signed"))]
        for row in rows
    ]  # fmt: skip
    note = f"Gains over no deal, present value; shares of the draws. Numbers: {packages.file}."
    return PageTable(folded or "Packages that most draws sign", columns, cells, note, folded)


def _deciders(deciders: Kept) -> PageTable:
    columns = [Column("what"), *DRIVER_COLUMNS]
    rows = [[deciders.cell(row, "kpi"), *driver_cells(deciders, row)] for row in _first_of_each(deciders.frame)]
    return PageTable("What decides it", columns, rows, f"Correlation of ranks, over draws. Numbers: {deciders.file}.")


def _first_of_each(deciders: pd.DataFrame) -> list[int]:
    return list(deciders.groupby("kpi", sort=False).head(MOST_DRIVERS).index) if len(deciders) else []


def _bare(value: float) -> str:
    return _bn(value).removesuffix(" bn USD")
