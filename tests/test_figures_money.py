"""The pictures of money agree with the ledger and the indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

import figure_tables as tables
from fsinsure.api import run
from fsinsure.errors import InputError
from fsinsure.output.figures.funds import funds
from fsinsure.output.figures.income_outgo import income_outgo
from fsinsure.output.figures.long_run import long_run
from fsinsure.output.figures.money import last_drawn, with_crossings
from fsinsure.output.figures.relief import has_relief, relief
from fsinsure.output.figures.replacement import has_awards, replacement
from fsinsure.output.numbers import yuan
from fsinsure.scenario import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from fsinsure.output.figures.sheet import Picture

LIMITS = (12.0, 6.0, 3.0)
ENTERPRISE = "pension.enterprise"


def words(picture: Picture) -> str:
    return "\n".join(text.get_text() for text in picture.findobj(Text) if text.get_text())


def reserves(horizon: int = 2025, lang: str = "zh", **kwargs: float) -> Picture:
    books = tables.ledger(horizon=horizon, **kwargs)
    return funds(books, tables.indicators(books), reserves=LIMITS, lang=lang)


def bar_sums(axes: Axes) -> dict[int, tuple[float, float]]:
    """Sums of the bars above and below the axis, by year."""
    sums: dict[int, tuple[float, float]] = {}
    for container in axes.containers:
        assert isinstance(container, BarContainer)
        for bar in container:
            year = round(bar.get_x() + bar.get_width() / 2)
            up, down = sums.get(year, (0.0, 0.0))
            height = bar.get_height()
            sums[year] = (up + max(height, 0.0), down + max(-height, 0.0))
    return sums


# ---------------------------------------------------------------- funds


def test_each_fund_has_its_balance_and_its_reserve_lines() -> None:
    books = tables.ledger()
    picture = reserves()
    assert len(picture.axes) == len(tables.FUND_BOOKS)
    for axes, fund in zip(picture.axes, tables.FUND_BOOKS, strict=True):
        rows = books[books["fund"] == fund].set_index("year")
        closing = rows[rows["kind"] == "closing"]["yuan"]
        outgo = rows[rows["kind"] == "outgo"].groupby("year")["yuan"].sum()
        *lines, balance, _ = axes.lines  # the last is the mark of the base year
        assert list(balance.get_xdata()) == list(range(2020, 2026))
        assert np.allclose(balance.get_ydata(), closing)
        for line, months in zip(lines, LIMITS, strict=True):
            assert list(line.get_xdata()) == list(range(2021, 2026))
            assert np.allclose(line.get_ydata(), outgo / 12 * months)


@pytest.mark.parametrize("rise", [0.0, 0.06, 0.12])
@pytest.mark.parametrize("horizon", [2025, 2035])
def test_the_first_value_stands_clear_of_the_balance(horizon: int, rise: float) -> None:
    picture = reserves(horizon, rise=rise)
    picture.draw_without_rendering()
    renderer = picture.canvas.get_renderer()
    lasting = [axes for axes in picture.axes if len(axes.texts) == 2]  # no year of depletion
    assert len(lasting) >= 2
    for axes in lasting:
        start = axes.texts[0].get_window_extent(renderer).padded(picture.dpi / 72)
        *_, balance, base = axes.lines
        assert list(base.get_xdata()) == [2020]  # the base year has a mark of its own
        at = np.linspace(2020, horizon, 400)
        values = np.interp(at, balance.get_xdata(), balance.get_ydata())
        points = axes.transData.transform(np.column_stack([at, values]))
        assert not start.count_contains(points), axes.texts[0].get_text()


def test_the_title_names_the_funds_below_the_first_limit() -> None:
    # the civil service's fund holds 1.888 billion at an outgo of 4.545 billion: 5.0 months
    chinese = words(reserves())
    assert "2025 年末低于 12 个月警戒线的基金：企业职工养老保险、机关事业养老保险" in chinese
    assert "2025 年末可支付 5.0 个月，低于 6 个月" in chinese
    assert "2025 年末可支付 20.2 个月" in chinese.split("\n")  # residents: no limit is passed
    # 53.26 billion at an outgo of 39.3 billion: 16.3 months
    assert "End of 2021: lasts 16.3 months" in words(reserves(2021, "en"))


def test_the_title_says_when_every_fund_is_above_the_first_limit() -> None:
    books = tables.ledger()
    figures = tables.indicators(books)
    figures.loc[figures["indicator"] == "months_of_reserve", "value"] = 12.0
    picture = funds(books, figures, reserves=LIMITS)
    assert "2025 年末各项基金结余均可支付 12 个月以上" in words(picture)


def test_a_fund_that_ends_says_when_and_shows_a_deficit() -> None:
    picture = reserves(2030, rise=0.12)
    assert "5 项基金中 3 项在 2030 年前累计结余转负，最早为机关事业养老保险（2025 年）" in words(
        picture
    )
    assert "2025 年末起累计结余为负" in words(picture) and "累计结余为负（缺口）" in words(picture)
    civil = picture.axes[1]
    marks = [line for line in civil.lines if line.get_marker() == "X"]
    assert [line.get_xdata()[0] for line in marks] == [2025]
    assert marks[0].get_ydata()[0] < 0
    assert civil.get_ylim()[0] < 0
    assert "缺口" not in words(reserves(2021))


def test_a_long_projection_is_drawn_to_2035_and_says_so() -> None:
    picture = reserves(2060, "en")
    assert "Drawn up to 2035; the long-run picture goes on to 2060" in words(picture)
    years = {float(x) for axes in picture.axes for line in axes.lines for x in line.get_xdata()}
    assert max(years - {0.0, 1.0}) == 2035
    assert "Drawn up to" not in words(reserves(2035, "en"))


def test_the_limits_are_those_of_the_scenario() -> None:
    books = tables.ledger()
    picture = funds(books, tables.indicators(books), reserves=(9, 4.5, 2), lang="en")
    for text in ("Lasts 4.5 to 9 months", "Lasts 2 to 4.5 months", "Lasts less than 2 months"):
        assert text in words(picture)


def test_a_curve_passes_zero_where_the_straight_line_does() -> None:
    years, values = with_crossings(pd.Series({2020: 3.0, 2021: -1.0, 2022: -2.0, 2023: 2.0}))
    assert years.tolist() == [2020, 2020.75, 2021, 2022, 2022.5, 2023]
    assert values.tolist() == [3, 0, -1, -2, 0, 2]


# ---------------------------------------------------------------- income and outgo


@pytest.mark.parametrize("fund", tables.FUND_BOOKS)
def test_the_bars_add_up_to_the_ledger_and_the_line_to_the_difference(fund: str) -> None:
    books = tables.ledger(horizon=2024)
    axes = income_outgo(books, fund).axes[0]
    rows = books[books["fund"] == fund]
    sums = rows.groupby(["kind", "year"])["yuan"].sum()
    assert set(bar_sums(axes)) == {2021, 2022, 2023, 2024}
    for year, (up, down) in bar_sums(axes).items():
        assert np.isclose(up, sums["income", year]) and np.isclose(down, sums["outgo", year])
    (net,) = [line for line in axes.lines if line.get_marker() == "D"]
    assert np.allclose(net.get_ydata(), sums["income"] - sums["outgo"])


def test_minor_items_stand_together_and_are_named() -> None:
    chinese = words(income_outgo(tables.ledger(), ENTERPRISE))
    assert "支出中的“其他”：丧葬抚恤、个人账户返还" in chinese
    assert "其他 3.8" in chinese  # (2 + 1) x 1.06^4 = 3.787
    assert "基本养老金 404.0" in chinese  # 320 x 1.06^4


def test_more_items_than_colours_stand_together() -> None:
    books = tables.ledger()
    employer = books[(books["fund"] == ENTERPRISE) & (books["item"] == "employer")]
    names = ("subsidy", "pool_transfer", "account_in", "resident", "flat")
    extra = [employer.assign(item=name, yuan=9e9 + 1e8 * i) for i, name in enumerate(names)]
    chinese = words(income_outgo(pd.concat([books, *extra]), ENTERPRISE))
    assert "收入中的“其他”：灵活就业人员缴费、利息收入、财政补贴" in chinese


def test_empty_items_are_not_named() -> None:
    books = tables.ledger()
    extra = books[books["item"] == "employer"].assign(item="pool_transfer", yuan=0.0)
    assert "调剂金收入" not in words(income_outgo(pd.concat([books, extra]), ENTERPRISE))


def test_an_item_that_mattered_in_one_year_is_named_with_that_year() -> None:
    books = tables.ledger()
    once = books[books["item"] == "employer"].assign(item="account_in")
    once["yuan"] = np.where(once["year"] == 2023, 3e9, 0.0)
    chinese = words(income_outgo(pd.concat([books, once]), ENTERPRISE))
    assert "个人账户转入 30.00（2023 年）" in chinese


def test_interest_on_a_deficit_stands_with_outgo() -> None:
    books = tables.ledger(horizon=2026, rise=0.12)
    interest = books[(books["fund"] == "pension.civil") & (books["item"] == "interest")]
    assert interest["yuan"].min() < 0
    picture = income_outgo(books, "pension.civil")
    assert "结余为负时的利息列在支出一侧" in words(picture) and "缺口利息" in words(picture)
    paid = 2.6e9 * 1.03**5 + 1.3e9 * 1.03**5
    assert np.isclose(bar_sums(picture.axes[0])[2026][0], paid)


def test_the_title_of_a_year_names_surplus_or_shortfall() -> None:
    chinese = words(income_outgo(tables.ledger(horizon=2021), "unemployment"))
    assert "失业保险基金 2021 年当年结余 6.02 亿元" in chinese  # 13.02 - 7.00
    english = words(income_outgo(tables.ledger(), "pension.civil", lang="en")).replace("\n", " ")
    # 3.9 + 2 % of 1.3 less 3.6 billion, and four years later 4.43 less 4.54
    title = "Civil service pension: outgo exceeds income in 1 of 5 years; surplus 0.33 in 2021, "
    assert title + "−0.12 billion yuan in 2025" in english


def test_the_year_s_surplus_is_not_called_balance_and_has_a_legend() -> None:
    picture = income_outgo(tables.ledger(), ENTERPRISE)
    assert [text.get_text() for text in picture.legends[0].get_texts()] == ["当年结余"]
    (mark,) = picture.legends[0].legend_handles
    assert mark.get_marker() == "D"
    assert "累计结余" not in words(picture) and "收支差额" not in words(picture)


def test_the_parts_of_a_side_add_up_as_shown() -> None:
    texts = [text.get_text() for text in income_outgo(tables.ledger(), ENTERPRISE).axes[0].texts]
    numbers = [float(text.split()[-1].replace(",", "")) for text in texts]
    start = next(at for at, text in enumerate(texts) if text.startswith("支出合计"))
    assert texts[0].startswith("收入合计") and 1 < start < len(texts) - 1
    for total, *parts in (numbers[:start], numbers[start:]):
        assert round(sum(parts), 6) == total


def test_an_item_has_one_colour_in_every_picture() -> None:
    books = tables.ledger(relief=True)
    found: dict[str, set[object]] = {}
    for fund in books["fund"].unique():
        rows = books[(books["fund"] == fund) & (books["year"] == 2025)].set_index("item")["yuan"]
        axes = income_outgo(books, str(fund)).axes[0]
        for container in axes.containers:
            bar = container[-1]
            items = rows.index[np.isclose(rows, abs(bar.get_height()))]
            for item in set(items) & {"employer", "employee", "interest", "pension"}:
                found.setdefault(item, set()).add(bar.get_facecolor())
    assert set(found) == {"employer", "employee", "interest", "pension"}
    assert all(len(colors) == 1 for colors in found.values())
    assert len(set.union(*found.values())) == 4


def test_assumed_split_and_limit_are_said() -> None:
    books = tables.ledger()
    figures = tables.indicators(books)
    picture = funds(books, figures, reserves=LIMITS, assumed=["split", "limit"])
    assert "（期初拆分和警戒线均为假设）" in words(picture).replace("\n", "")
    assert "基年（按假设拆分公布总额）" in words(picture)
    plain = words(funds(books, figures, reserves=LIMITS))
    assert "假设" not in plain and "基年（按公布数）" in plain


def test_zones_are_drawn_for_a_single_year_too() -> None:
    areas = reserves(2021).axes[0].collections
    widths = [area.get_paths()[0].get_extents().width for area in areas]
    assert len(widths) == 3 and min(widths) > 0.3


def test_the_title_of_the_funds_is_about_the_years_drawn() -> None:
    books = tables.ledger(horizon=2040, rise=0.06)
    figures = tables.indicators(books)
    ends = figures[figures["indicator"] == "depletion_year"].set_index("fund")["value"]
    late = ends[ends > 2027]
    assert len(late) and not (ends <= 2024).any()
    picture = funds(books, figures, reserves=LIMITS, last=2024)
    title = picture.texts[0].get_text()
    assert "转负" not in title and "2024" in title
    assert f"{late[ENTERPRISE]:.0f} 年末起为负" in words(picture)


# ---------------------------------------------------------------- relief


def lines_of(picture: Picture) -> list[list[str]]:
    """The rows of a table, each from left to right."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for text in picture.texts:
        x, y = text.get_position()
        rows.setdefault(round(y, 6), []).append((x, text.get_text()))
    return [[text for _, text in sorted(row)] for _, row in sorted(rows.items(), reverse=True)]


