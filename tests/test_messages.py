"""Messages: the words of the code and of messages.csv, and the language in which they are shown."""

from __future__ import annotations

import ast
import csv
import errno
import os
import pickle
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import (
    ClosureError,
    DataError,
    InputError,
    MeasureError,
    PoolError,
    Position,
    ScenarioError,
)
from fsinsure.files import reason
from fsinsure.messages import EMPTY, Message, either, separated, speaking

SOURCE = Path(fs.__file__).parent
TABLE = SOURCE / "data" / "messages.csv"

CARRIERS = {
    *("Message", "phrase", "invalid", "InvalidCell", "_bad_key", "InputError", "DataError"),
    *("ScenarioError", "ClosureError", "PoolError", "MeasureError", "WorkerError"),
    *("FsinsureError", "IdentityError", "FsinsureWarning", "ExtendedWarning"),
    *("IdentifiabilityWarning", "ObservedWarning", "TargetWarning"),
}
"""What takes a template, or a message, as its first argument."""
METHODS = {"error": 1, "_error": 2, "_refuse": 1}
"""Helpers that take a template or a message after as many other arguments."""
JOINING = {"separated", "either"}


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Yield every call of the library with the last name of what is called."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name not in ("messages.py", "errors.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    yield path, node, name


def first_words(node: ast.expr) -> list[ast.expr]:
    """Return what an argument may be: both sides of a condition."""
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def templates() -> Counter[str]:
    """Return every template and separator of the code."""
    found: Counter[str] = Counter({" ": 1, ": ": 1, "\n": 1, "": 1, " Did you mean '{known}'?": 1})
    for _, node, name in calls():
        at = 0 if name in CARRIERS else METHODS.get(name)
        arguments = node.args[1:] if name in JOINING else []
        arguments += [] if at is None else node.args[at : at + 1]
        for argument in arguments:
            for words in first_words(argument):
                if isinstance(words, ast.Constant) and isinstance(words.value, str):
                    found[words.value] += 1
    return found + Counter({", ": 1, " or ": 1})


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def placeholders(text: str) -> set[str]:
    """Return the names of placeholders; of a text that is shown as it is, its braces."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set(re.findall("[{}]", text))


def test_nothing_that_a_user_reads_is_put_together_as_a_string() -> None:
    wrong = []
    for path, node, name in calls():
        at = 0 if name in CARRIERS else METHODS.get(name)
        if at is None or len(node.args) <= at:
            continue
        for words in first_words(node.args[at]):
            if isinstance(words, ast.JoinedStr | ast.BinOp):
                wrong.append(f"{path.name}:{words.lineno}: {ast.unparse(words)[:60]}")
    assert not wrong


def test_values_of_a_template_are_all_its_placeholders() -> None:
    wrong = []
    for path, node, name in calls():
        at = 0 if name in CARRIERS else METHODS.get(name)
        if at is None or len(node.args) <= at or any(one.arg is None for one in node.keywords):
            continue
        given = {one.arg for one in node.keywords}
        for words in first_words(node.args[at]):
            if isinstance(words, ast.Constant) and isinstance(words.value, str):
                wanted = placeholders(words.value) if given else set()
                if wanted != given and name != "phrase":
                    wrong.append(f"{path.name}:{words.lineno}: {sorted(wanted ^ given)}")
    assert not wrong


def test_an_error_is_shown_in_the_language_in_use() -> None:
    fund = Message("there is no fund {fund!r}.{hint}", fund="sick", hint=EMPTY)
    error = InputError(fund)
    assert error.text("en") == "there is no fund 'sick'."
    with speaking("en"):
        assert str(error) == "there is no fund 'sick'."


def test_a_position_stands_in_front_in_both_languages() -> None:
    error = ScenarioError(Message("a second document"), Position("a.yaml", 3, 5))
    assert error.text("en") == "a.yaml:3:5: a second document"
    assert error.text("zh").startswith("a.yaml:3:5：")


@pytest.mark.parametrize(
    "error",
    [
        DataError("no rows in {name}", name="a.csv"),
        ScenarioError(Message("no key {key}", key="x"), Position("a.yaml", 1, 2)),
        ClosureError(Message("too few"), ["base.dormant"]),
        PoolError(Message("too many"), ["growth.employee"], Message("lower it")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_back_from_another_process_whole(error: fs.FsinsureError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert {**vars(back)} == {**vars(error)}
    for lang in ("zh", "en"):
        assert back.text(lang) == error.text(lang)


def test_braces_in_values_and_in_texts_without_values_stay() -> None:
    assert Message("write {a: 1}").text("en") == "write {a: 1}"
    assert Message("got {value}", value="{x}").text("en") == "got {x}"


@pytest.mark.parametrize("value", [[1.7], None, ("a", "b"), Path("x"), "text", 3, True])
def test_a_value_is_shown_as_python_writes_it(value: object) -> None:
    message = pickle.loads(pickle.dumps(Message("not {value!r}, {value}", value=value)))
    assert message.text("en") == f"not {value!r}, {value}"


def test_lists_have_the_comma_of_their_language() -> None:
    assert separated(["a", "b"]).text("en") == "a, b"
    assert either(["a", "b", "c"]).text("en") == "a, b or c"
    assert either(["a"]).text("en") == "a"


def test_a_language_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSINSURE_LANG", "de")
    done = CliRunner().invoke(app, ["region", "list"])
    assert done.exit_code == 2
    assert "FSINSURE_LANG" in done.stderr
    assert "'de'" in done.stderr
    assert CliRunner().invoke(app, ["region", "list", "--lang", "en"]).exit_code == 0


def test_the_variable_names_the_language_of_output(monkeypatch: pytest.MonkeyPatch) -> None:
    english = CliRunner().invoke(app, ["region", "list", "--lang", "en"]).stdout
    chinese = CliRunner().invoke(app, ["region", "list", "--lang", "zh"]).stdout
    assert english != chinese
    monkeypatch.setenv("FSINSURE_LANG", "en")
    assert CliRunner().invoke(app, ["region", "list"]).stdout == english
    monkeypatch.setenv("FSINSURE_LANG", "")
    assert CliRunner().invoke(app, ["region", "list"]).stdout == chinese


def test_every_text_has_one_chinese_text_and_no_row_is_unused() -> None:
    known = templates()
    english = Counter(row["en"] for row in rows())
    assert not [text for text, count in english.items() if count > 1]
    assert not [text for text in known if text and text not in english]
    assert not [text for text in english if text not in known]
    assert not [row["en"] for row in rows() if not row["zh"] and row["en"].strip()]


def test_both_texts_have_the_same_placeholders() -> None:
    wrong = [row for row in rows() if placeholders(row["en"]) != placeholders(row["zh"])]
    assert not wrong


def test_prose_in_chinese_has_full_width_punctuation() -> None:
    prose = re.compile(r"[\u4e00-\u9fff] ?[,;?!]")
    assert not [row["zh"] for row in rows() if prose.search(row["zh"]) and "{{" not in row["zh"]]


def test_chinese_errors_are_whole() -> None:
    """No English part is left in an error that is put together of parts."""
    with pytest.raises(InputError) as caught:
        fs.load("baseline").with_({"growth.flexible": "80%", "growth.employe": "1%"})
    assert caught.value.text("zh").splitlines()[0] == (
        "growth.employe：未知的键。是否为“growth.employee”？"
    )
    with pytest.raises(InputError) as caught:
        fs.solve("baseline", target="pension", lever="growth.employee")
    assert re.fullmatch(r"没有目标 'pension'。.*可用的目标：[a-z._、]+", caught.value.text("zh"))


def test_usage_errors_are_in_chinese_too() -> None:
    for arguments, said in {
        ("run", "--bogus", "--lang", "zh"): "没有选项：--bogus",
        ("runn", "--lang", "zh"): "没有命令 'runn'。是否为 'run'？",
        ("run", "--lang", "zh"): "缺少参数 'SCENARIO'。",
        ("micro", "baseline", "--seed", "x", "--lang", "zh"): "'--seed' 的值有误：应为整数",
        ("micro", "baseline", "--seed", "-1", "--lang=zh"): "'--seed' 的值有误：应为 0 或以上",
        (
            "run",
            "baseline",
            "--plots",
            "no",
            "--lang",
            "zh",
        ): "'no' 应为 'main'",
    }.items():
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 2
        assert said in done.stderr
        assert done.stderr.startswith("用法：")
        assert "Error" not in done.stderr


HINTS = {
    "flexible\u200b: 5%": "it holds a zero-width space",
    "\u00a0flexible: 5%": "is none to YAML, write a plain space",
}


@pytest.mark.parametrize(("line", "said"), HINTS.items())
def test_a_character_that_looks_like_another_is_named_and_nothing_else_suggested(
    tmp_path: Path, line: str, said: str
) -> None:
    text = f"name: a\nextends: baseline\ngrowth: {{{line}}}\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=said) as caught:
        fs.load(tmp_path / "a.yaml")
    assert caught.value.text("en").count("Did you mean 'flexible'?") == 1


def test_hints_name_what_was_meant(result: fs.Result) -> None:
    with pytest.raises(InputError) as caught:
        result.plot.pyramid(2030)
    assert "Did you mean" not in caught.value.text("en")
    with pytest.raises(ScenarioError, match=r"such as 'growth\.flexible'"):
        result.scenario.with_({"growth": {"flexible": "5%"}})
    with pytest.raises(ScenarioError, match=r"'base\.flexible', 'growth\.flexible'"):
        result.scenario.with_({"flexible": "5%"})


def test_readers_see_chinese_names_in_chinese_and_codes_in_english() -> None:
    scenario = fs.load("baseline").with_({"growth.employee": "59%"})
    with pytest.raises(PoolError) as caught:
        fs.run(scenario)
    chinese, english = caught.value.text("zh"), caught.value.text("en")
    assert re.search(r"growth\.employee 要求南海区退休年龄以下的企业职工达到 [0-9,]+ 人", chinese)
    assert "解决办法：降低 growth.employee" in chinese
    assert re.search(r"growth\.employee asks for [0-9,]+ employee below .* in nanhai", english)


OCCURRING = [
    (errno.ENOENT, "没有该文件或文件夹"),
    (errno.EACCES, "没有权限"),
    (errno.EISDIR, "这是一个文件夹"),
    (errno.ENOSPC, "磁盘空间已满"),
    (errno.EEXIST, "文件已存在"),
]


@pytest.mark.parametrize(("number", "said"), OCCURRING)
def test_what_the_system_says_of_a_file_is_in_chinese_too(number: int, said: str) -> None:
    error = OSError(number, os.strerror(number))
    assert reason(error).text("zh") == said
    assert reason(error).text("en") == os.strerror(number)


def test_an_uncommon_error_of_the_system_is_in_its_own_words() -> None:
    error = OSError(errno.EXDEV, "Invalid cross-device link")
    assert reason(error).text("zh") == "Invalid cross-device link"
    assert reason(OSError()).text("zh") == "OSError"


def test_a_file_that_cannot_be_written_says_so_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    done = CliRunner().invoke(
        app, ["schema", "--out", str(tmp_path / "here")], env={"FSINSURE_LANG": "zh"}
    )
    assert done.exit_code == 2
    assert "这是一个文件夹" in done.stderr


def test_a_usage_line_has_no_english_words() -> None:
    for arguments in (
        ("run", "--lang", "xx"),
        ("region", "nothing"),
        ("run", "baseline", "--lang"),
    ):
        done = CliRunner().invoke(app, arguments, env={"FSINSURE_LANG": "zh"})
        assert done.exit_code == 2
        assert not re.search("OPTIONS|COMMAND|ARGS|env var", done.stderr)
    assert (
        "'--lang' 或环境变量 FSINSURE_LANG 的值有误：'xx' 应为 'zh'、'en' 之一"
        in CliRunner()
        .invoke(app, ("run", "baseline", "--lang", "xx"), env={"FSINSURE_LANG": "zh"})
        .stderr
    )


def test_amounts_are_without_wan_and_yi_in_english(baseline: fs.Scenario) -> None:
    target = {"measure": "injury", "year": 2025, "value": 900}
    with pytest.raises(ScenarioError) as caught:
        baseline.with_({"targets": [target]})
    assert "between 1,000 and 1,000,000,000" in caught.value.text("en")
    assert "1000 到 10亿" in caught.value.text("zh")
    target = {"measure": "injury", "year": 2025, "value": 3_640_000, "baseline": 3_000_000}
    with pytest.raises(MeasureError) as measure:
        fs.run(baseline.with_({"targets": [target]}))
    assert "baseline of 3,000,000, but" in measure.value.text("en")
    assert "300.00 万" in measure.value.text("zh")
    assert not re.search("[万亿]", measure.value.text("en"))
