"""The compiled person engine gives the same bits as the numpy one."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fsinsure
from fsinsure import dims, state
from fsinsure.errors import InputError
from fsinsure.microsim import block, blocks, growth, histograms, randomness, synthesis
from fsinsure.microsim.compiled import awards, dispatch, layout, loops, person, synthesized
from fsinsure.microsim.counters import CLASSES
from fsinsure.microsim.plan import with_people
from fsinsure.microsim.tables import window_thresholds
from fsinsure.state import RANKS, People
from fsinsure.statuses import PENSIONERS, STATUS
from person_engine import by_year, copies, digest, empty, lived, outcome, plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

compiled = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")
ALL_BITS = 2**64 - 1
KNOWN = {  # counter, key, answer: Random123, tests/kat_vectors, philox4x64 with 10 rounds
    "zeros": (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    "ones": (
        (ALL_BITS,) * 4,
        (ALL_BITS,) * 2,
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    "pi": (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_numpy_knows_the_published_answers(name: str) -> None:
    counter, key, answer = KNOWN[name]
    # numpy counts up, over all 256 bits, before it draws.
    before = (sum(bits << 64 * place for place, bits in enumerate(counter)) - 1) % 2**256
    numbers = np.array([before >> 64 * place & ALL_BITS for place in range(4)], dtype=np.uint64)
    drawn = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=numbers).random_raw(4)
    assert tuple(map(int, drawn)) == answer


@compiled
@pytest.mark.parametrize("name", KNOWN)
def test_the_compiled_philox_knows_the_published_answers(name: str) -> None:
    from fsinsure.microsim.compiled.philox import philox

    counter, key, answer = KNOWN[name]
    assert tuple(map(int, philox(*(np.uint64(bits) for bits in (*counter, *key))))) == answer


@cache
def compiled_block() -> Callable[..., None]:
    """Return what fills in the block of a person, compiled."""
    from numba import njit

    from fsinsure.microsim.compiled.philox import fill_block

    filled: Callable[..., None] = njit(fill_block)
    return filled


@compiled
@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, ALL_BITS),
    st.sampled_from([randomness.LIVES, randomness.TRAITS]),
    st.integers(0, 2**63),
    st.integers(0, 40),
    st.integers(0, 30),
)
def test_both_draw_the_same_bits(
    seed: int, stream: int, first: int, count: int, period: int
) -> None:
    given = (seed, stream, first, count, period)
    found = np.empty((count, randomness.NUMBERS), dtype=np.uint64)
    for at in range(count):
        compiled_block()(np.uint64(seed), stream, first + at, period, found[at])
    assert found.tolist() == randomness.random_bits(*given).tolist()


@compiled
@pytest.mark.parametrize(
    "scenario",
    [
        *("baseline", "delayed-retirement", "low-growth", "fee-relief"),
        pytest.param("long-run", marks=pytest.mark.slow),
    ],
)
def test_both_engines_give_the_same_bits(scenario: str) -> None:
    changes = {"horizon": 2050} if scenario == "long-run" else {}  # past the deemed years
    work = plan_of(scenario, 6_000, **changes)
    assert outcome(work, dispatch.COMPILED, 2**40, 7) == outcome(work, blocks.ARRAYS, 4_000, 7)


@compiled
@pytest.mark.parametrize("seed", [0, 1, ALL_BITS])
def test_both_engines_give_the_same_bits_for_any_seed(seed: int) -> None:
    work = plan_of("baseline", 6_000)
    assert outcome(work, dispatch.COMPILED, 2**40, seed) == outcome(
        work, blocks.ARRAYS, 2**40, seed
    )


@compiled
@pytest.mark.parametrize("block", [1_000, 20_000, 50_000])
def test_blocks_do_not_change_a_bit(block: int) -> None:
    work = plan_of("baseline", 50_000)
    assert outcome(work, dispatch.COMPILED, block, 7) == outcome(work, blocks.ARRAYS, 32_768, 7)


@compiled
@pytest.mark.parametrize("file", [False, True])
def test_both_engines_give_the_same_bits_over_three_windows_of_those_who_enter_later(
    file: bool,
) -> None:
    """Blocks of persons who enter in many years; as made, and as a file has them."""
    work = plan_of("baseline", 1_500, horizon=2056)
    work = replace(work, traits=replace(work.traits, early=0.1, late=0.2))
    if file:
        people = work.people(0, work.persons)
        order = np.random.default_rng(3).permutation(len(people))
        work = with_people(work, people.take(order))
    ranges = [(group.first, group.count) for group in work.groups]
    assert len({group.start[0] for group in work.groups if group.count}) > 33
    by_loops, by_arrays = (
        replace(work, accelerate=accelerate).run(ranges) for accelerate in (True, False)
    )
    assert by_loops.keys() == by_arrays.keys()
    for name, counted in by_arrays.items():
        assert np.array_equal(by_loops[name], counted), name


@st.composite
def populations(draw: st.DrawFn) -> People:
    """Draw a few persons, also such as do not occur in a run."""
    code = plan_of("baseline", 6_000).code
    size = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    cell = rng.integers(0, code.cells, size)
    pensioners = [STATUS[name] for name in PENSIONERS]
    drawing = np.isin(cell // (code.places * code.births), pensioners)
    exited = cell == code.cells - 1
    months = np.where(exited, 0, rng.integers(0, 600, size))
    return People(
        cell.astype(np.uint16),
        rng.integers(0, RANKS, size, dtype=np.uint8),
        rng.integers(0, CLASSES, size, dtype=np.uint8),
        rng.integers(0, 12, size, dtype=np.uint8),
        rng.integers(0, 6, size, dtype=np.uint8),
        months.astype(np.uint16),
        rng.uniform(0.6, 3.0, size).astype(np.float32),
        np.where(exited, 0.0, rng.integers(0, 10**8, size)),
        np.where(drawing, rng.integers(1, 10**6, size), 0.0),
        rng.integers(0, 25, size, dtype=np.uint8),
        np.where(exited, 0, months - rng.integers(0, 1 + months)).astype(np.uint16),
    )


@compiled
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    populations(),
    st.integers(0, 2**62),
    st.integers(0, ALL_BITS),
    st.integers(0, 4),
    st.data(),
)
def test_both_engines_agree_for_any_persons(
    people: People, first: int, seed: int, year: int, data: st.DataObject
) -> None:
    work = plan_of("baseline", 6_000)
    step = data.draw(st.integers(0, len(work.years[year].movers.target)))
    found = set()
    for engine in (blocks.ARRAYS, dispatch.COMPILED):
        persons, counters = copies(people), empty(work.years, engine)
        lived(persons, first, work.years, counters, seed, (year, step), engine)
        found.add(digest(persons, *by_year(counters)))
    assert len(found) == 1


@compiled
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_both_engines_agree_if_none_or_all_take_the_account(share: float) -> None:
    work = plan_of("baseline", 6_000, retirement__withdraw_share=share)
    assert outcome(work, dispatch.COMPILED, 2**40, 3) == outcome(work, blocks.ARRAYS, 2**40, 3)


@compiled
@pytest.mark.parametrize(("early", "late"), [(0.0, 0.0), (0.2, 0.3), (0.0, 1.0)])
def test_the_same_persons_are_synthesized(early: float, late: float) -> None:
    work = plan_of("baseline", 60_000)
    work = replace(work, traits=replace(work.traits, early=early, late=late))
    tracks = set()
    for group in work.groups:
        for first, count in ((0, 1), (7, 3_000), (0, group.count)):
            count = min(count, group.count - first)
            ids = group.first + first, count
            by_loop, by_arrays = (
                work.people(*ids, engine) for engine in (dispatch.COMPILED, blocks.ARRAYS)
            )
            assert digest(by_loop) == digest(by_arrays)
            tracks |= set(by_loop.track.tolist())
    expected = {(0.0, 0.0): {0, 1}, (0.2, 0.3): set(range(6)), (0.0, 1.0): {2, 3}}
    assert tracks == expected[early, late]


def test_the_loops_uncompiled_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without numba: the loops are plain Python."""
    loop = SimpleNamespace(
        live=loops.live, record_pensions=loops.record_pensions, synthesize=synthesized.synthesize
    )
    monkeypatch.setitem(sys.modules, "fsinsure.microsim.compiled.kernel", loop)
    monkeypatch.setattr(fsinsure.microsim.compiled, "kernel", loop, raising=False)
    work = plan_of("delayed-retirement", 1_500)
    with np.errstate(over="ignore"):  # numbers wrap around, as arrays and compiled loops do
        found = outcome(work, dispatch.COMPILED, 2**40, 7)
    assert found == outcome(work, blocks.ARRAYS, 2**40, 7)