def test_the_table_of_relief_has_every_amount_and_adds_up() -> None:
    books = tables.ledger(relief=True)
    rows = lines_of(relief(books, tables.indicators(books)))
    # 100, 30 and 30 of 亿元; 1.2 and 0.6, 1 and 0.6, of which 0.4 stays
    assert ["", "减免", "返还", "缓缴", "补缴", "年末尚欠"] in rows
    assert ["企业职工养老保险 2022 年", "100.00", "0.00", "30.00", "0.00", "30.00"] in rows
    assert ["企业职工养老保险 2023 年", "0.00", "0.00", "0.00", "30.00", "0.00"] in rows
    assert ["失业保险 2022 年", "0.00", "1.20", "1.00", "0.00", "1.00"] in rows
    assert ["失业保险 2023 年", "0.00", "0.60", "0.00", "0.60", "0.40"] in rows
    assert ["合计", "100.00", "1.80", "31.00", "30.60", "0.40"] in rows


def test_the_title_of_relief_has_the_cost_of_a_person_year_and_what_is_left() -> None:
    books = tables.ledger(relief=True)
    kept = {2021: 0.0, 2022: 41_000.0, 2023: 8_000.0, 2024: 0.0, 2025: 0.0}
    picture = relief(books, tables.indicators(books, kept))
    chinese = words(picture).replace("\n", "").replace(" ", "")
    assert "2022–2023年减免100.0亿元、返还1.80亿元、缓缴31.00亿元" in chinese
    # 101.8 亿元 for 4.9 万 person-years: 20.7755 万元
    assert "多保住参保4.90万人年，每人每年合20.78万元；2025年末剩0人" in chinese
    assert "2023年末尚欠4,000万元" in chinese
    assert ["2022 年末多保住参保（万人）", "4.1"] in lines_of(picture)
    none = words(relief(books, tables.indicators(books, {2022: 0.2}))).replace("\n", "")
    assert "按所设弹性未多保住参保人员" in none and "每人每年" not in none


