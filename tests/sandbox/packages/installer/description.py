# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader of ``ip_description.xml`` with the habits of the real one (IP: ip_description.xml).

The attributes of ``Release`` are taken by position (Version, BuildDate, BuildNumber, Type), and ``FormatVersion`` must be
at least "4.0" by comparison of strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .errors import InstallError


@dataclass(frozen=True)
class Description:
    """What the installer needs to know about its package."""

    name: str = ""
    nickname: str = ""
    version: str = ""
    build: str = ""
    language: str = ""
    license: str = "NotRequired"
    os_versions: tuple[str, ...] = ()


def read_description(path: Path) -> Description:
    """Read the description file.

    Raises:
        InstallError: not XML, too old a format, or without the elements needed. The texts are the stand-in's own, the real
            ones are not known.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise InstallError(f"Unable to read file {path}.") from error
    if root.get("FormatVersion", "") < "4.0":
        raise InstallError(f"Unable to read file {path}.")
    # Positions in the text, not names: ElementTree would hide a wrong order of the attributes.
    release = re.search(r"<Product\b.*?<Release\s+([^>]*?)/?>", text, re.DOTALL)
    attributes = re.findall(r'"([^"]*)"', release.group(1)) if release else []
    if len(attributes) < 4:
        raise InstallError(f"Unable to read file {path}.")
    product = root.find("Product")
    versions = [item.get("Version", "") for item in root.iterfind("Platforms/Computer/OS")]
    return Description(
        name=_text(root, "Product/Name/Long"),
        nickname=_text(root, "Product/Name/Nickname"),
        version=attributes[0],
        build=attributes[2],
        language=_text(root, "Product/Language/Name"),
        license=product.get("License", "NotRequired") if product is not None else "NotRequired",
        os_versions=tuple(version for version in versions if version),
    )


def _text(root: ElementTree.Element, path: str) -> str:
    return (root.findtext(path) or "").strip()
