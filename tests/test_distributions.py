"""Distributions over persons: exact counts, quantiles of them, tables and the picture."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from fsinsure.analysis import distributions
from fsinsure.errors import InputError
from fsinsure.microdata.schema import Persons
from fsinsure.microsim import histograms
from fsinsure.microsim.histograms import BINS, FIRST_BIN, QUANTITIES
from fsinsure.output.figures.distribution import distribution
from fsinsure.state import CellCode
from fsinsure.statuses import PENSIONERS, STATUS, STATUSES
from person_files import SCHEMA

NUMBERS = range(len(QUANTITIES))


@pytest.fixture(scope="module")
def persons(baseline: fs.Scenario) -> fs.Result:
    return fs.run(baseline, engine="micro", persons=30_000, seed=3)


CODE = CellCode(len(SCHEMA.areas), SCHEMA.base_year, 2100)
NAMES = histograms.member_names(SCHEMA.areas, CODE)


def members_of(status: np.ndarray, place: np.ndarray, birth: np.ndarray) -> np.ndarray:
    return histograms.members_of(CODE)[:, CODE.of(status, place, birth)]


def empty() -> list[np.ndarray]:
    return [np.zeros(shape, dtype=np.int64) for shape in histograms.shapes(CODE)]


def counted(quantity: int, values: list[int], status: str = "employee") -> SimpleNamespace:
    counts, totals = empty()
    at = np.arange(len(values))
    members = members_of(np.full(len(values), STATUS[status]), at % 10, at * 7 % 181)
    histograms.record(quantity, members, np.array(values), counts, totals)
    return SimpleNamespace(histogram_counts=counts, totals=totals)


@pytest.mark.parametrize("number", NUMBERS)
def test_bins_are_found_as_a_search_finds_them(number: int) -> None:
    quantity = QUANTITIES[number]
    edges = quantity.edges
    assert (np.diff(edges) > 0).all() and edges[0] == 0
    around = np.concatenate([edges, edges[1:] - 1, edges + 1, [edges[-1] * 7]])
    table = quantity.lookup
    found = table[np.minimum(around // quantity.steps[0][0], len(table) - 1)]
    assert found.tolist() == (np.searchsorted(edges, around, side="right") - 1).tolist()


@pytest.mark.parametrize("number", NUMBERS)
def test_bins_of_tables_are_made_of_fine_bins(number: int) -> None:
    quantity = QUANTITIES[number]
    edges = distributions.table_edges(quantity)
    assert np.isin(edges, quantity.edges).all()
    assert edges[0] == 0 and edges[-1] == quantity.edges[-1]


@given(
    number=st.sampled_from(NUMBERS),
    values=st.lists(st.integers(0, 40_000_000), min_size=1, max_size=60),
    cut=st.integers(0, 60),
)
def test_shards_add_up(number: int, values: list[int], cut: int) -> None:
    n = len(values)
    status, place = np.arange(n) % len(STATUSES), np.arange(n) % 10
    members = members_of(status, place, np.arange(n) % 181)
    whole, parts = empty(), empty()
    for into, pieces in ((whole, [slice(None)]), (parts, [slice(cut), slice(cut, None)])):
        for rows in pieces:
            histograms.record(
                number, members[:, rows], np.array(values[rows], dtype=np.int64), *into
            )
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))
    counts = whole[0].reshape(-1, BINS)
    # Everybody is counted once among all, and once in each group.
    assert counts.sum(axis=1)[0] == n and counts.sum() == len(members) * n
    assert whole[1].reshape(-1, len(NAMES))[number, 0] == sum(values)


@given(
    number=st.sampled_from(NUMBERS),
    values=st.lists(st.integers(0, 30_000_000), min_size=1, max_size=80),
)
def test_quantiles_are_right_to_a_bin(number: int, values: list[int]) -> None:
    quantity = QUANTITIES[number]
    values = [value % (quantity.edges[-1] + 1) for value in values]
    sums = {2025: counted(number, values)}
    row = distributions.quantiles(sums, NAMES, 2.0, "x").iloc[0]
    assert row["persons"] == 2 * len(values)
    assert row["mean"] == pytest.approx(np.mean(values) / quantity.per)
    for share in distributions.SHARES:
        exact = np.quantile(values, share, method="inverted_cdf")
        at = np.searchsorted(quantity.edges, exact, side="right") - 1
        width = 0 if quantity.exact else np.append(np.diff(quantity.edges), 0)[at]
        found = row[f"p{round(100 * share)}"] * quantity.per
        assert quantity.edges[at] - 1e-6 <= found <= quantity.edges[at] + width + 1e-6


def test_the_histogram_holds_everybody_once_a_group() -> None:
    values = [0, 1999, 10_000, 199_999, 200_000, 1_000_000, 26_000_000]
    table = distributions.histogram({2021: counted(histograms.AWARD, values)}, NAMES, 3.0, "x")
    assert list(table.columns) == list(distributions.COLUMNS)
    for _, rows in table.groupby("group"):
        assert rows["persons"].sum() == 3 * len(values)
    everybody = table[table["group"] == "all"]
    assert everybody["low"].tolist() == [0, 100, 1900, 2000, 10_000, 250_000]
    assert everybody["high"].tolist() == [100, 200, 2000, 2500, 12_500, np.inf]
    assert everybody["persons"].tolist() == [6, 3, 3, 3, 3, 3]


def test_residents_have_no_rate_and_only_retirees_have_months(persons: fs.Result) -> None:
    """Counted by quantity: all awards, those that replace a base, and those by months."""
    assert persons.simulation is not None
    for year in (2021, 2025):
        counts = persons.simulation.counters[year].histogram_counts.reshape(-1, BINS)[0]
        by_quantity = np.add.reduceat(counts, FIRST_BIN[:-1])
        moved = dict.fromkeys(PENSIONERS, 0)
        for flow in persons.projection.flows[year]:
            if flow.target in PENSIONERS:
                moved[flow.target] += round(float(flow.persons.sum()) / persons.projection.weight)
        assert min(moved.values()) > 0
        assert by_quantity[histograms.AWARD] == sum(moved.values())
        assert by_quantity[histograms.REPLACEMENT] == moved["retiree"] + moved["civil_retiree"]
        assert by_quantity[histograms.MONTHS] == moved["retiree"]


def test_awards_are_those_of_the_flows(persons: fs.Result) -> None:
    """What is counted by its level is what the engine counted as moved, to the fen."""
    assert persons.simulation is not None
    for year, sums in persons.simulation.counters.items():
        totals = sums.totals.reshape(len(QUANTITIES), -1)
        assert totals[histograms.AWARD, 0] == sums.awarded.sum()
        counts = sums.histogram_counts.reshape(-1, BINS)
        awards = counts[0, FIRST_BIN[histograms.AWARD] : FIRST_BIN[histograms.AWARD + 1]].sum()
        claims = counts[
            0, FIRST_BIN[histograms.ENTITLED] : FIRST_BIN[histograms.ENTITLED + 1]
        ].sum()
        if year > 2020:
            flows = persons.flows.query("year == @year and level == 'total'")
            moved = flows.groupby("to_status")["persons"].sum() * persons.simulation.plan.scale
            new = flows[flows["to_status"].isin(PENSIONERS)]["persons"].sum()
            assert awards == pytest.approx(new * persons.simulation.plan.scale)
            assert claims == pytest.approx(moved["unemployed"])


@pytest.mark.parametrize("year", [2020, 2025])
def test_pensions_in_payment_are_those_that_people_carry(persons: fs.Result, year: int) -> None:
    assert persons.simulation is not None
    sums = persons.simulation.counters[year]
    scale = persons.simulation.plan.scale
    fen = 100 * scale * persons.projection.carried[year - 2020, -1]
    totals = sums.totals.reshape(len(QUANTITIES), -1)[histograms.PENSION]
    counts = sums.histogram_counts.reshape(-1, BINS)[:, FIRST_BIN[histograms.PENSION] :]
    # Of a person a pension is rounded to whole fen, of an area it is not.
    half = counts.sum(axis=1) / 2 + 1e-3
    assert counts[0].sum() > 100
    assert abs(totals[0] - fen.sum()) <= half[0]
    areas = slice(1 + 2, 1 + 2 + len(SCHEMA.areas))
    assert (np.abs(totals[areas] - fen.sum(axis=0)) <= half[areas]).all()


def test_tables_of_a_run(persons: fs.Result) -> None:
    table = persons.quantiles
    assert set(table["quantity"]) == {quantity.name for quantity in QUANTITIES}
    months = table[(table["quantity"] == "months_at_award") & (table["group"] == "all")]
    assert (months["p5"] >= 180).all() and months["year"].tolist() == [2021, 2022, 2023, 2024, 2025]
    vested = table[(table["quantity"] == "vested") & (table["group"] == "all")]
    assert vested["mean"].between(0.5, 0.9).all()
    assert (table["scenario"] == "baseline").all()
    histogram = persons.distributions
    keys = ["year", "quantity", "group", "of"]
    assert histogram.groupby(keys)["persons"].sum().to_numpy() == pytest.approx(
        table.set_index(keys)["persons"].sort_index().to_numpy()
    )


def test_the_cohort_engine_has_no_persons(result: fs.Result) -> None:
    for name in ("distributions", "quantiles"):
        with pytest.raises(InputError, match="run the scenario with engine='micro'"):
            getattr(result, name)


def test_files_of_a_run(persons: fs.Result, tmp_path) -> None:
    without = replace(persons.scenario, targets=())
    run = replace(persons, scenario=without)
    names = {path.name for path in run.write(tmp_path, plots="none")}
    assert {"distributions.csv", "quantiles.csv"} < names
    found = pd.read_csv(tmp_path / "quantiles.csv")
    assert len(found) == len(persons.quantiles)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("quantity", "by"),
    [
        ("pension_at_award", "sex"),
        ("replacement_rate", "area"),
        ("months_at_award", "status"),
        ("pension_in_payment", "born"),
        ("months_of_benefit", "all"),
    ],
)
def test_pictures(persons: fs.Result, quantity: str, by: str, lang: str) -> None:
    picture = persons.plot.distribution(quantity, by, lang=lang)
    panels = persons.quantiles.query("quantity == @quantity and `group` == @by and year == 2025")
    share = panels["persons"] / panels["persons"].sum()
    assert len(picture.axes) == min((share >= 0.01).sum(), 9)
    units = {"%": "%", "yuan a month": "元/月", "years": "年", "months": "个月"}
    shown = {axes.get_xlabel() for axes in picture.axes}
    assert shown <= (set(units) if lang == "en" else {*units.values()}) and len(shown) == 1
    mixed = "Schemes are mixed" if lang == "en" else "各制度"
    text = "\n".join(found.get_text() for found in picture.texts)
    assert (mixed in text) == (by != "status" and not quantity.startswith("months"))
    assert "median" not in picture.texts[0].get_text().lower() or by != "area"
    for axes in picture.axes:
        assert axes.patches and axes.get_ylim()[0] == 0
        assert len({text.get_text() for text in axes.get_yticklabels()}) == len(axes.get_yticks())


@pytest.mark.parametrize(("born", "drawn"), [(1988, False), (1961, True)])
def test_pictures_of_a_few_persons_are_drawn_where_there_are_any(
    born: int, drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may retire; of those who do, perhaps no civil servant."""
    monkeypatch.setattr("fsinsure.microdata.schema.NEAR", np.inf)  # one person, and all who arrive
    one = {name: np.ones(1, dtype=column.dtype) for name, column in SCHEMA.columns.items()}
    one |= {"sex": np.zeros(1, np.uint8), "months": np.full(1, 240, np.uint16)}
    one |= {"birth_year": np.full(1, born, np.int16), "pension": np.zeros(1)}
    # Who arrives brings no months, so nobody else is vested.
    scenario = fs.load("baseline").with_({"migration.transferred_share": 0})
    few = fs.run(scenario, engine="micro", persons=Persons(one, SCHEMA), seed=7)
    pictures = few.plot.drawings("all")
    assert ("replacement" in pictures) == drawn
    assert ("distribution-replacement_rate" in pictures) == drawn
    assert "distribution-pension_at_award" in pictures
    if drawn:
        pictures["replacement"]()
        pictures["distribution-replacement_rate"]()
    else:
        assert list(few.plot.all()) == list(pictures)
        with pytest.raises(InputError, match="nobody retires"):
            few.plot.replacement()


