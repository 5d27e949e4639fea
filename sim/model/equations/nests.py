"""Vendors that sell in several ways at once: nested choice, and prices set together (docs/model.md, sections 3, 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arithmetic.compiling import compiled, for_arrays, in_compiled_code, of_numbers, spread
from sim.arithmetic.elementary import power
from sim.arithmetic.lanes import where
from sim.arithmetic.linear_systems import eliminate
from sim.model.equations.demand import LEAST
from sim.model.equations.pricing import elasticity_at_share
from sim.model.equations.terms import Terms
from sim.quantities import BoolArray, FloatArray, IntArray, ordered_sum

ALONE = -1
"""Stands for no vendor with several channels."""


@dataclass(frozen=True)
class Nests:
    """Channels of one market, and the vendors that they belong to.

    Attributes
    ----------
    several
        Places of the channels of each vendor that has more than one, or one that cannot carry all of its sales.
    nest
        [channel] which of these vendors each channel belongs to; `ALONE` for a channel of no such vendor.
    weights
        [channel, draw] e^k, how much of the vendor's sales the channel draws where all of them are as good.
    kappa
        [group, draw] (mu - 1) / (sigma - 1), how much more alike a vendor's channels are than vendors.
    mu
        [draw] elasticity of substitution between channels of a vendor.
    """

    several: tuple[IntArray, ...]
    nest: IntArray
    weights: FloatArray
    kappa: FloatArray
    mu: FloatArray

    @classmethod
    def of(cls, vendors: Sequence[int] | IntArray, weights: FloatArray, mu: FloatArray, sigma: FloatArray) -> Nests:
        """Group channels by their vendors.

        Parameters
        ----------
        vendors
            [channel] vendor of each.
        weights, mu
            As the attributes.
        sigma
            [group, draw] elasticity of substitution between vendors, below `mu`.
        """
        own = [np.flatnonzero(np.asarray(vendors) == v) for v in dict.fromkeys(vendors)]
        several = tuple(rows for rows in own if len(rows) > 1 or (weights[rows] != 1.0).any())
        nest = np.full(len(vendors), ALONE)
        for n, rows in enumerate(several):
            nest[rows] = n
        return cls(several, nest, weights, (mu - 1.0) / (sigma - 1.0), mu)

    def attraction(self, alone: FloatArray) -> FloatArray:
        """Attraction of each channel beside the vendor's others, [channel, group, draw].

        Parameters
        ----------
        alone
            [channel, group, draw] what it would be if it were the vendor's only one (equation 3.1).
        """
        if not self.several:
            return alone
        found = alone.copy()
        for rows in self.several:
            divide_among(rows, alone, self.weights, self.kappa, found)
        return found


@in_compiled_code
def sales_of_channel(
    own: FloatArray, held: FloatArray, attraction: FloatArray, pull: FloatArray, rate: FloatArray
) -> FloatArray:
    """Sales of a channel once some of its vendor's customers have gone where they would now (equation 3.18).

    R_j' = R_j + rate * (A_j / sum_k A_k * sum_k R_k - R_j),    k: the vendor's channels

    Parameters
    ----------
    own, held
        [..., draw] R_j and its sum over the vendor's channels, spending under contract, bn a year.
    attraction, pull
        [..., draw] A_j and its sum.
    rate
        [draw] part of the customers who look around this month.
    """
    return own + rate * where(pull > 0.0, attraction / np.maximum(pull, LEAST) * held - own, 0.0)


@compiled
def divide_among(  # noqa: C901 (a loop for each axis)
    rows: IntArray, alone: FloatArray, weights: FloatArray, kappa: FloatArray, found: FloatArray
) -> None:
    """Put a vendor's channels side by side where that changes anything: not where a single one carries all."""
    draws = _shared_draws(rows, alone, weights)
    some, parts = np.empty((len(rows), 1, len(kappa), len(draws))), np.empty((len(rows), 1, len(draws)))
    alike, together = np.empty(some.shape[2:]), np.empty(some.shape)
    for g in range(len(kappa)):
        for c in range(len(draws)):
            alike[g, c] = kappa[g, draws[c]]
        for j in range(len(rows)):
            for c in range(len(draws)):
                some[j, 0, g, c] = alone[rows[j], g, draws[c]]
    for j in range(len(rows)):
        for c in range(len(draws)):
            parts[j, 0, c] = weights[rows[j], draws[c]]
    write_side_by_side(some, parts, alike, together)
    for j in range(len(rows)):
        for g in range(len(kappa)):
            for c in range(len(draws)):
                found[rows[j], g, draws[c]] = together[j, 0, g, c]


