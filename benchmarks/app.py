"""How long the what-if page takes: computing, page ready, and from a key to the curves drawn.

In the browser it needs playwright and chromium; without them it prints the times of Python alone.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

from fsinsure.app import content, start
from fsinsure.app.model import Setting, Shown, projected, scenario_of

MOVES = 20
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WATCH = """() => {
  const curves = () => [...document.querySelectorAll('svg.fsinsure polyline.curve')]
    .map(one => one.getAttribute('points')).join();
  const before = curves(); let pressed = 0; window.took = null;
  document.addEventListener('keydown', () => { pressed = performance.now() },
    {capture: true, once: true});
  const look = () => { const now = curves();
    if (now && now !== before) window.took = performance.now() - pressed;
    else requestAnimationFrame(look) };
  look();
}"""


def computing() -> list[float]:
    """Return the processor seconds of projection, curves and table for moves of a lever."""
    own = start.opened("baseline")
    times = []
    for move in range(MOVES):
        clock = time.process_time()
        scenario = scenario_of(own, Setting(levers={"growth.employee": 4 + 0.1 * move}))
        content.main(Shown(projected(scenario)), "zh", None, None)
        times.append(time.process_time() - clock)
    return times


def in_browser(address: str) -> tuple[float, list[float]]:
    """Return seconds until the page is ready, and of moves from the key to the curves."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(120_000)
        clock = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("table.fsinsure")
        ready = time.perf_counter() - clock
        time.sleep(2)
        page.locator("marimo-slider [role=slider]:visible").first.focus()
        times = [_move(page) for _ in range(MOVES)]
        browser.close()
    return ready, times


def _move(page: Any) -> float:
    page.evaluate(WATCH)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.took !== null")
    time.sleep(0.3)
    return float(page.evaluate("() => window.took")) / 1000


def report(name: str, times: list[float]) -> None:
    """Print least and median of some seconds in milliseconds."""
    least, median = min(times), sorted(times)[len(times) // 2]
    print(f"{name:44}{1000 * least:8.0f} ms least{1000 * median:8.0f} ms median")


def main() -> None:
    """Measure and print."""
    report("a move, processor time of Python", computing()[1:])
    command = [sys.executable, "-m", "fsinsure", "app", "--no-browser", "--lang", "en"]
    clock = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None
        print(f"{'command to address':44}{time.perf_counter() - clock:8.2f} s")
        ready, times = in_browser(found[0])
        print(f"{'address to page ready':44}{ready:8.2f} s")
        report("a move, from the key to the curves", times)
    except ImportError as error:
        print(f"in the browser: not measured, {error}")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


if __name__ == "__main__":
    main()
