# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat services of GMS: the section that enables one, the connection to Solution Control Server, the endpoints of the first chat API.

A service of the second chat API is a section; which option of it names the endpoint is not known, so its options come from the user.
The first API's options are known, and name an endpoint by the *name* of the tenant.  Source: CHAT, GMSBOOK, GMSDC, GMSV1
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..._config.compare import below_any
from ..._config.desired import Desired
from ..._config.directory import ConfigObject
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import suggestion
from ..application import APPLICATION, is_gone
from ..arguments import named
from ..chat_services import SECTION, SOLUTION_CONTROL_SERVER, service_sections
from ..client_links import require_gms_node
from ..connection import connect, current_links
from ..context import CHAT_SERVER, Context
from ..endpoint_likeness import BUILT_IN, likeness
from ..field import Field, argument_spec, state
from ..named_lists import require_named
from ..part import Draft, Part
from .endpoints import section_of

if TYPE_CHECKING:
    from ..adopt import Adoption
    from ..removal import Removal

#: The endpoint of all services of the first chat API, and that of one of them, with what it has if nothing was set.  Source: GMSV1, GMSBASIC
_DEFAULT_ENDPOINT = ("chat", "default_chat_endpoint")

_ENDPOINT = "_chat_endpoint"

#: A service, beside its GMS nodes.
SERVICE = (
    Field("service", "str", "Name of the service. Its options stand in the section C(chat.<service>) of the GMS node.", default="customer-support",
          adopted=True, source="CHAT, GMSBOOK"),
    Field("options", "dict", "Options of the service, as a mapping of option to value. At least one is needed unless the section is there, since the "
          "section exists by its options only. Which options there are, and which of them names the endpoint, is said by the documentation of your "
          "release of GMS; none of them has a default here.",
          "An option set to V(null) is removed; options that are not mentioned stay.", adopted=True, source="CHAT, GMSBOOK"),
    Field("solution_control_server", "str", "Name of the Solution Control Server to which the GMS nodes are connected. Digital channels need it: without "
          "it they are off or unreliable.", "Needed unless each of the GMS nodes is connected to one already.", adopted=True, source="GMSDC"),
    Field("default_chat_endpoint", "str", "The endpoint of all services of the first chat API, as the name of the tenant, a colon and the name of the "
          "endpoint, for example V(Environment:default).", "The Chat Servers to which the GMS node is connected must have that endpoint.",
          adopted=True, source="GMSV1, GMSBASIC"),
    Field("chat_endpoints", "dict", "Endpoints of single services of the first chat API, in the same form, as a mapping of the section of the service to "
          "an endpoint, for example C(request-chat). V(gms_builtin) is what the product takes if nothing is set.",
          "The sections must be there already.", adopted=True, source="GMSV1"),
)

#: The options of the module gms_chat_service.
MODULE = (
    Field("gms", "list", "Names of the GMS nodes.", elements="str", required=True),
    *SERVICE,
    state("makes sure that the service is configured.",
          "removes the section of the service with all of its options. Everything else stays, the connections and the first chat API too."),
)
ARGUMENTS = argument_spec(MODULE)


