"""A folder on this machine or at any address that fsspec knows; files in it appear whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from sim.errors import ScenarioError

Address = str | Path
"""A path, or an address such as s3://bucket/results."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""System errors that mean that there is no room left."""


@dataclass(frozen=True)
class Place:
    """A file or folder.

    Attributes
    ----------
    system
        The file system that holds it.
    path
        Its path there.
    address
        How the user calls it.
    """

    system: Any
    path: str
    address: str

    @classmethod
    def of(cls, address: Address) -> Place:
        """Find the file system of an address.

        Raises
        ------
        ScenarioError
            If it is of an unknown kind, or the package that speaks to it is not installed.
        """
        text = os.fspath(address)
        if fault := next((what for part, what in _ODD.items() if part in text), "" if text.strip() else "nothing"):
            raise ScenarioError(f"{text!r}: {fault} where a path or an address such as s3://bucket/results is expected")
        try:
            system, path = fsspec.core.url_to_fs(text)
        except Exception as problem:  # each kind of address has errors of its own
            raise ScenarioError(f"{text}: no such kind of address ({problem})") from problem
        return cls(system if isinstance(system, LocalFileSystem) else _Elsewhere(system), path, text)

    def __truediv__(self, name: str) -> Place:
        between = "" if self.address.endswith("/") else "/"
        return Place(self.system, f"{self.path}/{name}", f"{self.address}{between}{name}")

    def __str__(self) -> str:
        return self.address

    @property
    def is_local(self) -> bool:
        """Whether it is on a disk of this machine."""
        return isinstance(self.system, LocalFileSystem)

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def parent(self) -> Place:
        """The folder that it stands in."""
        address = self.address.rstrip("/")
        above = address.rpartition("/")[0] if "/" in address else "."
        if above.endswith(":/"):
            above += "/"
        return Place(self.system, self.path.rstrip("/").rpartition("/")[0], above or "/")

    @property
    def local(self) -> Path:
        """Path on this machine's disk."""
        return Path(self.path)

    def exists(self) -> bool:
        """Whether something is there."""
        return bool(self.system.exists(self.path))

    @property
    def is_link(self) -> bool:
        """Whether it leads to somewhere else on the disk."""
        return self.is_local and self.local.is_symlink()

    @property
    def is_there(self) -> bool:
        """Whether something is there, if only a link that leads nowhere."""
        return self.is_link or self.exists()

    def size(self) -> int | None:
        """Bytes of the file; None without one, or where there is a link, a folder or a pipe."""
        try:
            found = self.system.info(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return int(found["size"]) if found["type"] == "file" and not found.get("islink") else None

    def names(self) -> list[str]:
        """Names of what stands in the folder, sorted; none without a folder."""
        try:
            found = self.system.ls(self.path, detail=False, refresh=True)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(held.rstrip("/").rpartition("/")[2] for held in found if held.rstrip("/") != self.path)

    def files(self) -> list[str]:
        """Paths of all files below the folder, relative to it, sorted."""
        start = len(self.path.rstrip("/")) + 1
        return sorted(found[start:] for found in self.system.find(self.path))

    def read(self) -> bytes:
        """Content of the file; a link is not followed, and a pipe not waited for."""
        if not self.is_local:
            held: bytes = self.system.cat_file(self.path)
            return held
        with self._opened() as file:
            return file.read()

    def mapped(self) -> bytes | mmap:
        """Content of the file, as `read` gives it; of one on a disk not copied: nobody writes into one that stands."""
        if not self.is_local or not self.size():
            return self.read()
        with self._opened() as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)

    def _opened(self) -> BinaryIO:
        if self.is_link:
            raise OSError(errno.EINVAL, "a link, not a file", self.path)
        file = open(self.path, "rb", opener=_without_waiting)  # noqa: SIM115 (whoever asks for it closes it)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        raise OSError(errno.EINVAL, "no plain file", self.path)

    def write(self, content: bytes) -> None:
        """Write the file whole: beside, then renamed; elsewhere than on a disk, none is seen before it is whole."""
        if not self.is_local:
            self.system.makedirs(self.parent.path, exist_ok=True)
            self.system.pipe_file(self.path, content)
            return
        self.local.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=self.local.parent, prefix=f".{self.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(beside).chmod(_FILE_MODE)
            Path(beside).replace(self.path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def copy_to(self, other: Place) -> None:
        """Copy a file to another place of the same file system; on a disk the two share their content."""
        if self.is_local:
            other.local.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self.path, other.path)
            except OSError:
                other.write(self.read())
        else:
            self.system.makedirs(other.parent.path, exist_ok=True)
            self.system.cp_file(self.path, other.path)

    def remove(self) -> None:
        """Remove the file or the folder with all that is in it, if it is there."""
        if self.exists():
            # Elsewhere than on a disk, fsspec takes `*` and brackets for patterns here, and here alone.
            self.system.rm(self.path if self.is_local else glob.escape(self.path), recursive=True)


@dataclass(frozen=True)
class _Elsewhere:
    """A file system that is no disk of this machine: all that goes wrong there comes as an OSError."""

    system: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._called, getattr(self.system, name))

    @staticmethod
    def _called(method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except OSError:
            raise
        except Exception as problem:
            raise OSError(errno.EIO, f"{type(problem).__name__} {problem}".rstrip()) from problem


_ODD = {"::": "one address inside another (::)", "\0": "a character that is none"}
"""What fsspec would take for something that nobody means."""


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


_FILE_MODE = 0o644
"""Readable by all, where a temporary file is for its owner only."""


def unwritable(place: Place, problem: OSError, kept: str = "") -> ScenarioError:
    """Say why something cannot be written, and what to do.

    Parameters
    ----------
    place
        What was being written.
    problem
        What the system says.
    kept
        What is not lost, and how to go on.
    """
    reason = problem.strerror or problem
    if problem.errno in FULL:
        return ScenarioError(f"{place}: there is no room left ({reason}); make room{kept or ' and try again'}")
    return ScenarioError(f"{place}: cannot be written ({reason}); choose another folder{kept}")
