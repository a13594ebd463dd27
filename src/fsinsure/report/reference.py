"""What the page rests on: tables, assumptions, sources, conflicts of figures, method and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fsinsure.output.figures.ranked import subject_name
from fsinsure.output.labels import labels
from fsinsure.output.numbers import (
    UNKNOWN,
    in_unit,
    limit_text,
    parameter_text,
    percent,
    stock_text,
    yuan,
)
from fsinsure.report.blocks import bullets, note, section
from fsinsure.report.change import meaning
from fsinsure.report.markup import Markup, details, table, tag

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from fsinsure.report.material import Material

SHOWN: Final = 15
"""Assumptions in sight; the others open on demand."""
METHODS: Final = 5
LIMITS: Final = 5
"""Sentences about the method and its limits among the labels."""


def tables(material: Material) -> Markup:
    """Return people by year, in the region and in its areas, and the other indicators."""
    parts = [people_by_year(material)]
    parts += [
        details(f"{material.short(name)} · {material.say('by_area')}", by_area(material, name))
        for name in material.measures
    ]
    parts.append(details(material.table_name("indicators"), indicators(material)))
    return section("tables", material.say("tables"), *parts)


def people_by_year(material: Material) -> Markup:
    """Return the people of every measure by year."""
    found = material.people(material.result)
    wide = found.pivot_table(index="measure", columns="year", values="persons", sort=False)
    rows = [
        [
            material.short(str(name)),
            *(stock_text(one, material.unit, projected=True) for one in row),
        ]
        for name, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    title = material.say(
        "in_unit", words=material.table_name("enrollment"), unit=material.unit.name
    )
    return table(title, [material.named("column.measure"), *wide.columns], rows)


def by_area(material: Material, measure: str) -> Markup:
    """Return the people of a measure by area and year, the region last."""
    found = material.result.enrollment
    own = found[found["measure"] == measure]
    wide = own.pivot_table(index="area", columns="year", values="persons", sort=False)
    region = material.result.scenario.region
    names = region.names(material.lang)
    rows = [
        [names[area], *(stock_text(one, material.unit, projected=True) for one in row)]
        for area, row in zip(region.places, wide.loc[[*region.places]].to_numpy(), strict=True)
    ]
    words = material.short(measure)
    title = material.say("in_unit", words=words, unit=material.unit.name)
    return table(title, [material.named("column.area"), *wide.columns], rows)


def indicators(material: Material) -> Markup:
    """Return the indicators of the funds and of the other goals by year."""
    found = material.result.indicators
    rows = []
    for (fund, name, unit), own in found.groupby(["fund", "indicator", "unit"], sort=False):
        row = own.dropna(subset=["value"]).tail(1)
        if row.empty or name in ("depletion_year", "deficit_subsidy_year"):
            continue
        value, bound = float(row["value"].iloc[0]), float(row["bound"].iloc[0])
        level = str(row["level"].iloc[0])
        rows.append(
            [
                indicator_name(material, str(name)),
                material.short(str(fund)) if fund != "total" else material.place,
                int(row["year"].iloc[0]),
                indicator_text(material, value, str(unit)),
                UNKNOWN if bound != bound else indicator_text(material, bound, str(unit)),
                material.named(f"level.{level}") if level else "",
            ]
        )
    columns = [
        material.named("column.indicator"),
        material.named("column.fund"),
        *(material.named(f"column.{name}") for name in ("year", "value", "bound", "level")),
    ]
    return table(material.table_name("indicators"), columns, rows, wording=(0, 1, 5))


def indicator_name(material: Material, name: str) -> str:
    """Return the name of an indicator; that of residents is the name of what they are."""
    key = f"indicator.{name}"
    return material.named(key if key in labels() else f"short.{name}")


def indicator_text(material: Material, value: float, unit: str) -> str:
    """Return the value of an indicator with its unit."""
    if unit == "persons":
        return in_unit(value, material.unit)
    if unit == "yuan":
        return yuan(value, material.lang)
    if unit == "months":
        return limit_text(value, "months", material.lang)
    return parameter_text(value, unit)


def assumptions(material: Material) -> Markup:
    """Return the assumptions, those that move a target or fund most first."""
    title = material.say("assumptions")
    if material.sensitivity is None:
        found = material.result.parameters
        own = found[found["confidence"] == "assumption"].drop_duplicates("parameter")
        rows = [
            [
                meaning(row["parameter"], material.lang),
                tag("code", row["parameter"]),
                shown(row),
                row["source"],
            ]
            for row in own.to_dict("records")
        ]
        columns = [material.named("column.parameter"), material.say("key")]
        columns += [material.named(f"column.{name}") for name in ("value", "source")]
        listed = table(title, columns, rows, wording=(0, 1, 3))
        summary = material.say("all_of", count=len(rows))
        unranked = tag("p", material.say("assumptions_unranked"))
        return section("assumptions", title, unranked, details(summary, listed))
    rows = moved(material)
    columns = [
        material.named("assumptions.parameter"),
        material.say("key"),
        *(material.named(f"assumptions.{name}") for name in ("low", "central", "high", "basis")),
        material.say("largest"),
        material.named("column.source"),
    ]
    worded = (0, 1, 5, 6, 7)
    first = table(title, columns, rows[:SHOWN], wording=worded, hidden=True)
    parts = [tag("p", material.say("assumptions_ranked")), first]
    if len(rows) > SHOWN:
        rest = table(material.say("others"), columns, rows[SHOWN:], wording=worded, hidden=True)
        parts.append(details(material.say("others_of", count=len(rows) - SHOWN), rest))
    return section("assumptions", title, *parts)


def shown(row: Mapping[Hashable, Any]) -> str:
    """Return the value of a row of the parameters."""
    value, unit = row["value"], row["unit"]
    if isinstance(value, int | float):
        return UNKNOWN if value != value else parameter_text(float(value), unit)
    return UNKNOWN if value is None else str(value)


def moved(material: Material) -> list[list[object]]:
    """Return a row for each uncertain parameter with its largest share of any subject."""
    assert material.sensitivity is not None
    found = material.sensitivity.tornado
    order = found.sort_values("share", ascending=False, kind="stable", na_position="last")
    first = order.drop_duplicates("parameter")
    values = material.result.parameters.drop_duplicates("parameter").set_index("parameter")
    rows: list[list[object]] = []
    for row in first.to_dict("records"):
        name, unit = row["parameter"], row["unit"]
        share = row["share"]
        largest = UNKNOWN
        if share == share and share > 0:
            subject = subject_name(row["subject"], material.lang)
            largest = f"{percent(share, 1)} ({subject})"
        rows.append(
            [
                meaning(name, material.lang),
                tag("code", name),
                *(
                    UNKNOWN if pd.isna(row[end]) else parameter_text(row[end], unit)
                    for end in ("low", "central", "high")
                ),
                material.named(f"basis.{row['basis']}"),
                largest,
                str(values["source"].get(name, "")),
            ]
        )
    return rows


def sources(material: Material) -> Markup:
    """Return the published figures, what they contradict, and the values in use."""
    return section(
        "sources",
        material.say("sources"),
        tag("p", material.say("sources_note")),
        details(material.say("figures"), figures(material)),
        details(material.say("parameters"), parameters(material)),
        tag("h3", material.say("conflicts")),
        conflicts(material),
    )


def figures(material: Material) -> Markup:
    """Return the published figures of the region."""
    columns = [
        *(material.named(f"column.{name}") for name in ("indicator", "value")),
        material.named("listing.date"),
        *(material.named(f"column.{name}") for name in ("source", "confidence")),
    ]
    rows = [
        [
            getattr(one, material.lang),
            f"{one.value} {one.unit}",
            one.date,
            one.source,
            material.named(f"confidence.{one.confidence}"),
        ]
        for one in material.result.scenario.region.figures.values()
    ]
    return table(material.say("figures"), columns, rows, wording=(0, 3, 4))


def parameters(material: Material) -> Markup:
    """Return every parameter with its first value and source."""
    found = material.result.parameters.drop_duplicates("parameter")
    rows = [
        [
            meaning(row["parameter"], material.lang),
            tag("code", row["parameter"]),
            shown(row),
            material.named(f"confidence.{row['confidence']}") if row["confidence"] else "",
            row["source"],
        ]
        for row in found.to_dict("records")
    ]
    columns = [
        material.named("column.parameter"),
        material.say("key"),
        *(material.named(f"column.{name}") for name in ("value", "confidence", "source")),
    ]
    return table(material.say("parameters"), columns, rows, wording=(0, 1, 3, 4))


def conflicts(material: Material) -> Markup:
    """Return the published figures that cannot both hold, and which is used."""
    found = material.result.scenario.region.conflicts
    if not found:
        return tag("p", material.say("no_conflicts"))
    rows = []
    for one in found:
        key = f"short.{one.topic}"
        topic = material.named(key) if key in labels() else one.topic
        used = material.say(f"used_{one.used}")
        why = one.zh if material.lang == "zh" else one.why
        rows.append([one.id, topic, one.reading_a, one.reading_b, used, why, one.where])
    columns = [
        *(material.say(f"conflict_{name}") for name in ("id", "topic", "a", "b", "used", "why")),
        material.named("column.source"),
    ]
    return table(material.say("conflicts"), columns, rows, wording=range(7), hidden=True)


def method(material: Material) -> Markup:
    """Return how the numbers are made, and what they cannot say."""
    facts = {"base": material.first_year, "horizon": material.horizon}
    how = [material.say(f"method_{at}", **facts) for at in range(1, METHODS + 1)]
    limits = [material.say(f"limit_{at}", **facts) for at in range(1, LIMITS + 1)]
    return section(
        "method",
        material.say("method"),
        bullets(how),
        tag("h3", material.say("limits")),
        bullets(limits),
        note(provenance(material)),
    )


def provenance(material: Material) -> str:
    """Return versions and hashes of what was run."""
    meta = material.result.meta
    return material.say(
        "provenance",
        version=meta["fsinsure"],
        scenario=meta["scenario"],
        scenario_hash=str(meta["scenario_hash"])[:12],
        region_hash=str(meta["region_hash"])[:12],
        data_hash=str(meta["data_hash"])[:12],
        known=meta["as_of"] or material.say("no_as_of"),
    )
