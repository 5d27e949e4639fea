"""Bayesian estimation by linear regression of simulated figures on what was drawn: pure functions on arrays.

In scores (standard normal under the prior) the parameters x have prior N(0, I). A run answers y = a + B x + e; the
model's own luck e is estimated from the residuals of a regression over draws, and the error of measurement added. For
observed y the posterior is then normal in closed form. Since the model is linear only nearby, draws are made again
where the posterior lies, and the regression is repeated there (a synthetic likelihood, Wood 2010, Nature 466;
regression adjustment, Beaumont, Zhang and Balding 2002, Genetics 162; the iteration is iterated posterior
linearisation, García-Fernández et al. 2015, IEEE TSP 63).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from sim.model.luck import from_scores
from sim.quantities import FloatArray
from sim.values import Estimate, Number


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of scores.

    Attributes
    ----------
    mean
        [parameter].
    covariance
        [parameter, parameter].
    """

    mean: FloatArray
    covariance: FloatArray

    @property
    def root(self) -> FloatArray:
        """Loadings of the scores on independent standard normals, [parameter, normal], a lower triangle."""
        return np.asarray(np.linalg.cholesky(self.covariance), dtype=np.float64)


def standard_prior(parameters: int) -> Gaussian:
    """Give the prior of scores."""
    return Gaussian(np.zeros(parameters), np.eye(parameters))


def update(scores: FloatArray, simulated: FloatArray, observed: FloatArray, error_sd: FloatArray) -> Gaussian:
    """Give the posterior of scores with a standard normal prior, from draws of a model and data (equation 9.7).

    Parameters
    ----------
    scores
        [draw, parameter] where the model was run; draws need not come from the prior.
    simulated
        [observation, draw] what it gave.
    observed, error_sd
        [observation] what was observed, and the standard deviation of its error.
    """
    draws, parameters = scores.shape
    design = np.column_stack([np.ones(draws), scores])
    coefficients, *_ = np.linalg.lstsq(design, simulated.T, rcond=None)
    residuals = simulated.T - design @ coefficients
    luck = residuals.T @ residuals / max(draws - parameters - 1, 1)
    noise = luck + np.diag(np.square(error_sd))
    slopes = coefficients[1:].T
    weighted = np.linalg.solve(noise, slopes)
    covariance = np.linalg.inv(np.eye(parameters) + slopes.T @ weighted)
    mean = covariance @ (weighted.T @ (observed - coefficients[0]))
    return Gaussian(mean, 0.5 * (covariance + covariance.T))


def estimates(priors: Mapping[str, Number], posterior: Gaussian, name: str = "") -> dict[str, Estimate]:
    """Say of each number what a posterior of scores means for it.

    Parameters
    ----------
    priors
        Numbers by dotted path, in the order of the posterior's parameters; the path names the normal of each.
    posterior
        Distribution of their scores.
    name
        What the facts call it.
    """
    found, paths, root = {}, list(priors), posterior.root
    for row, (path, number) in enumerate(priors.items()):
        mean, sd = float(posterior.mean[row]), math.sqrt(posterior.covariance[row, row])
        loadings = tuple((paths[k], float(root[row, k])) for k in range(row + 1) if root[row, k] != 0.0)
        low, middle, high = map(float, from_scores(number, mean + sd * ndtri(np.array(QUANTILES))))
        found[path] = Estimate(mean, loadings, low, middle, high, name)
    return found


QUANTILES = (0.05, 0.50, 0.95)
"""Quantiles of each number that an estimate names."""