def test_the_title_names_only_the_relief_there_was() -> None:
    books = tables.ledger(relief=True)
    books.loc[books["item"].isin(["waived", "relief_refund", "repaid"]), "yuan"] = 0.0
    english = words(relief(books, tables.indicators(books), lang="en")).replace("\n", " ")
    assert "Relief 2022: 3.10 billion yuan deferred; " in english
    assert "waived" not in english.lower() and "keeps" not in english


def test_the_title_names_the_years_of_relief_and_not_those_of_repayment() -> None:
    books = tables.ledger(relief=True)
    books.loc[books["item"] == "relief_refund", "yuan"] = 0.0
    assert "2022 年减免 100.0 亿元、缓缴 31.00 亿元" in words(
        relief(books, tables.indicators(books))
    )


def test_a_ledger_without_relief_has_no_picture() -> None:
    books = tables.ledger()
    zero = tables.ledger(relief=True)
    zero.loc[
        zero["item"].isin(
            ["waived", "deferred", "repaid", "deferred_outstanding", "relief_refund"]
        ),
        "yuan",
    ] = 0
    for table in (books, zero):
        assert not has_relief(table)
        with pytest.raises(InputError, match=r"baseline has no relief.*add entries under relief"):
            relief(table, tables.indicators(table))
    assert has_relief(tables.ledger(relief=True))


