# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds secrets in anything that was written, in every form in which they may have got there."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shlex
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(secret: str) -> dict[str, bytes]:
    """Return the forms of a secret that are sought, by name."""
    escaped = json.dumps(secret)[1:-1]
    plain = secret.encode()
    found = {
        "plain": plain,
        "UTF-16": secret.encode("utf-16-le"),
        "Latin-1": secret.encode("latin-1", "replace"),
        "JSON": escaped.encode(),
        "JSON with letters": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "JSON in JSON": json.dumps(escaped)[1:-1].encode(),
        "Python": repr(secret)[1:-1].encode(),
        "shell": shlex.quote(secret).strip("'").encode(),
        "URL": quote(secret, safe="").encode(),
        "URL path": quote(secret).encode(),
        "URL form": quote_plus(secret).encode(),
        "HTML": html.escape(secret).encode(),
        "hexadecimal": plain.hex().encode(),
    }
    for offset in range(3):  # where the secret begins within a group of three bytes; the letters at both ends depend on its neighbours
        encoded = base64.b64encode(b"\0" * offset + plain)
        found[f"base64, offset {offset}"] = encoded[4 if offset else 0 : len(encoded) // 4 * 4 - 4]
    return found


def obfuscated(secret: str, text: str) -> bool:
    """Tell whether a text holds the secret as GAX's login form sends it: two characters for each one, whose difference it is."""
    wanted = [ord(letter) for letter in secret]
    once = _without_escapes(text)
    for form in dict.fromkeys((text, once, _without_escapes(once))):
        units = [ord(letter) for letter in form]
        for start in range(len(units) - 2 * len(wanted) + 1):
            if units[start] - units[start + 1] == wanted[0] and all(units[start + 2 * i] - units[start + 2 * i + 1] == unit for i, unit in enumerate(wanted)):
                return True
    return False


def _without_escapes(text: str) -> str:
    """Return a text without the escapes of JSON; a backslash may be half of a pair."""
    return re.sub(r'\\(?:u([0-9a-fA-F]{4})|([\\"/]))', lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def found_in(content: bytes | str, secrets: Iterable[str]) -> list[str]:
    """Return which secrets are in a content, and how."""
    content = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    text = content.decode("utf-8", "replace")
    # Nothing obfuscated is without characters from U+0080 on, or their escapes.
    suspicious = not content.isascii() or b"\\u" in content
    found = []
    for secret in secrets:
        found += [f"{secret!r} ({name})" for name, form in forms(secret).items() if form in content]
        found += [f"{secret!r} (obfuscated)"] if suspicious and obfuscated(secret, text) else []
    return found


def found_below(directory: Path, secrets: Iterable[str], skipped: tuple[Path, ...] = ()) -> list[str]:
    """Return which secrets are in the files below a directory, or in their names."""
    found = []
    for path in directory.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(place) for place in skipped):
            found += [f"{path}: {what}" for what in found_in(path.read_bytes() + str(path).encode(), secrets)]
    return found


class ProcessList:
    """Watches the arguments and the environment of all processes that descend from this one: ``with ProcessList() as seen: ...``."""

    def __init__(self, pause: float = 0.01) -> None:
        #: Command lines, and the environments with them.
        self.seen: dict[bytes, set[bytes]] = {}
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> ProcessList:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(10)

    def commands(self) -> list[bytes]:
        """Return the command lines that were seen."""
        return list(self.seen)

    def environments(self) -> list[bytes]:
        """Return the environments that were seen."""
        return [environment for environments in self.seen.values() for environment in environments]

    def _watch(self) -> None:
        while not self._over.wait(self._pause):
            for pid in descendants(os.getpid()):
                try:
                    line = Path(f"/proc/{pid}/cmdline").read_bytes()
                    self.seen.setdefault(line, set()).add(Path(f"/proc/{pid}/environ").read_bytes())
                except OSError:
                    continue  # it has ended


def descendants(pid: int) -> set[int]:
    """Return the processes that a process has started, and theirs."""
    parents = {}
    for name in os.listdir("/proc"):
        try:
            # The name of the program, in brackets, may hold anything.
            parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
        except (ValueError, OSError):
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}
