"""The person engine over shards: the same bits however persons are cut, wherever they run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure import api
from fsinsure.cli import app
from fsinsure.errors import InputError
from fsinsure.microdata.schema import Persons, persons_of
from fsinsure.microsim import simulate
from fsinsure.microsim.parallel.checkpoint import Checkpoint
from fsinsure.microsim.parallel.shards import layout
from person_engine import digest_of

PERSONS = 12_000


@pytest.fixture(scope="module")
def whole(baseline: fs.Scenario) -> str:
    """The digest of everybody in one batch."""
    return digest_of(fs.run(baseline, "micro", persons=PERSONS, seed=7, accelerate=False))


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> int:
    """Cut persons into batches of 1,700; return how many there are."""
    monkeypatch.setattr(simulate, "layout", partial(layout, size=1_700))
    return 8


def run(baseline: fs.Scenario, seed: int = 7, **where: object) -> fs.Result:
    return fs.run(baseline, "micro", persons=PERSONS, seed=seed, **where)


def test_the_cut_changes_no_bit(baseline: fs.Scenario, cut: int, whole: str) -> None:
    told: list[tuple[int, int]] = []
    found = run(baseline, accelerate=False, progress=lambda *both: told.append(both))
    assert digest_of(found) == whole
    assert len(told) == cut + 1
    assert found.simulation
    everybody = sum(group.count for group in found.simulation.task.groups)
    assert told[-1] == (everybody, everybody)
    assert everybody > PERSONS
    assert digest_of(run(baseline, seed=8, accelerate=False)) != whole


def test_processes_change_no_bit(baseline: fs.Scenario, cut: int, whole: str) -> None:
    assert digest_of(run(baseline, processes=2, accelerate=False)) == whole


def test_a_stopped_run_goes_on_to_the_same_bits(
    baseline: fs.Scenario, cut: int, whole: str, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    folder = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        run(baseline, checkpoint=Checkpoint(folder), progress=stop)
    with pytest.raises(InputError, match=rf"of {cut} batches are done\): add --resume"):
        run(baseline, checkpoint=Checkpoint(folder))
    resume = Checkpoint(folder, resume=True)
    with pytest.raises(InputError, match=r"seed \(7 there, 8 here\)"):
        run(baseline, seed=8, checkpoint=resume)
    other = baseline.with_({"growth.flexible": "6%"})
    with pytest.raises(
        InputError, match=r"differs in scenario \(\w{8}\.\.\. there, \w{8}\.\.\. here\)\."
    ):
        run(other, checkpoint=resume)
    told: list[int] = []
    found = run(baseline, checkpoint=resume, progress=lambda done, _: told.append(done))
    assert told[0] > PERSONS / 2
    assert digest_of(found) == whole


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("data_hash", lambda: "ff", "data"), ("__version__", "9", "fsinsure")],
)
def test_other_data_or_another_version_is_refused(
    baseline: fs.Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: object,
    said: str,
) -> None:
    run(baseline, checkpoint=Checkpoint(tmp_path / "kept"))
    monkeypatch.setattr(api, name, value)
    with pytest.raises(InputError, match=rf"it differs in {said} \("):
        run(baseline, checkpoint=Checkpoint(tmp_path / "kept", resume=True))


def test_other_persons_from_a_file_are_refused(baseline: fs.Scenario, tmp_path: Path) -> None:
    """Whatever differs of a single person, it is another run."""
    made = run(baseline).simulation
    assert made
    births = made.task.years[0].births
    given = persons_of(made.task.people(0, 2_000), births, 1 / made.task.scale)
    where = {"engine": "micro", "seed": 7}
    fs.run(baseline, persons=given, checkpoint=Checkpoint(tmp_path), **where)
    resume = Checkpoint(tmp_path, resume=True)
    told: list[tuple[int, int]] = []
    note = {"progress": lambda *both: told.append(both)}
    fs.run(baseline, persons=given, checkpoint=resume, **note, **where)
    assert told[0][0] == told[0][1] > 2_000, "the same persons go on"
    for column in given.columns:
        other = {name: array.copy() for name, array in given.columns.items()}
        others = given[column][given[column] != given[column][0]]
        other[column][0] = others[0] if len(others) else given[column][0] + 1
        with pytest.raises(InputError, match="differs in the years and persons made of them"):
            again = Persons(other, given.weight)
            fs.run(baseline, persons=again, checkpoint=resume, **where)


def test_a_kept_run_may_go_on_compiled_or_not(
    baseline: fs.Scenario, tmp_path: Path, whole: str
) -> None:
    run(baseline, checkpoint=Checkpoint(tmp_path / "kept"), accelerate=False)
    found = run(baseline, checkpoint=Checkpoint(tmp_path / "kept", resume=True), accelerate=None)
    assert digest_of(found) == whole


@pytest.mark.parametrize(
    "where",
    [{"processes": 2}, {"checkpoint": Checkpoint(Path("kept"))}, {"progress": print}],
    ids=["processes", "checkpoint", "progress"],
)
def test_the_cohort_engine_runs_in_one_place(baseline: fs.Scenario, where: dict) -> None:
    with pytest.raises(InputError, match="are for engine='micro'"):
        fs.run(baseline, **where)


def micro(*arguments: str):
    return CliRunner().invoke(app, ["micro", "baseline", "--plots", "none", *arguments])


def test_the_command_tells_the_agreement(tmp_path: Path) -> None:
    done = micro("--persons", "2万", "--seed", "7", "--out", str(tmp_path / "out"), "--lang", "en")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Scenario baseline: ")
    assert lines[7].startswith("Agreement with the cohort engine: ")
    assert lines[7].endswith("they agree")
    assert not (tmp_path / "out" / ".checkpoint").exists()


def test_persons_who_do_not_agree_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsinsure.validation import agreement

    monkeypatch.setattr(agreement, "bound", lambda figures: 1.0)
    done = micro("--persons", "2000", "--out", str(tmp_path / "out"), "--lang", "en")
    assert done.exit_code == 1
    assert "they agree" not in done.stdout
    assert (tmp_path / "out" / "ledger.csv").exists()


@pytest.mark.parametrize("persons", ["0", "-3", "999"])
def test_too_few_persons_are_refused(tmp_path: Path, persons: str) -> None:
    refused = micro(f"--persons={persons}", "--out", str(tmp_path / "out"))
    assert refused.exit_code == 2
    assert "persons must be 'full' or a whole number from 1,000 to 10,000,000,000" in refused.stderr
    assert not (tmp_path / "out").exists()


NO_GUARD = """
import fsinsure as fs
fs.run(fs.load("baseline"), engine="micro", persons=2_000, processes=2, accelerate=False)
"""


@pytest.mark.slow
def test_a_script_without_a_guard_is_told_and_ends(tmp_path: Path) -> None:
    # Processes die before they have read what they are started with, which must not be waited for.
    script = tmp_path / "script.py"
    script.write_text(NO_GUARD, encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 1
    assert "WorkerError: worker processes died 3 times" in done.stderr
    assert "must stand under if __name__ == '__main__'" in done.stderr


COMMAND = """
from functools import partial
from fsinsure.cli import main
from fsinsure.microsim.parallel import checkpoint
from fsinsure.microsim import simulate
simulate.layout = partial(simulate.layout, size=3_000)
checkpoint.EVERY = checkpoint.SHARE = 0.0
if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
def test_a_command_killed_at_any_moment_goes_on_to_the_same_files(tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(COMMAND, encoding="utf-8")
    asked = ["micro", "baseline", "--plots", "none", "--persons", "30000", "--no-accelerate"]
    command = [sys.executable, str(script), *asked]
    subprocess.run([*command, "--out", "straight"], cwd=tmp_path, check=True, capture_output=True)
    moments = random.Random(1)
    again = [*command, "--out", "killed", "--resume"]
    kept = tmp_path / "killed" / ".checkpoint"
    most = 0
    for _ in range(3):
        with subprocess.Popen(again, cwd=tmp_path, stdout=-3, stderr=-3) as run:
            until = time.monotonic() + 60
            while run.poll() is None and number(kept) <= most and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(moments.uniform(0, 0.1))
            run.kill()
        most = max(most, number(kept))
    assert most > 0, "nothing was ever kept"
    subprocess.run(again, cwd=tmp_path, check=True, capture_output=True)
    assert not kept.exists()
    for table in (tmp_path / "straight").glob("*.csv"):
        assert (tmp_path / "killed" / table.name).read_bytes() == table.read_bytes()


def number(kept: Path) -> int:
    """How often a run has saved."""
    return max((int(path.stem[5:]) for path in kept.glob("sums-*.npz")), default=0)
