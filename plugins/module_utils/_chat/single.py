# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the single-object modules: (context, params) -> list of Desired. The solution uses the same parts."""

from __future__ import annotations

from .._config.desired import Desired, merged
from .._config.errors import InvalidInput
from .._config.nearest import suggestion
from .._config.shared_ports import require_ports_of_their_own
from .._config.types import object_type
from . import ranges
from .application import chat_server, chat_server_links, esp_links, gms_links, require_links
from .connection import current_links, disconnect_all
from .contact_server import connect_groups, pair, require_distinct, unpair
from .context import CHAT_SERVER, CONTACT_SERVER
from .endpoint import require_defaults, section_of, want_endpoints
from .endpoint_users import keep_used_endpoints
from .solution import clients_connect_to, contact_server_link
from .web_engagement import channel, no_channel


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


def chat_endpoint(context, params):
    """One endpoint of one tenant on one or many Chat Servers.  Source: CHAT, GWE812 (the same on every Chat Server)"""
    tenant, endpoint = params["tenant"], params["endpoint"]
    context.directory.require("CfgTenant", tenant, "tenant")
    section = section_of(context.directory, tenant)
    wanted = []
    for name in params["chat_servers"]:
        if params["state"] == "absent" and _is_gone(context, name, "chat_servers"):
            continue
        found = context.application(name, "chat_servers", (CHAT_SERVER,))
        desired = Desired("CfgApplication", name)
        served = [leaf[0] for leaf in desired.type.field("tenants").decode(found.raw, context.directory)]
        if params["state"] == "present":
            if tenant not in served:
                raise InvalidInput("tenant: Chat Server '%s' does not serve tenant '%s'; add it to the tenants of the "
                                   "application first" % (name, tenant))
            former = params.get("renamed_from")
            if former == endpoint:
                raise InvalidInput("renamed_from: '%s' is the name that the endpoint is to have" % former)
            want_endpoints(context, desired, {endpoint: params["queue"], **({former: None} if former else {})}, tenant, "chat_endpoint")
            if former == "default":
                require_defaults(context, desired, found.options(), [tenant], "renamed_from")
        else:
            desired.forbid(("options", section, endpoint))
            if endpoint == "default" and tenant in served:
                require_defaults(context, desired, found.options(), [tenant], "endpoint")
        wanted.append(desired)
    keep_used_endpoints(context, wanted)
    return wanted


def ucs_pair(context, params):
    """One pair of UCS applications, or its dissolution."""
    if params["state"] == "absent" and _is_gone(context, params["primary"], "primary"):
        return []
    if params["state"] == "absent":
        return [unpair(context, params["primary"], params["backup"], "ucs_pair")]
    if not params["backup"]:
        raise InvalidInput("ucs_pair: backup is missing; UCS are configured in pairs, so their number must be even")
    desired = pair(context, params["primary"], params["backup"], params["redundancy_type"], "ucs_pair")
    found = context.application(params["backup"], "backup", (CONTACT_SERVER,))
    clients = sorted(app.name for app in context.directory.clients(found) if app.subtype == CHAT_SERVER)
    if clients:
        raise InvalidInput("backup: Chat Servers are connected to '%s' (%s); a Chat Server is connected to the primary of "
                           "its pair, so connect them to another UCS first" % (params["backup"], ", ".join(clients)))
    return [desired]


def chat_server_groups(context, params):
    """The division of Chat Servers over UCS pairs that exist or are given."""
    pairs = []
    for number, item in enumerate(params["pairs"]):
        if not item.get("primary") or not item.get("backup"):
            raise InvalidInput("pairs[%d]: primary and backup are needed; UCS are configured in pairs, so their number "
                               "must be even" % number)
        pairs.append((item["primary"], item["backup"]))
    require_distinct(pairs, "pairs")
    wanted = [pair(context, primary, backup, params["redundancy_type"], "pairs") for primary, backup in pairs]
    names = params["chat_servers"]
    if names is None:
        names = _primary_chat_servers(context)
    _require_once(names, "chat_servers")
    for name in params["pins"] or {}:
        if name not in names:
            raise InvalidInput("pins: '%s' is not one of the Chat Servers%s" % (name, suggestion(name, names)))
    addp = dict.fromkeys(names, params["addp"])
    return wanted + connect_groups(context, names, [primary for primary, _backup in pairs], params["pins"] or {}, addp,
                                   "chat_server_groups", [backup for _primary, backup in pairs])


