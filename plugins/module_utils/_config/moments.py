# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as they are written in the configuration: in UTC, as 2026-01-31T12:00:00Z."""

from __future__ import annotations

from datetime import datetime, timezone

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def moment(text: str) -> datetime | None:
    """Return a time as it is written as a datetime in UTC, or None."""
    try:
        return instant(text)
    except ValueError:
        return None


def instant(text: str) -> datetime:
    """Return a time as it is written as a datetime in UTC; raises ValueError for anything else."""
    return datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc)


def stamp(time: datetime) -> str:
    """Return a datetime in UTC as it is written, without fractions of a second."""
    return time.strftime(_FORM)


def utc_now() -> datetime:
    """Return the time of this host's clock."""
    return datetime.now(timezone.utc)
