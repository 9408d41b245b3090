# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Web Engagement spells its chat channel, by release.  Source: GWE812; GWECH, GWEOPT, GWEOPT2"""

from __future__ import annotations

_WES = "wes.connector.chatServer."

#: Release -> point of the channel -> (section, option).  Source: GWE812; GWECH, GWEOPT, GWEOPT2.
#: In 8.5 the options are those of the Web Engagement Cluster; what is missing there has no known name.
OPTIONS = {
    "8.1.2": {
        "queue_key": ("service:wes", f"{_WES}queueKey"),
        "queue": ("service:wes", f"{_WES}queueWebengagement"),
        "contact_handling": ("service:wes", f"{_WES}identifyCreateContact"),
        "refresh_period": ("service:wes", f"{_WES}refreshPeriod"),
        "request_pool_size": ("service:wes", f"{_WES}requestPoolSize"),
        "session_restore_timeout": ("service:wes", f"{_WES}sessionRestoreTimeout"),
        "chat_is_default_channel": ("service:wmsg", "wmsg.connector.defaultEngagementChannel"),
    },
    "8.5": {
        "queue_key": ("chat", "queueKey"),
        "queue": ("chat", "webengagementChatQueue"),
        "contact_handling": ("chat", "identifyCreateContact"),
        "refresh_period": ("chat", "refreshTaskPeriod"),
        "request_pool_size": ("chat", "refreshPoolSize"),
    },
}

#: The page's text spells the time-out so, all its screenshots as above.  Source: GWE812
OTHER_SPELLING = ("service:wes", f"{_WES}chatSessionRestoreTimeout")

#: Contact handling: word -> value, and what the product takes if the option is absent or wrong.  Source: GWE812
CONTACT_HANDLING = {"none": "1", "identify": "2", "create": "3"}

USUAL_HANDLING = "3"

#: Seconds between updates in the chat widget. In 8.5 neither range nor unit is known: Co-browse counts in milliseconds.  Source: GWE812, COB
REFRESH_PERIOD = (1, 5)
