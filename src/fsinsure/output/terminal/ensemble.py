"""An ensemble in seven lines: probabilities, ranges, what matters most, and the risk of funds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import UNKNOWN, chance, count, percent, unit_for
from fsinsure.output.terminal.summary import SEMICOLON

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from fsinsure.analysis.published_draws import Given

ALL: Final = "all"
LARGE: Final = 0.1
"""Share of what moves a subject above which a parameter is named, beside the first."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """The lines about one ensemble.

    Parameters
    ----------
    scenario, title
        Its name, and its title in the language.
    horizon
        The last projected year.
    draws, projected, uncertain
        The draws asked for, those that could be projected, and how many parameters are drawn.
    design, seed
        How draws were made.
    limited
        The share of the draws in which growth was limited.
    weighted
        By which figures the draws were weighted; None if they were not.
    persons
        With how many persons each draw was simulated; None for expected values.
    targets, enrollment, drivers, depletion, indicators
        The tables of the ensemble.
    files
        The files that were written, all in one folder; none if nothing was.
    lang
        ``zh`` or ``en``.
    """

    scenario: str
    title: str
    horizon: int
    draws: int
    projected: int
    uncertain: int
    design: str
    seed: int
    limited: float
    weighted: Given | None
    persons: int | None
    targets: pd.DataFrame
    enrollment: pd.DataFrame
    drivers: pd.DataFrame
    depletion: pd.DataFrame
    indicators: pd.DataFrame
    files: Sequence[Path] = ()
    lang: str = "zh"

    def __str__(self) -> str:
        lines = (
            *(self.head(), self.chances(), self.together(), self.ranges()),
            *(self.what_matters(), self.risks(), self.written()),
        )
        return "\n".join(filter(None, lines))

    def head(self) -> str:
        """Return scenario, draws and how they were made."""
        design = label(f"design.{self.design}", self.lang)
        shown = f"{self.projected:,}"
        if self.projected < self.draws:
            shown = self._say("of_draws", projected=shown, draws=f"{self.draws:,}")
        people = "" if self.persons is None else self._say("simulated", count=f"{self.persons:,}")
        refused = self._say("refused") if self.projected < self.draws else ""
        facts = {"name": self.scenario, "title": self.title, "design": design, "seed": self.seed}
        head = self._say("head", **facts, draws=shown, count=self.uncertain)
        limited = self._say("limited", share=self._share(self.limited)) if self.limited else ""
        return head + people + refused + limited + self._given()

    def _given(self) -> str:
        """Return by which figures the draws were weighted; empty if they were not."""
        if self.weighted is None:
            return ""
        numbers = {"of": f"{self.weighted.of:,}", "effective": f"{self.weighted.effective:,.0f}"}
        sigma = percent(self.weighted.sigma, 1)
        return self._say("given", count=len(self.weighted.figures), sigma=sigma, **numbers)

    def chances(self) -> str:
        """Return the probability of each target."""
        if self.targets.empty:
            return self._say("no_targets")
        each = self.targets[self.targets["measure"] != ALL]
        unit = unit_for(self.lang, float(each["target"].max()))
        items = [
            self._say(
                "chance",
                measure=self._short(row["measure"]),
                year=int(row["year"]),
                target=count(row["target"], unit),
                chance=self._chance(row),
            )
            for row in each.to_dict("records")
        ]
        return self._say("chances", unit=unit.name, items=self._join(items))

    def together(self) -> str:
        """Return the probability that all targets are met, with its standard error."""
        rows = self.targets[self.targets["measure"] == ALL].to_dict("records")
        if not rows:
            return ""
        error = rows[0]["standard_error"]
        if pd.isna(error):
            return self._say("together_unknown")
        return self._say("together", chance=self._chance(rows[0]), points=f"{100.0 * error:.1f}")

    def ranges(self) -> str:
        """Return 10th, 50th and 90th percentile of each measure in the year of its target."""
        rows = self.targets[(self.targets["measure"] != ALL) & self.targets["p50"].notna()]
        if rows.empty:
            table = self.enrollment
            rows = table[(table["level"] == TOTAL) & (table["year"] == self.horizon)]
        unit = unit_for(self.lang, float(rows["p90"].max()))
        items = [
            self._say(
                "range",
                measure=self._short(row["measure"]),
                year=int(row["year"]),
                **{name: count(row[name], unit) for name in ("p10", "p50", "p90")},
            )
            for row in rows.to_dict("records")
        ]
        return self._say("ranges", unit=unit.name, items=self._join(items))

    def what_matters(self) -> str:
        """Return the parameters that move each subject most; subjects with the same together."""
        if self.drivers.empty:
            return self._say("too_few", draws=f"{self.projected:,}", count=self.uncertain)
        found: dict[tuple[str, ...], dict[str, pd.DataFrame]] = {}
        for subject, rows in self.drivers.groupby("subject", sort=False):
            kind, _, name = str(subject).partition(".")
            words = self._short(name)
            if kind == "fund":
                words = self._say("fund", fund=words)
            large = (rows["share"] >= LARGE) | (rows["share"] == rows["share"].max())
            first = rows[large].head(3).set_index("parameter")
            found.setdefault((kind, *first.index), {})[words] = first
        items = []
        for (_, *names), subjects in found.items():
            most = [self._driver(name, [*subjects.values()]) for name in names]
            parts = {"subjects": [*subjects], "most": most}
            shown = {key: join_words(one, self.lang) for key, one in parts.items()}
            items.append(self._say("matters_to", **shown))
        return self._say("matters", items=self._join(items))

    def _driver(self, name: str, rows: Sequence[pd.DataFrame]) -> str:
        """Return a parameter with its basis, and the lowest and highest of its shares."""
        shares = [float(one["share"][name]) for one in rows]
        low, high = (percent(end, 0) for end in (min(shares), max(shares)))
        return self._say(
            "driver",
            parameter=name,
            basis=label(f"basis.{rows[0]['basis'][name]}", self.lang),
            share=low if low == high else f"{low}–{high}",
        )

    def risks(self) -> str:
        """Return the probability that each fund runs out, or is below its lowest limit."""
        last = self.indicators[self.indicators["year"] == self.horizon].set_index("fund")
        items = []
        for row in self.depletion.to_dict("records"):
            fund = row["fund"]
            facts = {"fund": self._short(fund), "chance": self._chance(row)}
            if pd.isna(row["probability"]):
                continue
            alarm = self._share(float(last["below_alarm"][fund]))
            items.append(self._say("risk", **facts, alarm=alarm))
        return self._say("risks", year=self.horizon, items=self._join(items))

    def written(self) -> str:
        """Return folder and number of the files; empty if nothing was written."""
        if not self.files:
            return ""
        tables = [file for file in self.files if file.suffix == ".csv"]
        pictures = [file for file in self.files if file.suffix == ".png"]
        first = "targets.png" if pictures else "targets.csv"
        counts = {"tables": len(tables), "pictures": len(pictures), "first": first}
        return label("summary.files", self.lang, folder=self.files[0].parent, **counts)

    def _chance(self, row: Mapping[Hashable, Any]) -> str:
        return UNKNOWN if pd.isna(row["probability"]) else self._share(row["probability"])

    def _share(self, share: float) -> str:
        draws = self.projected if self.weighted is None else int(self.weighted.effective)
        return chance(share, draws, self.lang)

    def _say(self, key: str, **values: object) -> str:
        return label(f"ensemble.{key}", self.lang, **values)

    def _short(self, name: str) -> str:
        return label(f"short.{name}", self.lang)

    def _join(self, items: Sequence[str]) -> str:
        return SEMICOLON[self.lang].join(items)
