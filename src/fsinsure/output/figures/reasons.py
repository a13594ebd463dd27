"""The picture of the differences of two scenarios: a waterfall by subject, a bar by lever."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from fsinsure.dims import TOTAL
from fsinsure.errors import IdentityError, InputError
from fsinsure.output.figures import sheet
from fsinsure.output.figures.bars import FOOT, ROW, draw_waterfall, limits, names_width, total_text
from fsinsure.output.figures.fonts import printable
from fsinsure.output.figures.style import BODY, HEAD, INK
from fsinsure.output.labels import label
from fsinsure.output.levers import OTHER, material, top_levers
from fsinsure.output.numbers import Unit, amount, fund_unit, unit_for
from fsinsure.output.tidy import only_scenario, pick, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

GAP: Final = 0.22
"""Inches between the waterfalls of two subjects."""
NAME: Final = 2.7
"""Widest name of a lever, in inches."""
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
    expected: bool = False,
) -> sheet.Picture:
    """Draw a waterfall from one scenario to another for every subject that a lever moves.

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
        raise InputError(
            "No {kind} of {name} moves noticeably, so there is nothing to draw.",
            kind=kind,
            name=name,
        )
    against, year = str(rows["against"].iloc[0]), int(rows["year"].iloc[0])
    values = _values(ledger if kind == "fund" else enrollment, kind, year)
    falls = [
        _fall(same, values[against], values[name])
        for _, same in rows.groupby("subject", sort=False)
    ]
    peak = max(abs(edge) for fall in falls for edge in fall.edges)
    unit = fund_unit(lang) if kind == "fund" else unit_for(lang, peak)
    shown = {one: (titles or {}).get(one, one) for one in (name, against)}
    cut = any(limits(fall.edges)[0] > 0 for fall in falls)
    noted = {"figure.reasons_note": True, "figure.bars_cut": cut}
    noted["figure.reasons_expected"] = expected
    notes = [label(key, lang) for key, holds in noted.items() if holds]
    picture, body = sheet.open_picture(
        sum(fall.height + GAP for fall in falls) - GAP,
        finding(falls, kind, unit, lang, scenario=shown[name], against=shown[against], year=year),
        label("figure.reasons_unit", lang, unit=unit.name),
        [*notes, sheet.footnote(lang, f"{against}, {name}")],
    )
    named = [_names(fall, (shown[against], shown[name]), lang) for fall in falls]
    side = max(map(names_width, named))
    top = body.bottom + body.height
    for fall, names in zip(falls, named, strict=True):
        box = sheet.Box(body.left, top - fall.height, body.width, fall.height)
        below = sheet.heading(picture, box, [(label(f"short.{fall.subject}", lang), HEAD, INK)])
        bars = box._replace(height=below - box.bottom)
        draw_waterfall(picture, bars, side, fall.edges, names, unit)
        top -= fall.height + GAP
    return picture


def finding(falls: list[Waterfall], kind: str, unit: Unit, lang: str, **words: object) -> str:
    """Return the title: the subject with the largest difference, and its largest lever."""
    most = max(falls, key=lambda fall: abs(float(fall.parts.sum())))
    total = float(most.parts.sum())
    main = str(most.parts.idxmax() if total > 0 else most.parts.idxmin())
    value = amount(abs(total), lang)
    if kind == "fund":
        value = f"{total_text(abs(total), unit)} {unit.name}"
    words |= {"subject": label(f"short.{most.subject}", lang), "value": value}
    words |= {"lever": main if main != OTHER else label("figure.minor", lang)}
    key = "figure.reasons_more" if total > 0 else "figure.reasons_less"
    return label(key, lang, kind=sheet.decapitalize(label(f"kind.{kind}", lang)), **words)


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


def _names(fall: Waterfall, ends: tuple[str, str], lang: str) -> list[str]:
    levers = [str(name) or label("figure.minor", lang) for name in fall.parts.index]
    return [sheet.shortened(printable(name), BODY, NAME) for name in (ends[0], *levers, ends[1])]
