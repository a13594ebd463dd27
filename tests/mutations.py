"""Rules, orders and probabilities changed in the person engine; the cohort engine as it is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

import fsinsure.microsim
from fsinsure.microsim import movers
from fsinsure.rules import indexation
from fsinsure.rules.retirement import NEVER
from fsinsure.state import ACCOUNT_TAKEN, Move
from fsinsure.year import money

if TYPE_CHECKING:
    import pytest

    Patch = pytest.MonkeyPatch
    Mutation = Callable[[Patch], None]

ENGINE = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(fsinsure.microsim.__path__, "fsinsure.microsim.")
]


def swap(patch: Patch, name: str, make: Callable[[Any], Any]) -> None:
    """Replace a name wherever the person engine has it, by what is made of it."""
    having = [module for module in ENGINE if hasattr(module, name)]
    assert having, f"the person engine has no {name}: change the mutation with it"
    for module in having:
        patch.setattr(module, name, make(getattr(module, name)))


def rules(patch: Patch, name: str, **functions: object) -> None:
    """Give the person engine other rules of a module than the cohort engine has."""
    swap(patch, name, lambda true: SimpleNamespace(**{**vars(true), **functions}))


def more(source: str, target: str, factor: float) -> Mutation:
    """Persons make a move with another probability."""

    def change(move: Any) -> Any:
        if isinstance(move, Move) and (move.source, move.target) == (source, target):
            return replace(move, probability=np.minimum(move.probability * factor, 1.0))
        return move

    def make(true: Any) -> Any:
        return lambda steps, event, *rest: true(steps, [change(move) for move in event], *rest)

    return lambda patch: swap(patch, "_add_steps", make)


separation = more("employee", "unemployed", 1.02)
deaths_of_retirees = more("retiree", "dead", 1.02)
departures = more("not_insured", "departed", 1.10)


def cap_lower(patch: Patch) -> None:
    def lower(bases: Any) -> Any:
        top = bases["base"].max(axis=-1, keepdims=True)
        return {**bases, "base": np.minimum(bases["base"], 0.99 * top)}

    swap(patch, "rank_bases", lambda true: lambda *args: lower(true(*args)))


def one_base(patch: Patch) -> None:
    def bases(found: Any) -> Any:
        return dict.fromkeys(found, found["base"])

    swap(patch, "rank_bases", lambda true: lambda *args: bases(true(*args)))


def labour_late(patch: Patch) -> None:
    """New employees come before the moves of the labour market."""

    def make(true: Any) -> Any:
        def steps_of(events: Any, *rest: Any) -> Any:
            order, names = list(events), [event.name for event, _ in events]
            one, other = names.index("labour"), names.index("employee_entries")
            order[one], order[other] = order[other], order[one]
            return true(order, *rest)

        return steps_of

    swap(patch, "_steps_of", make)


def deaths_late(patch: Patch) -> None:
    """Everything happens at an age a year older."""

    def make(true: Any) -> Any:
        return lambda steps, event, first, ages: true(
            steps, event, first, np.minimum(ages + 1, 100)
        )

    swap(patch, "_add_steps", make)


def coarse_numbers(patch: Patch) -> None:
    """Random numbers are so coarse that the residuals after an event are all the same."""
    swap(patch, "uniform", lambda true: lambda bits: np.floor(true(bits) * 64) / 64)


def numbers_not_rescaled(patch: Patch) -> None:
    """Persons who have moved keep their number as it was."""
    patch.setattr(movers.MoverState, "_rescale", lambda self, cell, step, draws: draws)


def half_a_year_later(patch: Patch) -> None:
    """Pension ages are reached six months late."""
    swap(patch, "pension_ages", lambda true: lambda parameters: _later(true(parameters), 6))


def _later(ages: Any, months: int) -> Any:
    def shifted(age: Any) -> Any:
        return SimpleNamespace(month=lambda *args: age.month(*args) + months)

    return {who: shifted(age) for who, age in ages.items()}


def no_delay(patch: Patch) -> None:
    """Pension ages do not rise."""

    def make(true: Any) -> Any:
        return lambda *args: {who: replace(age, start=NEVER) for who, age in true(*args).items()}

    swap(patch, "pension_ages", make)


def credits(factor: float) -> Mutation:
    def make(true: Any) -> Any:
        return lambda *args: {name: factor * one for name, one in true(*args).items()}

    return lambda patch: swap(patch, "credits_of", make)


credits_higher = credits(1.01)
credits_much_higher = credits(1.10)


def same_interest(patch: Patch) -> None:
    """The second half-year has the interest of the first."""
    swap(patch, "account_rates", lambda true: lambda law: (true(law)[0],) * 2)


def draws_late(patch: Patch) -> None:
    """Accounts are drawn at the age of the year end in both halves."""

    def make(true: Any) -> Any:
        return lambda law, rate, base, code, _: true(law, rate, base, code, law.year)

    swap(patch, "_half", make)


def five_months(patch: Patch) -> None:
    """Movers earn other months a half-year."""
    five = np.array([5, 0], dtype=np.uint16)
    swap(patch, "EARNED_HALF", lambda true: five.take(true == 0))


def eleven_months(patch: Patch) -> None:
    """Stayers earn other months a year."""
    swap(patch, "EARNED_YEAR", lambda true: np.where(true > 0, 11, 0))


def rise_more(patch: Patch) -> None:
    rules(
        patch,
        "indexation",
        three_part=lambda *terms: 1.001 * indexation.three_part(*terms),
    )


def vesting_early(patch: Patch) -> None:
    swap(patch, "vested", lambda true: lambda months, least: true(months, least - 1))


def everybody_vests(patch: Patch) -> None:
    swap(patch, "vested", lambda true: lambda months, _least: true(months, 0))


def everybody_takes(patch: Patch) -> None:
    """All persons who lack months take the account."""
    swap(
        patch,
        "person_law",
        lambda true: lambda law: true(law)._replace(withdraw_share=1.0),
    )


def award(at: int, value: float) -> Mutation:
    """Put a fixed value in the place of a term of the award."""

    def make(true: Any) -> Any:
        return lambda *terms: true(*terms[:at], value, *terms[at + 1 :])

    return lambda patch: swap(patch, "employee_pension", make)


no_index = award(1, 0.0)
ten_years = award(5, 120.0)


def posted(change: Callable[[Any, Any], tuple[Any, Any]]) -> Mutation:
    """Change a move and what it carries before it is posted."""

    def post(law: Any, move: Any, carried: Any, book: Any) -> None:
        money.post_move(law, *change(move, carried), book)

    return lambda patch: rules(patch, "money", post_move=post)


refund_elsewhere = posted(
    lambda move, carried: (
        replace(move, source="civil_service") if move.reason == ACCOUNT_TAKEN else move,
        carried,
    )
)
no_grants = posted(lambda move, carried: (move, carried * np.array([0, 1, 1, 1, 1])[:, None]))


def more_inflows(patch: Patch) -> None:
    def make(true: Any) -> Any:
        def entry(*args: Any) -> Any:
            found = true(*args)
            return replace(found, persons=1.1 * found.persons)

        return entry

    swap(patch, "_inflow_group", make)


def mid_year_twice(patch: Patch) -> None:
    """Half of the money of the second half-year is computed on the people of mid-year."""

    before: list[Any] = []

    def again(law: Any, persons: Any, people: Any, *rest: Any, second: bool) -> None:
        if second:
            persons, people = before.pop()
        else:
            before.append((persons, people))
        money.post_half(law, persons, people, *rest, second=second)

    rules(patch, "money", post_half=again)