@compiled
def _shared_draws(rows: IntArray, alone: FloatArray, weights: FloatArray) -> IntArray:
    """Draws in which several of a vendor's channels can be chosen, or one that cannot carry all of its sales."""
    _, groups, count = alone.shape
    draws, found = np.empty(count, np.int64), 0
    for d in range(count):
        used, carries = 0, True
        for j in rows:
            for g in range(groups):
                if alone[j, g, d] > 0.0:
                    used, carries = used + 1, carries and weights[j, d] == 1.0
                    break
        draws[found] = d
        found += used > 1 or not carries
    return draws[:found]


def side_by_side(alone: FloatArray, weights: FloatArray, kappa: FloatArray) -> FloatArray:
    """Attraction of a vendor's channels beside one another (equation 3.17), [channel, ..., group, draw].

    a_j = w_j * A_j ** kappa,    A_v = (sum_j a_j) ** (1 / kappa),    A_v * a_j / sum_j a_j

    One channel that carries all has the attraction A_j that it has alone, to the last bit.

    Parameters
    ----------
    alone
        [channel, ..., group, draw] A_j; 0 for a channel that is not in use.
    weights
        [channel, ..., draw] w.
    kappa
        [group, draw] as in `Nests`.
    """
    found, cells = np.empty(alone.shape), (len(alone), -1, *alone.shape[-2:])
    parts = spread(weights, (*alone.shape[:-2], alone.shape[-1])).reshape(len(alone), -1, alone.shape[-1])
    write_side_by_side(alone.reshape(cells), parts, kappa, found.reshape(cells))
    return found


@compiled
def write_side_by_side(  # noqa: C901 (a loop for each axis)
    alone: FloatArray, weights: FloatArray, kappa: FloatArray, found: FloatArray
) -> None:
    """`side_by_side` for compiled code, [channel, option, group, draw], and [channel, option, draw] for weights."""
    channels, options, groups, draws = alone.shape
    best, total = np.empty(draws), np.empty(draws)
    for o in range(options):
        for g in range(groups):
            best[:], total[:] = LEAST, 0.0
            for j in range(channels):
                for d in range(draws):
                    best[d] = max(best[d], alone[j, o, g, d])
            for j in range(channels):
                for d in range(draws):
                    found[j, o, g, d] = weights[j, o, d] * power(alone[j, o, g, d] / best[d], kappa[g, d])
                    total[d] += found[j, o, g, d]
            for d in range(draws):
                whole = max(total[d], LEAST)
                total[d] = best[d] * power(whole, 1.0 / kappa[g, d]) / whole
            for j in range(channels):
                for d in range(draws):
                    found[j, o, g, d] *= total[d]


def shares_without(shares: FloatArray, stays: BoolArray, kappa: FloatArray) -> FloatArray:
    """Shares that some of a vendor's channels would have in the market without its others, [channel, group, draw].

    Parameters
    ----------
    shares
        [channel, group, draw] shares that all of the vendor's channels have, of the market's spending.
    stays
        [channel, draw] which would be there.
    kappa
        [group, draw] as in `Nests`.
    """
    left = shares * stays[:, None]
    whole, some = ordered_sum(shares), ordered_sum(left)
    return parts_of_whole(left) * share_without(whole, some, kappa)


