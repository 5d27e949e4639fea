"""Actors: SimPy processes that play month by month and decide for all draws at once."""
