"""What a picture is drawn with beside its tables: the words of its foot, and axes of the user."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from fsinsure._version import __version__
from fsinsure.errors import InputError
from fsinsure.messages import separated
from fsinsure.output.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from matplotlib.axes import Axes

_ABOUT: Final[ContextVar[Callable[[str], str] | None]] = ContextVar("about", default=None)
_GUEST: Final[ContextVar[Axes | None]] = ContextVar("guest", default=None)


@contextmanager
def drawing(words: Callable[[str], str], axes: Axes | None = None) -> Iterator[None]:
    """Set what the pictures drawn meanwhile say in their foot, and where they are drawn.

    Parameters
    ----------
    words
        Returns the text in a language: the data, what is assumed, the engine and its seed.
    axes
        Axes of the user, on which a picture of one panel is drawn. Its title, unit, legend and font
        come with it; subtitle, notes and foot belong to the sheet. With None, its own sheet.

    Raises
    ------
    InputError
        Nothing can be drawn on `axes`.
    """
    if axes is not None:
        check_axes(axes)
    about, guest = _ABOUT.set(words), _GUEST.set(axes)
    try:
        yield
    finally:
        _GUEST.reset(guest)
        _ABOUT.reset(about)


def guest() -> Axes | None:
    """Return the axes of the user on which is drawn; None on a sheet of our own."""
    return _GUEST.get()


def one_panel(**choices: Iterable[object]) -> None:
    """Refuse several panels on axes of the user.

    Parameters
    ----------
    **choices
        By argument that chooses panels, what it is for each of them: ``measure=["injury", ...]``.

    Raises
    ------
    InputError
        There are several: names the first argument that tells them apart, and its values.
    """
    if _GUEST.get() is None:
        return
    for choice, values in choices.items():
        panels = [*values]
        names = dict.fromkeys(panels)
        if len(names) > 1:
            raise InputError(
                "ax holds one panel and this picture has {count}: choose one with {choice}= "
                "({names}), or draw it without ax",
                count=len(panels),
                choice=choice,
                names=separated(names),
            )


def check_axes(axes: object) -> None:
    """Raise InputError unless panels can be drawn on `axes`: rectangular ones, on a figure."""
    from matplotlib.axes import Axes

    if not isinstance(axes, Axes) or axes.name != "rectilinear" or axes.figure is None:
        kind = f"{axes.name} axes" if isinstance(axes, Axes) else type(axes).__name__
        raise InputError(
            "ax must be one pair of rectangular axes on a figure, such as plt.subplots()[1], "
            "not {kind}",
            kind=kind,
        )


def footnote(lang: str, scenario: str) -> str:
    """Return the foot of a picture: the scenario, what it rests on, the version of the library."""
    words = _ABOUT.get()
    if words is None:
        return label("figure.footnote", lang, scenario=scenario, version=__version__)
    given = {"scenario": scenario, "version": __version__, "about": words(lang)}
    return label("about.foot", lang, **given)


def credit(lang: str) -> str:
    """Return the foot of a picture of several scenarios, or of none."""
    words = _ABOUT.get()
    version = label("figure.version", lang, version=__version__)
    return version if words is None else f"{words(lang)} · {version}"
