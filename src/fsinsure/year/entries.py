"""Aligned entries: the year-end totals that growth paths set, met age by age.

The control total of a status in an area is its opening stock times one plus its growth. Below the
pension age of the base year the people of an age are in the status in proportion to its age profile
(``profile.<status>``), with one factor for all ages that meets the control total: those whom a cell
lacks after the year's other moves enter from the eligible pools of the cell, a share of new
employees from outside the region; those who are too many leave. A run in which nothing grows
therefore keeps the share of every age, whatever the turnover. From the pension age on nobody
enters, and nobody leaves for this reason unless those past it alone exceed the control total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fsinsure.arrays import Array, joined
from fsinsure.dims import AGES, MONTHS, PENSION, PERSONS
from fsinsure.errors import PoolError
from fsinsure.messages import Message, separated
from fsinsure.numeric.fill import fill_scale
from fsinsure.region.region import Region
from fsinsure.state import ARRIVED, Inflow, Move
from fsinsure.statuses import ALIGNED, AS_CADRES, INSURED, STATUS, status_shown
from fsinsure.year.event import Opening
from fsinsure.year.law import Law

ENTRY_AGES = slice(16, 60)
ONE: Final = np.ones((1, 1, 1))


def below_pension_age(region: Region, status: str) -> Array:
    """Return 1.0 for the ages below any pension age of a status in the base year.

    Returns
    -------
    Array
        ``[sex, age]`` over :data:`ENTRY_AGES`.
    """
    women = "cadre" if status in AS_CADRES else "worker"
    names = ("male", women) if status in INSURED or status in AS_CADRES else ("resident",) * 2
    limits = [region.base_value(f"retirement.age_{who}") for who in names]
    ages = np.arange(AGES)[ENTRY_AGES]
    return (ages < np.array(limits)[:, None]).astype(np.float64)


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
        now = stock[..., PERSONS, STATUS[self.status], :, :, :]
        growth = law.areas(f"growth.{self.status}")
        total = start.people[..., STATUS[self.status], :] * (1.0 + growth)
        older = np.where(self._by_age(law) > 0, 0.0, now).sum(axis=(-2, -1))
        moves, eligible = self.align(law, stock, total - older)
        self._check_pool(law, eligible, total - older)
        return moves

    def shape(self, law: Law) -> Array:
        """Return the age profile below the pension age of the base year ``[sex, age]``.

        Over :data:`ENTRY_AGES`.
        """
        below = below_pension_age(law.region, self.status)
        return np.asarray(law.profiles[self.status][:, ENTRY_AGES] * below)

    def _by_age(self, law: Law) -> Array:
        """Return :meth:`shape` over all ages ``[sex, age]``."""
        shape = self.shape(law)
        found = np.zeros((*shape.shape[:-1], AGES))
        found[..., ENTRY_AGES] = shape
        return found

    def align(self, law: Law, stock: Array, wanted: Array) -> tuple[list[Move | Inflow], Array]:
        """Return the moves after which the people below the pension age follow the profile.

        Parameters
        ----------
        law
            Of the year.
        stock
            ``[..., quantity, status, area, sex, age]``
        wanted
            Persons of the status below the pension age ``[..., area]``; where negative, so many of
            those past it leave.

        Returns
        -------
        tuple
            The moves, and how many people could be of the status ``[..., area]``: where more are
            wanted, these are.
        """
        everyone = np.maximum(stock[..., PERSONS, :, :, :, ENTRY_AGES], 0.0)
        now, shape = everyone[..., STATUS[self.status], :, :, :], self.shape(law)
        weight = shape * everyone.sum(axis=-4)
        aimed, eligible = self._aim(law, everyone, now, np.maximum(wanted, 0.0), weight)
        change = np.where(shape > 0, aimed - now, 0.0)
        entering = np.maximum(change, 0.0)
        arriving = entering * self._from_outside(law)
        moves: list[Move | Inflow] = []
        if arriving.any():
            moves.append(
                Inflow(
                    ARRIVED,
                    self.status,
                    arriving,
                    law.cadre_share,
                    ages=ENTRY_AGES,
                    reason=self._path,
                    each=self._transferred(law, stock, now),
                )
            )
        moves.extend(self.enter(law, everyone, entering - arriving))
        moves.extend(self._leave(law, stock, np.maximum(-change, 0.0), np.maximum(-wanted, 0.0)))
        return moves, eligible

    def _leave(self, law: Law, stock: Array, younger: Array, older: Array) -> list[Move]:
        """Return the move of those who are too many.

        Parameters
        ----------
        younger
            Persons ``[..., area, sex, age]`` over :data:`ENTRY_AGES`.
        older
            Persons past the pension age ``[..., area]``.
        """
        now = np.maximum(stock[..., PERSONS, STATUS[self.status], :, :, :], 0.0)
        leaving = np.zeros_like(now)
        leaving[..., ENTRY_AGES] = younger
        if older.any():
            past = np.where(self._by_age(law) > 0, 0.0, now)
            there = past.sum(axis=(-2, -1))
            share = np.divide(older, there, out=np.zeros_like(there), where=there > 0)
            leaving = leaving + share[..., None, None] * past
        if not leaving.any():
            return []
        share = np.divide(leaving, now, out=np.zeros_like(now), where=now > 0)
        ages = slice(ENTRY_AGES.start, AGES)
        probability = np.minimum(share, 1.0)[..., None, :, :, ages]
        return [Move(self.status, self.exit_to, probability, ages, self._path)]

    @property
    def _path(self) -> str:
        return f"growth.{self.status}"

    def _from_outside(self, law: Law) -> Array:
        """Return the share of entrants who arrive from outside ``[..., area, 1, 1]``."""
        share = law.cells("migration.demand_share")
        return share if self.status == "employee" else np.zeros_like(share)

    def _transferred(self, law: Law, stock: Array, now: Array) -> Array:
        """Return the months and account that each arrival brings, on average.

        In proportion to those of the people of the status in the same cell.

        Returns
        -------
        Array
            ``[..., quantity, area, sex, age]``, without accounts where the stock has none.
        """
        held = stock[..., MONTHS:PENSION, STATUS[self.status], :, :, ENTRY_AGES]
        there = now[..., None, :, :, :]
        mean = np.divide(held, there, out=np.zeros_like(held), where=there > 0)
        return np.asarray(law.cells("migration.transferred_share")[..., None, :, :, :] * mean)

    def weights(self, law: Law) -> dict[str, Array]:
        """Return the weight of each pool that anybody enters from ``[..., 1, 1, 1]``."""
        weights = {pool: law.cells(name) if name else ONE for pool, name in self.pools.items()}
        return {pool: weight for pool, weight in weights.items() if np.count_nonzero(weight)}

    def in_pools(self, law: Law, everyone: Array) -> Array | float:
        """Return the people of the pools ``[..., area, sex, age]`` among ``[..., status, ...]``."""
        pools: Array | float = 0.0
        for pool, share in self.weights(law).items():
            people = everyone[..., STATUS[pool], :, :, :]
            if np.count_nonzero(share) < share.size:  # no weight in some draws
                people = people * (share > 0)
            pools = pools + people
        return pools

    def _aim(
        self, law: Law, everyone: Array, now: Array, wanted: Array, weight: Array
    ) -> tuple[Array, Array]:
        """Return the persons of the status in each cell ``[..., area, sex, age]``, and the most.

        In proportion to `weight`, adding up to `wanted` ``[..., area]``, and no more than the cell
        can hold: those who are there, its pools and the arrivals who come with these.
        """
        pools = self.in_pools(law, everyone)
        capacity = (now + pools / (1.0 - self._from_outside(law))) * (weight > 0)
        flat = capacity.reshape(*capacity.shape[:-2], -1)
        relative = np.divide(weight, capacity, out=np.zeros_like(capacity), where=capacity > 0)
        relative = relative.reshape(flat.shape)
        eligible = flat.sum(axis=-1)
        scale = fill_scale(np.minimum(wanted, eligible), flat, relative)
        aimed = flat * np.minimum(1.0, scale[..., None] * relative)
        return aimed.reshape(capacity.shape), eligible

    def enter(self, law: Law, everyone: Array, entering: Array) -> list[Move]:
        """Return the moves of those who enter from the pools.

        Parameters
        ----------
        law
            Of the year.
        everyone
            Persons ``[..., status, area, sex, age]`` of some ages.
        entering
            Persons ``[..., area, sex, age]`` of the same ages.
        """
        weights = self.weights(law)
        pools = np.stack([everyone[..., STATUS[pool], :, :, :] for pool in weights], axis=-1)
        weight = joined([weight[..., None] for weight in weights.values()])
        scale = fill_scale(entering, pools, weight)[..., None, :, :, :]
        return [
            Move(
                pool,
                self.status,
                np.minimum(1.0, scale * share[..., None, :, :, :]),
                ENTRY_AGES,
                self._path,
            )
            for pool, share in weights.items()
        ]

    def _check_pool(self, law: Law, eligible: Array, wanted: Array) -> None:
        """Raise PoolError where more are wanted than are eligible (both ``[..., area]``).

        Where growth may end with them (:attr:`fsinsure.year.law.Law.short`), it is noted instead.
        """
        short = wanted - eligible
        lacking = np.asarray((short > 1e-6 * np.maximum(eligible, 1.0)).any(axis=-1))
        if lacking.any() and law.short is not None:
            law.short.append(lacking)
        elif lacking.any():
            *_, area = np.unravel_index(int(np.argmax(short)), short.shape)
            before = [f"growth.{one}" for one in [*ENTRIES][: [*ENTRIES].index(self.status)]]
            levers = [Message("lower {path}", path=self._path)]
            if before:
                levers.append(
                    Message(
                        "lower {paths} (they enter first, from the same pools)",
                        paths=separated(before),
                    )
                )
            levers.append(Message("raise {path}", path="migration.arrivals"))
            if self.status == "employee":
                levers.append(Message("raise {path}", path="migration.demand_share"))
            response = "employment" if self.status == "employee" else "flexible"
            if law.areas(f"response.{response}").any():
                levers.append(
                    Message("set response.* nearer to 0 (people answer to what they pay)")
                )
            where = law.region.area_shown(law.region.codes[area])
            pools = separated(map(status_shown, self.pools))
            asked, there = (count.flat[np.argmax(short)] for count in (wanted, eligible))
            raise PoolError(
                Message(
                    "{year}: {path} asks for {asked:,.0f} {status} below the pension age in "
                    "{where}, but they and the pools ({pools}) are only {there:,.0f}: "
                    "{short:,.0f} short.",
                    year=law.year,
                    path=self._path,
                    asked=asked,
                    status=status_shown(self.status),
                    where=where,
                    pools=pools,
                    there=there,
                    short=short.max(),
                ),
                [self._path, *before, "migration.arrivals"],
                Message("To fix it: {levers}.", levers=separated(levers, "; ")),
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
