# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every rule needs beside its part of the description."""

from __future__ import annotations

from .._config.errors import InvalidInput
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

    allow_disconnect: the user allows taking a connection from a Chat Server that may be running.
    allow_disruption: names of the applications (queues, tenants, hosts) whose loss is accepted though something running uses them.
    stopped: names of the applications that were seen stopped.
    strict_ranges: values outside a documented range are refused instead of warned about.
    secrets: tells which options hold secrets.
    stays: what a removal leaves, see removal.Removal.
    """

    def __init__(self, directory, allow_disconnect=False, strict_ranges=False, secrets=None, allow_disruption=(), stopped=()):
        self.directory = directory
        self.allow_disconnect = allow_disconnect
        self.allow_disruption = frozenset(allow_disruption)
        self.stopped = frozenset(stopped)
        self.strict_ranges = strict_ranges
        self.secrets = secrets or Secrets()
        self.warnings = []
        self.stays = []
        self._primaries = None

    def warn(self, text):
        """Tell the user something once, without stopping."""
        if text not in self.warnings:
            self.warnings.append(text)

    def may_run(self, application):
        """Return whether an application (a ConfigObject or None) counts as running: it was installed, and nobody has seen it stopped.

        What the installer has not written yet was never installed, so it can't run (inferred).
        """
        if application is None or application.planned or application.name in self.stopped:
            return False
        return application.is_installed

    def primary_of(self, application):
        """Return the name of the application whose backup this one is, or ''.

        Clients are connected to the primary only, and what a backup has is copied from it.  Source: HA81, G5
        """
        if application.planned:
            return ""
        if self._primaries is None:
            self._primaries = {app.backup_dbid: app.name
                               for app in self.directory.all("CfgApplication")}
        return self._primaries.get(application.dbid, "")

    def application(self, name, where, types=()):
        """Return the application of that name, existing or planned; raises InvalidInput if unknown or of another type.

        types: the acceptable CfgAppType names; empty for any.
        """
        found = self.directory.require("CfgApplication", name, where)
        if types and found.subtype not in types:
            raise InvalidInput("%s: application '%s' is of type %s, and must be of type %s"
                               % (where, name, found.subtype or "unknown", " or ".join(types)))
        return found
