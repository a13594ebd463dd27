"""The main part of the page: pictures, tables, and what its buttons compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fsinsure.app import figures, model, tables
from fsinsure.app.controls import warning
from fsinsure.app.range import FEWEST, MOST, Range, draw
from fsinsure.app.reasons import reasons
from fsinsure.app.seek import Sought, seek
from fsinsure.errors import FsinsureError
from fsinsure.measures import measures
from fsinsure.output.labels import label
from fsinsure.output.levers import lever_name
from fsinsure.output.numbers import unit_for
from fsinsure.output.terminal.solve import fund_changes
from fsinsure.units import show

if TYPE_CHECKING:
    from fsinsure.app.controls import Kept
    from fsinsure.app.model import Shown
    from fsinsure.scenario import Scenario

TABS: Final = ("funds", "channels", "compare", "seek", "export")
DRAWS: Final = 200
"""Draws unless another number is chosen."""


def still(shown: Shown, pinned: Shown | None, drawn: Range | None) -> tuple[Any, Any]:
    """Return the pin and the range that still belong to what is shown: None for another's."""
    if pinned is not None and pinned.scenario.region != shown.scenario.region:
        pinned = None
    if not isinstance(drawn, Range) or drawn.digest != shown.scenario.hash:
        drawn = None
    return pinned, drawn


def main(shown: Shown, lang: str, pinned: Shown | None, drawn: Range | None) -> str:
    """Return the title, the curves and the targets as HTML."""
    title = shown.scenario.title.get(lang, shown.scenario.name)
    parts = [
        tables.heading(title),
        figures.enrollment(shown, lang, pinned=pinned, drawn=drawn),
        tables.note(label("figure.axes_cut", lang)),
        tables.targets(shown, lang, pinned=pinned, drawn=drawn) if shown.goals else "",
    ]
    if drawn is not None:
        made = drawn.found.setting.draws
        parts.append(tables.note(label("app.drawn", lang, draws=f"{made:,}")))
    return "".join(parts)


def draw_controls(lang: str) -> tuple[Any, Any]:
    """Return the number of draws, and the button."""
    import marimo as mo

    count = mo.ui.number(FEWEST, MOST, 50, value=DRAWS, label=label("app.draws", lang))
    return count, mo.ui.run_button(label=label("app.draw", lang))


def drawing(shown: Shown, draws: int | None, lang: str) -> Range | str:
    """Draw the range of what is shown, with a bar of progress; what is wrong as a text."""
    import marimo as mo

    total = int(draws or DRAWS)
    with mo.status.progress_bar(
        total=total, title=label("app.drawing", lang), remove_on_exit=True
    ) as bar:
        done = 0

        def progress(finished: int, _total: int) -> None:
            nonlocal done
            if finished > done:
                bar.update(finished - done)
                done = finished

        try:
            return draw(shown.scenario, total, progress)
        except FsinsureError as error:
            return error.text(lang)


def draw_problem(drawn: Range | str | None) -> Any:
    """Return what is wrong with draws that were asked for; None if all is well."""
    return warning(drawn) if isinstance(drawn, str) else None


def measure_choice(own: Scenario, lang: str) -> Any:
    """Return the selector of the measure whose channels are shown."""
    import marimo as mo

    wanted = dict.fromkeys([*(goal.measure for goal in own.targets), *measures()])
    names = {label(f"short.{one}", lang): one for one in wanted}
    return mo.ui.dropdown(names, value=next(iter(names)), label=label("app.measure", lang))


def seek_controls(own: Scenario, lang: str) -> tuple[Any, Any, Any, Any]:
    """Return the selectors of measure and lever, the value, and the button of the goal seek."""
    import marimo as mo

    levers = {lever_name(one.name, lang): one.name for one in model.sliders_of(own)}
    closing = [own.region.closing_levers.get(goal.measure) for goal in own.targets]
    first = next((name for name, one in levers.items() if one in closing), next(iter(levers)))
    lever = mo.ui.dropdown(levers, value=first, label=label("app.lever_solved", lang))
    example = next((show(goal.value, "persons") for goal in own.targets), "")
    value = mo.ui.text(label=label("app.value", lang), placeholder=example)
    return measure_choice(own, lang), lever, value, mo.ui.run_button(label=label("app.seek", lang))


