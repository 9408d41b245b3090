# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords of the Configuration Server that a tool cannot be given: refused before anything is done, and without being shown."""

from typing import Dict

from .errors import HostError

_OTHER_LOGIN = "Use an account with another password."


def check_for_command(password: str) -> None:
    """Refuse a password that no command line can carry, as that of mlcmd.

    Raises:
        HostError: names the character.
    """
    _refuse(password, {"\0": "a zero byte"}, "which the command line of mlcmd cannot carry")
    _check_text(password)


def check_for_response_file(password: str) -> None:
    """Refuse a password that is no line of the installer's response file, which trims nothing (Source: IP: response file).

    Raises:
        HostError: names the character.
    """
    _refuse(password, {"\r": "a line break", "\n": "a line break", "\0": "a zero byte"}, "which the installer's response file cannot carry")
    _check_text(password)
    if password != password.strip():
        raise HostError("confserv_password: it begins or ends with a blank; the installer does not trim, so it is most likely a mistake.", _OTHER_LOGIN)


def check_for_installer(password: str) -> None:
    """Refuse a password that the installer would not hand on as it is.

    It writes the password between double quotes into the command line of its utility, which a shell reads, so some characters
    mean something else there (Source: IP: Configuration Server).

    Raises:
        HostError: names the character.
    """
    names = {'"': "a double quote", "$": "a dollar sign", "`": "a backtick", "\\": "a backslash"}
    _refuse(password, names, "which the installer cannot carry: it hands the password on through a shell, between double quotes")


def _refuse(password: str, names: Dict[str, str], why: str) -> None:
    found = next((name for character, name in names.items() if character in password), None)
    if found:
        raise HostError(f"confserv_password: it contains {found}, {why}.", _OTHER_LOGIN)


def _check_text(password: str) -> None:
    try:
        password.encode("utf-8")
    except UnicodeEncodeError:
        raise HostError("confserv_password: it contains something that is not a character.", _OTHER_LOGIN) from None
