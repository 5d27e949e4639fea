"""Values as scenarios write them: numbers certain and uncertain, dated schedules, names, and the parts they make up."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

PARAMETERS: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "log_sd"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "choice": ("value", "value", "..."),
}
"""Distributions a scenario may use, and the numbers each one takes, in order."""
TOGETHER = "together"
"""Key beside `choice`: of all lists with the same word here, a draw takes the values that stand at the same place."""
SCORED = ("normal", "lognormal", "uniform", "triangular")
"""Distributions that a prior may have."""
MOST_LISTED = 5
"""Values of a choice that people are shown one by one."""

_PERCENT = re.compile(r"^\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*%\s*$")
_SOURCED_KEYS = {"value", "source", "note"}


TAIL = 3.0
"""Standard deviations within which a normal is taken to lie where numbers are compared, and in what people read."""
OPEN = ("normal", "lognormal")
"""Distributions without ends."""
RARE = 5e-3
"""Share of draws that may lie outside what a number can mean; they are put at the bound."""
_SAME = 0.05
"""Share of draws by which the median that an estimate states may miss the one that follows from its prior."""
_SLIPS = (
    ("bn USD", 1e3, "million USD"), ("years", 12, "months"), ("months", 30.4, "days"),
    ("log points", 100, "percent"), ("ratio", 100, "percent"),
)  # fmt: skip
"""How units begin, how much larger a number is in another unit, and that unit."""


ESTIMATED = "estimated"
"""Key of a number with what data say of it, as citing writes it."""


@dataclass(frozen=True)
class Estimate:
    """What data say of a number, together with others that they were learned with.

    The number's score, standard normal under its prior, is `mean` plus loadings times independent standard normals.

    Attributes
    ----------
    mean
        Mean of the score.
    loadings
        Names of independent normals, each that of an estimated number, and their weights.
    low, middle, high
        5 %, 50 % and 95 % quantile of the number, in its unit.
    posterior
        Name of the posterior in the facts; empty where it stands nowhere.
    """

    mean: float
    loadings: tuple[tuple[str, float], ...]
    low: float
    middle: float
    high: float
    posterior: str = ""


@dataclass(frozen=True)
class Number:
    """One number of a scenario, certain or uncertain.

    Attributes
    ----------
    kind
        `constant` or a key of `PARAMETERS`.
    parameters
        The constant, or the distribution's parameters in the order of `PARAMETERS`.
    source
        Where the number comes from, if it says so itself (otherwise the part around it does).
    name
        Dotted path inside the scenario; names the number's random stream. Set by loading.
    low, high
        Bounds of what the number can mean; draws are cut to them.
    unit
        Unit, from the field that holds the number.
    estimate
        What data say of it; kind and parameters are then those of its prior.
    together
        Word that its choice shares with others, from which a draw takes the same place.
    loadings
        Of a number correlated with others: names of numbers, whose own normals its score is made of, and their weights.
    """

    kind: str
    parameters: tuple[float, ...]
    source: str | None = None
    name: str = ""
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    estimate: Estimate | None = None
    together: str = ""
    loadings: tuple[tuple[str, float], ...] = ()

    @property
    def is_uncertain(self) -> bool:
        """Whether draws differ."""
        return self.kind != "constant"

    @property
    def central(self) -> float:
        """Middle of the number: constant, mean, median or mode; what was estimated has its median, a list its mean."""
        first = self.parameters[0]
        if self.estimate is not None:
            return self.estimate.middle
        if self.kind == "uniform":
            return 0.5 * (first + self.parameters[1])
        if self.kind == "triangular":
            return self.parameters[1]
        if self.kind == "choice":
            return sum(self.parameters) / len(self.parameters)
        return first

    @property
    def support(self) -> tuple[float, float]:
        """Least and largest value that draws can have; for a normal, those three standard deviations away."""
        low, high = min(self.parameters), max(self.parameters)
        if self.kind == "normal":
            mean, sd = self.parameters
            low, high = mean - TAIL * sd, mean + TAIL * sd
        if self.kind == "lognormal":
            median, log_sd = self.parameters
            low, high = median * math.exp(-TAIL * log_sd), median * math.exp(TAIL * log_sd)
        return max(low, self.low), min(high, self.high)

    @property
    def has_density(self) -> bool:
        """Whether the number has a distribution function without steps."""
        return self.parameters[1] > 0 if self.kind in OPEN else self.kind in SCORED and len(set(self.parameters)) > 1

    @property
    def share_outside(self) -> float:
        """Share of draws outside the bounds, from the distribution function."""
        if self.kind in {"choice", "constant"} or not self.has_density:
            listed = self.parameters[:1] if self.kind in OPEN else self.parameters
            return sum(not self.low <= value <= self.high for value in listed) / len(listed)
        return self.share_below(self.low) + 1 - self.share_below(self.high)

    def share_below(self, value: float) -> float:
        """Share of draws below a value, for a distribution with a density."""
        first, *others = self.parameters
        if self.kind in OPEN:
            if self.kind == "lognormal" and value <= 0:
                return 0.0
            distance = value - first if self.kind == "normal" else math.log(value / first)
            return below(distance / others[0])
        mode, last = others[0], others[-1]
        if self.kind == "uniform" or not first < value < last:
            return min(max((value - first) / (last - first), 0.0), 1.0)
        rising = value < mode
        leg = (value - first) ** 2 / (mode - first) if rising else (last - value) ** 2 / (last - mode)
        return leg / (last - first) if rising else 1 - leg / (last - first)

    def written(self) -> Any:
        """Give the number in the form a scenario file has it."""
        written = [self.plain(parameter) for parameter in self.parameters]
        if self.kind == "lognormal":
            written[1] = self.parameters[1]
        beside = {TOGETHER: self.together} if self.together else {}
        held: Any = written[0] if self.kind == "constant" else {self.kind: written, **beside}
        if self.estimate is not None:
            return self._written_estimate(self.estimate, held)
        return held if self.source is None else {"value": held, "source": self.source}

    def _written_estimate(self, estimate: Estimate, prior: Any) -> dict[str, Any]:
        source = {} if self.source is None else {"source": self.source}
        if estimate.posterior:
            return {"prior": prior, **source}
        held = {item.name: getattr(estimate, item.name) for item in fields(estimate)}
        return {"value": {ESTIMATED: {"prior": prior, **held, "loadings": dict(estimate.loadings)}}, **source}

    def plain(self, parameter: float) -> float | str:
        """Write a value of the number as a scenario file has it: in percent where it could be read in two ways."""
        return in_percent(parameter, self.high) if self.unit.startswith("share") else parameter

    def __str__(self) -> str:
        """Describe the number for a person."""
        if self.kind == "constant":
            return f"{self.parameters[0]:g}"
        if self.estimate is not None:
            known = self.estimate
            prior = replace(self, estimate=None)
            return f"estimated {known.middle:.3g} ({known.low:.3g} to {known.high:.3g}), prior {prior}"
        listed = ", ".join(f"{p:g}" for p in self.parameters)
        if len(self.parameters) > MOST_LISTED:
            low, high = min(self.parameters), max(self.parameters)
            listed = f"{len(self.parameters)} values around {self.central:.3g}, {low:.3g} to {high:.3g}"
        return f"{self.kind}({listed})" + (f" together as {self.together}" if self.together else "")


@dataclass(frozen=True)
class Schedule:
    """A number that changes on dates and is constant between them; nothing before its first date.

    Attributes
    ----------
    steps
        Pairs of a date and the number in force from then on, in order. A date of None means from the beginning.
    """

    steps: tuple[tuple[dt.date | None, Number], ...]

    def written(self) -> Any:
        """Give the schedule in the form a scenario file has it."""
        if len(self.steps) == 1 and self.steps[0][0] is None:
            return self.steps[0][1].written()
        return {date: number.written() for date, number in self.steps}


@dataclass(frozen=True)
class Range:
    """What values a number field takes: bounds, unit, and whether it is a share (percent allowed, bare > 1 not)."""

    unit: str
    low: float = -math.inf
    high: float = math.inf
    share: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate a raw value into a `Number` or `Schedule`."""
        parse = self._schedule if source is Schedule else self._number
        return core_schema.no_info_plain_validator_function(
            parse, serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.written())
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the accepted forms to an editor."""
        distributions: list[dict[str, Any]] = [
            {"type": "object", "properties": {kind: {"type": "array", "items": {"type": ["number", "string"]}}},
             "required": [kind], "additionalProperties": False}
            for kind in PARAMETERS
        ]  # fmt: skip
        distributions[-1]["properties"][TOGETHER] = {"type": "string"}
        sourced = {"type": "object", "required": ["value"], "properties": {"value": {}, "source": {"type": "string"}}}
        fact = {"type": "object", "required": ["fact"], "properties": {"fact": {"type": "string"}}}
        plain = {"type": ["number", "string"]}
        bounds = {"minimum": self.low, "maximum": self.high}
        return {"unit": self.unit, **bounds, "anyOf": [plain, sourced, fact, *distributions, {"type": "object"}]}

    def _schedule(self, raw: Any) -> Schedule:
        if isinstance(raw, Schedule):
            return raw
        if isinstance(raw, Mapping) and raw and all(_is_date(key) for key in raw):
            dated = sorted(((_date(key), key) for key in raw), key=lambda pair: pair[0])
            steps, faults = [], []
            for date, key in dated:
                try:
                    steps.append((date, self._number(raw[key])))
                except ValueError as error:
                    faults.append((date, str(error)))
            if faults:
                raise PydanticCustomError("schedule", "{faults}", {"faults": faults})
            return Schedule(tuple(steps))
        return Schedule(((None, self._number(raw)),))

    def _number(self, raw: Any) -> Number:
        if isinstance(raw, Number):
            return raw
        source: str | None = None
        if isinstance(raw, Mapping) and "value" in raw:
            unknown = sorted(set(map(str, raw)) - _SOURCED_KEYS)
            if unknown:
                raise ValueError(f"a number with a source has only value, source and note, not {', '.join(unknown)}")
            source = raw.get("source")
            if source is not None and not isinstance(source, str):
                raise ValueError(f"expected text as the source of a number, found {source!r}")
            raw = raw["value"]
        if isinstance(raw, Mapping) and ESTIMATED in raw:
            return replace(self._estimated(raw[ESTIMATED]), source=source)
        number = self._distribution(raw) if isinstance(raw, Mapping) else self._constant(raw)
        number = replace(number, source=source, low=self.low, high=self.high, unit=self.unit)
        self._check_bounds(number)
        return number

    def _estimated(self, raw: Any) -> Number:
        """Read a prior with what data say of the number; only this program writes it, so that nothing is made good."""
        names = {item.name for item in fields(Estimate)} | {"prior"}
        if not isinstance(raw, Mapping) or set(raw) != names or not isinstance(raw["loadings"], Mapping):
            raise ValueError(f"`{ESTIMATED}` is what a fit writes; in a scenario say {{prior: ...}}")
        figures = [*(raw[name] for name in ("mean", "low", "middle", "high")), *raw["loadings"].values()]
        if any(isinstance(figure, bool) or not isinstance(figure, int | float) for figure in figures):
            raise ValueError(f"expected numbers in `{ESTIMATED}`, found {raw!r}")
        held = {key: value for key, value in raw.items() if key not in {"prior", "loadings"}}
        prior = self._number(raw["prior"])
        if prior.kind not in SCORED:
            raise ValueError(f"the prior of an estimated number is one of {', '.join(SCORED)}, not {prior.kind}")
        estimate = Estimate(loadings=tuple(raw["loadings"].items()), **held)
        if prior.has_density and abs(prior.share_below(estimate.middle) - below(estimate.mean)) > _SAME:
            raise ValueError(
                f"{prior} is not the prior that the posterior was estimated from, whose median became "
                f"{estimate.middle:g}; keep that one, or write the distribution without `prior`"
            )
        return replace(prior, estimate=estimate)

    def _constant(self, raw: Any) -> Number:
        return Number("constant", (self.read(raw),))

    def _distribution(self, raw: Mapping[str, Any]) -> Number:
        kinds = [str(key) for key in raw if key != TOGETHER or "choice" not in raw]
        if "sample" in kinds:
            raise ValueError(f"lists go together by a word: {{choice: [...], {TOGETHER}: WORD}} in each of them")
        if len(kinds) != 1 or kinds[0] not in PARAMETERS:
            raise ValueError(
                f"expected a number or one distribution ({', '.join(PARAMETERS)}), found a mapping with "
                f"{', '.join(kinds) or 'nothing in it'}"
            )
        kind, listed, together = kinds[0], raw[kinds[0]], raw.get(TOGETHER, "")
        names = PARAMETERS[kind]
        if not isinstance(together, str) or (TOGETHER in raw and not together.strip()):
            raise ValueError(f"expected a word after `{TOGETHER}`, found {together!r}")
        if not isinstance(listed, list | tuple) or (len(listed) != len(names) and kind != "choice") or not listed:
            found = list(listed) if isinstance(listed, tuple) else listed
            raise ValueError(f"{kind} takes a list [{', '.join(names)}], found {found!r}")
        fields = (self, LOG_POINTS) if kind == "lognormal" else (self,) * len(listed)
        parameters = tuple(field.read(item) for field, item in zip(fields, listed, strict=True))
        return Number(kind, _possible(kind, parameters), together=together)

    def read(self, raw: Any) -> float:
        """Read one plain number, percent where the field is a share.

        Raises
        ------
        ValueError
            If it is none, can be read in two ways, or is not finite.
        """
        if isinstance(raw, str) and (match := _PERCENT.match(raw)):
            if not self.share:
                raise ValueError(f"is {self.unit}, not a share: {raw!r} cannot be percent here")
            return self._finite(_of_one(match.group(1)))
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise ValueError(f"expected a number ({self.unit}), found {raw!r}")
        value = self._finite(raw)
        if self.share and in_percent(value, self.high) != value:
            raise ValueError(
                f"{raw:g} can be read in two ways: {raw:g} percent (write {raw:g}% or {raw / 100:g}) or "
                f"{raw:g} times the whole (write {raw * 100:g}%)"
            )
        return value

    def _finite(self, value: float) -> float:
        if not math.isfinite(value):
            raise ValueError(f"expected a finite number ({self.unit}), found {value}")
        return float(value)

    def _check_bounds(self, number: Number) -> None:
        """Refuse a number with draws outside the bounds, but for rare draws of what has no ends."""
        share = number.share_outside
        if share <= (RARE if number.kind in OPEN else 0):
            return
        often = f" in {100 * share:.3g} % of draws" if number.is_uncertain else ""
        raise ValueError(f"{number} is outside {self.low:g} to {self.high:g} ({self.unit}){often}{self._slip(number)}")

    def _slip(self, number: Number) -> str:
        """Name the unit that was likely meant, where a number is too large by about what lies between the two."""
        for unit, times, other in _SLIPS:
            meant = number.central / times
            if self.unit.startswith(unit) and number.central > self.high and self.low <= meant <= self.high:
                return f"; if that is {other}, write {meant:.4g}"
        return ""


def below(score: float) -> float:
    """Share of a standard normal below a score."""
    return 0.5 * math.erfc(-score / math.sqrt(2))


LOG_POINTS = Range("log points")
"""What the spread of a lognormal is, whatever it spreads."""


def percent(share: float) -> str:
    """Write a share of one in percent, exactly: the text reads back as the same number."""
    mantissa, _, exponent = repr(share).partition("e")
    return f"{Decimal(f'{mantissa}e{int(exponent or 0) + 2}'):f}%"


def in_percent(share: float, high: float) -> float | str:
    """Write a share in percent where the bare number could be read in two ways: above 1, or 1 of what can be more."""
    return percent(share) if abs(share) > 1 or abs(share) == 1 < high else share


def _of_one(percentage: str) -> float:
    """Read a percentage as a share of one: 8.37 is the very float 0.0837, which 8.37 / 100 is not."""
    mantissa, _, exponent = percentage.lower().partition("e")
    return float(f"{mantissa}e{int(exponent or 0) - 2}")


def _possible(kind: str, parameters: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse parameters that no distribution can have."""
    if kind in {"normal", "lognormal"} and parameters[1] < 0:
        raise ValueError(f"{kind} needs a standard deviation of 0 or more, found {parameters[1]:g}")
    if kind == "lognormal" and parameters[0] <= 0:
        raise ValueError(f"lognormal needs a median above 0, found {parameters[0]:g}")
    if kind in {"uniform", "triangular"} and list(parameters) != sorted(parameters):
        order = " <= ".join(PARAMETERS[kind])
        raise ValueError(f"{kind} needs {order}, found {', '.join(f'{p:g}' for p in parameters)}")
    return parameters


