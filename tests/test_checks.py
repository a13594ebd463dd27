"""What a scenario must satisfy as a whole: each check fails `fsinsure validate` at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure
from fsinsure import api, cautions, checks
from fsinsure.analysis import observe
from fsinsure.cli import app
from fsinsure.errors import FsinsureWarning, InputError
from fsinsure.scenario import load
from fsinsure.scenario.files import bundled_names
from scenario_files import write

BASELINE = "{measure: pension.enterprise, year: 2025, value: 470万, baseline: 341.30万}"
RELIEF = "  - {action: waive, insurance: injury, payer: employer, from: %s-02, to: %s-06}\n"

# By the name of the check: the lines after `extends`, where the fault is, and what is said of it.
FAULTS = {
    "people_leave_once": [
        (
            "labour:\n  separation_unemployed: 60%\n  separation_flexible: 60%\n",
            "4:26",
            "labour.separation_unemployed and labour.separation_flexible add up to 120.0% in 2021",
        ),
        ("labour: {reemployment: {2021: 10%, 2023: 95%}}\n", "3:24", "in 2023"),
        ("labour: {lapse: 60%, flexible_to_employee: 50%}\n", "3:17", "add up to 110.0%"),
        (
            "retirement:\n  early_share: 60%\n  late_share: 50%\n",
            "4:16",
            "retirement.early_share and retirement.late_share add up to 110.0%: they are shares",
        ),
    ],
    "wholes_are_not_exceeded": [
        ("injury: {payroll_share_1: 90%}\n", "3:27", "injury.payroll_share_* add up to 135.0% of"),
        ("injury: {grade_share_1: 80%, grade_share_9: 80%}\n", "3:25", "injury.grade_share_* add"),
        ("fund: {share_civil: 60%, share_injury: 60%}\n", "3:21", "fund.share_* add up to 133.0%"),
        ("base: {injury_only_intern: 60%}\n", "3:28", "base.injury_only_* add up to 145.0%"),
    ],
    "floors_are_below_the_cap": [
        (
            "pension: {base_floor: 9000, base_cap: 8000}\n",
            "3:23",
            "pension.base_floor is above pension.base_cap in 2021",
        ),
        (
            "pension: {base_cap: {2021: 20000, 2024-03: 4500}}\nas_of: none\n",
            "3:21",
            "in 2024-07",
        ),
        ("unemployment: {minimum_wage: 9000}\npension: {base_cap: 8000}\n", "3:30", "minimum_wage"),
    ],
    "limits_descend": [
        ("reserve: {warning: 13}\n", "3:20", "each must be below the one before"),
        ("reserve: {watch: 6, warning: 6}\n", "3:18", "are 6, 6 and"),
    ],
    "own_life_table_is_complete": [
        ("mortality: {table: q.csv}\n", "3:20", "give its year in mortality.table_year"),
        (
            "mortality: {table: q.csv, table_year: 2020}\n",
            "3:20",
            "mortality.table: ",
        ),
    ],
    "profiles_have_weight": [
        (
            "profile:\n  employee:\n    male: {16: 0, 59: 0}\n    female: {16: 0, 59: 0}\n",
            "5:11",
            "profile.employee.male and profile.employee.female have no weight at any age below",
        ),
        ("profile: {resident: {male: {70: 1}, female: {70: 1}}}\n", "3:28", "no weight at any"),
    ],
    "responses_have_a_cost": [
        (
            "response: {flexible: -0.2}\npension: {flexible_rate: 0%}\n",
            "3:22",
            "response.flexible: flexible members pay no contribution in 2021",
        ),
    ],
    "reliefs_fit": [
        (
            "relief:\n" + RELIEF % (2026, 2026),
            "4:5",
            "relief[0].from: 2026-02 is after the horizon",
        ),
        ("relief:\n" + RELIEF % (2022, 2022) * 2, "5:5", "relief[0] and relief[1] add up to 200%"),
    ],
    "closed": [
        ("base: {dormant: 300万}\n", "3:17", "project_worker wanted"),
    ],
    "baseline_is_of_its_measure": [
        (f"targets:\n  - {BASELINE}\n", "4:5", "that is pension.urban_contributors"),
        (
            f"targets:\n  - {BASELINE.replace('341.30', '300')}\n",
            "4:5",
            "no measure has that figure",
        ),
    ],
}


def test_every_check_has_a_fault() -> None:
    single = {"reliefs_fit", "closed", "responses_have_a_cost", "baseline_is_of_its_measure"}
    assert set(FAULTS) == {check.__name__ for check in checks.CHECKS} | single


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [fault for faults in FAULTS.values() for fault in faults],
    ids=[f"{name} {n}" for name, faults in FAULTS.items() for n, _ in enumerate(faults)],
)
def test_validate_and_run_refuse_it_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, place: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "age,male,female\n0,0.1,0.1\n", "q.csv")
    write(tmp_path, f"name: mine\nextends: baseline\n{body}")
    done = CliRunner().invoke(app, ["validate", "mine.yaml"])
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: mine.yaml:{place}: ")
    assert said in done.stderr
    with pytest.raises(InputError) as caught:
        fsinsure.run(load("mine.yaml"))
    assert f"error: {caught.value}\n" == done.stderr


@pytest.mark.parametrize("name", bundled_names())
def test_shipped_scenarios_pass(name: str) -> None:
    _, base = observe.prepare(load(name))
    assert base.stock.min() >= 0


def test_early_and_late_claims_without_a_delay_are_said_to_have_no_effect() -> None:
    late = load("baseline").with_({"retirement.late_share": "30%"})
    with pytest.warns(FsinsureWarning, match=r"without effect: retirement\.late_share"):
        api.validate(late)
    delayed = late.with_({"retirement.delay_from": 2025})
    assert not cautions.without_effect(checks.prepare(delayed)[0])


def test_shares_and_floors_at_their_bound_pass() -> None:
    checks.prepare(
        load("baseline").with_(
            {
                "labour.separation_unemployed": "40%",
                "labour.separation_flexible": "60%",
                "retirement.early_share": "40%",
                "retirement.late_share": "60%",
                "pension.base_floor": 8000,
                "pension.base_cap": 8000,
                "unemployment.minimum_wage": 8000,
                "base.injury_only_project_worker": "70%",
                "reserve.watch": 12,
                "reserve.warning": 11.9,
            }
        )
    )
