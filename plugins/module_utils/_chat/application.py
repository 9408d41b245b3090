# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of any type: fields, rule, and what a new one takes from its template.

Source: CHAT for everything that refuses; option ranges only warn.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._config import fields
from .._config.desired import Desired
from .._config.errors import DoesNotFit, InvalidInput
from . import ranges
from .connection import CONNECTION_FIELDS, connect
from .context import Context
from .field import Field, argument_spec, want_given

#: The name of an application.
NAME = Field("name", "str", "Name of the application.", required=True)

#: What is written as it is given.
PLAIN = (
    Field("startup_timeout", "int", "Seconds within which the application must start; what starts it waits as long.",
          path=("startup_timeout",), least=0, adopted=True),
    Field("shutdown_timeout", "int", "Seconds within which the application must stop; what stops it waits as long.",
          path=("shutdown_timeout",), least=0, adopted=True),
    Field("reconnect_timeout", "int", "Seconds between attempts of clients to reconnect.", path=("reconnect_timeout",), least=0, adopted=True),
    Field("reconnect_attempts", "int", "Number of attempts of clients to reconnect.", path=("reconnect_attempts",), least=0, adopted=True),
    Field("auto_restart", "bool", "Whether the application is started again after a failure.", path=("auto_restart",), adopted=True),
    Field("working_directory", "str", "Working directory. The installation package writes it, so it is managed only if it is given; a new "
          "application has V(.) until then.", path=("working_directory",)),
    Field("command_line", "str", "Command line; written by the installation package, like O(working_directory).", path=("command_line",)),
    Field("command_line_arguments", "str", "Arguments of the command line; written by the installation package, like O(working_directory).",
          path=("command_line_arguments",)),
    Field("version", "str", "Version; written by the installation package, like O(working_directory), and taken from the template before.",
          path=("version",)),
)

#: An application of any type, beside its name. Those before the plain ones have rules of their own.
BODY = (
    Field("application_template", "str", "Name of the application template. Needed to create the application, and fixed afterwards.",
          path=("application_template",), adopted=True),
    Field("folder", "str", "Folder in which a new application is put, by name or by path from the root. An existing application stays where it is.",
          path=("folder",)),
    Field("host", "str", "Name of the Host object on which the application runs. Needed to create the application.", path=("host",), adopted=True),
    Field("tenants", "list", "Names of the tenants that the application serves. Tenants it serves beside these stay.", elements="str",
          path=("tenants",), adopted=True),
    Field("ports", "dict", "Listening ports, as a mapping of port id to port number. Ports beside these stay.", path=("ports",), least=1, most=65535,
          adopted=True),
    Field("connections", "list", "Further connections of the application. Connections beside these stay.", elements="dict", fields=CONNECTION_FIELDS,
          path=("connections",), adopted=True),
    Field("options", "dict", "Options, as a mapping of section to a mapping of option to value. An option set to V(null) is removed; options that are "
          "not mentioned stay. A new application also gets the options of its template.", path=("options",), adopted=True),
    Field("annex", "dict", "Annex (user properties), in the same form as O(options).", path=("annex",), adopted=True),
    *PLAIN,
)

#: Argument specs of a described application, and of what several have in common.
APPLICATION_BODY = argument_spec(BODY)
APPLICATION = argument_spec((*BODY, NAME))

#: The section that the template ships in place of a tenant's own.  Source: CHAT
PLACEHOLDER = re.compile(r"^endpoints:\D*tenant_dbid\D*$")


