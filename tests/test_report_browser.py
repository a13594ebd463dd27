"""The HTML page in a browser: drawn without an error or a request, by hand and by keyboard."""

from __future__ import annotations

import shutil
from itertools import pairwise

import pytest

import fsinsure as fs

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        if (path := shutil.which(name))
    ),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: browser tests not run"),
]
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
EVIL = "</script><script>window.evil = 1</script><img src=x onerror='window.evil = 2'>"
DRAWN = "body[data-drawn]"
A4 = {"width": 688, "height": 1017}
"""Pixels between the margins of a sheet of A4."""


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api", reason="playwright not installed: not run")
    with sync.sync_playwright() as play:
        yield play.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])


@pytest.fixture(scope="module")
def asked(result):
    return {
        "ensemble": fs.ensemble("low-growth", 16),
        "sensitivity": fs.sensitivity("low-growth", parameters=["labour.separation", "wage.mean"]),
        "compare": [result],
    }


@pytest.fixture(scope="module", params=["zh", "en"])
def file(request, asked, tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / f"{request.param}.html"
    return asked["ensemble"].central.report(path, lang=request.param, **asked)


@pytest.fixture
def opened(browser, file):
    """The page, and what it said or asked for while it opened."""
    yield from open_page(browser, file)


@pytest.fixture(scope="module")
def shared(browser, file):
    """The same for tests that leave no trace but the size of the window."""
    yield from open_page(browser, file)


def open_page(browser, file):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda one: said.append(one.url) if asks(one.url) else None)
    page.on("dialog", lambda one: said.append(one.message))
    page.goto(file.as_uri())
    page.wait_for_selector(DRAWN)
    yield page, said
    page.close()


def asks(url: str) -> bool:
    return not url.startswith(("file:", "data:"))


def wait_until(page, script: str) -> None:
    """Wait until a script gives true; the page itself may not evaluate texts."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never true: {script}")


def drawn(page, number: int) -> list[str]:
    """Names of the traces of a chart that are in sight."""
    return page.evaluate(
        "at => document.querySelectorAll('.plot')[at].data"
        ".filter(one => one.visible !== false).map(one => one.name)",
        number,
    )


def test_every_chart_is_drawn_without_an_error_or_a_request(shared) -> None:
    page, said = shared
    figures = page.locator("figure").count()
    assert figures == int(page.get_attribute("body", "data-drawn")) > 10
    for at in range(figures):
        plot = page.locator(".plot").nth(at)
        assert plot.locator("svg.main-svg").count() >= 2
        assert plot.locator(".trace path, .point path").count() > 0
    assert page.evaluate("document.fonts.check('16px FsinsureSansSC')")
    assert said == []


def test_a_box_hides_a_scenario_in_every_chart(opened) -> None:
    page, said = opened
    names = page.locator("#toggles label").all_inner_texts()
    assert len(names) == 2
    before = drawn(page, 0)
    assert {name.strip() for name in names} <= set(before)
    page.locator("#toggles input").nth(1).uncheck()
    wait_until(page, "document.querySelectorAll('.plot')[0].data.some(o => o.visible === false)")
    assert set(before) - set(drawn(page, 0)) == {names[1].strip()}
    hidden = page.evaluate(
        "[...document.querySelectorAll('.plot')].flatMap(p => p.data)"
        ".filter(o => o.meta && o.meta.scenario === 1).map(o => o.visible)"
    )
    assert len(hidden) == 8
    assert set(hidden) == {False}
    page.locator("#toggles input").nth(1).check()
    wait_until(page, "document.querySelectorAll('.plot')[0].data.every(o => o.visible !== false)")
    assert drawn(page, 0) == before
    assert said == []


def test_a_point_says_its_number(shared) -> None:
    page, _ = shared
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.locator(".trace.scatter .point").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = plot.locator(".hoverlayer .hovertext")
    hover.first.wait_for()
    said = " ".join(hover.all_text_contents())
    assert "2025" in said
    assert "470" in said or "4.700" in said


def test_the_page_is_used_by_keyboard(opened) -> None:
    page, said = opened
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    box = page.locator(".skip").bounding_box()
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#toggles input").nth(1).focus()
    page.keyboard.press("Space")
    assert not page.locator("#toggles input").nth(1).is_checked()
    summary = page.locator("figure summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure table").first.is_visible()
    assert said == []


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_nothing_is_wider_than_the_window(shared, width) -> None:
    page, said = shared
    page.set_viewport_size({"width": width, "height": 844})
    wait_until(
        page,
        "[...document.querySelectorAll('.plot')].every("
        "p => p.querySelector('svg').getBoundingClientRect().right <= innerWidth)",
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in page.evaluate(
        "[...document.querySelectorAll('.plot')].map(p => {"
        "const b = p.querySelector('svg').getBoundingClientRect(); return [b.left, b.width]})"
    ):
        assert box[0] >= 0
        assert box[1] > 150
    assert said == []


def test_a_sheet_of_paper_has_whole_charts(opened) -> None:
    page, said = opened
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    boxes = page.evaluate(
        "[...document.querySelectorAll('figure')].map(f => {"
        "const s = f.querySelector('svg.main-svg').getBoundingClientRect();"
        "const o = f.getBoundingClientRect();"
        "return [s.width, o.width, s.height, o.height]})"
    )
    assert boxes
    for width, most, height, whole in boxes:
        assert 100 < width <= most + 1
        assert height <= whole + 1 < A4["height"]
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    summary = page.locator("#summary").bounding_box()
    assert summary["y"] + summary["height"] < A4["height"]
    data = page.pdf(prefer_css_page_size=True)
    assert data.startswith(b"%PDF")
    assert 5 <= data.count(b"/Type /Page\n") <= 40
    assert said == []


def test_a_title_that_looks_like_a_script_does_not_run(browser, tmp_path) -> None:
    scenario = fs.load("low-growth").with_({"growth.flexible": "1%"}, name="evil")
    object.__setattr__(scenario, "title", {"zh": EVIL, "en": EVIL})
    file = fs.run(scenario).report(tmp_path / "evil.html", compare=[fs.run("baseline")])
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(file.as_uri())
    page.wait_for_selector(DRAWN)
    assert page.evaluate("window.evil") is None
    assert EVIL in page.locator("h1").inner_text()
    assert page.locator("img").count() == 0
    assert said == []
    page.close()


def test_headings_follow_one_another(shared) -> None:
    page, _ = shared
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
