"""The shape of a scenario: pydantic models made from the registry, and their JSON Schema.

This is the only module that imports pydantic; `load`, `with_` and `json_schema` import it when
they are called.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)

from fsinsure.errors import did_you_mean
from fsinsure.scenario import editor, relief, values
from fsinsure.scenario.problems import Invalid, Issue, Location, fail, key_text, quote
from fsinsure.scenario.registry import (
    HORIZON,
    SECTIONS,
    SHARE,
    Parameter,
    Tree,
    registry,
    tree,
)
from fsinsure.scenario.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fsinsure.errors import Position
    from fsinsure.scenario.paths import TablePath, YearPath
    from fsinsure.units import Quantity

    Value = YearPath | TablePath | float | str | None
    Locate = Callable[[Location, bool], Position | None]

_CONFIG: Final = ConfigDict(extra="forbid", strict=True, frozen=True)
_LISTS: Final = {
    "targets": "targets, each {measure, year, value}",
    "relief": "reliefs, each {action, insurance, payer, from, to}",
}
_TITLES: Final = {"zh": "中文标题 · Chinese title", "en": "英文标题 · English title"}


@dataclass(frozen=True)
class Content:
    """What one file, or one call of ``with_``, sets; None and absent mean "not set"."""

    name: str
    title: Mapping[str, str]
    description: str | None
    extends: str | None
    horizon: int | None
    values: Mapping[str, Value]
    targets: tuple[Target, ...] | None
    relief: tuple[relief.Relief, ...] | None = None


def validate(data: Mapping[str, object], where: values.Where, locate: Locate) -> Content:
    """Validate the plain values of a file and return what they set.

    Parameters
    ----------
    data
        Mappings with text keys, lists, text, numbers as Decimal, bool and None.
    where
        The folders that file names in values are looked up in.
    locate
        Gives the position of a location, for messages and targets.

    Raises
    ------
    ScenarioError
        One line for each problem.
    """
    try:
        model = _scenario().model_validate(dict(data), context=where)
    except ValidationError as error:
        fail(_issues(error), locate)
    found = dict(_set(model))
    targets = found.pop(("targets",), None)
    reliefs = found.pop(("relief",), None)
    return Content(
        name=found.pop(("name",)),
        title={key: found.pop(("title", key)) for key in _TITLES if ("title", key) in found},
        description=found.pop(("description",), None),
        extends=found.pop(("extends",), None),
        horizon=found.pop(("horizon",), None),
        values={key_text(location): value for location, value in found.items()},
        targets=None if targets is None else _targets(targets, locate),
        relief=None if reliefs is None else _reliefs(reliefs, locate),
    )


def _set(model: BaseModel, outer: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every leaf that was set, with its location."""
    for name, info in type(model).model_fields.items():
        if name in model.model_fields_set:
            location = (*outer, info.alias or name)
            value = getattr(model, name)
            if isinstance(value, BaseModel):
                yield from _set(value, location)
            else:
                yield location, value


def _targets(models: list[BaseModel], locate: Locate) -> tuple[Target, ...]:
    found: dict[tuple[str, int], Target] = {}
    issues = []
    for index, model in enumerate(models):
        entry = {location[0]: value for location, value in _set(model)}
        value: Quantity = entry["value"]
        baseline: Quantity | None = entry.get("baseline")
        target = Target(
            measure=entry["measure"],
            year=entry["year"],
            value=float(value.amount),
            baseline=float(baseline.amount) if baseline else None,
            baseline_tolerance=float(baseline.step / 2) if baseline else 0.0,
            source=entry.get("source"),
            position=locate(("targets", index), False),
        )
        if (target.measure, target.year) in found:
            text = f"a second target for {target.measure} in {target.year}: keep one"
            issues.append(Issue(text, ("targets", index)))
        found[target.measure, target.year] = target
    if issues:
        fail(issues, locate)
    return tuple(found.values())


def _reliefs(models: list[BaseModel], locate: Locate) -> tuple[relief.Relief, ...]:
    found = []
    issues = []
    for index, model in enumerate(models):
        entry = {location[0]: value for location, value in _set(model)}
        try:
            found.append(relief.build(entry, locate(("relief", index), False)))
        except Invalid as error:
            issues += [
                Issue(issue.text, ("relief", index, *issue.location), issue.at_key)
                for issue in error.issues
            ]
    if not issues:
        issues = [Issue(one.text, ("relief", *one.location)) for one in relief.overlaps(found)]
    if issues:
        fail(issues, locate)
    return tuple(found)


