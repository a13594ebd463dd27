"""The expected value of a rule over what a cell does not observe.

The person engine evaluates a rule at the person's own wage rank or month of birth; the cohort
engine evaluates the same function object at equally probable nodes and takes the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fsinsure.rules import Numbers


def ranks(count: int) -> NDArray[np.float64]:
    """Return ``count`` equally probable ranks, the mid-points ``(i + 1/2) / count``.

    >>> ranks(4).tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    return (np.arange(count) + 0.5) / count


def expect(rule: Callable[[Numbers], Numbers], nodes: Sequence[float]) -> Numbers:
    """Return the mean of ``rule(node)`` over equally probable nodes.

    Parameters
    ----------
    rule
        A function of one unobserved attribute; what it returns may have any shape.
    nodes
        The equally probable values of the attribute: :func:`ranks`, or ``range(12)`` for the months
        of a year.

    Examples
    --------
    The mean delay of the men born in 1965, in months:

    >>> from fsinsure.rules.retirement import delay_months, month_index
    >>> start = month_index(2025, 1)
    >>> float(expect(lambda month: delay_months(start + month, start, 4, 36), range(12)))
    2.0
    """
    return sum(rule(node) for node in nodes) / len(nodes)
