"""What each way of being present in a market is worth to a vendor (docs/model.md, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, of_numbers
from sim.arithmetic.elementary import exp, expm1, log
from sim.model.equations.demand import LEAST, at_price, budgets
from sim.model.equations.nests import joint_prices, parts_of_whole, side_by_side
from sim.model.equations.pricing import best_response_price, elasticity_at_share, price_elasticity_atkeson_burstein_2008
from sim.model.equations.terms import Terms, split
from sim.quantities import FloatArray, ordered_sum, quotient

BEST_RESPONSE_STEPS = 2
"""Steps of a vendor's reckoning: managers do not solve the game."""


class Rivals(NamedTuple):
    """The market that a vendor faces, its rivals' prices as they stand.

    Attributes
    ----------
    attraction
        [segment, draw] sum of the rivals' attractions.
    total
        [segment, draw] sum of all attractions now, the vendor's own included.
    budget
        [segment, draw] spending now, bn a year.
    sigma, eta
        [segment, draw] and [draw] elasticities.
    """

    attraction: FloatArray
    total: FloatArray
    budget: FloatArray
    sigma: FloatArray
    eta: FloatArray


@dataclass(frozen=True)
class Offers:
    """Options of a vendor, each with the channels that it would have side by side.

    Attributes
    ----------
    pull
        [channel, option, group, draw] access * exp(quality), attraction at a price of 1; 0 where not in use.
    cost, limit
        [channel, option, draw] unit cost; most that can be sold at a price of 1, bn a year, infinite without a limit.
    terms
        What others take of a customer's dollar, [channel, option, draw].
    weights
        [channel, option, draw] part of the vendor's sales that each draws where all are as good.
    kappa, mu
        [group, draw] and [draw], as in `Nests`.
    """

    pull: FloatArray
    cost: FloatArray
    limit: FloatArray
    terms: Terms
    weights: FloatArray
    kappa: FloatArray
    mu: FloatArray


@dataclass(frozen=True)
class Prospect:
    """What a vendor's channels would earn if all spending were up for choice.

    Attributes
    ----------
    price
        [channel, option, draw] the vendor's best responses.
    group_sales
        [channel, option, group, draw] P * E, bn a year.
    margin
        [channel, option, draw] profit per unit of revenue, the vendor's stake in it.
    limit
        [channel, option, draw] most that can be sold at that price, bn a year.
    """

    price: FloatArray
    group_sales: FloatArray
    margin: FloatArray
    limit: FloatArray

    @property
    def sales(self) -> FloatArray:
        """Sales to all groups, [channel, option, draw], bn a year."""
        return ordered_sum(self.group_sales, axis=-2)


def prospect(rivals: Rivals, offers: Offers, price: FloatArray) -> Prospect:
    """Prospects of options at rivals' present prices (equation 5.1), by two best-response steps.

    Parameters
    ----------
    rivals, offers
        The market and the options.
    price
        [channel, option, draw] prices where the reckoning starts.
    """
    together = (offers.pull > 0.0).any(axis=-2).sum(axis=0) > 1
    guess = price
    for _ in range(BEST_RESPONSE_STEPS):
        shares, sales = _sales(rivals, offers, guess)
        elasticity = price_elasticity_atkeson_burstein_2008(shares, sales, rivals.sigma, rivals.eta)
        guess = best_response_price(offers.cost, elasticity, offers.terms.taken)
        if together.any():
            in_market = elasticity_at_share(ordered_sum(shares), rivals.sigma, rivals.eta)
            inside, spending = parts_of_whole(shares), ordered_sum(sales)
            joint = joint_prices(inside, spending, in_market, offers.mu, offers.cost, offers.terms)
            guess = np.where(together, joint, guess)
    _, sales = _sales(rivals, offers, guess)
    own = split(offers.terms, offers.cost, guess).vendor
    return Prospect(guess, sales, own, offers.limit * guess)


