"""The damped trend: by hand, by another library, on simulated series with known constants."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa import holtwinters

from fsinsure.numeric.forecast import Smoothing, damped_trend

HORIZON = 5


def one(level: float, trend: float, damping: float) -> Smoothing:
    return Smoothing(*(np.array([each]) for each in (level, trend, damping)))


def test_a_damped_line_goes_on_by_hand() -> None:
    # With a = 1, b = 0 and damping 0.9 changes of 0.1, 0.09, 0.081 ... leave no error at all.
    changes = 0.1 * 0.9 ** np.arange(9)
    series = np.concatenate([[2.0], 2.0 + np.cumsum(changes)])
    found = damped_trend(series, HORIZON, smoothing=one(1.0, 0.0, 0.9))
    expected = series[-1] + np.cumsum(0.1 * 0.9 ** np.arange(9, 14))
    assert found.forecast == pytest.approx(expected)
    assert found.spread == pytest.approx(0.0, abs=1e-12)


def test_the_errors_are_those_of_forecasts_from_earlier_years() -> None:
    series = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0])
    found = damped_trend(series, 2, first=5, smoothing=one(1.0, 0.0, 1.0))
    # From the fifth figure a line by 1 a year: 5 and 6 against 6 and 8. From the sixth the mean
    # change is 6 / 5: 7.2 against 8, and nothing is known of the year after.
    assert found.errors == pytest.approx(np.array([[1.0, 2.0], [0.8, np.nan]]), nan_ok=True)
    assert found.spread == pytest.approx(np.sqrt((1.0**2 + 1.0**2 + 0.8**2) / 3))


@pytest.mark.parametrize(
    "constants", [(1.0, 0.0, 0.98), (0.6, 0.3, 0.9), (0.2, 0.1, 0.8), (1.0, 1.0, 0.96)]
)
def test_least_squares_at_the_start_agrees_with_an_explicit_fit(
    constants: tuple[float, float, float],
) -> None:
    series = np.cumsum(np.random.default_rng(1).normal(0.05, 0.02, 12))
    level, trend = states(series, *constants)
    ahead = level + trend * np.cumsum(constants[2] ** np.arange(1, HORIZON + 1))
    found = damped_trend(series, HORIZON, smoothing=one(*constants))
    assert found.forecast == pytest.approx(ahead, abs=1e-8)


def states(series: np.ndarray, a: float, b: float, damping: float) -> tuple[float, float]:
    """Level and trend at the end, from starting states found by a general minimiser."""
    from scipy.optimize import least_squares

    def follow(start: np.ndarray) -> tuple[list[float], float, float]:
        level, trend = start
        errors = []
        for figure in series:
            expected = level + damping * trend
            errors.append(figure - expected)
            level, trend = expected + a * errors[-1], damping * trend + b * errors[-1]
        return errors, level, trend

    tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    best = least_squares(lambda start: follow(start)[0], [0.0, 0.0], **tight)
    return follow(best.x)[1:]


def test_statsmodels_makes_the_same_forecast() -> None:
    """Independent code: the extra `estimate`."""
    series = np.cumsum(np.random.default_rng(2).normal(0.05, 0.02, 10))
    # With level 1 and trend 0 the trend at the start alone is free: that of least squares.
    powers = 0.98 ** np.arange(1, 10)
    slope = float(powers @ np.diff(series) / (powers @ powers))
    fitted = holtwinters.Holt(
        series,
        damped_trend=True,
        initialization_method="known",
        initial_level=series[0] - slope,
        initial_trend=slope / 0.98,
    ).fit(smoothing_level=1.0, smoothing_trend=0.0, damping_trend=0.98, optimized=False)
    found = damped_trend(series, HORIZON, smoothing=one(1.0, 0.0, 0.98))
    assert found.forecast == pytest.approx(fitted.forecast(HORIZON), abs=1e-9)


def simulated(rng: np.random.Generator, constants: Smoothing, length: int) -> np.ndarray:
    a, b, damping = (float(each[0]) for each in constants)
    level, trend, values = 0.0, 0.05, []
    for error in rng.normal(0.0, 0.02, length):
        expected = level + damping * trend
        values.append(expected + error)
        level, trend = expected + a * error, damping * trend + b * error
    return np.array(values)


def test_the_weight_of_the_last_error_is_recovered_at_the_rate_of_one_over_root_n() -> None:
    weights = np.linspace(0.0, 1.0, 101)
    tried = Smoothing(weights, np.zeros(101), np.full(101, 0.9))
    true = one(0.4, 0.0, 0.9)
    spread = {}
    for length in (50, 200, 800):
        rng = np.random.default_rng(3)
        found = [
            float(damped_trend(simulated(rng, true, length), 1, 10, tried).smoothing.level)
            for _ in range(60)
        ]
        assert np.mean(found) == pytest.approx(0.4, abs=4 * np.std(found) / np.sqrt(60) + 0.02)
        spread[length] = np.std(found)
    # Four times the figures halve the error.
    for short, long in ((50, 200), (200, 800)):
        assert 1.4 < spread[short] / spread[long] < 2.9


def test_the_range_holds_eighty_percent_only_roughly() -> None:
    covered = {}
    for length in (10, 40):
        rng = np.random.default_rng(4)
        within = []
        for _ in range(300):
            series = np.cumsum(rng.normal(0.05, 0.024, length + HORIZON))
            found = damped_trend(series[:length], HORIZON)
            error = (series[-1] - found.forecast[-1]) / HORIZON
            within.append(abs(error) <= found.half_range)
        covered[length] = np.mean(within)
    # As the docstring says; a standard error is 0.025.
    assert 0.60 < covered[10] < 0.80
    assert 0.78 < covered[40] < 0.93


@pytest.mark.parametrize("series", [np.arange(6.0), np.array([0, 1, 2, np.nan, 4, 5, 6.0])])
def test_too_few_figures_or_a_gap_are_refused(series: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a forecast needs"):
        damped_trend(series, HORIZON)
