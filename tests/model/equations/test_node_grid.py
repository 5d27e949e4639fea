"""Functions known at nodes: every draw has what its own function and its own weights come to."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.equations.node_grid import interpolated, nodes_between, on_grid, weights_at

FUNCTIONS, ROWS, DRAWS = 3, 5, 40


@pytest.fixture
def drawn():
    """Two numbers, their nodes and which function holds, by draw."""
    luck = np.random.default_rng(3)
    values = luck.uniform([[2.0], [0.5]], [[8.0], [1.5]], (2, DRAWS))
    return values, (nodes_between(2.0, 8.0, 9), nodes_between(0.5, 1.5, 5)), luck.integers(0, FUNCTIONS, DRAWS)


def surface(first, second):
    """Functions of the logarithms that a grid of nine by five nodes holds exactly, [function, ..., row]."""
    x, y = np.log(first)[..., None], np.log(second)[..., None]
    rows, functions = np.arange(ROWS), np.arange(FUNCTIONS).reshape(FUNCTIONS, *[1] * x.ndim)
    return (1 + functions) * x**3 - rows * y**2 + functions * rows * x * y


def test_each_draw_has_its_own_function_between_the_nodes(drawn):
    values, nodes, which = drawn
    grid = np.meshgrid(*nodes, indexing="ij")
    known = surface(grid[0].ravel(), grid[1].ravel())
    weights = on_grid(*(weights_at(held, value) for held, value in zip(nodes, values, strict=True)))
    found = interpolated(known, which, weights)
    np.testing.assert_allclose(found, surface(*values)[which, np.arange(DRAWS)].T, atol=1e-10)


def test_a_draw_has_the_same_bits_alone(drawn):
    values, nodes, which = drawn
    luck = np.random.default_rng(4)
    known = luck.normal(size=(FUNCTIONS, len(nodes[0]), ROWS))
    weights = weights_at(nodes[0], values[0])
    together = interpolated(known, which, weights)
    for d in range(DRAWS):
        alone = interpolated(known, which[d : d + 1], np.ascontiguousarray(weights[:, d : d + 1]))
        np.testing.assert_array_equal(together[:, d : d + 1], alone)
