"""What the ending of a KPI's name says, and how names and values are written for people."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sim.errors import ModelError, ScenarioError

BASES: dict[str, str] = {
    "cum": "sum over the run",
    "pv": "present value at the policy rate",
    "ownpv": "present value at the vendors' own rate",
    "end": "at the end",
    "mean": "mean of the run",
    "first": "first time",
}
"""Time bases by the word that stands for them in a KPI's name; `to2030` is the sum to the end of that year."""
_SUM_TO = re.compile(r"to(\d{4})")

NAME_UNIT = "name"
"""Ending of KPIs that hold a name instead of a number, such as who is fourth."""

MINUS, NOTHING = "−", "–"
"""A true minus, and what stands where there is no figure."""

_MONEY = ((1e3, "trillion"), (1.0, "billion"), (1e-3, "million"), (1e-6, "thousand"))
"""Amounts by the word for them, bn USD."""
_ROUNDS_UP = 0.9995
"""From this part of a unit on an amount is one of it when rounded."""
_WHOLE_FROM = 9.95
"""From here on people need no decimals."""
_LEAST_PERCENT, _ONE_DECIMAL_FROM = 0.01, 0.095
"""Percent that are not written, and those from which on one decimal is enough."""

_SIGNIFICANT_DIGITS = 3
_MOST_DECIMALS = 5
_LEAST_WRITTEN_OUT = 1e-4
"""Smaller numbers have a power of ten, since few decimals of them would be left."""


@dataclass(frozen=True)
class Unit:
    """How values of one unit are written.

    Attributes
    ----------
    axis
        Text for the axis of a chart.
    suffix
        What follows a value.
    difference_axis, difference_suffix
        The same for differences between two values.
    factor
        What a value is multiplied by when it is written.
    """

    axis: str
    suffix: str
    difference_axis: str
    difference_suffix: str
    factor: float = 1.0


UNITS: dict[str, Unit] = {
    "bn": Unit("bn USD", " bn USD", "bn USD", " bn USD"),
    "share": Unit("percent", " %", "percentage points", " points", factor=100.0),
    "index": Unit("index", "", "index points", ""),
    "rank": Unit("place", "", "places, minus is up", " places"),
    "months": Unit("months from the start", " months", "months", " months"),
    "vendors": Unit("vendors", " vendors", "vendors", " vendors"),
    "units": Unit("compute units", " units", "compute units", " units"),
}
"""Units by the word that stands for them at the end of a KPI's name."""


@dataclass(frozen=True)
class KpiName:
    """The three parts of a KPI's name: `us_exports`, `cum`, `bn`."""

    stem: str
    basis: str
    unit: str


def parse(kpi: str) -> KpiName:
    """Split a KPI's name into what it is, its time basis and its unit.

    Raises
    ------
    ModelError
        If the name does not end in a known time basis and unit.
    """
    stem, _, ending = kpi.rpartition("_")
    stem, _, basis = stem.rpartition("_")
    if not stem or not (basis in BASES or _SUM_TO.fullmatch(basis)) or ending not in {*UNITS, NAME_UNIT}:
        raise ModelError(
            f"the KPI name {kpi!r} must end in a time basis ({', '.join(BASES)}) and a unit "
            f"({', '.join(UNITS)}, {NAME_UNIT}), as in us_exports_cum_bn"
        )
    return KpiName(stem, basis, ending)


def unit_in_words(kpi: str) -> str:
    """Say in what unit a KPI is written: `bn USD`, `percent`."""
    return UNITS[parse(kpi).unit].axis


def stored_unit(unit: Unit) -> str:
    """Say in what unit values are kept: those that are shown as percent as shares of one."""
    return unit.axis if unit.factor == 1.0 else "share of one"


def basis_in_words(kpi: str) -> str:
    """Say what time a KPI is about: `sum over the run`, `sum to the end of 2030`."""
    basis = parse(kpi).basis
    return BASES.get(basis) or f"sum to the end of {basis.removeprefix('to')}"


def check_known(name: str, known: Sequence[str], what: str) -> None:
    """Refuse a name that is none of those known, and give the nearest.

    Parameters
    ----------
    name
        What somebody asked for.
    known
        Names that there are, one at least.
    what
        What they name: `KPI of this result`.

    Raises
    ------
    ScenarioError
        If the name is not known.
    """
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0)
        raise ScenarioError(f"{name} is no {what}; did you mean {near[0]}?")


