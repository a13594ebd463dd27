"""Text for the terminal: a run in seven or eight lines, scenarios side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.dims import TOTAL
from fsinsure.output.labels import join_words, label
from fsinsure.output.levers import MINOR, OTHER
from fsinsure.output.numbers import (
    UNKNOWN,
    Unit,
    count,
    fund_unit,
    months_text,
    percent,
    step_of,
    unit_for,
)
from fsinsure.output.rounding import parts_of, shown_parts
from fsinsure.output.terminal import text
from fsinsure.output.tidy import met
from fsinsure.units import shown

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

MAIN_MEASURES: Final = ("pension.enterprise", "unemployment", "injury")
"""Measures whose channels are reported when a scenario sets no target."""

AIMS: Final = {
    "cumulative_new_urban_employment": "new_urban_employment",
    "cumulative_reemployment": "reemployment",
    "social_card_holders": "social_card",
}
"""Indicators in persons for which the plan sets an aim, and the label of each."""

RATE: Final = "registered_unemployment_rate"

SEMICOLON: Final = {"zh": "；", "en": "; "}
"""Separator of measures; parts of a measure are separated by commas."""


@dataclass(frozen=True, eq=False)
class Summary:
    """The lines about one run: seven, and one more if it meets published figures.

    Parameters
    ----------
    scenario, title
        Its name, and its title in the language.
    base_year, horizon
        The base year, and the last projected year.
    targets, channels, ledger, indicators
        The tidy tables of the run.
    goals
        The last year of each other aim of the plan that the region has figures for.
    checks
        Whether each identity holds.
    remaining
        What the years after the last published figures must bring; no rows if none are met.
    files
        The files that were written, all in one folder.
    lang
        ``zh`` or ``en``.
    """

    scenario: str
    title: str
    base_year: int
    horizon: int
    targets: pd.DataFrame
    channels: pd.DataFrame
    ledger: pd.DataFrame
    indicators: pd.DataFrame
    goals: Mapping[str, int]
    checks: Sequence[bool]
    remaining: pd.DataFrame
    files: Sequence[Path]
    lang: str = "zh"

    def __str__(self) -> str:
        enrollment = (self.plan(), self.growth(), self.known(), self.sources())
        lines = (self.head(), *enrollment, self.aims(), self.funds(), self.written())
        return "\n".join(filter(None, lines))

    def head(self) -> str:
        """Return scenario, years, and the number of identities that hold."""
        checks = {"passed": sum(self.checks), "total": len(self.checks)}
        return self._say("head", name=self.scenario, title=self.title, **self._years(), **checks)

    def plan(self) -> str:
        """Return projection and gap of each target."""
        if self.targets.empty:
            return self._say("no_targets")
        unit = unit_for(self.lang, self.targets["target"].max())
        due = self.targets["gap"].notna()
        items = self._join([self._target(row, unit) for row in self.targets.to_dict("records")])
        if not due.any():
            return self._say("none_due", horizon=self.horizon, unit=unit.name, items=items)
        reached = int(self.targets["gap"].map(met).sum())
        return self._say("plan", met=reached, due=int(due.sum()), unit=unit.name, items=items)

    def growth(self) -> str:
        """Return required and projected growth of each measure, and the year of its target."""
        if self.targets.empty:
            return self._say("no_growth")
        items = []
        for row in self.targets.to_dict("records"):
            arrival = self._say("never", horizon=self.horizon)
            if not pd.isna(row["year_reached"]):
                arrival = self._say("arrival", year=int(row["year_reached"]))
            rates = {name: percent(row[f"growth_{name}"], 2) for name in ("required", "projected")}
            measure = self._short(row["measure"])
            items.append(self._say("growth_of", measure=measure, arrival=arrival, **rates))
        return self._say("growth", items=self._join(items))

    def known(self) -> str:
        """Return people at the last published year end of each measure, and the growth needed."""
        table = self.remaining
        if table.empty:
            return ""
        unit = unit_for(self.lang, table["target"].max())
        items = [
            self._say(
                "known_of" if row["published"] else "known_of_projected",
                measure=self._short(row["measure"]),
                year=row["since"],
                persons=count(row["persons"], unit),
                rate=percent(row["growth_required"], 2),
            )
            for row in table.to_dict("records")
        ]
        return self._say("known", unit=unit.name, items=self._join(items))

    def sources(self) -> str:
        """Return the channels of each measure from the base year to the horizon."""
        table = self.channels
        whole = table[
            (table["level"] == TOTAL)
            & (table["from_year"] == self.base_year)
            & (table["to_year"] == self.horizon)
        ]
        measures = list(dict.fromkeys(self.targets["measure"])) or list(MAIN_MEASURES)
        moved = {
            measure: whole[whole["measure"] == measure].set_index("channel")["persons"]
            for measure in measures
        }
        peak = max(float(parts.abs().max()) for parts in moved.values())
        unit = unit_for(self.lang, max([peak, *self.targets["target"]]))  # as the other lines
        items = self._join([self._increment(name, parts, unit) for name, parts in moved.items()])
        return self._say("channels", **self._years(), unit=unit.name, items=items)

    def aims(self) -> str:
        """Return the plan's other aims and the values that the run implies; empty if none."""
        table = self.indicators
        unit = unit_for(self.lang, table.loc[table["indicator"].isin(AIMS), "value"].max())
        items = [self._aim(name, unit) for name, goal in AIMS.items() if goal in self.goals]
        rate = self._rate()
        if rate:
            items.insert(min(1, len(items)), rate)
        return self._say("aims", unit=unit.name, items=self._join(items)) if items else ""

    def funds(self) -> str:
        """Return balance and months of reserve of each fund, and the first year below the limit."""
        money = fund_unit(self.lang)
        rows = self.ledger[self.ledger["year"] == self.horizon]
        closing = rows[rows["item"] == "closing"].set_index("fund")["yuan"]
        items = [self._fund(str(fund), float(yuan), money) for fund, yuan in closing.items()]
        return self._say("funds", year=self.horizon, unit=money.name, items=self._join(items))

    def written(self) -> str:
        """Return folder and number of the files, and those to open first."""
        pictures = [file.name for file in self.files if file.suffix == ".png"]
        tables = [file.name for file in self.files if file.suffix == ".csv"]
        first = [name for name in ("targets.png", "targets.csv") if name in pictures + tables]
        counts = {"tables": len(tables), "pictures": len(pictures)}
        words = join_words(first, self.lang)
        return self._say("files", folder=self.files[0].parent, **counts, first=words)

    def _say(self, key: str, **values: object) -> str:
        return label(f"summary.{key}", self.lang, **values)

    def _years(self) -> dict[str, int]:
        return {"base": self.base_year, "horizon": self.horizon}

    def _short(self, name: str) -> str:
        return label(f"short.{name}", self.lang)

    def _join(self, items: Sequence[str]) -> str:
        return SEMICOLON[self.lang].join(items)

    def _target(self, row: Mapping[Hashable, Any], unit: Unit) -> str:
        aim = {"measure": self._short(row["measure"]), "year": int(row["year"])}
        target = count(row["target"], unit)
        gap = row["gap"]
        if pd.isna(gap):
            return self._say("beyond", **aim, target=target)
        verdict = label("figure.exact", self.lang)
        if round(gap):
            key = "figure.above" if met(gap) else "figure.short"
            verdict = label(key, self.lang, value=count(abs(gap), unit))
        values = {"projected": count(row["projected"], unit), "target": target}
        return self._say("target", **aim, **values, verdict=verdict.lower())

    def _aim(self, name: str, unit: Unit) -> str:
        """Compare persons with their aim, or report them at the horizon if that is earlier."""
        rows = self.indicators[self.indicators["indicator"] == name]
        due = rows[rows["bound"].notna()]
        row = (due if len(due) else rows).iloc[-1]
        shown = count(row["value"], unit)
        if row["low"] < row["high"]:
            shown = f"{count(row['low'], unit)}–{count(row['high'], unit)}"
        measure = self._short(AIMS[name])
        words = {"measure": measure, "year": int(row["year"]), "projected": shown}
        if due.empty:
            return self._not_due(AIMS[name], **words)
        verdict = self._verdict(row["level"])
        return self._say("aim", **words, bound=count(row["bound"], unit), verdict=verdict)

    def _rate(self) -> str:
        """Compare the highest rate of the plan's years with its bound; empty if there is none."""
        rows = self.indicators[self.indicators["indicator"] == RATE]
        known = rows[rows["level"].ne("")]
        words = {"measure": self._short(RATE)}
        if len(known):
            worst = known.nlargest(1, "value").to_dict("records")[0]
            words |= {
                "value": percent(worst["value"], 2),
                "bound": _value(worst["bound"], "fraction", self.lang),
            }
            verdict = self._verdict(worst["level"])
            return self._say("rate", **words, year=int(worst["year"]), verdict=verdict)
        if RATE not in self.goals or rows["bound"].notna().any():
            return ""
        last = rows.iloc[-1]
        words["projected"] = percent(last["value"], 2)
        return self._not_due(RATE, **words, year=int(last["year"]))

    def _not_due(self, goal: str, **words: object) -> str:
        """Report a value at the horizon beside an aim of which no year is in the table."""
        past = self.goals[goal] <= self.base_year
        return self._say("aim_past" if past else "aim_open", **words)

    def _verdict(self, level: str) -> str:
        return label(f"level.{level}", self.lang) if level else UNKNOWN

    def _fund(self, fund: str, balance: float, unit: Unit) -> str:
        own = self.indicators[self.indicators["fund"] == fund]
        reserve = own[own["indicator"] == "months_of_reserve"].set_index("year")
        months, level = (reserve[name][self.horizon] for name in ("value", "level"))
        short = reserve.index[~reserve["level"].isin(("ok", ""))]
        since = ""
        years = {"fund_gone": "depletion_year", "fund_subsidised": "deficit_subsidy_year"}
        began = {
            key: own.loc[own["indicator"] == name, "value"].dropna() for key, name in years.items()
        }
        first = next((key for key, found in began.items() if len(found)), None)
        if first is not None:
            since = self._say(first, year=int(began[first].iloc[-1]))
        elif len(short):
            since = self._say("fund_short", year=int(short[0]))
        key = "fund_used" if level == "exhausted" else "fund"
        words = {"fund": self._short(fund), "level": self._verdict(level), "since": since}
        return self._say(key, **words, balance=unit.short(balance, 2), months=months_text(months))

    def _increment(self, measure: str, parts: pd.Series, unit: Unit) -> str:
        step = step_of(unit)
        ordered = parts.sort_values(ascending=False, kind="stable")
        shown = shown_parts(ordered, MINOR * float(parts.abs().sum()), step / 2, OTHER)
        words = []
        for name, part in zip(shown.index, parts_of(shown, step), strict=True):
            channel = label(f"channel.{name}" if name != OTHER else "figure.minor", self.lang)
            words += [f"{channel} {count(part, unit, sign=True)}"] if part else []
        total = count(float(parts.sum()), unit, sign=True)
        return f"{self._short(measure)} {total} = {join_words(words, self.lang)}"


