# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway in memory that keeps the Configuration Server's rules and fails when told to, and a small world to plan in.

It knows the rules that matter to the engine (DBIDs, backup copies, derived properties, refusals to delete); the embedded
environment under tests/sandbox knows the rest.  It never refuses a second object of the same name: duplicates must show.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import SOLUTION, solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.types import object_type
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError, SessionRenewed

WRITES = ("create", "update", "delete")
COPIED = ("options", "appservers", "tenantdbids")


#: Where objects lie that were there before.
FOLDERS = {"CfgAppPrototype": "101", "CfgHost": "103", "CfgScript": "105", "CfgTenant": "107"}


def copied(value):
    """A copy that shares nothing, of objects as they are on the wire. pickle makes it several times as fast as copy.deepcopy, and the tests make many."""
    return pickle.loads(pickle.dumps(value))


class Killed(BaseException):
    """The process ended here: nothing of ours catches it."""


class Gateway:
    """Objects in memory, behind the interface of a gateway.

    calls: every call as (verb, class, name or DBID).  effects: the writes that took effect, as (verb, class, name).
    faults: number of the call (from 1) -> one of FAULTS.  edits: number of the call -> function (gateway), run before it.
    down_from: number of the first call from which nothing answers any more.
    """

    #: fault -> (takes effect, what is raised). "killed" ends the process instead.
    FAULTS: dict[str, tuple[bool, dict[str, Any] | None]] = {
        "refused": (False, dict(status=409, code="CFGIncorrectReferences")),
        "busy": (False, dict(status=503, uncertain=True, transient=True)),
        "lost": (True, dict(uncertain=True, transient=True)),
        "broken": (False, dict(status=500, uncertain=True)),
        "broken after": (True, dict(status=500, uncertain=True)),
        "session renewed": (False, {}),
        "killed": (False, None),
        "killed after": (True, None),
    }

    def __init__(self, parallel_writes=1, retries=2, copies_template_options=False, tells_dbids=True):
        self.settings = SimpleNamespace(parallel_reads=1, parallel_writes=parallel_writes, retries=retries)
        self.copies_template_options = copies_template_options
        self.tells_dbids = tells_dbids
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.calls: list[tuple[str, str, object]] = []
        self.effects: list[tuple[str, str, str]] = []
        self.faults: dict[int, str] = {}
        self.edits: dict[int, Callable[[Gateway], None]] = {}
        self.down_from: int | None = None
        self._next = 200
        self._add_folders()

    # -- the interface -------------------------------------------------------------------------------------------

    def list(self, kind, **properties):
        def read():
            found = (raw for _dbid, raw in sorted(self.objects.get(kind, {}).items()))
            return copied([raw for raw in found if all(str(raw.get(key)) == value for key, value in properties.items())])
        return self._call("list", kind, properties.get("name", "*"), read)

    def get(self, kind, dbid):
        return self._call("get", kind, dbid, lambda: copied(self.objects.get(kind, {}).get(int(dbid))))

    def create(self, obj):
        return self._call("create", obj["type"], obj["name"], lambda: self._create(copied(obj)))

    def update(self, kind, dbid, obj):
        self._call("update", kind, obj["name"], lambda: self._update(kind, int(dbid), copied(obj)))

    def delete(self, kind, dbid):
        raw = self.objects.get(kind, {}).get(dbid, {})
        self._call("delete", kind, raw.get("name", dbid), lambda: self._delete(kind, int(dbid)))

    def close(self):
        pass

    # -- faults --------------------------------------------------------------------------------------------------

    def _call(self, verb, kind, name, act):
        self.calls.append((verb, kind, name))
        number = len(self.calls)
        if number in self.edits:
            self.edits[number](self)
        if self.down_from is not None and number >= self.down_from:
            raise GatewayError("GAX could not be reached", verb, "cfg/objects", transient=True)
        fault = self.faults.get(number)
        if fault is None:
            return self._act(verb, kind, name, act)
        effect, error = self.FAULTS[fault]
        if effect:
            self._act(verb, kind, name, act)
        if error is None:
            raise Killed
        if fault == "session renewed":
            if verb in WRITES:
                raise SessionRenewed(verb, "cfg/objects", 401)
            return self._act(verb, kind, name, act)
        if verb not in WRITES:
            error = dict(error, uncertain=False)
        raise GatewayError("the fake says '%s'" % fault, verb, "cfg/objects", **error)

    def _act(self, verb, kind, name, act):
        answer = act()
        if verb in WRITES:
            self.effects.append((verb, kind, name))
        return answer

    # -- rules of the Configuration Server ------------------------------------------------------------------------

    def _create(self, raw):
        self._next += 1
        raw["dbid"] = str(self._next)
        template = self.objects.get("CfgAppPrototype", {}).get(int(raw.get("appprototypedbid", 0)))
        if template and self.copies_template_options:
            have = {(entry["section"], entry["key"]) for entry in raw["options"]["property"]}
            raw["options"]["property"] += [dict(entry) for entry in template["options"]["property"]
                                           if (entry["section"], entry["key"]) not in have]
        if raw["type"] == "CfgApplication":
            raw.update(isserver="CFGTrue", isprimary="CFGTrue")
        self.objects.setdefault(raw["type"], {})[self._next] = raw
        self._settle()
        return self._next if self.tells_dbids else None

    def _update(self, kind, dbid, raw):
        if dbid not in self.objects.get(kind, {}):
            raise GatewayError("not found", "PUT", "cfg/objects", 404)
        primary = self.primary_of(dbid)
        for key in COPIED:
            if kind == "CfgApplication" and primary and raw.get(key) != self.objects[kind][dbid].get(key):
                raise GatewayError("%s can not be changed on a backup" % key, "PUT", "cfg/objects", 409, "CFGUnchangeableInfo")
        self.objects[kind][dbid] = raw
        self._settle()

    def _delete(self, kind, dbid):
        if dbid not in self.objects.get(kind, {}):
            raise GatewayError("not found", "DELETE", "cfg/objects", 404)
        if kind == "CfgApplication" and (self.clients_of(dbid) or self.primary_of(dbid)):
            raise GatewayError("it is in use", "DELETE", "cfg/objects", 409, "CFGDependentObjects")
        del self.objects[kind][dbid]

    def _settle(self):
        """Copy what a primary has to its backup, and set what the server derives."""
        apps = self.objects.get("CfgApplication", {})
        for app in apps.values():
            app["isprimary"] = "CFGFalse" if self.primary_of(int(app["dbid"])) else "CFGTrue"
        for app in apps.values():
            backup = apps.get(int(app.get("backupserverdbid", 0)))
            if backup:
                backup.update(copied({key: app.get(key) for key in COPIED}))

    def primary_of(self, dbid):
        apps = self.objects.get("CfgApplication", {}).values()
        return next((app for app in apps if int(app.get("backupserverdbid", 0)) == dbid), None)

    def clients_of(self, dbid):
        apps = self.objects.get("CfgApplication", {}).values()
        return [app for app in apps if any(int(entry["appserverdbid"]) == dbid for entry in app["appservers"]["conninfo"])]

    # -- for tests -----------------------------------------------------------------------------------------------

    def add(self, kind, dbid, name, **properties):
        """Put an object there, as if it had been there before."""
        raw = {"type": kind, "dbid": str(dbid), "name": name, "state": "CFGEnabled"}
        if kind in FOLDERS:
            raw["folderid"] = FOLDERS[kind]
        if kind == "CfgApplication":
            raw.update(application())
        raw.update(properties)
        self.objects.setdefault(kind, {})[dbid] = raw
        return raw

    def _add_folders(self):
        """Put the folders there that a new database has for the classes in these tests, scripts by tenant."""
        for dbid, name, subtype, owner in ((101, "Application Templates", "CFGAppPrototype", "1"), (102, "Applications", "CFGApplication", "1"),
                                           (103, "Hosts", "CFGHost", "1"), (105, "Scripts", "CFGScript", "1"), (106, "Sales Scripts", "CFGScript", "101"),
                                           (107, "Tenants", "CFGTenant", "1"), (108, "Skills", "CFGSkill", "1"), (109, "Persons", "CFGPerson", "1")):
            self.add("CfgFolder", dbid, name, folderid="0", subtype=subtype, ownerdbid=owner)

    def named(self, kind, name):
        """The only object of that name; fails when there are two."""
        found = [raw for raw in self.objects.get(kind, {}).values() if raw["name"] == name]
        assert len(found) <= 1, "%d objects of class %s are named '%s'" % (len(found), kind, name)
        return found[0] if found else None

    def writes(self):
        return [call for call in self.calls if call[0] in WRITES]

    def state(self):
        """Everything there is, in the user's words, so that two runs with other DBIDs can be compared."""
        quiet = Gateway()
        quiet.objects = self.objects
        directory = Directory(quiet)
        shown: dict[tuple[str, str, str], dict[tuple[str, ...], object]] = {}
        for kind, objects in self.objects.items():
            for raw in objects.values():
                key = (kind, raw["name"], directory.name("CfgTenant", int(raw.get("tenantdbid", 0))))
                assert key not in shown, "there are two of %s" % (key,)
                shown[key] = object_type(kind).decode(raw, directory)
        return shown


