"""Both languages say the same things, with the same numbers in them."""

from string import Formatter

import pytest

from conv_core.errors import MESSAGES as CORE
from conv_view.onnx_faults import MESSAGES as NETWORKS
from conv_view.picture_files import MESSAGES as PICTURES
from conv_view.signals import MESSAGES as SIGNALS
from conv_view.text import FOLDER, LANGUAGES, preferred, words

ENGLISH = words("en")
TABLES = (CORE, NETWORKS, PICTURES, SIGNALS)
ERRORS = {code: sentence for table in TABLES for code, sentence in table.items()}


def blanks(sentence: str) -> set[str]:
    """The names of the numbers that a sentence is to be filled with; a formula's braces are LaTeX's."""
    if "\\" in sentence:
        return set()
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_language_has_the_same_files():
    files = {language: sorted(path.name for path in (FOLDER / language).iterdir()) for language in LANGUAGES}
    assert all(names == files["en"] for names in files.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys(language):
    assert set(words(language)) ^ set(ENGLISH) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_takes_the_same_numbers(language):
    differing = {key for key, text in words(language).items() if blanks(text) != blanks(ENGLISH[key])}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_ends_in_blanks(language):
    assert [key for key, text in words(language).items() if text != text.strip(" ") or not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_its_sentence(language, code):
    assert blanks(words(language)[f"errors.{code}"]) == blanks(ERRORS[code])


def test_no_sentence_is_left_of_an_error_that_is_gone():
    assert {key.removeprefix("errors.") for key in ENGLISH if key.startswith("errors.")} == set(ERRORS)


def test_codes_of_errors_are_told_apart():
    assert len(ERRORS) == sum(len(table) for table in TABLES)


def test_chinese_texts_are_chinese():
    def is_chinese(text: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in text)

    same = {key for key in ENGLISH if words("zh")[key] == ENGLISH[key] and is_chinese(ENGLISH[key])}
    assert same == {"app.languages.zh"}
    assert words("zh")["errors.sentence_empty"] != ENGLISH["errors.sentence_empty"]


def test_numbers_are_filled_in():
    said = words("zh").say("errors.kernel_too_large", axis=1, kernel=3, dilation=4, span=9, padded=7)
    assert "9" in said
    assert "{" not in said


def test_a_missing_number_or_key_is_told():
    with pytest.raises(KeyError, match="span"):
        ENGLISH.say("errors.kernel_too_large", axis=1, kernel=3, dilation=4)
    with pytest.raises(KeyError, match="nothing"):
        words("zh")["errors.nothing"]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        *[("zh", "zh"), ("zh-CN", "zh"), ("zh_Hant_TW", "zh"), ("ZH-hk", "zh")],
        *[("en-US", "en"), ("de", "en"), ("", "en"), (None, "en"), ("-", "en"), ("zhx", "en")],
    ],
)
def test_the_language_follows_the_browser(locale, language):
    assert preferred(locale) == language


def test_an_unknown_language_is_answered_in_english():
    assert words("tlh")["app.name"] == ENGLISH["app.name"]
