"""The pictures agree with the tables, are legible, and leave the user's matplotlib unchanged."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import PathPatch
from matplotlib.text import Text

import draw_pictures
import figure_tables as tables
import fsinsure as fs
from foshan import CITY, FOSHAN
from fsinsure.dims import AGE_GROUPS
from fsinsure.errors import IdentityError, InputError
from fsinsure.output.figures.comparison import comparison
from fsinsure.output.figures.fonts import GETA, characters, font_path, printable
from fsinsure.output.figures.funds import funds
from fsinsure.output.figures.income_outgo import income_outgo
from fsinsure.output.figures.indices import indices
from fsinsure.output.figures.long_run import long_run
from fsinsure.output.figures.panels import year_ticks
from fsinsure.output.figures.pyramid import pyramid as drawn_pyramid
from fsinsure.output.figures.reasons import reasons
from fsinsure.output.figures.relief import relief
from fsinsure.output.figures.replacement import replacement
from fsinsure.output.figures.sheet import Picture, settings, spread_labels, wrap
from fsinsure.output.figures.style import PAPER
from fsinsure.output.figures.targets import targets
from fsinsure.output.figures.tornado import tornado
from fsinsure.output.figures.waterfall import channels as drawn_channels
from fsinsure.output.labels import label
from fsinsure.output.numbers import amount, percent_reached, unit_for
from fsinsure.output.rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

LANGUAGES = ("zh", "en")
PENSION = "pension.enterprise"
LIMITS = (12.0, 6.0, 3.0)
PUBLISHED = pd.DataFrame(
    [
        ("unemployment", CITY, 2020, 3_063_907.0, 1.0, False),
        ("unemployment", CITY, 2021, 3_236_854.0, 1.0, False),
        ("unemployment", CITY, 2023, 3_295_414.0, 1.0, False),
        ("pension.urban_contributors", CITY, 2021, 3_900_000.0, 1.0, False),
    ],
    columns=["measure", "area", "year", "value", "elapsed", "own"],
)
WITH_OWN = pd.concat(
    [
        PUBLISHED,
        pd.DataFrame(
            [("unemployment", CITY, 2024, 3_312_000.0, 182 / 366, True)],
            columns=PUBLISHED.columns,
        ),
    ]
)


def scenarios(*extra: float, horizon: int = 2025) -> pd.DataFrame:
    return pd.concat(
        [tables.enrollment(f"s{i}", horizon, value) for i, value in enumerate(extra)],
        ignore_index=True,
    )


def draw_targets(
    lang: str, *, horizon: int = 2025, rows: int = 3, published: pd.DataFrame | None = None
) -> Picture:
    table = tables.enrollment(horizon=horizon)
    aims = pd.concat([tables.targets(table), tables.targets(table, 2024)])
    return targets(table, aims.iloc[:rows], published=published, lang=lang, title="基准情景")


def channels(
    split: pd.DataFrame, table: pd.DataFrame, measure: str, area: str = CITY, lang: str = "zh"
) -> Picture:
    place = FOSHAN.names(lang).get(area, area)
    return drawn_channels(split, table, measure, area, place, lang=lang)


def pyramid(
    stocks: pd.DataFrame, area: str = CITY, *, year: int | None = None, lang: str = "zh"
) -> Picture:
    place = FOSHAN.names(lang).get(area, area)
    return drawn_pyramid(stocks, area, place, year=year, lang=lang)


def draw_channels(
    lang: str,
    *,
    measure: str = PENSION,
    area: str = CITY,
    published: pd.DataFrame | None = None,
) -> Picture:
    table = tables.enrollment()
    split = tables.channels(table, measure)
    place = FOSHAN.names(lang).get(area, area)
    return drawn_channels(split, table, measure, area, place, published=published, lang=lang)


def draw_comparison(lang: str, *extra: float) -> Picture:
    table = scenarios(*extra)
    return comparison(table, tables.targets(table), lang=lang)


def draw_far(lang: str) -> Picture:
    """Two scenarios alike up to the year of the targets, one of them much longer."""
    table = pd.concat([tables.enrollment("near"), tables.enrollment("far", 2035)])
    return comparison(table, tables.targets(table), lang=lang)


def draw_money(
    lang: str, draw: Callable[..., Picture], horizon: int = 2025, **kwargs: object
) -> Picture:
    books = tables.ledger(horizon=horizon)
    return draw(books, tables.indicators(books), lang=lang, **kwargs)


def draw_relief(lang: str, kept: dict[int, float] | None = None) -> Picture:
    books = tables.ledger(relief=True)
    return relief(books, tables.indicators(books, kept), lang=lang)


GROWTH = ["growth.employee", "growth.flexible"]

PICTURES: dict[str, Callable[[str], Picture]] = {
    "targets-published": lambda lang: draw_targets(lang, published=PUBLISHED),
    "channels-published": lambda lang: draw_channels(
        lang, measure="unemployment", published=PUBLISHED
    ),
    "targets-own": lambda lang: draw_targets(lang, published=WITH_OWN),
    "channels-own": lambda lang: draw_channels(lang, measure="unemployment", published=WITH_OWN),
    "backtest": lambda lang: fs.backtest(fs.load("baseline")).plot(lang),
    "backtest-nation": lambda lang: fs.backtest(fs.load("china")).plot(lang),
    "calibration": lambda lang: fs.calibrate("as-implemented", GROWTH, hold_out=[2023]).plot(lang),
    "calibration-money": lambda lang: fs.calibrate(
        fs.load("china").with_({"as_of": None}), ["wage.mean", *GROWTH], hold_out=[2023]
    ).plot(lang),
    "targets": draw_targets,
    "targets-one": lambda lang: draw_targets(lang, rows=1),
    "targets-four": lambda lang: draw_targets(lang, rows=4),
    "targets-later": lambda lang: draw_targets(lang, horizon=2030, rows=4),
    "targets-long": lambda lang: draw_targets(lang, horizon=2060),
    "targets-beyond": lambda lang: draw_targets(lang, horizon=2023),
    "targets-first": lambda lang: draw_targets(lang, horizon=2021),
    "channels": draw_channels,
    "channels-injury": lambda lang: draw_channels(lang, measure="injury"),
    "channels-area": lambda lang: draw_channels(lang, measure="injury", area="gaoming"),
    "pyramid": lambda lang: pyramid(tables.stocks(), lang=lang),
    "pyramid-area": lambda lang: pyramid(tables.stocks(), year=2020, area="sanshui", lang=lang),
    "comparison": lambda lang: draw_comparison(lang, 0.0, 0.0155, -0.006),
    "comparison-far": lambda lang: draw_far(lang),
    "comparison-seven": lambda lang: draw_comparison(
        lang, 0.0, 0.0155, -0.006, 0.004, 0.0061, 0.0, 0.0004
    ),
    "reasons-fund": lambda lang: reasons(*tables.compared(), lang=lang),
    "reasons-measure": lambda lang: reasons(*tables.compared(), kind="measure", lang=lang),
    "reasons-deficit": lambda lang: reasons(*tables.compared(9e12), lang=lang),
    "funds": lambda lang: draw_money(lang, funds, reserves=LIMITS),
    "funds-first": lambda lang: draw_money(lang, funds, 2021, reserves=LIMITS),
    "funds-far": lambda lang: draw_money(lang, funds, 2060, reserves=LIMITS),
    "income": lambda lang: income_outgo(tables.ledger(), PENSION, lang=lang),
    "income-first": lambda lang: income_outgo(tables.ledger(horizon=2021), "injury", lang=lang),
    "income-far": lambda lang: income_outgo(
        tables.ledger(horizon=2060), "pension.civil", lang=lang
    ),
    "relief": draw_relief,
    "relief-kept": lambda lang: draw_relief(lang, {2021: 0.0, 2022: 41_000.0, 2023: 8_000.0}),
    "replacement": lambda lang: replacement(tables.indicators(tables.ledger()), lang=lang),
    "replacement-far": lambda lang: replacement(
        tables.indicators(tables.ledger(horizon=2060)), lang=lang
    ),
    "long-run": lambda lang: draw_money(lang, long_run, 2100),
    "long-run-near": lambda lang: draw_money(lang, long_run),
    "tornado": lambda lang: tornado(*tables.sensitivity(), lang=lang),
    "indices": lambda lang: indices(*tables.sensitivity("analogue"), lang=lang),
    **draw_pictures.PICTURES,
}


@pytest.fixture(scope="module", params=itertools.product(PICTURES, LANGUAGES), ids="-".join)
def picture(request: pytest.FixtureRequest) -> Picture:
    name, lang = request.param
    found = PICTURES[name](lang)
    found.draw_without_rendering()  # places the texts, and makes what matplotlib makes only then
    return found


def written(picture: Picture) -> list[Text]:
    return [text for text in picture.findobj(Text) if text.get_visible() and text.get_text()]


def words(picture: Picture) -> str:
    return "\n".join(text.get_text() for text in written(picture))


def png(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png")
    return buffer.getvalue()


def test_every_text_has_our_font_and_its_characters(picture: Picture) -> None:
    texts = written(picture)
    assert len(texts) > 10
    assert {text.get_fontproperties().get_file() for text in texts} == {str(font_path())}
    assert not any(text.get_parse_math() for text in texts)
    assert not set("".join(text.get_text() for text in texts)) - characters() - {"\n"}


def test_texts_are_large_enough_and_inside_and_apart(picture: Picture) -> None:
    renderer = picture.canvas.get_renderer()
    boxes = {text: text.get_window_extent(renderer) for text in written(picture)}
    for text, box in boxes.items():
        assert text.get_fontsize() >= 7, text
        assert picture.bbox.contains(box.x0, box.y0) and picture.bbox.contains(box.x1, box.y1), text
    for (text, first), (later, second) in itertools.combinations(boxes.items(), 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        upward = min(first.y1, second.y1) - max(first.y0, second.y0)
        # boxes have the height of the tallest letter: two points of air between lines are enough
        assert across <= 0 or upward <= 2 * picture.dpi / 72, (text, later)


def test_a_picture_shows_itself_in_a_notebook(picture: Picture) -> None:
    data, size = picture._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size["width"] == 880
    assert int.from_bytes(data[16:20]) > 1.5 * size["width"]  # pixels of the file


def test_the_credit_names_scenario_and_version(picture: Picture) -> None:
    from fsinsure import __version__

    assert f"fsinsure {__version__}" in words(picture)


# ---------------------------------------------------------------- the user's matplotlib


def test_settings_and_fonts_of_the_user_are_left_alone() -> None:
    mpl.rcParams["font.size"] = 31
    try:
        before = dict(mpl.rcParams)
        fonts = list(font_manager.fontManager.ttflist)
        PICTURES["targets"]("zh")
        assert dict(mpl.rcParams) == before
        assert font_manager.fontManager.ttflist == fonts
    finally:
        mpl.rcdefaults()


@pytest.mark.parametrize(
    "changed",
    [
        {"font.size": 31, "font.family": "serif", "axes.facecolor": "black", "text.color": "red"},
        {"xtick.labelsize": 3, "lines.linewidth": 9, "axes.grid": True, "text.usetex": True},
        {"savefig.dpi": 30, "savefig.bbox": "tight", "savefig.pad_inches": 2.0},
        {"savefig.transparent": True, "savefig.facecolor": "red"},
        {"axes.unicode_minus": False, "xtick.minor.visible": True, "path.sketch": (1, 100, 2)},
    ],
)
def test_settings_of_the_user_do_not_reach_a_picture(changed: dict[str, object]) -> None:
    plain = png(PICTURES["channels"]("zh"))
    earlier = PICTURES["channels"]("zh")
    with mpl.rc_context(changed):
        picture = PICTURES["channels"]("zh")
        assert png(picture) == plain
        assert png(earlier) == plain
        assert picture._repr_png_()[0].startswith(b"\x89PNG")
    assert png(picture) == plain


def test_arguments_of_savefig_do_reach_a_picture() -> None:
    buffer = io.BytesIO()
    picture = PICTURES["channels"]("zh")
    picture.savefig(buffer, format="png", dpi=50)
    assert int.from_bytes(buffer.getvalue()[16:20]) == 50 * picture.get_size_inches()[0]


def test_threads_take_turns_with_the_settings() -> None:
    before = dict(mpl.rcParams)
    entered, left = threading.Event(), threading.Event()

    def second() -> None:
        with settings():
            entered.set()
            left.wait(60)

    thread = threading.Thread(target=second)
    with settings():
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(60)
    left.set()
    thread.join()
    assert dict(mpl.rcParams) == before


def test_pictures_drawn_in_threads_are_the_same() -> None:
    before = dict(mpl.rcParams)
    alone = png(PICTURES["channels"]("zh"))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: png(PICTURES["channels"]("zh")), range(6)))
    assert set(found) == {alone}
    assert dict(mpl.rcParams) == before


def test_the_same_tables_give_the_same_bytes() -> None:
    assert png(PICTURES["pyramid"]("en")) == png(PICTURES["pyramid"]("en"))


def test_pyplot_is_not_needed() -> None:
    modules = "comparison, funds, long_run, pyramid, relief, targets, waterfall"
    code = (
        f"import sys; from fsinsure.output.figures import {modules}; "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# ---------------------------------------------------------------- targets


def test_a_missed_target_says_by_how_much() -> None:
    table = tables.enrollment(pension_enterprise=(4_365_000 / 3_926_300) ** 0.2 - 1)
    aims = tables.targets(table).iloc[:1]
    chinese, english = (words(targets(table, aims, lang=lang)) for lang in LANGUAGES)
    assert (
        "企业职工养老保险差 33.50 万人" in chinese and "\n差 33.50 万人" in chinese
    )  # 470 - 436.5
    # 436.5 / 470 = 92.87 %; (436.5 - 392.63) / (470 - 392.63) = 56.7 %
    assert "达到目标的 92.8%，所需增量的 56.7%" in chinese
    assert "年均增速：需 3.66%，预测 2.14%" in chinese
    assert "Short by 0.335 million" in english and "missed" in english
    assert "92.8% of the target, 56.7% of the increase" in english
    assert "335,000" not in english  # one unit for a number: that of the axis


def test_a_target_that_is_met_says_by_how_much() -> None:
    table = tables.enrollment(unemployment=(3_210_000 / 3_063_900) ** 0.2 - 1)
    aims = tables.targets(table).iloc[1:2]
    chinese, english = (words(targets(table, aims, lang=lang)) for lang in LANGUAGES)
    # 321 / 316; 14.61 of the 9.61 that are needed
    assert "达到目标的 101.5%，所需增量的 152.0%" in chinese
    assert "2025 年目标可以达到：失业保险超 5.00 万人" in chinese
    assert "unemployment insurance above by 0.050 million" in english.replace("\n", " ")


def test_a_target_met_to_the_person_is_met() -> None:
    table = tables.enrollment()
    city = table[(table["area"] == CITY) & (table["year"] == 2025)]
    aims = {m: p - 0.3 for m, p in zip(city["measure"], city["persons"], strict=True)}
    rows = tables.targets(table, **{m.replace(".", "_"): p + 0.6 for m, p in aims.items()})
    chinese = words(targets(table, rows))
    assert "3 项目标全部达到" in chinese
    assert chinese.count("恰好达到目标") == 6  # in the title, and above each panel


def title_of(picture: Picture) -> str:
    """The lines of the title, which are the largest texts."""
    size = max(text.get_fontsize() for text in picture.texts)
    return "".join(text.get_text() for text in picture.texts if text.get_fontsize() == size)


def test_the_title_counts_and_names_every_gap_the_shortest_first() -> None:
    table = tables.enrollment()
    # 470 - 392.63 x 1.0213^5, 364 - 335.99 x 1.0089^5, 306.39 x 1.0094^5 - 316
    assert title_of(targets(table, tables.targets(table))) == (
        "3 项目标中 1 项可达到："
        "企业职工养老保险差 33.74 万人、工伤保险差 12.79 万人、失业保险超 5.06 万人"
    )
    hard = tables.targets(table, unemployment=3.9e6)
    english = title_of(targets(table, hard, lang="en"))
    assert english.startswith("None of the 3 targets is met: unemployment insurance short by 0.689")


def test_a_long_horizon_is_cut_to_what_the_targets_need() -> None:
    table = tables.enrollment(horizon=2100)
    picture = targets(table, tables.targets(table))
    last = max(max(line.get_xdata()) for axes in picture.axes for line in axes.lines)
    assert last == 2030
    assert "本图画到 2030 年；预测至 2100 年" in words(picture)


def test_the_foot_says_what_a_picture_rests_on(result: fs.Result) -> None:
    english = words(result.plot.targets("en")).replace("\n", " ")
    used = result.parameters
    assumed = used[used["confidence"] == "assumption"]["parameter"].nunique()
    assert f"{assumed} of {used['parameter'].nunique()} parameters are assumptions" in english
    assert "published to 2020" in english and "expected values" in english


def test_base_projection_and_target_are_labelled() -> None:
    chinese = words(PICTURES["targets"]("zh"))
    for text in ("392.63", "306.39", "335.99", "目标 470", "目标 316", "目标 364", "万人"):
        assert text in chinese
    assert "Target 4.700" in words(PICTURES["targets"]("en"))


def test_curves_and_paths_go_through_their_ends() -> None:
    table = tables.enrollment()
    picture = targets(table, tables.targets(table))
    assert len(picture.axes) == 3
    path, curve, aim, base = picture.axes[0].lines
    assert (base.get_xdata()[0], base.get_ydata()[0]) == (2020, 3_926_300)
    assert base.get_marker() == "o" and base.get_markerfacecolor() == PAPER
    assert np.isclose(path.get_ydata()[[0, -1]].astype(float), [3_926_300, 4_700_000]).all()
    ratios = path.get_ydata()[1:] / path.get_ydata()[:-1]
    assert np.allclose(ratios, (470 / 392.63) ** 0.2)
    assert list(curve.get_xdata()) == list(range(2020, 2026))
    assert (aim.get_xdata()[0], aim.get_ydata()[0]) == (2025, 4_700_000)


def test_a_target_beyond_the_projection_has_no_gap() -> None:
    chinese = words(PICTURES["targets-beyond"]("zh"))
    assert "目标年份均在预测期之后" in chinese
    assert chinese.count("目标 ") == 3
    assert "差 " not in chinese and "超 " not in chinese


@pytest.mark.parametrize("horizon", [2025, 2036])
def test_growth_from_nobody_is_not_known_and_the_target_is_drawn(horizon: int) -> None:
    table = tables.enrollment(horizon=horizon)
    aims = tables.targets(table)
    table.loc[(table["measure"] == "injury") & (table["year"] == 2020), "persons"] = 0.0
    aims.loc[aims["measure"] == "injury", ["growth_required", "growth_projected"]] = np.nan
    picture = targets(table, aims)
    assert "年均增速：需 –，预测 –" in words(picture)
    assert "nan" not in words(picture).lower()
    assert picture.axes[2].get_ylim()[0] <= 0.0 < 3_640_000 < picture.axes[2].get_ylim()[1]
    png(picture)


def test_the_scenario_title_stands_in_the_picture() -> None:
    assert "基准情景" in words(PICTURES["targets"]("zh"))


# ---------------------------------------------------------------- comparison


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30])
def test_every_scenario_is_drawn_and_named(count: int) -> None:
    table = scenarios(*(0.0005 * index for index in range(count)))
    picture = comparison(table, tables.targets(table), titles={"s0": "第一个"})
    names = ["第一个", *(f"s{index}" for index in range(1, count))]
    entries = [text.get_text().split("  ")[1] for text in picture.legends[0].get_texts()]
    assert entries == names
    tags = [text.get_text().split("  ")[0] for text in picture.legends[0].get_texts()]
    for axes in picture.axes[3:]:  # beneath: differences from the first
        curves = [line for line in axes.lines if len(line.get_xdata()) == 6]
        assert len(curves) == count - 1
    for axes in picture.axes[:3]:
        curves = [line for line in axes.lines if len(line.get_xdata()) == 6]
        assert len(curves) == count
        ends = {part for text in axes.texts for part in text.get_text().split(" ")[0].split("·")}
        assert set(tags) <= ends


def test_scenarios_that_coincide_share_an_end_text() -> None:
    assert "A·C 436.26" in words(draw_comparison("zh", 0.0, 0.0155, 0.0))


def test_the_title_counts_the_scenarios_that_reach_all_targets() -> None:
    assert "达到的目标项数：s0 1/3、s1 3/3、s2 0/3" in words(
        draw_comparison("zh", 0.0, 0.0155, -0.006)
    )
    assert "Targets met: s0 1 of 3, s1 1 of 3" in words(draw_comparison("en", 0.0, 0.001))
    assert "2 个情景都达到各自的全部目标" in words(draw_comparison("zh", 0.02, 0.03))


def test_differences_of_funds_are_drawn_where_there_are_any() -> None:
    table = scenarios(0.0, 0.0)
    books = pd.concat([tables.ledger("s0"), tables.ledger("s1", rise=0.07)])
    picture = comparison(table, tables.targets(table), books)
    assert len(picture.axes) == 3 + 5  # the people do not differ, every balance does
    line = next(line for line in picture.axes[3].lines if len(line.get_xdata()) == 6)
    closing = books[(books["item"] == "closing") & (books["fund"] == PENSION)]
    curves = closing.pivot_table(index="year", columns="scenario", values="yuan")
    assert np.allclose(line.get_ydata(), curves["s1"] - curves["s0"])


def test_scenarios_without_targets_are_compared_in_every_measure() -> None:
    table = scenarios(0.0, 0.01)
    picture = comparison(table, tables.targets(table).iloc[:0])
    assert len(picture.axes) == 3 + 3  # the differences beneath
    assert "2 个情景的参保人数" in words(picture)


def test_a_target_of_one_scenario_only_is_named_after_it() -> None:
    table = scenarios(0.0, 0.01, 0.02)
    aims = tables.targets(table)
    aims.loc[(aims["scenario"] == "s2") & (aims["measure"] == "injury"), "target"] = 3_500_000.0
    chinese = words(comparison(table, aims))
    assert "C 的目标 350" in chinese and "目标 364" in chinese
    assert "按各自目标判断" in chinese
    assert "按各自目标判断" not in words(comparison(table, tables.targets(table)))


def test_scenarios_may_end_in_different_years() -> None:
    table = pd.concat([tables.enrollment("long", 2035), tables.enrollment("short", 2028, 0.01)])
    picture = comparison(table, tables.targets(table))
    spans = {
        int(line.get_xdata()[-1]) for line in picture.axes[0].lines if len(line.get_xdata()) > 2
    }
    assert spans == {2028, 2035}


def marks(picture: Picture) -> list[list[float]]:
    """Where the marks of each curve stand, in inches."""
    found = []
    for axes in picture.axes:
        for line in axes.lines:
            if line.get_marker() not in ("None", "") and len(line.get_xdata()) > 1:
                points = axes.transData.transform(line.get_xydata()) / picture.dpi
                every = line.get_markevery()
                first, step = every if isinstance(every, tuple) else (0, every or 1)
                found.append([float(x) for x, _ in points[first::step]])
                assert isinstance(every, int) or points[first::step][-1][0] == points[-1][0]
    return found


@pytest.mark.parametrize(
    "draw", [draw_far, lambda lang: draw_targets(lang, horizon=2035)], ids=["comparison", "targets"]
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_marks_of_a_curve_do_not_merge(draw: Callable[[str], Picture], lang: str) -> None:
    curves = marks(draw(lang))
    assert len(curves) >= 3
    for curve in curves:
        assert len(curve) > 2
        assert min(np.diff(curve)) >= 0.1  # a mark is 4.5 points wide: 0.06 inches


# ---------------------------------------------------------------- channels


def bars(picture: Picture) -> list[tuple[float, float]]:
    found = [each for each in picture.axes[0].containers if isinstance(each, BarContainer)]
    boxes = [bar.get_bbox() for container in found for bar in container]
    return [(box.x0, box.x1) for box in sorted(boxes, key=lambda box: box.y0)]


def test_the_waterfall_goes_from_base_to_end() -> None:
    table = tables.enrollment()
    split = tables.channels(table)
    city = table[(table["area"] == CITY) & (table["measure"] == PENSION)].set_index("year")
    first, *steps, last = bars(channels(split, table, PENSION))
    assert np.isclose(first[1], city["persons"][2020])
    assert np.isclose(last[1], city["persons"][2025])
    assert np.isclose(first[1] + sum(end - start for start, end in steps), last[1])
    gains = [end - start for start, end in steps]
    assert gains == sorted(gains, reverse=True)
    whole = split[(split["area"] == CITY) & (split["to_year"] - split["from_year"] == 5)]
    assert np.allclose(gains, sorted(whole["persons"][whole["persons"] != 0], reverse=True))


def test_values_are_written_and_empty_channels_left_out() -> None:
    chinese = words(draw_channels("zh"))
    assert (
        "失业或中断缴费" in chinese
        and "新参保：灵活就业人员" in chinese
        and FOSHAN.title["zh"] in chinese
    )
    # 392.63 x 1.0213^5 = 436.26; 46 % and -28 % of the rise of 43.63
    assert "+20.07" in chinese and "−12.22" in chinese and "436.26" in chinese
    assert "新参保：中断缴费人员" not in chinese  # the channel without anybody
    assert "净增 43.63 万人：新领待遇（原不计入） +20.07、失业或中断缴费 −12.22" in "".join(
        chinese.split("\n")
    )


def test_english_bars_are_in_the_unit_of_the_axis() -> None:
    english = words(draw_channels("en"))
    assert "Unit: million persons" in english
    for text in ("3.926", "+0.201", "−0.122", "4.363"):
        assert text in english.split("\n")
    assert "grows by 0.437 million" in english.replace("\n", " ")  # 4.363 - 3.926, as drawn
    assert "+200,700" not in english


@pytest.mark.parametrize("step", [1.0, 100.0, 1e6])
def test_rounded_parts_add_up_to_the_rounded_totals(step: float) -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        edges = (rng.normal(0, 4 * step, 6).cumsum() + 20 * step).tolist()
        first, parts, last = rounded(edges, step)
        assert np.isclose(first + sum(parts), last, atol=step / 1e6)
        assert abs(first - edges[0]) <= step / 2 and abs(last - edges[-1]) <= step / 2
        for part, (before, after) in zip(parts, itertools.pairwise(edges), strict=True):
            assert abs(part - (after - before)) <= 1.0001 * step


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_numbers_beside_the_bars_add_up_as_shown(lang: str) -> None:
    table = tables.enrollment()
    picture = draw_channels(lang)
    texts = [text.get_text().replace("−", "-").replace(",", "") for text in picture.axes[0].texts]
    first, last = (float(text) for text in texts[:2])
    assert round(first + sum(map(float, texts[2:])), 6) == last
    divisor, decimals = (1e4, 2) if lang == "zh" else (1e6, 3)
    city = table[(table["area"] == CITY) & (table["measure"] == PENSION)].set_index("year")
    assert last == round(city["persons"][2025] / divisor, decimals)


def test_channels_too_small_to_show_are_other_and_never_zero() -> None:
    table = tables.enrollment()
    split = tables.channels(table)
    rows = split[split["channel"] == "coverage.dormant"].index
    for name, persons in (("ageing", 49.0), ("switches", 30.0)):
        more = split.loc[rows].assign(channel=name, persons=persons)
        split = pd.concat([split, more], ignore_index=True)
    split.loc[split["channel"] == "pensioners", "persons"] -= 79.0
    shown = words(channels(split, table, PENSION))
    assert "其他" in shown and "+0.01" in shown and "0.00" not in shown
    assert "进出适用年龄" not in shown


def test_a_fall_and_a_standstill_have_their_own_titles() -> None:
    table = tables.enrollment(injury=-0.01)
    assert "工伤保险净减 16.47 万人" in words(
        channels(tables.channels(table, "injury"), table, "injury")
    )
    table = tables.enrollment(injury=0.0)
    still = channels(tables.channels(table, "injury"), table, "injury", lang="en")
    assert "Work injury insurance does not change in 2020–2025" in words(still)


def test_channels_that_do_not_add_up_are_refused() -> None:
    table = tables.enrollment()
    split = tables.channels(table)
    split.loc[split["channel"] == "pensioners", "persons"] += 1000
    with pytest.raises(IdentityError, match=r"pension.enterprise \(foshan, 2020-2025\).*-1,000\.0"):
        channels(split, table, PENSION)


def test_a_picture_of_one_panel_is_drawn_on_axes_of_the_user(result: fs.Result) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(14, 4))
    assert result.plot.channels("injury", ax=right, lang="en") is right
    own = result.plot.channels("injury", lang="en").axes[0]
    assert bars_on(right) == bars_on(own) and bars_on(right)
    assert right.get_title(loc="left").startswith("Work injury insurance grows by 0.848 million")
    assert not left.has_data() and len(figure.axes) == 2
    fonts = {text.get_fontproperties().get_file() for text in right.texts}
    assert fonts == {str(font_path())}
    with pytest.raises(InputError, match=r"choose one with fund= \(pension.enterprise, "):
        result.plot.funds(ax=left)
    assert not left.has_data()
    plt.close(figure)


def bars_on(axes: Axes) -> list[tuple[float, float]]:
    return [(patch.get_x(), patch.get_width()) for patch in axes.patches]


# ---------------------------------------------------------------- pyramid


@pytest.mark.parametrize("year", [2020, 2025])
def test_the_bars_of_the_pyramid_add_up_to_the_population(year: int) -> None:
    stocks = tables.stocks()
    picture = pyramid(stocks, year=year)
    here = stocks[(stocks["year"] == year) & (stocks["area"] == CITY)]
    for axes, sex in zip(picture.axes, ("male", "female"), strict=True):
        paths = [patch.get_path() for patch in axes.patches if type(patch) is PathPatch]
        bars = np.concatenate([path.vertices.reshape(-1, 5, 2) for path in paths])
        assert len(bars) == len(paths) * len(AGE_GROUPS)
        drawn = np.sum(bars[:, 1, 0] - bars[:, 0, 0])
        assert np.isclose(drawn, here.loc[here["sex"] == sex, "persons"].sum())
    men, women = picture.axes
    assert men.xaxis_inverted() and not women.xaxis_inverted()
    assert men.get_xlim() == women.get_xlim()[::-1]


def test_small_statuses_are_joined_and_named() -> None:
    picture = pyramid(tables.stocks())
    entries = [text.get_text() for text in picture.legends[0].get_texts()]
    assert entries[-3:] == ["其他", "未参保", "2020 年末轮廓"]
    assert "其他：领取失业金、机关事业退休" in words(picture)


def test_the_base_year_needs_no_outline() -> None:
    assert "轮廓" not in words(pyramid(tables.stocks(), year=2020))


def test_the_title_of_the_pyramid_gives_the_share_aged_60_and_over() -> None:
    stocks = tables.stocks(years=(2020,))
    stocks["persons"] = 0.0
    young = (stocks["age_group"] == "30-34") & (stocks["status"] == "employee")
    old = (stocks["age_group"] == "60-64") & (stocks["status"] == "retiree")
    stocks.loc[young & (stocks["area"] == "nanhai"), "persons"] = 300_000.0
    stocks.loc[old & (stocks["area"] == "nanhai"), "persons"] = 100_000.0
    english = words(pyramid(stocks, area="nanhai", lang="en"))
    assert "Nanhai, end of 2020: 800,000 people, 25.0% aged 60 and over" in english


# ---------------------------------------------------------------- bad input


def test_bad_input_says_what_to_do() -> None:
    table = tables.enrollment()
    aims, split, stocks = tables.targets(table), tables.channels(table), tables.stocks()
    both = scenarios(0.0, 0.01)
    cases: list[tuple[Callable[[], Picture], str]] = [
        (lambda: targets(table, aims, lang="de"), "'zh' or 'en'"),
        (lambda: targets(table, aims.iloc[:0]), "targets table has no rows"),
        (lambda: targets(table.drop(columns="year"), aims), r"lacks the column\(s\) year"),
        (lambda: targets(both, aims), r"2 scenarios \(s0, s1\).*comparison"),
        (lambda: targets(table, aims.assign(measure="injry")), "'injry'.*Did you mean 'injury'"),
        (lambda: channels(split, table, "pension.enterprize"), "Did you mean 'pension.enterprise'"),
        (lambda: channels(split, table, PENSION, area="nanhi"), "Did you mean 'nanhai'"),
        (lambda: pyramid(stocks, year=2031), "No year '2031'.*Known: 2020, 2025"),
        (lambda: pyramid(stocks, area="china"), "No area 'china'.*Known: chancheng"),
        (lambda: comparison(table.iloc[:0], aims), "enrollment table has no rows"),
    ]
    for draw, message in cases:
        with pytest.raises(InputError, match=message):
            draw()


def test_a_title_may_hold_anything() -> None:
    table = tables.enrollment()
    title = "A $x_1$ title, 100% 😀 \t with\na break and " + "a very long tail " * 12
    picture = targets(table, tables.targets(table), title=title)
    png(picture)
    assert f"$x_1$ title, 100% {GETA} with a break" in words(picture)
    comparison(table, tables.targets(table), titles={"baseline": "长" * 120 + "龘"})


# ---------------------------------------------------------------- words and places


@pytest.mark.parametrize(
    ("persons", "chinese", "english"),
    [
        (335_000, "33.50 万人", "335,000"),
        (-1_234_000, "−123.40 万人", "−1.234 million"),
        (3_500, "0.35 万人", "3,500"),
        (120, "120 人", "120"),
        (-0.4, "0 人", "0"),
        (999.6, "0.10 万人", "1,000"),
        (999_600, "99.96 万人", "1.000 million"),
    ],
)
def test_amounts(persons: float, chinese: str, english: str) -> None:
    assert (amount(persons, "zh"), amount(persons, "en")) == (chinese, english)


def test_an_attainment_is_never_rounded_up_to_a_success() -> None:
    assert percent_reached(0.9999) == "99.9%"
    assert percent_reached(0.925) == "92.5%"
    assert percent_reached(1.0) == "100.0%"


def test_units_are_chosen_for_the_reader() -> None:
    assert [unit_for("zh", peak).name for peak in (4e6, 2e4, 900)] == ["万人", "万人", "人"]
    assert [unit_for("en", peak).divisor for peak in (4e6, 2e4, 900)] == [1e6, 1e3, 1]
    assert unit_for("en", 4e6).ticks([4.0e6, 4.25e6]) == ["4.00", "4.25"]


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12), st.floats(5, 15))
def test_spread_keeps_order_and_distance(wanted: list[float], distance: float) -> None:
    placed = spread_labels(wanted, distance)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(placed)[order]) >= distance - 1e-6).all()
    assert abs(np.mean(placed) - np.mean(wanted)) < 1e-6


def test_spread_leaves_what_has_room() -> None:
    assert spread_labels([50.0, 0.0, 20.0], 10) == [50.0, 0.0, 20.0]


@given(st.text(alphabet="ab1 佛山市，。（）·-", max_size=80))
def test_wrapping_keeps_every_character(text: str) -> None:
    flat = printable(text)
    lines = wrap(flat, 10, 1.0)
    assert "".join(lines).replace(" ", "") == flat.replace(" ", "")


@given(st.integers(1, 80), st.data())
def test_year_ticks_keep_what_must_be_shown(span: int, data: st.DataObject) -> None:
    aim = data.draw(st.integers(2020, 2020 + span))
    room = data.draw(st.floats(0.1, 10))
    shown = year_ticks(sorted({2020, aim, 2020 + span}), room)
    assert shown == sorted(set(shown))
    assert {shown[0], shown[-1]} <= {2020, *range(2020, 2021 + span)}
    assert all(later - earlier >= room for earlier, later in itertools.pairwise(shown))


def squares(axes: Axes) -> list[tuple[float, float]]:
    """Where the marks of published figures stand."""
    found = [line for line in axes.lines if line.get_marker() == "s"]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_published_figures_of_the_same_measure_stand_beside_the_curves(lang: str) -> None:
    table = tables.enrollment()
    aims = tables.targets(table)
    picture = targets(table, aims, published=PUBLISHED, lang=lang)
    by_measure = dict(zip(aims["measure"], map(squares, picture.axes), strict=True))
    # The base year is the start of the curve; other measures are other people.
    assert by_measure["unemployment"] == [(2021, 3_236_854.0), (2023, 3_295_414.0)]
    assert by_measure[PENSION] == by_measure["injury"] == []
    words = {"zh": "公布数", "en": "Published"}[lang]
    assert words in [text.get_text() for text in picture.legends[0].get_texts()]
    without = targets(table, aims, lang=lang)
    assert words not in [text.get_text() for text in without.legends[0].get_texts()]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_of_the_user_are_hollow_and_have_a_word_of_their_own(lang: str) -> None:
    table = tables.enrollment()
    aims = tables.targets(table)
    picture = targets(table, aims, published=WITH_OWN, lang=lang)
    own = {"zh": "自有数", "en": "Own figures"}[lang]
    assert own in [text.get_text() for text in picture.legends[0].get_texts()]
    panel = picture.axes[aims["measure"].tolist().index("unemployment")]
    hollow = [line for line in panel.lines if line.get_marker() == "s"][-1]
    assert hollow.get_markerfacecolor() == PAPER
    # 30 June of a leap year is day 182 of 366.
    assert float(hollow.get_xdata()[0]) == pytest.approx(2023 + 182 / 366)
    split = tables.channels(table, "unemployment")
    args = (split, table, "unemployment", CITY, "x")
    (axes,) = drawn_channels(*args, published=WITH_OWN, lang=lang).axes
    assert own in [text.get_text() for text in axes.get_yticklabels()]
    assert "2024-06" in {text.get_text() for text in axes.texts}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_measures_without_a_figure_of_their_scope_are_named_below_the_targets(lang: str) -> None:
    table = tables.enrollment()
    aims = tables.targets(table)
    words = {"zh": "没有同口径公布数：", "en": "of the same scope after 2020: "}[lang]

    def notes(published: pd.DataFrame | None) -> list[str]:
        picture = targets(table, aims, published=published, lang=lang)
        return [text.get_text() for text in picture.texts if words in text.get_text()]

    (note,) = notes(PUBLISHED)
    for measure in (PENSION, "injury"):
        assert label(f"short.{measure}", lang) in note
    assert label("short.unemployment", lang) not in note
    assert notes(None) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_published_figures_have_a_row_below_the_channels(lang: str) -> None:
    table = tables.enrollment()
    split = tables.channels(table, "unemployment")
    args = (split, table, "unemployment", CITY, "x")
    (axes,) = drawn_channels(*args, published=PUBLISHED, lang=lang).axes
    assert sorted(value for value, _ in squares(axes)) == [3_236_854.0, 3_295_414.0]
    low, high = axes.get_xlim()
    assert low < 3_236_854 < 3_295_414 < high
    assert {"2021", "2023"} <= {text.get_text() for text in axes.texts}
    (axes,) = drawn_channels(*args, lang=lang).axes
    assert squares(axes) == []


def test_the_tornado_writes_the_ends_of_each_range_and_names_the_largest() -> None:
    found = words(tornado(*tables.sensitivity(), lang="en"))
    title = "Yearly growth of employees at year end moves unemployment insurance most, with 75%"
    assert title in found.replace("\n", " ") and "growth.employee" not in found
    assert {"1.86%", "9.00%", "3,300", "400,000,000", "2.40% / 6.00%"} <= set(found.split("\n"))


def test_bars_of_the_tornado_start_at_zero_and_end_at_the_effects() -> None:
    axes = tornado(*tables.sensitivity(), lang="en").axes[0]
    boxes = [bar.get_bbox() for bar in axes.patches]
    assert all(0.0 in (box.x0, box.x1) for box in boxes)
    ends = sorted(box.x0 if box.x1 == 0.0 else box.x1 for box in boxes)
    wanted = sorted([-400.0, 400.0, 200.0 / 3, 200.0, -100.0, 100.0, 0.0, 50.0])  # thousands
    assert ends == pytest.approx(wanted)


def test_indices_have_dots_at_the_estimates_and_lines_to_the_bounds() -> None:
    effects, groups, subjects = tables.sensitivity()
    axes = indices(effects, groups, subjects, lang="en").axes[0]
    own = effects[effects["subject"] == "measure.unemployment"]
    dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert sorted(dots) == pytest.approx(sorted([*own["first"], *own["total"]]))
    spans = [tuple(one.get_xdata()) for one in axes.lines if len(set(one.get_xdata())) == 2]
    bounds = [*zip(own["first_low"], own["first_high"], strict=True)]
    assert set(bounds) <= set(spans)
