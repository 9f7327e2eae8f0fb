"""A scene as a page of its own: one HTML file that plays offline, and the same in a notebook's frame."""

from __future__ import annotations

import base64
from html import escape

from conv_view.stage import bundle

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; padding: 16px; font-family: system-ui, sans-serif; }}
</style>
</head>
<body>
<div id="stage"></div>
<script>
{script}
</script>
<script>
const bytes = Uint8Array.from(atob("{scene}"), (sign) => sign.charCodeAt(0));
const {{ convscope }} = globalThis;
convscope.sent = [];
const send = (name, value) => convscope.sent.push([name, value]);
convscope.mount(document.getElementById("stage"), bytes, send);
</script>
</body>
</html>
"""


def page(scene: bytes, language: str, title: str) -> str:
    """Return one HTML file that holds the player and a scene."""
    return _PAGE.format(
        language=escape(language),
        title=escape(title),
        script=bundle.script().replace("</", "<\\/"),
        scene=base64.b64encode(scene).decode("ascii"),
    )


def frame(html: str, height: int = 640) -> str:
    """Return `html` in an inline frame, as a notebook shows it."""
    return f'<iframe srcdoc="{escape(html)}" style="width:100%;height:{height}px;border:0"></iframe>'
