# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's process does to itself before it starts, when a test asks for it.

``{"kill": {"moment": "before" | "during" | "after", "request": n}}`` ends the process (SIGKILL) before its n-th request is
sent, when the request has been sent and the answer is not read, or when the answer has been read.
``{"kill_in_files": {"directory": path, "call": n}}`` ends it before its n-th call that makes or moves something in a directory;
``{"kill_in_mid_file": bytes}`` when a file has got that many.
``{"full_disk": path}`` lets no file below a directory get any content.
``{"engine": name}`` replaces a part of the engine by one that is wrong on purpose: see ENGINES.

The file imports nothing of the tests, so that it also works inside of a module that ansible-playbook runs.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import resource
import signal
import sys
import threading
from typing import Any

import requests

#: The environment variable that ``from_environment`` reads.
VARIABLE = "MODULE_SABOTAGE"


def begin(orders: dict[str, Any]) -> None:
    """Prepare everything that the orders ask for."""
    if "kill" in orders:
        _kill_at(**orders["kill"])
    if "kill_in_files" in orders:
        _kill_in_files(**orders["kill_in_files"])
    if "kill_in_mid_file" in orders:
        _kill_in_mid_file(orders["kill_in_mid_file"])
    if "full_disk" in orders:
        _fill_disk(orders["full_disk"])
    if "engine" in orders:
        ENGINES[orders["engine"]]()


def from_environment() -> None:
    """Prepare what the environment asks for, if it does."""
    begin(json.loads(os.environ.get(VARIABLE, "{}")))


def die() -> None:
    """End this process as nothing can catch."""
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_at(moment: str, request: int) -> None:
    numbers = itertools.count(1)
    this_thread = threading.local()
    send, read_answer = requests.Session.send, http.client.HTTPConnection.getresponse

    def counted_send(session: requests.Session, prepared: requests.PreparedRequest, **options: Any) -> requests.Response:
        is_it = next(numbers) == request
        if is_it and moment == "before":
            die()
        this_thread.dies_on_answer = is_it and moment == "during"
        response = send(session, prepared, **options)
        if is_it and moment == "after":
            die()
        return response

    def dying_read(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        if getattr(this_thread, "dies_on_answer", False):
            die()
        return read_answer(connection)

    setattr(requests.Session, "send", counted_send)  # noqa: B010  a replaced method
    setattr(http.client.HTTPConnection, "getresponse", dying_read)  # noqa: B010  a replaced method


def _kill_in_files(directory: str, call: int) -> None:
    numbers = itertools.count(1)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.mkdir", "os.rename") and str(arguments[0]).startswith(directory) and next(numbers) == call:
            die()

    sys.addaudithook(watch)


def _kill_in_mid_file(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and reports an error instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _fill_disk(directory: str) -> None:
    """Let the file be made, and the device /dev/full answer in its place that there is no space left."""
    really_open = os.open

    def open_full(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        descriptor = really_open(path, flags, *rest, **more)
        if str(path).startswith(directory) and flags & os.O_CREAT:
            full = really_open("/dev/full", os.O_WRONLY)
            os.dup2(full, descriptor)
            os.close(full)
        return descriptor

    setattr(os, "open", open_full)  # noqa: B010  a replaced function


# engines that are wrong on purpose, to see that the tests notice


def _create_without_looking() -> None:
    """Plan every object as if it was not there."""
    from ansible_collections.genesys_engage.chat.plugins.module_utils import _module

    make_plan = _module.make_plan

    def blind(directory: Any, desired: Any) -> Any:
        directory.find = lambda *_ignored: None
        plan = make_plan(directory, desired)
        del directory.find
        return plan

    setattr(_module, "make_plan", blind)  # noqa: B010  a replaced function


def _trust_what_exists() -> None:
    """Take every object that exists for finished."""
    from ansible_collections.genesys_engage.chat.plugins.module_utils._config import plan

    setattr(plan, "_update", lambda *_ignored: None)  # noqa: B010  a replaced function


def _write_again_without_looking() -> None:
    """Repeat a write of uncertain end at once."""
    from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply

    carry_out = getattr(apply._Run, "_carry_out")  # noqa: B009  private
    setattr(apply._Run, "_carry_out", lambda run, write, _look: carry_out(run, write, lambda: None))  # noqa: B010  a replaced method


def _write_snapshot_in_place() -> None:
    """Write the file of a snapshot under its own name from the beginning."""
    from ansible_collections.genesys_engage.chat.plugins.module_utils._config import snapshot

    def write(path: str, text: str, _mode: int, replace_link: bool) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    setattr(snapshot, "replace_regular", write)  # noqa: B010  a replaced function


ENGINES = {
    "creates without looking": _create_without_looking,
    "trusts what exists": _trust_what_exists,
    "writes again without looking": _write_again_without_looking,
    "writes the snapshot in place": _write_snapshot_in_place,
}