def _sales(rivals: Rivals, offers: Offers, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares and sales by channel and group at given own prices."""
    alone = at_price(offers.pull, log(price), rivals.sigma)
    attraction = side_by_side(alone, offers.weights, offers.kappa)
    shares, sales = np.empty(attraction.shape), np.empty(attraction.shape)
    _share_and_sell(attraction, rivals, shares, sales)
    return shares, sales


@compiled
def _share_and_sell(attraction: FloatArray, rivals: Rivals, shares: FloatArray, sales: FloatArray) -> None:
    """Write shares and sales at some attractions beside those of rivals; the price index moves with all of them."""
    channels, options, groups, draws = attraction.shape
    spent = np.empty(draws)
    for o in range(options):
        for g in range(groups):
            total = rivals.attraction[g].copy()
            for j in range(channels):
                for d in range(draws):
                    total[d] += attraction[j, o, g, d]
            for d in range(draws):
                moved = _moved(total[d], rivals.total[g, d])
                spent[d] = _budget(rivals.budget[g, d], log(moved) / (1.0 - rivals.sigma[g, d]), rivals.eta[d])
            for j in range(channels):
                for d in range(draws):
                    shares[j, o, g, d] = attraction[j, o, g, d] / max(total[d], LEAST)
                    sales[j, o, g, d] = shares[j, o, g, d] * spent[d]


_budget = of_numbers(budgets)


@of_numbers
def _moved(total: float, before: float) -> float:
    """Sum of attractions against that before; 1 where nobody can be chosen."""
    return total / before if total > 0.0 and before > 0.0 else 1.0


def annuity(rate: FloatArray, begins: FloatArray, ends: FloatArray) -> FloatArray:
    """Value now of 1 a year between two times at a discount rate of any sign (equation 5.2).

    (exp(-rate * begins) - exp(-rate * ends)) / rate,   ends - begins at rate 0

    Parameters
    ----------
    rate
        [..., draw] log rate per year.
    begins, ends
        [..., draw] years from now.
    """
    span = np.maximum(ends - begins, 0.0)
    exponent = rate * span
    regular = np.abs(exponent) > SMALL_EXPONENT
    length = quotient(-expm1(-exponent), rate, regular, span)
    return exp(-rate * begins) * length


SMALL_EXPONENT = 1e-9
"""Below this an annuity is its length to rounding."""


@dataclass(frozen=True)
class Outlook:
    """How a vendor looks ahead.

    Attributes
    ----------
    discount, churn, captive_growth
        [draw] required return, contract run-off, and growth of what services for own customers cost, log rates per
        year.
    growth
        [option, draw] growth of the market's spending, log rate per year.
    begins, ends
        [option, draw] years until the option is live, and until the vendor stops to count all that it earns.
    fade
        [draw] years in which earnings halve after that; 0 if they do not count.
    """

    discount: FloatArray
    growth: FloatArray
    churn: FloatArray
    captive_growth: FloatArray
    begins: FloatArray
    ends: FloatArray
    fade: FloatArray

    def present_value(self, rate: FloatArray) -> FloatArray:
        """Value now of 1 a year that grows until the horizon and fades after it (equation 5.2), [..., draw].

        Parameters
        ----------
        rate
            [..., draw] growth, log rate per year; below 0 it shrinks.
        """
        return annuity(self.discount - rate, self.begins, self.ends) + self._afterwards(rate)

    def parts(self) -> Iterator[Callable[[FloatArray], FloatArray]]:
        """Give what adds up to `present_value`: each year until the horizon, and what fades after it."""
        for year in range(int(np.ceil((self.ends - self.begins).max()))):
            yield partial(self._of_year, year)
        yield self._afterwards

    def _of_year(self, year: int, rate: FloatArray) -> FloatArray:
        begins, ends = (np.minimum(self.begins + since, self.ends) for since in (year, year + 1))
        return annuity(self.discount - rate, begins, ends)

    def _afterwards(self, rate: FloatArray) -> FloatArray:
        length = self.fade / (self.fade * self.discount + log(2.0))
        return length * exp((rate - self.discount) * self.ends)


def revenue_value(
    outlook: Outlook,
    contracts: FloatArray,
    sales: FloatArray,
    worth: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Present value of what channels sell from their start on, without limits (equation 5.3), bn.

    Revenue runs as in `expected_sales`: what is under contract runs off, and a share of what comes up for choice after
    the change has gone live is won.

    contracts * old + sales * max(grown - k * old, 0),    k = exp((g + lam) * begins)

    Parameters
    ----------
    outlook
        Discounting, growth and delays.
    contracts
        [channel, option, draw] spending under contract when the option goes live, before run-off, bn a year.
    sales
        [channel, option, draw] sales if all spending were up for choice, bn a year.
    worth
        Value now of 1 a year by its growth: one of `outlook.parts()`; all of them if None.

    Returns
    -------
    [channel, option, draw].
    """
    worth = worth or outlook.present_value
    old, grown = worth(-outlook.churn), worth(outlook.growth)
    return contracts * old + sales * np.maximum(grown - growth_until_live(outlook) * old, 0.0)


def within_limits(
    outlook: Outlook, contracts: FloatArray, sales: FloatArray, limit: FloatArray, instead: FloatArray
) -> FloatArray:
    """Present value of what channels sell where some cannot sell all that is asked of them (equation 5.3), bn.

    A limit binds in each year, and in what comes after the horizon. Of customers whom a channel has no room for the
    vendor's others win what they would without it.

    Parameters
    ----------
    outlook, contracts, sales
        As in `revenue_value`.
    limit
        [channel, option, draw] most that can be sold, bn a year; infinite without a limit.
    instead
        [channel, option, draw] `revenue_value` if there were none of the channels with a limit.

    Returns
    -------
    [channel, option, draw].
    """
    limited, asked = np.isfinite(limit), revenue_value(outlook, contracts, sales)
    most, served = np.where(limited, limit, 0.0), np.zeros_like(asked)
    for part in outlook.parts():
        served += np.minimum(
            revenue_value(outlook, contracts, sales, part), most * part(np.zeros_like(outlook.discount))
        )
    wanted = ordered_sum(np.where(limited, asked, 0.0))
    met = quotient(ordered_sum(np.where(limited, served, 0.0)), wanted, wanted > 0.0, np.ones_like(wanted))
    return np.where(limited, served, np.where(limited.any(axis=0), instead + met * (asked - instead), asked))


def growth_until_live(outlook: Outlook) -> FloatArray:
    """Growth of spending over run-off of contracts until a change goes live: k = exp((g + lam) * begins)."""
    return exp((outlook.growth + outlook.churn) * outlook.begins)


def contracts_when_live(outlook: Outlook, contracts: FloatArray, won_now: FloatArray) -> FloatArray:
    """Spending under contract when a change goes live, valued before run-off (equation 5.13): R + P_now * E * (k - 1).

    Until then the present channels go on winning customers.

    Parameters
    ----------
    outlook
        Growth, run-off and delays.
    contracts, won_now
        [channel, group, draw] spending under contract now, and sales if all spending were up for choice, bn a year.

    Returns
    -------
    [channel, option, group, draw] bn a year.
    """
    more = growth_until_live(outlook) - 1.0
    return contracts[:, None] + won_now[:, None] * more[:, None]


def mean_growth(now: FloatArray, lasting: FloatArray, half_life: FloatArray, years: FloatArray) -> FloatArray:
    """Mean growth over a horizon when growth decays to its lasting rate (equation 5.4), log rate per year."""
    decay = log(2.0) / half_life * years
    return lasting + (now - lasting) * -expm1(-decay) / decay


# As governments reckon ------------------------------------------------------------------------------------------------


def flow_value(rate: FloatArray, begins: FloatArray | float, ends: FloatArray) -> FloatArray:
    """Value now of 1 a year from some time to the horizon (equation 5.2).

    Parameters
    ----------
    rate
        [draw] discount rate less growth, log rate per year.
    begins, ends
        Years from now.
    """
    return annuity(rate, np.asarray(begins, dtype=np.float64), ends)


def moving_flow_value(
    discount: FloatArray, growth: FloatArray, churn: FloatArray, begins: FloatArray, ends: FloatArray
) -> FloatArray:
    """Value now of a flow of 1 a year of today's spending that follows what is chosen anew (equation 7.2).

    int_T^H exp((g - r) t) * (1 - exp(-(g + lam) (t - T))) dt

    At T all spending is under contracts made before; these run off at lam while spending grows at g. It is never below
    zero, as shrinking spending frees nothing for others.

    Parameters
    ----------
    discount, growth, churn
        [draw] r, g and lam, log rates per year.
    begins, ends
        [draw] T and H, years from now.
    """
    all_of_it = annuity(discount - growth, begins, ends)
    run_off = annuity(discount + churn, np.zeros_like(begins), ends - begins)
    under_contract = exp((growth - discount) * begins) * run_off
    return np.maximum(all_of_it - under_contract, 0.0)
