"""What the terminal says, from small tables whose answer is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fsinsure.output import listing, text
from fsinsure.output.style import Unit
from fsinsure.output.summary import Summary, comparison, count
from fsinsure.output.tidy import met

MAN = Unit(1e4, "万人")


def targets(*rows: tuple[str, str, int, float, float, float, object]) -> pd.DataFrame:
    columns = ["scenario", "measure", "year", "target", "projected", "growth_required"]
    table = pd.DataFrame(rows, columns=[*columns, "arrival_year"])
    table["gap"] = table["projected"] - table["target"]
    table["growth_projected"] = 0.01
    return table.astype({"arrival_year": "Int64"})


def channels(**persons: float) -> pd.DataFrame:
    rows = [
        ("one", "injury", place, first, last, channel, value * scale)
        for channel, value in persons.items()
        for place, first, last, scale in (
            ("city", 2020, 2025, 1.0),
            ("nanhai", 2020, 2025, 0.3),
            ("city", 2020, 2021, 0.2),
        )
    ]
    columns = ["scenario", "measure", "district", "from_year", "to_year", "channel", "persons"]
    return pd.DataFrame(rows, columns=columns)


def summary(table: pd.DataFrame, parts: pd.DataFrame, **changes: object) -> list[str]:
    given = {
        "scenario": "one",
        "title": "一",
        "horizon": 2025,
        "targets": table,
        "channels": parts,
        "checks": [True, True, False],
        "files": [Path("out/one/targets.csv"), Path("out/one/targets.png")],
    }
    return str(Summary(**{**given, **changes})).splitlines()


def test_the_lines_tell_the_tables() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.0161, None))
    parts = channels(employee=150_000, deaths=-70_000, flexible=1_000, civil=500)
    head, plan, growth, sources, files = summary(table, parts)
    assert head.endswith("2/3 项成立")
    assert "1 项中达到 0 项" in plan
    assert "预测 344、目标 364，差 20" in plan
    assert "1.61% / 1.00%，至 2025 年仍未达到" in growth
    # 15 - 7 + 0.1 + 0.05; what moves less than a twentieth is "other"
    assert "工伤保险 +8.15 = 企业职工 +15、死亡 −7、其他 +0.15" in sources
    assert "1 个表、1 张图；先看 targets.png、targets.csv" in files


def test_a_target_is_met_to_the_person() -> None:
    assert met(0.0)
    assert met(-0.4)
    assert not met(-0.6)
    assert not met(float("nan"))
    for projected, words in ((3.64e6, "恰好达到目标"), (3.65e6, "超 1"), (3.63e6, "差 1")):
        table = targets(("one", "injury", 2025, 3.64e6, projected, 0.01, 2025))
        assert words in summary(table, channels(employee=1e4))[1]


def test_the_arrival_year_is_told() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.7e6, 0.0161, 2024))
    assert "2024 年达到目标" in summary(table, channels(employee=1e4))[2]
    english = summary(table, channels(employee=1e4), lang="en")
    assert english[2].endswith("target reached in 2024")


@pytest.mark.parametrize(
    ("persons", "sign", "words"),
    [
        (3_926_300, False, "392.63"),
        (4_700_000, False, "470"),
        (81_000, True, "+8.1"),
        (-81_000, True, "−8.1"),
        (-3, True, "0"),
        (12_345_678, False, "1,234.57"),
    ],
)
def test_counts(persons: float, sign: bool, words: str) -> None:
    assert count(persons, MAN, sign=sign) == words


def test_scenarios_side_by_side_join_years_and_say_what_one_lacks() -> None:
    table = targets(
        ("one", "injury", 2025, 3.64e6, 3.44e6, 0.01, None),
        ("two", "injury", 2025, 3.64e6, 3.66e6, 0.01, 2025),
        ("two", "unemployment", 2025, 3.16e6, 3.1e6, 0.01, None),
    )
    parameters = pd.DataFrame(
        {
            "parameter": ["growth.flexible"] * 3 + ["base.dormant"],
            "year": pd.array([2021, 2022, 2023, None], dtype="Int64"),
            "one": pd.Series([0.05, 0.05, 0.05, 600_000.0], dtype=object),
            "two": pd.Series([0.18, 0.18, 0.12, 700_000.0], dtype=object),
        }
    )
    units = {"growth.flexible": "fraction", "base.dormant": "persons"}
    upper, lower = comparison(table, parameters, units).split("\n\n")
    injury, unemployment = (line.split("  ") for line in upper.splitlines()[2:])
    assert [cell.strip() for cell in injury if cell][-2:] == ["344 (−20)", "366 (+2)"]
    assert [cell.strip() for cell in unemployment if cell][-2:] == ["–", "310 (−6)"]
    assert [line.split() for line in lower.splitlines()[2:]] == [
        ["growth.flexible", "2021–2022", "5%", "18%"],
        ["growth.flexible", "2023", "5%", "12%"],
        ["base.dormant", "60万", "70万"],
    ]


def test_columns_line_up_under_chinese_heads() -> None:
    lines = text.table(("口径", "n"), [("养老保险", "5"), ("a", "10")], right=1).splitlines()
    assert lines == ["口径       n", "养老保险   5", "a         10"]
    assert {text.width(line) for line in lines} == {12}


def test_an_empty_list_says_so() -> None:
    assert listing.values([], "en") == "Nothing matches"
    assert listing.conflicts([], "zh") == "没有符合条件的记录"
    assert listing.nothing("zzzq", [], "en") == "Nothing matches"


def test_what_is_not_found_is_answered_with_the_closest_words_of_its_script() -> None:
    rows = [{"name": "injury rate", "zh": "工伤保险（费率）"}, {"name": "wage", "zh": "工资"}]
    english = listing.nothing("injry", rows, "en")
    assert english == "Nothing contains 'injry'. The closest known words: injury, rate, wage"
    assert listing.nothing("工险", rows) == "没有含“工险”的记录。最接近的词：工伤保险、工资、费率"
