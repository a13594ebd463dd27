"""Files are whole or unchanged, and a folder that looks finished holds one run."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from fsinsure import files
from fsinsure.errors import InputError
from fsinsure.files import LOCK, MANIFEST, replacing, write_file, write_run

META = {"fsinsure": "1", "scenario": "a"}
OLD = {"both.csv": b"old", "only-old.csv": b"old"}
NEW = {"both.csv": b"new", "only-new.png": b"new"}
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals, links and pipes")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return found


def state(folder: Path) -> str:
    """Return which run a folder holds: old, new, or unfinished by its own account."""
    content = manifest(folder)
    if not content["finished"]:
        return "unfinished"
    expected = {"old": OLD, "new": NEW}[str(content["scenario"])]
    listed = content["files"]
    assert isinstance(listed, dict)
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in expected.items()}
    assert {name: (folder / name).read_bytes() for name in expected} == expected
    assert not ((OLD.keys() | NEW.keys()) - expected.keys()) & names(folder)
    return str(content["scenario"])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    write_run(tmp_path, OLD, META | {"scenario": "old"})
    assert state(tmp_path) == "old"
    return tmp_path


def test_a_file_is_replaced_and_no_temporary_file_stays(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        write_file(tmp_path / "new" / "x.csv", data)
        assert (tmp_path / "new" / "x.csv").read_bytes() == data
    assert names(tmp_path / "new") == {"x.csv"}


def test_an_error_while_writing_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"before")
    for error, shown in ((OSError(28, "No space left"), InputError), (KeyError("k"), KeyError)):
        with pytest.raises(shown), replacing(path) as file:
            file.write(b"half")
            raise error
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == {"x.csv"}


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write_file(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@posix
@pytest.mark.parametrize("whole_run", [False, True])
def test_a_planted_temporary_name_is_neither_followed_nor_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_run: bool
) -> None:
    """Even if the random part were known, a link or a pipe of that name is refused."""
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: "0123456789abcdef")
    part = f".fsinsure-0123456789abcdef{'-0' if whole_run else ''}.part"
    target = tmp_path / "precious"
    for plant in (lambda at: at.symlink_to(target), os.mkfifo):
        folder = tmp_path / f"o{plant}"
        folder.mkdir()
        target.write_bytes(b"mine")
        plant(folder / part)
        with pytest.raises(InputError, match="cannot write"):
            if whole_run:
                write_run(folder, NEW, META)
            else:
                write_file(folder / "x.csv", b"ours")
        assert target.read_bytes() == b"mine"


@posix
def test_a_link_in_the_place_of_a_file_is_replaced_or_refused_but_not_followed(
    tmp_path: Path,
) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"mine")
    for folder in ("one", "run"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "both.csv").symlink_to(target)
    write_file(tmp_path / "one" / "both.csv", b"ours")
    with pytest.raises(InputError, match=r"both\.csv is in the way"):
        write_run(tmp_path / "run", NEW, META)
    assert target.read_bytes() == b"mine"


def test_a_run_replaces_the_one_before_as_a_whole(old: Path) -> None:
    (old / "notes.csv").write_bytes(b"mine")
    write_run(old, NEW, META | {"scenario": "new"})
    assert state(old) == "new"
    assert names(old) == {*NEW, MANIFEST, "notes.csv"}


@pytest.mark.parametrize("in_the_way", ["file", "folder", "changed"])
def test_what_no_run_wrote_is_not_replaced(tmp_path: Path, in_the_way: str) -> None:
    place = tmp_path / "only-new.png"
    if in_the_way == "changed":
        write_run(tmp_path, NEW, META)
    else:
        write_run(tmp_path, OLD, META | {"scenario": "old"})
    if in_the_way == "folder":
        place.mkdir()
    else:
        place.write_bytes(b"mine")
    before = {path.name: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(
        InputError, match=r"only-new\.png is in the way: it (was changed after|is not of)"
    ):
        write_run(tmp_path, NEW, META)
    after = {path.name: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before


def test_a_changed_file_that_is_no_longer_written_stays(old: Path) -> None:
    (old / "only-old.csv").write_bytes(b"edited by hand")
    write_run(old, NEW, META)
    assert (old / "only-old.csv").read_bytes() == b"edited by hand"


SHA = hashlib.sha256(b"mine").hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"files": null}',
        '{"files": 3}',
        '{"files": ["own.csv"]}',
        '{"files": {"own.csv": null}}',
        '{"files": {"own.csv": ["x"]}}',
        '{"files": {"../own.csv": "' + SHA + '"}}',
        '{"files": {}, "earlier": 1}',
        "[" * 100_000,
        '{"files": ' + "[" * 100_000,
        "\udcff",
    ],
    ids=range(13),
)
def test_a_manifest_that_is_not_ours_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.csv").write_bytes(b"mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "own.csv").write_bytes(b"mine")
    (out / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"run\.json was not written by this version"):
        write_run(out, NEW, META)
    assert names(out) == {"own.csv", MANIFEST}
    assert names(tmp_path) == {"own.csv", "out"}


def test_a_manifest_can_only_remove_plain_files_with_the_recorded_content(tmp_path: Path) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    listed = {"own.csv": other, "folder": SHA, "..": SHA, ".": SHA, "gone.csv": SHA}
    (tmp_path / MANIFEST).write_text(json.dumps({"files": listed}), encoding="utf-8")
    (tmp_path / "own.csv").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    if os.name == "posix":
        (tmp_path / "folder" / "linked").write_bytes(b"mine")
        (tmp_path / "link.csv").symlink_to(tmp_path / "folder" / "linked")
    try:
        write_run(tmp_path, NEW, META)
    except InputError as error:  # ".." and "." are no names of files
        assert "was not written by this version" in str(error)
    assert (tmp_path / "own.csv").read_bytes() == b"mine"
    assert (tmp_path / "folder").is_dir()


@posix
def test_a_manifest_or_lock_that_is_a_pipe_does_not_hang(tmp_path: Path) -> None:
    for name, said in ((MANIFEST, "not written by this version"), (LOCK, "another process")):
        folder = tmp_path / f"with{name}"
        folder.mkdir()
        os.mkfifo(folder / name)
        with pytest.raises(InputError, match=said):
            write_run(folder, NEW, META)


# What a process that is stopped leaves behind: every step of a write is tried as the last one.

CHILD = """
import os, sys
from pathlib import Path
from fsinsure import files
folder, last = Path(sys.argv[1]), int(sys.argv[2])
steps = 0
def counted(original):
    def step(*arguments, **options):
        global steps
        if steps == last:
            os._exit(9)  # like kill -9: no clean-up runs
        steps += 1
        return original(*arguments, **options)
    return step
