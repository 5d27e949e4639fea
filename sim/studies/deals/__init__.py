"""The deal space: what every package is worth to both governments, and what they sign."""
