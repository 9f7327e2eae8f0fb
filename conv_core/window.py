"""Where a sliding window goes, and what it reads: the geometry of everything here that slides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from conv_core.axes import (
    Padding,
    Pairs,
    PerAxis,
    at_least_one,
    length_of,
    padded_sizes,
    parse_padding,
    per_axis,
)
from conv_core.errors import WindowError


@dataclass(frozen=True, init=False)
class Window:
    """A window of `kernel` cells, `dilation` apart, that moves by `stride` over a padded input.

    Every argument is an integer for all axes or a sequence with one entry per axis; the first sequence
    among them fixes the rank (all integers: `rank`, or 1). `padding` may also be pairs (before, after),
    "valid" (none), "same" or "same_lower" (ceil(n / stride) positions; the odd cell goes to the end or
    to the beginning). With `ceil_mode`, as pooling has it, a last window may hang over the end, provided
    that it begins in the input or in the padding before it. Raises `WindowError` for sizes below 1,
    negative padding, other words or lengths.

    >>> Window((3, 3), stride=2, padding=1).output_shape((7, 7))
    (4, 4)
    >>> Window(3, padding="same", rank=2).pads((5, 8))
    ((1, 1), (1, 1))
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Pairs | str
    dilation: tuple[int, ...]
    ceil_mode: bool

    def __init__(
        self,
        kernel: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        dilation: PerAxis = 1,
        *,
        rank: int | None = None,
        ceil_mode: bool = False,
    ) -> None:
        if rank is None:
            lengths = (length_of(kernel), length_of(stride), length_of(dilation), length_of(padding))
            rank = next((length for length in lengths if length is not None), 1)
        if rank < 1:
            raise WindowError("window_rank", rank=rank)
        kernels = at_least_one("kernel_size", "kernel", per_axis("kernel", kernel, rank))
        strides = at_least_one("stride_size", "stride", per_axis("stride", stride, rank))
        dilations = at_least_one("dilation_size", "dilation", per_axis("dilation", dilation, rank))
        # The only way into a frozen dataclass; it is frozen so that windows can be shared and be keys.
        object.__setattr__(self, "kernel", kernels)
        object.__setattr__(self, "stride", strides)
        object.__setattr__(self, "padding", parse_padding(padding, rank))
        object.__setattr__(self, "dilation", dilations)
        object.__setattr__(self, "ceil_mode", bool(ceil_mode))

    @property
    def rank(self) -> int:
        """The number of axes it slides along."""
        return len(self.kernel)

    @property
    def span(self) -> tuple[int, ...]:
        """Cells from the first to the last that one window touches, per axis: dilation * (kernel - 1) + 1.

        >>> Window(3, dilation=4).span
        (9,)
        """
        return tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)])

    def pads(self, spatial: Sequence[int]) -> Pairs:
        """Cells added (before, after) along each axis of an input of these sizes.

        >>> Window(4, padding="same").pads((9,)), Window(4, padding="same_lower").pads((9,))
        (((1, 2),), ((2, 1),))
        """
        self._check(spatial)
        if not isinstance(self.padding, str):
            return self.padding
        pairs = []
        for size, span, stride in zip(spatial, self.span, self.stride, strict=True):
            # TensorFlow's rule, which ONNX has too: as many positions as strides begin inside the input.
            count = -(-size // stride)
            total = max((count - 1) * stride + span - size, 0)
            short, long = total // 2, total - total // 2
            pairs.append((short, long) if self.padding == "same" else (long, short))
        return tuple(pairs)

    def overhang(self, spatial: Sequence[int]) -> tuple[int, ...]:
        """Cells beyond the padding that the last window of `ceil_mode` touches along each axis.

        With them at its end an input holds a whole number of strides, so that `read` takes it as it is.
        A window that would begin in the padding behind the input is dropped, as in torch.

        >>> Window(2, stride=2, ceil_mode=True).overhang((5,)), Window(2, stride=2).overhang((5,))
        ((1,), (0,))
        >>> Window(2, stride=2, padding=1, ceil_mode=True).overhang((3,))
        (0,)
        """
        beyond = []
        for size, span, stride, (before, after) in zip(
            spatial, self.span, self.stride, self.pads(spatial), strict=True
        ):
            room = before + size + after - span
            missing = -room % stride if self.ceil_mode else 0
            beyond.append(missing if 0 <= room + missing < before + size else 0)
        return tuple(beyond)

    def edges(self, spatial: Sequence[int]) -> Pairs:
        """All that surrounds the input along each axis: the padding before, and that after with the overhang.

        >>> Window(3, stride=2, padding=1, ceil_mode=True).edges((4,))
        ((1, 2),)
        """
        pads, beyond = self.pads(spatial), self.overhang(spatial)
        return tuple([(before, after + more) for (before, after), more in zip(pads, beyond, strict=True)])

    def output_shape(self, spatial: Sequence[int]) -> tuple[int, ...]:
        """How many positions the window has along each axis of an (unpadded) input of these sizes.

        floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1, as torch.nn.Conv2d has it,
        and with the `overhang` one more; `WindowError` if the window does not fit once.

        >>> Window((3, 1), stride=(2, 1), dilation=(2, 1)).output_shape((9, 4))
        (3, 4)
        >>> Window(2, stride=2, ceil_mode=True).output_shape((5,))
        (3,)
        """
        return self.positions(padded_sizes(spatial, self.edges(spatial)))

    def input_shape(self, positions: Sequence[int], extra: PerAxis = 0) -> tuple[int, ...]:
        """The smallest input over which the window has that many positions: `output_shape` backwards.

        (p - 1) * stride + dilation * (kernel - 1) + 1 - before - after + extra, as torch.nn.ConvTranspose2d
        has it; `extra` cells at the end begin no further window as long as they are fewer than the stride.
        `WindowError` if the padding is all there would be.

        >>> window = Window(3, stride=2, padding=1)
        >>> window.input_shape((4,)), window.output_shape((7,))
        ((7,), (4,))
        """
        self._check(positions)
        extras = per_axis("extra", extra, self.rank)
        sizes = []
        for axis, (count, more, span, stride) in enumerate(
            zip(positions, extras, self.span, self.stride, strict=True)
        ):
            covered = (count - 1) * stride + span + more
            if isinstance(self.padding, str):
                # "same" has ceil(size / stride) positions, whatever the kernel.
                sizes.append((count - 1) * stride + 1 + more)
                continue
            before, after = self.padding[axis]
            if covered <= before + after:
                raise WindowError(
                    "nothing_left", axis=axis, count=count, covered=covered, before=before, after=after
                )
            sizes.append(covered - before - after)
        return tuple(sizes)

    def positions(self, padded: Sequence[int]) -> tuple[int, ...]:
        """How many positions the window has along each axis of an input with all its `edges` on.

        >>> Window(3, stride=2).positions((9,))
        (4,)
        """
        counts = []
        for axis, (size, span, stride) in enumerate(zip(padded, self.span, self.stride, strict=True)):
            if span > size:
                raise WindowError(
                    "kernel_too_large",
                    axis=axis,
                    kernel=self.kernel[axis],
                    dilation=self.dilation[axis],
                    span=span,
                    padded=size,
                )
            counts.append((size - span) // stride + 1)
        return tuple(counts)

    def read(self, padded: NDArray[Any]) -> NDArray[Any]:
        """Every window of the trailing axes of a padded array, as a read-only view: nothing is copied.

        (..., *padded) -> (..., *out, *kernel); `fold` is its adjoint.

        >>> Window(2, stride=2).read(np.arange(6))
        array([[0, 1],
               [2, 3],
               [4, 5]])
        """
        self._check(padded.shape[-self.rank :])
        lead = padded.ndim - self.rank
        out = self.positions(padded.shape[lead:])
        steps = padded.strides[lead:]
        jumps = [step * s for step, s in zip(steps, self.stride, strict=True)]
        taps = [step * d for step, d in zip(steps, self.dilation, strict=True)]
        return as_strided(
            padded,
            shape=(*padded.shape[:lead], *out, *self.kernel),
            strides=(*padded.strides[:lead], *jumps, *taps),
            writeable=False,
        )

    def fold(self, patches: NDArray[Any], padded_spatial: Sequence[int]) -> NDArray[Any]:
        """Windows added back to where `read` took them from, in a padded array of these sizes.

        (..., *out, *kernel) -> (..., *padded_spatial). The adjoint of `read`:
        sum(read(x) * g) == sum(x * fold(g)) for every x and g.

        >>> Window(2).fold(np.ones((3, 2)), (4,))
        array([1., 2., 2., 1.])
        """
        self._check(padded_spatial)
        out = self.positions(padded_spatial)
        lead = patches.ndim - 2 * self.rank
        if lead < 0 or patches.shape[lead:] != (*out, *self.kernel):
            raise WindowError(
                "patches_shape", given=patches.shape[max(lead, 0) :], expected=(*out, *self.kernel)
            )
        folded = np.zeros((*patches.shape[:lead], *padded_spatial), patches.dtype)
        for tap, touched in self.taps(padded_spatial):
            cells: Any = (..., *tap)
            folded[touched] += patches[cells]
        return folded

    def taps(self, padded_spatial: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
        """Each kernel cell with the index (..., *slices) of what it meets, one cell for each position.

        With one kernel cell at a time windows do not overlap, so that a slice can be added to at once.

        >>> [tap for tap, touched in Window(3, stride=2).taps((7,)) if 4 in np.arange(7)[touched]]
        [(0,), (2,)]
        """
        out = self.positions(padded_spatial)
        for tap in np.ndindex(*self.kernel):
            where = [
                slice(t * d, t * d + (count - 1) * s + 1, s)
                for t, d, s, count in zip(tap, self.dilation, self.stride, out, strict=True)
            ]
            yield tap, (..., *where)

    def along(self, axis: int) -> "Window":
        """The same window along one axis only, without padding: a box is slid axis by axis as well as whole.

        >>> Window((3, 2), stride=2, padding=1).along(0)
        Window(kernel=(3, 1), stride=(2, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), ceil_mode=False)
        """
        only = [
            tuple([value if place == axis else 1 for place, value in enumerate(values)])
            for values in (self.kernel, self.stride, self.dilation)
        ]
        return Window(only[0], only[1], 0, only[2])

    def start(self, position: Sequence[int], spatial: Sequence[int]) -> tuple[int, ...]:
        """Where the window at an output position begins in the unpadded input; negative is in the padding.

        >>> Window(3, stride=2, padding=1).start((0,), (7,)), Window(3, stride=2, padding=1).start((3,), (7,))
        ((-1,), (5,))
        """
        counts = self.output_shape(spatial)
        place = per_axis("position", position, self.rank)
        for axis, (step, count) in enumerate(zip(place, counts, strict=True)):
            if not 0 <= step < count:
                raise WindowError("position_outside", axis=axis, position=step, count=count)
        pads = self.pads(spatial)
        return tuple([p * s - before for p, s, (before, _) in zip(place, self.stride, pads, strict=True)])

    def cells(self, position: Sequence[int], spatial: Sequence[int]) -> NDArray[np.int64]:
        """The coordinates, in the unpadded input, of every cell under the window at an output position.

        int64 (*kernel, rank); below 0 or beyond the input is padding.

        >>> Window(3, dilation=2, padding=1).cells((1,), (9,)).ravel()
        array([0, 2, 4])
        """
        start = self.start(position, spatial)
        taps = np.moveaxis(np.indices(self.kernel, dtype=np.int64), 0, -1)
        return taps * np.array(self.dilation, np.int64) + np.array(start, np.int64)

    def lines(self, spatial: Sequence[int]) -> tuple[NDArray[np.int64], ...]:
        """For each axis the coordinates, in the unpadded input, that each position reads along it.

        int64 (positions, kernel) per axis; below 0 or beyond the input is padding, as in `cells`.

        >>> Window(3, stride=2, padding=1).lines((4,))[0]
        array([[-1, 0, 1],
               [ 1, 2, 3]])
        """
        counts, pads = self.output_shape(spatial), self.pads(spatial)
        return tuple(
            [
                np.arange(count, dtype=np.int64)[:, None] * s - before + np.arange(k, dtype=np.int64) * d
                for count, s, k, d, (before, _) in zip(
                    counts, self.stride, self.kernel, self.dilation, pads, strict=True
                )
            ]
        )

    def unread(self, spatial: Sequence[int]) -> tuple[NDArray[np.int64], ...]:
        """For each axis the coordinates, in the unpadded input, that no position reads along it.

        int64 per axis, in order; below 0 or beyond the input is padding, as in `cells`. Between windows they
        are left out by a stride larger than the window or by the dilation, behind the last one because the
        stride does not come out even.

        >>> [axis.tolist() for axis in Window((2, 3), stride=(2, 3), padding=((1, 1), (0, 0))).unread((4, 8))]
        [[], [6, 7]]
        >>> Window(2, dilation=2, stride=4).unread((7,))[0]
        array([1, 3, 5])
        """
        missed = []
        for size, (before, after), lines in zip(
            spatial, self.edges(spatial), self.lines(spatial), strict=True
        ):
            untouched = np.ones(before + size + after, bool)
            untouched[lines + before] = False
            missed.append(np.flatnonzero(untouched).astype(np.int64) - before)
        return tuple(missed)

    def totals(self, positions: Sequence[int], spatial: Sequence[int]) -> tuple[range, ...]:
        """How much padding, before and after together, gives that many positions: from ... to, per axis.

        The least is (p - 1) * stride + dilation * (kernel - 1) + 1 - n; a larger stride leaves room for
        stride - 1 more. Empty where already without padding there are more positions. The window's own
        padding does not matter.

        >>> Window(3, dilation=2).totals((9,), (9,)), Window(2, stride=2).totals((4,), (7,))
        ((range(4, 5),), (range(1, 3),))
        >>> Window(1).totals((3,), (5,))
        (range(0, 0),)
        """
        self._check(spatial)
        found = []
        for count, size, span, stride in zip(positions, spatial, self.span, self.stride, strict=True):
            least = (count - 1) * stride + span - size
            found.append(range(max(0, least), max(0, least + stride)))
        return tuple(found)

    def _check(self, spatial: Sequence[int]) -> None:
        if len(spatial) != self.rank:
            raise WindowError("spatial_rank", rank=self.rank, given=len(spatial))
        if prod(spatial) <= 0:
            axis = next(axis for axis, size in enumerate(spatial) if size <= 0)
            raise WindowError("axis_empty", axis=axis, size=spatial[axis])


def adaptive_bounds(size: int, count: int) -> tuple[tuple[int, int], ...]:
    """Where the windows of an adaptive pooling begin and end (exclusive), `count` of them over `size` cells.

    floor(i * size / count) and ceil((i + 1) * size / count), as torch has it: neighbours may share a cell.

    >>> adaptive_bounds(5, 3)
    ((0, 2), (1, 4), (3, 5))
    """
    return tuple([(place * size // count, -(-(place + 1) * size // count)) for place in range(count)])
