"""Actual figures of a year in progress against the plan figures of its months."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.dims import YEAR
from fsinsure.errors import DataError
from fsinsure.messages import Message, separated, worded
from fsinsure.region.outcomes import account, comparable_shown, day_of
from fsinsure.tables import add_levels
from fsinsure.tabular import last_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fsinsure.region.region import Region
    from fsinsure.sources import Outcome

COLUMNS: Final = (
    *("scenario", "area", "measure", "year", "month", "actual", "planned", "gap", "on_track"),
    *("added", "increment", "done", "remaining", "months_left", "rate_to_date", "rate_needed"),
)


NEAR: Final = (0.2, 3.0)
"""Ratios to the plan figure beyond which an actual one is taken to be in a wrong unit: those of a
year are near each other, and a slip by a factor of ten on a figure below plan is found too."""


def check_actuals(rows: Iterable[Outcome], plan: pd.DataFrame, region: Region) -> None:
    """Refuse actual figures that the plan figures cannot be compared with.

    Parameters
    ----------
    rows
        The figures.
    plan
        The plan figures by year.
    region
        Whose figures they are.

    Raises
    ------
    DataError
        If one is of another measure or year, is not of the end of a month, or is of another order
        of magnitude than its plan figure; the message names file, row and column.
    """
    planned = plan.set_index(["area", "measure", "year"])["persons"].to_dict()
    measures = list(plan["measure"].unique())
    for one in rows:
        if one.measure not in measures:
            text = Message(
                "{measure} is money; the plan figures are of {measures}"
                if account(one.measure)
                else "{measure} is another scope; the plan figures are of {measures}",
                measure=comparable_shown(one.measure),
                measures=separated(map(comparable_shown, measures)),
            )
            raise _error(one, "measure", "{text}: correct it, or leave the row out", text=text)
        day = day_of(one)
        years = list(plan.loc[plan["measure"] == one.measure, "year"].unique())
        if day.year not in years:
            text = Message(
                "{date} is not in a year with plan figures, {first} to {last}",
                date=one.date,
                first=years[0],
                last=years[-1],
            )
            raise _error(one, "date", "{text}: correct it, or leave the row out", text=text)
        if day != last_day(f"{day.year}-{day.month:02d}"):
            month = f"{day.year}-{day.month:02d}"
            text = Message(
                "{date} is not the end of a month: give a month, such as {month}",
                date=one.date,
                month=month,
            )
            raise _error(one, "date", "{text}, or its last day", text=text)
        ratio = one.amount / max(planned[one.area or region.name, one.measure, day.year], 1)
        if not NEAR[0] <= ratio <= NEAR[1]:
            text = Message(
                "{value}{unit} is {ratio:.3g} times the plan figure: check the unit",
                value=one.value,
                unit=one.unit,
                ratio=ratio,
            )
            raise _error(one, "value", text)


def table(
    rows: Sequence[Outcome], plan: pd.DataFrame, monthly: pd.DataFrame, region: Region
) -> pd.DataFrame:
    """Compare actual figures with the plan figures of their month.

    Columns: scenario, level, area, measure, year, month, actual, planned (persons at the end of the
    month), gap (actual - planned), on_track (no gap beyond the rounding of the actual figure),
    added (since the end of the year before, as planned), increment (planned, of the year), done
    (added / increment), remaining (persons to the plan figure of the year), months_left,
    rate_to_date, rate_needed (persons a month; NaN after December).

    Where every area has a figure of a month and the region has none, it has their sum.

    Parameters
    ----------
    rows
        Actual figures, as :func:`check_actuals` accepts them.
    plan, monthly
        The plan figures by year and by month.
    region
        Whose figures they are.
    """
    of_year = plan.set_index(["area", "measure", "year"])
    opening, increment, closing = (
        of_year[name].to_dict() for name in ("opening", "increment", "persons")
    )
    month_end = monthly.set_index(["area", "measure", "year", "month"])["persons"].to_dict()
    scenario = plan["scenario"].iat[0]
    found = []
    for (place, measure, year, month), (actual, half) in sorted(
        _by_month(rows, region), key=lambda one: _order(one[0], plan, region)
    ):
        planned, task = month_end[place, measure, year, month], increment[place, measure, year]
        added = actual - opening[place, measure, year]
        left, remaining = YEAR - month, closing[place, measure, year] - actual
        found.append(
            (
                *(scenario, place, measure, year, month, actual, planned, actual - planned),
                *(actual - planned >= -half, added, task, added / task if task else float("nan")),
                *(remaining, left, added / month, remaining / left if left else float("nan")),
            )
        )
    return add_levels(pd.DataFrame(found, columns=list(COLUMNS)), region)


Month = tuple[str, str, int, int]
"""Place, measure, year and month of a figure."""


def _by_month(
    rows: Sequence[Outcome], region: Region
) -> Iterator[tuple[Month, tuple[float, float]]]:
    """Yield persons and half their last digit, by place and month."""
    found: dict[Month, tuple[float, float]] = {}
    for one in rows:
        day = day_of(one)
        place = one.area or region.name
        found.setdefault((place, one.measure, day.year, day.month), (one.amount, one.half_unit))
    for measure, year, month in dict.fromkeys(key[1:] for key in found):
        parts = [found.get((area, measure, year, month)) for area in region.codes]
        known = [one for one in parts if one is not None]
        if len(known) == len(parts):
            total = sum(one[0] for one in known), sum(one[1] for one in known)
            found.setdefault((region.name, measure, year, month), total)
    yield from found.items()


def _order(key: Month, plan: pd.DataFrame, region: Region) -> tuple[int, int, int, int]:
    place, measure, year, month = key
    measures = list(plan["measure"].unique())
    return measures.index(measure), year, month, region.places.index(place)


def _error(one: Outcome, column: str, text: Message | str, /, **values: object) -> DataError:
    where = replace(one.where, column=column)
    return DataError(separated((where, worded(text, values)), ": "))
