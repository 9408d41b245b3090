# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A read view of the Configuration Server: whole classes by one list call each, names to DBIDs and back."""

from __future__ import annotations

from collections.abc import Iterable, Set
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._gateway.errors import EngageError
from . import fields
from .change import NOT_INSTALLED
from .errors import DoesNotFit
from .nearest import suggestion
from .shapes import Key, Leaves, Raw
from .types import object_type

if TYPE_CHECKING:
    from .desired import Desired

#: A class as it was listed: its objects, the same by name, and by DBID.
Listed = tuple[list["ConfigObject"], dict[str, list["ConfigObject"]], dict[int, "ConfigObject"]]

#: For fields that hold no reference to another object.
_NO_DIRECTORY: Any = None


class ConfigObject:
    """One object as it was read.

    Args:
        raw: its dict on the wire, never changed in place.
        planned: only planned so far.

    Attributes:
        dbid: int, 0 while it is only planned.
        subtype: the object's own kind, e.g. CFGChatServer.
    """

    def __init__(self, kind: str, raw: Raw, planned: bool = False) -> None:
        self.kind = kind
        self.raw = raw
        self.planned = planned
        # Asked for once for each connection that leads here, so worked out only once.
        self.dbid = fields.number(raw.get("dbid"))
        self.name = fields.text(raw.get(object_type(kind).name_key))
        self.subtype = fields.text(raw.get("subtype"))

    @cached_property
    def port_ids(self) -> frozenset[str]:
        """The ids of an application's ports; a bare top-level port number stands for 'default'."""
        ids = {fields.text(entry.get("id")) for entry in self.list_items("portinfos", "portinfo")}
        return frozenset(ids or ({"default"} if fields.number(self.raw.get("port")) else ()))

    @property
    def tenant_dbid(self) -> int:
        return fields.number(self.raw.get("tenantdbid"))

    @property
    def host_dbid(self) -> int:
        """The DBID of an application's host, 0 for none; the same holds for the properties below."""
        return fields.number(self.raw.get("hostdbid"))

    @property
    def backup_dbid(self) -> int:
        return fields.number(self.raw.get("backupserverdbid"))

    @property
    def template_dbid(self) -> int:
        return fields.number(self.raw.get("appprototypedbid"))

    @property
    def tenant_dbids(self) -> list[int]:
        """The DBIDs of the tenants that an application serves."""
        return [fields.number(entry.get("dbid")) for entry in self.list_items("tenantdbids", "id")]

    @property
    def server_dbids(self) -> list[int]:
        """The DBIDs of the applications that an application is connected to."""
        return [fields.number(entry.get("appserverdbid")) for entry in self.list_items("appservers", "conninfo")]

    @cached_property
    def agent_dbids(self) -> frozenset[int]:
        """The DBIDs of the persons that an agent group has as its agents."""
        return frozenset(fields.number(entry.get("dbid")) for entry in self.list_items("agentdbids", "id"))

    @property
    def is_backup(self) -> bool:
        """Whether the Configuration Server says that an application is no primary."""
        return self.raw.get("isprimary") == "CFGFalse"

    @property
    def is_installed(self) -> bool:
        """Whether the installer has written where an application is and how it starts; else it was never installed (inferred)."""
        return any(self.raw.get(key) not in (NOT_INSTALLED, "", None) for key in ("workdirectory", "commandline"))

    @property
    def ports(self) -> dict[str, int]:
        """An application's ports, as id -> number."""
        return {leaf[0]: number for leaf, number in fields.Ports().decode(self.raw, _NO_DIRECTORY).items()}

    @property
    def port_protocols(self) -> dict[str, str]:
        """The protocols of an application's ports, as id -> word. That a port tells it as a connection does is inferred.  Source: G5"""
        return {fields.text(entry.get("id")): fields.text(entry.get("connprotocol")) for entry in self.list_items("portinfos", "portinfo")}

    def value(self, name: str) -> Any:
        """Return the value of a field that needs no other object to be read, such as version or address."""
        return object_type(self.kind).field(name).decode(self.raw, _NO_DIRECTORY)[()]

    def leaves(self, directory: Directory, only: Iterable[str] | None = None) -> Leaves:
        """Return path -> value, see ObjectType.decode."""
        return object_type(self.kind).decode(self.raw, directory, only)

    def tenants(self, directory: Directory) -> list[str]:
        """Return the names of the tenants that an application serves, in their order."""
        return [path[1] for path in self.leaves(directory, ("tenants",))]

    def copied(self) -> Raw:
        """Return the properties that a new object may take over from this one: neither its name nor what makes it that object."""
        return {key: value for key, value in self.raw.items() if key not in ("dbid", "folderid", "name", "type")}

    def list_items(self, key: str, inner: str) -> list[Raw]:
        """Return a list property, see fields.list_items."""
        return fields.list_items(self.raw, key, inner)

    def options(self, section: str | None = None) -> Leaves:
        """Return options as (section, key) -> value; section: only those of this section."""
        return {leaf: value for leaf, value in self._options.items() if section is None or leaf[0] == section}

    @cached_property
    def _options(self) -> Leaves:
        return fields.Options("options").decode(self.raw, None)


