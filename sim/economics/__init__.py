"""The equations: pure functions on arrays. They know nothing of SimPy, files, YAML or names; draws are the last axis."""
