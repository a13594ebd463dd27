"""Shared by all that has pictures: which are written, their foot, and one panel of several."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import (
    TYPE_CHECKING,
    Concatenate,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
)

from fsinsure.errors import InputError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.output.figures.sheet import Picture
    from fsinsure.region.region import Region

Selection = Literal["main", "all", "none"]
"""Which pictures to write: those of the main question, every one, or none."""
Drawing: TypeAlias = Callable[[], "Picture"]
P = ParamSpec("P")


def check_selection(plots: Selection) -> None:
    """Raise InputError unless `plots` selects pictures."""
    if plots not in get_args(Selection):
        hint = did_you_mean(str(plots), get_args(Selection))
        raise InputError(
            "plots must be 'main', 'all' or 'none', not {plots!r}.{hint}", plots=plots, hint=hint
        )


def until(last: int | None) -> dict[str, int]:
    """Return the last year as an argument of a picture, which has its own where none is given."""
    return {} if last is None else {"last": last}


class Credited(Protocol):
    """What has pictures and says what they rest on."""

    def about(self, lang: str) -> str:
        """Return what the pictures rest on."""
        ...


S = TypeVar("S", bound=Credited)


def credited(draw: Callable[Concatenate[S, P], Picture]) -> Callable[Concatenate[S, P], Picture]:
    """Set what pictures of several panels say in their foot about what they rest on."""

    @wraps(draw)
    def wrapped(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Picture:
        from fsinsure.output.figures.context import drawing

        if "ax" in kwargs:
            raise InputError(
                "{kind} has several panels, which one ax cannot hold: draw it without ax "
                "(picture.axes has its panels)",
                kind=draw.__name__,
            )
        with drawing(self.about):
            return draw(self, *args, **kwargs)

    return wrapped


def of_one(table: pd.DataFrame, name: str, column: str, value: str | None) -> pd.DataFrame:
    """Return the rows of one measure, fund or subject; all where none is named.

    Raises
    ------
    InputError
        The table has no such rows; the message names those it has.
    """
    from fsinsure.output.tidy import pick

    return table if value is None else pick(table, name, **{column: value})


def data_words(parameters: pd.DataFrame, region: Region, lang: str) -> str:
    """Return what a run rests on: the region's figures, and how many parameters are assumed.

    Parameters
    ----------
    parameters
        The table of a result.
    region
        Its region.
    lang
        ``zh`` or ``en``.
    """
    from fsinsure.output.labels import label

    used = parameters.drop_duplicates(["parameter", "confidence"])
    return label(
        "about.data",
        lang,
        region=region.title[lang],
        base=region.base_year,
        assumed=used.loc[used["confidence"] == "assumption", "parameter"].nunique(),
        all=used["parameter"].nunique(),
    )
