# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat Servers: ports, connections, endpoints, log privacy.

Source: CHAT for everything that refuses; option ranges only warn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired, merged
from ..._config.directory import ConfigObject
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import nearest
from ..._config.shapes import Leaves
from ..._config.shared_ports import require_ports_of_their_own
from .. import ranges
from ..application import BODY, NAME, PLACEHOLDER, PLAIN, application
from ..arguments import overlaid
from ..chat_server_links import chat_server_links, clients_connect_to, contact_server_link, require_links
from ..connection import ADDP, current_links
from ..context import CHAT_SERVER, CONTACT_SERVER, Context
from ..described_links import describe_links
from ..described_once import require_name
from ..endpoint_users import keep_used_endpoints
from ..field import Field, argument_spec, documented_ranges, state, want_given
from ..groups import connect_groups
from ..log_privacy import PRIVACY, privacy_findings, want_privacy
from ..metrics import METRICS, check_metrics
from ..part import Draft, Part
from ..restoration import lacks_of_chat_server
from .endpoints import OF_A_CHAT_SERVER, leads_to_queue, move_placeholder, require_defaults, require_queues, want_endpoints

if TYPE_CHECKING:
    from ..adopt import Adoption

#: Port ids of a Chat Server: the first three must be there, health when KPI are exposed over REST.  Source: CHAT
MANDATORY_PORTS = ("default", "webapi", "ESP")

HEALTH_PORT = "health"

#: What is written to an option of Chat Server as it is given.
OPTIONS: tuple[Field, ...] = (
    *METRICS,
)