def test_every_claim_is_drawn(persons: fs.Result) -> None:
    """Most are entitled to all that the law gives: the last bar, and the highest."""
    (axes,) = persons.plot.distribution("months_of_benefit", "all").axes
    heights = {round(patch.get_x()): patch.get_height() for patch in axes.patches}
    assert sum(heights.values()) == pytest.approx(1.0)
    assert max(heights, key=lambda months: heights[months]) == 24


def test_a_bar_that_is_cut_is_labelled(persons: fs.Result) -> None:
    picture = persons.plot.distribution("pension_in_payment", "all", year=2020, lang="en")
    (axes,) = picture.axes
    tallest = max(patch.get_height() for patch in axes.patches)
    assert axes.get_ylim()[1] < tallest
    assert f"{100 * tallest:.0f}%" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": "pension"}, "No picture of 'pension'. Did you mean"),
        ({"quantity": "vested"}, r"\(yes or no: its share is the mean in quantiles\)"),
        ({"by": "gender"}, "No group 'gender' in the distributions table"),
        ({"year": 2020}, "No year '2020' in the distributions table"),
        ({"lang": "fr"}, "No labels in language 'fr'"),
    ],
)
def test_a_picture_without_data_is_refused(persons: fs.Result, changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        persons.plot.distribution(**changes)


def test_several_scenarios_are_not_drawn_as_one(persons: fs.Result) -> None:
    table = persons.distributions
    both = pd.concat([table, table.assign(scenario="other")])
    with pytest.raises(InputError, match="holds 2 scenarios"):
        distribution(both, persons.quantiles)
