# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Configuration Server: every change of the store goes through here and is refused if a rule forbids it.

Source of the rules: G5 (documentation of the Platform SDK's properties), unless a function says otherwise.
"""

from __future__ import annotations

from typing import Any

from . import applications, deletion
from .codec import Object, complete, decode, option_list, options_of
from .dialects import PLAIN, Dialect
from .enumerations import folder_subtype
from .errors import ConfigurationError
from .schema import LISTS, REFERENCE, TYPES, ObjectType
from .store import Store

# Root folders that every tenant has; their names are the sandbox's own.
TENANT_FOLDERS = {
    "CfgScript": "Scripts",
    "CfgPerson": "Persons",
    "CfgPlace": "Places",
    "CfgAgentGroup": "Agent Groups",
    "CfgAccessGroup": "Access Groups",
    "CfgDNGroup": "DN Groups",
    "CfgSwitch": "Switches",
    "CfgSkill": "Skills",
    "CfgEnumerator": "Business Attributes",
    "CfgTransaction": "Transactions",
    "CfgRole": "Roles",
}


def class_of(name: Any) -> ObjectType:
    """Return the definition of an object class. Raise ConfigurationError if there is none of this name."""
    if not isinstance(name, str) or name not in TYPES:
        raise ConfigurationError("CFGUnsupportedObject", f"unknown object type {name!r}")
    return TYPES[name]


class ConfigurationServer:
    """Creates, replaces, edits and deletes objects of a store by the Configuration Server's rules."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # the three requests of the wire

    def create(self, body: Object, dialect: Dialect = PLAIN, dbid: int | None = None) -> tuple[Object, list[str]]:
        """Create an object; return it and the names of the properties that were ignored.

        ``dbid`` is for the predefined objects of a new database alone. Raises ConfigurationError.
        """
        definition = class_of(body.get("type"))
        if dbid is None and str(body.get("dbid") or "0") != "0":
            raise ConfigurationError("CFGWrongAPIParameters", f"{definition.name}: dbid is assigned by the server")
        given, ignored = decode(definition, body)
        if definition.name == "CfgApplication":
            applications.take_from_template(self.store, given, dialect.template_options == "server")
        for key in definition.mandatory:
            if given.get(key, "") in ("", "0"):
                raise ConfigurationError("CFGIncompleteObjectData", f"{definition.name}: {key} is mandatory")
        if "folderid" in definition.fields and given.get("folderid", "0") == "0":
            if dialect.folder == "required" and definition.name != "CfgFolder":
                raise ConfigurationError("CFGIncompleteObjectData", f"{definition.name}: folderid is mandatory")
            given["folderid"] = self._default_folder(definition, given)
        if definition.name == "CfgFolder" and "ownerdbid" not in given:
            parent = self.store.get("CfgFolder", given["folderid"])
            given["ownerdbid"] = parent["ownerdbid"] if parent else "1"
        value = complete(definition, dbid if dbid is not None else self.store.next_dbid(definition.name), given)
        self._check(definition, value, None)
        changes = [value]
        if definition.name == "CfgApplication":
            changes = applications.settle(self.store, value, None)
        self.store.commit(changes)
        if definition.name == "CfgTenant" and dbid is None:
            self._create_tenant_folders(value)
        return self._stored(definition.name, value["dbid"]), ignored

    def replace(self, class_name: str, dbid: str, body: Object, dialect: Dialect = PLAIN) -> tuple[Object, list[str]]:
        """Replace an object; return it and the names of the properties that were ignored. Raises ConfigurationError.

        Scalars that the request leaves out are kept; lists by the dialect. Read-only properties are silently kept, because
        clients are known to send them back (G2).
        """
        definition = class_of(class_name)
        if body.get("type", class_name) != class_name:
            raise ConfigurationError("CFGWrongAPIParameters", f"{class_name} {dbid}: the request says type '{body['type']}'")
        if str(body.get("dbid", dbid)) != dbid:
            raise ConfigurationError("CFGWrongAPIParameters", f"{class_name} {dbid}: the request says dbid '{body['dbid']}'")
        before = self._stored(class_name, dbid)
        given, ignored = decode(definition, body)
        if dialect.missing_list == "clears":
            given = {**{name: {LISTS[name].item: []} for name in definition.lists}, **given}
        return self._change(definition, before, given), ignored

    def delete(self, class_name: str, dbid: str) -> Object:
        """Delete an object and what hangs on it; return it as it was. Raises ConfigurationError."""
        class_of(class_name)
        value = self._stored(class_name, dbid)
        put, gone = deletion.consequences(self.store, value)
        self.store.commit(put, gone)
        return value

    # edits that are not replacements

    def edit(self, class_name: str, dbid: str, fields: Object | None = None, options: Object | None = None, annex: Object | None = None) -> Object:
        """Change some properties of an object, and options and annex by section and key (None removes). Raises ConfigurationError."""
        definition = class_of(class_name)
        before = self._stored(class_name, dbid)
        given, ignored = decode(definition, fields or {})
        if ignored:
            raise ConfigurationError("CFGUnsupportedProperty", f"{class_name} has no property {', '.join(ignored)}")
        for name, changes in (("options", options), ("userproperties", annex)):
            if changes:
                listed: Object = given[name] if name in given else before[name]
                given[name] = option_list(_merge(options_of(listed), changes))
        return self._change(definition, before, given)

    # inside

    def _change(self, definition: ObjectType, before: Object, given: Object) -> Object:
        value = dict(before)
        value.update({key: entry for key, entry in given.items() if key not in definition.readonly})
        for key in definition.mandatory:
            if value[key] in ("", "0"):
                raise ConfigurationError("CFGIncompleteObjectData", f"{_title(before)}: {key} is mandatory")
        for key in definition.immutable:
            if value[key] != before[key]:
                raise ConfigurationError("CFGUnchangeableInfo", f"{_title(before)}: {key} can not be changed from '{before[key]}' to '{value[key]}'")
        self._check(definition, value, before)
        changes = [value]
        if definition.name == "CfgApplication":
            changes = applications.settle(self.store, value, before)
        self.store.commit(changes)
        return self._stored(definition.name, value["dbid"])

    def _check(self, definition: ObjectType, value: Object, before: Object | None) -> None:
        self._check_unique(definition, value, before)
        self._check_references(definition, value, before)
        if definition.name == "CfgHost" and value["scsdbid"] != "0":
            scs = self.store.get("CfgApplication", value["scsdbid"])
            if scs is None or scs["subtype"] != "CFGSCS":
                raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: scsdbid {value['scsdbid']} is not a Solution Control Server")
        if definition.name == "CfgFolder":
            self._check_folder_cycle(value)

    def _check_unique(self, definition: ObjectType, value: Object, before: Object | None) -> None:
        for keys in definition.unique:
            if before is not None and all(before[key] == value[key] for key in keys):
                continue  # it was unique before, and with tens of thousands of persons each look at all of them counts
            if definition.label in keys:
                candidates = [record.value for record in self.store.labelled(definition.name, value[definition.label])]
            else:
                candidates = list(self.store.objects(definition.name))
            for other in candidates:
                if other["dbid"] != value["dbid"] and all(other[key] == value[key] for key in keys):
                    shown = ", ".join(f"{key} '{value[key]}'" for key in keys)
                    raise ConfigurationError("CFGUniquenessViolation", f"{definition.name} with {shown} exists already (dbid {other['dbid']})")

    def _check_references(self, definition: ObjectType, value: Object, before: Object | None) -> None:
        for key, scalar in definition.fields.items():
            if scalar.kind == REFERENCE and value[key] != "0" and (before is None or before[key] != value[key]):
                if self.store.get(scalar.target, value[key]) is None and (scalar.target, value[key]) != (definition.name, value["dbid"]):
                    raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: {key} refers to {scalar.target} {value[key]}, which does not exist")
                if key == "folderid":
                    self._check_folder(definition, value)
        for name, target in (("tenantdbids", "CfgTenant"), ("agentdbids", "CfgPerson"), ("managerdbids", "CfgPerson")):
            for entry in value.get(name, {}).get("id", []):
                if self.store.get(target, entry["dbid"]) is None:
                    raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: {name} refers to {target} {entry['dbid']}, which does not exist")
        for entry in value.get("members", {}).get("rolemember", []):
            member_class = "Cfg" + entry["objecttype"].removeprefix("CFG")
            if self.store.get(member_class, entry["objectdbid"]) is None:
                raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: member {member_class} {entry['objectdbid']} does not exist")
        for entry in value.get("components", {}).get("component", []):
            if self.store.get("CfgApplication", entry["appdbid"]) is None:
                raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: component {entry['appdbid']} does not exist")

    def _check_folder(self, definition: ObjectType, value: Object) -> None:
        folder = self.store.get("CfgFolder", value["folderid"])
        wanted = value["subtype"] if definition.name == "CfgFolder" else folder_subtype(definition.name)
        if folder and folder["subtype"] != wanted:
            raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: folder {value['folderid']} is for {folder['subtype']}, not for {wanted}")

    def _check_folder_cycle(self, value: Object) -> None:
        parent = value["folderid"]
        while parent != "0":
            if parent == value["dbid"]:
                raise ConfigurationError("CFGIncorrectReferences", f"{_title(value)}: a folder can not be inside itself")
            folder = self.store.get("CfgFolder", parent)
            parent = folder["folderid"] if folder else "0"

    def _default_folder(self, definition: ObjectType, given: Object) -> str:
        """Return the root folder of the class, of the object's tenant where it has one. That a folder may be left out is inferred."""
        if definition.name == "CfgFolder":
            return "0"
        tenant = given.get("tenantdbid", "1")
        for folder in self.store.objects("CfgFolder"):
            if folder["subtype"] == folder_subtype(definition.name) and folder["folderid"] == "0" and folder["ownerdbid"] == tenant:
                return str(folder["dbid"])
        return "0"

    def _create_tenant_folders(self, tenant: Object) -> None:
        for class_name, name in TENANT_FOLDERS.items():
            self.create({"type": "CfgFolder", "name": name, "subtype": folder_subtype(class_name), "ownerdbid": tenant["dbid"]})

    def _stored(self, class_name: str, dbid: str) -> Object:
        value = self.store.get(class_name, dbid) if dbid.isdecimal() else None
        if value is None:
            raise ConfigurationError("CFGObjectNotFound", f"{class_name} {dbid} does not exist")
        return value


def _title(value: Object) -> str:
    return f"{value['type']} '{value[TYPES[value['type']].label]}'"


def _merge(sections: dict[str, dict[str, str]], changes: Object) -> dict[str, dict[str, str]]:
    for section, keys in changes.items():
        for key, entry in keys.items():
            if entry is None:
                sections.get(section, {}).pop(key, None)
            else:
                sections.setdefault(section, {})[key] = entry
    return sections
