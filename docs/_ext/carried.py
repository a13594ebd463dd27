"""Which assumptions carry the result: ``python docs/_ext/carried.py`` writes the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsinsure as fs
from fsinsure.output.labels import join_words, measure_name
from fsinsure.registry import registry

DOCS = Path(__file__).resolve().parents[1]
SHOWN = 3
PAGES = {"en": DOCS / "carried.md", "zh": DOCS / "zh" / "carried.md"}
TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "# Which assumptions carry the result?",
        "intro": (
            "For those who must decide: what nobody has published, how far it may be from what is "
            "assumed, and whether the answer would change. Scenario `{scenario}`, end of {year}. "
            "Each assumption alone is moved to its low and to its high end (10th and 90th "
            "percentile), all others stay as they are. Up to three are shown for a result, those "
            "that move it most and by 1 % or more; of an assumption with several dates the values "
            "of the first."
        ),
        "short": "| result | projected | target | an end of a range that changes the answer |",
        "targets": "## The targets",
        "funds": "## The funds",
        "measure": "{name}",
        "fund": "{name}: balance",
        "head": "| assumption | low | assumed | high | result at low | at high | basis |",
        "nothing": "none alone",
        "flips": "**Met at one end, missed at the other:** {names}.",
        "flips_fund": "**Below zero at one end:** {names}.",
        "stays": "No single assumption changes the answer within its range.",
        "stays_fund": "No single assumption brings it below zero within its range.",
        "basis": "Basis of the spread that all cause together (linear): {shares}.",
        "stop": " ",
        "estimate": "estimate",
        "analogue": "analogue",
        "judgement": "judgement",
        "end": """## How to read it

- An *estimate* is computed from published figures of the region, an *analogue* from those of a
  comparable place, a *judgement* from neither: [assumptions](assumptions.md) has the sources.
- One assumption at a time says nothing of several together. How probable the targets are then:
  [How sure is it?](ensembles.md) Exact shares of the variance: [sensitivity](sensitivity.md).
- What has been published since the base year is a better guide than any range:
  [the record](validation.md), and [projections that meet it](observed.md).
- The same for your scenario: `fsinsure sensitivity FILE`, in Python
  `fs.sensitivity(scenario).tornado`.""",
    },
    "zh": {
        "title": "# 哪些假设左右结果？",
        "intro": (
            "写给作决策的人：哪些数没有公布、可能偏离多远、结论会不会因此改变。"
            "情景 `{scenario}`，{year} 年末。每次只把一项假设移到低端或高端"
            "（第 10、第 90 百分位），其余不变。每个结果最多列三项：影响最大且不小于 1% 的；"
            "一项假设分年取值的，列第一个值。"
        ),
        "short": "| 结果 | 预测 | 目标 | 移到一端就改变结论的假设 |",
        "targets": "## 规划目标",
        "funds": "## 基金累计结余",
        "measure": "{name}",
        "fund": "{name}累计结余",
        "head": "| 假设 | 低 | 所用 | 高 | 取低端时 | 取高端时 | 依据 |",
        "nothing": "没有单独一项",
        "flips": "**一端达标、一端不达标的假设：**{names}。",
        "flips_fund": "**一端使累计结余为负的假设：**{names}。",
        "stays": "任何一项假设在其范围内单独变动，结论都不改变。",
        "stays_fund": "任何一项假设在其范围内单独变动，累计结余都不为负。",
        "basis": "全部假设共同造成的差异，按依据分（线性近似）：{shares}。",
        "stop": "",
        "estimate": "估计",
        "analogue": "类比",
        "judgement": "判断",
        "end": """## 怎样读

- “估计”由本地公布数算出，“类比”由可比地区或全国的数算出，“判断”两者都不是；
  出处见[assumptions.md](../assumptions.md)。
