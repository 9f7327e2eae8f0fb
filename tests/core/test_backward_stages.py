"""The matrices of the way back: products of plain loops, the same gradients, operations that are counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_core import Tally, WindowError, backward_cost, col2im, conv_backward, conv_backward_stages, im2col
from conv_core.counting import numbers as counting
from conv_core.counting import plain
from tests.core.cases import cases


def gradient(case):
    shape = output_shape(case)
    return np.random.default_rng(5).integers(-3, 4, shape).astype(case.x.dtype)


def output_shape(case):
    columns = im2col(case.x, case.weight.shape[2:], **windows(case))
    sizes = [
        (size + sum(pads) - step_apart * (taps - 1) - 1) // step + 1
        for size, pads, taps, step, step_apart in zip(
            case.x.shape[2:], case.pads, case.weight.shape[2:], case.stride, case.dilation, strict=True
        )
    ]
    assert np.prod(sizes) == columns.shape[2]
    return (len(case.x), len(case.weight), *sizes)


def windows(case):
    return {name: case.keywords[name] for name in ("stride", "padding", "dilation", "padding_mode")}


def product(left, right):
    """A product of two matrices, entry by entry."""
    made = np.zeros((left.shape[0], right.shape[1]), object)
    for row, column in np.ndindex(*made.shape):
        made[row, column] = sum(left[row, at] * right[at, column] for at in range(left.shape[1]))
    return made


@given(cases(("float32", "float64", "int64")))
def test_the_three_products_are_those_of_loops_and_give_the_gradients(case):
    grad = gradient(case)
    stages = conv_backward_stages(grad, case.x, case.weight, **case.keywords)
    expected = conv_backward(grad, case.x, case.weight, **case.keywords)
    groups = case.keywords["groups"]
    assert stages.rows.shape[0] == groups
    by_rows = np.zeros(stages.row_grads.shape, object)
    for n, g in np.ndindex(len(case.x), groups):
        columns, rows, grads = stages.columns[n, g], stages.rows[g], stages.grads[n, g]
        scale = 1e-5 * (1 + float(np.abs(columns).sum())) * (1 + float(np.abs(grads).sum()))
        by_rows[g] += product(grads.astype(object), columns.T.astype(object))
        by_columns = product(rows.T.astype(object), grads.astype(object))
        assert np.abs(stages.column_grads[n, g] - by_columns.astype(float)).max() <= scale
        assert np.abs(stages.output[n, g] - product(rows, columns).astype(float)).max() <= scale
    assert np.abs(stages.row_grads - by_rows.astype(float)).max() <= scale * len(case.x)
    back = stages.row_grads.reshape(case.weight.shape)
    assert back.astype(float) == pytest.approx(expected.weight.astype(float), rel=1e-4, abs=1e-3)
    assert stages.x.astype(float) == pytest.approx(expected.x.astype(float), rel=1e-4, abs=1e-3)
    folded = col2im(
        stages.column_grads.reshape(len(case.x), -1, grads.shape[1]),
        case.x.shape[2:],
        case.weight.shape[2:],
        **windows(case),
    )
    assert np.array_equal(folded, stages.x)


@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "how"),
    [
        ((1, 1, 5, 5), (2, 1, 3, 3), {}),
        ((1, 2, 4, 5), (2, 2, 3, 2), {"stride": (1, 2), "padding": ((1, 0), (0, 2))}),
        ((2, 4, 6), (6, 2, 3), {"groups": 2, "dilation": 2, "padding": 1}),
    ],
)
def test_the_cost_is_what_numbers_that_count_have_noted(x_shape, weight_shape, how):
    generator = np.random.default_rng(0)
    x, weight = (generator.integers(-3, 4, shape).astype(float) for shape in (x_shape, weight_shape))
    cost = backward_cost(x_shape, weight_shape, **how)
    sizes = {name: value for name, value in how.items() if name != "groups"}
    out = told_shape(x, weight, sizes)
    grad = generator.integers(-3, 4, (len(x), len(weight), *out)).astype(float)
    stages = conv_backward_stages(grad, x, weight, **how)
    rows_noted, columns_noted, added = Tally(), Tally(), 0
    for group in range(how.get("groups", 1)):
        # One sum over all samples: their columns stand side by side.
        grads = np.concatenate(list(stages.grads[:, group]), axis=1)
        columns = np.concatenate(list(stages.columns[:, group]), axis=1)
        made = product(counting(grads, rows_noted), counting(columns.T, rows_noted))
        assert plain(made) == pytest.approx(stages.row_grads[group])
        product(counting(stages.rows[group].T, columns_noted), counting(grads, columns_noted))
    # `sum` begins at 0, which costs nothing to add.
    assert (rows_noted.multiplies, rows_noted.adds) == (cost.weight.multiplies, cost.weight.adds)
    assert (columns_noted.multiplies, columns_noted.adds) == (cost.columns.multiplies, cost.columns.adds)
    numbered = np.arange(1, x[0].size + 1).reshape(1, *x_shape[1:])
    copied = im2col(numbered, weight_shape[2:], **sizes)
    for cell in range(1, x[0].size + 1):
        added += max(0, int((copied == cell).sum()) - 1)
    assert cost.fold.adds == len(x) * added
    assert cost.fold.multiplies == 0
    assert cost.multiplies == 2 * cost.weight.multiplies
    assert cost.adds == cost.weight.adds + cost.columns.adds + cost.fold.adds
    assert cost.columns.workspace == 4 * stages.columns.size == cost.weight.workspace


def told_shape(x, weight, sizes):
    """The spatial sizes of the output, told by the error about a gradient of another shape."""
    groups = x.shape[1] // weight.shape[1]
    with pytest.raises(WindowError) as caught:
        conv_backward_stages(np.zeros((9, 9, 9)), x, weight, groups=groups, **sizes)
    assert caught.value.code == "grad_shape"
    return caught.value.numbers["expected"][2:]


@given(st.integers(1, 3), st.integers(1, 3))
def test_a_gradient_of_another_shape_is_refused_with_both(rows, columns):
    if (rows, columns) == (2, 2):
        return
    with pytest.raises(WindowError, match=rf"\(1, 1, {rows}, {columns}\).*\(1, 1, 2, 2\)"):
        conv_backward_stages(np.ones((1, 1, rows, columns)), np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)))
