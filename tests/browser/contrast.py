"""Measure how well the text of a page stands out from what is behind it (WCAG 2.2, criterion 1.4.3)."""

from dataclasses import dataclass

from playwright.sync_api import Page

ENOUGH = 4.5
# Every visible run of text, also inside components, with its colour and the colours behind it, the nearest
# first. Canvases and pictures are not looked at; what is disabled may be faint, and icons are drawn by a font
# whose text is their name.
_TEXTS = """
() => {
  const SKIPPED = "script, style, .katex-mathml, [aria-hidden=true], [data-testid=stIconMaterial], " +
    ":disabled, [aria-disabled=true], [data-disabled]";
  const nodes = [];
  const collect = (node) => {
    if (node.nodeType === Node.TEXT_NODE) nodes.push(node);
    if (node.shadowRoot) collect(node.shadowRoot);
    node.childNodes.forEach(collect);
  };
  collect(document.body);
  const found = [];
  for (const node of nodes) {
    const text = node.textContent.trim();
    const element = node.parentElement ?? node.getRootNode().host;
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest(SKIPPED)) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const behind = [];
    let opacity = 1;
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const style = getComputedStyle(at);
      opacity *= Number(style.opacity);
      // A value that floats above its slider's thumb is the thumb's child, but does not stand on it.
      const around = at.getBoundingClientRect();
      const stands = around.left <= x && x <= around.right && around.top <= y && y <= around.bottom;
      if (stands || at === document.body) behind.push(style.backgroundColor);
    }
    found.push({ text: text.slice(0, 60), color: getComputedStyle(element).color, behind, opacity });
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  return found.map((item) => ({ ...item, color: rgba(item.color), behind: item.behind.map(rgba) }));
}
"""


@dataclass(frozen=True)
class Faint:
    text: str
    contrast: float
    color: tuple[int, ...]
    background: tuple[int, ...]


def _over(top: list[float], bottom: list[float], alpha: float) -> list[float]:
    return [alpha * a + (1 - alpha) * b for a, b in zip(top, bottom, strict=True)]


def _luminance(color: list[float]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faint_texts(page: Page, enough: float = ENOUGH) -> list[Faint]:
    """List the visible texts whose contrast is below `enough`, the faintest first."""
    faint = []
    for item in page.evaluate(_TEXTS):
        background = [255.0, 255.0, 255.0]
        for *color, alpha in reversed(item["behind"]):
            background = _over(color, background, alpha / 255)
        *color, alpha = item["color"]
        seen = _over(color, background, alpha / 255 * item["opacity"])
        if (ratio := contrast(seen, background)) < enough:
            rounded = [tuple(round(value) for value in rgb) for rgb in (seen, background)]
            faint.append(Faint(item["text"], round(ratio, 2), *rounded))
    return sorted(faint, key=lambda text: text.contrast)
