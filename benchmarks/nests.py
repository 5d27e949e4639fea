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


def joint_margins(
    mu: float,
    sigma: Sequence[float],
    eta: float,
    kept: Sequence[float],
    revenue: Sequence[Sequence[float]],
    shares: Sequence[Sequence[float]],
) -> list[float]:
    """Margins that maximise a vendor's profit over all its channels in a market, shares of revenue.

    For each channel j: mu R_j m_j - sum_k (sum_g s_jg (mu - eps_g) R_kg) m_k = (1 - phi_j) R_j, with elasticities
    eps_g = sigma_g (1 - S_g) + eta S_g of the whole vendor.

    Parameters
    ----------
    mu, sigma, eta
        Elasticities between channels, between vendors [group], and of the market.
    kept
        [channel] 1 - phi, what partners leave.
    revenue, shares
        [channel][group] revenue R, and the channel's share in all that the group spends.
    """
    own = range(len(kept))
    matrix = np.zeros((len(kept), len(kept)))
    for g, sigma_of_group in enumerate(sigma):
        share = sum(shares[j][g] for j in own)
        elasticity = sigma_of_group - (sigma_of_group - eta) * share
        for j in own:
            part = shares[j][g] / share if share > 0.0 else 0.0
            for k in own:
                matrix[j, k] -= part * (mu - elasticity) * revenue[k][g]
    totals = [sum(revenue[j]) for j in own]
    matrix += mu * np.diag(totals)
    found: list[float] = np.linalg.solve(
        matrix, [left * total for left, total in zip(kept, totals, strict=True)]
    ).tolist()
    return found
