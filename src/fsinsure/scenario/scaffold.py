"""A new scenario file: every key, commented out, with meaning, unit, bounds and default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, Protocol

from fsinsure.errors import ScenarioError
from fsinsure.measures import measures
from fsinsure.scenario.editor import UNITS, bounds
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.paths import date_at, from_year
from fsinsure.scenario.problems import Invalid
from fsinsure.scenario.registry import (
    DEFAULT_HORIZON,
    FIRST_YEAR,
    SECTIONS,
    Parameter,
    Tree,
    tree,
)
from fsinsure.scenario.values import scenario_name

if TYPE_CHECKING:
    from collections.abc import Iterator

Language = Literal["zh", "en"]

_WORDS: Final = {
    "zh": {
        "header": (
            "一个新的情景：只写与所继承情景不同的参数，其余保持默认。\n"
            "去掉一行开头的“# ”即启用该参数；所在小节的标题行也要启用。\n"
            "“## ”行是说明：含义 · 单位 · 范围 · 默认值。\n"
            "随年份变化的参数写成 {2021: 1.5%, 2023: 0.8%}，自该年起适用；\n"
            "加上 interpolate: linear 则在年份之间线性变化。\n"
            "编辑器提示：先运行 fsinsure schema --out scenario.schema.json，再去掉下一行的一个“#”。"
        ),
        "title": "新情景",
        "range": "范围",
        "default": "默认",
        "held": "保持基年水平",
        "horizon": "测算终止年",
        "targets": "目标（写了就替换全部目标）；口径",
    },
    "en": {
        "header": (
            "A new scenario: write only what differs from the scenario that it extends.\n"
            "Delete the '# ' in front of a line to set the key, and of its section's line too.\n"
            "Lines with '## ' explain: meaning · unit · bounds · default.\n"
            "What changes over the years is written {2021: 1.5%, 2023: 0.8%}, each from its year\n"
            "on; with interpolate: linear it runs straight from year to year.\n"
            "For help in an editor: fsinsure schema --out scenario.schema.json, then delete one\n"
            "# of the next line."
        ),
        "title": "A new scenario",
        "range": "bounds",
        "default": "default",
        "held": "held at its base-year value",
        "horizon": "Last projected year",
        "targets": "Targets (these replace all targets); measures",
    },
}


class Dated(Protocol):
    """A dated default: from when on (None for ever), and the value as text."""

    @property
    def year(self) -> int | None:
        """From which year on."""

    @property
    def month(self) -> int:
        """From which month of it on."""

    @property
    def value(self) -> str:
        """A number, a word, or ``"base"``: held at the base year."""


Defaults = Mapping[str, Sequence[Dated]]


def scaffold(
    name: str, defaults: Defaults, *, lang: Language = "zh", extends: str = "baseline"
) -> str:
    """Return the text of a new scenario file that changes nothing yet.

    Parameters
    ----------
    name
        Of the scenario.
    defaults
        By parameter, in order of year (`fsinsure.parameters.defaults`).
    lang
        Language of the comments.
    extends
        A bundled name or a file beside it.

    Raises
    ------
    ScenarioError
        If the name cannot be that of a scenario.
    """
    try:
        scenario_name(name)
    except Invalid as error:
        raise ScenarioError(f"name: {error}") from None
    words = _WORDS[lang]
    # Unquoted, these would be read as a number, true or nothing.
    special = not name[0].isalpha() or name.lower() in ("true", "false", "null")
    quoted = f'"{name}"' if special else name
    lines = [f"# {line}" for line in words["header"].split("\n")]
    lines += ["## yaml-language-server: $schema=scenario.schema.json"]
    lines += [f"name: {quoted}", f"title: {{{lang}: {words['title']}}}", f"extends: {extends}", ""]
    lines += [f"## {words['horizon']}", f"# horizon: {DEFAULT_HORIZON}"]
    for section, level in tree().items():
        assert isinstance(level, dict)
        lines += ["", f"## {SECTIONS[section][lang == 'en']}"]
        lines += _lines({section: level}, defaults, lang, "")
    lines += ["", f"## {words['targets']}: {', '.join(measures())}", "# targets:"]
    lines += ["#   - {measure: pension.enterprise, year: 2025, value: 470万, baseline: 392.63万}"]
    return "\n".join(lines) + "\n"


def _lines(level: Tree, defaults: Defaults, lang: Language, indent: str) -> Iterator[str]:
    for key, inner in level.items():
        if isinstance(inner, Parameter):
            default, value = _default(inner, defaults[inner.name], lang)
            yield f"#{indent} ## {_about(inner, default, lang)}"
            yield f"# {indent}{key}: {value}"
        else:
            yield f"# {indent}{key}:"
            yield from _lines(inner, defaults, lang, f"{indent}  ")


def _about(parameter: Parameter, default: str, lang: Language) -> str:
    words = _WORDS[lang]
    meaning, unit = (
        (parameter.zh, UNITS[parameter.unit][0])
        if lang == "zh"
        else (parameter.en, UNITS[parameter.unit][1])
    )
    span = bounds(parameter)
    parts = [meaning, unit, *([f"{words['range']} {span}"] if span else [])]
    return " · ".join([*parts, f"{words['default']} {default}"])


def _default(parameter: Parameter, entries: Sequence[Dated], lang: Language) -> tuple[str, str]:
    """Return the default as told and a value to stand in the file."""
    if parameter.kind == "choice":
        return entries[0].value, entries[0].value
    if parameter.kind != "path":
        text = value_text(float(entries[0].value), parameter.unit)
        return text, text
    if entries[0].value == "base":
        return _WORDS[lang]["held"], value_text(parameter.low, parameter.unit)
    points = tuple(
        (date_at(entry.year or FIRST_YEAR, entry.month), float(entry.value)) for entry in entries
    )
    text = value_text(from_year(points, FIRST_YEAR), parameter.unit)
    return text, text
