"""A new scenario file: every key, commented out, with its meaning and the value in force."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from fsinsure.documents.problems import Invalid
from fsinsure.errors import ScenarioError
from fsinsure.measures import measures
from fsinsure.paths import DEFAULT_AREA, GROWING, flow, from_year, table_path
from fsinsure.registry import HELD, NONE, SECTIONS, Parameter, Tree, registry, tree
from fsinsure.scenario.editor import UNITS, bounds
from fsinsure.scenario.explain import value_text
from fsinsure.scenario.files import bundled
from fsinsure.scenario.loader import load
from fsinsure.scenario.words import scenario_name
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.region.region import Value
    from fsinsure.scenario.scenario import Scenario
    from fsinsure.scenario.target import Target
    from fsinsure.scenario.uncertainty import Uncertainty

Language = Literal["zh", "en"]

_WORDS: Final = {
    "zh": {
        "header": (
            "一个新的情景：只写与所继承情景不同的参数，其余保持默认。\n"
            "“# ”行是所继承情景正在使用的值：去掉行首的“# ”即可改写；所在小节的标题行也要去掉。\n"
            "“##”行是说明：含义 · 单位 · 范围 · 默认值。\n"
            "随年份变化的参数写成 {<1>: 1.5%, <3>: 0.8%}，自该年起适用；\n"
            "加上 interpolate: linear 则在年份之间线性变化。最后年份之后的值保持不变；\n"
            "金额加上 then: wage 则此后随工资增长（then: hold 表示确实保持不变）。\n"
            "编辑器提示：运行 fsinsure schema --out scenario.schema.json，再把下一行的 ## 改为 #。"
        ),
        "title": "新情景",
        "range": "范围",
        "default": "默认",
        "held": "base（保持基年水平）",
        "horizon": "测算终止年",
        "as_of": "只用此日已知的地区与法规数值；none 为全部已知",
        "targets": "目标（写了就替换全部目标）；口径",
        "observe": "满足该年年末及以前的公布数（none：不使用），逐年求解地区所指定的参数",
        "fitted": "按某口径公布数设定的参数：这些公布数不再用于检验测算",
        "uncertainty": "参数的概率分布（首个测算年）；未列出者用地区的区间；none 不抽样；例如",
        "relief": "减免、缓缴、返还（写了就替换全部），占应缴额的比例；例如",
    },
    "en": {
        "header": (
            "A new scenario: write only what differs from the scenario that it extends.\n"
            "Lines with '# ' hold the values in force there: delete the '# ' in front of one to\n"
            "change it, and of its section's line too.\n"
            "Lines with '##' explain: meaning · unit · bounds · default.\n"
            "What changes over the years is written {<1>: 1.5%, <3>: 0.8%}, each from its year\n"
            "on; with interpolate: linear it runs straight from year to year. The last value\n"
            "holds, unless an amount says then: wage (then: hold says that it is meant).\n"
            "For help in an editor: fsinsure schema --out scenario.schema.json, then turn the ##\n"
            "of the next line into #."
        ),
        "title": "A new scenario",
        "range": "bounds",
        "default": "default",
        "held": "base (held at its base-year value)",
        "horizon": "Last projected year",
        "as_of": "Values of region and law that became known later are not used; none: all are",
        "targets": "Targets (these replace all targets); measures",
        "observe": "Published figures up to this year are met by levers of the region; or none",
        "fitted": "Parameters set by the published figures of a measure, which then judge nothing",
        "uncertainty": "How parameters are drawn (numbers of the first year), beside the region's",
        "relief": "Waived, deferred or refunded shares of the amount due (these replace all)",
    },
}


_RELIEFS: Final = (
    "{action: waive, insurance: [pension.enterprise, unemployment, injury], payer: employer, "
    "share: 50%, from: <2>-02, to: <2>-06, group: large}",
    "{action: defer, insurance: injury, payer: employer, from: <2>-04, to: <2>-12, "
    "repay_from: <3>-01, repay_to: <3>-12}",
)
"""Examples; ``action`` may also be ``refund``."""

_DRAWN: Final = (
    "growth.employee: {normal: {mean: 5%, sd: 1.5%}, persistence: 0.6}",
    "wage.growth: {range: {low: 3%, central: 5%, high: 6%}}",
    "base.benefit_share: none",
    "correlations: [{between: [growth.employee, wage.growth], value: 0.5}]",
)
"""Examples of what ``uncertainty`` may hold; a range has the 10th, 50th and 90th percentile."""


def _with_years(text: str, first_year: int) -> str:
    """Fill in the years of an example: ``<1>`` is the first projected year."""
    return re.sub("<([0-9])>", lambda found: str(first_year + int(found[1]) - 1), text)


def scaffold(name: str, *, lang: Language = "zh", extends: str = "baseline") -> str:
    """Return the text of a new scenario file, equivalent to the one that it extends.

    Parameters
    ----------
    name
        Of the scenario.
    lang
        Language of the comments.
    extends
        The name of a bundled scenario, whose values are shown.

    Raises
    ------
    ScenarioError
        If the name cannot be that of a scenario.
    InputError
        If no bundled scenario is called like `extends`.
    """
    try:
        scenario_name(name)
    except Invalid as error:
        raise ScenarioError("name: {error}", error=error) from None
    bundled(extends)
    base = load(extends)
    words = _WORDS[lang]
    # Unquoted, these would be read as a number, a boolean or null.
    special = not name[0].isalpha() or name.lower() in ("true", "false", "null")
    quoted = f'"{name}"' if special else name
    first = base.region.first_year
    lines = [f"## {line}" for line in _with_years(words["header"], first).split("\n")]
    lines += ["## yaml-language-server: $schema=scenario.schema.json"]
    lines += [f"name: {quoted}", f"title: {{{lang}: {words['title']}}}", f"extends: {extends}", ""]
    lines += [f"## {words['horizon']}", f"# horizon: {base.horizon}"]
    lines += ["", f"## {words['as_of']}", f"# as_of: {base.as_of or NONE}"]
    for section, level in tree().items():
        assert isinstance(level, dict)
        lines += ["", f"## {SECTIONS[section][lang == 'en']}"]
        lines += _lines({section: level}, base, lang, "")
    lines += [
        "",
        f"## {words['relief']}",
        *(f"##   - {_with_years(line, first)}" for line in _RELIEFS),
    ]
    lines += ["# relief:" if base.relief else "# relief: []"]
    lines += [f"#   - {relief.yaml}" for relief in base.relief]
    lines += ["", f"## {words['observe']}", "# observe:"]
    lines += [f"#   until: {base.observe.until or 'none'}"]
    lines += ["", f"## {words['fitted']}", "# fitted:" if base.fitted else "# fitted: {}"]
    lines += [f"#   {measure}: {name}" for measure, name in base.fitted.items()]
    lines += ["", f"## {words['uncertainty']}", *(f"##   {line}" for line in _DRAWN)]
    lines += ["# uncertainty:" if base.uncertainty else "# uncertainty: {}"]
    lines += [f"#   {line}" for line in uncertainty_lines(base.uncertainty)]
    lines += ["", f"## {words['targets']}: {', '.join(measures())}"]
    lines += ["# targets:" if base.targets else "# targets: []"]
    lines += [f"#   - {target_line(target)}" for target in base.targets]
    return "\n".join(lines) + "\n"


def _lines(level: Tree, base: Scenario, lang: Language, indent: str) -> Iterator[str]:
    region = base.region
    for key, inner in level.items():
        if isinstance(inner, Parameter):
            if inner.optional and inner.name not in region.values:
                continue
            default = default_text(inner, region.values[inner.name], region.first_year)
            value = default
            if inner.name in base.values:
                value = value_text(base.values[inner.name], inner.unit, region.first_year)
            yield f"##{indent} {_about(inner, default, lang)}"
            yield f"# {indent}{key}: {value}"
        else:
            yield f"# {indent}{key}:"
            yield from _lines(inner, base, lang, f"{indent}  ")


def _about(parameter: Parameter, default: str, lang: Language) -> str:
    words, span = _WORDS[lang], bounds(parameter)
    parts = [getattr(parameter, lang), UNITS[parameter.unit][lang == "en"]]
    parts += [f"{words['range']} {span}"] if span else []
    shown = words["held"] if default == HELD else default
    return " · ".join([*parts, f"{words['default']} {shown}"])


def default_text(parameter: Parameter, entries: Sequence[Value], first_year: int) -> str:
    """Write a default as in a file; one that differs by area as a mapping of areas."""
    areas = dict.fromkeys(one.area for one in entries)
    if any(areas):
        texts = {}
        for area in areas:
            own = [replace(one, area="") for one in entries if one.area == area]
            texts[area or DEFAULT_AREA] = default_text(parameter, own, first_year)
        return flow(texts)
    if parameter.kind == "choice" or entries[0].text in (HELD, NONE):
        return entries[0].text
    if parameter.kind == "table":
        cells = [(int(one.date or first_year), one.key, float(one.text)) for one in entries]
        path = table_path(cells).since(first_year)
        return value_text(path, parameter.unit, first_year)
    if parameter.kind == "profile":
        knots = {one.key: float(one.text) for one in entries}
        return value_text(knots, parameter.unit, first_year)
    if parameter.kind != "path":
        return value_text(float(entries[0].text), parameter.unit, first_year)
    points = tuple((one.date or first_year, float(one.text)) for one in entries)
    known = from_year(points, first_year)
    if parameter.extend in GROWING:
        known = replace(known, then=parameter.extend)
    return value_text(known, parameter.unit, first_year)


def uncertainty_lines(uncertainty: Uncertainty) -> Iterator[str]:
    """Yield what a file has under ``uncertainty``, line by line."""
    for name, drawn in uncertainty.values.items():
        yield f"{name}: {drawn.text(registry()[name].unit)}"
    if uncertainty.correlations:
        yield "correlations:"
        yield from (f"  - {one.text}" for one in uncertainty.correlations)


def target_line(target: Target) -> str:
    """Return a target as a file has it, in one line."""
    entry = {**target.entry, "value": show(target.value, "persons")}
    if target.source:
        entry["source"] = json.dumps(target.source, ensure_ascii=False)
    return flow(entry)
