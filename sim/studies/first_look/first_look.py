"""A scenario beside what it extends, in a few draws: who comes, why others do not, what fills up, what does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.errors import ScenarioError
from sim.model.channels import reviewed_pairs
from sim.policies import PilotZone
from sim.report.captions import count_of_draws
from sim.report.statistics import PERCENT, share_interval
from sim.runs import DEFAULT_SEED
from sim.runs.progress import Bars
from sim.runs.run_data import RunData
from sim.runs.run_many import Job, run_many
from sim.scenario.describing import differing_model_values, title_of
from sim.scenario.exchanging import smallest_part, with_part
from sim.scenario.loading import Loaded, load, of_plain_data
from sim.scenario.schema import Scenario
from sim.scenario.source_tree import AS_OF, Steps, dotted
from sim.scenario.yaml_files import plain_data
from sim.studies.compare.changed_values import EVENTS_ONLY
from sim.studies.compare.effects import TRIED_DRAWS, Trial
from sim.studies.decisions.reviews import BELOW, CLOSED, MOVES, UNWILLING, decisions

FULL = 0.995
"""Share of a zone's room in use from which it counts as full."""
MOST_TRIED = 20
"""Parts up to which each is left out to see what it does; that takes a run of up to half a second each."""
_COMES, _REFUSED, _LAPSES = "goes live", "licence refused", "move lapses"
_LEAVES = ("absent in ", "without ")
"""How the details of events begin that tell of a way of selling that closes."""


def first_look(
    loaded: Loaded, draws: int = TRIED_DRAWS, seed: int = DEFAULT_SEED, bars: Bars | None = None
) -> list[str]:
    """Say in sentences what a scenario does in a few draws, against what it extends.

    Parameters
    ----------
    loaded
        The scenario with the files it is made of.
    draws, seed
        As in `sim.run`. So few draws show what happens often, not how much it comes to.
    bars
        Where progress is shown.

    Returns
    -------
    list[str]
        The first one says what was run; counts of draws have the 90 % interval of the share in brackets, of 100 draws.
        The last ones name the parts that it changes (its policies, if it extends nothing) without which no figure is
        another one.

    Raises
    ------
    ScenarioError
        If the scenario or what it extends cannot be run.
    """
    day = None if loaded.scenario.as_of is None else {AS_OF: loaded.scenario.as_of}
    parent = load(loaded.files[1].path, day) if len(loaded.files) > 1 else None
    scenarios = [loaded.scenario, *([] if parent is None else [parent])]
    mine, *others = run_many([Job(held, range(draws), seed) for held in scenarios], bars=bars)
    look = _Look(mine, others[0] if others else None)
    beside = "" if parent is None else f" beside {parent.name}, which it extends"
    said = f"In {count_of_draws(draws)}{beside} (in brackets: of 100 draws, 90 % interval):"
    return [said, *look.who_moves(bars), *look.newcomers(), *look.zones(), *_without_effect(mine, parent, bars)]


