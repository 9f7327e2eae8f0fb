"""The app starts, and its first page is whole, in both languages and both themes."""

import pytest
from playwright.sync_api import Page

from tests.browser.contrast import faint_texts
from tests.browser.house import count_frames, no_traceback, open_page, screens, settled


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_start_page_opens(page: Page, base_url: str, locale: str, color_scheme: str) -> None:
    open_page(page, base_url)
    no_traceback(page)
    screens(page, f"start {locale} {color_scheme}")
    assert faint_texts(page) == []


def test_a_settled_page_sends_nothing(page: Page, base_url: str) -> None:
    frames = count_frames(page)
    open_page(page, base_url)
    assert frames.sent > 0
    assert frames.received > 0
    settled(page)
    frames.reset()
    settled(page, quiet=1000)
    assert (frames.sent, frames.received) == (0, 0)
