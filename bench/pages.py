"""Every other page: what a change costs, what travels, and whether its stage plays as the first does."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from bench.change import SCRIPT, one_change, ratios
from bench.frames import play
from bench.house import Server, go, median, visitor
from bench.table import Row
from tests.browser.house import settled

WARM_UP, ROUNDS = 2, 10
SERVER = 24  # milliseconds of the script
# Page -> the keys that are pressed on its sliders, round and round; the stages that they change.
WALKS: dict[str, tuple[tuple[tuple[str, str], ...], list[str]]] = {
    "conv1d": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["conv1d", "conv1d_whole"]),
    "conv3d": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["conv3d", "conv3d_whole"]),
    "channels": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["channels"]),
    "transposed": ((("cut", "ArrowRight"), ("cut", "ArrowLeft")), ["transposed", "transposed_beside"]),
    "parameters": ((("dilation", "ArrowRight"), ("dilation", "ArrowLeft")), ["parameters"]),
    "pooling": ((("window", "ArrowRight"), ("window", "ArrowLeft")), ["pooling", "pooling_whole"]),
    "im2col": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["im2col"]),
    "lockstep": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["lockstep"]),
    "fft": ((("gaussian_size", "ArrowRight"), ("gaussian_size", "ArrowLeft")), ["fft"]),
    "receptive": (
        (("receptive_layer0_kernel", "ArrowRight"), ("receptive_layer0_kernel", "ArrowLeft")),
        ["receptive"],
    ),
    "backward": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["backward"]),
    "backward_matrices": ((("stride", "ArrowRight"), ("stride", "ArrowLeft")), ["backward_matrices"]),
    "backward_pooling": ((("window", "ArrowRight"), ("window", "ArrowLeft")), ["backward_pooling"]),
    "learn": ((("momentum", "ArrowRight"), ("momentum", "ArrowLeft")), ["learn"]),
    "activations": ((("dilation_y", "ArrowRight"), ("dilation_y", "ArrowLeft")), ["activations"]),
}
# What is asked for in the link, and which button is pressed, before there is something to press keys on.
QUERIES = {"activations": "?by_axis=1"}
BUTTONS = {"receptive": "Layer 1", "activations": "More"}


def pages(browser: Browser, app: Server, empty: Server) -> Iterator[Row]:
    """Measure page after page, each change beside one in the empty app."""
    for name, (walk, stages) in WALKS.items():
        # A fresh one for each page: its slider has an end.
        plain, _ = visitor(browser, SCRIPT)
        go(plain, empty.url)
        page, traffic = visitor(browser, SCRIPT)
        go(page, f"{app.url}/{name}{QUERIES.get(name, '')}")
        if name in BUTTONS:
            page.get_by_role("button", name=BUTTONS[name]).first.click()
            settled(page)
        ours, theirs, sizes = [], [], []
        first = len(app.runs())
        for turn in range(WARM_UP + ROUNDS):
            theirs.append(one_change(plain, "", "ArrowRight", {"text": "[data-testid=stText]"}))
            traffic.reset()
            slider, key = walk[turn % len(walk)]
            ours.append(one_change(page, slider, key, {"stages": stages}))
            sizes.append(sum(traffic.received))
            if turn + 1 == WARM_UP:
                ours, theirs, sizes, first = [], [], [], len(app.runs())
        yield from ratios(ours, theirs, name)
        yield Row(f"received for one change, {name}", median(sizes) / 1024, "KB")
        spent = [1000 * run["thread"] for run in app.runs(first) if run["fragment"]]
        yield Row(f"processor time of the script, {name}", median(spent), "ms", SERVER)
        yield from play(page, traffic, name, key=name, speeds=(4,))
        page.context.close()
    plain.context.close()
