# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account that the installer runs as, and questions answered with that account's rights."""

import json
import os
import pwd
from typing import Any, Callable, Dict, NamedTuple, Optional

from .errors import HostError


class Account(NamedTuple):
    """An account other than our own; None stands for our own everywhere."""

    name: str
    uid: int
    gid: int
    home: str


def find_account(name: Optional[str]) -> Optional[Account]:
    """Look up the service user.

    Returns:
        None when no user is named or when it is the one that we run as.

    Raises:
        HostError: unknown user, or a change of user without being root.
    """
    if not name:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise HostError(f"user: this host has no user '{name}'.", "Create the service user first.") from None
    if entry.pw_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        raise HostError(f"user: only root can run the installer as '{name}'.", "Use become, or connect as that user and leave the option out.")
    return Account(name, entry.pw_uid, entry.pw_gid, entry.pw_dir)


def become(account: Account) -> None:
    """Give up root for good: for a child between fork and exec."""
    os.initgroups(account.name, account.gid)
    os.setgid(account.gid)
    os.setuid(account.uid)


def act_as(account: Optional[Account], question: Callable[[], Any]) -> Any:
    """Answer a question about the file system with the rights of an account.

    Args:
        account: None for our own rights.
        question: a function whose answer JSON can carry.
    """
    if account is None:
        return question()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(account)
            os.write(writing, json.dumps(question()).encode("ascii"))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise HostError(f"user: the rights of '{account.name}' could not be tried.")
    return json.loads(answer.decode("ascii"))


def perform(account: Optional[Account], action: Callable[[], Any]) -> Any:
    """Change the file system with the rights of an account, so that no link of its making leads us astray.

    Args:
        account: None for our own rights.
        action: a function whose result JSON can carry.

    Raises:
        OSError: what the action raised.
    """
    if account is None:
        return action()

    def attempt() -> Dict[str, Any]:
        try:
            return {"result": action()}
        except OSError as error:
            return {"error": [error.errno, error.strerror, error.filename]}

    answer = act_as(account, attempt)
    if "error" in answer:
        raise OSError(*answer["error"])
    return answer["result"]
