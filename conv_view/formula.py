"""Short formulas as HTML, set by the browser alone.

KaTeX takes longer over a size formula than the stage takes to draw its first frame, and it does so again with
every move of a slider. So a line of arithmetic, written in a few commands of LaTeX, becomes a few elements in
KaTeX's own typeface (see assets/app.css); whatever needs more than these commands stays with KaTeX.
"""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(r"\\Big\\[lr](?:floor|ceil)|\\;|\\[a-zA-Z]+|[{}_]|[^\\{}_$^~&#]")
_FORMULA = re.compile(r"\$([^$]+)\$")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_SIGNS = {"-": "−", r"\cdot": "·", r"\;": "\N{FOUR-PER-EM SPACE}", r"\quad": "\N{EM SPACE}"}
_ROUNDED = {
    r"\Big\lfloor": ("floor left", "⌊"),
    r"\Big\rfloor": ("floor right", "⌋"),
    r"\Big\lceil": ("ceil left", "⌈"),
    r"\Big\rceil": ("ceil right", "⌉"),
}
_SPACED = "+−="


def html(latex: str) -> str | None:
    r"""Return a line of formulas, each in dollars, as HTML; None where it holds more than is known here.

    Known are letters, digits and signs, \cdot, spaces, \mathbf, \text, one-level \tfrac, subscripts, and the
    tall brackets of rounding down and up.

    >>> set_here = html(r"$a_{1}=\mathbf{3}$")
    >>> 'aria-label="a1 = 3"' in set_here, "<i>a</i><sub>1</sub> = <b>3</b>" in set_here
    (True, True)
    >>> html(r"$\sqrt{2}$") is None
    True
    """
    if not _FORMULA.search(latex) or _FORMULA.sub("", latex).strip():
        return None
    try:
        return " ".join(_one(found[1]) for found in _FORMULA.finditer(latex) if found[1] != r"\quad")
    except _UnknownError:
        return None


def plain(text: str) -> str | None:
    """Return a line of words and numbers as HTML, its **strong** parts so; None where it holds other marks.

    >>> plain("L = **3** < 4"), plain("$x$"), plain("`x`")
    ('L = <b>3</b> &lt; 4', None, None)
    """
    if re.search(r"[$`_~:#\\]|\]\(", text.replace(": ", " ")):
        return None
    return _STRONG.sub(r"<b>\1</b>", escape(text))


class _UnknownError(Exception):
    """A formula that is left to KaTeX."""


class _Writer:
    """What was set so far, as HTML and as it is read aloud."""

    def __init__(self, *, spaced: bool = True) -> None:
        self.parts: list[str] = []
        self.said: list[str] = []
        self._run: list[str] = []
        self._spaced = spaced

    def sign(self, sign: str) -> None:
        sign = _SIGNS.get(sign, sign)
        self.said.append(f" {sign} " if sign in _SPACED else sign)
        shown = f" {sign} " if sign in _SPACED and self._spaced else sign
        self._run.append(f"<i>{shown}</i>" if shown.isascii() and shown.isalpha() else escape(shown))

    def text(self, tag: str, text: str) -> None:
        self.said.append(text)
        self._run.append(f"<{tag}>{escape(text)}</{tag}>" if tag else escape(text))

    def element(self, element: str, said: str) -> None:
        self.close()
        self.parts.append(element)
        self.said.append(said)

    def close(self) -> None:
        if self._run:
            self.parts.append(f"<span>{''.join(self._run)}</span>")
            self._run = []


def _one(latex: str) -> str:
    tokens = _TOKEN.findall(latex)
    if "".join(tokens) != latex:
        raise _UnknownError
    writer = _Writer()
    _set(tokens, writer)
    said = re.sub(r"\s+", " ", "".join(writer.said)).strip()
    attributes = f'role="math" aria-label="{escape(said)}" data-latex="{escape(latex)}"'
    return f'<span class="formula" {attributes}>{"".join(writer.parts)}</span>'


def _set(tokens: list[str], writer: _Writer) -> None:
    while tokens:
        token = tokens.pop(0)
        if token in _ROUNDED:
            kind, said = _ROUNDED[token]
            writer.element(f'<i class="{kind}"></i>', said)
        elif token == r"\tfrac":
            over, under = _Writer(spaced=False), _Writer(spaced=False)
            _set(_group(tokens), over)
            _set(_group(tokens), under)
            pieces = f"<span>{''.join(over.parts)}</span><span>{''.join(under.parts)}</span>"
            writer.element(f'<span class="over">{pieces}</span>', f"{_bracketed(over)} / {_bracketed(under)}")
        elif token in (r"\mathbf", r"\text", "_"):
            tag = {r"\mathbf": "b", r"\text": "", "_": "sub"}[token]
            writer.text(tag, "".join(_group(tokens)))
        elif token in ("{", "}") or (token.startswith("\\") and token not in _SIGNS):
            raise _UnknownError
        else:
            writer.sign(token)
    writer.close()


def _group(tokens: list[str]) -> list[str]:
    """Take what stands in the braces that come next."""
    if not tokens or tokens[0] != "{" or "}" not in tokens:
        raise _UnknownError
    end = tokens.index("}")
    inside = tokens[1:end]
    if "{" in inside:
        raise _UnknownError
    del tokens[: end + 1]
    return inside


def _bracketed(writer: _Writer) -> str:
    said = "".join(writer.said)
    return said if said.isalnum() else f"({said})"
