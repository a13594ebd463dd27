"""What a file says of reliefs, what is refused, and where."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import fsinsure as fs
from fsinsure.api import validate
from fsinsure.errors import ScenarioError
from fsinsure.ledger import CONTRIBUTIONS
from fsinsure.rules.retirement import month_index
from fsinsure.scenario import explain, load
from fsinsure.scenario.relief import PAYERS, Relief
from fsinsure.statuses import ITEMS
from scenario_files import loaded, refused_body, write

ENTRY = {"action": "waive", "insurance": "injury", "payer": "employer"}
SPAN = {"from": "2022-02", "to": "2022-06"}
REPAY = {"repay_from": "2023-01", "repay_to": "2023-12"}


def body(**entry: object) -> str:
    """A file's line with one entry; a key that is None is left out."""
    whole = {**ENTRY, **SPAN, **{key.rstrip("_"): value for key, value in entry.items()}}
    pairs = ", ".join(f"{key}: {value}" for key, value in whole.items() if value is not None)
    return f"relief:\n  - {{{pairs}}}\n"


def test_who_can_be_relieved_are_the_payers_of_the_books() -> None:
    books = {
        # The government, which pays the land subsidy, gets no relief.
        fund: tuple(item for item in items if item in CONTRIBUTIONS and item != "land_subsidy")
        for fund, items in ITEMS.items()
        if "waived" in items
    }
    assert books == PAYERS


def test_an_entry_is_read_with_its_defaults_and_position(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, body(insurance="[injury, unemployment]"))
    (relief,) = scenario.relief
    assert relief.position is not None
    assert (relief.position.line, relief.position.column) == (3, 5)
    assert relief == Relief(
        action="waive",
        insurance=("injury", "unemployment"),
        payer="employer",
        first=month_index(2022, 2),
        last=month_index(2022, 6),
        position=relief.position,
    )
    assert relief.year == 2022


def test_a_child_replaces_the_list_and_with_does_too(tmp_path: Path) -> None:
    write(tmp_path, "name: parent\n" + body(share="50%"), "parent.yaml")
    extends = "name: mine\nextends: parent.yaml\n"
    assert load(write(tmp_path, extends)).relief[0].share == 0.5
    child = load(write(tmp_path, extends + body(share="20%")))
    assert [relief.share for relief in child.relief] == [0.2]
    assert child.with_({"relief": []}).relief == ()
    again = child.with_({"relief": [{**ENTRY, **SPAN, "share": 0.1}]})
    assert [relief.share for relief in again.relief] == [0.1]
    assert again.with_({"growth.civil_service": 0}).relief == again.relief


def test_a_relief_changes_the_hash_but_its_place_does_not(tmp_path: Path) -> None:
    bare, relieved = loaded(tmp_path, ""), loaded(tmp_path, body())
    moved = loaded(tmp_path, "\n\n" + body())
    assert len({bare.hash, relieved.hash, loaded(tmp_path, body(share="99%")).hash}) == 3
    assert moved.hash == relieved.hash
    assert pickle.loads(pickle.dumps(relieved)) == relieved


def test_explain_and_the_parameters_table_say_who_set_it(tmp_path: Path) -> None:
    scenario = loaded(
        tmp_path, "extends: baseline\n" + body(action="defer", group="small", **REPAY)
    )
    text = "defer 100% of employer (small) 2022-02 to 2022-06 repaid 2023-01 to 2023-12"
    assert ("relief: injury", text, "mine.yaml:4:5") in explain(scenario)
    row = fs.run(scenario).parameters.iloc[-1]
    found = (row["parameter"], row["year"], row["value"], row["set_by"])
    assert found == ("relief[0]", 2022, f"injury: {text}", "mine.yaml:4:5")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"action": "wave"}, "mine.yaml:3:14: relief[0].action: expected one of waive, defer, ref"),
        ({"action": "wave"}, "Did you mean 'waive'?"),
        ({"insurance": "pension"}, "mine.yaml:3:32: relief[0].insurance: expected one of pension."),
        ({"insurance": "pension"}, "Did you mean 'pension.enterprise'?"),
        ({"insurance": "[injury, injry]"}, "mine.yaml:3:41: relief[0].insurance[1]: expected one"),
        ({"insurance": "[injury, injury]"}, "relief[0].insurance[1]: injury a second time"),
        ({"insurance": "[]"}, "relief[0].insurance: an empty list: name one or more of pension."),
        ({"insurance": "pension.civil"}, "pension.civil has no relief: its employers are gover"),
        ({"insurance": "pension.resident"}, "pension.resident has no relief: nobody pays for"),
        ({"payer": "employe"}, "mine.yaml:3:47: relief[0].payer: expected one of employer, emp"),
        ({"payer": "employe"}, "Did you mean 'employer'?"),
        ({"payer": "flexible"}, "mine.yaml:3:47: relief[0].payer: injury has no contributions of"),
        ({"payer": "flat", "group": "small"}, "relief[0].group: flat members belong to no firm"),
        ({"group": "tiny"}, "mine.yaml:3:92: relief[0].group: expected one of small, large, all"),
        ({"share": "101%"}, "relief[0].share: 101% is out of bounds: expected a share between 0%"),
        ({"share": "-1%"}, "relief[0].share: -1% is out of bounds"),
        ({"share": 50}, "50 means 5000%; write 50%"),
        ({"from": "2022-13"}, "mine.yaml:3:63: relief[0].from: 2022-13 is no month"),
        ({"from": "2022-00"}, "relief[0].from: 2022-00 is no month: after the year comes 01 to 12"),
        ({"from": 2022}, "relief[0].from: expected a month such as 2022-01, got 2022"),
        ({"from": "2022-2"}, "relief[0].from: expected a month such as 2022-01, got '2022-2'"),
        ({"from": "2020-02"}, "relief[0].from: 2020-02 is before 2021, the first projected year"),
        ({"to": "2101-01"}, "mine.yaml:3:76: relief[0].to: 2101-01 is after 2100"),
        ({"to": "2022-01"}, "mine.yaml:3:76: relief[0].to: 2022-01 is before from, 2022-02"),
        ({"to": "2023-01"}, "relief[0].to: 2023-01 is in another year than from, 2022-02: write"),
        ({"payer": None}, "relief[0].payer: is missing: it has no default"),
        ({"until": "2022-03"}, "mine.yaml:3:85: relief[0].until: unknown key. Known here: action"),
        ({"action": "defer"}, "relief[0].repay_from: is missing: a deferral says from when"),
        ({"action": "defer", "repay_from": "2023-01"}, "relief[0].repay_to: is missing"),
        (REPAY, "mine.yaml:3:85: relief[0].repay_from: only what is deferred is repaid"),
        (
            {"action": "defer", "repay_from": "2022-06", "repay_to": "2023-12"},
            "relief[0].repay_from: 2022-06 is not after to, 2022-06",
        ),
        (
            {"action": "defer", "repay_from": "2023-06", "repay_to": "2023-05"},
            "relief[0].repay_to: 2023-05 is before repay_from",
        ),
    ],
)
def test_a_wrong_entry_is_refused_where_it_stands(
    tmp_path: Path, entry: dict[str, object], said: str
) -> None:
    assert said in refused_body(tmp_path, body(**entry))
    plain = {**ENTRY, **SPAN, **entry}
    if not any(isinstance(value, str) and "[" in value for value in plain.values()):
        given = {key: value for key, value in plain.items() if value is not None}
        with pytest.raises(fs.ScenarioError) as caught:
            fs.load("baseline").with_({"relief": [given]})
        assert said.removeprefix(said.partition(" relief[0]")[0]).strip() in str(caught.value)


