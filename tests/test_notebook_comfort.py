"""What a notebook needs: names, units, choices of persons, HTML, exports."""

from __future__ import annotations

import json
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.card import card
from fsinsure.cli import app
from fsinsure.errors import InputError


@cache
def run() -> fs.Result:
    return fs.run("baseline", horizon=2023)


@cache
def persons() -> fs.Result:
    return fs.run("baseline", engine="micro", persons="0.5万", seed=1, horizon=2022)


def test_a_horizon_is_that_of_the_scenario_changed() -> None:
    changed = fs.run(fs.load("baseline").with_({"horizon": 2023}))
    pd.testing.assert_frame_equal(run().enrollment, changed.enrollment)
    assert run().enrollment["year"].max() == 2023


def test_persons_are_numbers_in_words() -> None:
    assert persons().meta["persons"] == pytest.approx(5_000, abs=100)
    for wrong in ("30x", "1.00005万", "0.01万", "many", "1.5", "50%", ""):
        with pytest.raises(InputError, match="persons"):
            fs.run("baseline", engine="micro", persons=wrong)


def test_people_of_a_panel_are_as_chosen() -> None:
    base = run().scenario.region.base_year
    chosen = persons().panel(sample=40, status="employee", sex="female", ages=(40, 44))
    first = chosen.groupby("id").first()
    assert len(first) == 40
    assert set(first["status"]) == {"employee"} and set(first["sex"]) == {"female"}
    assert (base - first["birth_year"]).between(40, 44).all()
    everyone = persons().panel(sample=10_000)
    opening = everyone[everyone["year"] == base]
    wanted = opening[
        (opening["status"] == "employee")
        & (opening["sex"] == "female")
        & (base - opening["birth_year"]).between(40, 44)
    ]
    assert set(first.index) <= set(wanted["id"])


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"status": "employees"}, "Did you mean 'employee'"),
        ({"sex": "women"}, "no sex 'women'"),
        ({"ages": (60, 40)}, "youngest and the oldest"),
        ({"status": "retiree", "ages": (0, 5)}, "widen the choice"),
        ({"ids": [1], "sex": "male"}, "not both"),
    ],
)
def test_a_wrong_choice_of_persons_is_refused(choice: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        persons().panel(**choice)


def test_scenarios_are_listed_and_each_can_be_loaded() -> None:
    listed = fs.scenarios()
    names = {path.stem for path in Path("scenarios").glob("*.yaml")}
    assert set(listed["name"]) == names and "baseline" in names
    row = listed.set_index("name").loc["china"]
    assert row["region"] == "china" and row["title_zh"] == fs.load("china").title["zh"]
    shown = CliRunner().invoke(app, ["list", "--lang", "en"])
    assert shown.exit_code == 0
    assert all(name in shown.output for name in names)


class Texts(HTMLParser):
    """The texts and tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_objects_have_html_with_their_own_numbers() -> None:
    result = fs.run("baseline")
    page = Texts(result._repr_html_())
    gap = result.targets.set_index("measure").loc["pension.enterprise", "gap"]
    assert f"{gap / 1e4:,.2f}" in page.texts and "470.00" in page.texts
    drive = fs.run(fs.load("baseline").with_({"growth.flexible": "18%"}, name="drive"))
    both = Texts(fs.compare(result, drive)._repr_html_())
    assert both.tags.count("tr") == 1 + 2 * 3
    assert "growth.flexible" in Texts(drive.scenario._repr_html_()).texts
    sure = fs.ensemble("baseline", draws=16)
    probability = sure.targets["probability"].iloc[0]
    assert f"{probability:.2f}" in Texts(sure._repr_html_()).texts
    other = fs.ensemble(drive.scenario, draws=16)
    beside = Texts(fs.compare(sure, other)._repr_html_())
    assert beside.tags.count("tr") == 1 + 2 * len(sure.targets)
    assert f"{other.targets['probability'].iloc[0]:.2f}" in beside.texts


def test_html_is_escaped() -> None:
    page = card("<script>alert(1)</script>", ["<b>"], pd.DataFrame({"<i>": ["<u>"]}))
    assert set(Texts(page).tags) == {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}


def test_arrays_have_the_numbers_of_the_tables_and_no_totals() -> None:
    arrays = run().to_xarray()
    codes = [one.code for one in run().scenario.region.areas]
    assert arrays["area"].values.tolist() == codes
    table = run().enrollment.set_index(["year", "level", "area", "measure"])["persons"]
    place = run().scenario.region.name
    for year in (2020, 2023):
        for measure in arrays["measure"].values:
            total = float(arrays["enrollment"].sel(year=year, measure=measure).sum())
            assert total == pytest.approx(table[year, "total", place, measure], rel=1e-12)
    assert float(arrays["stocks"].isnull().sum()) == 0
    flow = arrays["channels"].sel(measure="injury").sum(["channel", "area"]).values
    injury = table.xs(("total", place, "injury"), level=("level", "area", "measure"))
    np.testing.assert_allclose(flow, injury.diff().dropna(), rtol=1e-9)


def test_iamc_rows_are_one_a_variable_and_add_up() -> None:
    wide = run().to_iamc().set_index(["Region", "Variable"])
    assert wide.index.is_unique
    books = run().total("ledger")
    income = books[(books["fund"] == "injury") & (books["kind"] == "income")]
    expected = income.groupby("year")["yuan"].sum()[2022]
    assert wide.loc[("Foshan", "Fund Income|Work injury insurance"), 2022] == pytest.approx(
        expected
    )
    parts = wide.xs("Insured|Unemployment insurance", level="Variable")[2023]
    assert parts.drop("Foshan").sum() == pytest.approx(parts["Foshan"], rel=1e-12)


def test_parquet_files_keep_dtypes_and_order(tmp_path: Path) -> None:
    run().to_parquet(tmp_path)
    back = pd.read_parquet(tmp_path / "stocks.parquet")
    pd.testing.assert_frame_equal(back, run().stocks)
    named = set(json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["files"])
    assert {"enrollment.parquet", "parameters.parquet"} <= named


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsinsure import exports

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(exports, "import_module", missing)
    with pytest.raises(InputError, match=r"fsinsure\[xarray\]"):
        run().to_xarray()


def test_a_progress_bar_counts_to_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    fs.ensemble("baseline", draws=4, progress=True)
    assert "100%" in capsys.readouterr().err
    seen: list[tuple[int, int]] = []
    fs.ensemble("baseline", draws=4, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
    assert capsys.readouterr().err == ""
