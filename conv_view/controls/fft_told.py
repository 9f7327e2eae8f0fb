"""What the page of the Fourier transform tells around its stage: the frequency at hand, what went around."""

from __future__ import annotations

import streamlit as st

from conv_core.spectra import strongest
from conv_view import formula
from conv_view.address import State
from conv_view.controls import fft
from conv_view.digits import signs, told
from conv_view.spectral import Spectral
from conv_view.stage.component import show
from conv_view.stories.fft_beside import tiles, waves
from conv_view.text import Words

_DUST = 1e-6


def below(words: Words, state: State, seen: Spectral) -> None:
    """Tell below the stage what was multiplied at this frequency, or what the circle did to the result."""
    if state["follow"] == "frequencies":
        latex = product_formula(words, seen, fft.frequency_of(state, seen))
        st.html(f"<p>{formula.html(latex)}</p>")
    st.markdown(around(words, seen))


def product_formula(words: Words, seen: Spectral, frequency: tuple[int, int]) -> str:
    """Return the complex product at a frequency (down, across) with its numbers, as LaTeX."""
    at = frequency[0] + (seen.size[0] - 1) // 2, frequency[1]
    x, w, y = (complex(half[at]) for half in seen.halves)
    place = words.say("fft.at", down=signs(str(frequency[0])), across=frequency[1])
    return (
        rf"$\text{{{place}}}\;\text{{({_complex(x)})}}\cdot\text{{({_complex(w)})}}"
        rf"=\text{{{_complex(y)}}}$"
    )


def around(words: Words, seen: Spectral) -> str:
    """Return in words what counts of the result, and how far it is from what it has to be."""
    crossed = int(seen.went_around.sum())
    numbers = {
        "cells": seen.went_around.size,
        "crossed": crossed,
        "kept": seen.went_around.size - crossed,
        "circular": told(seen.circular, 2),
        "linear": told(seen.linear, 2),
        "step": " × ".join(map(str, seen.stages.step)),
        "length": " × ".join(map(str, seen.size)),
        "overlap": " / ".join(map(str, dict.fromkeys(span - 1 for span in seen.kernel.shape))),
        "tiles": seen.tiles[0] * seen.tiles[1],
    }
    return words.together(
        [
            words.say(f"fft.around.{seen.room}", **numbers),
            words.say("fft.rounding", error=told(seen.rounding, 2)),
        ]
    )


def beside(words: Words, state: State, seen: Spectral) -> None:
    """Show the tiles, or the wave at hand and the picture made of the strongest waves."""
    if seen.room == "tiles":
        show(tiles(seen, words), key="fft_beside", aspect=2)
        return
    rebuilt = strongest(seen.spectra[0], seen.size, state["waves"])
    most = min(rebuilt.of, fft.MOST_WAVES)
    state.within("waves", 1, most)
    st.slider(words["fft.waves"], 1, most, key=state.key("waves"), help=words["fft.waves_help"])
    scene = waves(seen, fft.frequency_of(state, seen), rebuilt, words)
    show(scene, key="fft_beside", aspect=1.75)


def _complex(value: complex) -> str:
    """Return a complex number as plain text; what float32 leaves of a part that is nothing is nothing.

    >>> _complex(2.5 - 1j), _complex(3 + 1e-9j)
    ('2.5 − 1i', '3 + 0i')
    """
    dust = _DUST * abs(value)
    value = complex(*(0.0 if abs(part) < dust else part for part in (value.real, value.imag)))
    sign = "−" if value.imag < 0 else "+"
    return f"{told(value.real)} {sign} {told(abs(value.imag))}i"
