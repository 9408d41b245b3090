# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for applications: template, ports, connections, hosts, and primary/backup pairs. Source: G5."""

from __future__ import annotations

from .codec import Object
from .enumerations import INTERFACE_TYPES
from .errors import ConfigurationError
from .store import Store

COPIED_TO_BACKUP = ("appservers", "tenantdbids", "options")
NEVER_STARTED = ("CFGDBServer", "CFGApplicationCluster")
ONE_TENANT = ("CFGTServer", "CFGHAProxy")


def take_from_template(store: Store, given: Object, copy_options: bool) -> None:
    """Add to a new application what the server takes from its template: type and version, and by dialect the options."""
    template = store.get("CfgAppPrototype", given.get("appprototypedbid", "0"))
    if template is None:
        if given.get("appprototypedbid", "0") != "0":
            raise _refusal("CFGIncorrectReferences", given, f"appprototypedbid refers to CfgAppPrototype {given['appprototypedbid']}, which does not exist")
        return
    if given.setdefault("subtype", template["subtype"]) != template["subtype"]:
        raise _refusal("CFGIncorrectReferences", given, f"subtype {given['subtype']} is not that of the template, {template['subtype']}")
    if not given.get("version"):
        given["version"] = template["version"]
    if copy_options:
        listed = given.get("options", {}).get("property", [])
        own = {(entry["section"], entry["key"]) for entry in listed}
        copied = [entry for entry in template["options"]["property"] if (entry["section"], entry["key"]) not in own]
        given["options"] = {"property": copied + listed}


def settle(store: Store, value: Object, before: Object | None) -> list[Object]:
    """Check an application that is about to be stored, set what the server sets, and return all objects to store.

    Raises ConfigurationError.
    """
    _set_derived(value)
    _check_server(value)
    _check_ports(value, before)
    _check_connections(store, value, before)
    primary = primary_of(store, value["dbid"])
    if before is not None:
        _check_unchangeable(store, value, before, primary)
    return [value, *_settle_pair(store, value, before, primary)]


def primary_of(store: Store, dbid: str) -> Object | None:
    """Return the application of which this one is the backup, or None."""
    return next((other for other in store.objects("CfgApplication") if other["backupserverdbid"] == dbid), None)


def clients_of(store: Store, dbid: str) -> list[Object]:
    """Return the applications that have a connection to this one."""
    return [other for other in store.objects("CfgApplication") if any(entry["appserverdbid"] == dbid for entry in other["appservers"]["conninfo"])]


def is_server(value: Object) -> bool:
    """Tell whether an application's type is a server's."""
    return value["subtype"] not in INTERFACE_TYPES


def _set_derived(value: Object) -> None:
    server = is_server(value)
    value["isserver"] = "CFGTrue" if server else "CFGFalse"
    value["startuptype"] = "CFGSUTAutomatic" if server and value["subtype"] not in NEVER_STARTED else "CFGSUTDisabled"
    value["isprimary"] = value["isprimary"] or ("CFGTrue" if server else "CFGFalse")


def _check_server(value: Object) -> None:
    if is_server(value):
        for key in ("workdirectory", "commandline"):
            if not value[key]:
                raise _refusal("CFGIncompleteObjectData", value, f"{key} is mandatory for a server")
    if value["subtype"] in ONE_TENANT and len(value["tenantdbids"]["id"]) != 1:
        raise _refusal("CFGIncorrectReferences", value, "must have exactly one tenant")
    for entry in value["resources"]["resource"]:
        if entry.get("type", "CFGScript") not in ("CFGScript", "CfgScript"):
            raise _refusal("CFGIncorrectReferences", value, "resources may refer to CfgScript only")


def _check_ports(value: Object, before: Object | None) -> None:
    """Refuse double ids and impossible numbers; keep ``port`` and the port with the id default equal."""
    ports = value["portinfos"]["portinfo"]
    names = [entry["id"] for entry in ports]
    for name in names:
        if not name or names.count(name) > 1:
            raise _refusal("CFGUniquenessViolation", value, f"portinfos: the port id '{name}' is empty or not unique")
    for entry in ports:
        if not 1 <= int(entry["port"]) <= 65535:
            raise _refusal("CFGValueOutOfRange", value, f"portinfos: port {entry['port']} of '{entry['id']}' is not between 1 and 65535")
    default = next((entry for entry in ports if entry["id"] == "default"), None)
    if default:
        value["port"] = default["port"]
    elif not ports and value["port"] != "0" and (before is None or not before["portinfos"]["portinfo"]):
        shape = {f"longfield{number}": "0" for number in range(1, 5)}
        value["portinfos"] = {"portinfo": [{"id": "default", "port": value["port"], **shape}]}
    else:
        value["port"] = "0"


