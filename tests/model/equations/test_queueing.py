"""The queue for all draws at once against SimPy's own queue, one draw at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.model.equations.queueing import served_first_come
from tests.plain_queue import plain_queue


@given(
    servers=st.integers(1, 4),
    draws=st.integers(1, 4),
    arrivals=st.lists(st.integers(0, 30), min_size=1, max_size=25).map(sorted),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_draw_is_served_as_in_a_queue_of_its_own(servers, draws, arrivals, seed):
    random = np.random.default_rng(seed)
    service = random.triangular(0.5, 4, 12, (len(arrivals), draws))
    joins = random.random((len(arrivals), draws)) < 0.8
    free_at = np.zeros((servers, draws))
    finish = np.stack([
        served_first_come(free_at, float(arrival), service[i], joins[i]) for i, arrival in enumerate(arrivals)
    ])  # fmt: skip
    for d in range(draws):
        comes = np.flatnonzero(joins[:, d])
        expected = plain_queue(servers, [(float(arrivals[i]), service[i, d]) for i in comes])
        np.testing.assert_allclose(finish[comes, d], expected, rtol=1e-13)


def test_a_draw_in_which_nobody_comes_keeps_its_servers_free():
    free_at = np.zeros((2, 2))
    served_first_come(free_at, 5.0, np.array([3.0, 3.0]), np.array([True, False]))
    np.testing.assert_array_equal(np.sort(free_at, axis=0), [[0, 0], [8, 0]])
