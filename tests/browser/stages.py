"""A stage in a real browser, without an app around it: a scene's own page, pointed at, typed at and read."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator

import pytest
from playwright.sync_api import Page, expect

from conv_view.scene import Scene
from tests import wire
from tests.browser.house import Complaints
from tests.browser.visitors import Visitors

KEY = "k"
# Remember what is drawn: the texts of a frame, and every outlined rectangle with its colour and width.
_SPY = """
<script>
globalThis.drawnTexts = [];
globalThis.drawnRects = [];
const text = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (...given) {
  drawnTexts.push(given[0]);
  return text.apply(this, given);
};
const rect = CanvasRenderingContext2D.prototype.strokeRect;
CanvasRenderingContext2D.prototype.strokeRect = function (...given) {
  drawnRects.push([this.strokeStyle, this.lineWidth, given]);
  return rect.apply(this, given);
};
</script>
"""


class Stage:
    """The stage of one scene on one page."""

    def __init__(self, page: Page, scene: Scene, *, spy: bool = False, **options: object) -> None:
        self.page = page
        self.scene = scene
        self.options = {"key": KEY, "session": "s", "token": 0, **options}
        self.header = wire.decode(scene.to_bytes(**self.options))
        html = scene.to_html(**self.options)
        page.set_content(html.replace("<head>", f"<head>{_SPY}") if spy else html)
        self.canvas = page.locator(".stage canvas")
        self.frames()

    # ---- the page

    def js(self, code: str, given: object = None) -> object:
        """Run JavaScript in which `player` is the stage and `given` is what was given."""
        return self.page.evaluate(
            f"(given) => {{ const player = convscope.stages.get('{KEY}'); {code} }}", given
        )

    def frames(self, count: int = 2) -> None:
        """Wait until the browser has painted so often."""
        for _ in range(count):
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def mount(self, scene: Scene, **options: object) -> None:
        """Give the stage another scene, as Streamlit does."""
        data = base64.b64encode(scene.to_bytes(**{**self.options, **options})).decode()
        self.page.evaluate(
            """(data) => {
                const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
                const root = document.getElementById("stage");
                convscope.mount(root, bytes, (name, value) => convscope.sent.push([name, value]));
            }""",
            data,
        )
        self.frames()

    def data(self, name: str) -> str:
        return self.page.locator(".stage").get_attribute(f"data-{name}") or ""

    @property
    def step(self) -> int:
        return int(self.data("step"))

    @property
    def is_playing(self) -> bool:
        return self.data("playing") == "true"

    def until(self, **states: object) -> None:
        """Wait for the stage to say so, as in until(step=5, playing=False)."""
        for name, state in states.items():
            text = str(state).lower() if isinstance(state, bool) else str(state)
            expect(self.page.locator(".stage")).to_have_attribute(f"data-{name}", text)

    def wait(self, condition: str) -> None:
        """Wait for a condition on `player`."""
        self.page.wait_for_function(
            f"() => {{ const player = convscope.stages.get('{KEY}'); return {condition}; }}"
        )

    # ---- what a reader does

    def button(self, name: str) -> None:
        self.page.locator(f".transport [data-act={name}]").click()

    def focus(self) -> None:
        self.canvas.focus()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.frames()

    def where(self, panel: str, cell: Iterable[int]) -> tuple[float, float]:
        at = self.js("return player.where(...given)", [panel, list(cell)])
        return at["x"], at["y"]

    def hover(self, panel: str, cell: Iterable[int]) -> None:
        self.page.mouse.move(*self.where(panel, cell))
        self.frames()

    def leave(self) -> None:
        self.page.mouse.move(1, 1)
        self.frames()

    def click(self, panel: str, cell: Iterable[int]) -> None:
        self.page.mouse.click(*self.where(panel, cell))
        self.frames()

    # ---- what a reader sees

    def lit(self, panel: str) -> set[tuple[int, ...]]:
        return {tuple(cell) for cell in self.js("return player.litOn(given)", panel)}

    @property
    def sentence(self) -> str:
        return self.page.locator(".caption .sentence").inner_text()

    @property
    def numbers(self) -> list[float]:
        """The numbers in the sentence, in order."""
        plain = self.sentence.replace("−", "-").replace(",", " ")
        return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]

    @property
    def sum(self) -> dict:
        """The printed sum: result, sign, terms as lists of factors, bias; all as they are written."""
        return self.page.evaluate(
            """() => {
                const read = (name) => document.querySelector(`.caption .sum ${name}`)?.textContent ?? null;
                return {
                    result: read(".result"),
                    sign: read(".sign"),
                    bias: read(".bias"),
                    note: document.querySelector(".caption .sentence em")?.textContent ?? null,
                    more: read(".more"),
                    terms: [...document.querySelectorAll(".caption .sum [data-term]")].map(
                        (span) => span.textContent,
                    ),
                };
            }"""
        )

    def sent(self, kind: str) -> list[dict]:
        """What Python was told."""
        return [value for name, value in self.page.evaluate("() => convscope.sent") if name == kind]

    def pixels(self) -> str:
        return self.page.evaluate("() => document.querySelector('.stage canvas').toDataURL()")


def stage_fixture(
    locale: str = "en-US", viewport: tuple[int, int] = (1440, 900), *, touch: bool = False, **media: str
) -> object:
    """Make a fixture that opens stages in a page without an app; nothing may go wrong in there."""

    @pytest.fixture
    def stage(visitors: Visitors) -> Iterator[Callable[..., Stage]]:
        usual = {"color_scheme": "light", "reduced_motion": "no-preference"}
        page = visitors.come(locale, viewport, touch=touch, **usual | media)
        complaints = Complaints("")
        complaints.listen(page)
        yield lambda scene, **more: Stage(page, scene, **more)
        complaints.leave(page)
        visitors.go(page)
        assert complaints.heard == []

    return stage


def as_json(value: object) -> object:
    """What a value looks like after a journey: tuples are lists."""
    return json.loads(json.dumps(value))
