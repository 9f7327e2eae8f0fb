"""Deep networks, plain and residual: the derivation's terms add up, and what is measured is what arrives."""

import numpy as np
import pytest

from conv_core import cross_entropy, finite_differences
from conv_core.depth import chain_terms, reached, share_of_shortcuts, variances
from conv_core.nets import deep, unit_names

SHAPE = (2, 3, 8, 8)


def start(graph, seed=0):
    made = graph.initial(SHAPE, seed=seed)
    return {name: values.astype(np.float64) for name, values in made.items()}


def batch(seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(SHAPE), rng.integers(0, 10, SHAPE[0])


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("residual", [True, False])
def test_a_depth_is_the_layers_with_weights_and_both_kinds_have_as_many_parameters(residual, norm):
    graph = deep(20, residual=residual, norm=norm)
    rows = graph.summary((1, 3, 32, 32))
    assert sum(row.kind in ("Conv", "Linear") for row in rows) == 20
    other = deep(20, residual=not residual, norm=norm).summary((1, 3, 32, 32))
    assert sum(row.parameters for row in rows) == sum(row.parameters for row in other)
    assert len(unit_names(graph)) == 10


def test_projections_cost_parameters_and_the_zeros_of_option_a_none():
    counts = {
        kind: sum(row.parameters for row in deep(20, shortcut=kind).summary((1, 3, 32, 32)))
        for kind in ("identity", "projection")
    }
    assert counts["projection"] - counts["identity"] == 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    graph, (x, _) = deep(8, width=4), batch()
    found = graph.forward(x, start(graph))
    over = found["unit2.0.filled"]
    assert np.array_equal(over[:, :4], found["unit1.0.relu"][:, :, ::2, ::2])
    assert not over[:, 4:].any()


def test_in_a_chain_of_identities_the_gradient_is_the_derivations_two_terms():
    """dloss/dx_l = dloss/dx_L + the rest, and both are what finite differences find."""
    graph, (x, _) = deep(20, width=4, last_relu=False), batch()
    params = start(graph)
    activations = graph.forward(x, params, training=True)
    shallow, last = "unit1.0.add", "unit1.2.add"
    grad = np.random.default_rng(5).standard_normal(activations[last].shape)
    terms = chain_terms(graph, grad, activations, params, shallow, last)
    assert np.allclose(terms.whole, terms.above + terms.through, rtol=1e-12, atol=1e-12)
    assert np.abs(terms.through).max() > 0.01

    def onwards(moved):
        """The loss grad . x_L as a function of x_l, by the forward pass of the units between alone."""
        now = moved
        for unit in ("unit1.1", "unit1.2"):
            inner = now
            for name in ("first.conv", "first.bn", "first.relu", "second.conv", "second.bn"):
                node = graph[f"{unit}.{name}"]
                own = {
                    key.removeprefix(f"{node.name}."): value
                    for key, value in params.items()
                    if key.startswith(f"{node.name}.")
                }
                inner = node.layer.forward(own, inner, training=True)
            now = now + inner
        return float((grad * now).sum())

    places = [(0, 0, 0, 0), (0, 3, 4, 4), (1, 2, 7, 1)]
    tried = finite_differences(onwards, activations[shallow], step=1e-5, places=places)
    for place in places:
        assert terms.whole[place] == pytest.approx(tried[place], abs=1e-6)


def test_with_a_relu_behind_the_addition_the_sum_form_is_an_approximation():
    graph, (x, _) = deep(20, width=4), batch()
    params = start(graph)
    activations = graph.forward(x, params, training=True)
    grad = np.random.default_rng(5).standard_normal(activations["unit1.2.relu"].shape)
    terms = chain_terms(graph, grad, activations, params, "unit1.0.relu", "unit1.2.relu")
    assert np.abs(terms.whole - terms.above - terms.through).max() > 0.1


@pytest.mark.parametrize("residual", [True, False])
def test_what_is_reached_is_the_gradient_of_the_loss(residual):
    graph, (x, labels) = deep(14, width=4, residual=residual), batch()
    params = start(graph)
    names = unit_names(graph)
    found = reached(graph, x, labels, params, names)
    assert [one.name for one in found] == list(names)
    activations = graph.forward(x, params, training=True)
    assert [one.variance for one in found] == [activations[name].var() for name in names]
    assert variances(graph, x, params, names) == tuple(one.variance for one in found)

    def loss(weight):
        changed = {**params, "stem.conv.weight": weight}
        return cross_entropy(graph.forward(x, changed, training=True)["scores"], labels)

    tried = finite_differences(loss, params["stem.conv.weight"], step=1e-5)
    assert found[0].weights == pytest.approx(np.linalg.norm(tried), rel=1e-4)
    assert all(one.norm > 0 and one.weights > 0 for one in found)


def test_shortcuts_have_a_share_where_there_are_shortcuts():
    (x, labels) = batch()
    plain = deep(14, width=4, residual=False)
    share, size = share_of_shortcuts(plain, x, labels, start(plain), "stem.relu")
    assert share == 0
    assert size > 0
    residual = deep(14, width=4)
    params = start(residual)
    share, size = share_of_shortcuts(residual, x, labels, params, "stem.relu")
    assert share > 0.5
    assert size == pytest.approx(reached(residual, x, labels, params, ("stem.relu",))[0].norm)
    # With branches that give nothing, all of it takes the shortcuts.
    silent = {
        name: np.zeros_like(values) if name.endswith("second.bn.weight") else values
        for name, values in params.items()
    }
    share, _ = share_of_shortcuts(residual, x, labels, silent, "stem.relu")
    assert share == pytest.approx(1)
