"""The answer of a solve of several levers: levers, targets, cost, until when there is time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsinsure.output.labels import constraint_name, join_words, label
from fsinsure.output.numbers import lever_text, limit_text, minus, percent, yuan
from fsinsure.output.terminal import text
from fsinsure.output.terminal.solve import fund_lines

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class JointSolution:
    """What a solve of several levers found, as plain values and tables.

    Parameters
    ----------
    scenario
        Its name.
    least
        ``cost`` or ``change``.
    year
        The horizon, up to which the cost is.
    cost
        Yuan.
    latest
        The latest start; None where there is none.
    levers, constraints, funds, latest_path
        The tables of the answer.
    """

    scenario: str
    least: str
    year: int
    cost: float
    latest: int | None
    levers: pd.DataFrame
    constraints: pd.DataFrame
    funds: pd.DataFrame
    latest_path: pd.DataFrame

    def lines(self, lang: str) -> str:
        """Return the answer in a language, ``zh`` or ``en``."""
        title = label(
            "solve.joint_title",
            lang,
            name=self.scenario,
            least=label(f"solve.least_{self.least}", lang),
        )
        found = [title, self._levers(lang), self._constraints(lang), self._cost(lang)]
        return "\n".join([*found, self._start(lang), fund_lines(self.funds, self.year, lang)])

    def _levers(self, lang: str) -> str:
        rows = [
            [
                str(row["lever"]),
                lever_text(row["before"], row["unit"], lang),
                lever_text(row["after"], row["unit"], lang),
                percent(row["share"]),
                label(f"solve.bound_{row['bound']}", lang) if row["bound"] else "",
            ]
            for row in self.levers.to_dict("records")
        ]
        years = {"first": self.levers["since"].min(), "last": self.levers["last"].max()}
        heads = [
            label("solve.joint_lever", lang, **years),
            *(label(f"solve.joint_{key}", lang) for key in ("before", "after", "share", "bound")),
        ]
        return text.table(heads, rows, right=4)

    def _constraints(self, lang: str) -> str:
        rows = [
            [
                constraint_name(str(row["kind"]), str(row["name"]), lang),
                str(row["year"]),
                *(
                    limit_text(row[key], str(row["unit"]), lang)
                    for key in ("limit", "before", "after")
                ),
                label("solve.yes" if row["binding"] else "solve.no", lang),
                price_text(float(row["shadow_price"])) if row["binding"] else "",
            ]
            for row in self.constraints.to_dict("records")
        ]
        keys = ("year", "limit", "joint_before", "joint_after", "binding", "price")
        heads = [label(f"solve.{key}", lang) for key in ("constraint", *keys)]
        return text.table(heads, rows, right=6)

    def _cost(self, lang: str) -> str:
        key = "solve.cost" if self.cost >= 0 else "solve.gain"
        return label(key, lang, year=self.year, value=yuan(abs(self.cost), lang))

    def _start(self, lang: str) -> str:
        if (self.constraints["before"] >= self.constraints["limit"]).all():
            return label("solve.joint_none", lang)
        if self.latest is None:
            return label("solve.no_later", lang, year=self.levers["since"].min())
        last = self.latest_path["year"] == self.levers["last"].max()
        means = self.latest_path[last].groupby(["lever", "unit"], sort=False)["after"].mean()
        values = [
            f"{lever} {lever_text(value, unit, lang)}" for (lever, unit), value in means.items()
        ]
        return label("solve.joint_latest", lang, year=self.latest, levers=join_words(values, lang))


def price_text(price: float) -> str:
    """Return yuan a unit: whole ones, with two decimals below 100.

    >>> price_text(-34911.5), price_text(0.974)
    ('−34,912', '0.97')
    """
    return minus(f"{price:,.{0 if abs(price) >= 100 else 2}f}")