@dataclass(frozen=True)
class _Look:
    """A run and its reference, about which sentences are made.

    Attributes
    ----------
    mine, reference
        Runs of the same draws and seed; no reference where nothing is extended.
    """

    mine: RunData
    reference: RunData | None

    def who_moves(self, bars: Bars | None) -> Iterator[str]:
        """Say of each vendor that reviews how it sells what it does, or why it never does anything."""
        scenario = self.mine.scenario
        names, markets, pairs = list(scenario.vendors), list(scenario.markets), reviewed_pairs(scenario)
        if not pairs:
            return
        reviews = decisions(scenario, draws=self.mine.draws, seed=self.mine.seed, bars=bars).reviews
        still: dict[str, list[str]] = {}
        for vendor, market in ((names[v], markets[m]) for v, m in pairs):
            place = title_of(scenario, "markets", market)
            moves, before = _moves(self.mine, vendor, market), self._before(vendor, market)
            if len(moves) and before is not None and moves.equals(before):
                still.setdefault(f"in {place}: the same as in {self._name}", []).append(vendor)
            elif len(moves):
                yield self._in_words(vendor, market, moves, before)
            else:
                held = reviews[(reviews["vendor"] == vendor) & (reviews["market"] == market)]
                reason = _in_titles(_why_not(self.mine, vendor, market, held), scenario)
                count = 0 if before is None else before["draw"].nunique()
                did = f" (in {self._name} in {count_of_draws(count)})" if count else ""
                still.setdefault(f"in {place}: never another way to sell{did}; {reason}", []).append(vendor)
        for what, vendors in still.items():
            yield f"{_listed([title_of(scenario, 'vendors', vendor) for vendor in vendors])} {what}."

    def _in_words(self, vendor: str, market: str, moves: pd.DataFrame, before: pd.DataFrame | None) -> str:
        scenario = self.mine.scenario
        first = moves.groupby("draw", sort=True).first()
        when = f"{first['date'].sort_values().iloc[(len(first) - 1) // 2]:%B %Y}"
        sales = scenario.vendors[vendor].sales.get(market)
        verb = "comes to" if sales is None or sales.presence == "absent" else "changes how it sells in"
        count = "" if before is None else f" (in {self._name} in {before['draw'].nunique()})"
        return (
            f"{title_of(scenario, 'vendors', vendor)} {verb} {title_of(scenario, 'markets', market)} in "
            f"{self._counted(len(first))}{count}, first in {when} (median), most often: "
            f"{_in_titles(first['detail'].mode().iloc[0], scenario)}."
        )

    def _before(self, vendor: str, market: str) -> pd.DataFrame | None:
        """What a vendor did in the reference, if that has it."""
        known = self.reference is not None and vendor in self.reference.scenario.vendors
        return _moves(self.reference, vendor, market) if known and self.reference is not None else None

    @property
    def _name(self) -> str:
        return "" if self.reference is None else self.reference.scenario.name

    def _counted(self, count: int) -> str:
        low, high = share_interval(count / self.mine.draws, self.mine.draws)
        return f"{count} of {count_of_draws(self.mine.draws)} [{PERCENT * low:.0f} to {PERCENT * high:.0f}]"

    def _is_new(self, part: str, name: str) -> bool:
        return self.reference is not None and name not in getattr(self.reference.scenario, part)

    def newcomers(self) -> Iterator[str]:
        """Say of vendors that the reference does not have what they lack."""
        scenario = self.mine.scenario
        for name, vendor in scenario.vendors.items():
            if not self._is_new("vendors", name):
                continue
            title = title_of(scenario, "vendors", name)
            if not any(sales.presence != "absent" for sales in vendor.sales.values()):
                yield f"{title} sells nothing at the base date: no market stands under vendors.{name}.sales."
            if not vendor.reviews:
                yield f"{title} never reviews where and how it sells: no market stands in vendors.{name}.reviews."

    def zones(self) -> Iterator[str]:
        """Say of each zone in how many draws it is used and full; of a new one that never opens, too."""
        scenario, events = self.mine.scenario, self.mine.events
        for name in scenario.zones:
            title = title_of(scenario, "zones", name)
            opened = events.loc[(events["event"] == "zone opens") & (events["actor"] == name), "draw"].nunique()
            if not opened:
                if self._is_new("zones", name):
                    by = [policy for policy, held in scenario.policies.items() if getattr(held, "zone", "") == name]
                    why = f"{_listed(by)} never in force" if by else "no policy of kind pilot_zone names it"
                    yield f"{title} never opens: {why}."
                continue
            inside = self.mine.channels["channel"].astype("str").str.endswith(f".{scenario.zones[name].market}.{name}")
            lived = self.mine.channels[inside & (self.mine.channels["in_use"] > 0)]
            full = int((self.mine.kpis[f"{name}_capacity_used_end_share"] >= FULL).sum())
            fills = f"; at the end of the run it is full in {self._counted(full)}" if full else ""
            used = self._counted(lived["draw"].nunique())
            yield f"{title} opens in {self._counted(opened)}, is used in {used}{fills}."
        refused = events.loc[events["event"] == _REFUSED, "draw"].nunique()
        if refused:
            yield f"No slot is left for somebody who wants one in {self._counted(refused)}: slots are a limit."


