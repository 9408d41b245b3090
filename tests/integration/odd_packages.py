# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of the sandbox with something peculiar about them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

#: What a file is replaced by: its content, or the goal of a symbolic link.
Replacement = bytes | str


def odd_package(archive: Path, place: Path, inside: Mapping[str, Mapping[str, Replacement]]) -> Path:
    """Write a package like another one, with changes.

    Args:
        archive: the package to go by.
        place: the new archive.
        inside: by the archive within it, for example ``data.tar.gz``, or by an empty name for the package itself: files that are
            added or replaced.
    """
    content = archive.read_bytes()
    for inner, files in inside.items():
        name = f"ip/{inner}"
        content = _changed(content, {name: _changed(_read(content, name), files)} if inner else files)
    place.write_bytes(content)
    return place


def _read(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = tar.extractfile(name)
        assert found is not None
        return found.read()


def _changed(archive: bytes, files: Mapping[str, Replacement]) -> bytes:
    result = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as old, tarfile.open(fileobj=result, mode="w:gz", compresslevel=1) as new:
        for member in old:
            if member.name not in files:
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode = 0o755
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                new.addfile(member)
            else:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return result.getvalue()