def esp_link(context, params):
    """Interaction Servers connected to the ESP port of Chat Servers, or no longer connected to them."""
    if params["state"] == "absent":
        return _unlinked(context, params, "interaction_servers")
    return esp_links(context, params["interaction_servers"], _all_chat_servers(context, params), params["addp"], "esp_link")


def gms_link(context, params):
    """GMS nodes connected to the webapi port of Chat Servers, or no longer connected to them."""
    if params["state"] == "absent":
        return _unlinked(context, params, "gms")
    return gms_links(context, params["gms"], _all_chat_servers(context, params), "gms_link")


def wes_chat_channel(context, params):
    """The chat channel of one Backend Server of Web Engagement, or its removal.  Source: GWE812"""
    where = "wes_chat_channel"
    context.directory.require("CfgTenant", params["tenant"], "tenant")
    if params["state"] == "absent":
        wanted = no_channel(context, params, where)
        keep_used_endpoints(context, merged(wanted))
        return wanted
    return channel(context, params, params["tenant"], where)


def _all_chat_servers(context, params):
    if params["chat_servers"] is not None:
        return params["chat_servers"]
    return _primary_chat_servers(context)


def _primary_chat_servers(context):
    """Return the names of all Chat Servers that clients connect to: those that are nobody's backup."""
    names = sorted(app.name for app in context.directory.all("CfgApplication") if app.subtype == CHAT_SERVER)
    return clients_connect_to(context, names)


def _unlinked(context, params, option):
    if not params["chat_servers"]:
        raise InvalidInput("chat_servers: name the Chat Servers whose connections are to be removed")
    servers = [server for server in params["chat_servers"] if not _is_gone(context, server, "chat_servers")]
    for server in servers:
        context.application(server, "chat_servers", (CHAT_SERVER,))
    wanted = []
    for client in params[option]:
        if _is_gone(context, client, option):
            continue
        desired = Desired("CfgApplication", client)
        links = current_links(context.directory, context.application(client, option))
        for server in servers:
            disconnect_all(desired, links, server)
        wanted.append(desired)
    return wanted


def _is_gone(context, name, where):
    """Return whether there is no application of that name, so that a removal has nothing to do; tell the user, it may be a typing error."""
    gone = context.directory.find("CfgApplication", name) is None
    if gone:
        context.warn("%s: there is no application named '%s', so there is nothing to remove from it%s"
                     % (where, name, context.directory.similar("CfgApplication", name)))
    return gone


def _require_once(names, where):
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput("%s: '%s' is named twice" % (where, twice[0]))


def config_object(context, params):
    """Any object, by its plain properties, options and annex."""
    kind, name = params["type"], params["name"]
    known = object_type(kind)
    if params["state"] == "absent":
        return [Desired(kind, name, params["tenant"], present=False)]
    desired = Desired(kind, name, params["tenant"])
    for key, value in ((str(key), value) for key, value in (params["properties"] or {}).items()):
        if key in ("dbid", "type", known.name_key, "options", "userproperties"):
            raise InvalidInput("properties: '%s' can't be given here" % key)
        desired.want(("properties", key), value, "properties: '%s'" % key)
    for field in ("options", "annex"):
        if params[field] and field not in known.fields:
            raise InvalidInput("%s: objects of class %s have none" % (field, kind))
        if params[field]:
            desired.want_options(field, params[field], field)
    if kind == "CfgApplication" and params["options"]:
        ranges.check_names(context, name, params["options"], None, "config_object")
    found = context.directory.find(kind, name, params["tenant"])
    if found is None and known.in_tenant and not params["tenant"] and ("properties", "tenantdbid") not in desired.leaves:
        raise InvalidInput("tenant: needed to create an object of class %s" % kind)
    if found is None and params["folder"]:
        desired.want_on_create("folder", context.directory.folder(params["folder"]))
    keep_used_endpoints(context, [desired])
    return require_ports_of_their_own(context.directory, [desired], context.warn)
