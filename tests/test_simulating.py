"""``fsinsure micro``: the options of the engine, progress bar, checkpoint and exit codes."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure
from fsinsure import micro_cli
from fsinsure.api import whole_persons
from fsinsure.cli import app
from fsinsure.errors import InputError
from fsinsure.micro_cli import Bar, connected
from fsinsure.microsim.parallel.executors import Execution, run_batches
from fsinsure.microsim.parallel.shards import Counts, Shard, layout
from fsinsure.result import Result
from shard_work import GROUPS, RUN, YEARS, ZERO, Work

BATCHES = layout(GROUPS, YEARS, size=4_000)


class Engine:
    """Stands in for ``fsinsure.run``: a map over shards, then the tables of a run before."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.asked: dict = {}
        self.work: Work = Work()

    def __call__(self, scenario: fsinsure.Scenario, **asked: object) -> Result:
        self.asked = {"scenario": scenario.name, **asked}
        with asked["checkpoint"].store(RUN, len(BATCHES), ZERO) as store:
            run_batches(self.work, BATCHES, Execution(progress=asked["progress"]), store)
        return self.result


@pytest.fixture(scope="module")
def simulated(baseline: fsinsure.Scenario) -> Result:
    return fsinsure.run(baseline, "micro", persons=20_000, seed=7)


@pytest.fixture
def engine(simulated: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    monkeypatch.chdir(tmp_path)
    stand_in = Engine(simulated)
    monkeypatch.setattr(micro_cli, "run", stand_in)
    return stand_in


def call(*arguments: str):
    return CliRunner().invoke(app, ["micro", "baseline", "--plots", "none", *arguments])


class Interrupted(Work):
    def shard(self, shard: Shard) -> Counts:
        if shard.first > 20_000:
            raise KeyboardInterrupt
        return super().shard(shard)


def test_it_writes_and_prints_what_run_does(engine: Engine, tmp_path: Path) -> None:
    done = call("--out", "here", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Scenario baseline: ")
    assert done.stdout.splitlines()[7].startswith("Agreement with the cohort engine: ")
    assert done.stderr == "", "the bar is for terminals"
    engine.result.write(tmp_path / "there", plots="none")
    names = sorted(path.name for path in (tmp_path / "there").iterdir())
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == names


def test_the_options_reach_the_engine(engine: Engine) -> None:
    asked = ("--persons", "30万", "--seed", "7", "--threads", "2", "--no-accelerate")
    assert call(*asked).exit_code == 0
    expected = {"engine": "micro", "persons": "30万", "seed": 7, "threads": 2, "client": None}
    assert expected.items() <= engine.asked.items()
    assert engine.asked["accelerate"] is False
    assert call("--processes", "3").exit_code == 0, "the name of the option in 0.1"
    assert engine.asked["threads"] == 3
    assert engine.asked["checkpoint"].folder == Path("out", "baseline-micro", ".checkpoint")
    assert call().exit_code == 0
    expected = {"persons": None, "seed": 0, "threads": None, "accelerate": None}
    assert expected.items() <= engine.asked.items()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--seed", "-1", "--seed"),
        ("--threads", "0", "--threads"),
    ],
)
def test_bad_numbers_are_refused(
    engine: Engine, tmp_path: Path, option: str, value: str, said: str
) -> None:
    refused = call(f"{option}={value}")
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not engine.asked
    assert not [*tmp_path.iterdir()]


def test_ctrl_c_exits_with_130_and_says_how_to_go_on(engine: Engine, tmp_path: Path) -> None:
    engine.work = Interrupted()
    stopped = call("--lang", "en")
    assert stopped.exit_code == 130
    kept = Path("out", "baseline-micro", ".checkpoint")
    said = f"Stopped: what is finished is kept in {kept}; repeat the command with --resume to go on"
    assert stopped.stderr == said + "\n"
    assert [path.name for path in kept.parent.iterdir()] == [".checkpoint"], "half a result"
    engine.work = Work()
    refused = call()
    assert refused.exit_code == 2
    assert "add --resume to go on with it" in refused.stderr
    done = call("--resume")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    assert not kept.exists()


