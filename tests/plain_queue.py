"""SimPy's own queue, one draw at a time: what the queue for all draws at once is held against."""

from __future__ import annotations

import simpy


def plain_queue(servers: int, customers: list[tuple[float, float]]) -> list[float]:
    """Times at which customers (arrival, service) leave a `simpy.Resource`."""
    env = simpy.Environment()
    desk = simpy.Resource(env, capacity=servers)
    left = [0.0] * len(customers)

    def customer(number, arrival, service):
        yield env.timeout(arrival)
        with desk.request() as turn:
            yield turn
            yield env.timeout(service)
            left[number] = env.now

    for number, (arrival, service) in enumerate(customers):
        env.process(customer(number, arrival, service))
    env.run()
    return left
