# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private directory for one installation: response file, result log, unpacked archive."""

import contextlib
import os
import re
import shutil
import stat
import tempfile
from typing import Iterator, NamedTuple, Optional

from ..system.accounts import Account
from ..system.errors import HostError

PREFIX = "genesys_installation_"

# The installer takes any other base name for a directory and then writes no log (Source: IP: result log).
RESULT_LOG = "genesys_install_result.log"


class Workspace(NamedTuple):
    """The paths within the directory."""

    directory: str

    @property
    def response_file(self) -> str:
        return os.path.join(self.directory, "response.ini")

    @property
    def result_log(self) -> str:
        return os.path.join(self.directory, RESULT_LOG)

    @property
    def package(self) -> str:
        return os.path.join(self.directory, "package")


@contextlib.contextmanager
def private_workspace(parent: str) -> Iterator[Workspace]:
    """Make the directory, and remove it in the end.

    Args:
        parent: option ``temp_path``.

    Raises:
        HostError: no such directory, or a path that install.sh would take apart.
    """
    # The wrapper passes its arguments on without quotes (Source: IP: command line).
    if not re.match(r"[\w./@:+,=%-]+\Z", parent):
        raise HostError(f"temp_path: '{parent}' contains blanks or characters of the shell, which the package's install.sh cannot take.")
    if not os.path.isdir(parent):
        raise HostError(f"temp_path: {parent} is not a directory of this host.")
    directory = tempfile.mkdtemp(prefix=PREFIX, dir=os.path.abspath(parent))
    try:
        yield Workspace(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def hand_over(workspace: Workspace, account: Optional[Account]) -> None:
    """Give the directory to the user who will run the installer, when all is unpacked: from then on he can put links in our way."""
    if account is not None:
        os.chown(workspace.directory, account.uid, account.gid)


def remove_leftover(directory: object) -> None:
    """Remove the workspace of an installation that was killed: its response file holds a password.

    Args:
        directory: as noted in the marker; anything that is not a workspace is left alone.
    """
    if not isinstance(directory, str) or not os.path.basename(directory).startswith(PREFIX):
        return
    try:
        private = stat.S_IMODE(os.lstat(directory).st_mode) == 0o700 and not os.path.islink(directory)
    except OSError:
        return
    if private:
        shutil.rmtree(directory, ignore_errors=True)
