# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form in which GAX's login page sends a password."""

from __future__ import annotations

import random


def obfuscate(password, shift=None):
    """Return `password` in the form that goes with `isPasswordEncrypted: true`.

    For every character c two code points are sent: c + r and r, with a random r. It is not encryption.
    shift: function without arguments giving r (68..190), for tests.  Source: G3.
    """
    shift = shift or (lambda: random.randint(68, 190))
    pairs = []
    for character in password:
        r = shift()
        pairs.append(chr(ord(character) + r) + chr(r))
    return "".join(pairs)
