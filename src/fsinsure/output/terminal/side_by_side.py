"""Scenarios side by side in a terminal: what funds hold, what relief does, why two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.dims import CITY
from fsinsure.output.labels import label, listed
from fsinsure.output.style import fund_unit, unit_for
from fsinsure.output.terminal import text
from fsinsure.output.terminal.summary import MINOR, count

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.output.style import Unit

TOLD: Final = {"yuan": 1e6, "persons": 100.0}
"""A subject is told if a lever moves it by at least this much: what two decimals of 亿元 and 万人
can show."""

OTHER: Final = ""
"""The name of the minor levers together."""


def balances(ledger: pd.DataFrame, lang: str = "zh") -> str:
    """Lay out the closing balance of every fund under every scenario, and how far off the first.

    Parameters
    ----------
    ledger
        Columns scenario, year, district, fund, item, yuan, difference (from the first scenario).
        The last year that every scenario reaches is told.
    lang
        ``zh`` or ``en``.
    """
    year = int(ledger.groupby("scenario")["year"].max().min())
    closing = ledger[
        (ledger["item"] == "closing") & (ledger["district"] == CITY) & (ledger["year"] == year)
    ]
    unit = fund_unit(lang)
    scenarios = list(dict.fromkeys(closing["scenario"]))
    lines: dict[str, list[str]] = {}
    for row in closing.to_dict("records"):
        shown = count(row["yuan"], unit)
        if row["scenario"] != scenarios[0]:
            shown += f" ({count(row['difference'], unit, sign=True)})"
        lines.setdefault(label(f"short.{row['fund']}", lang), []).append(shown)
    rows = [[fund, *cells] for fund, cells in lines.items()]
    body = text.table([label("column.fund", lang), *scenarios], rows, right=len(scenarios))
    return f"{label('summary.balances', lang, unit=unit.name, year=year)}\n{body}"


def relief(indicators: pd.DataFrame, lang: str = "zh") -> str:
    """Say what relief costs each year, to which funds, and how many people it keeps insured.

    Parameters
    ----------
    indicators
        Columns scenario, year, fund, indicator, value.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
        A line a scenario and year with relief; empty if there is none.
    """
    unit = fund_unit(lang)
    costs = indicators[(indicators["indicator"] == "relief_cost") & (indicators["value"] > 0)]
    kept = indicators[indicators["indicator"] == "people_kept"]
    people = kept.set_index(["scenario", "year"])["value"].to_dict()
    lines = []
    for (scenario, year), rows in costs.groupby(["scenario", "year"]):
        amounts = {
            label(f"short.{fund}", lang): count(value, unit)
            for fund, value in zip(rows["fund"], rows["value"], strict=True)
        }
        persons = float(people[scenario, year])
        shown = unit_for(lang, abs(persons))
        key = "summary.relief_kept" if persons else "summary.relief_unanswered"
        lines.append(
            label(
                key,
                lang,
                scenario=scenario,
                year=year,
                cost=count(float(rows["value"].sum()), unit),
                unit=unit.name,
                parts=listed((f"{name} {amount}" for name, amount in amounts.items()), lang),
                people=count(persons, shown),
                persons=shown.name,
            )
        )
    return "\n".join(lines)


def deferrals(ledger: pd.DataFrame, lang: str = "zh") -> str:
    """Say what is deferred each year, and what of all that is still owed at the end.

    Parameters
    ----------
    ledger
        Columns scenario, year, district, fund, item, yuan.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
        A line a scenario and year with deferrals; empty if there is none.
    """
    unit = fund_unit(lang)
    city = ledger[ledger["district"] == CITY].groupby(["item", "scenario", "year"])["yuan"].sum()
    lines = []
    for (scenario, year), amount in city["deferred"].items():
        if amount > 0:
            owed = city["owed"][scenario]
            values = {
                "scenario": scenario,
                "year": year,
                "amount": count(amount, unit),
                "unit": unit.name,
                "horizon": owed.index[-1],
                "owed": count(float(owed.iloc[-1]), unit),
            }
            lines.append(label("summary.deferred", lang, **values))
    return "\n".join(lines)


def why(reasons: pd.DataFrame, lang: str = "zh") -> str:
    """Say for each fund and measure which levers move it, the largest first.

    Parameters
    ----------
    reasons
        Columns scenario, against, step, lever, kind, subject, year, value, unit; with rows.
    lang
        ``zh`` or ``en``.
    """
    blocks = []
    for (scenario, against, year), rows in reasons.groupby(
        ["scenario", "against", "year"], sort=False
    ):
        who = {"scenario": scenario, "against": against, "year": year}
        moved = told(rows)
        if moved.empty:
            blocks.append(label("summary.no_reason", lang, **who))
            continue
        parts = [_kind(same, lang) for _, same in moved.groupby("kind", sort=False)]
        blocks.append("\n".join([label("summary.reasons", lang, **who), *parts]))
    return "\n\n".join(blocks)


def told(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the subjects that some lever moves noticeably (`TOLD`)."""
    large = reasons["value"].abs() >= reasons["unit"].map(TOLD)
    keys = [reasons[column] for column in ("scenario", "kind", "subject")]
    return reasons[large.groupby(keys).transform("any")]


def main_levers(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the values of one subject by lever in the order of the steps, the minor ones summed.

    A lever is minor if it moves the subject by less than a twentieth of all movement; they stand
    last, under the name `OTHER`. One alone keeps its name.
    """
    values = rows.sort_values("step").set_index("lever")["value"]
    large = values.abs() >= MINOR * values.abs().sum()
    if (~large & (values != 0)).sum() == 1:
        return values[values != 0]
    found = values[large]
    rest = float(values[~large].sum())
    if rest:
        found.loc[OTHER] = rest
    return found


def _kind(rows: pd.DataFrame, lang: str) -> str:
    kind = str(rows["kind"].iloc[0])
    unit = fund_unit(lang) if kind == "fund" else unit_for(lang, rows["value"].abs().max())
    cells, parts = [], [""]
    for subject, same in rows.groupby("subject", sort=False):
        total = count(float(same["value"].sum()), unit, sign=True)
        cells.append([label(f"short.{subject}", lang), total])
        parts.append(f" = {_parts(main_levers(same), unit, lang)}")
    name = label("summary.reasons_of", lang, kind=label(f"kind.{kind}", lang), unit=unit.name)
    lines = text.table([name, label("column.difference", lang)], cells, right=1).split("\n")
    return "\n".join(line + part for line, part in zip(lines, parts, strict=True))


def _parts(values: pd.Series[float], unit: Unit, lang: str) -> str:
    order = sorted(values.index, key=lambda name: (name == OTHER, -abs(values[name])))
    shown = {name: count(float(values[name]), unit, sign=True) for name in order}
    told = (
        f"{name or label('figure.minor', lang)} {value}"
        for name, value in shown.items()
        if value != "0"
    )
    return listed(told, lang)
