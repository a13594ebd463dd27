"""Axes of the user: titles, legends, names and values stay in the space that they have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from fsinsure.output.figures import space
from fsinsure.output.figures.tornado import Value, fitted, with_space
from test_axes import LANGUAGES, PICTURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox


def pair(width: float = 11.0) -> tuple[Figure, Axes, Axes]:
    """Return a figure of the user with two axes, as many make it."""
    figure = Figure(figsize=(width, 4.5))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    return figure, left, right


def on(name: str, lang: str, axes: Axes) -> None:
    draws, choice = PICTURES[name]
    draws()(lang=lang, ax=axes, **choice)


def names_of(axes: Axes) -> list[Bbox]:
    return [text.get_window_extent() for text in axes.get_yticklabels() if text.get_text()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_titles_and_legends_are_whole_and_clear_of_what_is_drawn(name: str, lang: str) -> None:
    figure, left, _ = pair()
    on(name, lang, left)
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1.0)
    title = left.title if left.title.get_text() else left._left_title
    assert whole.ymax >= title.get_window_extent().ymax
    assert title.get_window_extent().ymin > left.bbox.ymax
    if (legend := left.get_legend()) is not None:
        box = legend.get_window_extent()
        assert box.ymax < left.bbox.ymin and box.ymin >= whole.ymin
        numbers = [text.get_window_extent() for text in left.get_xticklabels() if text.get_text()]
        assert box.count_overlaps(numbers) == 0
        assert (
            box.count_overlaps(
                [one.get_window_extent() for one in left.texts if isinstance(one, Annotation)]
            )
            == 0
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_title_of_a_target_keeps_the_measure_and_the_gap(lang: str) -> None:
    _, left, _ = pair()
    on("targets", lang, left)
    name, gap = left.get_title(loc="left").split("\n")
    assert {"zh": "工伤保险 · 2025 年", "en": "Work injury insurance, 2025"}[lang] in name
    assert {"zh": "超", "en": "Above by"}[lang] in gap
    figure = Figure(figsize=(11, 6))
    tall = figure.add_axes((0.1, 0.1, 0.4, 0.5))  # 2.4 inches above
    on("targets", lang, tall)
    assert len(tall.get_title(loc="left").split("\n")) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["reasons", "channels", "tornado", "indices", "solve", "tracking"])
def test_names_of_rows_stay_out_of_the_neighbour(name: str, lang: str) -> None:
    figure, left, right = pair()
    on(name, lang, right)
    figure.draw_without_rendering()
    found = names_of(right)
    assert found and min(box.xmin for box in found) >= left.bbox.xmax
    heights = sorted(found, key=lambda box: box.ymin)
    assert all(low.ymax <= high.ymin + 1 for low, high in pairwise(heights))


@pytest.mark.parametrize("name", ["channels", "reasons", "quotas", "tornado"])
def test_the_grid_is_behind_the_bars(name: str) -> None:
    _, left, _ = pair()
    on(name, "zh", left)
    assert left.get_axisbelow() is True
    lines = [*left.get_xgridlines(), *left.get_ygridlines()]
    assert {(line.get_color(), line.get_linewidth()) for line in lines} == {("#D9D9D9", 0.6)}


def test_bars_of_a_tornado_keep_most_of_a_narrow_axis() -> None:
    beside = [Value(-2.0, "1.65%", False), Value(3.0, "400,000,000", True)]
    size, (low, high) = fitted((-2.0, 3.0), beside, 4.0)
    assert size == 7.0 and (low, high) == with_space((-2.0, 3.0), beside, 4.0, 7.0)
    for width in (0.3, 0.9, 1.4):
        size, (low, high) = fitted((-2.0, 3.0), beside, width)
        assert size < 7.0 and 5.0 / (high - low) >= 0.45
    assert fitted((-2.0, 3.0), beside, 0.3)[0] == 0.0  # no values: they would be in the way


def test_values_of_a_narrow_tornado_are_left_out_before_they_cover_names() -> None:
    figure, left, _ = pair(3.2)
    on("tornado", "zh", left)
    figure.draw_without_rendering()
    low, high = left.get_xlim()
    longest = max(abs(bar.get_width()) for bar in left.patches)  # type: ignore[attr-defined]
    assert longest / (high - low) > 0.2
    values: list[Any] = [one for one in left.texts if isinstance(one, Annotation)]
    assert all(one.get_window_extent().xmin >= left.bbox.xmin - 1 for one in values)


def test_space_is_measured_to_neighbours_and_edges() -> None:
    figure = Figure(figsize=(10.0, 8.0))
    axes = figure.add_axes((0.4, 0.25, 0.2, 0.25))  # 4 to 6 inches across, 2 to 4 upwards
    assert space.size_of(axes) == pytest.approx((2.0, 2.0))
    edges = (space.left(axes), space.right(axes), space.above(axes), space.below(axes))
    assert edges == pytest.approx((4.0, 4.0, 4.0, 2.0))
    figure.add_axes((0.1, 0.25, 0.2, 0.25))  # 1 inch to the left
    figure.add_axes((0.8, 0.25, 0.1, 0.25))  # 2 inches to the right
    figure.add_axes((0.4, 0.75, 0.2, 0.2))  # 2 inches above
    figure.add_axes((0.4, 0.05, 0.2, 0.1))  # 0.8 inches below
    edges = (space.left(axes), space.right(axes), space.above(axes), space.below(axes))
    assert edges == pytest.approx((1.0, 1.7, 1.7, 0.8))
