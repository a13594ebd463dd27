"""What was known when: nothing that became known after ``as_of`` is used.

The days of this file are worked out here from the rows of the files, not by the library.
"""

from __future__ import annotations

import csv
import datetime
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.cli import app
from fsinsure.errors import DataError, InputError, Position, ScenarioError
from fsinsure.parameters import resolve
from fsinsure.region.known import EXEMPT, became_known, known_by, outcome_known
from fsinsure.region.law import values_in
from fsinsure.region.region import Value
from fsinsure.sources import data_folder, outcomes_in
from fsinsure.tabular import Record
from scenario_files import write

DAY = datetime.date(2021, 12, 31)
DAYS = [datetime.date(year, month, day) for year in range(2020, 2027) for month, day in
        ((6, 30), (12, 31))]  # fmt: skip


def last_day(text: str) -> datetime.date:
    """The last day of a day, a month or a year."""
    year, month, day = (int(part) if part else 0 for part in (f"{text}--").split("-")[:3])
    if day:
        return datetime.date(year, month, day)
    following = (year + month // 12, month % 12 + 1) if month else (year + 1, 1)
    return datetime.date(*following, 1) - datetime.timedelta(days=1)


def known_of(file: str, number: int, base_date: datetime.date) -> datetime.date:
    """When the row of a file became known, by the rule as the documentation has it."""
    folder = data_folder() if file.startswith("law/") else data_folder() / "regions"
    with (folder / file).open(encoding="utf-8") as handle:
        row = list(csv.DictReader(handle))[number - 2]
    if row.get("known"):
        return last_day(row["known"])
    own = not file.startswith("law/")
    if not row.get("from") or (own and row["confidence"] == "assumption"):
        # An amount of the law without a date holds from the beginning of the base year.
        return base_date
    return datetime.date(*(int(part) for part in f"{row['from']}-01".split("-")[:2]), 1)


@pytest.mark.parametrize("name", fs.regions())
def test_nothing_that_became_known_later_is_used(name):
    region = fs.regions()[name]
    compared = 0
    for day in (one for one in DAYS if one >= region.base_date):
        try:
            seen = region.as_of(day)
        except InputError as error:
            # Some notices and estimates are of the first year: it says from which day on.
            (earliest,) = re.findall(r"has a value from (\d{4}-\d\d-\d\d) on", str(error))
            assert day < datetime.date.fromisoformat(earliest) <= DAY
            continue
        for parameter, values in seen.values.items():
            for value in values:
                position = value.where
                assert position is not None
                since = known_of(position.file, position.line, region.base_date)
                describes_start = value.date is None or value.date <= region.first_year
                exempt = parameter.startswith(EXEMPT) and describes_start
                assert since <= day or exempt, f"{position}: {since} is after {day}"
                compared += 1
    assert compared > 1000


@pytest.mark.parametrize("name", fs.regions())
def test_everything_known_by_a_day_is_used_unless_a_revision_replaces_it(name):
    region = fs.regions()[name]
    seen = region.as_of(datetime.date(2022, 12, 31)).values
    for parameter, values in region.history.items():
        for value in values:
            if became_known(value, region.base_date).day <= datetime.date(2022, 12, 31):
                same = [
                    one
                    for one in seen[parameter]
                    if (one.area, one.key, one.date) == (value.area, value.key, value.date)
                ]
                assert len(same) == 1


def test_the_resolved_parameters_of_the_baseline_were_known():
    scenario = fs.load("baseline")
    assert scenario.as_of == DAY
    table = fs.run(scenario).parameters
    later = table[table["known"] > DAY.isoformat()]
    assert {name for name in later["parameter"] if not name.startswith(EXEMPT)} == set()
    assert list(table.columns[-3:]) == ["known", "known_assumed", "set_by"]


def test_the_parameters_table_says_since_when_a_value_is_known():
    table = fs.run(fs.load("as-implemented")).parameters.set_index(["parameter", "year"])
    rise = table.loc[("indexing.pension_rate", 2023)]
    # The notice of 2023 on the rise is of 22 May; no notice of the 15 % was read.
    assert (rise["known"], rise["known_assumed"]) == ("2023-05-22", False)
    rate = table.loc[("pension.employer_rate", 2022)]
    assert (rate["known"], rate["known_assumed"]) == ("2022-01-01", True)
    # Estimated from the yearbook of 2020, which came out in the year after.
    assert table.loc[("growth.employee", 2021)]["known"] == "2021-12-31"
    arrivals = table.loc[("migration.arrivals", 2021)]  # set by the scenario
    assert arrivals["known"] == "" and arrivals["known_assumed"] is not True


# By hand: what a reader of the end of 2021 knew.


def test_the_law_as_known_at_the_end_of_2021():
    found = resolve(fs.load("baseline"))
    assert found.path("pension.employer_rate").tolist() == [0.14] * 5
    assert found.path("indexing.pension_rate").tolist() == [0.045] * 5
    assert found.path("pension.account_interest").tolist() == [0.0604] * 5  # that of 2020
    assert found.scalars["retirement.delay_from"] is None
    assert found.path("retirement.min_months").tolist() == [180] * 5
    floor, cap = found.path("pension.base_floor"), found.path("pension.base_cap")
    growth = found.path("wage.growth")
    assert floor[0] == (3376 + 3958) / 2
    assert floor[1] == pytest.approx(3958 * (1 + growth[1]))
    assert cap[2] == pytest.approx(22941 * (1 + growth[1]) * (1 + growth[2]))
    wage = found.path("unemployment.minimum_wage")
    assert wage[0] == pytest.approx((11 * 1720 + 1900) / 12)
    assert wage[1] == pytest.approx(1900 * (1 + growth[1]))
    assert found.path("pension.award_base")[0] == 7647


def test_an_amount_goes_on_as_beyond_its_last_known_year():
    found = resolve(fs.load("baseline"))
    assert found.extended["pension.base_floor"] == 2021
    rows = fs.run(fs.load("baseline")).parameters.set_index(["parameter", "year"])
    assert rows.loc[("pension.base_floor", 2023)]["set_by"] == "law/guangdong, extended from 2021"


def test_a_guess_is_used_until_the_figure_is_known_and_then_replaced():
    """Prices of 2021: 2.2 % as seen in 2021, 0.9 % once the bulletin of February 2022 is out."""
    base = fs.load("baseline")
    seen = {
        day: resolve(base.with_({"as_of": day})).path("price.growth")[0]
        for day in ("2021-12-31", "2022-02-27", "2022-02-28", "none")
    }
    assert seen == {
        **{"2021-12-31": 0.022, "2022-02-27": 0.022, "2022-02-28": 0.009, "none": 0.009},
    }


def test_what_a_scenario_sets_is_used_whenever_it_was_known():
    scenario = fs.load("baseline").with_({"retirement.delay_from": 2025, "price.growth": "1%"})
    found = resolve(scenario)
    assert found.scalars["retirement.delay_from"] == 2025
    # What a delay needs is there, though its law is of 2024.
    assert found.scalars["retirement.delay_step_male"] == 4
    assert found.path("price.growth").tolist() == [0.01] * 5


def test_the_base_year_is_the_same_whatever_was_known():
    early, all_known = (fs.run(fs.load("example").with_({"as_of": day}))
                        for day in ("2022-12-31", "none"))  # fmt: skip
    assert (early.projection.stock[0] == all_known.projection.stock[0]).all()


def test_facts_use_all_that_is_known():
    for name in ("as-implemented", "long-run", "three-part-indexing", "example"):
        assert fs.load(name).as_of is None
    for name in ("baseline", "low-growth", "plan-targets", "delayed-retirement", "china"):
        assert fs.load(name).as_of == DAY


# In a scenario.


def test_as_of_is_set_inherited_and_reset(tmp_path):
    child = write(tmp_path, "name: mine\nextends: baseline\n")
    assert fs.load(child).as_of == DAY
    reset = write(tmp_path, "name: mine\nextends: baseline\nas_of: none\n")
    assert fs.load(reset).as_of is None
    assert fs.load(reset).region == FOSHAN
    blank = write(tmp_path, "name: mine\nextends: baseline\nas_of:\n")
    with pytest.raises(fs.ScenarioError, match=r"mine.yaml:3.*as_of: it is blank: give a day such"):
        fs.load(blank)
    later = write(tmp_path, "name: mine\nextends: baseline\nas_of: 2023-06-30\n")
    scenario = fs.load(later)
    assert scenario.as_of == datetime.date(2023, 6, 30)
    assert str(scenario.origins["as_of"]) == "mine.yaml:3:8"
    assert scenario.with_({"as_of": None}).as_of is None
    assert scenario.with_({"as_of": datetime.date(2022, 1, 1)}).as_of == datetime.date(2022, 1, 1)


def test_run_json_names_the_day():
    for name, day in (("baseline", "2021-12-31"), ("as-implemented", None)):
        assert fs.run(fs.load(name)).meta["as_of"] == day


def test_the_hash_knows_the_day():
    base = fs.load("as-implemented")
    hashes = {base.with_({"as_of": day}).hash for day in ("none", "2021-12-31", "2022-12-31")}
    assert len(hashes) == 3
    assert base.with_({"as_of": "none"}).hash == base.hash


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2021-13-31", "expected a day such as 2021-12-31, or none, got '2021-13-31'"),
        ("2021", "expected a day such as"),
        ("20211231", "expected a day such as"),
        ("soon", "expected a day such as"),
        ("[2021-12-31]", "expected a day such as"),
        ("2020-12-30", "2020-12-30 is before the base date, 2020-12-31"),
        ("2020-12-31", "no value of pension.deemed_index was known on 2020-12-31"),
    ],
)
def test_a_day_that_cannot_be_used_is_refused_with_its_position(tmp_path, written, message):
    file = write(tmp_path, f"name: mine\nextends: baseline\nas_of: {written}\n")
    with pytest.raises(ScenarioError, match=re.escape(message)) as refused:
        fs.load(file)
    assert str(refused.value).startswith("mine.yaml:3:8") or "mine.yaml:3" in str(refused.value)


