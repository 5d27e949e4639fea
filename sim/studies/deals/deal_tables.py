"""The deal space as tables: what each package is worth to both, what each level adds, what is asked in return."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.model.equations.bargaining import nash_package, pareto_frontier
from sim.policies.ownership import Ownership
from sim.policies.pilot_zone import PilotZone
from sim.quantities import NEVER, BoolArray, FloatArray
from sim.report.kpi_names import check_known
from sim.report.statistics import HIGH, LOW, share_interval, student_quantile, whole_percent
from sim.scenario.describing import package_in_words, title_of, words_of
from sim.studies.one_run.drivers import NOTE, drivers_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.studies.deals.priced_packages import PricedPackages

ACCEPTABLE_SHARE = 0.5
"""A package that comes with a cut is acceptable where the country gains by it in at least this share of draws."""
GAIN = "gain"
"""Row of the sum in a table of parts."""
ALONE, AVERAGED = "at their first level", "averaged over all combinations"
"""What the other issues are at while a level's effect is taken."""

Row = dict[str, Any]


def deal_tables(space: PricedPackages, inputs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give all tables over draws, by the name of their file; parameters are those of `deciders`."""
    return {
        "dates": dates(space),
        "outcomes": outcomes(space),
        "history": history(space),
        "thresholds": thresholds(space),
        "ladder": ladder(space),
        "packages": packages(space),
        "effects": effects(space),
        "compensation": compensation(space),
        "deciders": deciders(space, inputs),
    }


def packages(space: PricedPackages) -> pd.DataFrame:
    """Describe each package: its levels, what it is worth to both countries, and how it fares.

    Returns
    -------
    DataFrame
        One row per package, in the scenario's order: package, in_words (what it promises), a column per issue with the
        level, for each country
        `<country>_gain_mean_bn`, `_p5_bn` and `_p95_bn` (of draws), `_mean_low_bn` and `_mean_high_bn` (90 % interval
        of the mean), and `<country>_gains_share` (of draws); on_frontier (of the mean gains), is_nash (of the mean
        gains), both_gain_share, nash_share (of draws in which it is the Nash package), signed_share.
    """
    gains = space.gains
    means = gains.mean(axis=2)[:, :, None]
    count = len(space.packages)
    columns: dict[str, Any] = {"package": list(space.packages)}
    columns["in_words"] = [package_in_words(space.scenario, levels) for levels in space.packages.values()]
    for issue in space.scenario.talks.agenda:
        columns[issue] = [levels[issue] for levels in space.packages.values()]
    for country, gain in zip(space.countries, gains, strict=True):
        columns |= {f"{country}_gain_{name}_bn": values for name, values in _spread(gain).items()}
        columns[f"{country}_gains_share"] = (gain > 0.0).mean(axis=1)
    columns["on_frontier"] = pareto_frontier(means)[:, 0]
    columns["is_nash"] = np.arange(count) == nash_package(means)[0]
    columns["both_gain_share"] = (gains > 0.0).all(axis=0).mean(axis=1)
    columns["nash_share"] = _shares(nash_package(gains), count)
    columns["signed_share"] = _shares(space.signed, count)
    return pd.DataFrame(columns)


def signed_first(packages: pd.DataFrame) -> list[int]:
    """Give the rows of packages in the order in which they are shown: first those that most draws sign."""
    order = ["signed_share", "both_gain_share"]
    return [int(row) for row in packages.sort_values(order, ascending=False, kind="stable").index]


def long(space: PricedPackages) -> pd.DataFrame:
    """Give all draws: draw, package, country, gain_bn, and one column per part; the parts add up to the gain."""
    shape = len(space.draws), len(space.packages), len(space.countries)
    draw, package, country = (codes.ravel() for codes in np.indices(shape, dtype=np.int32))
    table: dict[str, Any] = {
        "draw": space.draws[draw],
        "package": pd.Categorical.from_codes(package, categories=pd.Index(list(space.packages))),
        "country": pd.Categorical.from_codes(country, categories=pd.Index(list(space.countries))),
        "gain_bn": space.gains.T.ravel(),
    }
    return pd.DataFrame(table | {f"{part}_bn": values.T.ravel() for part, values in space.parts.items()})


def parts(space: PricedPackages, package: str) -> pd.DataFrame:
    """Divide what one package is worth to both countries into its parts, bn USD.

    Parameters
    ----------
    space
        The deal space.
    package
        Name of a package.

    Returns
    -------
    DataFrame
        Indexed by part, with the gain as the last row: for each country mean, p5, p95, mean_low, mean_high.

    Raises
    ------
    ScenarioError
        If there is no such package.
    """
    check_known(package, list(space.packages), f"package of {space.scenario.name}")
    place = list(space.packages).index(package)
    held = {**space.parts, GAIN: space.gains}
    columns: dict[str, FloatArray] = {}
    for c, country in enumerate(space.countries):
        spread = _spread(np.stack([values[c, place] for values in held.values()]))
        columns |= {f"{country}_{name}_bn": values for name, values in spread.items()}
    return pd.DataFrame(columns, index=pd.Index(list(held), name="part"))


def effects(space: PricedPackages) -> pd.DataFrame:
    """Say for each issue what a level adds for each country against the first level of the issue.

    Returns
    -------
    DataFrame
        One row per issue, level, country and `others` (what the other issues are at: `ALONE`, or `AVERAGED` over all
        combinations of them that there are): mean_bn, p5_bn, p95_bn, mean_low_bn, mean_high_bn, gains_share (of draws
        in which the country gains by the level), combinations (averaged over). Effects for whose comparison a package
        is missing are not listed.
    """
    return pd.DataFrame(list(_effects(space)), columns=[*_EFFECT_KEYS, *_SPREAD_COLUMNS, "gains_share", "combinations"])


_EFFECT_KEYS = ("issue", "level", "country", "others")
_SPREAD_COLUMNS = tuple(f"{name}_bn" for name in ("mean", "p5", "p95", "mean_low", "mean_high"))


def _effects(space: PricedPackages) -> Iterator[Row]:
    gains = space.gains
    for issue, levels in space.scenario.talks.agenda.items():
        for level in list(levels)[1:]:
            pairs = _pairs(space, issue, level)
            alone = [pair for pair in pairs if _is_alone(space, issue, pair[0])]
            for others, chosen in ((ALONE, alone), (AVERAGED, pairs)):
                if chosen:
                    higher, lower = np.array(chosen).T
                    added = (gains[:, higher] - gains[:, lower]).mean(axis=1)
                    for country, row in zip(space.countries, _effect_rows(added, len(chosen)), strict=True):
                        yield {"issue": issue, "level": level, "country": country, "others": others, **row}


def _effect_rows(added: FloatArray, combinations: int) -> Iterator[Row]:
    """Describe what a level adds, [country, draw]."""
    spread = _spread(added)
    for c, values in enumerate(added):
        described = {f"{name}_bn": float(column[c]) for name, column in spread.items()}
        yield {**described, "gains_share": float((values > 0.0).mean()), "combinations": combinations}


def _pairs(space: PricedPackages, issue: str, level: str) -> list[tuple[int, int]]:
    """Indices of packages that differ in one issue only: with the level, and with the issue's first level."""
    places: dict[frozenset[tuple[str, str]], int] = {}
    for place, levels in enumerate(space.packages.values()):
        places.setdefault(frozenset(levels.items()), place)
    first = next(iter(space.scenario.talks.agenda[issue]))
    found = ((place, places.get(_with(held, issue, level, first))) for held, place in places.items())
    return [(place, other) for place, other in found if other is not None]


def _with(held: frozenset[tuple[str, str]], issue: str, level: str, first: str) -> frozenset[tuple[str, str]]:
    """Exchange a level for the first one; nothing that any package has, where the package has another level."""
    return held - {(issue, level)} | {(issue, first)} if (issue, level) in held else frozenset()


def _is_alone(space: PricedPackages, issue: str, place: int) -> bool:
    """Whether a package has the first level of all other issues."""
    first = {other: next(iter(levels)) for other, levels in space.scenario.talks.agenda.items()}
    held = list(space.packages.values())[place]
    return all(held[other] == first[other] for other in first if other != issue)


def compensation(space: PricedPackages) -> pd.DataFrame:
    """Find for each issue, level and country the smallest cut of the other side's tariffs that makes up for it.

    Returns
    -------
    DataFrame
        One row per issue, level and country: cut_share (smallest with which the country is no worse off in at least
        half of the draws, share of one; NaN if none does), acceptable_share (of draws with that cut, or the largest
        with any), verdict (in words); costly_share (of draws in which the level costs the country something), and
        where_costly_cut_share and made_up_share, which are the first two for these draws alone.
    """
    rows = [
        {"issue": issue, "level": level, "country": country, **_smallest_cut(tried)}
        for (issue, level, country), tried in space.compensation.groupby(
            ["issue", "level", "country"], sort=False, observed=True
        )
    ]
    return pd.DataFrame(rows, columns=["issue", "level", "country", *_ASKED])


_ASKED = ("cut_share", "acceptable_share", "verdict", "costly_share", "where_costly_cut_share", "made_up_share")


def _smallest_cut(tried: pd.DataFrame) -> Row:
    cut, share = _smallest(tried, "acceptable_share")
    verdict = "none is enough" if math.isnan(cut) else f"a cut of {whole_percent(cut)}" if cut else "needs none"
    where_costly, made_up = _smallest(tried, "made_up_share")
    found = (cut, share, verdict, float(tried["costly_share"].iloc[0]), where_costly, made_up)
    return dict(zip(_ASKED, found, strict=True))


def _smallest(tried: pd.DataFrame, column: str) -> tuple[float, float]:
    """Give the smallest cut with which a share is large enough, and that share; else NaN and the largest share."""
    enough = tried[tried[column] >= ACCEPTABLE_SHARE].sort_values("cut_share")
    if enough.empty:
        return math.nan, float(tried[column].max())
    return float(enough["cut_share"].iloc[0]), float(enough[column].iloc[0])


def dates(space: PricedPackages) -> pd.DataFrame:
    """Give the chance of a deal by the date of each round, also where the issue looked at is off the table.

    Parameters
    ----------
    space
        The deal space.

    Returns
    -------
    DataFrame
        One row per round: date, place, share (of draws that have signed something by then, also if it broke later), low
        and high (its 90 % interval), without_share, without_low, without_high (the same talks, with the same luck,
        where `space.issue` is off the table), only_with_share, only_without_share (of draws that sign by then in one of
        the two alone), history_share, history_low, history_high (of draws that went as it is known to have happened).
    """
    rounds, rows = space.scenario.talks.rounds, []
    for place, (held, signed) in enumerate(zip(space.rounds, space.signed_by, strict=True)):
        without = None if space.without is None else space.without[place]
        only_with, only_without = (
            (math.nan, math.nan)
            if without is None
            else (float((signed & ~without).mean()), float((without & ~signed).mean()))
        )
        rows.append({
            "date": rounds[held.number].date,
            "place": rounds[held.number].place,
            **_share("", signed),
            **_share("without_", without),
            "only_with_share": only_with,
            "only_without_share": only_without,
            **_as_history(space, signed),
        })  # fmt: skip
    return pd.DataFrame(rows)


def outcomes(space: PricedPackages) -> pd.DataFrame:
    """Count how the talks end, and what breaks them.

    Parameters
    ----------
    space
        The deal space.

    Returns
    -------
    DataFrame
        One row per outcome: outcome (in words), share (of all draws), low, high (its 90 % interval), history_share,
        history_low, history_high (of the draws that went as it is known to have happened), draws.
    """
    rows = [
        {"outcome": outcome, **_share("", happened), **_as_history(space, happened), "draws": len(space.draws)}
        for outcome, happened in _ends(space)
    ]
    return pd.DataFrame(rows)


def history(space: PricedPackages) -> pd.DataFrame:
    """Say how likely what is known to have happened was, span after span (equation 7.12).

    Parameters
    ----------
    space
        The deal space.

    Returns
    -------
    DataFrame
        One row per thing that is known: what (in words), share (of the draws that went so in all that stands above),
        low, high (its 90 % interval), draws (of which that is a share), went (draws that went so). No rows where the
        scenario knows nothing.
    """
    rows: list[Row] = []
    so_far = np.ones(len(space.draws), dtype=np.bool_)
    for what, happened in space.spans():
        counted = happened[so_far]
        rows.append({"what": what, **_share("", counted), "draws": len(counted), "went": int(counted.sum())})
        so_far = so_far & happened
    return pd.DataFrame(rows, columns=["what", "share", "low", "high", "draws", "went"])


def thresholds(space: PricedPackages) -> pd.DataFrame:
    """Say what each side would need to change its mind where the talks end without a deal (equation 7.11).

    Parameters
    ----------
    space
        The deal space.

    Returns
    -------
    DataFrame
        One row per country: country, draws (that end without a deal), out_of_reach_share (of these, in which the other
        side would sign nothing that could be offered), lacking_p5_bn, lacking_p50_bn, lacking_p95_bn (of the others:
        what the country lacks to sign the best that the other side would, present value), points_p50 (the same in
        points by which tariffs on its goods would have to fall on average).
    """
    last, none = _last_lacking(space), space.outcomes["no_deal_month"] < NEVER
    rows: list[Row] = []
    for place, country in enumerate(space.countries):
        lacking, worth = last[place, none], space.point_worth[place, none]
        reached = np.isfinite(lacking)
        known = lacking[reached]
        low, middle, high = np.quantile(known, [LOW, 0.5, HIGH]) if len(known) else (math.nan,) * 3
        points = known / worth[reached] if len(known) else known
        useful = points[np.isfinite(points) & (points >= 0.0)]
        rows.append({
            "country": country,
            "draws": int(none.sum()),
            "out_of_reach_share": float(np.isinf(lacking).mean()) if len(lacking) else math.nan,
            "lacking_p5_bn": float(low), "lacking_p50_bn": float(middle), "lacking_p95_bn": float(high),
            "points_p50": float(np.median(useful)) if len(useful) else math.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


def ladder(space: PricedPackages) -> pd.DataFrame:
    """Say what each rung of the escalation is worth to both countries, as of the first round.

    Parameters
    ----------
    space
        The deal space.

    Returns
    -------
    DataFrame
        One row per rung and country: rung (from 1), country, mean_bn, p5_bn, p95_bn (over draws, present value of going
        up from the rung below, for good and without a deal), gains_share (of draws in which the country gains by it).
    """
    rows = []
    for rung in range(space.climbs.shape[1]):
        worth = space.climbs[:, rung]
        spread = _spread(worth)
        for c, country in enumerate(space.countries):
            described = {f"{name}_bn": float(spread[name][c]) for name in ("mean", "p5", "p95")}
            gains = float((worth[c] > 0.0).mean())
            rows.append({"rung": rung + 1, "country": country, **described, "gains_share": gains})
    return pd.DataFrame(rows, columns=["rung", "country", "mean_bn", "p5_bn", "p95_bn", "gains_share"])


def _last_lacking(space: PricedPackages) -> FloatArray:
    """What each side lacked at the last round that was held, [country, draw]; not a number where nobody bargained."""
    last = np.full((len(space.countries), len(space.draws)), math.nan)
    for held in space.rounds:
        last = np.where(held.held, held.lacking, last)
    return last


def _share(name: str, happened: BoolArray | None) -> Row:
    """Share of draws in which something happened, with its interval; not a number where there are none."""
    if happened is None or not len(happened):
        return dict.fromkeys((f"{name}share", f"{name}low", f"{name}high"), math.nan)
    share = float(happened.mean())
    low, high = share_interval(share, len(happened))
    return {f"{name}share": share, f"{name}low": low, f"{name}high": high}


def _as_history(space: PricedPackages, happened: BoolArray) -> Row:
    went = space.went_as_history
    return _share("history_", None if went is None else happened[went])


def _ends(space: PricedPackages) -> Iterator[tuple[str, BoolArray]]:
    """Outcomes, and the draws in which they come about."""
    scenario, title = space.scenario, title_of(space.scenario, "agenda", space.issue)
    for level in levels_held(space, space.issue):
        # -1, where nothing is signed, finds the last
        has_level = np.array([*(held[space.issue] == level for held in space.packages.values()), False])
        yield f"signed with {title}: {words_of(level)}", has_level[space.signed]
    yield "signed and broken later", space.outcomes["broken_month"] < NEVER
    for place, country in enumerate(space.countries):
        walked = np.logical_or.reduce([held.walked[place] for held in space.rounds])
        yield f"{title_of(scenario, 'countries', country)} walks away at least once", walked
    by_chance = [held.broke_off & ~held.walked.any(axis=0) for held in space.rounds]
    yield "talks break off though nobody walks away", np.logical_or.reduce(by_chance)
    for rung in range(len(scenario.talks.rungs)):
        yield f"tariffs rise to rung {rung + 1} or higher", space.rungs > rung
    none, last = space.outcomes["no_deal_month"] < NEVER, _last_lacking(space)
    yield "ended without a deal", none
    if scenario.talks.mode == "bargaining":
        suits = (last == 0.0).all(axis=0)
        yield "ended without a deal, as no package suits both sides", none & ~suits
        yield "ended without a deal, as one side holds out for more", none & suits


def deciders(space: PricedPackages, inputs: pd.DataFrame) -> pd.DataFrame:
    """Rank the uncertain numbers by how strongly it goes with them what is signed when, and what that is worth.

    Parameters
    ----------
    space
        The deal space.
    inputs
        What was drawn: `draw`, and a column per uncertain number.

    Returns
    -------
    DataFrame
        Columns as `Comparison.drivers` has them, `kpi` being `signed`, `signed_at_the_first_round`, `went_as_history`
        and for each country `<country>_gain_bn` of the package that is signed most often. Its `attrs["note"]` says for
        each of them what all inputs explain, or why it has no rows.
    """
    drawn = inputs.set_index("draw")
    tables = {name: drivers_of(values, drawn, space.scenario) for name, values in _to_be_decided(space).items()}
    filled = [table for table in tables.values() if len(table)]
    joined = pd.concat(filled, ignore_index=True) if filled else next(iter(tables.values()))
    joined.attrs = {NOTE: "; ".join(f"{name}: {table.attrs[NOTE]}" for name, table in tables.items())}
    return joined


def _to_be_decided(space: PricedPackages) -> dict[str, pd.Series[float]]:
    """Give what may be decided by inputs, in each draw."""
    asked: dict[str, np.ndarray] = {"signed": space.signed >= 0, "signed_at_the_first_round": space.signed_by[0]}
    if space.went_as_history is not None:
        asked["went_as_history"] = space.went_as_history
    often = most_signed(space)
    if often is not None:
        gains = space.gains[:, list(space.packages).index(often)]
        asked |= {f"{country}_gain_bn": gain for country, gain in zip(space.countries, gains, strict=True)}
    return {name: pd.Series(values.astype(np.float64), space.draws, name=name) for name, values in asked.items()}


def chosen_issue(scenario: Scenario, issue: str | None = None) -> str:
    """Give the issue to look at: the one asked for, else that of ownership in the focus market, else the first one.

    Raises
    ------
    ScenarioError
        If the one asked for is not on the agenda.
    """
    agenda = scenario.talks.agenda
    if issue is not None:
        check_known(issue, list(agenda), f"issue of {scenario.name}")
        return issue
    return next((held for held in agenda if _is_about_access(scenario, held)), next(iter(agenda)))


def _is_about_access(scenario: Scenario, issue: str) -> bool:
    """Whether a level of an issue brings a rule of ownership, or a zone, in the focus market."""
    brought = itertools.chain.from_iterable(scenario.talks.agenda[issue].values())
    return scenario.focus.market in {_opened_market(scenario, name) for name in brought}


def _opened_market(scenario: Scenario, policy: str) -> str | None:
    held = scenario.policies[policy]
    if isinstance(held, PilotZone):
        return scenario.zones[held.zone].market
    return held.market if isinstance(held, Ownership) else None


def levels_held(space: PricedPackages, issue: str) -> list[str]:
    """List the levels of an issue that some package has, in the order of the agenda."""
    held = {levels[issue] for levels in space.packages.values()}
    return [level for level in space.scenario.talks.agenda[issue] if level in held]


def nash_of_means(space: PricedPackages) -> str | None:
    """Name the Nash package of the mean gains; None where no package gives both of them anything on average."""
    place = int(nash_package(space.gains.mean(axis=2)[:, :, None])[0])
    return list(space.packages)[place] if place >= 0 else None


def most_signed(space: PricedPackages) -> str | None:
    """Name the package that most draws signed; None where no draw signed any."""
    signed = space.signed[space.signed >= 0]
    return list(space.packages)[int(np.bincount(signed).argmax())] if len(signed) else None


def _shares(found: np.ndarray, count: int) -> FloatArray:
    """Share of draws with each index; -1 is none."""
    return np.bincount(found[found >= 0], minlength=count) / len(found)


def _spread(values: FloatArray) -> dict[str, FloatArray]:
    """Describe rows of draws, [row, draw]: mean, quantiles, and the 90 % interval of the mean; NaN with one draw."""
    draws = values.shape[1]
    mean = values.mean(axis=1)
    low, high = np.quantile(values, [LOW, HIGH], axis=1)
    half = np.full_like(mean, math.nan)
    if draws > 1:
        half = student_quantile(HIGH, draws - 1) * values.std(axis=1, ddof=1) / math.sqrt(draws)
    return {"mean": mean, "p5": low, "p95": high, "mean_low": mean - half, "mean_high": mean + half}
