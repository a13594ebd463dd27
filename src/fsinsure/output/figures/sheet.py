"""The sheet of every picture: title, notes, size, font, and display in notebooks.

Positions and sizes are inches from the lower left corner of the sheet.
"""

from __future__ import annotations

import functools
import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec

import matplotlib.style
from matplotlib import ft2font
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from fsinsure.output.figures import space
from fsinsure.output.figures.context import guest
from fsinsure.output.figures.fonts import font, font_path, marked, printable
from fsinsure.output.figures.style import BODY, GREY, HEAD, INK, NOTE, PALE, PAPER, SMALL, TITLE
from fsinsure.output.labels import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase

WIDTH: Final = 8.0
"""Width of every picture: a notebook column, and an A4 page at 84 %."""
DPI: Final = 180
SCREEN_DPI: Final = 110
POINT: Final = 1 / 72
MARGIN: Final = 0.15
INNER: Final = WIDTH - 2 * MARGIN
"""Width between the margins."""
LINE: Final = 1.35
"""Line height over font size."""
HALO: Final = [withStroke(linewidth=2.5, foreground=PAPER)]
"""A white outline that separates a text from the lines behind it."""

SETTINGS: Final[dict[str, Any]] = {
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "hatch.linewidth": 0.5,
    "text.hinting": "none",  # texts are as wide at every resolution as :func:`text_width` says
}

TITLE_PAD: Final = 14.0
"""Points between axes of the user and their title, for a text at the upper edge."""
TITLE_SIZES: Final = (BODY, SMALL, NOTE)
"""Sizes of this title: the largest at which its lines have space."""


P = ParamSpec("P")


class Box(NamedTuple):
    """A rectangle on the sheet, in inches."""

    left: float
    bottom: float
    width: float
    height: float


_ONE_AT_A_TIME: Final = threading.RLock()


@contextmanager
def settings() -> Iterator[None]:
    """Apply matplotlib's defaults and :data:`SETTINGS`, then restore the caller's settings.

    matplotlib reads its settings from one object of the process, when artists are made, when they
    are drawn and when they are saved. Threads that draw pictures therefore wait for one another; a
    figure of the user that another thread makes or draws meanwhile may take our settings.
    """
    with _ONE_AT_A_TIME, matplotlib.style.context(["default", SETTINGS]):
        yield


