"""What the deal space says, in sentences whose numbers know where they are kept, the same on page and screen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.report.captions import count_of_draws
from sim.report.kept_table import Kept, Paragraph, Piece, Sentence, joined
from sim.report.kpi_names import amount_in_words
from sim.report.statistics import share_in_words, whole_percent
from sim.scenario.describing import title_of, words_of
from sim.studies.deals.deal_tables import AVERAGED

if TYPE_CHECKING:
    from sim.studies.deals.priced_packages import PricedPackages


def answer_of(space: PricedPackages, kept: dict[str, Kept]) -> list[Paragraph]:
    """Say when a deal comes, what breaks the talks, what would change minds, and how it stands to history.

    Parameters
    ----------
    space
        The deal space.
    kept
        Its tables by name, rows numbered from 0.
    """
    issue = title_of(space.scenario, "agenda", space.issue)
    found = [
        Paragraph("When a deal comes", _when(space, kept["dates"], kept["outcomes"])),
        Paragraph(f"What {issue} does", _with_the_issue(space, kept["dates"])),
        Paragraph(f"What {issue} is worth", _worth(space, kept["effects"])),
        Paragraph("What breaks the talks", _broken(space, kept["outcomes"])),
        Paragraph("What threats are worth", _threats(space, kept["ladder"])),
        Paragraph("What would change minds", _minds(space, kept["thresholds"])),
        Paragraph("History", _history(kept["history"])),
    ]
    return [paragraph for paragraph in found if paragraph.sentence]


def _when(space: PricedPackages, dates: Kept, outcomes: Kept) -> Sentence:
    """Say how often something is signed, by the end of each span of history, or by the first and the last round."""
    ends = [span.until for span in space.scenario.talks.history]
    rows = [max(row for row in dates.frame.index if dates.value(row, "date") <= end) for end in ends]
    parts = [
        ("by ", dates.cell(row, "date"), " in ", *_percent(dates, row, ""))
        for row in rows or sorted({0, len(dates.frame) - 1})
    ]
    draws = outcomes.cell(0, "draws", lambda count: count_of_draws(int(count)))
    return ("Of ", draws, " something is signed ", *joined(parts, ", "), ".")


def _with_the_issue(space: PricedPackages, dates: Kept) -> Sentence:
    if space.without is None:
        return ()
    row = len(dates.frame) - 1
    issue = title_of(space.scenario, "agenda", space.issue)
    begins = (f"Where {issue} is off the table, with the same luck, in ", *_percent(dates, row, "without_"))
    tipped = [float(dates.value(row, f"only_{way}_share")) for way in ("with", "without")]
    if not any(tipped):
        return (*begins, f": {issue} tips no draw either way.")
    return (
        *begins, f": {issue} tips ", dates.cell(row, "only_with_share", share_in_words),
        " of the draws towards a deal and ", dates.cell(row, "only_without_share", share_in_words), " away from one.",
    )  # fmt: skip


def _worth(space: PricedPackages, effects: Kept) -> Sentence:
    """Say what each level of the issue is worth to each country by itself."""
    parts: list[Sentence] = []
    for row in effects.rows(issue=space.issue, others=AVERAGED):
        country = title_of(space.scenario, "countries", effects.value(row, "country"))
        low, high = (float(effects.value(row, name)) for name in ("mean_low_bn", "mean_high_bn"))
        if low <= 0.0 <= high:
            parts.append((effects.cell(row, "level", words_of), f" makes no clear difference to {country}"))
            continue
        verb = "brings" if low > 0.0 else "costs"
        parts.append((
            effects.cell(row, "level", words_of), f" {verb} {country} ", effects.cell(row, "mean_bn", _money), " (",
            effects.cell(row, "gains_share", share_in_words), " of the draws gain)",
        ))  # fmt: skip
    return ("On average over all else that is on the table: ", *joined(parts), ".") if parts else ()


def _broken(space: PricedPackages, outcomes: Kept) -> Sentence:
    parts: list[Sentence] = []
    for country in space.countries:
        words = f"{title_of(space.scenario, 'countries', country)} walks away at least once"
        parts += [
            (f"{words} in ", outcomes.cell(row, "share", whole_percent))
            for row in outcomes.rows(outcome=words)
            if outcomes.value(row, "share") > 0.0
        ]
    for row in outcomes.rows(outcome="ended without a deal"):
        parts.append(("no round brings a deal in ", *_percent(outcomes, row, "")))
    for row in outcomes.rows(outcome="ended without a deal, as no package suits both sides"):
        parts.append(("in ", outcomes.cell(row, "share", whole_percent), " as no package suits both sides"))
    return (*joined(parts), ".") if parts else ()


def _threats(space: PricedPackages, ladder: Kept) -> Sentence:
    """Say what the first rung is worth to both sides, which is what a threat rests on."""
    parts: list[Sentence] = []
    for row in ladder.rows(rung=1):
        country = title_of(space.scenario, "countries", ladder.value(row, "country"))
        verb = "brings" if float(ladder.value(row, "mean_bn")) >= 0.0 else "costs"
        parts.append((
            f"{verb} {country} ", ladder.cell(row, "mean_bn", _money), " (it gains in ",
            ladder.cell(row, "gains_share", whole_percent), " of the draws)",
        ))  # fmt: skip
    if not parts:
        return ()
    return (
        "If no deal ever came, the first rung of tariffs ",
        *joined(parts, " and "),
        ", by what each of them weighs.",
    )


def _minds(space: PricedPackages, thresholds: Kept) -> Sentence:
    parts = []
    for row in thresholds.frame.index:
        if math.isnan(float(thresholds.value(row, "lacking_p50_bn"))):
            continue
        country = title_of(space.scenario, "countries", thresholds.value(row, "country"))
        words: list[Piece] = [f"{country} lacks ", thresholds.cell(row, "lacking_p50_bn", _money)]
        if not math.isnan(float(thresholds.value(row, "points_p50"))):
            words += [
                ", as much as tariffs on its goods that are ",
                thresholds.cell(row, "points_p50", _points),
                " lower",
            ]
        parts.append(tuple(words))
    if not parts:
        return ()
    return ("Where there is no deal, for the best that the other side would sign, in the median: ", *joined(parts), ".")


def _history(history: Kept) -> Sentence:
    """Say how likely each thing was that is known to have happened, and all of them together."""
    rows = list(history.frame.index)
    if not rows:
        return ()
    parts = [(history.cell(row, "what"), " in ", *_percent(history, row, "")) for row in rows]
    went, of = history.cell(rows[-1], "went"), history.cell(rows[0], "draws")
    then = joined(parts, ", then ")
    return ("What is known to have happened: ", *then, "; all of it in ", went, " of ", of, " draws.")


def _percent(kept: Kept, row: int, way: str) -> Iterator[Piece]:
    """A share with its interval."""
    yield kept.cell(row, f"{way}share", whole_percent)
    yield " ("
    yield kept.cell(row, f"{way}low", whole_percent)
    yield " to "
    yield kept.cell(row, f"{way}high", whole_percent)
    yield ")"


def _money(bn: float) -> str:
    return f"USD {amount_in_words(bn)}"


def _points(points: float) -> str:
    return f"{points:.1f} points"