# ---------------------------------------------------------------- replacement, long run


def test_replacement_draws_every_fund_and_names_its_last_value() -> None:
    table = tables.indicators(tables.ledger())
    picture = replacement(table)
    assert [len(axes.lines) for axes in picture.axes] == [2, 3, 1, 2]
    rate = table[(table["indicator"] == "replacement_rate") & (table["fund"] == ENTERPRISE)]
    assert np.allclose(picture.axes[0].lines[0].get_ydata(), rate["value"])
    chinese = words(picture)
    assert "2021–2025 年企业养老金替代率 45.0% → 44.6%，抚养比 5.00 → 4.61" in chinese
    for text in ("企业 44.6%", "城乡居民 421", "机关事业 7,253", "元/月"):
        assert text in chinese


def test_the_title_tells_a_fall_and_the_rise_after_it() -> None:
    table = tables.indicators(tables.ledger())
    own = (table["indicator"] == "replacement_rate") & (table["fund"] == ENTERPRISE)
    table.loc[own, "value"] = [0.50, 0.44, 0.42, 0.45, 0.48]
    title = words(replacement(table, lang="en")).replace("\n", " ")
    assert "replacement 50.0% → 42.0% (2023) → 48.0%" in title
    table.loc[own, "value"] = [0.50, 0.49, 0.495, 0.49, 0.4901]
    assert "50.0% → 49.0%," in words(replacement(table, lang="en"))


