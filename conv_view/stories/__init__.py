"""Stories: core values become scenes, one file a story."""

from conv_view.stories.convolution import convolution

__all__ = ["convolution"]
