# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What forbids deleting an object, and what else changes when it is deleted. Source: G5."""

from __future__ import annotations

from . import applications
from .codec import Object
from .errors import ConfigurationError
from .schema import REFERENCE, TYPES
from .store import Store

Key = tuple[str, str]
PREDEFINED = ("99", "100")
# Removing an object takes it out of these lists. Class of the removed object: lists that may name it, and how.
MEMBER_LISTS = {
    "CfgPerson": (("agentdbids", "id", "dbid"), ("managerdbids", "id", "dbid"), ("members", "rolemember", "objectdbid")),
    "CfgAgentGroup": (("members", "rolemember", "objectdbid"),),
    "CfgTenant": (("tenantdbids", "id", "dbid"),),
    "CfgApplication": (("components", "component", "appdbid"),),
}


def consequences(store: Store, value: Object) -> tuple[list[Object], list[Key]]:
    """Return the objects to store and the keys to delete when an object is deleted. Raises ConfigurationError if it may not be."""
    _refuse(store, value)
    gone = {(value["type"], value["dbid"])}
    if value["type"] == "CfgTenant":
        gone |= _owned_by_tenant(store, value["dbid"])
    if value["type"] == "CfgEnumerator":
        gone |= {(other["type"], other["dbid"]) for other in store.objects("CfgEnumeratorValue") if other["enumeratordbid"] == value["dbid"]}
    return _cleared(store, gone), sorted(gone)


def folder_content(store: Store, dbid: str) -> list[Object]:
    """Return the objects that lie in a folder."""
    return [other for name, definition in TYPES.items() if "folderid" in definition.fields for other in store.objects(name) if other["folderid"] == dbid]


def _refuse(store: Store, value: Object) -> None:
    name, dbid = value["type"], value["dbid"]
    title = f"{name} '{value[TYPES[name].label]}'"
    if name in ("CfgApplication", "CfgAppPrototype") and (dbid in PREDEFINED or value["subtype"] == "CFGITCUtility"):
        raise ConfigurationError("CFGAccessDenied", f"{title}: a predefined object can not be deleted")
    if (name, dbid) in (("CfgTenant", "1"), ("CfgPerson", "100")):
        raise ConfigurationError("CFGAccessDenied", f"{title}: a predefined object can not be deleted")
    dependents: list[Object] = []
    reason = ""
    if name == "CfgApplication":
        dependents, reason = applications.clients_of(store, dbid), "applications connect to it"
        if not dependents:
            reason = "mandatory component of a solution"
            dependents = [
                service
                for service in store.objects("CfgService")
                if any(part["appdbid"] == dbid and part["isoptional"] != "CFGTrue" for part in service["components"]["component"])
            ]
    elif name == "CfgHost":
        dependents, reason = [other for other in store.objects("CfgApplication") if other["hostdbid"] == dbid], "applications run on it"
    elif name == "CfgAppPrototype":
        dependents, reason = [other for other in store.objects("CfgApplication") if other["appprototypedbid"] == dbid], "applications are made from it"
    elif name == "CfgFolder":
        dependents, reason = folder_content(store, dbid), "not empty"
    if dependents:
        names = ", ".join(f"'{other[TYPES[other['type']].label]}'" for other in dependents[:10])
        raise ConfigurationError("CFGDependentObjects", f"{title} can not be deleted: {reason}: {names}")


def _owned_by_tenant(store: Store, dbid: str) -> set[Key]:
    gone: set[Key] = set()
    for name, definition in TYPES.items():
        owner = "ownerdbid" if name == "CfgFolder" else "tenantdbid"
        if owner in definition.fields:
            gone |= {(name, other["dbid"]) for other in store.objects(name) if other[owner] == dbid}
    return gone


def _cleared(store: Store, gone: set[Key]) -> list[Object]:
    """Return the remaining objects that referred to a deleted one, with those references cleared."""
    changed: list[Object] = []
    classes = {name for name, _unused in gone}
    for name, definition in TYPES.items():
        references = [(key, field.target) for key, field in definition.fields.items() if field.kind == REFERENCE and field.target in classes]
        lists = [(entry, target) for target in classes for entry in MEMBER_LISTS.get(target, ()) if entry[0] in definition.lists]
        if not references and not lists:
            continue
        for value in store.objects(name):
            if (name, value["dbid"]) in gone:
                continue
            update: Object = {key: "0" for key, target in references if (target, value[key]) in gone}
            for (key, item, member), target in lists:
                kept = [entry for entry in value[key][item] if (target, entry[member]) not in gone or not _is_a(entry, target)]
                if len(kept) != len(value[key][item]):
                    update[key] = {item: kept}
            if update:
                changed.append({**value, **update})
    if "CfgApplication" in classes:
        changed = _backups_set_free(store, gone, changed)
    return changed


def _is_a(entry: Object, class_name: str) -> bool:
    """Tell whether an item of a list means an object of that class; one that does not say does."""
    return entry.get("objecttype", "CFG" + class_name.removeprefix("Cfg")) == "CFG" + class_name.removeprefix("Cfg")


def _backups_set_free(store: Store, gone: set[Key], changed: list[Object]) -> list[Object]:
    """A backup whose primary is deleted becomes a primary itself."""
    result = {(value["type"], value["dbid"]): value for value in changed}
    for name, dbid in gone:
        value = store.get(name, dbid)
        if value and name == "CfgApplication" and value["backupserverdbid"] != "0":
            key = (name, value["backupserverdbid"])
            backup = result.get(key) or store.get(*key)
            if backup and key not in gone:
                result[key] = {**backup, "isprimary": "CFGTrue"}
    return list(result.values())