def _is_date(key: Any) -> bool:
    return isinstance(key, dt.date) or (isinstance(key, str) and re.match(r"^\d{4}-\d{2}-\d{2}$", key) is not None)


def _date(key: Any) -> dt.date:
    return key if isinstance(key, dt.date) else dt.date.fromisoformat(key)


SHARE = "share of one"
LOG_POINTS_OF_QUALITY = "log points of quality"

# Bounds within which the equations hold and beyond which a reader would call a number a mistake; what is likely is
# narrower by far. Markets grow for as long as a century, so that rates have to stay finite when they are added up.
Share = Annotated[Number, Range(SHARE, 0, 1, share=True)]
"""Between 0 and 1; percent may be written out."""
PartialShare = Annotated[Number, Range(SHARE, 0, 0.99, share=True)]
"""Between 0 and 99 %: what cannot be all of it."""
MOST_TAKEN = 0.95
"""What fees and taxes may take of a vendor's revenue: its price is its cost over what is left."""
Fee = Annotated[Number, Range(SHARE, 0, MOST_TAKEN, share=True)]
UsdBn = Annotated[Number, Range("bn USD", 0, 1e3)]
"""What something costs a firm or a government."""
PositiveUsdBn = Annotated[Number, Range("bn USD", 1e-6, 1e6)]
Gdp = Annotated[Number, Range("bn USD a year", 0.1, 1e6)]
"""Ten times the world's at most."""
UsdBnPerYear = Annotated[Number, Range("bn USD a year", 0, 1e4)]
SignedUsdBnPerYear = Annotated[Number, Range("bn USD a year", -1e6, 1e6)]
Weight = Annotated[Number, Range("ratio", -1e3, 1e3)]
"""What a dollar counts for; the bounds keep sums finite."""
SubstitutionElasticity = Annotated[Number, Range("elasticity", 1.01, 1e3)]
"""Above 1, or no price is high enough; a thousand is as good as perfect substitutes, beyond it powers overflow."""
MarketElasticity = Annotated[Number, Range("elasticity", 1.01, 50)]
"""Above 1, or a vendor that has a market to itself finds no price high enough."""
ImportElasticity = Annotated[Number, Range("elasticity", 0, 50)]
ElasticitySchedule = Annotated[Schedule, Range("elasticity", 0, 50)]
LearningExponent = Annotated[Number, Range("elasticity", 0, 1)]
"""At 1, cost halves with each doubling, more than any learning curve on record; beyond, firms grow without end."""
LogUnits = Annotated[Number, Range(LOG_POINTS_OF_QUALITY, -10, 10)]
LogUnitsSchedule = Annotated[Schedule, Range(LOG_POINTS_OF_QUALITY, -10, 10)]
"""Ten log points are 22,000 times the appeal."""
LostQuality = Annotated[Number, Range(LOG_POINTS_OF_QUALITY, 0, 10)]
Spread = Annotated[Number, Range("log points", 0, 3)]
"""A standard deviation."""
Months = Annotated[Number, Range("months", 0, 120)]
"""Time that something takes: ten years at most, beyond any lead time on record."""
MonthsAtSea = Annotated[Number, Range("months", 0, 6)]
"""Time that goods are on their way: half a year at most, beyond any voyage."""
Years = Annotated[Number, Range("years", 0.05, 50)]
"""Time over which something happens, never at once, or is looked ahead."""
Resolve = Annotated[Number, Range("ratio", 0, 100)]
"""What a deal costs in stakes: more than one is more than all that could be won."""
Factor = Annotated[Number, Range("ratio", 0, 100)]
COMPUTE_UNITS = "compute units (bn USD a year at base prices)"
ComputeUnits = Annotated[Number, Range(COMPUTE_UNITS, 0, 1e4)]
Speed = Annotated[Number, Range("log rate per year", 0, 1e4)]
"""Ten thousand is at once."""
GrowthRate = Annotated[Number, Range("share per year", -1, 2, share=True)]
ReturnRate = Annotated[Number, Range("share per year", 0, 10, share=True)]

