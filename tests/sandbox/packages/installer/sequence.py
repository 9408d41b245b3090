# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generic installation sequence (IP: order of the generic sequence). Nothing is rolled back on an error."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import host, target
from .configuration import Application, Configuration, Login
from .description import Description
from .errors import InstallError
from .response_file import ResponseFile

_GENERAL = "___general___"


@dataclass(frozen=True)
class Product:
    """What the main script of a package knows about its product: also the keys of its own sections that the response file must have."""

    executable: str
    app_type: str
    needed: tuple[tuple[str, str], ...] = ()


class Sequence:
    """One silent installation.

    Args:
        product: executable and application type.
        description: ip_description.xml.
        answers: the response file.
    """

    def __init__(self, product: Product, description: Description, answers: ResponseFile) -> None:
        self.product = product
        self.description = description
        self.answers = answers
        self.wizard = ResponseFile(Path("GCTISetup.ini")) if Path("GCTISetup.ini").exists() else None

    def run(self) -> None:
        """Install.

        Raises:
            InstallError: with the installer's text; files and configuration stay as they are at that moment.
        """
        self._check_wizard_version()
        host.check_operating_system(self.description.os_versions)
        self._check_license_agreement()
        short, qualified, addresses = host.host_names()
        login = self._login()
        for section, key in self.product.needed:
            self.answers.get(section, key)
        configuration = Configuration(login)
        host_dbid = configuration.host_dbid(short, qualified, addresses)
        name = self._application_name(configuration, host_dbid, {short, qualified, *addresses})
        application = configuration.application(name)
        directory = self._install_path(application)

        target.prepare(directory, Path("launch_directory.txt").read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n"))
        target.extract(directory)
        model = self._data_model() if target.data_model_needed(directory) else None
        target.link_executable(directory, self.product.executable, model)

        command = f"./{self.product.executable}"
        arguments = f'-host {login.host} -port {login.port} -app "{application.name}"'
        license_argument, transport = self._license_argument(), self._transport_arguments()
        configuration.write_paths(application, str(directory), command, arguments + license_argument + transport)
        configuration.write_version(application, self.description.version)
        configuration.write_uninstall(application, str(directory))
        # The blank before the license argument is there also without one, and then doubled if a transport argument follows.
        target.write_run_script(directory, f"{command} {arguments} {license_argument.lstrip()}{transport}")

    def _check_wizard_version(self) -> None:
        if self.wizard is None:
            return
        version = self.wizard.find(_GENERAL, "Version")
        if version is None:
            raise InstallError("Version value is not specified in GCTISetup.ini file.")
        if version != self.description.version:
            raise InstallError(f"Version {version} specified in GCTISetup.ini\nfile doesn't match the IP version {self.description.version}.")

    def _check_license_agreement(self) -> None:
        if not self.answers.has("License") and self.description.license == "NotRequired":
            return
        if self.answers.get("License", "LicenseAgreement") != "Accepted":
            raise InstallError("Key LicenseAgreement value is not equal to Accepted.")

    def _login(self) -> Login:
        if self.wizard is not None and self.wizard.has(_GENERAL):
            source, section, keys = self.wizard, _GENERAL, ("host", "port", "user", "password", "xpassword")
        else:
            source, section, keys = self.answers, "ConfigServer", ("Host", "Port", "User", "Password", "xPassword")
        server, port, user = (source.get(section, key) for key in keys[:3])
        password, encrypted = source.find(section, keys[3]), source.find(section, keys[4])
        if password is None and encrypted is None:
            raise InstallError("Key Password or xPassword in section ConfigServer was not found.")
        return Login(server, port, user, password or "", encrypted or "")

    def _application_name(self, configuration: Configuration, host_dbid: str, names: set[str]) -> str:
        if self.wizard is not None:
            # Host filtering: entries that name another host do not count.
            entries = [item for item in self.wizard.names if item != _GENERAL and self.wizard.find(item, "host") in {None, *names}]
            if len(entries) == 1:
                found = configuration.identity(entries[0])
                wanted = {"DBID": self.wizard.find(entries[0], "dbid"), "hostDBID": host_dbid, "type": self.product.app_type}
                if found != wanted:
                    raise InstallError("Key ApplicationName in section ConfigServer was not found.")
                return entries[0]
        else:
            # Exactly one application of that type on the host is taken, whatever the response file says.
            candidates = configuration.applications(host_dbid, self.product.app_type)
            if len(candidates) == 1:
                return candidates[0]
        return self.answers.get("ConfigServer", "ApplicationName")

    def _install_path(self, application: Application) -> Path:
        path = self.answers.find("IPCommon", "InstallPath")
        if path is None:
            path = application.work_directory
            if not target.is_valid_path(path) and not self.answers.has("IPCommon"):
                raise InstallError("Section IPCommon was not found.")
        if not target.is_valid_path(path):
            raise InstallError("Key InstallPath in section IPCommon is missing or it has invalid value.")
        return Path(path)

    def _data_model(self) -> str:
        """The value of DataModel: of the keys of a section that is read as a whole, empty ones are there."""
        model = self.answers.find("IPCommon", "DataModel")
        if model is None:
            raise InstallError("Key DataModel in section IPCommon was not found.")
        return model

    def _license_argument(self) -> str:
        """The license argument, with a blank before it. ``UseLicense`` is looked at whenever it is given (the stand-in's own rule)."""
        use = self.answers.find("License", "UseLicense")
        if not use or use == "0":
            use = "NotRequired" if self.description.license == "NotRequired" else "Required"
        if use == "NotRequired":
            return ""
        if use != "Required":
            raise InstallError("Invalid value of key UseLicense in section License.")
        access = self.answers.get("License", "AccessType")
        if access == "LicenseFile":
            path = self.answers.get("License", "File")
            if not os.path.exists(path):
                raise InstallError(f"License file {path} was not found.")
            return f' -l "{path}"'
        if access != "LicenseManager":
            raise InstallError("Invalid value for key AccessType in section License.")
        server, port = self.answers.get("License", "Host"), self.answers.get("License", "Port")
        if not re.fullmatch(r"[0-9a-zA-Z._-]+", server):
            raise InstallError("Key Host value: entered data is not in valid host name format (only [0-9,a-z,A-Z,-,.,_] symbols are allowed)")
        if not re.fullmatch(r"[0-9]+", port):
            raise InstallError("Key Port value: entered data is not in valid port number format (should be a number)")
        return f' -l "{port}@{server}"'

    def _transport_arguments(self) -> str:
        source, section = self.answers, "ConfigServer"
        if self.wizard is not None and self.wizard.has(_GENERAL):
            source, section = self.wizard, _GENERAL
        port, address = ((source.find(section, key) or "").strip().strip('"') for key in ("transport-port", "transport-address"))
        if not port:
            return ""
        return f" -transport-port {port}" + (f" -transport-address {address}" if address else "")
