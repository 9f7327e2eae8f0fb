import re

import pytest

from conv_view.formula import html

SIZE = r"$\text{height}\;\Big\lfloor\tfrac{12+0+1-2\cdot(3-1)-1}{2}\Big\rfloor+1=\mathbf{5}$"


def shown(latex):
    return re.sub(r"<[^>]+>", "", html(latex))


def test_every_number_and_sign_is_shown_once_and_in_order():
    assert re.findall(r"[\d+−·()=]", shown(SIZE)) == list("12+0+1−2·(3−1)−12+1=5")
    assert shown(SIZE).startswith("height")


def test_it_is_read_aloud_in_one_line():
    assert 'aria-label="height ⌊(12 + 0 + 1 − 2·(3 − 1) − 1) / 2⌋ + 1 = 5"' in html(SIZE)


def test_its_latex_stays_with_it():
    assert f'data-latex="{SIZE.strip("$")}"' in html(SIZE)


def test_what_is_opened_is_closed():
    opened = re.findall(r"<(\w+)", html(SIZE))
    closed = re.findall(r"</(\w+)", html(SIZE))
    assert sorted(opened) == sorted(closed)


def test_rounding_up_has_its_own_brackets():
    text = html(r"$\Big\lceil\tfrac{5}{2}\Big\rceil=\mathbf{3}$")
    assert text.count('class="ceil') == 2
    assert "⌈5 / 2⌉ = 3" in text


def test_several_formulas_stand_side_by_side():
    assert html(SIZE + r" $\quad$ " + SIZE).count('class="formula"') == 2


def test_what_could_be_markup_is_text():
    assert "&lt;b&gt;" in html(r"$\text{<b>}=1$")


@pytest.mark.parametrize(
    "latex",
    [
        "no formula",
        r"$x$ and $y$",
        r"$\sqrt{2}$",
        r"$\tfrac{1}$",
        r"$\tfrac{\tfrac{1}{2}}{3}$",
        "$x^2$",
        r"$\mathbf{1$",
        "$}$",
    ],
)
def test_the_rest_is_left_to_katex(latex):
    assert html(latex) is None
