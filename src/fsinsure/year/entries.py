"""Aligned entries: the year-end totals that growth paths set, met from the people there are.

The control total of a status in an area is its opening stock times one plus its growth. A
shortfall after the year's other moves is met from the eligible pools, each cell with a probability
in proportion to the age profile of entrants and the weight of its status; a surplus leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import PERSONS
from fsinsure.errors import PoolError
from fsinsure.numeric.fill import fill_scale
from fsinsure.state import ARRIVED, Inflow, Move
from fsinsure.statuses import ALIGNED, STATUS
from fsinsure.year.event import Opening
from fsinsure.year.law import Law

ENTRY_AGES = slice(16, 60)


@dataclass(frozen=True)
class Entry:
    """How a status is aligned.

    Parameters
    ----------
    status
        The status that meets its control total.
    pools
        Statuses that entrants come from, each with the parameter of its weight (None: 1).
    exit_to
        Where people go when there are too many.
    """

    status: str
    pools: Mapping[str, str | None]
    exit_to: str

    def __call__(self, law: Law, stock: Array, start: Opening) -> list[Move | Inflow]:
        """Return the moves that bring the status to its control totals."""
        now = stock[..., PERSONS, STATUS[self.status], :, :, :].sum(axis=(-2, -1))
        growth = law.areas(f"growth.{self.status}")
        missing = start.people[..., STATUS[self.status], :] * (1.0 + growth) - now
        moves: list[Move | Inflow] = []
        wanted = np.maximum(missing, 0.0)
        if self.status == "employee":
            recruited = wanted * law.areas("migration.demand_share")
            wanted = wanted - recruited
            moves.append(self._recruit(law, recruited))
        moves.extend(self._enter(law, stock, wanted))
        if (missing < 0).any():
            surplus = np.maximum(-missing, 0.0)
            share = np.divide(surplus, now, out=np.zeros_like(now), where=now > 0)
            leaving = share[..., None, :, None, None]
            moves.append(Move(self.status, self.exit_to, leaving, reason=self._path))
        return moves

    @property
    def _path(self) -> str:
        return f"growth.{self.status}"

    def _recruit(self, law: Law, persons: Array) -> Inflow:
        where = law.arrival * (law.profiles[f"entry_{self.status}"] > 0)
        where = where / where.sum(axis=(-2, -1), keepdims=True)
        arriving = persons[..., None, None] * where
        return Inflow(ARRIVED, self.status, arriving, law.cadre_share, reason=self._path)

    def _enter(self, law: Law, stock: Array, wanted: Array) -> list[Move | Inflow]:
        chance = law.profiles[f"entry_{self.status}"][:, ENTRY_AGES]
        weights = {
            pool: (1.0 if name is None else law.number[name]) * chance
            for pool, name in self.pools.items()
        }
        persons = stock[..., PERSONS, :, :, :, ENTRY_AGES]
        available = np.stack([persons[..., STATUS[pool], :, :, :] for pool in weights], axis=-3)
        flat = np.maximum(available, 0.0).reshape(*available.shape[:-3], -1)
        weight = np.stack(list(weights.values())).reshape(-1)
        self._check_pool(law, flat, weight, wanted)
        scale = fill_scale(wanted, flat, weight)[..., None, :, None, None]
        return [
            Move(pool, self.status, np.minimum(1.0, scale * share), ENTRY_AGES, self._path)
            for pool, share in weights.items()
        ]

    def _check_pool(self, law: Law, available: Array, weight: Array, wanted: Array) -> None:
        eligible = available[..., weight > 0].sum(axis=-1)
        short = wanted - eligible
        if (short > 1e-6 * np.maximum(eligible, 1.0)).any():
            *_, area = np.unravel_index(int(np.argmax(short)), short.shape)
            levers = [f"lower {self._path}", "raise migration.arrivals"]
            if self.status == "employee":
                levers.append("raise migration.demand_share")
            else:
                first = "lower growth.employee (new employees come first, from the same pools)"
                levers.append(first)
            response = "employment" if self.status == "employee" else "flexible"
            if law.number[f"response.{response}"]:
                levers.append("set response.* nearer to 0 (people answer to what they pay)")
            where, pools = law.region.codes[area], ", ".join(self.pools)
            asked, there = (count.flat[np.argmax(short)] for count in (wanted, eligible))
            raise PoolError(
                f"{law.year}: {self._path} asks for {asked:,.0f} new {self.status} in {where}, but "
                f"the pool ({pools} at entry ages) has only {there:,.0f} people: "
                f"{short.max():,.0f} short. To fix it: {'; '.join(levers)}."
            )


ENTRIES: Final = {
    status.name: Entry(
        status.name,
        {
            pool: None if pool == "not_insured" else f"entry.{status.name}_{pool}"
            for pool in status.joins_from
        },
        status.leaves_to,
    )
    for status in ALIGNED.values()
}
"""The entries of each status with a growth path."""
