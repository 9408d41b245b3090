# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a write is tried. Between two attempts its object is read again and compared: nothing is sent again without a fresh look at the object."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any, Callable

from .._gateway.errors import GatewayError, LoginRefused, SessionRenewed, WriteInReadOnlyMode
from .._gateway.retry import wait_before

if TYPE_CHECKING:
    from .._gateway.gax import Settings

#: How often in a row GAX may end the session between the reading of an object and its writing.
RENEWALS = 10


class Attempts:
    """The attempts of one write.

    Args:
        sleep: function that waits so many seconds.

    Attributes:
        doubtful: an attempt may have been carried out, or may still arrive.
        renewed: one met a session that had ended.
    """

    def __init__(self, settings: Settings, sleep: Callable[[float], None]) -> None:
        self.doubtful = False
        self._retries = settings.retries
        self._sleep = sleep
        self._failed = 0
        self._renewals = 0

    @property
    def renewed(self) -> bool:
        return self._renewals > 0

    def again(self, error: GatewayError) -> bool:
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

    def carry_out(
        self, write: Callable[[], Any], look: Callable[[bool], Any], alone: AbstractContextManager[Any] | None = None, after_refusal: bool = False
    ) -> Any:
        """Call "write"; when its end is uncertain or it may succeed later, look before doing it again. Return what either of them returns.

        Raises GatewayError.

        Args:
            look: function (whether an attempt may have been carried out) -> what the write brought about, or None if it did not happen and
                may be done from what was just seen.
            alone: held from the first session that had ended on, so that nobody else uses up the next one.
            after_refusal: look also after a plain refusal, since what was refused may be done already.
        """
        with ExitStack() as turn:
            while True:
                try:
                    return write()
                except GatewayError as error:
                    again = self.again(error)
                    refused = after_refusal and not isinstance(error, (LoginRefused, WriteInReadOnlyMode))
                    if not (self.doubtful or error.transient or refused):
                        raise
                    failed = error
                if self.renewed and alone is not None:
                    # Sessions that end after a few requests must not be used up by others between this reading and its writing.
                    turn.enter_context(alone)
                    alone = None
                try:
                    seen = look(self.doubtful)
                except GatewayError as blind:
                    if isinstance(failed, SessionRenewed):  # why no session lasts, this one says
                        blind.uncertain = self.doubtful
                        raise
                    raise failed from None  # which says whether it is uncertain
                if seen is not None:
                    return seen
                failed.uncertain = False  # it was looked for, and is not there
                if not again:
                    raise failed
