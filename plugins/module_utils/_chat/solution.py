# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description of a chat solution: which rule applies to which part, in the page's order.  Source: CHAT"""

from __future__ import annotations

from .._config.desired import Desired, merged
from .._config.errors import InvalidInput
from .._config.shared_ports import require_ports_of_their_own
from . import arguments as a
from .application import application, chat_server, chat_server_links, connect_listed, esp_links, gms_links, require_links
from .connection import connect, disconnect
from .contact_server import connect_groups, contact_servers_of, pair, require_distinct, require_primary
from .context import CONTACT_SERVER, INTERACTION_QUEUE, INTERACTION_SERVER
from .endpoint_users import keep_used_endpoints
from .template import application_template
from .web_engagement import channel


def kinds_of(solution):
    """Return the classes that planning "solution" reads, so that they can be read at once."""
    kinds = ["CfgApplication", "CfgTenant", "CfgHost", "CfgAppPrototype"]
    if solution.get("chat_servers") or solution.get("interaction_queues") or solution.get("web_engagement"):
        kinds.append("CfgScript")
    return kinds


def solution(context, description):
    """Return the list of Desired for a description (see arguments.SOLUTION).  Raises InvalidInput.

    Objects come in the order in which an administrator would make them: templates, queues, the servers around, pairs, Chat
    Servers, links, channels of Web Engagement.
    """
    directory = context.directory
    tenant = description["tenant"]
    directory.require("CfgTenant", tenant, "tenant")
    wanted = [template for item in description.get("application_templates") or ()
              for template in application_template(context, item)]
    wanted += [queue(context, a.named(item, a.QUEUE, "interaction_queues[%d]" % number), tenant,
                     "interaction_queues[%d]" % number)
               for number, item in enumerate(description.get("interaction_queues") or ())]
    around = _Around(context, tenant)
    interaction_servers = around.applications(description, "interaction_servers", "interaction_server_defaults",
                                              INTERACTION_SERVER)
    gms = around.applications(description, "gms", "gms_defaults", "")
    pairs, redundancy_type = around.contact_servers(description.get("contact_servers"))
    wanted += around.wanted
    for primary, backup in pairs:
        if backup:
            wanted.append(pair(context, primary, backup, redundancy_type, "contact_servers"))
    wanted += _chat_servers(context, description, tenant, interaction_servers, pairs)
    names = clients_connect_to(context, [item["name"] for item in description.get("chat_servers") or ()])
    wanted += around.links()
    wanted += esp_links(context, interaction_servers, names, description.get("addp"), "interaction_servers")
    wanted += gms_links(context, gms, names, "gms")
    wanted = merged(wanted)
    channels = [desired for number, item in enumerate(description.get("web_engagement") or ())
                for desired in channel(context, item, tenant, "web_engagement[%d]" % number, wanted)]
    together = merged(wanted + channels)
    keep_used_endpoints(context, together)
    return require_ports_of_their_own(context.directory, together, context.warn)


def queue(context, spec, tenant, where):
    """Return the Desired of an Interaction Queue; a script of that name and another type is refused.

    A queue made so has no strategy yet: the workflow is the site's own.  Source: PSENUM, CSQ
    """
    desired = Desired("CfgScript", spec["name"], tenant)
    found = context.directory.find("CfgScript", spec["name"], tenant)
    if found is not None and found.subtype != INTERACTION_QUEUE:
        raise InvalidInput("%s: '%s' exists in tenant '%s' as a script of type %s, not as an Interaction Queue"
                           % (where, spec["name"], tenant, found.subtype))
    desired.want("type", INTERACTION_QUEUE)
    if spec.get("folder"):
        desired.want_on_create("folder", context.directory.folder(spec["folder"]))
    if found is None:
        context.directory.expect("CfgScript", spec["name"], {"subtype": INTERACTION_QUEUE}, tenant)
    return desired


