"""Shared by all that has pictures: which are written, their foot, and one panel of several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
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
from fsinsure.measures import names_of
from fsinsure.messages import EMPTY, LANGUAGES
from fsinsure.names import code_of, listed, meant
from fsinsure.statuses import FUNDS

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


def of_one(table: pd.DataFrame, name: str, column: str, value: str | int | None) -> pd.DataFrame:
    """Return the rows of one measure, fund, subject or year; all where none is given.

    Parameters
    ----------
    table, name
        The table, and its name in errors.
    column
        The column, which is the name of the argument too.
    value
        A code or what readers call it, such as 失业保险.

    Raises
    ------
    InputError
        The table has no such rows; the message names those it has.
    """
    from fsinsure.output.tidy import require

    if value is None:
        return table
    known = require(table, name, column)[column]
    return table[known == one_of(column, value, known.unique())]


def one_of(argument: str, value: object, known: Iterable[Hashable]) -> Hashable:
    """Return the one of some codes, or years, that a value names.

    Raises
    ------
    InputError
        It names none; the message lists what may be written.
    """
    codes = {str(code): code for code in known}
    names = {code: _names(code) for code in codes}
    found = code_of(value, names) if isinstance(value, str) else value
    for code in codes.values():
        if isinstance(found, Hashable) and found == code:
            return code
    raise InputError(
        "this picture has no {argument} {value!r}.{hint} Known: {shown}",
        argument=argument,
        value=value,
        hint=meant(value, names) if isinstance(value, str) else EMPTY,
        shown=listed(value, names),
    )


def _names(code: str) -> tuple[str, ...]:
    """Return what readers call a measure, a fund or a subject; nothing of other codes."""
    from fsinsure.output.labels import label, measure_name

    kind, _, rest = code.partition(".")
    bare = rest if kind in ("measure", "fund") else code
    names = [] if kind == "fund" else [*names_of((bare,))[bare]]
    if bare in FUNDS and kind != "measure":
        shorts = {lang: label(f"short.{bare}", lang) for lang in LANGUAGES}
        names += [label("sensitivity.fund", lang, fund=fund) for lang, fund in shorts.items()]
    if bare.rpartition(".")[2] in ("income", "outgo"):
        names += [measure_name(bare, lang) for lang in LANGUAGES]
    return tuple(dict.fromkeys(names))


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
