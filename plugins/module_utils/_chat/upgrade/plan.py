# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rolling upgrade, read from the Configuration Server: who belongs to whom, and in which order.

The Chat Server guide's procedure for a cluster of UCS 9.1: upgrade all instances that are configured as backup, stop all primaries (the
Chat Servers switch to the backups), upgrade the primaries.  Source: CHAT
Chat Servers are independent of each other (N+1), so they are upgraded one by one.  Source: HA85
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..._common.variables import RELAUNCH
from ..._config.directory import ConfigObject
from ..._config.errors import InvalidInput
from ..._config.nearest import suggestion
from ..application_facts import application_facts, applications_by_host, has_install_time_utility
from ..connection import current_links
from ..context import CHAT_SERVER, CONTACT_SERVER, Context
from ..restoration import restoration_lacks

#: Role -> application type.
ROLES = {"contact_server": CONTACT_SERVER, "chat_server": CHAT_SERVER}

BACKUPS, PRIMARIES, SWITCH, ONE_BY_ONE = "backups", "primaries", "switch", "chat servers"


def upgrade_plan(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan for upgrade_plan_info.

    params: role, primaries (names, or None for all pairs), batch ("100%" or a number, see batches), hosts (names of the Host objects
    that take part in the run, or None), inventory_hosts (those that the inventory has, or None).
    Raises InvalidInput with everything that is against a rule, not only the first.
    """
    plan = _Plan(context, params)
    if params["role"] == "contact_server":
        plan.contact_servers()
    else:
        plan.chat_servers_one_by_one()
    return plan.result()


def batches(names: list[str], size: object) -> list[list[str]]:
    """Divide names into lists of "size": a count ("2"), or a share of all ("50%", rounded down, at least one).

    Raises InvalidInput for anything else.
    """
    text = str(size).strip()
    digits = text[:-1] if text.endswith("%") else text
    count = int(digits) if digits.isascii() and digits.isdigit() else 0
    if count < 1 or (text.endswith("%") and count > 100):
        raise InvalidInput(f"batch must be a number from 1 on, or a share from 1% to 100%, got '{size}'")
    step = max(1, len(names) * count // 100) if text.endswith("%") else count
    return [names[at:at + step] for at in range(0, len(names), step)]


class _Plan:
    """The plan while it is made: members, Chat Servers, steps, what is against the rules, and what is worth a warning."""

    def __init__(self, context: Context, params: Mapping[str, Any]) -> None:
        self.context = context
        self.directory = context.directory
        self.params = params
        self.members = []
        self.clients = []
        self.steps = []
        self.problems = []
        self._on_host = applications_by_host(self.directory)
        batches([], params["batch"])

    def result(self) -> dict[str, Any]:
        """Return the plan; raises InvalidInput if something is against the rules."""
        self._check_hosts()
        if self.problems:
            raise InvalidInput("The upgrade can't be done: " + " ".join(f"({number}) {text}" for number, text in enumerate(dict.fromkeys(self.problems), 1)))
        hosts = {item["host"] for item in self.members + self.clients}
        return {
            "role": self.params["role"],
            "members": self.members,
            "chat_servers": self.clients,
            "steps": self.steps,
            "hosts": sorted(hosts),
            "install_time_utility": has_install_time_utility(self.directory),
        }

    def _of_type(self, subtype: str) -> list[ConfigObject]:
        return sorted((app for app in self.directory.all("CfgApplication") if app.subtype == subtype), key=lambda app: app.name)

    def _facts(self, app: ConfigObject, role: str, **more: Any) -> dict[str, Any]:
        facts = application_facts(self.directory, app.name, role)
        facts["on_host"] = self._on_host.get(facts["host"], [])
        return dict(facts, **more)

    # -- Universal Contact Servers ---------------------------------------------------------------------------------------

    def contact_servers(self) -> None:
        """Plan the upgrade of the cluster: backups in batches, the switch, the primaries."""
        pairs = self._pairs()
        groups = self._groups(pairs)
        for primary, backup in pairs:
            clients = sorted(name for name, found in groups.items() if found == primary.name)
            self.members.append(self._facts(primary, "contact_server", place="primary", partner=backup.name, clients=clients))
            self.members.append(self._facts(backup, "contact_server", place="backup", partner=primary.name, clients=clients))
            self._warn_of_pair(primary, backup, clients)
        backups = sorted(backup.name for _primary, backup in pairs)
        primaries = sorted(primary.name for primary, _backup in pairs)
        partner = {item["name"]: item["partner"] for item in self.members}
        parts = batches(backups, self.params["batch"])
        for number, names in enumerate(parts, 1):
            label = "backups" if len(parts) == 1 else f"backups, batch {number} of {len(parts)}"
            self.steps.append({"name": label, "kind": "members", "members": names, "relies_on": sorted(partner[name] for name in names)})
        self.steps.append({"name": "stop of all primaries", "kind": "switch", "members": primaries, "relies_on": backups})
        self.steps.append({"name": "primaries", "kind": "members", "members": primaries, "relies_on": backups})

    def _pairs(self) -> list[tuple[ConfigObject, ConfigObject]]:
        """Return the pairs as (primary, backup), of those that are asked for."""
        servers = self._of_type(CONTACT_SERVER)
        if not servers:
            self.problems.append(f"There is no application of type {CONTACT_SERVER} (Universal Contact Server).")
        backup_of = {app.name: self.directory.by_dbid("CfgApplication", app.backup_dbid) for app in servers}
        primary_of = {app.name: self.context.primary_of(app) for app in servers}
        chosen = self.params["primaries"]
        for name in chosen or ():
            if name not in backup_of:
                hint = suggestion(name, backup_of)
                self.problems.append(f"primaries: there is no Universal Contact Server '{name}'{hint or '.'}")
            elif primary_of[name]:
                self.problems.append(f"primaries: '{name}' is the backup of '{primary_of[name]}'; name the primary.")
        shared = {}
        for name, backup in backup_of.items():
            shared.setdefault(backup.dbid if backup else 0, []).append(name)
        pairs = []
        for app in servers:
            backup, above = backup_of[app.name], primary_of[app.name]
            if chosen and app.name not in chosen and above not in chosen:
                continue
            if backup is not None and above:
                self.problems.append(f"'{app.name}' is the backup of '{above}' and has itself a backup, '{backup.name}'; a backup has none.")
            elif backup is not None and backup.subtype != CONTACT_SERVER:
                self.problems.append(f"The pair of '{app.name}' and '{backup.name}' is of different types: '{backup.name}' is of type "
                                     f"{backup.subtype or 'unknown'}, and must be {CONTACT_SERVER}.")
            elif backup is not None and len(shared[backup.dbid]) > 1:
                self.problems.append(f"'{backup.name}' is the backup of {_listed(shared[backup.dbid], ' and of ')}; one backup belongs to one primary.")
            elif backup is not None:
                pairs.append((app, backup))
            elif not above:
                self.problems.append(f"'{app.name}' is in no pair. All instances of UCS must be configured as pairs of primary and backup (ucs_pair), "
                                     "or it can't be stopped without leaving its Chat Servers alone.")
            elif above not in backup_of:
                self.problems.append(f"'{app.name}' is the backup of '{above}', which is no Universal Contact Server: the two are of different types.")
        return pairs

    def _groups(self, pairs: Collection[tuple[ConfigObject, ConfigObject]]) -> dict[str, str]:
        """Return Chat Server -> primary, and take the Chat Servers over as clients."""
        primaries = {primary.name for primary, _backup in pairs}
        members = primaries | {backup.name for _primary, backup in pairs}
        groups = {}
        for app in self._of_type(CHAT_SERVER):
            # The backup of a Chat Server has the connections of its primary; what it does with them until it takes over is not known.
            if self.context.primary_of(app):
                continue
            linked = sorted({server for server, _port in current_links(self.directory, app)
                             if (self.directory.find("CfgApplication", server) or app).subtype == CONTACT_SERVER})
            if self.params["primaries"] and not members.intersection(linked):
                continue
            if len(linked) != 1:
                self.problems.append(f"Chat Server '{app.name}' is connected to {_listed(linked, ' and ') or 'no UCS'}; each must be connected to the primary "
                                     "of exactly one pair (chat_server_groups).")
            elif linked[0] not in primaries:
                if linked[0] in members:
                    self.problems.append(f"Chat Server '{app.name}' is connected to '{linked[0]}', which is a backup; it must be connected to the primary of "
                                         "its pair (chat_server_groups).")
            else:
                groups[app.name] = linked[0]
                self.clients.append(self._client(app, pairs, linked[0]))
        return groups

    def _client(self, app: ConfigObject, pairs: Iterable[tuple[ConfigObject, ConfigObject]], primary: str) -> dict[str, Any]:
        backup = next(backup.name for first, backup in pairs if first.name == primary)
        if app.options("settings").get(("settings", "transcript-save-on-error"), "").strip() == "close":
            self.context.warn(f"'{app.name}' has transcript-save-on-error=close: an error of UCS that it takes for non-recoverable, while it switches, "
                              "closes live sessions. Options transcript-resend-* should cover the switch.")
        pair = self._pair_of(app, primary, backup)
        if not pair["backup"]["port"]:
            self.problems.append(f"Chat Server '{app.name}' is connected to a port of '{primary}' whose id '{backup}', its backup, does not have; so it "
                                 "could not switch.")
        return self._facts(app, "chat_server", contact_servers=[pair])

    def _pair_of(self, app: ConfigObject, primary: str, backup: str) -> dict[str, Any]:
        """Return where a Chat Server reaches the members of a pair: both at the port of that id to which it is connected."""
        port_id = next(port for server, port in current_links(self.directory, app) if server == primary)
        return {"primary": self._reached(primary, port_id), "backup": self._reached(backup, port_id) if backup else None}

    def _reached(self, name: str, port_id: str) -> dict[str, Any]:
        facts = application_facts(self.directory, name, "contact_server")
        return {"name": name, "address": facts["address"], "port": facts["ports"].get(port_id) or 0}

    def _warn_of_pair(self, primary: ConfigObject, backup: ConfigObject, clients: Collection[str]) -> None:
        if primary.host_dbid == backup.host_dbid:
            self.context.warn(f"'{primary.name}' and '{backup.name}', a pair, are on one host: if it fails, their Chat Servers have no UCS.")
        if not clients:
            self.context.warn(f"No Chat Server is connected to '{primary.name}'; there should be as many groups of Chat Servers as pairs.")
        for app in (primary, backup):
            self._warn_of_autostart(app)

    def _warn_of_autostart(self, app: ConfigObject) -> None:
        annex = {path[1:]: value for path, value in app.leaves(self.directory, ("annex",)).items()}
        if annex.get(("sml", "autostart"), "").strip().lower() in ("true", "yes", "1"):
            self.context.warn(f"'{app.name}' has sml/autostart=true: Solution Control Server starts it whenever it connects to the host, even while "
                              "its package is being replaced. Set it to false for the upgrade.")

    # -- Chat Servers ----------------------------------------------------------------------------------------------------

    def chat_servers_one_by_one(self) -> None:
        """Plan the upgrade of the Chat Servers, each while all others serve its sessions.  Source: HA85, HA81"""
        servers = [app for app in self._of_type(CHAT_SERVER) if not self.context.primary_of(app)]
        if len(servers) < 2:
            self.problems.append(f"There is only {len(servers) or 'no'} Chat Server; its sessions could be restored nowhere while it is upgraded.")
        for app in servers:
            others = [other.name for other in servers if other is not app]
            pairs = self._pairs_of(app)
            self.members.append(self._facts(app, "chat_server", place="chat server", partner=None, clients=[], contact_servers=pairs))
            self.steps.append({"name": f"Chat Server {app.name}", "kind": "members", "members": [app.name], "relies_on": others})
            self._warn_of_autostart(app)
        self.clients = list(self.members)
        if not self.params["accept_lost_sessions"]:
            self._check_restoration(servers)

    def _pairs_of(self, app: ConfigObject) -> list[dict[str, Any]]:
        found = []
        for server in sorted({server for server, _port in current_links(self.directory, app)}):
            target = self.directory.find("CfgApplication", server)
            if target is not None and target.subtype == CONTACT_SERVER:
                found.append(self._pair_of(app, server, self.directory.name("CfgApplication", target.backup_dbid)))
        return found

    def _check_restoration(self, servers: Iterable[ConfigObject]) -> None:
        wrong = {}
        for app in servers:
            for option in restoration_lacks(app):
                wrong.setdefault(option, []).append(app.name)
        if wrong:
            lacking = "; ".join(f"{option} on {_listed(names)}" for option, names in wrong.items())
            self.problems.append("Sessions can't be restored on another Chat Server, so that each Chat Server's sessions would end when it is stopped. "
                                 f"Missing in section settings: {lacking}. Set it, or accept that sessions are lost (accept_lost_sessions; in playbooks "
                                 "upgrade_accept_lost_sessions).")

    # -- hosts -----------------------------------------------------------------------------------------------------------

    def _check_hosts(self) -> None:
        taking_part, known = self.params["hosts"], self.params["inventory_hosts"]
        limited = None
        for item in {item["name"]: item for item in self.members + self.clients}.values():
            name, host = item["name"], item["host"]
            if not host:
                self.problems.append(f"'{name}' has no host.")
            elif known is not None and host not in known:
                self.problems.append(f"'{name}' is on host '{host}', and no host of the inventory (group genesys_hosts) stands for that Host object; add it, "
                                     "or set genesys_host on the host that does.")
            elif taking_part is not None and host not in taking_part:
                self.problems.append(f"'{name}' is on host '{host}', which a --limit leaves out; every member and every Chat Server must take part.")
                limited = len(self.problems) - 1
            if not item["install_path"]:
                self.problems.append(f"'{name}' was never installed: the Configuration Server has no working directory for it. Use the playbook deploy "
                                     "first.")
        if limited is not None:  # said once, with the last of them
            self.problems[limited] += f" {RELAUNCH}"


def _listed(names: Iterable[str], between: str = ", ") -> str:
    return between.join(f"'{name}'" for name in names)
