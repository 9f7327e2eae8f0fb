"""What every measurement stands in: the two servers side by side, a real browser, and messages counted."""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from tests.browser.house import settled
from tools.browser import FLAGS, find

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
VIEWPORT = {"width": 1440, "height": 900}


@dataclass
class Server:
    """A running app and the notes about the runs of its script."""

    url: str
    notes: Path

    def runs(self, since: int = 0) -> list[dict[str, Any]]:
        """Return what was noted, from the run with number `since` on."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [json.loads(line) for line in lines[since:]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def serving(app: str, *, profile: bool = False) -> Iterator[Server]:
    """Run an app from the root of the checkout, so that both have the project's own configuration."""
    with tempfile.TemporaryDirectory() as folder:
        port, notes, log = _free_port(), Path(folder) / "notes.jsonl", Path(folder) / "log.txt"
        options = {"headless": "true", "address": "127.0.0.1", "port": str(port), "fileWatcherType": "none"}
        flags = [word for name, value in options.items() for word in (f"--server.{name}", value)]
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.server", app, str(notes), *flags]
                + (["--profile"] if profile else []),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://127.0.0.1:{port}", notes)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _healthy(server.url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{app} did not start:\n{log.read_text()}")
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run the browser that the project's tests use."""
    path = find()
    if path is None:
        raise RuntimeError("There is no browser here; `make bench` installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Traffic:
    """The messages of a page's websockets, by their sizes in bytes."""

    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    keep: bool = False

    def watch(self, socket: WebSocket) -> None:
        """Listen to a websocket; Playwright calls it when one is opened."""
        socket.on("framesent", lambda message: self.sent.append(len(message)))
        socket.on("framereceived", self._receive)

    def _receive(self, message: str | bytes) -> None:
        self.received.append(len(message))
        if self.keep:
            self.bodies.append(message if isinstance(message, bytes) else message.encode())

    def reset(self) -> None:
        """Forget what was counted."""
        self.sent.clear()
        self.received.clear()
        self.bodies.clear()


def visitor(browser: Browser, script: str = "") -> tuple[Page, Traffic]:
    """Return a page of a new visitor, `script` run before all others, and its traffic."""
    page = browser.new_context(viewport=VIEWPORT, locale="en-US").new_page()  # type: ignore[arg-type]
    traffic = Traffic()
    page.on("websocket", traffic.watch)
    if script:
        page.add_init_script(script)
    return page, traffic


def go(page: Page, address: str) -> None:
    """Open an address of an app and wait until it is settled."""
    page.goto(address)
    page.wait_for_selector("[data-testid=stApp]")
    settled(page)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return float(statistics.median(values))
