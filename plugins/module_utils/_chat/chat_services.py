# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a chat service shows on a GMS node.  Source: CHAT, GMSBOOK"""

from __future__ import annotations

from .._config.directory import ConfigObject

#: The beginning of the section of a chat service; its name follows.  Source: CHAT, GMSBOOK
SECTION = "chat."

#: Source: PSENUM, G5
SOLUTION_CONTROL_SERVER = "CFGSCS"


def service_sections(app: ConfigObject) -> list[tuple[str, str]]:
    """Return the (section, option) of all chat services of an application."""
    return [(section, option) for section, option in app.options() if section.startswith(SECTION) and section != SECTION]
