"""A workbook to fill in: a scenario, and published figures of the user's own (docs/workbook.md).

:mod:`fsinsure.scenario.workbook_file` reads the scenario, ``outcomes`` the figures.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from fsinsure._version import __version__
from fsinsure.documents.problems import Invalid
from fsinsure.errors import InputError, ScenarioError
from fsinsure.measures import measures
from fsinsure.messages import LANGUAGES
from fsinsure.output.labels import label, measure_name
from fsinsure.region.outcomes import comparable
from fsinsure.region.own_outcomes import SHEETS as OUTCOMES
from fsinsure.registry import CHOICES, SECTIONS, Parameter, registry
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.relief import ACTIONS, ANY_PAYER, GROUPS
from fsinsure.scenario.scaffold import default_text
from fsinsure.scenario.words import scenario_name
from fsinsure.scenario.workbook_file import RELIEF, SCALES, SHEETS, TARGET
from fsinsure.scenario.writing import region_name
from fsinsure.units import parse
from fsinsure.workbook.book import HEAD, Book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.scenario import Scenario
    from fsinsure.workbook.book import Page
    from fsinsure.workbook.cells import Cell

PARAMETER, MEANING, UNIT, LOW, HIGH, BASELINE, VALUE = HEADS = (
    *("parameter", "meaning", "unit", "low", "high", "baseline", "value"),
)
"""Headings of the sheet of parameters, before those of the years."""

FIGURES: Final = ("measure", "date", "value", "unit", "source", "known")
"""Headings of the sheet of published figures."""

EXAMPLE: Final = "{{{first}: 1.5%, {last}: 3%, interpolate: linear}}"

MOST_YEARS: Final = 15
ROWS: Final = 300
"""Rows of the lists whose cells offer a choice."""

TO_FILL: Final = {"bg_color": "#FFF9E5", "border": 4, "border_color": "#BFBFBF"}
WIDTHS: Final = (34, 44, 10, 12, 12, 18, 18)
SHAPES: Final = {"fraction": "0.00##%", "persons": "#,##0.####", "yuan": "#,##0.####"}
UNITS: Final = {"persons": "人", "yuan": "元"}


def template(base: Scenario, name: str, *, lang: str = "zh", copy: bool = False) -> bytes:
    """Return a workbook that sets nothing yet: equivalent to the scenario that it extends.

    Parameters
    ----------
    base
        The shipped scenario that it extends.
    name
        Of the new scenario.
    lang
        ``zh`` or ``en``.
    copy
        Write the values of `base` to be changed, and extend nothing.

    Raises
    ------
    ScenarioError
        If the name cannot be that of a scenario.
    """
    try:
        scenario_name(name)
    except Invalid as error:
        raise ScenarioError("name: {error}", error=error) from None
    book = Book(lang, header=name, footer=f"fsinsure {__version__}")
    _read_me(book, base)
    _parameters(book, base, name, copy=copy)
    _targets(book, base)
    _relief(book, base)
    _figures(book)
    day = base.as_of or base.region.base_date
    about = {"title": name, "author": f"fsinsure {__version__}"}
    return book.close(about, datetime.datetime.combine(day, datetime.time()))


def _sheet_name(names: Sequence[str], lang: str) -> str:
    return names[lang == "en"]


def _read_me(book: Book, base: Scenario) -> None:
    """Write how the workbook is filled in, and the names of the measures."""
    page = book.page("template.read_me", book.text("template.title"))
    page.widths({0: 30, 1: 100})
    page.pages = 1
    first = base.region.first_year
    example = EXAMPLE.format(first=first, last=first + 4)
    for key in ("scenario", "values", "years", "units", "complex", "targets", "outcomes", "use"):
        page.pair(
            book.text(f"template.step.{key}"), book.text(f"template.steps.{key}", example=example)
        )
    page.row += 1
    page.heading(book.text("template.measures"))
    for measure in comparable():
        page.pair(measure, measure_name(measure, book.lang))


def _parameters(book: Book, base: Scenario, name: str, *, copy: bool) -> None:
    """Write the sheet of parameters: what there is, and the cells to fill in."""
    page = book.bare(_sheet_name(SHEETS["parameters"], book.lang))
    first, region = base.region.first_year, base.region
    years = range(first, min(base.horizon, first + MOST_YEARS - 1) + 1)
    heads = [f"{one}\n{book.text(f'template.{one}')}" for one in HEADS]
    _headings(page, [*heads, *years], [*WIDTHS, *([11] * len(years))])
    page.sheet.freeze_panes(1, 2)
    for row in _settings(book, base, name, copy=copy):
        _line(page, row, len(years))
    section = ""
    for one in registry().values():
        if one.optional and one.name not in region.values:
            continue
        if one.name.split(".")[0] != section:
            section = one.name.split(".")[0]
            title = SECTIONS[section][book.lang == "en"]
            page.put(page.row, 1, title, bold=True, font_color=HEAD)
            page.row += 1
        _line(page, _row(book, base, one, copy=copy), len(years), one)
    for key, text in _drawn(base) if copy else ():
        _line(page, {PARAMETER: key, VALUE: text}, len(years))
    page.sheet.print_area(0, 0, page.row - 1, len(HEADS) + len(years) - 1)


def _settings(book: Book, base: Scenario, name: str, *, copy: bool) -> list[dict[str, Cell]]:
    """Return the rows of what is no parameter: name, title, horizon ..."""
    until = base.observe.until
    day = None if base.as_of is None else base.as_of.isoformat()
    new = {lang: label("book.template.new", lang) for lang in LANGUAGES}
    titles = base.title if copy else new
    rows: list[tuple[str, Cell, Cell]] = [
        ("name", None, name),
        *((f"title.{lang}", base.title[lang], titles[lang]) for lang in LANGUAGES),
        ("description", base.description, base.description if copy else None),
        ("extends", None, None if copy else base.name),
        ("region", region_name(base), region_name(base) if copy else None),
        ("horizon", base.horizon, base.horizon if copy else None),
        ("as_of", day or "none", day if copy else None),
        ("observe.until", until or "none", until if copy else None),
    ]
    return [
        {
            PARAMETER: key,
            MEANING: book.text(f"template.about.{key}"),
            BASELINE: baseline,
            VALUE: value,
        }
        for key, baseline, value in rows
    ]


def _row(book: Book, base: Scenario, one: Parameter, *, copy: bool) -> dict[str, Cell]:
    """Return the row of a parameter."""
    first = base.region.first_year
    own = None
    if one.name in base.values:
        own = value_text(base.values[one.name], one.unit, first)
    shown = own or default_text(one, base.region.values[one.name], first)
    unit = UNITS.get(one.unit) if book.lang == "zh" else one.unit
    return {
        PARAMETER: one.name,
        MEANING: getattr(one, book.lang),
        UNIT: unit or book.text(f"unit.{one.unit}"),
        LOW: one.low,
        HIGH: one.high,
        BASELINE: _cell(shown, one.unit),
        VALUE: _cell(own, one.unit) if copy and own else None,
    }


def _cell(text: str, unit: str) -> Cell:
    """Return a number that a cell holds to its last digit, else the text."""
    if unit in ("table", "year") or text[0] in "{[":
        return int(text) if text.isdigit() else text
    try:
        exact = parse(text).amount
    except InputError:
        return text
    number = float(exact)
    return number if Decimal(f"{number:.15g}") == exact else text


def _drawn(base: Scenario) -> list[tuple[str, str]]:
    """Return what a scenario sets beside parameters: draws, and what figures were fitted to."""
    found = [
        (f"uncertainty.{name}", one.text(registry()[name].unit))
        for name, one in base.uncertainty.values.items()
    ]
    if pairs := base.uncertainty.correlations:
        found.append(("uncertainty.correlations", f"[{', '.join(one.text for one in pairs)}]"))
    return [*found, *((f"fitted.{measure}", name) for measure, name in base.fitted.items())]


def _headings(page: Page, heads: Sequence[str | int], widths: Sequence[float]) -> None:
    look = {"bold": True, "bg_color": HEAD, "font_color": "white", "text_wrap": True}
    for at, head in enumerate(heads):
        page.put(0, at, head, "text" if isinstance(head, str) else "year", valign="top", **look)
    page.sheet.set_row(0, 34)
    page.widths(dict(enumerate(widths)))
    page.row = 1


def _line(page: Page, row: Mapping[str, Cell], years: int, one: Parameter | None = None) -> None:
    """Write a row of the sheet of parameters, with choices where there are few."""
    shape = {} if one is None else {"num_format": SHAPES.get(one.unit, "General")}
    for at, head in enumerate(HEADS):
        if head == MEANING:
            page.put(page.row, at, row.get(head), "wrap", valign="top")
            continue
        cell = row.get(head)
        look = TO_FILL if head == VALUE else {"valign": "top"}
        if isinstance(cell, str) and len(cell) > WIDTHS[at]:
            look = {**look, "align": "fill"}  # it would run over the cells to its right
        page.put(page.row, at, cell, **look, **(shape if at > 2 else {}))
    yearly = one is not None and one.kind == "path"
    for at in range(len(HEADS), len(HEADS) + (years if yearly else 0)):
        page.put(page.row, at, None, **TO_FILL, **shape)
    if one is not None:
        _choices(page, page.row, HEADS.index(UNIT), [*SCALES.get(one.unit, ())])
        _choices(page, page.row, HEADS.index(VALUE), [*CHOICES.get(one.name, ())], strict=False)
    page.row += 1


def _choices(
    page: Page,
    row: int,
    column: int,
    known: Sequence[str],
    last: int | None = None,
    *,
    strict: bool = True,
) -> None:
    """Offer the values that cells may have."""
    if known:
        rule: dict[str, Any] = {"validate": "list", "source": list(known)}
        rule |= {} if strict else {"error_type": "warning"}
        page.sheet.data_validation(row, column, last or row, column, rule)


def _list(book: Book, key: str, heads: Sequence[str], widths: Sequence[float]) -> Page:
    """Add a sheet with a row for each entry."""
    names = OUTCOMES if key == "outcomes" else SHEETS[key]
    page = book.bare(_sheet_name(names, book.lang))
    shown = [f"{one}\n{book.text(f'template.{key}.{one}')}" for one in heads]
    _headings(page, shown, widths)
    page.sheet.freeze_panes(1, 1)
    return page


def _named(known: Sequence[str], lang: str) -> list[str]:
    """Return measures with their names, as a list offers them."""
    return [f"{one} {measure_name(one, lang)}" for one in known]


def _targets(book: Book, base: Scenario) -> None:
    """Write the sheet of targets, with those of the scenario that is extended."""
    page = _list(book, "targets", TARGET, (40, 10, 14, 18, 14, 50))
    for one in base.targets:
        last = Decimal(repr(2 * one.baseline_tolerance or 1.0)).adjusted()
        unit, power = _unit_of(last, book.lang)
        cells: list[Cell] = [f"{one.measure} {measure_name(one.measure, book.lang)}", one.year]
        cells += [float(Decimal(repr(one.value)).scaleb(-power)), unit, None, one.source]
        for at, cell in enumerate(cells):
            page.put(page.row, at, cell, **TO_FILL)
        if one.baseline is not None:
            shape = f"0.{'0' * (power - last)}" if power > last else "0"
            exact = float(Decimal(repr(one.baseline)).scaleb(-power))
            page.put(page.row, TARGET.index("baseline"), exact, num_format=shape, **TO_FILL)
        page.row += 1
    _offer(book, page, 0, _named(measures(), book.lang), "targets")
    _choices(page, 1, TARGET.index("unit"), [*SCALES["persons"]], ROWS)


def _unit_of(last: int, lang: str) -> tuple[str, int]:
    """Return a unit of people in which the last digit of a number, a power of ten, is shown."""
    usual = ("万人", 4) if lang == "zh" else ("thousand persons", 3)
    larger = (one for one in SCALES["persons"].items() if one[1] >= last)
    return usual if last <= usual[1] else min(larger, key=lambda one: one[1])


def _relief(book: Book, base: Scenario) -> None:
    """Write the sheet of reliefs, with those of the scenario that is extended."""
    page = _list(book, "relief", RELIEF, (12, 40, 14, 12, 12, 12, 12, 14, 14))
    for one in base.relief:
        entry = {**one.entry, "insurance": ", ".join(one.insurance)}
        for at, name in enumerate(RELIEF):
            page.put(page.row, at, str(entry.get(name, "")) or None, **TO_FILL)
        page.row += 1
    for name, known in (("action", ACTIONS), ("payer", ANY_PAYER), ("group", GROUPS)):
        _choices(page, 1, RELIEF.index(name), known, ROWS)


def _figures(book: Book) -> None:
    """Write the sheet of published figures, which is blank."""
    page = _list(book, "outcomes", FIGURES, (44, 14, 16, 12, 40, 14))
    for row in range(1, 31):
        for at, name in enumerate(FIGURES):
            shape = {"num_format": "yyyy-mm-dd"} if name in ("date", "known") else {}
            page.put(row, at, None, **TO_FILL, **shape)
    _offer(book, page, 0, _named(comparable(), book.lang), "outcomes")
    _choices(page, 1, FIGURES.index("unit"), ["万人", "人", "亿元", "万元", "元"], ROWS)


def _offer(book: Book, page: Page, column: int, known: Sequence[str], key: str) -> None:
    """Offer a list that is too long for a rule: it stands on a sheet of its own at the end."""
    place = book.choices(key, known)
    rule = {"validate": "list", "source": f"={place}"}
    page.sheet.data_validation(1, column, ROWS, column, rule)
