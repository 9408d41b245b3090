# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat channel of Web Engagement: an endpoint on each Chat Server, and the options of the Backend Server that lead to it.

Source: GWE812 for the steps and all that refuses; GWECH, GWEOPT, GWEOPT2 for the names of release 8.5
"""

from __future__ import annotations

from .._config import fields
from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.nearest import suggestion
from . import ranges
from .application import uses_contact_server
from .connection import current_links, given, not_negative
from .context import (
    APPLICATION_CLUSTER,
    CHAT_SERVER,
    CONFIGURATION_SERVER,
    CONTACT_SERVER,
    INTERACTION_SERVER,
    MESSAGE_SERVER,
)
from .endpoint import section_of, want_endpoints

#: Type of the Backend Server: inferred from the name in the list of types.  Source: PSENUM
BACKEND_SERVER = "CFGWebEngagementBackendServer"

_WES = "wes.connector.chatServer."

#: Release -> point of the channel -> (section, option).  Source: GWE812; GWECH, GWEOPT, GWEOPT2.
#: In 8.5 the options are those of the Web Engagement Cluster; what is missing there has no known name.
OPTIONS = {
    "8.1.2": {
        "queue_key": ("service:wes", _WES + "queueKey"),
        "queue": ("service:wes", _WES + "queueWebengagement"),
        "contact_handling": ("service:wes", _WES + "identifyCreateContact"),
        "refresh_period": ("service:wes", _WES + "refreshPeriod"),
        "request_pool_size": ("service:wes", _WES + "requestPoolSize"),
        "session_restore_timeout": ("service:wes", _WES + "sessionRestoreTimeout"),
        "chat_is_default_channel": ("service:wmsg", "wmsg.connector.defaultEngagementChannel"),
    },
    "8.5": {
        "queue_key": ("chat", "queueKey"),
        "queue": ("chat", "webengagementChatQueue"),
        "contact_handling": ("chat", "identifyCreateContact"),
        "refresh_period": ("chat", "refreshTaskPeriod"),
        "request_pool_size": ("chat", "refreshPoolSize"),
    },
}

#: The page's text spells the time-out so, all its screenshots as above.  Source: GWE812
OTHER_SPELLING = ("service:wes", _WES + "chatSessionRestoreTimeout")

#: How a release shows: the section of its options, or else the type (of a cluster inferred).  Source: GWE812, GWECH, PSENUM
_SECTIONS = {"8.1.2": "service:wes", "8.5": "chat"}
_TYPES = {BACKEND_SERVER: "8.1.2", APPLICATION_CLUSTER: "8.5"}

#: What surely is no part of Web Engagement.
_OTHERS = (CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, CONFIGURATION_SERVER)

#: What a cluster may be connected to beside its members: inferred, since any server may be.
_FRAMEWORK = (MESSAGE_SERVER, CONFIGURATION_SERVER)

#: Contact handling: word -> value, and what the product takes if the option is absent or wrong.  Source: GWE812
CONTACT_HANDLING = {"none": "1", "identify": "2", "create": "3"}
USUAL_HANDLING = "3"

#: Turns the pacing algorithm off.  Source: GWE812
PROACTIVE_CHAT = "proactiveChat"

#: Seconds between updates in the chat widget. In 8.5 neither range nor unit is known: Co-browse counts in milliseconds.  Source: GWE812, COB
REFRESH_PERIOD = (1, 5)

#: Documented for 8.5 only.  Source: GWEOPT
_RANGES = {("chat", "refreshPoolSize"): (1, 99)}


def releases_of(found):
    """Return the releases whose section the application has, or else the one that its type tells."""
    sections = {section for section, _key in found.options()}
    shown = [release for release, section in _SECTIONS.items() if section in sections]
    return shown or [release for kind, release in _TYPES.items() if kind == found.subtype]


def backend_server(context, name, where):
    """Return the application of that name; raises InvalidInput if there is none, or one that surely is another server."""
    found = context.application(name, "%s: backend_server" % where)
    if found.subtype in _OTHERS:
        raise InvalidInput("%s: backend_server: application '%s' is of type %s, so it is neither a Web Engagement Backend Server nor "
                           "a Web Engagement Cluster" % (where, found.name, found.subtype))
    return found


def release_of(found, release, where):
    """Return the release whose names of options count; release: what the user says, or None.  Raises InvalidInput."""
    shown = releases_of(found)
    if release and shown and release not in shown:
        raise InvalidInput("%s: release: '%s' looks like release %s, by its options or its type (%s), and not like %s"
                           % (where, found.name, " or ".join(shown), found.subtype, release))
    if not release and len(shown) != 1:
        raise InvalidInput("%s: backend_server: application '%s' is of type %s and has %s of the sections %s; if it is a Web Engagement "
                           "Backend Server (8.1.2) or a Web Engagement Cluster (8.5), say so with release"
                           % (where, found.name, found.subtype, "both" if shown else "none", " and ".join(_SECTIONS.values())))
    return release or shown[0]


# -- the Chat Servers ----------------------------------------------------------------------------------------------------


def chat_servers_of(context, found, named, where):
    """Return the names of the Chat Servers that the Backend Server uses; raises InvalidInput.

    They are the one that it is connected to, or those among the connections of the Application Cluster that it is connected to.
    How a cluster lists them is inferred; so a user may name them, and is refused if that is not what the connections say.
    Source: GWE812, APPCL
    """
    direct, clusters = connected(context, found)
    if not direct and not clusters:
        raise InvalidInput("%s: '%s' has no connection to a Chat Server or to an Application Cluster of Chat Servers; the chat channel "
                           "needs one or the other, and it has to be made first" % (where, found.name))
    seen = direct + [name for cluster in clusters for name in _members(context, cluster, where)]
    if not seen and not named:
        raise InvalidInput("%s: no Chat Server is among the connections of the Application Cluster %s, to which '%s' is connected; if "
                           "it lists its members in another way, name them in chat_servers"
                           % (where, " and ".join("'%s'" % cluster.name for cluster in clusters), found.name))
    if direct and len(seen) > 1:
        context.warn("%s: '%s' is expected to be connected to one Chat Server or to one Application Cluster of them; all of %s are taken"
                     % (where, found.name, ", ".join(sorted(set(seen)))))
    seen, named = _primaries(context, seen, where), _primaries(context, named or [], where)
    if seen and named and set(seen) != set(named):
        raise InvalidInput("%s: chat_servers: given are %s, and '%s' is connected to %s"
                           % (where, ", ".join(sorted(named)), found.name, ", ".join(sorted(seen))))
    return seen or named


def connected(context, found):
    """Return (names of Chat Servers, Application Clusters) among the connections of an application."""
    servers = _servers(context, found)
    return ([server.name for server in servers if server.subtype == CHAT_SERVER],
            [server for server in servers if server.subtype == APPLICATION_CLUSTER])


def _servers(context, found):
    """Return what an application is connected to, each once, in the order of the connections."""
    names = dict.fromkeys(server for server, _port in current_links(context.directory, found))
    servers = [context.directory.find("CfgApplication", name) for name in names]
    return [server for server in servers if server is not None]


def _members(context, cluster, where):
    """Return the names of the Chat Servers of a cluster, [] if it is no cluster of these; raises InvalidInput for a mixed one.

    Source: APPCL (the members of a cluster are of the same type)
    """
    servers = [server for server in _servers(context, cluster) if server.subtype not in _FRAMEWORK]
    others = sorted("%s (%s)" % (server.name, server.subtype) for server in servers if server.subtype != CHAT_SERVER)
    names = [server.name for server in servers if server.subtype == CHAT_SERVER]
    if names and others:
        raise InvalidInput("%s: the Application Cluster '%s' mixes types: beside Chat Servers it has %s; a cluster groups servers of "
                           "the same type" % (where, cluster.name, ", ".join(others)))
    return names


def _primaries(context, names, where):
    """Return the names, each once, without the backups of others among them; raises InvalidInput for another one's backup.

    What a backup has is copied from its primary.  Source: HA81, G5
    """
    kept = []
    for name in dict.fromkeys(names):
        primary = context.primary_of(context.application(name, "%s: chat_servers" % where, (CHAT_SERVER,)))
        if primary and primary not in names:
            raise InvalidInput("%s: chat_servers: '%s' is the backup of '%s'; clients are connected to the primary only"
                               % (where, name, primary))
        if not primary:
            kept.append(name)
    return kept


# -- the channel ---------------------------------------------------------------------------------------------------------


def channel(context, spec, tenant, where, planned=()):
    """Return the Desired of a channel (see arguments.ENGAGEMENT_CHANNEL), in the page's order: Chat Servers, then Backend Server.

    planned: Desired that the same run has for Chat Servers.  Raises InvalidInput.
    """
    found = backend_server(context, spec["backend_server"], where)
    release = release_of(found, spec.get("release"), where)
    names = chat_servers_of(context, found, spec.get("chat_servers"), where)
    planned = {desired.name: desired for desired in planned if desired.kind == "CfgApplication"}
    values = _values(context, spec, release, where)
    _check_contact_server(context, found, release, values, names, planned, where)
    _report(context, found, release, spec, names, where)
    wanted = [_endpoint(context, name, spec, tenant, where, planned.get(name)) for name in names]
    desired = Desired("CfgApplication", found.name)
    values["queue_key"] = queue_key(context, tenant, spec["endpoint"])
    values["queue"] = spec["queue"]
    for point, path in OPTIONS[release].items():
        if point == "session_restore_timeout" and OTHER_SPELLING in found.options() and path not in found.options():
            path = OTHER_SPELLING
        if point in values:
            desired.want(("options",) + path, values[point], "%s: %s" % (where, point))
    if spec.get("chat_is_default_channel") is False:
        desired.forbid(("options",) + OPTIONS[release]["chat_is_default_channel"])
    ranges.check(context, desired, where, _RANGES)
    return wanted + [desired]


def queue_key(context, tenant, endpoint):
    """Return how Web Engagement spells an endpoint, e.g. '1:webme'.  Source: GWE812, GWECH"""
    return "%d:%s" % (context.directory.dbid("CfgTenant", tenant), endpoint)


def _endpoint(context, name, spec, tenant, where, planned):
    """Return the Desired of one Chat Server: the endpoint leads to the queue."""
    desired = Desired("CfgApplication", name)
    found = context.application(name, "%s: chat_servers" % where)
    served = {("tenants",) + leaf for leaf in desired.type.field("tenants").decode(found.raw, context.directory)}
    if ("tenants", tenant) not in served | set(planned.leaves if planned else ()):
        raise InvalidInput("%s: tenant: Chat Server '%s' does not serve tenant '%s'; add it to the tenants of the application first"
                           % (where, name, tenant))
    want_endpoints(context, desired, {spec["endpoint"]: spec["queue"]}, tenant, where)
    return desired


def _values(context, spec, release, where):
    """Return point -> value for what the user says beside endpoint and queue; raises InvalidInput."""
    for point in ("session_restore_timeout", "chat_is_default_channel"):
        if spec.get(point) is not None and point not in OPTIONS[release]:
            raise InvalidInput("%s: %s: release %s has no option for it whose name is known; set it by hand if there is one"
                               % (where, point, release))
    values = {key: spec[key] for key in ("refresh_period", "request_pool_size", "session_restore_timeout") if spec.get(key) is not None}
    least, most = REFRESH_PERIOD
    if release == "8.1.2" and not least <= values.get("refresh_period", least) <= most:
        raise InvalidInput("%s: refresh_period must be from %d to %d seconds, got %d" % (where, least, most, values["refresh_period"]))
    for key in ("refresh_period", "request_pool_size"):
        if values.get(key, 1) < 1:
            raise InvalidInput("%s: %s must be 1 or more, got %d" % (where, key, values[key]))
    not_negative(values.get("session_restore_timeout"), where, "session_restore_timeout")
    if spec.get("contact_handling") is not None:
        values["contact_handling"] = _handling(spec["contact_handling"], where)
    if spec.get("chat_is_default_channel"):
        if not spec.get("development_environment"):
            raise InvalidInput("%s: chat_is_default_channel turns the pacing algorithm off, so it is meant for development and not for "
                               "production; set development_environment to true if this is a development environment" % where)
        values["chat_is_default_channel"] = PROACTIVE_CHAT
    return values


def _handling(given_value, where):
    value = CONTACT_HANDLING.get(given_value, given_value)
    if value not in CONTACT_HANDLING.values():
        raise InvalidInput("%s: contact_handling must be 1 or none (contacts are neither identified nor created), 2 or identify "
                           "(identified), or 3 or create (identified, and created if absent), got '%s'%s"
                           % (where, given_value, suggestion(given_value, CONTACT_HANDLING)))
    return value


def _check_contact_server(context, found, release, values, names, planned, where):
    """Check that the Chat Servers use a UCS where contacts are to be handled; raises InvalidInput or warns.  Source: GWE812"""
    without = [name for name in names if not uses_contact_server(context, planned.get(name) or Desired("CfgApplication", name))]
    if not without or values.get("contact_handling") == CONTACT_HANDLING["none"]:
        return
    servers = ", ".join(without)
    if "contact_handling" in values:
        raise InvalidInput("%s: contact_handling: contacts are handled through the Chat Server's connection to UCS (Universal Contact "
                           "Server), and there is none in use on %s" % (where, servers))
    if found.options().get(OPTIONS[release]["contact_handling"]) != CONTACT_HANDLING["none"]:
        context.warn("%s: contacts will not be handled, since no connection to UCS is in use on %s" % (where, servers))


def _report(context, found, release, spec, names, where):
    """Tell what is wrong on the Backend Server as it is and will be put right, or is left to the user."""
    options, known = found.options(), OPTIONS[release]
    for name, behind in queues_behind(context, options.get(known["queue_key"], ""), names).items():
        queue = options.get(known["queue"])
        if queue and behind and behind != queue:
            context.warn("%s: on '%s' %s was '%s', while %s led to '%s' on Chat Server '%s'; both lead to '%s' now" % (
                where, found.name, known["queue"][1], queue, known["queue_key"][1], behind, name, spec["queue"]))
    handling = options.get(known["contact_handling"])
    if handling is not None and handling not in CONTACT_HANDLING.values() and spec.get("contact_handling") is None:
        context.warn("%s: on '%s' %s is '%s', which is none of 1, 2 and 3, so the product takes %s"
                     % (where, found.name, known["contact_handling"][1], handling, USUAL_HANDLING))
    if release == "8.1.2" and OTHER_SPELLING in options and known["session_restore_timeout"] in options:
        context.warn("%s: '%s' has %s beside %s; which of them the product reads is not known for certain, so only the latter is managed"
                     % (where, found.name, OTHER_SPELLING[1], known["session_restore_timeout"][1]))
    if options.get(known.get("chat_is_default_channel")) and spec.get("chat_is_default_channel") is None:
        context.warn("%s: on '%s' %s is set, so the pacing algorithm is off, which is meant for development only"
                     % (where, found.name, known["chat_is_default_channel"][1]))


def queues_behind(context, key, names):
    """Return Chat Server -> the queue behind an endpoint that is spelled as in '1:webme', '' for none, of the existing ones."""
    dbid, _colon, endpoint = key.partition(":")
    path = ("endpoints:%s" % dbid, endpoint)
    found = {name: context.application(name, "chat_servers") for name in names}
    return {name: one.options().get(path, "") for name, one in found.items() if not one.planned}


# -- without the channel -------------------------------------------------------------------------------------------------


def no_channel(context, params, where):
    """Return the Desired that takes the channel away, first from the Backend Server and then from its Chat Servers.

    Connections, the queue and every other option stay. So do an endpoint that is a tenant's default, and one that another
    Backend Server uses.
    """
    found = context.directory.find("CfgApplication", params["backend_server"])
    names = list(params["chat_servers"] or ())
    wanted = []
    if found is None:
        context.warn("%s: backend_server: there is no application named '%s', so there is nothing to remove from it%s"
                     % (where, params["backend_server"], context.directory.similar("CfgApplication", params["backend_server"])))
    else:
        backend_server(context, found.name, where)
        release = release_of(found, params["release"], where) if params["release"] or releases_of(found) else None
        wanted.append(_without_options(found, release))
        direct, clusters = connected(context, found)
        names = names or direct + [name for cluster in clusters for name in connected(context, cluster)[0]]
    return wanted + _without_endpoint(context, params, names, where)


def _without_options(found, release):
    desired = Desired("CfgApplication", found.name)
    paths = list(OPTIONS[release].values()) if release else []
    for path in paths + [OTHER_SPELLING] * (release == "8.1.2"):
        desired.forbid(("options",) + path)
    return desired


def _without_endpoint(context, params, names, where):
    directory, endpoint = context.directory, params["endpoint"]
    users = sorted(app.name for app in directory.all("CfgApplication") if app.name != params["backend_server"]
                   and queue_key(context, params["tenant"], endpoint) in key_options(app).values())
    if users:
        context.warn("%s: the endpoint '%s' stays, since it is used by %s too" % (where, endpoint, ", ".join(users)))
    if users or endpoint == "default":
        return []
    wanted = []
    for name in dict.fromkeys(names):
        if directory.find("CfgApplication", name) is None:
            context.warn("%s: chat_servers: there is no application named '%s', so there is nothing to remove from it%s"
                         % (where, name, directory.similar("CfgApplication", name)))
        elif not context.primary_of(context.application(name, "%s: chat_servers" % where, (CHAT_SERVER,))):
            wanted.append(Desired("CfgApplication", name))
            wanted[-1].forbid(("options", section_of(directory, params["tenant"]), endpoint))
    return wanted


def key_options(app):
    """Return release -> the endpoint that an application's options name, for the releases in which it names one."""
    named = {release: app.options().get(known["queue_key"]) for release, known in OPTIONS.items()}
    return given(named)


# -- what exists ---------------------------------------------------------------------------------------------------------


def described(found, release, endpoint):
    """Return (spec, options) of an existing channel: what must be said of it, and what may be, with texts as they are."""
    options = found.options()
    known = dict(OPTIONS[release])
    spec = {"backend_server": found.name, "endpoint": endpoint, "queue": options.get(known.pop("queue"), "")}
    known.pop("queue_key")
    if known.get("session_restore_timeout") not in options and OTHER_SPELLING in options:
        known["session_restore_timeout"] = OTHER_SPELLING
    values = {point: options[path] for point, path in known.items() if path in options}
    for point in ("refresh_period", "request_pool_size", "session_restore_timeout"):
        number = fields.whole_number(values.get(point))
        if number is not None:
            values[point] = number
    return spec, values
