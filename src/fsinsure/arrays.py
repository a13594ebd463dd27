"""The types of arrays, named once, and arrays that are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Bits: TypeAlias = NDArray[np.uint64]

Some = TypeVar("Some", bound=NDArray[Any])


def read_only(values: Some) -> Some:
    """Return an array that nobody can write to: what is remembered is shared by all who ask."""
    values.flags.writeable = False
    return values


def joined(parts: Sequence[Array]) -> Array:
    """Join arrays along their last axis; along the others they broadcast, such as draws.

    >>> joined([np.zeros((2, 1)), np.ones(1)]).tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    alike = len({part.shape for part in parts}) == 1  # broadcasting costs more than joining
    return np.concatenate(parts if alike else np.broadcast_arrays(*parts), axis=-1)


def draws_last(values: Array) -> Array:
    """Return ``[draw, ...]`` with the draws side by side in memory; the axes stay where they are.

    What is done to a range of ages then goes over contiguous memory, and a sum over cells adds them
    one after another in every draw, whatever draws are beside it.

    >>> draws_last(np.zeros((3, 2))).strides
    (8, 24)
    """
    if values.strides[0] == values.itemsize:
        return values
    last = values.ndim - 1
    memory = np.ascontiguousarray(values.transpose(*range(1, values.ndim), 0))
    return memory.transpose(last, *range(last))
