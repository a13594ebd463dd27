"""The command line: what it prints, its exit codes, and that bad input leaves no file behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure
from fsinsure.cli import _note, app, main
from fsinsure.errors import ExtendedWarning, IdentityError, TargetWarning

TABLES = (
    *("enrollment", "stocks", "flows", "channels", "targets"),
    *("ledger", "indicators", "parameters"),
)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command inside an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_run_writes_the_tables_and_says_seven_lines(call, tmp_path: Path) -> None:
    done = call("run", "baseline", "--plots", "none", "--lang", "zh")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("情景 baseline：")
    assert re.search(r"(\d+)/\1 项成立", lines[0])
    assert "470" in lines[1]
    assert "3.66%" in lines[2]  # 392.63 -> 470 in five years
    assert "企业职工养老保险 +" in lines[3]
    assert "目标 750" in lines[4]
    assert lines[5].startswith("2025 年末基金结余（亿元）")
    folder = tmp_path / "out" / "baseline"
    assert str(Path("out", "baseline")) in lines[6]
    assert {file.name for file in folder.iterdir()} == {*(f"{t}.csv" for t in TABLES), "run.json"}
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["scenario"] == "baseline"


def test_the_seven_lines_in_english(call) -> None:
    done = call("run", "baseline", "--plots", "none", "--lang", "en", "--out", "here")
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7
    assert done.stdout.startswith("Scenario baseline: ")
    assert not re.search(r"[一-鿿]", done.stdout)


def test_the_numbers_of_the_summary_are_those_of_the_tables(call) -> None:
    done = call("run", "baseline", "--plots", "none", "--lang", "zh")
    result = fsinsure.run(fsinsure.load("baseline"))
    for row in result.targets.to_dict("records"):
        assert f"{row['projected'] / 1e4:.2f}".rstrip("0").rstrip(".") in done.stdout
        assert f"{abs(row['gap']) / 1e4:.2f}".rstrip("0").rstrip(".") in done.stdout


def test_the_pictures_of_the_main_question_are_drawn_unless_refused(call, tmp_path: Path) -> None:
    assert call("run", "baseline", "--out", "pictures").exit_code == 0
    drawn = {file.stem: file.read_bytes() for file in (tmp_path / "pictures").glob("*.png")}
    channels = (f"channels-{name}" for name in ("pension.enterprise", "unemployment", "injury"))
    assert set(drawn) == {"targets", *channels, "funds"}
    assert all(data.startswith(b"\x89PNG") for data in drawn.values())
    refused = call("run", "baseline", "--plots", "no")
    assert refused.exit_code == 2
    assert "'no' is not one of 'main', 'all', 'none'" in refused.stderr


def test_horizon(call) -> None:
    done = call("run", "baseline", "--plots", "none", "--horizon", "2030")
    assert done.exit_code == 0, done.stderr
    assert "2020–2030" in done.stdout
    assert call("run", "baseline", "--horizon", "2101").exit_code == 2


SHORT = "name: short\nextends: baseline\nhorizon: 2023\n"
NOT_ASSESSED = (
    "targets after the horizon 2023 are not assessed: pension.enterprise 2025, unemployment 2025, "
    "injury 2025"
)


def test_a_target_beyond_the_horizon_is_neither_met_nor_missed(call) -> None:
    done = call("run", "baseline", "--plots", "none", "--horizon", "2023", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert "beyond the projection" in done.stdout
    assert "No plan target lies within the horizon 2023" in done.stdout
    for said in (done, call("validate", str(write(Path("short.yaml"), SHORT)))):
        assert said.exit_code == 0
    with pytest.warns(TargetWarning, match=NOT_ASSESSED):
        call("run", "baseline", "--plots", "none", "--horizon", "2023")
    with pytest.warns(TargetWarning, match=NOT_ASSESSED):
        call("validate", "short.yaml")
    refused = call("run", "baseline", "--plots", "none", "--horizon", "2023", "--enforce")
    assert refused.exit_code == 2
    assert "has none up to 2023" in refused.stderr


def test_enforce_exits_with_1_when_a_target_is_missed(call, tmp_path: Path) -> None:
    low, high = ("3000000", "9000000")
    for name, value, code in (("met", low, 0), ("missed", high, 1)):
        file = write(
            tmp_path / f"{name}.yaml",
            f"name: {name}\nextends: baseline\n"
            f"targets:\n  - {{measure: pension.enterprise, year: 2025, value: {value}}}\n",
        )
        done = call("run", str(file), "--plots", "none", "--enforce")
        assert done.exit_code == code, done.stderr
        assert len(done.stdout.splitlines()) == 7
        assert call("run", str(file), "--plots", "none").exit_code == 0


def test_a_deficit_is_said_with_its_fund_and_year(call, tmp_path: Path) -> None:
    text = "name: poor\nextends: baseline\npension: {employer_rate: 0, employee_rate: 0}\n"
    done = call("run", str(write(tmp_path / "poor.yaml", text)), "--plots", "none", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert re.search(
        r"balance of Enterprise pension first falls below zero at the end of 202[2-5]", done.stderr
    )
    assert len(done.stdout.splitlines()) == 7


def test_a_warning_of_ours_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    _note(ExtendedWarning("run past 2025"), ExtendedWarning, "file.py", 1)
    assert capsys.readouterr().err == "Note: run past 2025.\n"
    _note(TargetWarning("too late"), TargetWarning, "file.py", 1)
    assert capsys.readouterr().err == "Note: too late.\n"
    _note(UserWarning("other"), UserWarning, "file.py", 1)
    assert capsys.readouterr().err.startswith("file.py:1: UserWarning: other")


def test_a_scenario_without_targets_still_says_seven_lines(call, tmp_path: Path) -> None:
    file = write(tmp_path / "free.yaml", "name: free\nextends: baseline\ntargets: []\n")
    done = call("run", str(file), "--plots", "none", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7
    assert "No target is set" in done.stdout


BAD = {
    "unknown key": "name: bad\nextends: baseline\ngrowht:\n  employee: 1%\n",
    "not a number": "name: bad\nextends: baseline\ngrowth:\n  employee: much\n",
    "out of bounds": "name: bad\nextends: baseline\ngrowth:\n  employee: 300%\n",
    "broken YAML": "name: [bad\n",
    "empty": "",
    "no such people": "name: bad\nextends: baseline\ngrowth:\n  employee: 50%\n",
    "another measure": (
        "name: bad\nextends: baseline\ntargets:\n"
        "  - {measure: pension.enterprise, year: 2025, value: 470万, baseline: 341.30万}\n"
    ),
    "base year cannot close": "name: bad\nextends: baseline\nbase:\n  dormant: 500万\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_2_a_message_and_no_file(call, tmp_path: Path, text: str) -> None:
    file = write(tmp_path / "bad.yaml", text)
    done = call("run", str(file), "--out", "out")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.output
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "no-such-scenario"),
        ("run", "no-such-file.yaml"),
        ("run", "."),
        ("run",),
        ("run", "baseline", "--lang", "fr"),
        ("run", "baseline", "--horizon", "soon"),
        ("compare", "baseline"),
        ("compare", "baseline", "baseline"),
        ("sources", "--confidence", "certain"),
        ("sources", "--table", "facs"),
        ("sources", "--conflicts", "--table", "facts"),
        ("new", "scenario.txt"),
        ("new", "nodir/x.yaml"),
        ("run", "baseline", "--plots", "none", "--out", ""),
        ("compare", "baseline", "low-growth", "--out", " "),
        ("schema", "--out", ""),
        ("frobnicate",),
    ],
    ids=" ".join,
)
def test_bad_arguments_end_with_2(call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert done.stderr
    assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_cannot_be_made_ends_with_2(call, tmp_path: Path) -> None:
    write(tmp_path / "taken", "mine")
    done = call("run", "baseline", "--plots", "none", "--out", "taken")
    assert done.exit_code == 2
    assert "taken" in done.stderr
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_a_broken_identity_ends_with_1(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(scenario: object, **_: object) -> None:
        raise IdentityError("people are not conserved in 2023")

    monkeypatch.setattr(fsinsure, "run", broken)
    done = call("run", "baseline")
    assert done.exit_code == 1
    assert "not conserved" in done.stderr


def test_compare_prints_only_the_parameters_that_differ(call, tmp_path: Path) -> None:
    done = call("compare", "baseline", "flexible-expansion", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    targets, parameters, funds, reasons = done.stdout.split("\n\n")
    assert "flexible-expansion" in targets.splitlines()[1]
    assert "Enterprise pension" in targets
    assert "growth.flexible" in parameters
    assert "growth.employee" not in parameters
    assert "billion yuan, end of 2025" in funds
    assert "Why flexible-expansion differs from baseline (end of 2025" in reasons
    assert "= Yearly growth of flexible workers at year end" in reasons
    assert "relief" not in done.stdout
    written = tmp_path / "out" / "baseline-compared"
    assert {"targets.csv", "reasons.csv", "run.json"} <= {file.name for file in written.iterdir()}


def test_compare_says_what_relief_costs_and_whom_it_keeps(call) -> None:
    done = call("compare", "baseline", "fee-relief", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    *_, relief, reasons = done.stdout.split("\n\n")
    assert relief.startswith("fee-relief, relief of 2022: 18.99")
    assert relief.endswith("insured at year end (0 at the end of 2025)")
    assert "it keeps 66.1 thousand persons" in relief
    # The levers are in words.
    assert re.search(
        r"= Waive 100% of .*, small firms \(2022-02 to 2022-12\) −14\.\d+, "
        r"Waive 50% of .*, large firms \(.*\) −2\.2\d+, "
        r"Elasticity of the number of employees to labour cost \+0\.2",
        reasons,
    )
    assert all(f"\nrelief[{place}] " in done.stdout for place in (0, 1))


def test_compare_writes_when_a_folder_is_given(call, tmp_path: Path) -> None:
    done = call("compare", "baseline", "low-growth", "--out", "both")
    assert done.exit_code == 0, done.stderr
    written = {file.name for file in (tmp_path / "both").iterdir()}
    names = "targets enrollment channels ledger indicators reasons parameters"
    tables = {f"{name}.csv" for name in names.split()}
    assert {*tables, "comparison.png", "reasons_fund_low-growth.png"} <= written
    assert all(str(Path("both", name)) in done.stdout for name in written)
    pictures = sum(name.endswith(".png") for name in written)
    assert f"Pictures above: {pictures}; open comparison.png first" in done.stdout.splitlines()[-1]
    done = call("compare", "baseline", "low-growth", "--out", "plain", "--plots", "none")
    assert done.exit_code == 0, done.stderr
    assert {file.name for file in (tmp_path / "plain").iterdir()} == {*tables, "run.json"}
    assert done.stdout.splitlines()[-1].startswith("No picture was drawn: --plots main")


def test_validate_reports_every_file(call, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.yaml", "name: bad\nextends: baseline\ngrowth:\n  employe: 1%\n")
    done = call("validate", "baseline", str(bad), "low-growth", "--lang", "zh")
    assert done.exit_code == 2
    assert "baseline：有效" in done.stdout
    assert "low-growth：有效" in done.stdout
    assert "bad.yaml:4:3" in done.stderr
    assert "是否为“employee”？" in done.stderr


def test_validate_explains_who_set_each_value(call, tmp_path: Path) -> None:
    file = write(tmp_path / "mine.yaml", "name: mine\nextends: baseline\nhorizon: 2030\n")
    done = call("validate", str(file), "--explain")
    assert done.exit_code == 0, done.stderr
    horizon = next(line for line in done.stdout.splitlines() if line.startswith("horizon"))
    assert "mine.yaml:3" in horizon
    day = next(line for line in done.stdout.splitlines() if line.startswith("as_of"))
    assert "baseline.yaml:" in day


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_new_writes_a_file_that_validates_and_never_overwrites(call, lang: str) -> None:
    assert call("new", "reform.yaml", "--lang", lang).exit_code == 0
    text = Path("reform.yaml").read_text(encoding="utf-8")
    assert call("validate", "reform.yaml").exit_code == 0
    write(Path("reform.yaml"), "mine")
    assert call("new", "reform.yaml", "--lang", lang).exit_code == 2
    assert Path("reform.yaml").read_text(encoding="utf-8") == "mine"
    assert call("new", "reform.yaml", "--lang", lang, "--force").exit_code == 0
    assert Path("reform.yaml").read_text(encoding="utf-8") == text


def test_sources_are_listed_and_filtered(call) -> None:
    everything = call("sources")
    assert everything.exit_code == 0, everything.stderr
    assert "392.63" in everything.stdout
    some = call("sources", "失业保险")
    assert 0 < len(some.stdout.splitlines()) < len(everything.stdout.splitlines())
    assumed = call("sources", "--confidence", "assumption")
    assert "392.63" not in assumed.stdout
    facts = call("sources", "--table", "figures").stdout
    assert facts.startswith("figures.csv (")
    assert "assumptions.csv" not in facts


def test_a_new_file_needs_its_folder(call) -> None:
    assert "there is no folder nodir" in call("new", "nodir/x.yaml").stderr


@pytest.mark.parametrize("options", [(), ("--conflicts",), ("--confidence", "plan")], ids=str)
def test_sources_without_a_match_name_close_words(call, options) -> None:
    done = call("sources", "zzzq", *options, "--lang", "en")
    assert done.exit_code == 0
    assert re.fullmatch(r"Nothing contains 'zzzq'\. The closest known words: .+\n", done.stdout)
    assert (
        "失业"
        in call("sources", "失业保验", *options, "--lang", "zh").stdout.split("最接近的词：")[1]
    )


def test_the_parameters_table_does_not_depend_on_how_a_path_was_typed(call, tmp_path: Path) -> None:
    write(
        tmp_path / "mine.yaml",
        "name: mine\nextends: baseline\nhorizon: 2022\nbase: {dormant: 50万}\n",
    )
    for number, path in enumerate(("mine.yaml", "./mine.yaml", str(tmp_path / "mine.yaml"))):
        assert call("run", path, "--plots", "none", "--out", f"out{number}").exit_code == 0
        table = (tmp_path / f"out{number}" / "parameters.csv").read_bytes()
        assert table == (tmp_path / "out0" / "parameters.csv").read_bytes()
        assert b",mine.yaml:4:17" in table
        assert str(tmp_path).encode() not in table
        done = call("validate", path, "--explain")
        assert "  mine.yaml:4:17\n" in done.stdout


def test_conflicts_are_listed_with_the_reading_used(call) -> None:
    done = call("sources", "--conflicts")
    assert done.exit_code == 0, done.stderr
    assert "341.30" in done.stdout
    assert "392.63" in done.stdout


def test_schema_is_printed_or_written(call) -> None:
    printed = call("schema")
    assert printed.exit_code == 0, printed.stderr
    assert "growth" in json.loads(printed.stdout)["properties"]
    assert call("schema", "--out", "folder/s.json").exit_code == 0
    assert Path("folder/s.json").read_text(encoding="utf-8") == printed.stdout


@pytest.mark.parametrize(
    "command", ["run", "compare", "validate", "new", "sources", "schema", None]
)
def test_every_command_has_help_with_an_example(call, command: str | None) -> None:
    done = call(*([command] if command else []), "--help")
    assert done.exit_code == 0
    assert ("Example: fsinsure" in done.stdout) == (command is not None)
    assert not command or f"fsinsure {command} " in done.stdout


def test_version(call) -> None:
    assert call("--version").stdout == f"fsinsure {fsinsure.__version__}\n"


def test_output_is_utf8_whatever_the_pipe_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fsinsure", "run", "baseline", "--plots", "none"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "FSINSURE_LANG": ""},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8").startswith("情景 baseline")
    assert done.stderr == b""


def test_a_process_ends_without_traceback_on_bad_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fsinsure", "run", "没有.yaml"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 2
    assert "没有.yaml" in done.stderr.decode("utf-8")
    assert b"Traceback" not in done.stderr


FULL = Path("/dev/full")


def program(folder: Path, *arguments: str, **streams: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fsinsure", *arguments], cwd=folder, check=False, **streams
    )


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [("run", "baseline", "--plots", "none"), ("--help",), ("--version",), ("schema",)]
)
def test_a_full_disk_under_standard_output_ends_with_2_and_a_message(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with FULL.open("wb") as full:
        done = program(tmp_path, *arguments, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 2
        message = done.stderr.decode("utf-8")
        assert re.fullmatch(r"error: cannot write.*: No space left on device\.\n", message)
        silent = program(tmp_path, "run", "no-such-scenario", stdout=full, stderr=full)
        assert silent.returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that can be closed")
def test_a_pipe_that_nobody_reads_ends_quietly_with_2(tmp_path: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "wb") as pipe:
        done = program(tmp_path, "sources", stdout=pipe, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (2, b"")


GBK = "低增长.yaml".encode("gbk")


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
def test_a_file_name_in_gbk_is_printed_escaped_and_runs(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/" + GBK)
    write(Path(name), "name: x\nextends: baseline\ngrowth: {employee: 1%}\n")
    escaped = os.fsdecode(GBK).encode("ascii", "backslashreplace").decode()
    done = program(tmp_path, "validate", os.fsdecode(GBK), capture_output=True)
    assert done.returncode == 0, done.stderr
    assert escaped in done.stdout.decode("utf-8")
    done = program(tmp_path, "run", os.fsdecode(GBK), "--plots", "none", capture_output=True)
    assert done.returncode == 0, done.stderr
    parameters = (tmp_path / "out" / "x" / "parameters.csv").read_text(encoding="utf-8")
    assert f",{escaped}:3:20\n" in parameters
    write(Path(name), "name: [\n")
    done = program(tmp_path, "validate", os.fsdecode(GBK), capture_output=True)
    assert done.returncode == 2
    assert done.stderr.decode("utf-8").startswith("error: ")
    assert escaped in done.stderr.decode("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="needs control characters in file names")
def test_control_characters_of_a_name_do_not_reach_the_terminal(call) -> None:
    bad = "a\x1b]0;owned\x07\x1b[31m\u202eb.yaml"
    write(Path(bad), "name: [\n")
    done = call("validate", bad, "baseline")
    assert done.exit_code == 2
    assert r"a\x1b]0;owned\x07\x1b[31m\u202eb.yaml' has a control character" in done.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.output)


def test_micro_and_run_have_folders_of_their_own(call, tmp_path: Path) -> None:
    assert call("run", "baseline", "--plots", "none").exit_code == 0
    before = (tmp_path / "out" / "baseline" / "run.json").read_bytes()
    done = call("micro", "baseline", "--persons", "1000", "--plots", "none")
    assert done.exit_code in (0, 1), done.stderr
    assert (tmp_path / "out" / "baseline" / "run.json").read_bytes() == before
    meta = json.loads((tmp_path / "out" / "baseline-micro" / "run.json").read_text("utf-8"))
    assert meta["engine"] == "micro"


def test_a_file_of_the_user_is_not_replaced(call, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine" / "targets.csv", "my own list")
    done = call("run", "baseline", "--plots", "none", "--out", "mine")
    assert done.exit_code == 2
    assert str(Path("mine", "targets.csv")) in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["targets.csv"]
    assert (tmp_path / "mine" / "targets.csv").read_text("utf-8") == "my own list"


def test_the_installed_command_is_this_program() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'fsinsure = "{main.__module__}:{main.__name__}"' in project


def test_validate_refuses_what_a_run_would_refuse(call, tmp_path: Path) -> None:
    write(tmp_path / "dormant.yaml", "name: a\nextends: baseline\nbase: {dormant: 300万}\n")
    target = "{measure: pension.enterprise, year: 2025, value: 470万, baseline: 341.30万}"
    write(tmp_path / "target.yaml", f"name: b\nextends: baseline\ntargets: [{target}]\n")
    shares = "{separation_unemployed: 60%, separation_flexible: 60%}"
    write(tmp_path / "shares.yaml", f"name: c\nextends: baseline\nlabour: {shares}\n")
    floor = "{base_floor: 30000, base_cap: 20000}"
    write(tmp_path / "floor.yaml", f"name: d\nextends: baseline\npension: {floor}\n")
    for name, said in (
        ("dormant", "project_worker wanted"),
        ("target", "pension.urban_contributors"),
        ("shares", "add up to 120.0%"),
        ("floor", "pension.base_floor"),
    ):
        done = call("validate", f"{name}.yaml")
        assert done.exit_code == 2
        assert said in done.stderr


def test_a_scenario_may_have_a_chinese_name_and_a_plain_title(call, tmp_path: Path) -> None:
    write(tmp_path / "方案一.yaml", "name: 方案一\ntitle: 扩面方案（一）\nextends: baseline\n")
    done = call("run", "方案一.yaml", "--plots", "none", "--lang", "zh")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("情景 方案一：扩面方案（一）")
    record = json.loads((tmp_path / "out" / "方案一" / "run.json").read_text(encoding="utf-8"))
    assert record["scenario"] == "方案一"
    english = call("run", "方案一.yaml", "--plots", "none", "--out", "en", "--lang", "en")
    assert english.stdout.startswith("Scenario 方案一: 扩面方案（一）")
