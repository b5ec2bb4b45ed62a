"""The app as a person meets it: served as `make app` serves it, opened in an installed Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.workspace import PROJECT
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app?.getAttribute('data-test-script-state') === 'notRunning' && document.querySelector('h1') !== null
        && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-stale=true]');
}"""


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[str]:
    """Serve the app for a home and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(PROJECT / "python_udfs" / "callsheet" / "app" / "main.py"),
        "--server.port",
        str(port),
        "--",
        *arguments,
    ]
    # From elsewhere, so that it is the app's own settings that count.
    environment = {**os.environ, "CALLSHEET_HOME": str(home), "PYTHONPATH": str(PROJECT / "python_udfs")}
    log = home / "app.log"
    with log.open("wb") as output, subprocess.Popen(command, cwd=home, env=environment, stdout=output, stderr=output) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8"))


@dataclass
class Visit:
    """A browser window, and what went wrong in it."""

    window: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until the page is drawn."""
        self.window.wait_for_function(SETTLED, timeout=60_000)

    def open(self) -> None:
        """Open the first page."""
        self.window.goto(self.address)
        self.settle()

    def go_to(self, page: str) -> None:
        """Go to a page as a person does, through the menu."""
        menu = self.window.get_by_test_id("stExpandSidebarButton")
        if menu.is_visible():  # a narrow window hides the pages behind it
            menu.click()
        self.window.get_by_role("link", name=page).first.click()
        self.window.get_by_role("heading", name=page, exact=True, level=1).wait_for()
        self.settle()

    def sees(self, text: str, seconds: float = 30) -> None:
        """Wait until a text is there."""
        self.window.get_by_text(text).first.wait_for(timeout=seconds * 1000)

    def shown(self) -> str:
        """Return the text of the page."""
        return self.window.locator("[data-testid=stMain]").inner_text()

    def is_too_wide(self) -> bool:
        """Say whether a person would have to scroll sideways."""
        return bool(self.window.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visited(browser: Browser, address: str, *, width: int = 1280, is_dark: bool = False) -> Iterator[Visit]:
    """Open a window of a width and colour scheme; errors of the console and of the page and calls elsewhere are troubles."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if is_dark else "light", reduced_motion="reduce"
    )
    try:
        visit = Visit(context.new_page(), address)
        visit.window.on("console", lambda message: visit.troubles.append(message.text) if message.type == "error" else None)
        visit.window.on("pageerror", lambda error: visit.troubles.append(str(error)))
        visit.window.on("request", lambda request: _note_call_elsewhere(visit, request.url))
        yield visit
    finally:
        context.close()


def _note_call_elsewhere(visit: Visit, url: str) -> None:
    if not url.startswith((visit.address, "data:", "blob:")):
        visit.troubles.append(f"called {url}")
