"""Labels for readers: every status, measure, channel, column and caption in Chinese and English.

They are in ``labels.csv`` beside this module, those of statuses and columns in ``data``. Keys begin
with the kind of label, so that ``status.unemployed`` and ``measure.unemployment`` cannot be
confused.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from fsinsure.columns import columns
from fsinsure.errors import DataError, InputError, did_you_mean
from fsinsure.messages import LANGUAGES
from fsinsure.statuses import MEASURE_ROWS, STATUS_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMA: Final = {"zh": "、", "en": ", "}
"""Separator of the items of a list."""


@cache
def labels() -> dict[str, dict[str, str]]:
    """Return every label.

    Returns
    -------
    dict
        Key to ``{"zh": ..., "en": ...}``: statuses and columns, then the file in its order.

    Raises
    ------
    DataError
        A row is incomplete, or a key occurs twice.
    """
    text = files("fsinsure.output").joinpath("labels.csv").read_text(encoding="utf-8")
    table = {
        f"status.{row['status']}": {lang: row[lang] for lang in LANGUAGES} for row in STATUS_ROWS
    }
    table |= {
        f"column.{name}": dict(one.title)
        for (name, special), one in columns().items()
        if not special
    }
    for one in MEASURE_ROWS:
        table[f"measure.{one['measure']}"] = {lang: one[lang] for lang in LANGUAGES}
        table[f"short.{one['measure']}"] = {lang: one[f"short_{lang}"] for lang in LANGUAGES}
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if set(row) != {"key", *LANGUAGES} or not all(row.values()):
            raise DataError(
                "labels.csv row {number}: expected three filled columns key, zh, en.", number=number
            )
        if row["key"] in table:
            raise DataError(
                "labels.csv row {number}: '{key}' occurs twice; keep one.",
                number=number,
                key=row["key"],
            )
        table[row["key"]] = {lang: row[lang] for lang in LANGUAGES}
    return table


def check_language(lang: str) -> str:
    """Return `lang` if labels exist in it.

    Raises
    ------
    InputError
        The language is neither ``zh`` nor ``en``.
    """
    if lang not in LANGUAGES:
        hint = did_you_mean(lang, LANGUAGES)
        raise InputError(
            "No labels in language '{lang}': use 'zh' or 'en'.{hint}", lang=lang, hint=hint
        )
    return lang


def closed_up(text: str) -> str:
    """Return a text without spaces between hanzi, where a name stands in the place of a code.

    >>> closed_up("最大的是 工资，其次 growth.employee")
    '最大的是工资，其次 growth.employee'
    """
    return re.sub("(?<=[一-鿿]) (?=[一-鿿])", "", text)


def label(key: str, lang: str = "zh", **values: object) -> str:
    """Return the label for `key`.

    Parameters
    ----------
    key
        Kind and name, such as ``status.employee``, ``measure.injury``, ``channel.deaths``,
        ``column.area`` or ``column.persons``.
    lang
        ``zh`` or ``en``.
    **values
        Values for the placeholders of a caption, e.g. ``year=2025``.

    Raises
    ------
    InputError
        Unknown key or language.

    Examples
    --------
    >>> label("status.flexible", "en")
    'Flexible workers'
    >>> label("figure.short", "zh", value="33.50 万人")
    '差 33.5 万人'
    """
    check_language(lang)
    table = labels()
    if key not in table:
        raise InputError("No label for '{key}'.{hint}", key=key, hint=did_you_mean(key, table))
    text = table[key][lang]
    return text.format(**values) if values else text


def measure_name(measure: str, lang: str) -> str:
    """Return the short name of a measure of people, or of income or outgo of a scheme.

    >>> measure_name("injury", "en"), measure_name("injury.outgo", "en")
    ('Work injury insurance', 'Work injury insurance: outgo')
    """
    accounts = {"income": "figure.account_income", "outgo": "figure.account_outgo"}
    scheme, _, kind = measure.rpartition(".")
    if kind in accounts:
        return label(accounts[kind], lang, scheme=label(f"short.{scheme}", lang))
    return label(f"short.{measure}", lang)


def join_words(words: Iterable[str], lang: str) -> str:
    """Return words as a list.

    >>> join_words(["养老", "失业"], "zh"), join_words(["a", "b"], "en")
    ('养老、失业', 'a, b')
    """
    return COMMA[lang].join(words)


def of_one(measure: str, text: str, lang: str, key: str = "figure.of_one") -> str:
    """Return a sentence about one measure or fund, which it names, joined as the label `key`.

    >>> of_one("injury", "Runs out in 2031", "en")
    'Work injury insurance: runs out in 2031'
    """
    text = text[:1].lower() + text[1:]
    return label(key, lang, name=measure_name(measure, lang), text=text)


def constraint_name(kind: str, name: str, lang: str) -> str:
    """Return the name of a target or a reserve: a measure, or a fund and what it keeps.

    >>> constraint_name("target", "injury", "en"), constraint_name("reserve", "injury", "en")
    ('Work injury insurance', 'Work injury insurance: reserve')
    """
    fund = name.removeprefix("balance.")
    if kind == "reserve" or fund != name:
        key = "solve.reserve" if kind == "reserve" else "solve.balance"
        return label(key, lang, fund=label(f"short.{fund}", lang))
    return measure_name(name, lang)
