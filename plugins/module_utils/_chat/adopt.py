# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what exists to a description: the way in for the many who have a running system already.

The description is checked by the very rules that will apply it: what they would refuse or change is left out and said.
"""

from __future__ import annotations

import re

from .._config import fields
from .._config.errors import InvalidInput
from .._config.plan import make_plan
from .._config.types import APPLICATION
from . import arguments as a
from .application import NO_GMS_NODE
from .connection import current_links
from .context import (
    APPLICATION_CLUSTER,
    CHAT_SERVER,
    CONFIGURATION_SERVER,
    CONTACT_SERVER,
    INTERACTION_QUEUE,
    INTERACTION_SERVER,
    MESSAGE_SERVER,
    Context,
)
from .endpoint import PLACEHOLDER
from .solution import solution
from .web_engagement import OPTIONS, chat_servers_of, described, key_options

_FIELDS = ("host", "tenants", "ports", "options", "annex", "startup_timeout", "shutdown_timeout", "reconnect_timeout",
           "reconnect_attempts", "auto_restart", "application_template")

#: A GMS node was seen as this type; there is none of its own.  Source: G12
GMS_NODE = "CFGGenericServer"

#: The place in a description of one application that is only tried: not one that the user could look for.
_TRIAL = re.compile(r"^(chat_servers|web_engagement)\[0\]: ")

#: Where a server may be named once for all Chat Servers.
_HOISTED_TO_SOLUTION = ("addp", "message_server", "configuration_server")


def adopt(context, tenant, names=None):
    """Return (description, left_out) of the Chat Servers that serve "tenant".

    names: the Chat Servers wanted, or None for all of that tenant.  left_out: list of {name, part, reason}; part: which part of
    a described application is missing, '' if the application is not described. Each of "names" is either described or there.
    Applying the description plans nothing; that is checked here.
    """
    return _Adoption(context, tenant).run(names)


def plan_of(directory, description):
    """Return the Plan of a description, with the arguments' defaults filled in as the module fills them."""
    return make_plan(directory, solution(Context(directory, allow_disconnect=True), a.validated_solution(description)))