def application(subtype="CFGThirdPartyServer", host=301, ports=None, options=None, connections=(), tenants=(1,), **more):
    """Raw properties of an application in GAX's form (A.6 of the interface notes)."""
    ports = {"default": 4000} if ports is None else ports
    return dict({
        "subtype": subtype, "version": "8.5.0", "appprototypedbid": "0", "hostdbid": str(host), "folderid": "102",
        "port": str(ports.get("default", 0)),
        "portinfos": {"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports.items()]},
        "workdirectory": ".", "commandline": ".", "commandlinearguments": ".",
        "startuptimeout": "90", "shutdowntimeout": "90", "attempts": "1", "timeout": "10", "autorestart": "CFGFalse",
        "isprimary": "CFGTrue", "isserver": "CFGTrue", "redundancytype": "CFGHTColdStanby", "backupserverdbid": "0",
        "appservers": {"conninfo": [connection(*entry) for entry in connections]},
        "tenantdbids": {"id": [{"dbid": str(tenant)} for tenant in tenants]},
        "options": option_list(options), "userproperties": {"property": []}, "resources": {"resource": []}}, **more)


def connection(server, port="default", protocol="addp", local=10, remote=10, mode="CFGTMBoth"):
    """Raw form of one connection."""
    return {"id": port, "appserverdbid": str(server), "connprotocol": protocol, "timoutlocal": str(local),
            "timoutremote": str(remote), "mode": mode, "appparams": "", "transportparams": ""}


def option_list(sections=None):
    """Raw form of options given as section -> key -> value."""
    return {"property": [{"section": section, "key": key, "value": value}
                         for section, options in (sections or {}).items() for key, value in options.items()]}


CHAT_TEMPLATE_OPTIONS = {"settings": {"limit-for-sessions": "1000", "hide-attached-data": "true"},
                         "log": {"verbose": "standard"}, "endpoints:tenant_dbid": {"default": ""}}


def world(**options):
    """A Configuration Server before a chat solution is configured: tenants, folders, hosts, templates, servers, queues."""
    gateway = Gateway(**options)
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgTenant", 101, "Sales")
    gateway.add("CfgFolder", 104, "Chat", folderid="102", subtype="CFGApplication", ownerdbid="1")
    for number in range(1, 5):
        gateway.add("CfgHost", 300 + number, "chat%d" % number, subtype="CFGNetworkServer", ipaddress="192.0.2.%d" % number,
                    ostype="CFGRedHatLinux", lcaport="4999")
    gateway.add("CfgAppPrototype", 120, "Chat Server 8.5.3", subtype="CFGChatServer", version="8.5.311.06",
                options=option_list(CHAT_TEMPLATE_OPTIONS))
    gateway.add("CfgAppPrototype", 121, "Universal Contact Server 9.1", subtype="CFGContactServer", version="9.1.000.12",
                options=option_list({"log": {"verbose": "standard"}}))
    gateway.add("CfgAppPrototype", 123, "Genesys Mobile Services 8.5.2", subtype="CFGGenericServer", version="8.5.210.02")
    gateway.add("CfgAppPrototype", 122, "Interaction Server 8.5.2", subtype="CFGInteractionServer", version="8.5.201.05",
                options=option_list())
    gateway.add("CfgApplication", 99, "confserv", **application("CFGConfigServer", ports={"default": 2020}))
    gateway.add("CfgApplication", 110, "MessageServer", **application("CFGMessageServer", ports={"default": 7120}))
    gateway.add("CfgScript", 130, "Chat_In", subtype="CFGInteractionQueue", tenantdbid="1")
    gateway.add("CfgScript", 131, "Other_In", subtype="CFGInteractionQueue", tenantdbid="1")
    gateway.add("CfgScript", 132, "Sales_In", subtype="CFGInteractionQueue", tenantdbid="101")
    gateway.add("CfgScript", 133, "Legacy_Strategy", subtype="CFGSimpleRouting", tenantdbid="1")
    return gateway


def description(chat_servers=2, **more):
    """A description with everything in it that the engine has to order: pairs, links both ways, a new queue."""
    return dict({
        "tenant": "Environment",
        "addp": {"local_timeout": 11, "remote_timeout": 12, "trace": "both"},
        "interaction_queues": ["Webengagement_Chat"],
        "chat_server_defaults": {
            "application_template": "Chat Server 8.5.3",
            "ports": {"default": 4580, "webapi": 4581, "ESP": 4582},
            "endpoints": {"default": "Chat_In", "webme": "Webengagement_Chat"}},
        "chat_servers": [{"name": "ChatServer_%d" % number, "host": "chat%d" % (1 + (number - 1) % 4)}
                         for number in range(1, chat_servers + 1)],
        "contact_servers": {
            "defaults": {"application_template": "Universal Contact Server 9.1", "ports": {"default": 5100}},
            "pairs": [{"primary": {"name": "UCS_1", "host": "chat3"}, "backup": {"name": "UCS_2", "host": "chat4"}}]},
        "interaction_servers": [{"name": "IXN_1", "host": "chat1", "application_template": "Interaction Server 8.5.2",
                                 "ports": {"default": 4420}}],
        "message_server": "MessageServer",
        "configuration_server": "confserv"}, **more)


def context_of(gateway, whole=True, **permissions):
    """A context over a fresh view of the gateway."""
    return Context(Directory(gateway, whole), **permissions)


def validated(content):
    """A description with the defaults of the argument specification, as the module hands it on."""
    result = ArgumentSpecValidator(SOLUTION).validate(content)
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


def plan_solution(gateway, content, **permissions):
    """Return (plan, directory) of a description."""
    context = context_of(gateway, **permissions)
    return make_plan(context.directory, solution(context, validated(content))), context.directory


def apply_solution(gateway, content, **permissions):
    """Plan and apply a description; return the writes that apply reports."""
    plan, directory = plan_solution(gateway, content, **permissions)
    return apply(plan, directory, False)
