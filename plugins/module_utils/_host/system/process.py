# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running another program: never through a shell, never waiting for input, never without a bound."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..._common.masking import mask
from .accounts import Account, become
from .errors import HostError

# Time for a program to clean up after itself, as the installer's wrapper does on SIGTERM (IP: temp directory).
GRACE_SECONDS = 10.0

# What is kept of a program's output, bytes. The end counts: that is where an error stands.
OUTPUT_LIMIT = 4 * 1024 * 1024

# Passwords that tasks may hand to modules in the environment are not a child's business.
SECRET_VARIABLES = ("CONFSERV_PASSWORD", "GAX_PASSWORD")


class Outcome(NamedTuple):
    """How a program ended; ``exit_code`` is negative for a signal, None when it had to be killed.

    ``output`` is for decisions; what a person sees of it is ``shown``.
    """

    exit_code: Optional[int]
    output: str
    seconds: float
    secrets: Tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The output without the secrets that the program was given, which it may repeat."""
        return mask(self.output, self.secrets)

    @property
    def timed_out(self) -> bool:
        return self.exit_code is None


class Interrupted(HostError):
    """We were told to end; raised so that every clean-up on the way out runs."""


@contextlib.contextmanager
def clean_up_on_signals() -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP (a lost SSH connection) into an exception."""

    def stop(number: int, frame: Any) -> None:
        raise Interrupted(f"Ended by signal {number}.")

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    arguments: Sequence[str],
    timeout: float,
    directory: Optional[str] = None,
    account: Optional[Account] = None,
    keep_open: Sequence[int] = (),
    secrets: Sequence[str] = (),
) -> Outcome:
    """Run a program in a process group of its own and wait for it.

    Args:
        arguments: the program and its arguments.
        timeout: seconds; after that the whole group gets SIGTERM, later SIGKILL.
        directory: the working directory.
        account: run as this user.
        keep_open: file descriptors that the child inherits.
        secrets: what the program knows and may repeat.

    Raises:
        HostError: the program cannot be started.
    """
    started = time.monotonic()
    # A file and not a pipe: a grandchild that keeps it open cannot hold us up. It has no name, so it is never left behind.
    with tempfile.TemporaryFile() as output:
        try:
            # AnsibleModule.run_command knows neither a time limit, nor another account, nor a process group of its own.
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function
                [argument.encode("utf-8", "surrogateescape") for argument in arguments],
                cwd=directory,
                env=_environment(account),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(keep_open),
                preexec_fn=(lambda: become(account)) if account else None,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise HostError(f"{arguments[0]} cannot be started: {getattr(error, 'strerror', None) or mask(str(error), secrets)}.") from None
        exit_code: Optional[int] = None
        try:
            exit_code = process.wait(timeout=timeout)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if exit_code is None:
                _end_group(process)
        return Outcome(exit_code, _tail(output), time.monotonic() - started, tuple(secrets))


def _environment(account: Optional[Account]) -> Dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
    if account is not None:
        environment.update(HOME=account.home, USER=account.name, LOGNAME=account.name)
    return environment


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    for number, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, GRACE_SECONDS)):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            pass


def _tail(output: Any) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - OUTPUT_LIMIT))
    text: str = output.read().decode("utf-8", "replace")
    return text


def last_lines(text: str, count: int = 20) -> List[str]:
    """Return the last lines of an output, for error messages."""
    return text.rstrip().splitlines()[-count:]
