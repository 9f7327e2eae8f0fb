"""Random ways back for hypothesis: a convolution, and a gradient by its output."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from tests import oracle_backward
from tests.core.cases import Case, cases, numbers


@dataclass
class BackwardCase:
    """A convolution without bias, and the gradient by its output."""

    forward: Case
    grad: np.ndarray

    @property
    def arguments(self):
        return self.grad, self.forward.x, self.forward.weight

    @property
    def keywords(self):
        return self.forward.keywords

    def expected(self):
        """What plain loops give by input, weight and bias."""
        return oracle_backward.conv_backward(*self.arguments, *self.geometry)

    @property
    def geometry(self):
        """Stride, pads, dilation, groups and padding mode as the oracle takes them."""
        case = self.forward
        return case.stride, case.pads, case.dilation, case.keywords["groups"], case.keywords["padding_mode"]


@st.composite
def ways_back(draw, dtypes):
    """A whole way back that is valid."""
    case = draw(cases(dtypes))
    lines = oracle_backward.starts(
        case.x.shape[2:], case.weight.shape[2:], case.stride, case.pads, case.dilation
    )
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (len(case.x), len(case.weight), *[len(line) for line in lines])
    return BackwardCase(case, numbers(generator, shape, case.x.dtype))
