"""What the fit and the backtest compare, and how: read from `settings.yaml` beside this module."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict


class Growth(BaseModel):
    """How growth after the last known figure is guessed: `kept` of the last year's, with standard deviation `sd`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kept: float
    sd: float


class SourceOf(BaseModel):
    """Which definition of the market a source has that begins so and holds a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: str
    holds: str
    definition: str


class Doubt(BaseModel):
    """Figures that are less exact than others, as is known since a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begin: str
    kinds: tuple[str, ...]
    known_since: dt.date
    log_sd: float


class Judged(BaseModel):
    """A share that nobody has published, with its error in log points."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    market: str
    vendor: str
    year: int
    quarter: str
    share: float
    log_sd: float
    source: str


class Settings(BaseModel):
    """What is compared with what; `settings.yaml` says what each entry means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    history: str
    definitions: tuple[str, ...]
    wider: dict[str, float]
    left_out: tuple[str, ...]
    sources: tuple[SourceOf, ...]
    left_out_sources: tuple[str, ...]
    markets: dict[str, str]
    goods_file: str
    goods_country: str
    vendors: dict[str, str]
    doubtful: tuple[Doubt, ...]
    judged: tuple[Judged, ...]
    measurement: dict[str, float]
    without_luck: tuple[str, ...]
    last_cutoff: dt.date
    hidden: dict[str, dict[str, Any]]
    growth: Growth


@cache
def settings() -> Settings:
    """Read the settings that come with the package."""
    text = resources.files(__package__).joinpath("settings.yaml").read_text(encoding="utf-8")
    return Settings.model_validate(yaml.safe_load(text))
