"""Finding scenario files by name: the library that comes with the program, and the user's own folder."""

from __future__ import annotations

import difflib
import re
import unicodedata
from pathlib import Path

from sim.errors import ScenarioError
from sim.scenario.source_tree import did_you_mean, shown

NAME_OF_SCENARIO = re.compile(r"[a-z][a-z0-9_]*")
SUFFIXES = (".yaml", ".yml")
_PACKAGE = Path(__file__).resolve().parents[1]


def name_of(path: Path) -> str:
    """Make the name of a scenario of that of its file: `my_zone` of `My-Zone.yaml`, `zolle` of `Zölle.yaml`.

    Raises
    ------
    ScenarioError
        If no letter or digit of it can stand in a name.
    """
    if NAME_OF_SCENARIO.fullmatch(path.stem):
        return path.stem
    letters = unicodedata.normalize("NFKD", path.stem.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    if not name:
        text = (
            "its result goes by the name of the file, in letters from a to z, digits and underscores; rename the file"
        )
        raise ScenarioError(f"{shown(path)}: {text}, or write `name: my_scenario` at its top")
    return name if name[0].isalpha() else f"scenario_{name}"


def library_folder() -> Path:
    """Give the folder of the scenario library: inside the installed package, otherwise in the repository."""
    installed = _PACKAGE / "_scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def is_of_library(path: Path) -> bool:
    """Whether a file lies in the library."""
    return path.resolve().is_relative_to(library_folder().resolve())


def library() -> dict[str, Path]:
    """Give the files of the library by name, in alphabetical order."""
    return {path.stem: path for path in sorted(library_folder().glob("*.yaml"))}


def nearby() -> list[Path]:
    """Give the files of the current folder and of `./scenarios` that the library does not have."""
    files = [path for folder in (Path(), Path("scenarios")) for path in sorted(folder.glob("*.yaml"))]
    return [path for path in files if not _is_copy(path, library().get(path.stem))]


def find(path_or_name: str | Path) -> Path:
    """Find the file that the user means.

    Parameters
    ----------
    path_or_name
        A path, or the name of a scenario in the library, in the current folder or in `./scenarios`.

    Raises
    ------
    ScenarioError
        If there is no such file, or the name fits several that differ.
    """
    if is_path(path_or_name):
        return _existing(Path(path_or_name))
    name = str(path_or_name)
    found = _distinct([library_folder() / f"{name}.yaml", Path(f"{name}.yaml"), Path("scenarios") / f"{name}.yaml"])
    if not found:
        raise ScenarioError(f"{name}: there is no scenario of that name{did_you_mean(name, _names_near())}")
    if len(found) > 1:
        raise ScenarioError(f"{name}: the name fits different files, give the path: {' or '.join(map(shown, found))}")
    return found[0]


def find_parent(path_or_name: str, child: Path) -> Path:
    """Find the file that `extends: path_or_name` in the file `child` means.

    A name is looked for beside `child`, then in the library, where a file that extends its own name finds it; a path
    starts at the folder of `child`.

    Raises
    ------
    ScenarioError
        If there is no such file.
    """
    if is_path(path_or_name):
        return child.parent / path_or_name
    for folder in (child.parent, library_folder()):
        found = folder / f"{path_or_name}.yaml"
        if found.is_file() and found.resolve() != child.resolve():
            return found
    near = {*library(), *(path.stem for path in child.parent.glob("*.yaml") if path != child)}
    raise ScenarioError(f"there is no scenario {path_or_name!r}{did_you_mean(path_or_name, near)}")


def is_within_reach(path: Path, folder: Path) -> bool:
    """Whether a file, links followed, lies under a folder, the current folder or the library: no other is extended.

    Whoever sends a scenario could otherwise have any file of the reader's looked into, and shown in a message.
    """
    return any(path.resolve().is_relative_to(held.resolve()) for held in (folder, Path(), library_folder()))


def shadowed(path_or_name: str, found: Path) -> bool:
    """Whether a name was found in a file that is not the one that the library has under it."""
    original = None if is_path(path_or_name) else library().get(path_or_name)
    return original is not None and found.resolve() != original.resolve() and not _is_copy(found, original)


def is_path(path_or_name: str | Path) -> bool:
    """Tell a path from a name: it has a folder or an ending."""
    text = str(path_or_name)
    return isinstance(path_or_name, Path) or text.endswith(SUFFIXES) or re.search(r"[/\\]", text) is not None


def _names_near() -> set[str]:
    own = {path.stem for folder in (Path(), Path("scenarios")) for path in folder.glob("*.yaml")}
    return {*library(), *own}


def _existing(path: Path) -> Path:
    """Give the path back if something is there; otherwise name the nearest file or scenario of the library."""
    try:
        there = path.exists()
        beside = {} if there else {file.name: str(file) for file in path.parent.glob("*.yaml")}
    except OSError as error:
        raise ScenarioError(f"{path}: the file cannot be read: {error.strerror or error}") from None
    if there:
        return path
    nearest = [beside[name] for name in difflib.get_close_matches(path.name, beside, n=1)]
    nearest += difflib.get_close_matches(path.stem, library(), n=1)
    hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
    raise ScenarioError(f"{path}: there is no such file{hint}")


def _is_copy(path: Path, original: Path | None) -> bool:
    return original is not None and path.is_file() and path.read_bytes() == original.read_bytes()


def _distinct(candidates: list[Path]) -> list[Path]:
    """Keep the files that exist, one of each content."""
    found: dict[bytes, Path] = {}
    for path in candidates:
        if path.is_file():
            found.setdefault(path.read_bytes(), path)
    return list(found.values())
