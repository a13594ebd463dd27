"""Read a page as a browser would, with the parser of the standard library."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "input", "br", "link", "img"}


@dataclass
class Node:
    name: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def all(self, name: str) -> list[Node]:
        """Elements of a name below this one, in their order."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] if child.name == name else []
                found += child.all(name)
        return found

    @property
    def elements(self) -> list[Node]:
        """Every element below this one."""
        below = [child for child in self.children if isinstance(child, Node)]
        return [one for child in below for one in (child, *child.elements)]

    @property
    def text(self) -> str:
        """The text that a reader sees."""
        if self.name in ("script", "style"):
            return ""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    @property
    def content(self) -> str:
        """The text of a script or style."""
        return "".join(one for one in self.children if isinstance(one, str))

    def by_id(self, name: str) -> Node:
        (found,) = (one for one in self.elements if one.attributes.get("id") == name)
        return found

    def table(self, caption: str) -> list[dict[str, str]]:
        """The rows of the one table whose caption begins so, by heading."""
        (found,) = (
            one
            for one in self.all("table")
            if any(part.text.startswith(caption) for part in one.all("caption"))
        )
        heads = [one.text for one in found.all("thead")[0].all("th")]
        rows = []
        for line in found.all("tbody")[0].all("tr"):
            cells = [one.text for one in line.children if isinstance(one, Node)]
            rows.append(dict(zip(heads, cells, strict=True)))
        return rows

    def charts(self) -> list[dict[str, Any]]:
        """The figures that plotly draws."""
        return [
            json.loads(one.content)
            for one in self.all("script")
            if one.attributes.get("class") == "chart"
        ]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(text: str) -> Node:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert [one.name for one in reader.open] == ["page"], "an element is not closed"
    return reader.root


def number(text: str) -> float:
    """Return the number of a cell, whatever is written around it."""
    found = re.match(r"[+−]?[\d,]+(?:\.\d+)?", text)
    assert found is not None, text
    return float(found[0].replace("−", "-").replace(",", ""))


def half_digit(text: str) -> float:
    """Return half a unit of the last digit of a number that was rounded."""
    found = re.match(r"[+−]?[\d,]+(?:\.(\d+))?", text)
    assert found is not None, text
    return 0.5 * 10.0 ** -len(found[1] or "") + 1e-9
