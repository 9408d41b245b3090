# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about the installer's error texts (Sources: IP: error texts, IP: Configuration Server, IP: OS check), and about its silence."""

import re
from typing import Optional, Tuple

OTHER = "Correct the cause and run again."

# The first pattern that fits decides. docs/packages.md has the texts with these cures.
_CURES: Tuple[Tuple[str, str], ...] = (
    # the response file
    (
        r"Key Password or xPassword|in section ___general___",
        "Complete the login in the package's GCTISetup.ini, from which it is read while that file is there, or remove the file.",
    ),
    (
        r"Key ApplicationName in section ConfigServer was not found",
        "Name in the package's GCTISetup.ini an application that the Configuration Server has with this host and type, or remove that file.",
    ),
    (r"Key LicenseAgreement", "Read the package's licence agreement and set accept_license."),
    (r"Key InstallPath", "Make path an absolute one without '~', '/.' and './'."),
    (r"Key Host value", "Correct host in the option license."),
    (r"Key Port value", "Correct port in the option license."),
    (r"License file .* was not found", "Put the licence file there, readable for the user that runs the installer, or correct the option license."),
    (r"value for key AccessType", "Give the option license either a file, or host and port of a licence manager."),
    (r"Invalid value of key", "See in the package's own ip/genesys_silent.ini which values the key takes, and give one with the option response."),
    (r"(JAVA_HOME|JRE_HOME|Java)", "Set JAVA_HOME or JRE_HOME in the task's environment, or give [JavaData] JavaPath with the option response."),
    (r"Section .* was not found", "Add the section with the option response, as the package's own ip/genesys_silent.ini explains it."),
    (r"Key .* in section .* was not found", "Add the key with the option response, as the package's own ip/genesys_silent.ini explains it."),
    (r"File .* was not found", "Find out what removes files while the installer runs, for example a cleaner of temporary files, and run again."),
    # the wizard's file
    (r"not specified in GCTISetup\.ini", "Write the package's version into its GCTISetup.ini, or remove that file from the package."),
    (r"GCTISetup\.ini\s+file doesn't match", "Remove GCTISetup.ini from the package: it was made for another version."),
    # the directory
    (r"Unable to create file in", "Make temp_path a directory that the user of the installer can write to."),
    (r"Unable to create", "Let the user that runs the installer create it: make the directory above writable for that user."),
    (r"already exists and isn't a directory", "Remove what has that name, or choose another path."),
    (r"Unable to write to (?!the Configuration Server)", "Give the directory to the user that runs the installer, and mount its file system for writing."),
    (
        r"Couldn't back up",
        "Make all entries of the directory movable for the user that runs the installer; the next run puts those back that were moved before it gave up.",
    ),
    (r"destination directory cannot be the same", "Remove install.lock from the installation directory, and keep the package elsewhere."),
    (r"space required", "Free some space on that file system."),
    (r"Failed to extract", "Free some space on that file system and on that of /tmp; if there is enough, fetch the package again."),
    (r"Failed to copy", "Fetch the package again: one of its parts is in the way, or the disk is full."),
    (r"Failed to create symbolic link", "Use a file system that knows symbolic links; if the reason is that a file exists, fetch the package again."),
    (r"Error writing run\.sh", "Free some space, and remove what else stands in the way of run.sh in the directory."),
    # the machine and the Configuration Server
    (
        r"OS version",
        "Install on a system that the package supports, whose /etc/redhat-release says so in a form that the installer knows, like 'release 8.10 (...)'.",
    ),
    (r"Invalid login", "Check confserv_username and confserv_password."),
    (r"Invalid host .* or port", "Check confserv_host and confserv_port, and that this host reaches the Configuration Server there."),
    (r"Invalid port", "Check confserv_port: something else than the Configuration Server, or one that broke off, has answered there."),
    (r"hostname was not found", "Create a Host object with one of these names."),
    (r"Unable to read information", "Check that the application 'ITCUtility' exists, and that the Configuration Server works."),
    (
        r"added to it manually: Application version",
        "Check that the user may change the application, and run again; its directory and command line are written, its version is not.",
    ),
    (r"Unable to write to the Configuration Server", "Check that the application exists and that the user may change it, and run again."),
    (r"Unable to read Configuration Server version", "Find out why the Configuration Server has not answered any more, and run again."),
    (r"Unable to verify Configuration Server version", "Check that what answers at confserv_host and confserv_port is a Configuration Server, and run again."),
)

_CANNOT_RUN = (
    "The Perl that the package brings along could not be run: install the 32-bit C library (glibc.i686 in the Red Hat family, libc6-i386 in the Debian"
    " family) and what else its output names, and make sure that /tmp is not mounted noexec."
)
_CANNOT_RUN_THERE = "Mount /tmp without noexec, at least for the installation: the installer always works there."


def cure_for(error: str) -> str:
    """Return advice for an error text of the installer; a general one (OTHER) for an unknown text."""
    return next((cure for pattern, cure in _CURES if re.search(pattern, error)), OTHER)


def cure_for_silence(exit_code: Optional[int], output: str, begun: bool = False) -> str:
    """Return advice for an installer that has written no result log, or has only begun one (Source: IP: return code)."""
    if begun:
        return "Free some space on the file systems of temp_path, /tmp and path, and run again."
    if exit_code == 126 and "Permission denied" in output:
        return _CANNOT_RUN_THERE
    if exit_code in (126, 127):
        return _CANNOT_RUN
    if exit_code == 0:
        return "Free some space on the file system of temp_path, where the log belongs, and run again."
    if "Installation has terminated." in output:
        return "Somebody or something has ended it; run again."
    return "Its last output is in failure.output; correct the cause and run again."
