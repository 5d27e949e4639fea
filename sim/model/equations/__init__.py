"""The equations: pure functions on arrays that know nothing of SimPy, files, YAML or names; draws are the last axis."""
