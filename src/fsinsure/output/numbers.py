"""Numbers for readers: units of axes, and amounts of persons and yuan as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fsinsure.output.labels import label
from fsinsure.units import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

TEN_THOUSAND: Final = 1e4
LARGE: Final = {"zh": 1e8, "en": 1e9}
"""Yuan in the unit for amounts of a fund: 亿元, billion yuan."""
DECIMALS: Final = {1e9: 3, 1e8: 2, 1e6: 3, 1e4: 2, 1e3: 1}
"""Decimals by unit in :func:`count`: 100 persons in 万人, 1,000 persons in millions, and a million
yuan in 亿元 and in billions are shown."""
WHOLE: Final = 1000
"""Below this many, counts are written as whole persons in both languages."""
LEAST_SHARE: Final = 0.0005
"""A share that is no larger would be rounded to zero per cent, or its rest would."""
FEW: Final = 0.1
"""Below this share, and with less than this missing to the whole, percentages have a decimal."""
UNKNOWN: Final = "–"
"""Text for a number that does not exist, such as growth from zero persons."""


@dataclass(frozen=True)
class Unit:
    """A unit of an axis: `divisor` persons or yuan, and its `name` for readers."""

    divisor: float
    name: str

    def text(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return persons or yuan in this unit, with a plus sign if `sign`."""
        return minus(f"{value / self.divisor:{'+' if sign else ''},.{decimals}f}")

    def short(self, value: float, decimals: int, *, sign: bool = False) -> str:
        """Return the text with at most `decimals`, zeros at the end dropped."""
        shown = self.text(value, decimals, sign=sign)
        return shown.rstrip("0").rstrip(".") if "." in shown else shown

    def ticks(self, values: Sequence[float]) -> list[str]:
        """Return numbers for an axis, all with the decimals that the finest of them needs."""
        written = [self.short(value, 6) for value in values]
        decimals = max((len(text.partition(".")[2]) for text in written), default=0)
        return [self.text(value, decimals) for value in values]


def minus(text: str) -> str:
    """Return `text` with a typographic minus sign, which the font of the pictures has."""
    return text.replace("-", "−")


def count(value: float, unit: Unit, *, sign: bool = False) -> str:
    """Return persons or yuan in a unit, zeros at the end dropped: ``392.63``, ``+8.1``, ``470``."""
    shown = unit.short(value, DECIMALS.get(unit.divisor, 0), sign=sign)
    return "0" if shown in ("+0", "−0") else shown


def unit_for(lang: str, peak: float) -> Unit:
    """Return the unit for an axis whose largest value is `peak` persons.

    Chinese readers get 万人 (persons below 10,000); English readers millions, thousands or persons.
    """
    steps = (
        ((TEN_THOUSAND, "unit.ten_thousand"), (1.0, "unit.person"))
        if lang == "zh"
        else ((1e6, "unit.million"), (1e3, "unit.thousand"), (1.0, "unit.person"))
    )
    return _largest(steps, peak, lang)


def fund_unit(lang: str) -> Unit:
    """Return the unit of the amounts of a fund: 亿元, or billion yuan for English readers."""
    return Unit(LARGE[lang], label("unit.yuan_large", lang))


def step_of(unit: Unit) -> float:
    """Return the last decimal of :func:`count` in persons or yuan.

    >>> step_of(Unit(1e4, "万人")), step_of(Unit(1e9, "billion yuan"))
    (100.0, 1000000.0)
    """
    return unit.divisor / 10.0 ** DECIMALS.get(unit.divisor, 0)


def fixed(value: float, unit: Unit, *, sign: bool = False) -> str:
    """Return persons or yuan with all decimals of their unit, so that columns align.

    >>> fixed(-14_300, Unit(1e4, "万人"), sign=True), fixed(5.2e6, Unit(1e6, "million"))
    ('−1.43', '5.200')
    """
    return unit.text(value, DECIMALS.get(unit.divisor, 0), sign=sign)


def in_unit(value: float, unit: Unit, *, sign: bool = False) -> str:
    """Return persons or yuan with the decimals of :func:`count` and the unit, for a sentence.

    >>> in_unit(851_800, Unit(1e6, "million persons")), in_unit(-8_900, Unit(1e4, "万人"))
    ('0.852 million', '−0.89 万人')
    """
    return f"{fixed(value, unit, sign=sign)} {unit.name.removesuffix('persons')}".rstrip()


def stock_text(persons: float, unit: Unit, *, projected: bool = False) -> str:
    """Return a stock of persons without its unit.

    The decimals are those of :func:`count`; published figures in 万人 have none that are zeros at
    the end.
    """
    if unit.divisor == TEN_THOUSAND and not projected:
        return unit.short(persons, DECIMALS[TEN_THOUSAND])
    return fixed(persons, unit)


def amount(persons: float, lang: str, *, sign: bool = False) -> str:
    """Return a number of persons rounded for reading, with its unit.

    Examples
    --------
    >>> amount(335_000, "zh"), amount(335_000, "en"), amount(-1_234_000, "en")
    ('33.50 万人', '335,000', '−1.234 million')
    """
    size = abs(persons)
    prefix = "+" if sign else ""
    if round(size) < WHOLE:
        whole = f"{round(persons):{prefix},d}" if round(size) else "0"
        return minus(whole) + (f" {label('unit.person', lang)}" if lang == "zh" else "")
    if lang == "zh":
        return minus(f"{persons / 1e4:{prefix},.2f} {label('unit.ten_thousand', lang)}")
    if size >= 999_500:
        return minus(f"{persons / 1e6:{prefix}.3f} million")
    step = 1000 if size >= 99_500 else 100
    return minus(f"{round(persons / step) * step:{prefix},d}")


