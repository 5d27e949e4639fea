"""Exponentials, logarithms and the normal distribution in plain additions, multiplications and divisions.

Those of NumPy, SciPy and the C library are made in other ways on other processors, and differ there in their last bits.
Here each step is one IEEE operation in a fixed order, so that a draw's bits depend on nothing but its numbers. Errors
stay below two units of the last place.
"""

from __future__ import annotations

import math

import numpy as np

from sim.arithmetic.compiling import for_arrays, of_numbers
from sim.arithmetic.lanes import bits_of, number_of, where
from sim.quantities import FloatArray

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""Logarithm of 2 in two parts, of which the first has zeros in its last bits (Cody and Waite 1980)."""
PER_LN2 = 1.0 / math.log(2.0)
MANTISSA, BIAS = 52, 1023
"""Bits of a number's fraction, and what its exponent is stored above its value."""
INTEGER = 1.5 * 2.0**MANTISSA
"""Added to a small number, it leaves the nearest whole number in the last bits."""
INTEGER_BITS = int(np.float64(INTEGER).view(np.int64))
ROOT_HALF_BITS = int(np.float64(math.sqrt(0.5)).view(np.int64))
LEAST_LOG, MOST_LOG = -708.0, 709.0
"""Below and above, the exponential is called 0 and infinite."""
LEAST_NORMAL, RAISE = 2.2250738585072014e-308, 2.0**54
"""Smaller numbers have fewer bits; they are raised before their logarithm is taken."""
E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13 = (1.0 / math.factorial(n) for n in range(2, 14))
L1, L2, L3, L4, L5, L6, L7, L8, L9 = (2.0 / n for n in range(3, 20, 2))


@of_numbers
def _parts_of_exp(x: float) -> tuple[float, float]:
    """2 ** k, and e ** r - 1 of what is left, by its series."""
    shifted = x * PER_LN2 + INTEGER
    k = shifted - INTEGER
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = r2 * (0.5 + E3 * r)
    middle = (E4 + E5 * r) + r2 * (E6 + E7 * r)
    high = (E8 + E9 * r) + r2 * (E10 + E11 * r) + r4 * (E12 + E13 * r)
    power_of_two = number_of((bits_of(shifted) - INTEGER_BITS + BIAS) << MANTISSA)
    return power_of_two, r + (low + r4 * (middle + r4 * high))


@of_numbers
def _exp(x: float) -> float:
    power_of_two, more = _parts_of_exp(where(x < LEAST_LOG, LEAST_LOG, where(x > MOST_LOG, MOST_LOG, x)))
    found = (1.0 + more) * power_of_two
    return where(x < LEAST_LOG, 0.0, where(x > MOST_LOG, np.inf, found))


@for_arrays(_exp)
def exp(out: FloatArray, x: FloatArray) -> None:
    """Exponential e ** x: 0 below -708, infinite above 709."""
    for i in range(len(out)):
        out[i] = _exp(x[i])


@of_numbers
def _expm1(x: float) -> float:
    power_of_two, more = _parts_of_exp(where(x < LEAST_LOG, LEAST_LOG, where(x > MOST_LOG, MOST_LOG, x)))
    found = (power_of_two - 1.0) + power_of_two * more
    return where(x > MOST_LOG, np.inf, found)


@for_arrays(_expm1)
def expm1(out: FloatArray, x: FloatArray) -> None:
    """Exponential less one, e ** x - 1, to the last places near 0 too; infinite above 709."""
    for i in range(len(out)):
        out[i] = _expm1(x[i])


@of_numbers
def _log(x: float) -> float:
    is_small = x < LEAST_NORMAL
    bits = bits_of(where(is_small, x * RAISE, x))
    exponent = (bits - ROOT_HALF_BITS) >> MANTISSA
    m = number_of(bits - (exponent << MANTISSA))
    k = (number_of(exponent + INTEGER_BITS) - INTEGER) - where(is_small, 54.0, 0.0)
    f = m - 1.0
    s = f / (m + 1.0)
    half, z = 0.5 * f * f, s * s
    z2 = z * z
    z4 = z2 * z2
    tail = ((L1 + L2 * z) + z2 * (L3 + L4 * z)) + z4 * ((L5 + L6 * z) + z2 * (L7 + L8 * z) + z4 * L9)
    found = k * LN2_HIGH - ((half - (s * (half + z * tail) + k * LN2_LOW)) - f)
    return where(x > 0.0, where(x < np.inf, found, np.inf), where(x == 0.0, -np.inf, np.nan))


@for_arrays(_log)
def log(out: FloatArray, x: FloatArray) -> None:
    """Natural logarithm, by the series of (m - 1) / (m + 1) for m between the roots of a half and of 2."""
    for i in range(len(out)):
        out[i] = _log(x[i])