- 逐项变动不能说明多项同时变动；达标概率见[不确定性与概率](uncertainty.md)。
- 基年以后的公布数比任何范围都可靠：见[回测](../validation.md)与[衔接实际数](../observed.md)。
- 自己的情景：`fsinsure sensitivity 文件`，在 Python 中为 `fs.sensitivity(scenario).tornado`。""",
    },
}


def page(lang: str, found: Any, plan: Any) -> str:
    """Return the page in a language.

    Parameters
    ----------
    found
        The sensitivity of the scenario, one assumption at a time.
    plan
        The table of targets of its run.
    """
    texts = TEXTS[lang]
    short = [texts["short"], "|" + "---|" * 4]
    parts: dict[str, list[str]] = {"targets": [], "funds": []}
    bounds = {f"measure.{row.measure}": row.target for row in plan.itertuples()}
    for row in found.subjects.itertuples():
        kind, _, of = row.subject.partition(".")
        if row.subject not in bounds and kind != "fund":
            continue
        bound = bounds.get(row.subject, 0.0)
        name = texts[kind].format(name=measure_name(of, lang))
        write = yuan if kind == "fund" else persons
        shown, flips = moved(lang, found, row, bound)
        value = write(row.value, lang)
        target = "" if kind == "fund" else write(bound, lang)
        short.append(f"| {name} | {value} | {target} | {flips or texts['nothing']} |")
        suffix = "_fund" if kind == "fund" else ""
        said = texts[f"flips{suffix}" if flips else f"stays{suffix}"].format(names=flips)
        parts["funds" if kind == "fund" else "targets"] += [
            f"### {name}",
            shown,
            said + texts["stop"] + based_on(lang, found, row.subject),
        ]
    return "\n\n".join(
        [
            f"<!-- Written by docs/_ext/carried.py -->\n\n{texts['title']}",
            texts["intro"].format(scenario=found.scenario.name, year=row.year),
            "\n".join(short),
            *(part for kind, some in parts.items() for part in (texts[kind], *some)),
            texts["end"] + "\n",
        ]
    )


def moved(lang: str, found: Any, of: Any, bound: float) -> tuple[str, str]:
    """Return the table of what moves a result most, and the names of what crosses a bound."""
    texts = TEXTS[lang]
    write = yuan if of.subject.startswith("fund.") else persons
    rows = found.tornado[found.tornado["subject"] == of.subject]
    largest = rows[["low_effect", "high_effect"]].abs().max(axis=1)
    lines, flips = [texts["head"], "|" + "---|" * 7], []
    for number, row in enumerate(rows[largest >= 0.01 * abs(of.value)].itertuples()):
        ends = [of.value + row.low_effect, of.value + row.high_effect]
        if any((end < bound) != (of.value < bound) for end in ends):
            flips.append(f"`{row.parameter}`")
        if number < SHOWN:
            meaning = f"{getattr(registry()[row.parameter], lang)} (`{row.parameter}`)"
            given = [amount(one, row.unit) for one in (row.low, row.central, row.high)]
            results = [write(end, lang) for end in ends]
            lines.append("| " + " | ".join([meaning, *given, *results, texts[row.basis]]) + " |")
    return "\n".join(lines), join_words(flips, lang)


def based_on(lang: str, found: Any, subject: str) -> str:
    """Return which share of the spread of a result has which basis."""
    groups = found.groups[found.groups["subject"] == subject]
    shares = [f"{TEXTS[lang][row.basis]} {row.linear:.0%}" for row in groups.itertuples()]
    return TEXTS[lang]["basis"].format(shares=join_words(shares, lang))


def persons(value: float, lang: str) -> str:
    """Return people, in thousands or 万."""
    return f"{value / 1e4:,.1f}\u00a0万人" if lang == "zh" else f"{value / 1e3:,.0f} thousand"


def yuan(value: float, lang: str) -> str:
    """Return money, in billions of yuan or 亿元."""
    text = f"{value / 1e8:,.1f}\u00a0亿元" if lang == "zh" else f"{value / 1e9:,.2f} billion yuan"
    return text.replace("-", "−")


def amount(value: float, unit: str) -> str:
    """Return the value of a parameter."""
    text = f"{100 * value:.4g}%" if unit == "fraction" else f"{value:,.6g}"
    return text.replace("-", "−")


def pages() -> dict[str, str]:
    """Return the page of each language as the library makes it now."""
    found, plan = fs.sensitivity("baseline"), fs.run("baseline").targets
    return {lang: page(lang, found, plan) for lang in PAGES}


if __name__ == "__main__":
    for language, text in pages().items():
        PAGES[language].write_text(text, encoding="utf-8", newline="\n")
