"""The what-if page in a browser: what a reader sees, sets and gets, and that nothing leaves."""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import fsinsure as fs
from fsinsure.output.numbers import amount

pytest.importorskip("marimo", reason="marimo is not installed: the page was not driven")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: the page was not driven"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: page was not driven"),
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent differently: not driven"),
    pytest.mark.slow,
]
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
PATIENCE = 60_000
"""Milliseconds; a busy machine says nothing about the page. benchmarks/app.py measures."""


class Server:
    """The command in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "fsinsure", "app", "--no-browser", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self.printed = ""
        while "http://" not in self.printed:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, self.printed
            self.printed += line
        found = re.search(r"http://\S+", self.printed)
        assert found is not None
        self.address = found[0]
        self.port = urlsplit(self.address).port or 0

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit code, and what was printed since the address."""
        self.process.send_signal(signal.SIGINT)
        try:
            printed, _ = self.process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                self.process.kill()
        return self.process.returncode, printed

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a plain request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            connection.putrequest("GET", path, skip_host=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server("baseline", "--lang", "en")
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield found
        finally:
            found.close()


class Page:
    """One open page, and what it asked for and complained of."""

    def __init__(self, browser: Any, address: str) -> None:
        self.tab = browser.new_page(viewport={"width": 1500, "height": 1400})
        self.tab.set_default_timeout(PATIENCE)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("websocket", lambda socket: self.requests.append(socket.url))
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )
        self.tab.goto(address)
        self.side = self.tab.get_by_role("complementary")
        self.tab.wait_for_selector("svg.fsinsure")
        self.tab.wait_for_selector("table.fsinsure")

    def press(self, name: str) -> None:
        """Press a button."""
        self.tab.get_by_role("button", name=name).click()

    def open(self, name: str) -> None:
        """Open a tab."""
        self.tab.get_by_role("tab", name=name).click()

    def cell(self, measure: str, column: int) -> str:
        """Return a cell of the table of targets."""
        row = self.tab.locator("table.fsinsure").first.locator("tr", has_text=measure)
        return str(row.locator("td").nth(column).inner_text())

    def curves(self) -> list[str]:
        """Return the curves of the targets as they are drawn."""
        found = self.tab.locator("svg.fsinsure").first.locator("polyline.curve")
        points = "all => all.map(one => one.getAttribute('points'))"
        return [str(one) for one in found.evaluate_all(points)]

    def move(self, key: str, times: int = 1) -> None:
        """Press keys on the first slider, and wait until the curves move."""
        before = self.curves()
        self.side.locator("marimo-slider [role=slider]").first.focus()
        for _ in range(times):
            self.tab.keyboard.press(key)
        self.until(lambda: self.curves() != before)
        self.settle()

    def settle(self) -> None:
        """Wait until the curves no longer move."""
        last: list[str] = []
        while last != (last := self.curves()) or not last:
            time.sleep(1.5)

    def until(self, holds: Any) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.1)

    def exported(self, folder: Path) -> fs.Scenario:
        """Return the scenario of the file that the page gives."""
        self.open("Export")
        button = self.tab.get_by_text("Download the scenario")
        with self.tab.expect_download() as given:
            button.click()
        file = folder / given.value.suggested_filename
        given.value.save_as(file)
        return fs.load(file)


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Page:
    return Page(browser, server.address)


@pytest.fixture(autouse=True)
def as_opened(page: Page) -> None:
    """Begin each test with the levers of the scenario and without a pin."""
    page.press("Reset the levers")
    page.press("Remove the pin")
    page.until(lambda: page.cell("Work injury", 3) == projected(fs.load("baseline")))
    page.settle()


def projected(scenario: fs.Scenario, measure: str = "injury") -> str:
    """Return what the library projects, as the page writes it."""
    targets = fs.run(scenario).targets.set_index("measure")
    return amount(targets["projected"][measure], "en")


def test_a_slider_moves_the_curves_to_the_figures_of_the_library(
    page: Page, tmp_path: Path
) -> None:
    before = page.curves()
    page.move("ArrowRight", 10)
    assert len(page.curves()) == len(before) == 3
    scenario = page.exported(tmp_path)
    assert scenario.hash != fs.load("baseline").hash
    assert page.cell("Work injury", 3) == projected(scenario)
    assert page.cell("Enterprise", 3) == projected(scenario, "pension.enterprise")
    # From 4.94 the first step is to 5.0, each further one is a tenth: a slow page skips some keys.
    value = scenario.values["growth.employee"].points[-1][1]  # type: ignore[union-attr]
    assert value > 0.0494
    assert value * 1_000 == pytest.approx(round(value * 1_000), abs=1e-6)


def test_a_pin_keeps_the_curves_dashed_and_says_why_they_differ(page: Page) -> None:
    solid = page.curves()
    page.press("Pin the present curves")
    page.until(lambda: len(page.curves()) == 6)
    page.move("ArrowLeft", 5)
    curves = page.tab.locator("svg.fsinsure").first.locator("polyline.curve")
    dashed = [one for one in curves.all() if one.get_attribute("stroke-dasharray")]
    assert len(dashed) == 3
    # The axes may change, the shape may not: the pinned ends above the present curve.
    assert len(solid) == 3
    pinned, present = page.curves()[:2]
    assert float(pinned.split(",")[-1]) < float(present.split(",")[-1])
    page.open("Against the pin")
    page.tab.get_by_text("Yearly growth of employees at year end −").first.wait_for()


