"""The person engine over shards: the same bits for any batches and executors."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
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
    """The digest of a run in one batch."""
    return digest_of(fs.run(baseline, "micro", persons=PERSONS, seed=7, accelerate=False))


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> int:
    """Cut persons into batches of 1,700; return how many there are."""
    monkeypatch.setattr(simulate, "layout", partial(layout, size=1_700))
    return 9


def run(baseline: fs.Scenario, seed: int = 7, **where: object) -> fs.Result:
    return fs.run(baseline, "micro", persons=PERSONS, seed=seed, **where)


def test_the_cut_changes_no_bit(baseline: fs.Scenario, cut: int, whole: str) -> None:
    reported: list[tuple[int, int]] = []
    found = run(baseline, accelerate=False, progress=lambda *both: reported.append(both))
    assert digest_of(found) == whole
    assert len(reported) == cut + 1
    assert found.simulation
    total = sum(group.count for group in found.simulation.plan.groups)
    assert reported[-1] == (total, total)
    assert total > PERSONS
    assert digest_of(run(baseline, seed=8, accelerate=False)) != whole


def test_threads_change_no_bit(baseline: fs.Scenario, cut: int, whole: str) -> None:
    assert digest_of(run(baseline, threads=2, accelerate=False)) == whole


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
    reported: list[int] = []
    found = run(baseline, checkpoint=resume, progress=lambda done, _: reported.append(done))
    assert reported[0] > PERSONS / 2
    assert digest_of(found) == whole


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("library_hash", lambda: "ff", "data"), ("__version__", "9", "fsinsure")],
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
    """Any difference of a single person makes another run."""
    made = run(baseline).simulation
    assert made
    everybody = made.plan.people(0, made.plan.persons)
    given = persons_of(everybody, made.plan.code, made.plan.schema, 1 / made.plan.scale)
    where = {"engine": "micro", "seed": 7}
    fs.run(baseline, persons=given, checkpoint=Checkpoint(tmp_path), **where)
    resume = Checkpoint(tmp_path, resume=True)
    reported: list[tuple[int, int]] = []
    note = {"progress": lambda *both: reported.append(both)}
    fs.run(baseline, persons=given, checkpoint=resume, **note, **where)
    assert reported[0][0] == reported[0][1] > 2_000, "the same persons go on"
    for column in given.columns:
        other = {name: array.copy() for name, array in given.columns.items()}
        others = given[column][given[column] != given[column][0]]
        other[column][0] = others[0] if len(others) else given[column][0] + 1
        with pytest.raises(InputError, match="differs in tables and persons"):
            again = Persons(other, given.schema, given.weight)
            fs.run(baseline, persons=again, checkpoint=resume, **where)


def test_a_stopped_run_may_go_on_compiled_or_not(
    baseline: fs.Scenario, tmp_path: Path, whole: str
) -> None:
    run(baseline, checkpoint=Checkpoint(tmp_path / "kept"), accelerate=False)
    found = run(baseline, checkpoint=Checkpoint(tmp_path / "kept", resume=True), accelerate=None)
    assert digest_of(found) == whole


@pytest.mark.parametrize(
    "where",
    [{"threads": 2}, {"checkpoint": Checkpoint(Path("kept"))}, {"progress": print}],
    ids=["threads", "checkpoint", "progress"],
)
def test_the_cohort_engine_takes_no_options_of_persons(baseline: fs.Scenario, where: dict) -> None:
    with pytest.raises(InputError, match="are for engine='micro'"):
        fs.run(baseline, **where)


def micro(*arguments: str):
    return CliRunner().invoke(app, ["micro", "baseline", "--plots", "none", *arguments])


def test_the_command_reports_the_agreement(tmp_path: Path) -> None:
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
    assert "persons must be a whole number from 1,000 to 10,000,000,000, or full" in refused.stderr
    assert not (tmp_path / "out").exists()


COMMAND = """
from functools import partial
from fsinsure.cli import main
from fsinsure.microsim.parallel import checkpoint
from fsinsure.microsim import simulate
simulate.layout = partial(simulate.layout, size=1_000)
checkpoint.PAUSE = checkpoint.SHARE = 0.0
if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
def test_a_command_killed_at_any_moment_goes_on_to_the_same_files(tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(COMMAND, encoding="utf-8")
    asked = ["--persons", "12000", "--no-accelerate"]
    command = [sys.executable, str(script), "micro", "baseline", "--plots", "none", *asked]
    assert micro(*asked, "--out", str(tmp_path / "straight")).exit_code == 0
    moments = random.Random(1)
    again = [*command, "--out", "killed", "--resume"]
    folder = tmp_path / "killed" / ".checkpoint"
    kept = folder / "finished.bin"
    most = 0
    for _ in range(2):
        before = saved(kept)
        with subprocess.Popen(again, cwd=tmp_path, stdout=-3, stderr=-3) as run:
            until = time.monotonic() + 60
            while run.poll() is None and saved(kept) == before and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.1))
            run.kill()
        assert finished(kept) > most
        most = finished(kept)
    subprocess.run(again, cwd=tmp_path, check=True, capture_output=True)
    assert not folder.exists()
    for table in (tmp_path / "straight").glob("*.csv"):
        assert (tmp_path / "killed" / table.name).read_bytes() == table.read_bytes()


def saved(kept: Path) -> int:
    """Return when a run has saved last."""
    return kept.stat().st_mtime_ns if kept.exists() else 0


def finished(kept: Path) -> int:
    """Return the number of batches that a run has kept."""
    return len(np.load(io.BytesIO(kept.read_bytes()[32:]))["done"])