def test_a_day_of_an_ancestor_that_the_scenario_replaces_need_not_suit(tmp_path):
    text = "name: mine\nextends: baseline\nregion: example\nas_of: none\ntargets: []\n"
    assert fs.load(write(tmp_path, text)).as_of is None
    text = "name: mine\nextends: baseline\nregion: example\ntargets: []\n"
    with pytest.raises(ScenarioError, match="before the base date"):
        fs.load(write(tmp_path, text))


def test_a_comparison_attributes_what_was_not_known_to_the_parameters():
    base, went = (fs.run(fs.load(name)) for name in ("baseline", "as-implemented"))
    found = fs.compare(base, went)
    levers = list(dict.fromkeys(found.reasons["lever"]))
    assert {"pension.employer_rate", "indexing.pension_rate", "pension.base_floor"} <= set(levers)
    differs = found.parameters
    assert differs.loc[differs["parameter"] == "as_of", "baseline"].tolist() == ["2021-12-31"]
    rows = found.reasons.query("kind == 'fund'").groupby("subject")["value"].sum()
    for fund, moved in rows.items():
        closing = [one.projection.ledger.closing[fund][-1] for one in (base, went)]
        assert moved == pytest.approx(closing[1] - closing[0], abs=1.0)


# Rows.


def row(**cells: str) -> Record:
    given = {
        "parameter": "wage.growth", "from": "2021", "value": "0.05", "unit": "",
        "source": "a test", "confidence": "official", "note": "", **cells,
    }  # fmt: skip
    return Record("values.csv", 2, given)


