"""The picture of the differences of two scenarios: a waterfall by subject, a bar by lever."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure.dims import TOTAL
from fsinsure.errors import IdentityError, InputError
from fsinsure.messages import phrase
from fsinsure.output.figures import context, sheet
from fsinsure.output.figures.bars import FOOT, ROW, draw_waterfall, limits, names_width, total_text
from fsinsure.output.figures.style import BODY, HEAD, INK
from fsinsure.output.labels import join_words, label
from fsinsure.output.levers import lever_name, material, top_levers
from fsinsure.output.numbers import Unit, fund_unit, in_unit, step_of, unit_for
from fsinsure.output.rounding import rounded
from fsinsure.output.tidy import only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

GAP: Final = 0.22
"""Inches between the waterfalls of two subjects."""
NAME: Final = 2.7
"""Widest name of a lever, in inches."""
SLIGHT: Final = 0.01
"""A subject is named below the picture if it moves by less than this share of the largest move."""
ALIKE: Final = 0.02
"""Two subjects are drawn once if their steps differ by less than this share of the largest."""
TOLERANCE: Final = 1.0
"""Yuan or persons by which steps and tables may differ: rounding only."""


class Waterfall(NamedTuple):
    """One subject: its value in the first scenario, and the effect of each lever."""

    subject: str
    start: float
    parts: pd.Series[float]

    @property
    def edges(self) -> list[float]:
        """The first total and the end of each step."""
        return list(accumulate(self.parts, initial=self.start))

    def like(self, other: Waterfall) -> bool:
        """Return whether the same levers move another subject as much, within `ALIKE`."""
        if not self.parts.index.equals(other.parts.index):
            return False
        most = max(float(self.parts.abs().max()), float(other.parts.abs().max()))
        return bool(((self.parts - other.parts).abs() <= ALIKE * most).all())

    @property
    def height(self) -> float:
        """Inches, its header included."""
        return sheet.line_height(HEAD) + ROW * (len(self.parts) + 2) + FOOT


@sheet.drawn
def reasons(
    reasons: pd.DataFrame,
    ledger: pd.DataFrame,
    enrollment: pd.DataFrame,
    *,
    kind: str = "fund",
    lang: str = "zh",
    titles: Mapping[str, str] | None = None,
    reliefs: Mapping[str, str] | None = None,
    expected: bool = False,
) -> sheet.Picture:
    """Draw a waterfall from one scenario to another for every subject that a lever moves.

    All have the same scale. Subjects that move as another one does, or by less than `SLIGHT` of
    the one that moves most, are named below instead.

    Parameters
    ----------
    reasons
        Columns scenario, against, step, lever, kind, subject, year, value, unit; of one scenario.
    ledger, enrollment
        The tables of both scenarios: scenario, year, level, area, fund, item, yuan; and scenario,
        year, level, area, measure, persons.
    kind
        ``fund`` or ``measure``.
    lang
        ``zh`` or ``en``.
    titles
        Scenario name to its title for readers; names stand for themselves where missing.
    reliefs
        What the reliefs among the levers are, by lever.
    expected
        Whether to note that these are expected values of the cohort engine, not simulated persons.

    Raises
    ------
    InputError
        Unknown language or kind; several scenarios; no subject of the kind moves noticeably.
    IdentityError
        The levers do not add up to the difference.
    """
    require(reasons, "reasons", "scenario", "against", "step", "lever", "kind", "year", "value")
    name = only_scenario(reasons, "reasons")
    rows = material(pick(reasons, "reasons", kind=kind))
    if rows.empty:
        nothing = phrase("No {kind} of {name} moves noticeably, so there is nothing to draw.")
        raise InputError(nothing, kind=kind, name=name)
    against, year = str(rows["against"].iloc[0]), int(rows["year"].iloc[0])
    values = _values(ledger if kind == "fund" else enrollment, kind, year)
    every = [
        _fall(same, values[against], values[name])
        for _, same in rows.groupby("subject", sort=False)
    ]
    peak = float(rows["value"].abs().max())  # the unit of the differences, as in the terminal
    unit = fund_unit(lang) if kind == "fund" else unit_for(lang, peak)
    falls, left = chosen(every, unit, lang)
    context.one_panel(subject=[fall.subject for fall in falls])
    shown = {one: (titles or {}).get(one, one) for one in (name, against)}
    span = max(max(fall.edges) - min(fall.edges) for fall in falls)
    notes = [*left, *_notes(falls, span, lang, expected=expected)]
    lines = {
        str(lever): lever_name(str(lever), lang, reliefs)
        for fall in falls
        for lever in fall.parts.index
    }
    picture, body = sheet.open_picture(
        sum(fall.height + GAP for fall in falls) - GAP,
        finding(
            falls,
            lines,
            kind,
            unit,
            lang,
            who={"scenario": shown[name], "against": shown[against], "year": year},
        ),
        label("figure.reasons_unit", lang, unit=unit.name),
        [*notes, context.footnote(lang, f"{against}, {name}")],
    )
    named = [_names(fall, (shown[against], shown[name]), lines) for fall in falls]
    broken = [sheet.in_lines(name, BODY, NAME) for names in named for name in names]
    side = names_width(line for name in broken for line in name.split("\n"))
    top = body.bottom + body.height
    for fall, names in zip(falls, named, strict=True):
        box = sheet.Box(body.left, top - fall.height, body.width, fall.height)
        head = sheet.in_unit(label(f"short.{fall.subject}", lang), unit.name)
        below = sheet.heading(picture, box, [(head, HEAD, INK)])
        bars = box._replace(height=below - box.bottom)
        draw_waterfall(picture, bars, side, fall.edges, names, unit, span=span)
        top -= fall.height + GAP
    return picture


def _notes(falls: Sequence[Waterfall], span: float, lang: str, *, expected: bool) -> list[str]:
    """Return what the foot says of the bars."""
    cut = any(limits(fall.edges, span=span)[0] > 0 for fall in falls)
    noted = {
        "figure.reasons_note": True,
        "figure.bars_cut": cut,
        "figure.reasons_expected": expected,
    }
    return [label(key, lang) for key, holds in noted.items() if holds]


def chosen(falls: Sequence[Waterfall], unit: Unit, lang: str) -> tuple[list[Waterfall], list[str]]:
    """Return the waterfalls that are drawn, and notes about the others."""
    most = max(float(fall.parts.abs().max()) for fall in falls)
    drawn: list[Waterfall] = []
    alike: dict[str, list[str]] = {}
    slight = []
    for fall in falls:
        name = label(f"short.{fall.subject}", lang)
        like = next((one for one in drawn if one.like(fall)), None)
        if float(fall.parts.abs().max()) < SLIGHT * most:
            value = total_text(float(fall.parts.sum()), unit, sign=True)
            slight.append(label("reasons.value", lang, subject=name, value=value))
        elif like is not None:
            alike.setdefault(label(f"short.{like.subject}", lang), []).append(name)
        else:
            drawn.append(fall)
    notes = [
        label("reasons.alike", lang, first=first, others=join_words(others, lang))
        for first, others in alike.items()
    ]
    if slight:
        items = join_words(slight, lang)
        notes.append(label("reasons.slight", lang, items=items, unit=unit.name))
    return drawn, notes


def finding(
    falls: Sequence[Waterfall],
    names: Mapping[str, str],
    kind: str,
    unit: Unit,
    lang: str,
    *,
    who: Mapping[str, object],
) -> str:
    """Return the title: the subject with the largest difference, and its largest lever."""
    most = max(falls, key=lambda fall: abs(float(fall.parts.sum())))
    first, parts, last = rounded(most.edges, step_of(unit))
    main = max(zip(map(str, most.parts.index), parts, strict=True), key=lambda one: abs(one[1]))
    words = {
        "subject": label(f"short.{most.subject}", lang),
        "kind": sheet.decapitalize(label(f"kind.{kind}", lang)),
        "value": in_unit(abs(last - first), unit),
        "lever": sheet.decapitalize(names[main[0]]),
        "part": total_text(main[1], unit, sign=True),
    }
    key = "reasons.more" if last > first else "reasons.less"
    return label(key, lang, **who, **words)


def _values(table: pd.DataFrame, kind: str, year: int) -> dict[str, pd.Series[float]]:
    """Return the value of every subject at the end of the year, by scenario."""
    rows = pick(table, "ledger" if kind == "fund" else "enrollment", year=year, level=TOTAL)
    key, value = ("fund", "yuan") if kind == "fund" else ("measure", "persons")
    if kind == "fund":
        rows = pick(rows, "ledger", item="closing")
    return {str(name): same.set_index(key)[value] for name, same in rows.groupby("scenario")}


def _fall(rows: pd.DataFrame, first: pd.Series[float], second: pd.Series[float]) -> Waterfall:
    subject = str(rows["subject"].iloc[0])
    fall = Waterfall(subject, float(first[subject]), top_levers(rows))
    off = fall.edges[-1] - float(second[subject])
    if abs(off) > TOLERANCE:
        raise IdentityError(
            "The levers of {subject} miss the difference of the scenarios by {off:,.1f}. Please "
            "report this defect with the scenario files.",
            subject=subject,
            off=off,
        )
    return fall


def _names(fall: Waterfall, ends: tuple[str, str], levers: Mapping[str, str]) -> list[str]:
    """Return the texts left of the bars."""
    return [ends[0], *(levers[str(lever)] for lever in fall.parts.index), ends[1]]
