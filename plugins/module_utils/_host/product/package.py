# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation package on disk: an archive, a directory that holds ``ip/``, or ``ip/`` itself."""

import os
from typing import FrozenSet, List, NamedTuple, Optional

from ..system.accounts import Account
from ..system.errors import HostError
from . import archive
from .description import FILE_NAME, SIZE_LIMIT, Description, parse_description, read_description

# The files that install.sh copies without asking whether they are there, and the description that its Perl part
# demands (Source: IP: files in ip/).
NEEDED_FILES = ("install.sh", "data.tar.gz", "installer.tar.gz", "iscript.tar.gz", "gunzip", "ospatchlist.txt", FILE_NAME)
WIZARD_FILE = "GCTISetup.ini"

# What the installer copies into the installation directory as it is, with all pages of HTML and the release notes.
DESCRIBING = (FILE_NAME, "ospatchlist.txt", "genesys_license_agreement.txt")


class Contents(NamedTuple):
    """An unpacked package, measured.

    ``product_size`` is what the product takes in its directory, ``working_copy`` what the installer takes in /tmp, both in
    bytes. ``interpreter`` holds the first bytes of the Perl that the package brings along, ``product_files`` the paths of
    what it puts into the installation directory.
    """

    directory: str
    product_size: int
    working_copy: int
    interpreter: Optional[bytes]
    product_files: FrozenSet[str]


def describe(source: str) -> Description:
    """Read the description of a package without unpacking it.

    Raises:
        HostError: no package, a damaged one, or one for Windows.
    """
    if os.path.isdir(source):
        origin = os.path.join(ip_directory(source), FILE_NAME)
        description = read_description(origin)
    elif not os.path.exists(source):
        raise HostError(f"src: {source} does not exist on this host.", "Copy the package there, or correct the path.")
    else:
        origin = f"{source}: ip/{FILE_NAME}"
        content = archive.find_file(source, f"ip/{FILE_NAME}", SIZE_LIMIT + 1)
        description = None if content is None else parse_description(content, origin)
    if description is None:
        raise HostError(f"src: {origin} is missing, so this is not an installation package.", "Give the package as Genesys delivers it.")
    if "windows" in description.os_group.lower():
        raise HostError(f"src: {source} is a package for Windows; only packages for Linux can be installed.", "Give the package for Linux.")
    return description


def ip_directory(directory: str) -> str:
    """Return the directory with install.sh: the given one, or ``ip/`` in it.

    Raises:
        HostError: it is in neither.
    """
    for candidate in (directory, os.path.join(directory, "ip")):
        if os.path.isfile(os.path.join(candidate, "install.sh")):
            return os.path.realpath(candidate)
    raise HostError(f"src: neither {directory} nor {directory}/ip holds install.sh, so this is not an installation package.", "Fetch the package again.")


def provide(source: str, directory: str, account: Optional[Account]) -> str:
    """Return the package's directory; an archive is unpacked for that.

    Args:
        source: option ``src``.
        directory: a private directory for the unpacked archive, does not exist yet.
        account: the user who will run the installer.
    """
    if os.path.isdir(source):
        return ip_directory(source)
    os.mkdir(directory, 0o700)
    archive.unpack(source, directory, account)
    return ip_directory(directory)


def closed_files(directory: str) -> List[str]:
    """Return the files of a package that we may not read, or not run in the case of install.sh."""
    names = [name for name in NEEDED_FILES if os.path.exists(os.path.join(directory, name)) or not os.access(directory, os.X_OK)]
    return [name for name in names if not os.access(os.path.join(directory, name), os.R_OK | (os.X_OK if name == "install.sh" else 0))]


def measure(directory: str) -> Contents:
    """Look through the inner archives of a package, so that a damaged one is noticed before old files are moved away.

    Raises:
        HostError: files are missing or damaged.
    """
    missing = [name for name in NEEDED_FILES if not os.path.isfile(os.path.join(directory, name))]
    if missing:
        raise HostError(f"src: the package lacks {', '.join(missing)}.", "Fetch the package again.")
    data, installer, script = (archive.inspect(os.path.join(directory, name), "Perl") for name in NEEDED_FILES[1:4])
    compressed = sum(
        os.path.getsize(os.path.join(parent, name)) for parent, _directories, names in os.walk(directory) for name in names
    )
    return Contents(directory, data.size, compressed + installer.size + script.size, installer.head or script.head, data.names | _described(directory))


def _described(directory: str) -> FrozenSet[str]:
    """Return the paths of what the installer copies beside the product (Source: IP: target directory)."""
    names = [name for name in os.listdir(directory) if name.endswith(".html") or name in DESCRIBING]
    notes = os.path.join(directory, "release_notes")
    below = [os.path.relpath(os.path.join(parent, name), directory) for parent, _directories, files in os.walk(notes) for name in files]
    return frozenset(names + below)
