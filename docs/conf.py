"""Configuration of the documentation site: ``make docs`` builds it, without any request."""

from __future__ import annotations

import gettext
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pydata_sphinx_theme as theme
import sphinx
from pygments.lexers.special import TextLexer
from sphinx.ext.napoleon import Config, NumpyDocstring

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "src")]

import generated_pages  # noqa: E402

from fsinsure import __version__  # noqa: E402

project = "fsinsure"
author = copyright = "the fsinsure developers"
version = release = __version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "chinese_search",
    "generated_pages",
]
exclude_patterns = ["_ext", "static"]
default_role = "code"
nitpicky = True
# No inventory of other projects is fetched, and types that are no public names have no page.
nitpick_ignore_regex = [(r"py:.*", r"(?!fsinsure\.[a-z_]+$).*")]

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

# Outputs depend on the library as well as on the cells, so the cache is that of one state of both.
nb_execution_mode = "cache"
nb_execution_cache_path = str(generated_pages.cache_folder())
nb_execution_excludepatterns = generated_pages.not_executed()
nb_execution_timeout = 600
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

html_theme = "pydata_sphinx_theme"
html_title = "fsinsure"
html_search_language = "zh"
html_static_path = ["static", "../src/fsinsure/output/fonts"]
html_context = {"default_mode": "auto"}
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"index": [], "start": []}
html_theme_options = {
    "search_bar_text": "Search · 搜索",
    "header_links_before_dropdown": 8,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "navbar_align": "left",
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}


def setup(app: Any) -> None:
    """Show tables of values as they are; mark the Chinese pages as such.

    Browsers choose fonts and line breaks by the language of a page.
    """
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", join_chinese_lines)
    app.connect("autodoc-process-docstring", numpy_docstring)
    app.connect("html-page-context", chinese_page)


def numpy_docstring(
    app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    """Read a docstring in numpy style.

    Not by the extension, which takes what precedes a colon in the docstring of a property as type.
    """
    kind = "method" if what in ("property", "attribute") else what
    config = Config(napoleon_use_rtype=False)
    lines[:] = NumpyDocstring(lines, config, app, kind, name, obj, options).lines()


def join_chinese_lines(app: Any, page: str, source: list[str]) -> None:
    """Join lines between Chinese characters: browsers show a space for a new line."""
    parts = re.split(r"(^```.*?^```$)", source[0], flags=re.M | re.S)
    hanzi = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
    parts[::2] = [re.sub(rf"(?<={hanzi})\n *(?={hanzi})", "", part) for part in parts[::2]]
    source[0] = "".join(parts)


def chinese_page(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Set the language of a page in ``zh/``, and of what the theme writes there."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"
        context["_"] = context["gettext"] = chinese().gettext


@cache
def chinese() -> gettext.NullTranslations:
    """Return the Chinese texts of the theme, and of Sphinx where the theme has none."""
    both = (theme, "zh"), (sphinx, "zh_CN")
    first, second = (
        gettext.translation("sphinx", Path(str(of.__file__)).parent / "locale", [code])
        for of, code in both
    )
    first.add_fallback(second)
    return first
