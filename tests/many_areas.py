"""The library with another number of areas, in a process of its own.

``dims.AREAS`` is replaced before any module that depends on it is imported, so the imports
stand inside the functions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from fsinsure import dims, statuses


def split_areas(areas: int, residents: np.ndarray) -> None:
    """Split the areas of the census into equal parts; the totals of the city do not change."""
    dims.AREAS = tuple(f"d{number:03d}" for number in range(areas))
    origin = np.arange(areas) % len(residents)
    parts = residents[origin] / np.bincount(origin)[origin][:, None, None]
    from fsinsure.base_year import census

    census.residents = lambda: parts


def check_files(births: int, folder: Path) -> None:
    """Compare persons of all areas with their cells and with a file of them."""
    from fsinsure import state
    from fsinsure.microdata import parquet
    from fsinsure.microdata.load import load_persons
    from fsinsure.microdata.schema import persons_of
    from person_files import same, some_persons

    status, place, birth = np.indices((len(statuses.STATUSES), state.PLACES, births)).reshape(3, -1)
    codes = state.cell_of(status, place, birth, births)
    assert codes.tolist() == list(range(state.cells(births) - 1)), "codes of cells repeat"
    some = some_persons(5_000)
    some["birth_year"][:] = np.maximum(some["birth_year"], dims.BASE_YEAR - 100)
    assert same(persons_of(some.people(births), births), some), "persons left their cells"
    parquet.save(folder / "many.parquet", [some])
    assert same(load_persons(folder / "many.parquet"), some), "the file has other persons"


def check_run(horizon: int, accelerate: bool) -> list[bytes]:
    """Run synthesized persons, and the same from a file; return their counts."""
    import fsinsure as fs
    from fsinsure import state
    from fsinsure.microdata.schema import Persons

    scenario = fs.load("baseline").with_({"horizon": horizon})
    run = fs.run(scenario, "micro", persons=20_000, seed=3, accelerate=accelerate)
    task, births = run.simulation.plan, state.births(horizon)
    assert task.people(0, 10).cell.dtype == state.cell_dtype(births)
    heads = run.simulation.counters[dims.BASE_YEAR].heads[1][:-1]
    heads = heads.reshape(len(statuses.STATUSES), len(dims.AREAS), -1).sum(axis=2)
    expected = run.simulation.expected.persons[0].sum(axis=(-2, -1)) * task.scale
    assert np.abs(heads - expected).max() <= 1, "persons in wrong cells"
    given = Persons(next(iter(task.saved())).columns, 1 / task.scale)
    again = fs.run(scenario, "micro", persons=given, seed=3, accelerate=accelerate)
    assert counts(again) == counts(run), "persons of a file differ"
    return counts(run)


def counts(run: object) -> list[bytes]:
    """Return heads by cell, and what persons hold, year by year."""
    sums = run.simulation.counters
    return [sums[year].heads.tobytes() + sums[year].closing.tobytes() for year in sums]


def main(areas: int, horizon: int, engines: str, folder: Path) -> None:
    """Check files and runs; write the enrollment of the city, print the type of cells."""
    split_areas(areas, np.load(folder / "residents.npy"))
    import fsinsure as fs
    from fsinsure import state

    births = state.births(horizon)
    check_files(births, folder)
    found = [check_run(horizon, accelerate=engine == "compiled") for engine in engines.split(",")]
    assert all(bits == found[0] for bits in found), "engines differ"
    scenario = fs.load("baseline").with_({"horizon": horizon})
    city = fs.run(scenario).enrollment.query("area == 'city'")
    city.to_csv(folder / "city.csv", index=False)
    print(state.cell_dtype(births).__name__)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
