"""Goal seek on the page: what one lever must be so that a target is met, and its slider."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsinsure.errors import FsinsureWarning
from fsinsure.solves import solve

if TYPE_CHECKING:
    from fsinsure.answer import Answer
    from fsinsure.app.levers import Slider
    from fsinsure.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Sought:
    """An answer, and where the slider of its lever is put.

    Parameters
    ----------
    answer
        From :func:`fsinsure.solve`, exact.
    slider
        The lever on the page.
    value
        As shown: the exact value, rounded to the side on which the target is met.
    """

    answer: Answer
    slider: Slider
    value: float


def seek(
    scenario: Scenario, slider: Slider, at: float, measure: str, value: str, year: int
) -> Sought:
    """Solve one lever for one target.

    Parameters
    ----------
    scenario
        As shown.
    slider
        The lever.
    at
        Where its slider is.
    measure, value, year
        The target; an empty value is that of the scenario.

    Raises
    ------
    InputError
        As :func:`fsinsure.solve`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FsinsureWarning)
        answer = solve(scenario, measure, slider.name, value=value.strip() or None, year=year)
    change = answer.found.change
    if not change:
        return Sought(answer, slider, at)
    exact = (slider.own + slider.change(at) + change) * slider.factor
    # A lever that is raised or lowered to meet a target goes on a little; one that may give way
    # stops short.
    upwards = (change > 0) != answer.reached
    shift = 10.0**slider.decimals
    rounded = (math.ceil if upwards else math.floor)(round(exact * shift, 6)) / shift
    low, high = ((slider.known.low or 0.0), (slider.known.high or 0.0))
    return Sought(answer, slider, min(max(rounded, low * slider.factor), high * slider.factor))
