"""The scenario: the content of its YAML files, merged and frozen."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from fsinsure.card import card
from fsinsure.documents.user_files import read_bytes
from fsinsure.errors import InputError, Position, ScenarioError
from fsinsure.messages import Message
from fsinsure.paths import GROWING, AreaPaths, Table, TablePath, YearPath
from fsinsure.registry import HELD
from fsinsure.scenario.observe import NOTHING, Observe
from fsinsure.scenario.overrides import coded, read_overrides
from fsinsure.scenario.uncertainty import Uncertainty, check_drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.region.own_outcomes import Actuals
    from fsinsure.region.region import Region
    from fsinsure.scenario.observe import Solved
    from fsinsure.scenario.relief import Relief
    from fsinsure.scenario.schema import Content
    from fsinsure.scenario.target import Target

Value = YearPath | AreaPaths | TablePath | Table | float | str | None
Origin = Position | str

WITH: str = "with_"
"""The origin of what `Scenario.with_` set."""

DEFAULT: str = "default"
"""The origin of a horizon that was not set."""


def without_held(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that differ from "held at the base year", which is the default."""
    return {key: value for key, value in values.items() if value != HELD}


@dataclass(frozen=True)
class Scenario:
    """A scenario as set by its files and overrides; immutable.

    Parameters
    ----------
    name
        Letters, digits, ``-`` and ``_``; stands in the tables of a result.
    title
        For readers, by language (``zh``, ``en``).
    region
        Whose people and funds are projected, as it was known by :attr:`as_of`.
    horizon
        The last projected year.
    values
        Only what was set, by dotted key (``growth.employee``): a `YearPath` for a path, a
        `TablePath` for a table, a number in base units, a word or file name, or None for "none".
    targets
        Enrollment to be reached.
    origins
        Where each key was set, ``horizon``, ``as_of``, ``targets`` and ``relief``: a position in a
        file (named from the folder of the file opened, with ``/``), or ``"with_"``. Of
        ``uncertainty`` each name has its own, ``uncertainty.growth.employee``.
    files
        The files that were read, the one opened last and its ancestors before it.
    folder
        Where relative data files are looked up.
    description
        The question that the scenario asks.
    relief
        The contributions that are waived, deferred or refunded.
    observe, actuals
        Which published figures of the region are met, and the figures of the user.
    fitted
        By measure, the parameter that was set by its published figures; they judge nothing.
    solved
        The values of levers that meet them; they stand before `values`. None until they are solved
        (:mod:`fsinsure.analysis.observe`): a scenario that observes figures is not projected then.
    uncertainty
        How parameters are drawn, beside those that the region assumes with a range.
    """

    name: str
    title: Mapping[str, str]
    region: Region
    horizon: int
    values: Mapping[str, Value] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    folder: Path | None = None
    description: str | None = None
    relief: tuple[Relief, ...] = ()
    observe: Observe = NOTHING
    actuals: Actuals | None = None
    solved: tuple[Solved, ...] | None = None
    fitted: Mapping[str, str] = field(default_factory=dict)
    uncertainty: Uncertainty = field(default_factory=Uncertainty)

    def __post_init__(self) -> None:
        for name in ("title", "values", "origins", "fitted"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[type[Scenario], tuple[object, ...]]:
        """Support pickling, needed by worker processes: a mapping proxy cannot be pickled."""
        values = [getattr(self, field.name) for field in fields(self)]
        return Scenario, tuple(dict(v) if isinstance(v, MappingProxyType) else v for v in values)

    def __repr__(self) -> str:
        """Return the name, the region and the years."""
        years = f"{self.region.base_year} to {self.horizon}"
        return f"<Scenario {self.name}: {self.region.name}, {years}>"

    def _repr_html_(self) -> str:
        """Return the title, the region and what was set, for notebooks."""
        import pandas as pd

        rows = [
            (key, str(value), str(self.origins.get(key, ""))) for key, value in self.values.items()
        ]
        table = pd.DataFrame(rows, columns=["参数 key", "设定值 value", "出处 set by"])
        return card(self.title.get("zh", self.name), [repr(self)], table)

    def __hash__(self) -> int:
        return hash((self.name, self.horizon, len(self.values), self.targets))

    @property
    def as_of(self) -> datetime.date | None:
        """The day by which a value of region or law must have been known; None: all are used."""
        return self.region.known_until

    @property
    def hash(self) -> str:
        """SHA-256 of all inputs that affect numbers: not of names, titles, paths or comments.

        Raises
        ------
        ScenarioError
            If a data file that the scenario names is no longer there.
        """
        content: dict[str, object] = {
            "region": self.region.digest,
            "horizon": self.horizon,
            "values": {key: self._canonical(self.values[key]) for key in sorted(self.values)},
            "targets": [
                [t.measure, t.year, t.value, t.baseline, t.baseline_tolerance] for t in self.targets
            ],
            "relief": [relief.canonical for relief in self.relief],
        }
        if self.observe.until is not None:
            content["observe"] = self.observe.until
        if self.actuals is not None:
            content["actuals"] = self.actuals.digest
        if self.as_of is not None:
            content["as_of"] = self.as_of.isoformat()
        if self.uncertainty:
            content["uncertainty"] = self.uncertainty.canonical
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    @property
    def observes(self) -> bool:
        """Whether it meets published figures."""
        return self.observe.until is not None or self.actuals is not None

    @cached_property
    def solved_by(self) -> Mapping[tuple[str, int], Solved]:
        """What was solved, by lever and year."""
        return {(one.lever, one.year): one for one in self.solved or ()}

    @property
    def observed_to(self) -> int | None:
        """The last year of which a figure is met; None if none is."""
        return max((one.year for one in self.solved or ()), default=None)

    @property
    def observed(self) -> dict[str, object]:
        """What was observed, for ``run.json``; empty if nothing was."""
        if not self.observes:
            return {}
        own = self.actuals and self.actuals.record
        figures = dict.fromkeys(one.outcome for one in self.solved or ())
        levers = {one.outcome: one.lever for one in self.solved or ()}
        return {
            "until": self.observe.until,
            "outcomes": own,
            "figures": [
                {
                    **{"measure": one.measure, "date": one.date, "value": str(one.value)},
                    **{"unit": one.unit, "where": str(one.where), "lever": levers[one]},
                }
                for one in figures
            ],
        }

    def set_by(self, key: str, position: Position | None) -> str:
        """Return where an entry of a list stands, in the file named as origins name it."""
        origin = self.origins.get(key, "")
        if position and isinstance(origin, Position):
            origin = replace(position, file=origin.file)
        return str(origin)

    def _canonical(self, value: Value) -> object:
        if isinstance(value, YearPath):
            then = {"then": value.then} if value.then in GROWING else {}
            linear = value.linear and len(value.points) > 1
            return {"points": value.points, "linear": linear, **then}
        if isinstance(value, AreaPaths):
            return {"areas": [[area, self._canonical(path)] for area, path in value.paths]}
        if isinstance(value, TablePath):
            return {"tables": value.points}
        if isinstance(value, str) and value.endswith(".csv"):
            try:
                raw = read_bytes((self.folder or Path()) / value)
            except InputError as error:
                raise ScenarioError("{value}: {error}", value=value, error=error) from None
            return {"file": hashlib.sha256(raw).hexdigest()}
        return value

    def with_(self, overrides: Mapping[str, object], *, name: str | None = None) -> Scenario:
        """Return a copy of this scenario with some keys changed; a path replaces the whole path.

        Parameters
        ----------
        overrides
            By dotted key, or the title of a parameter (also ``horizon``, ``as_of``, ``targets``,
            ``relief`` and ``uncertainty``), what a file would hold: a number, a text such as
            ``"18%"`` or ``"470万"``, None, or a mapping of years to them.
        name
            A new name; the title becomes it.

        Raises
        ------
        ScenarioError
            As loading a file would, without a position.

        Examples
        --------
        >>> drive = base.with_({"growth.flexible": "18%"}, name="flexible-drive")  # doctest: +SKIP
        """
        own = self.name if name is None else name
        given = coded(overrides)
        content = read_overrides(own, given, self.folder, self.region)
        set_here = [key for key in given if key != "uncertainty"]
        changed = self.merged(content, dict.fromkeys([*set_here, *content.uncertain], WITH))
        check_drawn(changed)
        title = self.title if name is None else {"zh": name, "en": name}
        return replace(changed, name=content.name, title=title)

    def merged(self, content: Content, origins: Mapping[str, Origin]) -> Scenario:
        """Return this scenario with what a content sets; the origins are those of its keys."""
        return replace(
            self,
            region=self._known(content, origins.get("as_of")),
            horizon=content.horizon or self.horizon,
            values=without_held({**self.values, **content.values}),
            targets=self.targets if content.targets is None else content.targets,
            relief=self.relief if content.relief is None else content.relief,
            origins={**self.origins, **origins},
            observe=content.observe or self.observe,
            solved=None,
            fitted=self._fitted(content),
            uncertainty=self.uncertainty.changed(
                content.uncertainty, content.correlations, content.values
            ),
        )

    def _fitted(self, content: Content) -> dict[str, str]:
        """Return what is fitted: a parameter with another value is no longer the fitted one."""
        kept = {key: name for key, name in self.fitted.items() if name not in content.values}
        return {**kept, **(content.fitted or {})}

    def _known(self, content: Content, origin: Origin | None) -> Region:
        """Return the region as a content wants it known; unchanged where it does not say."""
        if content.as_of is None:
            return self.region
        day = content.as_of if isinstance(content.as_of, datetime.date) else None
        try:
            return self.region.as_of(day)
        except InputError as error:
            position = origin if isinstance(origin, Position) else None
            raise ScenarioError(Message("as_of: {error}", error=error), position) from None