def _moves(result: RunData, vendor: str, market: str) -> pd.DataFrame:
    """Events with which a vendor opens a way of selling in a market."""
    zones = [name for name, zone in result.scenario.zones.items() if zone.market == market]
    ends = tuple(f" in {place}" for place in (market, *zones))
    events = result.events
    own = events[(events["actor"] == vendor) & (events["event"] == _COMES)]
    details = own["detail"].astype("str")
    found = own[details.str.endswith(ends) & ~details.str.startswith(_LEAVES)]
    return found[["draw", "date", "detail"]].astype({"detail": "str"}).reset_index(drop=True)


def _why_not(result: RunData, vendor: str, market: str, reviews: pd.DataFrame) -> str:
    """Say why a vendor never does anything, by how most of its reviews ended."""
    if reviews.empty:
        return "it never reviews it, since the run is too short"
    applied = reviews.loc[reviews["outcome"] == MOVES, "draw"].nunique()
    if applied:
        events = result.events[result.events["actor"] == vendor]["event"]
        wanted = f"it applies in {count_of_draws(applied)}, but "
        if (events == _REFUSED).any():
            return f"{wanted}no slot in a zone is left"
        return wanted + (
            "what it wants is no longer allowed" if (events == _LAPSES).any() else "the run ends before it is ready"
        )
    outcome = reviews["outcome"].mode().iloc[0]
    if outcome == BELOW:
        short = reviews[reviews["outcome"] == BELOW]
        missing = f"{-short['gain_bn'].median():.1g}"
        return (
            f"no change is worth its cost (the best, mostly {short['change'].mode().iloc[0]}, lacks {missing} bn USD)"
        )
    return {UNWILLING: "it is not willing (vendors.*.willing)", CLOSED: _closed(result.scenario, vendor, market)}[
        outcome
    ]


def _closed(scenario: Scenario, vendor: str, market: str) -> str:
    """Say which ways of selling are closed to a vendor that has none to choose."""
    partners = [held for held in scenario.partners.values() if held.market == market and vendor in held.contracts]
    zones = {name for name, zone in scenario.zones.items() if zone.market == market}
    opened = {policy.zone for policy in scenario.policies.values() if isinstance(policy, PilotZone)}
    lacks = [] if partners else ["no partner has a contract with it"]
    lacks += ["its partners have no licence"] if partners and not any(held.licence for held in partners) else []
    lacks += [] if zones & opened else ["no zone opens"]
    return "rules leave it no other way" + (f" ({_listed(lacks)})" if lacks else "")


def _without_effect(mine: RunData, parent: Scenario | None, bars: Bars | None) -> Iterator[str]:
    """Name the parts that a scenario changes and without which it has the same figures in these draws."""
    scenario = mine.scenario
    theirs = plain_data(scenario)
    ours = {**theirs, "policies": {}} if parent is None else plain_data(parent)
    if parent is None:
        parts: list[Steps] = [("policies", name) for name in scenario.policies]
    else:
        places = [value.steps for value in differing_model_values(parent, scenario)]
        parts = list(dict.fromkeys(smallest_part(steps, ours, theirs) for steps in places))
        if not parts:
            yield "It changes nothing that the model reads."
    if len(parts) > MOST_TRIED:
        yield f"It changes {len(parts)} parts: too many to leave out each one and see what it does."
        return
    left_out = [_without(scenario, with_part(theirs, ours, part)) for part in parts]
    effects = Trial(mine.seed, range(mine.draws), bars).effects(scenario, left_out)
    for part, effect in zip(parts, effects, strict=True):
        if effect in {"", EVENTS_ONLY}:
            yield f"Without {dotted(part)} all figures of these draws are the same: it has no effect in them."


def _without(scenario: Scenario, content: dict[str, Any]) -> Scenario | None:
    """Give a scenario with a part left out, if it is one."""
    try:
        return of_plain_data(content, scenario.name)
    except ScenarioError:
        return None


def _in_titles(words: str, scenario: Scenario) -> str:
    """Write what a vendor opens as people read it: `zone in guiyang` with the zone's title."""
    titles = {name: title_of(scenario, "markets", name) for name in scenario.markets}
    titles |= {name: title_of(scenario, "zones", name) for name in scenario.zones}
    places = re.compile(rf"(?<= in )({'|'.join(map(re.escape, titles))})\b")
    return places.sub(lambda found: titles[found[0]], words.replace("cross_border in", "from abroad in"))


def _listed(words: list[str]) -> str:
    """Write a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
