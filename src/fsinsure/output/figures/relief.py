"""The picture of relief: a table of what was waived, deferred and repaid, and what it achieved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from fsinsure.errors import InputError
from fsinsure.output.figures import context, sheet
from fsinsure.output.figures.bars import total_text
from fsinsure.output.figures.money import fund_names, total_books
from fsinsure.output.figures.style import BODY, GREY, INK, PALE
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, amount, count, step_of, unit_for, yuan, yuan_unit
from fsinsure.output.rounding import parts_of
from fsinsure.output.tidy import only_scenario

ROW: Final = 0.3
"""Height of a row in inches."""
NAME: Final = 2.3
"""Width of the first column."""
COSTS: Final = ("waived", "relief_refund", "deferred")
"""Items that leave the fund."""
ITEMS: Final = (*COSTS, "repaid")
OWED: Final = "deferred_outstanding"
PEOPLE: Final = "people_kept"


@sheet.drawn
def relief(
    ledger: pd.DataFrame, indicators: pd.DataFrame, *, lang: str = "zh", title: str = ""
) -> sheet.Picture:
    """Write the relief of each fund and year as a table, and what it achieved as the title.

    The title has the cost, the person-years of insurance that the relief keeps by the elasticities
    of the scenario, the cost of one of them, and the people still kept in the last year. Amounts
    add up as shown.

    Parameters
    ----------
    ledger
        Columns scenario, year, level, area, fund, item, kind, yuan, with the items ``waived``,
        ``relief_refund``, ``deferred``, ``repaid`` and ``deferred_outstanding``; the rows of the
        region are used.
    indicators
        Columns scenario, year, fund, indicator, value: ``people_kept`` at the end of each year.
    lang
        ``zh`` or ``en``.
    title
        The scenario's title for readers; its name is used when empty.

    Raises
    ------
    InputError
        Unknown language; an empty table; several scenarios; a ledger without any relief.
    """
    books = total_books(ledger)
    scenario = only_scenario(ledger, "ledger")
    tables = relief_tables(books)
    if not tables:
        raise InputError(
            "The scenario {scenario} has no relief, so there is nothing to draw: add entries "
            "under relief to the scenario.",
            scenario=scenario,
        )
    unit = yuan_unit(
        lang, max(float(table[[*ITEMS]].to_numpy().max()) for table in tables.values())
    )
    heads, rows = cells_of(tables, unit, lang)
    kept = people(indicators)
    if not kept.empty:
        shown = unit_for(lang, float(kept.abs().max()))
        rows += [
            [label("relief.people", lang, year=year, unit=shown.name), count(persons, shown)]
            for year, persons in kept.items()
        ]
    last = int(indicators["year"].max())
    picture, body = sheet.open_picture(
        ROW * (len(rows) + 1),
        finding(tables, kept, last, lang),
        f"{title or scenario} · {label('figure.unit_axis', lang, unit=unit.name)}",
        [*([] if kept.empty else [label("relief.note", lang)]), context.footnote(lang, scenario)],
    )
    write_table(picture, body, heads, rows)
    return picture


def cells_of(
    tables: Mapping[str, pd.DataFrame], unit: Unit, lang: str
) -> tuple[list[str], list[list[str]]]:
    """Return the heads of the columns, and a row for each fund and year and for their sum."""
    every = pd.concat(tables, names=["fund", "year"])
    used = [item for item in ITEMS if every[item].any()]
    rows = every[every[[*used, OWED]].any(axis=1)]
    shown = pd.DataFrame(
        {item: parts_of(rows[item], step_of(unit)) for item in used}, index=rows.index
    )
    heads = [label(f"relief.{item}", lang) for item in used]
    owed = bool(every["deferred"].any())
    heads += [label("relief.owed", lang)] if owed else []
    names = [
        label("relief.row", lang, fund=label(f"short.{fund}", lang), year=year)
        for fund, year in rows.index
    ]
    found = [
        [
            name,
            *(total_text(value, unit) for value in values),
            *([total_text(float(left), unit)] if owed else []),
        ]
        for name, values, left in zip(names, shown.to_numpy(), rows[OWED], strict=True)
    ]
    if len(found) > 1:
        sums = [total_text(float(shown[item].sum()), unit) for item in used]
        end = every[OWED].groupby("fund").last().sum()
        found.append([label("relief.all", lang), *sums, *([total_text(end, unit)] if owed else [])])
    return heads, found


def write_table(
    picture: sheet.Picture, body: sheet.Box, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Write a table: names at the left, numbers under their heads, flush right."""
    left = max([NAME, *(sheet.text_width(row[0], BODY) + 0.2 for row in rows)])
    width = min((body.width - left) / len(heads), 1.5)
    top = body.bottom + body.height
    for line, row in enumerate([["", *heads], *rows]):
        y = top - ROW * (line + 0.5)
        color = GREY if line == 0 else INK
        for column, text in enumerate(row):
            x = body.left + (left + width * column if column else 0.0)
            align = "right" if column else "left"
            sheet.write(picture, x, y, text, BODY, color, ha=align, va="center")
        if line:
            sheet.rule(picture, body, y + ROW / 2, PALE)


