"""Reading YAML: what is refused, with which words, at which line and column."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
import yamlcore
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fsinsure.documents import shape
from fsinsure.documents.reader import read, resolve
from fsinsure.errors import Position, ScenarioError
from fsinsure.messages import EMPTY
from fsinsure.scenario import load
from scenario_files import loaded, refused, refused_body, write

REFUSED = {
    "alias": (
        "name: mine\ngrowth:\n  employee: &x 1%\n  flexible: *x\n",
        "mine.yaml:3:13: an anchor (&)",
    ),
    "alias alone": ("name: *x\n", "mine.yaml:1:7: the alias *x"),
    "alias as key": ("name: mine\n*x : 1\n", "mine.yaml:2:1: the alias *x"),
    "anchor on a mapping": ("name: mine\ngrowth: &g\n  employee: 1%\n", "mine.yaml:2:9: an anchor"),
    "merge key": ("name: mine\ngrowth:\n  <<: {employee: 1%}\n", "mine.yaml:3:3: growth.<<: unkn"),
    "python tag": ("name: !!python/object:os.system x\n", "mine.yaml:1:7: a tag (!)"),
    "core tag": ("name: !!str mine\n", "mine.yaml:1:7: a tag (!)"),
    "local tag": ("name: mine\ngrowth: !x {employee: 1%}\n", "mine.yaml:2:9: a tag (!)"),
    "non-specific tag": ("name: ! mine\n", "mine.yaml:1:7: a tag (!)"),
    "duplicate key": (
        "name: mine\ngrowth:\n  employee: 1%\n  flexible: 1%\n  employee: 2%\n",
        "mine.yaml:5:3: the key 'employee' a second time (first in line 3)",
    ),
    "duplicate year": (
        "name: mine\ngrowth:\n  employee: {2021: 1%, '2021': 2%}\n",
        "mine.yaml:3:24: the key '2021' a second time (first in line 3)",
    ),
    "key that is a list": ("name: mine\n? [a, b]\n: 1\n", "mine.yaml:2:3: a key must be"),
    "two documents": ("name: mine\n---\nname: other\n", "mine.yaml:2:1: a second document"),
    "empty": ("", "mine.yaml:1:1: the file is empty"),
    "comments only": ("# a comment\n\n# and another\n", "the file is empty"),
    "document mark only": ("---\n", "the file is empty"),
    "a word": ("mine\n", "mine.yaml:1:1: expected lines of 'key: value', got 'mine'"),
    "a list": ("- mine\n", "mine.yaml:1:1: expected lines of 'key: value', got a list"),
    "tab": ("name: mine\ngrowth:\n\temployee: 1%\n", "mine.yaml:3:1: a tab in the indentation"),
    "tab after spaces": ("name: mine\ngrowth:\n  \temployee: 1%\n", "mine.yaml:3:3: a tab in"),
    "null character": ("name: mine\n# a\x00b\n", "mine.yaml:2:4: the control character U+0000"),
    "escape character": ("name: mine\ntitle: {en: a\x1b[31mb}\n", "control character U+001B"),
    "line separator": ("name: mine\n# a\u2028b\n", "mine.yaml:2:4: the control character U+2028"),
    "escaped null": (
        'name: mine\nextends: "a\\0b.yaml"\n',
        "mine.yaml:2:10: the control character",
    ),
    "unclosed bracket": ("name: [mine\n", "not valid YAML"),
    "unclosed quote": ('name: "mine\n', "not valid YAML"),
    "colon in a text": ("name: mine\ndescription: a: b\n", "put a text with special characters"),
    "percent first": ("name: mine\ngrowth: {employee: %5}\n", "mine.yaml:2:20: not valid YAML"),
    "full-width colon": ("name：mine\n", "the colon ： is full-width"),
    "full-width comma": (
        "name: mine\ngrowth: {employee: {2021: 1%， 2023: 2%}}\n",
        "the comma ， is full-width",
    ),
    "no-break space in the indentation": (
        "name: mine\ngrowth:\n\u00a0\u00a0employee: 1%\n",
        "(the space U+00A0 is none to YAML, write a plain space)",
    ),
    "key without its section": (
        "name: mine\n# growth:\n##   a comment\n#   employee: 1%\n  flexible: 5%\n",
        "delete the '# ' of its section too, in line 2: # growth:",
    ),
    "key without its inner section": (
        "name: mine\n\ncoverage:\n  unemployment:\n    civil: 5%\n#   injury:\n      intern: 3%\n",
        "delete the '# ' of its section too, in line 6: #   injury:",
    ),
    "full-width colon later": ("name: mine\ngrowth：\n  employee: 1%\n", "the colon ： is full"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_text(tmp_path: Path, text: str, said: str) -> None:
    message = refused(tmp_path, text)
    assert said in message
    assert message.startswith("mine.yaml:")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("name: mine\n# 佛山".encode("gbk"), "mine.yaml:2:3: not UTF-8 text (byte 0xb7)"),
        (b"\xef\xbb\xbfname: mine\nx: \xff\n", "mine.yaml:2:4: not UTF-8 text (byte 0xff)"),
        ("name: mine\n".encode("utf-16"), "mine.yaml:1:1: not UTF-8 text but UTF-16"),
        ("name: mine\n".encode("utf-16-le"), "mine.yaml:1:1: not UTF-8 text but UTF-16"),
        ("name: mine\n".encode("utf-16-be"), "mine.yaml:1:1: not UTF-8 text but UTF-16"),
    ],
    ids=["gbk", "behind a byte order mark", "utf-16", "utf-16-le", "utf-16-be"],
)
def test_other_encodings_are_named_with_line(tmp_path: Path, raw: bytes, said: str) -> None:
    message = refused(tmp_path, raw)
    assert said in message
    assert "save the file as UTF-8" in message


def test_a_byte_order_mark_windows_line_ends_and_comments_are_fine(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf# \xe4\xbd\x9b\xe5\xb1\xb1\r\nname: mine\r\nhorizon: 2030 # end\r\n"
    scenario = load(write(tmp_path, raw))
    assert scenario.horizon == 2030
    origin = scenario.origins["horizon"]
    assert isinstance(origin, Position)
    assert (origin.line, origin.column) == (3, 10)


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    message = refused_body(tmp_path, "title: {zh: 阶段性减免😀, eng: x}\n")
    assert message.startswith("mine.yaml:2:21: title.eng: unknown key.")


def nested(levels: int) -> str:
    return "name: mine\ndescription: " + "[" * levels + "]" * levels + "\n"


def test_nesting_is_refused_at_its_position_and_not_below(tmp_path: Path) -> None:
    assert "description: expected a text, got a list" in refused(tmp_path, nested(29))
    for levels in (30, 31, 500):  # the mapping of the file is the first of the thirty
        message = refused(tmp_path, nested(levels))
        assert message == f"mine.yaml:2:{14 + 29}: nested more than 30 levels deep"


@pytest.mark.parametrize(
    "text",
    [
        "name: mine\nx: " + "[" * 400_000,
        "name: mine\nx: " + "{a: " * 200_000,
        "name: mine\n" + "? " * 400_000,
        "name: mine\n" + "- " * 400_000,
        "name: mine\nx: " + "9" * 900_000,
        "name: mine\nhorizon: " + "9" * 900_000,
        "name: mine\nhorizon: 0x" + "f" * 900_000,
        "name: mine\nbase: {dormant: 1e" + "9" * 900_000 + "}",
        "name: " + "x" * 900_000,
        "x" * 900_000 + ": 1",
        "name: mine\n" + "".join(f"k{i}: 1\n" for i in range(60_000)),
        "name: mine\ngrowth: {employee: {" + "".join(f"{i}: 1, " for i in range(60_000)) + "}}",
        "name: mine\ntargets: [" + "1, " * 100_000 + "]",
    ],
    ids=lambda text: text[:40].replace("\n", " "),
)
def test_hostile_files_are_refused_quickly_and_briefly(tmp_path: Path, text: str) -> None:
    start = time.perf_counter()
    message = refused(tmp_path, text)
    assert time.perf_counter() - start < 3.0
    assert len(message) < 5_000


def test_suggestions_are_made_only_for_the_problems_that_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = []
    monkeypatch.setattr(shape, "meant_key", lambda word, known: searched.append(word) or EMPTY)
    refused(tmp_path, "name: mine\n" + "".join(f"growth_employ{i}: 1\n" for i in range(9_900)))
    assert 0 < len(searched) <= 40  # each may be looked for among its neighbours and elsewhere


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    text = "name: mine\n#" + "x" * 1_000_000
    assert "larger than 1 MB" in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("010", Decimal(10)),
        ("0o10", Decimal(8)),
        ("0x10", Decimal(16)),
        ("20_50", "20_50"),
        ("12:30", "12:30"),
        ("2021-01-01", "2021-01-01"),
        ("1.50", Decimal("1.50")),
        (".inf", Decimal("Infinity")),
        ("-.INF", Decimal("-Infinity")),
        ("nan", "nan"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@settings(max_examples=60)
@given(st.from_regex(r"[-+]?(0[ox])?[0-9a-fA-F._]{0,6}([eE][-+]?[0-9]{1,3})?", fullmatch=True))
@example("True")
@example("NULL")
@example("~")
@example("")
@example("+.inf")
@example(".NAN")
def test_plain_scalars_resolve_as_yamlcore_does(text: str) -> None:
    loader = yamlcore.CoreLoader("")
    node = yaml.ScalarNode(loader.resolve(yaml.ScalarNode, text, (True, False)), text)
    theirs = loader.construct_object(node)
    ours = resolve(text)
    if isinstance(theirs, float) and theirs != theirs:
        assert isinstance(ours, Decimal)
        assert ours.is_nan()
    elif isinstance(theirs, bool | str) or theirs is None:
        assert ours == theirs
        assert type(ours) is type(theirs)
    else:
        assert isinstance(ours, Decimal)
        assert float(ours) == float(theirs)


@pytest.mark.parametrize("text", ["0o3751", "0x7E9"])
def test_octal_and_hexadecimal_numbers_are_refused(tmp_path: Path, text: str) -> None:
    """Nobody writes a year like that on purpose; quoted it is a text, and no number."""
    message = refused_body(tmp_path, f"horizon: {text}\n")
    assert message.startswith(f"mine.yaml:2:10: '{text}' is an octal or hexadecimal number: write")
    assert "is not a number" in refused_body(tmp_path, f"horizon: '{text}'\n")
    assert loaded(tmp_path, f"description: '{text}'\n").description == text
    assert loaded(tmp_path, "horizon: 02025\n").horizon == 2025


def test_quoted_numbers_are_still_quantities(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, 'base: {dormant: "60万", benefit_share: "0.4"}\n')
    assert scenario.values == {"base.dormant": 600_000.0, "base.benefit_share": 0.4}


@pytest.mark.parametrize("text", [text for text, _ in REFUSED.values()], ids=REFUSED.keys())
def test_the_pure_python_parser_refuses_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """PyYAML may be built without libyaml: same refusals at the same line."""
    first = refused(tmp_path, text)
    monkeypatch.delattr(yaml, "CSafeLoader")
    second = refused(tmp_path, text)
    assert first.split(":")[:1] == second.split(":")[:1]
    if "not valid YAML" in first:  # the parsers have their own words
        assert "not valid YAML" in second
    else:
        assert second == first


def test_positions_of_keys_and_values() -> None:
    document = read(b"name: mine\ngrowth:\n  employee: {2021: 1%, 2023:   2%}\n", "f.yaml")
    assert document.data["growth"] == {"employee": {"2021": "1%", "2023": "2%"}}
    location = ("growth", "employee", "2023")
    assert document.locate(location) == Position("f.yaml", 3, 32)
    assert document.locate(location, at_key=True) == Position("f.yaml", 3, 24)
    assert document.locate((*location, "deeper")) == Position("f.yaml", 3, 32)


def test_the_error_carries_its_position(tmp_path: Path) -> None:
    path = write(tmp_path, "name: mine\nhorizon: 1999\n")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert caught.value.position == Position(str(path), 2, 10)
