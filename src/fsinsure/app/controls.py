"""The controls of the page, made from the registry, and what their values mean."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any, Final

from fsinsure.app.levers import sections, year_shown
from fsinsure.app.model import (
    DELAY,
    OWN,
    RELIEFS,
    RULES,
    Setting,
    Shown,
    projected,
    sliders_of,
)
from fsinsure.app.start import opened, title_of
from fsinsure.output.labels import label
from fsinsure.output.levers import lever_name
from fsinsure.registry import HORIZON, NONE, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fsinsure.app.levers import Slider
    from fsinsure.scenario import Scenario

LONGEST: Final = 30
"""Years after the base year that the page projects, at most: longer ones take too long."""

OTHERS: Final = ("delay", "rule", "relief", "relief_year", "relief_share", "other")
"""Controls below the sliders."""


@dataclass
class Kept:
    """What one open page remembers while its controls are made again."""

    scenario: Scenario | None = None
    setting: Setting = field(default_factory=Setting)
    last: Shown | None = None
    problem: tuple[str, str] = ("", "")
    tab: str = ""

    def of(self, own: Scenario) -> Setting:
        """Return where the controls of a scenario were; those of another start anew."""
        if self.scenario is not own:
            self.scenario, self.setting, self.last = own, Setting(), None
        return self.setting

    def reset(self) -> None:
        """Put the controls back where the scenario has them."""
        self.setting = Setting()

    def move(self, lever: str, value: float) -> None:
        """Put a slider elsewhere: the controls are made again from :attr:`setting`."""
        self.setting = replace(self.setting, levers={**self.setting.levers, lever: value})

    def shown(self, own: Scenario) -> Shown:
        """Return what was shown last of a scenario; itself at first."""
        if self.last is None or self.scenario is not own:
            self.last = Shown(projected(own))
        return self.last


def moved(before: Setting, after: Setting) -> str:
    """Return the name of a control that differs between two settings; empty if none does.

    >>> moved(Setting(rule="own"), Setting(rule="wages"))
    'rule'
    >>> moved(Setting(), Setting(levers={"growth.flexible": 3.0}))
    'growth.flexible'
    """
    for name, value in after.levers.items():
        if before.levers.get(name) != value:
            return name
    others = (one.name for one in fields(Setting) if one.name != "levers")
    return next((one for one in others if getattr(before, one) != getattr(after, one)), "")


def language(lang: str, choose: Callable[[str], None]) -> Any:
    """Return the switch of languages."""
    import marimo as mo

    names = {"中文": "zh", "English": "en"}
    chosen = next(name for name, key in names.items() if key == lang)
    return mo.ui.radio(names, value=chosen, inline=True, on_change=choose)


def tabs(names: Sequence[str], kept: Kept, lang: str) -> Any:
    """Return the row of tabs; made again in another language, the same one stays open."""
    import marimo as mo

    titles = {label(f"app.tab_{name}", lang): name for name in names}
    opened = next((title for title, name in titles.items() if name == kept.tab), None)

    def choose(title: str) -> None:
        kept.tab = titles[title]

    return mo.ui.tabs(dict.fromkeys(titles, ""), value=opened, on_change=choose)


def selectors(
    own: Scenario,
    name: str,
    offered: Mapping[str, Sequence[str]],
    lang: str,
    choose: Callable[[str], None],
) -> tuple[Any, Any]:
    """Return the selectors of region and scenario.

    Parameters
    ----------
    own, name
        The scenario that is open, and what it was opened by.
    offered
        What scenarios are opened by, by region.
    lang
        ``zh`` or ``en``.
    choose
        Called with what the chosen scenario is opened by.
    """
    import marimo as mo

    regions = {title_of(key)[lang]: key for key in offered}
    titles = scenarios(offered[own.region.name], lang)
    region = mo.ui.dropdown(
        regions,
        value=next(title for title, key in regions.items() if key == own.region.name),
        label=label("app.region", lang),
        full_width=True,
        on_change=lambda key: choose(offered[key][0]),
    )
    scenario = mo.ui.dropdown(
        titles,
        value=next(title for title, key in titles.items() if key == name),
        label=label("app.scenario", lang),
        full_width=True,
        on_change=choose,
    )
    return region, scenario


def scenarios(names: Iterable[str], lang: str) -> dict[str, str]:
    """Return the titles of scenarios, unique, and what they are opened by."""
    found: dict[str, str] = {}
    for name in names:
        one = opened(name)
        title = one.title.get(lang, one.name)
        found[title if title not in found else f"{title} ({name})"] = name
    return found


def panel(own: Scenario, lang: str, at: Setting) -> Any:
    """Return the controls of a scenario by name, where a setting has them."""
    import marimo as mo

    first, last = own.region.first_year, own.region.base_year + LONGEST
    years = [str(year) for year in range(first, max(last, own.horizon) + 1)]
    ends = [year for year in years if int(year) >= year_shown(own)]
    share = mo.ui.slider(0, 100, 5, value=at.relief_share * 100, show_value=True, full_width=True)
    further = mo.ui.text_area(
        value=at.other, rows=2, full_width=True, placeholder=f"{next(iter(registry()))}: ..."
    )
    found: dict[str, Any] = {"horizon": mo.ui.dropdown(ends, value=str(at.horizon or own.horizon))}
    for one in sliders_of(own):
        found[one.name] = _slider(one, at.levers.get(one.name, one.start))
    found |= {
        "delay": _choice([OWN, NONE, *years], at.delay, "delay", lang),
        "rule": _choice([OWN, *RULES], at.rule, "rule", lang),
        "relief": _choice(RELIEFS, at.relief, "relief", lang),
        "relief_year": mo.ui.dropdown(years, value=str(at.relief_year or first)),
        "relief_share": share,
        "other": further,
    }
    return mo.ui.dictionary(found)


def _slider(one: Slider, value: float) -> Any:
    import marimo as mo

    return mo.ui.slider(steps=one.steps(value), value=value, show_value=True, full_width=True)


def _choice(keys: Iterable[str], value: str, kind: str, lang: str) -> Any:
    import marimo as mo

    names = {_word(key, kind, lang): key for key in keys}
    return mo.ui.dropdown(names, value=_word(value, kind, lang), full_width=True)


def _word(key: str, kind: str, lang: str) -> str:
    return key if key.isdigit() else label(f"app.{kind}.{key}", lang)


def setting_of(values: Mapping[str, Any], own: Scenario) -> Setting:
    """Return where the controls are."""
    horizon = int(values["horizon"])
    return Setting(
        horizon=None if horizon == own.horizon else horizon,
        delay=values["delay"],
        rule=values["rule"],
        relief=values["relief"],
        relief_year=int(values["relief_year"]),
        relief_share=values["relief_share"] / 100,
        levers={name: float(value) for name, value in values.items() if name in registry()},
        other=values["other"],
    )


def rows(panel: Any, own: Scenario, lang: str) -> dict[str, Any]:
    """Return the controls with their names, as HTML, by name; headings as further entries."""
    found = {"horizon": _named(HORIZON.zh if lang == "zh" else HORIZON.en, panel["horizon"])}
    for title, members in sections(sliders_of(own), lang).items():
        found[f"heading: {title}"] = _heading(title)
        for one in members:
            key = "app.lever_share" if one.unit else "app.lever"
            name = label(key, lang, name=lever_name(one.name, lang), year=one.year)
            found[one.name] = _named(name, panel[one.name])
    found[f"heading: {DELAY}"] = _heading(label("app.further", lang))
    for key in OTHERS:
        found[key] = _named(label(f"app.{key}", lang), panel[key])
    return found


def layout(rows: Mapping[str, Any], problem: tuple[str, str]) -> Any:
    """Return the controls, and what is wrong below the one that was moved last.

    Parameters
    ----------
    rows
        From :func:`rows`.
    problem
        The name of a control, and what is wrong; empty texts if all is well.
    """
    import marimo as mo

    name, text = problem
    found: list[Any] = []
    for key, row in rows.items():
        found.append(row)
        if text and key == name:
            found.append(warning(text))
    if text and name not in rows:
        found.insert(0, warning(text))
    return mo.vstack(found, gap=0.5)


def warning(text: str) -> Any:
    """Return what is wrong, as a box."""
    import marimo as mo

    return mo.callout(mo.Html(f'<span class="fsinsure-problem">{escape(text)}</span>'), "danger")


def _heading(text: str) -> Any:
    import marimo as mo

    return mo.Html(f'<div class="fsinsure-heading">{escape(text)}</div>')


def _named(name: str, element: Any) -> Any:
    import marimo as mo

    return mo.vstack(
        [mo.Html(f'<span class="fsinsure-name">{escape(name)}</span>'), element], gap=0
    )
