"""What is measured: frames while playing, bytes, and the way from a key to the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Request

from bench.house import Server, go, median, percentile, visitor
from conv_core import conv_trace, kernel
from conv_view.stories import convolution
from conv_view.text import words

CHANGE = (Path(__file__).parent / "change.js").read_text(encoding="utf-8")
PLAY = """
async ([key, speed, milliseconds]) => {
  const player = convscope.stages.get(key);
  player.act("first");
  player.act("speed", speed);
  player.act("play");
  await new Promise((ready) => setTimeout(ready, 300));
  const drawn = player.drawn;
  const stamps = [];
  const begun = performance.now();
  await new Promise((done) => {
    const tick = (now) => {
      stamps.push(now);
      if (performance.now() - begun < milliseconds) requestAnimationFrame(tick); else done();
    };
    requestAnimationFrame(tick);
  });
  const playing = player.playing;
  const seconds = (performance.now() - begun) / 1000;
  const painted = (player.drawn - drawn) / seconds;
  player.pause();
  return { playing, painted, gaps: stamps.slice(1).map((stamp, i) => stamp - stamps[i]) };
}
"""


@dataclass(frozen=True)
class Row:
    """One figure: what it is, its bound (None where it only informs), and whether less is better."""

    name: str
    figure: float
    unit: str
    bound: float | None = None
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Return "met", "missed", or nothing for a figure without a bound."""
        if self.bound is None:
            return ""
        met = self.figure >= self.bound if self.more_is_better else self.figure <= self.bound
        return "met" if met else "missed"


def payloads() -> Iterator[Row]:
    """Measure the bytes of two scenes."""
    for size, bound in ((64, 48), (224, 450)):
        x = np.random.default_rng(0).integers(0, 256, (1, 1, size, size)).astype(np.float32)
        trace = conv_trace(x, kernel("sobel_x")[None, None], padding=1)
        scene = convolution(trace, words("en")).to_bytes(key="conv2d", session="0" * 8, token=0, revision=0)
        yield Row(f"scene of a {size}x{size} convolution, 3x3", len(scene) / 1024, "KB", bound)


def frames(browser: Browser, server: Server) -> Iterator[Row]:
    """Measure frames painted while the stage plays, and messages sent meanwhile."""
    for part in ("w64", "w224"):
        page, traffic = visitor(browser)
        go(page, f"{server.url}/conv2d?part={part}&padding=1")
        for speed in (4, 64, 1000):
            traffic.reset()
            seen = page.evaluate(PLAY, ["conv2d", speed, 2500])
            messages = len(traffic.sent) + len(traffic.received)
            name = f"{part[1:]}x{part[1:]} at {speed} steps a second"
            yield Row(f"frames painted a second, {name}", seen["painted"], "", 57, True)
            yield Row(f"95th percentile between frames, {name}", percentile(seen["gaps"], 0.95), "ms")
            yield Row(f"websocket messages while playing, {name}", messages, "", 0)
            page.wait_for_timeout(900)  # the report of the step at rest belongs to no measurement
        page.context.close()


def one_change(page: Page, place: str, key: str, watch: dict[str, Any], paint: str) -> tuple[float, float]:
    """Press a key on a slider; return the milliseconds to the paint and to the settled page."""
    slider = page.locator(f"{place} input[type=range]").first
    slider.focus()
    page.wait_for_timeout(150)
    page.evaluate("(watch) => watched.arm(watch)", watch)
    slider.press(key)
    page.wait_for_function("watched.done(300)", timeout=30_000)
    marks = page.evaluate("watched.marks")
    return marks[paint] - marks["key"], marks["settled"] - marks["key"]


def changes(browser: Browser, app: Server, empty: Server, rounds: int) -> Iterator[Row]:
    """Measure one slider's change on the 2D page against the same in an empty app, in turns."""
    stage, traffic = visitor(browser, CHANGE)
    plain, _ = visitor(browser, CHANGE)
    go(stage, f"{app.url}/conv2d?part=w64&padding=1")
    go(plain, empty.url)
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    sizes: list[int] = []
    for turn in range(rounds + 2):
        key = "ArrowRight" if turn % 2 == 0 else "ArrowLeft"
        plain.bring_to_front()
        theirs.append(
            one_change(plain, "[data-testid=stSlider]", key, {"text": "[data-testid=stText]"}, "paint:text")
        )
        stage.bring_to_front()
        traffic.reset()
        ours.append(one_change(stage, "[class*=conv2d-stride]", key, {"stages": ["conv2d"]}, "paint:conv2d"))
        sizes.append(sum(traffic.received))
    for at, (name, bound) in enumerate((("new stage frame", 2.0), ("settled page", 3.0))):
        mine, yard = (median([pair[at] for pair in pairs[2:]]) for pairs in (ours, theirs))
        yield Row(f"{name}, empty app with one slider", yard, "ms")
        yield Row(f"{name}, 2D page", mine, "ms")
        yield Row(f"{name}, ratio", mine / yard, "x", bound)
    yield Row(
        "received for one change of stride (64x64 and the whole result)", median(sizes[2:]) / 1024, "KB"
    )
    runs = [run for run in app.runs() if run["fragment"]][2:]
    yield Row("server time of one change, median", 1000 * median([run["thread"] for run in runs]), "ms", 24)


def _note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


def transfers(browser: Browser, server: Server) -> Iterator[Row]:
    """Count what the start page and the 2D page fetch, and whether Plotly is among it."""
    for path in ("", "conv2d"):
        page, _ = visitor(browser)
        asked: list[str] = []
        page.on("request", partial(_note, asked))
        go(page, f"{server.url}/{path}")
        plotly = sum("plotly" in url.lower() for url in asked)
        yield Row(f"requests for Plotly, {path or 'start page'}", plotly, "", 0)
        page.context.close()