def _issues(error: ValidationError) -> Iterator[Issue]:
    """Put what pydantic found into our words."""
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, Invalid):
            for issue in cause.issues:
                yield Issue(issue.text, (*location, *issue.location), issue.at_key)
        elif detail["type"] == "extra_forbidden":
            yield Issue(unknown(location), location, at_key=True)
        elif detail["type"] == "missing":
            yield Issue("is missing: it has no default", location, at_key=True)
        elif detail["type"] == "list_type":
            wanted = f"expected a list of {_LISTS[str(location[0])]}"
            yield Issue(f"{wanted}, got {quote(detail['input'])}", location)
        else:
            got = f"got {quote(detail['input'])}"
            if detail["input"] is None:
                got = "got nothing: give a key or delete the line"
            yield Issue(f"expected the keys {', '.join(_known(location))}; {got}", location)


def unknown(location: Location) -> str:
    """Say that there is no such key, and which was probably meant."""
    *outer, last = location
    word, known = str(last), _known(tuple(outer))
    if word in registry():
        *nest, key = registry()[word].location
        opening = ": {".join([*nest, key])
        return f"write it nested: {opening}: ...{'}' * len(nest)}"
    hint = did_you_mean(word, known)
    if not hint:
        hint = did_you_mean(key_text(location), registry())
    return f"unknown key.{hint} Known here: {', '.join(known)}"


def _known(location: Location) -> list[str]:
    """Return the keys that may stand at a location."""
    if location[:1] in (("targets",), ("relief",)):
        entry = _target() if location[0] == "targets" else _relief()
        return [info.alias or "" for info in entry.model_fields.values()]
    if location == ("title",):
        return list(_TITLES)
    if not location:
        return [info.alias or "" for info in _scenario().model_fields.values()]
    level: Tree | Parameter = tree()
    for part in location:
        level = level.get(str(part), {}) if isinstance(level, dict) else {}
    return list(level) if isinstance(level, dict) else []


@dataclass(frozen=True)
class _Field:
    """A key: its type, whether it must be there, and what an editor shows."""

    kind: Any
    required: bool = False
    shown: Mapping[str, str] = field(default_factory=dict)


def _read(read: Callable[..., object], fragment: dict[str, Any]) -> Any:
    """Make a type that one of our readers reads."""
    return Annotated[Any, PlainValidator(read), WithJsonSchema(fragment)]


def _described(text: str) -> dict[str, str]:
    return {"description": text}


def _model(name: str, fields: Mapping[str, _Field], title: str) -> type[BaseModel]:
    """Make a model; keys such as ``return`` or ``pension.enterprise`` are aliases of its fields."""
    definitions: dict[str, Any] = {}
    for key, entry in fields.items():

        def show(schema: dict[str, Any], shown: Mapping[str, str] = entry.shown) -> None:
            schema.pop("default", None)  # null stands for "not set" and is not a value to offer
            schema.update(shown)

        default = ... if entry.required else None
        definitions[f"{key.replace('.', '_')}_"] = (
            entry.kind,
            Field(default, alias=key, title=key, json_schema_extra=show),
        )
    return create_model(name, __config__=ConfigDict(**_CONFIG, title=title), **definitions)


def _parameter(parameter: Parameter) -> _Field:
    def read(value: object, info: ValidationInfo) -> object:
        if parameter.kind == "choice":
            assert isinstance(info.context, values.Where)
            return values.choice(parameter, value, info.context)
        if parameter.kind == "path":
            return values.path(parameter, value)
        if parameter.kind == "table":
            return values.table(parameter, value)
        if parameter.kind == "year":
            return values.year_or_none(parameter, value)
        return values.number(parameter, value)

    kind = _read(read, editor.fragment(parameter))
    return _Field(kind, shown={"title": parameter.zh, **editor.descriptions(parameter)})


def _section(name: str, level: Tree, title: str) -> type[BaseModel]:
    fields = {}
    for key, inner in level.items():
        if isinstance(inner, Parameter):
            fields[key] = _parameter(inner)
        else:
            fields[key] = _Field(_section(f"{name} {key}", inner, key))
    return _model(name, fields, title)