@pytest.mark.parametrize(
    "module",
    [
        loops,
        person,
        synthesized,
        synthesis,
        awards,
        histograms,
        growth,
        randomness,
        block,
        state,
        dims,
    ],
)
def test_the_fingerprint_covers_all_that_is_compiled_in(module: ModuleType) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    packages = {str(name).split(".")[1] for name in used if str(name).startswith("fsinsure.")}
    # The module arrays has types only.
    assert packages <= {"microsim", "rules", "numeric", "dims", "state", "statuses", "arrays"}
    text = (Path(layout.__file__).parent / "kernel.py").read_text(encoding="utf-8")
    assert all(f'"{name}.py"' in text for name in ("dims", "state", "statuses", "numeric/sobol"))


def test_the_engine_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "available", lambda: True)
    assert dispatch.select_engine(None) is dispatch.COMPILED
    assert dispatch.select_engine(True) is dispatch.COMPILED
    assert dispatch.select_engine(False) is blocks.ARRAYS
    monkeypatch.setattr(dispatch, "available", lambda: False)
    assert dispatch.select_engine(None) is blocks.ARRAYS
    assert dispatch.select_engine(False) is blocks.ARRAYS
    with pytest.raises(InputError, match=r"needs numba, .* pip install 'fsinsure\[fast\]'"):
        dispatch.select_engine(True)


