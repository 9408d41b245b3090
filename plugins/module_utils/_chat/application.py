# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications in general, and the Chat Server's own rules: ports, connections, endpoints, log privacy.

Source: CHAT for everything that refuses; option ranges only warn.
"""

from __future__ import annotations

from .._config import fields
from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.nearest import nearest
from .._config.types import APPLICATION
from . import ranges
from .arguments import LOG_PRIVACY, validated
from .connection import NO_ADDP, connect, current_links, given, not_negative
from .context import APPLICATION_CLUSTER, CHAT_SERVER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER
from .endpoint import PLACEHOLDER, move_placeholder, require_defaults, require_queues, want_endpoints

#: Port ids of a Chat Server: the first three must be there, health when KPI are exposed over REST.  Source: CHAT
MANDATORY_PORTS = ("default", "webapi", "ESP")
HEALTH_PORT = "health"

#: The most private log: what the product does unless told otherwise, said explicitly.  Source: CHAT, SRV850
PRIVATE = {"hide_attached_data": True, "message_log_print_size": 0,
           "log_filter_data": {"Transcript": "hide", "StructuredText": "hide"}}

#: What a GMS node surely is not; the type that GMS nodes have was seen in one place only.  Source: G12
NO_GMS_NODE = (CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, CONFIGURATION_SERVER)

_PLAIN = ("startup_timeout", "shutdown_timeout", "reconnect_timeout", "reconnect_attempts", "auto_restart",
          "working_directory", "command_line", "command_line_arguments", "version")


def application(context, spec, where, app_type=""):
    """Return the Desired of an application described by "spec" (see arguments.APPLICATION).

    app_type: the CfgAppType that it must have, '' for any. An application that does not exist is created from its
    template and registered in the directory, so that other rules may refer to it. What the installer writes
    (version, working directory, command line) is managed only if it is given.  Raises InvalidInput.
    """
    directory = context.directory
    desired = Desired("CfgApplication", spec["name"])
    found = directory.find("CfgApplication", spec["name"])
    if found is not None and app_type and found.subtype != app_type:
        raise InvalidInput("%s: application '%s' exists and is of type %s, not %s"
                           % (where, spec["name"], found.subtype, app_type))
    now = {}
    if found is not None and not found.planned:
        now = {leaf[0]: number for leaf, number in fields.Ports().decode(found.raw, directory).items()}
    ports = checked_ports(spec.get("ports"), where, now)
    if spec.get("host") is not None:
        directory.require("CfgHost", spec["host"], "%s: host" % where)
        desired.want("host", spec["host"])
    for tenant in spec.get("tenants") or ():
        directory.require("CfgTenant", tenant, "%s: tenants" % where)
        desired.want(("tenants", tenant), True)
    for port_id, number in ports.items():
        desired.want(("ports", port_id), number)
    for key in _PLAIN:
        if spec.get(key) is not None:
            desired.want(key, not_negative(spec[key], where, key), "%s: %s" % (where, key))
    for field in ("options", "annex"):
        if spec.get(field):
            desired.want_options(field, spec[field], "%s: %s" % (where, field))
    if spec.get("options"):
        documented = ranges.NAMES.union(ranges.RANGES) if app_type == CHAT_SERVER else ()
        ranges.check_names(context, spec["name"], spec["options"], spec.get("application_template"), where, documented)
    if spec.get("application_template"):
        directory.require("CfgAppPrototype", spec["application_template"], "%s: application_template" % where)
        desired.want("application_template", spec["application_template"])
    if found is None or found.planned:
        _from_template(context, desired, spec, ports, where, app_type)
    else:
        directory.intend(desired)
    return desired


def _from_template(context, desired, spec, ports, where, app_type):
    """Add what a new application takes from its template; its options come along, as GAX's own page sends them."""
    directory = context.directory
    for key in ("application_template", "host"):
        if not spec.get(key):
            raise InvalidInput("%s: application '%s' does not exist, and %s is needed to create it"
                               % (where, spec["name"], key))
    template = directory.require("CfgAppPrototype", spec["application_template"], "%s: application_template" % where)
    if app_type and template.subtype != app_type:
        raise InvalidInput("%s: application_template '%s' is of type %s, not %s"
                           % (where, template.name, template.subtype, app_type))
    desired.want_on_create("type", template.subtype)
    desired.want_on_create("version", fields.text(template.raw.get("version")))
    if spec.get("folder"):
        desired.want_on_create("folder", directory.folder(spec["folder"]))
    for leaf, value in template.options().items():
        if not PLACEHOLDER.match(leaf[0]):
            desired.want_on_create(("options",) + leaf, value)
    directory.expect("CfgApplication", spec["name"], {
        "subtype": template.subtype,
        "hostdbid": str(directory.dbid("CfgHost", spec["host"])),
        "portinfos": {"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports.items()]}})


def checked_ports(ports, where, now):
    """Return ports as id -> number; raises InvalidInput for a wrong number, or one given to two ids.

    now: id -> number of the ports that the application has.
    """
    checked = {}
    for port_id, number in (ports or {}).items():
        checked[str(port_id)] = fields.Ports().coerce(number, "%s: ports: '%s'" % (where, port_id))
    then = dict(now, **checked)
    for port_id, number in checked.items():
        same = sorted(other for other in then if then[other] == number)
        if len(same) > 1:
            raise InvalidInput("%s: ports: number %d is given to more than one port id (%s)"
                               % (where, number, ", ".join(same)))
        if not port_id.strip():
            raise InvalidInput("%s: ports: a port id must not be empty" % where)
    return checked


def connect_listed(context, desired, connections, where):
    """Demand the connections given one by one (see arguments.CONNECTION)."""
    for number, connection in enumerate(connections or ()):
        connect(context, desired, connection["server"], connection.get("port") or "default", connection.get("addp"),
                "%s: connections[%d]" % (where, number))


def chat_server(context, spec, where, tenant=None):
    """Return the Desired of one Chat Server (see arguments.CHAT_SERVER); connections come with "chat_server_links".

    tenant: the tenant that "endpoints" belong to; the first one that the Chat Server serves if not given.
    """
    name = spec["name"]
    existing = context.directory.find("CfgApplication", name)
    new = existing is None or existing.planned
    _check_port_ids(context, spec, existing, where)
    if new and not spec.get("tenants"):
        raise InvalidInput("%s: tenants must name the tenants that the new Chat Server '%s' serves" % (where, name))
    desired = application(context, spec, where, CHAT_SERVER)
    tenants = _tenants(context, spec, existing)
    own = [tenant] if tenant else list((spec.get("tenants") or tenants)[:1])
    if spec.get("endpoints") and not own:
        raise InvalidInput("%s: Chat Server '%s' has endpoints and serves no tenant; name it in tenants" % (where, name))
    per_tenant = {tenant: dict(spec.get("endpoints") or {}) for tenant in own}
    for served, endpoints in (spec.get("tenant_endpoints") or {}).items():
        context.directory.require("CfgTenant", served, "%s: tenant_endpoints" % where)
        if not isinstance(endpoints, dict):
            raise InvalidInput("%s: tenant_endpoints: '%s' must map endpoints to queues" % (where, served))
        per_tenant.setdefault(served, {}).update(endpoints)
    for served, endpoints in per_tenant.items():
        if endpoints and served not in tenants:
            raise InvalidInput("%s: Chat Server '%s' has endpoints for tenant '%s', which it does not serve; add it to tenants"
                               % (where, name, served))
        want_endpoints(context, desired, endpoints, served, "%s: endpoints" % where)
    _log_privacy(context, desired, spec.get("log_privacy"), where)
    options = _options_before(context, spec, existing)
    options.update(move_placeholder(context, desired, options, tenants))
    require_queues(context, desired, tenants, where)
    require_defaults(context, desired, options, tenants, where)
    ranges.check(context, desired, where)
    return desired


def chat_server_links(context, spec, where):
    """Return the Desired with the connections of one Chat Server to the servers that its description names.

    On a new Chat Server, Interaction Server and UCS must be among them (UCS unless the option use-contact-server is
    false); on an existing one their absence is a warning.  Source: CHAT, WAPP
    """
    desired = Desired("CfgApplication", spec["name"])
    addp = spec.get("addp")
    for number, server in enumerate(spec.get("interaction_servers") or ()):
        option = "%s: interaction_servers[%d]" % (where, number)
        _warn_of_backup(context, context.application(server, option, (INTERACTION_SERVER, APPLICATION_CLUSTER)), option)
        connect(context, desired, server, "default", addp, option)
    for key, types in (("configuration_server", (CONFIGURATION_SERVER,)), ("message_server", (MESSAGE_SERVER,))):
        if spec.get(key):
            option = "%s: %s" % (where, key)
            _warn_of_backup(context, context.application(spec[key], option, types), option)
            connect(context, desired, spec[key], "default", addp, option)
    for number, connection in enumerate(spec.get("connections") or ()):
        found = context.directory.find("CfgApplication", connection["server"])
        if found is not None and found.subtype == CONTACT_SERVER:
            raise InvalidInput(
                "%s: connections[%d]: '%s' is a UCS; a Chat Server is connected to the primary of one pair and to no other "
                "UCS, which contact_server or contact_servers names" % (where, number, connection["server"]))
    connect_listed(context, desired, spec.get("connections"), where)
    return desired


def _warn_of_backup(context, found, option):
    """Warn when a Chat Server is to be connected to the backup of a server: it finds the backup by itself.  Source: HA81 (other servers inferred)"""
    if found.raw.get("isprimary") == "CFGFalse" and context.primary_of(found):
        context.warn("%s: '%s' is the backup of '%s'; a connection leads to the primary only" % (option, found.name, context.primary_of(found)))


def require_links(context, spec, desired, where):
    """Check that a Chat Server will be connected to an Interaction Server and a UCS; desired: all that is planned."""
    existing = context.directory.find("CfgApplication", spec["name"])
    new = existing is None or existing.planned
    types = linked_types(context, desired)
    missing = []
    if not types & {INTERACTION_SERVER, APPLICATION_CLUSTER}:
        missing.append("an Interaction Server (interaction_servers)")
    if CONTACT_SERVER not in types and not _does_without_contact_server(context, desired):
        missing.append("a Universal Contact Server")
    if missing:
        text = "%s: Chat Server '%s' has no connection to %s" % (where, spec["name"], " and none to ".join(missing))
        if new:
            raise InvalidInput(text + "; a Chat Server must be connected to both")
        context.warn(text)


def linked_types(context, desired):
    """Return the types of the servers that an application is, or will be, connected to; desired: all that is planned for it."""
    existing = context.directory.find("CfgApplication", desired.name)
    servers = {path[1] for path in desired.leaves if path[0] == "connections"}
    servers |= {link[0] for link in current_links(context.directory, existing) if ("connections",) + link not in desired.absent}
    return {found.subtype for found in (context.directory.find("CfgApplication", server) for server in servers) if found}


def uses_contact_server(context, desired):
    """Return whether a Chat Server is, or will be, connected to a UCS and uses it; desired: all that is planned for it."""
    return CONTACT_SERVER in linked_types(context, desired) and not _does_without_contact_server(context, desired)


def _does_without_contact_server(context, desired):
    """Return whether the option that switches the use of UCS off is, or will be, false.  Source: WAPP"""
    existing = context.directory.find("CfgApplication", desired.name)
    switch = ("options", "settings", "use-contact-server")
    if existing is None or existing.planned:
        value = desired.leaves.get(switch, desired.on_create.get(switch))
    else:
        value = None if switch in desired.absent else existing.options("settings").get(switch[1:])
        value = desired.leaves.get(switch, value)
    return value == "false"


def _check_port_ids(context, spec, existing, where):
    ports = {str(port_id) for port_id in spec.get("ports") or {}}
    known = MANDATORY_PORTS + (HEALTH_PORT,)
    for port_id in sorted(ports):
        for right in known:
            if port_id != right and port_id.strip().lower() == right.lower():
                raise InvalidInput("%s: ports: '%s' is not a port id of Chat Server; did you mean '%s'? Ids are "
                                   "case-sensitive" % (where, port_id, right))
        meant = nearest(port_id, known)
        if meant and port_id not in known and not (existing is not None and port_id in existing.port_ids):
            ranges.tell(context, ["%s: ports: '%s' is not a port id of Chat Server; did you mean '%s'?" % (where, port_id, meant)])
    if existing is not None and not existing.planned:
        ports |= existing.port_ids
    needed = MANDATORY_PORTS + ((HEALTH_PORT,) if spec.get("kpi_over_rest") else ())
    missing = [port_id for port_id in needed if port_id not in ports]
    if missing:
        raise InvalidInput("%s: Chat Server '%s' lacks the port id %s; a Chat Server needs at least the ids %s%s" % (
            where, spec["name"], " and ".join("'%s'" % port_id for port_id in missing), ", ".join(MANDATORY_PORTS),
            ", and health for KPI over REST" if spec.get("kpi_over_rest") else ""))


def _tenants(context, spec, existing):
    """Return the names of all tenants that the Chat Server will serve, described ones first."""
    tenants = list(spec.get("tenants") or ())
    if existing is not None and not existing.planned:
        now = APPLICATION.field("tenants").decode(existing.raw, context.directory)
        tenants += [leaf[0] for leaf in now if leaf[0] not in tenants]
    return tenants


def _options_before(context, spec, existing):
    """Return the (section, key) -> value that the description meets: the application's, or its template's."""
    if existing is not None and not existing.planned:
        return existing.options()
    template = context.directory.find("CfgAppPrototype", spec.get("application_template") or "")
    return template.options() if template else {}


def _log_privacy(context, desired, privacy, where):
    """Demand what the log may show of customers' data: 'private' for nothing, or see arguments.LOG_PRIVACY.

    Source: CHAT, SRV850
    """
    if privacy is None:
        return
    if isinstance(privacy, str):
        if privacy != "private":
            raise InvalidInput("%s: log_privacy must be 'private' or a mapping, got '%s'" % (where, privacy))
        privacy = PRIVATE
    for key, value in given(validated(privacy, LOG_PRIVACY, "%s: log_privacy" % where)).items():
        if key == "log_filter_data":
            desired.want_options("options", {"log-filter-data": value}, "%s: log_privacy" % where)
        else:
            desired.want(("options", "settings", key.replace("_", "-")), fields.Options("options").coerce(value, key))


def esp_links(context, interaction_servers, chat_servers, addp, where):
    """Return a Desired per Interaction Server: connected to the ESP port of every Chat Server, with addp.  Source: CHAT"""
    return _links(context, interaction_servers, chat_servers, "ESP", addp, where,
                  (INTERACTION_SERVER, APPLICATION_CLUSTER))


def gms_links(context, gms, chat_servers, where):
    """Return a Desired per GMS node: connected to the webapi port of every Chat Server, without addp.  Source: CHAT"""
    return _links(context, gms, chat_servers, "webapi", NO_ADDP, where, ())


def _links(context, clients, chat_servers, port, addp, where, types):
    for client in clients:
        found = context.application(client, where, types)
        if not types and found.subtype in NO_GMS_NODE:
            raise InvalidInput("%s: application '%s' is of type %s, so it is no GMS node" % (where, client, found.subtype))
    for chat_server_name in chat_servers:
        primary = context.primary_of(context.application(chat_server_name, "%s: chat_servers" % where, (CHAT_SERVER,)))
        if primary:
            raise InvalidInput("%s: chat_servers: '%s' is the backup of '%s'; clients are connected to the primary only"
                               % (where, chat_server_name, primary))
    wanted = []
    for client in clients:
        desired = Desired("CfgApplication", client)
        for chat_server_name in chat_servers:
            connect(context, desired, chat_server_name, port, addp, where)
            desired.may_wait.add(("connections", chat_server_name))
        wanted.append(desired)
    return wanted