def _check_connections(store: Store, value: Object, before: Object | None) -> None:
    """A connection must lead to an existing application and, when it is new, to one of its ports.

    That the server itself checks the port id is inferred; a port removed later does not spoil existing connections.
    """
    known = before["appservers"]["conninfo"] if before else []
    for entry in value["appservers"]["conninfo"]:
        target = value if entry["appserverdbid"] == value["dbid"] else store.get("CfgApplication", entry["appserverdbid"])
        if target is None:
            raise _refusal("CFGIncorrectReferences", value, f"appservers: CfgApplication {entry['appserverdbid']} does not exist")
        if entry["connprotocol"] not in ("", "addp"):
            raise _refusal("CFGValueOutOfRange", value, f"appservers: connprotocol '{entry['connprotocol']}' is not addp")
        ports = [port["id"] for port in target["portinfos"]["portinfo"]]
        is_known = any(old["appserverdbid"] == entry["appserverdbid"] and old["id"] == entry["id"] for old in known)
        if entry["id"] not in ports and ports and not is_known:
            raise _refusal("CFGIncorrectReferences", value, f"appservers: '{target['name']}' has no port '{entry['id']}'")


def _check_unchangeable(store: Store, value: Object, before: Object, primary: Object | None) -> None:
    if primary:
        for key in COPIED_TO_BACKUP:
            if value[key] != before[key]:
                raise _refusal("CFGUnchangeableInfo", value, f"{key} can not be changed on the backup of '{primary['name']}'; change the primary")
    if value["hostdbid"] != before["hostdbid"]:
        if primary:
            raise _refusal("CFGUnchangeableInfo", value, f"hostdbid can not be changed on the backup of '{primary['name']}'")
        clients = clients_of(store, value["dbid"])
        if clients:
            raise _refusal("CFGUnchangeableInfo", value, f"hostdbid can not be changed while clients connect to it: {_names(clients)}")


def _settle_pair(store: Store, value: Object, before: Object | None, primary: Object | None) -> list[Object]:
    """Check the backup of an application and return the other objects that its pairing changes."""
    old, new = before["backupserverdbid"] if before else "0", value["backupserverdbid"]
    changed: list[Object] = []
    if old not in ("0", new):
        former = store.get("CfgApplication", old)
        if former:
            changed.append({**former, "isprimary": "CFGTrue"})
    if new == "0":
        return changed
    backup = value if new == value["dbid"] else store.get("CfgApplication", new)
    if backup is None:
        raise _refusal("CFGIncorrectReferences", value, f"backupserverdbid refers to CfgApplication {new}, which does not exist")
    if new != old:
        _check_pair(store, value, backup, primary)
    copied = {key: value[key] for key in COPIED_TO_BACKUP}
    if any(backup[key] != entry for key, entry in copied.items()) or backup["isprimary"] != "CFGFalse":
        changed.append({**backup, **copied, "isprimary": "CFGFalse"})
    return changed


def _check_pair(store: Store, value: Object, backup: Object, primary: Object | None) -> None:
    if backup["dbid"] == value["dbid"]:
        raise _refusal("CFGIncorrectReferences", value, "backupserverdbid: an application can not be its own backup")
    if backup["subtype"] != value["subtype"]:
        raise _refusal("CFGIncorrectReferences", value, f"backupserverdbid: '{backup['name']}' is a {backup['subtype']}, not a {value['subtype']}")
    owner = primary_of(store, backup["dbid"])
    if owner and owner["dbid"] != value["dbid"]:
        raise _refusal("CFGIncorrectReferences", value, f"backupserverdbid: '{backup['name']}' is already the backup of '{owner['name']}'")
    if primary or backup["backupserverdbid"] != "0":
        raise _refusal("CFGIncorrectReferences", value, f"backupserverdbid: '{(value if primary else backup)['name']}' is part of another pair")


def _refusal(name: str, value: Object, message: str) -> ConfigurationError:
    return ConfigurationError(name, f"CfgApplication '{value.get('name', '')}': {message}")


def _names(values: list[Object]) -> str:
    return ", ".join(f"'{value['name']}'" for value in values)
