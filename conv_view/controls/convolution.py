"""The controls of a convolution: which fields live in the link, the widgets that hold them, what they mean.

Every page that slides a window shows the same band, whatever the rank of its data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from conv_core import KERNELS, WindowError, kernel
from conv_view import address
from conv_view.address import Choice, Flag, Int, Ints, Number, Numbers, State
from conv_view.controls import behind
from conv_view.controls.kernel_words import kernel_as_text
from conv_view.controls.notices import Fault
from conv_view.kernel_text import MOST_CELLS, MOST_SIZE, read_kernel, write_kernel
from conv_view.stage.component import Seen
from conv_view.text import Words

AXES = {1: ("x",), 2: ("y", "x"), 3: ("z", "y", "x")}
PADDINGS = ("0", "1", "2", "3", "4", "5", "same", "same_lower", "sides")
MODES = ("zeros", "reflect", "replicate", "circular")
MOST_STRIDE = 5
MOST_DILATION = 6
MOST_SIDE = 16
TALL_TEXT = 274  # pixels: three kernels of 3 x 3 and the label
WIDE, NARROW = 138, 94  # pixels of a widget: two stand side by side on a phone


@dataclass(frozen=True)
class Settings:
    """A convolution as chosen: `weight` is a kernel (*kernel) or one for every channel (C, *kernel)."""

    kernel: NDArray[np.float32]
    stride: tuple[int, ...]
    padding: Any
    dilation: tuple[int, ...]
    mode: str
    bias: float
    flipped: bool

    def weight(self, channels: int) -> NDArray[np.float32]:
        """Return the weight (1, channels, *kernel) that is laid on the input."""
        rank = len(self.stride)
        kernels = self.kernel if self.kernel.ndim > rank else np.repeat(self.kernel[None], channels, 0)
        if len(kernels) != channels:
            kernels = np.repeat(kernels[:1], channels, 0)
        if self.flipped:
            kernels = np.flip(kernels, tuple(range(1, rank + 1)))
        return kernels[None]

    @property
    def bias_array(self) -> NDArray[np.float32] | None:
        """Return the bias (1,), or None where it is nothing."""
        return np.array([self.bias], np.float32) if self.bias else None

    def arguments(self) -> dict[str, Any]:
        """Return the keywords of `conv` and `conv_trace`."""
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "padding_mode": self.mode,
        }

    def arguments_of_cost(self) -> dict[str, Any]:
        """Return the keywords of `conv_cost` and `sharing`, to which the padding's values do not matter."""
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}


def fields(
    rank: int, *, kernel_name: str = "sobel_x", padding: str = "0", without: Collection[str] = ()
) -> tuple[address.Field, ...]:
    """Return the fields of a convolution of `rank` for the address, `without` those of some names."""
    names = [one.name for one in _kernels(rank)]
    own = [
        Int(f"{one.name}_{p.name}", int(p.default), int(p.low), min(int(p.high), 15))
        if p.is_whole
        else Number(f"{one.name}_{p.name}", p.default, p.low, p.high)
        for one in _kernels(rank)
        for p in one.parameters
    ]
    by_axis = [
        field
        for axis in AXES[rank]
        for field in (
            Int(f"stride_{axis}", 1, 1, MOST_STRIDE),
            Int(f"dilation_{axis}", 1, 1, MOST_DILATION),
            Int(f"before_{axis}", 0, 0, MOST_SIDE),
            Int(f"after_{axis}", 0, 0, MOST_SIDE),
        )
    ]
    every = (
        Choice("kernel", kernel_name, tuple(names)),
        *own,
        Numbers("cells", (1.0,), longest=MOST_CELLS, limit=1e6, goes_with="cells_shape"),
        Ints("cells_shape", (1,) * rank, 1, MOST_SIZE, shortest=rank, longest=rank + 1),
        Flag("flip"),
        Int("stride", 1, 1, MOST_STRIDE),
        Choice("padding", padding, PADDINGS),
        Int("dilation", 1, 1, MOST_DILATION),
        Choice("mode", "zeros", MODES),
        Flag("by_axis"),
        *by_axis,
        Number("bias", 0.0, -1000.0, 1000.0),
        Ints("cell", (0,) * (rank + 3), 0, 10**6, length=rank + 3, quiet=True),
    )
    return tuple(field for field in every if field.name not in without)