def label_from_name(kpi: str, titles: Mapping[str, str]) -> str:
    """Make words of a KPI's name, without its time basis and unit.

    Parameters
    ----------
    kpi
        Name of the KPI.
    titles
        How the scenario's names inside it are written.
    """
    longest_first = sorted(titles, key=len, reverse=True)
    names = re.compile(rf"(?<![^_])({'|'.join(map(re.escape, longest_first))})(?![^_])")
    pieces = names.split(parse(kpi).stem) if titles else [parse(kpi).stem]
    words = "".join(titles[piece] if place % 2 else piece.replace("_", " ") for place, piece in enumerate(pieces))
    return capitalised(words)


def capitalised(words: str) -> str:
    """Begin words with a capital."""
    return words[:1].upper() + words[1:]


def uncapitalised(words: str) -> str:
    """Begin words in the middle of a sentence without a capital."""
    return words[:1].lower() + words[1:]


def format_value(value: float, unit: str) -> str:
    """Write a value with its unit: 0.0314 of `share` is `3.14 %`; a missing one is a dash."""
    return _written(value, UNITS[unit].factor, UNITS[unit].suffix, sign="")


def format_share(share: float) -> str:
    """Write a share in percent: 0.0314 is `3.14 %`."""
    return format_value(share, "share")


def amount_in_words(bn: float) -> str:
    """Write the size of an amount of money for people: -0.145 bn USD is `145 million`, and the sign goes into words."""
    size = abs(bn)
    for unit, word in _MONEY:
        if size >= _ROUNDS_UP * unit:
            shown = size / unit
            return f"{shown:.1f} {word}" if shown < _WHOLE_FROM else f"{shown:,.0f} {word}"
    return "under one thousand"


def unit_of_money(bn: float) -> tuple[float, str]:
    """Give the unit that suits an amount of bn USD: what amounts are multiplied by, and the word for it."""
    size, word = next((unit, word) for unit, word in (*_MONEY[:-1], (0.0, _MONEY[-1][1])) if abs(bn) >= unit)
    return 1.0 / (size or _MONEY[-1][0]), f"{word} USD"


def percent_in_words(share: float) -> str:
    """Write the size of a share in percent for people: 0.074 is `7.4 %`, next to nothing `about 0 %`."""
    percent = abs(share) * UNITS["share"].factor
    if 0.0 < percent < _LEAST_PERCENT:
        return "about 0 %"
    if percent < _WHOLE_FROM:
        return f"{percent:.{1 if percent >= _ONE_DECIMAL_FROM else 2}f} %"
    return f"{percent:,.0f} %"


def format_difference(value: float, unit: str) -> str:
    """Write a difference with its sign and unit: 0.0314 of `share` is `+3.14 points`; a missing one is a dash."""
    return _written(value, UNITS[unit].factor, UNITS[unit].difference_suffix, sign="+" if value else "")


def figure(value: float, digits: int = _SIGNIFICANT_DIGITS) -> str:
    """Write a number without unit, with so many digits that count; `–` where there is none."""
    if math.isnan(value):
        return NOTHING
    size = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{max(digits - 1 - size, 0)}f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")


def without_unit(write: Callable[[float, str], str], value: float, unit: str) -> str:
    """Write a value or difference without its unit, which stands elsewhere; `write` is one of the two above."""
    return write(value, unit).removesuffix(UNITS[unit].difference_suffix).removesuffix(UNITS[unit].suffix)


def _written(value: float, factor: float, suffix: str, sign: str) -> str:
    if not math.isfinite(value):
        return "-"
    shown = value * factor
    rounded = f"{shown:{sign},.{_decimals(shown)}f}"
    return (rounded if shown == 0 or abs(shown) >= _LEAST_WRITTEN_OUT else f"{shown:{sign}.1e}") + suffix


def _decimals(shown: float) -> int:
    """Decimals that leave three significant digits, at most five."""
    if shown == 0:
        return 0
    exponent = int(f"{shown:.{_SIGNIFICANT_DIGITS - 1}e}".partition("e")[2])
    return min(max(_SIGNIFICANT_DIGITS - 1 - exponent, 0), _MOST_DECIMALS)