def test_a_relief_is_a_list(tmp_path: Path) -> None:
    text = refused_body(tmp_path, "relief: {action: waive}\n")
    assert "mine.yaml:2:9: relief: expected a list of reliefs, each {action, insurance" in text


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            {"share": "60%"},
            {"share": "60%"},
            "relief[0] and relief[1] add up to 120% of the employer contributions to injury in "
            "small firms in 2022-02, at most 100%",
        ),
        ({"share": "60%"}, {"share": "60%", "group": "large"}, "in large firms in 2022-02"),
        ({"share": "60%"}, {"share": "60%", "action": "refund"}, "add up to 120%"),
        (
            {"share": "60%"},
            {"share": "60%", "action": "defer", "from": "2022-06", **REPAY},
            "in small firms in 2022-06",
        ),
        (
            {"payer": "flat", "share": "60%"},
            {"payer": "flat", "share": "41%"},
            "add up to 101% of the flat contributions to injury in 2022-02",
        ),
    ],
)
def test_more_than_is_due_cannot_be_relieved(
    tmp_path: Path, first: dict[str, object], second: dict[str, object], said: str
) -> None:
    text = body(**first) + body(**second).removeprefix("relief:\n")
    with pytest.raises(ScenarioError) as caught:
        validate(loaded(tmp_path, text))
    message = str(caught.value).replace(f"{tmp_path}/", "")
    assert message.startswith("mine.yaml:4:5: relief[1]: relief[0] and relief[1] add up to")
    assert said in message


@pytest.mark.parametrize(
    "second",
    [
        {"share": "50%"},
        {"from": "2022-07", "to": "2022-12"},
        {"insurance": "unemployment"},
        {"payer": "flat"},
    ],
)
def test_what_does_not_meet_or_leaves_enough_is_accepted(
    tmp_path: Path, second: dict[str, object]
) -> None:
    share = "50%" if "share" in second else "100%"
    text = body(share=share) + body(**second).removeprefix("relief:\n")
    scenario = loaded(tmp_path, text)
    validate(scenario)
    assert len(scenario.relief) == 2


def test_small_and_large_firms_do_not_meet(tmp_path: Path) -> None:
    text = body(group="small") + body(group="large").removeprefix("relief:\n")
    scenario = loaded(tmp_path, text)
    validate(scenario)
    assert len(scenario.relief) == 2


def test_a_shorter_horizon_does_not_silently_drop_a_relief(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, "extends: baseline\n" + body())
    shorter = scenario.with_({"horizon": 2021})
    for refuse in (validate, fs.run):
        with pytest.raises(ScenarioError, match=r"4:5: relief\[0\]\.from: 2022-02 is after the ho"):
            refuse(scenario.with_({"horizon": 2021}))
    validate(shorter.with_({"relief": []}))


def test_to_reduce_is_to_waive_a_part(baseline) -> None:
    entry = {"action": "reduce", "insurance": "injury", "payer": "employer"}
    with pytest.raises(ScenarioError, match="waive a part: write action: waive and share"):
        baseline.with_({"relief": [{**entry, "from": "2022-01", "to": "2022-02"}]})
