"""A calibration in seven lines: estimates, fit, what was held out, and what moves together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.labels import join_words, label, measure_name
from fsinsure.output.numbers import amount, lever_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


SEMICOLON: Final = {"zh": "；", "en": "; "}
"""Separator of items that have commas themselves."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What a calibration found, as plain values and tables.

    Parameters
    ----------
    scenario, method
        The scenario's name, and how it was calibrated.
    parameters, figures
        The tables of the calibration.
    errors
        Mean absolute errors by name; NaN where there are none.
    together
        Groups of parameters that are not distinguished.
    targets
        The targets table of the scenario as it was, and of the calibrated one.
    folder, files
        Where files were written, and how many.
    """

    scenario: str
    method: str
    parameters: pd.DataFrame
    figures: pd.DataFrame
    errors: Mapping[str, float]
    together: Sequence[Sequence[str]]
    targets: tuple[pd.DataFrame, pd.DataFrame]
    folder: str
    files: int

    def lines(self, lang: str) -> str:
        """Return the seven lines in a language, ``zh`` or ``en``."""
        return "\n".join(
            [
                self._title(lang),
                self._estimates(lang),
                self._fit(lang),
                self._held(lang),
                self._distinguished(lang),
                self._targets(lang),
                label("calibrate.files", lang, folder=self.folder, count=self.files),
            ]
        )

    def _title(self, lang: str) -> str:
        used = self.figures[self.figures["use"] == "fitted"]
        facts = {"name": self.scenario, "parameters": len(self.parameters), "figures": len(used)}
        years = sorted(used["year"].unique())
        span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
        method = label(f"calibrate.{self.method}", lang)
        return label("calibrate.title", lang, **facts, years=span, method=method)

    def _estimates(self, lang: str) -> str:
        found = (self._one(row, lang) for row in self.parameters.to_dict("records"))
        return label("calibrate.estimates", lang) + SEMICOLON[lang].join(found)

    def _one(self, row: Mapping[Any, Any], lang: str) -> str:
        unit = str(row["unit"])
        values = {name: lever_text(row[name], unit, lang) for name in ("initial", "estimate")}
        facts = {"parameter": row["parameter"], **values}
        if row["at_bound"]:
            bound = label(f"calibrate.{row['at_bound']}", lang)
            return label("calibrate.at_bound", lang, **facts, bound=bound)
        if math.isnan(row["standard_error"]):
            return label("calibrate.no_interval", lang, **facts)
        low, high = (lever_text(row[f"interval_{end}"], unit, lang) for end in ("low", "high"))
        return label("calibrate.interval", lang, **facts, low=low, high=high)

    def _fit(self, lang: str) -> str:
        used = self.figures[self.figures["use"] == "fitted"]
        parts = []
        for name, rows in used.groupby("measure", sort=False):
            ends = (percent(rows[f"error_{when}"].abs().mean()) for when in ("before", "after"))
            parts.append(f"{measure_name(str(name), lang)} {' → '.join(ends)}")
        facts = {when: percent(self.errors[f"fit_{when}"]) for when in ("before", "after")}
        return label("calibrate.fit", lang, **facts, parts=join_words(parts, lang))

    def _held(self, lang: str) -> str:
        judging = self.figures[self.figures["judged"].astype(bool)]
        if judging.empty:
            return label("calibrate.no_held", lang)
        years = join_words((str(year) for year in sorted(judging["year"].unique())), lang)
        facts = {name: percent(self.errors[f"held_{name}"]) for name in ("before", "after")}
        naive = percent(self.errors["held_naive"])
        return label("calibrate.held", lang, years=years, count=len(judging), **facts, naive=naive)

    def _distinguished(self, lang: str) -> str:
        if not self.together:
            return label("calibrate.apart", lang)
        groups = join_words((" + ".join(group) for group in self.together), lang)
        return label("calibrate.together", lang, groups=groups)

    def _targets(self, lang: str) -> str:
        before, after = self.targets
        rows = [
            f"{measure_name(str(name), lang)} {year}: {amount(old, lang)} → {amount(new, lang)} "
            f"({amount(gap, lang, sign=True)})"
            for name, year, old, new, gap in zip(
                *(before["measure"], before["year"], before["projected"]),
                *(after["projected"], after["gap"]),
                strict=True,
            )
            if not math.isnan(new)
        ]
        if not rows:
            return label("calibrate.no_targets", lang)
        return label("calibrate.targets", lang) + SEMICOLON[lang].join(rows)
