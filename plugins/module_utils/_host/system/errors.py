# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the host side: a sentence for the user, its cure, and facts for machines."""

import contextlib
import socket
from typing import Any, Dict, Iterable, Iterator, Optional

from ..._common.files import NotRegular
from ..._common.masking import mask
from ..._common.text import printable, printable_data
from ..._common.variables import ON_HOSTS, told


class HostError(Exception):
    """Something that the user can understand and act upon; modules turn it into ``fail_json``.

    Much of a message comes from outside: names of files, what an installer or mlcmd says. A terminal shows it, so it is made safe here.

    Args:
        message: what is wrong, naming the option or the file.
        cure: what to do about it; added to the message.
        facts: further data for the result's ``failure``; never secrets.
    """

    def __init__(self, message: str, cure: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = printable(message)
        self.cure = printable(cure)
        self.facts = printable_data(facts)
        self.host: Optional[str] = None

    def __str__(self) -> str:
        text = told(f"{self.message} {self.cure}".strip(), ON_HOSTS)
        return f"On host '{self.host}': {text}" if self.host else text

    def failure(self) -> Dict[str, Any]:
        """Return the machine-readable twin of the message."""
        return dict(self.facts, message=self.message, cure=self.cure, **({"host": self.host} if self.host else {}))


@contextlib.contextmanager
def on_host(name: Optional[str], action: str) -> Iterator[None]:
    """Let every error name its host, which is all that tells them apart where a log of many hosts is read.

    Args:
        name: name of the Host object; None for the machine's own name.
        action: what is being done, for errors of the system that no rule foresees.

    Raises:
        HostError: in place of any error of the system.
    """
    try:
        yield
    except (HostError, OSError, UnicodeError) as error:
        told = error if isinstance(error, HostError) else HostError(unexpected(action, error))
        told.host = name or socket.gethostname()
        raise told from None


def unexpected(action: str, error: Exception, secrets: Iterable[str] = ()) -> str:
    """Return a sentence for an error of the system that no rule foresees, for example a disk that fails.

    Args:
        action: what was being done.
        error: what was raised.
        secrets: what it may repeat, and must not be shown.
    """
    if isinstance(error, NotRegular):
        return printable(str(error))
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{action} failed: {error.strerror}" + (f" ({error.filename})." if error.filename else "."))
    return printable(f"{action} failed: {mask(str(error), secrets)}")
