"""Numbers and tables of a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.figures import Figure, aim, is_met

HUNDRED, TEN, ONE = 100.0, 10.0, 1.0


def number(value: float) -> str:
    """Write a number with about three digits."""
    size = abs(value)
    if size >= HUNDRED:
        return f"{value:,.0f}".replace("-", "−")
    decimals = 1 if size >= TEN else 2 if size >= ONE else 3
    return f"{value:.{decimals}f}".replace("-", "−")


def quartiles(found: Figure) -> str:
    """Write the quartiles, where there are any."""
    return "" if found["low"] == found["high"] else f"{number(found['low'])} to {number(found['high'])}"


def verdict(found: Figure) -> str:
    """Say whether an aim is met."""
    return {True: "met", False: "**missed**", None: ""}[is_met(found)]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table; the first column holds names, the others numbers."""
    lines = [columns, ["---", *(["--:"] * (len(columns) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def figures_table(name: str, figures: Iterable[Figure]) -> str:
    """Make a table of figures with their quartiles."""
    rows = [(found["title"], number(found["median"]), quartiles(found), found["unit"]) for found in figures]
    return table((name, "Median", "Quartiles", "Unit"), rows)


def aims_table(figures: Iterable[Figure]) -> str:
    """Make a table of what is aimed at."""
    rows = [
        (found["title"], aim(found), number(found["median"]), quartiles(found), found["unit"], verdict(found))
        for found in figures
    ]
    return table(("Figure", "Aim", "Median", "Quartiles", "Unit", ""), rows)
