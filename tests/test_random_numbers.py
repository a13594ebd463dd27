"""Random numbers are uniform and independent across persons, years, streams and events.

Seeds are fixed, so nothing here fails by chance; bounds hold for a whole test at once: it would
fail for one seed in a hundred thousand if all is well.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fsinsure.microsim import randomness
from fsinsure.microsim.randomness import LANES, LIVES, NUMBERS, TRAITS, uniform, year_bits
from fsinsure.microsim.tables import YearTables
from fsinsure.state import CODE, RANKS, People
from fsinsure.statuses import STATUS
from person_engine import empty, lived, plan_of

FAMILY = 1e-5
SEEDS = (0, 1, 20_210_101, 2**64 - 1)
PERSONS = 100_000

Array = NDArray[np.float64]
Bits = NDArray[np.uint64]


def random_bits(seed: int, stream: int, first: int, count: int, period: int) -> Bits:
    """Return the numbers of four years ``[year, person]``, or those of a block of traits."""
    found = randomness.random_bits(seed, stream, first, count, period)
    if stream == TRAITS:
        return found.T
    # One year of each number of the block, at another place in each.
    return np.stack([year_bits(found, lane) for lane in (0, 5, 10, 15)])


def fits(counts: NDArray[np.int64], expected: Array) -> float:
    """Return the chance of a worse fit; bins that expect few are put together."""
    few = expected < 10
    observed = np.append(counts[~few], counts[few].sum())
    wanted = np.append(expected[~few], expected[few].sum())
    some = wanted > 0
    assert not observed[~some].any()
    return float(stats.chisquare(observed[some], wanted[some]).pvalue)


def far(correlation: float, size: int) -> float:
    """Return the chance of a correlation further from 0."""
    return float(2 * stats.norm.sf(abs(correlation) * np.sqrt(size)))


def hold(chances: list[float]) -> None:
    """Bound the smallest of many chances (Bonferroni)."""
    assert chances
    assert min(chances) > FAMILY / len(chances)


@pytest.mark.parametrize("stream", [LIVES, TRAITS])
@pytest.mark.parametrize("shift", [0, 11, 32, 56], ids=lambda shift: f"bits-from-{shift}")
def test_bits_are_uniform(stream: int, shift: int) -> None:
    chances = []
    for seed in SEEDS:
        for period in (0, 1, 13):
            drawn = random_bits(seed, stream, 0, PERSONS, period)
            for lane in drawn >> np.uint64(shift) & np.uint64(255):
                found = np.bincount(lane.astype(np.int64), minlength=256)
                chances.append(fits(found, np.full(256, PERSONS / 256)))
    hold(chances)


def test_numbers_are_uniform_over_their_range() -> None:
    chances = []
    for seed in SEEDS:
        for lane in uniform(random_bits(seed, LIVES, 2**40, PERSONS, 0)):
            assert lane.min() >= 0.0
            assert lane.max() < 1.0
            chances.append(float(stats.kstest(lane, "uniform").pvalue))
    hold(chances)


def test_neighbours_are_independent() -> None:
    """Persons who follow one another: correlations up to ten apart, and runs above one half."""
    chances = []
    for seed in SEEDS:
        for lane in uniform(random_bits(seed, LIVES, 0, PERSONS, 0)):
            for lag in range(1, 11):
                chances.append(far(np.corrcoef(lane[:-lag], lane[lag:])[0, 1], PERSONS - lag))
            above = lane >= 0.5
            one, other = int(above.sum()), int((~above).sum())
            runs = 1 + int((above[1:] != above[:-1]).sum())
            mean = 1 + 2 * one * other / (one + other)
            variance = (mean - 1) * (mean - 2) / (one + other - 1)
            chances.append(float(2 * stats.norm.sf(abs(runs - mean) / np.sqrt(variance))))
    hold(chances)


def test_years_streams_and_seeds_are_independent() -> None:
    """All pairs of 4 years x 3 periods x 2 streams x 3 seeds of the same persons."""
    drawn = [
        lane
        for seed in SEEDS[:3]
        for stream in (LIVES, TRAITS)
        for period in (0, 1, 2)
        for lane in uniform(random_bits(seed, stream, 0, PERSONS, period))
    ]
    table = np.corrcoef(drawn)
    pairs = table[np.triu_indices(len(drawn), 1)]
    assert len(drawn) == 3 * 2 * 3 * NUMBERS
    hold([far(pair, PERSONS) for pair in pairs])


def test_pairs_of_years_fill_the_square() -> None:
    chances = []
    for seed in SEEDS:
        drawn = random_bits(seed, LIVES, 0, PERSONS, 0) >> np.uint64(60)
        for one in range(NUMBERS):
            for other in range(one):
                both = (drawn[one] << np.uint64(4) | drawn[other]).astype(np.int64)
                found = np.bincount(both, minlength=256)
                chances.append(fits(found, np.full(256, PERSONS / 256)))
    hold(chances)


def test_the_years_of_a_block_are_independent() -> None:
    """All pairs of 16 years, whole numbers and their lower bits, which share a block."""
    for shift in (0, 16, 32):
        chances = []
        for seed in SEEDS:
            raw = randomness.random_bits(seed, LIVES, 0, PERSONS, 0)
            years = [uniform(year_bits(raw, lane) << np.uint64(shift)) for lane in range(LANES)]
            table = np.corrcoef(years)[np.triu_indices(LANES, 1)]
            chances += [far(pair, PERSONS) for pair in table]
        hold(chances)


def test_lower_bits_do_not_follow_the_upper_ones_of_any_year() -> None:
    """The lower bits are made of a number that holds the upper bits of four other years."""
    chances = []
    for seed in SEEDS:
        raw = randomness.random_bits(seed, LIVES, 0, PERSONS, 0)
        uppers = [randomness.upper_bits(raw)[:, lane] >> 12 for lane in range(LANES)]
        for lane in range(LANES):
            lower = (year_bits(raw, lane) >> np.uint64(44) & np.uint64(15)).astype(np.int64)
            for upper in uppers:
                found = np.bincount(16 * upper.astype(np.int64) + lower, minlength=256)
                chances.append(fits(found, np.full(256, PERSONS / 256)))
    hold(chances)


def test_the_upper_bits_are_those_of_the_number() -> None:
    raw = randomness.random_bits(7, LIVES, 0, 1_000, 0)
    for lane in range(LANES):
        upper = randomness.upper_bits(raw)[:, lane]
        assert (year_bits(raw, lane) >> np.uint64(48) == upper).all()
        assert (raw[:, lane // 4] >> np.uint64(16 * (lane % 4)) & np.uint64(0xFFFF) == upper).all()


def test_the_mixing_is_that_of_splitmix() -> None:
    """The first number of SplitMix64 with the seed 1234567, as its author's code gives it."""
    found = randomness.lower_bits(np.array([1234567], dtype=np.uint64), randomness.OFFSETS[0])
    assert found.tolist() == [6457827717110365317 >> 16]