ShareSchedule = Annotated[Schedule, Range(SHARE, 0, 1, share=True)]
TaxSchedule = Annotated[Schedule, Range(SHARE, 0, 0.5, share=True)]
"""A tax on revenue: with a partner's fee it must leave something to the vendor."""
RateSchedule = Annotated[Schedule, Range(SHARE, 0, 20, share=True)]
"""A tariff, which can exceed 100 %; it must then be written in percent."""
LimitSchedule = Annotated[Schedule, Range(SHARE, 0.001, 10, share=True)]
"""A part of the trade of before: where demand has one elasticity, no price ends all of it."""
UsdBnSchedule = Annotated[Schedule, Range("bn USD", 0, 1e3)]
FactorSchedule = Annotated[Schedule, Range("ratio", 0, 10)]
MarketSizeSchedule = Annotated[Schedule, Range("bn USD a year", 1e-3, 1e4)]
"""An eighth of what the world earns at most, and never nothing: growth is that of the logarithm."""
UsdBnPerYearSchedule = Annotated[Schedule, Range("bn USD a year", 0, 1e4)]
YearlyQualitySchedule = Annotated[Schedule, Range("log points of quality per year", 0, 2)]

MOST = 1_200
"""Largest whole number in a scenario: the months of a century, and more than there is of anything that is counted."""

