"""Two kinds of error: one that the user can mend, one that we must."""


class ScenarioError(Exception):
    """Something in the user's files or arguments is wrong; the message says where, what and what next.

    Several problems found together are joined by newlines, one line each.
    """


class ModelError(Exception):
    """An invariant of the model is broken: a fault of the program, never of the user."""
