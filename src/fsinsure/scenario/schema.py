"""The shape of a scenario file, made from the registry, and its JSON Schema."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from fsinsure.documents import shape
from fsinsure.documents.problems import Invalid, Issue, Location, fail, read_each
from fsinsure.documents.shape import Context, Leaf, Listing, Node, Section
from fsinsure.measures import measures, names_of
from fsinsure.messages import Message, phrase
from fsinsure.names import every
from fsinsure.region.outcomes import comparable
from fsinsure.registry import HORIZON, SECTIONS, SHARE, Parameter, Tree, registry, tree
from fsinsure.scenario import editor, relief, target, values, words
from fsinsure.scenario.observe import Observe
from fsinsure.scenario.read_uncertainty import drawable, uncertainty
from fsinsure.scenario.target import Target
from fsinsure.scenario.uncertainty import CORRELATIONS

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping

    from fsinsure.documents.shape import Fragment
    from fsinsure.errors import Position
    from fsinsure.paths import TablePath, YearPath
    from fsinsure.scenario.uncertainty import Correlation, Drawn

    Value = YearPath | TablePath | float | str | None
    Entry = TypeVar("Entry")
    Locate = Callable[[Location, bool], Position | None]

_READERS: Final[Mapping[str, Callable[[Parameter, object, Context], object]]] = {
    "choice": words.choice,
    "path": values.path,
    "profile": values.profile,
    "scalar": values.scalar,
    "table": values.table,
    "year": values.year_or_none,
}
"""The readers of the values of a parameter, by kind."""

_PLAIN: Final = ("name", "description", "extends", "region", "horizon", "as_of")
"""Keys with a single value."""

_TEXT: Final = {"minLength": 1, "type": "string"}


@dataclass(frozen=True)
class Content:
    """What one file, or one call of ``with_``, sets; None and absent mean "not set".

    `locations` is where each of `values` stands, with the keys as they are written.
    """

    name: str
    title: Mapping[str, str]
    description: str | None
    extends: str | None
    region: str | None
    horizon: int | None
    values: Mapping[str, Value]
    locations: Mapping[str, tuple[str, ...]]
    targets: tuple[Target, ...] | None
    relief: tuple[relief.Relief, ...] | None = None
    observe: Observe | None = None
    fitted: Mapping[str, str] | None = None
    as_of: datetime.date | str | None = None
    uncertainty: Mapping[str, Drawn] | None = None
    correlations: tuple[Correlation, ...] | None = None

    @property
    def uncertain(self) -> dict[str, tuple[str, ...]]:
        """What is set under ``uncertainty``: its location by dotted key."""
        names = [*(self.uncertainty or ()), *([] if self.correlations is None else [CORRELATIONS])]
        return {f"uncertainty.{name}": ("uncertainty", name) for name in names}


def validate(data: Mapping[str, object], context: Context, locate: Locate) -> Content:
    """Validate the plain values of a file and return what they set.

    Parameters
    ----------
    data
        Mappings with text keys, lists, text, numbers as Decimal, bool and None.
    context
        What the values depend on.
    locate
        Gives the position of a location, for messages and targets.

    Raises
    ------
    ScenarioError
        One line for each problem.
    """
    issues: list[Issue] = []
    found = cast("dict[str, Any]", shape.read(scenario_file(), data, context, issues))
    if issues:
        fail(issues, locate)
    plain: dict[str, Any] = {key: found.get(key) for key in _PLAIN}
    uncertainty, correlations = _uncertainty(found, locate)
    own, file = dict(_parameters(tree(), found)), scenario_file()
    return Content(
        **plain,
        title=found.get("title", {}),
        values=own,
        locations={name: shape.written(file, data, registry()[name].location) for name in own},
        targets=_distinct(_entries("targets", found, locate, target.build), locate),
        relief=_entries("relief", found, locate, relief.build),
        observe=Observe(**found["observe"]) if "observe" in found else None,
        fitted=found.get("fitted"),
        uncertainty=uncertainty,
        correlations=correlations,
    )


def _uncertainty(
    found: Mapping[str, Any], locate: Locate
) -> tuple[Mapping[str, Drawn] | None, tuple[Correlation, ...] | None]:
    """Return distributions by name and correlations with their positions; None if not set."""
    drawn = dict(found.get("uncertainty", {}))
    correlations = drawn.pop(CORRELATIONS, None)
    if correlations is not None:
        at = ("uncertainty", CORRELATIONS)
        correlations = tuple(
            replace(one, position=locate((*at, index), False))
            for index, one in enumerate(correlations)
        )
    return drawn or None, correlations


def _parameters(level: Tree, found: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield the parameters that were set, by dotted key."""
    for key, inner in level.items():
        if key in found and isinstance(inner, Parameter):
            yield inner.name, found[key]
        elif key in found and not isinstance(inner, Parameter):
            yield from _parameters(inner, found[key])


