"""The cover: what the workbook is about, what it holds, and how the run is identified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsinsure.output.labels import join_words, label
from fsinsure.workbook.book import GREY, HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.workbook.book import Book, Page
    from fsinsure.workbook.contents import Contents


def cover(book: Book, contents: Contents) -> Page:
    """Add the cover as the first sheet; :func:`fill` writes it when all others are there."""
    return book.page(
        "cover",
        book.text("cover.title", region=contents.region),
        contents.title,
    )


def fill(page: Page, contents: Contents, left_out: Sequence[tuple[str, str]]) -> None:
    """Write the cover: the run, the sheets with links, and what is left out and why."""
    book = page.book
    page.widths({0: 26, 1: 100})
    page.pages = 1
    for name, value in _about(book, contents):
        page.pair(name, value)
    page.row += 1
    page.heading(book.text("cover.contents"))
    look = book.format(font_color=HEAD, underline=1)
    for one in book.pages:
        if one is page:
            continue
        row = page.row
        page.pair(one.name, book.text(f"cover.about.{one.key}"))
        page.sheet.write_url(row, 0, f"internal:'{one.name}'!A1", look, one.name)
    for name, why in left_out:
        page.pair(name, why, font_color=GREY)
    page.row += 1
    page.heading(book.text("cover.reading"))
    for key in ("units", "formulas", "totals", "sources"):
        page.pair(book.text(f"cover.read.{key}"), book.text(f"cover.reads.{key}"))


def _about(book: Book, contents: Contents) -> list[tuple[str, str]]:
    """Return what identifies the run."""
    scenario, meta, lang = contents.scenario, contents.result.meta, contents.lang
    region = scenario.region
    areas = join_words([contents.names[code] for code in region.codes], lang)
    known = scenario.as_of
    rows = [
        (
            book.text("cover.scenario"),
            _named(book, contents.title, scenario.name),
        ),
        (book.text("cover.description"), scenario.description or ""),
        (
            book.text("cover.region"),
            _named(book, contents.region, areas if len(region.codes) > 1 else ""),
        ),
        (
            book.text("cover.years"),
            book.text("cover.span", base=region.base_year, horizon=scenario.horizon),
        ),
        (
            book.text("cover.as_of"),
            known.isoformat() if known else book.text("cover.all_known", day=contents.day),
        ),
        (book.text("cover.engine"), _engine(book, contents)),
        (book.text("cover.version"), f"fsinsure {meta['fsinsure']}"),
        (book.text("cover.scenario_hash"), str(meta["scenario_hash"])),
        (book.text("cover.region_hash"), str(meta["region_hash"])),
        (book.text("cover.data_hash"), str(meta["data_hash"])),
        (book.text("cover.confidence"), _confidence(contents)),
    ]
    return [(name, value) for name, value in rows if value]


def _named(book: Book, name: str, of: str) -> str:
    return book.text("cover.named", name=name, of=of) if of else name


def _engine(book: Book, contents: Contents) -> str:
    """Return how the projection was made."""
    meta = contents.result.meta
    if meta["engine"] == "micro":
        return book.text("cover.persons", persons=f"{meta['persons']:,}", seed=meta["seed"])
    return book.text("cover.cohort")


def _confidence(contents: Contents) -> str:
    """Return how many values in use there are of each confidence."""
    table = contents.parameters
    named = table.drop_duplicates("parameter")["confidence"].value_counts(sort=False)
    parts = [
        f"{label(f'confidence.{name}', contents.lang)} {count}"
        for name, count in named.items()
        if name
    ]
    return join_words(parts, contents.lang)