def settings(state: State, rank: int) -> Settings:
    """Return what the fields say now."""
    stride, dilation = (state["stride"],) * rank, (state["dilation"],) * rank
    if state["by_axis"]:
        stride = tuple(state[f"stride_{axis}"] for axis in AXES[rank])
        dilation = tuple(state[f"dilation_{axis}"] for axis in AXES[rank])
    padding: Any = state["padding"]
    if padding == "sides":
        padding = [(state[f"before_{axis}"], state[f"after_{axis}"]) for axis in AXES[rank]]
    elif padding.isdigit():
        padding = int(padding)
    bias = state["bias"] if "bias" in state.fields else 0.0
    return Settings(chosen_kernel(state, rank), stride, padding, dilation, state["mode"], bias, state["flip"])


def chosen_kernel(state: State, rank: int, name: str = "") -> NDArray[np.float32]:
    """Return the kernel called `name`, or else the chosen one, before it is flipped."""
    name = name or state["kernel"]
    if name == "custom":
        return np.asarray(state["cells"], np.float32).reshape(state["cells_shape"])
    chosen = next(one for one in KERNELS if one.name == name)
    return kernel(name, rank=rank, **{p.name: _odd(p, state[f"{name}_{p.name}"]) for p in chosen.parameters})


def take_news(state: State, rank: int, seen: Seen) -> None:
    """Keep the place where the stage rests, and a kernel that was typed on it as the custom one."""
    if seen.cell is not None:
        state.put("cell", seen.cell)
    if seen.edit is None or seen.edit["panel"] != "kernel":
        return
    cells = np.asarray(seen.edit["values"], np.float32).reshape(seen.edit["shape"])[0]
    if state["flip"]:
        cells = np.flip(cells, tuple(range(1, rank + 1)))
    put_kernel(state, cells if len(cells) > 1 else cells[0])


def put_kernel(state: State, cells: NDArray[np.float32]) -> None:
    """Make `cells` the custom kernel."""
    state.put("cells", tuple(cells.ravel().tolist()))
    state.put("cells_shape", cells.shape)
    state.put("kernel", "custom")


def kernel_menu(state: State, words: Words, rank: int, label: str = "") -> None:
    """Show the menu of kernels; the first "custom" begins with the kernel that was there."""
    names, before = [one.name for one in _kernels(rank)], state["kernel"]

    def begin_with_current() -> None:
        if state["kernel"] == "custom" and state["cells"] == state.fields["cells"].default:
            put_kernel(state, chosen_kernel(state, rank, before))

    st.selectbox(
        label or words["controls.kernel"],
        names,
        key=state.key("kernel"),
        format_func=lambda name: words[f"controls.kernels.{name}"],
        on_change=begin_with_current,
        width=WIDE,
    )


def window_band(state: State, words: Words, rank: int, *, dilation: bool = True) -> None:
    """Show stride, padding and, unless it stands elsewhere, dilation: the three that everyone moves."""
    by_axis = state["by_axis"]
    st.slider(
        words["controls.stride"], 1, MOST_STRIDE, key=state.key("stride"), disabled=by_axis, width=NARROW
    )
    st.selectbox(
        words["controls.padding"],
        PADDINGS,
        key=state.key("padding"),
        format_func=lambda name: (
            words[f"controls.paddings.{name}"] if not name.isdigit() or name == "0" else name
        ),
        width=WIDE - 14,
    )
    if dilation:
        dilation_slider(state, words, width=NARROW)


def dilation_slider(state: State, words: Words, width: int | Literal["stretch"] = "stretch") -> None:
    """Show the dilation of all axes."""
    st.slider(
        words["controls.dilation"],
        1,
        MOST_DILATION,
        key=state.key("dilation"),
        disabled=state["by_axis"],
        width=width,
    )


