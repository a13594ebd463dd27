"""Ids that stand twice in a file, found with eight bytes a person.

Texts are hashed. Equal ids have equal hashes, so none is missed; where two hashes are equal the ids
themselves are read once more, so none is accused that is innocent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from fsinsure.microdata.problems import Complaints


def marks(ids: Sequence[Any] | NDArray[Any]) -> NDArray[np.uint64]:
    """Return eight bytes for each id: an integer itself, the hash of a text."""
    array = np.asarray(ids)
    if array.dtype.kind in "iu":
        return array.astype(np.int64).view(np.uint64)
    from pandas.util import hash_array

    return hash_array(np.asarray(ids, dtype=object), categorize=False)


def suspects(found: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the marks that several persons have, sorted."""
    ordered = np.sort(found)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def accuse(
    ids: Iterable[tuple[Sequence[Any] | NDArray[Any], NDArray[np.int64]]],
    suspected: NDArray[np.uint64],
    column: str,
    complaints: Complaints,
) -> None:
    """Note every person whose id stood in an earlier row.

    The message does not show the id: it may be that of a real person.

    Parameters
    ----------
    ids
        Batches of ids and their rows.
    suspected
        From :func:`suspects`.
    column
        The name of the column in the file.
    complaints
        Where to note them.
    """
    first: dict[Any, int] = {}
    for batch, rows in ids:
        for place in np.flatnonzero(np.isin(marks(batch), suspected)).tolist():
            row = int(rows[place])
            earlier = first.setdefault(batch[place], row)
            if earlier != row:
                complaints.add(row, column, f"the id is that of row {earlier} once more")
