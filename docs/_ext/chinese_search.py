"""Search in Chinese and English: Chinese as pairs of neighbouring characters.

Sphinx's own search splits pages with the dictionary of jieba, but the browser takes a query as one
term. Of 98 Chinese terms of the glossary, which jieba mostly divides (参保缴费), it found 20. Pairs
need no dictionary, and page and query are split in the same way: every pair of a query must be on
the page.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.search.en import SearchEnglish

RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
"""Chinese characters in a row, or other letters and digits in a row."""

JAVASCRIPT = r"""
var splitQuery = (query) => {
  const runs = /[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu;
  return (query.match(runs) || []).flatMap((run) =>
    !/^[\u3400-\u9fff]/.test(run) || run.length < 3
      ? [run]
      : Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)));
};
"""
"""The same split for queries, in the browser."""


class ChineseAndEnglish(SearchEnglish):
    """Pairs of Chinese characters; English words as in English."""

    lang = "zh"
    language_name = "English"  # names the stemmer in the browser
    js_splitter_code = JAVASCRIPT

    def split(self, input: str) -> list[str]:
        """Return the terms of a text."""
        return [term for run in RUN.findall(input) for term in terms(run)]


def terms(run: str) -> list[str]:
    """Return the pairs of Chinese characters in a row, or the word itself."""
    if not "\u3400" <= run[0] <= "\u9fff" or len(run) < 3:
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def setup(app: Any) -> dict[str, bool]:
    """Take the place of Sphinx's own search in Chinese."""
    app.add_search_language(ChineseAndEnglish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
