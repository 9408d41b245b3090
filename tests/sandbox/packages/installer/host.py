# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installer finds out about the machine: names, addresses, operating system (IP: Configuration Server, OS check).

Declared deviation for hosts that are only directories: when ``SANDBOX_HOSTNAME`` is set, it is the host name,
``SANDBOX_ADDRESS`` the only address, and the OS check reads ``$SANDBOX_DIR/hosts/<name>/etc/redhat-release`` if that file
is there, else it is skipped.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

from .errors import InstallError

HOST_NAME = os.environ.get("SANDBOX_HOSTNAME", "")


def host_names() -> tuple[str, str, list[str]]:
    """Short host name, fully qualified name (empty if the domain is not known) and the addresses that are not loopback."""
    name = HOST_NAME or socket.gethostname()
    short, _unused, domain = name.partition(".")
    if HOST_NAME:
        address = os.environ.get("SANDBOX_ADDRESS", "")
        return short, name if domain else "", [address] if address else []
    domain = domain or _resolver_domain()
    return short, f"{short}.{domain}" if domain else "", _local_addresses()


def _resolver_domain() -> str:
    try:
        text = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    for keyword in ("domain", "search"):
        found = re.search(rf"^{keyword}\s+(\S+)", text, re.MULTILINE)
        if found and found.group(1) != ".":
            return found.group(1)
    return ""


def _local_addresses() -> list[str]:
    """Addresses shown by ifconfig; without that command they stay unknown."""
    try:
        output = subprocess.run(["/sbin/ifconfig"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        return []
    return [address for address in re.findall(r"inet6? (?:addr:)?\s*([0-9a-fA-F.:]+)", output) if not address.startswith(("127.", "::1"))]


def check_operating_system(supported: tuple[str, ...]) -> None:
    """Refuse a release that is lower than every supported one.

    Args:
        supported: version numbers of ip_description.xml.

    Raises:
        InstallError: with the installer's text.
    """
    version = _os_version()
    if version is None or not supported:
        return
    if all(_numbers(version) < _numbers(item) for item in supported):
        raise InstallError(f"OS version {version} is not supported.\nPlease check ip_description.xml file for list of supported versions.")


def _os_version() -> str | None:
    release = Path("/etc/redhat-release")
    if HOST_NAME:
        release = Path(os.environ.get("SANDBOX_DIR", "/nonexistent"), "hosts", HOST_NAME, "etc/redhat-release")
        if not release.is_file():
            return None
    found = re.search(r"release (\d+(?:\.\d+)?)\s", _content(release))
    if found is None:
        found = re.search(r"^DISTRIB_RELEASE=(\d+(?:\.\d+)?)", _content(Path("/etc/lsb-release")), re.MULTILINE)
    if found is None:
        found = re.match(r"(\d+\.\d+)", os.uname().release)
    return found.group(1) if found else None


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
