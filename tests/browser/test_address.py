"""Every state is a link, and Back is undo, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from conv_view.text import words
from tests.browser.house import no_traceback, open_page, settled

# Longer than the pause after which a change of the same control is a step of its own.
PAUSE = 1200


def stride(page: Page) -> int:
    """The stride that the page shows."""
    return int(page.locator(".st-key-conv2d-stride input").input_value())


def move_stride(page: Page, *keys: str) -> None:
    """Move the stride's slider by keys, as fast as they can be pressed, and wait for the page."""
    page.locator(".st-key-conv2d-stride input").focus()
    for key in keys:
        page.keyboard.press(key)
    settled(page)


def language(page: Page) -> str:
    return page.locator(".st-key-corner [aria-checked=true]").inner_text()


def choose(page: Page, name: str) -> None:
    page.locator(".st-key-corner").get_by_text(name, exact=True).click()
    settled(page)


def go(page: Page, name: str) -> None:
    """Switch to another page by the navigation, which keeps all but the start page in menus."""
    link = page.get_by_test_id(re.compile("^stTopNav(Dropdown)?Link$")).filter(has_text=name)
    for menu in page.get_by_test_id("stTopNavSection").all():
        if link.count():
            break
        menu.click()
        page.get_by_test_id("stTopNavDropdownLink").first.wait_for()
    link.click()
    page.wait_for_function("name => document.title.startsWith(name)", arg=name)
    settled(page)


def back(page: Page) -> None:
    page.go_back()
    settled(page)


def forward(page: Page) -> None:
    page.go_forward()
    settled(page)


def where(page: Page) -> tuple[str, dict[str, str]]:
    """The path and the query in the browser's address bar."""
    parts = urlsplit(page.url)
    return parts.path, {name: texts[-1] for name, texts in parse_qs(parts.query).items()}


def entries(page: Page) -> int:
    return page.evaluate("history.length")


