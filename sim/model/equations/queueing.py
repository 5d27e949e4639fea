"""Queues with several servers, for all draws at once."""

from __future__ import annotations

import numpy as np

from sim.quantities import BoolArray, FloatArray


def served_first_come(free_at: FloatArray, arrival: float, service: FloatArray, joins: BoolArray) -> FloatArray:
    """Serve one customer per draw in order of arrival (equation 5.11); exact for a queue with several servers.

    The customer takes the server that is free first: finish = max(arrival, free) + service.

    Parameters
    ----------
    free_at
        [server, draw] when each server is free; changed in place in the draws that join.
    arrival
        Time of arrival, not before that of earlier customers.
    service
        [draw] service time.
    joins
        [draw] draws in which the customer comes.

    Returns
    -------
    [draw] when the service ends; meaningless where the customer does not join.
    """
    draws = np.arange(free_at.shape[1])
    server = free_at.argmin(axis=0)
    finish: FloatArray = np.maximum(free_at[server, draws], arrival) + service
    free_at[server, draws] = np.where(joins, finish, free_at[server, draws])
    return finish
