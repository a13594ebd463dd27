"""A workbook while it is written: sheets with tables, formats, charts and how they print."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fsinsure.columns import columns
from fsinsure.errors import printable
from fsinsure.output.labels import label
from fsinsure.workbook.cells import (
    Cell,
    Formula,
    Kind,
    Units,
    columns_of,
    longest,
    number_format,
    units,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterable, Sequence

FONT: Final = {"zh": "Microsoft YaHei", "en": "Calibri"}
HEAD: Final = "#1F4E79"
PALE: Final = "#DDEBF7"
GREY: Final = "#595959"
GOOD: Final = {"font_color": "#00755A", "bg_color": "#E2F3EC"}
BAD: Final = {"font_color": "#A8381F", "bg_color": "#FBE5DC"}
WARN: Final = {"font_color": "#7A5200", "bg_color": "#FDF1D3"}

LOOKS: Final[dict[str, dict[str, object]]] = {
    "wrap": {"text_wrap": True, "indent": 1},
    "label": {"indent": 1},
    "end": {"align": "right"},
    "input": {"font_color": "#0000FF"},
}
"""How cells of some kinds look beside their number format: a number to be changed is blue."""

TEXTS: Final = ("text", "label", "wrap")
"""Kinds of cells that stand at the left of their column."""

LINE: Final = 15.0
"""Points of a line of text."""

A4: Final = 9
MOST_TEXT: Final = 32_000
"""Characters that a cell can hold, at most."""
WIDEST: Final = 64
"""Width of a column of texts, which are wrapped beyond it."""


class Column(NamedTuple):
    """A column of a table: its heading, how its cells are shown, and its width if it is fixed."""

    heading: str | int
    kind: str = "text"
    width: float | None = None


class Block(NamedTuple):
    """Where the cells of a table are, counted from 0: first and last row, first column."""

    first: int
    last: int
    left: int = 0


@dataclass
class Book:
    """A workbook that is being written.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.
    header, footer
        At the head and the foot of every printed page, on the left.
    """

    lang: str
    header: str
    footer: str
    pages: list[Page] = field(default_factory=list)
    _formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the workbook in memory; texts are never formulas, links or numbers."""
        from xlsxwriter import Workbook

        self._bytes = io.BytesIO()
        self._book = Workbook(
            self._bytes,
            {
                **{"in_memory": True, "nan_inf_to_errors": False},
                **{f"strings_to_{one}": False for one in ("formulas", "urls", "numbers")},
                "default_format_properties": {"font_name": FONT[self.lang], "font_size": 10},
            },
        )
        self._book.set_calc_mode("auto")

    @property
    def units(self) -> Units:
        """The units of people and of money."""
        return units(self.lang)

    def text(self, key: str, **values: object) -> str:
        """Return a text of the workbook in its language."""
        return label(f"book.{key}", self.lang, **values)

    def head(self, column: str) -> str:
        """Return the heading of a column that tables of the library have too."""
        return columns()[column, ""].title[self.lang]

    def format(self, **properties: object) -> Any:
        """Return a format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def page(self, key: str, title: str, *notes: str) -> Page:
        """Add a sheet with a title and notes above its tables; its name is the text of a key."""
        name = self.text(key)
        page = Page(self, key, name, self._book.add_worksheet(name))
        page.put(0, 0, title, bold=True, font_size=14, font_color=HEAD)
        page.row = 1
        for note in notes:
            page.note(note)
        page.row += 1
        self.pages.append(page)
        return page

    def bare(self, name: str) -> Page:
        """Add a sheet without a title, whose first row are headings."""
        page = Page(self, "", name, self._book.add_worksheet(name))
        page.head = 0
        self.pages.append(page)
        return page

    def choices(self, key: str, known: Sequence[str]) -> str:
        """Write values to choose from to a hidden sheet; return the name of their cells."""
        name = f"_{key}"
        sheet = self._book.add_worksheet(name)
        sheet.write_column(0, 0, known)
        sheet.hide()
        return f"'{name}'!$A$1:$A${len(known)}"

    def chart(self, kind: str) -> Any:
        """Return a chart of the spreadsheet: ``line`` or ``column``."""
        return self._book.add_chart({"type": kind})

    def close(self, about: dict[str, str], created: datetime.datetime) -> bytes:
        """Return the file; the same cells give the same bytes."""
        self._book.set_properties({**about, "created": created})
        for page in self.pages:
            page.finish()
        self._book.close()
        return self._bytes.getvalue()


@dataclass
class Page:
    """A sheet that is being written, from the top down.

    Parameters
    ----------
    book
        Its workbook.
    key
        Of its name.
    name
        On its tab.
    sheet
        Of XlsxWriter.
    row
        The next free row, counted from 0.
    head
        The row that is repeated on every printed page; None for none.
    pages
        Printed pages at most; 0 for as many as there are.
    """

    book: Book
    key: str
    name: str
    sheet: Any
    row: int = 0
    _widths: dict[int, float] = field(default_factory=dict)
    head: int | None = None
    pages: int = 0
    _turns: list[int] = field(default_factory=list)

    def put(
        self, row: int, column: int, cell: Cell, kind: str = "text", /, **style: object
    ) -> None:
        """Write one cell; a number that is missing is left blank."""
        value, kind = cell if isinstance(cell, Kind) else (cell, kind)
        shape = number_format(kind, self.book.lang)
        style = {**LOOKS.get(kind, {}), **style}
        made = self.book.format(**{"num_format": shape, **style} if shape != "General" else style)
        if isinstance(value, Formula) and value.value == value.value:
            write = self.sheet.write_array_formula if value.array else self.sheet.write_formula
            place = (row, column, row, column) if value.array else (row, column)
            write(*place, value.text, made, value.value)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, printable(value)[:MOST_TEXT], made)
        elif value is None or isinstance(value, Formula) or math.isnan(value):
            self.sheet.write_blank(row, column, None, made)
        elif math.isinf(value):
            self.sheet.write_string(row, column, "∞", made)
        else:
            self.sheet.write_number(row, column, value, made)

    def note(self, text: str) -> None:
        """Write a line of explanation."""
        self.put(self.row, 0, text, font_color=GREY, font_size=9)
        self.row += 1

    def heading(self, text: str) -> None:
        """Write the heading of a part of the sheet."""
        self.put(self.row, 0, text, bold=True, font_size=11, font_color=HEAD)
        self.row += 1

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        strong: Collection[int] = (),
        freeze: int | None = None,
    ) -> Block:
        """Write a table with its heading.

        Parameters
        ----------
        columns
            Its columns.
        rows
            Its cells, a cell for each column.
        strong
            The rows that are totals, counted from 0.
        freeze
            Keep the heading and as many columns on the screen, and repeat the heading on every
            printed page.
        """
        self._headings(columns)
        if freeze is not None:
            self.head = self.row
            self.sheet.freeze_panes(self.row + 1, freeze)
        self.row += 1
        first = self.row
        for at, cells in enumerate(rows):
            style: dict[str, object] = {"bottom": 4, "bottom_color": "#BFBFBF"}
            if any(of.kind == "wrap" for of in columns):
                style["valign"] = "top"
            if at in strong:
                style = {"bold": True, "bg_color": PALE, "top": 1, "bottom": 1}
            for column, (cell, of) in enumerate(zip(cells, columns, strict=True)):
                self.put(self.row, column, cell, of.kind, **style)
                self._widen(column, cell, of)
            self._raise(
                [cell for cell, of in zip(cells, columns, strict=True) if of.kind == "wrap"],
                [of.width or WIDEST for of in columns if of.kind == "wrap"],
            )
            self.row += 1
        self.row += 1
        return Block(first, self.row - 2)

    def _headings(self, columns: Sequence[Column]) -> None:
        look = {"bold": True, "bg_color": HEAD, "font_color": "white", "text_wrap": True}
        for at, column in enumerate(columns):
            texts = isinstance(column.heading, str)
            align = "left" if column.kind in TEXTS else "right"
            style = {**look, "valign": "vcenter", "align": align}
            style |= {"indent": 1} if "indent" in LOOKS.get(column.kind, {}) else {}
            self.put(self.row, at, column.heading, "text" if texts else "year", **style)
            wide = column.width
            if wide is None:
                wide = max(9.0, min(16.0, columns_of(str(column.heading)) + 2.0))
            self._widths[at] = max(self._widths.get(at, 0.0), wide)
        lines = max(
            math.ceil((columns_of(str(column.heading)) + 1) / self._widths[at])
            for at, column in enumerate(columns)
        )
        self.sheet.set_row(self.row, 16.0 * min(lines, 4))

    def _raise(self, texts: Sequence[Cell], wide: Sequence[float]) -> None:
        """Make the row as high as its longest text: not every viewer does so itself."""
        lines = max(
            (lines_of(str(text or ""), width) for text, width in zip(texts, wide, strict=True)),
            default=1,
        )
        if lines > 1:
            self.sheet.set_row(self.row, LINE * lines)

    def pair(self, name: str, text: str, **style: object) -> None:
        """Write a name and a text beside it."""
        self.put(self.row, 0, name, "text", valign="top", **style)
        self.put(self.row, 1, text, "wrap", valign="top", **style)
        self._raise([text], [self._widths.get(1, WIDEST)])
        self.row += 1

    def turn(self, row: int | None = None) -> None:
        """Begin a new printed page, at the next free row unless another is given."""
        self._turns.append(self.row if row is None else row)

    def _widen(self, at: int, cell: Cell, column: Column) -> None:
        if isinstance(cell, Kind):
            cell = cell.value
        if column.width is None and isinstance(cell, str):
            wide = min(longest([cell]) + 2.0, WIDEST)
            self._widths[at] = max(self._widths[at], wide)

    def widths(self, wide: dict[int, float]) -> None:
        """Set the width of columns."""
        self._widths.update(wide)

    def ref(self, row: int, column: int, *, fixed: bool = False) -> str:
        """Return the name of a cell, such as ``C5`` or ``$C$5``."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        return str(xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed))

    def span(self, block: Block, column: int, last: int | None = None) -> str:
        """Return the name of the cells of a table in one column, or up to another."""
        end = column if last is None else last
        return (
            f"{self.ref(block.first, column, fixed=True)}:{self.ref(block.last, end, fixed=True)}"
        )

    def mark(self, row: int, column: int, last_row: int, last: int, when: str, how: object) -> None:
        """Show cells in colours where a formula of the first one holds."""
        made = self.book.format(**how) if isinstance(how, dict) else how
        rule = {"type": "formula", "criteria": f"={when}", "format": made}
        self.sheet.conditional_format(row, column, last_row, last, rule)

    def finish(self) -> None:
        """Set widths, and how the sheet prints: across the page, with header and footer."""
        sheet, book = self.sheet, self.book
        for at, wide in self._widths.items():
            sheet.set_column(at, at, wide)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, self.pages)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L&9{escaped(book.header)}&R&9&A")
        sheet.set_footer(f"&L&9{escaped(book.footer)}&R&9&P / &N")
        if self.head is not None:
            sheet.repeat_rows(self.head)
        if self._turns:
            sheet.set_h_pagebreaks(self._turns)


def lines_of(text: str, wide: float) -> int:
    """Return the lines that a text takes in a column of some width."""
    usable = max(wide - 2.5, 1.0)
    return sum(max(1, math.ceil(columns_of(line) / usable)) for line in text.split("\n"))


def escaped(text: str) -> str:
    """Return a text for a header or footer of a page, where ``&`` begins a code.

    >>> escaped("growth & cover")
    'growth && cover'
    """
    return printable(text).replace("&", "&&").replace("\n", " ")[:120]