def test_the_long_run_is_in_years_of_outgo_to_the_horizon() -> None:
    books = tables.ledger(horizon=2100)
    picture = long_run(books, tables.indicators(books), lang="en")
    sums = books[books["fund"] == "pension.civil"].groupby(["kind", "year"])["yuan"].sum()
    civil = picture.axes[1]
    below = civil.lines[1]
    assert below.get_xdata()[-1] == 2100
    assert np.isclose(below.get_ydata()[-1], sums["closing", 2100] / sums["outgo", 2100])
    english = words(picture)
    ended = int(sums["closing"].index[sums["closing"] < 0][0])
    assert f"Below zero from the end of {ended}" in english
    assert f"End of 2100: {yuan(sums['closing', 2100], 'en')}" in english


def test_a_short_long_run_is_right_too() -> None:
    books = tables.ledger(horizon=2022, rise=0.0)
    chinese = words(long_run(books, tables.indicators(books)))
    assert "到 2022 年各项基金均有结余" in chinese and "缺口" not in chinese


# ---------------------------------------------------------------- empty groups


def test_a_fund_without_outgo_has_no_months_and_no_years_of_outgo() -> None:
    books = tables.ledger(horizon=2040, rise=0.0)
    paid = (books["fund"] == "pension.civil") & (books["kind"] == "outgo")
    books.loc[paid, "yuan"] = 0.0
    figures = tables.indicators(books)
    own = figures["fund"] == "pension.civil"
    figures.loc[own & (figures["indicator"] == "months_of_reserve"), "value"] = np.inf
    assert "2035 年末可支付 ∞ 个月" in words(funds(books, figures, reserves=LIMITS))
    figures.loc[own & (figures["indicator"] == "months_of_reserve"), "value"] = np.nan
    assert "2035 年末可支付 – 个月" in words(funds(books, figures, reserves=LIMITS))
    picture = long_run(books, figures)
    assert len(picture.axes) == len(tables.FUND_BOOKS) - 1 + 3
    assert "机关事业养老保险" in words(picture)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_rate_of_nobody_leaves_its_panel_empty(value: float) -> None:
    figures = tables.indicators(tables.ledger(horizon=2040))
    figures.loc[figures["indicator"].isin(["cost_rate", "average_pension"]), "value"] = value
    picture = replacement(figures)
    assert len(picture.axes) == 2  # the replacement rate and the support ratio
    assert "待遇支出占缴费工资 · %" in words(picture)


