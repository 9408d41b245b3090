# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that judge a chat solution are asked; documented in the fragment genesys_engage.chat.audit."""

from __future__ import annotations

JUDGING = dict(
    rules=dict(type="list", elements="str"),
    waivers=dict(
        type="list",
        elements="dict",
        default=[],
        options=dict(
            rule=dict(type="str", required=True), object=dict(type="str"), reason=dict(type="str", required=True), until=dict(type="str", required=True)
        ),
    ),
    solution=dict(type="dict"),
    snapshot=dict(type="path"),
    health_port=dict(type="bool", default=False),
    development_environment=dict(type="bool", default=False),
    privileges=dict(type="dict"),
)
