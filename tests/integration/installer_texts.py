# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error text of the installer that is known (Sources: IP: error texts, IP: Configuration Server, IP: OS check)."""

from __future__ import annotations

import re

_MANUALLY = "Unable to write to the Configuration Server. The following information must be added to it manually: "

#: By a short name of their own; what stands in angle brackets differs from case to case.
TEXTS: dict[str, str] = {
    "file": "File <path> was not found.",
    "section": "Section <section> was not found.",
    "key": "Key <key> in section <section> was not found.",
    "password": "Key Password or xPassword in section ConfigServer was not found.",
    "value": "Invalid value of key <key> in section <section>.",
    "access type": "Invalid value for key AccessType in section License.",
    "install path": "Key InstallPath in section IPCommon is missing or it has invalid value.",
    "license host": "Key Host value: entered data is not in valid host name format (only [0-9,a-z,A-Z,-,.,_] symbols are allowed)",
    "license port": "Key Port value: entered data is not in valid port number format (should be a number)",
    "license file": "License file <path> was not found.",
    "agreement": "Key LicenseAgreement value is not equal to Accepted.",
    "create": "Unable to create <directory>",
    "no directory": "<directory> already exists and isn't a directory.",
    "write": "Unable to write to <directory>",
    "back up": "Couldn't back up <directory>",
    "same directory": "The destination directory cannot be the same as the directory from which this script is being run.",
    "space": "The space required for installation is <number> KB, while <directory> directory has only <number> KB of free space.",
    "extract": "Failed to extract data.tar.gz",
    "copy": "Failed to copy <file>",
    "link": "Failed to create symbolic link to <bits> bit executable: <reason>",
    "run.sh": "Error writing run.sh",
    "wizard without version": "Version value is not specified in GCTISetup.ini file.",
    "wizard of another version": "Version <version> specified in GCTISetup.ini\nfile doesn't match the IP version <version>.",
    "wizard's application": "Key ApplicationName in section ConfigServer was not found.",
    "operating system": "OS version <version> is not supported.\nPlease check ip_description.xml file for list of supported versions.",
    "result log": "Unable to create file in <path> directory because of insufficient permissions.",
    "server": "Invalid host (<host>) or port (<port>) for Configuration Server connection.",
    "login": "Invalid login for Configuration Server. Please verify user name (<user>) and password.",
    "port": "Invalid port (<port>) for Configuration Server connection.",
    "host": "The hostname was not found in Configuration Server configuration using all following names:\n\thostname - <host>",
    "read": "Unable to read information from the Configuration Server.",
    "write paths": _MANUALLY + "Working Directory, Command line, Command line arguments",
    "write version": _MANUALLY + "Application version",
    "read server version": "Unable to read Configuration Server version.",
    "verify server version": "Unable to verify Configuration Server version.",
}


def pattern(name: str) -> re.Pattern[str]:
    """Return what finds a text, whatever stands where the angle brackets are."""
    return re.compile(".+".join(re.escape(part) for part in re.split("<[a-z ]+>", TEXTS[name])), re.DOTALL)
