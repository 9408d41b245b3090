# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``genesys_silent.ini``: the answers that a silent installation reads (Source: IP: response file).

The grammar trims nothing and knows no quoting, so whatever could be read in another way than it was meant is refused.
"""

import os
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ..system.accounts import Account
from ..system.errors import HostError

Sections = Dict[str, Dict[str, str]]

# The installer looks whether a value is true, as Perl sees it, to find out whether a key is there (Source: IP: response file).
MISSING = ("", "0")

# Which option a value comes from, if not from response.
_OPTIONS = {
    ("ConfigServer", "Host"): "confserv_host",
    ("ConfigServer", "Port"): "confserv_port",
    ("ConfigServer", "User"): "confserv_username",
    ("ConfigServer", "ApplicationName"): "application",
    ("License", "Host"): "license.host",
    ("License", "File"): "license.file",
}
# These are only looked at, and an empty password is none.
_MAY_BE_MISSING = (("ConfigServer", "Password"),)


class License(NamedTuple):
    """Where a licensed product gets its licence from: a file, or a licence manager."""

    file: Optional[str]
    host: Optional[str]
    port: Optional[int]

    @property
    def argument(self) -> str:
        """The server's argument behind ``-l``."""
        return self.file or f"{self.port}@{self.host}"


def read_license(option: Optional[Mapping[str, Any]]) -> Optional[License]:
    """Read the option ``license``.

    Raises:
        HostError: a licence manager that the installer would refuse, after it has moved the old files away.
    """
    if not option:
        return None
    found = License(**option)
    if found.host is not None and not re.match(r"[0-9a-zA-Z._-]+\Z", found.host):
        raise HostError(f"license: '{found.host}' is not a host name; the installer takes letters, digits, dots, dashes and underscores.")
    if found.port is not None and not 0 < found.port < 65536:
        raise HostError(f"license: {found.port} is not a port number.")
    return found


def license_answers(license_source: Optional[License]) -> Dict[str, str]:
    """Return the keys of ``[License]``: the agreement is accepted, and a licence is used or not.

    Packages without a licence ignore these keys.
    """
    answers = {"LicenseAgreement": "Accepted", "UseLicense": "Required" if license_source else "NotRequired"}
    if license_source is not None and license_source.file:
        answers.update(AccessType="LicenseFile", File=license_source.file)
    elif license_source is not None:
        answers.update(AccessType="LicenseManager", Host=license_source.host or "", Port=str(license_source.port))
    return answers


def merge(*layers: Mapping[str, Mapping[str, Any]], option: str = "response") -> Sections:
    """Put answers from several options together.

    Args:
        layers: sections with their keys.
        option: the one of the module that messages name.

    Raises:
        HostError: a key is given twice, or a value is not a plain one, or one that the installer takes for missing.
    """
    merged: Sections = {}
    for layer in layers:
        for section, keys in layer.items():
            if not isinstance(keys, Mapping) or not keys:
                raise HostError(f"{option}: section [{section}] must hold at least one key with its value.")
            for key, value in keys.items():
                place = f"[{section}] {key}"
                if key in merged.setdefault(section, {}):
                    raise HostError(f"{option}: {place} is set by an option of the module, or by both response and secret_response.")
                merged[section][key] = _plain(f"{option}: {place}", value)
                if merged[section][key] in MISSING and (section, key) not in _MAY_BE_MISSING:
                    raise HostError(
                        f"{_OPTIONS.get((section, key), option)}: {place} is empty or 0, which the installer takes for a key that is not there.",
                        "Give another value, or leave the key out if the product does not need it.",
                    )
    return merged


def render(sections: Mapping[str, Mapping[str, str]], option: str = "response") -> str:
    """Write sections in the installer's grammar.

    Args:
        sections: with their keys.
        option: the one of the module that messages name.

    Raises:
        HostError: a name or value that the grammar cannot carry. The message does not show the value.
    """
    lines: List[str] = []
    for section, keys in sections.items():
        _check(f"{option}: [{section}]", section, "]\r\n\0")
        lines.append(f"[{section}]")
        for key, value in keys.items():
            place = f"{option}: [{section}] {key}"
            _check(place, key, "=\r\n\0")
            if not key or key[0] in "[#;":
                raise HostError(f"{option}: '[{section}] {key}' is not a valid key; it must not be empty or begin with one of [ # ;")
            _check(place, value, "\r\n\0")
            lines.append(f"{key}={value}")
    return "\n".join(lines) + "\n"


def write_private(path: str, text: str, account: Optional[Account]) -> None:
    """Write a file that only its owner can read: from its first byte on, not after a chmod."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text.encode("utf-8"))
        if account is not None:
            os.fchown(stream.fileno(), account.uid, account.gid)


def _plain(place: str, value: Any) -> str:
    if isinstance(value, bool):
        raise HostError(f"{place} is true or false to YAML; put the word that the package expects in quotes.")
    if isinstance(value, (int, float, str)):
        return str(value)
    raise HostError(f"{place} must be text or a number.")


def _check(place: str, text: str, forbidden: str) -> None:
    if any(character in text for character in forbidden):
        names = {"\r": "a line break", "\n": "a line break", "\0": "a zero byte"}
        found = next(names.get(character, f"'{character}'") for character in text if character in forbidden)
        raise HostError(f"{place} contains {found}, which the response file cannot carry.")
    if text != text.encode("utf-8", "ignore").decode("utf-8"):
        raise HostError(f"{place} contains something that is not a character.")
    if text != text.strip():
        raise HostError(f"{place} begins or ends with a blank; the installer does not trim, so it is most likely a mistake.")