@pytest.mark.parametrize(
    ("layer", "cells", "day", "assumed"),
    [
        ("law/x", {"known": "2020"}, "2020-12-31", False),
        ("law/x", {"known": "2020-02"}, "2020-02-29", False),
        ("law/x", {"from": "2021-07"}, "2021-07-01", True),
        ("law/x", {"from": "2021-07", "confidence": "assumption"}, "2021-07-01", True),
        ("region x", {"from": "2026", "confidence": "assumption"}, "2020-12-31", True),
        ("region x", {"from": "2026"}, "2026-01-01", True),
        ("law/x", {"parameter": "wage.cv", "from": "", "value": "0.5"}, "2020-12-31", True),
    ],
)
def test_the_rule_of_a_row_without_a_day(layer, cells, day, assumed):
    (values,) = values_in([row(**cells)], layer, 2020).values()
    found = became_known(values[0], datetime.date(2020, 12, 31))
    assert (found.day.isoformat(), found.assumed) == (day, assumed)


@pytest.mark.parametrize(
    ("date", "known", "day", "assumed"),
    [
        ("2021", "", "2022-12-31", True),
        ("2021-12-31", "", "2022-12-31", True),
        ("2016/2020", "", "2021-12-31", True),
        ("2021", "2022-11", "2022-11-30", False),
    ],
)
def test_an_outcome_is_known_at_the_end_of_the_next_year(date, known, day, assumed):
    cells = {
        "series": "residents", "area": "", "date": date, "value": "1", "unit": "人", "scope": "",
        "source": "a test", "confidence": "official", "note": "", "known": known,
    }  # fmt: skip
    (outcome,) = outcomes_in([Record("outcomes.csv", 2, cells)], [])
    found = outcome_known(outcome)
    assert (found.day.isoformat(), found.assumed) == (day, assumed)


