# ruff: noqa: ARG001 (numba gives these arguments)
# numba finds out the types of what it compiles.
# mypy: ignore-errors
"""Numbers of several draws side by side in one LLVM vector, for compiled code that is written as for one draw.

`load` gives one number where it is told as many positions as the array has axes, and a vector of `WIDTH` draws where
the last axis, of that length, is left out. All else here works on both: code made of it compiles for either. The
vectors are the compiler's own, so that it does not have to find out what may be done side by side.
"""

from __future__ import annotations

import math
import operator

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, overload, register_model

WIDTH = 8
"""Draws in a vector: as many as an AVX-512 register holds. Narrower processors take several registers."""

OPTIONS = {"fastmath": True, "error_model": "numpy", "_nrt": False}
"""Nothing allocates memory or counts references. What is divided by zero is never used (see `if_positive`)."""
INLINED = OPTIONS | {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
compiled = njit(**INLINED)
"""Compiles a function into those that call it."""


class Lanes(types.Type):
    """Type of one number of `WIDTH` draws."""

    def __init__(self):
        super().__init__(name=f"Lanes({WIDTH})")


LANES = Lanes()


def real(kind):
    """LLVM type of numbers."""
    return ir.VectorType(ir.DoubleType(), WIDTH) if kind == LANES else ir.DoubleType()


def whole(kind):
    """LLVM type of whole numbers as long."""
    return ir.VectorType(ir.IntType(64), WIDTH) if kind == LANES else ir.IntType(64)


def constant(kind, value):
    """Whole number in all lanes."""
    return ir.Constant(whole(kind), [value] * WIDTH if kind == LANES else value)


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """How numba holds such a number: as a vector."""

    def __init__(self, manager, kind):
        super().__init__(manager, kind, real(kind))


def spread(builder, value, kind):
    """Give a plain number to all lanes; leave vectors as they are."""
    if kind == LANES:
        return value
    nothing, first = ir.Constant(real(LANES), ir.Undefined), ir.Constant(ir.IntType(32), 0)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(builder.insert_element(nothing, value, first), nothing, everywhere)


def declare(symbol, instruction):
    """Let an operator of Python work on vectors, and on a vector and a plain number."""

    @infer_global(symbol)
    class Rule(AbstractTemplate):
        def generic(self, args, _):
            if LANES in args and all(kind == LANES or isinstance(kind, types.Number) for kind in args):
                return signature(LANES, *(kind if kind == LANES else types.float64 for kind in args))
            return None

    def code(context, builder, sig, args):
        both = (spread(builder, value, kind) for value, kind in zip(args, sig.args, strict=True))
        return getattr(builder, instruction)(*both)

    for pair in ((LANES, LANES), (LANES, types.float64), (types.float64, LANES)):
        lower_builtin(symbol, *pair)(code)


declare(operator.add, "fadd")
declare(operator.sub, "fsub")
declare(operator.mul, "fmul")
declare(operator.truediv, "fdiv")


@infer_global(operator.neg)
class Negative(AbstractTemplate):
    """Type of a vector with its sign changed."""

    def generic(self, args, _):
        return signature(LANES, LANES) if args == (LANES,) else None


@lower_builtin(operator.neg, LANES)
def negative(context, builder, sig, args):
    return builder.fneg(args[0])


def positions_of(positions):
    """Types of positions in an array, which come one by one or packed."""
    packed = len(positions) == 1 and isinstance(positions[0], types.BaseTuple)
    return types.StarArgTuple.from_types((types.int64,) * len(positions[0] if packed else positions))


def kind_at(array, positions):
    """Type of what stands at some positions of an array."""
    return {0: types.float64, 1: LANES}[array.ndim - len(positions)]


def address(context, builder, array, held, positions):
    """Where the number, or the first of the vector, stands."""
    begin = context.make_array(array)(context, builder, held)
    zeros = [constant(types.float64, 0)] * (array.ndim - len(positions))
    place = cgutils.get_item_pointer(context, builder, array, begin, [*positions, *zeros], wraparound=False)
    return builder.bitcast(place, real(kind_at(array, positions)).as_pointer())


@intrinsic
def load(typing, array, *positions):
    """Read a number or a vector from an array; a plain number, without positions, is what it is."""
    where = positions_of(positions)

    def code(context, builder, sig, args):
        if array == types.float64:
            return args[0]
        place = address(context, builder, array, args[0], cgutils.unpack_tuple(builder, args[1]))
        return builder.load(place, align=8)

    return signature(array if array == types.float64 else kind_at(array, where), array, where), code


@intrinsic
def store(typing, value, array, *positions):
    """Write a number or a vector to an array; a plain number to all lanes."""
    where = positions_of(positions)

    def code(context, builder, sig, args):
        written = spread(builder, args[0], value) if kind_at(array, where) == LANES else args[0]
        place = address(context, builder, array, args[1], cgutils.unpack_tuple(builder, args[2]))
        builder.store(written, place, align=8)
        return context.get_dummy_value()

    return signature(types.none, value, array, where), code


def add_later(array, month, later, i, units):
    """Add units, of each draw so many months later, to [month, i] of an array whose months go round."""


@overload(add_later, jit_options=INLINED)
def add_later_code(array, month, later, i, units):
    def one(array, month, later, i, units):
        array[(month + int(later)) % array.shape[0], i] += units

    def each(array, month, later, i, units):
        first = month % array.shape[0]
        for d in range(WIDTH):
            slot = first + int(lane(later, d))
            array[slot - array.shape[0] if slot >= array.shape[0] else slot, i, d] += lane(units, d)

    return each if units == LANES else one


@intrinsic
def lane(typing, value, d):
    """Give the number of one draw."""

    def code(context, builder, sig, args):
        return builder.extract_element(*args)

    return types.float64(LANES, types.int64), code


@intrinsic
def alike(typing, other, value):
    """Give a number the kind of another."""

    def code(context, builder, sig, args):
        return spread(builder, args[1], types.float64) if other == LANES else args[1]

    return other(other, types.float64), code


def lane_by_lane(build):
    """Make a function of two numbers or vectors from the instructions for two of one kind."""

    @intrinsic
    def function(typing, a, b):
        kind = LANES if LANES in (a, b) else types.float64

        def code(context, builder, sig, args):
            if kind == LANES:
                args = [spread(builder, *pair) for pair in zip(args, (a, b), strict=True)]
            return build(builder, *args)

        return kind(a, b), code

    return function


def positive(builder, value):
    return builder.fcmp_ordered(">", value, ir.Constant(value.type, None))


maximum = lane_by_lane(lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b))
minimum = lane_by_lane(lambda builder, a, b: builder.select(builder.fcmp_ordered("<", a, b), a, b))
if_positive = lane_by_lane(lambda builder, a, b: builder.select(positive(builder, a), b, ir.Constant(b.type, None)))
"""The second number where the first is above zero, else zero."""
unless_positive = lane_by_lane(lambda builder, a, b: builder.select(positive(builder, a), a, b))
"""The first number where it is above zero, else the second."""


