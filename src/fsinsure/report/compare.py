"""Scenarios side by side: targets, and balances of the funds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fsinsure.output.figures.comparison import finding
from fsinsure.output.numbers import UNKNOWN, fixed, stock_text, yuan_text
from fsinsure.report.blocks import note, section
from fsinsure.report.funds import names, yearly
from fsinsure.report.markup import Markup, table, tag

if TYPE_CHECKING:
    from fsinsure.report.material import Material


def words(material: Material) -> str:
    """Return which scenarios reach every target."""
    tables = pd.concat([one.targets for one in material.every], ignore_index=True)
    known = {
        one.scenario.name: title for one, title in zip(material.every, material.titles, strict=True)
    }
    return material.ended(finding(tables, known, material.lang))


def compare(material: Material) -> Markup:
    """Return the section of the comparison."""
    return section(
        "compare",
        material.say("compare"),
        tag("p", words(material), class_="finding"),
        note(material.say("compare_note")),
        targets(material),
        balances(material),
    )


def targets(material: Material) -> Markup:
    """Return projection and gap of each target by scenario."""
    unit = material.unit
    aims = dict.fromkeys(
        (row["measure"], int(row["year"]), float(row["target"]))
        for one in material.every
        for row in one.targets.to_dict("records")
    )
    rows = []
    for measure, year, target in aims:
        row: list[object] = [material.short(measure), year, stock_text(target, unit)]
        for one in material.every:
            found = one.targets
            own = found[
                (found["measure"] == measure)
                & (found["year"] == year)
                & (found["target"] == target)
                & found["gap"].notna()
            ]
            shown = UNKNOWN
            if len(own):
                people = stock_text(own["projected"].iloc[0], unit, projected=True)
                shown = f"{people} ({fixed(own['gap'].iloc[0], unit, sign=True)})"
            row.append(shown)
        rows.append(row)
    columns = [material.named(f"column.{name}") for name in ("measure", "year", "target")]
    title = material.named("summary.side_by_side", unit=unit.name)
    return table(title, [*columns, *material.titles], rows)


def balances(material: Material) -> Markup:
    """Return the balance of each fund in the last common year by scenario."""
    unit = material.money
    year = min(one.scenario.horizon for one in material.every)
    rows = []
    for fund in names(material):
        runs = range(len(material.every))
        ends = [float(yearly(material, fund, "closing", at)[year]) for at in runs]
        row = [material.short(fund), yuan_text(ends[0], unit)]
        row += [
            f"{yuan_text(end, unit)} ({yuan_text(end - ends[0], unit, sign=True)})"
            for end in ends[1:]
        ]
        rows.append(row)
    title = material.named("summary.balances", unit=unit.name, year=year)
    return table(title, [material.named("column.fund"), *material.titles], rows)