def test_awards_after_the_last_year_drawn_are_no_picture_of_replacement() -> None:
    figures = tables.indicators(tables.ledger(horizon=2040))
    assert has_awards(figures)
    early = figures["indicator"].eq("replacement_rate") & figures["year"].le(
        last_drawn(figures, None)
    )
    figures.loc[early, "value"] = np.nan
    assert not has_awards(figures)
    with pytest.raises(InputError, match="nobody retires"):
        replacement(figures)
    assert len(replacement(figures, last=2040).axes) == 4


# ---------------------------------------------------------------- bad input, words


def test_bad_input_says_what_to_do() -> None:
    books = tables.ledger()
    figures = tables.indicators(books)
    lacking = figures[figures["indicator"] != "depletion_year"]
    both = pd.concat([books, books.assign(scenario="other")])
    cases: list[tuple[Callable[[], Picture], str]] = [
        (lambda: funds(books, lacking, reserves=LIMITS), "No indicator 'depletion_year'"),
        (lambda: funds(both, figures, reserves=LIMITS), "2 scenarios"),
        (lambda: income_outgo(books, "injry"), "Did you mean 'injury'"),
        (lambda: income_outgo(books.iloc[:0], "injury"), "ledger table has no rows"),
        (lambda: replacement(figures, lang="de"), "'zh' or 'en'"),
        (lambda: long_run(books.drop(columns="kind"), figures), r"lacks the column\(s\) kind"),
    ]
    for draw, message in cases:
        with pytest.raises(InputError, match=message):
            draw()


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (7.087e10, "708.7 亿元", "70.87 billion yuan"),
        (-4.667e13, "−46.67 万亿元", "−46.67 trillion yuan"),
        (4e7, "4,000 万元", "40.00 million yuan"),
        (0.0, "0 万元", "0 million yuan"),
    ],
)
def test_yuan(amount: float, chinese: str, english: str) -> None:
    assert (yuan(amount, "zh"), yuan(amount, "en")) == (chinese, english)


# ---------------------------------------------------------------- on a result


def test_a_result_draws_its_money() -> None:
    result = run(load("baseline"))
    names = [f"income-outgo-{fund}" for fund in result.ledger["fund"].unique()]
    people = ["pyramid-2020", "pyramid-2025"]
    main = ["targets", *(f"channels-{name}" for name in result.targets["measure"])]
    assert list(result.plot.drawings("main")) == [*main, "funds"]
    assert list(result.plot.drawings("all")) == [*main, *people, "funds", *names, "replacement"]
    assert result.plot.drawings("none") == {}
    assert "Lasts 6 to 12 months" in words(result.plot.funds(lang="en"))
    assert "2022" in words(result.plot.income_outgo("injury", last=2022)).split("：")[0]
    with pytest.raises(InputError, match="has no relief"):
        result.plot.relief()


def test_pictures_that_not_every_scenario_has_are_among_all_where_it_has_them() -> None:
    far = run(load("fee-relief").with_({"horizon": 2035, "targets": []})).plot.drawings("all")
    assert {"long-run", "relief", "pyramid-2035", "funds"} <= set(far)
    assert "targets" not in far
    assert "年" in words(far["long-run"]()) and "年" in words(far["relief"]())
