"""What would change the answer: what moves each target and fund, and what it takes to meet one."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from fsinsure.output.figures import ranked
from fsinsure.output.figures.sheet import decapitalize
from fsinsure.output.labels import constraint_name, label
from fsinsure.output.levers import lever_name
from fsinsure.output.numbers import (
    UNKNOWN,
    fixed,
    in_unit,
    lever_text,
    parameter_text,
    percent,
    yuan,
)
from fsinsure.output.terminal.solve import span
from fsinsure.registry import registry
from fsinsure.report.blocks import figure, grid, note, section
from fsinsure.report.charts import bars, chart, names_axis, plain
from fsinsure.report.markup import Markup, table, tag

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.answer import Answer
    from fsinsure.report.material import Material

ROW: Final = 34
"""Pixels of a parameter."""
FRAME: Final = 80
"""Pixels above and below the parameters."""
WIDTH: Final = {"zh": 16, "en": 28}
"""Letters of a line of the name of a parameter beside its bars; its table has the whole name."""


def meaning(name: str, lang: str) -> str:
    """Return what a parameter means, its name where the registry does not know it."""
    known = registry().get(name)
    return name if known is None else str(getattr(known, lang))


def in_two_lines(words: str, lang: str) -> str:
    """Return words as at most two lines beside bars, the rest left out.

    >>> in_two_lines("Mean floating factor of employers in the base year", "en")
    'Mean floating factor of<br>employers in the base year'
    """
    width = WIDTH[lang]
    if lang == "zh":
        lines = [words[at : at + width] for at in range(0, len(words), width)]
    else:
        lines = wrap(words, width)
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1][: width - 1].rstrip()}…"]
    return "<br>".join(map(plain, lines))


def findings(material: Material) -> list[str]:
    """Return what moves the targets most, and what it takes to meet them."""
    if material.sensitivity is None:
        found = [material.say("no_sensitivity")]
    else:
        found = [material.ended(one) for one in movers(material)]
    found += [material.ended(sentence(material, one)) for one in material.answers]
    found += [material.ended(one) for one in unsolved(material)]
    return found


def unsolved(material: Material) -> list[str]:
    """Return the targets that are missed and of which no answer is given, with the reason."""
    levers = material.result.scenario.region.closing_levers
    known = {(one.target, one.aim.year) for one in material.answers}
    return [
        material.say(
            "unsolved" if one.measure in levers else "no_lever",
            target=decapitalize(one.name(material.lang)),
            year=one.year,
        )
        for one in material.goals
        if one.known and not one.met and (one.measure, one.year) not in known
    ]


def movers(material: Material) -> list[str]:
    """Return for each measure the parameter that moves it most."""
    return [
        ranked.finding({name: own}, "share", ranked.MOVED, material.lang)
        for name, own in ranked_rows(material).items()
        if name.startswith("measure.")
    ]


def ranked_rows(material: Material) -> dict[str, pd.DataFrame]:
    """Return the largest parameters of each subject."""
    assert material.sensitivity is not None
    moved = material.sensitivity.tornado
    names = [str(one) for one in material.sensitivity.subjects["subject"]]
    return {name: ranked.rows_of(moved, name, "share") for name in names}


def change(material: Material) -> Markup:
    """Return the section of what would change the answer."""
    parts: list[Markup] = []
    if material.sensitivity is None:
        parts.append(tag("p", material.say("no_sensitivity")))
    else:
        rows = ranked_rows(material)
        years = material.sensitivity.subjects.set_index("subject")["year"]
        charts = [
            bar_chart(material, name, own, int(years[name]))
            for name, own in rows.items()
            if len(own)
        ]
        parts.append(grid(charts, wide=True))
        parts.append(note(material.say("tornado_note")))
    if material.answers:
        parts += [tag("h3", material.say("solves")), solved(material)]
        parts.append(note(material.say("solves_note")))
    return section("change", material.say("change"), *parts)


def bar_chart(material: Material, subject: str, rows: pd.DataFrame, year: int) -> Markup:
    """Return the tornado of one subject."""
    lang = material.lang
    peak = float(rows[["low_effect", "high_effect"]].abs().max().max()) if len(rows) else 0.0
    unit = ranked.unit_of(subject, peak, lang)
    keys = [str(name) for name in rows["parameter"]]
    words = [in_two_lines(lever_name(name, lang), lang) for name in keys]
    traces: list[Any] = []
    colours = [ranked.COLOURS[basis] for basis in rows["basis"]]
    for end, filled in (("low", False), ("high", True)):
        texts = [
            f"{parameter_text(value, kind)}: {fixed(effect, unit, sign=True)} {unit.name}"
            for value, kind, effect in zip(
                rows[end], rows["unit"], rows[f"{end}_effect"], strict=True
            )
        ]
        name = material.named(f"figure.tornado_{end}")
        sizes = (rows[f"{end}_effect"] / unit.divisor).tolist()
        traces.append(
            bars(keys, sizes, texts, name=name, colour=colours, filled=filled, shown=False)
        )
    drawn = chart(
        traces,
        height=ROW * len(rows) + FRAME,
        barmode="group" if same_side(rows) else "overlay",
        legend=False,
        xaxis={
            "gridcolor": "#E6E6E6",
            "zeroline": True,
            "zerolinecolor": "#222222",
            "automargin": True,
            "nticks": 5,
            "tickformat": ",~r",
        },
        yaxis={**names_axis(keys), "tickvals": keys, "ticktext": words, "tickfont": {"size": 11}},
        bargap=0.35,
    )
    title = f"{ranked.subject_name(subject, lang)} {year} · {unit.name}"
    words_of = ranked.finding({subject: rows}, "share", ranked.MOVED, lang)
    data = table(
        title,
        [
            material.named("assumptions.parameter"),
            material.say("key"),
            *(material.named(f"assumptions.{name}") for name in ("low", "high")),
            *(material.say(f"effect_{end}", unit=unit.name) for end in ("low", "high")),
            material.say("share"),
            material.named("assumptions.basis"),
        ],
        [row_of(material, row, unit) for row in rows.to_dict("records")],
        wording=(0, 1, 7),
    )
    return figure(material, drawn, title, material.ended(words_of), data)


def row_of(material: Material, row: dict[Any, Any], unit: Any) -> list[object]:
    """Return a parameter with both ends of its range and what they move."""
    return [
        meaning(row["parameter"], material.lang),
        tag("code", row["parameter"]),
        *(parameter_text(row[end], row["unit"]) for end in ("low", "high")),
        *(fixed(row[f"{end}_effect"], unit, sign=True) for end in ("low", "high")),
        percent(row["share"], 1),
        material.named(f"basis.{row['basis']}"),
    ]


def same_side(rows: pd.DataFrame) -> bool:
    """Whether both ends of a parameter move the subject in the same direction."""
    return bool((rows["low_effect"] * rows["high_effect"] > 0).any())


def target_name(material: Material, answer: Answer) -> str:
    """Return the target of an answer in words."""
    return constraint_name("target", answer.target, material.lang)


def sentence(material: Material, answer: Answer) -> str:
    """Return what it takes to meet a target, or how far a lever may give way."""
    path = answer.path
    unit = str(path["unit"].iloc[0])
    moved = path[path["before"] != path["after"]]
    rows = moved if len(moved) else path
    words = {
        "target": decapitalize(target_name(material, answer)),
        "year": answer.aim.year,
        "lever": decapitalize(lever_name(answer.lever, material.lang)),
        "before": span(rows["before"], unit, material.lang),
        "after": span(rows["after"], unit, material.lang),
    }
    if not answer.reached:
        return material.say("needed", **words)
    return material.say("spare" if answer.found.met else "spare_bound", **words)


def solved(material: Material) -> Markup:
    """Return the table of the answers."""
    columns = [
        *(material.named(f"column.{name}") for name in ("measure", "year")),
        material.say("lever"),
        *(material.named(f"solve.joint_{name}") for name in ("before", "after")),
        *(material.say(f"people_{name}") for name in ("before", "after")),
        material.say("latest"),
        material.say("cost"),
    ]
    rows = [answer_row(material, one) for one in material.answers]
    title = material.say("solves")
    return table(title, columns, rows, wording=(0, 2), hidden=True)


def amount_text(material: Material, value: float, *, money: bool) -> str:
    """Return yuan, or people in the unit of the page."""
    return yuan(value, material.lang) if money else in_unit(value, material.unit)


def bound_text(answer: Answer, lang: str) -> str:
    """Return in brackets at which bound the search of a lever ended; empty if it ended at none."""
    if answer.found.met:
        return ""
    bound = label(f"solve.at_{'low' if answer.found.change < 0 else 'high'}", lang)
    return f"（{bound}）" if lang == "zh" else f" ({bound})"


def answer_row(material: Material, answer: Answer) -> list[object]:
    """Return an answer: lever, people or yuan before and after, latest start, cost."""
    lang = material.lang
    path = answer.path
    unit = str(path["unit"].iloc[0])
    moved = path[path["before"] != path["after"]]
    rows = moved if len(moved) else path
    funds = answer.funds
    ends = funds[(funds["item"] == "balance") & (funds["year"] == answer.aim.year)]
    latest: object = UNKNOWN
    if answer.latest is not None and answer.latest_value is not None:
        latest = f"{answer.latest} ({lever_text(answer.latest_value, unit, lang)})"
    return [
        target_name(material, answer),
        answer.aim.year,
        tag("span", meaning(answer.lever, lang), " ", tag("code", answer.lever)),
        span(rows["before"], unit, lang),
        span(rows["after"], unit, lang) + bound_text(answer, lang),
        *(
            amount_text(material, one, money=answer.aim.money)
            for one in (answer.unsolved, answer.projected)
        ),
        latest,
        yuan(float(ends["difference"].sum()), lang, sign=True),
    ]
