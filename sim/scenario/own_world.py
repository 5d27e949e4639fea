"""Tables of the world's trade from a folder of one's own: a scenario carries their text, and needs it no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import ScenarioError
from sim.facts.world_trade import check_world, is_own, own_world
from sim.scenario.layers import SourceFile
from sim.scenario.source_tree import Place, Tree, shown, tree_of

GOODS, WORLD, DATA, TABLES = "goods", "world", "data", "tables"


def with_own_world(whole: Tree, files: Sequence[SourceFile]) -> Tree:
    """Put tables in the place of the way to a folder of one's own.

    It begins where the file that names it lies, or in the current folder if no file does.

    Raises
    ------
    ScenarioError
        If something is wrong with the folder or in its tables.
    """
    goods = whole.step(GOODS)
    world = None if goods is None else goods.step(WORLD)
    data = None if world is None else world.step(DATA)
    if goods is None or world is None or data is None:
        return whole
    if (tables := data.step(TABLES)) is not None:
        texts = {str(name): str(held.content) for name, held in tables.entries.items()}
        check_world(texts, f"{tables.place}: {GOODS}.{WORLD}.{DATA}.{TABLES}")
    if not isinstance(data.content, str) or not is_own(data.content):
        return whole
    own = tree_of({"folder": data.content, TABLES: _read(data.content, data.place, files)}, data.place)
    held = Tree({**goods.entries, WORLD: Tree({**world.entries, DATA: own}, world.place)}, goods.place)
    return Tree({**whole.entries, GOODS: held}, whole.place)


def _read(data: str, place: Place, files: Sequence[SourceFile]) -> dict[str, str]:
    beside = next((file.path.parent for file in files if shown(file.path) == place.file), Path())
    folder = beside / data
    try:
        return dict(own_world(folder, shown(folder)))
    except ScenarioError as fault:
        is_of_row = ".csv:" in str(fault)
        raise ScenarioError(str(fault) if is_of_row else f"{place}: goods.world.data: {fault}") from None
