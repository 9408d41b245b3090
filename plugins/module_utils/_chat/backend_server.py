# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of Web Engagement: which application is one, of which release, and which Chat Servers it uses.

Source: GWE812, GWECH, APPCL
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .._config.directory import ConfigObject
from .._config.errors import DoesNotFit, InvalidInput
from .clusters import grouped, strangers
from .connection import current_links, without_none
from .context import (
    APPLICATION_CLUSTER,
    CHAT_SERVER,
    CONFIGURATION_SERVER,
    CONTACT_SERVER,
    INTERACTION_SERVER,
    MESSAGE_SERVER,
    Context,
)
from .engagement_options import OPTIONS

#: Type of the Backend Server: inferred from the name in the list of types.  Source: PSENUM
BACKEND_SERVER = "CFGWebEngagementBackendServer"

#: How a release shows: the section of its options, or else the type (of a cluster inferred).  Source: GWE812, GWECH, PSENUM
_SECTIONS = {"8.1.2": "service:wes", "8.5": "chat"}

_TYPES = {BACKEND_SERVER: "8.1.2", APPLICATION_CLUSTER: "8.5"}

#: Types that are certainly no part of Web Engagement.
_OTHERS = (CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, CONFIGURATION_SERVER)


def releases_of(found: ConfigObject) -> list[str]:
    """Return the releases whose section the application has, or else the one that its type tells."""
    sections = {section for section, _key in found.options()}
    shown = [release for release, section in _SECTIONS.items() if section in sections]
    return shown or [release for kind, release in _TYPES.items() if kind == found.subtype]


def backend_server(context: Context, name: str, where: str) -> ConfigObject:
    """Return the application of that name; raises InvalidInput if there is none, or one that is certainly another server."""
    found = context.application(name, f"{where}: backend_server")
    if found.subtype in _OTHERS:
        raise DoesNotFit(f"{where}: backend_server: application '{found.name}' is of type {found.subtype}, so it is neither a Web Engagement Backend Server "
                         "nor a Web Engagement Cluster")
    return found


def release_of(found: ConfigObject, release: str | None, where: str) -> str:
    """Return the release whose names of options count; release: what the user says, or None.  Raises InvalidInput."""
    shown = releases_of(found)
    if release and shown and release not in shown:
        raise DoesNotFit(f"{where}: release: '{found.name}' looks like release {' or '.join(shown)}, by its options or its type ({found.subtype}), and not "
                         f"like {release}")
    if not release and len(shown) != 1:
        raise DoesNotFit(f"{where}: backend_server: application '{found.name}' is of type {found.subtype} and has {'both' if shown else 'none'} of the "
                         f"sections {' and '.join(_SECTIONS.values())}; if it is a Web Engagement Backend Server (8.1.2) or a Web Engagement Cluster (8.5), "
                         "set release to one of the two")
    return release or shown[0]


def chat_servers_of(context: Context, found: ConfigObject, named: Collection[str] | None, where: str) -> list[str]:
    """Return the names of the Chat Servers that the Backend Server uses; raises InvalidInput.

    They are the one that it is connected to, or those among the connections of the Application Cluster that it is connected to.
    How a cluster lists them is inferred; so a user may name them, and is refused if that is not what the connections say.
    Source: GWE812, APPCL
    """
    direct, clusters = connected(context, found)
    if not direct and not clusters:
        raise DoesNotFit(f"{where}: '{found.name}' has no connection to a Chat Server or to an Application Cluster of Chat Servers; the chat channel needs "
                         "one or the other, and it has to be made first")
    seen = direct + [name for cluster in clusters for name in _members(context, cluster, where)]
    if not seen and not named:
        names = " and ".join(f"'{cluster.name}'" for cluster in clusters)
        raise DoesNotFit(f"{where}: no Chat Server is among the connections of the Application Cluster {names}, to which '{found.name}' is "
                         "connected; if it lists its members in another way, name them in chat_servers")
    if direct and len(seen) > 1:
        context.warn(f"{where}: '{found.name}' is expected to be connected to one Chat Server or to one Application Cluster of them; the channel "
                     f"is set up for all of {', '.join(sorted(set(seen)))}")
    seen, named = _primaries(context, seen, where), _primaries(context, named or [], where)
    if seen and named and set(seen) != set(named):
        raise InvalidInput(f"{where}: chat_servers: the option names {', '.join(sorted(named))}, but '{found.name}' is connected to {', '.join(sorted(seen))}")
    return seen or named


def connected(context: Context, found: ConfigObject) -> tuple[list[str], list[ConfigObject]]:
    """Return (names of Chat Servers, Application Clusters) among the connections of an application."""
    servers = _servers(context, found)
    return ([server.name for server in servers if server.subtype == CHAT_SERVER],
            [server for server in servers if server.subtype == APPLICATION_CLUSTER])


def _servers(context: Context, found: ConfigObject) -> list[ConfigObject]:
    """Return what an application is connected to, each once, in the order of the connections."""
    names = dict.fromkeys(server for server, _port in current_links(context.directory, found))
    servers = [context.directory.find("CfgApplication", name) for name in names]
    return [server for server in servers if server is not None]


def _members(context: Context, cluster: ConfigObject, where: str) -> list[str]:
    """Return the names of the Chat Servers of a cluster, [] if it is no cluster of these; raises InvalidInput for a mixed one.

    Source: APPCL (the members of a cluster are of the same type)
    """
    servers = grouped(context, cluster)
    others = strangers(servers, CHAT_SERVER)
    names = [server.name for server in servers if server.subtype == CHAT_SERVER]
    if names and others:
        raise DoesNotFit(f"{where}: the Application Cluster '{cluster.name}' mixes types: beside Chat Servers it has {others}; a cluster groups "
                         "servers of the same type")
    return names


def _primaries(context: Context, names: Collection[str], where: str) -> list[str]:
    """Return the names, each once, without the backups of others among them; raises InvalidInput for another one's backup.

    What a backup has is copied from its primary.  Source: HA81, G5
    """
    kept = []
    for name in dict.fromkeys(names):
        primary = context.primary_of(context.application(name, f"{where}: chat_servers", (CHAT_SERVER,)))
        if primary and primary not in names:
            raise DoesNotFit(f"{where}: chat_servers: '{name}' is the backup of '{primary}'; clients are connected to the primary only")
        if not primary:
            kept.append(name)
    return kept


def queue_key(context: Context, tenant: str, endpoint: str) -> str:
    """Return how Web Engagement spells an endpoint, e.g. '1:webme'.  Source: GWE812, GWECH"""
    return f"{context.directory.dbid('CfgTenant', tenant)}:{endpoint}"


def queues_behind(context: Context, key: str, names: Iterable[str]) -> dict[str, str]:
    """Return Chat Server -> the queue behind an endpoint that is spelled as in '1:webme', '' for none, of the existing ones."""
    dbid, _colon, endpoint = key.partition(":")
    path = (f"endpoints:{dbid}", endpoint)
    found = {name: context.application(name, "chat_servers") for name in names}
    return {name: one.options().get(path, "") for name, one in found.items() if not one.planned}


def key_options(app: ConfigObject) -> dict[str, str]:
    """Return release -> the endpoint that an application's options name, for the releases in which it names one."""
    named = {release: app.options().get(known["queue_key"]) for release, known in OPTIONS.items()}
    return without_none(named)
