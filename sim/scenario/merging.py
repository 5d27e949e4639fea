"""Laying a scenario over the one that it extends."""

from __future__ import annotations

from sim.errors import ScenarioError
from sim.scenario.library import did_you_mean
from sim.scenario.source_tree import Key, Steps, Tree, dotted, one_line
from sim.values import PARAMETERS

_WHOLE = {"value", "fact", "posterior"}


def merged(base: Tree, over: Tree, path: Steps = ()) -> Tree:
    """Lay `over` on `base`.

    Mappings are merged entry by entry; `null` removes an inherited entry. Everything else replaces: a list, a number
    (also one written as `{value, source}`, `{fact}` or a distribution), and a mapping of another `kind`.

    Raises
    ------
    ScenarioError
        If `over` removes an entry that is not there.
    """
    if not _merges(base, over):
        return over
    entries = dict(base.entries)
    for key, tree in over.entries.items():
        if tree.content is None:
            _check_removal(base, key, tree, (*path, key))
            del entries[key]
        elif key in entries:
            entries[key] = merged(entries[key], tree, (*path, key))
        else:
            entries[key] = tree
    return Tree(entries, over.place)


def is_number(tree: Tree) -> bool:
    """Whether a mapping is one number: `{value, source}`, `{fact}`, `{posterior}` or a distribution."""
    keys = set(tree.entries)
    return bool(keys & _WHOLE) or (len(keys) == 1 and keys <= PARAMETERS.keys())


def _merges(base: Tree, over: Tree) -> bool:
    if not isinstance(base.content, dict) or not isinstance(over.content, dict):
        return False
    if is_number(base) or is_number(over):
        return False
    old, new = base.step("kind"), over.step("kind")
    return old is None or new is None or old.content == new.content


def _check_removal(base: Tree, key: Key, tree: Tree, path: Steps) -> None:
    if key not in base.entries:
        near = did_you_mean(str(key), [str(known) for known in base.entries])
        text = f"{dotted(path)}: null removes an inherited entry, but there is none{near}"
        raise ScenarioError(f"{tree.place}: {one_line(text)}")
