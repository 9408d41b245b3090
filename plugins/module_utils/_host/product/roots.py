# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where installations may lie on this host.

The directory of an application comes from its working directory in the Configuration Server, or from its name. Root makes that
directory, gives it away, moves files in it and runs what is in it: whoever may edit an application must not choose any place.
"""

import os
import re
from typing import List, Optional, Sequence

from ..system.errors import HostError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_place(path: str, roots: Optional[Sequence[str]], application: str = "", option: str = "path") -> str:
    """Refuse an installation directory that does not lie at or below one of the directories for installations.

    What counts is where the path leads on this host, through the symbolic links that are on its way now.

    Args:
        path: the installation directory; it need not exist.
        roots: option ``install_roots``; None if the directory is the user's own choice, which only has to be a plain path.
        application: its name, for the message; it may have become the name of the directory.
        option: what the path is called in messages.

    Returns:
        The path without symbolic links.

    Raises:
        HostError: names the rule, where the path leads, and what to add to which list if it is right.
    """
    _check_plain(option, path)
    real = os.path.realpath(path)
    if roots is None:
        return real
    allowed = read_roots(roots)
    for root in allowed:
        if "/" in application and os.path.normpath(path) == os.path.normpath(os.path.join(root, application.lstrip("/"))):
            raise HostError(
                f"application: '{application}' can't be the name of a directory, since it contains '/'.",
                "Set its working directory in the Configuration Server, or rename it.",
            )
    if any(_is_below(real, os.path.realpath(root)) for root in allowed):
        return real
    leads = "" if real == os.path.normpath(path) else f" leads to {real}, which"
    above = os.path.dirname(real)
    place = above if above != "/" else real
    raise HostError(
        f"{option}: {path}{leads} is outside of the directories in which installations may lie ({', '.join(allowed)}).",
        f"If that is where it belongs, add '{place}' to genesys_further_install_roots (in a task of your own: to install_roots)."
        + (f" If not, correct the working directory of '{application}' in the Configuration Server." if application else ""),
    )


def read_roots(roots: Sequence[str]) -> List[str]:
    """Return the directories for installations; empty entries, as surveys send them, are left out.

    Raises:
        HostError: there is none, or one of them is no absolute path, or allows every directory.
    """
    named = [root for root in roots if root.strip()]
    if not named:
        raise HostError("install_roots names no directory.", "Name the one that holds the installations, for example /opt/genesys.")
    for root in named:
        _check_plain("install_roots", root)
        if os.path.realpath(root) == "/":
            raise HostError(f"install_roots: '{root}' would allow every directory of this host.", "Name the directories that hold installations.")
    return [os.path.normpath(root) for root in named]


def _check_plain(option: str, path: str) -> None:
    if not path.startswith("/"):
        raise HostError(f"{option}: '{path}' is not absolute; it must begin with '/'.")
    if _CONTROL.search(path):
        raise HostError(f"{option}: {path!r} contains a control character.")
    if ".." in path.split("/"):
        raise HostError(f"{option}: '{path}' contains '..', which may lead anywhere.", "Write the path without it.")


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root + "/")


def check_path(path: str, roots: Optional[Sequence[str]] = None, application: str = "") -> str:
    """Apply the installer's rules for ``InstallPath`` (Source: IP: response file), and ours about where it may lie.

    Args:
        path: the installation directory.
        roots: option ``install_roots``.
        application: what is installed there.

    Returns:
        The path without slashes at its end.

    Raises:
        HostError: names the rule that the path breaks.
    """
    broken = [text for text in ("~", "/.", "./") if text in path]
    if not path.startswith("/"):
        raise HostError(f"path: '{path}' is not absolute; it must begin with '/'.")
    if broken:
        raise HostError(f"path: '{path}' contains '{broken[0]}', which the installer refuses (no '~', no '/.', no './').")
    plain = path.rstrip("/")
    if not plain:
        raise HostError("path: the root directory cannot be an installation directory.")
    check_place(plain, roots, application)
    return plain