def more(
    state: State,
    words: Words,
    rank: int,
    extra: Callable[[], None] | None = None,
    *,
    window: bool = True,
    channels: int = 1,
    bias: bool = True,
    size: bool = True,
) -> None:
    """Show the rest behind one button: the kernel's own numbers, a `bias`, of the `window` what is rarer.

    Without `size` where the band itself shows it. With several `channels` the kernel is written, and may be
    typed, for each of them.
    """
    room = behind.more(words, state.page)
    if room is None:
        return
    with room:
        if extra:
            extra()
        # What was just asked for stands first: the popover is small on a projector.
        if window and state["padding"] == "sides":
            _side_rows(state, words, rank)
        if window:
            _by_axis(state, words, rank)
        _kernel_numbers(state, words, rank, size=size)
        _kernel_text(state, words, rank, channels)
        if bias:
            st.number_input(words["controls.bias"], -1000.0, 1000.0, step=1.0, key=state.key("bias"))
        if not window:
            return
        st.toggle(words["controls.flip"], key=state.key("flip"), help=words["controls.flip_help"])
        st.selectbox(
            words["controls.mode"],
            MODES,
            key=state.key("mode"),
            format_func=lambda name: words[f"controls.modes.{name}"],
        )


def _by_axis(state: State, words: Words, rank: int) -> None:
    st.toggle(words["controls.by_axis"], key=state.key("by_axis"), on_change=_same_on_all, args=(state, rank))
    if state["by_axis"]:
        _axis_rows(state, words, rank, "stride", MOST_STRIDE)
        _axis_rows(state, words, rank, "dilation", MOST_DILATION)


def _kernel_numbers(state: State, words: Words, rank: int, *, size: bool) -> None:
    name = state["kernel"]
    for p in next(one for one in KERNELS if one.name == name).parameters:
        if p.name == "size" and not size:
            continue
        key = state.key(f"{name}_{p.name}")
        label = words[f"controls.parameters.{p.name}"]
        if p.is_whole:
            low = int(p.low)
            st.slider(label, low, min(int(p.high), 15 if rank < 3 else 7), step=p.step, key=key)
        else:
            st.number_input(label, p.low, p.high, step=15.0 if p.high > 90 else 0.1, key=key)


def _kernel_text(state: State, words: Words, rank: int, channels: int) -> None:
    def take(text: str) -> Fault | None:
        try:
            put_kernel(state, read_kernel(text, rank, channels))
        except WindowError as error:
            return f"errors.{error.code}", error.numbers
        return None

    cells = chosen_kernel(state, rank)
    help_text = words["controls.kernel_text_help"]
    if channels > 1:
        help_text += " " + words.say("controls.kernel_text_channels", channels=channels)
    kernel_as_text(
        state,
        words,
        lambda: write_kernel(cells if cells.ndim == rank or channels > 1 else cells[0]),
        take,
        help_text=help_text,
        # High enough that the channels' kernels are seen to be several.
        height=TALL_TEXT if channels > 1 and cells.ndim > rank else None,
    )


def _same_on_all(state: State, rank: int) -> None:
    if not state["by_axis"]:
        return
    for axis in AXES[rank]:
        state.put(f"stride_{axis}", state["stride"])
        state.put(f"dilation_{axis}", state["dilation"])


def _axis_rows(state: State, words: Words, rank: int, name: str, most: int) -> None:
    for column, axis in zip(st.columns(rank), AXES[rank], strict=True):
        label = words.say(f"controls.{name}_of", axis=words[f"controls.axes.{axis}"])
        column.slider(label, 1, most, key=state.key(f"{name}_{axis}"))


def _side_rows(state: State, words: Words, rank: int) -> None:
    for axis in AXES[rank]:
        for column, side in zip(st.columns(2), ("before", "after"), strict=True):
            label = words[f"controls.sides.{side}_{axis}"]
            column.number_input(label, 0, MOST_SIDE, key=state.key(f"{side}_{axis}"))


def _kernels(rank: int) -> Sequence[Any]:
    return [one for one in KERNELS if rank in one.ranks]


def _odd(parameter: Any, value: float) -> float:
    """Keep a size that a link may have brought on the odd numbers that its kernel exists for."""
    return value if parameter.step != 2 or value % 2 else value + (1 if value < parameter.high else -1)
