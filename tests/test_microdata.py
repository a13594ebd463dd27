"""A user's own persons: loaded as the mapping says, and refused with each problem."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsinsure as fs
from fsinsure.dims import SEXES
from fsinsure.errors import DataError
from fsinsure.microdata import load
from fsinsure.microdata.cells import INVALID, Entry, InvalidCell, Parser, month_of_birth
from fsinsure.microdata.mapping import read_mapping
from fsinsure.rules.wages import wage_at_rank
from fsinsure.statuses import STATUS, STATUSES
from person_files import (
    COLUMNS,
    HEADER,
    MAPPING,
    REGION,
    ROWS,
    SCHEMA,
    same,
    some_persons,
    write_mapping,
    write_table,
)

OWN = "\n".join(["columns:", *(f"  {name}: {{column: {name}}}" for name in ("id", *COLUMNS))])
YEARS = COLUMNS["birth_year"]


def loaded(folder: Path, rows: tuple[str, ...] = ROWS, mapping: str = MAPPING, header=HEADER):
    return load.load_persons(write_table(folder, rows, header), write_mapping(folder, mapping))


def refused(folder: Path, *args: object, **named: object) -> str:
    with pytest.raises(DataError) as caught:
        loaded(folder, *args, **named)
    return str(caught.value)


def test_a_table_is_read_as_its_mapping_says(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert [SCHEMA.areas[code] for code in found["area"]] == ["chancheng", "nanhai", "shunde"]
    assert [SEXES[code] for code in found["sex"]] == ["male", "female", "female"]
    assert found["birth_year"].tolist() == [1962, 1955, 1990]
    assert found["birth_month"].tolist() == [3, 11, 1]
    assert [STATUSES[code] for code in found["status"]] == ["employee", "retiree", "employee"]
    assert found["industry_class"].tolist() == [3, 3, 3]
    assert found["cadre"].tolist() == [0, 1, 0]
    assert found["months"].tolist() == [150, 360, 0]
    assert found["account"].tolist() == [1234560, 0, 10000]
    assert found["pension"].tolist() == [0, 312345, 0]
    assert found["mean_index"].tolist() == np.float32([0.85, 1.1, 1]).tolist()
    assert found.weight == 1
    assert {name: found[name].dtype for name in COLUMNS} == {
        name: np.dtype(column.dtype) for name, column in COLUMNS.items()
    }


def test_a_wage_becomes_its_rank(tmp_path: Path) -> None:
    ranks = [0, 1, 100, 128, 254, 255]
    wages = [wage_at_rank((rank + 0.5) / 256, 8000, 0.5) for rank in ranks]
    cells = ROWS[0].split(",")
    rows = tuple(
        ",".join([f"p{at}", *cells[1:5], f"{wage:.4f}", *cells[6:]])
        for at, wage in enumerate([*wages, 0, 9e6])
    )
    assert loaded(tmp_path, rows)["wage_rank"].tolist() == [*ranks, 0, 255]


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 40), seed=st.integers(0, 2**32), blank=st.booleans())
def test_csv_and_parquet_of_any_persons(count: int, seed: int, blank: bool) -> None:
    pd = pytest.importorskip("pandas")
    whole = some_persons(count, seed)
    table = pd.DataFrame({"id": [f"{at:018d}" for at in range(count)]})
    for name, column in COLUMNS.items():
        values = whole[name] / 100 if column.unit == "yuan" else whole[name]
        table[name] = np.array(column.codes)[values] if column.codes else values
    with TemporaryDirectory() as folder:
        mapping = write_mapping(Path(folder), OWN)
        path = Path(folder) / "own.csv"
        table.to_csv(path, index=False, lineterminator="\r\n" if blank else "\n")
        if blank:
            path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert same(load.load_persons(path, mapping), whole)
        pytest.importorskip("pyarrow")
        table.to_parquet(path.with_suffix(".parquet"), index=False)
        assert same(load.load_persons(path.with_suffix(".parquet"), mapping), whole)


def test_a_number_in_a_column_of_dates_may_be_two_months(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    write_table(tmp_path)
    table = pd.read_csv(tmp_path / "persons.csv", dtype={"身份证号": str, "性别": str})
    table["出生日期"] = [1962.03, 1980.10, 1990.12]
    table.to_parquet(tmp_path / "own.parquet", index=False)
    with pytest.raises(DataError) as caught:
        load.load_persons(tmp_path / "own.parquet", write_mapping(tmp_path))
    assert (
        str(caught.value)
        .splitlines()[0]
        .startswith(f"{tmp_path / 'own.parquet'}:2:出生日期: '1980.1' may be January, or October")
    )


def test_a_blank_among_ids_that_are_numbers_is_reported(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    write_table(tmp_path)
    table = pd.read_csv(tmp_path / "persons.csv", dtype=str)
    mapping = write_mapping(tmp_path)
    for ids in ([1.0, None, 3.0], pd.array([1, None, 3], dtype="Int64")):
        table["身份证号"] = ids
        table.to_parquet(tmp_path / "own.parquet", index=False)
        with pytest.raises(DataError, match=":2:身份证号: the cell is blank; every person needs"):
            load.load_persons(tmp_path / "own.parquet", mapping)
    table["身份证号"] = pd.array([2**64 - 1, 2**63, 3], dtype="uint64")
    table.to_parquet(tmp_path / "own.parquet", index=False)
    assert len(load.load_persons(tmp_path / "own.parquet", mapping)) == 3


def test_parquet_says_what_csv_says(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    expected = loaded(tmp_path)
    table = pd.read_csv(tmp_path / "persons.csv", dtype={"身份证号": str, "性别": str})
    table["出生日期"] = pd.to_datetime(["1962-03-05", "1955-11-30", "1990-01-01"])
    table["干部"] = [False, True, False]
    table.to_parquet(tmp_path / "own.parquet", index=False)
    mapping = tmp_path / "mapping.yaml"
    assert same(load.load_persons(tmp_path / "own.parquet", mapping), expected)
    table.loc[1, "缴费年限"] = 130.25
    table.loc[2, "指数"] = None
    table.to_parquet(tmp_path / "own.parquet", index=False)
    with pytest.raises(DataError) as caught:
        load.load_persons(tmp_path / "own.parquet", mapping)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("own.parquet:2:缴费年限: '130.25' is not between 0 and 101")
    assert lines[1].split(":", 2)[1:] == [
        "3",
        "指数: the cell is blank; fill it, or set 'blank' in a mapping file",
    ]


def replaced(place: int, text: str) -> tuple[str, ...]:
    """Return the rows with another cell in the second of them."""
    cells = ROWS[1].split(",")
    cells[place] = text
    return (ROWS[0], ",".join(cells), ROWS[2])


@pytest.mark.parametrize(
    ("place", "text", "column", "expected"),
    [
        (0, "", "身份证号", "the cell is blank; every person needs an id"),
        (
            1,
            "禅成区",
            "区",
            "'禅成区' is not one of 禅城区, 440605, 顺德, chancheng",
        ),
        (1, "禅成区", "区", "Did you mean '禅城区'?"),
        (1, "", "区", "the cell is blank; fill it, or set 'blank' in a mapping file"),
        (2, "3", "性别", "'3' is not one of 男, 2, male, female"),
        (3, "1955-13", "出生日期", "'1955-13' is not a date of the calendar"),
        (3, "19550230", "出生日期", "'19550230' is not a date of the calendar"),
        (3, "55-11-30", "出生日期", "'55-11-30' is not a date such as 19620305"),
        (3, "2021-01-01", "出生日期", "'2021-01-01' is not between 1900 and the end of 2020"),
        (3, "1899-12", "出生日期", "'1899-12' is not between 1900 and the end of 2020"),
        (3, "", "出生日期", "the cell is blank"),
        (4, "工人", "状态", "'工人' is not one of 职工, 退休, not_insured, employee"),
        (5, "-1", "工资", "'-1' is not between 0 and 1e+07"),
        (6, "对", "干部", "'对' is not one of 否, 是, no, yes"),
        (7, "102", "缴费年限", "'102' is not between 0 and 101"),
        (8, "1_000", "指数", "'1_000' is not a plain number such as 1234.56"),
        (8, "nan", "指数", "'nan' is not a plain number"),
        (8, "inf", "指数", "'inf' is not a plain number"),
        (9, '"1,000"', "账户", "'1,000' is not a plain number such as 1234.56; write it without"),
        (9, "一" * 50, "账户", f"'{'一' * 30}…' is not a plain number"),
        (10, "1e8", "养老金", "'1e8' is not between 0 and 1e+07"),
    ],
)
def test_a_bad_cell_is_reported(
    tmp_path: Path, place: int, text: str, column: str, expected: str
) -> None:
    first, *others = refused(tmp_path, replaced(place, text)).splitlines()
    assert first.startswith(f"{tmp_path / 'persons.csv'}:3:{column}: ")
    assert expected in first
    assert others == ["No person was loaded."]


def test_a_pension_needs_a_status_that_has_one(tmp_path: Path) -> None:
    message = refused(tmp_path, replaced(4, "职工"))
    assert ":3:养老金: a pension in payment, but the status is employee" in message


def test_lines_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    rows = (ROWS[0].replace(",,", ',,"a note\nof two lines"', 1)[: -len(",,")] + "", "", ROWS[1])
    rows = (f'{ROWS[0]}"a note\nof two lines"', "", replaced(2, "?")[1])
    assert ":5:性别: '?' is not one of" in refused(tmp_path, rows)


def test_a_repeated_id_is_reported_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BATCH", 2)
    message = refused(tmp_path, (*ROWS, ROWS[0], ROWS[0]))
    where = f"{tmp_path / 'persons.csv'}"
    assert message.splitlines() == [
        f"{where}:5:身份证号: same id as row 2; each person needs its own",
        f"{where}:6:身份证号: same id as row 2; each person needs its own",
        "No person was loaded.",
    ]
    assert "4406041962" not in message


def test_different_ids_with_equal_hashes_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "id_hashes", lambda ids: np.zeros(len(ids), np.uint64))
    assert len(loaded(tmp_path)) == 3


def test_problems_of_all_batches_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BATCH", 7)
    rows = tuple(f"{at},禅城区,男,1962-03,职工,,,1,1,0,x,?" for at in range(30))
    lines = refused(tmp_path, rows).splitlines()
    assert len(lines) == 12
    assert lines[9].startswith(f"{tmp_path / 'persons.csv'}:11:养老金: 'x' is not a plain number")
    assert lines[10] == "... and 20 more problems"


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        ((), HEADER, "no rows; a population has at least one person"),
        ((), "", "no header; the first line names the columns"),
        (ROWS, HEADER.replace("性别", "性"), "no column '性别', which the mapping names. Did you"),
        (ROWS, HEADER.replace("备注", "性别"), ":1:性别: the column occurs twice; keep one"),
        (("1,2",), HEADER, ":2: 2 cells under 12 columns (身份证号,"),
        ((f'{ROWS[0]}"x"y',), HEADER, "broken CSV"),
        ((ROWS[0] + "x" * 200_000,), HEADER, "broken CSV"),
    ],
)
def test_a_bad_table_is_reported(
    tmp_path: Path, rows: tuple[str, ...], header: str, message: str
) -> None:
    assert message in refused(tmp_path, rows, header=header)


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path)
    with pytest.raises(DataError, match=r"nobody\.csv: cannot be read: No such file"):
        load.load_persons(tmp_path / "nobody.csv", mapping)
    with pytest.raises(DataError, match=r"none\.yaml: no such file"):
        load.load_persons(write_table(tmp_path), tmp_path / "none.yaml")


def test_a_sample_has_the_weight_that_the_mapping_gives(tmp_path: Path) -> None:
    path = write_table(tmp_path)
    assert load.load_persons(path, write_mapping(tmp_path, MAPPING)).weight == 1.0
    weighed = load.load_persons(path, write_mapping(tmp_path, "weight: 29.5\n" + MAPPING))
    assert weighed.weight == 29.5
    assert not same(weighed, load.load_persons(path, write_mapping(tmp_path, MAPPING)))


def test_encodings(tmp_path: Path) -> None:
    path, mapping = write_table(tmp_path), write_mapping(tmp_path)
    expected = load.load_persons(path, mapping)
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8-sig")
    assert same(load.load_persons(path, mapping), expected)
    path.write_text(text, encoding="gb18030")
    with pytest.raises(DataError, match="not utf-8 text soon after row 0; save it as 'CSV UTF-8'"):
        load.load_persons(path, mapping)
    write_mapping(tmp_path, "encoding: gb18030\n" + MAPPING)
    assert same(load.load_persons(path, mapping), expected)


@pytest.mark.parametrize(
    "text",
    ["19620305", "196203", "1962-03-05", "1962-3-5", "1962/03/05", "1962.3", "1962.03",
     "1962年3月5日", "1962年3月", "1962-03-05 00:00:00", "1962-03-05T00:00:00.000"],
)  # fmt: skip
def test_dates_of_birth(text: str) -> None:
    assert divmod(month_of_birth(text, YEARS), 12) == (1962, 2)


def test_a_date_that_may_be_two_months_is_refused() -> None:
    """The text 1980.10 read as a number is 1980.1, as is January written with one digit."""
    for month in range(1, 13):
        assert divmod(month_of_birth(f"1980.{month:02d}", YEARS), 12) == (1980, month - 1)
        text = str(float(f"1980.{month}"))
        if text != "1980.1":
            assert divmod(month_of_birth(text, YEARS), 12) == (1980, month - 1)
    assert divmod(month_of_birth("1980.1.5", YEARS), 12) == (1980, 0)
    with pytest.raises(InvalidCell, match=r"January, or October .* 1980-10, 198010 or 1980-10-01"):
        month_of_birth("1980.1", YEARS)


@pytest.mark.parametrize(
    "text", ["62-03-05", "1962-03/05", "1962", "05.03.1962", "1962-03-05 12:00"]
)
def test_texts_that_are_not_dates(text: str) -> None:
    with pytest.raises(InvalidCell, match="is not a date such as"):
        month_of_birth(text, YEARS)


@given(
    texts=st.lists(
        st.one_of(
            st.text(max_size=6),
            st.floats().map(repr),
            st.integers(-5, 1500).map(str),
            st.decimals(0, 1500, places=2).map(str),
            st.sampled_from(["", "1_0", "１２", "1e2", " 7", "0x10", "１e1", "infinity"]),
        ),
        max_size=8,
    ),
    target=st.sampled_from(["months", "account", "mean_index", "wage", "entitled"]),
    blank=st.sampled_from([None, "3"]),
)
def test_numbers_together_are_numbers_one_by_one(
    texts: list[str], target: str, blank: str | None
) -> None:
    scale = {"account": 100, "months": 12}.get(target, 1)
    parser = Parser(Entry(target, COLUMNS.get(target), "x", scale=scale, blank=blank))
    texts = [text.strip() for text in texts]
    together = parser.all(texts)
    assert np.array_equal(together, [parser[text] for text in texts], equal_nan=True)
    for text, value in zip(texts, together, strict=True):
        if np.isnan(value):
            assert parser.problem(text)


def test_a_parser_stores_a_bounded_number_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsinsure.microdata.cells._MOST_STORED", 3)
    parser = Parser(Entry("status", COLUMNS["status"], "x"))
    assert [parser[name] for name in STATUSES] == [STATUS[name] for name in STATUSES]
    assert np.isnan(parser["x"]) and np.isnan(INVALID)
    assert len(parser) <= 4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (MAPPING, "\n", "mapping.yaml: the file is empty; it needs 'columns:'"),
        (MAPPING, "columns: 3\n", ":1:10: columns: expected one line per column, got 3"),
        ("\ncolumns:", "encoding: latin1\ncolumns:", "encoding: 'latin1': use utf-8 or gb18030"),
        ("\ncolumns:", "colums: 3\ncolumns:", "colums: unknown key. Did you mean 'columns'?"),
        ("\ncolumns:", "encoding: [1]\ncolumns:", "encoding: a list: use utf-8 or gb18030"),
        ("\ncolumns:", "weight: -2\ncolumns:", "weight: expected a number from 0.01 to 1,000,0"),
        ("\ncolumns:", "weight: 0.001\ncolumns:", "weight: expected a number from 0.01 to 1,00"),
        ("\ncolumns:", "weight: 1e400\ncolumns:", "weight: expected a number from 0.01 to 1,00"),
        ("\ncolumns:", "weight: .nan\ncolumns:", "weight: expected a number from 0.01 to 1,000"),
        ("\ncolumns:", "weight: [1]\ncolumns:", "to 1,000,000,000, got a list"),
        ("  sex:", "  sx:", "columns.sx: unknown key. Did you mean 'sex'?"),
        ("  sex: {column: 性别, codes: {男: male, 2: female}}\n", "", "columns: no line for sex"),
        ("  birth: {column: 出生日期}\n", "", "columns: no line for birth_year (or birth)"),
        ("{value: 3}", "3", "columns.industry_class: expected {column: ...}, got 3"),
        ("{value: 3}", "{value: 30}", "industry_class.value: '30' is not between 1 and 8"),
        ("{value: 3}", "{}", "industry_class: give either a 'column' or a 'value' for all"),
        ("{value: 3}", "{value: 3, column: x}", "industry_class: give either a 'column' or a"),
        ("{value: 3}", "{valu: 3}", "industry_class.valu: unknown key. Did you mean 'value'?"),
        ("{value: 3}", "{value: }", "industry_class.value: expected a text or a number"),
        ("{column: 身份证号}", "{value: 1}", "columns.id: ids differ between persons"),
        ("unit: 万元", "unit: 亿元", "columns.account.unit: '亿元': use yuan, 元, fen, 分, 万元"),
        (
            "{column: 指数}",
            "{column: x, unit: 元}",
            "mean_index.unit: '元': this column has no unit",
        ),
        ("{column: 指数}", "{column: x, codes: {a: b}}", "only columns of codes have codes"),
        (
            "codes: {男: male,",
            "codes: {男: man,",
            "sex.codes.男: 'man' is not one of male, female.",
        ),
        ("codes: {男: male, 2: female}", "codes: male", "expected {their code: our code}, got"),
        ("mean: 8000, ", "", "wage.mean: expected a number from 1 to 10,000,000, got no value"),
        ("mean: 8000", "mean: 1e400", "wage.mean: expected a number from 1 to 10,000,000, got"),
        ("cv: 0.5", "cv: 0", "wage.cv: expected a number from 0.01 to 10, got 0"),
        ("cv: 0.5", "cv: {a: 1}", "wage.cv: expected a number from 0.01 to 10, got a mapping"),
        ("unit: 万元", "unit: [1]", "columns.account.unit: a list: use yuan, 元, fen, 分, 万元"),
        ("unit: 万元", "unit: 3", "columns.account.unit: 3: use yuan, 元, fen, 分, 万元"),
        ("{column: 指数}", "{column: [1]}", "mean_index.column: expected a text or a number"),
        ("{男: male,", "{男: [male],", "sex.codes.男: expected a text or a number, got a list"),
        ("{男: male,", "{男: male, '男 ': female,", "sex.codes.男 : the code has two meanings"),
        ("{column: 出生日期}", "{value: 1980.1}", "birth.value: '1980.1' may be January, or Oct"),
        (MAPPING, "- 1\n", "mapping.yaml:1:1: "),
        ("unit: 元, blank: 0", "blank: none", "pension.blank: 'none' is not a plain number"),
        ("blank: no", "blank: nein", "columns.cadre.blank: 'nein' is not one of 否, 是, no, yes"),
        ("  cadre:", "  wage_rank: {value: 1}\n  cadre:", "both wage_rank and wage are given"),
        ("\ncolumns:", "\ncolumns: [", "not valid YAML"),
    ],
)
def test_a_bad_mapping_is_reported(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in MAPPING
    path = write_mapping(tmp_path, MAPPING.replace(old, new))
    with pytest.raises(DataError) as caught:
        read_mapping(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_mapping_knows_its_columns(tmp_path: Path) -> None:
    mapping = read_mapping(write_mapping(tmp_path))
    assert mapping.columns[:3] == ["身份证号", "区", "性别"]
    assert len(mapping.columns) == 11
    assert mapping.entries["account"].scale == 1_000_000
    assert mapping.entries["cadre"].codes == {"否": "no", "是": "yes"}


@pytest.mark.parametrize(
    ("weight", "outcome"),
    [(950, ""), (997, ""), (998, "warned"), (1_899, "warned"), (905, ""), (904, "warned"),
     (476, "warned"), (474, "refused"), (1_901, "refused"), (1, "refused"), (np.nan, "refused")],
)  # fmt: skip
def test_persons_represent_the_residents(weight: float, outcome: str) -> None:
    """10,000 persons and 9.5 million residents: weight 950; from 5 % a warning, from 2 an error."""
    persons = replace(some_persons(10_000), weight=weight)
    if outcome == "refused":
        with pytest.raises(DataError, match=r"9,500,000 residents .* for all residents 950, as"):
            persons.check(REGION, 9_500_000)
    else:
        text = str(persons.check(REGION, 9_500_000))
        assert text.startswith(f"10,000 persons of weight {weight:g} represent") == bool(outcome)


def test_a_run_checks_what_persons_represent(baseline: fs.Scenario) -> None:
    persons = some_persons(1_000)
    with pytest.raises(DataError, match="1,000 persons of weight 1 represent 1,000 people, but"):
        fs.run(baseline, "micro", persons=persons)
    with pytest.warns(UserWarning, match="represent 9,000,000 people, but the scenario has 9,498"):
        fs.run(baseline, "micro", persons=replace(persons, weight=9_000))


def column_table() -> str:
    return "".join(
        f"| `{column.name}` | {column.unit} | "
        + (
            f"{', '.join(f'`{code}`' for code in column.codes)} | |"
            if column.codes
            else f"{column.low:,g} | {column.high:,g} |"
        )
        + f" {column.meaning} |\n"
        for column in COLUMNS.values()
    )


def test_the_layout_in_the_docs_is_the_real_one() -> None:
    text = (Path(__file__).parents[1] / "docs" / "persons.md").read_text(encoding="utf-8")
    block = text.split("|---|---|---|---|---|\n")[1].split("<!-- end -->")[0]
    assert block == column_table()


def test_the_mapping_in_the_docs_is_read(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "persons.md").read_text(encoding="utf-8")
    mapping = text.split("```yaml\n")[1].split("```")[0]
    assert len(loaded(tmp_path, mapping=mapping)) == 3
