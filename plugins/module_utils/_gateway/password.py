# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form in which GAX's login page sends a password."""

from __future__ import annotations

import random
from typing import Callable


def obfuscate(password: str, shift: Callable[[], int] | None = None) -> str:
    """Return `password` in the form that goes with `isPasswordEncrypted: true`.

    For every character c two are sent: c + r and r, with a random r. It is not encryption. A character is a UTF-16 unit,
    as for the browser whose form this is; that is inferred for what lies beyond U+FFFF.
    Source: G3.

    Args:
        shift: function without arguments giving r (68..190), for tests.
    """
    draw = shift or (lambda: random.randint(68, 190))
    units = memoryview(password.encode("utf-16", "surrogatepass")).cast("H")[1:]  # without the byte order mark
    pairs = []
    for unit in units:
        r = draw()
        pairs.append(chr((unit + r) & 0xFFFF) + chr(r))
    return "".join(pairs)
