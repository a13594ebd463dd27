"""Pictures of one measure, fund, subject or year: what they say, and how they are asked for."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import fsinsure as fs
from fsinsure.errors import InputError
from fsinsure.output.figures.backtest import finding
from fsinsure.output.labels import label

if TYPE_CHECKING:
    from pathlib import Path

    from fsinsure.output.figures.sheet import Picture

LANGUAGES = ("zh", "en")
INJURY = {"zh": "工伤保险", "en": "Work injury insurance"}


@cache
def run() -> fs.Result:
    return fs.run("baseline")


@cache
def drawn() -> fs.Ensemble:
    return fs.ensemble("baseline", draws=16, seed=3)


def heads(picture: Picture) -> str:
    """Return what stands above the panels: the title and the subtitle."""
    top = min(axes.get_position().y1 for axes in picture.axes)
    ordered = sorted(picture.texts, key=lambda text: -text.get_position()[1])
    return " ".join(text.get_text() for text in ordered if text.get_position()[1] > top)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_of_one_fund_says_nothing_of_the_others(lang: str) -> None:
    reserve = run().indicators.query("indicator == 'months_of_reserve' and year == 2025")
    months = reserve.set_index("fund")["value"]
    assert months["pension.civil"] < 12 < months["injury"]  # all funds do not last as long
    words = heads(run().plot.funds(fund="injury", lang=lang))
    assert words.startswith(INJURY[lang]) and f"{months['injury']:.1f}" in words
    assert label("figure.funds_ok", lang, year=2025, limit="12") not in words
    assert label("figure.axes_differ", lang) not in words
    assert label("figure.axes_differ", lang) in heads(run().plot.funds(lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_fan_of_one_fund_gives_its_probability_only(lang: str) -> None:
    words = heads(drawn().plot.funds(fund="injury", lang=lang))
    own = drawn().depletion.set_index("fund")["probability"]["injury"]
    assert words.startswith(INJURY[lang]) and f"{own:.0%}" in words
    counted = {"zh": "1 项基金", "en": "1 of 1 funds"}
    assert counted[lang] not in words and label("figure.axes_differ", lang) not in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_titles_of_one_measure_name_it(lang: str) -> None:
    judged = fs.backtest("baseline")
    name = {"zh": "失业保险", "en": "Unemployment insurance"}[lang]
    errors = judged.errors.query("measure == 'unemployment'").set_index("method")["mape"]
    best = errors.drop("projection").min()
    words = heads(judged.plot(measure="unemployment", lang=lang))
    assert words.startswith(name) and f"{best:.1%}" in words
    assert f"{errors['projection']:.1%}" in words
    assert label("figure.backtest_unit", lang) not in words
    better = {"zh": "预测（平均误差", "en": "The projection (mean error"}[lang].lower()
    assert (better in words.lower()) == (errors["projection"] < best)


def test_the_error_of_money_is_the_title_where_nothing_else_is_drawn() -> None:
    sizes = pd.DataFrame({"projection": [0.05], "no_change": [0.02]}, index=["injury.outgo"])
    words = finding(sizes, "en")
    assert words == "Work injury insurance: outgo: mean error: projection 5.0%"
    assert finding(sizes * math.nan, "zh").endswith("没有可用于评判的公布数")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario with two targets of one measure, met in 2023 and missed in 2025, and another."""
    file = tmp_path_factory.mktemp("twice") / "twice.yaml"
    file.write_text(
        "name: twice\nhorizon: 2025\ntargets:\n"
        "  - {measure: unemployment, year: 2023, value: 300万}\n"
        "  - {measure: unemployment, year: 2025, value: 600万}\n"
        "  - {measure: injury, year: 2025, value: 364万}\n",
        encoding="utf-8",
    )
    return file


