"""Several regions and base years in one process: the same bits as each alone."""

from __future__ import annotations

import csv
import hashlib
import itertools
import pickle
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsinsure as fs
from fsinsure.base_year.census import residents
from region_files import EXAMPLE, copied, edit, text

RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from test_several_regions import bits
for name in sys.argv[2:]:
    print(name, bits(name))
"""
NAMES = tuple(fs.regions())


def scenario_of(region: fs.Region, years: int = 3) -> fs.Scenario:
    return fs.Scenario(name="bare", title={}, region=region, horizon=region.base_year + years)


def bits(name: str) -> str:
    """A digest of every number of a run of a shipped region."""
    return digest(fs.run(scenario_of(fs.regions()[name])))


def digest(result: fs.Result) -> str:
    found = hashlib.sha256()
    for table in ("enrollment", "stocks", "flows", "ledger", "indicators", "channels"):
        frame = getattr(result, table)
        for column in frame.select_dtypes("number"):
            found.update(frame[column].astype("float64").to_numpy().tobytes())
    return found.hexdigest()


@pytest.fixture(scope="module")
def alone() -> dict[str, str]:
    """The digest of each region, each run in a process of its own."""
    found = {}
    for name in NAMES:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", RUN, str(Path(__file__).parent), name],
            capture_output=True, text=True, check=True, encoding="utf-8",
        )  # fmt: skip
        found[name] = done.stdout.split()[1]
    return found


@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)), ids="-".join)
def test_regions_in_one_process_give_the_bits_of_each_alone(
    alone: dict[str, str], order: tuple[str, ...]
) -> None:
    assert {name: bits(name) for name in order} == alone


def test_regions_in_threads_give_the_bits_of_each_alone(alone: dict[str, str]) -> None:
    names = NAMES * 2
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(bits, names))
    assert found == [alone[name] for name in names]


def moved(home: Path, name: str, year: int) -> Path:
    """The example region with another base year: the same people, 31 December of that year."""
    folder = copied(home, name)
    edit(folder, "region.yaml", "2022-12-31", f"{year}-12-31")
    edit(folder, "region.yaml", "horizon: 2027", f"horizon: {year + 5}")
    for file in ("figures.csv", "census.csv"):
        edit(folder, file, "2022-12-31", f"{year}-12-31", 999)
    edit(folder, "figures.csv", "%,2022,", f"%,{year},")
    edit(folder, "census.csv", "\n2022,", f"\n{year},", 999)
    lines = text("assumptions.csv").splitlines()
    rows = [line.split(",", 2) for line in lines]
    shifted = [
        ",".join([one, str(int(when) + year - 2022) if when.isdigit() else when, rest])
        for one, when, rest in rows
    ]
    (folder / "assumptions.csv").write_text("\n".join(shifted) + "\n", encoding="utf-8")
    return folder


def test_two_base_years_of_one_place_in_one_process(tmp_path: Path) -> None:
    later = fs.open_region(moved(tmp_path, "example", 2024))
    assert (later.base_year, later.first_year) == (2024, 2025)
    first = digest(fs.run(scenario_of(EXAMPLE)))
    second = fs.run(scenario_of(later))
    assert digest(fs.run(scenario_of(EXAMPLE))) == first
    assert digest(second) == digest(fs.run(scenario_of(later)))
    assert sorted(set(second.enrollment["year"])) == [2024, 2025, 2026, 2027]
    # The residents of the base year are the same; their statuses follow the law of their year.
    assert residents(later) == pytest.approx(residents(EXAMPLE))
    base = second.enrollment.query("level == 'total' and year == 2024").set_index("measure")
    assert base["persons"]["injury"] == pytest.approx(EXAMPLE.figure("enrollment.injury").amount)


def test_regions_are_equal_by_content_and_hash_alike(tmp_path: Path) -> None:
    one = fs.open_region(copied(tmp_path / "a", "town"))
    two = fs.open_region(copied(tmp_path / "b", "town"))
    assert one is not two
    assert one == two
    assert hash(one) == hash(two)
    assert {one: 1}[two] == 1
    assert residents(one) is residents(two)
    edit(two.folder, "census.csv", ",7174,", ",7175,")
    edit(two.folder, "figures.csv", "resident,,603000", "resident,,603001")
    edit(two.folder, "figures.csv", "south,228000", "south,228001")
    three = fs.open_region(two.folder)
    assert three != two
    assert residents(three).sum() == residents(two).sum() + 1
    assert scenario_of(three).hash != scenario_of(two).hash
    assert scenario_of(one).hash == scenario_of(two).hash


def test_the_hash_of_a_scenario_tells_regions_apart() -> None:
    found = {scenario_of(region).hash for region in fs.regions().values()}
    found |= {replace(scenario_of(region), horizon=2030).hash for region in fs.regions().values()}
    assert len(found) == 2 * len(NAMES)


def test_a_region_and_its_scenario_can_be_sent_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(scenario_of(EXAMPLE)))
    assert again.region == EXAMPLE
    assert again.hash == scenario_of(EXAMPLE).hash
    assert digest(fs.run(again)) == digest(fs.run(scenario_of(EXAMPLE)))


def test_runs_of_two_regions_are_not_compared_as_one() -> None:
    """Either the comparison is refused with both names, or it says nothing of common areas."""
    pair = [
        fs.run(replace(scenario_of(fs.regions()[name]), name=name)) for name in ("example", "china")
    ]
    with pytest.raises(fs.InputError, match=r"example.*china|china.*example"):
        fs.compare(*pair)


# Any division of the people of the example.


@st.composite
def divisions(draw: st.DrawFn) -> list[list[int]]:
    """Shares of one to eight areas in each cell of the census, as whole numbers."""
    areas = draw(st.integers(1, 8))
    weights = draw(st.lists(st.integers(0, 20), min_size=areas, max_size=areas).filter(any))
    skew = draw(st.lists(st.integers(0, 3), min_size=areas, max_size=areas))
    return [weights, skew]


def census_rows() -> dict[tuple[str, str], int]:
    """People of all areas by sex and age group."""
    found: dict[tuple[str, str], int] = {}
    for row in csv.DictReader(text("census.csv").splitlines()):
        key = row["sex"], row["age_group"]
        found[key] = found.get(key, 0) + int(row["value"])
    return found


def divided(folder: Path, weights: list[int], skew: list[int]) -> fs.Region:
    """Write the example with other areas: a share of each cell, with a slope by age."""
    codes = [f"a{index}" for index in range(len(weights))]
    region = text("region.yaml")
    old = region[region.index("areas:") : region.index("closing_levers:")]
    new = "areas:\n" + "".join(f"  - {{code: {one}, zh: {one}, en: {one}}}\n" for one in codes)
    edit(folder, "region.yaml", old, new)
    lines = ["census,area,sex,age_group,value,unit,date,source,confidence,note"]
    for number, ((sex, group), people) in enumerate(census_rows().items()):
        pairs = zip(weights, skew, strict=True)
        parts = [1 + 20 * weight + slope * (number % 19) for weight, slope in pairs]
        cuts = [people * cut // sum(parts) for cut in itertools.accumulate(parts)]
        for code, low, high in zip(codes, [0, *cuts], cuts, strict=False):
            lines.append(
                f"2022,{code},{sex},{group},{high - low},人,2022-12-31,invented,assumption,"
            )
    (folder / "census.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    named = text("figures.csv").splitlines()
    rows = [one for one in named if not one.startswith("population.resident")]
    (folder / "figures.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "outcomes.csv").unlink()
    return fs.open_region(folder)


@settings(max_examples=12)
@given(divisions())
def test_any_division_into_areas_closes_runs_and_adds_up(division: list[list[int]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        region = divided(copied(Path(home)), *division)
        assert len(region.codes) == len(division[0])
        assert residents(region).sum() == pytest.approx(sum(census_rows().values()))
        result = fs.run(scenario_of(region, years=2))
        for name in ("enrollment", "stocks", "flows"):
            table = getattr(result, name)
            keys = [one for one in table if one not in ("level", "area", "persons")]
            parts = table[table["level"] == "area"].groupby(keys)["persons"].sum()
            total = table[table["level"] == "total"].groupby(keys)["persons"].sum()
            assert parts.to_numpy() == pytest.approx(total.to_numpy(), rel=1e-9, abs=1e-6)
        base = result.enrollment.query("level == 'total' and year == 2022")
        people = base.set_index("measure")["persons"]
        for measure in ("pension.enterprise", "unemployment", "injury", "pension.resident"):
            figure = region.figure(f"enrollment.{measure}")
            assert people[measure] == pytest.approx(figure.amount, abs=1e-3)
