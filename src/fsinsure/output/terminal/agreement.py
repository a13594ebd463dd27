"""The comparison of persons with the cohort engine, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.output.labels import label
from fsinsure.output.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

KINDS: Final = ("stock", "move", "inflow", "retirement", "ledger", "months", "award")
GAPS: Final = {
    "retirement to retiree": "retired",
    "retirement to not_insured": "withdrawn",
    "pensions awarded to retiree": "awarded",
}
"""The gaps that are reported, and the label of each."""
COUNTED: Final = ("retirement to retiree", "retirement to not_insured")
"""Gaps in numbers of persons, which have a sampling error."""


def agreement(
    table: pd.DataFrame,
    gaps: pd.DataFrame,
    bound: float,
    areas: Mapping[str, str],
    lang: str = "zh",
) -> str:
    """Return the number of figures, the largest deviation by kind, and the gaps.

    Parameters
    ----------
    table, gaps
        Of :class:`fsinsure.validation.agreement.Agreement`.
    bound
        Largest score of a figure that agrees.
    areas
        Names of the areas by code.
    lang
        ``zh`` or ``en``.
    """
    size = table["score"].abs()
    failed = int((~(size <= bound)).sum())
    verdict = label("agreement.no", lang, failed=failed) if failed else label("agreement.yes", lang)
    numbers = {"score": f"{size.max():.2f}", "bound": f"{bound:.2f}"}
    head = label("agreement.head", lang, figures=f"{len(table):,}", **numbers, verdict=verdict)
    lines = [_line(table[table["kind"] == kind], kind, areas, lang) for kind in KINDS]
    return "\n".join([head, *lines, _gaps(gaps, lang)])


def _line(rows: pd.DataFrame, kind: str, areas: Mapping[str, str], lang: str) -> str:
    worst = rows.iloc[int(rows["score"].abs().to_numpy().argmax())]
    places = [areas[worst["area"]]]
    if worst["sex"] != "all":
        places.append(label(f"sex.{worst['sex']}", lang))
    if worst["age_group"] != "all":
        places.append(str(worst["age_group"]))
    where = " ".join([str(worst["year"]), *places, _subject(str(worst["subject"]), kind, lang)])
    name, score = label(f"agreement.{kind}", lang), f"{worst['score']:.2f}"
    numbers = {"figures": f"{len(rows):,}", "score": score}
    return f"  {label('agreement.kind', lang, kind=name, **numbers, where=where)}"


def _subject(subject: str, kind: str, lang: str) -> str:
    if kind == "ledger":
        fund, item = subject.split(" ")
        return f"{label(f'short.{fund}', lang)} {label(f'item.{item}', lang)}"
    if kind in ("move", "inflow"):
        source, target = subject.partition(",")[0].split(" ")[1::2]
        return f"{label(f'status.{source}', lang)}→{label(f'status.{target}', lang)}"
    return label(f"status.{subject.removeprefix('retirement to ')}", lang)


def _gaps(gaps: pd.DataFrame, lang: str) -> str:
    items = []
    for subject, word in GAPS.items():
        rows = gaps[gaps["subject"] == subject]
        persons, cohort = float(rows["persons"].sum()), float(rows["cohort"].sum())
        if cohort:
            gap = persons / cohort - 1.0
            shown = f"{'+' if gap > 0 else ''}{percent(gap)}"
            if subject in COUNTED:
                # Two standard deviations of a Poisson number of the same mean.
                shown += f" ± {percent(2.0 * (persons + 1.0) ** 0.5 / cohort)}"
            words = label(f"agreement.{word}", lang)
            items.append(label("agreement.gap", lang, subject=words, gap=shown))
    stop = "；" if lang == "zh" else "; "
    years = {"first": int(gaps["year"].min()), "last": int(gaps["year"].max())}
    return label("agreement.gaps", lang, **years, items=stop.join(items))
