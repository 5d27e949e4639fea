"""A vendor with several channels in a market: how customers choose among them, and what it asks in all of them.

Of a group of customers a vendor gets a share S, and each of its channels a part of that. With one channel all is as
without nests.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def nested(attraction: Sequence[float], weight: Sequence[float], kappa: float) -> list[float]:
    """Choose in a nest: a = w x^kappa, A = (sum a)^(1 / kappa), of which each channel is given A a / sum a.

    Parameters
    ----------
    attraction, weight
        For each channel x = access * exp(quality) * price^(1 - sigma), what would attract customers if it were the only
        one, and the weight w of its kind.
    kappa
        (mu - 1) / (sigma - 1), with elasticities mu between channels and sigma between vendors: a falls with
        price^(mu - 1), and A with price^(sigma - 1).
    """
    if len(attraction) == 1:
        return [attraction[0] * weight[0] ** (1.0 / kappa)]
    within = [w * x**kappa for w, x in zip(weight, attraction, strict=True)]
    total = sum(within)
    per_weight = total ** (1.0 / kappa) / total if total > 0.0 else 0.0
    return [own * per_weight for own in within]


def kept_in_nest(shares: Sequence[float], has_room: Sequence[bool], kappa: float, alike: float) -> float:
    """Part of customers of a vendor's full channels that others of its channels get before everybody does.

    Without the full ones the vendor would have the share P' in the market, of which its others now have P_o. So of the
    share P_f of the full ones P' - P_o stays, some of it in any case: its others draw `alike` of all that goes round.

    Parameters
    ----------
    shares, has_room
        For each channel of the vendor its share in all that a group spends, and whether it has room.
    kappa
        As in `nested`.
    alike
        Share of the vendor's channels with room in the attraction of all that have room.
    """
    whole = sum(shares)
    left = sum(share for share, room in zip(shares, has_room, strict=True) if room)
    if whole <= left or alike >= 1.0:
        return 0.0
    pull = whole * (left / whole) ** (1.0 / kappa)
    part = (pull / (1.0 - whole + pull) - left) / (whole - left)
    return min(max((part - alike) / (1.0 - alike), 0.0), 1.0)


LEAST_COST_SHARE = 0.02
"""Least cost in price that a vendor with several channels reckons with."""


def joint_margins(
    mu: float,
    sigma: Sequence[float],
    eta: float,
    kept: Sequence[float],
    spending: Sequence[float],
    shares: Sequence[Sequence[float]],
) -> list[float]:
    """Margins that maximise a vendor's profit over all its channels in a market, shares of revenue.

    For each channel j: mu R_j m_j - sum_k (sum_g s_jg (mu - eps_g) R_kg) m_k = (1 - phi_j) R_j, with elasticities
    eps_g = sigma_g (1 - S_g) + eta S_g of the whole vendor and R_kg = s_kg W_g.

    Parameters
    ----------
    mu, sigma, eta
        Elasticities between channels, between vendors [group], and of the market.
    kept
        [channel] 1 - phi, what partners leave.
    spending
        [group] W, the vendor's revenue in all channels.
    shares
        [channel][group] the channel's share in all that the group spends.
    """
    own = range(len(kept))
    matrix, revenue = np.zeros((len(kept), len(kept))), np.zeros(len(kept))
    for g, sold in enumerate(spending):
        share = sum(shares[j][g] for j in own)
        elasticity = sigma[g] - (sigma[g] - eta) * share
        parts = np.array([shares[j][g] / share if share > 0.0 else 0.0 for j in own])
        matrix -= (mu - elasticity) * sold * np.outer(parts, parts)
        revenue += sold * parts
    matrix += mu * np.diag(revenue)
    found: list[float] = np.linalg.solve(matrix, revenue * np.array(kept)).tolist()
    return found