def _entries(
    key: str, found: Mapping[str, Any], locate: Locate, build: Callable[..., Entry]
) -> tuple[Entry, ...] | None:
    """Build the entries of a list; None if the file does not have it."""
    if key not in found:
        return None

    def one(index: int, entry: object) -> Entry:
        return build(entry, locate((key, index), False))

    try:
        return tuple(read_each(enumerate(found[key]), one))
    except Invalid as error:
        fail(error.within((key,)), locate)


def _distinct(targets: tuple[Target, ...] | None, locate: Locate) -> tuple[Target, ...] | None:
    """Refuse two targets of a measure in one year."""
    seen = [(one.measure, one.year) for one in targets or ()]
    issues = [
        Issue(
            Message(
                "a second target for {measure} in {year}: keep one", measure=measure, year=year
            ),
            ("targets", index),
        )
        for index, (measure, year) in enumerate(seen)
        if (measure, year) in seen[:index]
    ]
    if issues:
        fail(issues, locate)
    return targets


def _leaf(
    read: Callable[[object], object], fragment: Fragment, about: str, *, required: bool = False
) -> Leaf:
    """Make a leaf that needs no folder."""
    return Leaf(lambda value, _: read(value), {**fragment, "description": about}, required)


def _word(known: tuple[str, ...], about: str, *, required: bool = False) -> Leaf:
    return _leaf(partial(words.word, known), {"enum": list(known)}, about, required=required)


def _parameter(parameter: Parameter) -> Leaf:
    read = partial(_READERS[parameter.kind], parameter)
    shown = {"title": parameter.zh, **editor.descriptions(parameter)}
    return Leaf(read, {**editor.fragment(parameter), **shown})


def _section(name: str, level: Tree, title: str, about: str = "") -> Section:
    keys: dict[str, Node] = {}
    for key, inner in level.items():
        if isinstance(inner, Parameter):
            keys[key] = _parameter(inner)
        else:
            keys[key] = _section(f"{name}_{key}".rpartition(".")[2], inner, key)
    names = names_of(tuple(level)) if name == "coverage" else {}
    return Section(name, title, keys, about, names=names)


def _target() -> Section:
    people = partial(_leaf, partial(values.quantity, values.PEOPLE), editor.quantity(values.PEOPLE))
    at = "哪年年末 · at the end of which year"
    keys = {
        "measure": _leaf(
            words.measure,
            editor.named(every(names_of(measures()))),
            "口径（统计哪些人） · who is counted",
            required=True,
        ),
        "year": Leaf(values.projected_year, {**editor.year(), "description": at}, required=True),
        "value": people("目标人数，如 470万 · people, such as 470万", required=True),
        "baseline": people(
            "公布的基年数，口径须一致 · published base-year figure, of the same measure"
        ),
        "source": _leaf(words.text, _TEXT, "出处 · where it is published"),
    }
    return Section("target", "目标 · target", keys)


