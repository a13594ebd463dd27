"""Women past the age of workers who lack months at the start: persons against the cohort engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fsinsure as fs
from fsinsure.dims import FEMALE, MONTHS, PERSONS
from fsinsure.statuses import STATUS

WAITING = slice(50, 55)
"""Ages at the end of 2020 of women who reached 50 by then, and not the 55 of cadres."""


@pytest.fixture(scope="module")
def short(baseline):
    return baseline.with_({"horizon": 2021, "targets": []}, name="short")


@pytest.fixture(scope="module")
def everybody(short):
    return fs.run(short, engine="micro", seed=7)


@pytest.fixture(scope="module")
def residents(everybody, tmp_path_factory):
    pytest.importorskip("pyarrow")
    file = tmp_path_factory.mktemp("persons") / "all.parquet"
    everybody.save_persons(file)
    found = pd.read_parquet(file)
    return found[(found["sex"] == "female") & found["birth_year"].between(1966, 1970)]


@pytest.mark.parametrize(
    ("status", "limit"),
    # 180 months; employees lacked them in the middle of the year and have paid six months since.
    [("employee", 186), ("unemployed", 180), ("dormant", 180)],
)
def test_those_who_wait_lack_months_and_cadres_need_not(residents, status, limit):
    there = residents[residents["status"] == status]
    workers, cadres = there[~there["cadre"]], there[there["cadre"]]
    assert len(workers) > 80
    assert workers["months"].max() < limit
    assert cadres["months"].max() > 300


@pytest.mark.parametrize("status", ["employee", "dormant"])
def test_the_months_and_accounts_of_the_cells_are_kept(residents, short, status):
    there = residents[residents["status"] == status]
    base = fs.run(short).projection.stock[0, :, STATUS[status], :, FEMALE, WAITING]
    base = base.sum(axis=(-2, -1))
    assert len(there) == pytest.approx(base[PERSONS], rel=1e-3)
    assert there["months"].sum() == pytest.approx(base[MONTHS], rel=5e-3)
    assert there["account"].sum() == pytest.approx(base[MONTHS + 1], rel=5e-3)


def test_no_more_of_them_retire_in_the_first_year_than_the_cohort_engine_expects(everybody, short):
    """Those within a year of the minimum: 1,690 women of 51 to 54 in 2021."""

    def retired(result: fs.Result) -> float:
        found = np.zeros(101)
        for flow in result.projection.flows[2021]:
            if (flow.source, flow.target) == ("employee", "retiree"):
                found[flow.ages] += np.asarray(flow.persons).sum(axis=-3)[FEMALE]
        return found[51:55].sum()

    assert retired(everybody) == pytest.approx(retired(fs.run(short)), rel=0.05)
