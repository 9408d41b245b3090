# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new database holds: predefined objects, hosts, framework applications, and by choice application templates.

Source: G5 and G2 (predefined objects and their DBIDs). Folder DBIDs other than 101 to 103, the names of the predefined
templates, and the order of the root folders are the sandbox's own.
"""

from __future__ import annotations

from typing import Any

from ..environment import HOSTS, LCA_PORT, MESSAGE_SERVER_PORT, SITE, Environment
from ..packages.templates import TEMPLATES
from .codec import Object
from .enumerations import folder_subtype
from .rules import TENANT_FOLDERS, ConfigurationServer
from .sessions import READ_ONLY_USER

SEEDS = ("standard", "framework")
# In this order they get the DBIDs from 101 on.
ROOT_FOLDERS = {
    "CfgAppPrototype": "Application Templates",
    "CfgApplication": "Applications",
    "CfgHost": "Hosts",
    "CfgTenant": "Tenants",
    "CfgService": "Solutions",
    **TENANT_FOLDERS,
}

_MEDIA_TYPES = (
    "voice voip email vmail smail chat video cobrowsing whiteboard appsharing webform workitem callback fax imchat busevent alert sms any auxwork"
).split()
_CONTACT_ATTRIBUTES = "FirstName LastName Title EmailAddress PhoneNumber AccountNumber ContactId CustomerSegment PIN".split()
# Enumerator: DBID, DBID of its first value, values, the default value.
_ENUMERATORS: dict[str, tuple[int, int, list[str], str]] = {
    "MediaType": (101, 100, _MEDIA_TYPES, "any"),
    "ServiceType": (102, 200, ["default"], "default"),
    "CustomerSegment": (103, 300, ["default"], "default"),
    "InteractionType": (112, 400, ["Inbound", "Outbound", "Internal"], ""),
    "InteractionSubtype": (113, 403, [], ""),
    "CategoryStructure": (114, 0, [], ""),
    "ScreeningRules": (115, 0, [], ""),
    "EmailAccounts": (116, 0, [], ""),
    "StopProcessingReason": (117, 415, [], ""),
    "Language": (118, 421, ["English"], ""),
    "DispositionCode": (119, 0, [], ""),
    "ReasonCode": (120, 0, [], ""),
    "InteractionAttributes": (121, 422, [], ""),
    "ContactAttributes": (122, 432, _CONTACT_ATTRIBUTES, ""),
}


def plant(server: ConfigurationServer, environment: Environment, seed: str) -> None:
    """Fill an empty store. Raises ValueError for an unknown seed."""
    if seed not in SEEDS:
        raise ValueError(f"unknown seed '{seed}'; there are {', '.join(SEEDS)}")
    _tenants_and_folders(server)
    _enumerators(server)
    hosts = {name: _create(server, "CfgHost", name=name, **_host(environment.address(name))) for name in HOSTS}
    _framework(server, environment, hosts[SITE]["dbid"])
    if seed == "standard":
        for template in TEMPLATES.values():
            server.create(template)
    for name, tenant, subtype in (
        ("Legacy_In", "1", "CFGInteractionQueue"),
        ("Sales_In", "101", "CFGInteractionQueue"),
        ("Legacy_Strategy", "1", "CFGSimpleRouting"),
    ):
        _create(server, "CfgScript", name=name, tenantdbid=tenant, subtype=subtype)


def _create(server: ConfigurationServer, class_name: str, dbid: int | None = None, **fields: Any) -> Object:
    return server.create({"type": class_name, **fields}, dbid=dbid)[0]


def _tenants_and_folders(server: ConfigurationServer) -> None:
    _create(server, "CfgTenant", dbid=1, name="Environment", isserviceprovider="CFGTrue")
    for class_name, name in ROOT_FOLDERS.items():
        _create(server, "CfgFolder", name=name, subtype=folder_subtype(class_name), ownerdbid="1")
    _create(server, "CfgTenant", name="Sales")
    _create(server, "CfgPerson", dbid=100, username="default", employeeid="default", tenantdbid="1")
    _create(server, "CfgPerson", username=READ_ONLY_USER, employeeid=READ_ONLY_USER, tenantdbid="1")


def _enumerators(server: ConfigurationServer) -> None:
    for name, (dbid, first_value, values, default) in _ENUMERATORS.items():
        kind = {"ContactAttributes": "CFGENTContactAttribute", "CategoryStructure": "CFGENTCustom"}.get(name, "CFGENTInteractionOperationalAttribute")
        _create(server, "CfgEnumerator", dbid=dbid, name=name, displayname=name, tenantdbid="1", subtype=kind)
        for offset, value in enumerate(values):
            is_default = "CFGTrue" if value == default else "CFGFalse"
            # The display names of media types are lower case, their names capitalised (G5).
            shown = value.capitalize() if name == "MediaType" else value
            fields = {"name": shown, "displayname": value, "enumeratordbid": str(dbid), "tenantdbid": "1", "isdefault": is_default}
            _create(server, "CfgEnumeratorValue", dbid=first_value + offset, **fields)


def _host(address: str) -> Object:
    return {"subtype": "CFGNetworkServer", "ipaddress": address, "ostype": "CFGRedHatLinux", "lcaport": str(LCA_PORT)}


def _framework(server: ConfigurationServer, environment: Environment, site: str) -> None:
    """Create the framework's templates and applications; those that the sandbox itself stands for have no command line."""
    applications = (
        ("confserv", "Configuration Server", "CFGConfigServer", "8.5.101.28", 99, environment.confserv_port),
        ("default", "Configuration Manager", "CFGSCE", "8.5.101.28", 100, None),
        ("ITCUtility", "Installation Configuration Utility", "CFGITCUtility", "8.5.100.00", None, None),
        ("MessageServer", "Message Server", "CFGMessageServer", "8.5.100.23", None, MESSAGE_SERVER_PORT),
        ("SolutionControlServer", "Solution Control Server", "CFGSCS", "8.5.100.42", None, environment.scs_port),
    )
    for name, template, subtype, version, dbid, port in applications:
        prototype = _create(server, "CfgAppPrototype", dbid=dbid, name=template, subtype=subtype, version=version)
        fields: Object = {"name": name, "appprototypedbid": prototype["dbid"], "autorestart": "CFGFalse", "tenantdbids": {"id": [{"dbid": "1"}]}}
        if port is not None:
            fields.update(hostdbid=site, workdirectory=".", commandline=".", commandlinearguments=".")
            fields["portinfos"] = {"portinfo": [{"id": "default", "port": str(port)}]}
        _create(server, "CfgApplication", dbid=dbid, **fields)
