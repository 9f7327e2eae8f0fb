import numpy as np
import pytest

from conv_view import signals
from conv_view.signals import (
    MESSAGES,
    SHAPES,
    SignalError,
    parse_numbers,
    phrase_filter,
    shape,
    vectors,
    words_of,
)


def fault_of(function, *arguments):
    with pytest.raises(SignalError) as caught:
        function(*arguments)
    assert str(caught.value) == MESSAGES[caught.value.code].format(**caught.value.numbers)
    return caught.value.code, caught.value.numbers


# Numbers as typed


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1 2 3", [1, 2, 3]),
        ("1,2,,3,", [1, 2, 3]),
        (" 1\n2\t3\r\n", [1, 2, 3]),
        ("[1.5, -2, +3e-1]", [1.5, -2, 0.3]),
        ("(.5; 5.)", [0.5, 5]),
        ("1，2、3；４．５", [1, 2, 3, 4.5]),
        ("－１　２", [-1, 2]),
        ("−7", [-7]),
        ("[[1, 0], [0, 1]]", [1, 0, 0, 1]),
        ("1e-60", [0]),
    ],
)
def test_numbers_are_found(text, numbers):
    found = parse_numbers(text)
    assert found.dtype == np.float32
    assert found.tolist() == np.array(numbers, np.float32).tolist()


@pytest.mark.parametrize(
    "token",
    [
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e39",
        "-1e400",
        "abc",
        "1_000",
        "0x10",
        "1-2",
        "١",
        "--1",
        "1e",
        ".",
    ],
)
def test_what_is_no_number_is_named(token):
    assert fault_of(parse_numbers, f"1, {token}, 3") == ("signal_number", {"token": token, "position": 2})


def test_long_nonsense_is_cut_in_the_message():
    assert fault_of(parse_numbers, "x" * 5000)[1]["token"] == "x" * 24


@pytest.mark.parametrize("text", ["", "   ", ",，、;", "[]"])
def test_no_numbers(text):
    assert fault_of(parse_numbers, text) == ("signal_empty", {})


def test_too_many_numbers():
    assert len(parse_numbers("1 " * 512)) == 512
    assert fault_of(parse_numbers, "1 " * 513) == ("signal_count", {"count": 513, "limit": 512})
    assert fault_of(parse_numbers, "1 2 3", 2) == ("signal_count", {"count": 3, "limit": 2})
    assert fault_of(parse_numbers, "1" * 20_001) == ("signal_letters", {"count": 20_001, "limit": 20_000})


# Shapes


def test_shapes_by_hand():
    assert shape("step", 5).tolist() == [0, 0, 1, 1, 1]
    assert shape("ramp", 5).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert shape("impulse", 6).tolist() == [0, 0, 0, 1, 0, 0]
    assert shape("square", 16).tolist() == [1, 1, -1, -1] * 4
    assert shape("sine", 16) == pytest.approx([0, 1, 0, -1] * 4, abs=1e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_at_every_length(name):
    for length in (1, 2, 3, 64, 1024):
        values = shape(name, length)
        assert values.dtype == np.float32
        assert values.shape == (length,)
        assert np.isfinite(values).all()
        assert np.array_equal(values, shape(name, length))


def test_noise_is_gaussian():
    noise = shape("noise", 4096)
    assert abs(noise.mean()) < 0.05
    assert abs(noise.std() - 1) < 0.05


def test_wrong_shapes():
    assert fault_of(shape, "sawtooth", 8) == ("signal_shape", {"name": "sawtooth"})
    assert fault_of(shape, "step", 0) == ("signal_length", {"length": 0, "limit": 4096})
    assert fault_of(shape, "step", 5000)[0] == "signal_length"


# Words


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The cat sat.", ["The", "cat", "sat"]),
        ("  a--b,c ", ["a", "b", "c"]),
        ("Don't say ‘rock ’n’ roll’!", ["Don't", "say", "rock", "n", "roll"]),
        ("Ça coûte 3 €", ["Ça", "coûte", "3"]),
        ("电影很好看。", ["电", "影", "很", "好", "看"]),
        ("我爱CNN和ResNet50！", ["我", "爱", "CNN", "和", "ResNet50"]),
        ("ひらがなカナ", list("ひらがなカナ")),
        ("ＡＢＣ　ｄｅｆ", ["ABC", "def"]),
        ("안녕 세상", ["안녕", "세상"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("good 👍 film", ["good", "👍", "film"]),
        ("𠮷野家", ["𠮷", "野", "家"]),
    ],
)
def test_sentences(sentence, words):
    assert list(words_of(sentence)) == words


def test_sentences_without_words_or_with_too_many():
    for empty in ("", "   ", "... !?", "。，", "''", "\n\u200b"):
        assert fault_of(words_of, empty) == ("sentence_empty", {})
    assert len(words_of("a " * 64)) == 64
    assert fault_of(words_of, "好" * 65) == ("sentence_words", {"count": 65, "limit": 64})
    assert fault_of(words_of, "a" * 20_001)[0] == "signal_letters"


# Vectors


def test_vectors_are_unit_and_depend_on_the_word_alone():
    found = vectors(["deep", "learning", "DEEP", "好"], size=16)
    assert found.dtype == np.float32
    assert found.shape == (16, 4)
    assert np.linalg.norm(found, axis=0) == pytest.approx(np.ones(4), abs=1e-6)
    assert np.array_equal(found[:, 0], found[:, 2])
    assert np.array_equal(vectors(["好"], size=16)[:, 0], found[:, 3])


def test_vectors_never_change():
    # A link that names a sentence must show the same numbers on every machine and with every NumPy.
    # These were computed with scipy.stats.norm.ppf from the digest of b"cat".
    assert vectors(["Cat"], size=3)[:, 0] == pytest.approx([-0.29974667, 0.57422928, 0.76184819], abs=1e-6)


def test_directions_are_drawn_evenly():
    found = vectors([f"word{n}" for n in range(4000)], size=4)
    assert np.abs(found.mean(axis=1)).max() < 0.03
    assert found @ found.T / 4000 == pytest.approx(np.eye(4) / 4, abs=0.02)


def test_strange_words_have_vectors_too():
    assert np.isfinite(vectors(["", "\ud800", "x" * 10_000])).all()


def test_wrong_sizes():
    assert fault_of(vectors, ["a"], 1) == ("vector_size", {"size": 1, "limit": 64})
    assert fault_of(vectors, ["a"], 65)[0] == "vector_size"
    assert fault_of(vectors, [], 8)[0] == "sentence_empty"
    assert fault_of(phrase_filter, [], 8)[0] == "sentence_empty"


@pytest.mark.parametrize("size", [2, 8, 64])
def test_a_phrase_answers_where_it_stands_and_nowhere_else(size):
    sentence = words_of("Not good, really not good at all: good acting, good sound, NOT GOOD film, good not")
    phrase = ("not", "good")
    table, weight = vectors(sentence, size), phrase_filter(phrase, size)
    assert weight.shape == (1, size, 2)
    response = [float((table[:, at : at + 2] * weight[0]).sum()) for at in range(len(sentence) - 1)]
    stands = [
        tuple(word.lower() for word in sentence[at : at + 2]) == phrase for at in range(len(sentence) - 1)
    ]
    assert sum(stands) == 3
    for value, here in zip(response, stands, strict=True):
        assert value == pytest.approx(2, abs=1e-5) if here else value < 2 - 1e-3


def test_every_code_has_a_sentence():
    for code, sentence in signals.MESSAGES.items():
        assert sentence.endswith("."), code
