# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat Servers: ports, connections, endpoints, log privacy.

Source: CHAT for everything that refuses; option ranges only warn.
"""

from __future__ import annotations

from ..._config import fields
from ..._config.desired import Desired, merged
from ..._config.errors import InvalidInput
from ..._config.nearest import nearest
from ..._config.shared_ports import require_ports_of_their_own
from .. import ranges
from ..application import BODY, NAME, PLACEHOLDER, PLAIN, application
from ..arguments import overlaid
from ..chat_server_links import chat_server_links, clients_connect_to, contact_server_link, require_links
from ..connection import ADDP, current_links
from ..context import APPLICATION_CLUSTER, CHAT_SERVER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER
from ..endpoint_users import keep_used_endpoints
from ..field import Field, argument_spec, documented_ranges, state, want_given
from ..groups import connect_groups
from ..log_privacy import PRIVACY, want_privacy
from ..part import Part
from ..restoration import restoration_lacks
from .endpoints import OF_A_CHAT_SERVER, leads_to_queue, move_placeholder, require_defaults, require_queues, want_endpoints

#: Port ids of a Chat Server: the first three must be there, health when KPI are exposed over REST.  Source: CHAT
MANDATORY_PORTS = ("default", "webapi", "ESP")

HEALTH_PORT = "health"

#: What is written to an option of Chat Server as it is given.
OPTIONS = ()

#: What a Chat Server has beyond any application.
BEYOND = (
    *OF_A_CHAT_SERVER,
    PRIVACY,
    Field("kpi_over_rest", "bool", "Whether KPI are to be exposed over REST, which needs a port with the id V(health)."),
    Field("interaction_servers", "list", "Names of the Interaction Servers (or Application Clusters of them) to connect to.", elements="str",
          path=("connections",), adopted=True),
    Field("contact_server", "str", "Name of the Universal Contact Server (UCS) to connect to; it must not be a backup. A connection to any other UCS is "
          "removed. In a description with pairs, it goes before the rule of groups.", path=("connections",), adopted=True),
    Field("configuration_server", "str", "Name of the Configuration Server application to connect to, usually V(confserv).", path=("connections",),
          adopted=True),
    Field("message_server", "str", "Name of the Message Server to connect to.", path=("connections",), adopted=True),
    ADDP,
    *OPTIONS,
)
CHAT_SERVER_FIELDS = (*BODY, *BEYOND, NAME)
CHAT_SERVER_SPEC = argument_spec(CHAT_SERVER_FIELDS)

#: The options of the module chat_server_app.
MODULE = (*CHAT_SERVER_FIELDS, state("makes sure that the application exists as described.", "makes sure that it does not."))
ARGUMENTS = argument_spec(MODULE)

#: The documented ranges and names of a Chat Server's options.
_RANGES = {**ranges.RANGES, **documented_ranges(OPTIONS)}
_DOCUMENTED = ranges.NAMES.union(_RANGES)

#: The fields of the object that the way back reads.
_READ = ("host", "tenants", "ports", "options", "annex", "application_template", *(field.path[0] for field in PLAIN if field.adopted))

#: What may be said once for all Chat Servers, beside their defaults.
_HOISTED_TO_SOLUTION = ("addp", "message_server", "configuration_server")

# -- the rule ------------------------------------------------------------------------------------------------------------


def chat_server(context, spec, where, tenant=None):
    """Return the Desired of one Chat Server (see CHAT_SERVER_FIELDS); connections come with "chat_server_links".

    tenant: the tenant that "endpoints" belong to; the first one that the Chat Server serves if not given.
    """
    name = spec["name"]
    existing = context.directory.find("CfgApplication", name)
    new = existing is None or existing.planned
    _check_port_ids(context, spec, existing, where)
    if new and not spec.get("tenants"):
        raise InvalidInput("%s: tenants must name the tenants that the new Chat Server '%s' serves" % (where, name))
    desired = application(context, spec, where, CHAT_SERVER, _DOCUMENTED)
    want_given(desired, OPTIONS, spec, where)
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
    want_privacy(desired, spec.get("log_privacy"), where)
    options = _options_before(context, spec, existing)
    options.update(move_placeholder(context, desired, options, tenants))
    require_queues(context, desired, tenants, where)
    require_defaults(context, desired, options, tenants, where)
    ranges.check(context, desired, where, _RANGES)
    return desired


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
        tenants += [name for name in existing.tenants(context.directory) if name not in tenants]
    return tenants


def _options_before(context, spec, existing):
    """Return the (section, key) -> value that the description meets: the application's, or its template's."""
    if existing is not None and not existing.planned:
        return existing.options()
    template = context.directory.find("CfgAppPrototype", spec.get("application_template") or "")
    return template.options() if template else {}


def chat_server_app(context, params):
    """One Chat Server application with its connections, or its removal."""
    where = "chat_server_app"
    if params["state"] == "absent":
        found = context.directory.find("CfgApplication", params["name"])
        if found is not None:
            context.application(params["name"], "name", (CHAT_SERVER,))
        return [Desired("CfgApplication", params["name"], present=False)]
    wanted = [chat_server(context, params, where), chat_server_links(context, params, where)]
    if params.get("contact_server"):
        wanted.append(contact_server_link(context, params, where))
    together = merged(wanted)
    require_links(context, params, together[0], where)
    keep_used_endpoints(context, together)
    return require_ports_of_their_own(context.directory, together, context.warn)


def _servers(draft):
    """Return the Desired of all Chat Servers with their connections."""
    context, description, tenant = draft.context, draft.description, draft.tenant
    interaction_servers, pairs = draft.known.get("interaction_servers"), draft.known.get("pairs")
    specs = []
    for number, own in enumerate(draft.given("chat_servers")):
        where = "chat_servers[%d]" % number
        spec = overlaid(description.get("chat_server_defaults"), own)
        if any(spec["name"] == other["name"] for other, _where in specs):
            raise InvalidInput("%s: Chat Server '%s' is described twice" % (where, spec["name"]))
        if not spec.get("tenants") and context.directory.find("CfgApplication", spec["name"]) is None:
            spec["tenants"] = [tenant]
        for key, value in (("addp", description.get("addp")), ("interaction_servers", interaction_servers),
                           ("message_server", description.get("message_server")),
                           ("configuration_server", description.get("configuration_server"))):
            if spec.get(key) is None and value:
                spec[key] = value
        spec["addp"] = overlaid(description.get("addp"), spec["addp"]) if spec.get("addp") else None
        specs.append((spec, where))
    wanted = [chat_server(context, spec, where, tenant) for spec, where in specs]
    wanted += [chat_server_links(context, spec, where) for spec, where in specs]
    names = draft.known["chat_servers"] = clients_connect_to(context, [spec["name"] for spec, _where in specs])
    pins = {spec["name"]: spec["contact_server"] for spec, _where in specs if spec.get("contact_server")}
    if pairs and names:
        wanted += connect_groups(context, names, [primary for primary, _backup in pairs], pins,
                                 {spec["name"]: spec.get("addp") for spec, _where in specs}, "contact_servers",
                                 [backup for _primary, backup in pairs if backup])
    else:
        wanted += [contact_server_link(context, spec, where) for spec, where in specs if spec.get("contact_server")]
    together = {desired.name: desired for desired in merged(wanted)}
    for spec, where in specs:
        require_links(context, spec, together[spec["name"]], where)
    return list(together.values())


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption):
    """Describe the Chat Servers that are wanted, or all of the tenant, except those that the rule would refuse or change."""
    apps = _wanted(adoption) if adoption.names is not None else [
        app for app in adoption.directory.all("CfgApplication") if app.subtype == CHAT_SERVER and adoption.tenant in adoption.tenants(app)]
    apps = [app for app in apps if not adoption.is_backup(app)]
    specs = [_described(adoption, app) for app in sorted(apps, key=lambda app: app.name)]
    if not adoption.plans_nothing({"chat_servers": specs}):
        specs = [spec for spec in specs if adoption.unchanged({"chat_servers": [spec]}, spec["name"])]
    kept = {spec["name"] for spec in specs}
    # What is not described has one reason for that; what else is odd about it does not matter then.
    adoption.left_out = [item for item in adoption.left_out if not item["part"] or item["name"] in kept]
    adoption.description["chat_servers"] = specs


def _wanted(adoption):
    """Return the Chat Servers of these names that serve the tenant; the others are left out and said.  Raises InvalidInput."""
    apps = []
    for name in dict.fromkeys(adoption.names):
        app = adoption.directory.require("CfgApplication", name, "chat_servers")
        tenants = adoption.tenants(app)
        if app.subtype != CHAT_SERVER:
            adoption.leave_out(name, "it is an application of type %s, and a Chat Server is of type %s" % (app.subtype or "unknown", CHAT_SERVER))
        elif adoption.tenant not in tenants:
            adoption.leave_out(name, "it does not serve tenant '%s', but %s" % (adoption.tenant, ", ".join(tenants) or "none at all"))
        else:
            apps.append(app)
    return apps


def _described(adoption, app):
    """Return a Chat Server's spec."""
    leaves = app.leaves(adoption.directory, _READ)
    known = [name for name in adoption.tenants(app) if not adoption.is_dangling(app, "tenants", name)]
    spec = {"name": app.name, "tenants": [adoption.tenant] + [name for name in known if name != adoption.tenant]}
    for key in ("application_template", "host"):
        if leaves[key,] and not adoption.is_dangling(app, key, leaves[key,]):
            spec[key] = leaves[key,]
    for field in PLAIN:
        if field.adopted:
            spec[field.name] = leaves[field.path]
    spec["ports"] = {}
    for path, number in leaves.items():
        if path[0] == "ports" and 1 <= number <= 65535:
            spec["ports"][path[1]] = number
        elif path[0] == "ports":
            adoption.leave_out(app.name, "its port '%s' has the number %d, which is no port number" % (path[1], number), "ports")
    _describe_options(adoption, spec, leaves, app)
    _describe_links(adoption, spec, app)
    return {key: value for key, value in spec.items() if value not in ({}, [], None)}