def test_range_and_probability_are_those_of_the_ensemble(page: Page) -> None:
    draws = page.tab.locator("marimo-number input:visible")
    draws.fill("50")
    draws.press("Enter")
    page.press("Compute range and probability")
    page.tab.wait_for_selector("polygon.band")
    sure = fs.ensemble("baseline", draws=50).targets.set_index("measure")
    share = sure["probability"]["pension.enterprise"]
    assert page.cell("Enterprise", 6) == f"{share:.0%}"
    page.move("ArrowRight")
    assert page.tab.locator("polygon.band").count() == 0  # it was of other levers


def test_goal_seek_sets_the_slider_so_that_the_target_is_met(page: Page, tmp_path: Path) -> None:
    page.open("Goal seek")
    value = page.tab.locator("marimo-text input:visible")
    value.fill("520万")
    value.press("Enter")
    page.press("Solve and set the lever")
    page.tab.get_by_text("The slider is set to").wait_for()
    page.until(lambda: page.cell("Enterprise", 3) in ("5.200 million", "5.201 million"))
    scenario = page.exported(tmp_path)
    people = fs.run(scenario).targets.set_index("measure")["projected"]["pension.enterprise"]
    assert 5_200_000 <= people < 5_202_000


def test_what_cannot_be_used_is_said_beside_its_control(page: Page) -> None:
    text = page.side.locator("marimo-text-area textarea")
    text.fill("growth.flexible: 900%")
    text.blur()
    page.side.get_by_text("expected a share between -30% and 60%").wait_for()
    box = page.side.locator(".fsinsure-problem").bounding_box()
    field = text.bounding_box()
    assert box is not None
    assert field is not None
    assert 0 < box["y"] - field["y"] < 200
    assert page.cell("Work injury", 3) == projected(fs.load("baseline"))
    assert "Traceback" not in page.tab.inner_text("body")
    text.fill("")
    text.blur()
    page.until(lambda: page.side.locator(".fsinsure-problem").count() == 0)


def test_the_language_changes_and_the_levers_stay(page: Page) -> None:
    page.move("ArrowRight", 3)
    before = page.cell("Work injury", 3)
    page.open("Goal seek")
    page.side.get_by_role("radio").first.click()
    page.tab.wait_for_selector("table.fsinsure >> text=万人")
    page.tab.get_by_text("求解并设置参数").wait_for()  # the tab that is marked is the one shown
    millions = float(page.cell("工伤保险", 3).split()[0]) / 100
    assert millions == pytest.approx(float(before.split()[0]), abs=0.001)
    page.side.get_by_role("radio").last.click()
    page.tab.wait_for_selector("table.fsinsure >> text=million")
    page.until(lambda: page.cell("Work injury", 3) == before)


def test_another_region_has_its_own_scenario_and_levers(page: Page) -> None:
    for region, name in (("Example (invented)", "example"), ("Foshan", "baseline")):
        page.side.locator("marimo-dropdown select").first.select_option(region)
        wanted = projected(fs.load(name))
        page.tab.wait_for_selector(f"table.fsinsure >> text={wanted}")
        assert page.cell("Work injury", 3) == wanted


def test_nothing_leaves_the_machine_and_the_console_has_no_error(page: Page) -> None:
    page.open("Funds")
    page.tab.get_by_text("Months of reserve").first.wait_for()
    hosts = {urlsplit(one).hostname for one in page.requests if not one.startswith("data:")}
    assert len(page.requests) > 10
    assert hosts <= {"127.0.0.1", None}
    assert page.errors == []


def test_only_who_has_the_address_gets_in(server: Server) -> None:
    here = f"127.0.0.1:{server.port}"
    assert server.ask("/", Host="rebound.example")[0] == 403
    assert server.ask("/", Host=here, Origin="https://other.example")[0] == 403
    status, headers, _ = server.ask("/", Host=here)  # without the token of the address
    assert status == 401 or "login" in headers["location"]
    status, headers, _ = server.ask(f"/?{urlsplit(server.address).query}", Host=here)
    assert status == 303
    assert "login" not in headers["location"]
    assert {"httponly", "samesite=lax"} <= set(headers["set-cookie"].lower().split("; "))
    cookie = headers["set-cookie"].split(";")[0]
    status, headers, body = server.ask("/", Host=here, Cookie=cookie)
    assert status == 200
    assert "access-control-allow-origin" not in headers
    assert b"set_scenario" not in body  # no code of the page in it


def test_ctrl_c_ends_the_server_with_a_page_open(browser: Any) -> None:
    own = Server("example")
    try:
        opened = Page(browser, own.address)
        code, printed = own.stop()
        opened.tab.close()
    finally:
        if own.process.poll() is None:
            own.process.kill()
    assert (code, printed.strip()) == (0, "")