@intrinsic
def any_positive(typing, value):
    """Tell whether some lane is above zero."""

    def code(context, builder, sig, args):
        bits = ir.IntType(WIDTH if value == LANES else 1)
        return builder.icmp_unsigned("!=", builder.bitcast(positive(builder, args[0]), bits), bits(0))

    return types.boolean(value), code


@intrinsic
def floor(typing, x):
    """Round down."""

    def code(context, builder, sig, args):
        name = f"llvm.floor.v{WIDTH}f64" if x == LANES else "llvm.floor.f64"
        kind = ir.FunctionType(real(x), [real(x)])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return x(x), code


MANTISSA_BITS, BIAS = 52, 1023
"""How a float64 is written: mantissa, then exponent plus a bias."""
BITS_OF_ROOT_HALF = int(np.float64(math.sqrt(0.5)).view(np.int64))


@intrinsic
def power_of_two(typing, k):
    """Give 2 ** k for a whole k, if it is neither too large nor too small for a float64."""

    def code(context, builder, sig, args):
        exponent = builder.add(builder.fptosi(args[0], whole(k)), constant(k, BIAS))
        return builder.bitcast(builder.shl(exponent, constant(k, MANTISSA_BITS)), real(k))

    return k(k), code


@intrinsic
def split(typing, x):
    """Split a number above zero into a mantissa between the roots of 1/2 and of 2, and an exponent of two."""

    def code(context, builder, sig, args):
        bits = builder.bitcast(args[0], whole(x))
        exponent = builder.ashr(builder.sub(bits, constant(x, BITS_OF_ROOT_HALF)), constant(x, MANTISSA_BITS))
        mantissa = builder.sub(bits, builder.shl(exponent, constant(x, MANTISSA_BITS)))
        parts = [builder.bitcast(mantissa, real(x)), builder.sitofp(exponent, real(x))]
        return context.make_tuple(builder, sig.return_type, parts)

    return types.UniTuple(x, 2)(x), code


LN2 = math.log(2.0)
PER_LN2 = 1.0 / LN2
E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12 = (1.0 / math.factorial(n) for n in range(13))


@compiled
def exp(x):
    """Exponential by its series around the next power of two; its relative error is what rounding x would make."""
    k = floor(x * PER_LN2 + 0.5)
    r = x - k * LN2
    r2 = r * r
    r4 = r2 * r2
    low = (E0 + E1 * r) + r2 * (E2 + E3 * r)
    middle = (E4 + E5 * r) + r2 * (E6 + E7 * r)
    high = (E8 + E9 * r) + r2 * (E10 + E11 * r) + r4 * E12
    return (low + r4 * (middle + r4 * high)) * power_of_two(k)


@compiled
def log(x):
    """Natural logarithm of a number above zero by the series of artanh; good to the last bits."""
    mantissa, exponent = split(x)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    low = (2 + 2 / 3 * z) + z2 * (2 / 5 + 2 / 7 * z)
    high = (2 / 9 + 2 / 11 * z) + z2 * (2 / 13 + 2 / 15 * z) + z4 * (2 / 17 + 2 / 19 * z)
    return exponent * LN2 + (low + z4 * high) * s
