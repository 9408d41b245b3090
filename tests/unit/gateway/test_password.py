# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The obfuscated password: a string captured from a real system, and the way back for any password."""

from __future__ import annotations

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.password import obfuscate

# Shifts of the string that a GAX 8.5.2 page sent for "password"; one is above 122.  Source: G3
CAPTURED_SHIFTS = (74, 104, 98, 104, 97, 75, 112, 147)


def units(text):
    """The UTF-16 code units of a text: characters as Java and JavaScript know them."""
    data = text.encode("utf-16-be", "surrogatepass")
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]


def reveal(obfuscated):
    """What a server makes of the two code units per character, as it reads them from JSON."""
    pairs = units(json.loads(json.dumps(obfuscated)))
    assert len(pairs) % 2 == 0
    plain = [(first - second) & 0xFFFF for first, second in zip(pairs[::2], pairs[1::2])]
    return b"".join(unit.to_bytes(2, "big") for unit in plain).decode("utf-16-be", "surrogatepass")


def test_the_captured_string():
    shifts = iter(CAPTURED_SHIFTS)
    expected = "".join(chr(ord(character) + shift) + chr(shift) for character, shift in zip("password", CAPTURED_SHIFTS))
    assert expected.startswith("\xbaJ\xc9h")  # p + 74, 74, a + 104, 104
    assert obfuscate("password", lambda: next(shifts)) == expected


@given(st.text(), st.lists(st.integers(68, 190), min_size=1))
@settings(database=None, deadline=None, derandomize=True)
def test_the_server_gets_the_password_back(password, shifts):
    source = itertools.cycle(shifts)
    assert reveal(obfuscate(password, lambda: next(source))) == password


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1))
@settings(database=None, deadline=None, derandomize=True)
def test_shifts_are_random_within_their_range(password):
    obfuscated = obfuscate(password)
    assert len(obfuscated) == 2 * len(password)
    assert all(68 <= ord(shift) <= 190 for shift in obfuscated[1::2])
    assert len({obfuscate("password") for _time in range(5)}) > 1
