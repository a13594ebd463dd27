"""The data layer: published figures exactly as published, and errors that say where."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foshan import FOSHAN
from fsinsure import life_tables, sources
from fsinsure.errors import DataError, InputError
from fsinsure.region.listing import listing
from fsinsure.tabular import records

# Typed from the plan, ch.1 §1, §3 and ch.3 §4 with its table of indicators.
PLAN = {
    "enrollment.pension.enterprise": 3_926_300,
    "enrollment.pension.civil": 179_600,
    "enrollment.pension.resident": 509_200,
    "enrollment.pension.urban_contributors": 3_413_000,
    "enrollment.unemployment": 3_063_900,
    "enrollment.injury": 3_359_900,
    "retirees.enterprise": 650_000,
    "recipients.resident": 289_300,
    "registered_unemployment_rate": 0.0248,
    "fund.balance": 64_336_000_000,
    "fund.balance_growth": 0.2999,
    "pension.enterprise_mean": 3_449,
    "pension.resident_base": 300,
    "relief.2020": 13_764_000_000,
    "social_card": 6_000_000,
    "target.pension.enterprise": 4_700_000,
    "target.unemployment": 3_160_000,
    "target.injury": 3_640_000,
    "target.new_urban_employment": 400_000,
    "target.registered_unemployment_rate": 0.03,
    "target.social_card": 7_500_000,
}
LIFE = "age,male,female\n" + "".join(f"{age},0.01,0.005\n" for age in range(101))


@pytest.mark.parametrize(("name", "amount"), PLAN.items())
def test_the_figures_of_the_plan_are_exact(name: str, amount: float) -> None:
    figure = FOSHAN.figures[name]
    assert figure.amount == amount
    assert figure.confidence == "plan"
    assert figure.source.startswith("plan ch.")


@pytest.mark.parametrize(
    ("name", "half"),
    [
        ("enrollment.pension.enterprise", 50),  # 392.63 万
        ("enrollment.pension.urban_contributors", 50),  # 341.30 万: the zero was printed
        ("retirees.enterprise", 5_000),  # 65 万
        ("registered_unemployment_rate", 0.00005),  # 2.48 %
        ("fund.balance", 500_000),  # 643.36 亿
        ("population.registered.2021", 50),  # 484.13 万
    ],
)
def test_half_a_unit_of_the_last_digit(name: str, half: float) -> None:
    assert FOSHAN.figures[name].half_unit == half


@given(
    st.decimals("-1e6", "1e6", places=4),
    st.sampled_from([("万人", 10**4), ("亿元", 10**8), ("%", Fraction(1, 100)), ("元/月", 1)]),
)
def test_amounts_are_the_nearest_floats(value: Decimal, unit: tuple[str, Fraction]) -> None:
    assert sources.base_amount(value, unit[0]) == float(Fraction(value) * unit[1])
    assert sources.half_unit(value, unit[0]) == float(Fraction(5, 10**5) * unit[1])


def test_published_figures_agree_with_each_other() -> None:
    amount = {name: figure.amount for name, figure in FOSHAN.figures.items()}
    # The total of 户籍人口 in the bulletin of 2021 is that of its areas.
    name = "population.registered.2021"
    parts = [FOSHAN.area_figures[name, area].amount for area in FOSHAN.codes]
    assert sum(parts) == pytest.approx(amount[name], abs=1)


def test_every_value_says_where_it_comes_from() -> None:
    rows = listing(FOSHAN)
    assert {row["file"] for row in rows} >= {
        *("figures.csv", "census.csv", "outcomes.csv", "assumptions.csv", "coverage.csv"),
        *("law/china/mortality.csv", "law/china/fertility.csv", "law/china/values.csv"),
        *("profiles.csv", "reference_cases.csv", "law/guangdong/values.csv"),
    }
    for row in rows:
        if row["value"] == "path":  # a coverage entry that scenarios move
            continue
        assert row["value"], row
        assert row["source"], row
        assert row["confidence"] in sources.CONFIDENCES, row
        ours = row["source"].startswith(("assumption", "recalled"))
        assert not ours or row["confidence"] == "assumption", row
        assert row["source"].startswith("plan ch.") <= (row["confidence"] == "plan"), row


def test_no_table_names_a_web_address() -> None:
    folder = files("fsinsure").joinpath("data")
    tables = sorted(Path(str(folder)).rglob("*.csv"))
    assert len(tables) >= 12
    for file in tables:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?:|www\.|\.(com|cn|net|org)\b", text), file.name


def test_conflicts_state_both_readings_and_the_one_in_use() -> None:
    register = {conflict.id: conflict for conflict in FOSHAN.conflicts}
    assert len(register) == len(FOSHAN.conflicts)
    assert register["D02"].reading_a.startswith("392.63")
    assert register["D02"].reading_b.startswith("341.30")
    assert register["D02"].used == "both"
    assert register["D03"].used == "a"  # 335.99, not 336
    assert register["D05"].used == "b"  # year-end stocks, not five-year sums
    named = {
        match for figure in FOSHAN.figures.values() for match in re.findall(r"D\d\d", figure.note)
    }
    assert named
    assert named <= set(register)


def test_listing_filters_by_text_confidence_and_table() -> None:
    found = listing(FOSHAN, "失业保险", confidence="plan", file="figures")
    assert {"enrollment.unemployment", "target.unemployment"} <= {row["name"] for row in found}
    assert {row["confidence"] for row in found} == {"plan"}
    assert listing(FOSHAN, "WORK-INJURY") == listing(FOSHAN, "work-injury") != []
    assert {row["file"] for row in listing(FOSHAN, file="census.csv")} == {"census.csv"}
    assert listing(FOSHAN, "no such text anywhere") == []
    for text in ("灵活就业参保人数年增长率", "Yearly growth of flexible workers"):
        assert {row["name"] for row in listing(FOSHAN, text)} == {"growth.flexible"}
    growth = [
        row for row in listing(FOSHAN, file="assumptions") if row["name"] == "growth.employee"
    ]
    assert [row["date"] for row in growth][:2] == ["2021", "2022"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"confidence": "offical"}, "'offical' is not a confidence. Did you mean 'official'?"),
        ({"file": "figure"}, "no table of values 'figure'. Did you mean 'figures.csv'?"),
    ],
)
def test_unknown_filters_are_refused(filters: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        listing(FOSHAN, **filters)


def test_tables_are_copies() -> None:
    before = sources.table("statuses")[0]["en"]
    sources.table("statuses")[0]["en"] = "nobody"
    assert sources.table("statuses")[0]["en"] == before


def test_the_hash_sees_content_and_not_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = sources.library_hash()
    assert re.fullmatch("[0-9a-f]{64}", packaged)
    for file in files("fsinsure").joinpath("data").iterdir():
        if file.name.endswith(".csv"):
            (tmp_path / file.name).write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(sources, "data_folder", lambda: tmp_path)
    assert sources.library_hash() == packaged
    coverage = tmp_path / "coverage.csv"
    coverage.write_bytes(coverage.read_bytes() + b"\n")
    assert sources.library_hash() != packaged


FIGURE = "figure,area,value,unit,date,source,confidence,en,zh,note\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,,1,人,2020,s,plan,e,z,\na,,1,人,2020,s,plan,e,z,", "f.csv:3:figure: a occurs twice"),
        ("a,,,人,2020,s,plan,e,z,", "f.csv:2:value: the cell is blank"),
        ("a,,many,人,2020,s,plan,e,z,", "f.csv:2:value: 'many' is not a number"),
        ("a,,470万,人,2020,s,plan,e,z,", "f.csv:2:value: '470万' has a unit"),
        ("a,,NaN,人,2020,s,plan,e,z,", "f.csv:2:value: NaN is not a finite number"),
        ("a,,1,,2020,s,plan,e,z,", "f.csv:2:unit: the cell is blank"),
        ("a,,1,人,2020,s,plans,e,z,", "f.csv:2:confidence: 'plans' is not one of plan, official"),
        ("a,,1,人,2020,s,plan,e,z", "f.csv:2: 9 cells under 10 columns"),
        ('a,,1,人,2020,"s,plan,e,z,', "f.csv:2: broken CSV"),
        ("a,nort,1,人,2020,s,plan,e,z,", "f.csv:2:area: 'nort' is not one of north. Did you mean"),
        ("", "f.csv: no rows"),
    ],
)
def test_bad_figures_are_refused(row: str, message: str) -> None:
    with pytest.raises(DataError, match=f"^{re.escape(message)}"):
        sources.figures_in(records("f.csv", FIGURE + row, FIGURE.strip().split(",")), ["north"])


# q(x) typed from the published tables CL1-CL6 (2010-2013), and the expectations of life at birth
# that the regulator announced with them: 76.4 and 81.7 years (non-annuity 1), 83.1 and 88.1
# (annuity).
@pytest.mark.parametrize(
    ("name", "age", "q"),
    [
        ("CL1-CL2", 0, (0.000867, 0.000620)),
        ("CL1-CL2", 60, (0.009161, 0.004414)),
        ("CL3-CL4", 60, (0.006258, 0.003088)),
        ("CL5-CL6", 0, (0.000566, 0.000453)),
        ("CL5-CL6", 60, (0.004660, 0.002315)),
        ("CL5-CL6", 104, (0.440086, 0.287859)),
        ("CL1-CL2", 105, (1, 1)),
    ],
)
def test_life_tables_are_the_published_ones(name: str, age: int, q: tuple[float, float]) -> None:
    table = life_tables.published_life_table(name, FOSHAN.tables["mortality"])
    assert table.shape == (2, 106)
    assert tuple(table[:, age]) == q


@pytest.mark.parametrize(("name", "years"), [("CL1-CL2", (76.4, 81.7)), ("CL5-CL6", (83.1, 88.1))])
def test_life_expectancy_is_the_announced_one(name: str, years: tuple[float, float]) -> None:
    q = life_tables.published_life_table(name, FOSHAN.tables["mortality"])
    alive = np.cumprod(1 - q, axis=1)
    assert 0.5 + alive.sum(axis=1) == pytest.approx(years, abs=0.05)


def test_an_unknown_life_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"no life table 'CL1-CL3'. Did you mean 'CL1-CL2'\?"):
        life_tables.published_life_table("CL1-CL3", FOSHAN.tables["mortality"])


def test_fertility_is_the_national_one_of_2020() -> None:
    rates = life_tables.fertility_in(FOSHAN.tables["fertility"])
    assert rates.shape == (101,)
    assert rates[24:31] == pytest.approx([0.05739, *[0.08918] * 5, 0.06290])
    # UN WPP 2022 gives China a total fertility rate of 1.28 in 2020.
    assert rates.sum() == pytest.approx(1.28, abs=0.005)
    assert not rates[:10].any()
    assert not rates[55:].any()


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_a_life_table_of_the_user(tmp_path: Path) -> None:
    text = LIFE.replace("age,male,female", "\ufeff age , male,female") + "\n\n"
    q = life_tables.read_life_table(write(tmp_path / "q.csv", text))
    assert q.shape == (2, 101)
    assert q[:, 3].tolist() == [0.01, 0.005]
    # Columns in another order, with a note, as spreadsheets write them: CRLF and one age more.
    rows = [f"{age},{age / 200},0.5,x" for age in range(102)]
    other = write(tmp_path / "r.csv", "\r\n".join(["age,female,male,note", *rows]))
    assert life_tables.read_life_table(other)[:, 101].tolist() == [0.5, 0.505]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\n7,0.01,", "\n7,1.01,", ":9:male: 1.01 is not between 0 and 1"),
        ("\n7,0.01,", "\n7,-0.1,", ":9:male: -0.1 is not between 0 and 1"),
        ("\n7,0.01,", "\n7,,", ":9:male: the cell is blank"),
        ("\n7,0.01,", "\n7,1%,", ":9:male: '1%' has a unit"),
        ("\n7,0.01,", "\n7,inf,", ":9:male: inf is not a finite number"),
        ("\n7,0.01,", "\n7,q,", ":9:male: 'q' is not a number"),
        ("\n7,0.01,0.005", "\n7,0.01,nan", ":9:female: nan is not a finite number"),
        ("\n7,0.01,0.005", "\n7,0,01,0.005", ":9: 4 cells under 3 columns"),
        ("\n7,0.01,0.005", "", ":9:age: 8 where 7 is expected"),
        ("\n7,", "\n6,", ":9:age: 6 where 7 is expected"),
        ("\n0,", "\n1,", ":2:age: 1 where 0 is expected"),
        ("\n100,0.01,0.005", "", ":101:age: the table ends at age 99; it must reach 100"),
        ("male,female", "male,femal", ":1: no column female"),
        ("male,female", "male,female,sourse", ":1:sourse: unknown column. Did you mean 'source'?"),
        ("age,male,female", "age,male,male,female", ":1:male: the column is there twice"),
        (LIFE, "", ": no rows"),
    ],
)
def test_bad_life_tables_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert LIFE.count(old) == 1
    path = write(tmp_path / "q.csv", LIFE.replace(old, new))
    with pytest.raises(DataError, match=f"^{re.escape(str(path) + message)}"):
        life_tables.read_life_table(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("age,男,女\n".encode("gbk"), ":1: not UTF-8; save the table as 'CSV UTF-8'"),
        (b"age,male\0", ": holds NUL bytes"),
        (b"0" * 1_000_001, ": more than 1 MB"),
        (None, ": cannot be read: No such file"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "q.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=f"^{re.escape(str(path) + message)}"):
        life_tables.read_life_table(path)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_end_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"age,male,female\n" + data)
    with pytest.raises(DataError, match=re.escape(str(path))):
        life_tables.read_life_table(path)
