"""Numbers as text for formulas and sentences: plain decimals, with as many figures as help."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

SMALLEST = 1e-6  # below this a sentence counts zeros no longer
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value: float, figures: int = 4) -> str:
    """Return a number with that many figures, as plain decimals, without zeros at the end.

    >>> written(-1 / 3), written(0.00001), written(123456.0), written(-0.0)
    ('-0.3333', '0.00001', '123456', '0')
    """
    number = float(value)
    if not isfinite(number):
        return "NaN" if number != number else ("∞" if number > 0 else "-∞")
    if number == 0:
        return "0"
    decimals = max(0, figures - 1 - floor(log10(abs(number))))
    text = f"{number:.{min(decimals, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(value: float, figures: int = 4) -> str:
    """Return a number for a sentence: with a minus sign of its own, where a formula makes one of a hyphen.

    >>> told(-0.5), told(1.19e-7, 2), told(0.0)
    ('−0.5', '1.2·10⁻⁷', '0')
    """
    number = float(value)
    if isfinite(number) and 0 < abs(number) < SMALLEST:
        return powered(number, figures)
    return signs(written(number, figures))


def powered(value: float, figures: int = 2) -> str:
    """Return a number with so many figures and its power of ten.

    >>> powered(1.138e-5), powered(-2e7), powered(0.0)
    ('1.1·10⁻⁵', '−2·10⁷', '0')
    """
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{figures - 1}e}".split("e")
    return f"{signs(written(float(mantissa), figures))}·10{str(int(power)).translate(RAISED)}"


def alike(sizes: Sequence[int]) -> str:
    """Return a size that is given axis by axis: once where all are alike.

    >>> alike((2, 2)), alike((2, 1))
    ('2', '2×1')
    """
    return "×".join(map(str, sizes if len(set(sizes)) > 1 else sizes[:1]))


def rough(value: float, figures: int = 3) -> str:
    """Return a number for a sentence in which it may be of any size: from 100 000 on with its power of ten.

    >>> rough(1564502.0), rough(75596.0, 4), rough(1e9), rough(0.25)
    ('1.56·10⁶', '75596', '1·10⁹', '0.25')
    """
    return powered(value, figures) if isfinite(value) and abs(value) >= 1e5 else told(value, figures)


def in_bytes(count: int) -> str:
    """Return a number of bytes as it is read.

    >>> in_bytes(576), in_bytes(12_845_056), in_bytes(115_605_504)
    ('576 B', '12.8 MB', '116 MB')
    """
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**4, "KB")):
        if count >= size:
            scale = 1000 if unit == "KB" else size
            return f"{told(count / scale, 3)} {unit}"
    return f"{count} B"


def fixed(value: float, decimals: int) -> str:
    """Return a number for a column of a table: with so many decimals, whatever it is.

    >>> fixed(-2.5, 2), fixed(-0.001, 1)
    ('−2.50', '0.0')
    """
    number = float(value)
    return signs(f"{number:z.{decimals}f}") if isfinite(number) else told(number)


def percent(share: float) -> str:
    """Return a share as per cent; what is not all and not nothing is never told to be.

    >>> percent(0.381), percent(0.64), percent(1e-5), percent(0.99999), percent(1.0)
    ('38.1%', '64%', '<0.1%', '>99.9%', '100%')
    """
    if 0 < share < 0.001 or 0.999 < share < 1:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def signs(text: str) -> str:
    """Return a text of numbers with minus signs in place of hyphens.

    >>> signs("-3, -1")
    '−3, −1'
    """
    return text.replace("-", "−")


def signed(value: float) -> str:
    """Return a number with its sign in front, to be written after another.

    >>> signed(2.0), signed(-2.0)
    ('+2', '-2')
    """
    text = written(value)
    return text if text.startswith("-") else f"+{text}"


def bracketed(value: float) -> str:
    """Return a number in brackets where it is negative, to be written after a sign.

    >>> bracketed(-2.0)
    '(-2)'
    """
    text = written(value)
    return f"({text})" if text.startswith("-") else text
