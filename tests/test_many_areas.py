"""Regions of one area and of hundreds, and of another base year, in both engines and in files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.errors import DataError, InputError
from fsinsure.microdata import parquet
from fsinsure.microdata.load import load_persons
from fsinsure.microdata.mapping import read_mapping
from fsinsure.microdata.schema import Persons, persons_of, schema_of
from fsinsure.microsim.compiled import dispatch
from fsinsure.region.load import find_region
from fsinsure.scenario import Scenario
from fsinsure.state import CellCode
from fsinsure.statuses import STATUSES
from many_areas import with_areas
from person_files import MAPPING, same, some_persons, write_mapping

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (1, 3, 31, pytest.param(300, marks=pytest.mark.slow))
FOSHAN = find_region("foshan")


@pytest.mark.parametrize("areas", [1, 5, 18, 30, 31, 300])
@pytest.mark.parametrize("horizon", [2021, 2025, 2100])
def test_the_type_of_a_cell_holds_every_code(areas: int, horizon: int) -> None:
    code = CellCode(areas, 2020, horizon)
    kind = np.iinfo(code.dtype)
    assert code.cells - 1 <= kind.max
    assert (kind.bits == 16) == (code.cells <= 2**16)
    assert kind.bits == 16 or areas > (18 if horizon == 2100 else 30)
    status, place, birth = np.indices((len(STATUSES), code.places, code.births)).reshape(3, -1)
    codes = code.of(status, place, birth)
    assert np.array_equal(codes, np.arange(code.cells - 1)), "codes of cells repeat"


@pytest.mark.parametrize("areas", SIZES)
def test_files_hold_persons_of_any_number_of_areas(areas: int, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    region = with_areas(areas)
    schema, code = schema_of(region), CellCode(areas, region.base_year, 2025)
    some = some_persons(5_000, schema=schema)
    some["birth_year"][:] = np.maximum(some["birth_year"], code.first_birth)
    assert same(persons_of(some.people(code), code, schema), some), "persons left their cells"
    parquet.save(tmp_path / "many.parquet", [some])
    assert same(load_persons(tmp_path / "many.parquet", region=region), some)


@pytest.mark.parametrize("areas", SIZES)
def test_both_engines_agree_on_any_number_of_areas(areas: int, baseline: fs.Scenario) -> None:
    """Persons are in their cells, the engines agree, and the region has the same people."""
    region = with_areas(areas).as_of(baseline.as_of)
    horizon = 2022 if areas > 100 else 2025
    scenario = replace(baseline.with_({"horizon": horizon}), region=region)
    run = fs.run(scenario, "micro", persons=20_000, seed=3, accelerate=False)
    assert run.simulation
    plan = run.simulation.plan
    assert plan.people(0, 10).cell.dtype == (np.uint16 if areas <= 30 else np.uint32)
    heads = run.simulation.counters[region.base_year].heads[1][:-1]
    heads = heads.reshape(len(STATUSES), areas, -1).sum(axis=2)
    expected = run.simulation.expected.persons[0].sum(axis=(-2, -1)) * plan.scale
    assert np.abs(heads - expected).max() <= 1, "persons in wrong cells"
    assert run.agreement.passed, run.agreement.failed
    given = Persons(next(plan.saved()).columns, plan.schema, 1 / plan.scale)
    again = fs.run(scenario, "micro", persons=given, seed=3, accelerate=False)
    assert counts(again) == counts(run), "persons of a file differ"
    if dispatch.available():
        compiled = fs.run(scenario, "micro", persons=20_000, seed=3, accelerate=True)
        assert counts(compiled) == counts(run), "engines differ"
    assert set(run.distributions.query("group == 'area'")["of"]) == set(region.codes)
    total = run.expected.enrollment.query("level == 'total'")
    foshan = fs.run(baseline.with_({"horizon": horizon})).enrollment.query("level == 'total'")
    # Areas that are put together have other shares of ages and sexes than each had.
    rtol = 1e-9 if areas > len(FOSHAN.codes) else 2e-4
    np.testing.assert_allclose(total["persons"], foshan["persons"], rtol=rtol)


def test_loops_are_compiled_once_for_all_regions(baseline: fs.Scenario) -> None:
    pytest.importorskip("numba")
    from fsinsure.microsim.compiled.kernel import live, record_pensions, synthesize

    fs.run(baseline, "micro", persons=1_000, seed=1, accelerate=True)
    loops = (live, record_pensions, synthesize)
    before = [list(loop.signatures) for loop in loops]
    region = with_areas(60).as_of(baseline.as_of)
    many = replace(baseline.with_({"horizon": 2022}), region=region)
    fs.run(many, "micro", persons=1_000, seed=1, accelerate=True)
    assert [list(loop.signatures) for loop in loops] == before


def counts(run: fs.Result) -> list[bytes]:
    """Return all that is counted of persons, year by year."""
    assert run.simulation
    sums = run.simulation.counters.values()
    return [b"".join(array.tobytes() for array in counted) for counted in sums]


@pytest.mark.parametrize("path", ["growth.flexible", "coverage.unemployment.flexible"])
def test_engines_agree_where_areas_differ(path: str, baseline: fs.Scenario) -> None:
    """Growth and coverage may be set by area."""
    first = baseline.region.codes[0]
    scenario = baseline.with_({path: {first: "12%", "default": "3%"}})
    run = fs.run(scenario, "micro", persons=30_000, seed=5)
    assert run.agreement.passed, run.agreement.failed


def test_persons_of_another_base_year() -> None:
    region = find_region("example")
    assert region.base_year != FOSHAN.base_year
    scenario = Scenario("other", {"zh": "示例", "en": "Example"}, region, region.horizon)
    run = fs.run(scenario, "micro", persons=20_000, seed=3)
    assert run.simulation
    assert run.agreement.passed, run.agreement.failed
    assert [*run.simulation.counters] == [*range(region.base_year, region.horizon + 1)]
    panel = run.panel(sample=100)
    assert panel["year"].min() == region.base_year and set(panel["area"]) <= set(region.codes)
    later = run.panel(sample=5, entering=region.first_year)
    assert later["year"].min() == region.first_year


def test_files_of_another_region_or_date_are_refused(baseline: fs.Scenario, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    example, file = find_region("example"), tmp_path / "persons.parquet"
    some = some_persons(1_000, schema=schema_of(example))
    parquet.save(file, [some])
    assert same(load_persons(file), some), "the file names its region"
    assert same(load_persons(file, region="example"), some)
    with pytest.raises(DataError, match="region example; expected region foshan"):
        load_persons(file, region="foshan")
    later = replace(example, base_date=example.base_date.replace(year=2030), digest="later")
    with pytest.raises(DataError, match="date 2022-12-31; expected date 2030-12-31"):
        load_persons(file, region=later)
    with pytest.raises(DataError, match=r"those of example on 2022-12-31, in 3 areas; "):
        fs.run(baseline, "micro", persons=some)
    parquet.save(file, [some_persons(9, schema=schema_of(with_areas(3)))])
    with pytest.raises(DataError, match="region 'foshan-3', which is not shipped"):
        load_persons(file)


def test_a_mapping_names_the_region(tmp_path: Path) -> None:
    assert read_mapping(write_mapping(tmp_path)).schema == schema_of(find_region(None))
    text = MAPPING.replace("{禅城区: chancheng, 440605: nanhai, 顺德: shunde}", "{北: north}")
    named = write_mapping(tmp_path, f"region: example\n{text}")
    assert read_mapping(named).schema == schema_of(find_region("example"))
    with pytest.raises(DataError, match=r"mapping.yaml:1:\d+: .*given to load_persons too"):
        read_mapping(named, FOSHAN)
    for wrong in ("nowhere", "../foshan", "[a]"):
        with pytest.raises(DataError, match=r"mapping.yaml:1:\d+: "):
            read_mapping(write_mapping(tmp_path, f"region: {wrong}\n{MAPPING}"))
    with pytest.raises(InputError, match="there is no region 'nowhere'"):
        load_persons(tmp_path / "persons.csv", named, region="nowhere")
