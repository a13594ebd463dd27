"""Philox4x64-10 compiled, as :mod:`fsinsure.microsim.randomness`. Imports numba, an option."""

from __future__ import annotations

import pickle
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_UNREADABLE: Final = (
    *(pickle.UnpicklingError, EOFError, AttributeError, ImportError),
    *(IndexError, KeyError, TypeError, ValueError),
)
"""What unpickling raises of a file that was cut off or overwritten."""


def njit_cached(function: Any, **options: Any) -> Any:
    """Compile a function when it is called, and cache the code for the next process.

    A cache that cannot be read is emptied and the function compiled anew. Where numba may write
    neither beside the source nor into the home of the user, every process compiles anew, which
    takes ten seconds.
    """
    try:
        compiled = njit(function, nogil=True, cache=True, **options)
    except RuntimeError as error:
        if "cannot cache" not in str(error):
            raise
        return njit(function, nogil=True, **options)
    cache = compiled._cache
    load = cache.load_overload

    def load_overload(*signature: Any) -> Any:
        try:
            return load(*signature)
        except _UNREADABLE:
            cache.flush()
            return None

    cache.load_overload = load_overload
    return compiled


def _product(context: Any, one: Any, other: Any) -> Any:
    """Return the upper and lower 64 bits of a product: one machine instruction."""

    def generate(context: Any, builder: Any, signature: Any, factors: Any) -> Any:
        wide = ir.IntType(128)
        whole = builder.mul(*(builder.zext(factor, wide) for factor in factors))
        shifted = (builder.lshr(whole, wide(64)), whole)
        halves = [builder.trunc(half, ir.IntType(64)) for half in shifted]
        return context.make_tuple(builder, signature.return_type, halves)

    del context, one, other
    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), generate


product = intrinsic(_product)


def _at_most(context: Any, one: Any, other: Any) -> Any:
    """Return which of 16 numbers are not above others, a bit a number, by their addresses."""
    lanes = ir.VectorType(ir.IntType(16), 16)

    def generate(context: Any, builder: Any, signature: Any, addresses: Any) -> Any:
        found = [
            builder.load(builder.inttoptr(at, lanes.as_pointer()), align=2) for at in addresses
        ]
        return builder.bitcast(builder.icmp_unsigned("<=", *found), ir.IntType(16))

    del context, one, other
    return types.uint16(types.uintp, types.uintp), generate


at_most = intrinsic(_at_most)


def lanes_within(upper: Any, thresholds: Any) -> Any:
    """Return in which years of a block the upper bits are not above a threshold, a bit a year."""
    return at_most(upper.ctypes.data, thresholds.ctypes.data)


_M0 = np.uint64(0xD2E7470EE14C6C93)
_M1 = np.uint64(0xCA5A826395121157)
_W0 = np.uint64(0x9E3779B97F4A7C15)
_W1 = np.uint64(0xBB67AE8584CAA73B)
_ROUNDS: Final = 10


def _philox(x0: Any, x1: Any, x2: Any, x3: Any, k0: Any, k1: Any) -> Any:
    """Philox4x64-10 of a counter and a key (Salmon et al. 2011)."""
    for _ in range(_ROUNDS):
        high_0, low_0 = product(_M0, x0)
        high_1, low_1 = product(_M1, x2)
        x0, x1, x2, x3 = high_1 ^ x1 ^ k0, low_1, high_0 ^ x3 ^ k1, low_0
        k0, k1 = k0 + _W0, k1 + _W1
    return x0, x1, x2, x3


philox = njit(_philox, forceinline=True)


def fill_block(seed: Any, stream: Any, person: Any, period: Any, out: Any) -> None:
    """Fill in the block of a person: numpy counts up before it draws, hence the 1."""
    none, one = np.uint64(0), np.uint64(1)
    counter = np.uint64(person) + one, np.uint64(period), none, none
    out[0], out[1], out[2], out[3] = philox(*counter, np.uint64(seed), np.uint64(stream))
