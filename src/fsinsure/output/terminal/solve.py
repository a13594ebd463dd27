"""The answer of a solve as a few lines: what it takes, what it costs, until when there is time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsinsure.dims import TOTAL
from fsinsure.output.labels import join_words, label, measure_name
from fsinsure.output.levers import MATERIAL
from fsinsure.output.numbers import amount, fund_unit, lever_text, percent, yuan, yuan_text
from fsinsure.output.terminal import text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solve found, as plain values and tables.

    Parameters
    ----------
    scenario
        Its name.
    subject, money
        The measure, or the fund of which the closing balance is a target.
    year, value
        The year of the target, and persons or yuan.
    lever, since
        The lever, and the first year in which it changes.
    before, after
        What the scenario gives without and with the change.
    exact
        Whether the target is met exactly; else the lever is at its bound, and above the target.
    latest, latest_value
        The latest start and the value of the lever with it; None where there is none.
    path, people, funds
        The tables of the answer.
    chances
        The probability that was asked for, and the shares of draws that meet the target before and
        after; None where none was.
    draws
        How many draws there were.
    """

    scenario: str
    subject: str
    money: bool
    year: int
    value: float
    lever: str
    since: int
    before: float
    after: float
    exact: bool
    latest: int | None
    latest_value: float | None
    path: pd.DataFrame
    people: pd.DataFrame
    funds: pd.DataFrame
    chances: tuple[float, float, float] | None = None
    draws: int = 0

    def lines(self, lang: str) -> str:
        """Return the answer in a language, ``zh`` or ``en``."""
        return "\n".join([*self.facts(lang), fund_lines(self.funds, self.year, lang)])

    def facts(self, lang: str) -> list[str]:
        """Return the lines of the answer above its table of funds."""
        found = [self._title(lang), self._lever(lang), self._met(lang), self._others(lang)]
        if self.chances is None and self.before < self.value:
            found.append(self._start(lang))
        return found

    def _title(self, lang: str) -> str:
        target = measure_name(self.subject, lang)
        if self.money:
            target = label("solve.balance", lang, fund=label(f"short.{self.subject}", lang))
        facts = {"name": self.scenario, "year": self.year, "target": target}
        return label("solve.title", lang, **facts, value=self._amount(self.value, lang))

    def _lever(self, lang: str) -> str:
        changed = self.path[self.path["before"] != self.path["after"]]
        rows = changed if len(changed) else self.path
        unit = str(rows["unit"].iloc[0])
        before, after = (span(rows[column], unit, lang) for column in ("before", "after"))
        first, last = rows["year"].min(), rows["year"].max()
        facts = {"lever": self.lever, "first": first, "last": last}
        return label("solve.lever", lang, **facts, before=before, after=after)

    def _met(self, lang: str) -> str:
        key = "solve.spare" if self.exact else "solve.spare_bound"
        facts = {"before": self._amount(self.before, lang), "after": self._amount(self.after, lang)}
        if self.chances is not None:
            wanted, before, after = (percent(one) for one in self.chances)
            likely = {"wanted": wanted, "chance_before": before, "chance_after": after}
            return label("solve.likely", lang, **facts, **likely, draws=f"{self.draws:,}")
        if self.before < self.value:
            short = self._amount(self.value - self.before, lang)
            return label("solve.needed", lang, **facts, short=short)
        return label(key, lang, **facts)

    def _others(self, lang: str) -> str:
        table = self.people
        at = table[(table["level"] == TOTAL) & (table["year"] == self.year)]
        changes = [
            f"{measure_name(measure, lang)} {amount(change, lang, sign=True)}"
            for measure, change in zip(at["measure"], at["difference"], strict=True)
            if abs(change) >= MATERIAL["persons"] and (self.money or measure != self.subject)
        ]
        if not changes:
            return label("solve.no_others", lang)
        return label("solve.others", lang, year=self.year, changes=join_words(changes, lang))

    def _start(self, lang: str) -> str:
        if self.latest is None or self.latest_value is None:
            return label("solve.no_later", lang, year=self.since)
        value = lever_text(self.latest_value, str(self.path["unit"].iloc[0]), lang)
        return label("solve.latest", lang, year=self.latest, lever=self.lever, value=value)

    def _amount(self, value: float, lang: str) -> str:
        return yuan(value, lang) if self.money else amount(value, lang)


def fund_lines(funds: pd.DataFrame, year: int, lang: str) -> str:
    """Return the change of income, outgo and balance up to a year by fund, those that change."""
    title, header, rows = fund_changes(funds, year, lang)
    return f"{title}\n{text.table(header, rows, right=3)}" if rows else title


def fund_changes(
    funds: pd.DataFrame, year: int, lang: str
) -> tuple[str, list[str], list[list[str]]]:
    """Return title, header and rows of :func:`fund_lines`; no rows if no fund changes."""
    upto = funds[funds["year"] <= year]
    flows = upto[upto["item"] != "balance"].groupby(["fund", "item"], sort=False)
    changes = flows["difference"].sum().to_dict()
    last = upto[(upto["item"] == "balance") & (upto["year"] == year)]
    ends = zip(last["fund"], last["difference"], strict=True)
    changes |= {(fund, "balance"): change for fund, change in ends}
    unit, items = fund_unit(lang), ("income", "outgo", "balance")
    rows = [
        [
            label(f"short.{fund}", lang),
            *(yuan_text(changes.get((fund, item), 0.0), unit, sign=True) for item in items),
        ]
        for fund in last["fund"]
        if any(abs(changes.get((fund, item), 0.0)) >= MATERIAL["yuan"] for item in items)
    ]
    rows = [row for row in rows if set(row[1:]) != {"0"}]
    if not rows:
        return label("solve.no_funds", lang), [], []
    keys = ("solve.fund", "solve.income", "solve.outgo", "solve.change_balance")
    header = [label(key, lang) for key in keys]
    return label("solve.funds", lang, year=year, unit=unit.name), header, rows


def span(values: pd.Series[float], unit: str, lang: str) -> str:
    """Return the values of a lever: one, or the lowest and the highest."""
    low, high = (lever_text(end, unit, lang) for end in (values.min(), values.max()))
    return low if low == high else f"{low} – {high}"
