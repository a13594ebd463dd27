"""What a solve is asked: target, lever and years, or an error that says what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.analysis.solve import Aim, Lever
from fsinsure.errors import InputError, did_you_mean
from fsinsure.measures import measures
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS
from fsinsure.units import is_whole, measure_in, show

if TYPE_CHECKING:
    from fsinsure.analysis.solve import Found
    from fsinsure.scenario import Scenario

BALANCE: Final = "balance."
"""What begins the name of a target that is the closing balance of a fund."""


def aim_of(scenario: Scenario, target: str, value: float | str | None, year: int | None) -> Aim:
    """Return what is to be met, from the arguments and else from the scenario's targets."""
    money = isinstance(target, str) and target.startswith(BALANCE)
    known = [*measures(), *(f"{BALANCE}{fund}" for fund in FUNDS)]
    if target not in known:
        raise InputError(
            f"there is no target {target!r}.{did_you_mean(str(target), known)} "
            f"Targets: {', '.join(known)}"
        )
    own = [one for one in scenario.targets if one.measure == target and year in (None, one.year)]
    if year is None and not own:
        raise InputError(f"{scenario.name} has no target for {target}: give a value and a year")
    last = max(own, key=lambda one: one.year, default=None)
    at = last.year if last is not None else year
    region = scenario.region
    if not is_whole(at) or not region.first_year <= at <= scenario.horizon:
        raise InputError(
            f"the year of a target is one of {region.first_year} to {scenario.horizon}, not {at}: "
            "choose one, or lengthen the horizon"
        )
    if value is None:
        if last is None:
            raise InputError(f"{scenario.name} has no target for {target} in {at}: give a value")
        amount = last.value
    else:
        unit = "yuan" if money else "persons"
        text = value if isinstance(value, str) else repr(float(value))
        amount = float(measure_in(text, unit).amount)
    if amount < 0 and not money:
        raise InputError(f"a target counts people, so it is not negative: {value}")
    return Aim(target.removeprefix(BALANCE), money, int(at), amount)


def lever_of(scenario: Scenario, target: str, aim: Aim, lever: str | None) -> str:
    """Return the name of the lever that is solved."""
    region = scenario.region
    if lever is None:
        if aim.money or target not in region.closing_levers:
            raise InputError(
                f"closing_levers of {region.name} name no lever for {target}: name one, such as "
                "growth.employee"
            )
        return region.closing_levers[target]
    known = registry()
    if lever not in known:
        raise InputError(f"there is no lever {lever!r}.{did_you_mean(lever, known)}")
    of_one_value = known[lever].kind == "scalar" and (
        lever in scenario.values or lever in region.values
    )
    if known[lever].kind != "path" and not of_one_value:
        raise InputError(
            f"{lever} is not a number in {scenario.name}: a lever is a path or a number, such as "
            "growth.employee"
        )
    return lever


def since_of(lever: Lever, since: int | None) -> int:
    """Return the first year in which the lever changes."""
    first = lever.first
    if first > lever.last:
        raise InputError(
            f"published figures are met up to {first - 1}, and the target is of {lever.last}: "
            "choose a later year"
        )
    if since is None:
        return first
    if not is_whole(since) or not first <= since <= lever.last:
        raise InputError(f"since is a year from {first} to {lever.last}, not {since}")
    return int(since)


def unreached(
    lever: Lever, aim: Aim, since: int, found: Found, probability: float | None = None
) -> InputError:
    """Return the error of a target that the lever cannot meet."""
    name, known = lever.name, registry()[lever.name]
    at = lever.values(since, found.change)[lever.years == aim.year].mean()
    low, high = lever.bounds(since)
    where = f"at {show(round(float(at), 6), known.unit)}"
    if found.change in (low, high) and found.change:
        bound = "upper" if found.change > 0 else "lower"
        where = f"at its {bound} bound, {show(round(float(at), 6), known.unit)}"
    what = f"the balance of {aim.subject}" if aim.money else aim.subject
    text = f"{what} cannot be {aim.value:,.0f} at the end of {aim.year}: "
    if probability is not None:
        text = f"{text[:-2]} with a probability of {probability:.0%}: "
    if not found.change:
        return InputError(
            f"{text}{name} does not move it from {found.level:,.0f}: name another lever"
            + (f". {found.refused}" if found.refused else "")
        )
    text += f"{name} {where} from {since} on gives {found.level:,.0f}"
    if found.refused:
        return InputError(f"{text}, and a larger change is not possible: {found.refused}")
    return InputError(f"{text}. Choose another value or year, or name another lever")
