# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a write is tried. Between two attempts its object is read again and compared: no body is ever sent twice unseen."""

from __future__ import annotations

from .._gateway.errors import GatewayError, SessionRenewed
from .._gateway.retry import wait_before

#: How often in a row GAX may end the session between the reading of an object and its writing.
RENEWALS = 10


class Attempts:
    """The attempts of one write.

    doubtful: an attempt may have been carried out, or may still arrive.  renewed: one met a session that had ended.
    sleep: function that waits so many seconds.
    """

    def __init__(self, settings, sleep):
        self.doubtful = False
        self._retries = settings.retries
        self._sleep = sleep
        self._failed = 0
        self._renewals = 0

    @property
    def renewed(self):
        return self._renewals > 0

    def again(self, error):
        """Note a failed attempt, and wait if another one may follow; return whether it may.

        A session that had ended is no failure of the write: it does not count as one of the retries, but can't go on for ever.
        Raises GatewayError when it does.
        """
        self.doubtful = self.doubtful or error.uncertain
        if isinstance(error, SessionRenewed):
            self._renewals += 1
            if self._renewals > RENEWALS:
                raise GatewayError(f"GAX ended the session {self._renewals} times in a row before an object that was read could be written: look at "
                                   "how long GAX keeps a session", error.method, error.path, error.status, uncertain=self.doubtful)
            return True
        self._failed += 1
        if not error.transient or self._failed > self._retries:
            return False
        self._sleep(wait_before(self._failed, error.retry_after))
        return True