def _describe_options(adoption, spec, leaves, app):
    """Split options into endpoints and the rest; the rest only where it differs from the template; no secrets."""
    template = adoption.directory.find("CfgAppPrototype", spec.get("application_template", ""))
    shipped = template.options() if template else {}
    sections = {"endpoints:%d" % adoption.directory.dbid("CfgTenant", name): name for name in spec["tenants"]}
    endpoints, options, annex = {}, {}, {}
    fields_of = {field.path: field for field in OPTIONS if field.adopted}
    for path, value in leaves.items():
        if path[0] not in ("options", "annex"):
            continue
        _field, section, key = path
        if path[0] == "options" and section in sections:
            if leads_to_queue(adoption, app, key, value, sections[section]):
                endpoints.setdefault(sections[section], {})[key] = value
        elif adoption.secrets.is_secret(key) or (section, key) == ("sml", "uninstall") or PLACEHOLDER.match(section):
            continue  # secrets don't leave the server, the second is the installer's, and the third must go
        elif path[0] == "annex":
            annex.setdefault(section, {})[key] = value
        elif shipped.get((section, key)) == value:
            continue  # the template says it
        elif path in fields_of and fields_of[path].told(value) is not None:
            spec[fields_of[path].name] = fields_of[path].told(value)
        else:
            options.setdefault(section, {})[key] = value
    spec["endpoints"] = endpoints.pop(adoption.tenant, {})
    spec["tenant_endpoints"] = endpoints
    spec["options"] = options
    spec["annex"] = annex


