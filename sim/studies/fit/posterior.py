"""Bayesian estimation by linear regression of simulated figures on what was drawn: pure functions on arrays.

In scores (standard normal under the prior) the parameters x have prior N(0, I). A run answers y = a + B x + e; the
model's own luck e is estimated from the residuals of a regression over draws, and the error of measurement added. For
observed y the posterior is then normal in closed form. Since the model is linear only nearby, draws are made again
where the posterior lies, and the regression is repeated there (a synthetic likelihood, Wood 2010, Nature 466;
regression adjustment, Beaumont, Zhang and Balding 2002, Genetics 162; the iteration is iterated posterior
linearisation, García-Fernández et al. 2015, IEEE TSP 63).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.model.luck import from_uniform
from sim.quantities import FloatArray
from sim.values import Number

_FARTHEST = 4.0
"""Scores beyond which a quantile is taken at the end, standard deviations."""
_STANDARD = NormalDist()


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

    def sample(self, count: int, generator: np.random.Generator) -> FloatArray:
        """Draw scores [count, parameter] with just the mean and covariance of the distribution, not only on average."""
        parameters = len(self.mean)
        standard = generator.standard_normal((count, parameters))
        standard -= standard.mean(axis=0)
        if count > parameters + 1:
            root = np.linalg.cholesky(standard.T @ standard / count)
            standard = np.linalg.solve(root, standard.T).T
        return self.mean + standard @ np.linalg.cholesky(self.covariance).T


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


def to_scores(number: Number, values: FloatArray) -> FloatArray:
    """Turn values of a number into scores, standard normal under its distribution."""
    if number.kind == "normal":
        return (values - number.parameters[0]) / number.parameters[1]
    if number.kind == "lognormal":
        return np.log(values / number.parameters[0]) / number.parameters[1]
    edge = _STANDARD.cdf(-_FARTHEST)
    below = np.clip(_distribution(number, values), edge, 1.0 - edge)
    return np.array([_STANDARD.inv_cdf(float(share)) for share in below])


def from_scores(number: Number, scores: FloatArray) -> FloatArray:
    """Turn scores into values of a number, cut to its bounds; the inverse of `to_scores`."""
    if number.kind == "normal":
        values = number.parameters[0] + number.parameters[1] * scores
    elif number.kind == "lognormal":
        values = number.parameters[0] * np.exp(number.parameters[1] * scores)
    else:
        values = from_uniform(number, np.array([_STANDARD.cdf(float(score)) for score in scores]))
    return np.clip(values, number.low, number.high)


def _distribution(number: Number, values: FloatArray) -> FloatArray:
    """Share of a bounded distribution below each value."""
    low, high = number.parameters[0], number.parameters[-1]
    if number.kind == "uniform":
        return (values - low) / (high - low)
    mode = number.parameters[1]
    rising = np.square(values - low) / max((high - low) * (mode - low), np.finfo(float).tiny)
    falling = 1.0 - np.square(high - values) / max((high - low) * (high - mode), np.finfo(float).tiny)
    return np.where(values < mode, rising, falling)
