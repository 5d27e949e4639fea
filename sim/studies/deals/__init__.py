"""The deal space: what every package is worth to both governments, and what they sign."""

DRAWS = 1000
"""Draws in which packages are priced, unless the user says otherwise."""
