# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about the installer's error texts (Source: IP: error texts)."""

import re

_CURES = (
    (
        r"Invalid login",
        "Check confserv_username and confserv_password. The installer hands the password on within double quotes,"
        ' so the characters " $ ` and \\ may not arrive as they are.',
    ),
    (
        r"Invalid (host|port)|Unable to read information from the Configuration Server",
        "Check confserv_host and confserv_port, and that this host reaches the Configuration Server.",
    ),
    (r"hostname was not found", "Create a Host object with one of these names."),
    (
        r"Unable to write to the Configuration Server",
        "Check that the application exists and that the user may change it; the new files are in place, but the rest is missing.",
    ),
    (
        r"Couldn't back up",
        "Make all entries of the directory movable for the user that runs the installer; the next run puts those back that"
        " were moved before it gave up.",
    ),
    (r"space required", "Free some space on that file system."),
    (r"Failed to extract|Failed to copy", "Check the disk space, and fetch the package again."),
    (r"LicenseAgreement", "Read the package's licence agreement and set accept_license."),
    (r"License file|AccessType|section License", "Check the option license."),
    (
        r"(Section|Key) .* (was not found|is missing)|Invalid value of key",
        "The package's own ip/genesys_silent.ini explains its keys; add what is missing with the option response.",
    ),
    (r"OS version", "Use an operating system that the package supports."),
    (r"JAVA_HOME|JRE_HOME|Java", "Set JAVA_HOME or JRE_HOME in the task's environment, or give [JavaData] JavaPath with the option response."),
    (r"GCTISetup", "Remove GCTISetup.ini from the package."),
    (r"destination directory cannot be the same", "Remove install.lock from the installation directory, and keep the package elsewhere."),
)


def cure_for(error: str) -> str:
    """Return advice for an error text of the installer; a general one for an unknown text."""
    for pattern, cure in _CURES:
        if re.search(pattern, error):
            return cure
    return "Correct the cause and run again."
