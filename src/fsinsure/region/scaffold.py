"""The files of a new region: blank figures and census, assumptions copied from another region."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fsinsure.dims import EARLIEST_YEAR, LAST_YEAR, SEXES
from fsinsure.documents.problems import Invalid, quote
from fsinsure.errors import InputError
from fsinsure.region import law
from fsinsure.region.census import base_census, census_of
from fsinsure.region.files import FILES, TABLES, rows_in
from fsinsure.region.load import area_issues, region_names
from fsinsure.region.names import CARDS, GOALS, RATE, RESIDENTS
from fsinsure.region.region import COPIED
from fsinsure.region.shapes import read_code
from fsinsure.region.validity import STOCKS
from fsinsure.registry import registry
from fsinsure.scenario.words import scenario_name
from fsinsure.statuses import SUBSIDY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fsinsure.region.region import Region
    from fsinsure.tabular import Record

PLAN: Final = 5
"""Years of a plan."""

NAME: Final = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
"""Of a folder: the name of its first scenario, and of the region in tables."""

TRANSFER: Final = "pooling.transfer_"
"""What begins the parameters of the yuan that a fund has from the province in a year."""

WANTED: Final = (
    *(RATE, "fund.balance", CARDS),
    *(f"target.{goal}" for goal in GOALS),
)
"""Figures that are asked for beside those of the opening stock."""

RESIDENTS_NOTE: Final = "needed where the last census is of an earlier year; else may be deleted"
GOAL_NOTE: Final = (
    "the years of your plan: a sum counts all of them, a rate holds in each, a stock at their end"
)

GUIDE: Final = """\
# {name}

Fill in, then run `fsinsure region check {name}` until it finds nothing more to do.
逐项填写，直到 `fsinsure region check {name}` 不再报错。

1. `region.yaml`: names and areas · 名称与分区
2. `figures.csv`: the published figures of {date}; delete the rows that are not published. What is
   then missing is named, with the assumptions that could stand for it · 公布数，未公布的行删除
3. `census.csv`: people by area, sex and age group; other groups will do, the last one open.
   Write `both` for the sex where men and women are published together · 分区、性别、年龄组人口
4. `assumptions.csv`: fill in the rows without a value: they count people or money of the whole
   region, and the note has the amount of {like}. `migration.arrivals` may be 0 until
   `fsinsure region migration {name}` prints it (two censuses and births). Then replace what
   was copied from {like}; the source says which · 填写空白的总量，替换照抄的假设
5. `profiles.csv`: ages of each status, copied from {like} · 各参保状态年龄结构
6. `outcomes.csv`, `conflicts.csv`: later figures, and figures that contradict each other; may stay
   empty. With a measure (docs/regions.md) a figure is compared: `fsinsure backtest`.
   · 事后公布数（填 measure 者用于回测）与数据矛盾，可留空
7. `baseline.yaml`: your scenario; add the targets of your plan · 情景与规划目标

