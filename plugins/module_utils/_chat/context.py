# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every rule needs beside its part of the description."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from .._config.directory import ConfigObject, Directory
from .._config.errors import DoesNotFit
from .._config.secrets import Secrets

#: Application types by the role they play in a chat solution.  Source: PSENUM, G5
CHAT_SERVER = "CFGChatServer"
CONTACT_SERVER = "CFGContactServer"
INTERACTION_SERVER = "CFGInteractionServer"
APPLICATION_CLUSTER = "CFGApplicationCluster"
MESSAGE_SERVER = "CFGMessageServer"
CONFIGURATION_SERVER = "CFGConfigServer"
INTERACTION_QUEUE = "CFGInteractionQueue"


class Context:
    """Directory, permissions and warnings of one run.

    Args:
        allow_disconnect: the user allows taking a connection from a Chat Server that may be running.
        allow_disruption: names of the applications (queues, tenants, hosts) whose loss is accepted though something running uses them.
        stopped: names of the applications that were seen stopped.
        strict_ranges: values outside a documented range are refused instead of warned about.
        secrets: tells which options hold secrets.

    Attributes:
        stays: what a removal leaves, see removal.Removal.
    """

    def __init__(self, directory: Directory, allow_disconnect: bool = False, strict_ranges: bool = False, secrets: Secrets | None = None,
                 allow_disruption: Iterable[str] = (), stopped: Iterable[str] = ()) -> None:
        self.directory = directory
        self.allow_disconnect = allow_disconnect
        self.allow_disruption = frozenset(allow_disruption)
        self.stopped = frozenset(stopped)
        self.strict_ranges = strict_ranges
        self.secrets = secrets or Secrets()
        self.warnings = []
        self.stays: list[dict[str, Any]] = []
        self._primaries: dict[int, str] | None = None
        self._intended_primaries: dict[str, str] = {}

    def warn(self, text: str) -> None:
        """Warn the user; the same text only once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def may_run(self, application: ConfigObject | None) -> bool:
        """Return whether an application (a ConfigObject or None) counts as running: it was installed, and nobody has seen it stopped.

        What the installer has not written yet was never installed, so it can't run (inferred).
        """
        if application is None or application.planned or application.name in self.stopped:
            return False
        return application.is_installed

    def primary_of(self, application: ConfigObject) -> str:
        """Return the name of the application whose backup this one is, or will be (see intend_primaries), or ''.

        Clients are connected to the primary only, and what a backup has is copied from it.  Source: HA81, G5
        """
        if application.kind == "CfgApplication" and application.name in self._intended_primaries:
            return self._intended_primaries[application.name]
        return self.primary_now(application)

    def intend_primaries(self, primaries: dict[str, str]) -> None:
        """Register whose backup applications will be when this run has paired them: backup -> primary, '' for nobody's."""
        self._intended_primaries.update(primaries)

    def primary_now(self, application: ConfigObject) -> str:
        """Return the name of the application whose backup this one is before this run, or ''."""
        if application.planned:
            return ""
        if self._primaries is None:
            self._primaries = {app.backup_dbid: app.name
                               for app in self.directory.all("CfgApplication")}
        return self._primaries.get(application.dbid, "")

    def application(self, name: str, where: str, types: Collection[str] = ()) -> ConfigObject:
        """Return the application of that name, existing or planned; raises InvalidInput if unknown or of another type.

        Args:
            types: the acceptable CfgAppType names; empty for any.
        """
        found = self.directory.require("CfgApplication", name, where)
        if types and found.subtype not in types:
            raise DoesNotFit(f"{where}: application '{name}' is of type {found.subtype or 'unknown'}, and must be of type {' or '.join(types)}")
        return found
