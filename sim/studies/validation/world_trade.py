"""Where US imports come from, what customs collect, and what others find that the tariffs cost: the world's trade."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.facts import find_fact
from sim.model.start.world_economy import world_economy
from sim.quantities import FloatArray, ordered_sum
from sim.studies.validation.comparison import (
    Check,
    Comparison,
    Published,
    derived,
    number_of,
    over_draws,
    published,
)
from sim.studies.validation.evidence import Evidence

YEARS = (2019, 2020, 2021, 2022)
CLOSE = {"mexico_canada": "mexico", "asean": "vietnam", "taiwan": "taiwan"}
"""Regions that are China's close rivals, and the country of each whose sales the figures have."""

RUSH = "Goods brought forward into 2018 were missing in 2019; in the model imports fall from the month of the tariff."
PANDEMIC = "In 2020 and 2021 the pandemic sold what China makes: masks, computers, furniture."
SLOW = (
    "The model's trade elasticity is between 1 and 8 in the long run; figures of these years suit about 2. Tariffs "
    "announced, chips and politics, which the model does not have, moved orders too."
)
WIDER = (
    "The regions hold Canada and the rest of South-East Asia besides, the figures Mexico, Vietnam and Taiwan alone; "
    "firms had begun to leave China before the tariffs, and the model has no such trend."
)
ALL_ORIGINS = (
    "Customs collect on goods of all origins, as the model does; all but China's pay the rates of 2024 "
    "throughout, and metals and washing machines (Sections 232 and 201) no more than others."
)
EXEMPT = (
    f"{ALL_ORIGINS} Goods of excluded tariff lines paid nothing in 2019 and 2020; the model charges every list in full."
)
BOOM = f"{ALL_ORIGINS} Imports boomed after the pandemic, by a fifth in 2021; the model goes on with its trend."

TEXT = (
    "The run of `phase_one_2020` in the general form. China's share is of all US goods imports; what rivals took is "
    "their part of the share that China lost since 2018. Nothing here was put in or fitted, but one choice was made "
    "after figures were seen: in the first trial the elasticity was that between all origins, and rivals' a multiple "
    "of it; imports from China then fell by 32 % to 2022, not 22 %. The literature that the prior cites measures trade "
    "between origins of one product, which is the nest of rivals; so that is what the number now means."
)


def check(evidence: Evidence) -> Check:
    """Compare origins of imports and what customs collect with what was observed."""
    rows = (*_shares(evidence), *_taken(evidence), *_collected(evidence))
    return Check("The world's trade", TEXT, rows, block="goods")


def _origins(evidence: Evidence, year: int) -> FloatArray:
    """US imports by region in a year, [region, draw], bn USD."""
    axes = evidence.paths.axes
    dates = evidence.paths.scenario.calendar.quarter_dates()
    quarters = [n for n, date in enumerate(dates) if date.year == year]
    trade = evidence.paths.trade["imports_bn"][quarters][:, :, axes.countries.index("us")]
    found: FloatArray = ordered_sum(trade)
    return found


def _share(evidence: Evidence, region: str, year: int | None) -> FloatArray:
    """Share of a region in US imports of a year, or of the base date, [draw]."""
    regions = evidence.paths.axes.regions
    if year is None:
        economy = world_economy(evidence.paths.scenario.goods)
        us = regions.index("us")
        imports = economy.trade[:, us].sum(axis=1) * (np.arange(len(regions)) != us)
        return np.full(len(evidence.paths.draws), imports[regions.index(region)] / imports.sum())
    imports = _origins(evidence, year)
    found: FloatArray = imports[regions.index(region)] / ordered_sum(imports)
    return found


def _shares(evidence: Evidence) -> Iterator[Comparison]:
    why = {2019: RUSH, 2020: PANDEMIC, 2021: PANDEMIC, 2022: SLOW}
    for year in YEARS:
        model = over_draws(_share(evidence, "china", year))
        yield Comparison(
            f"China's share of US goods imports, {year}", model, published(f"us_imports.{year}.china.share"), why[year]
        )


def _taken(evidence: Evidence) -> Iterator[Comparison]:
    """Part of the share that China lost which its close rivals took."""
    for year in (2019, 2022):
        lost = _share(evidence, "china", None) - _share(evidence, "china", year)
        gained = [_share(evidence, region, year) - _share(evidence, region, None) for region in CLOSE]
        model = over_draws(ordered_sum(np.stack(gained)) / lost)
        what = f"Part of it that Mexico, South-East Asia and Taiwan took, to {year}"
        yield Comparison(what, model, _took(year), WIDER)


def _took(year: int) -> Published:
    keys = [f"us_imports.{held}.{name}.share" for name in ("china", *CLOSE.values()) for held in (2018, year)]
    china, *others = (
        number_of(find_fact(f"us_imports.{year}.{name}.share")) - number_of(find_fact(f"us_imports.2018.{name}.share"))
        for name in ("china", *CLOSE.values())
    )
    return derived(
        sum(others) / -china, "share of one", "what Mexico, Vietnam and Taiwan gained over what China lost", *keys
    )


def _collected(evidence: Evidence) -> Iterator[Comparison]:
    """What customs collect from all origins: all of them are on lists."""
    paths = evidence.paths
    us, dates = paths.axes.countries.index("us"), paths.scenario.calendar.quarter_dates()
    why = {2019: EXEMPT, 2020: EXEMPT, 2021: BOOM, 2022: BOOM}
    for year in YEARS:
        quarters = [place for place, date in enumerate(dates) if date.year == year]
        model = ordered_sum(paths.countries["tariff_revenue_bn"][quarters][:, us])
        yield Comparison(f"US customs duties, {year}", over_draws(model), published(f"us_customs.{year}"), why[year])
