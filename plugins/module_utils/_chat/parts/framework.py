# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the Framework that all Chat Servers are connected to: named only, since other products use them too.  Source: CHAT

The connections are part of each Chat Server's rule, which takes what is named here unless the Chat Server names another one.
"""

from __future__ import annotations

from ..field import Field
from ..part import Part

PART = Part(
    "framework",
    fields=(
        Field("message_server", "str", "Name of the Message Server to which the Chat Servers are connected."),
        Field("configuration_server", "str", "Name of the Configuration Server application to which the Chat Servers are connected."),
    ),
    place=55,
)
