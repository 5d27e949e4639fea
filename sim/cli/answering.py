"""What a command has found, on the screen or as JSON for programs: every command says it once, by `answer`.

`answering` gives each command `--json`. With it standard output is one JSON document, and all else that the command
says goes to the error stream.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from sim.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.address import Address

Data = Mapping[str, Any]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print what was found as one JSON document for programs, and nothing else.")
]
_WANTED = "as_json"
_document: ContextVar[Document | None] = ContextVar("document", default=None)


class Document:
    """Where the one JSON document of a command goes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_written = False

    def write(self, data: Data) -> None:
        """Write it; there is no second one."""
        if self.is_written:
            raise ModelError("a command answers once")
        self.is_written = True
        self._stream.write(json.dumps(_plain(data), indent=2) + "\n")
        self._stream.flush()


def answer(data: Callable[[], Data], show: Callable[[], object]) -> None:
    """Say what was found: as JSON if that was asked for, else on the screen."""
    document = _document.get()
    if document is None:
        show()
    else:
        document.write(data())


def answering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--json`; its exit codes stay."""

    @wraps(command)
    def with_json(**arguments: Any) -> None:
        if not arguments.pop(_WANTED):
            command(**arguments)
            return
        document = Document(sys.stdout)
        before = _document.set(document)
        try:
            with redirect_stdout(sys.stderr):
                command(**arguments)
        finally:
            _document.reset(before)
        if not document.is_written:
            raise ModelError(f"{command.__name__} ended without an answer")

    own = inspect.signature(command, eval_str=True)
    option = inspect.Parameter(_WANTED, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption)
    asked = [*own.parameters.values(), option]
    with_json.__dict__["__signature__"] = own.replace(parameters=asked)
    with_json.__annotations__ = {parameter.name: parameter.annotation for parameter in asked}
    return with_json


def folder_data(folder: Address, tables: Mapping[str, pd.DataFrame], sentences: Sequence[str] = ()) -> Data:
    """Give what a folder holds: all that its manifest says, what the command would say in words, and its tables.

    Parameters
    ----------
    folder
        The folder, which has been written.
    tables
        Its tables by the names of their files.
    sentences
        The answer in words.
    """
    from sim.runs.address import Place
    from sim.runs.manifest import manifest_of

    rows = {name: rows_of(table) for name, table in tables.items()}
    return {"folder": str(folder), **(manifest_of(Place.of(folder)) or {}), "answer": list(sentences), "tables": rows}


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """Turn values of tables into what JSON knows; a number that there is not is null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    if hasattr(value, "item"):  # of NumPy
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    text = str(value)
    return None if text in {"NaT", "<NA>"} else text
