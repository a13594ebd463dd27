"""HTML as text: elements whose texts and attributes are escaped, and data for scripts."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

VOID: Final = frozenset({"meta", "input", "br"})
"""Elements without content and end tag."""
UNSAFE: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
"""What could end a script or a line of it; none of it is JSON syntax outside a string."""


class Markup(str):
    """HTML that is escaped already; any other text is escaped where it is put into an element."""

    __slots__ = ()


def text(part: object) -> Markup:
    """Return HTML as it is, and anything else as escaped text.

    >>> text("<b>"), text(Markup("<b>"))
    ('&lt;b&gt;', '<b>')
    """
    return part if isinstance(part, Markup) else Markup(escape(str(part)))


def join(parts: Iterable[object]) -> Markup:
    """Return parts one after another, each as :func:`text`."""
    return Markup("".join(map(text, parts)))


def tag(element: str, /, *parts: object, **attributes: str | None) -> Markup:
    """Return an element.

    Parameters
    ----------
    element
        Its name.
    parts
        Its content, each as :func:`text`.
    **attributes
        Its attributes, those that are None left out; an underscore at the end of a name is dropped
        (``class_``), others are hyphens.

    Examples
    --------
    >>> tag("p", "a < b", class_="note", aria_label='"x"')
    '<p class="note" aria-label="&quot;x&quot;">a &lt; b</p>'
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in VOID:
        return Markup(f"<{element}{words}>")
    return Markup(f"<{element}{words}>{join(parts)}</{element}>")


def data(value: object) -> Markup:
    r"""Return a value as JSON that is inert within a script element.

    >>> data({"title": "</script>"})
    '{"title":"\\u003c/script\\u003e"}'
    """
    found = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(found.translate(UNSAFE))


def table(
    caption: str,
    columns: Iterable[object],
    rows: Iterable[Iterable[object]],
    *,
    wording: Collection[int] = (0,),
    hidden: bool = False,
) -> Markup:
    """Return a table within a region that scrolls where it is wider than the page.

    Parameters
    ----------
    caption
        What the table holds.
    columns
        The headings.
    rows
        Cells; the first of each row is its heading.
    wording
        Which columns are words, set flush left; the others are numbers.
    hidden
        Whether the caption is for screen readers only, where a heading says the same.
    """

    def kind(at: int) -> str | None:
        return "words" if at in wording else "number"

    heads = [tag("th", one, scope="col", class_=kind(at)) for at, one in enumerate(columns)]
    lines = []
    for name, *cells in rows:
        first = tag("th", name, scope="row", class_=kind(0))
        others = (tag("td", one, class_=kind(at)) for at, one in enumerate(cells, start=1))
        lines.append(tag("tr", first, *others))
    body = tag(
        "table",
        tag("caption", caption, class_="unseen" if hidden else None),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *lines),
    )
    return tag("div", body, class_="scroll", role="region", aria_label=caption, tabindex="0")


def details(summary: str, *parts: object) -> Markup:
    """Return parts that are shown when the summary is clicked."""
    return tag("details", tag("summary", summary), *parts)