class _Around:
    """The servers around the Chat Servers: named only, or described and then created."""

    def __init__(self, context, tenant):
        self.context = context
        self.tenant = tenant
        self.wanted = []
        self._specs = []

    def applications(self, description, key, defaults_key, app_type):
        """Return the names under "key"; items that are described become wanted applications."""
        names = []
        for number, item in enumerate(description.get(key) or ()):
            names.append(self._one(item, description.get(defaults_key), app_type, "%s[%d]" % (key, number)))
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidInput("%s: '%s' is named twice" % (key, twice[0]))
        return names

    def _one(self, item, defaults, app_type, where):
        own = a.named(item, a.APPLICATION, where)
        spec = a.overlaid(defaults, own) if isinstance(item, dict) else own
        if isinstance(item, dict):
            if not spec.get("tenants") and self.context.directory.find("CfgApplication", spec["name"]) is None:
                spec["tenants"] = [self.tenant]
            self.wanted.append(application(self.context, spec, where, app_type))
            self._specs.append((spec, where))
        else:
            self.context.application(spec["name"], where)
        return spec["name"]

    def contact_servers(self, part):
        """Return ([(primary, backup)], redundancy type); backup is None for a single UCS."""
        part = part or {}
        if part.get("pairs") and part.get("single"):
            raise InvalidInput("contact_servers: give either pairs or single, not both")
        pairs = []
        for number, members in enumerate(part.get("pairs") or ()):
            where = "contact_servers.pairs[%d]" % number
            for role in ("primary", "backup"):
                if not members.get(role):
                    raise InvalidInput("%s: %s is missing; UCS are configured in pairs, so their number must be even"
                                       % (where, role))
            pairs.append(tuple(self._one(members[role], part.get("defaults"), CONTACT_SERVER, "%s.%s" % (where, role))
                               for role in ("primary", "backup")))
        if part.get("single"):
            pairs.append((self._one(part["single"], part.get("defaults"), CONTACT_SERVER, "contact_servers.single"), None))
        require_distinct(pairs, "contact_servers.pairs")
        return pairs, part.get("redundancy_type")

    def links(self):
        """Return the Desired with the connections that described servers name themselves."""
        wanted = []
        for spec, where in self._specs:
            if spec.get("connections"):
                desired = Desired("CfgApplication", spec["name"])
                connect_listed(self.context, desired, spec["connections"], where)
                wanted.append(desired)
        return wanted


def _chat_servers(context, description, tenant, interaction_servers, pairs):
    """Return the Desired of all Chat Servers with their connections."""
    specs = []
    for number, own in enumerate(description.get("chat_servers") or ()):
        where = "chat_servers[%d]" % number
        spec = a.overlaid(description.get("chat_server_defaults"), own)
        if any(spec["name"] == other["name"] for other, _where in specs):
            raise InvalidInput("%s: Chat Server '%s' is described twice" % (where, spec["name"]))
        if not spec.get("tenants") and context.directory.find("CfgApplication", spec["name"]) is None:
            spec["tenants"] = [tenant]
        for key, value in (("addp", description.get("addp")), ("interaction_servers", interaction_servers),
                           ("message_server", description.get("message_server")),
                           ("configuration_server", description.get("configuration_server"))):
            if spec.get(key) is None and value:
                spec[key] = value
        spec["addp"] = a.overlaid(description.get("addp"), spec["addp"]) if spec.get("addp") else None
        specs.append((spec, where))
    wanted = [chat_server(context, spec, where, tenant) for spec, where in specs]
    wanted += [chat_server_links(context, spec, where) for spec, where in specs]
    names = clients_connect_to(context, [spec["name"] for spec, _where in specs])
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


def clients_connect_to(context, names):
    """Return the Chat Servers of "names" that are not the backup of another one.

    Clients connect to the primary only, and a backup has its own connections as a copy of the primary's.  Source: HA81, G5
    """
    return [name for name in names if not context.primary_of(context.application(name, "chat_servers"))]


def contact_server_link(context, spec, where):
    """Return the Desired that connects one Chat Server to the UCS that its description names, and to no other.

    Raises InvalidInput when that UCS is a backup.  Source: CHAT
    """
    name, server = spec["name"], spec["contact_server"]
    option = "%s: contact_server" % where
    require_primary(context, server, option)
    desired = Desired("CfgApplication", name)
    connect(context, desired, server, "default", spec.get("addp"), option)
    for other, port in contact_servers_of(context, name):
        if (other, port) != (server, "default"):
            disconnect(context, desired, other, port, "it is to be connected to '%s' only" % server)
    return desired
