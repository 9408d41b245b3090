# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a description, or of some of its applications: what goes, what lets go of it before, and what stays.

What a description describes goes; what it only names stays. The parts are walked in the reverse order of creation, and none is named here.
Which order of writes the Configuration Server accepts is a matter of the engine.  Source: G5, CHAT
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._config.desired import Desired, merged
from .._config.errors import InvalidInput
from .._config.outlook import existing
from .._config.plan import describe, make_plan
from . import all_parts
from .application_facts import application_facts
from .connection import current_links, disconnect_all
from .context import APPLICATION_CLUSTER, CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER
from .endpoint_users import endpoint_users, keep_used_endpoints

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .._config.directory import ConfigObject
    from .context import Context
    from .part import Part

_APPLICATION = "CfgApplication"
#: What a Chat Server's connection to Interaction Server may lead to.
_INTERACTION = (INTERACTION_SERVER, APPLICATION_CLUSTER)

#: The classes that planning any removal reads; those of the description come on top. A mandatory component of a solution stays.  Source: G5
KINDS = ("CfgApplication", "CfgTenant", "CfgHost", "CfgAppPrototype", "CfgService")


class Removal:
    """A description while its end is planned.

    Attributes:
        going: name -> part (None for one that the description does not describe) of the applications that go.
        mentioned: every text in the description, and so every name.
        whole: whether everything that is described goes, and not only some applications.
        stays: what stays though the description mentions it, as list of {"type", "name", "reason"}.
        renamed: names of described applications that seem to have another name now, see _seek_renamed; their packages stay.
    """

    def __init__(self, context: Context, description: Mapping[str, Any], names: Collection[str] | None = None) -> None:
        if names is not None and not names:
            raise InvalidInput("applications: no application is named, so nothing would be removed; name at least one. Without this option the whole "
                               "solution is removed")
        self.context = context
        self.directory = context.directory
        self.description = description
        self.tenant = description["tenant"]
        self.whole = names is None
        self.mentioned = set(_texts(description))
        self.stays: list[dict[str, str]] = []
        self.renamed: set[str] = set()
        self.described = {name: part for part in all_parts.by_place() for name in part.installed(description)}
        self.going: dict[str, Part | None] = dict(self.described) if names is None else {name: self._part_of(name) for name in dict.fromkeys(names)}

    # -- for the parts -------------------------------------------------------------------------------------------

    def given(self, key: str) -> list[Any]:
        """Return the list under a key of the description, [] if it is not there."""
        return self.description.get(key) or []

    def stay(self, kind: str, name: str, reason: str) -> None:
        """Tell that an object stays, and why."""
        self.stays.append({"type": kind, "name": name, "reason": reason})

    def staying(self) -> list[ConfigObject]:
        """Return the applications that are there and stay, by their names."""
        return sorted((app for app in self.directory.all(_APPLICATION) if app.name not in self.going), key=lambda app: app.name)

    # -- what goes -----------------------------------------------------------------------------------------------

    def _part_of(self, name: str) -> Part | None:
        """Return the part of an application that is to go by its name: the one that describes it, or the one of its type."""
        if name in self.described:
            return self.described[name]
        found = self.directory.find(_APPLICATION, name)
        if not existing(found):
            self.context.warn(f"applications: there is no application named '{name}', so there is nothing to remove"
                              f"{self.directory.similar(_APPLICATION, name)}")
            return None
        part = next((part for part in all_parts.PARTS if found.subtype in part.types), None)
        if part is None:
            raise InvalidInput(f"applications: '{name}' is of type {found.subtype or 'unknown'} and not described, so it is no server of this solution; "
                               "name one that the description describes, or a Chat Server, UCS or Interaction Server")
        return part

    def wanted(self) -> list[Desired]:
        """Return the list of Desired; raises InvalidInput."""
        self.directory.require("CfgTenant", self.tenant, "tenant")
        gone, others = [], []
        for part in reversed(all_parts.by_place()):
            names = [name for name, owner in self.going.items() if owner is part]
            gone += [self._gone(name, part) for name in names]
            others += part.removal(self) if part.removal and self.whole else []
        # What goes altogether needs no change of its own any more.
        others = [item for item in others if not (item.kind == _APPLICATION and item.present and item.name in self.going)]
        together = merged(others + self._unlinked() + self._unpaired() + gone)
        keep_used_endpoints(self.context, together)
        self._keep_named_endpoints(together)
        self._seek_renamed()
        for app in self.staying() if self.whole else ():
            if app.name in self.mentioned:
                self.stay(_APPLICATION, app.name, "the description only names it")
        return together

    def _gone(self, name: str, part: Part) -> Desired:
        if existing(self.directory.find(_APPLICATION, name)):
            self.context.application(name, part.name, part.types)
        return Desired(_APPLICATION, name, present=False)

    # -- what lets go of it --------------------------------------------------------------------------------------

    def _unlinked(self) -> list[Desired]:
        """Return a Desired per client that the description mentions; raises InvalidInput for any other client."""
        # What parts find beside: they know who uses them.
        known = set().union(*(part.clients(self) for part in all_parts.PARTS if part.clients))
        wanted, strangers = [], []
        for client in self.staying():
            links = current_links(self.directory, client)
            servers = sorted({server for server, _port in links if server in self.going})
            primary = self.context.primary_of(client) if servers else ""
            if not servers or (primary and primary not in self.going):
                continue  # a backup has what its primary has
            if client.name not in self.mentioned | known:
                strangers.append(f"'{client.name}' (to {', '.join(servers)})")
                continue
            self._keep_what_is_needed(client, links, servers)
            desired = Desired(_APPLICATION, client.name)
            for server in servers:
                disconnect_all(desired, links, server)
            wanted.append(desired)
        if strangers:
            raise InvalidInput("applications are connected to what is to be removed, and the description does not mention them: "
                               f"{', '.join(strangers)}; remove these connections first")
        return wanted

    def _keep_what_is_needed(self, client: ConfigObject, links: Collection[tuple[str, str]], going: Collection[str]) -> None:
        """Refuse to leave a Chat Server without a UCS or without an Interaction Server: it is connected to another one first.  Source: CHAT"""
        if client.subtype != CHAT_SERVER:
            return
        types = {server: getattr(self.directory.find(_APPLICATION, server), "subtype", "") for server, _port in links}
        lost = [server for server in going if types[server] == CONTACT_SERVER]
        if lost:
            raise InvalidInput(f"Chat Server '{client.name}' is connected to '{lost[0]}', and a Chat Server must be connected to a UCS; take the pair out of "
                               "the description and apply that first, so that its Chat Servers get another one")
        lost = [server for server in going if types[server] in _INTERACTION]
        if lost and not any(kind in _INTERACTION for server, kind in types.items() if server not in going):
            raise InvalidInput(f"Chat Server '{client.name}' is connected to no Interaction Server but '{lost[0]}', and a Chat Server must be connected to "
                               "one; connect it to another one first (interaction_servers)")

    def _unpaired(self) -> list[Desired]:
        """Return a Desired per primary that stays and is mentioned, while its backup goes."""
        wanted = []
        for name in self.going:
            found = self.directory.find(_APPLICATION, name)
            primary = self.context.primary_of(found) if existing(found) else ""
            if primary and primary not in self.going and primary in self.mentioned:
                desired = Desired(_APPLICATION, primary)
                desired.want("backup", "")
                wanted.append(desired)
        return wanted

    def _keep_named_endpoints(self, wanted: list[Desired]) -> None:
        """Refuse to take away the last Chat Server that has an endpoint which an application still names."""
        items = {item.name: item for item in wanted if item.kind == _APPLICATION}
        left = {path for app in self.staying() if app.subtype == CHAT_SERVER for path in app.options()}
        for name in self.going:
            found = self.directory.find(_APPLICATION, name)
            for section, endpoint in found.options() if existing(found) and found.subtype == CHAT_SERVER else ():
                dbid = section.partition("endpoints:")[2]
                if not dbid.isdigit() or (section, endpoint) in left:
                    continue
                users = endpoint_users(self.context, name, int(dbid), endpoint, items)
                if users:
                    told = " and ".join(f"'{user}' ({'/'.join(option)} = {value})" for user, option, value in users)
                    raise InvalidInput(f"application '{name}' is the last Chat Server with the endpoint '{endpoint}', which is named by {told}; let "
                                       "that lead to another endpoint, or take the option away first")

    def _seek_renamed(self) -> None:
        """Tell of applications that are not there, while another one of their host has the installation directory that was made for their name."""
        for name, part in self.going.items():
            host = self._described_host(name)
            if part is None or not host or existing(self.directory.find(_APPLICATION, name)):
                continue
            for app in self.staying():
                if self.directory.name("CfgHost", app.host_dbid) == host and app.value("working_directory").rstrip("/").rpartition("/")[2] == name:
                    self.renamed.add(name)
                    self.stay(_APPLICATION, name, f"it is not there, and its installation directory is that of '{app.name}': if it was renamed, name it so "
                                                  "in the description")

    def _described_host(self, name: str) -> str:
        """Return the host that the description has for an application, or ''."""
        return next((item.get("host") or "" for item in _mappings(self.description) if item.get("name") == name), "")

    # -- for the hosts -------------------------------------------------------------------------------------------

    def applications(self) -> list[dict[str, Any]]:
        """Return the facts of each application that goes, see application_facts; in the order in which they are stopped: clients before their servers.

        Of one that is no longer there, only the host and the role are known, by the description; without a host it is left out.
        """
        found = []
        for name, part in self.going.items():
            if part is None or name in self.renamed:
                continue
            facts = application_facts(self.directory, name, part.role)
            if not facts["dbid"]:
                facts["host"] = self._described_host(name)
            if facts["host"]:
                found.append((part.start, facts))
        return [facts for _start, facts in sorted(found, key=lambda item: -item[0])]


def removal(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Return the list of Desired that ends params["solution"], or those of its applications that params["applications"] names.

    What stays is told in context.stays.  Raises InvalidInput.
    """
    ending = Removal(context, params["solution"], params.get("applications"))
    wanted = ending.wanted()
    context.stays = ending.stays
    return wanted


def removal_preview(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"applications", "changes", "stays"} of a removal; what runs is told by nobody here.  Raises InvalidInput."""
    ending = Removal(context, params["solution"], params.get("applications"))
    plan = make_plan(context.directory, ending.wanted())
    return {"applications": ending.applications(), "changes": describe(plan, context.secrets.mask), "stays": ending.stays}


def kinds_of_removal(params: Mapping[str, Any]) -> list[str]:
    """Return the classes that planning a removal reads, so that they can be read at once."""
    return list(dict.fromkeys([*KINDS, *(kind for part in all_parts.PARTS for kind in part.kinds(params["solution"]))]))


def _mappings(value: Any) -> list[dict[str, Any]]:
    """Return every mapping in a description, wherever it stands."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return ([value] if isinstance(value, dict) else []) + [found for item in inner for found in _mappings(item)]


def _texts(value: Any) -> list[str]:
    """Return every text in a description, wherever it stands."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