@cache
def _target() -> type[BaseModel]:
    people = _read(partial(values.quantity, values.PEOPLE), editor.quantity(values.PEOPLE))
    year = _read(partial(values.whole_year, HORIZON), editor.year())
    source = _read(values.text, editor.text())
    about = {
        "measure": "口径（统计哪些人） · who is counted",
        "year": "哪年年末 · at the end of which year",
        "value": "目标人数，如 470万 · people, such as 470万",
        "baseline": "公布的基年数，口径须一致 · published base-year figure, of the same measure",
        "source": "出处 · where it is published",
    }
    fields = {
        "measure": _Field(_read(values.measure, editor.measure()), required=True),
        "year": _Field(year, required=True),
        "value": _Field(people, required=True),
        "baseline": _Field(people),
        "source": _Field(source),
    }
    shown = {key: replace(entry, shown=_described(about[key])) for key, entry in fields.items()}
    return _model("target", shown, "目标 · target")


@cache
def _relief() -> type[BaseModel]:
    month = _read(relief.month, editor.month())
    about = {
        "action": "waive 减免、defer 缓缴、refund 返还 · never paid, paid later, or given back",
        "insurance": "险种，可列多个 · one fund or a list of funds",
        "payer": "缴费方 · whose contributions",
        "share": "占应缴额的比例，默认 100% · share of the amount due",
        "from": "起始月，如 2022-01 · first month",
        "to": "终止月（含），与起始月同年 · last month, in the same year",
        "group": "企业规模，默认 all · size of firm by payroll share (wage.small_firm_share)",
        "repay_from": "缓缴补缴起始月 · from when a deferral is repaid, in equal months",
        "repay_to": "缓缴补缴终止月 · to when a deferral is repaid",
    }
    fields = {
        "action": _Field(_read(relief.action, {"enum": list(relief.ACTIONS)}), required=True),
        "insurance": _Field(
            _read(relief.insurance, editor.one_or_more(tuple(relief.PAYERS))), required=True
        ),
        "payer": _Field(_word(relief.ANY_PAYER), required=True),
        "share": _Field(_read(partial(values.number, SHARE), editor.quantity(SHARE))),
        "from": _Field(month, required=True),
        "to": _Field(month, required=True),
        "group": _Field(_word(relief.GROUPS)),
        "repay_from": _Field(month),
        "repay_to": _Field(month),
    }
    shown = {key: replace(entry, shown=_described(about[key])) for key, entry in fields.items()}
    return _model("relief", shown, "减免缓返 · relief")


def _word(known: tuple[str, ...]) -> Any:
    return _read(partial(values.word, known), {"enum": list(known)})


@cache
def _scenario() -> type[BaseModel]:
    text = _read(values.text, editor.text())
    name = _read(values.scenario_name, {"type": "string", "pattern": f"^{values.NAME}$"})
    titles = {key: _Field(text, shown=_described(about)) for key, about in _TITLES.items()}
    horizon = _read(partial(values.whole_year, HORIZON), editor.year())
    extends = "继承自：本目录树内的文件或内置情景名 · a file in this folder tree, or a bundled name"
    fields = {
        "name": _Field(name, True, _described("情景名 · name of the scenario")),
        "title": _Field(_model("title", titles, "标题 · titles")),
        "description": _Field(text, shown=_described("说明 · what the scenario asks")),
        "extends": _Field(text, shown=_described(extends)),
        "horizon": _Field(horizon, shown=editor.descriptions(HORIZON)),
    }
    for key, level in tree().items():
        assert isinstance(level, dict)
        about = " · ".join(SECTIONS[key])
        fields[key] = _Field(_section(key, level, about), shown=_described(about))
    about = "减免、缓缴、返还 · fee relief: waived, deferred, given back"
    fields["relief"] = _Field(GenericAlias(list, (_relief(),)), shown=_described(about))
    fields["targets"] = _Field(GenericAlias(list, (_target(),)), shown=_described("目标 · targets"))
    return _model("scenario", fields, "fsinsure 情景 · fsinsure scenario")


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, described in Chinese and English."""
    schema = _scenario().model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Return the JSON Schema as the text of ``schema/scenario.schema.json``."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