def _describe_links(adoption, spec, app):
    """Describe the connections: by role where they are at the default port, one by one otherwise."""
    links = current_links(adoption.directory, app)
    settings = [_addp(link) for link in links.values()]
    same = settings[0] if settings and all(item == settings[0] for item in settings) else None
    if same:
        spec["addp"] = same
    roles = {INTERACTION_SERVER: [], APPLICATION_CLUSTER: [], MESSAGE_SERVER: [], CONFIGURATION_SERVER: [],
             CONTACT_SERVER: []}
    others = []
    for (server, port), link in links.items():
        found = adoption.directory.find("CfgApplication", server)
        primary = adoption.context.primary_of(found) if found is not None else ""
        if found is None:
            adoption.is_dangling(app, "connections", server)
        elif primary and found.subtype != CONTACT_SERVER:
            adoption.leave_out(app.name, "it is connected to '%s', which is the backup of '%s'; a connection leads to the primary only"
                               % (server, primary), "connections")
        elif found.subtype in roles and port == "default" and (same or found.subtype == CONTACT_SERVER):
            roles[found.subtype].append(server)
        elif found.subtype != CONTACT_SERVER:
            others.append({"server": server, "port": port, "addp": _addp(link)})
    spec["interaction_servers"] = roles[INTERACTION_SERVER] + roles[APPLICATION_CLUSTER]
    for key, kind in (("message_server", MESSAGE_SERVER), ("configuration_server", CONFIGURATION_SERVER)):
        names = roles[kind]
        if names:
            spec[key] = names[0]
        others += [{"server": name, "port": "default", "addp": same} for name in names[1:]]
    spec["connections"] = others
    contact_servers = {server for server, _port in links
                       if getattr(adoption.directory.find("CfgApplication", server), "subtype", "") == CONTACT_SERVER}
    if len(contact_servers) == 1 and roles[CONTACT_SERVER] and not adoption.directory.find("CfgApplication", roles[CONTACT_SERVER][0]).is_backup:
        spec["contact_server"] = roles[CONTACT_SERVER][0]
    elif contact_servers:
        adoption.leave_out(app.name, "its connections to UCS (%s) do not fit the rule of one primary, at its default port"
                           % ", ".join(sorted(contact_servers)), "contact_server")


