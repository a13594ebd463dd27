"""Parts of the page that every section uses: headings, charts with their data, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.report.markup import Markup, data, details, join, tag

if TYPE_CHECKING:
    from fsinsure.report.charts import Chart
    from fsinsure.report.material import Material


def section(name: str, title: str, *parts: object) -> Markup:
    """Return a section of the page under a heading; `name` is where links lead."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *parts, id=name, aria_labelledby=f"{name}-title")


def figure(material: Material, chart: Chart, title: str, sentence: str, table: Markup) -> Markup:
    """Return a chart under its title and finding, which also stands for it, and its data."""
    plot = tag(
        "div",
        class_="plot",
        role="img",
        aria_label=f"{title}: {sentence}",
        style=f"height:{chart.height}px",
    )
    return tag(
        "figure",
        tag("figcaption", tag("h3", title), tag("p", sentence)),
        plot,
        tag("script", data(chart.figure), type="application/json", class_="chart"),
        details(material.say("data"), table),
    )


def grid(parts: list[Markup], *, wide: bool = False) -> Markup:
    """Return parts side by side where the page is wide enough: three, or two that are `wide`."""
    return tag("div", *parts, class_="grid wide" if wide else "grid")


def note(words: object) -> Markup:
    """Return a remark."""
    return tag("p", words, class_="note")


def bullets(lines: list[str]) -> Markup:
    """Return sentences as a list; one alone as a paragraph."""
    if len(lines) == 1:
        return tag("p", lines[0])
    return tag("ul", join(tag("li", one) for one in lines))