def relief_tables(books: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return yuan by year (rows) and item (columns) of each fund that has relief.

    The years go from the first with relief to the last with relief or a repayment, all funds alike.
    """
    names = [*ITEMS, OWED]
    rows = books[books["item"].isin(names) & (books["yuan"] != 0)]
    if rows.empty:
        return {}
    moving = rows[rows["item"] != OWED]["year"]
    years = range(int(moving.min()), int(moving.max()) + 1)
    found = {}
    for fund in fund_names(rows):
        table = rows[rows["fund"] == fund].pivot_table(index="year", columns="item", values="yuan")
        found[fund] = table.reindex(index=years, columns=names).fillna(0.0)
    return found


def has_relief(ledger: pd.DataFrame) -> bool:
    """Return whether a ledger has any relief to draw."""
    return bool(relief_tables(total_books(ledger)))


def people(indicators: pd.DataFrame) -> pd.Series[float]:
    """Return the people kept, from the first year with any to the last; empty without any."""
    rows = indicators[indicators["indicator"] == PEOPLE]
    kept = rows.groupby("year")["value"].sum()
    some = kept.index[kept.abs() >= 0.5]
    return kept.loc[some.min() : some.max()] if len(some) else kept.iloc[:0]


def finding(
    tables: Mapping[str, pd.DataFrame], kept: pd.Series[float], last: int, lang: str
) -> str:
    """Return the title: the amounts and years, the people kept, and the cost of one of them."""
    sums = {item: sum(float(table[item].sum()) for table in tables.values()) for item in COSTS}
    parts = [
        label(f"relief_sum.{item}", lang, value=yuan(total, lang))
        for item, total in sums.items()
        if total
    ]
    costs = pd.concat([table[list(COSTS)] for table in tables.values()], axis=1).sum(axis=1)
    years = costs.index[costs > 0]
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    said = [label("figure.relief_title", lang, years=span, parts=join_words(parts, lang))]
    lost, person_years = sums["waived"] + sums["relief_refund"], float(kept.sum())
    if person_years >= 1 and lost:
        each = yuan(lost / person_years, lang)
        said.append(label("relief.each", lang, people=amount(person_years, lang), each=each))
        left = amount(float(kept.get(last, 0.0)), lang)
        said.append(label("relief.left", lang, year=last, people=left))
    elif lost:
        said.append(label("relief.none_kept", lang))
    if sums["deferred"]:
        owed = sum(float(table[OWED].iloc[-1]) for table in tables.values())
        key = "figure.relief_owed" if owed >= 1.0 else "figure.relief_settled"
        end = max(int(table.index[-1]) for table in tables.values())
        said.append(sheet.decapitalize(label(key, lang, year=end, amount=yuan(owed, lang))))
    return label("relief.and", lang).join(said)
