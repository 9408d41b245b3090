# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documented ranges of Chat Server options: a value outside is warned about, or refused with strict_ranges.

The ranges are those of the latest release's pages, so an older Chat Server may differ: that is why they do not refuse.
"""

from __future__ import annotations

from .._config.errors import InvalidInput
from .._config.fields import whole_number

_SWITCH = ("true", "false")

#: (section, option) -> (lowest, highest) or the words allowed.
RANGES: dict[tuple[str, str], tuple] = {
    ("settings", "hide-attached-data"): _SWITCH,  # Source: CHAT
    ("settings", "message-log-print-size"): (0, 7000),  # Source: CHAT, SRV850
    ("settings", "session-restoration-mode"): ("none", "simple"),  # Source: WAPP, HA81
    ("settings", "transcript-auto-save"): ("0", "1", "2"),  # Source: WAPP, HA81
    ("settings", "flex-disconnect-timeout"): (1, 1728000),  # Source: GMSV1
    ("settings", "limits-control-enabled"): _SWITCH,  # Source: SRV850
    ("settings", "limit-for-sessions"): (0, 1000000),  # Source: SIZE
    ("settings", "limit-for-flex-users"): (0, 1000000),  # Source: SIZE
    ("settings", "limits-restore-threshold"): (0, 100),  # Source: SIZE
    ("settings", "limits-reached-report-scs"): _SWITCH,  # Source: SIZE
    ("settings", "attach-session-statistics"): ("all", "fired", "none"),  # Source: REPORT
    ("settings", "session-restore-extend-by"): ("none", "agent", "esp", "both"),  # Source: ASYNC, HALAT
    ("log-filter-data", "Transcript"): ("copy", "skip", "hide"),  # Source: SRV850
    ("log-filter-data", "StructuredText"): ("copy", "skip", "hide"),  # Source: SRV850
    ("inactivity-control", "enabled"): _SWITCH,  # Source: INACT
    ("inactivity-control", "timeout-alert"): (1, 86400),  # Source: WFLOW
    ("inactivity-control", "timeout-alert2"): (0, 86400),  # Source: WFLOW
    ("inactivity-control", "timeout-close"): (1, 86400),  # Source: WFLOW
    ("health-service", "log-output-timeout"): (0, 86400),  # Source: SIZE
    ("health-service", "log-output-proviso"): ("always", "update"),  # Source: SIZE
    ("health-service", "log-output-content"): ("all", "new", "set"),  # Source: SIZE
}


def fits(allowed, value):
    """Return whether an option's value (str) is within its range or among its words."""
    if isinstance(allowed[0], str):
        return value in allowed
    number = whole_number(value)
    return number is not None and allowed[0] <= number <= allowed[1]


def check(context, desired, where, documented=None):
    """Warn about (strict_ranges: refuse) each option of "desired" outside its range; documented: the ranges, RANGES if not given."""
    for (section, key), allowed in (documented or RANGES).items():
        value = desired.leaves.get(("options", section, key))
        if value is None or fits(allowed, value):
            continue
        words = " or ".join(allowed) if isinstance(allowed[0], str) else "%s to %s" % (allowed[0], allowed[1])
        text = "%s: option %s/%s is documented as %s, got '%s'" % (where, section, key, words, value)
        if context.strict_ranges:
            raise InvalidInput(text)
        context.warn(text)