class Picture(Figure):
    """A matplotlib figure that needs no pyplot and shows itself in a notebook.

    It is drawn and saved under :func:`settings`, whatever the settings of the caller are.
    """

    def __init__(self, height: float) -> None:
        super().__init__(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the picture; ticks that matplotlib makes only now follow our settings too."""
        with settings():
            super().draw(renderer)

    def savefig(self, fname: Any, *, transparent: bool | None = None, **kwargs: Any) -> None:
        """Save the picture; arguments as of :meth:`matplotlib.figure.Figure.savefig`."""
        with settings():
            super().savefig(fname, transparent=transparent, **kwargs)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture for Jupyter, sharper than the screen, at its natural width."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        width, height = (round(side * SCREEN_DPI) for side in self.get_size_inches())
        return buffer.getvalue(), {"width": width, "height": height}


def drawn(draw: Callable[P, Picture]) -> Callable[P, Picture]:
    """Run a drawing function under :func:`settings`, and set the font of every text.

    The function raises InputError for an unknown language.
    """

    @functools.wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Picture:
        check_language(str(kwargs.get("lang", "zh")))
        with settings():
            picture = draw(*args, **kwargs)
            for artist in (guest() or picture).findobj(Text):
                set_font(artist)
        return picture

    return wrapped


def set_font(artist: Artist) -> None:
    """Give a text the font of the pictures at its size; dollar signs do not start a formula."""
    if isinstance(artist, Text):
        artist.set_text(marked(artist.get_text()))
        artist.set_fontproperties(font(float(artist.get_fontsize())))
        artist.set_parse_math(False)


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return the width of one line in inches."""
    ruler = ft2font.FT2Font(str(font_path()))
    ruler.set_size(size, 72)
    ruler.set_text(text, 0.0, flags=ft2font.LoadFlags.NO_HINTING)
    return ruler.get_width_height()[0] / 64 * POINT


def line_height(size: float, lines: int = 1) -> float:
    """Return the height of lines of text in inches."""
    return size * LINE * POINT * lines


def fitting(text: str, size: float, width: float) -> float:
    """Return the size, at most `size`, at which `text` is at most `width` inches wide."""
    return size * min(1.0, width / max(text_width(text, size), 1e-9))


def shortened(text: str, size: float, width: float) -> str:
    """Return `text`, cut with an ellipsis where it is wider than `width` inches."""
    while len(text) > 1 and text_width(text, size) > width:
        text = text.rstrip("…")[:-1] + "…"
    return text


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break `text` into lines of at most `width` inches.

    Latin words stay whole up to 40 letters; no line starts with a closing mark or ends with an
    opening one.
    """
    pieces = re.findall(r"[《（“]*(?:[!-~−–·’]{1,40}|[^!-~\s])[，。、；：）》”]*\s*", text)
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def in_lines(text: str, size: float, width: float, most: int = 2) -> str:
    """Return a text in `most` lines of at most `width` inches; what does not fit is cut."""
    lines = wrap(printable(text), size, width)
    if len(lines) > most:
        rest = shortened(" ".join(lines[most - 1 :]), size, width)
        lines = [*lines[: most - 1], rest]
    return "\n".join(shortened(line, size, width) for line in lines)


def open_picture(
    body: float, title: str, subtitle: str, notes: Sequence[str]
) -> tuple[Picture, Box]:
    """Return a sheet with title, subtitle and notes, and its box of `body` inches for axes.

    The height of the sheet follows from its texts.
    """
    heads = [
        (wrap(printable(text), size, INNER), size, color)
        for text, size, color in ((title, TITLE, INK), (subtitle, HEAD, GREY))
        if text
    ]
    feet = [line for text in notes for line in wrap(printable(text), NOTE, INNER)]
    above = sum(line_height(size, len(lines)) for lines, size, _ in heads) + 0.1
    below = line_height(NOTE, len(feet)) + 0.1
    picture = Picture(MARGIN + above + body + below + MARGIN)
    entitle([title, subtitle])
    y = MARGIN + below + body + above
    for lines, size, color in heads:
        for line in lines:
            write(picture, MARGIN, y, line, size, color, va="top")
            y -= line_height(size)
    for number, line in enumerate(reversed(feet)):
        write(picture, MARGIN, MARGIN + line_height(NOTE, number), line, NOTE, GREY)
    return picture, Box(MARGIN, MARGIN + below, INNER, body)


def write(
    picture: Figure, x: float, y: float, text: str, size: float, color: str, **kwargs: Any
) -> None:
    """Write one line at `x`, `y`."""
    width, height = picture.get_size_inches()
    picture.text(x / width, y / height, text, size=size, color=color, **kwargs)


def rule(picture: Figure, box: Box, y: float, color: str) -> None:
    """Draw a thin line across a box at the height `y`."""
    width, height = picture.get_size_inches()
    ends = [box.left / width, (box.left + box.width) / width]
    picture.add_artist(Line2D(ends, [y / height, y / height], color=color, linewidth=0.6))


def heading(picture: Figure, cell: Box, lines: Sequence[tuple[str, float, str]]) -> float:
    """Write lines of (text, size, colour) at the top of a cell, shrunk to its width.

    On axes of the user they are the title. Returns the height of the lower end.
    """
    entitle([text for text, _, _ in lines])
    y = cell.bottom + cell.height
    for text, size, color in lines:
        write(picture, cell.left, y, text, fitting(text, size, cell.width), color, va="top")
        y -= line_height(size)
    return y


def entitle(texts: Sequence[str]) -> None:
    """Write lines as the title of the axes of the user, if there are any.

    Those that have no space above the axes are left out, the first never.
    """
    axes = guest()
    if axes is None:
        return
    width, most = max(space.size_of(axes)[0], 1.0), space.above(axes) - TITLE_PAD * POINT
    shown = [text for text in texts if text]
    tries = [(count, size) for count in range(len(shown), 0, -1) for size in TITLE_SIZES]
    for count, size in tries:
        lines = [line for text in shown[:count] for line in wrap(printable(text), size, width)]
        if line_height(size, len(lines)) <= most:
            break
    axes.set_title("\n".join(lines), fontsize=size, color=INK, loc="left", pad=TITLE_PAD)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers from `low` to `high`, about `most` intervals apart."""
    return [tick for tick in MaxNLocator(most).tick_values(low, high) if low <= tick <= high]


def decapitalize(text: str) -> str:
    """Return `text` for use inside a sentence."""
    return text[:1].lower() + text[1:]


def axes_in(picture: Figure, box: Box) -> Axes:
    """Return axes whose frame fills `box`, with small grey numbers; those of the user if given."""
    width, height = picture.get_size_inches()
    axes = guest() or picture.add_axes(
        (box.left / width, box.bottom / height, box.width / width, box.height / height)
    )
    axes.tick_params(labelsize=SMALL, length=3, labelcolor=GREY)
    if guest() is not None:  # made under the settings of the user
        axes.set_axisbelow(True)
        lines: dict[str, Any] = {"grid_color": PALE, "grid_linewidth": 0.6, "grid_alpha": 1.0}
        axes.tick_params(which="both", grid_linestyle="-", **lines)
    return axes


def frame_of(axes: Axes, box: Box) -> Box:
    """Return the box that axes fill: that of the sheet, or the size of those of the user."""
    return box if guest() is None else Box(0.0, 0.0, *space.size_of(axes))


def in_unit(text: str, unit: str) -> str:
    """Return a heading, with the unit on axes of the user, which have no line for it."""
    return text if guest() is None else f"{text} · {unit}"


def annotate(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    *,
    size: float,
    color: str,
    shift: tuple[float, float] = (0.0, 0.0),
    **kwargs: Any,
) -> None:
    """Write beside a data point, `shift` points away, with a white outline."""
    axes.annotate(
        text,
        at,
        xytext=shift,
        textcoords="offset points",
        size=size,
        color=color,
        path_effects=HALO,
        annotation_clip=False,
        **kwargs,
    )


def spread_labels(wanted: Sequence[float], distance: float) -> list[float]:
    """Move positions apart until neighbours are at least `distance` apart.

    Positions that are too close form a block centred on its mean; blocks that touch are merged.
    """

    def start(block: list[int]) -> float:
        centre = sum(wanted[index] for index in block) / len(block)
        return centre - distance * (len(block) - 1) / 2

    blocks: list[list[int]] = []
    for index in sorted(range(len(wanted)), key=lambda index: wanted[index]):
        blocks.append([index])
        while len(blocks) > 1 and start(blocks[-1]) < start(blocks[-2]) + distance * len(
            blocks[-2]
        ):
            last = blocks.pop()
            blocks[-1] += last
    placed = [0.0] * len(wanted)
    for block in blocks:
        for step, index in enumerate(block):
            placed[index] = start(block) + distance * step
    return placed