Units such as 万人 or 亿元 are understood. Confidence is plan, official, secondary or assumption.
"""


def scaffold(
    name: str, like: Region, areas: Sequence[str], base_year: int | None = None
) -> dict[str, str]:
    """Return the files of a new region.

    Parameters
    ----------
    name
        Of its folder.
    like
        The region whose assumptions, profiles and list of figures are copied.
    areas
        Codes of the areas.
    base_year
        At the end of which the projection starts; that of `like` unless given.

    Returns
    -------
    dict
        Text by file name, with ``/`` between folders. Published figures, the census, and
        assumptions that count the people or the money of a whole region are blank, so that none
        of another region is used unnoticed. Layers of law that `like` has of its own are copied.

    Raises
    ------
    InputError
        If later commands would refuse the name, the areas or the base year.
    """
    year = like.base_year if base_year is None else base_year
    codes = [area.strip() for area in areas if area.strip()]
    _refuse(name, codes, year)
    date = f"{year}-12-31"
    words = {"name": name, "date": date, "like": like.name}
    return {
        "README.md": GUIDE.format(**words),
        "region.yaml": _region_yaml(like, codes, date),
        "figures.csv": _figures(like, date),
        "census.csv": _census(like, codes, year),
        "assumptions.csv": _copied(like, "assumptions.csv"),
        "profiles.csv": _copied(like, "profiles.csv"),
        "outcomes.csv": _csv("outcomes.csv", [], ("measure", "known")),
        "conflicts.csv": _csv("conflicts.csv", []),
        "baseline.yaml": _scenario(like, name, year + PLAN),
        **_own_law(like),
    }


def _refuse(name: str, codes: Sequence[str], year: int) -> None:
    """Refuse what region.yaml or baseline.yaml could not hold."""
    from fsinsure.documents.reader import resolve  # imports yaml

    if name in region_names():
        raise InputError(
            "{name} is a region shipped with the library, and `fsinsure region check {name}` "
            "would check that one: choose another name",
            name=name,
        )
    if not re.fullmatch(NAME, name) or not isinstance(resolve(name), str):
        raise InputError(
            "{name} is not a name of a region: use up to 64 letters (a-z), digits, - and _, the "
            "first a letter; region.yaml has the names that readers see",
            name=quote(name),
        )
    if not EARLIEST_YEAR <= year <= LAST_YEAR - PLAN:
        raise InputError(
            "--base-year: {year} is not between {earliest_year} and {last_year}",
            year=year,
            earliest_year=EARLIEST_YEAR,
            last_year=LAST_YEAR - PLAN,
        )
    try:
        scenario_name(name)
    except Invalid as error:
        raise InputError(str(error)) from None
    try:
        for code in codes:
            read_code(resolve(code))
    except Invalid as error:
        raise InputError("--areas: {error}", error=error) from None
    issues = area_issues(codes, name)
    if issues:
        raise InputError("--areas: {text}", text=issues[0].text)


def _own_law(like: Region) -> dict[str, str]:
    """Return the files of the layers of law in the folder of a region."""
    folders = [law.layer_folders(like.folder)[name] for name in like.laws]
    return {
        file.relative_to(like.folder).as_posix(): file.read_text(encoding="utf-8-sig")
        for folder in folders
        if folder.is_relative_to(like.folder)
        for file in sorted(folder.iterdir())
        if file.name in FILES
    }


def _region_yaml(like: Region, areas: Sequence[str], date: str) -> str:
    levers = [f"  {measure}: {lever}" for measure, lever in like.closing_levers.items()]
    return "\n".join(
        [
            "# A region: its names, its areas and the law that holds in it.",
            "name: {zh: 待填写, en: fill in}",
            f"base_date: {date}  # the day of the opening stock, a 31 December",
            f"horizon: {int(date[:4]) + PLAN}  # the last projected year by default",
            f"currency: {like.currency}",
            f"law: {like.laws[-1]}  # a layer shipped with the library, or one of your own in law/",
            "areas:  # at least one: its code in census.csv and tables, names to fill in · 待填写",
            *(f"  - {{code: {code}, zh: {code}, en: {code}}}" for code in areas),
            "closing_levers:  # the parameter that moves each measure most directly",
            *levers,
            "",
        ]
    )


def _figures(like: Region, date: str) -> str:
    year = int(date[:4])
    plan = f"{year + 1}/{year + PLAN}"
    residents = (RESIDENTS, "", "", "万人", date, "", "", "Residents", "常住人口", RESIDENTS_NOTE)
    rows = [residents]
    for name, one in like.figures.items():
        if name.startswith(STOCKS) or name in WANTED:
            goal = name.startswith("target.")
            when = plan if goal else str(year) if name == RATE else date
            note = GOAL_NOTE if goal else ""
            rows.append((name, "", "", one.unit, when, "", "", one.en, one.zh, note))
    return _csv("figures.csv", rows)


def _census(like: Region, areas: Sequence[str], year: int) -> str:
    starts = census_of(like, base_census(like)).starts
    closed = [f"{a}-{b - 1}" if b - a > 1 else str(a) for a, b in pairwise(starts)]
    groups = [*closed, f"{starts[-1]}+"]
    rows = [
        (str(year), area, sex, group, "", "人", "", "", "", "")
        for area in areas
        for sex in SEXES
        for group in groups
    ]
    return _csv("census.csv", rows)


def _copied(like: Region, file: str) -> str:
    """Return a table of another region; each source says so, and none is more than assumed.

    Values of its areas are left out, and amounts that its size sets are blank, without the later
    years of a path.
    """
    rows = [one for one in rows_in(like.folder, file) if not one.cells.get("area")]
    of_size = {one.cells["parameter"]: one for one in reversed(rows) if _of_size(one)}
    people = float(census_of(like, base_census(like)).counts.sum())

    def row(record: Record) -> list[str]:
        cells = dict(record.cells)
        if record in of_size.values():
            cells |= dict.fromkeys(("from", "value", "source", "confidence"), "")
            each = float(record.number("value")) / people
            cells["note"] = (
                f"{like.name}: {record['value']}, {each:.3g} for each of its residents; put the "
                "amount of your region"
            )
        elif not cells["source"].startswith(COPIED):
            source = cells["source"].removeprefix("assumption: ")
            cells["source"] = f"{COPIED}{like.name}: {source}"
            cells["confidence"] = "assumption"
        return [cells[column] for column in TABLES[file].columns]

    kept = [one for one in rows if not _of_size(one) or one in of_size.values()]
    return _csv(file, map(row, kept))


def _of_size(record: Record) -> bool:
    """Return whether a row counts the people or the money of a whole region; no money is 0."""
    name = record.cells.get("parameter", "")
    if name in SUBSIDY.values() or name.startswith(TRANSFER):
        return bool(record.number("value"))
    return name in registry() and registry()[name].unit == "persons"


def _scenario(like: Region, name: str, year: int) -> str:
    measures = [figure[len("target.") :] for figure in like.figures if figure[:7] == "target."]
    targets = [one for one in measures if f"enrollment.{one}" in like.figures]
    return "\n".join(
        [
            "# The question of this scenario, in a sentence.",
            "region: .",
            f"name: {name}",
            "title: {zh: 基准情景, en: Baseline}",
            "",
            "# Targets of your plan: remove the '# ' in front, and set year and value.",
            "# targets:",
            *(f"#   - {{measure: {one}, year: {year}, value: 100万}}" for one in targets),
            "",
        ]
    )


def _csv(file: str, rows: Iterable[Sequence[str]], more: Sequence[str] = ()) -> str:
    """Return the text of a table of :data:`fsinsure.region.files.TABLES`, with columns `more`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*TABLES[file].columns, *more])
    writer.writerows(rows)
    return text.getvalue()
