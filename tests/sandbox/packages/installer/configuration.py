# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installer reads from and writes to the Configuration Server, through ``./cfgutility`` (IP: Configuration Server).

The password is an argument of those processes, so it can be seen in the process list while they run: so it is with the
real installer, and callers have to know it. It stands between double quotes in the line of a shell, which reads some
characters in its own way; how the real installer quotes the other arguments is not known, so they are handed on as they are.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass

from .errors import InstallError

APPLICATION, HOST = "9", "10"
_MANUALLY = "Unable to write to the Configuration Server. The following information must be added to it manually: "


@dataclass(frozen=True)
class Login:
    """Where and how to log in."""

    host: str
    port: str
    user: str
    password: str = ""
    encrypted_password: str = ""

    def words(self) -> list[str]:
        """The words of a shell that every call of cfgutility starts with."""
        words = [shlex.quote(word) for word in ("-h", self.host, "-p", self.port, "-t", "20", "-al", "ITCUtility", "-u", self.user)]
        if self.password:
            return [*words, "-pw", f'"{self.password}"']
        return [*words, "-epw", f'"{self.encrypted_password}"'] if self.encrypted_password else words


@dataclass(frozen=True)
class Application:
    """The Application object that the installation belongs to."""

    name: str
    dbid: str = "0"
    work_directory: str = ""
    arguments: str = ""


class Configuration:
    """Calls of cfgutility for one login."""

    def __init__(self, login: Login) -> None:
        self.login = login

    def _call(self, *arguments: str) -> tuple[int, list[tuple[str, str]]]:
        command = " ".join(["exec ./cfgutility", *self.login.words(), *map(shlex.quote, arguments)])
        try:
            done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return -1, []
        lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
        return done.returncode, [(name, value) for name, found, value in (line.partition("=") for line in lines) if found]

    def host_dbid(self, short: str, qualified: str, addresses: list[str]) -> str:
        """DBID of the Host object that is named like this machine: qualified name, short name, then addresses.

        Raises:
            InstallError: with the installer's text for the reason.
        """
        for name in [qualified, short, *addresses]:
            if not name:
                continue
            code, answer = self._call("-a", "0", "-at", HOST, "-d", "-flk", "name", "-flv", name, "-fn", "DBID")
            if code == 0 and answer:
                return answer[0][1]
            if code != 10:
                raise InstallError(self._read_error(code))
        lines = ["The hostname was not found in Configuration Server configuration using all following names:", f"\thostname - {short}"]
        lines += [f"\tFully Qualified Domain Name - {qualified}"] if qualified else []
        lines += [f"\tIP address - {address}" for address in addresses]
        raise InstallError("\n".join(lines))

    def _read_error(self, code: int) -> str:
        login = self.login
        if code == 1:
            return f"Invalid host ({login.host}) or port ({login.port}) for Configuration Server connection."
        if code == 3:
            return f"Invalid login for Configuration Server. Please verify user name ({login.user}) and password."
        if code == 20:
            return f"Invalid port ({login.port}) for Configuration Server connection."
        return "Unable to read information from the Configuration Server."

    def applications(self, host_dbid: str, app_type: str) -> list[str]:
        """Names of the applications of one type on one host."""
        code, answer = self._call(
            "-a", "0", "-at", APPLICATION, "-d", "-flk", "host_dbid", "-flv", host_dbid, "-flk", "app_type", "-flv", app_type, "-fn", "name"
        )
        return [value for name, value in answer if name == "name"] if code == 0 else []

    def identity(self, name: str) -> dict[str, str]:
        """DBID, host and type of an application, empty if it does not exist."""
        code, answer = self._call("-a", "0", "-at", APPLICATION, "-d", "-flk", "name", "-flv", name, "-fn", "DBID", "-fn", "hostDBID", "-fn", "type")
        return dict(answer) if code == 0 else {}

    def application(self, name: str) -> Application:
        """The application's data; of one that does not exist the name alone: that shows up only when it is written to."""
        code, answer = self._call(
            *("-a", "0", "-at", APPLICATION, "-d", "-flk", "name", "-flv", name),
            *("-fn", "DBID", "-fn", "workDirectory", "-fn", "CommandLineArguments"),
        )
        fields = dict(answer)
        if code != 0:
            return Application(name)
        return Application(name, fields.get("DBID", "0"), fields.get("workDirectory", ""), fields.get("CommandLineArguments", ""))

    def write_paths(self, application: Application, target: str, command: str, arguments: str) -> None:
        """Write working directory, command line, arguments and the state "enabled".

        Raises:
            InstallError: with the installer's text.
        """
        if not self._write(application, workDirectory=target, commandLine=command, CommandLineArguments=arguments, state="1"):
            raise InstallError(f"{_MANUALLY}Working Directory, Command line, Command line arguments")

    def write_version(self, application: Application, version: str) -> None:
        """Write the version of the package, which a Configuration Server keeps from version 7.5 on.

        Raises:
            InstallError: with the installer's text.
        """
        code, answer = self._call("-lv")
        if code != 0:
            raise InstallError("Unable to read Configuration Server version.")
        server = re.match(r"(\d+)\.(\d+)", dict(answer).get("VERSION", ""))
        if server is None:
            raise InstallError("Unable to verify Configuration Server version.")
        if (int(server.group(1)), int(server.group(2))) < (7, 5):
            return
        if not self._write(application, version=version):
            raise InstallError(f"{_MANUALLY}Application version")

    def write_uninstall(self, application: Application, target: str) -> None:
        """Write the annex entry ``sml/uninstall``; whether its failure matters to the real installer is not known: here it does not."""
        self._write(application, **{"userProperties#sml#uninstall": f"rm -rf {target}"})

    def _write(self, application: Application, **fields: str) -> bool:
        pairs = [word for name, value in fields.items() for word in ("-fn", name, "-fv", value)]
        return self._call("-a", application.dbid, "-at", APPLICATION, *pairs)[0] == 0
