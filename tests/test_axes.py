"""Panels on axes of the user: the same marks as on the sheet, and nothing else is touched."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import figure_tables as tables
import fsinsure as fs
from fsinsure.errors import InputError
from fsinsure.output.figures.context import drawing
from fsinsure.output.figures.fonts import font_path
from fsinsure.output.figures.indices import indices
from fsinsure.output.figures.tornado import tornado
from fsinsure.output.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

LANGUAGES = ("zh", "en")
PENSION = "pension.enterprise"
LOUD = {
    **{"font.size": 30, "axes.facecolor": "red", "axes.grid": True, "lines.linewidth": 9},
    **{"text.color": "red", "patch.facecolor": "red", "hatch.linewidth": 6, "font.family": "serif"},
}
ACTUALS = pd.DataFrame(
    [(PENSION, "", "2021-06", 4_000_000, "人"), ("injury", "", "2021-06", 3_000_000, "人")],
    columns=["measure", "area", "date", "value", "unit"],
)


@cache
def run() -> fs.Result:
    return fs.run("baseline")


@cache
def drawn() -> fs.Ensemble:
    return fs.ensemble("baseline", draws=16, seed=3)


@cache
def several() -> Any:
    return fs.compare(drawn(), fs.ensemble("low-growth", draws=16, seed=3))


@cache
def plan() -> Any:
    return fs.quotas(run())


@cache
def judged() -> Any:
    return fs.backtest("baseline")


@cache
def compared() -> Any:
    return fs.compare(run(), fs.run("low-growth"))


@cache
def solved() -> Any:
    levers = ["growth.employee", "growth.flexible"]
    return fs.solve("low-growth", {PENSION: "470万"}, levers)


@cache
def calibrated() -> Any:
    return fs.calibrate("as-implemented", ["growth.employee"], hold_out=[2023])


def of_tables(draw: Any) -> Callable[..., Any]:
    """Draw a picture of sensitivity from tables, as the object of the run does."""

    def draws(lang: str = "zh", *, subject: str | None = None, ax: Axes | None = None) -> Any:
        effects, groups, subjects = tables.sensitivity()
        if subject:
            subjects = subjects[subjects["subject"] == subject]
        with drawing(lambda lang: "", ax):
            picture = draw(effects, groups, subjects, lang=lang)
        return picture if ax is None else ax

    return draws


PICTURES: dict[str, tuple[Callable[[], Callable[..., Any]], dict[str, Any]]] = {
    "targets": (lambda: run().plot.targets, {"measure": "injury"}),
    "channels": (lambda: run().plot.channels, {}),
    "funds": (lambda: run().plot.funds, {"fund": "unemployment"}),
    "fan of targets": (lambda: drawn().plot.targets, {"measure": PENSION}),
    "fan of funds": (lambda: drawn().plot.funds, {"fund": PENSION}),
    "joint": (lambda: drawn().plot.joint, {}),
    "arrivals": (lambda: drawn().plot.arrivals, {"measure": "unemployment"}),
    "trade-off": (lambda: several().plot, {"measure": PENSION}),
    "quotas": (lambda: plan().plot, {"measure": "injury"}),
    "tracking": (
        lambda: lambda **how: plan().plot_tracking(ACTUALS, **how),
        {"measure": PENSION},
    ),
    "backtest": (lambda: judged().plot, {"measure": "unemployment"}),
    "calibration": (lambda: calibrated().plot, {"measure": "unemployment"}),
    "reasons": (lambda: compared().plot_reasons, {"kind": "measure", "subject": "injury"}),
    "solve": (lambda: solved().plot, {"part": "levers"}),
    "solve targets": (lambda: solved().plot, {"part": "targets"}),
    "tornado": (lambda: of_tables(tornado), {"subject": "measure.unemployment"}),
    "indices": (lambda: of_tables(indices), {"subject": "measure.unemployment"}),
}
ALONE = ("channels", "joint")
"""Pictures that have one panel only, of which none is chosen."""


def blank() -> tuple[Figure, Axes, Axes]:
    """Return a figure of the user with two axes."""
    figure = Figure(figsize=(16, 6))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    return figure, left, right


def marks(axes: Axes) -> list[list[float]]:
    """Return the points of all lines, bars, areas and dots of axes, in the units of the data."""
    found = [np.asarray(line.get_xydata(), dtype=float) for line in axes.lines]
    found += [patch.get_path().vertices @ np.eye(2) + corner(patch) for patch in axes.patches]
    for one in axes.collections:
        found += [path.vertices for path in one.get_paths()]
        found.append(np.asarray(one.get_offsets(), dtype=float))
    return [np.round(points, 9).ravel().tolist() for points in found]


def corner(patch: Any) -> np.ndarray:
    return np.array([patch.get_x(), patch.get_y()]) if hasattr(patch, "get_x") else np.zeros(2)


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    return buffer.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_a_panel_is_drawn_on_the_axes_given_as_on_its_sheet(name: str, lang: str) -> None:
    draws, choice = PICTURES[name]
    figure, left, right = blank()
    before = dict(mpl.rcParams)
    assert draws()(lang=lang, ax=right, **choice) is right
    assert dict(mpl.rcParams) == before
    assert figure.axes == [left, right] and not left.has_data() and not left.texts
    (own,) = draws()(lang=lang, **choice).axes
    if name == "arrivals":  # where the bar of never stands depends on the width
        assert [patch.get_height() for patch in right.patches] == [
            patch.get_height() for patch in own.patches
        ]
    else:
        assert marks(right) == marks(own) and marks(right)
    assert right.get_title(loc="left")
    written = [text for text in right.findobj(Text) if text.get_text().strip()]
    assert {text.get_fontproperties().get_file() for text in written} == {str(font_path())}


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in ALONE])
def test_several_panels_are_refused_with_the_argument_that_chooses_one(name: str) -> None:
    draws, choice = PICTURES[name]
    *_, (argument, value) = choice.items()
    rest = {key: one for key, one in choice.items() if key != argument}
    _, left, _ = blank()
    with pytest.raises(InputError, match=rf"choose one with {argument}= \(.*\)"):
        draws()(ax=left, **rest)
    assert not left.has_data() and not left.texts and not left.get_title(loc="left")
    if name not in ("tornado", "indices"):  # drawn from tables here
        with pytest.raises(InputError, match=value[:4]):
            draws()(**rest, **{argument: value[:-1]})


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: run().plot.pyramid(ax=ax),  # type: ignore[call-arg]
        lambda ax: run().plot.income_outgo(ax=ax),  # type: ignore[call-arg]
        lambda ax: compared().plot(ax=ax),
    ],
)
def test_pictures_of_several_parts_say_that_they_take_no_axes(draw: Callable[[Axes], Any]) -> None:
    _, left, _ = blank()
    with pytest.raises(InputError, match="has several panels, which one ax cannot hold"):
        draw(left)
    assert not left.has_data()


@pytest.mark.parametrize("name", ["targets", "funds", "joint", "tornado", "reasons"])
def test_settings_of_the_user_do_not_reach_what_is_drawn_on_axes(name: str) -> None:
    draws, choice = PICTURES[name]
    (plain, _, first), (other, _, second) = blank(), blank()
    draws()(lang="en", ax=first, **choice)
    with mpl.rc_context(LOUD):
        draws()(lang="en", ax=second, **choice)
    assert png(other) == png(plain)
    sheet = png(draws()(lang="en", **choice))
    with mpl.rc_context(LOUD):
        assert png(draws()(lang="en", **choice)) == sheet


def test_threads_draw_the_same_on_axes_of_their_own() -> None:
    names = ["targets", "funds", "joint"] * 2

    def on_axes(name: str, axes: Axes) -> None:
        draws, choice = PICTURES[name]
        assert draws()(ax=axes, **choice) is axes

    alone, together = ([blank() for _ in names] for _ in range(2))
    for name, (_, _, right) in zip(names, alone, strict=True):
        on_axes(name, right)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(on_axes, names, [right for _, _, right in together]))
    drawn_alone, drawn_together = ([png(figure) for figure, *_ in one] for one in (alone, together))
    assert drawn_together == drawn_alone


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in PICTURES if name not in ("tornado", "indices")])
def test_every_foot_names_the_data_and_the_engine(name: str, lang: str) -> None:
    draws, choice = PICTURES[name]
    rest = {} if name != "reasons" else {"kind": "measure"}
    picture = draws()(lang=lang, **(choice if name.startswith("solve") else rest))
    below = sorted(picture.texts, key=lambda text: -text.get_position()[1])
    texts = "".join(text.get_text() for text in below).replace(" ", "")
    region = run().scenario.region
    assert region.title[lang].replace(" ", "") in texts and str(region.base_year) in texts
    assert label("about.cohort", lang).replace(" ", "") in texts
    if name in ("fan of targets", "fan of funds", "joint", "arrivals", "trade-off"):
        assert {"zh": "种子", "en": "seed"}[lang] in texts


def test_the_foot_of_draws_of_persons_says_so() -> None:
    sure = fs.ensemble("example", draws=2, engine="micro", persons=1_000, seed=1)
    texts = " ".join(text.get_text() for text in sure.plot.funds(lang="en").texts)
    assert "1,000 simulated persons in each draw" in texts and "expected values" not in texts


def test_a_measure_without_a_figure_to_judge_by_is_refused() -> None:
    with pytest.raises(InputError, match=r"nothing was published after 2020 for injury"):
        judged().plot(measure="injury")