@of_numbers
def _log1p(x: float) -> float:
    whole = 1.0 + x
    lost = x - (whole - 1.0)
    return _log(whole) + (lost / whole if 0.0 < whole < np.inf else 0.0)


@for_arrays(_log1p)
def log1p(out: FloatArray, x: FloatArray) -> None:
    """Logarithm of 1 + x, to the last places near 0 too."""
    for i in range(len(out)):
        out[i] = _log1p(x[i])


@of_numbers
def _power(base: float, exponent: float) -> float:
    found = _exp(exponent * _log(base))
    return where(exponent == 0.0, 1.0, found)


@for_arrays(_power)
def power(out: FloatArray, base: FloatArray, exponent: FloatArray) -> None:
    """Raise a number that is not negative to a power: 1 where the power is 0."""
    for i in range(len(out)):
        out[i] = _power(base[i], exponent[i])


TERMS_OF_SINE = 15


def cosine(angle: FloatArray) -> FloatArray:
    """Cosine of angles between 0 and pi, by the series of the sine of what is left to a right angle."""
    left = 0.5 * math.pi - angle
    term, total = left, left
    for n in range(1, TERMS_OF_SINE):
        term = -term * left * left / (2 * n * (2 * n + 1))
        total = total + term
    return total


# Normal distribution --------------------------------------------------------------------------------------------------

Ratio = tuple[tuple[float, ...], tuple[float, ...]]
"""Numerator and denominator by falling powers."""
MIDDLE, CENTRE, FAR = 0.5, 0.425, 5.0
"""Middle, half of the width of the middle, in shares, and where the far tails begin, in the root of minus log share."""
NEAR_RATIO = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
     1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
     687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
TAIL_RATIO = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
FAR_RATIO = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip
"""The ratios (Wichura 1988, Applied Statistics 37(3), algorithm AS 241)."""
AT_A_TIME = 512
"""Numbers whose normal scores are worked out together."""
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
NEAR_ZERO, STEPS = 2.0, 120
"""Score below which the series of the normal distribution is used, and steps of the fraction above it."""


@of_numbers
def _ratio(coefficients: Ratio, x: float) -> float:
    above, below = coefficients[0][0], coefficients[1][0]
    for numerator, denominator in zip(coefficients[0][1:], coefficients[1][1:]):  # noqa: B905 (numba knows no strict)
        above, below = above * x + numerator, below * x + denominator
    return above / below


@of_numbers
def _middle_score(share: float) -> float:
    q = share - MIDDLE
    return q * _ratio(NEAR_RATIO, CENTRE * CENTRE - q * q)


@of_numbers
def _tail_score(share: float) -> float:
    r = math.sqrt(-_log(min(share, 1.0 - share)))
    near, far = _ratio(TAIL_RATIO, r - 1.6), _ratio(FAR_RATIO, r - FAR)
    size = near if r <= FAR else far
    return -size if share < MIDDLE else size


@of_numbers
def _normal_score(share: float) -> float:
    return _middle_score(share) if abs(share - MIDDLE) <= CENTRE else _tail_score(share)


@for_arrays(_normal_score)
def normal_score(out: FloatArray, share: FloatArray) -> None:
    """Score below which a share of the standard normal distribution lies (Wichura 1988, AS 241).

    Shares in the tails are put side by side, so that each of the two sums is worked out for many at a time.
    """
    shares, tails, places = np.empty(AT_A_TIME), np.empty(AT_A_TIME), np.empty(AT_A_TIME, np.int64)
    for begin in range(0, len(out), AT_A_TIME):
        length, count = min(len(out) - begin, AT_A_TIME), 0
        for i in range(length):
            shares[i] = share[begin + i]
        for i in range(length):
            places[count] = begin + i
            tails[count] = shares[i]
            count += abs(shares[i] - MIDDLE) > CENTRE
        for i in range(length):
            out[begin + i] = _middle_score(shares[i])
        for k in range(count):
            tails[k] = _tail_score(tails[k])
        for k in range(count):
            out[places[k]] = tails[k]


@of_numbers
def _normal_share(score: float) -> float:
    size = abs(score)
    density = _exp(-0.5 * size * size) / ROOT_TWO_PI
    if size <= NEAR_ZERO:
        term = total = size
        for step in range(1, STEPS):
            term = term * size * size / (2 * step + 1)
            total += term
        above = 0.5 - density * total
    else:
        fraction = size
        for step in range(STEPS - 1, 0, -1):
            fraction = size + step / fraction
        above = density / fraction
    return 1.0 - above if score > 0.0 else above


@for_arrays(_normal_share)
def normal_share(out: FloatArray, score: FloatArray) -> None:
    """Share of the standard normal distribution below a score: a series near 0, a continued fraction in the tails."""
    for i in range(len(out)):
        out[i] = _normal_share(score[i])
