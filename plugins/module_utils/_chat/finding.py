# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules find on the running system beside what is not as described."""

from __future__ import annotations

from typing import NamedTuple

#: A problem makes the verification fail; a warning is told in the summary of a run.
PROBLEM = "problem"
WARNING = "warning"


class Finding(NamedTuple):
    """One thing that a person should know.

    level: PROBLEM or WARNING.  text: a sentence that begins with a small letter and says what to do.
    """

    level: str
    text: str