os.replace = counted(os.replace)
os.fsync = counted(os.fsync)
Path.unlink = counted(Path.unlink)
files.write_run(folder, {"both.csv": b"new", "only-new.png": b"new"}, {"fsinsure": "1",
    "scenario": "new"})
"""


@posix
@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_run_the_new_run_or_an_unfinished_folder(
    tmp_path: Path,
) -> None:
    seen = []
    for last in count():
        folder = tmp_path / f"{last}"
        write_run(folder, OLD, META | {"scenario": "old"})
        done = subprocess.run([sys.executable, "-c", CHILD, str(folder), str(last)], check=False)
        seen.append(state(folder))
        if done.returncode == 0:
            break
        assert done.returncode == 9
        # The next run clears the lock of the dead process and its temporary files.
        write_run(folder, NEW, META | {"scenario": "new"})
        assert state(folder) == "new"
        assert names(folder) == {*NEW, MANIFEST}
    order = list(dict.fromkeys(seen))
    assert order == ["old", "unfinished", "new"]
    assert seen == sorted(seen, key=order.index)


def test_a_replacement_that_fails_half_way_is_reported_and_repaired(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a program opens a table after it was checked."""
    replace = os.replace

    def locked(source: Path, target: Path) -> None:
        if Path(target).name == "only-new.png":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", locked)
        with pytest.raises(InputError, match=r"only-new\.png: Permission denied.*is unfinished"):
            write_run(old, NEW, META | {"scenario": "new"})
    assert state(old) == "unfinished"
    assert names(old) == {"both.csv", "only-old.csv", MANIFEST}
    write_run(old, NEW, META | {"scenario": "new"})
    assert state(old) == "new"


def test_a_full_disk_keeps_the_old_run(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in old.iterdir()}

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_run(old, NEW, META | {"scenario": "new"})
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


def lock(folder: Path, process: int, host: str, token: str = "0123456789abcdef") -> None:
    text = f"process {process} on {host}, {token}"
    (folder / LOCK).write_text(text, encoding="utf-8")


def test_a_folder_that_is_being_written_is_refused(old: Path) -> None:
    lock(old, os.getpid(), socket.gethostname())
    with pytest.raises(InputError, match=rf"process {os.getpid()} on .* delete .*{LOCK}"):
        write_run(old, NEW, META)
    lock(old, 1, "another-machine")
    with pytest.raises(InputError, match="process 1 on another-machine"):
        write_run(old, NEW, META)
    (old / LOCK).write_bytes(b"\xff")
    with pytest.raises(InputError, match="another process"):
        write_run(old, NEW, META)
    (old / LOCK).unlink()
    assert state(old) == "old"


@posix
def test_the_lock_of_a_dead_process_is_cleared_with_its_temporary_files(old: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    lock(old, child.pid, socket.gethostname())
    (old / ".fsinsure-0123456789abcdef-0.part").write_bytes(b"left")
    write_run(old, NEW, META | {"scenario": "new"})
    assert names(old) == {*NEW, MANIFEST}


RACE = """
import sys, time
from pathlib import Path
from fsinsure.errors import InputError
from fsinsure.files import write_run
folder, name, start = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
contents = {f"{number}.csv": name.encode() * 1000 for number in range(20)}
contents[f"{name}.png"] = b""
time.sleep(max(0.0, start - time.time()))
for attempt in range(30):
    try:
        write_run(folder, contents, {"fsinsure": "1", "scenario": name})
    except InputError as error:
        assert "is being written" in str(error), error
"""


@pytest.mark.slow
def test_two_writers_leave_the_files_of_one(tmp_path: Path) -> None:
    start = str(time.time() + 1.0)
    children = [
        subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path / "o"), name, start])
        for name in "ab"
    ]
    assert [child.wait() for child in children] == [0, 0]
    content = manifest(tmp_path / "o")
    name = str(content["scenario"])
    assert content["finished"]
    assert names(tmp_path / "o") == {*(f"{n}.csv" for n in range(20)), f"{name}.png", MANIFEST}
    assert {(tmp_path / "o" / f"{n}.csv").read_text()[0] for n in range(20)} == {name}