def gms_chat_service(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """A chat service on GMS nodes, or its removal."""
    require_named(params["gms"], "gms_chat_service: gms", "GMS node")
    if params["state"] == "absent":
        section = _section(params["service"], "service")
        wanted = []
        for name in params["gms"]:
            if not is_gone(context, name, "gms"):
                desired = Desired("CfgApplication", _node(context, name, "gms").name)
                desired.forbid(("options", section))
                wanted.append(desired)
        return wanted
    return chat_service(context, params, params["gms"], "gms_chat_service")


# -- the rule ------------------------------------------------------------------------------------------------------------


def chat_service(context: Context, spec: Mapping[str, Any], nodes: Iterable[str], where: str, planned: Iterable[Desired] = ()) -> list[Desired]:
    """Return a Desired per GMS node: it offers the service, and has what that needs.  Raises InvalidInput.

    Args:
        spec: see SERVICE.
        nodes: names.
        planned: what the same run demands so far, one Desired for each application.
    """
    section = _section(spec["service"], f"{where}: service")
    then = {desired.name: desired for desired in planned if desired.kind == "CfgApplication"}
    wanted = []
    for name in dict.fromkeys(nodes):
        found = _node(context, name, f"{where}: gms")
        desired = Desired("CfgApplication", name)
        desired.want_options("options", {section: spec.get("options") or {}}, f"{where}: options")
        node = _Node(context, found, desired, then)
        _require_section(node, spec, section, where)
        _require_control_server(node, spec.get("solution_control_server"), where)
        _want_endpoints(node, spec, where)
        _check_endpoints(node, spec, where)
        wanted.append(desired)
    return wanted


class _Node:
    """A GMS node as it will be.

    Args:
        desired: what this part demands of it.
        then: name -> Desired of the same run.
    """

    def __init__(self, context: Context, found: ConfigObject, desired: Desired, then: Mapping[str, Desired]) -> None:
        self.context = context
        self.found = found
        self.desired = desired
        self.then = then

    def options(self) -> dict[tuple[str, ...], str]:
        """Return (section, option) -> value."""
        return options_then(self.found, (self.then.get(self.found.name), self.desired))

    def servers(self) -> dict[str, ConfigObject]:
        """Return what it is connected to, by name."""
        items = [item for item in (self.then.get(self.found.name), self.desired) if item is not None]
        names = {server for server, port in current_links(self.context.directory, self.found)
                 if not any(below_any(("connections", server, port), item.absent) for item in items)}
        names |= {path[1] for item in items for path in item.leaves if path[0] == "connections"}
        found = ((name, self.context.directory.find("CfgApplication", name)) for name in sorted(names))
        return {name: server for name, server in found if server is not None}

    def chat_servers(self) -> dict[str, dict[tuple[str, ...], str]]:
        """Return the Chat Servers that it is connected to, by name, each with its (section, option) -> value."""
        return {name: options_then(server, (self.then.get(name),)) for name, server in self.servers().items() if server.subtype == CHAT_SERVER}


def options_then(found: ConfigObject, items: Iterable[Desired | None]) -> dict[tuple[str, ...], str]:
    """Return an application's (section, option) -> value as they will be.

    Args:
        items: what is demanded of it, None for nothing.
    """
    options = {} if found.planned else dict(found.options())
    for item in items:
        if item is not None:
            wanted = {**(item.on_create if found.planned else {}), **item.leaves}
            options = {option: value for option, value in options.items() if not below_any(("options", *option), item.absent)}
            options.update({path[1:]: value for path, value in wanted.items() if path[0] == "options"})
    return options


def _node(context: Context, name: str, where: str) -> ConfigObject:
    """Return a GMS node; raises InvalidInput for what surely is none, and for a backup.  Source: HA81, G5 (what a backup has is a copy)"""
    found = require_gms_node(context, name, where)
    primary = context.primary_of(found)
    if primary:
        raise DoesNotFit(f"{where}: '{name}' is the backup of '{primary}', from which the Configuration Server copies its options; name the primary")
    return found


def _section(service: str, where: str) -> str:
    """Return the section of a service; raises InvalidInput for what is no name of one."""
    if not service.strip() or service != service.strip():
        raise InvalidInput(f"{where} must be the name of a service, such as customer-support, got '{service}'")
    if service.startswith(SECTION):
        raise InvalidInput(f"{where}: '{service}' is the section of a service; give its name, '{service[len(SECTION):]}'")
    return SECTION + service


def _require_section(node: _Node, spec: Mapping[str, Any], section: str, where: str) -> None:
    """Check that the section will have an option: options are told one by one with their section (G2), so that an empty one can't be written (inferred)."""
    if any(found == section for found, _option in node.options()):
        return
    taken = any(found == section for found, _option in node.found.options())
    cure = ("to remove the service, set state to absent, or leave it out of the description and remove it with gms_chat_service" if taken else
            "give at least one option of the service, as the documentation of your release of GMS names them")
    raise DoesNotFit(f"{where}: options: the section '{section}' of '{node.found.name}' would have no option, and a section without options can't be "
                     f"written; {cure}")


def _require_control_server(node: _Node, name: str | None, where: str) -> None:
    """Demand the connection to a Solution Control Server, or check that there is one; raises InvalidInput.  Source: GMSDC"""
    option, servers = f"{where}: solution_control_server", node.servers()
    if name:
        primary = node.context.primary_of(node.context.application(name, option, (SOLUTION_CONTROL_SERVER,)))
        if primary:
            node.context.warn(f"{option}: '{name}' is the backup of '{primary}'; a connection leads to the primary only")
        if name not in servers:
            connect(node.context, node.desired, name, "default", None, option)
    elif not any(server.subtype == SOLUTION_CONTROL_SERVER for server in servers.values()):
        raise DoesNotFit(f"{option}: '{node.found.name}' has no connection to a Solution Control Server, without which its digital channels are off or "
                         "unreliable; name the server to connect it to")


# -- the endpoints of the first chat API ---------------------------------------------------------------------------------


def _want_endpoints(node: _Node, spec: Mapping[str, Any], where: str) -> None:
    """Demand the endpoints that the user names; raises InvalidInput for a service that is not there."""
    if spec.get("default_chat_endpoint") is not None:
        node.desired.want(("options", *_DEFAULT_ENDPOINT), spec["default_chat_endpoint"], f"{where}: default_chat_endpoint")
    sections = {section for section, _option in node.options()}
    for section, value in (spec.get("chat_endpoints") or {}).items():
        if str(section) not in sections:
            raise DoesNotFit(f"{where}: chat_endpoints: '{node.found.name}' has no section '{section}'{suggestion(str(section), sections)}; the endpoint of "
                             "a service that is there can be set, and no service be made by it")
        node.desired.want_options("options", {section: {_ENDPOINT: value}}, f"{where}: chat_endpoints")


def _check_endpoints(node: _Node, spec: Mapping[str, Any], where: str) -> None:
    """Check each endpoint that the node names: refused if this run writes it, warned about otherwise."""
    own = {path[1:] for path in node.desired.leaves}
    for option, value in node.options().items():
        known = option == _DEFAULT_ENDPOINT or (option[1] == _ENDPOINT and value != BUILT_IN)
        what = "which leads nowhere" if known else _likeness(node, option, value)
        wrong = _wrong_endpoint(node, value) if what else ""
        if wrong and known and option in own:
            raise InvalidInput(f"{where}: {_named(option, spec)}: {wrong}")
        if wrong:
            node.context.warn(f"{where}: on '{node.found.name}' {'/'.join(option)} {'will be' if option in own else 'is'} '{value}', {what}: {wrong}")


def _likeness(node: _Node, option: tuple[str, ...], value: str) -> str:
    """Return in what an option of a service is like one that takes an endpoint, or ''."""
    if not option[0].startswith(SECTION) or option[1] == _ENDPOINT or node.context.secrets.is_secret(option[1]):
        return ""
    endpoints: dict[str, set[str]] = {}
    for options in node.chat_servers().values():
        for (section, endpoint), queue in options.items():
            if queue and section.startswith("endpoints:"):
                endpoints.setdefault(section, set()).add(endpoint)
    return likeness(option[1], value, [tenant.name for tenant in node.context.directory.all("CfgTenant")], endpoints)


def _named(option: tuple[str, ...], spec: Mapping[str, Any]) -> str:
    """Return the option of this part by which the user gave an option of GMS."""
    if option == _DEFAULT_ENDPOINT:
        return "default_chat_endpoint"
    single = any(str(section) == option[0] for section in spec.get("chat_endpoints") or ())
    return f"chat_endpoints: {option[0]}" if single else f"options: {option[1]}"


def _wrong_endpoint(node: _Node, value: str) -> str:
    """Return what is wrong with an endpoint as GMS spells it, or ''.  Source: GMSV1"""
    directory = node.context.directory
    tenants = {tenant.name: tenant for tenant in directory.all("CfgTenant")}
    # A name may have a colon in it.
    name = max((name for name in tenants if value.startswith(name + ":") and len(value) > len(name) + 1), key=len, default="")
    if not name:
        return _wrong_tenant(node.context, tenants, value)
    endpoint, section = value[len(name) + 1:], section_of(directory, name)
    servers = node.chat_servers()
    without = [server for server, options in servers.items() if not options.get((section, endpoint))]
    if not servers:
        node.context.warn(f"'{node.found.name}' is connected to no Chat Server, so it was not seen whether there is an endpoint '{value}'")
    if not without:
        return ""
    known = {option for server in without for found, option in servers[server] if found == section}
    return (f"there is no endpoint '{endpoint}' of tenant '{name}' on {', '.join(without)}, to which '{node.found.name}' is connected"
            f"{suggestion(endpoint, known)}; make it there first, or in the same description")


def _wrong_tenant(context: Context, tenants: Iterable[str], value: str) -> str:
    owner, _colon, endpoint = value.partition(":")
    if not owner.strip() or not endpoint.strip():
        return f"'{value}' must be the name of a tenant, a colon and the name of an endpoint, such as Environment:default"
    tenant = context.directory.by_dbid("CfgTenant", int(owner)) if owner.isdecimal() else None
    if tenant is not None:
        return (f"'{value}' names the tenant by its number, as Web Engagement and Co-browse do; GMS takes its name: '{tenant.name}:{endpoint}'")
    return f"'{value}' names a tenant that does not exist: '{owner}'{suggestion(owner, tenants)}"


# -- in a description ----------------------------------------------------------------------------------------------------


def _services(draft: Draft) -> list[Desired]:
    context, wanted = draft.context, []
    for number, spec in enumerate(draft.given("gms_chat_services")):
        where = f"gms_chat_services[{number}]"
        nodes = spec.get("gms")
        if nodes is None:
            nodes = [name for name in draft.known.get("gms") or () if not context.primary_of(context.application(name, "gms"))]
        if not nodes:
            raise InvalidInput(f"{where}: gms: no GMS node is named, here or in gms of the description")
        wanted += chat_service(context, spec, nodes, where, draft.merged())
    return wanted


def _removal(removal: Removal) -> list[Desired]:
    """Take each service from those nodes that stay; the first chat API and the connections stay, as with the module."""
    context = removal.context
    nodes = [named(item, APPLICATION, "gms")["name"] for item in removal.given("gms")]
    wanted = []
    for number, spec in enumerate(removal.given("gms_chat_services")):
        section = _section(spec["service"], f"gms_chat_services[{number}]: service")
        for name in dict.fromkeys(nodes if spec.get("gms") is None else spec["gms"]):
            found = context.directory.find("CfgApplication", name)
            if found is not None and not found.planned and name not in removal.going and not context.primary_of(found):
                desired = Desired("CfgApplication", name)
                desired.forbid(("options", section))
                wanted.append(desired)
    return wanted


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Adoption) -> None:
    """Describe the chat services of the GMS nodes that are described; nodes with the same service are told together."""
    nodes = adoption.description.get("gms", [])
    specs: dict[str, dict[str, Any]] = {}
    for name in nodes:
        for spec in _services_of(adoption, adoption.directory.require("CfgApplication", name, "gms")):
            specs.setdefault(json.dumps(spec, sort_keys=True), dict(spec, gms=[]))["gms"].append(name)
    found = [spec if spec["gms"] != nodes else {key: value for key, value in spec.items() if key != "gms"} for spec in specs.values()]
    if found:
        adoption.description["gms_chat_services"] = found


