"""Stacks of layers as data: what slides in a network, layer by layer, along its deepest path."""

from dataclasses import dataclass
from typing import Literal

from conv_core.window import Window

Kind = Literal["conv", "pool"]


@dataclass(frozen=True)
class StackLayer:
    """What slides in one layer over both axes of a picture, and what it is called.

    >>> StackLayer("conv1", "conv", 11, stride=4).window.output_shape((224, 224))
    (54, 54)
    """

    name: str
    kind: Kind
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def window(self) -> Window:
        """The window over two axes; `WindowError` for sizes below 1 and negative padding."""
        return Window(self.kernel, self.stride, self.padding, self.dilation, rank=2)


@dataclass(frozen=True)
class Stack:
    """A named stack: the side of the square picture it is for, and the layers that stand for all of it.

    `shortcuts` tells that the network has paths around some of these layers, which are left out here.
    """

    name: str
    size: int
    layers: tuple[StackLayer, ...]
    landmarks: tuple[str, ...]
    shortcuts: bool = False

    @property
    def windows(self) -> tuple[Window, ...]:
        """What slides, layer by layer, as `receptive_field` takes it.

        >>> from conv_core import receptive_field
        >>> receptive_field(stack("vgg16").windows)[-1].size
        (212, 212)
        """
        return tuple([layer.window for layer in self.layers])


def _blocks(*convolutions: int) -> tuple[StackLayer, ...]:
    """VGG: blocks of that many 3x3 convolutions with padding 1, each with its 2x2 pool."""
    layers: list[StackLayer] = []
    for block, count in enumerate(convolutions, 1):
        layers += [StackLayer(f"conv{block}_{at}", "conv", 3, padding=1) for at in range(1, count + 1)]
        layers.append(StackLayer(f"pool{block}", "pool", 2, stride=2))
    return tuple(layers)


def _resnet18() -> tuple[StackLayer, ...]:
    """The path through all convolutions; the shortcuts beside them see less."""
    layers = [
        StackLayer("conv1", "conv", 7, stride=2, padding=3),
        StackLayer("pool1", "pool", 3, stride=2, padding=1),
    ]
    for stage in range(2, 6):
        for at in range(1, 5):
            stride = 2 if at == 1 and stage > 2 else 1
            layers.append(StackLayer(f"conv{stage}_{at}", "conv", 3, stride=stride, padding=1))
    return tuple(layers)


def _dilated(*rates: int) -> tuple[StackLayer, ...]:
    """Three-by-three kernels at these rates, padded so that the maps keep their size."""
    return tuple(
        [
            StackLayer(str(number), "conv", 3, padding=rate, dilation=rate)
            for number, rate in enumerate(rates, 1)
        ]
    )


_POOLS = tuple([f"pool{block}" for block in range(1, 6)])

STACKS = (
    # Krizhevsky: One weird trick for parallelizing convolutional neural networks, 2014, as TensorFlow-Slim
    # has it: nothing is padded in the first layer and in the pools.
    Stack(
        "alexnet_v2",
        224,
        (
            StackLayer("conv1", "conv", 11, stride=4),
            StackLayer("pool1", "pool", 3, stride=2),
            StackLayer("conv2", "conv", 5, padding=2),
            StackLayer("pool2", "pool", 3, stride=2),
            StackLayer("conv3", "conv", 3, padding=1),
            StackLayer("conv4", "conv", 3, padding=1),
            StackLayer("conv5", "conv", 3, padding=1),
            StackLayer("pool5", "pool", 3, stride=2),
        ),
        ("conv1", "pool1", "conv2", "pool2", "pool5"),
    ),
    # Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition, 2014, table 1.
    Stack("vgg_a", 224, _blocks(1, 1, 2, 2, 2), _POOLS[1:]),
    Stack("vgg16", 224, _blocks(2, 2, 3, 3, 3), _POOLS[1:]),
    # He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015, table 1.
    Stack("resnet18", 224, _resnet18(), ("pool1", "conv3_4", "conv4_4", "conv5_4"), shortcuts=True),
    # Wang et al.: Understanding convolution for semantic segmentation, 2018, section 3.2 (gridding).
    Stack("dilated_222", 32, _dilated(2, 2, 2), ("1", "2", "3")),
    Stack("dilated_125", 32, _dilated(1, 2, 5), ("1", "2", "3")),
)


def stack(name: str) -> Stack:
    """The stack of that name in STACKS; KeyError for any other.

    >>> [layer.dilation for layer in stack("dilated_125").layers]
    [1, 2, 5]
    """
    return {each.name: each for each in STACKS}[name]
