# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object types of the Configuration Server as GAX spells them: fields, lists, and the rules that need no other object.

Source: G1 and G2 (field lists, shapes), G5 (mandatory, set-once and unique properties). The JSON of CfgScript, CfgTenant,
CfgEnumerator, CfgEnumeratorValue and CfgService was never seen; theirs is predicted from the Platform SDK's properties.
"""

from __future__ import annotations

from dataclasses import dataclass

from .enumerations import CLASS_NAMES

TEXT, NUMBER, REFERENCE, ENUMERATION = "text", "number", "reference", "enumeration"


@dataclass(frozen=True)
class Field:
    """One scalar property; ``target`` is the class of a reference or the name of an enumeration."""

    kind: str = TEXT
    default: str = ""
    target: str = ""


@dataclass(frozen=True)
class ListShape:
    """A list property: the name of the one array inside, and the fields of an item.

    ``optional`` fields belong to the Platform SDK's structure but were never seen in GAX: kept and shown only when set.
    """

    item: str
    fields: dict[str, Field]
    optional: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectType:
    """One class of configuration objects."""

    name: str
    fields: dict[str, Field]
    lists: tuple[str, ...] = ()
    label: str = "name"
    mandatory: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = (("tenantdbid", "name"),)
    never_kept: tuple[str, ...] = ()


def _text(default: str = "") -> Field:
    return Field(TEXT, default)


def _number(default: str = "0") -> Field:
    return Field(NUMBER, default)


def _reference(target: str) -> Field:
    return Field(REFERENCE, "0", target)


def _enumeration(target: str, default: str = "") -> Field:
    return Field(ENUMERATION, default, target)


STATE = _enumeration("CfgObjectState", "CFGEnabled")
FOLDER = _reference("CfgFolder")
TENANT = _reference("CfgTenant")
FALSE, TRUE = _enumeration("CfgFlag", "CFGFalse"), _enumeration("CfgFlag", "CFGTrue")
LONG_FIELDS = {f"longfield{number}": _number() for number in range(1, 5)}
CHAR_FIELDS = tuple(f"charfield{number}" for number in range(1, 5))

OPTION_LIST = ListShape("property", {"section": _text(), "key": _text(), "value": _text()}, identity=("section", "key"))
ID_LIST = ListShape("id", {"dbid": _number()}, identity=("dbid",))

LISTS: dict[str, ListShape] = {
    "options": OPTION_LIST,
    "userproperties": OPTION_LIST,
    "appservers": ListShape(
        "conninfo",
        {
            "id": _text(),
            "appserverdbid": _reference("CfgApplication"),
            "connprotocol": _text(),
            "timoutlocal": _number(),
            "timoutremote": _number(),
            "mode": _enumeration("CfgTraceMode", "CFGTMNoTraceMode"),
            "appparams": _text(),
            "transportparams": _text(),
            **LONG_FIELDS,
        },
        optional=("proxyparams", "description", *CHAR_FIELDS),
        identity=("appserverdbid", "id"),
    ),
    "portinfos": ListShape(
        "portinfo",
        {"id": _text(), "port": _number(), **LONG_FIELDS},
        optional=("connprotocol", "transportparams", "appparams", "description", *CHAR_FIELDS),
        identity=("id",),
    ),
    "tenantdbids": ID_LIST,
    "agentdbids": ID_LIST,
    "managerdbids": ID_LIST,
    "dndbids": ID_LIST,
    "resources": ListShape("resource", {}),
    "memberids": ListShape("idtype", {"dbid": _number(), "type": _text()}, identity=("type", "dbid")),
    "objectids": ListShape("idtype", {"dbid": _number(), "type": _text()}, identity=("type", "dbid")),
    # Its form in GAX was never seen; the names are the sandbox's own.
    "members": ListShape("rolemember", {"objectdbid": _number(), "objecttype": _enumeration("CfgObjectType")}, identity=("objecttype", "objectdbid")),
    "dns": ListShape("dninfo", {"dndbid": _number(), "trunks": _number()}, identity=("dndbid",)),
    "agentlogins": ListShape("agentlogininfo", {"agentlogindbid": _number(), "wrapuptime": _number()}, identity=("agentlogindbid",)),
    "appranks": ListShape("apprank", {}),
    "switchaccesscodes": ListShape("switchaccesscode", {}),
    "accessnumbers": ListShape("dnaccessnumber", {}),
    "components": ListShape(
        "component",
        {"appdbid": _reference("CfgApplication"), "startuppriority": _number("1"), "isoptional": FALSE},
        identity=("appdbid",),
    ),
}

_GROUP = {
    "name": _text(),
    "tenantdbid": TENANT,
    "capacityruledbid": _reference("CfgScript"),
    "capacitytabledbid": _number(),
    "contractdbid": _number(),
    "quotatabledbid": _number(),
    "sitedbid": _number(),
    "state": STATE,
    "folderid": FOLDER,
}


def _group(name: str, members: str, **fields: Field) -> ObjectType:
    lists = (members, "managerdbids", "userproperties")
    return ObjectType(name, {**_GROUP, **fields}, lists, mandatory=("name", "tenantdbid"), immutable=("tenantdbid",))


def _types() -> list[ObjectType]:
    return [
        ObjectType(
            "CfgHost",
            {
                "name": _text(),
                "subtype": _enumeration("CfgHostType"),
                "ipaddress": _text(),
                "ostype": _enumeration("CfgOSType"),
                "lcaport": _number(),
                "scsdbid": _reference("CfgApplication"),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("resources", "userproperties"),
            mandatory=("name", "subtype", "ostype", "lcaport"),
            immutable=("subtype",),
            unique=(("name",),),
        ),
        ObjectType(
            "CfgAppPrototype",
            {"name": _text(), "subtype": _enumeration("CfgAppType"), "version": _text(), "state": STATE, "folderid": FOLDER},
            lists=("options", "userproperties"),
            mandatory=("name", "subtype", "version"),
            immutable=("name", "subtype", "version"),
            unique=(("name",),),
        ),
        ObjectType(
            "CfgApplication",
            {
                "name": _text(),
                "subtype": _enumeration("CfgAppType"),
                "version": _text(),
                "appprototypedbid": _reference("CfgAppPrototype"),
                "hostdbid": _reference("CfgHost"),
                "port": _number(),
                "workdirectory": _text(),
                "commandline": _text(),
                "commandlinearguments": _text(),
                "startuptimeout": _number("90"),
                "shutdowntimeout": _number("90"),
                "attempts": _number("1"),
                "timeout": _number("10"),
                "autorestart": _enumeration("CfgFlag"),
                "startuptype": _enumeration("CfgStartupType"),
                "isserver": _enumeration("CfgFlag"),
                "isprimary": _enumeration("CfgFlag"),
                "redundancytype": _enumeration("CfgHAType", "CFGHTColdStanby"),
                "backupserverdbid": _reference("CfgApplication"),
                "componenttype": _enumeration("CfgAppComponentType", "CFGAppComponentUnknown"),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("portinfos", "appservers", "tenantdbids", "resources", "options", "userproperties"),
            mandatory=("name", "appprototypedbid", "autorestart"),
            immutable=("subtype", "appprototypedbid"),
            readonly=("startuptype", "isserver", "isprimary"),
            unique=(("name",),),
        ),
        ObjectType(
            "CfgScript",
            {
                "name": _text(),
                "subtype": _enumeration("CfgScriptType"),
                "tenantdbid": TENANT,
                "index": _number(),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("resources", "userproperties"),
            mandatory=("name", "subtype", "tenantdbid"),
            immutable=("subtype", "tenantdbid"),
        ),
        ObjectType(
            "CfgTenant",
            {
                "name": _text(),
                "isserviceprovider": FALSE,
                "chargeablenumber": _text(),
                "parenttenantdbid": TENANT,
                "defaultcapacityruledbid": _reference("CfgScript"),
                "defaultcontractdbid": _number(),
                "password": _text(),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("userproperties",),
            mandatory=("name",),
            unique=(("name",),),
            never_kept=("password",),
        ),
        ObjectType(
            "CfgFolder",
            {
                "name": _text(),
                "subtype": _enumeration("CfgObjectType"),
                "folderclass": _enumeration("CfgFolderClass", "CFGFCDefault"),
                "customtype": _number(),
                "ownertype": _enumeration("CfgObjectType", "CFGTenant"),
                "ownerdbid": _reference("CfgTenant"),
                "description": _text(),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("objectids", "resources", "userproperties"),
            mandatory=("name", "subtype"),
            immutable=("subtype", "ownertype", "ownerdbid"),
            readonly=("objectids",),
            unique=(("folderid", "subtype", "ownerdbid", "name"),),
        ),
        ObjectType(
            "CfgPerson",
            {
                "username": _text(),
                "firstname": _text(),
                "lastname": _text(),
                "employeeid": _text(),
                "emailaddress": _text(),
                "externalid": _text(),
                "password": _text(),
                "isagent": FALSE,
                "isexternalauth": FALSE,
                "changepasswordonnextlogin": FALSE,
                "placedbid": _reference("CfgPlace"),
                "capacityruledbid": _reference("CfgScript"),
                "tenantdbid": TENANT,
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("agentlogins", "appranks", "userproperties"),
            label="username",
            mandatory=("username", "employeeid", "tenantdbid"),
            immutable=("tenantdbid",),
            unique=(("username",), ("tenantdbid", "employeeid")),
            never_kept=("password",),
        ),
        ObjectType(
            "CfgEnumerator",
            {
                "name": _text(),
                "displayname": _text(),
                "description": _text(),
                "tenantdbid": TENANT,
                "subtype": _enumeration("CfgEnumeratorType", "CFGENTInteractionOperationalAttribute"),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("userproperties",),
            mandatory=("name", "displayname", "tenantdbid"),
            immutable=("name", "tenantdbid"),
        ),
        ObjectType(
            "CfgEnumeratorValue",
            {
                "name": _text(),
                "displayname": _text(),
                "description": _text(),
                "enumeratordbid": _reference("CfgEnumerator"),
                "tenantdbid": TENANT,
                "isdefault": FALSE,
                "state": STATE,
            },
            lists=("userproperties",),
            mandatory=("name", "displayname", "enumeratordbid", "tenantdbid"),
            immutable=("name", "tenantdbid", "enumeratordbid"),
            unique=(("enumeratordbid", "name"),),
        ),
        ObjectType(
            "CfgPlace",
            {
                "name": _text(),
                "tenantdbid": TENANT,
                "sitedbid": _number(),
                "contractdbid": _number(),
                "capacityruledbid": _reference("CfgScript"),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("dndbids", "userproperties"),
            mandatory=("name", "tenantdbid"),
            immutable=("tenantdbid",),
        ),
        ObjectType(
            "CfgRole",
            {"name": _text(), "description": _text(), "tenantdbid": TENANT, "state": STATE, "folderid": FOLDER},
            lists=("members", "userproperties"),
            mandatory=("name", "tenantdbid"),
            immutable=("tenantdbid",),
        ),
        _group("CfgAgentGroup", "agentdbids"),
        _group("CfgAccessGroup", "memberids", subtype=_enumeration("CfgAccessGroupType", "CFGDefaultGroup")),
        _group("CfgDNGroup", "dns", subtype=_text()),
        ObjectType(
            "CfgService",
            {
                "name": _text(),
                "subtype": _text(),
                "version": _text(),
                "solutiontype": _text("CFGSTDefaultSolutionType"),
                "startuptype": _enumeration("CfgStartupType", "CFGSUTAutomatic"),
                "scsdbid": _reference("CfgApplication"),
                "assignedtenantdbid": TENANT,
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("components", "resources", "userproperties"),
            mandatory=("name",),
            unique=(("name",),),
        ),
        ObjectType(
            "CfgSwitch",
            {
                "name": _text(),
                "tenantdbid": TENANT,
                "tserverdbid": _reference("CfgApplication"),
                "physswitchdbid": _number(),
                "linktype": _text(),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("switchaccesscodes", "userproperties"),
            mandatory=("name", "tenantdbid"),
            immutable=("tenantdbid",),
        ),
        ObjectType(
            "CfgDN",
            {
                "number": _text(),
                "name": _text(),
                "subtype": _text(),
                "switchdbid": _reference("CfgSwitch"),
                "tenantdbid": TENANT,
                "loginflag": FALSE,
                "registerall": FALSE,
                "routetype": _text(),
                "switchspecifictype": _number("1"),
                "trunks": _number(),
                "useoverride": TRUE,
                "groupdbid": _number(),
                "sitedbid": _number(),
                "contractdbid": _number(),
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("accessnumbers", "userproperties"),
            label="number",
            mandatory=("number", "subtype", "switchdbid"),
            immutable=("switchdbid", "subtype"),
            unique=(("switchdbid", "number", "subtype", "name"),),
        ),
        ObjectType(
            "CfgAgentLogin",
            {
                "logincode": _text(),
                "switchdbid": _reference("CfgSwitch"),
                "switchspecifictype": _number("1"),
                "tenantdbid": TENANT,
                "useoverride": TRUE,
                "state": STATE,
                "folderid": FOLDER,
            },
            lists=("userproperties",),
            label="logincode",
            mandatory=("logincode", "switchdbid"),
            immutable=("switchdbid",),
            unique=(("switchdbid", "logincode"),),
        ),
    ]


def _plain(name: str) -> ObjectType:
    """Return the least that any other class has: a name that is unique in its tenant, a state, a folder and an annex."""
    fields = {"name": _text(), "subtype": _text(), "tenantdbid": TENANT, "description": _text(), "state": STATE, "folderid": FOLDER}
    return ObjectType(name, fields, lists=("userproperties",), mandatory=("name",))


TYPES: dict[str, ObjectType] = {definition.name: definition for definition in _types()}
TYPES.update({name: _plain(name) for name in sorted(CLASS_NAMES - TYPES.keys())})