def _services_of(adoption: Adoption, app: ConfigObject) -> list[dict[str, Any]]:
    """Return the specs of a node's services, without "gms"; what the rules would refuse or change is left out and said."""
    sections: dict[str, dict[str, str]] = {}
    for section, option in service_sections(app):
        values = sections.setdefault(section, {})
        if not adoption.secrets.is_secret(option):
            values[option] = app.options()[section, option]
    servers = (adoption.directory.find("CfgApplication", server) for server, _port in current_links(adoption.directory, app))
    control = sorted(server.name for server in servers if server is not None and server.subtype == SOLUTION_CONTROL_SERVER)
    specs = []
    for section, values in sections.items():
        spec: dict[str, Any] = {"service": section[len(SECTION):], "options": values, **({"solution_control_server": control[0]} if control else {})}
        if adoption.unchanged({"gms_chat_services": [dict(spec, gms=[app.name])]}, app.name):
            specs.append(spec)
    for key, value in _endpoints_of(app).items() if specs else ():
        trial = dict(specs[0], **{key: value})
        obstacle = adoption.obstacle({"gms_chat_services": [dict(trial, gms=[app.name])]})
        if obstacle:
            adoption.leave_out(app.name, obstacle, "gms_chat_services")
        else:
            specs[0] = trial
    return specs


def _endpoints_of(app: ConfigObject) -> dict[str, Any]:
    """Return the endpoints of the first chat API as the options that say them, those that are there; they are told with the first service."""
    single = {section: value for (section, option), value in app.options().items() if option == _ENDPOINT and not section.startswith(SECTION)}
    default = app.options().get(_DEFAULT_ENDPOINT)
    return {**({"default_chat_endpoint": default} if default else {}), **({"chat_endpoints": single} if single else {})}


PART = Part(
    "gms_chat_services",
    fields=(Field("gms_chat_services", "list", "The chat services of GMS; see M(genesys_engage.chat.gms_chat_service).", elements="dict", fields=(
        *SERVICE,
        Field("gms", "list", "Names of the GMS nodes that offer the service; all GMS nodes of the description if not given.", elements="str", adopted=True),
    )),),
    place=45,
    rules={"channels": _services},
    adopt=_adopt, adopt_place=45, removal=_removal,
)
