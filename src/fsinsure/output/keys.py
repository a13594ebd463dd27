"""Keys of plan figures as text."""

from __future__ import annotations

from fsinsure.output.labels import label
from fsinsure.output.numbers import percent


def key_names(key: str, lang: str) -> str:
    """Return the column ``key`` of plan figures for readers.

    >>> key_names("enrollment=0.25 uncovered=0.75", "en")
    'present enrollment 25% + uncovered people 75%'
    """
    found = []
    for part in key.split():
        name, _, weight = part.partition("=")
        words = label(f"key.{name}", lang)
        found.append(words if float(weight) == 1 else f"{words} {percent(float(weight), 0)}")
    return " + ".join(found)