@of_numbers
def _share_without(whole: FloatArray, left: FloatArray, kappa: FloatArray) -> FloatArray:
    pull = whole * power(left / np.maximum(whole, LEAST), 1.0 / kappa)
    return pull / np.maximum(1.0 - whole + pull, LEAST)


@for_arrays(_share_without)
def share_without(out: FloatArray, whole: FloatArray, left: FloatArray, kappa: FloatArray) -> None:
    """Share that a vendor would have in the market through channels that have the share `left` of its `whole` now."""
    for i in range(len(out)):
        out[i] = _share_without(whole[i], left[i], kappa[i])


def parts_of_whole(values: FloatArray) -> FloatArray:
    """Part of each channel in the sum over channels, [channel, ..., draw]; 0 where there is nothing."""
    return values / np.maximum(ordered_sum(values), LEAST)


def joint_margins(
    shares: FloatArray, spending: FloatArray, elasticity: FloatArray, mu: FloatArray, left: FloatArray
) -> FloatArray:
    """Margins over price at which a vendor's channels together earn most (equation 4.20), [channel, ..., draw].

    mu R_j m_j - sum_k (sum_g (mu - eps_g) s_jg s_kg W_g) m_k = (1 - phi_j) R_j,    R_j = sum_g s_jg W_g

    The first-order conditions of sum_j stake_j (1 - phi_j - c_j / p_j) R_j where a channel's price moves the vendor's
    own sales with elasticity mu inside the vendor and eps_g in the market. With equal fees all margins are those of
    one channel (Hottman, Redding and Weinstein 2016, QJE 131(3)).

    Parameters
    ----------
    shares
        [channel, ..., group, draw] s, share of each channel in the vendor's sales; 0 for one that is not in use.
    spending
        [..., group, draw] W, the vendor's sales to each group, bn a year.
    elasticity
        [..., group, draw] eps, elasticity of the vendor's quantity to the price of all its channels.
    mu
        [draw] elasticity of substitution between channels.
    left
        [channel, ..., draw] what is left of a dollar of revenue after fee and tax, times the vendor's stake in profit.

    Returns
    -------
    Margins, times the stake as `left` is; those of a channel without sales are 0.
    """
    count, own = len(shares), shares.shape[1:]
    of_groups = (spread(values, own).reshape(-1, *own[-2:]) for values in (spending, elasticity))
    margins = np.empty((count, *own[:-2], own[-1]))
    margins[:] = left
    write_joint_margins(shares.reshape(count, -1, *own[-2:]), tuple(of_groups), mu, margins.reshape(count, -1, own[-1]))
    return margins


@compiled
def write_joint_margins(  # noqa: C901 (a loop for each axis)
    shares: FloatArray, of_groups: tuple[FloatArray, ...], mu: FloatArray, margins: FloatArray
) -> None:
    """`joint_margins` for compiled code: over what is left of a dollar, [channel, option, draw].

    Parameters
    ----------
    shares, of_groups, mu
        [channel, option, group, draw] shares, [option, group, draw] spending and elasticity, and [draw] elasticity.
    margins
        [channel, option, draw] what is left of a dollar, times the stake; then the margins.
    """
    spending, elasticity = of_groups
    channels, options, groups, draws = shares.shape
    for o in range(options):
        matrix, right = np.zeros((channels, channels, draws)), np.zeros((channels, 1, draws))
        for j in range(channels):
            for g in range(groups):
                for d in range(draws):
                    right[j, 0, d] += shares[j, o, g, d] * spending[o, g, d]
                for k in range(channels):
                    for d in range(draws):
                        sold = shares[j, o, g, d] * spending[o, g, d] * (mu[d] - elasticity[o, g, d])
                        matrix[j, k, d] -= sold * shares[k, o, g, d]
            for d in range(draws):
                matrix[j, j, d] += mu[d] * right[j, 0, d] if right[j, 0, d] > 0.0 else 1.0
                right[j, 0, d] *= margins[j, o, d]
        eliminate(matrix, right)
        for j in range(channels):
            for d in range(draws):
                margins[j, o, d] = right[j, 0, d]