def sought(
    kept: Kept, own: Scenario, measure: str, lever: str, value: str, lang: str
) -> Sought | str:
    """Solve a lever for a target and move its slider; what is wrong as a text."""
    shown, at = kept.shown(own), kept.setting
    slider = next(one for one in model.sliders_of(own, at.horizon) if one.name == lever)
    years = [goal.year for goal in own.targets if goal.measure == measure]
    year = max((one for one in years if one <= shown.scenario.horizon), default=slider.year)
    try:
        found = seek(
            shown.scenario, slider, at.levers.get(lever, slider.start), measure, value, year
        )
    except FsinsureError as error:
        return error.text(lang)
    kept.move(lever, found.value)
    return found


def tab(
    name: str,
    shown: Shown,
    lang: str,
    *,
    pinned: Shown | None,
    drawn: Range | None,
    channel: Any,
    seeking: Any,
    found: Sought | str | None,
) -> Any:
    """Return the content of the tab that is open.

    Parameters
    ----------
    name
        The title of the tab.
    shown, lang, pinned, drawn
        As of :func:`main`.
    channel, seeking
        The controls of the tabs of channels and of the goal seek.
    found
        What was solved last, or what was wrong with it.
    """
    import marimo as mo

    key = next(one for one in TABS if label(f"app.tab_{one}", lang) == name)
    if key == "funds":
        picture = figures.funds(shown, lang, pinned=pinned, drawn=drawn)
        return mo.Html(picture + tables.funds(shown, lang, pinned=pinned))
    if key == "channels":
        return mo.vstack([channel, mo.Html(_channels(shown, channel.value, lang, pinned))])
    if key == "compare":
        return mo.Html(_compared(shown, lang, pinned))
    if key == "seek":
        return mo.vstack([*seeking, _found(found, lang)], align="start")
    return _exports(shown, lang, pinned, drawn)


def _channels(shown: Shown, measure: str, lang: str, pinned: Shown | None) -> str:
    scenario = shown.scenario
    year = max(
        (goal.year for goal in shown.goals if goal.measure == measure), default=scenario.horizon
    )
    year = min(year, scenario.horizon)
    found = shown.channels(measure, year)
    unit = unit_for(lang, max((abs(value) for value in found.values()), default=0.0))
    title = label(
        "app.increment",
        lang,
        measure=label(f"short.{measure}", lang),
        first=scenario.region.base_year,
        last=year,
        unit=unit.name,
    )
    return tables.note(title) + figures.channels(shown, measure, year, lang, pinned=pinned)


def _compared(shown: Shown, lang: str, pinned: Shown | None) -> str:
    if pinned is None or pinned.scenario.hash == shown.scenario.hash:
        return tables.note(label("app.no_pin", lang))
    try:
        return reasons(pinned, shown, lang)
    except FsinsureError as error:
        return tables.note(error.text(lang))


def _found(found: Sought | str | None, lang: str) -> Any:
    import marimo as mo

    if isinstance(found, str):
        return warning(found)
    if found is None:
        return mo.Html("")
    unit = found.slider.unit
    where = label("app.set_to", lang, value=f"{found.value:g}", unit=unit)
    solution = found.answer.solution
    lines = [*solution.facts(lang), where]
    title, header, rows = fund_changes(solution.funds, solution.year, lang)
    body = "".join(tables.note(line) for line in [*lines, title])
    cells = [[(text, "") for text in row] for row in rows]
    return mo.Html(body + (tables.table(header, cells) if rows else ""))


def _exports(shown: Shown, lang: str, pinned: Shown | None, drawn: Range | None) -> Any:
    import marimo as mo

    name = shown.scenario.name
    buttons = [
        mo.download(
            model.yaml_of(shown.scenario).encode("utf-8"),
            filename=f"{name}.yaml",
            mimetype="application/yaml",
            label=label("app.export_yaml", lang),
        ),
        mo.download(
            lambda: model.workbook_of(shown, lang, pinned, drawn),
            filename=f"{name}.xlsx",
            mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            label=label("app.export_excel", lang),
        ),
    ]
    return mo.vstack(
        [*buttons, mo.Html(tables.note(label("app.export_note", lang)))], align="start"
    )
