"""Figures: what is reported of repeated measurements, and what is aimed at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Any

Figure = dict[str, Any]
"""Title, unit, median and quartiles over repetitions; `at_least` or `at_most` where something is aimed at."""
Figures = dict[str, Figure]

DIGITS = 4


def figure(title: str, values: Iterable[float], unit: str, **aim: float) -> Figure:
    """Sum up one figure over repetitions; `aim` is `at_least=...` or `at_most=...`."""
    held = sorted(values)
    low, middle, high = quantiles(held, n=4, method="inclusive") if len(held) > 1 else held * 3
    numbers = {"median": middle, "low": low, "high": high}
    return {"title": title, "unit": unit} | {name: significant(value) for name, value in numbers.items()} | aim


def significant(value: float) -> float:
    """Keep as many digits as a measurement deserves."""
    return float(f"{value:.{DIGITS}g}")


def is_met(found: Figure) -> bool | None:
    """Whether the median reaches what is aimed at; None where nothing is."""
    if "at_least" in found:
        return bool(found["median"] >= found["at_least"])
    if "at_most" in found:
        return bool(found["median"] <= found["at_most"])
    return None


def aim(found: Figure) -> str:
    """Write what is aimed at."""
    if "at_least" in found:
        return f"at least {found['at_least']:g}"
    return f"at most {found['at_most']:g}" if "at_most" in found else ""


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Divide round by round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def show(figures: Figures) -> None:
    """Print a table, where there is something to show."""
    if not figures:
        return
    width = max(len(found["title"]) for found in figures.values())
    print(f"\n{'':{width}}  {'median':>9}  {'quarter':>9}  {'3 quart.':>9}  unit         aim")
    for found in figures.values():
        numbers = "  ".join(f"{found[column]:9.4g}" for column in ("median", "low", "high"))
        verdict = {True: "  met", False: "  MISSED", None: ""}[is_met(found)]
        print(f"{found['title']:{width}}  {numbers}  {found['unit']:11}  {aim(found)}{verdict}".rstrip())
