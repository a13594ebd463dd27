"""Work injury: tiers, grades, survivors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.rules.contributions import floating_mean
from fsinsure.rules.injury import (
    allowance_top_up,
    class_rate,
    cut_rate,
    disability_allowance,
    disability_lump_sum,
    floating_rate,
    survivor_pension,
    termination_grant,
)

RATES = (0.002, 0.004, 0.006, 0.008, 0.009, 0.010, 0.012, 0.014)
UP = (1.0, 1.2, 1.5)
BOTH = (0.5, 0.8, 1.0, 1.2, 1.5)
LUMP = (27, 25, 23, 21, 18, 16, 13, 11, 9, 7)
FUND = (0.90, 0.85, 0.80, 0.75, 0, 0, 0, 0, 0, 0)
SHARES = (0.4, 0.3, 0.1)


@pytest.mark.parametrize("factor", [0.5, 0.8])
def test_class_1_has_no_reductions(factor: float) -> None:
    with pytest.raises(ValueError, match=rf"class 1 has the tiers 1, 1\.2, 1\.5; {factor} is none"):
        floating_rate(1, 0.002, factor, UP, BOTH)
    with pytest.raises(ValueError, match="class 1 has the tiers"):
        floating_rate(np.array([4, 1]), 0.002, factor, UP, BOTH)
    assert floating_rate(2, 0.004, factor, UP, BOTH) == pytest.approx(0.004 * factor)


def test_a_tier_of_no_class_is_an_error() -> None:
    with pytest.raises(ValueError, match="class 4 has the tiers"):
        floating_rate(4, 0.008, 0.7, UP, BOTH)


@pytest.mark.parametrize("wrong", [0, 9])
def test_there_are_eight_classes(wrong: int) -> None:
    with pytest.raises(ValueError, match=f"industry_class must be 1 to 8, but {wrong} was given"):
        class_rate(wrong, RATES)


def test_the_mean_premium_by_hand() -> None:
    """Half the payroll in class 4 at full rate, half at 50 %, all cut by a fifth: 0.48 %."""
    mean = cut_rate(floating_mean(class_rate(4, RATES), (1.0, 0.5), (0.5, 0.5)), 0.2)
    assert mean == pytest.approx(0.0048)


@given(st.integers(1, 9), st.floats(1_000, 30_000))
def test_worse_grades_pay_more(grade: int, wage: float) -> None:
    assert disability_lump_sum(grade, wage, LUMP) > disability_lump_sum(grade + 1, wage, LUMP)
    worse = disability_allowance(grade, wage, FUND, 1_720)
    assert worse >= disability_allowance(grade + 1, wage, FUND, 1_720)
    assert worse == 0 or worse >= 1_720


@given(st.floats(0, 20_000), st.floats(0, 20_000))
def test_allowance_and_pension_together_keep_the_allowance(
    allowance: float, pension: float
) -> None:
    assert pension + allowance_top_up(allowance, pension) == pytest.approx(max(allowance, pension))


@given(st.integers(0, 1), st.integers(0, 8), st.integers(0, 8))
def test_survivors_never_get_more_than_the_wage(spouse: int, others: int, lone: int) -> None:
    assert 0 <= survivor_pension(5_000, spouse, others, lone, SHARES) <= 5_000


def test_a_termination_grant_is_paid_from_grade_5() -> None:
    months = (0, 0, 0, 0, 10, 8, 6, 4, 2, 1)
    grants = termination_grant(np.arange(1, 11), 6_000, months)
    assert grants.tolist() == [0, 0, 0, 0, 60_000, 48_000, 36_000, 24_000, 12_000, 6_000]
