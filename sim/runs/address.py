"""A folder on this machine or at any address that fsspec knows; files in it appear whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        try:
            system, path = fsspec.core.url_to_fs(os.fspath(address))
        except (ValueError, ImportError) as problem:
            raise ScenarioError(f"{address}: no such kind of address ({problem})") from problem
        return cls(system, path, os.fspath(address))

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

    def size(self) -> int | None:
        """Bytes of the file; None without one."""
        try:
            found = self.system.info(self.path)
        except FileNotFoundError:
            return None
        return int(found["size"]) if found["type"] == "file" else None

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
        """Content of the file."""
        held: bytes = self.system.cat_file(self.path)
        return held

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