def comparison(
    targets: pd.DataFrame, parameters: pd.DataFrame, units: Mapping[str, str], lang: str = "zh"
) -> str:
    """Return the targets of scenarios side by side, and the parameters in which they differ.

    Parameters
    ----------
    targets
        The targets of every scenario.
    parameters
        Columns parameter, area, year, and one a scenario.
    units
        Unit of each parameter.
    lang
        ``zh`` or ``en``.
    """
    return "\n\n".join(
        [_targets_side_by_side(targets, lang), _differences(parameters, units, lang)]
    )


def _targets_side_by_side(targets: pd.DataFrame, lang: str) -> str:
    if targets.empty:
        return label("summary.no_targets", lang)
    unit = unit_for(lang, targets["target"].max())
    scenarios = list(dict.fromkeys(targets["scenario"]))
    lines: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in targets.to_dict("records"):
        aim = (label(f"short.{row['measure']}", lang), str(row["year"]), count(row["target"], unit))
        found = lines.setdefault(aim, dict.fromkeys(scenarios, UNKNOWN))
        if not pd.isna(row["gap"]):
            gap = count(row["gap"], unit, sign=True)
            found[row["scenario"]] = f"{count(row['projected'], unit)} ({gap})"
    rows = [[*aim, *found.values()] for aim, found in lines.items()]
    columns = [label(f"column.{name}", lang) for name in ("measure", "year", "target")]
    body = text.table([*columns, *scenarios], rows, right=len(scenarios) + 2)
    return f"{label('summary.side_by_side', lang, unit=unit.name)}\n{body}"