def _addp(link):
    """Return a connection's attributes as the addp suboptions that describe it."""
    if link.get("protocol") != "addp":
        return {"enabled": False}
    addp = {"enabled": True, "local_timeout": link["local_timeout"], "remote_timeout": link["remote_timeout"]}
    if link["trace"] in fields.TRACE_MODES:
        addp["trace"] = link["trace"]
    return addp


def _say_once(description):
    """Return the description with what all Chat Servers have in common said once."""
    specs = description.get("chat_servers", [])
    if len(specs) < 2:
        return description
    result = dict(description)
    defaults = {}
    for key in sorted({key for spec in specs for key in spec} - {"name", "contact_server"}):
        values = [spec.get(key) for spec in specs]
        if any(value is None or value != values[0] for value in values):
            continue
        (result if key in _HOISTED_TO_SOLUTION else defaults)[key] = values[0]
        specs = [{other: value for other, value in spec.items() if other != key} for spec in specs]
    if defaults:
        result["chat_server_defaults"] = defaults
    result["chat_servers"] = specs
    return result


# -- the running system --------------------------------------------------------------------------------------------------


def _contact_servers(context, name, desired):
    """Return the UCS pairs that a Chat Server is to be connected to, as {"primary", "backup"}; backup is None for a single UCS.

    Nothing for the backup of another Chat Server: what it does until it takes over is not known.
    """
    directory = context.directory
    app, wanted = directory.find("CfgApplication", name), desired.get(name)
    if app is None or wanted is None or context.primary_of(app):
        return []
    links = {server for server, port in current_links(directory, app) if ("connections", server, port) not in wanted.absent}
    pairs = []
    for server in sorted(links.union(path[1] for path in wanted.leaves if path[0] == "connections")):
        primary = directory.find("CfgApplication", server)
        if primary is not None and primary.subtype == CONTACT_SERVER:
            described = desired[server].leaves.get(("backup",)) if server in desired else None
            backup = described or directory.name("CfgApplication", primary.backup_dbid)
            pairs.append({"primary": server, "backup": backup or None})
    return pairs


def _restoration_lacks(context, name, _desired):
    """Return what a Chat Server lacks, as it is configured now, so that its sessions are not restored on another one when it stops."""
    app = context.directory.find("CfgApplication", name)
    return restoration_lacks(app) if app is not None and not app.planned else []


PART = Part(
    "chat_servers",
    fields=(
        Field("chat_server_defaults", "dict", "What all Chat Servers have in common; each may deviate. Mappings are merged key by key.",
              fields=(*BODY, *BEYOND)),
        Field("chat_servers", "list", "The Chat Servers.", elements="dict", fields=CHAT_SERVER_FIELDS),
    ),
    place=60,
    rules={"servers": _servers},
    kinds=lambda description: ("CfgScript",) if description.get("chat_servers") else (),
    adopt=_adopt, adopt_place=10, say_once=_say_once,
    role="chat_server", start=3, installed=lambda description: [item["name"] for item in description.get("chat_servers") or ()],
    facts={"contact_servers": _contact_servers, "restoration_lacks": _restoration_lacks}, types=(CHAT_SERVER,),
)
