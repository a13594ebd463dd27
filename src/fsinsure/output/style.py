"""Colours, units and numbers of the pictures.

The colours are those of Okabe and Ito (2008), told apart with any colour vision; lines also differ
by dash and marker, and stacked areas by lightness and hatch, so that a grey print stays readable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from fsinsure.output.labels import label

if TYPE_CHECKING:
    from collections.abc import Sequence

Dash = Literal["-", "--", "-.", ":"]

BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
INK: Final = "#222222"
GREY: Final = "#595959"
PALE: Final = "#D9D9D9"
PAPER: Final = "#FFFFFF"

MET: Final = "#00755A"
"""A target that is met: the green of the palette, dark enough for text on white."""
MISSED: Final = "#B84A00"
"""A target that is missed: the vermilion of the palette, dark enough for text on white."""

TITLE: Final = 14.0
HEAD: Final = 10.5
BODY: Final = 9.0
SMALL: Final = 8.0
NOTE: Final = 7.5

STATUS_STYLES: Final = {
    "employee": (BLUE, ""),
    "flexible": (SKY, "////"),
    "civil": ("#004A73", ""),
    "unemployed": (PURPLE, ""),
    "dormant": (YELLOW, "...."),
    "resident": (GREEN, ""),
    "resident_pensioner": ("#7FCFB9", "\\\\\\\\"),
    "retiree": (VERMILION, ""),
    "civil_retiree": ("#7A3600", ""),
    "outside": (PALE, ""),
}
"""Colour and hatch of each status, in stacking order from the middle of a pyramid outwards:
who pays, who has stopped, who draws, who is not insured."""

MINOR_STATUS: Final = ("#8C8C8C", "xxxx")
"""Colour and hatch of the small statuses drawn together."""

SERIES: Final[tuple[tuple[str, Dash, str], ...]] = (
    (BLUE, "-", "o"),
    (MISSED, "--", "s"),
    (MET, "-.", "^"),
    ("#A03E78", ":", "D"),
    (INK, "-", "v"),
    ("#8A6100", "--", "P"),
    ("#5B3A8C", "-.", "X"),
    (GREY, ":", "p"),
)
"""Colour, dash and marker of the first, second, ... scenario; used again from the start. The
colours are the palette's, darkened until they can be read as text."""

FUND_SERIES: Final[dict[str, tuple[str, Dash, str]]] = {
    "pension.enterprise": (BLUE, "-", "o"),
    "pension.civil": ("#A03E78", "--", "s"),
    "pension.resident": ("#8A6100", "-.", "^"),
    "unemployment": (MET, ":", "D"),
    "injury": (GREY, "-", "v"),
}
"""Colour, dash and marker of each fund where several share a panel."""

RESERVE_ZONES: Final = ("#FCF3CF", "#FAD7A0", "#F0A57A")
"""Below the first, second and third warning limit of a fund's reserve: darker is nearer nothing."""

TEN_THOUSAND: Final = 1e4
LARGE: Final = {"zh": 1e8, "en": 1e9}
"""Yuan in the unit that amounts of a fund are told in: 亿元, billion yuan."""
WHOLE: Final = 1000
"""Below this many, counts are written as whole persons in both languages."""


@dataclass(frozen=True)
class Unit:
    """A unit of an axis: `divisor` persons in one, and its `name` for the reader."""

    divisor: float
    name: str

    def text(self, persons: float, decimals: int) -> str:
        """Return `persons` in this unit."""
        return minus(f"{persons / self.divisor:,.{decimals}f}")

    def short(self, persons: float, decimals: int) -> str:
        """Return `persons` in this unit with at most `decimals`, zeros at the end dropped."""
        shown = self.text(persons, decimals)
        return shown.rstrip("0").rstrip(".") if "." in shown else shown

    def ticks(self, persons: Sequence[float]) -> list[str]:
        """Return numbers for an axis, all with the decimals that the finest of them needs."""
        written = [self.short(value, 6) for value in persons]
        decimals = max((len(text.partition(".")[2]) for text in written), default=0)
        return [self.text(value, decimals) for value in persons]


