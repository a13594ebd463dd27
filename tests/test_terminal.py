"""Text for the terminal, from small tables with known results."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from foshan import CITY
from fsinsure.output.numbers import Unit
from fsinsure.output.terminal import listing, side_by_side, text
from fsinsure.output.terminal.summary import Summary, comparison, count
from fsinsure.output.tidy import met

MAN = Unit(1e4, "万人")


def targets(*rows: tuple[str, str, int, float, float, float, object]) -> pd.DataFrame:
    columns = ["scenario", "measure", "year", "target", "projected", "growth_required"]
    table = pd.DataFrame(rows, columns=[*columns, "year_reached"])
    table["gap"] = table["projected"] - table["target"]
    table["growth_projected"] = 0.01
    return table.astype({"year_reached": "Int64"})


def channels(**persons: float) -> pd.DataFrame:
    rows = [
        ("one", "injury", level, place, first, last, channel.replace("_", "."), value * scale)
        for channel, value in persons.items()
        for level, place, first, last, scale in (
            ("total", CITY, 2020, 2025, 1.0),
            ("area", "nanhai", 2020, 2025, 0.3),
            ("total", CITY, 2020, 2021, 0.2),
        )
    ]
    columns = ["scenario", "measure", "level", "area", "from_year", "to_year", "channel", "persons"]
    return pd.DataFrame(rows, columns=columns)


NAN = float("nan")


def ledger(**closing: float) -> pd.DataFrame:
    rows = [
        (year, fund, "closing", balance * share)
        for fund, balance in closing.items()
        for year, share in ((2020, 0.5), (2025, 1.0))
    ]
    return pd.DataFrame(rows, columns=["year", "fund", "item", "yuan"])


def read_off(*rows: tuple[int, str, str, float, float, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["year", "fund", "indicator", "value", "bound", "level"])
    return table.assign(low=NAN, high=NAN)


MONTHS, DEPLETED = "months_of_reserve", "depletion_year"
JOBS, RATE = "cumulative_new_urban_employment", "registered_unemployment_rate"
AIMS = [
    (2020, "total", RATE, 0.031, NAN, ""),
    (2023, "total", RATE, 0.0295, 0.03, "met"),
    (2025, "total", RATE, 0.0248, 0.03, "met"),
    (2024, "total", JOBS, 280_000.0, NAN, ""),
    (2025, "total", JOBS, 350_000.0, 400_000.0, "missed"),
    (2025, "total", "cumulative_reemployment", 90_000.0, 150_000.0, "undetermined"),
    (2025, "total", "social_card_holders", 7_600_000.0, 7_500_000.0, "met"),
]
RESERVE = [
    (2024, "injury", MONTHS, 20.0, 12.0, "ok"),
    (2025, "injury", MONTHS, 18.25, 12.0, "ok"),
    (2025, "injury", DEPLETED, NAN, NAN, ""),
]


def summary(table: pd.DataFrame, parts: pd.DataFrame, **changes: object) -> list[str]:
    given = {
        "scenario": "one",
        "title": "一",
        "base_year": 2020,
        "horizon": 2025,
        "targets": table,
        "channels": parts,
        "ledger": ledger(injury=4.369e9),
        "indicators": read_off(*AIMS, *RESERVE),
        "goals": dict.fromkeys(("new_urban_employment", "reemployment", "social_card"), 2025),
        "checks": [True, True, False],
        "remaining": pd.DataFrame(),
        "files": [Path("out/one/targets.csv"), Path("out/one/targets.png")],
    }
    return str(Summary(**{**given, **changes})).splitlines()


def test_the_lines_agree_with_the_tables() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.0161, None))
    parts = channels(entry_employee=150_000, deaths=-70_000, ageing=1_000, switches=500)
    head, plan, growth, sources, aims, funds, files = summary(table, parts)
    assert head.endswith("2/3 项成立")
    assert "1 项中达到 0 项" in plan
    assert "预测 344、目标 364，差 20" in plan
    assert "1.61% / 1.00%，至 2025 年仍未达到" in growth
    # 15 - 7 + 0.1 + 0.05; what moves less than a twentieth is "other"
    assert "工伤保险 +8.15 = 新参保：企业职工 +15、死亡 −7、其他 +0.15" in sources
    assert "城镇新增就业至 2025 年隐含 35、目标 40，未达到" in aims
    assert "登记失业率最高 2.95%（2023 年）、控制在 3% 以内，达到" in aims
    assert "社保卡持卡人数至 2025 年隐含 760、目标 750，达到" in aims
    assert funds == "2025 年末基金结余（亿元）与可支付月数：工伤保险 43.69、18.2 个月（充足）"
    assert "1 个表、1 张图；先看 targets.png、targets.csv" in files


def test_a_target_is_met_to_the_person() -> None:
    assert met(0.0)
    assert met(-0.4)
    assert not met(-0.6)
    assert not met(float("nan"))
    for projected, words in ((3.64e6, "恰好达到目标"), (3.65e6, "超 1"), (3.63e6, "差 1")):
        table = targets(("one", "injury", 2025, 3.64e6, projected, 0.01, 2025))
        assert words in summary(table, channels(entry_employee=1e4))[1]


def test_the_arrival_year_is_named() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.7e6, 0.0161, 2024))
    assert "2024 年首次达到目标" in summary(table, channels(entry_employee=1e4))[2]
    english = summary(table, channels(entry_employee=1e4), lang="en")
    assert english[2].endswith("target first reached in 2024")


def lines_of_money(*reserve: tuple[int, str, str, float, float, str], balance: float) -> list[str]:
    table = targets(("one", "injury", 2025, 3.64e6, 3.7e6, 0.0161, 2024))
    given = {"ledger": ledger(injury=balance), "indicators": read_off(*AIMS, *reserve)}
    lines = [
        summary(table, channels(entry_employee=1e4), **given, lang=lang)[5] for lang in ("zh", "en")
    ]
    return [re.split("[:：] ?", line, maxsplit=1)[1] for line in lines]


def test_a_fund_that_is_short_says_since_when() -> None:
    short = [
        (2023, "injury", MONTHS, 13.0, 12.0, "ok"),
        (2024, "injury", MONTHS, 7.0, 6.0, "watch"),
        (2025, "injury", MONTHS, 5.0, 3.0, "warning"),
        (2025, "injury", DEPLETED, NAN, NAN, ""),
    ]
    assert lines_of_money(*short, balance=1.2e9) == [
        "工伤保险 12、5.0 个月（预警，2024 年首次低于警戒线）",
        "Work injury insurance 1.2, 5.0 months (warning, first below the warning limit in 2024)",
    ]


def test_a_depleted_fund_has_no_months() -> None:
    gone = [
        (2023, "injury", MONTHS, 2.0, 0.0, "alarm"),
        (2024, "injury", MONTHS, -1.0, NAN, "exhausted"),
        (2025, "injury", MONTHS, -4.0, NAN, "exhausted"),
        (2025, "injury", DEPLETED, 2024.0, NAN, ""),
    ]
    assert lines_of_money(*gone, balance=-1.2e9) == [
        "工伤保险 −12（已用尽，2024 年首次为负）",
        "Work injury insurance −1.2 (used up, first negative in 2024)",
    ]


def test_a_range_of_readings_is_shown_with_its_verdict() -> None:
    table = read_off(*AIMS, *RESERVE)
    table.loc[table["indicator"] == "cumulative_reemployment", ["low", "high"]] = 90_000, 225_000
    given = (
        targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.0161, None)),
        channels(entry_employee=1e4),
    )
    chinese = summary(*given, indicators=table)[4]
    assert "失业人员再就业至 2025 年隐含 9–22.5、目标 15，不能确定" in chinese
    english = summary(*given, indicators=table, lang="en")[4]
    assert "Re-employment by 2025 0.09–0.225 implied, 0.15 aimed at, not determined" in english


def test_a_fund_without_outgo_lasts_without_end() -> None:
    idle = [
        (2025, "injury", MONTHS, float("inf"), 12.0, "ok"),
        (2025, "injury", DEPLETED, NAN, NAN, ""),
    ]
    assert lines_of_money(*idle, balance=1e9)[0] == "工伤保险 10、∞ 个月（充足）"


def test_a_reserve_that_is_not_known_has_no_level() -> None:
    unknown = [
        (2024, "injury", MONTHS, NAN, NAN, ""),
        (2025, "injury", MONTHS, NAN, NAN, ""),
        (2025, "injury", DEPLETED, NAN, NAN, ""),
    ]
    assert lines_of_money(*unknown, balance=0.0) == [
        "工伤保险 0、– 个月（–）",
        "Work injury insurance 0, – months (–)",
    ]


def test_growth_from_nobody_is_a_dash() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.7e6, NAN, 2024))
    table["growth_projected"] = NAN
    assert "工伤保险 – / –，2024 年首次" in summary(table, channels(entry_employee=1e4))[2]


def test_aims_beyond_the_projection_are_reported_at_its_end() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, float("nan"), 0.01, None))
    early = [
        (2023, "total", JOBS, 300_000.0, NAN, ""),
        (2023, "total", RATE, NAN, 0.03, ""),
        (2023, "total", "cumulative_reemployment", 50_000.0, NAN, ""),
        (2023, "total", "social_card_holders", 6_200_000.0, NAN, ""),
    ]
    lines = summary(
        table, channels(entry_employee=1e4), indicators=read_off(*early, *RESERVE), lang="en"
    )
    assert lines[4] == (
        "Other aims of the plan (million persons): "
        "New urban jobs by 2023 0.3 implied, the aim lies beyond the projection; "
        "Re-employment by 2023 0.05 implied, the aim lies beyond the projection; "
        "Social security cards by 2023 6.2 implied, the aim lies beyond the projection"
    )


def test_aims_before_the_projection_are_said_to_lie_before_it() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.01, None))
    rows = [(2025, "total", JOBS, 300_000.0, NAN, ""), (2025, "total", RATE, 0.0261, NAN, "")]
    given = {"indicators": read_off(*rows, *RESERVE), "goals": {JOBS[11:]: 2020, RATE: 2030}}
    parts = channels(entry_employee=1e4)
    assert summary(table, parts, **given, lang="en")[4].endswith(
        "New urban jobs by 2025 300 implied, the aim lies before the projection; "
        "Unemployment rate by 2025 2.61% implied, the aim lies beyond the projection"
    )
    assert (
        "城镇新增就业至 2025 年隐含 30（规划目标年份在预测期之前）"
        in summary(table, parts, **given)[4]
    )


@pytest.mark.parametrize(("bound", "words"), [(0.035, "3.5%"), (0.03, "3%"), (0.0275, "2.75%")])
def test_the_bound_of_a_rate_has_the_digits_given(bound: float, words: str) -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.01, None))
    rows = read_off((2025, "total", RATE, 0.02, bound, "met"), *RESERVE)
    lines = summary(
        table, channels(entry_employee=1e4), indicators=rows, goals={RATE: 2025}, lang="en"
    )
    assert f"at most 2.00% (2025), {words} allowed, met" in lines[4]


def test_a_sum_with_years_before_the_projection_is_not_assessed() -> None:
    table = targets(("one", "injury", 2025, 3.64e6, 3.44e6, 0.01, None))
    rows = read_off((2025, "total", JOBS, 200_000.0, 400_000.0, "not_assessed"), *RESERVE)
    given = {"indicators": rows, "goals": {JOBS[11:]: 2025}}
    chinese, english = (
        summary(table, channels(entry_employee=1e4), **given, lang=lang)[4] for lang in ("zh", "en")
    )
    assert "隐含 20、目标 40，无法评估（预测期之前各年未知）" in chinese
    assert english.endswith("not assessed (years before the projection are not known)")


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
            "area": [""] * 4,
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


def reliefs(*rows: tuple[str, int, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["scenario", "year", "fund", "indicator", "value"])


COST, KEPT = "relief_cost", "people_kept"


def test_relief_is_reported_by_scenario_and_year_with_the_people_it_keeps() -> None:
    table = reliefs(
        ("none", 2022, "injury", COST, 0.0),
        ("none", 2022, "total", KEPT, 0.0),
        ("one", 2022, "pension.enterprise", COST, 14.905e9),
        ("one", 2022, "unemployment", COST, 0.0),
        ("one", 2022, "injury", COST, 5.69e8),
        ("one", 2023, "injury", COST, 0.0),
        ("one", 2022, "total", KEPT, 55_976.0),
        ("one", 2023, "total", KEPT, 0.0),
        ("two", 2024, "injury", COST, 2e8),
        ("two", 2024, "total", KEPT, 0.0),
    )
    assert side_by_side.relief(table).splitlines() == [
        "one 减免（2022 年）：154.74 亿元（企业职工养老保险 149.05、工伤保险 5.69）；"
        "按所设弹性，年末因此多保住参保 5.6 万人（2023 年末剩 0）",
        "two 减免（2024 年）：2 亿元（工伤保险 2）；"
        "按所设弹性（response，默认为 0）未多保住参保人员",
    ]
    assert side_by_side.relief(table, "en").splitlines() == [
        "one, relief of 2022: 15.474 billion yuan (Enterprise pension 14.905, "
        "Work injury insurance 0.569); by the elasticity set it keeps 56 thousand persons insured "
        "at year end (0 at the end of 2023)",
        "two, relief of 2024: 0.2 billion yuan (Work injury insurance 0.2); by the "
        "elasticities set (response, 0 by default) it keeps no additional persons",
    ]


def test_without_relief_there_is_no_line() -> None:
    table = reliefs(("one", 2022, "injury", COST, 0.0), ("one", 2022, "total", KEPT, 0.0))
    assert side_by_side.relief(table) == ""


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
