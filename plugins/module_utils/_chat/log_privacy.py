# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log of a Chat Server may show of customers' data.  Source: CHAT, SRV850"""

from __future__ import annotations

from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .arguments import validated
from .connection import without_none
from .field import Field, argument_spec

#: The most private log: what the product does unless told otherwise, said explicitly.  Source: CHAT, SRV850
PRIVATE = {"hide_attached_data": True, "message_log_print_size": 0,
           "log_filter_data": {"Transcript": "hide", "StructuredText": "hide"}}

#: Single points of the log's privacy, whose ranges are those of the options (see ranges). Adoption reports them as options.
LOG_PRIVACY = (
    Field("hide_attached_data", "bool", "V(true) keeps user data out of the log.", path=("options", "settings", "hide-attached-data")),
    Field("message_log_print_size", "int", "Characters of each message that are written.", path=("options", "settings", "message-log-print-size"),
          source="CHAT, SRV850"),
    Field("log_filter_data", "dict", "Filters by attribute.", path=("options", "log-filter-data"), source="SRV850"),
)

#: The field of a Chat Server.
PRIVACY = Field(
    "log_privacy", "raw",
    "What Chat Server may write of customers' data to its log.",
    "V(private) hides all of it, which is what the product does unless told otherwise.",
    "A mapping sets single points, C(hide_attached_data) (V(true) keeps user data out of the log), C(message_log_print_size) (characters "
    "of each message that are written, 0 to 7000), and C(log_filter_data) (filters by attribute, for example C(Transcript) or "
    "C(StructuredText), with V(copy), V(skip) or V(hide)).",
    mapping=LOG_PRIVACY)


def want_privacy(desired: Desired, privacy: Any, where: str) -> None:
    """Demand what the log may show of customers' data: 'private' for nothing, or see LOG_PRIVACY.

    Source: CHAT, SRV850
    """
    if privacy is None:
        return
    if isinstance(privacy, str):
        if privacy != "private":
            raise InvalidInput(f"{where}: log_privacy must be 'private' or a mapping, got '{privacy}'")
        privacy = PRIVATE
    points = {field.name: field for field in LOG_PRIVACY}
    for name, value in without_none(validated(privacy, argument_spec(LOG_PRIVACY), f"{where}: log_privacy")).items():
        if points[name].kind == "dict":
            desired.want_options("options", {points[name].path[1]: value}, f"{where}: log_privacy")
        else:
            desired.want(points[name].path, value)
