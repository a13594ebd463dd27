"""A sensitivity analysis in seven lines: what matters most, and how much of it is judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import count, percent, unit_for, yuan_unit
from fsinsure.output.terminal.summary import SEMICOLON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEASURE, FUND = "measure.", "fund."
LARGE: Final = 0.1
"""Share of what moves a subject above which a parameter is named, beside the first."""
MOST: Final = 3
"""Parameters named of a subject, at most."""
RANKED: Final = {"tornado": "share", "sobol": "total", "morris": "mu_star"}
"""The column by which a method ranks parameters."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """The lines about one analysis.

    Parameters
    ----------
    scenario, title
        Its name, and its title in the language.
    method, parameters, points
        ``tornado``, ``sobol`` or ``morris``; how many parameters were moved, and over how many
        points or trajectories.
    effects
        The table by which parameters are ranked: of the tornado, of the indices, or of the
        screening.
    groups, subjects, tornado
        The tables of the analysis.
    files
        The files that were written, all in one folder; none if nothing was.
    lang
        ``zh`` or ``en``.
    """

    scenario: str
    title: str
    method: str
    parameters: int
    points: int
    effects: pd.DataFrame
    groups: pd.DataFrame
    subjects: pd.DataFrame
    tornado: pd.DataFrame
    files: Sequence[Path] = ()
    lang: str = "zh"

    def __str__(self) -> str:
        lines = (
            *(self.head(), self.spread(), self.matters(MEASURE), self.matters(FUND)),
            *(self.judged(), self.caution(), self.written()),
        )
        return "\n".join(filter(None, lines))

    def head(self) -> str:
        """Return scenario, method and number of parameters."""
        facts = {"name": self.scenario, "title": self.title, "count": self.parameters}
        return self._say(f"head_{self.method}", **facts, points=f"{self.points:,}")

    def spread(self) -> str:
        """Return the standard deviation of each subject."""
        items = []
        for row in self.subjects.to_dict("records"):
            sd = row["sd"] if self.method == "sobol" else row["linear_sd"]
            people = str(row["subject"]).startswith(MEASURE)
            unit = (unit_for if people else yuan_unit)(self.lang, sd)
            amount = f"{count(sd, unit)} {unit.name}"
            items.append(self._say("sd", subject=self._name(row["subject"]), amount=amount))
        return self._say("spread", items=self._join(items))

    def matters(self, kind: str) -> str:
        """Return the parameters that move each subject of a kind most."""
        found: dict[str, list[str]] = {}
        column = RANKED[self.method]
        own = self.effects[self.effects["subject"].str.startswith(kind)]
        for subject, rows in own.groupby("subject", sort=False):
            sizes = rows[column].fillna(0.0)
            share = sizes / sizes.sum() if self.method == "morris" and sizes.sum() else sizes
            large = rows[(share >= LARGE) | ((share == share.max()) & (share > 0.0))].head(MOST)
            most = [
                self._say(
                    "driver",
                    parameter=row["parameter"],
                    basis=label(f"basis.{row['basis']}", self.lang),
                    share=percent(share[at], 0),
                )
                for at, row in zip(large.index, large.to_dict("records"), strict=True)
            ]
            words = join_words(most, self.lang) if most else self._say("nothing")
            found.setdefault(words, []).append(self._name(str(subject)))
        if not found:
            return ""
        items = [
            self._say("matters_to", subjects=join_words(names, self.lang), most=most)
            for most, names in found.items()
        ]
        key = "people" if kind == MEASURE else "funds"
        measured = self._say(f"by_{self.method}")
        return self._say(f"matters_{key}", items=self._join(items), measured=measured)

    def judged(self) -> str:
        """Return how much of the variance is judgement, which research could remove."""
        column = "total" if self.method == "sobol" else "linear"
        own = self.groups[self.groups["basis"] == "judgement"]
        shares = dict(zip(own["subject"], own[column].fillna(0.0), strict=True))
        items = [
            self._say("sd", subject=self._name(name), amount=percent(shares.get(name, 0.0), 0))
            for name in map(str, self.subjects["subject"])
        ]
        return self._say("judgement", items=self._join(items))

    def caution(self) -> str:
        """Return what the numbers leave out."""
        parts = []
        if self.method == "sobol":
            left_out = dict(zip(self.subjects["subject"], self.subjects["left_out"], strict=True))
            most = max(left_out, key=lambda name: left_out[name])
            facts = {"share": percent(left_out[most], 1), "subject": self._name(most)}
            parts.append(self._say("left_out", **facts))
            missing = self.points - int(self.subjects["points"].min())
            if missing:
                parts.append(self._say("missing", count=f"{missing:,}", points=f"{self.points:,}"))
        else:
            parts.append(self._say("linear"))
        missing_end = self.tornado[["low_effect", "high_effect"]].isna().any(axis=1)
        problems = self.tornado.loc[missing_end, "parameter"].unique()
        if len(problems):
            parts.append(self._say("problems", names=join_words([*problems], self.lang)))
        return self._say("caution", items=self._join(parts))

    def written(self) -> str:
        """Return folder and number of the files; empty if nothing was written."""
        if not self.files:
            return ""
        tables = [file for file in self.files if file.suffix == ".csv"]
        pictures = [file for file in self.files if file.suffix == ".png"]
        first = (pictures or tables)[0].name
        counts = {"tables": len(tables), "pictures": len(pictures), "first": first}
        return label("summary.files", self.lang, folder=self.files[0].parent, **counts)

    def _say(self, key: str, **values: object) -> str:
        return label(f"sensitivity.{key}", self.lang, **values)

    def _name(self, subject: str) -> str:
        kind, _, name = subject.partition(".")
        short = label(f"short.{name}", self.lang)
        return short if kind == "measure" else self._say("fund", fund=short)

    def _join(self, items: Sequence[str]) -> str:
        return SEMICOLON[self.lang].join(items)
