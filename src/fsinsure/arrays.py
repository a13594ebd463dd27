"""The types of arrays, named once, and arrays that are shared."""

from __future__ import annotations

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
