# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the controller: only regular ones are read or replaced, and none can hold us up, as a named pipe or a device would."""

from __future__ import annotations

import os
import secrets as random_names
import stat


def read_regular(path, limit):
    """Return the bytes of a regular file, at most "limit"; raises OSError, with a sentence in "strerror" if it is something else or larger."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _require_regular(path, os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(0, "it is larger than %d bytes" % limit, path)
    return content


def replace_regular(path, text):
    """Put a file in its place that only its owner can read, whole or not at all; directories above it are made.

    A link there is replaced, not followed.  Raises OSError, with a sentence in "strerror" if something else than a file is there.
    """
    try:
        _require_regular(path, os.stat(path))
    except FileNotFoundError:
        pass
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = "%s.%s" % (path, random_names.token_hex(4))
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def _require_regular(path, status):
    if not stat.S_ISREG(status.st_mode):
        what = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}.get(stat.S_IFMT(status.st_mode), "a device")
        raise OSError(0, "it is %s, not a regular file" % what, path)
