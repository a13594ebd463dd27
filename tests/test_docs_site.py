"""The documentation site builds without a warning, needs no network, and is found in by search."""

from __future__ import annotations

import functools
import http.server
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sphinx.util.inventory import InventoryFile

import fsinsure as fs

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

from carried import PAGES, pages  # noqa: E402
from chinese_search import ChineseAndEnglish  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site with warnings as errors; one notebook and the Chinese start are executed."""
    folder = tmp_path_factory.mktemp("docs")
    options = ("-q", "-W", "--keep-going", "-b", "html")
    places = (str(DOCS), str(folder / "site"))
    command = (sys.executable, "-m", "sphinx", *options, "-d", str(folder / "state"), *places)
    some = {**os.environ, "FSINSURE_DOCS_EXECUTED": "first_steps zh/index"}
    built = subprocess.run(command, capture_output=True, encoding="utf-8", env=some, check=False)
    assert built.returncode == 0, built.stderr
    return folder / "site"


LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The links of a page, its anchors, and the files that a browser loads for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(LOADS.get(tag, "")):
            self.loads.append(given[LOADS[tag]])


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[Path, Page]:
    """Every page; the templates that a theme leaves among its files are none."""
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    found = {path: Page(path) for path in paths}
    assert len(found) > 60
    return found


def test_nothing_is_loaded_from_elsewhere(site: Path, parsed: dict[Path, Page]) -> None:
    for path, page in parsed.items():
        for load in page.loads:
            place = urlsplit(load)
            assert not place.netloc, f"{path.relative_to(site)} loads {load}"
            if place.scheme != "data" and place.path:
                assert (path.parent / unquote(place.path)).exists(), f"{path.name}: {load}"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for loaded in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
            place = urlsplit(loaded)
            assert not place.netloc, f"{sheet.relative_to(site)} loads {loaded}"
            if place.scheme != "data" and place.path:
                assert (sheet.parent / place.path).exists(), f"{sheet.relative_to(site)}: {loaded}"
        imported = re.findall(r"@import\s*[\"']([^\"']+)", text)
        assert all((sheet.parent / place).exists() for place in imported)


def test_every_link_leads_to_a_page_and_an_anchor(site: Path, parsed: dict[Path, Page]) -> None:
    checked = 0
    for path, page in parsed.items():
        for link in page.links:
            place = urlsplit(link)
            if place.scheme or place.netloc:
                assert place.scheme in ("https", "http") and "." in place.netloc, link
                continue
            target = (path.parent / unquote(place.path)).resolve() if place.path else path
            assert target.exists(), f"{path.relative_to(site)} links {link}"
            if place.fragment and target in parsed:
                anchors = parsed[target].anchors
                assert unquote(place.fragment) in anchors, f"{path.relative_to(site)}: {link}"
                checked += 1
    assert checked > 1000


def test_chinese_pages_say_that_they_are(site: Path) -> None:
    for page in (DOCS / "zh").glob("*.md"):
        text = (site / "zh" / f"{page.stem}.html").read_text(encoding="utf-8")
        assert '<html lang="zh-CN"' in text
    assert '<html lang="en"' in (site / "index.html").read_text(encoding="utf-8")


def index(site: Path) -> dict[str, object]:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))


def glossary_terms() -> list[str]:
    rows = [line.split("|") for line in (DOCS / "glossary.md").read_text("utf-8").splitlines()]
    terms = [re.split("[;；（]", row[2])[0].strip() for row in rows if len(row) > 4]
    return [term for term in terms if re.fullmatch("[\u4e00-\u9fff]{2,}", term)]


def test_every_chinese_term_of_the_glossary_is_found(site: Path) -> None:
    """As the browser does: the pages that have all parts of a query."""
    content = index(site)
    where = content["terms"]
    names = content["docnames"]
    assert isinstance(where, dict) and isinstance(names, list)
    language = ChineseAndEnglish({})
    terms = glossary_terms()
    assert len(terms) > 90
    for term in terms:
        lists = [where[part] for part in language.split(term)]
        found = set.intersection(
            *({each} if isinstance(each, int) else set(each) for each in lists)
        )
        assert "glossary" in {names[number] for number in found}, term


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site: browsers search in no page opened as a file."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Print no requests."""

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: search in the browser is not run")
def test_search_in_the_browser(address: str) -> None:
    """Terms of both languages are found, and no page asks for anything outside."""
    from playwright.sync_api import sync_playwright

    outside: list[str] = []
    expected = {
        "参保缴费": "glossary",
        "累计结余": "zh/results",
        "扩面渠道": "zh/results",
        "减免": "zh/scenario",
        "depletion": "ensembles",
        "backtests": "validation",
    }
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page()
        page.on("pageerror", lambda error: outside.append(f"error: {error}"))
        page.on("request", lambda one: outside.append(one.url))
        for query, place in expected.items():
            page.goto(f"{address}search.html?q={query}")
            page.wait_for_selector(".search-summary:has-text('found')", timeout=30_000)
            links = page.eval_on_selector_all(
                "#search-results a", "found => found.map(each => each.getAttribute('href'))"
            )
            assert any(f"{place}.html" in link for link in links), f"{query}: {links[:9]}"
        page.goto(f"{address}zh/index.html")
        page.wait_for_load_state("networkidle")
        browser.close()
    assert outside and all(url.startswith((address, "data:")) for url in outside), outside


def test_every_public_member_has_an_entry(site: Path) -> None:
    entries = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    known = {name for kind in entries.data if kind.startswith("py:") for name in entries.data[kind]}
    missing = [f"fsinsure.{name}" for name in fs.__all__ if not is_known(f"fsinsure.{name}", known)]
    for text in (path.read_text(encoding="utf-8") for path in (DOCS / "api").glob("*.md")):
        for name in re.findall(r"^\.\. autoclass:: (\S+)\n   :members:\n", text, re.M):
            full = name if name.startswith("fsinsure.") else f"fsinsure.{name}"
            module, _, of = full.rpartition(".")
            of_class = getattr(import_module(module), of)
            own = [one for one in of_class.__mro__ if one.__module__.startswith("fsinsure.")]
            members = {name: value for one in own for name, value in vars(one).items()}
            missing += [
                f"{full}.{member}"
                for member, value in members.items()
                if not member.startswith("_")
                and (inspect.isfunction(value) or hasattr(value, "__get__"))
                and inspect.getdoc(value)
                and f"{full}.{member}" not in known
            ]
    assert not missing


def is_known(name: str, known: set[str]) -> bool:
    return name in known or name.replace("fsinsure.", "fsinsure.errors.") in known


def test_the_pages_of_assumptions_are_current() -> None:
    for lang, text in pages().items():
        written = PAGES[lang].read_text(encoding="utf-8")
        assert text == written, "run: python docs/_ext/carried.py"


def test_the_page_of_assumptions_says_what_runs_say() -> None:
    """The end of one range, as a run of that value gives it."""
    values = fs.load("baseline").region.values["growth.employee"]
    path = {int(str(one.date)[:4]): one.low for one in values if one.low is not None}
    assert (path[2021], path[2025]) == (0.0186, 0.0144)
    low = fs.run(fs.load("baseline").with_({"growth.employee": path}, name="low")).targets
    projected = low.set_index("measure")["projected"]
    text = PAGES["en"].read_text(encoding="utf-8")
    for measure in ("pension.enterprise", "unemployment", "injury"):
        assert f"| {projected[measure] / 1000:,.0f} thousand |" in text.replace("\u00a0", " ")