def test_a_copied_link_restores_the_state_for_another_visitor(
    new_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page(new_page(), base_url, "conv2d")
    assert where(page) == ("/conv2d", {})
    move_stride(page, "ArrowRight", "ArrowRight")
    choose(page, "中文")
    assert where(page) == ("/conv2d", {"lang": "zh", "stride": "3"})
    other = new_page()
    other.goto(page.url)
    other.wait_for_selector(".st-key-conv2d-stride")
    settled(other)
    assert (stride(other), language(other)) == (3, "中文")
    assert other.url == page.url
    assert page.title() == other.title()


def test_back_and_forward_undo_and_redo(page: Page, base_url: str) -> None:
    open_page(page, base_url, "conv2d")
    move_stride(page, "ArrowRight")
    page.wait_for_timeout(PAUSE)
    move_stride(page, "ArrowRight")
    choose(page, "中文")
    back(page)
    assert (stride(page), language(page)) == (3, "English")
    back(page)
    assert stride(page) == 2
    back(page)
    assert (stride(page), where(page)) == (1, ("/conv2d", {}))
    for _ in range(3):
        forward(page)
    assert (stride(page), language(page)) == (3, "中文")
    assert where(page)[1] == {"lang": "zh", "stride": "3"}
    no_traceback(page)


def test_a_slider_moved_on_is_one_press_of_back(page: Page, base_url: str) -> None:
    open_page(page, base_url, "conv2d")
    before = entries(page)
    move_stride(page, *["ArrowRight"] * 3, "ArrowLeft", "ArrowRight")
    assert stride(page) == 4
    assert entries(page) == before + 1
    back(page)
    assert stride(page) == 1


def test_values_survive_a_change_of_page_and_back_leads_through_the_pages(page: Page, base_url: str) -> None:
    open_page(page, base_url, "conv2d")
    move_stride(page, "ArrowRight")
    choose(page, "中文")
    before = entries(page)
    go(page, "一维卷积")
    assert where(page) == ("/conv1d", {"lang": "zh"})
    go(page, "二维卷积")
    assert (stride(page), language(page)) == (2, "中文")
    assert where(page) == ("/conv2d", {"lang": "zh", "stride": "2"})
    assert entries(page) == before + 2
    go(page, "首页")
    assert where(page) == ("/", {"lang": "zh"})
    for path in ("/conv2d", "/conv1d", "/conv2d"):
        back(page)
        assert where(page)[0] == path
        assert where(page)[1]["lang"] == "zh"
    assert (stride(page), where(page)[1]) == (2, {"lang": "zh", "stride": "2"})
    back(page)
    assert (stride(page), language(page)) == (2, "English")
    for _ in range(4):
        forward(page)
    assert where(page) == ("/", {"lang": "zh"})
    no_traceback(page)


def test_the_language_changes_nothing_else(page: Page, base_url: str) -> None:
    open_page(page, base_url, "conv2d", stride=3, kernel="gaussian")
    title = page.title()
    choose(page, "中文")
    assert page.title() != title
    assert (stride(page), where(page)[0]) == (3, "/conv2d")
    assert where(page)[1] == {"lang": "zh", "stride": "3", "kernel": "gaussian"}
    # Nor is anything lost when the reader goes on, though menus speak by the words they show.
    move_stride(page, "ArrowRight")
    assert where(page)[1] == {"lang": "zh", "stride": "4", "kernel": "gaussian"}
    choose(page, "English")
    assert (page.title(), stride(page)) == (title, 4)


def test_the_open_chapter_is_part_of_the_link_and_of_back(page: Page, base_url: str) -> None:
    chapter = page.locator(".st-key-lockstep-chapter [aria-checked=true]")
    open_page(page, base_url, "lockstep")
    first = chapter.inner_text()
    page.get_by_role("radio", name=words("en")["lockstep.tabs.code"]).click()
    settled(page)
    assert where(page)[1] == {"chapter": "code"}
    choose(page, "中文")
    expect(chapter).to_have_text(words("zh")["lockstep.tabs.code"])
    page.get_by_role("radio", name=words("zh")["lockstep.tabs.differs"]).click()
    settled(page)
    assert where(page)[1] == {"chapter": "differs", "lang": "zh"}
    back(page)
    expect(chapter).to_have_text(words("zh")["lockstep.tabs.code"])
    back(page)
    expect(chapter).to_have_text(words("en")["lockstep.tabs.code"])
    back(page)
    expect(chapter).to_have_text(first)
    for _ in range(3):
        forward(page)
    expect(chapter).to_have_text(words("zh")["lockstep.tabs.differs"])
    page.reload()
    settled(page)
    expect(chapter).to_have_text(words("zh")["lockstep.tabs.differs"])
    no_traceback(page)


@pytest.mark.parametrize("locale", ["zh-TW", "de-DE"])
def test_the_browsers_language_is_the_default_and_not_in_the_link(
    page: Page, base_url: str, locale: str
) -> None:
    open_page(page, base_url)
    assert language(page) == ("中文" if locale == "zh-TW" else "English")
    assert where(page) == ("/", {})


def test_nonsense_in_the_address_harms_nothing(page: Page, base_url: str) -> None:
    open_page(
        page, base_url, "conv2d", stride="banana", kernel="☃", lang="tlh", cells="1~999999999", x="y" * 2000
    )
    no_traceback(page)
    assert (stride(page), language(page)) == (1, "English")
    before = entries(page)
    move_stride(page, "ArrowRight")
    assert where(page) == ("/conv2d", {"stride": "2"})
    assert entries(page) <= before + 1


def test_a_reload_keeps_the_state(page: Page, base_url: str) -> None:
    open_page(page, base_url, "conv2d")
    move_stride(page, "ArrowRight")
    page.reload()
    page.wait_for_selector(".st-key-conv2d-stride")
    settled(page)
    assert stride(page) == 2


@pytest.mark.parametrize("viewport", [(1280, 720), (360, 740)])
def test_the_language_switch_is_in_the_header(page: Page, base_url: str, viewport: tuple[int, int]) -> None:
    open_page(page, base_url)
    header = page.get_by_test_id("stHeader").bounding_box()
    switch = page.locator(".st-key-corner").bounding_box()
    menu = page.get_by_test_id("stMainMenu").bounding_box()
    assert switch["y"] >= header["y"]
    assert switch["y"] + switch["height"] <= header["y"] + header["height"]
    assert switch["x"] >= 60
    assert switch["x"] + switch["width"] <= menu["x"]
    expect(page.locator(".st-key-corner").get_by_text("中文", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["conv2d", "backward"])
def test_what_was_set_behind_more_stays_when_that_is_closed(page: Page, base_url: str, path: str):
    open_page(page, base_url, path)
    more = page.get_by_role("button", name=words("en")["controls.more"]).first
    more.click()
    settled(page)
    page.get_by_text(words("en")["controls.flip"], exact=True).click()
    settled(page)
    page.keyboard.press("Escape")
    settled(page)
    for _ in range(2):
        page.locator("[data-testid=stButtonGroup] button", has_text="Code").first.click()
        settled(page)
        assert where(page)[1]["flip"] == "1"
    # Nothing that stands there is an edit for having been looked at.
    before = where(page)
    more.click()
    settled(page)
    page.keyboard.press("Escape")
    settled(page)
    assert where(page) == before
