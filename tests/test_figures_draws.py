"""The pictures of an ensemble agree with its tables, and their titles with what they show."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import FillBetweenPolyCollection, PathCollection, PolyCollection
from matplotlib.text import Text

import draw_tables as drawn
import figure_tables as tables
import fsinsure as fs
from draw_pictures import (
    ALWAYS,
    NEVER,
    PICTURES,
    SOURCE,
    draw_arrivals,
    draw_funds,
    draw_joint,
    draw_targets,
)
from fsinsure.analysis.ensemble_tables import depletion
from fsinsure.analysis.joint import joint as paired
from fsinsure.analysis.projected_draws import FUND_ITEMS, Draws
from fsinsure.errors import InputError, MeasureError
from fsinsure.measures import measures
from fsinsure.output.figures.arrival import arrivals
from fsinsure.output.figures.fan import Source, chance_color, chance_short
from fsinsure.output.figures.fan_targets import target_fan
from fsinsure.output.figures.joint import corners_of, joint
from fsinsure.output.figures.style import INK, MET, MISSED
from fsinsure.output.numbers import chance
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from fsinsure.ensembles import Ensemble
    from fsinsure.output.figures.sheet import Picture

PENSION = "pension.enterprise"


def words(picture: Picture) -> str:
    return "\n".join(text.get_text() for text in picture.findobj(Text) if text.get_text())


def title(picture: Picture) -> str:
    return picture.texts[0].get_text()


def bands(axes: Axes) -> list[dict[int, tuple[float, float]]]:
    """Lower and upper end of each band by year, the widest first."""
    found = []
    for band in axes.collections:
        if isinstance(band, FillBetweenPolyCollection):
            points = band.get_paths()[0].vertices
            ends: dict[int, list[float]] = {}
            for year, value in points:
                ends.setdefault(round(year), []).append(value)
            found.append({year: (min(rows), max(rows)) for year, rows in ends.items()})
    return found


# ---------------------------------------------------------------- probabilities as text


@pytest.mark.parametrize(
    ("share", "draws", "chinese", "english"),
    [
        (0.0, 2_000, "2,000 次抽样中无一次", "none of 2,000 draws"),
        (1.0, 2_000, "2,000 次抽样中每次", "all 2,000 draws"),
        (0.764, 2_000, "76%", "76%"),
        (0.9995, 2_000, ">99.9%", ">99.9%"),
        (0.0005, 2_000, "<0.1%", "<0.1%"),
        (0.00051, 100_000, "0.1%", "0.1%"),
        (0.996, 2_000, "99.6%", "99.6%"),
        (0.9, 2_000, "90.0%", "90.0%"),
        (float("nan"), 2_000, "–", "–"),
    ],
)
def test_no_number_of_draws_makes_certain(
    share: float, draws: int, chinese: str, english: str
) -> None:
    if share == 0.9:  # 1 - 0.9 is just below a tenth in binary; either text is right
        assert chance(share, draws, "zh") in ("90%", "90.0%")
        return
    assert (chance(share, draws, "zh"), chance(share, draws, "en")) == (chinese, english)


def test_a_short_probability_is_a_word_where_it_is_certain() -> None:
    assert [chance_short(share, "en") for share in (0.0, 0.5, 1.0)] == ["none", "50%", "all"]
    assert [chance_short(share, "zh") for share in (0.0, 0.5, 1.0)] == ["无", "50%", "全部"]


def test_the_colour_agrees_with_the_probability_as_it_is_written() -> None:
    colors = [chance_color(share) for share in (0.896, 0.894, 0.496, 0.494)]
    assert colors == [MET, INK, INK, MISSED]


@pytest.mark.parametrize(("name", "lang"), [*itertools.product(PICTURES, ("zh", "en"))])
def test_the_footer_has_draws_and_seed(name: str, lang: str) -> None:
    expected = {"zh": "101 次抽样（种子 7）", "en": "101 draws (seed 7)"}[lang]
    assert expected in words(PICTURES[name](lang))


def test_the_footer_says_how_many_draws_could_not_be_projected() -> None:
    assert "1,950 of 2,000 draws" in Source(1_950, 2_000, 3).note("en", "baseline")
    assert "1,950 次抽样（共 2,000 次" in Source(1_950, 2_000, 3).note("zh", "baseline")
    assert "in 24 growth ended" in Source(64, 64, 0, 24).note("en", "long-run")
    assert "in 0 growth" not in Source(64, 64, 0).note("en", "long-run")


# ---------------------------------------------------------------- targets


def test_the_bands_are_the_percentiles_and_lie_within_one_another() -> None:
    picture = draw_targets("zh")
    assert len(picture.axes) == 3
    for axes, (measure, base) in zip(picture.axes, tables.BASES.items(), strict=True):
        low, high = drawn.SLOPES[measure]
        for band, (lower, upper) in zip(bands(axes), ((5, 95), (10, 90), (25, 75)), strict=True):
            assert list(band) == list(range(2020, 2026))
            for year, ends in band.items():
                slopes = [low + (high - low) * one / 100 for one in (lower, upper)]
                assert ends == pytest.approx([base + (year - 2020) * one for one in slopes])


def test_median_central_values_target_and_base_are_drawn() -> None:
    axes = draw_targets("zh").axes[0]
    middle, central, target, base = axes.lines
    assert middle.get_ydata()[-1] == pytest.approx(3_926_300 + 5 * 1.2e5)
    assert central.get_ydata()[-1] == pytest.approx(3_926_300 * 1.0213**5)
    assert central.get_linewidth() < middle.get_linewidth()
    assert (target.get_xdata()[0], target.get_ydata()[0]) == (2025, 4_700_000)
    assert (base.get_marker(), base.get_xdata()[0], base.get_ydata()[0]) == ("o", 2020, 3_926_300)


def test_published_figures_and_those_of_the_user_are_marked() -> None:
    _, unemployment, injury = draw_targets("en").axes
    squares = [line for line in unemployment.lines if line.get_marker() == "s"]
    assert [line.get_xdata()[0] for line in squares] == [2021]
    assert [line.get_xdata()[0] for line in injury.lines if line.get_marker() == "s"] == [2021.5]
    entries = {"Published", "Own figures", "Target", "Median", "5–95%", "Central values"}
    assert entries <= set(words(draw_targets("en")).split("\n"))


def test_a_base_year_that_spreads_is_not_marked_as_published() -> None:
    table = drawn.enrollment()
    table.loc[(table["year"] == 2020) & (table["measure"] == "injury"), "p5"] -= 1_000
    picture = target_fan(table, tables.enrollment(), drawn.targets(), source=SOURCE, lang="en")
    marked = [[line.get_marker() for line in axes.lines].count("o") for axes in picture.axes]
    assert marked == [1, 1, 0]


def test_every_target_has_its_probability_in_the_header_and_at_its_mark() -> None:
    # draw q has 3,926,300 + 5 x 2,400 q persons: q >= 64.4 of 0 to 100 meet 4,700,000
    picture = draw_targets("zh")
    assert "达到目标的概率：36%" in words(picture)  # 36 of 101
    assert {"目标 470", "36%"} <= {text.get_text() for text in picture.axes[0].texts}
    assert "80% 区间 404.63–500.63" in words(picture)  # 392.63 + 5 x 2.4 and 5 x 21.6


def test_the_title_says_how_likely_all_are_and_which_is_least() -> None:
    assert title(draw_targets("zh")) == (
        "各项目标全部达到的概率：36%；最难达到的是企业职工养老保险：36%"
    )
    assert title(draw_targets("en")) == (
        "Probability of meeting all targets: 36%; least likely: enterprise pension, 36%"
    )
    one = draw_targets("en", rows=1)
    assert title(one) == "Probability of the 2025 target of enterprise pension: 36%"


def test_a_target_that_no_draw_meets_is_not_at_zero_per_cent() -> None:
    chinese, english = (draw_targets(lang, **NEVER) for lang in ("zh", "en"))
    assert title(chinese) == "101 次抽样中，失业保险目标无一次达到"
    assert title(english) == "The target of unemployment insurance is met in none of 101 draws"
    assert "Probability: none of 101 draws" in words(english)
    assert "none" in {text.get_text() for text in english.axes[1].texts}
    assert "\n0%" not in words(english)


def test_targets_that_every_draw_meets() -> None:
    assert "Probability: all 101 draws" in words(draw_targets("en", **ALWAYS))
    sure = PICTURES["fan-targets-sure"]
    assert title(sure("en")) == "All targets are met in all 101 draws"
    assert title(sure("zh")) == "各项目标在 101 次抽样中每次均达到"


def test_targets_beyond_the_projection_have_no_probability() -> None:
    english = PICTURES["fan-targets-beyond"]("en")
    assert title(english) == "Every target lies beyond the projection"
    assert "Probability:" not in words(english)
    mixed = drawn.targets()
    mixed.loc[[0, 3], "probability"] = np.nan
    table, central = drawn.enrollment(), tables.enrollment()
    found = title(target_fan(table, central, mixed, source=SOURCE, lang="en"))
    assert found.startswith("Least likely of 2 targets within the projection: work injury")


def test_a_long_projection_has_its_numbers_in_the_header() -> None:
    picture = PICTURES["fan-targets-long"]("zh")
    assert "目标 470" in [text.get_text() for text in picture.texts]
    assert "36%" in {text.get_text() for text in picture.axes[0].texts}
    assert "nan" not in words(picture)


# ---------------------------------------------------------------- funds


def test_the_balance_bands_are_the_percentiles_and_zero_is_drawn() -> None:
    picture = draw_funds("zh")
    assert len(picture.axes) == 5
    low, high = drawn.FLOWS["unemployment"]
    axes = picture.axes[3]
    for band, (lower, upper) in zip(bands(axes), ((5, 95), (10, 90), (25, 75)), strict=True):
        slopes = [low + (high - low) * one / 100 for one in (lower, upper)]
        assert band[2025] == pytest.approx([5.1e9 + 5 * one for one in slopes])
    lines = [line for line in axes.collections if not isinstance(line, FillBetweenPolyCollection)]
    assert lines[0].get_segments()[0].tolist() == [[2020, 0], [2025, 0]]
    assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]


def test_a_fund_says_how_likely_it_runs_out_and_when() -> None:
    # unemployment, draw q: 5.1 - 5 x (1.6 - 0.018 q) billion < 0 for q <= 32, first in 2024 for
    # q <= 18 (4 x (1.6 - 0.018 q) > 5.1), in 2025 else: the median of 33 draws is in 2024
    chinese, english = (words(draw_funds(lang)) for lang in ("zh", "en"))
    assert "2025 年底前用尽：33%（中位 2024 年）" in chinese  # 33 of 101
    assert "Runs out by 2025: 33% (median 2024)" in english
    assert "Runs out by 2025: none of 101 draws" in english
    assert "Below 12/6/3 months in 2025: none/none/none" in english  # enterprise
    # 12 months are 2 billion: 5.1 - 5 x (1.6 - 0.018 q) < 2 for q <= 54, < 1 to 43, < 0.5 to 37
    assert "2025 年末不足 12/6/3 个月：54%/44%/38%" in chinese


def test_the_title_of_the_funds_names_the_most_likely_to_run_out() -> None:
    assert title(draw_funds("zh")) == (
        "到 2025 年底，5 项基金中 3 项可能用尽，最可能的是机关事业养老保险：43%"
    )
    late = draw_funds("en", 2021)
    assert title(late) == "No fund runs out by 2021 in any of 101 draws"


def test_funds_with_unknown_opening_balances_have_no_risk() -> None:
    picture = draw_funds("en", 2025, "pension.civil", "injury")
    assert len(picture.axes) == 3
    assert words(picture).count("Opening balance not known") == 2
    assert title(picture).startswith("1 of 5 funds may run out by 2025; most likely: unemployment")
    assert title(PICTURES["fan-funds-none-known"]("en")) == "Opening balance not known"


def test_a_fund_that_the_treasury_keeps_at_zero_is_named() -> None:
    assert "treasury pays the shortfall" in words(draw_funds("en", subsidy=1e8))
    assert "treasury" not in words(draw_funds("en"))


def test_a_long_projection_is_in_years_of_outgo_and_years_asked_for_in_yuan() -> None:
    far = draw_funds("en", 2095)
    assert "in years of that year's outgo" in words(far)
    low, high = drawn.FLOWS["injury"]
    slope = low + (high - low) * 0.05
    assert bands(far.axes[4])[0][2095][0] == pytest.approx((1.9e9 + 75 * slope) / 2e9)
    near = draw_funds("en", 2095, last=2030)
    assert max(bands(near.axes[0])[0]) == 2030
    assert "billion yuan" in words(near) and "Drawn up to 2030" in words(near)
    assert "Below 12/6/3 months in 2030" in words(near)
    with pytest.raises(InputError, match="No year '2019' in the indicators"):
        draw_funds("en", last=2019)


# ---------------------------------------------------------------- joint


def test_the_corners_are_the_shares_of_the_draws() -> None:
    # 65 draws have less than the target; the balance 1.9 - 5 x (0.5 - 0.008 q) billion is below
    # zero for q <= 14: 15 draws, all of them among those that miss the target
    corners = corners_of(drawn.joint(), 4_700_000.0)
    assert corners == pytest.approx((36 / 101, 50 / 101, 0.0, 15 / 101))
    assert sum(corners_of(drawn.joint(), None)) == pytest.approx(1.0)


def test_few_draws_have_a_dot_each_and_the_corners_are_written() -> None:
    picture = draw_joint("en")
    (axes,) = picture.axes
    dots = [one for one in axes.collections if isinstance(one, PathCollection)]
    assert np.allclose(dots[0].get_offsets(), drawn.joint()[["persons", "yuan"]])
    texts = {text.get_text() for text in axes.texts}
    assert {"36%", "50%", "none", "15%", "Target 4.700"} <= texts
    assert title(picture) == "Probability that the target is met and the fund above zero: 36%"
    assert title(draw_joint("zh")) == "目标达到且基金有结余的概率：36%"
    assert "balance of work injury insurance in 2025" in words(picture)
    assert "A dot for each draw" in words(picture)


def test_each_of_many_draws_is_in_a_hexagon() -> None:
    many = pd.concat([drawn.joint()] * 20)
    picture = joint(many, 4_700_000.0, source=SOURCE, lang="en")
    hexagons = [one for one in picture.axes[0].collections if isinstance(one, PolyCollection)]
    counts = hexagons[0].get_array()
    assert counts is not None and counts.sum() == 2_020
    assert "The darker a cell" in words(picture)


def test_target_and_zero_are_lines_with_space_on_both_sides() -> None:
    for picture in (draw_joint("en", 9e6), draw_joint("en", shift=1e12)):
        (axes,) = picture.axes
        zero, target = axes.lines
        inch = picture.dpi
        left, right, low, high = axes.get_window_extent().extents[[0, 2, 1, 3]]
        x = axes.transData.transform((target.get_xdata()[0], 0.0))[0]
        y = axes.transData.transform((0.0, zero.get_ydata()[0]))[1]
        assert min(x - left, right - x) >= 1.99 * inch
        assert min(y - low, high - y) >= 0.6 * inch


def test_without_a_target_there_are_two_shares() -> None:
    picture = draw_joint("en", None)
    assert title(picture) == "Probability that the fund is above zero: 85%"
    assert "Target" not in words(picture)
    assert {"85%", "15%"} <= {text.get_text() for text in picture.axes[0].texts}


def test_a_target_that_no_draw_meets_with_a_balance() -> None:
    never = "Probability that the target is met and the fund above zero: none of 101 draws"
    assert title(draw_joint("en", 9e6)) == never


# ---------------------------------------------------------------- arrivals


def heights(axes: Axes) -> dict[float, float]:
    return {
        round(bar.get_x() + bar.get_width() / 2, 3): bar.get_height()
        for container in axes.containers
        for bar in container
    }


def test_the_bars_are_the_probabilities_and_never_is_apart() -> None:
    # enterprise pension: (4.7 - 3.9263) / 0.0024 = 322.4 = years x q: q >= 80.6 by 2024 (20 draws),
    # q >= 64.5 by 2025 (16 more), 65 never
    bars = heights(draw_arrivals("zh").axes[0])
    *years, never = sorted(bars)
    assert years == [2021, 2022, 2023, 2024, 2025]
    assert [bars[year] * 101 for year in years] == pytest.approx([0, 0, 0, 20, 16])
    assert bars[never] * 101 == pytest.approx(65)
    assert never > 2025.9
    assert sum(bars.values()) == pytest.approx(1.0)
    assert "到 2025 年仍未达到" in words(draw_arrivals("zh"))
    assert {"20%", "16%", "64%"} <= {t.get_text() for t in draw_arrivals("zh").axes[0].texts}


def test_late_years_have_a_colour_of_their_own_and_the_empty_end_is_left_out() -> None:
    picture = draw_arrivals("en", 2095)
    assert "Later than planned" in words(picture) and "In time" in words(picture)
    assert "reached by 2025: 36%" in words(picture)
    assert "Later than planned" not in words(draw_arrivals("en"))
    bars = draw_arrivals("en", 2095, rows=1).axes[0].containers[0]
    last = max(round(bar.get_x() + bar.get_width() / 2) for bar in bars)
    # 322.4 / q for the whole q below 100 of the last draw that comes by 2095: q = 5, 65 years
    assert last == 2020 + 65


def test_the_title_of_the_arrivals_names_the_least_likely() -> None:
    assert title(draw_arrivals("en")) == (
        "Least likely to be reached by 2025: enterprise pension, 36%"
    )
    never = draw_arrivals("zh", **NEVER)
    assert title(never) == "到 2025 年最难达到的目标：失业保险，101 次抽样中无一次"
    assert "全部" in {text.get_text() for text in never.axes[1].texts}  # the bar of never
    assert title(draw_arrivals("en", rows=1)) == (
        "Probability that enterprise pension reaches its target by 2025: 36%"
    )
    both = {**ALWAYS, "pension_enterprise": 3.9e6}
    assert title(draw_arrivals("en", rows=2, **both)) == (
        "Every target is reached by 2025: all 101 draws"
    )


def test_bad_input_says_what_is_wrong() -> None:
    table, central, aims = drawn.enrollment(), tables.enrollment(), drawn.targets()
    with pytest.raises(InputError, match=r"lacks the column\(s\) p95"):
        target_fan(table.drop(columns="p95"), central, aims, source=SOURCE)
    with pytest.raises(InputError, match="'zh' or 'en'"):
        joint(drawn.joint(), None, source=SOURCE, lang="de")
    with pytest.raises(InputError, match="arrivals table has no rows"):
        arrivals(drawn.arrivals().iloc[:0], aims, source=SOURCE)


# ---------------------------------------------------------------- of an ensemble


def invented(people: np.ndarray, closing: np.ndarray) -> Draws:
    """Draws with people ``[draw, year]`` in the first measure and the balance of the last fund."""
    draws, years = people.shape
    enrollment = np.zeros((draws, len(measures()), years, 2))
    enrollment[:, 0, :, 0], enrollment[:, 0, :, 1] = people, 1.0
    balances = np.ones((draws, len(FUNDS), years))
    balances[:, -1] = closing
    flows = np.zeros((draws, len(FUND_ITEMS), years - 1))
    limited, residents = np.zeros(draws, dtype=bool), np.ones(enrollment.shape[::2])
    return Draws(np.full(draws, ""), limited, enrollment, residents, balances, flows)


def test_the_joint_table_has_a_row_for_each_draw() -> None:
    people = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    draws = invented(people, np.array([[5.0, 4.0, -3.0], [5.0, 6.0, 7.0]]))
    years = np.array([2020, 2021, 2022])
    found = paired(draws, years, "mine", measures()[0], 2021, FUNDS[-1])
    assert found["persons"].tolist() == [3.0, 21.0]  # one more in the second area
    assert found["yuan"].tolist() == [-3.0, 7.0]
    assert found[["year", "fund_year"]].drop_duplicates().to_numpy().tolist() == [[2021, 2022]]


def test_the_median_year_is_that_of_the_draws_that_run_out() -> None:
    closing = np.array([[1.0, -1, -1], [1.0, 1, -1], [1.0, 1, -2], [1.0, 1, 1], [1.0, 0, 0]])
    draws = invented(np.ones((5, 3)), closing)
    rows = depletion(draws, np.array([2020, 2021, 2022]), "mine").set_index("fund")
    assert rows.loc[FUNDS[-1], "probability"] == pytest.approx(3 / 5)
    assert rows.loc[FUNDS[-1], "median_year"] == 2022
    assert rows["median_year"].isna().sum() == len(FUNDS) - 1


@pytest.fixture(scope="module")
def sure() -> Ensemble:
    return fs.ensemble("baseline", draws=16)


def test_an_ensemble_draws_its_pictures(sure: Ensemble) -> None:
    assert list(sure.plot.drawings("main")) == ["targets", "funds"]
    assert list(sure.plot.drawings("all")) == ["targets", "funds", "joint", "arrivals"]
    assert sure.plot.drawings("none") == {}
    for lang, draws in (("zh", "16 次抽样"), ("en", "16 draws")):
        for picture in sure.plot.all(lang).values():
            assert draws in words(picture)
    chance_of_all = sure.targets.set_index("measure")["probability"]["all"]
    assert chance(chance_of_all, 16, "en") in title(sure.plot.targets("en"))


def test_the_joint_picture_has_the_measure_and_fund_that_are_asked_for(sure: Ensemble) -> None:
    assert "Enterprise pension in 2025 against the balance of enterprise" in words(
        sure.plot.joint(lang="en")
    )
    other = words(sure.plot.joint("pension.resident", "injury", lang="en"))
    assert "Resident pension in 2025 against the balance of work injury" in other
    assert "Target" not in other
    with pytest.raises(InputError, match=r"no fund 'injry'\. Did you mean 'injury'"):
        sure.plot.joint(fund="injry")
    with pytest.raises(MeasureError, match="no measure 'pension'"):
        sure.plot.joint("pension")


def test_an_ensemble_without_targets_has_no_picture_of_them(sure: Ensemble) -> None:
    bare = replace(sure.plot, scenario=sure.scenario.with_({"targets": []}))
    assert list(bare.drawings("main")) == ["funds"]
    assert list(bare.drawings("all")) == ["funds", "joint"]
    for draw in (bare.targets, bare.arrivals):
        with pytest.raises(InputError, match="has no targets"):
            draw()


def test_a_fund_without_a_known_balance_has_no_joint_picture(sure: Ensemble) -> None:
    def table(name: str) -> pd.DataFrame:
        found = getattr(sure, name)
        return found.assign(probability=np.nan) if name == "depletion" else found

    unknown = replace(sure.plot, table=table)
    assert "joint" not in unknown.drawings("all")
    with pytest.raises(InputError, match="opening balance of injury is not known"):
        unknown.joint(fund="injury")


def test_pictures_are_written_with_the_tables(sure: Ensemble, tmp_path: Path) -> None:
    files = sure.write(tmp_path / "main", lang="en")
    assert {file.name for file in files if file.suffix == ".png"} == {"targets.png", "funds.png"}
    files = sure.write(tmp_path / "none", plots="none")
    assert not [file for file in files if file.suffix == ".png"]
    with pytest.raises(InputError, match="Did you mean 'main'"):
        sure.write(tmp_path / "bad", plots="mian")
    assert not (tmp_path / "bad").exists()