def _relief() -> Section:
    def month(about: str, *, required: bool = False) -> Leaf:
        return Leaf(relief.month, {**editor.month(), "description": about}, required)

    names = tuple(every(names_of(tuple(relief.PAYERS))))
    funds = partial(_leaf, relief.insurance, editor.one_or_more(names))
    share = partial(_leaf, partial(values.number, SHARE), editor.quantity(SHARE))
    does = "waive 减免、defer 缓缴、refund 返还 · never paid, paid later, or given back"
    size = "企业规模，默认 all · size of firm by payroll share (wage.small_firm_share)"
    keys = {
        "action": _leaf(relief.action, {"enum": list(relief.ACTIONS)}, does, required=True),
        "insurance": funds("险种，可列多个 · one fund or a list of funds", required=True),
        "payer": _word(relief.ANY_PAYER, "缴费方 · whose contributions", required=True),
        "share": share("占应缴额的比例，默认 100% · share of the amount due"),
        "from": month("起始月，如 2019-07 · first month", required=True),
        "to": month("终止月（含），与起始月同年 · last month, in the same year", required=True),
        "group": _word(relief.GROUPS, size),
        "repay_from": month("缓缴补缴起始月 · from when a deferral is repaid, in equal months"),
        "repay_to": month("缓缴补缴终止月 · to when a deferral is repaid"),
    }
    return Section("relief", "减免缓返 · relief", keys)


def _observe() -> Section:
    about = "满足该年年末及以前的公布数；none 不使用 · up to which year figures are met, or none"
    until = {"anyOf": [editor.year(), {"enum": ["none", None]}], "description": about}
    keys: dict[str, Node] = {"until": Leaf(values.projected_year_or_none, until, required=True)}
    what = "已公布数：逐年求解所对应的参数 · published figures that levers are solved to meet"
    return Section("observe", "实际数 · observed figures", keys, what)


def _uncertainty_leaf() -> Leaf:
    about = "参数的概率分布与相关系数 · how parameters are drawn; numbers are of the first year"
    known = drawable()
    return Leaf(
        uncertainty,
        {**editor.uncertainty(known), "description": about},
        definitions=editor.distributions(known.values()),
    )


def _fitted() -> Section:
    about = "按该口径公布数设定的参数 · the parameter that its published figures set"
    keys = {one: _leaf(words.parameter_name, _TEXT, about) for one in comparable()}
    what = "已用于设定参数的公布数不检验测算 · published figures that set a parameter judge nothing"
    return Section("fitted", "已拟合 · fitted", keys, what, names=names_of(comparable()))


@cache
def scenario_file() -> Section:
    """Return the shape of a scenario file."""
    text = partial(_leaf, words.text, _TEXT)
    name = {"pattern": f"^{words.NAME}$", "type": "string"}
    titles = {"zh": text("中文标题 · Chinese title"), "en": text("英文标题 · English title")}
    extends = "继承自：本目录树内的文件或内置情景名 · a file in this folder tree, or a bundled name"
    horizon = {**editor.year(), **editor.descriptions(HORIZON)}
    known = "只用此日已知的数值（none 为全部） · only values known by a day (none: all) are used"
    keys: dict[str, Node] = {
        "name": _leaf(words.scenario_name, name, "情景名 · name of the scenario", required=True),
        "title": Section("title", "标题 · titles", titles, plain="zh"),
        "description": text("说明 · what the scenario asks"),
        "extends": text(extends),
        "region": text(
            "地区：内置地区名，或本目录树内的文件夹 · a shipped region, or a folder in this tree"
        ),
        "horizon": Leaf(values.projected_year, horizon),
        "as_of": Leaf(values.as_of, {**editor.day_or_none(), "description": known}),
    }
    for key, level in tree().items():
        assert isinstance(level, dict)
        about = " · ".join(SECTIONS[key])
        keys[key] = _section(key, level, about, about)
    reliefs = phrase("reliefs, each {action, insurance, payer, from, to}")
    about = "减免、缓缴、返还 · fee relief: waived, deferred, given back"
    keys["relief"] = Listing(_relief(), reliefs, about)
    keys["observe"] = _observe()
    keys["fitted"] = _fitted()
    keys["uncertainty"] = _uncertainty_leaf()
    keys["targets"] = Listing(
        _target(), phrase("targets, each {measure, year, value}"), "目标 · targets"
    )
    return Section("scenario", "fsinsure 情景 · fsinsure scenario", keys)


@cache
def json_schema() -> Fragment:
    """Return the JSON Schema of a scenario file, described in Chinese and English."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **shape.json_schema(scenario_file())}


def schema_text() -> str:
    """Return the JSON Schema as the text of ``schema/scenario.schema.json``."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
