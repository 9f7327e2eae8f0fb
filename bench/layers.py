"""The layers that the engines are measured on: of networks that everybody knows, float32, one picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A convolution's shapes: x (1, C, size, size), weight (O, C / groups, kernel, kernel)."""

    channels: int
    filters: int
    size: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1

    @property
    def x_shape(self) -> tuple[int, int, int, int]:
        """The input's shape."""
        return 1, self.channels, self.size, self.size

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """The kernels' shape."""
        return self.filters, self.channels // self.groups, self.kernel, self.kernel


LAYERS = {
    "VGG conv1_1": Layer(3, 64, 224, 3, padding=1),
    "VGG conv1_2": Layer(64, 64, 224, 3, padding=1),
    "VGG conv3_2": Layer(256, 256, 56, 3, padding=1),
    "VGG conv5_1": Layer(512, 512, 14, 3, padding=1),
    "AlexNet conv1": Layer(3, 96, 227, 11, stride=4),
    "ResNet conv1": Layer(3, 64, 224, 7, stride=2, padding=3),
    "1x1 256->64, 56": Layer(256, 64, 56, 1),
    "depthwise 3x3 256, 56": Layer(256, 256, 56, 3, padding=1, groups=256),
}
