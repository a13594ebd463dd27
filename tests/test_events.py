"""The year as a list of events: one order for both engines, and no event that one of them skips.

``python tests/test_events.py`` writes the table of ``docs/model.md`` again.
"""

from __future__ import annotations

import warnings
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

import fsinsure as fs
from event_effects import Effects
from fsinsure.dims import ACCOUNT, PERSONS
from fsinsure.errors import ExtendedWarning
from fsinsure.registry import registry
from fsinsure.state import DEPARTED, Move
from fsinsure.statuses import STATUS
from fsinsure.year import events
from fsinsure.year.event import Event, Kind
from test_levers import moved_value

DOC = Path(__file__).parents[1] / "docs" / "model.md"
START, END = "<!-- events -->\n", "<!-- /events -->"
BONUS = 1_000.0
INJURY_ONLY = ("project_worker", "intern", "platform_worker", "over_age_worker")


def with_event(patch: pytest.MonkeyPatch, event: Event) -> None:
    """Put an event before the last one of the year."""
    patch.setattr(events, "EVENTS", (*events.EVENTS[:-1], event, events.EVENTS[-1]))


def credit_everyone(law, stock, start):
    """Add 1,000 yuan to the account of every employee, in place."""
    employees = stock[..., STATUS["employee"], :, :, :]
    employees[..., ACCOUNT, :, :, :] += BONUS * employees[..., PERSONS, :, :, :]
    start.book.note("account", "credited", BONUS * employees[..., PERSONS, :, :, :].sum((-2, -1)))
    return []


def civil_staff_leave(law, stock, start):
    """Two per cent of civil staff leave the city."""
    return [Move("civil_service", DEPARTED, np.full((1, 1, 1, 1), 0.02), reason="experiment")]


def accounts(result: fs.Result) -> float:
    table = result.ledger.query("item == 'accounts' and year == 2025 and level == 'total'")
    return float(table["yuan"].sum())


def test_a_new_event_in_place_is_an_error_for_persons(baseline, monkeypatch):
    before = accounts(fs.run(baseline))
    with_event(monkeypatch, Event("bonus", credit_everyone, Kind.IN_PLACE))
    after = accounts(fs.run(baseline))
    assert after - before > 5 * 2.9e6 * BONUS  # at least five years of some 3 million employees
    with pytest.raises(NotImplementedError, match=r"bonus \(in place\) has no counterpart"):
        fs.run(baseline, "micro", persons=1_000)


def test_a_second_individually_determined_event_is_an_error_for_persons(baseline, monkeypatch):
    with_event(monkeypatch, Event("choice", civil_staff_leave, Kind.INDIVIDUAL))
    with pytest.raises(NotImplementedError, match=r"choice .* has no counterpart"):
        fs.run(baseline, "micro", persons=1_000)


def test_a_new_move_is_followed_by_both_engines(baseline, monkeypatch):
    with_event(monkeypatch, Event("emigration", civil_staff_leave))
    result = fs.run(baseline, "micro", persons=60_000, seed=3)
    assert result.agreement.passed
    moved = result.flows.query(
        "level == 'total' and from_status == 'civil_service' and to_status == 'departed'"
    )["persons"]
    # Two per cent a year of 13.67万 civil staff, who are replaced along their growth path.
    assert moved.sum() == pytest.approx(5 * 0.02 * 136_700, rel=0.15)


def test_each_in_place_event_is_posted_by_the_person_engine():
    from fsinsure.microsim.assemble import POSTED

    assert {event for event in events.EVENTS if event.kind is Kind.IN_PLACE} == set(POSTED)


def test_the_table_shows_the_order_and_the_moves():
    table = fs.events().set_index("event")
    assert list(table.index) == [event.name for event in events.EVENTS]
    assert table.loc["deaths", "moves"].startswith("not_insured > dead, employee > dead")
    assert "employee > retiree" in table.loc["retirement", "moves"]
    assert table.loc["retirement", "kind"] == "individually determined"
    assert table.loc["migration", "levers"] == (
        "migration.*, profile.arrival.*, profile.departure.*, retirement.cadre_share"
    )
    assert table.loc["ageing", "moves"] == ""


def section() -> str:
    """The table of the document."""
    lines = ["| | event | kind | parameters | moves |", "|---|---|---|---|---|"]
    for row in fs.events().itertuples():
        levers = row.levers.replace(", ", "`, `")
        moves = row.moves.replace(">", "→")
        lines.append(f"| {row.order} | {row.event} | {row.kind} | `{levers}` | {moves} |")
    return "\n".join(lines) + "\n"


def test_the_document_shows_the_events_of_the_code():
    written = DOC.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    assert written == section(), "docs/model.md is behind the code: run python tests/test_events.py"


@pytest.mark.slow
def test_each_event_declares_the_parameters_that_it_reads(baseline):
    """Every parameter is moved: the events that then do something else have declared it."""
    months = {"action": "waive", "from": "2021-01", "to": "2021-06"}
    scenario = baseline.with_(
        {
            "horizon": 2023,
            "targets": [],
            "relief": [{**months, "insurance": "injury", "payer": "employer", "group": "small"}],
            "retirement.delay_from": 2021,
            "retirement.early_share": 0.2,
            "retirement.late_share": 0.1,
            "price.growth": 0.04,
            "indexing.pension_per_year": 1,
            "transfer.land_expropriated": 0.02,
            "transfer.land_subsidy_years": 1,
            "coverage.unemployment.flexible": 0.1,
            "response.employment": -0.1,
            "response.flexible": -0.1,
            "pension.flexible_rate": 0.21,  # so that there is a change to respond to
            # Held at the share of the base year they would follow the age profiles.
            **{f"coverage.injury.{group}": 0.1 for group in INJURY_ONLY},
        },
        name="all",
    )
    read: dict[Event, set[str]] = {event: set() for event in events.EVENTS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtendedWarning)
        effects = Effects(scenario)
        for name in registry():
            # The base year is closed by these; the events see its stock and its cover.
            if not name.startswith(("base.", "fund.", "reserve.")):
                for event in effects.of(
                    scenario.with_({name: moved_value(scenario, name)}, name="moved")
                ):
                    read[event].add(name)
    for event, names in read.items():
        stray = [n for n in names if not any(fnmatchcase(n, one) for one in event.levers)]
        assert not stray, f"{event.name} does not declare {stray}"
        void = [one for one in event.levers if not any(fnmatchcase(n, one) for n in names)]
        assert set(void) <= {"relief"}, f"{event.name} declares {void}, which have no effect"


if __name__ == "__main__":
    text = DOC.read_text(encoding="utf-8")
    head, rest = text.split(START)
    DOC.write_text(
        head + START + section() + END + rest.split(END)[1], encoding="utf-8", newline="\n"
    )
