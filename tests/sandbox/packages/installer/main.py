# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main script of a package: options, umask, signals, exit code, result log (IP: command line, return code).

Exit codes: 0 installed, 1 an error of which the result log tells, or a signal (no result log), 2 died (no result log).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from .description import Description, read_description
from .errors import InstallError
from .hold import BEGIN, hold
from .response_file import ResponseFile
from .result_log import writable_log, write_result
from .sequence import Product, Sequence


def _terminated(_signal: int, _frame: object) -> None:
    print("Installation has terminated.", flush=True)
    # No clean-up here: what is in place stays in place.
    os._exit(1)


def _option(arguments: list[str], name: str, default: str) -> str | None:
    """The word after an option; None if the option is the last word."""
    if name not in arguments:
        return default
    position = arguments.index(name) + 1
    return arguments[position] if position < len(arguments) else None


def main(arguments: list[str], product: Product) -> int:
    """Run the installer in the working copy of the package.

    Args:
        arguments: the words after install.sh; unknown ones are ignored.
        product: what is installed.

    Returns:
        The exit code.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, _terminated)
    description_file = Path.cwd() / "ip_description.xml"
    if not description_file.exists():
        print(f"File {description_file} was not found.\nInstallation has terminated.")
        return 2
    response = _option(arguments, "-fr", str(Path.cwd() / "genesys_silent.ini"))
    log_path = _option(arguments, "-fl", "/tmp/genesys_install_result.log")
    if "-s" not in arguments or response is None or log_path is None:
        # Declared deviation: the real installer asks its questions here, and waits on stdin.
        print("This stand-in does not install interactively: use -s -fr <response file> -fl <result log>.")
        return 1

    log = writable_log(log_path)
    description = Description()
    try:
        description = read_description(description_file)
        hold(BEGIN)
        answers = ResponseFile(Path(response))
        os.umask(0o027)
        Sequence(product, description, answers).run()
    except InstallError as error:
        print(error)
        write_result(log, description, 1, str(error))
        return 1
    write_result(log, description, 0, "")
    print("Installation of " + description.name + " version " + description.version + " has completed successfully.")
    sys.stdout.flush()
    return 0
