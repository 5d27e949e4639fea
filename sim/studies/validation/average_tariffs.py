"""Average tariffs on given days, from the dated list of tariffs alone, beside two published series and three papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim.facts import table
from sim.model.world import World
from sim.studies.validation.comparison import Check, Comparison, over_draws, published
from sim.studies.validation.dated_tariffs import average_tariff, lists_hit
from sim.studies.validation.evidence import Evidence

IMPORTERS = {"us_on_china": "us", "china_on_us": "china"}
"""How the files name a direction of trade -> the country that charges the tariff."""
WORDS = {"us": "US tariff on Chinese goods", "china": "Chinese tariff on US goods"}

BEFORE_THE_TRADE_WAR = dt.date(2018, 1, 1)
CHINA_CUTS_GENERAL_RATES = dt.date(2018, 7, 1)
CHINA_CUTS_MORE_GENERAL_RATES = dt.date(2018, 11, 1)
END_OF_2018 = dt.date(2018, 12, 31)
LIST_3_RISES, LIST_3_RISE_IS_COUNTED = dt.date(2019, 5, 10), dt.date(2019, 6, 15)
SEPTEMBER_2019 = dt.date(2019, 9, 1)

EARLIER = (
    "The model's base rate is that of 1 July 2018, by when China had lowered general rates that earlier figures still "
    "hold."
)
SEAS = (
    "The list of events has List 3 at 25 % from 10 May 2019. Goods at sea on that day paid the old rate until "
    "mid-June, and PIIE counts the rise from then on."
)
US_WEIGHTS = (
    "PIIE weighs goods by what China sells to the world, the model by what the United States bought from China in "
    "2018. PIIE's steps of July and August 2018 (4.4 points at a rate of 25 %, recalled) give Lists 1 and 2 a weight "
    "of about 18 %; the model has 9 %. Most of the gap opens there; later steps (List 3, List 4A, the cut of 2020) "
    "are much alike. PIIE also counts tariffs on solar panels and washing machines."
)
CHINA_WEIGHTS = (
    "PIIE weighs goods by what the United States sells to the world, the model by what China bought from it in 2017. "
    "The next table, with equal weights, shows that weights are the reason."
)
FITTED_STEP = (
    f"{CHINA_WEIGHTS} Besides, how the list of September 2019 cuts across older ones is not published: the scenario "
    "places its two tiers so that the step of February 2020 has the published size, so that step is no test."
)
SAME_WEIGHTS = (
    "Equal weights: the steps test dates, rates and values of the lists. The level does not test anything, since the "
    "base rate is this very figure for 1 July 2018 less the retaliation for the metal tariffs, and the lists are "
    "scaled to the total of trade that the series implies."
)
SMALL_CUTS = "Equal weights. China cut some general rates once more in November 2018, which the model leaves out."
DUTIES = "An average of what was collected; the model starts from PIIE's rate instead."
ALL_ORIGINS = (
    "The paper takes all products hit until early 2019 from all origins, steel and aluminium, solar panels and "
    "washing machines among them, the model only those from China: Lists 1 to 3 and metals."
)
ALL_RETALIATION = (
    "The papers take the retaliation of all countries, the model that of China, with one base rate for all of its "
    "goods."
)

PIIE_TEXT = (
    "Average over all goods of one direction on the very day, from the goods lists and the dated tariffs of the "
    "scenario `phase_one_2020`. Nothing is run, and nothing in it is uncertain."
)
OTHER_TEXT = (
    "The same averages beside a series that weighs goods by what the two countries trade with each other, as the "
    "model does (computed from PIIE's data for China's tariffs; there is none for the US tariffs), then the tariffs "
    "on those goods only that were hit in 2018, beside two papers."
)


def against_piie(evidence: Evidence) -> Check:
    """Compare with PIIE's series, day by day."""
    rows = tuple(_series("tariff_average", evidence.base))
    return Check("Average tariffs, weighted by trade with the world", PIIE_TEXT, rows, block="goods")


def against_other_measures(evidence: Evidence) -> Check:
    """Compare with the series of equal weights, with duties collected, and with papers on the goods hit."""
    rows = (*_series("tariff_average_alt", evidence.base), *_goods_hit(evidence.base))
    return Check("Average tariffs, weighted by trade between the two", OTHER_TEXT, rows, block="goods")


def _series(name: str, world: World) -> Iterator[Comparison]:
    """One published series, direction by direction."""
    for column, importer in IMPORTERS.items():
        for _, row in table(name).dropna(subset=[column]).iterrows():
            date = dt.date.fromisoformat(row["date"])
            model = over_draws(average_tariff(world, importer, date))
            what = f"{WORDS[importer]}, {day(date)}"
            yield Comparison(what, model, published(row["key"]), _why(row["key"], importer, date))


def day(date: dt.date) -> str:
    """Write a date as people do: 6 July 2018."""
    return f"{date.day} {date:%B %Y}"


def _why(key: str, importer: str, date: dt.date) -> str:
    """Choose the reason that fits a series and a day."""
    if key.startswith("average_tariff_crs"):
        return DUTIES
    if importer == "us":
        return SEAS if LIST_3_RISES <= date < LIST_3_RISE_IS_COUNTED else US_WEIGHTS
    if date < CHINA_CUTS_GENERAL_RATES:
        return EARLIER
    if key.startswith("average_tariff_bilateral"):
        return SAME_WEIGHTS if date < CHINA_CUTS_MORE_GENERAL_RATES else SMALL_CUTS
    return CHINA_WEIGHTS if date < SEPTEMBER_2019 else FITTED_STEP


def _goods_hit(world: World) -> Iterator[Comparison]:
    """Tariffs on the goods lists that were hit in 2018."""
    papers = {
        "us": ("fgkk.us_tariff_targeted_before", "fgkk.us_tariff_targeted_after", ALL_ORIGINS),
        "china": ("fgkk.retaliation_tariff_before", "fgkk.retaliation_tariff_after", ALL_RETALIATION),
    }
    for importer, (key_before, key_after, why) in papers.items():
        hit = lists_hit(world, importer, END_OF_2018)
        before = average_tariff(world, importer, BEFORE_THE_TRADE_WAR, hit)
        after = average_tariff(world, importer, END_OF_2018, hit)
        what = f"{WORDS[importer]}, goods hit in 2018,"
        yield Comparison(f"{what} before", over_draws(before), published(key_before), why)
        yield Comparison(f"{what} end of 2018", over_draws(after), published(key_after), why)
        if importer == "china":
            rise = published("arw.retaliation_average_rate")
            yield Comparison(f"{what} rise", over_draws(after - before), rise, why)
