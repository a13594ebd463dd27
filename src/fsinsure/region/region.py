"""A region: its areas, its published figures and its law, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fsinsure.dims import AREA, TOTAL
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, both
from fsinsure.names import Names, code_of, listed, meant
from fsinsure.region.known import known_by

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fsinsure.errors import Position
    from fsinsure.paths import Date
    from fsinsure.region.analogues import Analogue
    from fsinsure.sources import Conflict, Figure, Outcome
    from fsinsure.tabular import Record


COPIED: Final = "copied from "
"""What the source of a value begins with that was copied from another region."""


@dataclass(frozen=True)
class Area:
    """A part of a region: a district, a city or a province.

    Parameters
    ----------
    code
        In tables: letters a-z, digits, ``-`` and ``_``.
    zh, en
        Its names.
    """

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Value:
    """One dated value of a parameter, and where it comes from.

    Parameters
    ----------
    area
        The area that it holds for; empty for all that have none of their own.
    key
        The key of a table; 0 of the other kinds.
    date
        From when it holds; None of an undated value.
    text
        As written.
    source, confidence, note
        Its provenance (:mod:`fsinsure.sources`).
    layer
        What sets it: a layer of law (``law/`` and its name), or the region.
    where
        Its position.
    low, high
        The 10th and the 90th percentile of what it may be; `text` is the 50th. None where it is
        certain, or no range is given.
    basis
        What the range rests on, one of :data:`fsinsure.sources.BASES`; empty without a range.
    known
        When it became known, a day (``2021-07-01``); empty where the table does not say.
    """

    area: str
    key: int
    date: Date | None
    text: str
    source: str
    confidence: str
    note: str
    layer: str
    where: Position
    low: float | None = None
    high: float | None = None
    basis: str = ""
    known: str = ""


def of_area(entries: Sequence[Value], area: str) -> list[Value]:
    """Return the values of an area: its own, else those that name none."""
    own = [one for one in entries if one.area == area]
    return own or [one for one in entries if not one.area]


def points_of(entries: Sequence[Value]) -> tuple[tuple[Date, float], ...]:
    """Return dates and values of a path."""
    return tuple((entry.date or 0, float(entry.text)) for entry in entries)


@dataclass(frozen=True, eq=False)
class Region:
    """A region of which enrollment and funds are projected.

    Two regions are equal if they have the same content.

    Parameters
    ----------
    name
        In tables, and in the scenarios that name it.
    title
        Its name for readers, by language (``zh``, ``en``).
    areas
        Its parts, at least one; every stock has an axis of them.
    base_date
        The day of the opening stock, a 31 December.
    horizon
        The last projected year unless a scenario sets another.
    currency
        Of all amounts.
    closing_levers
        By measure, the parameter that moves it most directly.
    laws
        The layers of law, the nation first.
    history
        The dated values of every parameter, revisions among them: of the innermost layer that names
        it (region, then province, then nation). Those in use are :attr:`values`.
    figures
        Published figures of the whole region by name.
    area_figures
        Published figures by name and area.
    census, profiles
        The rows of ``census.csv`` and ``profiles.csv``.
    conflicts, outcomes
        Figures that cannot both hold; published figures by year.
    analogues
        Growth in comparable places.
    tables
        Demographic tables of the innermost layer that has them: ``mortality``, ``fertility``.
    digest
        SHA-256 of its files and those of its law.
    folder
        Where its files are.
    known_until
        The day by which a value must have been known to be in use (:mod:`fsinsure.region.known`);
        None: all values are.
    """

    name: str
    title: Mapping[str, str]
    areas: tuple[Area, ...]
    base_date: datetime.date
    horizon: int
    currency: str
    closing_levers: Mapping[str, str]
    laws: tuple[str, ...]
    history: Mapping[str, tuple[Value, ...]]
    figures: Mapping[str, Figure]
    area_figures: Mapping[tuple[str, str], Figure]
    census: tuple[Record, ...]
    profiles: tuple[Record, ...]
    conflicts: tuple[Conflict, ...]
    outcomes: tuple[Outcome, ...]
    analogues: tuple[Analogue, ...]
    tables: Mapping[str, tuple[Record, ...]]
    digest: str
    folder: Path
    known_until: datetime.date | None = None

    def __repr__(self) -> str:
        """Return name, number of areas and base date."""
        return f"<Region {self.name}: {len(self.areas)} areas, {self.base_date}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Region) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, datetime.date | None]:
        return *self.content, self.known_until

    @property
    def content(self) -> tuple[str, str]:
        """Its name and digest: the same whatever is in use of it (:meth:`as_of`)."""
        return self.name, self.digest

    @cached_property
    def values(self) -> Mapping[str, tuple[Value, ...]]:
        """The values of every parameter that are in use, of revisions the last one known."""
        return known_by(self.history, self.base_date, self.known_until)

    def as_of(self, day: datetime.date | None) -> Region:
        """Return the region as it was known on a day; None: with all that is known.

        Raises
        ------
        InputError
            If the day is before the base date, or no value of a parameter was known by then.
        """
        if day == self.known_until:
            return self
        found = replace(self, known_until=day)
        _ = found.values  # raises now if a parameter has none
        return found

    @property
    def base_year(self) -> int:
        """The year at the end of which the projection starts."""
        return self.base_date.year

    @property
    def first_year(self) -> int:
        """The first projected year."""
        return self.base_year + 1

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of the areas, in order."""
        return tuple(area.code for area in self.areas)

    @cached_property
    def copied(self) -> dict[str, str]:
        """The region from which the values of a parameter were copied, by parameter."""
        sources = {
            name: next((one.source for one in values if one.source.startswith(COPIED)), "")
            for name, values in self.values.items()
        }
        return {
            name: source.removeprefix(COPIED).partition(":")[0]
            for name, source in sources.items()
            if source
        }

    @property
    def places(self) -> tuple[str, ...]:
        """The column ``area`` of a table: the areas, and the region as their total."""
        return (*self.codes, self.name)

    @property
    def levels(self) -> tuple[str, ...]:
        """The column ``level`` of a table, beside :attr:`places`."""
        return (*(AREA for _ in self.codes), TOTAL)

    def names(self, lang: str) -> dict[str, str]:
        """Return the names of the areas and of the region by code.

        Parameters
        ----------
        lang
            ``zh`` or ``en``.

        Raises
        ------
        InputError
            If the language is neither.
        """
        if lang not in self.title:
            raise InputError("No labels in language {lang!r}: use 'zh' or 'en'.", lang=lang)
        return {area.code: getattr(area, lang) for area in self.areas} | {
            self.name: self.title[lang]
        }

    @cached_property
    def area_names(self) -> Names:
        """What readers call the areas, by code."""
        return {area.code: (area.zh, area.en) for area in self.areas}

    def area_shown(self, area: str) -> Message:
        """Return an area in messages: its Chinese name, and in English its code."""
        return both(self.area_names[area][0] if area in self.area_names else area, area)

    def area_named(self, area: str) -> str:
        """Return the code of the area, or of the region, that a word names, or the word itself."""
        names = {**self.area_names, self.name: tuple(self.title.values())}
        return code_of(area, names) if isinstance(area, str) else area

    def index_of(self, area: str) -> int:
        """Return the position of an area, by code or name.

        Raises
        ------
        InputError
            If the region has no such area; the message lists them.
        """
        area = self.area_named(area)
        if area not in self.codes:
            raise InputError(
                "{name} has no area {area!r}.{hint} Areas: {codes}",
                name=self.name,
                area=area,
                hint=meant(str(area), self.area_names),
                codes=listed(area, self.area_names),
            )
        return self.codes.index(area)

    def figure(self, name: str) -> Figure:
        """Return a published figure of the whole region.

        Raises
        ------
        InputError
            If the region does not have it.
        """
        if name not in self.figures:
            raise InputError(
                "the region {name} has no figure {figure!r}.{hint} Add it to its figures.csv",
                name=self.name,
                figure=name,
                hint=did_you_mean(name, self.figures),
            )
        return self.figures[name]

    def amount(self, name: str) -> float | None:
        """Return a published figure in base units (persons, yuan, a fraction), if there is one."""
        return self.figures[name].amount if name in self.figures else None

    def base_value(self, name: str) -> float:
        """Return the value of a path in force at the end of the base year, or its first one."""
        values = self.values[name]
        known = [one for one in values if one.date is None or int(one.date) <= self.base_year]
        return float((known or values[:1])[-1].text)