class Directory:
    """Reads through a gateway and remembers.

    What this run plans is registered, so that later rules can refer to it: new objects with "expect", changes of those that are there
    with "intend".

    Args:
        list_all: read a class by one list of everything (a solution) instead of by name (a single object).

    Attributes:
        last_read: a new object() after each request. A caller that keeps it can see whether there was a request in between.
    """

    def __init__(self, gateway: Any, list_all: bool = True) -> None:
        self.gateway = gateway
        self.list_all = list_all
        self.last_read = object()
        self._lists: dict[str, Listed] = {}
        self._found: dict[tuple[str, str | int], list[ConfigObject]] = {}
        self._planned: dict[Key, ConfigObject] = {}
        self._intended: dict[str, Desired] = {}
        self._links: dict[ConfigObject, dict[tuple[str, str], dict[str, Any]]] = {}

    def without_plans(self) -> Directory:
        """Return a view of the same objects, each class read once for both, in which nothing is planned."""
        view = Directory(self.gateway)
        view._lists = self._lists
        return view

    # -- reading -------------------------------------------------------------------------------------------------

    def load(self, kinds: Iterable[str]) -> None:
        """Read several classes at once, with as many parallel requests as the settings allow."""
        wanted = [kind for kind in dict.fromkeys(kinds) if kind not in self._lists]
        if len(wanted) > 1:
            with ThreadPoolExecutor(max_workers=self.gateway.settings.parallel_reads) as pool:
                for kind, raws in zip(wanted, pool.map(self.gateway.list, wanted)):
                    self._keep(kind, raws)
        else:
            for kind in wanted:
                self._keep(kind, self.gateway.list(kind))

    def _keep(self, kind: str, raws: Iterable[Raw]) -> None:
        self.last_read = object()
        objects = [ConfigObject(kind, raw) for raw in raws]
        by_name = {}
        for found in objects:
            by_name.setdefault(found.name, []).append(found)
        self._lists[kind] = (objects, by_name, {found.dbid: found for found in objects})

    def all(self, kind: str) -> list[ConfigObject]:
        """Return all existing objects of a class."""
        return self._listed(kind)[0]

    def of_type(self, kind: str, subtype: str) -> list[ConfigObject]:
        """Return the existing objects of a class and of a type within it, such as CFGChatServer."""
        if self.list_all or kind in self._lists:
            return [found for found in self.all(kind) if found.subtype == subtype]
        return [found for found in self.where(kind, subtype=subtype) if found.subtype == subtype]

    def where(self, kind: str, **properties: str) -> list[ConfigObject]:
        """Return what the server lists of a class by plain properties. It may not know how to narrow by them, so the caller looks again."""
        self.last_read = object()
        return [ConfigObject(kind, raw) for raw in self.gateway.list(kind, **properties)]

    def _listed(self, kind: str) -> Listed:
        """Return (objects, by name, by DBID) of a class, read if need be."""
        if kind not in self._lists:
            self.load([kind])
        return self._lists[kind]

    def named(self, kind: str, name: str) -> list[ConfigObject]:
        """Return the existing objects of that exact name (several, where names are unique only within a tenant)."""
        listed = self._lists.get(kind) or (self._listed(kind) if self.list_all else None)
        if listed:
            return listed[1].get(name, [])
        if (kind, name) not in self._found:
            self.last_read = object()
            objects = [ConfigObject(kind, raw)
                       for raw in self.gateway.list(kind, **{object_type(kind).name_key: name})]
            # The server may match a prefix, or ignore case: only the exact name is meant.
            self._found[kind, name] = [found for found in objects if found.name == name]
            self._found.update({(kind, found.dbid): [found] for found in self._found[kind, name]})
        return self._found[kind, name]

    def find(self, kind: str, name: str, tenant: str | None = None) -> ConfigObject | None:
        """Return the object of that name, existing or planned, or None.

        Args:
            tenant: name, for classes within tenants.
        """
        objects = self.named(kind, name)
        if tenant and object_type(kind).in_tenant:
            tenant_dbid = self.dbid("CfgTenant", tenant)
            objects = [found for found in objects if found.tenant_dbid == tenant_dbid]
        if len(objects) > 1:
            raise DoesNotFit(f"there are {len(objects)} objects of class {kind} named '{name}': say which tenant is meant")
        if objects:
            return objects[0]
        return self._planned.get((kind, name, tenant)) or self._planned.get((kind, name, None))

    def by_dbid(self, kind: str, dbid: int) -> ConfigObject | None:
        """Return the existing object of that DBID, or None."""
        if not dbid:
            return None
        listed = self._lists.get(kind) or (self._listed(kind) if self.list_all else None)
        if listed:
            return listed[2].get(dbid)
        if (kind, dbid) not in self._found:
            self.last_read = object()
            raw = self.gateway.get(kind, dbid)
            self._found[kind, dbid] = [ConfigObject(kind, raw)] if raw else []
        return next(iter(self._found[kind, dbid]), None)

    # -- names and DBIDs -----------------------------------------------------------------------------------------

    def require(self, kind: str, name: str, where: str, tenant: str | None = None) -> ConfigObject:
        """Return the object of that name; raises InvalidInput that names the option "where"."""
        found = self.find(kind, name, tenant)
        if found is None:
            place = f" in tenant '{tenant}'" if tenant else ""
            raise DoesNotFit(f"{where}: there is no {object_type(kind).word} named '{name}'{place}{self.similar(kind, name, tenant)}")
        return found

    def similar(self, kind: str, name: str, tenant: str | None = None) -> str:
        """Return a hint on the name, existing or planned, that was meant; tenant: its name, for classes within tenants."""
        try:
            objects = self.all(kind)
        except EngageError:
            return ""  # the message about the name matters more
        if tenant and object_type(kind).in_tenant:
            tenant_dbid = self.dbid("CfgTenant", tenant)
            objects = [found for found in objects if found.tenant_dbid == tenant_dbid]
        return suggestion(name, [found.name for found in objects + self.planned(kind)])

    def name(self, kind: str, dbid: int) -> str:
        """Return the name of a DBID, '' for none, and '#<dbid>' for one that no object has."""
        if not dbid:
            return ""
        found = self.by_dbid(kind, dbid)
        return found.name if found else f"#{dbid}"

    def dbid(self, kind: str, name: str) -> int:
        """Return the DBID of a name as int; raises InvalidInput when there is none (yet)."""
        if name.startswith("#") and name[1:].isdigit():
            return int(name[1:])
        found = self.find(kind, name)
        if found is None or found.planned:
            raise DoesNotFit(f"there is no {object_type(kind).word} named '{name}'{self.similar(kind, name)}")
        return found.dbid

    def folder_path(self, dbid: int) -> str:
        """Return a folder's path of names from its root, '' for none."""
        names = []
        while dbid and len(names) < 50:
            folder = self.by_dbid("CfgFolder", dbid)
            if folder is None:
                return f"#{dbid}"
            names.append(folder.name)
            dbid = fields.number(folder.raw.get("folderid"))
        return "/".join(reversed(names))

    def folder_dbid(self, path: str) -> int:
        """Return the DBID of the folder with that path, or with that path as its end; raises InvalidInput."""
        if path.startswith("#") and path[1:].isdigit():
            return int(path[1:])
        ends = "/" + path.strip("/")
        hits = [folder for folder in self.all("CfgFolder") if ("/" + self.folder_path(folder.dbid)).endswith(ends)]
        hits = [folder for folder in hits if self.folder_path(folder.dbid) == path.strip("/")] or hits
        if not hits:
            paths = [self.folder_path(folder.dbid) for folder in self.all("CfgFolder")]
            ends_of = [end for known in paths for end in (known, known.rpartition("/")[2])]
            raise DoesNotFit(f"folder: no folder is named '{path}'{suggestion(path.strip('/'), ends_of)}")
        if len(hits) > 1:
            raise DoesNotFit(f"folder: more than one folder is named '{path}'; give its path from the root")
        return hits[0].dbid

    def folder(self, path: str) -> str:
        """Return the path from its root, of the folder given by its path or the end of it; raises InvalidInput."""
        return self.folder_path(self.folder_dbid(path))

    def clients(self, server: ConfigObject) -> list[ConfigObject]:
        """Return the existing applications that have a connection to "server" (a ConfigObject)."""
        return [app for app in self.all("CfgApplication") if server.dbid in app.server_dbids]

    def links(self, app: ConfigObject) -> dict[tuple[str, str], dict[str, Any]]:
        """Return an application's connections as (server name, port id) -> {attribute: value}; {} if it is only planned.

        Remembered: a server with hundreds of connections is asked once for each of them.
        """
        if app.planned:
            return {}
        if app not in self._links:
            self._links[app] = fields.Connections().links(app.raw, self)
        return self._links[app]

    # -- what this run plans and has done ------------------------------------------------------------------------

    def expect(self, kind: str, name: str, raw: Raw, tenant: str | None = None) -> None:
        """Register an object that this run will create, so that it can be referred to."""
        object_of = dict(raw, type=kind)
        object_of.setdefault(object_type(kind).name_key, name)
        self._planned[kind, name, tenant] = ConfigObject(kind, object_of, planned=True)

    def expect_new(self, kind: str, name: str, leaves: Leaves, tenant: str | None = None) -> None:
        """Register an object that this run will create, by its leaves (path -> value)."""
        raw: Raw = {}
        object_type(kind).encode(raw, leaves, self)
        self.expect(kind, name, raw, tenant)

    def parsed_template(self, path: str) -> ConfigObject | None:
        """Return the application template in a file, as GAX reads it, or None if there is none. It is an object that is not there yet."""
        raw = self.gateway.import_template(path)
        if not isinstance(raw, dict) or not raw.get("name") or not raw.get("subtype"):
            return None
        return ConfigObject("CfgAppPrototype", raw, planned=True)

    def intend(self, desired: Desired) -> None:
        """Register what this run will make of an application that is there (a Desired)."""
        self._intended[desired.name] = desired

    def port_ids(self, app: ConfigObject) -> Set[str]:
        """Return the ids of the ports that an application has, or will have when this run has changed it."""
        desired = self._intended.get(app.name) if app.kind == "CfgApplication" else None
        if desired is None:
            return app.port_ids
        return (app.port_ids - {path[1] for path in desired.absent if path[0] == "ports"}) | {
            path[1] for path in desired.leaves if path[0] == "ports"}

    def planned(self, kind: str) -> list[ConfigObject]:
        """Return the objects of a class that this run will create."""
        return [found for (planned_kind, _name, _tenant), found in self._planned.items() if planned_kind == kind]

    def learn(self, kind: str, raw: Raw) -> None:
        """Remember an object that was just created or read again, so that its DBID is known."""
        known = ConfigObject(kind, raw)
        self.unlearn(kind, known.dbid)
        if kind in self._lists:
            objects, by_name, by_dbid = self._lists[kind]
            objects.append(known)
            by_name.setdefault(known.name, []).append(known)
            by_dbid[known.dbid] = known
        else:
            self._found[kind, known.name] = [known]
            self._found[kind, known.dbid] = [known]

    def unlearn(self, kind: str, dbid: int) -> None:
        """Drop an object that is gone, or is read again."""
        self._links.clear()
        if kind in self._lists:
            objects, by_name, by_dbid = self._lists[kind]
            old = by_dbid.pop(dbid, None)
            if old is not None:
                objects.remove(old)
                by_name[old.name].remove(old)
        self._found = {key: [found for found in objects if found.dbid != dbid] if key[0] == kind else objects
                       for key, objects in self._found.items()}

    def forget(self, kind: str) -> None:
        """Drop what was read of a class, to read it again."""
        self._links.clear()
        self._lists.pop(kind, None)
        self._found = {key: value for key, value in self._found.items() if key[0] != kind}