@pytest.mark.parametrize("known", ["2019-00", "2019-07-00", "2019-00-15", "2021-02-30", "0000"])
def test_a_day_that_is_not_in_the_calendar_is_refused(known):
    with pytest.raises(DataError, match=rf"values\.csv:2:known: '{known}' is not a day, a month"):
        values_in([row(known=known)], "law/x", 2020)


def test_two_values_of_a_date_need_different_days():
    same = [row(known="2021"), row(known="2021-12-31", value="0.06")]
    with pytest.raises(DataError, match="known since 2021-12-31 as the other"):
        values_in(same, "law/x", 2020)
    revised = values_in([row(known="2022"), row(known="2021", value="0.06")], "law/x", 2020)
    base = datetime.date(2020, 12, 31)
    assert [one.text for one in known_by(revised, base, None)["wage.growth"]] == ["0.05"]
    assert [one.text for one in known_by(revised, base, DAY)["wage.growth"]] == ["0.06"]


def test_what_describes_the_start_is_used_before_it_was_known_and_what_is_later_is_not():
    """A table of 2021 that was printed in 2023, and fertility of 2024 as published in 2025."""
    values = tuple(
        Value("", 0, year, text, "s", "official", "", "region x",
              Position("assumptions.csv", line, "value"), known=known)
        for line, year, text, known in ((2, 2021.0, "0.9", "2023-06-30"),
                                        (3, 2022.0, "0.8", "2023-06-30"),
                                        (4, 2024.0, "0.7", "2025-03-31"))
    )  # fmt: skip
    assert "fertility.level".startswith(EXEMPT)
    base = datetime.date(2020, 12, 31)
    for day, texts in (
        (DAY, ["0.9"]),
        (datetime.date(2023, 6, 30), ["0.9", "0.8"]),
        (datetime.date(2025, 3, 31), ["0.9", "0.8", "0.7"]),
    ):
        seen = known_by({"fertility.level": values}, base, day)["fertility.level"]
        assert [one.text for one in seen] == texts


def test_no_value_by_then_names_file_row_and_what_to_do():
    values = {
        "wage.growth": (
            Value("", 0, 2022.0, "0.05", "s", "official", "", "law/x",
                  Position("law/x/values.csv", 7, "value"), known="2022-05-01"),
        )
    }  # fmt: skip
    with pytest.raises(InputError) as refused:
        known_by(values, datetime.date(2020, 12, 31), DAY)
    text = str(refused.value)
    assert text.startswith("law/x/values.csv:7:value: no value of wage.growth was known on 2021")
    assert "became known on 2022-05-01" in text and "add the value that held before" in text
    assert "Every parameter has a value from 2022-05-01 on" in text


def test_explain_lists_what_as_of_leaves_alone():
    said = {"en": "Not subject to as_of 2021-12-31", "zh": "as_of 2021-12-31 不适用于"}
    for lang, words in said.items():
        shown = CliRunner().invoke(app, ["validate", "baseline", "--explain", "--lang", lang])
        assert shown.exit_code == 0
        assert words in shown.output
        for name in ("figures.csv", "census.csv", "mortality.csv", "base.*", "wage.mean"):
            assert name in shown.output
        assert re.search(r"as_of +2021-12-31 +baseline.yaml:\d+:\d+", shown.output)
    shown = CliRunner().invoke(app, ["validate", "as-implemented", "--explain"])
    assert "as_of" not in shown.output


def test_a_region_as_of_a_day_is_another_region_of_the_same_content():
    early = FOSHAN.as_of(DAY)
    assert early != FOSHAN and early.content == FOSHAN.content
    assert early == FOSHAN.as_of(DAY) and early.as_of(None) == FOSHAN
    assert replace(early, known_until=None) == FOSHAN
