# ruff: noqa: ARG001, ARG005, PLW0108 (numba gives these arguments, and compiles these functions)
# numba finds out the types of what it compiles.
# mypy: ignore-errors
"""How numba compiles `sim.arithmetic.lanes`, and NumPy's functions of such numbers: several draws are one vector."""

from __future__ import annotations

import operator

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, overload, register_model

from sim.arithmetic import lanes
from sim.arithmetic.lanes import WIDTH


class Vector(types.Type):
    """Type of one value of `WIDTH` draws."""

    def __init__(self, name, element):
        super().__init__(name=f"{name} x {WIDTH}")
        self.element = element


NUMBERS = Vector("float64", ir.DoubleType())
WHOLES = Vector("int64", ir.IntType(64))
FLAGS = Vector("bool", ir.IntType(1))
PLAIN = {NUMBERS: types.float64, WHOLES: types.int64, FLAGS: types.boolean}
POSITION, SMALL = ir.IntType(64), ir.IntType(32)
ALIGNED = 8
"""Bytes of a number, which is what vectors are aligned to."""
INLINED = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@register_model(Vector)
class VectorModel(models.PrimitiveModel):
    """How numba holds such a value."""

    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.VectorType(kind.element, WIDTH))


def spread(context, builder, value, kind, wanted):
    """Give a plain value to all draws, as a vector of the wanted kind; leave vectors as they are."""
    if kind == wanted:
        return value
    plain = context.cast(builder, value, kind, PLAIN[wanted])
    nothing = ir.Constant(ir.VectorType(wanted.element, WIDTH), ir.Undefined)
    everywhere = ir.Constant(ir.VectorType(SMALL, WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(builder.insert_element(nothing, plain, SMALL(0)), nothing, everywhere)


# Operators ------------------------------------------------------------------------------------------------------------


def declare(symbol, kind, found, build):
    """Let an operator of Python work on two vectors of a kind, and on a vector and a plain value."""

    @infer_global(symbol)
    class Rule(AbstractTemplate):
        def generic(self, args, _):
            """Type of what is found."""
            if kind in args and all(one == kind or isinstance(one, types.Number) for one in args):
                return signature(found, *(one if one == kind else PLAIN[kind] for one in args))
            return None

    def code(context, builder, sig, args):
        both = (spread(context, builder, *pair, kind) for pair in zip(args, sig.args, strict=True))
        return build(builder, *both)

    for pair in ((kind, kind), (kind, PLAIN[kind]), (PLAIN[kind], kind)):
        lower_builtin(symbol, *pair)(code)


ARITHMETIC = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
OF_BITS = {operator.add: "add", operator.sub: "sub", operator.lshift: "shl", operator.rshift: "ashr"}
COMPARED = {operator.lt: "<", operator.gt: ">", operator.eq: "=="}

for symbol, instruction in ARITHMETIC.items():
    declare(symbol, NUMBERS, NUMBERS, lambda builder, a, b, name=instruction: getattr(builder, name)(a, b))
for symbol, instruction in OF_BITS.items():
    declare(symbol, WHOLES, WHOLES, lambda builder, a, b, name=instruction: getattr(builder, name)(a, b))
for symbol, sign in COMPARED.items():
    declare(symbol, NUMBERS, FLAGS, lambda builder, a, b, name=sign: builder.fcmp_ordered(name, a, b))


@infer_global(operator.neg)
class Negative(AbstractTemplate):
    """Type of a vector with its sign changed."""

    def generic(self, args, _):
        """Type of what is found."""
        return signature(NUMBERS, NUMBERS) if args == (NUMBERS,) else None


@lower_builtin(operator.neg, NUMBERS)
def negative(context, builder, sig, args):
    """Change the sign of a vector."""
    return builder.fneg(args[0])


# From arrays and back -------------------------------------------------------------------------------------------------


def reached(context, builder, array, held, place):
    """Where a vector stands in an array."""
    begin = context.make_array(array)(context, builder, held)
    where = cgutils.get_item_pointer(context, builder, array, begin, list(place), wraparound=False)
    return builder.bitcast(where, ir.VectorType(ir.DoubleType(), WIDTH).as_pointer())


def are_all(builder, width):
    """Whether a vector is full."""
    return builder.icmp_signed("==", width, POSITION(WIDTH))


def are_there(context, builder, width):
    """Which draws of a vector there are."""
    numbered = ir.Constant(ir.VectorType(POSITION, WIDTH), list(range(WIDTH)))
    return builder.icmp_signed("<", numbered, spread(context, builder, width, types.int64, WHOLES))


def masked(builder, name, kind, args):
    """Call LLVM's instruction for a part of a vector in memory."""
    needs = ir.FunctionType(kind, [arg.type for arg in args])
    function = cgutils.get_or_insert_function(builder.module, needs, f"llvm.masked.{name}.v{WIDTH}f64.p0v{WIDTH}f64")
    return builder.call(function, args)


def fits(array, place):
    """Whether an array can be asked for a vector at so many positions."""
    return isinstance(array, types.Array) and array.layout == "C" and array.ndim == len(place)


@infer_global(lanes.load)
class Load(AbstractTemplate):
    """Type of what is taken out of an array."""

    def generic(self, args, _):
        """Type of what is found."""
        array, *place, _ = args
        return signature(NUMBERS, array, *[types.intp] * len(place), types.intp) if fits(array, place) else None


@lower_builtin(lanes.load, types.Array, types.VarArg(types.Any))
def load(context, builder, sig, args):
    """Read a vector."""
    kind = ir.VectorType(ir.DoubleType(), WIDTH)
    at = reached(context, builder, sig.args[0], args[0], args[1:-1])
    with builder.if_else(are_all(builder, args[-1])) as (whole, part):
        with whole:
            all_of_it, here = builder.load(at, align=ALIGNED), builder.block
        with part:
            some_of_it = masked(
                builder,
                "load",
                kind,
                [at, SMALL(ALIGNED), are_there(context, builder, args[-1]), ir.Constant(kind, None)],
            )
            elsewhere = builder.block
    found = builder.phi(kind)
    found.add_incoming(all_of_it, here)
    found.add_incoming(some_of_it, elsewhere)
    return found


@infer_global(lanes.store)
class Store(AbstractTemplate):
    """Type of what is put into an array."""

    def generic(self, args, _):
        """Type of what is found."""
        value, array, *place, _ = args
        held = NUMBERS if value == NUMBERS else types.float64
        positions = [types.intp] * len(place)
        return signature(types.none, held, array, *positions, types.intp) if fits(array, place) else None


@lower_builtin(lanes.store, types.Any, types.Array, types.VarArg(types.Any))
def store(context, builder, sig, args):
    """Write a vector."""
    written = spread(context, builder, args[0], sig.args[0], NUMBERS)
    at = reached(context, builder, sig.args[1], args[1], args[2:-1])
    with builder.if_else(are_all(builder, args[-1])) as (whole, part):
        with whole:
            builder.store(written, at, align=ALIGNED)
        with part:
            masked(
                builder, "store", ir.VoidType(), [written, at, SMALL(ALIGNED), are_there(context, builder, args[-1])]
            )
    return context.get_dummy_value()


# Functions ------------------------------------------------------------------------------------------------------------


def of_pairs(sign):
    """Make a function that gives the first of two numbers where it compares so with the second, else the second."""

    @intrinsic
    def function(typing, a, b):
        def code(context, builder, sig, args):
            a, b = (spread(context, builder, *pair, NUMBERS) for pair in zip(args, sig.args, strict=True))
            return builder.select(builder.fcmp_ordered(sign, a, b), a, b)

        return NUMBERS(*(one if one == NUMBERS else types.float64 for one in (a, b))), code

    return function


larger, smaller = of_pairs(">"), of_pairs("<")


def of_one(found, build):
    """Make a function of one value from the instructions for it; `found` gives its type."""

    @intrinsic
    def function(typing, value):
        kind = found(value)
        return kind(value), lambda context, builder, sig, args: build(context, builder, kind, args[0])

    return function


def as_bits(context, builder, kind, value):
    """Take the bits of a value for one of another kind."""
    return builder.bitcast(value, context.get_value_type(kind))


def in_any(context, builder, kind, flags):
    """Tell whether some flag is set."""
    bits = ir.IntType(WIDTH)
    return builder.icmp_unsigned("!=", builder.bitcast(flags, bits), bits(0))


zeros = of_one(lambda _: NUMBERS, lambda context, builder, kind, _: ir.Constant(context.get_value_type(kind), None))
whole_of = of_one(lambda value: WHOLES if value == NUMBERS else types.int64, as_bits)
number_with = of_one(lambda value: NUMBERS if value == WHOLES else types.float64, as_bits)
any_of = of_one(lambda _: types.boolean, in_any)


@intrinsic
def chosen(typing, condition, yes, no):
    """Give one of two numbers in each draw."""

    def code(context, builder, sig, args):
        both = zip(args[1:], sig.args[1:], strict=True)
        return builder.select(args[0], *(spread(context, builder, *pair, NUMBERS) for pair in both))

    return NUMBERS(condition, *(one if one == NUMBERS else types.float64 for one in (yes, no))), code


def stands_for(function):
    """Let compiled code call a function by what is written here."""
    return overload(function, strict=False, jit_options=INLINED)


@stands_for(np.maximum)
def maximum(a, b):
    """The larger of two numbers."""
    return (lambda a, b: larger(a, b)) if NUMBERS in (a, b) else None


@stands_for(np.minimum)
def minimum(a, b):
    """The smaller of two numbers."""
    return (lambda a, b: smaller(a, b)) if NUMBERS in (a, b) else None


@stands_for(np.zeros_like)
def zeros_like(value):
    """Nothing in each draw."""
    return (lambda value: zeros(value)) if value == NUMBERS else None


@stands_for(np.any)
def some(condition):
    """Whether a condition holds in any draw."""
    return (lambda condition: any_of(condition)) if condition == FLAGS else None


@stands_for(lanes.where)
def where(condition, yes, no):
    """One of two numbers."""
    if condition == FLAGS:
        return lambda condition, yes, no: chosen(condition, yes, no)
    return lambda condition, yes, no: yes if condition else no


@stands_for(lanes.bits_of)
def bits_of(value):
    """Bits of a number."""
    return lambda value: whole_of(value)


@stands_for(lanes.number_of)
def number_of(bits):
    """Number with these bits."""
    return lambda bits: number_with(bits)
