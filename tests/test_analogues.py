"""Growth of comparable places: how it is read, what was known, widths and naive rule by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.analysis.estimates import forecast_growth, growth_widths
from fsinsure.region.analogues import known_analogues
from fsinsure.region.load import find_region, open_region
from region_files import copied

HEAD = "series,places,count,date,median,sd,low,high,unit,known,source,confidence,note\n"
ROW = "unemployment,some towns,9,2019,3.8,6.2,2.5,22.1,%,2020,a yearbook,secondary,\n"


def test_figures_of_a_year_are_known_from_the_next_one_on() -> None:
    rows = find_region("foshan").analogues
    found = [one.year for one in known_analogues(rows, "unemployment", 2030, "2021-12-31")]
    assert found == [2019, 2020]
    later = [one for one in rows if one.year > 2020]
    assert [one.year for one in later] == [2021, 2022, 2023]
    assert all(one.known > "2021-12-31" for one in later)
    assert known_analogues(rows, "injury", 2030) == []


def test_without_a_day_the_end_of_the_next_year_counts(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "analogues.csv").write_text(HEAD + ROW.replace("%,2020,", "%,,"), encoding="utf-8")
    (one,) = open_region(folder).analogues
    assert (one.known, one.count, one.median) == ("2020-12-31", 9, 0.038)


def test_the_file_may_be_missing() -> None:
    assert find_region("example").analogues == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("unemployment,", "unemploymint,"), "2:series"),
        ((",9,", ",1,"), "2:count"),
        ((",9,", ",9.5,"), "2:count"),
        ((",2019,", ",2019-12-31,"), "2:date"),
        ((",3.8,", ",2.4,"), "2:median"),
        ((",6.2,", ",-1,"), "2:sd"),
        ((",6.2,", ",,"), "2:sd"),
        ((",%,", ",people,"), "2:unit"),
        ((",2020,a", ",soon,a"), "2:known"),
        (("secondary", "sure"), "2:confidence"),
        (("\n", f"\n{ROW}"), "3:date"),
    ],
)
def test_errors_have_a_position(tmp_path: Path, change: tuple[str, str], place: str) -> None:
    folder = copied(tmp_path)
    (folder / "analogues.csv").write_text(HEAD + ROW.replace(*change), encoding="utf-8")
    with pytest.raises(fs.DataError, match=rf"analogues\.csv:{place}"):
        open_region(folder)


def test_the_widths_of_employees_by_hand() -> None:
    region = find_region("foshan")
    found = growth_widths(region, "unemployment", "2021-12-31")
    # Two years of nine cities: sd 6.2 and 2.5 %; Student's t with 16 degrees of freedom, 90th
    # percentile: 1.3368 (tables).
    spread = ((0.062**2 * 8 + 0.025**2 * 8) / 16) ** 0.5
    assert found.lasting == pytest.approx(1.3368 * spread, rel=1e-4)
    assert found.independent == pytest.approx(1.3368 * spread / 5**0.5, rel=1e-4)
    own = forecast_growth(region, "unemployment")
    assert found.own == pytest.approx(float((own.high - own.low)[0]) / 2)
    # The table of docs/assumptions.md: the own width lies between the two.
    page = (Path(__file__).parents[1] / "docs" / "assumptions.md").read_text(encoding="utf-8")
    rows = page.partition("| points |")[2].splitlines()[2:5]
    shown = [f"{100 * one:.1f}" for one in (found.own, found.independent, found.lasting)]
    assert [row.split("|")[-2].strip() for row in rows] == shown == ["3.6", "2.8", "6.3"]


def test_widths_never_use_what_was_known_later() -> None:
    region = find_region("foshan")
    early = tuple(one for one in region.analogues if one.year <= region.base_year)
    every = growth_widths(region, "unemployment", "2030-12-31")
    assert growth_widths(replace(region, analogues=early), "unemployment", "2030-12-31") == every
    one_year = growth_widths(region, "unemployment", "2020-12-31")
    assert one_year.lasting == pytest.approx(1.3968 * 0.062, rel=1e-4)  # 8 degrees of freedom
    with pytest.raises(fs.InputError, match=r"no analogue of unemployment .*2019-12-31"):
        growth_widths(region, "unemployment", "2019-12-31")


def test_the_naive_rule_by_hand() -> None:
    found = fs.backtest(fs.load("baseline")).errors
    rows = found[found["method"] == "places"].set_index("measure")["mape"]
    start, growth = 3063907, (0.038 + 0.063) / 2
    published = {1: 3236854, 2: 3260141, 3: 3295414}
    errors = [abs(start * (1 + growth) ** n / one - 1) for n, one in published.items()]
    assert rows["unemployment"] == pytest.approx(sum(errors) / 3, abs=1e-9)
    assert np.isnan(rows["pension.urban_employee"])