def application(context: Context, spec: Mapping[str, Any], where: str, app_type: str = "", documented: Collection[tuple[str, str]] = ()) -> Desired:
    """Return the Desired of an application described by "spec" (see APPLICATION); raises InvalidInput.

    An application that does not exist is created from its template, and registered in the directory, so that other rules may refer to it.
    What the installer writes (version, working directory, command line) is managed only if it is given.

    Args:
        app_type: the CfgAppType that it must have, '' for any.
        documented: (section, option) of the options that documents name.
    """
    directory = context.directory
    desired = Desired("CfgApplication", spec["name"])
    found = directory.find("CfgApplication", spec["name"])
    if found is not None and app_type and found.subtype != app_type:
        raise DoesNotFit(f"{where}: application '{spec['name']}' exists and is of type {found.subtype}, not {app_type}")
    now = {}
    if found is not None and not found.planned:
        now = found.ports
    ports = checked_ports(spec.get("ports"), where, now)
    if spec.get("host") is not None:
        directory.require("CfgHost", spec["host"], f"{where}: host")
        desired.want("host", spec["host"])
    for tenant in spec.get("tenants") or ():
        directory.require("CfgTenant", tenant, f"{where}: tenants")
        desired.want(("tenants", tenant), True)
    for port_id, number in ports.items():
        desired.want(("ports", port_id), number)
    want_given(desired, PLAIN, spec, where)
    for field in ("options", "annex"):
        if spec.get(field):
            desired.want_options(field, spec[field], f"{where}: {field}")
    if spec.get("options"):
        ranges.check_names(context, spec["name"], spec["options"], spec.get("application_template"), where, documented)
    if spec.get("application_template"):
        directory.require("CfgAppPrototype", spec["application_template"], f"{where}: application_template")
        desired.want("application_template", spec["application_template"])
    if found is None or found.planned:
        _from_template(context, desired, spec, ports, where, app_type)
    else:
        directory.intend(desired)
    return desired


def _from_template(context: Context, desired: Desired, spec: Mapping[str, Any], ports: Mapping[str, int], where: str, app_type: str) -> None:
    """Add what a new application takes from its template; its options come along, as GAX's own page sends them."""
    directory = context.directory
    for key in ("application_template", "host"):
        if not spec.get(key):
            raise DoesNotFit(f"{where}: application '{spec['name']}' does not exist, and {key} is needed to create it")
    template = directory.require("CfgAppPrototype", spec["application_template"], f"{where}: application_template")
    if app_type and template.subtype != app_type:
        raise DoesNotFit(f"{where}: application_template '{template.name}' is of type {template.subtype}, not {app_type}")
    desired.want_on_create("type", template.subtype)
    desired.want_on_create("version", template.value("version"))
    if spec.get("folder"):
        desired.want_on_create("folder", directory.folder(spec["folder"]))
    for leaf, value in template.options().items():
        if not PLACEHOLDER.match(leaf[0]):
            desired.want_on_create(("options",) + leaf, value)
    leaves: dict[tuple[str, ...], object] = {("type",): template.subtype, ("host",): spec["host"]}
    leaves.update({("ports", port_id): number for port_id, number in ports.items()})
    directory.expect_new("CfgApplication", spec["name"], leaves)


def checked_ports(ports: Mapping[Any, Any] | None, where: str, now: Mapping[str, int]) -> dict[str, int]:
    """Return ports as id -> number; raises InvalidInput for a wrong number, or one given to two ids.

    Args:
        now: id -> number of the ports that the application has.
    """
    checked = {}
    for port_id, number in (ports or {}).items():
        checked[str(port_id)] = fields.Ports().coerce(number, f"{where}: ports: '{port_id}'")
    then = dict(now, **checked)
    for port_id, number in checked.items():
        same = sorted(other for other in then if then[other] == number)
        if len(same) > 1:
            raise InvalidInput(f"{where}: ports: number {number} is given to more than one port id ({', '.join(same)})")
        if not port_id.strip():
            raise InvalidInput(f"{where}: ports: a port id must not be empty")
    return checked


def connect_listed(context: Context, desired: Desired, connections: Iterable[Mapping[str, Any]] | None, where: str) -> None:
    """Demand the connections given one by one (see connection.CONNECTION_FIELDS)."""
    for number, connection in enumerate(connections or ()):
        connect(context, desired, connection["server"], connection.get("port") or "default", connection.get("addp"),
                f"{where}: connections[{number}]")


def is_gone(context: Context, name: str, where: str) -> bool:
    """Return whether there is no application of that name, so that a removal has nothing to do; tell the user, it may be a typing error."""
    gone = context.directory.find("CfgApplication", name) is None
    if gone:
        context.warn(f"{where}: there is no application named '{name}', so there is nothing to remove from "
                     f"it{context.directory.similar('CfgApplication', name)}")
    return gone
