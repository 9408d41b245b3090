# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ip_description.xml``: what an installation package is, and what an installation directory holds."""

import re
import xml.parsers.expat
from typing import NamedTuple, Optional, Tuple
from xml.etree import ElementTree

from ..._common.files import NotRegular, read_regular
from ..._common.text import printable
from ..system.errors import HostError

FILE_NAME = "ip_description.xml"
SIZE_LIMIT = 1024 * 1024


class Description(NamedTuple):
    """The values of one description; ``os_versions`` are the lowest operating systems that the installer accepts."""

    nickname: str
    name: str
    version: str
    build: str
    os_group: str
    os_versions: Tuple[str, ...]

    @property
    def order(self) -> Tuple[Tuple[int, ...], int]:
        """What releases of a product are compared by: version, then build."""
        return version_numbers(self.version), int(self.build) if self.build.isdigit() else 0

    def __str__(self) -> str:
        return f"{self.nickname} {self.version} build {self.build}"


def version_numbers(version: str) -> Tuple[int, ...]:
    """Split a version into its four numbers.

    Raises:
        HostError: another count of parts, or a part that is no number (Source: IP: description file).
    """
    if not re.match(r"\d+(\.\d+){3}\Z", version, re.ASCII):
        raise HostError(f"Version '{version}' does not consist of four numbers, like 8.5.316.02.")
    return tuple(int(part) for part in version.split("."))


def parse_description(content: bytes, origin: str) -> Description:
    """Read the content of a description file.

    Args:
        content: the file's bytes.
        origin: where they come from, for messages.

    Raises:
        HostError: not a description; or with a document type, which could declare entities that expand without limit.
    """
    if len(content) > SIZE_LIMIT:
        raise HostError(f"{origin} is larger than {SIZE_LIMIT} bytes: not a description of an installation package.")
    _refuse_document_type(content, origin)
    root = ElementTree.fromstring(content)
    release = root.find("Product/Release")
    nickname = printable((root.findtext("Product/Name/Nickname") or "").strip())
    if root.tag != "InstallationPackage" or release is None or not nickname:
        raise HostError(f"{origin} is not a description of an installation package: nickname or release is missing.")
    platforms = root.find("Platforms")
    description = Description(
        nickname=nickname,
        name=printable((root.findtext("Product/Name/Long") or "").strip()),
        version=release.get("Version", ""),
        build=printable(release.get("BuildNumber", "")),
        os_group=platforms.get("OSGroupName", "") if platforms is not None else "",
        os_versions=tuple(printable(item.get("Version", "")) for item in root.iterfind("Platforms/Computer/OS") if item.get("Version")),
    )
    try:
        version_numbers(description.version)
    except HostError as error:
        raise HostError(f"{origin}: {error}") from None
    return description


def read_description(path: str) -> Optional[Description]:
    """Read a description file; None if there is none.

    Raises:
        HostError: the file cannot be understood, or something else is there.
    """
    try:
        content = read_regular(path, SIZE_LIMIT + 1)
    except NotRegular as error:
        raise HostError(str(error)) from None
    return None if content is None else parse_description(content, path)


def _refuse_document_type(content: bytes, origin: str) -> None:
    """Parse once for errors and document types only; the parser knows the encodings, a search in the bytes would not."""

    def refuse(*_arguments: object) -> None:
        raise HostError(f"{origin} declares a document type, which no description of an installation package does.")

    parser = xml.parsers.expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except xml.parsers.expat.ExpatError as error:
        raise HostError(f"{origin} is not valid XML: {error}.") from None