class _Adoption:
    def __init__(self, context, tenant):
        self.context = context
        self.directory = context.directory
        self.secrets = context.secrets
        self.tenant = tenant
        self.left_out = []
        context.directory.require("CfgTenant", tenant, "tenant")

    def run(self, names):
        apps = self._wanted(names) if names is not None else [
            app for app in self.directory.all("CfgApplication") if app.subtype == CHAT_SERVER and self.tenant in self._tenants(app)]
        apps = [app for app in apps if not self._is_backup(app)]
        specs = [self._chat_server(app) for app in sorted(apps, key=lambda app: app.name)]
        if not self._plans_nothing({"chat_servers": specs}):
            specs = [spec for spec in specs if self._unchanged({"chat_servers": [spec]}, spec["name"])]
        kept = {spec["name"] for spec in specs}
        # What is not described has one reason for that; what else is odd about it does not matter then.
        self.left_out = [item for item in self.left_out if not item["part"] or item["name"] in kept]
        description = {"tenant": self.tenant, "chat_servers": specs}
        self._add_contact_servers(description)
        for key, types in (("interaction_servers", (INTERACTION_SERVER, APPLICATION_CLUSTER)), ("gms", (GMS_NODE,))):
            self._add_clients(description, key, types)
        self._say_other_clients(specs)
        self._add_channels(description, names)
        queues = self._queues(specs)
        if queues:
            description["interaction_queues"] = queues
        tidy = _hoisted(description)
        return (tidy if self._plans_nothing(tidy) else description), self.left_out

    # -- one Chat Server -----------------------------------------------------------------------------------------

    def _wanted(self, names):
        """Return the Chat Servers of these names that serve the tenant; the others are left out and said.  Raises InvalidInput."""
        apps = []
        for name in dict.fromkeys(names):
            app = self.directory.require("CfgApplication", name, "chat_servers")
            tenants = self._tenants(app)
            if app.subtype != CHAT_SERVER:
                self._leave_out(name, "it is an application of type %s, and a Chat Server is of type %s" % (app.subtype or "unknown", CHAT_SERVER))
            elif self.tenant not in tenants:
                self._leave_out(name, "it does not serve tenant '%s', but %s" % (self.tenant, ", ".join(tenants) or "none at all"))
            else:
                apps.append(app)
        return apps

    def _tenants(self, app):
        """Return the names of the tenants that an application serves."""
        return sorted(leaf[0] for leaf in APPLICATION.field("tenants").decode(app.raw, self.directory))

    def _is_backup(self, app):
        """Return whether an application is the backup of another one; then it is left out and said."""
        primary = self.context.primary_of(app)
        if primary:
            self._leave_out(app.name, "it is the backup of '%s', from which the Configuration Server copies what it has" % primary)
        return bool(primary)

    def _chat_server(self, app):
        """Return a Chat Server's spec."""
        leaves = APPLICATION.decode(app.raw, self.directory, _FIELDS)
        known = [name for name in self._tenants(app) if not self._is_dangling(app, "tenants", name)]
        spec = {"name": app.name, "tenants": [self.tenant] + [name for name in known if name != self.tenant]}
        for key in ("application_template", "host"):
            if leaves[key,] and not self._is_dangling(app, key, leaves[key,]):
                spec[key] = leaves[key,]
        for key in ("startup_timeout", "shutdown_timeout", "reconnect_timeout", "reconnect_attempts", "auto_restart"):
            spec[key] = leaves[key,]
        spec["ports"] = {}
        for path, number in leaves.items():
            if path[0] == "ports" and 1 <= number <= 65535:
                spec["ports"][path[1]] = number
            elif path[0] == "ports":
                self._leave_out(app.name, "its port '%s' has the number %d, which is no port number" % (path[1], number), "ports")
        self._options(spec, leaves, app)
        self._links(spec, app)
        return {key: value for key, value in spec.items() if value not in ({}, [], None)}

    def _options(self, spec, leaves, app):
        """Split options into endpoints and the rest; the rest only where it differs from the template; no secrets."""
        template = self.directory.find("CfgAppPrototype", spec.get("application_template", ""))
        shipped = template.options() if template else {}
        sections = {"endpoints:%d" % self.directory.dbid("CfgTenant", name): name for name in spec["tenants"]}
        endpoints, options, annex = {}, {}, {}
        for path, value in leaves.items():
            if path[0] not in ("options", "annex"):
                continue
            _field, section, key = path
            if path[0] == "options" and section in sections:
                owner = sections[section]
                if value and self._is_queue(value, owner):
                    endpoints.setdefault(owner, {})[key] = value
                else:
                    self._leave_out(app.name, "endpoint '%s' of tenant '%s' leads to %s" % (
                        key, owner, "'%s', which is not an Interaction Queue of that tenant" % value if value else "no queue"), "endpoints")
            elif self.secrets.is_secret(key) or (section, key) == ("sml", "uninstall") or PLACEHOLDER.match(section):
                continue  # secrets don't leave the server, the second is the installer's, and the third must go
            elif path[0] == "annex":
                annex.setdefault(section, {})[key] = value
            elif shipped.get((section, key)) != value:
                options.setdefault(section, {})[key] = value
        spec["endpoints"] = endpoints.pop(self.tenant, {})
        spec["tenant_endpoints"] = endpoints
        spec["options"] = options
        spec["annex"] = annex

    def _is_queue(self, name, tenant):
        found = self.directory.find("CfgScript", name, tenant)
        return found is not None and found.subtype == INTERACTION_QUEUE

    def _links(self, spec, app):
        """Describe the connections: by role where they are at the default port, one by one otherwise."""
        links = current_links(self.directory, app)
        settings = [_addp(link) for link in links.values()]
        same = settings[0] if settings and all(item == settings[0] for item in settings) else None
        if same:
            spec["addp"] = same
        roles = {INTERACTION_SERVER: [], APPLICATION_CLUSTER: [], MESSAGE_SERVER: [], CONFIGURATION_SERVER: [],
                 CONTACT_SERVER: []}
        others = []
        for (server, port), link in links.items():
            found = self.directory.find("CfgApplication", server)
            primary = self.context.primary_of(found) if found is not None else ""
            if found is None:
                self._is_dangling(app, "connections", server)
            elif primary and found.subtype != CONTACT_SERVER:
                self._leave_out(app.name, "it is connected to '%s', which is the backup of '%s'; a connection leads to the primary only"
                                % (server, primary), "connections")
            elif found.subtype in roles and port == "default" and (same or found.subtype == CONTACT_SERVER):
                roles[found.subtype].append(server)
            elif found.subtype != CONTACT_SERVER:
                others.append({"server": server, "port": port, "addp": _addp(link)})
        spec["interaction_servers"] = roles[INTERACTION_SERVER] + roles[APPLICATION_CLUSTER]
        for key, kind in (("message_server", MESSAGE_SERVER), ("configuration_server", CONFIGURATION_SERVER)):
            names = roles[kind]
            if names:
                spec[key] = names[0]
            others += [{"server": name, "port": "default", "addp": same} for name in names[1:]]
        spec["connections"] = others
        contact_servers = {server for server, _port in links
                           if getattr(self.directory.find("CfgApplication", server), "subtype", "") == CONTACT_SERVER}
        if len(contact_servers) == 1 and roles[CONTACT_SERVER] and self.directory.find(
                "CfgApplication", roles[CONTACT_SERVER][0]).raw.get("isprimary") != "CFGFalse":
            spec["contact_server"] = roles[CONTACT_SERVER][0]
        elif contact_servers:
            self._leave_out(app.name, "its connections to UCS (%s) do not fit the rule of one primary, at its default port"
                            % ", ".join(sorted(contact_servers)), "contact_server")

    def _is_dangling(self, app, part, name):
        """Return whether an object that an application refers to is not there; then that part is left out and said."""
        gone = name[:1] == "#" and name[1:].isdigit()
        if gone:
            self._leave_out(app.name, "it refers to the DBID %s, which no object has; that stays as it is" % name[1:], part)
        return gone

    # -- around --------------------------------------------------------------------------------------------------

    def _add_contact_servers(self, description):
        """Describe the pairs whose primaries the Chat Servers use, if all of them use one."""
        primaries = sorted({spec["contact_server"] for spec in description["chat_servers"] if spec.get("contact_server")})
        pairs, types, single = [], set(), []
        for name in primaries:
            leaves = APPLICATION.decode(self.directory.find("CfgApplication", name).raw, self.directory,
                                        ("backup", "redundancy_type"))
            if leaves["backup",]:
                pairs.append({"primary": name, "backup": leaves["backup",]})
                types.add(leaves["redundancy_type",])
            else:
                single.append(name)
        if not pairs:
            return  # each Chat Server names its UCS
        trial = dict(description, contact_servers={"pairs": pairs, "redundancy_type": sorted(types)[0]})
        obstacle = self._obstacle_to_pairs(description, single, types) or self._obstacle(trial)
        if obstacle:
            for members in pairs:
                self._leave_out(members["primary"], "its pair with '%s' is not described: %s" % (members["backup"], obstacle), "contact_servers")
            return
        free = [{key: value for key, value in spec.items() if key != "contact_server"}
                for spec in description["chat_servers"]]
        description.update(trial)
        if self._plans_nothing(dict(trial, chat_servers=free)):
            description["chat_servers"] = free

    @staticmethod
    def _obstacle_to_pairs(description, single, types):
        """Return why the pairs can't be described as a whole, or ''."""
        without = [spec["name"] for spec in description["chat_servers"] if not spec.get("contact_server")]
        if without:
            return "these Chat Servers have no UCS that can be described: %s" % ", ".join(without)
        if single:
            return "there are either pairs or single UCS, and these have no backup: %s" % ", ".join(single)
        if len(types) > 1:
            return "the pairs have different redundancy types: %s" % ", ".join(sorted(types))
        return "".join("the redundancy type %s has no word of its own" % name for name in types if name.startswith("CFG"))

    def _add_clients(self, description, key, types):
        """Name the Interaction Servers, or GMS nodes, that are linked to every adopted Chat Server as they should be."""
        servers = {spec["name"] for spec in description["chat_servers"]}
        names = []
        for app in sorted(self.directory.all("CfgApplication"), key=lambda app: app.name):
            # A cluster that is connected elsewhere is no cluster of Interaction Servers: of Chat Servers, for instance.
            links = current_links(self.directory, app) if app.subtype in types else ()
            linked = {server for server, port in links if port == "ESP" or app.subtype != APPLICATION_CLUSTER}
            if not linked & servers or self._is_backup(app):
                continue
            if self._plans_nothing(dict(description, **{key: names + [app.name]})):
                names.append(app.name)
            else:
                self._leave_out(app.name, "it is not connected to every Chat Server in the way that %s demands" % key)
        if names:
            description[key] = names

    def _say_other_clients(self, specs):
        """Say which applications use Chat Servers as a GMS node does, and have another type than the one that was seen."""
        servers = {spec["name"] for spec in specs}
        for app in sorted(self.directory.all("CfgApplication"), key=lambda app: app.name):
            if app.subtype in NO_GMS_NODE + (GMS_NODE, APPLICATION_CLUSTER) or key_options(app):
                continue
            used = sorted({server for server, port in current_links(self.directory, app) if port == "webapi" and server in servers})
            if used:
                self._leave_out(app.name, "it is of type %s, and is connected to the port 'webapi' of %s; if it is a GMS node, name it in gms"
                                % (app.subtype or "unknown", ", ".join(used)))

    def _add_channels(self, description, names):
        """Describe the chat channels of Web Engagement that lead to an endpoint of the tenant; names: the Chat Servers wanted, or None."""
        tenant = str(self.directory.dbid("CfgTenant", self.tenant))
        for app in sorted(self.directory.all("CfgApplication"), key=lambda app: app.name):
            for release, key in key_options(app).items():
                owner, colon, endpoint = key.partition(":")
                if not (owner.isdigit() and colon and endpoint):
                    self._leave_out(app.name, "%s is '%s', and must be the DBID of a tenant, a colon and the name of an endpoint"
                                    % (OPTIONS[release]["queue_key"][1], key))
                elif owner == tenant:
                    spec = self._channel(app, release, endpoint, names)
                    if spec:
                        description.setdefault("web_engagement", []).append(spec)

    def _channel(self, app, release, endpoint, names):
        """Return the spec of one channel, or None; what the rules would refuse or change is left out and said."""
        spec, values = described(app, release, endpoint)
        served = self._served(app)
        beside = sorted(served - set(names)) if names is not None else []
        if served and len(beside) == len(served):
            return None  # it belongs to none of the Chat Servers that are wanted
        if not self._unchanged({"web_engagement": [spec]}, app.name):
            return None
        if beside:
            self._leave_out(app.name, "it leads to Chat Servers that were not asked for, too: %s" % ", ".join(beside))
            return None
        for point, value in values.items():
            trial = dict(spec, **{point: value})
            if self._plans_nothing({"web_engagement": [trial]}):
                spec = trial
            elif value:
                self._leave_out(app.name, "%s is '%s', which is not described, and stays as it is" % (OPTIONS[release][point][1], value),
                                "web_engagement")
        return spec

    def _served(self, app):
        """Return the names of the Chat Servers that a Backend Server uses, none if that can't be told."""
        try:
            return set(chat_servers_of(Context(self.directory), app, None, app.name))
        except InvalidInput:
            return set()

    def _queues(self, specs):
        return sorted({queue for spec in specs for queue in spec.get("endpoints", {}).values()})

    # -- checks --------------------------------------------------------------------------------------------------

    def _plans_nothing(self, description):
        return not self._obstacle(description)

    def _obstacle(self, description):
        """Return why a description is refused, or what it would change, or '' if it is accepted and plans nothing."""
        try:
            plan = plan_of(self.directory, dict(description, tenant=self.tenant))
        except InvalidInput as error:
            return _TRIAL.sub("", str(error))
        return "; ".join("%s of %s would be changed" % (", ".join(sorted("/".join(path) for path in change.edits)), change.label)
                         for change in plan.changes)

    def _unchanged(self, part, name):
        """Return whether "part" is accepted and plans nothing; otherwise say why the object is left out."""
        obstacle = self._obstacle(part)
        if obstacle:
            self._leave_out(name, obstacle)
        return not obstacle

    def _leave_out(self, name, reason, part=""):
        self.left_out.append({"name": name, "part": part, "reason": reason})


def _addp(link):
    """Return a connection's attributes as the addp suboptions that describe it."""
    if link.get("protocol") != "addp":
        return {"enabled": False}
    addp = {"enabled": True, "local_timeout": link["local_timeout"], "remote_timeout": link["remote_timeout"]}
    if link["trace"] in fields.TRACE_MODES:
        addp["trace"] = link["trace"]
    return addp


def _hoisted(description):
    """Return the description with what all Chat Servers have in common said once."""
    specs = description["chat_servers"]
    if len(specs) < 2:
        return description
    result = dict(description)
    defaults = {}
    for key in sorted({key for spec in specs for key in spec} - {"name", "contact_server"}):
        values = [spec.get(key) for spec in specs]
        if any(value is None or value != values[0] for value in values):
            continue
        (result if key in _HOISTED_TO_SOLUTION else defaults)[key] = values[0]
        specs = [{other: value for other, value in spec.items() if other != key} for spec in specs]
    if defaults:
        result["chat_server_defaults"] = defaults
    result["chat_servers"] = specs
    return result
