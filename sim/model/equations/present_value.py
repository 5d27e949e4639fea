"""What each way of being present in a market is worth to a vendor (docs/model.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.equations.demand import at_price, log_price_index
from sim.model.equations.pricing import best_response_price, price_elasticity_atkeson_burstein_2008
from sim.model.equations.terms import Terms, split
from sim.quantities import FloatArray, ordered_sum, quotient

BEST_RESPONSE_STEPS = 2
"""Steps of a vendor's reckoning: managers do not solve the game."""


@dataclass(frozen=True)
class Rivals:
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
class Options:
    """Ways of being present, side by side.

    Attributes
    ----------
    pull
        [option, segment, draw] access * exp(quality), attraction at a price of 1.
    cost
        [option, draw] unit cost.
    terms
        What others take of a customer's dollar, [option, draw].
    limit
        [option, draw] most that can be sold at a price of 1, bn a year; infinite without a limit.
    """

    pull: FloatArray
    cost: FloatArray
    terms: Terms
    limit: FloatArray


@dataclass(frozen=True)
class Prospect:
    """What an option would earn if all spending were up for choice.

    Attributes
    ----------
    price
        [option, draw] the vendor's best response.
    segment_sales
        [option, segment, draw] P * E, bn a year.
    margin
        [option, draw] profit per unit of revenue, the vendor's stake in it.
    limit
        [option, draw] most that can be sold at that price, bn a year.
    """

    price: FloatArray
    segment_sales: FloatArray
    margin: FloatArray
    limit: FloatArray

    @property
    def sales(self) -> FloatArray:
        """Sales over all segments, [option, draw], bn a year."""
        return ordered_sum(self.segment_sales, axis=1)


def prospect(rivals: Rivals, options: Options, price: FloatArray) -> Prospect:
    """Profit prospects of options at rivals' present prices (equation 5.1), by two best-response steps.

    Parameters
    ----------
    rivals, options
        The market and the ways of being present.
    price
        [draw] the vendor's price now, where the reckoning starts.
    """
    guess = np.broadcast_to(price, options.cost.shape)
    for _ in range(BEST_RESPONSE_STEPS):
        shares, sales = _sales(rivals, options, guess)
        elasticity = price_elasticity_atkeson_burstein_2008(shares, sales, rivals.sigma, rivals.eta)
        guess = best_response_price(options.cost, elasticity, options.terms.taken)
    _, sales = _sales(rivals, options, guess)
    own = split(options.terms, options.cost, guess).vendor
    return Prospect(guess, sales, own, options.limit * guess)


def _sales(rivals: Rivals, options: Options, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares and sales by option and segment at given own prices."""
    attraction = at_price(options.pull, np.log(price), rivals.sigma)
    total = rivals.attraction + attraction
    shares = quotient(attraction, total, total > 0.0, np.zeros_like(total))
    gap = quotient(total, rivals.total, (total > 0.0) & (rivals.total > 0.0), np.ones_like(total))
    return shares, shares * rivals.budget * np.exp((1.0 - rivals.eta) * log_price_index(gap, rivals.sigma))


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
    length = quotient(-np.expm1(-exponent), rate, regular, span)
    return np.exp(-rate * begins) * length


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
        [option, draw] years until the option earns, and until the vendor stops to count all that it earns.
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
        """Value now of 1 a year that grows until the horizon and fades after it (equation 5.2), [option, draw].

        Parameters
        ----------
        rate
            [..., draw] growth, log rate per year; below 0 it shrinks.
        """
        afterwards = self.fade / (self.fade * self.discount + np.log(2.0))
        return annuity(self.discount - rate, self.begins, self.ends) + afterwards * np.exp(
            (rate - self.discount) * self.ends
        )


def present_value(
    outlook: Outlook, prospects: Prospect, contracts: FloatArray, fixed_cost: FloatArray, captive_cost: FloatArray
) -> FloatArray:
    """Present value of an option's profit from its start on, before sunk cost (equation 5.3).

    Revenue runs as in `expected_sales`: what is under contract runs off, and a share of what comes up for choice after
    the option has gone live is won; it stays within what can be sold.

    revenue = contracts * old + sales * max(grown - k * old, 0),    k = exp((g + lam) * begins)

    Parameters
    ----------
    outlook, prospects
        Discounting, and what each option would earn.
    contracts
        [option, draw] spending under contract when the option goes live, before run-off (`contracts_when_live`), bn a
        year.
    fixed_cost, captive_cost
        [option, draw] fixed cost, and cost of services for own customers, bn a year.

    Returns
    -------
    [option, draw] bn.
    """
    old, grown = outlook.present_value(-outlook.churn), outlook.present_value(outlook.growth)
    revenue = contracts * old + prospects.sales * np.maximum(grown - growth_until_live(outlook) * old, 0.0)
    flat = outlook.present_value(np.zeros_like(outlook.discount))
    revenue = np.where(flat > 0.0, np.minimum(revenue, prospects.limit * np.where(flat > 0.0, flat, 1.0)), 0.0)
    captive = outlook.present_value(outlook.captive_growth)
    return prospects.margin * revenue - fixed_cost * flat - captive_cost * captive


def growth_until_live(outlook: Outlook) -> FloatArray:
    """Growth of spending over run-off of contracts until an option goes live: k = exp((g + lam) * begins)."""
    return np.exp((outlook.growth + outlook.churn) * outlook.begins)


def contracts_when_live(outlook: Outlook, contracts: FloatArray, won_now: FloatArray, kept: FloatArray) -> FloatArray:
    """Spending under contract when an option goes live, valued before run-off (equation 5.13).

    sum_s kept * (R + P_now * E * (k - 1)): until then the present way of being present goes on winning customers, of
    whom the option keeps those that it may serve.

    Parameters
    ----------
    outlook
        Growth, run-off and delays.
    contracts, won_now
        [segment, draw] spending under contract now, and sales of the present way if all spending were up for choice.
    kept
        [option, segment, draw] part of the customers that the option may go on serving.

    Returns
    -------
    [option, draw] bn a year.
    """
    more = growth_until_live(outlook) - 1.0
    return ordered_sum(kept * (contracts + won_now * more[:, None]), axis=1)


def mean_growth(now: FloatArray, lasting: FloatArray, half_life: FloatArray, years: FloatArray) -> FloatArray:
    """Mean growth over a horizon when growth decays to its lasting rate (equation 5.4), log rate per year."""
    decay = np.log(2.0) / half_life * years
    return lasting + (now - lasting) * -np.expm1(-decay) / decay


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
    under_contract = np.exp((growth - discount) * begins) * run_off
    return np.maximum(all_of_it - under_contract, 0.0)