Count = Annotated[int, Field(ge=0, le=MOST)]
PositiveCount = Annotated[int, Field(ge=1, le=MOST)]


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError(f"expected some words, found {text!r}")
    return text


Text = Annotated[str, AfterValidator(_said)]
"""What people read; it says something."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""Lower-case word with underscores that names a vendor, market, policy, ..."""


def _several(raw: Any) -> Any:
    return (raw,) if isinstance(raw, str) else raw


Names = Annotated[tuple[Name, ...], BeforeValidator(_several, json_schema_input_type=Name | tuple[Name, ...])]
"""Some names, of which one may stand without brackets."""


class Part(BaseModel):
    """Base of every part of a scenario: an unknown key is an error, a loaded value stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    source: str | None = None
    """Where the numbers of this part come from; `assumption: ...` with the reason where nowhere."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the part with some fields changed, and without what was worked out of the old ones."""
        copied = super().model_copy(update=update, deep=deep)
        for worked_out in vars(copied).keys() - type(self).model_fields.keys():
            del vars(copied)[worked_out]
        return copied


class AfterDeal(Part):
    """Start of a policy that a signed package brings: so many months after the signature."""

    after_deal: Count
    """Months from signature to effect."""


def schedules_in(part: Any) -> Iterator[Schedule]:
    """Give all schedules of a part, whatever holds them."""
    if isinstance(part, Schedule):
        yield part
    elif isinstance(part, BaseModel):
        yield from schedules_in(vars(part))
    elif isinstance(part, Mapping):
        for held in part.values():
            yield from schedules_in(held)


