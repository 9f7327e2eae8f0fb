"""Frames painted while the stage plays, beside what the same browser gives a loop that paints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page

from bench.house import Server, Traffic, go, median, percentile, visitor
from bench.scenes import scene
from bench.table import Row

SIZES = (64, 224)
SPEEDS = (4, 64, 1000)  # gliding; a step a frame; many steps a frame
SECONDS = 2.5
SMOOTH = 57  # of the 60 that a display shows: a busy machine drops one or two
# The square pictures of the gallery have their own size when the longest side is asked for.
ADDRESS = "conv2d?picture=camera&padding=1&part=w{size}"

WATCH = """
async ([key, speed, milliseconds]) => {
  const player = convscope.stages.get(key);
  const rest = (time) => new Promise((done) => setTimeout(done, time));
  if (speed) {
    player.scene.options.loop = true; // a short story goes on until it is measured
    player.act("first");
    player.act("speed", speed);
    player.act("play");
    await rest(300);
  }
  const [begun, before] = [performance.now(), player.drawn];
  const stamps = [];
  let drawn = before;
  let frames = 0;
  await new Promise((done) => {
    const tick = (now) => {
      frames += 1;
      if (player.drawn > drawn) stamps.push(now);
      drawn = player.drawn;
      if (performance.now() - begun < milliseconds) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  const seconds = (performance.now() - begun) / 1000;
  const { playing } = player;
  if (playing) player.pause();
  return {
    playing,
    painted: (drawn - before) / seconds,
    given: frames / seconds,
    gaps: stamps.slice(1).map((stamp, i) => stamp - stamps[i]),
  };
}
"""


def frames(browser: Browser, server: Server) -> Iterator[Row]:
    """Measure on a page of nothing but the stage, and in the app."""
    for size in SIZES:
        with TemporaryDirectory() as folder:
            alone = Path(folder) / "stage.html"
            alone.write_text(scene(size).to_html(key="conv2d"), encoding="utf-8")
            page, traffic = visitor(browser)
            page.goto(alone.as_uri())
            page.wait_for_function("globalThis.convscope?.stages.get('conv2d')?.drawn > 0")
            yield from play(page, traffic, f"{size}x{size} alone")
            page.context.close()
        page, traffic = visitor(browser)
        go(page, f"{server.url}/{ADDRESS.format(size=size)}")
        yield from play(page, traffic, f"{size}x{size} in the app")
        page.context.close()


def play(
    page: Page, traffic: Traffic, name: str, *, key: str = "conv2d", speeds: Sequence[int] = SPEEDS
) -> Iterator[Row]:
    """Measure the stage called `key` at rest and at these speeds, and what travels meanwhile."""
    messages = 0
    page.wait_for_timeout(500)
    idle: dict[str, Any] = page.evaluate(WATCH, [key, 0, 1000])
    yield Row(f"frames drawn while nothing moves, {name}", idle["painted"], "/s", 0)
    for speed in speeds:
        traffic.reset()
        seen = page.evaluate(WATCH, [key, speed, 1000 * SECONDS])
        if not seen["playing"]:
            raise RuntimeError(f"The stage came to its end while it was measured ({name}).")
        messages += len(traffic.sent) + len(traffic.received)
        middle, late = median(seen["gaps"]), percentile(seen["gaps"], 0.95)
        note = (
            f"{middle:.1f} ms from frame to frame, 95th percentile {late:.1f}; empty loop {seen['given']:.1f}"
        )
        yield Row(
            f"frames painted, {name}, {speed} steps a second", seen["painted"], "/s", SMOOTH, True, note
        )
        page.wait_for_timeout(900)  # the report of the step at rest belongs to no measurement
    yield Row(f"websocket messages while playing, {name}", messages, "", 0)