def joint_prices(
    shares: FloatArray, spending: FloatArray, elasticity: FloatArray, mu: FloatArray, cost: FloatArray, terms: Terms
) -> FloatArray:
    """Prices at which a vendor's channels together earn most (equation 4.20): c_j / (1 - phi_j - m_j).

    Parameters
    ----------
    shares, spending, elasticity, mu
        As in `joint_margins`.
    cost
        [channel, ..., draw] unit costs.
    terms
        Fee, tax and stake of each channel, [channel, ..., draw].

    Returns
    -------
    [channel, ..., draw] prices.
    """
    left = 1.0 - terms.taken
    margins = joint_margins(shares, spending, elasticity, mu, terms.stake * left) / terms.stake
    return price_at_margin(cost, left, margins)


class Vendor(NamedTuple):
    """A vendor's channels.

    Attributes
    ----------
    cost, taken, stake
        [channel, draw] unit costs, and terms as in `Terms`.
    sigma, eta, mu
        [group, draw], [draw] and [draw] elasticities between vendors, of the market's volume and between channels.
    """

    cost: FloatArray
    taken: FloatArray
    stake: FloatArray
    sigma: FloatArray
    eta: FloatArray
    mu: FloatArray


@compiled
def write_joint_prices(  # noqa: C901 (a loop for each axis)
    vendor: Vendor, shares: FloatArray, sales: FloatArray, several: BoolArray, price: FloatArray
) -> None:
    """Write `joint_prices` at shares and sales in the market, [channel, group, draw], in some draws."""
    channels, groups, draws = shares.shape
    inside, margins = np.empty((channels, 1, groups, draws)), np.empty((channels, 1, draws))
    spending, elasticity = np.empty((1, groups, draws)), np.empty((1, groups, draws))
    for g in range(groups):
        whole = np.zeros(draws)
        spending[0, g] = 0.0
        for j in range(channels):
            for d in range(draws):
                whole[d] += shares[j, g, d]
                spending[0, g, d] += sales[j, g, d]
        for d in range(draws):
            elasticity[0, g, d] = elasticity_at_share(whole[d], vendor.sigma[g, d], vendor.eta[d])
        for j in range(channels):
            for d in range(draws):
                inside[j, 0, g, d] = shares[j, g, d] / max(whole[d], LEAST)
    for j in range(channels):
        for d in range(draws):
            margins[j, 0, d] = vendor.stake[j, d] * (1.0 - vendor.taken[j, d])
    write_joint_margins(inside, (spending, elasticity), vendor.mu, margins)
    for j in range(channels):
        for d in range(draws):
            if several[d]:
                margin = margins[j, 0, d] / vendor.stake[j, d]
                price[j, d] = price_at_margin(vendor.cost[j, d], 1.0 - vendor.taken[j, d], margin)


@compiled
def in_use(pull: FloatArray) -> IntArray:
    """How many channels some group can choose, [draw]; attraction of each is [channel, group, draw]."""
    count = np.zeros(pull.shape[2], dtype=np.int64)
    for j in range(pull.shape[0]):
        for d in range(pull.shape[2]):
            for g in range(pull.shape[1]):
                if pull[j, g, d] > 0.0:
                    count[d] += 1
                    break
    return count


@in_compiled_code
def price_at_margin(cost: FloatArray, left: FloatArray, margin: FloatArray) -> FloatArray:
    """Price at which a margin is earned of what fee and tax leave of a dollar: c / (1 - phi - m)."""
    return cost / np.maximum(left - margin, LEAST_COST_SHARE)


LEAST_COST_SHARE = 0.02
"""Floor of cost in price: a channel whose fee is far above those of the vendor's others would have no finite price."""