Loadings = Mapping[str, tuple[tuple[str, float], ...]]


def named(part: Any, path: str = "", loadings: Loadings = MappingProxyType({})) -> Any:
    """Copy a part with every number told its dotted path, which names its random stream, and its loadings by path."""
    if isinstance(part, Number):
        return replace(part, name=path, loadings=loadings.get(path, ()))
    if isinstance(part, Schedule):
        paths = ((date, number, path if date is None else f"{path}.{date}") for date, number in part.steps)
        return Schedule(tuple((date, named(number, inside, loadings)) for date, number, inside in paths))
    if isinstance(part, BaseModel):
        held = {field: getattr(part, field) for field in field_names(type(part))}
        return part.model_copy(update=named(held, path, loadings))
    if isinstance(part, Mapping):
        return {key: named(value, _join(path, str(key)), loadings) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(named(item, _join(path, str(index)), loadings) for index, item in enumerate(part))
    return part


@cache
def field_names(kind: type[BaseModel]) -> tuple[str, ...]:
    """Give the fields of a class of parts, which pydantic looks up anew each time that it is asked."""
    return tuple(kind.model_fields)


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


@dataclass(frozen=True)
class Refers:
    """Mark of a name that must exist in a collection of the scenario, such as `markets`."""

    collection: str


@dataclass(frozen=True)
class Worded:
    """Mark of a field whose values read better as a sentence than as the field's help text and the names in brackets.

    Attributes
    ----------
    sentence
        Words with a place for each name on the way to the value, in their order: `share of {2} in {0}`.
    """

    sentence: str

    def filled(self, names: Sequence[str]) -> str:
        """Put names into their places."""
        return self.sentence.format(*names)


CountryName = Annotated[Name, Refers("countries")]
VendorName = Annotated[Name, Refers("vendors")]
MarketName = Annotated[Name, Refers("markets")]
SegmentName = Annotated[Name, Refers("segments")]
ZoneName = Annotated[Name, Refers("zones")]
PolicyName = Annotated[Name, Refers("policies")]
ListName = Annotated[Name, Refers("goods.lists")]
