"""The code of the Fourier page runs and reproduces what is on the stage."""

import numpy as np
import pytest

from conv_view import fft_code
from conv_view.spectral import ROOMS, spectral


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    ("shape", "kernel", "length"), [((8, 8), (3, 3), 6), ((7, 10), (2, 4), 5), ((6, 5), (1, 1), 2)]
)
def test_the_numpy_code_gives_the_output_on_the_stage(room, shape, kernel, length, capsys):
    generator = np.random.default_rng(4)
    seen = spectral(
        generator.integers(0, 256, shape), generator.normal(size=kernel).astype(np.float32), room, length
    )
    found: dict[str, object] = {}
    exec(fft_code.numpy(seen), found)
    assert np.abs(found["output"] - seen.output).max() <= 1e-6 * np.abs(seen.output).max() + 1e-6
    assert float(capsys.readouterr().out) == 0
    assert np.array_equal(found["x"], seen.picture)
    assert np.array_equal(found["kernel"], seen.kernel)


@pytest.mark.parametrize("room", ROOMS)
def test_the_pytorch_code_names_the_same_steps(room):
    seen = spectral(np.arange(36.0).reshape(6, 6), np.ones((3, 3), np.float32), room, 5)
    code = fft_code.pytorch(seen)
    compile(code, "pytorch", "exec")
    assert code.count("torch.fft.rfft2(") == 2
    assert code.count("torch.fft.irfft2(") == 1
    assert f"size = {seen.size}" in code
    assert f"padding={seen.before}" in code
