"""Tables of `docs/judge.md`: what each program says, side by side, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sim.model.world import World
from sim.studies.validation.dated_tariffs import tariffs_on
from tests.judge import blp
from tests.judge.armington import Outcome, after, at_incomes_of_before, at_prices, balanced
from tests.judge.first_principles import Array, Market, equilibrium
from tests.judge.gravity import gravity
from tests.judge.markets import PLAIN_SHARES, largest_gap, market_of, our_prices, plain
from tests.judge.our_goods import END_OF_2019, Loss, by_lists, in_the_world, on_average
from tests.judge.three_countries import CHINA, REST, US, economy_of, tariffs

MARKETS = ("china", "us", "europe", "rest")
SHOWN = ("US vendor with a partner", "leader")


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def agreement(base: World) -> Iterator[str]:
    """Largest relative gap of prices, by market, after costs have moved apart."""
    random = np.random.default_rng(0)
    for name in MARKETS:
        market = market_of(base, name, 0)
        market = replace(market, cost=market.cost * np.exp(random.uniform(-0.2, 0.2, market.cost.shape)))
        ours = our_prices(market)
        gaps = (largest_gap(np.exp(equilibrium(market)), ours), largest_gap(blp.equilibrium(market)[0], ours))
        yield row(name, *("below 1e-6" if gap < 1e-6 else f"{gap:.0e}" for gap in gaps))


def logits() -> Iterator[str]:
    """Changes of prices in a plain market, percent: ours and three ways to set PyBLP up."""
    before, names = plain(), list(PLAIN_SHARES)
    american = np.array([name == SHOWN[0] for name in names])
    cases = (
        ("All costs up by 10 %", replace(before, cost=1.1 * before.cost)),
        ("Costs of the US vendor up by 10 %", replace(before, cost=before.cost * np.where(american, 1.1, 1.0))),
        ("No fee for the partner", replace(before, fee=np.zeros_like(before.fee))),
    )
    for what, market in cases:
        columns = _prices(before, market)
        for name in SHOWN:
            yield row(what, name, *(_signed(100 * (column[names.index(name)] - 1), 2) for column in columns))


def _prices(before: Market, market: Market) -> Sequence[Array]:
    ones = np.ones_like(before.cost)
    return (
        our_prices(market),
        blp.equilibrium(market)[0],
        blp.with_outside_held(before, ones, market),
        blp.linear_logit(before, ones, market),
    )


def goods(history: World) -> Iterator[str]:
    """The tariffs of the end of 2019, from our goods block to general equilibrium, one difference at a time."""
    economy, war = economy_of(history), tariffs(history, tariffs_on(history, END_OF_2019))

    def of(then: Outcome) -> tuple[Loss, Loss]:
        change, revenue = then.trade / economy.trade - 1.0, then.revenue - economy.revenue
        pairs = ((CHINA, US), (US, CHINA))
        us, china = (Loss(change[pair], revenue[pair[1]], then.gain[pair[1]]) for pair in pairs)
        return us, china

    settled = after(economy, war)
    with_wages_of_before, with_all_settled = in_the_world(END_OF_2019, economy.theta)
    steps = (
        ("Lists alone, elasticities of the scenario", by_lists(END_OF_2019)),
        ("Lists alone, elasticity 5", by_lists(END_OF_2019, economy.theta + 1.0)),
        ("Lists alone, elasticity 5, one average tariff",
         (on_average(economy, war, US), on_average(economy, war, CHINA))),
        ("Three countries, prices of all goods as before", of(at_prices(economy, war, np.ones(3)))),
        ("Three countries, general equilibrium", of(settled)),
        ("Goods block, general form, elasticity 4, wages of before", with_wages_of_before),
        ("Goods block, general form, elasticity 4", with_all_settled),
    )  # fmt: skip
    for what, (us, china) in steps:
        percents = (_signed(100 * loss.imports, 0) for loss in (us, china))
        money = (_signed(value, 1) for value in (us.revenue, china.revenue, us.welfare, china.welfare))
        yield row(what, *percents, *money)


def others(history: World) -> Iterator[str]:
    """What the general equilibrium has and the goods block has not, bn USD a year."""
    economy, war = economy_of(history), tariffs(history, tariffs_on(history, END_OF_2019))
    then = after(economy, war)
    more, price = then.trade - economy.trade, 100 * (then.price - 1.0)
    moved = (then.price - 1.0)[:, None] * economy.trade
    terms = (moved - moved.T).sum(axis=1) - 0.0
    yield row("Price of what the country makes, %", *(_signed(value, 2) for value in price))
    yield row("Gain through the terms of trade", *(_signed(value, 1) for value in terms))
    yield row("Welfare", *(_signed(value, 1) for value in then.gain))
    yield row("US imports from", "", *(_signed(more[origin, US], 0) for origin in (CHINA, REST)))
    yield row("Chinese exports to", _signed(more[CHINA, US], 0), "", _signed(more[CHINA, REST], 0))


def costs(history: World) -> Iterator[str]:
    """Real income under the same tariffs as costs that nobody earns, percent: gegravity and the small equilibrium."""
    economy = economy_of(history)
    even = balanced(economy, partner=REST)
    cost = (1.0 + tariffs(history, tariffs_on(history, END_OF_2019))) / (1.0 + economy.tariff)
    theirs = gravity(even, cost)
    _, early = at_incomes_of_before(even, cost)
    then = after(even, even.tariff, cost)
    yield row("gegravity 0.3", *(_signed(value, 4) for value in theirs.real_income))
    yield row("Ours, incomes of before", *(_signed(100 * (value - 1.0), 4) for value in early))
    yield row("Ours, incomes follow prices", *(_signed(100 * value, 4) for value in then.gain / even.spending))


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else f"{0:.{digits}f}"