def test_two_targets_of_a_measure_are_kept_apart_by_the_year(twice: Path) -> None:
    result, sure = fs.run(twice), fs.ensemble(twice, draws=8, seed=1)
    for draw in (result.plot.targets, sure.plot.targets, sure.plot.arrivals):
        axes = Figure().subplots()
        with pytest.raises(InputError, match=r"measure= \(unemployment, injury\)"):
            draw(ax=axes)
        with pytest.raises(InputError, match=r"year= \(2023, 2025\)"):
            draw(measure="unemployment", ax=axes)
        assert draw(measure="unemployment", year=2023, ax=axes) is axes
        assert len(draw(year=2025).axes) == 2
        with pytest.raises(InputError, match=r"no year 2031\. Known: 2023, 2025"):
            draw(year=2031)


def test_titles_of_some_targets_say_so(twice: Path) -> None:
    result, sure = fs.run(twice), fs.ensemble(twice, draws=8, seed=1)
    words = heads(result.plot.targets("en", measure="unemployment"))
    assert words.startswith("1 of the 2 targets shown are met")
    assert "unemployment insurance, 2025 short by" in words
    assert "unemployment insurance, 2023 above by" in words
    assert heads(result.plot.targets("en")).startswith("2 of 3 targets met")
    # Two of three targets are met in every draw, but not all: the third is not shown.
    shown = heads(sure.plot.targets("en", measure="injury", year=2025))
    assert "2025 target of work injury insurance" in shown and "all" not in shown.split("·")[0]
    some = heads(sure.plot.arrivals("en", year=2025))
    assert some.startswith("Least likely of the targets shown")


@pytest.mark.parametrize(
    ("draw", "choice"),
    [
        (lambda: run().plot.targets, {"measure": "工伤"}),
        (lambda: run().plot.funds, {"fund": "工伤保险基金"}),
        (lambda: drawn().plot.targets, {"measure": "Work injury insurance"}),
        (lambda: drawn().plot.funds, {"fund": "工伤保险"}),
        (lambda: drawn().plot.arrivals, {"measure": "工伤保险"}),
        (lambda: fs.quotas(run()).plot, {"measure": "工伤保险"}),
    ],
)
def test_panels_are_chosen_by_the_names_of_readers(draw: Any, choice: dict[str, str]) -> None:
    (argument,) = choice
    picture = draw()(**choice)
    assert len(picture.axes) == 1 and "工伤保险" in heads(picture)
    with pytest.raises(InputError) as refused:
        draw()(**{argument: "工商保险"})
    assert "是否为“工伤保险”" in refused.value.text("zh")
    assert "失业保险" in refused.value.text("zh") and "unemployment" not in refused.value.text("zh")


def test_subjects_are_named_by_readers_as_people_or_fund() -> None:
    moved = fs.sensitivity("baseline", parameters=["growth.employee"])
    for word, subject in (
        ("失业保险", "measure.unemployment"),
        ("失业保险基金", "fund.unemployment"),
    ):
        same, own = moved.plot(subject=word), moved.plot(subject=subject)
        assert heads(same) == heads(own)
    assert heads(moved.plot(subject="失业保险")) != heads(moved.plot(subject="失业保险基金"))


class Odd:
    """Something that is no axes."""


@pytest.mark.parametrize(
    ("ax", "kind"),
    [
        ("x", "str"),
        (Odd(), "Odd"),
        (Figure().subplots(1, 2), "ndarray"),
        (Figure().subplots(subplot_kw={"projection": "polar"}), "polar axes"),
    ],
)
def test_what_cannot_be_drawn_on_is_refused(ax: Any, kind: str) -> None:
    with pytest.raises(InputError) as refused:
        run().plot.targets(measure="injury", ax=ax)
    assert refused.value.text("en").endswith(f"not {kind}")
    assert refused.value.text("zh") == (
        f"ax 须是图上的一个直角坐标系，如 plt.subplots()[1]，而不是 {kind}"
    )


@pytest.mark.parametrize("value", [["injury"], {"injury"}, np.array(["injury", "x"]), 3, True])
def test_a_choice_that_is_no_name_is_refused(value: Any) -> None:
    with pytest.raises(
        InputError, match=r"has no measure .* Known: pension\.enterprise"
    ) as refused:
        run().plot.targets(measure=value)
    assert refused.value.text("zh").startswith("这张图没有 measure")
