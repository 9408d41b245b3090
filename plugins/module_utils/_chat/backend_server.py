# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of Web Engagement: which application is one, of which release, and which Chat Servers it uses.

Source: GWE812, GWECH, APPCL
"""

from __future__ import annotations

from .._config.errors import InvalidInput
from .clusters import grouped, strangers
from .connection import current_links, given
from .context import (
    APPLICATION_CLUSTER,
    CHAT_SERVER,
    CONFIGURATION_SERVER,
    CONTACT_SERVER,
    INTERACTION_SERVER,
    MESSAGE_SERVER,
)
from .engagement_options import OPTIONS

#: Type of the Backend Server: inferred from the name in the list of types.  Source: PSENUM
BACKEND_SERVER = "CFGWebEngagementBackendServer"

#: How a release shows: the section of its options, or else the type (of a cluster inferred).  Source: GWE812, GWECH, PSENUM
_SECTIONS = {"8.1.2": "service:wes", "8.5": "chat"}

_TYPES = {BACKEND_SERVER: "8.1.2", APPLICATION_CLUSTER: "8.5"}

#: What surely is no part of Web Engagement.
_OTHERS = (CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, CONFIGURATION_SERVER)


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
    servers = grouped(context, cluster)
    others = strangers(servers, CHAT_SERVER)
    names = [server.name for server in servers if server.subtype == CHAT_SERVER]
    if names and others:
        raise InvalidInput("%s: the Application Cluster '%s' mixes types: beside Chat Servers it has %s; a cluster groups servers of "
                           "the same type" % (where, cluster.name, others))
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


def queue_key(context, tenant, endpoint):
    """Return how Web Engagement spells an endpoint, e.g. '1:webme'.  Source: GWE812, GWECH"""
    return "%d:%s" % (context.directory.dbid("CfgTenant", tenant), endpoint)


def queues_behind(context, key, names):
    """Return Chat Server -> the queue behind an endpoint that is spelled as in '1:webme', '' for none, of the existing ones."""
    dbid, _colon, endpoint = key.partition(":")
    path = ("endpoints:%s" % dbid, endpoint)
    found = {name: context.application(name, "chat_servers") for name in names}
    return {name: one.options().get(path, "") for name, one in found.items() if not one.planned}


def key_options(app):
    """Return release -> the endpoint that an application's options name, for the releases in which it names one."""
    named = {release: app.options().get(known["queue_key"]) for release, known in OPTIONS.items()}
    return given(named)
