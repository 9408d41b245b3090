# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pause between writes, so that a busy Configuration Server and those who listen to it are not flooded."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Pace:
    """Lets writes begin one pause after the other, in all threads of a run together.

    Args:
        interval: seconds from the beginning of a write to that of the next one.
    """

    def __init__(self, interval: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._next: float | None = None
        self._one_by_one = threading.Lock()

    def wait(self) -> None:
        """Wait until the next write may begin; the first one may at once."""
        if not self._interval:
            return
        with self._one_by_one:
            if self._next is not None and self._clock() < self._next:
                self._sleep(self._next - self._clock())
            self._next = self._clock() + self._interval
