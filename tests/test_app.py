"""Every page of the app runs in both languages, and the language is chosen in one place."""

import re

import pytest

from conv_view.text import LANGUAGES, words
from tests.visit import ROOT, visit

PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
SWITCH = "language_switch"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_in_every_language(page, language):
    app = visit(page, lang=language)
    assert not app.exception
    assert app.button_group(key=SWITCH).value == language
    assert app.session_state["address"].path == ("" if page == "start" else page)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_not_mind_a_nonsense_address(page):
    nonsense = {"stride": "banana", "kernel": "☃", "step": "-1", "cells": "nan_", "x": "1", "lang": "tlh"}
    assert not visit(page, **nonsense).exception


def test_every_page_is_in_the_navigation_and_has_its_title():
    source = (ROOT / "app.py").read_text(encoding="utf-8")
    assert sorted(re.findall(r'page\("(\w+)"', source)) == list(PAGES)
    for language in LANGUAGES:
        assert all(words(language)[f"app.pages.{page}"] for page in PAGES)


def test_the_switch_changes_the_language_and_puts_it_into_the_url():
    app = visit()
    assert "lang" not in app.query_params
    app.button_group(key=SWITCH).set_value("zh").run()
    assert not app.exception
    assert app.button_group(key=SWITCH).value == "zh"
    assert app.query_params == {"lang": "zh"}
    app.button_group(key=SWITCH).set_value("en").run()
    assert app.query_params == {"lang": "en"}
