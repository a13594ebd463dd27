"""Draw the pictures of gallery.md, each with its code: ``python docs/gallery.py``."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PARTS = re.compile(r"^```python\n(?P<code>.*?)^```$|^!\[[^]]*\]\((?P<image>[^)]+)\)$", re.M | re.S)
DPI = 75
"""Dots an inch: the page shows thumbnails."""


def draw(page: Path, folder: Path) -> list[Path]:
    """Run the code of a page and write every picture that it names into a folder."""
    names: dict[str, object] = {}
    written = []
    for part in PARTS.finditer(page.read_text(encoding="utf-8")):
        if part["code"]:
            exec(part["code"], names)
            continue
        path = folder / part["image"]
        path.parent.mkdir(parents=True, exist_ok=True)
        names["picture"].savefig(path, dpi=DPI, pil_kwargs={"optimize": True})  # type: ignore[attr-defined]
        written.append(path)
    return written


if __name__ == "__main__":
    for image in draw(DOCS / "gallery.md", DOCS):
        print(image.relative_to(DOCS.parent))