def yuan_unit(lang: str, peak: float) -> Unit:
    """Return the unit for an axis whose largest value is `peak` yuan.

    Examples
    --------
    >>> yuan_unit("zh", 7e10).name, yuan_unit("en", 7e10).name
    ('亿元', 'billion yuan')
    """
    steps = (
        ((1e12, "unit.yuan_huge"), (1e8, "unit.yuan_large"), (1e4, "unit.yuan_small"))
        if lang == "zh"
        else ((1e12, "unit.yuan_huge"), (1e9, "unit.yuan_large"), (1e6, "unit.yuan_small"))
    )
    return _largest(steps, peak, lang)


def _largest(steps: Sequence[tuple[float, str]], peak: float, lang: str) -> Unit:
    """Return the largest unit of which `peak` is at least one, else the smallest."""
    size, key = next((step for step in steps if abs(peak) >= step[0]), steps[-1])
    return Unit(size, label(key, lang))


def yuan_text(amount: float, unit: Unit, *, sign: bool = False) -> str:
    """Return yuan in `unit` without its name, with fewer decimals the larger they are.

    Examples
    --------
    >>> yuan_text(7.0872e10, Unit(1e8, "亿元")), yuan_text(-4.2e6, Unit(1e8, "亿元"), sign=True)
    ('708.7', '−0.04')
    """
    shown = f"{amount / unit.divisor:{'+' if sign else ''},.{yuan_decimals(amount, unit)}f}"
    return minus(shown) if float(shown.replace(",", "")) else "0"


def yuan_decimals(amount: float, unit: Unit) -> int:
    """Return the decimals of yuan in `unit`: fewer the larger they are."""
    value = abs(amount / unit.divisor)
    return 2 if value < 100 else 1 if value < 1000 else 0


def yuan(amount: float, lang: str, *, sign: bool = False) -> str:
    """Return yuan rounded for reading, with their unit.

    Examples
    --------
    >>> yuan(7.0872e10, "zh"), yuan(-4.667e13, "en")
    ('708.7 亿元', '−46.67 trillion yuan')
    """
    unit = yuan_unit(lang, amount)
    return f"{yuan_text(amount, unit, sign=sign)} {unit.name}"


def percent(fraction: float, decimals: int = 1) -> str:
    """Return `fraction` in percent, rounded; a dash where it is not known."""
    if math.isnan(fraction):
        return UNKNOWN
    shown = f"{fraction * 100:.{decimals}f}"
    return minus(shown if float(shown) else shown.lstrip("-")) + "%"


def chance(share: float, draws: int, lang: str) -> str:
    """Return a probability found with a number of draws; a dash where it is not known.

    No number of draws makes anything certain: what occurs in none or in all of them says so.

    Examples
    --------
    >>> chance(0.764, 2000, "en"), chance(0.031, 2000, "en"), chance(0.0, 2000, "en")
    ('76%', '3.1%', 'none of 2,000 draws')
    """
    if share in (0.0, 1.0):
        key = "figure.never_drawn" if share == 0.0 else "figure.always_drawn"
        return label(key, lang, draws=f"{draws:,}")
    return percent_between(share)


def percent_between(share: float) -> str:
    """Return a share that is neither zero nor one, and is not rounded to either.

    >>> percent_between(0.5), percent_between(0.9995), percent_between(0.0002)
    ('50%', '>99.9%', '<0.1%')
    """
    edge = min(share, 1.0 - share)
    if edge <= LEAST_SHARE:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return percent(share, 1 if edge < FEW else 0)


def parameter_text(value: float, unit: str) -> str:
    """Return the value of a parameter in its unit.

    >>> parameter_text(0.0537, "fraction"), parameter_text(6e5, "persons")
    ('5.37%', '600,000')
    """
    if unit == "fraction":
        return percent(value, 3 if 0 < abs(value) < 0.001 else 2)
    return minus(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}")


def months_text(months: float) -> str:
    """Return months of reserve: ``∞`` for a fund without outgo, a dash where they are not known."""
    if math.isnan(months):
        return UNKNOWN
    return "∞" if months == math.inf else minus(f"{months:,.1f}")


def percent_reached(fraction: float) -> str:
    """Return an attainment in percent, rounded down so that 99.97 % is not shown as 100 %."""
    if math.isnan(fraction):
        return UNKNOWN
    # 1e-9 keeps 0.925 (0.92499... in binary) at 92.5
    return f"{math.floor(fraction * 1000 + 1e-9) / 10:.1f}%"


def lever_text(value: float, unit: str, lang: str) -> str:
    """Return a value of a lever for reading: shares in percent with two decimals.

    >>> lever_text(0.0241, "fraction", "zh"), lever_text(179312.4, "persons", "zh")
    ('2.41%', '17.9312万')
    >>> lever_text(179312.4, "persons", "en")
    '179,312'
    """
    if unit == "fraction":
        return percent(value, 2)
    rounded = round(value) if unit in ("persons", "yuan") else round(value, 4)
    return shown(rounded, unit).text(lang)


def limit_text(value: float, unit: str, lang: str) -> str:
    """Return a target or a reserve for reading: persons, yuan or months.

    >>> limit_text(5.2e6, "persons", "en"), limit_text(6.0, "months", "en")
    ('5.200 million', '6.0 months')
    """
    if unit == "persons":
        return amount(value, lang)
    if unit == "yuan":
        return yuan(value, lang)
    return label("solve.months", lang, months=months_text(value))
