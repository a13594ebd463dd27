"""Targets against closed forms, and figures of different measures kept apart."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import fsinsure as fs
from foshan import CITY
from fsinsure.analysis import targets
from fsinsure.analysis.targets import required_growth
from fsinsure.cautions import not_assessed
from fsinsure.errors import TargetWarning
from fsinsure.measures import measures
from fsinsure.microdata.schema import Persons, schema_of
from fsinsure.output.figures.targets import goals
from fsinsure.output.figures.targets import header as panel_header
from fsinsure.output.numbers import unit_for


@pytest.mark.parametrize(
    ("base", "target", "percent"),
    [(392.63, 470, 3.66), (341.30, 470, 6.61), (306.39, 316, 0.62), (335.99, 364, 1.61)],
)
def test_required_growth_of_the_plan(base, target, percent):
    assert round(100 * required_growth(base, target, 5), 2) == percent


def by_measure(result):
    return result.targets.set_index("measure")


def test_gap_and_attainment(result):
    row = by_measure(result).loc["pension.enterprise"]
    assert row["target"] == 4700000
    assert row["base"] == pytest.approx(3926300)
    assert row["gap"] == pytest.approx(row["projected"] - 4700000)
    assert row["attainment"] == pytest.approx(row["projected"] / 4700000)
    assert row["growth_required"] == pytest.approx((470 / 392.63) ** 0.2 - 1)
    assert row["growth_projected"] == pytest.approx((row["projected"] / 3926300) ** 0.2 - 1)
    last = result.enrollment.query(
        "level == 'total' and measure == 'pension.enterprise' and year == 2024"
    )["persons"].item()
    assert row["growth_required_from_last"] == pytest.approx(4700000 / last - 1)


def test_a_target_out_of_reach_has_no_year_reached(result):
    reached = by_measure(result)["year_reached"]
    # 306.39 + 298.188 x 0.0537 = 322.4 in the first year.
    assert reached["unemployment"] == 2021
    slow = by_measure(fs.run(fs.load("baseline").with_({"growth.employee": "1%"})))
    assert slow["year_reached"].isna()["pension.enterprise"]
    # 306.39 + 298.188 x (1.01^n - 1) >= 316 for n > ln(1 + 9.61/298.188) / ln 1.01 = 3.19.
    years = math.ceil(math.log(1 + 9.61 / 298.188) / math.log(1.01))
    assert slow["year_reached"]["unemployment"] == 2020 + years == 2024


def test_the_plan_targets_scenario_meets_all_three():
    found = by_measure(fs.run(fs.load("plan-targets")))
    assert (found["gap"] >= 0).all()
    assert len(found) == 3
    # No target is exceeded by more than 1 %.
    assert (found["attainment"] < 1.01).all()


def test_both_readings_of_the_pension_baseline(result):
    table = fs.run(fs.load("table-baseline")).targets.set_index("measure")
    assert round(100 * table.loc["pension.urban_contributors", "growth_required"], 2) == 6.61
    assert round(100 * by_measure(result).loc["pension.enterprise", "growth_required"], 2) == 3.66


def test_a_baseline_of_another_measure_is_refused_and_named(baseline):
    target = {
        "measure": "pension.enterprise",
        "year": 2025,
        "value": "470万",
        "baseline": "341.30万",
    }
    with pytest.raises(
        fs.MeasureError, match=r"3,413,000, .*had 3,926,3[0-9]{2} .*pension\.urban_contributors"
    ):
        fs.run(baseline.with_({"targets": [target]}))


def test_a_baseline_of_no_measure_is_refused(baseline):
    target = {"measure": "injury", "year": 2025, "value": "364万", "baseline": "300万"}
    with pytest.raises(fs.MeasureError, match="no measure has that figure"):
        fs.run(baseline.with_({"targets": [target]}))


def test_a_rounded_baseline_is_the_same_figure(baseline):
    target = {"measure": "injury", "year": 2025, "value": "364万", "baseline": "336万"}
    assert len(fs.run(baseline.with_({"targets": [target]})).targets) == 1


def test_a_target_beyond_the_horizon_has_no_gap(baseline):
    short = baseline.with_({"horizon": 2023, "growth.employee": "1%"})
    row = by_measure(fs.run(short)).loc["pension.enterprise"]
    assert math.isnan(row["projected"])
    assert math.isnan(row["gap"])
    assert row["growth_required"] == pytest.approx((470 / 392.63) ** 0.2 - 1)
    # From 2023 two years are left.
    assert row["growth_required_from_last"] > row["growth_required"]


def test_a_target_is_reached_within_a_longer_horizon(baseline):
    found = by_measure(fs.run(baseline.with_({"horizon": 2035, "growth.employee": "1.5%"})))
    assert 2025 < found.loc["pension.enterprise", "year_reached"] <= 2035


def test_a_target_after_the_horizon_is_named_before_the_run(baseline):
    with pytest.warns(
        TargetWarning, match="horizon 2024 are not assessed: pension.enterprise 2025"
    ):
        result = fs.run(baseline.with_({"horizon": 2024}))
    assert result.targets["gap"].isna().all()
    within = baseline.with_({"horizon": 2025}).targets
    assert not not_assessed(within, 2025)


def test_published_figures_do_not_depend_on_a_sample(baseline, result):
    published = ["base", "target", "growth_required"]
    expected = by_measure(result)[published]
    for persons in (1_000, 1_001, 2_345):
        sample = fs.run(baseline, "micro", persons=persons, seed=7)
        assert by_measure(sample)[published].equals(expected)
        own = sample.enrollment.query("level == 'total' and measure == 'injury'")
        own = own.set_index("year")["persons"]
        assert own[2020] != expected.loc["injury", "base"]
        row = by_measure(sample).loc["injury"]
        assert row["growth_projected"] == pytest.approx((own[2025] / own[2020]) ** 0.2 - 1)
    assert round(100 * expected.loc["pension.enterprise", "growth_required"], 2) == 3.66


def test_a_measure_of_zero_persons_has_no_growth(baseline):
    years = range(2020, 2026)
    enrollment = pd.DataFrame(
        [("total", CITY, year, measure, 0.0) for year in years for measure in measures()],
        columns=["level", "area", "year", "measure", "persons"],
    )
    published = enrollment.assign(persons=2_500_000.0)
    row = targets.table(enrollment, published, baseline.targets, 2025, "x").iloc[0]
    assert row["target"] == 4_700_000
    assert (row["base"], row["projected"], row["gap"]) == (2_500_000, 0, -4_700_000)
    assert row["attainment"] == 0
    assert row["growth_required"] == pytest.approx(1.88**0.2 - 1)
    assert math.isnan(row["growth_projected"]) and math.isnan(row["growth_required_from_last"])
    assert pd.isna(row["year_reached"])


def test_a_population_without_workers_has_its_tables_and_pictures(baseline, tmp_path):
    """Only uninsured people of 65: none in unemployment insurance, none to become insured."""
    count, schema = 1_000, schema_of(baseline.region)
    same = {name: np.ones(count, dtype=column.dtype) for name, column in schema.columns.items()}
    same |= {"status": np.zeros(count, np.uint8), "pension": np.zeros(count)}
    same |= {"birth_year": np.full(count, 1955, np.int16)}
    old = fs.run(baseline, "micro", persons=Persons(same, schema, 9_498.9), seed=7)
    row = by_measure(old).loc["unemployment"]
    assert row["base"] == pytest.approx(3_063_900)
    assert row["attainment"] < 0.2 and math.isnan(row["growth_projected"])
    old.write(tmp_path, plots="none")
    header = panel_header(goals(old.targets, 2020, 2025)[1], unit_for("en", 5e6), "en", values=True)
    assert not any("nan" in text for text, _, _ in header)
    assert old.agreement.verdict