#: What a Chat Server has beyond any application.
BEYOND = (
    *OF_A_CHAT_SERVER,
    *PRIVACY,
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


def chat_server(context: Context, spec: Mapping[str, Any], where: str, tenant: str | None = None) -> Desired:
    """Return the Desired of one Chat Server (see CHAT_SERVER_FIELDS); connections come with "chat_server_links".

    Args:
        tenant: the tenant that "endpoints" belong to; the first one that the Chat Server serves if not given.
    """
    name = spec["name"]
    existing = context.directory.find("CfgApplication", name)
    new = existing is None or existing.planned
    _check_port_ids(context, spec, existing, where)
    if new and not spec.get("tenants"):
        raise DoesNotFit(f"{where}: tenants must name the tenants that the new Chat Server '{name}' serves")
    desired = application(context, spec, where, CHAT_SERVER, _DOCUMENTED)
    want_given(desired, OPTIONS, spec, where)
    tenants = _tenants(context, spec, existing)
    own = [tenant] if tenant else list((spec.get("tenants") or tenants)[:1])
    if spec.get("endpoints") and not own:
        raise DoesNotFit(f"{where}: Chat Server '{name}' has endpoints and serves no tenant; name it in tenants")
    per_tenant = {tenant: dict(spec.get("endpoints") or {}) for tenant in own}
    for served, endpoints in (spec.get("tenant_endpoints") or {}).items():
        context.directory.require("CfgTenant", served, f"{where}: tenant_endpoints")
        if not isinstance(endpoints, dict):
            raise InvalidInput(f"{where}: tenant_endpoints: '{served}' must map endpoints to queues")
        per_tenant.setdefault(served, {}).update(endpoints)
    for served, endpoints in per_tenant.items():
        if endpoints and served not in tenants:
            raise DoesNotFit(f"{where}: Chat Server '{name}' has endpoints for tenant '{served}', which it does not serve; add it to tenants")
        want_endpoints(context, desired, endpoints, served, f"{where}: endpoints")
    want_privacy(context, desired, spec, where)
    options = _options_before(context, spec, existing)
    options.update(move_placeholder(context, desired, options, tenants))
    require_queues(context, desired, tenants, where)
    require_defaults(context, desired, options, tenants, where)
    check_metrics(context, desired, where)
    ranges.check(context, desired, where, _RANGES)
    return desired


def _check_port_ids(context: Context, spec: Mapping[str, Any], existing: ConfigObject | None, where: str) -> None:
    ports = {str(port_id) for port_id in spec.get("ports") or {}}
    known = MANDATORY_PORTS + (HEALTH_PORT,)
    for port_id in sorted(ports):
        for right in known:
            if port_id != right and port_id.strip().lower() == right.lower():
                raise InvalidInput(f"{where}: ports: '{port_id}' is not a port id of Chat Server; did you mean '{right}'? Ids are case-sensitive")
        meant = "" if port_id in known or (existing is not None and port_id in existing.port_ids) else nearest(port_id, known)
        if meant:
            ranges.tell(context, [f"{where}: ports: '{port_id}' is not a port id of Chat Server; did you mean '{meant}'?"])
    if existing is not None and not existing.planned:
        ports |= existing.port_ids
    needed = MANDATORY_PORTS + ((HEALTH_PORT,) if spec.get("kpi_over_rest") else ())
    missing = [port_id for port_id in needed if port_id not in ports]
    if missing:
        lacking = " and ".join(f"'{port_id}'" for port_id in missing)
        raise DoesNotFit(f"{where}: Chat Server '{spec['name']}' lacks the port id {lacking}; a Chat Server needs at least the ids "
                         f"{', '.join(MANDATORY_PORTS)}{', and health for KPI over REST' if spec.get('kpi_over_rest') else ''}")


def _tenants(context: Context, spec: Mapping[str, Any], existing: ConfigObject | None) -> list[str]:
    """Return the names of all tenants that the Chat Server will serve, described ones first."""
    tenants = list(spec.get("tenants") or ())
    if existing is not None and not existing.planned:
        tenants += [name for name in existing.tenants(context.directory) if name not in tenants]
    return tenants


def _options_before(context: Context, spec: Mapping[str, Any], existing: ConfigObject | None) -> Leaves:
    """Return the (section, key) -> value that the description meets: the application's, or its template's."""
    if existing is not None and not existing.planned:
        return existing.options()
    template = context.directory.find("CfgAppPrototype", spec.get("application_template") or "")
    return template.options() if template else {}


def chat_server_app(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """One Chat Server application with its connections, or its removal."""
    where = "chat_server_app"
    require_name(params["name"], f"{where}: name", "the Chat Server")
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


def _servers(draft: Draft) -> list[Desired]:
    """Return the Desired of all Chat Servers with their connections."""
    context, description, tenant = draft.context, draft.description, draft.tenant
    interaction_servers, pairs = draft.known.get("interaction_servers"), draft.known.get("pairs")
    specs = []
    for number, own in enumerate(draft.given("chat_servers")):
        where = f"chat_servers[{number}]"
        spec = overlaid(description.get("chat_server_defaults"), own)
        require_name(spec["name"], f"{where}: name", "the Chat Server")
        if any(spec["name"] == other["name"] for other, _where in specs):
            raise InvalidInput(f"{where}: Chat Server '{spec['name']}' is described twice")
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
        if spec["name"] in names or context.primary_now(context.application(spec["name"], where)):  # a new backup gets its primary's
            require_links(context, spec, together[spec["name"]], where)
    return list(together.values())


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Adoption) -> None:
    """Describe the Chat Servers that are wanted, or all of the tenant, except those that the rule would refuse or change."""
    apps = _wanted(adoption) if adoption.names is not None else [
        app for app in adoption.directory.all("CfgApplication") if app.subtype == CHAT_SERVER and adoption.tenant in adoption.tenants(app)]
    apps = [app for app in apps if not adoption.is_backup(app)]
    specs = [described_chat_server(adoption, app) for app in sorted(apps, key=lambda app: app.name)]
    if not adoption.plans_nothing({"chat_servers": specs}):
        specs = [spec for spec in specs if adoption.unchanged({"chat_servers": [spec]}, spec["name"])]
    kept = {spec["name"] for spec in specs}
    # For an application that is not described one reason is enough, so the reports about its parts are dropped.
    adoption.left_out = [item for item in adoption.left_out if not item["part"] or item["name"] in kept]
    adoption.description["chat_servers"] = specs


def _wanted(adoption: Adoption) -> list[ConfigObject]:
    """Return the Chat Servers of these names that serve the tenant; the others are left out and reported.  Raises InvalidInput."""
    apps = []
    for name in dict.fromkeys(adoption.names or ()):
        app = adoption.directory.require("CfgApplication", name, "chat_servers")
        tenants = adoption.tenants(app)
        if app.subtype != CHAT_SERVER:
            adoption.leave_out(name, f"it is an application of type {app.subtype or 'unknown'}, and a Chat Server is of type {CHAT_SERVER}")
        elif adoption.tenant not in tenants:
            adoption.leave_out(name, f"it does not serve tenant '{adoption.tenant}', but {', '.join(tenants) or 'none at all'}")
        else:
            apps.append(app)
    return apps


def described_chat_server(adoption: Adoption, app: ConfigObject) -> dict[str, Any]:
    """Return a Chat Server's spec."""
    leaves = app.leaves(adoption.directory, _READ)
    known = [name for name in adoption.tenants(app) if not adoption.is_dangling(app, "tenants", name)]
    spec: dict[str, Any] = {"name": app.name, "tenants": [adoption.tenant] + [name for name in known if name != adoption.tenant]}
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
            adoption.leave_out(app.name, f"its port '{path[1]}' has the number {number}, which is no port number", "ports")
    _describe_options(adoption, spec, leaves, app)
    describe_links(adoption, spec, app)
    return {key: value for key, value in spec.items() if value not in ({}, [], None)}


def _describe_options(adoption: Adoption, spec: dict[str, Any], leaves: Leaves, app: ConfigObject) -> None:
    """Split options into endpoints and the rest; the rest only where it differs from the template; no secrets."""
    template = adoption.directory.find("CfgAppPrototype", spec.get("application_template", ""))
    shipped = template.options() if template else {}
    sections = {f"endpoints:{adoption.directory.dbid('CfgTenant', name)}": name for name in spec["tenants"]}
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
        elif path in fields_of and fields_of[path].as_described(value) is not None:
            spec[fields_of[path].name] = fields_of[path].as_described(value)
        else:
            options.setdefault(section, {})[key] = value
    spec["endpoints"] = endpoints.pop(adoption.tenant, {})
    spec["tenant_endpoints"] = endpoints
    spec["options"] = options
    spec["annex"] = annex


def _say_once(description: Mapping[str, Any]) -> Mapping[str, Any]:
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


def _contact_servers(context: Context, name: str, desired: Mapping[str, Desired]) -> list[dict[str, Any]]:
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
    facts={"contact_servers": _contact_servers, "restoration_lacks": lacks_of_chat_server}, findings=privacy_findings, types=(CHAT_SERVER,),
)
