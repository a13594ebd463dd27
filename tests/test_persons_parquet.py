"""Populations as Parquet files: what is written is what is read, and what is wrong is told."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsinsure.dims import STATUS
from fsinsure.errors import DataError, InputError
from fsinsure.microdata import parquet
from fsinsure.microdata.schema import COLUMNS, Persons
from person_files import same, some_persons

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
        parquet.load(path)
    return str(caught.value)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
    weight=st.sampled_from([1.0, 9.5, 31.64]),
)
def test_what_is_saved_is_loaded(counts: list[int], seed: int, weight: float) -> None:
    whole = Persons(some_persons(sum(counts), seed).columns, weight)
    ends = np.cumsum([0, *counts]).tolist()
    parts = [whole.rows(slice(*pair)) for pair in pairwise(ends)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "persons.parquet"
        assert parquet.save(path, parts) == len(whole)
        assert same(parquet.load(path), whole)
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_rows_are_told_across_batches(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH", 7)
    months = plain(saved, "months")
    months[40] = 5000
    assert f"{saved}:41:months: 5000 is not 0..1212" in refused(
        changed(saved, months=pa.array(months))
    )


def test_ids_may_be_long_texts(saved: Path) -> None:
    whole = parquet.load(saved)
    ids = [f"44060419620305{number:04d}" for number in range(50)]
    assert same(parquet.load(changed(saved, id=pa.array(ids))), whole)
    assert same(parquet.load(changed(saved, id=pa.array(ids).dictionary_encode())), whole)


@pytest.mark.parametrize("kind", [str, int])
def test_ids_that_repeat_are_refused(saved: Path, kind: type) -> None:
    ids = [kind(number) for number in range(50)]
    ids[30] = ids[31] = ids[4]
    text = refused(changed(saved, id=pa.array(ids)))
    assert f"{saved}:31:id: the id is that of row 5 once more" in text
    assert f"{saved}:32:id: the id is that of row 5 once more" in text
    assert "Nothing was loaded" in text


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("district", "panyu", "'panyu' is not one of chancheng, nanhai"),
        ("sex", "x", "'x' is not one of male, female"),
        ("birth_year", 2021, "2021 is not 1900..2020"),
        ("birth_month", 0, "0 is not 1..12"),
        ("birth_month", 5.5, "5.5 is not a whole number"),
        ("industry_class", 9, "9 is not 1..8"),
        ("wage_rank", 256, "256 is not 0..255"),
        ("mean_index", float("nan"), "nan is not 0..20"),
        ("account", -0.01, "-0.01 is not 0..1e+09"),
        ("account", None, "the cell is blank; fill it"),
        ("status", None, "the cell is blank; fill it"),
        ("cadre", None, "the cell is blank; fill it"),
        ("id", None, "the cell is blank; every person needs an id"),
        ("entitled", 25, "25 is not 0..24"),
    ],
)
def test_a_bad_cell_is_told(saved: Path, column: str, value: object, told: str) -> None:
    values = plain(saved, column)
    values[2] = value
    text = refused(changed(saved, **{column: pa.array(values)}))
    assert text.startswith(f"{saved}:3:{column}: {told}")
    assert text.endswith("Nothing was loaded.")


def test_a_pension_needs_a_status_that_has_one(saved: Path) -> None:
    status = ["employee"] * 50
    pensions = [0.0] * 49 + [12.5]
    text = refused(changed(saved, status=pa.array(status), pension=pa.array(pensions)))
    assert f"{saved}:50:pension: a pension in payment, but the status is employee" in text


def test_ten_problems_are_told_and_the_others_counted(saved: Path) -> None:
    text = refused(changed(saved, months=pa.array([9999] * 50), entitled=pa.array([99] * 50)))
    lines = text.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith(f"{saved}:1:entitled") and lines[1].startswith(f"{saved}:1:months")
    assert lines[10:] == ["... and 90 more problems", "Nothing was loaded."]


def test_numbers_may_be_of_any_type(saved: Path) -> None:
    whole = parquet.load(saved)
    months = pa.array(plain(saved, "months"), type=pa.float64())
    account = pq.read_table(saved).column("account").cast(pa.decimal128(18, 2))
    status = pa.array(plain(saved, "status"), type=pa.large_string())
    cadre = pa.array(["yes" if is_cadre else "no" for is_cadre in plain(saved, "cadre")])
    file = changed(saved, months=months, account=account, status=status, cadre=cadre)
    assert same(parquet.load(file), whole)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"months": None}, "no column months; a file of our layout has id, district"),
        ({"month": pa.array([1] * 50)}, ":month: unknown column. Did you mean 'months'?"),
        ({"months": pa.array(["1"] * 50)}, ":months: the column is string; expected numbers"),
        ({"id": pa.array([1.5] * 50)}, ":id: ids are double; expected integers or texts"),
        ({"status": pa.array([1] * 50)}, ":1:status: 1 is not one of outside, employee"),
    ],
)
def test_a_bad_column_is_told(saved: Path, columns: dict[str, object], told: str) -> None:
    assert told in refused(changed(saved, **columns))


def test_a_column_that_is_there_twice_is_told(saved: Path) -> None:
    table = pq.read_table(saved)
    pq.write_table(table.append_column("sex", table.column("sex")), saved)
    assert f"{saved}:sex: the column is there twice; keep one" in refused(saved)


def test_files_that_are_none_are_told(tmp_path: Path, saved: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "nobody.parquet")
    (tmp_path / "cut.parquet").write_bytes(saved.read_bytes()[:-40])
    assert "not a whole Parquet file" in refused(tmp_path / "cut.parquet")
    pq.write_table(pq.read_table(saved).slice(0, 0), saved)
    assert "no rows; a population has at least one person" in refused(saved)


def test_a_damaged_file_is_told(saved: Path) -> None:
    data = bytearray(saved.read_bytes())
    data[8:400] = bytes(392)
    saved.write_bytes(bytes(data))
    assert f"{saved}: damaged after row 0" in refused(saved)


def test_a_number_that_changed_on_disk_is_told(saved: Path) -> None:
    file = pq.ParquetFile(saved)
    column = file.metadata.row_group(0).column(file.schema_arrow.names.index("account"))
    file.close()
    data = bytearray(saved.read_bytes())
    last = column.data_page_offset + column.total_compressed_size - 1
    data[last] ^= 1
    saved.write_bytes(bytes(data))
    assert f"{saved}: damaged after row 0" in refused(saved)


@pytest.mark.parametrize(
    ("note", "value", "told"),
    [
        ("fsinsure.date", "2021-12-31", "persons of 2021-12-31; expected those of 2020-12-31"),
        ("fsinsure.layout", "9", "layout 9; this version reads layout 1"),
        ("fsinsure.weight", "many", "a weight of 'many'; expected a number above 0"),
        ("fsinsure.weight", "-1", "a weight of '-1'; expected a number above 0"),
    ],
)
def test_notes_of_another_file_are_told(saved: Path, note: str, value: str, told: str) -> None:
    table = pq.read_table(saved)
    pq.write_table(table.replace_schema_metadata({note: value}), saved)
    assert told in refused(saved)


def test_what_cannot_be_written_leaves_the_old_file(saved: Path) -> None:
    before = saved.read_bytes()

    def parts():
        yield some_persons(10)
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"cannot write .*: No space left on device"):
        parquet.save(saved, parts())
    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_nobody_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is nobody to save"):
        parquet.save(tmp_path / "none.parquet", [])
    assert not list(tmp_path.iterdir())


def test_pyarrow_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'fsinsure\[parquet\]'"):
        parquet.load(tmp_path / "persons.parquet")


def test_every_column_fits_its_type() -> None:
    for column in COLUMNS.values():
        if column.whole:
            limits = np.iinfo(column.dtype)
            assert limits.min <= column.low < column.high <= limits.max
    assert COLUMNS["status"].codes == tuple(STATUS)
