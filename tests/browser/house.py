"""Helpers for tests in a real browser. Every wait is for a state, never for a time."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from playwright.sync_api import ConsoleMessage, Error, Page, Request, WebSocket, expect

SHOTS = Path(__file__).parent / "shots"

# Streamlit says on its root element whether it is connected and whether a script runs. An interaction takes a
# moment to become a rerun, of which visitors.py knows, and React another one to show it, so the page counts
# as settled when it has looked finished without a break for a while. A change made on a stage is finished
# when Python's answer has come, which carries the number of that change back.
_SETTLED = """
(quiet) => {
  const app = document.querySelector("[data-testid=stApp]");
  const finished = app
    && app.dataset.testConnectionState === "CONNECTED"
    && app.dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
    && !globalThis.aboutTo?.()
    && [...(globalThis.convscope?.stages?.values() ?? [])].every(
      ({ stage, editing, revision, scene }) =>
        !stage.isConnected || (!editing && revision === (scene.options.revision ?? 0)),
    );
  const now = performance.now();
  if (!finished) { window.settledSince = undefined; return false; }
  window.settledSince ??= now;
  return now - window.settledSince >= quiet;
}
"""

# Console errors that are not ours, each with its reason.
NOT_OURS: tuple[tuple[str, str], ...] = (
    # Opened by a link to a page, Streamlit first looks for its server below that page, then at the root.
    (r"404 .*/\w+/_stcore/(health|host-config)", "Streamlit finds out where its server is"),
)


def settled(page: Page, *, quiet: int = 100, timeout: int = 30_000) -> None:
    """Wait until Streamlit is connected, runs nothing and shows nothing unfinished, for `quiet` ms on end."""
    page.evaluate("window.settledSince = undefined")
    page.wait_for_function(_SETTLED, arg=quiet, timeout=timeout)


def open_page(page: Page, base_url: str, path: str = "", **query: object) -> Page:
    """Open a page of the app, its parameters given as keywords, and wait until it is settled."""
    address = f"{base_url}/{path.lstrip('/')}"
    page.goto(f"{address}?{urlencode(query)}" if query else address)
    page.wait_for_selector("[data-testid=stApp]")
    settled(page)
    return page


def no_traceback(page: Page) -> None:
    """Assert that the page shows no exception, in whatever words."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Traceback (most recent call last)")).to_have_count(0)


def _key(page: Page, key: str) -> str:
    """The main stage of a page is called as the page's address."""
    return key or urlsplit(page.url).path.strip("/")


def stage(page: Page, code: str, key: str = "") -> Any:
    """Return what this JavaScript says of `stage`, the stage called `key`, or else the page's main one."""
    return page.evaluate(
        f"() => {{ const stage = convscope.stages.get('{_key(page, key)}'); return {code}; }}"
    )


def values(page: Page, panel: str, key: str = "") -> np.ndarray:
    """Return the numbers of a panel as the browser has them, in the panel's shape."""
    found = f"stage.scene.byName.get('{panel}')"
    # One long text is through to Python many times sooner than thousands of numbers.
    numbers, shape = stage(page, f"[{found}.values.join(), {found}.shape]", key)
    return np.array(numbers.split(","), float).reshape(shape)


def point(page: Page, panel: str, *cell: int, key: str = "", click: bool = False) -> None:
    """Move the mouse onto a cell of a panel, and perhaps click there."""
    seen = "stage.canvas.scrollIntoView({ block: 'nearest' })"
    at = stage(page, f"({seen}, stage.where('{panel}', {list(cell)}))", key)
    page.mouse.move(at["x"], at["y"])
    if click:
        page.mouse.click(at["x"], at["y"])


def number(text: str) -> float:
    """Return the first number in a text as the app writes it, without signs around it and a power behind."""
    plain = re.sub(r"(?<=[-+])\s+", "", text.replace("−", "-").replace("∞", "inf").replace(",", ""))
    found = re.search(r"-?(inf|\d+(\.\d+)?(e-?\d+)?)", plain)
    assert found, f"There is no number in {text!r}"
    return float(found[0])


def printed(page: Page, key: str = "") -> float:
    """Return the result that the caption of a stage prints."""
    return number(page.locator(f".st-key-stage_{_key(page, key)} .caption .result").inner_text())


def factors(page: Page, key: str = "") -> list[list[float]]:
    """Return the terms that the caption of a stage prints, each as its factors."""
    terms = page.locator(f".st-key-stage_{_key(page, key)} .caption [data-term]").all_inner_texts()
    return [[number(factor) for factor in term.split("·")] for term in terms]


def fits(page: Page, place: str, viewport: tuple[int, int]) -> None:
    """Assert that nothing is wider than the window, and that a wide one shows the stage at `place` whole."""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport[0]
    box = page.locator(f"{place} canvas").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport[0]
    if viewport[0] > 1000:
        assert box["y"] + box["height"] < viewport[1]


def screens(page: Page, name: str) -> Path:
    """Keep a picture of the whole page under tests/browser/shots, to be looked at."""
    SHOTS.mkdir(exist_ok=True)
    path = SHOTS / (re.sub(r"[^\w.-]+", "-", name) + ".png")
    page.screenshot(path=path, full_page=True)
    return path


@dataclass
class Frames:
    """Counts what goes over a page's websockets: `count_frames(page)` before the page is opened."""

    sent: int = 0
    received: int = 0

    def reset(self) -> None:
        self.sent = self.received = 0

    def watch(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda _: self._count("sent"))
        socket.on("framereceived", lambda _: self._count("received"))

    def _count(self, way: str) -> None:
        setattr(self, way, getattr(self, way) + 1)


def count_frames(page: Page) -> Frames:
    """Count the messages of every websocket that `page` opens from now on."""
    frames = Frames()
    page.on("websocket", frames.watch)
    return frames


@dataclass
class Complaints:
    """What a page complained about: errors in its console, uncaught exceptions, calls to other hosts."""

    base_url: str
    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._uncaught)
        page.on("request", self._request)

    def leave(self, page: Page) -> None:
        page.remove_listener("console", self._console)
        page.remove_listener("pageerror", self._uncaught)
        page.remove_listener("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(re.search(known, said) for known, _ in NOT_OURS):
            self.heard.append(f"console: {said}")

    def _uncaught(self, error: Error) -> None:
        self.heard.append(f"uncaught: {error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != urlsplit(self.base_url).netloc:
            self.heard.append(f"another host: {request.url}")
