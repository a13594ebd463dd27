"""JSON Schema fragments: what an editor completes, shows on hover and underlines while typing.

The keywords of a fragment are in alphabetical order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.dims import EARLIEST_YEAR, LAST_YEAR
from fsinsure.documents.shape import NAME
from fsinsure.registry import CHOICES, HELD, NONE
from fsinsure.scenario.uncertainty import EMPIRICAL, FORMS, PERSISTENCE
from fsinsure.scenario.values import STEPS, follows
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fsinsure.documents.shape import Fragment
    from fsinsure.registry import Parameter

_NUMBER: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_SUFFIXES: Final = {
    "fraction": " *%?$",
    "ratio": " *%?$",
    "persons": " *(万|亿)? *人?$",
    "yuan": " *(万亿|万|亿)? *元?$",
}
_FORMS: Final = {
    "normal": ("正态：均值、标准差", "normal"),
    "lognormal": ("对数正态：中位数、对数的标准差", "lognormal: sigma is of the logarithm"),
    "uniform": ("均匀", "uniform"),
    "triangular": ("三角：众数在两端之间", "triangular"),
    "pert": ("PERT（贝塔）：众数在两端之间", "PERT, a beta distribution"),
    "range": ("第10、50、90百分位", "10th, 50th and 90th percentile: halves of two normals"),
    EMPIRICAL: ("实际值，概率相同", "given values, each with the same probability"),
}
"""What each distribution is, in Chinese and English."""

_YEAR: Final = "(19[5-9][0-9]|20[0-9]{2}|2100)"
_YEARS: Final = f"^{_YEAR}(-(0[1-9]|1[0-2]))?$"
"""The projected years, or months of them, as keys."""

UNITS: Final = {
    "fraction": ("比例，如 1.5% 或 0.015", "share, such as 1.5% or 0.015"),
    "ratio": ("倍数", "ratio"),
    "persons": ("人，如 12.5万", "people, such as 12.5万"),
    "yuan": ("元，如 3449 或 1.2亿", "yuan, such as 3449 or 1.2亿"),
    "months": ("月", "months"),
    "years": ("年", "years"),
    "year": ("年份", "year"),
    "table": ("表名", "table"),
}
"""Units as an editor and a new scenario name them, in Chinese and English."""


def bounds(parameter: Parameter) -> str:
    """Write the bounds of a parameter: ``-30% … 60%``; empty where there are none."""
    if parameter.low is None or parameter.high is None:
        return ""
    return f"{show(parameter.low, parameter.unit)} … {show(parameter.high, parameter.unit)}"


def quantity(parameter: Parameter) -> Fragment:
    """Allow a number within bounds, or a text such as ``1.5%`` or ``470万``."""
    low, high = (int(b) if b == int(b) else b for b in (parameter.low or 0, parameter.high or 0))
    plain = {"maximum": high, "minimum": low, "type": "number"}
    pattern = _NUMBER + _SUFFIXES.get(parameter.unit, "$")
    return {"anyOf": [plain, {"pattern": pattern, "type": "string"}]}


def path(parameter: Parameter) -> Fragment:
    """Allow a quantity, or a mapping of years to quantities.

    A coverage path may also be ``base``.
    """
    inner = quantity(parameter)
    years = {
        "additionalProperties": False,
        "patternProperties": {_YEARS: inner},
        "properties": {
            "interpolate": {
                "description": "年份之间：step 保持，linear 线性 · between the years: hold or line",
                "enum": list(STEPS),
            },
            "then": {
                "description": "最后年份之后：hold 保持，wage 随工资，price 随物价增长 · "
                "after the last year: hold, or grow with wages or prices",
                "enum": list(follows(parameter)),
            },
        },
        "minProperties": 1,
        "type": "object",
    }
    held = [{"enum": [HELD]}] if parameter.can_be_held else []
    return {"anyOf": [*inner["anyOf"], *held, years]}


def table(parameter: Parameter) -> Fragment:
    """Allow a mapping of keys to quantities, or of years to such mappings."""
    keys = "|".join(str(key) for key in parameter.keys)
    least = len(parameter.keys) if parameter.every_key else 1
    one = _mapping(f"^({keys})$", quantity(parameter), least)
    return {"anyOf": [one, _mapping(f"^{_YEAR}$", one, 1)]}


def profile(parameter: Parameter) -> Fragment:
    """Allow a mapping of ages to quantities."""
    ages = "|".join(str(key) for key in parameter.keys)
    return _mapping(f"^({ages})$", quantity(parameter), 1)


def _mapping(keys: str, inner: Fragment, least: int) -> Fragment:
    return {
        "type": "object",
        "patternProperties": {keys: inner},
        "additionalProperties": False,
        "minProperties": least,
    }


def year() -> Fragment:
    """Allow a projected year."""
    return {"maximum": LAST_YEAR, "minimum": EARLIEST_YEAR, "type": "integer"}


def year_or_none() -> Fragment:
    """Allow a projected year, or none."""
    return {"anyOf": [year(), {"type": "null"}, {"enum": ["none"]}]}


def day_or_none() -> Fragment:
    """Allow a day such as ``2021-12-31``, or none."""
    day = f"^{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
    return {"anyOf": [{"pattern": day, "type": "string"}, {"enum": ["none"]}]}


def choice(parameter: Parameter) -> Fragment:
    """Allow one of some words, or the name of a CSV file."""
    words = {"enum": list(CHOICES[parameter.name])}
    return {"anyOf": [words, {"pattern": r"\.csv$", "type": "string"}]}


def month() -> Fragment:
    """Allow a month of a projected year, such as ``2022-01``."""
    return {"pattern": f"^{_YEAR}-(0[1-9]|1[0-2])$", "type": "string"}


def named(words: Iterable[str]) -> Fragment:
    """Allow one of some words, or a name that the loader may know, such as a short one."""
    return {"anyOf": [{"enum": list(words)}, {"pattern": NAME, "type": "string"}]}


def one_or_more(words: tuple[str, ...]) -> Fragment:
    """Allow one of some words, or a list of them."""
    one = named(words)
    return {"anyOf": [one, {"items": one, "minItems": 1, "type": "array", "uniqueItems": True}]}


def uncertainty(known: Mapping[str, Parameter]) -> Fragment:
    """Allow a distribution for each of some parameters, and correlations between them.

    It refers to :func:`distributions`.
    """
    names: Fragment = {
        name: {
            **_to(_drawn(one.unit, one.kind == "path")),
            "description": f"{one.zh} · {one.en}",
        }
        for name, one in known.items()
    }
    pair = {"enum": list(known)}
    between = {"items": pair, "maxItems": 2, "minItems": 2, "type": "array", "uniqueItems": True}
    strength = {"exclusiveMaximum": 1, "exclusiveMinimum": -1, **_to(_amount("ratio"))}
    correlation = _numbers({"between": between, "value": strength})
    about = "正态得分的相关系数（高斯连接函数） · correlations of normal scores"
    names["correlations"] = {"description": about, "items": correlation, "type": "array"}
    return {"additionalProperties": False, "properties": names, "type": "object"}


def distributions(known: Iterable[Parameter]) -> dict[str, Fragment]:
    """Allow ``none`` or a distribution, by name of the definition: of numbers and of paths."""
    kinds = sorted({(one.unit, one.kind == "path") for one in known})
    amounts: dict[str, Fragment] = {
        _amount(unit): {
            "anyOf": [
                {"type": "number"},
                {"pattern": _NUMBER + _SUFFIXES.get(unit, "$"), "type": "string"},
            ]
        }
        for unit in ("ratio", *(unit for unit, _ in kinds))
    }
    return amounts | {_drawn(unit, path): _distribution(unit, path) for unit, path in kinds}


def _amount(unit: str) -> str:
    return f"amount_{unit}"


def _drawn(unit: str, path: bool) -> str:
    return f"drawn_{unit}{'_path' if path else ''}"


def _to(definition: str) -> Fragment:
    return {"$ref": f"#/$defs/{definition}"}


def _distribution(unit: str, path: bool) -> Fragment:
    amount, ratio, above = _to(_amount(unit)), _to(_amount("ratio")), {"exclusiveMinimum": 0}
    own = {name: {**amount, **above} for name in ("sd", "median")}
    own["sigma"] = {**ratio, **above}
    forms: Fragment = {
        form: {
            "description": " · ".join(_FORMS[form]),
            **_numbers({name: own.get(name, amount) for name in names}),
        }
        for form, names in FORMS.items()
    }
    about = " · ".join(_FORMS[EMPIRICAL])
    forms[EMPIRICAL] = {"description": about, "items": amount, "minItems": 2, "type": "array"}
    one = [{"required": [form]} for form in forms]
    if path:
        about = "逐年偏离的自相关，0 到 1 · correlation of the deviations of two years (AR(1))"
        share = {"exclusiveMaximum": 1, "minimum": 0, **ratio}
        forms[PERSISTENCE] = {**share, "description": about}
    given = {"additionalProperties": False, "oneOf": one, "properties": forms, "type": "object"}
    return {"anyOf": [{"enum": [NONE]}, given]}


def _numbers(keys: Mapping[str, Fragment]) -> Fragment:
    """Allow a mapping that has exactly some keys."""
    return {
        "additionalProperties": False,
        "properties": dict(keys),
        "required": list(keys),
        "type": "object",
    }


def fragment(parameter: Parameter) -> Fragment:
    """Return the JSON Schema of the values of a parameter."""
    by_kind = {
        "path": path,
        "table": table,
        "profile": profile,
        "scalar": quantity,
        "choice": choice,
    }
    return year_or_none() if parameter.kind == "year" else by_kind[parameter.kind](parameter)


def descriptions(parameter: Parameter) -> dict[str, str]:
    """Describe a parameter in both languages, with unit and bounds."""
    zh, en = UNITS[parameter.unit]
    range_zh = range_en = ""
    if span := bounds(parameter):
        range_zh, range_en = f"；范围 {span}", f"; bounds {span}"
    return {
        "description": f"{parameter.zh}（{zh}{range_zh}） · {parameter.en} ({en}{range_en})",
        "markdownDescription": (
            f"**{parameter.zh}**\n\n单位：{zh}{range_zh}\n\n{parameter.en} ({en}{range_en})"
        ),
    }
