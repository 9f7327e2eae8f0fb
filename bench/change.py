"""From a key on a slider to the new picture: the 2D page against an empty app with one slider, in turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.house import Server, go, median, percentile, serving, visitor
from bench.table import Row
from conv_view.stage import bundle

SCRIPT = (Path(__file__).parent / "change.js").read_text(encoding="utf-8")
WARM_UP = 3
QUIET = 300  # milliseconds without anything happening, after which a page is settled
STAGES = ["conv2d", "conv2d_whole"]
# Stands in the player and nowhere else: were it in a message, the player would have been sent again.
PLAYER_MARK = b"class Player"


def path() -> Iterator[tuple[str, str]]:
    """Walk through stride and dilation, so that no scene comes back while the browser may still have it."""
    while True:
        for ahead in ("ArrowRight", "ArrowLeft"):
            for row in range(5):
                along = "ArrowRight" if row % 2 == 0 else "ArrowLeft"
                yield from [("stride", along)] * 4
                if row < 4:
                    yield "dilation", ahead
            # Back to where a walk begins.
            yield from [("stride", "ArrowLeft")] * 4


def _slider(page: Page, name: str) -> Any:
    place = f"[class*='st-key-'][class*='-{name} ']" if name else "[data-testid=stSlider]"
    return page.locator(f"{place} input[type=range]").first


def one_change(page: Page, slider: str, key: str, watch: dict[str, Any]) -> dict[str, float]:
    """Press a key on a slider; return what happened when, in milliseconds after the key."""
    page.bring_to_front()
    _slider(page, slider).focus()
    page.wait_for_timeout(150)
    page.evaluate("(watch) => watched.arm(watch)", watch)
    page.keyboard.press(key)
    page.wait_for_function(f"watched.done({QUIET})", timeout=30_000)
    marks: dict[str, float] = page.evaluate("watched.marks")
    return {name: mark - marks["key"] for name, mark in marks.items()}


def changes(browser: Browser, app: Server, empty: Server, rounds: int) -> Iterator[Row]:
    """Measure paint, settled page, bytes and server time of one change."""
    plain, _ = visitor(browser, SCRIPT)
    go(plain, empty.url)
    stage, traffic = visitor(browser, SCRIPT)
    go(stage, f"{app.url}/conv2d")
    ours, theirs, sizes = [], [], []
    traffic.keep = True
    first = len(app.runs())
    resent = 0
    for turn, (slider, key) in zip(range(rounds + WARM_UP), path(), strict=False):
        theirs.append(one_change(plain, "", "ArrowRight", {"text": "[data-testid=stText]"}))
        traffic.reset()
        ours.append(one_change(stage, slider, key, {"stages": STAGES}))
        sizes.append(sum(traffic.received))
        resent += sum(PLAYER_MARK in body for body in traffic.bodies)
        if turn + 1 == WARM_UP:
            ours, theirs, sizes, first = [], [], [], len(app.runs())
    yield from ratios(ours, theirs)
    code = f"the player's own {len(bundle.script()) / 1024:.0f} KB came once"
    yield Row("received for one change, stage and whole result", median(sizes) / 1024, "KB", note=code)
    yield Row("messages that brought the player's code again", resent, "", 0)
    yield from _server_time(app.runs(first), empty.runs(WARM_UP + 1))
    stage.context.close()
    plain.context.close()


def ratios(
    ours: list[dict[str, float]], theirs: list[dict[str, float]], stage: str = "conv2d"
) -> Iterator[Row]:
    """Hold paint and settled page against the empty app's."""
    kinds = (
        (
            f"new frame of the stage, {stage}",
            lambda marks: marks[f"paint:{stage}"],
            lambda marks: marks["paint:text"],
            2.0,
        ),
        (f"settled page, {stage}", lambda marks: max(marks.values()), lambda marks: max(marks.values()), 3.0),
    )
    for name, mine, yard, bound in kinds:
        us, them = [mine(marks) for marks in ours], [yard(marks) for marks in theirs]
        note = (
            f"{median(us):.0f} ms against {median(them):.0f}; "
            f"lower quartiles {percentile(us, 0.25):.0f} against {percentile(them, 0.25):.0f}"
        )
        yield Row(f"{name}, against empty", median(us) / median(them), "x", bound, note=note)


def _server_time(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> Iterator[Row]:
    runs = [run for run in ours if run["fragment"]]
    thread = [1000 * run["thread"] for run in runs]
    wall = [1000 * run["wall"] for run in runs]
    whole = 1000 * (runs[-1]["process"] - runs[0]["process"]) / max(1, len(runs) - 1)
    yard = median([1000 * run["thread"] for run in theirs])
    note = f"by the clock {median(wall):.1f}; the whole server {whole:.1f}; an empty app's script {yard:.1f}"
    yield Row("processor time of the script, one change", median(thread), "ms", 24, note=note)


def shares(browser: Browser, rounds: int) -> Iterator[Row]:
    """Tell where the server's time goes, from runs under a profile, which makes all of it slower."""
    with serving("app.py", profile=True) as server:
        page, _ = visitor(browser, SCRIPT)
        go(page, f"{server.url}/conv2d")
        first = len(server.runs())
        for slider, key in (each for each, _ in zip(path(), range(rounds), strict=False)):
            one_change(page, slider, key, {"stages": STAGES})
        spent: Counter[str] = Counter()
        for run in server.runs(first):
            spent.update(run["split"] or {})
        page.context.close()
    for place, seconds in spent.most_common():
        yield Row(f"share of the server's time: {place}", 100 * seconds / sum(spent.values()), "%")
