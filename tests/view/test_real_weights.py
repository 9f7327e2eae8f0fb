"""The real weights that come with the app belong to their networks, and see what there is to see."""

import numpy as np
import pytest
from PIL import Image

from conv_core import softmax
from conv_core.nets import efficientnet_lite0, resnet8
from conv_view.weights import FOLDER, class_names, weights

NETS = {"efficientnet_lite0": efficientnet_lite0(), "resnet8": resnet8()}
TINY = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def seen(name, side):
    """The middle square of a sample picture at this size, (1, 3, side, side) from 0 to 255."""
    with Image.open(FOLDER.parent / "pictures" / f"{name}.jpg") as picture:
        whole = picture.convert("RGB")
    short = min(whole.size)
    left, top = (whole.width - short) // 2, (whole.height - short) // 2
    square = whole.crop((left, top, left + short, top + short)).resize((side, side), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(square, np.float32).transpose(2, 0, 1)[None])


@pytest.mark.parametrize("name", NETS)
def test_every_array_of_the_network_is_there_in_its_shape(name):
    graph = NETS[name]
    shapes = graph.parameter_shapes((1, *graph.input_size), buffers=True)
    assert {key: values.shape for key, values in weights(name).items()} == shapes
    assert all(values.dtype == np.float32 for values in weights(name).values())
    assert not any(values.flags.writeable for values in weights(name).values())


@pytest.mark.parametrize(
    ("picture", "names"),
    [("cat", {"tiger_cat", "Egyptian_cat", "tabby"}), ("coffee", {"espresso"}), ("camera", {"tripod"})],
)
def test_efficientnet_names_what_is_in_a_photograph(picture, names):
    x = (seen(picture, 224) - 127) / 128
    scores = NETS["efficientnet_lite0"].forward(x, weights("efficientnet_lite0"))["scores"]
    likely = np.argsort(-softmax(scores)[0])[: len(names)]
    assert {class_names("imagenet")[at] for at in likely} == names


@pytest.mark.parametrize("picture", ["cat", "horse"])
def test_resnet8_knows_cats_and_horses(picture):
    scores = NETS["resnet8"].forward(seen(picture, 32) / 255, weights("resnet8"))["scores"]
    assert TINY[scores[0].argmax()] == picture


def test_they_are_small():
    assert len(class_names("imagenet")) == 1000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 6e6
    assert sum(path.stat().st_size for path in FOLDER.parent.rglob("*") if path.is_file()) < 15e6