def test_resume_without_a_checkpoint_says_so_and_runs(engine: Engine) -> None:
    done = call("--resume", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert "keeps no stopped run: starting from the beginning" in done.stderr
    assert engine.asked["checkpoint"].resume


def test_results_that_cannot_be_written_are_kept(engine: Engine, tmp_path: Path) -> None:
    """A folder is where a table should be: the run is finished, its results are not written."""
    blocked = Path("out", "baseline-micro", "ledger.csv", "in the way")
    blocked.mkdir(parents=True)
    refused = call()
    assert refused.exit_code == 2
    assert f"{blocked.parent} is in the way" in refused.stderr
    assert "once there is space, repeat the command with --resume" in refused.stderr
    blocked.rmdir()
    blocked.parent.rmdir()
    engine.work = Interrupted()  # no batch is simulated again
    assert call("--resume").exit_code == 0


def test_the_bar_counts_persons_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with Bar("en") as bar:
        bar.show(250_000, 1_000_000)
        assert bar._bar is not None
        bar._bar.mininterval = 0.0
        bar.show(750_000, 1_000_000)
        bar.show(1_000_000, 1_000_000)
    shown = sys.stderr.getvalue()
    assert " 25%|" in shown
    assert "250k/1.00M" in shown
    assert "1.00M/1.00M" in shown
    assert "persons/s]" in shown
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with Bar("zh") as bar:
        bar.show(0, 10)
        bar.show(10, 10)
    assert sys.stderr.getvalue() == ""


def test_threads_are_refused_beside_a_cluster(engine: Engine) -> None:
    refused = call("--threads", "2", "--scheduler", "tcp://127.0.0.1:8786")
    assert refused.exit_code == 2
    assert "leave it out with --scheduler" in refused.stderr


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ModuleNotFoundError("No module named 'distributed'", name="distributed")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"not installed: pip install 'fsinsure\[dist\]'"),
        connected("tcp://127.0.0.1:8786"),
    ):
        raise missing  # not reached
    with connected(None) as client:
        assert client is None


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://127.0.0.1:port"])
def test_an_address_that_does_not_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(micro_cli, "PATIENCE", 1.0)
    refused = call("--scheduler", address)
    assert refused.exit_code == 2
    assert f"no Dask scheduler answers at {address}" in refused.stderr
    assert "start one with dask scheduler" in refused.stderr
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # what Dask leaves behind where no scheduler answers


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:port", "tcp://127.0.0.1"])
def test_an_address_without_a_port_reaches_no_client(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", None)  # it would wait 40 seconds
    refused = call("--scheduler", address)
    assert refused.exit_code == 2
    assert f"no Dask scheduler answers at {address}" in refused.stderr


PATIENT = """
import sys
from fsinsure import micro_cli
micro_cli.PATIENCE = {patience}
from fsinsure.cli import main
if __name__ == "__main__":
    main()
"""


def command(tmp_path: Path, patience: float, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    script = tmp_path / "patient.py"
    script.write_text(PATIENT.format(patience=patience), encoding="utf-8")
    whole = [sys.executable, str(script), "micro", "baseline", "--plots", "none", *arguments]
    return subprocess.run(
        whole, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False
    )


@pytest.mark.slow
def test_a_cluster_does_the_work_once_it_has_workers(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    script = Path(__file__).with_name("shard_cluster.py")
    few = ("--persons", "3000", "--seed", "7")
    assert call(*few, "--out", str(tmp_path / "here")).exit_code == 0
    with subprocess.Popen(
        [sys.executable, script, "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as served:
        assert served.stdin
        assert served.stdout
        there = (*few, "--scheduler", served.stdout.readline().strip(), "--out", "there")
        refused = command(tmp_path, 2, *there)
        assert refused.returncode == 2, refused.stderr
        assert "has no worker: start some with dask worker" in refused.stderr
        served.stdin.write("a worker, please\n")
        served.stdin.flush()
        done = command(tmp_path, 60, *there)
        assert done.returncode == 0, done.stderr
        served.stdin.close()
    for table in (tmp_path / "here").glob("*.csv"):
        assert (tmp_path / "there" / table.name).read_bytes() == table.read_bytes()


@pytest.mark.slow
def test_workers_without_fsinsure_are_reported(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    script = Path(__file__).with_name("shard_cluster.py")
    with subprocess.Popen(
        [sys.executable, script, "strangers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as served:
        assert served.stdin
        assert served.stdout
        address = served.stdout.readline().strip()
        refused = command(tmp_path, 60, "--persons", "3000", "--scheduler", address)
        served.stdin.close()
    assert refused.returncode == 2, refused.stderr
    said = f"a worker of the cluster at {address} cannot import fsinsure: install fsinsure"
    assert said in refused.stderr
    assert not (tmp_path / "out").exists()


def test_numbers_of_persons_are_read_with_their_units() -> None:
    for text, count in ((" 1万 ", 10_000), ("2e3", 2000), ("1.26亿", 126_000_000), (5_000, 5_000)):
        assert whole_persons(text) == count
