"""Populations as Parquet files: read as written, and refused with each problem."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsinsure.errors import DataError, InputError
from fsinsure.microdata import parquet
from fsinsure.microdata.load import load_persons
from fsinsure.microdata.schema import Persons
from fsinsure.statuses import STATUS
from person_files import COLUMNS, SCHEMA, same, some_persons, write_mapping

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet as pq  # noqa: E402


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "persons.parquet"
    assert parquet.save(path, [some_persons(50)]) == 50
    return path


def changed(path: Path, **columns: object) -> Path:
    """Write a file again with other columns; None takes a column away."""
    table = pq.read_table(path)
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        if values is None:
            table = table.remove_column(at)
        elif at < 0:
            table = table.append_column(name, values)
        else:
            table = table.set_column(at, name, values)
    pq.write_table(table, path)
    return path


def plain(path: Path, name: str) -> list:
    return pq.read_table(path).column(name).to_pylist()


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_persons(path)
    return str(caught.value)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
    weight=st.sampled_from([1.0, 9.5, 31.64]),
)
def test_what_is_saved_is_loaded(counts: list[int], seed: int, weight: float) -> None:
    whole = Persons(some_persons(sum(counts), seed).columns, SCHEMA, weight)
    ends = np.cumsum([0, *counts]).tolist()
    parts = [whole.rows(slice(*pair)) for pair in pairwise(ends)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "persons.parquet"
        assert parquet.save(path, parts) == len(whole)
        assert same(load_persons(path), whole)
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_rows_are_reported_across_batches(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH", 7)
    months = plain(saved, "months")
    months[40] = 5000
    assert f"{saved}:41:months: '5000' is not between 0 and 1212" in refused(
        changed(saved, months=pa.array(months))
    )


def test_ids_may_be_long_texts(saved: Path) -> None:
    whole = load_persons(saved)
    ids = [f"44060419620305{number:04d}" for number in range(50)]
    assert same(load_persons(changed(saved, id=pa.array(ids))), whole)
    assert same(load_persons(changed(saved, id=pa.array(ids).dictionary_encode())), whole)


@pytest.mark.parametrize("kind", [str, int])
def test_ids_that_repeat_are_refused(saved: Path, kind: type) -> None:
    ids = [kind(number) for number in range(50)]
    ids[30] = ids[31] = ids[4]
    text = refused(changed(saved, id=pa.array(ids)))
    assert f"{saved}:31:id: same id as row 5; each person needs its own" in text
    assert f"{saved}:32:id: same id as row 5; each person needs its own" in text
    assert "No person was loaded" in text


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("area", "panyu", "'panyu' is not one of chancheng, nanhai"),
        ("sex", "x", "'x' is not one of male, female"),
        ("birth_year", 2021, "'2021' is not between 1900 and 2020"),
        ("birth_month", 0, "'0' is not between 1 and 12"),
        ("birth_month", 5.5, "'5.5' is not a whole number"),
        ("industry_class", 9, "'9' is not between 1 and 8"),
        ("wage_rank", 256, "'256' is not between 0 and 255"),
        ("mean_index", float("nan"), "the cell is blank; fill it"),
        ("account", -0.01, "'-0.01' is not between 0 and 1e+09"),
        ("account", None, "the cell is blank; fill it"),
        ("status", None, "the cell is blank; fill it"),
        ("cadre", None, "the cell is blank; fill it"),
        ("id", None, "the cell is blank; every person needs an id"),
        ("entitled", 25, "'25' is not between 0 and 24"),
    ],
)
def test_a_bad_cell_is_reported(saved: Path, column: str, value: object, message: str) -> None:
    values = plain(saved, column)
    values[2] = value
    text = refused(changed(saved, **{column: pa.array(values)}))
    assert text.startswith(f"{saved}:3:{column}: {message}")
    assert text.endswith("No person was loaded.")


def test_a_pension_needs_a_status_that_has_one(saved: Path) -> None:
    status = ["employee"] * 50
    pensions = [0.0] * 49 + [12.5]
    text = refused(changed(saved, status=pa.array(status), pension=pa.array(pensions)))
    assert f"{saved}:50:pension: a pension in payment, but the status is employee" in text


def test_ten_problems_are_shown_and_the_others_counted(saved: Path) -> None:
    text = refused(changed(saved, months=pa.array([9999] * 50), entitled=pa.array([99] * 50)))
    lines = text.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith(f"{saved}:1:entitled") and lines[1].startswith(f"{saved}:1:months")
    assert lines[10:] == ["... and 90 more problems", "No person was loaded."]


def test_numbers_may_be_of_any_type(saved: Path) -> None:
    whole = load_persons(saved)
    months = pa.array(plain(saved, "months"), type=pa.float64())
    account = pq.read_table(saved).column("account").cast(pa.decimal128(18, 2))
    status = pa.array(plain(saved, "status"), type=pa.large_string())
    cadre = pa.array(["yes" if is_cadre else "no" for is_cadre in plain(saved, "cadre")])
    file = changed(saved, months=months, account=account, status=status, cadre=cadre)
    assert same(load_persons(file), whole)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"months": None}, "no column months; a file of our layout has id, area"),
        ({"month": pa.array([1] * 50)}, ":month: unknown column. Did you mean 'months'?"),
        ({"months": pa.array(["1"] * 50)}, ":months: the column is string; expected numbers"),
        ({"id": pa.array([1.5] * 50)}, ":id: the column is double; expected integers or texts"),
        ({"status": pa.array([1] * 50)}, ":status: the column is int64; expected texts"),
    ],
)
def test_a_bad_column_is_reported(saved: Path, columns: dict[str, object], message: str) -> None:
    assert message in refused(changed(saved, **columns))


def test_a_column_that_is_there_twice_is_reported(saved: Path) -> None:
    table = pq.read_table(saved)
    pq.write_table(table.append_column("sex", table.column("sex")), saved)
    assert f"{saved}:sex: the column occurs twice; keep one" in refused(saved)


def test_other_files_are_reported(tmp_path: Path, saved: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "nobody.parquet")
    (tmp_path / "cut.parquet").write_bytes(saved.read_bytes()[:-40])
    assert "cannot be read: Parquet magic bytes not found" in refused(tmp_path / "cut.parquet")
    pq.write_table(pq.read_table(saved).slice(0, 0), saved)
    assert "no rows; a population has at least one person" in refused(saved)


def test_a_damaged_file_is_reported(saved: Path) -> None:
    data = bytearray(saved.read_bytes())
    data[8:400] = bytes(392)
    saved.write_bytes(bytes(data))
    assert f"{saved}: damaged after row 0" in refused(saved)


def test_a_number_that_changed_on_disk_is_reported(saved: Path) -> None:
    file = pq.ParquetFile(saved)
    column = file.metadata.row_group(0).column(file.schema_arrow.names.index("account"))
    file.close()
    data = bytearray(saved.read_bytes())
    last = column.data_page_offset + column.total_compressed_size - 1
    data[last] ^= 1
    saved.write_bytes(bytes(data))
    assert f"{saved}: damaged after row 0" in refused(saved)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("fsinsure.date", "2021-12-31", "date 2021-12-31; expected date 2020-12-31"),
        ("fsinsure.layout", "9", "layout 9; expected layout 2"),
        (b"fsinsure.date", b"\xff", "date \ufffd; expected date 2020-12-31"),
        ("fsinsure.date", "2020-12-31", "the metadata has no fsinsure.weight"),
        *(
            ("fsinsure.weight", value, f"weight {value!r} is not a number from 0.01 to 1,000,000,0")
            for value in ("", "many", "-1", "0", "0.001", "1e400", "nan")
        ),
        ("fsinsure.weight", b"\xc3(", "weight '\ufffd(' is not a number"),
    ],
)
def test_metadata_of_another_file_are_reported(
    saved: Path, key: str | bytes, value: str | bytes, message: str
) -> None:
    table = pq.read_table(saved)
    pq.write_table(table.replace_schema_metadata({key: value}), saved)
    assert message in refused(saved)


def test_a_file_that_lost_its_weight_needs_it_from_the_caller(tmp_path: Path) -> None:
    """pandas drops the metadata of a schema when it saves a file again."""
    path = tmp_path / "persons.parquet"
    whole = Persons(some_persons(50).columns, SCHEMA, 474.94)
    parquet.save(path, [whole])
    assert same(load_persons(path, weight=474.94), whole)
    with pytest.raises(DataError, match=r"weight=475, but the metadata of the file has 474.94"):
        load_persons(path, weight=475)
    pd.read_parquet(path).to_parquet(path, index=False)
    with pytest.raises(DataError, match=r"no fsinsure.weight.* pandas.*load_persons\(path, weight"):
        load_persons(path)
    assert same(load_persons(path, weight=474.94), whole)
    for weight in (0, -1, 0.001, 1e400, float("nan"), True, "many"):
        with pytest.raises(DataError, match=r"is not a number from 0.01 to 1,000,000,000"):
            load_persons(path, weight=weight)
    with pytest.raises(InputError, match="in the mapping file"):
        load_persons(path, tmp_path / "mapping.yaml", weight=2)


def test_a_footer_that_declares_other_rows_is_reported(saved: Path) -> None:
    """The number of rows stands after the schema, as a zigzag varint of field 3 (i64)."""
    data = saved.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    head, footer = data[: -8 - size], data[-8 - size : -8]
    at = footer.index(bytes([0x16, 2 * 50]))
    for declared in (0, 7, 49, 51, 63, 2**20, 2**40, 2**62, -1):
        number, varint = (declared << 1) ^ (declared >> 63), bytearray()
        while number > 127:
            varint.append(number & 127 | 128)
            number >>= 7
        varint.append(number)
        changed_footer = footer[: at + 1] + varint + footer[at + 2 :]
        length = len(changed_footer).to_bytes(4, "little")
        saved.write_bytes(head + changed_footer + length + b"PAR1")
        assert f"{saved}: damaged: the footer declares {declared:,} rows" in refused(saved)


BINARY = b"\xff\xfe"


def not_utf8(count: int = 50) -> pa.Array:
    """Texts whose second is not UTF-8; pyarrow does not check texts that it makes of buffers."""
    raw = pa.array([b"employee", BINARY, *[b"employee"] * (count - 2)])
    return pa.StringArray.from_buffers(count, raw.buffers()[1], raw.buffers()[2])


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1]] * 50),
        pa.array([[[1.5], []]] * 50),
        pa.array([{"a": 1, "b": "x"}] * 50),
        pa.array([[("a", 1)]] * 50, type=pa.map_(pa.string(), pa.int64())),
        pa.array([[1, 2]] * 50, type=pa.list_(pa.int8(), 2)),
        pa.array([BINARY] * 50),
        pa.array([BINARY] * 50, type=pa.binary(2)),
        pa.array([2**31 - 1] * 50, type=pa.int32()).cast(pa.date32()),
        pa.array([-(2**31)] * 50, type=pa.int32()).cast(pa.date32()),
        pa.array([2**62] * 50).cast(pa.timestamp("us")),
        pa.array([1] * 50).cast(pa.time64("us")),
        pa.array([1] * 50).cast(pa.duration("s")),
        pa.nulls(50),
        not_utf8(),
        not_utf8().dictionary_encode(),
        pa.array([float("nan"), float("inf")] * 25, type=pa.float16()),
        pa.array([10**37] * 50, type=pa.decimal128(38)),
        pa.array([10**60] * 50, type=pa.decimal256(70)),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("name", ["id", "birth_year", "status", "months", "account"])
def test_columns_of_every_type_are_reported(saved: Path, column: pa.Array, name: str) -> None:
    """Both readers refuse it as a DataError that names file and column."""
    if name == "id" and column.type == pa.string():
        column = not_utf8()
    columns = "".join(f"  {key}: {{column: {key}}}\n" for key in ("id", *COLUMNS))
    mapping = write_mapping(saved.parent, f"columns:\n{columns}")
    changed(saved, **{name: column})
    for arguments in ((saved,), (saved, mapping)):
        with pytest.raises(DataError) as caught:
            load_persons(*arguments)
        assert str(caught.value).startswith(f"{saved}:")
        assert f":{name}: " in str(caught.value).splitlines()[0]


def test_dates_beyond_the_calendar_are_reported(saved: Path) -> None:
    columns = "".join(f"  {key}: {{column: {key}}}\n" for key in ("id", *COLUMNS))
    columns = columns.replace("birth_year: {column: birth_year}", "birth: {column: birth_year}")
    columns = columns.replace("  birth_month: {column: birth_month}\n", "")
    mapping = write_mapping(saved.parent, f"columns:\n{columns}")
    days = pa.array([-(2**31), 2**31 - 1, *[0] * 48], type=pa.int32()).cast(pa.date32())
    with pytest.raises(DataError) as caught:
        load_persons(changed(saved, birth_year=days), mapping)
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()[:2]] == [
        f"{saved}:1:birth_year",
        f"{saved}:2:birth_year",
    ]


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_of_a_footer_gives_other_persons(saved: Path, seed: int) -> None:
    """With any byte of the footer changed: the same persons, or a DataError.

    A changed weight cannot be seen in the file; a run compares it with the residents.
    """
    whole, data = load_persons(saved), saved.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    rng = np.random.default_rng(seed)
    for _ in range(150):
        damaged = bytearray(data)
        damaged[-8 - int(rng.integers(0, size))] = int(rng.integers(0, 256))
        saved.write_bytes(damaged)
        try:
            found = load_persons(saved)
        except DataError as error:
            assert str(saved) in str(error)
        else:
            assert same(replace(found, weight=whole.weight), whole)


def test_a_file_is_created_exclusively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or a link of the temporary name is neither written to nor followed."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "0")
    victim, part = tmp_path / "victim", tmp_path / ".persons.parquet.0.part"
    victim.write_text("mine", encoding="utf-8")
    try:
        part.symlink_to(victim)
    except OSError:  # Windows without the right to make links
        part.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"cannot write .*: File exists"):
        parquet.save(tmp_path / "persons.parquet", [some_persons(5)])
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "persons.parquet").exists()


def test_what_cannot_be_written_leaves_the_old_file(saved: Path) -> None:
    before = saved.read_bytes()

    def parts():
        yield some_persons(10)
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"cannot write .*: No space left on device"):
        parquet.save(saved, parts())
    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_an_empty_population_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no persons to save"):
        parquet.save(tmp_path / "none.parquet", [])
    assert not list(tmp_path.iterdir())


def test_pyarrow_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'fsinsure\[parquet\]'"):
        load_persons(tmp_path / "persons.parquet")


def test_every_column_fits_its_type() -> None:
    for column in COLUMNS.values():
        if column.whole:
            limits = np.iinfo(column.dtype)
            assert limits.min <= column.low < column.high <= limits.max
    assert COLUMNS["status"].codes == tuple(STATUS)
