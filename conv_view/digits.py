"""Numbers as text for formulas and sentences: plain decimals, with as many figures as help."""

from __future__ import annotations

from math import floor, isfinite, log10


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

    >>> told(-0.5)
    '−0.5'
    """
    return written(value, figures).replace("-", "−")


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