def minus(text: str) -> str:
    """Return `text` with a typographic minus sign, which the font of the pictures has."""
    return text.replace("-", "−")


def unit_for(lang: str, peak: float) -> Unit:
    """Return the unit for an axis whose largest value is `peak` persons.

    Chinese readers get 万人 (persons below 10,000); English readers millions, thousands or persons.
    """
    steps = (
        ((TEN_THOUSAND, "unit.ten_thousand"), (1.0, "unit.person"))
        if lang == "zh"
        else ((1e6, "unit.million"), (1e3, "unit.thousand"), (1.0, "unit.person"))
    )
    size, key = next((step for step in steps if abs(peak) >= step[0]), steps[-1])
    return Unit(size, label(key, lang))


def fund_unit(lang: str) -> Unit:
    """Return the unit of the amounts of a fund: 亿元, or billion yuan for English readers."""
    return Unit(LARGE[lang], label("unit.yuan_large", lang))


def stock_text(persons: float, unit: Unit, *, projected: bool = False) -> str:
    """Return a stock of persons without its unit.

    万人 have the two decimals of published figures (one where they are projected), millions three.
    """
    if unit.divisor == TEN_THOUSAND:
        return unit.text(persons, 1) if projected else unit.short(persons, 2)
    return unit.text(persons, {1e6: 3, 1e3: 1}.get(unit.divisor, 0))


def amount(persons: float, lang: str, *, sign: bool = False) -> str:
    """Return a number of persons as a reader would say it, unit included.

    Examples
    --------
    >>> amount(335_000, "zh"), amount(335_000, "en"), amount(-1_234_000, "en")
    ('33.5 万人', '335,000', '−1.234 million')
    """
    size = abs(persons)
    prefix = "+" if sign else ""
    if round(size) < WHOLE:
        whole = f"{round(persons):{prefix},d}" if round(size) else "0"
        return minus(whole) + (f" {label('unit.person', lang)}" if lang == "zh" else "")
    if lang == "zh":
        decimals = 1 if size >= 9_950 else 2
        return minus(f"{persons / 1e4:{prefix},.{decimals}f} {label('unit.ten_thousand', lang)}")
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
    size, key = next((step for step in steps if abs(peak) >= step[0]), steps[-1])
    return Unit(size, label(key, lang))


def yuan_text(amount: float, unit: Unit, *, sign: bool = False) -> str:
    """Return yuan in `unit` without its name, with fewer decimals the larger they are.

    Examples
    --------
    >>> yuan_text(7.0872e10, Unit(1e8, "亿元")), yuan_text(-4.2e6, Unit(1e8, "亿元"), sign=True)
    ('708.7', '−0.04')
    """
    value = amount / unit.divisor
    decimals = 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0
    shown = f"{value:{'+' if sign else ''},.{decimals}f}"
    return minus(shown) if float(shown.replace(",", "")) else "0"


def yuan(amount: float, lang: str, *, sign: bool = False) -> str:
    """Return yuan as a reader would say them, unit included.

    Examples
    --------
    >>> yuan(7.0872e10, "zh"), yuan(-4.667e13, "en")
    ('708.7 亿元', '−46.67 trillion yuan')
    """
    unit = yuan_unit(lang, amount)
    return f"{yuan_text(amount, unit, sign=sign)} {unit.name}"


def percent(fraction: float, decimals: int = 1) -> str:
    """Return `fraction` in percent, rounded; a dash for NaN."""
    if math.isnan(fraction):
        return "–"
    shown = f"{fraction * 100:.{decimals}f}"
    return minus(shown if float(shown) else shown.lstrip("-")) + "%"


def percent_reached(fraction: float) -> str:
    """Return an attainment in percent, cut and not rounded, so that 99.97 % never reads 100 %."""
    # the tiny term keeps 0.925 (0.92499... in binary) at 92.5
    return f"{math.floor(fraction * 1000 + 1e-9) / 10:.1f}%"