def _differences(parameters: pd.DataFrame, units: Mapping[str, str], lang: str) -> str:
    if parameters.empty:
        return label("summary.no_difference", lang)
    keys = ["parameter", "area", "year"] if parameters["area"].any() else ["parameter", "year"]
    scenarios = [name for name in parameters.columns if name not in ("parameter", "area", "year")]
    rows: list[list[str]] = []
    for subject, years in parameters.groupby(keys[:-1], sort=False):
        unit = units.get(str(subject[0]), "year")
        when = years["year"].astype("string").fillna("")
        shown = [
            [_value(value, unit, lang) for value in row] for row in years[scenarios].to_numpy()
        ]
        for cells, span in groupby(zip(shown, when, strict=True), key=lambda row: row[0]):
            alike = [year for _, year in span]
            first, last = alike[0], alike[-1]
            rows.append([*map(str, subject), first if first == last else f"{first}–{last}", *cells])
    columns = [label(f"column.{name}", lang) for name in keys]
    body = text.table([*columns, *scenarios], rows, right=len(scenarios))
    return f"{label('summary.differences', lang)}\n{body}"


def _value(value: object, unit: str, lang: str) -> str:
    if isinstance(value, int | float):
        return UNKNOWN if pd.isna(value) else shown(float(f"{value:.6g}"), unit).text(lang)
    return "none" if value is None else str(value)