def test_a_missing_numba_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not dispatch.available()


def run(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, with folders in front of the path."""
    lines = f"import sys\nsys.path[:0] = {[str(path) for path in paths]!r}\n"
    return subprocess.run(
        [sys.executable, "-c", lines + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_broken_numba_is_reported(tmp_path: Path) -> None:
    for name, text in (("numba", "raise ImportError('no libllvm')"), ("llvmlite", "ir = None")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    code = """
        from fsinsure.microsim.compiled import dispatch
        import fsinsure
        fsinsure.run("example", "micro", persons=1_000, accelerate=True)
    """
    done = run(code, tmp_path)
    assert done.returncode == 1
    assert "ImportError: no libllvm" in done.stderr


def test_numba_is_not_imported_before_it_is_used() -> None:
    done = run("import sys, fsinsure.microsim.compiled.dispatch; print('numba' in sys.modules)")
    assert done.stdout == "False\n", done.stderr


@compiled
@pytest.mark.slow
def test_a_changed_rule_is_compiled_again(tmp_path: Path) -> None:
    """The cache on disk knows the rules, whose files are others than that of the kernel."""
    package = tmp_path / "fsinsure"
    shutil.copytree(Path(fsinsure.__file__).parent, package)
    tests = Path(__file__).parent
    code = f"""
        import os
        os.environ["NUMBA_CACHE_DIR"] = {str(tmp_path / "cache")!r}
        import fsinsure
        assert fsinsure.__file__.startswith({str(tmp_path)!r})
        from fsinsure.microsim.compiled import dispatch
        from fsinsure.microsim import blocks
        from person_engine import outcome, plan_of
        work = plan_of("baseline", 6_000)
        print(outcome(work, dispatch.COMPILED, 2**40, 7), outcome(work, blocks.ARRAYS, 2**40, 7))
    """
    found = []
    rule = package / "rules" / "pension.py"
    for old, new in ((" / 2 * years", " / 2 * years"), (" / 2 * years", " / 3 * years")):
        text = rule.read_text(encoding="utf-8")
        assert text.count(f"{old} * accrual\n") == 1
        rule.write_text(text.replace(f"{old} * accrual\n", f"{new} * accrual\n"), encoding="utf-8")
        done = run(code, tmp_path, tests)
        assert done.returncode == 0, done.stderr
        found.append(done.stdout.split())
    assert found[0][0] == found[0][1]
    assert found[1][0] == found[1][1]
    assert found[0][0] != found[1][0]


def test_a_run_says_whether_to_accelerate(
    baseline: fsinsure.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool | None] = []

    def select_engine(accelerate: bool | None) -> object:
        asked.append(accelerate)
        return blocks.ARRAYS

    monkeypatch.setattr(dispatch, "available", lambda: True)
    monkeypatch.setattr(dispatch, "loaded", lambda: False)
    monkeypatch.setattr(dispatch, "select_engine", select_engine)
    for accelerate in (None, True, False):
        fsinsure.run(baseline, "micro", persons=1_000, accelerate=accelerate)
        # Few persons are simulated sooner than compiled loops are loaded.
        assert asked[-1] is bool(accelerate)
        for name, value in (("FEW", 5_000), ("dispatch.loaded", lambda: True)):
            with monkeypatch.context() as changed:
                changed.setattr(f"fsinsure.microsim.simulate.{name}", value)
                fsinsure.run(baseline, "micro", persons=1_000, accelerate=accelerate)
            assert asked[-1] is accelerate


def test_a_run_refuses_to_accelerate_what_it_cannot(
    baseline: fsinsure.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="accelerate are for engine='micro'"):
        fsinsure.run(baseline, accelerate=False)
    monkeypatch.setattr(dispatch, "available", lambda: False)
    with pytest.raises(InputError, match="needs numba"):
        fsinsure.run(baseline, "micro", persons=1_000, accelerate=True)


@compiled
def test_compiled_code_need_not_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsinsure.microsim.compiled import philox

    def njit(function: object, *, cache: bool = False, nogil: bool) -> object:
        if cache:
            raise RuntimeError("cannot cache function 'one': no locator available for file 'x.py'")
        return function

    monkeypatch.setattr(philox, "njit", njit)
    assert philox.njit_cached(len) is len
    monkeypatch.setattr(philox, "njit", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("no")))
    with pytest.raises(RuntimeError, match=r"^no$"):
        philox.njit_cached(len)


def twice(number: float) -> float:
    """Compiled by the test below."""
    return 2.0 * number


@compiled
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"\0" * 500, None], ids=["empty", "zeros", "cut off"])
def test_a_damaged_cache_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, content: bytes | None
) -> None:
    """Of the index (nbi) and of the code (nbc)."""
    from numba import config

    from fsinsure.microsim.compiled import philox

    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert philox.njit_cached(twice)(1.5) == 3.0
    (file,) = tmp_path.rglob(f"*.{ending}")
    raw = file.read_bytes()
    file.write_bytes(raw[: len(raw) // 2] if content is None else content)
    again = philox.njit_cached(twice)
    assert again(1.5) == 3.0
    assert again.stats.cache_misses
    repaired = philox.njit_cached(twice)
    assert repaired(1.5) == 3.0
    assert repaired.stats.cache_hits, "the cache was not written anew"


def test_the_tables_of_all_years_hold_those_of_each() -> None:
    """Years have several numbers of moves and steps; the rows that are added are those before."""
    work = plan_of("baseline", 6_000)
    fewer = work.years[1].movers
    movers = fewer._replace(
        cumulative_probability=fewer.cumulative_probability[:, :-1],
        **{name: getattr(fewer, name)[:-1] for name in ("target", "move", "next_event")},
    )
    years = [work.years[0], replace(work.years[1], movers=movers), *work.years[2:]]
    found = layout.tables(years)
    for index, year in enumerate(years):
        rows, steps = found.of_cell[:, index], len(year.movers.target)
        ladder = found.cumulative_probability[:, index]
        assert np.array_equal(ladder[:, : steps + 1], year.movers.cumulative_probability)
        assert (ladder[:, steps:] == ladder[:, -1:]).all()
        assert np.array_equal(rows["account_scale"], year.opening.account_scale)
        assert np.array_equal(
            found.of_cell[:, index + 1]["account_scale"], year.closing.account_scale
        )
        assert np.array_equal(rows["account_factor"].T, year.movers.account_factor)
        assert np.array_equal(rows["move_threshold"], year.stayers.move_threshold)
        lane = found.candidate_threshold[0, :, index]
        assert np.array_equal(lane, year.stayers.candidate_threshold)
    assert not found.candidate_threshold[0, :, len(years) :].any()


def test_what_is_made_of_years_is_made_anew_for_other_years() -> None:
    """Also where years end alike: a cache by the last one would give the tables of others."""
    years = plan_of("baseline", 6_000).years
    others = (replace(years[0]), *years[1:])
    for made in (dispatch.all_tables, window_thresholds):
        first = made(years)
        assert made(list(years)) is first
        assert made(others) is not first
        assert made(years[2:]) is not made(years)


@compiled
def test_lanes_are_compared_as_numbers_without_sign() -> None:
    from numba import njit

    from fsinsure.microsim.compiled.philox import lanes_within

    within = njit(lanes_within)
    rng = np.random.default_rng(5)
    for _ in range(200):
        upper = rng.choice([0, 1, 0x7FFF, 0x8000, 0xFFFF, *rng.integers(0, 2**16, 4)], 16)
        limit = rng.choice([*upper, 0, 0x8000, 0xFFFF], 16)
        upper, limit = upper.astype(np.uint16), limit.astype(np.uint16)
        expected = sum(1 << lane for lane in range(16) if upper[lane] <= limit[lane])
        assert within(upper, limit) == expected == randomness.lanes_within(upper, limit)
