# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a request is repeated, and how long to wait before."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .gax import Settings

#: Answers that say "not now" rather than "no": too many requests, and the three that proxies and a starting GAX give.
TRANSIENT_STATUS = frozenset((429, 502, 503, 504))

#: Longest wait between two attempts, in seconds; also bounds what a server may ask for with Retry-After.
LONGEST_WAIT = 10.0


def wait_before(attempt: int, retry_after: float | None = None, spread: Callable[[], float] = random.random) -> float:
    """Return the seconds to wait before attempt number `attempt` + 1 (attempt counts from 1).

    Doubles from 0.3 s with up to a quarter of jitter, so that parallel runs do not come back in step.
    A Retry-After given by the server wins; both are bounded by LONGEST_WAIT.
    """
    if retry_after is not None:
        return min(max(0.0, float(retry_after)), LONGEST_WAIT)  # in this order, 'nan' is 0
    wait = 0.3 * 2 ** (attempt - 1)
    return min(wait * (1 + spread() / 4), LONGEST_WAIT)


def parse_retry_after(text: Any) -> float | None:
    """Return the seconds of a Retry-After header, or None when absent or given as a date."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


class Patience:
    """How long failed attempts and the waits between them may last in one run, in all, in seconds of the clock.

    What fails at the same time in several threads counts once.

    Args:
        clock: for tests.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._left = seconds
        self._clock = clock
        self._counted_until = clock()

    @classmethod
    def of(cls, settings: Settings) -> Patience:
        """Return that of a run: as much as one request needs that fails as often as it may be repeated."""
        return cls((settings.retries + 1) * settings.timeout + settings.retries * LONGEST_WAIT)

    def begin(self) -> float:
        """Return the time at which an attempt begins, for "spend"."""
        return self._clock()

    def spend(self, began: float) -> bool:
        """Note that an attempt, with the wait before it, has failed now; return whether another one may be made."""
        now = self._clock()
        self._left -= max(0.0, now - max(began, self._counted_until))
        self._counted_until = max(now, self._counted_until)
        return self._left > 0
