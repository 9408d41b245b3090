# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for the shapes of data that the files of this package hand to each other; for annotations only."""

from __future__ import annotations

from typing import Any, Optional

#: An object, or a part of one, as the wire carries it.
Raw = dict[str, Any]

#: Where a value is in an object, in the user's words: ("options", "settings", "limit"); also the beginning of such a path.
Path = tuple[str, ...]

#: Path -> plain value.
Leaves = dict[Path, Any]

#: Path -> (old value, new value); None stands for 'not there'.
Edits = dict[Path, tuple[Any, Any]]

#: Which object: class, name, tenant.
Key = tuple[str, str, Optional[str]]

#: One object of a snapshot; see snapshot.py.
Entry = dict[str, Any]
