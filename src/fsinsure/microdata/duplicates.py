"""Duplicate ids, found with eight bytes of memory per person.

Each id is hashed to 64 bits. Equal ids have equal hashes, so every duplicate is found; where hashes
are equal, the ids themselves are read again and compared, so different ids are never reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from fsinsure.microdata.problems import Problems

    Ids = Sequence[Any] | NDArray[Any]


def id_hashes(ids: Ids) -> NDArray[np.uint64]:
    """Return a hash for each id, of a batch of integers or of texts ``[person]``."""
    from pandas.util import hash_array

    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        array = array.astype(object)
    return hash_array(array, categorize=False)


def report_duplicates(
    hashes: NDArray[np.uint64],
    batches: Iterable[tuple[Ids, NDArray[np.int64]]],
    column: str,
    problems: Problems,
) -> None:
    """Add a problem for each person whose id occurs in an earlier row.

    The message does not contain the id, which may identify a real person.

    Parameters
    ----------
    hashes
        Of all ids of the file.
    batches
        Ids and their row numbers; read only if some hashes are equal.
    column
        The column of ids in the file.
    problems
        Where they are added.
    """
    hashes = np.sort(hashes)
    candidates = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(candidates):
        return
    first: dict[Any, int] = {}
    for ids, rows in batches:
        for position in np.flatnonzero(np.isin(id_hashes(ids), candidates)).tolist():
            row = int(rows[position])
            earlier = first.setdefault(ids[position], row)
            if earlier != row:
                problems.add(row, column, f"same id as row {earlier}; each person needs its own")
