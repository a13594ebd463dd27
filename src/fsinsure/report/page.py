"""The page as a whole: what a mayor reads first, the sections, and all that it needs offline."""

from __future__ import annotations

import base64
import hashlib
from html import unescape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from fsinsure.report import certainty, change, channels, compare, funds, reference, targets
from fsinsure.report.blocks import bullets
from fsinsure.report.charts import FONT
from fsinsure.report.fonts import data_uri
from fsinsure.report.markup import Markup, data, join, tag

if TYPE_CHECKING:
    from fsinsure.report.material import Material

LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
BUTTONS: Final = ("zoom", "pan", "zoom_in", "zoom_out", "reset", "picture", "hint_zoom", "isolate")
"""What plotly says in English unless given other words; the keys of labels."""


def page(material: Material) -> str:
    """Return the page as the text of an HTML file."""
    body = content(material)
    font = data_uri(unescape(body) + "".join(words(material).values()))
    plotly, own = scripts()
    style = f"@font-face{{font-family:{FONT};src:url({font}) format('woff')}}\n{read('page.css')}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(plotly, own)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"fsinsure {material.result.meta['fsinsure']}"),
        tag("title", title(material)),
        tag("style", Markup(style)),
    )
    settings = {"locale": LANGUAGES[material.lang], "words": words(material)}
    end = join(
        [
            tag("script", data(settings), type="application/json", id="settings"),
            tag("script", plotly),
            tag("script", own),
        ]
    )
    html = tag("html", head, tag("body", body, end), lang=LANGUAGES[material.lang])
    return f"<!DOCTYPE html>\n{html}\n"


def scripts() -> tuple[Markup, Markup]:
    """Return plotly and the script of the page."""
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs()), Markup(read("page.js"))


def read(name: str) -> str:
    """Return a file beside this module."""
    return files("fsinsure.report").joinpath(name).read_text(encoding="utf-8")


def policy(*allowed: str) -> str:
    """Return the content security policy: these scripts, own styles and fonts, and no request."""
    hashes = " ".join(f"'sha256-{digest(one)}'" for one in allowed)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; font-src data:; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def digest(script: str) -> str:
    """Return the SHA-256 of a script as a policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def words(material: Material) -> dict[str, str]:
    """Return the words of the buttons of the charts."""
    return {name: material.say(f"button_{name}") for name in BUTTONS}


def title(material: Material) -> str:
    """Return the title of the page."""
    return material.say("title", place=material.place, scenario=material.titles[0])


def content(material: Material) -> Markup:
    """Return the body of the page but for its scripts."""
    parts = {
        "targets": targets.targets(material),
        "channels": channels.channels(material),
        "funds": funds.funds(material),
        "certainty": certainty.certainty(material),
        "change": change.change(material),
        "compare": compare.compare(material) if material.others else None,
        "tables": reference.tables(material),
        "assumptions": reference.assumptions(material),
        "sources": reference.sources(material),
        "method": reference.method(material),
    }
    there = {name: part for name, part in parts.items() if part is not None}
    links = [tag("li", tag("a", material.say(name), href=f"#{name}")) for name in there]
    return join(
        [
            tag("a", material.say("skip"), href="#main", class_="skip"),
            tag("header", *heading(material)),
            tag("nav", tag("ul", *links), aria_label=material.say("contents")),
            toggles(material),
            tag("main", summary(material), *there.values(), id="main", tabindex="-1"),
            tag("footer", tag("p", reference.provenance(material))),
        ]
    )


def heading(material: Material) -> list[Markup]:
    """Return the title of the page, and what it is about."""
    facts = {"first": material.first_year, "last": material.horizon}
    people = material.result.simulation
    engine = material.say("by_cohort")
    if people is not None:
        plan = people.plan
        engine = material.say("by_person", persons=f"{plan.persons:,}", seed=plan.seed)
    return [tag("h1", title(material)), tag("p", material.say("about", **facts, engine=engine))]


def toggles(material: Material) -> Markup:
    """Return the boxes that show or hide scenarios in every chart; empty for a single one."""
    if not material.others:
        return Markup("")
    boxes = [
        tag(
            "label",
            tag(
                "input",
                type="checkbox",
                checked="",
                data_scenario=str(at),
                autocomplete="off",
            ),
            tag("span", "", class_="swatch", style=f"background:{look.colour}"),
            name,
        )
        for at, (name, look) in enumerate(zip(material.titles, material.looks, strict=True))
    ]
    return tag(
        "fieldset", tag("legend", material.say("scenarios")), *boxes, class_="toggles", id="toggles"
    )


def summary(material: Material) -> Markup:
    """Return what is read first: the targets at a glance, and the questions with their answers."""
    asked = {
        "will": [material.ended(targets.finding(material))],
        "whom": channels.findings(material),
        "cost": [material.ended(funds.finding(material)), funds.totals(material)],
        "sure": certainty.findings(material),
        "changes": change.findings(material),
    }
    if material.others:
        asked["compared"] = [compare.words(material)]
    answers = [
        tag("div", tag("dt", material.say(f"ask_{name}")), tag("dd", bullets(lines)))
        for name, lines in asked.items()
    ]
    return tag(
        "section",
        tag("h2", material.say("summary"), id="summary-title"),
        targets.cards(material),
        tag("dl", *answers),
        id="summary",
        aria_labelledby="summary-title",
    )
