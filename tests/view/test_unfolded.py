"""What im2col weighs, its filters, and its code, which gives the numbers on screen."""

import contextlib
import io
import re

import numpy as np
import pytest

from conv_core import WindowError, conv_trace
from conv_view import im2col_code
from conv_view.digits import in_bytes
from conv_view.known_layers import LAYERS
from conv_view.pictures import square
from conv_view.unfolded import filters, memory, memory_of, unfolded
from tests import oracle_im2col as oracle
from tests.view.test_story_im2col import CASES


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_the_bytes_of_a_layer_are_its_numbers_times_four(layer):
    starts = oracle.places(layer.size + 2 * layer.padding, layer.kernel, layer.stride, 1)
    positions = len(starts) ** 2
    weighs = memory_of(layer)
    assert weighs.input == 4 * layer.channels * layer.size**2
    assert weighs.columns == 4 * layer.channels * layer.kernel**2 * positions
    assert weighs.weights == 4 * layer.outputs * layer.channels // layer.groups * layer.kernel**2
    assert weighs.output == 4 * layer.outputs * positions
    assert weighs.ratio == pytest.approx(layer.kernel**2 * positions / layer.size**2)


@pytest.mark.parametrize("name", CASES)
def test_the_bytes_on_the_stage_are_those_of_the_arrays(name):
    x, weight, keywords = CASES[name]
    shown = unfolded(x, weight, **keywords)
    weighs = shown.memory
    assert weighs.input == x.nbytes
    assert weighs.columns == shown.columns.nbytes
    assert weighs.weights == weight.nbytes
    assert weighs.output == shown.trace.output.nbytes
    assert shown.trace.shape[3] % shown.tile == 0
    last = shown.partial[:, :, -1].reshape(shown.product.shape)
    assert np.array_equal(last, shown.product)


def test_what_does_not_fit_is_refused():
    with pytest.raises(WindowError):
        memory((1, 1, 3, 3), (1, 1, 5, 5))
    with pytest.raises(WindowError):
        unfolded(np.ones((1, 1, 3, 3)), np.ones((1, 1, 5, 5)))


@pytest.mark.parametrize("shape", [(1, 3, 3), (3, 2, 3), (1, 1, 1), (1, 7, 7)])
@pytest.mark.parametrize("values", ["random", "equal"])
def test_three_filters_are_three(shape, values):
    kernels = np.full(shape, 1 / 9, np.float32)
    if values == "random":
        kernels = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    made = filters(kernels, 3)
    assert made.shape == (3, *shape)
    assert np.array_equal(made[0], kernels)
    assert len({one.tobytes() for one in made}) == 3
    for count in (1, 2):
        assert np.array_equal(filters(kernels, count), made[:count])


def test_the_square_is_cut_from_the_middle():
    wide = np.zeros((4, 8), np.uint8)
    wide[:, 2:6] = 200
    assert square(wide, 2).tolist() == [[200, 200], [200, 200]]


def test_bytes_are_told_in_the_unit_that_reads_best():
    assert [in_bytes(count) for count in (0, 9999, 10_000, 1_500_000, 829_000_000, 2_000_000_000)] == [
        "0 B", "9999 B", "10 KB", "1.5 MB", "829 MB", "2 GB",
    ]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_numpy_code_prints_the_output_and_puts_the_columns_back(name):
    x, weight, keywords = CASES[name]
    trace = conv_trace(x, weight, **keywords)
    space: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(im2col_code.numpy(trace), space)
    assert np.array_equal(space["y"], trace.output[0])
    printed = re.findall(r"-?\d+", said.getvalue())
    assert [int(number) for number in printed] == trace.output.ravel().tolist()
    shown = unfolded(x, weight, **keywords)
    assert np.array_equal(space["columns"], shown.columns)
    assert np.array_equal(space["added"], space["x"] * space["copies"])
    if trace.padding_mode == "zeros":
        (top, _), (left, _) = trace.pads
        height, width = trace.x.shape[2:]
        inner = space["copies"][0, top : top + height, left : left + width]
        assert np.array_equal(inner, shown.copies)


class Tensor(np.ndarray):
    """As much of torch's tensor as the code uses."""

    def view(self, *shape):
        return self.reshape(shape)


def plain_unfold(x, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    pads = tuple((side, side) for side in padding)
    return oracle.columns(np.asarray(x[0]), pads, kernel_size, stride, dilation)[None].view(Tensor)


def plain_fold(columns, output_size, kernel_size, dilation=(1, 1), padding=(0, 0), stride=(1, 1)):
    pads = tuple((side, side) for side in padding)
    channels = columns.shape[1] // (kernel_size[0] * kernel_size[1])
    found, _ = oracle.cells((channels, *output_size), pads, kernel_size, stride, dilation)
    added = np.zeros((1, channels, *output_size))
    for (row, column), (channel, y, x) in found.items():
        if 0 <= y < output_size[0] and 0 <= x < output_size[1]:
            added[0, channel, y, x] += columns[0, row, column]
    return added


def plain_pad(x, sides, mode):
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    left, right, top, bottom = sides
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode=modes[mode])


@pytest.mark.parametrize("name", CASES)
def test_the_pytorch_code_means_what_torch_documents(name):
    from types import ModuleType

    x, weight, keywords = CASES[name]
    trace = conv_trace(x, weight, **keywords)
    torch, nn, functional = (ModuleType(module) for module in ("torch", "torch.nn", "torch.nn.functional"))
    torch.nn, nn.functional = nn, functional
    torch.tensor = lambda values: np.array(values, np.float32).view(Tensor)
    torch.ones_like = np.ones_like
    functional.unfold, functional.fold, functional.pad = plain_unfold, plain_fold, plain_pad
    import sys

    before = {module: sys.modules.get(module) for module in ("torch", "torch.nn", "torch.nn.functional")}
    sys.modules |= {"torch": torch, "torch.nn": nn, "torch.nn.functional": functional}
    space: dict[str, object] = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(im2col_code.pytorch(trace), space)
    finally:
        for module, known in before.items():
            if known is None:
                sys.modules.pop(module)
            else:
                sys.modules[module] = known
    assert np.array_equal(np.asarray(space["y"]), trace.output)
    assert np.array_equal(space["added"], np.asarray(space["x"]) * space["copies"])
    assert f"# {space['columns'].shape}" in im2col_code.pytorch(trace)