def test_the_bits_of_a_person_do_not_depend_on_the_range() -> None:
    whole = random_bits(7, LIVES, 0, 1_000, 3)
    for first, count in ((0, 1), (999, 1), (17, 400)):
        assert np.array_equal(
            whole[:, first : first + count], random_bits(7, LIVES, first, count, 3)
        )


def test_no_two_numbers_are_the_same() -> None:
    """Among half a million numbers of 64 bits one seed in a hundred million has a pair."""
    every = np.concatenate(
        [
            random_bits(seed, stream, 0, PERSONS // 10, period).ravel()
            for seed in (0, 1)
            for stream in (LIVES, TRAITS)
            for period in range(3)
        ]
    )
    assert len(np.unique(every)) == len(every)


def ways(year: YearTables, cell: int) -> Array:
    """Return the chance of each cell at the end of a year in which nobody is due for a pension.

    Event after event, each with its own chances alone: no number is rescaled here.
    """
    size, tables = year.code.places * year.code.births, year.movers
    chance = np.zeros(year.code.cells)
    chance[cell] = 1.0
    step = 0
    while step < len(tables.next_event):
        end, after = tables.next_event[step], chance.copy()
        for here in np.flatnonzero(chance[:-1]):
            status = here // size
            before = tables.cumulative_probability[here, step]
            for taken in range(step, end):
                share = (
                    tables.cumulative_probability[here, taken + 1]
                    - tables.cumulative_probability[here, taken]
                )
                moved = chance[here] * share / (1.0 - before)
                code = tables.target[taken, status]
                if share > 0.0:
                    to = here + (code - status) * size
                    after[here] -= moved
                    after[min(to, len(chance) - 1)] += moved
        chance, step = after, end
    return chance


def alike(cell: int, count: int) -> People:
    """Return persons of one cell without months, accounts and pensions."""
    none = np.zeros(count, dtype=np.uint8)
    return People(
        np.full(count, cell, dtype=np.uint16),
        (np.arange(count) % RANKS).astype(np.uint8),
        *(none.copy() for _ in range(3)),
        np.zeros(count, dtype=np.uint16),
        np.ones(count, dtype=np.float32),
        np.zeros(count),
        np.zeros(count),
        none,
        np.zeros(count, dtype=np.uint16),
    )


@pytest.mark.parametrize("status", ["not_insured", "employee", "flexible", "unemployed", "dormant"])
def test_rescaled_numbers_are_uniform(status: str) -> None:
    """One number a year serves all events: persons end in the cells that new numbers would give.

    The chances of every cell at the year's end are multiplied out event by event, and compared with
    counts of 100,000 persons in each of two years; the second year has another number.
    """
    work = plan_of("stress-recession", 6_000)
    chances = []
    for place in (0, 3):
        for age in (25, 40):
            birth = 100 - age
            cell = int(work.code.of(STATUS[status], place, birth))
            for index in (0, 1):
                year = work.years[index]
                counters = empty(work.years[: index + 1])
                people = alike(cell, PERSONS)
                lived(people, 0, work.years[: index + 1], counters, 11, (index, 0))
                expected = ways(year, cell) * PERSONS
                found = np.bincount(people.cell, minlength=len(expected))
                assert found[cell] < PERSONS
                chances.append(fits(found, expected))
    hold(chances)


def test_codes_of_the_exited_come_last() -> None:
    """An assumption of :func:`ways`."""
    assert max(CODE.values()) == len(STATUS) + 1
