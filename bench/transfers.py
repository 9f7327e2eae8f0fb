"""What a visitor fetches to see a page, and that Plotly is not among it before a figure is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser

from bench.house import Server, go, visitor
from bench.table import Row


def transfers(browser: Browser, app: Server, empty: Server) -> Iterator[Row]:
    """Count bytes as they travel (compressed files and websocket messages), with nothing in the cache."""
    base, _ = _fetched(browser, empty.url)
    for path in ("", "conv2d"):
        name = path or "start page"
        received, urls = _fetched(browser, f"{app.url}/{path}")
        note = f"an empty app {base / 1024:.0f} KB"
        yield Row(f"fetched for the first visit, {name}", received / 1024, "KB", note=note)
        yield Row(f"requests for Plotly, {name}", sum("plotly" in url.lower() for url in urls), "", 0)


def _fetched(browser: Browser, address: str) -> tuple[float, list[str]]:
    page, traffic = visitor(browser)
    network = page.context.new_cdp_session(page)
    urls: list[str] = []
    sizes: list[float] = []

    def asked(event: dict[str, Any]) -> None:
        urls.append(event["request"]["url"])

    def came(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", asked)
    network.on("Network.loadingFinished", came)
    network.send("Network.enable")
    go(page, address)
    page.wait_for_timeout(500)
    page.context.close()
    return sum(sizes) + sum(traffic.received), urls
