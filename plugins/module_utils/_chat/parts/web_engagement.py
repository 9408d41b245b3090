# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat channel of Web Engagement: an endpoint on each Chat Server, and the options of the Backend Server that lead to it.

Source: GWE812 for the steps and all that refuses; GWECH, GWEOPT, GWEOPT2 for the names of release 8.5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..._config import fields
from ..._config.desired import Desired, merged
from ..._config.directory import ConfigObject
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import suggestion
from .. import ranges
from ..backend_server import backend_server, chat_servers_of, connected, key_options, queue_key, queues_behind, release_of, releases_of
from ..chat_server_links import uses_contact_server
from ..context import CHAT_SERVER, Context
from ..endpoint_users import keep_used_endpoints
from ..engagement_options import CONTACT_HANDLING, OPTIONS, OTHER_SPELLING, REFRESH_PERIOD, USUAL_HANDLING
from ..field import Field, argument_spec, state
from ..part import Draft, Part
from .endpoints import section_of, want_endpoints

if TYPE_CHECKING:
    from ..adopt import Adoption
    from ..removal import Removal

#: Turns the pacing algorithm off.  Source: GWE812
PROACTIVE_CHAT = "proactiveChat"

#: Documented for 8.5 only.  Source: GWEOPT
_RANGES = {("chat", "refreshPoolSize"): (1, 99)}

#: Numbers of the chat session. Where they stand depends on the release, see engagement_options.
_SESSION = (
    Field("refresh_period", "int", "Seconds between updates of the session in the chat widget, from 1 to 5.",
          "In release 8.5 neither unit nor range is known; the value is written as it is given.", least=1, adopted=True),
    Field("request_pool_size", "int", "Number of threads between chat widgets and Chat Servers.", least=1, adopted=True),
    Field("session_restore_timeout", "int",
          "Seconds during which a broken chat session is tried to be restored when the Chat Server becomes unavailable.",
          "The documentation spells the option in two ways. The one that the application has is used, or else C(sessionRestoreTimeout).",
          "Release 8.5 has no known name for it, so it is refused there.", least=0, adopted=True),
)

#: A channel, beside its queue.
_BODY = (
    Field("backend_server", "str", "Name of the Web Engagement Backend Server application (release 8.1.2), or of the Web Engagement Cluster "
          "(release 8.5).", required=True, adopted=True),
    Field("endpoint", "str", "Name of the endpoint on the Chat Servers.", default="webme", adopted=True),
    Field("chat_servers", "list",
          "Names of the Chat Servers. If not given, the one that the Backend Server is connected to, or those among the connections of the "
          "Application Cluster that it is connected to.",
          "If given, they must be what the connections say, as far as these tell the members of the cluster.", elements="str"),
    Field("contact_handling", "str",
          "What becomes of the contact when a chat session begins. V(1) or V(none), contacts are neither identified nor created. V(2) or "
          "V(identify), they are identified. V(3) or V(create), they are identified, and created if absent.",
          "If not given, the option is left as it is; without it, or with a wrong value, the product takes V(3).",
          "For V(2) and V(3) the Chat Servers must be connected to UCS.", adopted=True),
    *_SESSION,
    Field("chat_is_default_channel", "bool",
          "V(true) makes chat the default channel of engagement. This turns the pacing algorithm off and ignores the number of ready agents, so it "
          "is refused unless O(development_environment=true). V(false) makes sure that the pacing algorithm is used.",
          "Release 8.5 has no known name for it, so it is refused there."),
    Field("development_environment", "bool", "Says that this is a development environment.", default=False),
    Field("release", "str", "Release of Web Engagement, which decides on the names of the options. If not given, it is seen by the sections of the "
          "application, or by its type.", choices=["8.1.2", "8.5"]),
)
_QUEUE = "Name of the Interaction Queue of that tenant in which the chats are placed, and from which they are routed."

#: A channel of a description.
CHANNEL = (*_BODY, Field("queue", "str", _QUEUE.replace("that tenant", "the tenant"), required=True, adopted=True))

#: The options of the module wes_chat_channel.
MODULE = (
    *_BODY,
    Field("tenant", "str", "Name of the tenant.", required=True),
    Field("queue", "str", f"{_QUEUE} Needed for O(state=present)."),
    Field("strict_ranges", "bool", "Refuse option values outside their documented ranges, which are those of release 8.5, instead of warning about them.",
          default=False),
    state("makes sure that the channel is configured.",
          "removes the endpoint from the Chat Servers, unless it is V(default) or another Backend Server uses it, and the options of the "
          "channel from the Backend Server. Everything else stays, connections and queue too."),
)
ARGUMENTS = argument_spec(MODULE)

# -- the rule ------------------------------------------------------------------------------------------------------------


def channel(context: Context, spec: Mapping[str, Any], tenant: str, where: str, planned: Iterable[Desired] = ()) -> list[Desired]:
    """Return the Desired of a channel (see CHANNEL), in the page's order: Chat Servers, then Backend Server.

    Raises InvalidInput.

    Args:
        planned: Desired that the same run has for Chat Servers.
    """
    found = backend_server(context, spec["backend_server"], where)
    release = release_of(found, spec.get("release"), where)
    names = chat_servers_of(context, found, spec.get("chat_servers"), where)
    by_name = {desired.name: desired for desired in planned if desired.kind == "CfgApplication"}
    values = _values(context, spec, release, where)
    _check_contact_server(context, found, release, values, names, by_name, where)
    _report(context, found, release, spec, names, where)
    wanted = [_endpoint(context, name, spec, tenant, where, by_name.get(name)) for name in names]
    desired = Desired("CfgApplication", found.name)
    values["queue_key"] = queue_key(context, tenant, spec["endpoint"])
    values["queue"] = spec["queue"]
    for point, path in OPTIONS[release].items():
        if point == "session_restore_timeout" and OTHER_SPELLING in found.options() and path not in found.options():
            path = OTHER_SPELLING
        if point in values:
            desired.want(("options",) + path, values[point], f"{where}: {point}")
    if spec.get("chat_is_default_channel") is False:
        desired.forbid(("options",) + OPTIONS[release]["chat_is_default_channel"])
    ranges.check(context, desired, where, _RANGES)
    return wanted + [desired]


def _endpoint(context: Context, name: str, spec: Mapping[str, Any], tenant: str, where: str, planned: Desired | None) -> Desired:
    """Return the Desired of one Chat Server: the endpoint leads to the queue."""
    desired = Desired("CfgApplication", name)
    found = context.application(name, f"{where}: chat_servers")
    served = {("tenants", name) for name in found.tenants(context.directory)}
    if ("tenants", tenant) not in served | set(planned.leaves if planned else ()):
        raise DoesNotFit(f"{where}: tenant: Chat Server '{name}' does not serve tenant '{tenant}'; add it to the tenants of the application first")
    want_endpoints(context, desired, {spec["endpoint"]: spec["queue"]}, tenant, where)
    return desired


def _values(context: Context, spec: Mapping[str, Any], release: str, where: str) -> dict[str, Any]:
    """Return point -> value for what the user says beside endpoint and queue; raises InvalidInput."""
    for point in ("session_restore_timeout", "chat_is_default_channel"):
        if spec.get(point) is not None and point not in OPTIONS[release]:
            raise InvalidInput(f"{where}: {point}: no option for it is documented for release {release}; if there is one, set it by hand")
    values = {field.name: spec[field.name] for field in _SESSION if spec.get(field.name) is not None}
    least, most = REFRESH_PERIOD
    if release == "8.1.2" and not least <= values.get("refresh_period", least) <= most:
        raise InvalidInput(f"{where}: refresh_period must be from {least} to {most} seconds, got {values['refresh_period']}")
    for field in _SESSION:
        if field.name in values:
            field.checked(values[field.name], f"{where}: {field.name}")
    if spec.get("contact_handling") is not None:
        values["contact_handling"] = _handling(spec["contact_handling"], where)
    if spec.get("chat_is_default_channel"):
        if not spec.get("development_environment"):
            raise InvalidInput(f"{where}: chat_is_default_channel turns the pacing algorithm off, so it is meant for development and not for production; set "
                               "development_environment to true if this is a development environment")
        values["chat_is_default_channel"] = PROACTIVE_CHAT
    return values


def _handling(given_value: str, where: str) -> str:
    value = CONTACT_HANDLING.get(given_value, given_value)
    if value not in CONTACT_HANDLING.values():
        raise InvalidInput(f"{where}: contact_handling must be 1 or none (contacts are neither identified nor created), 2 or identify (identified), or 3 or "
                           f"create (identified, and created if absent), got '{given_value}'{suggestion(given_value, CONTACT_HANDLING)}")
    return value


def _check_contact_server(context: Context, found: ConfigObject, release: str, values: Mapping[str, Any], names: Iterable[str],
                          planned: Mapping[str, Desired], where: str) -> None:
    """Check that the Chat Servers use a UCS where contacts are to be handled; raises InvalidInput or warns.  Source: GWE812"""
    without = [name for name in names if not uses_contact_server(context, planned.get(name) or Desired("CfgApplication", name))]
    if not without or values.get("contact_handling") == CONTACT_HANDLING["none"]:
        return
    servers = ", ".join(without)
    if "contact_handling" in values:
        raise DoesNotFit(f"{where}: contact_handling: contacts are handled through the Chat Server's connection to UCS (Universal Contact Server), and "
                         f"there is none in use on {servers}")
    if found.options().get(OPTIONS[release]["contact_handling"]) != CONTACT_HANDLING["none"]:
        context.warn(f"{where}: contacts will not be handled, since no connection to UCS is in use on {servers}")


def _report(context: Context, found: ConfigObject, release: str, spec: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    """Tell what is wrong on the Backend Server as it is and will be put right, or is left to the user."""
    options, known = found.options(), OPTIONS[release]
    for name, behind in queues_behind(context, options.get(known["queue_key"], ""), names).items():
        queue = options.get(known["queue"])
        if queue and behind and behind != queue:
            context.warn(f"{where}: on '{found.name}' {known['queue'][1]} was '{queue}', while {known['queue_key'][1]} led to '{behind}' on Chat Server "
                         f"'{name}'; both lead to '{spec['queue']}' now")
    handling = options.get(known["contact_handling"])
    if handling is not None and handling not in CONTACT_HANDLING.values() and spec.get("contact_handling") is None:
        context.warn(f"{where}: on '{found.name}' {known['contact_handling'][1]} is '{handling}', which is none of 1, 2 and 3, so the product takes "
                     f"{USUAL_HANDLING}")
    if release == "8.1.2" and OTHER_SPELLING in options and known["session_restore_timeout"] in options:
        context.warn(f"{where}: '{found.name}' has {OTHER_SPELLING[1]} beside {known['session_restore_timeout'][1]}; which of them the product reads is not "
                     "known for certain, so only the latter is managed")
    if options.get(known.get("chat_is_default_channel", ())) and spec.get("chat_is_default_channel") is None:
        context.warn(f"{where}: on '{found.name}' {known['chat_is_default_channel'][1]} is set, so the pacing algorithm is off, which is meant for "
                     "development only")


def wes_chat_channel(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """The chat channel of one Backend Server of Web Engagement, or its removal.  Source: GWE812"""
    where = "wes_chat_channel"
    context.directory.require("CfgTenant", params["tenant"], "tenant")
    if params["state"] == "absent":
        wanted = no_channel(context, params, where)
        keep_used_endpoints(context, merged(wanted))
        return wanted
    return channel(context, params, params["tenant"], where)


def _channels(draft: Draft) -> list[Desired]:
    wanted = draft.merged()
    return [desired for number, item in enumerate(draft.given("web_engagement"))
            for desired in channel(draft.context, item, draft.tenant, f"web_engagement[{number}]", wanted)]


# -- without the channel -------------------------------------------------------------------------------------------------


def no_channel(context: Context, params: Mapping[str, Any], where: str) -> list[Desired]:
    """Return the Desired that takes the channel away, first from the Backend Server and then from its Chat Servers.

    Connections, the queue and every other option stay. So do an endpoint that is a tenant's default, and one that another
    Backend Server uses.
    """
    found = context.directory.find("CfgApplication", params["backend_server"])
    names = list(params["chat_servers"] or ())
    wanted = []
    if found is None:
        context.warn(f"{where}: backend_server: there is no application named '{params['backend_server']}', so there is nothing to remove from "
                     f"it{context.directory.similar('CfgApplication', params['backend_server'])}")
    else:
        backend_server(context, found.name, where)
        release = release_of(found, params["release"], where) if params["release"] or releases_of(found) else None
        wanted.append(_without_options(found, release))
        direct, clusters = connected(context, found)
        names = names or direct + [name for cluster in clusters for name in connected(context, cluster)[0]]
    return wanted + _without_endpoint(context, params, names, where)


def _without_options(found: ConfigObject, release: str | None) -> Desired:
    desired = Desired("CfgApplication", found.name)
    paths = list(OPTIONS[release].values()) if release else []
    for path in paths + [OTHER_SPELLING] * (release == "8.1.2"):
        desired.forbid(("options",) + path)
    return desired


def _without_endpoint(context: Context, params: Mapping[str, Any], names: Iterable[str], where: str) -> list[Desired]:
    directory, endpoint = context.directory, params["endpoint"]
    users = sorted(app.name for app in directory.all("CfgApplication") if app.name != params["backend_server"]
                   and queue_key(context, params["tenant"], endpoint) in key_options(app).values())
    if users:
        context.warn(f"{where}: the endpoint '{endpoint}' stays, since it is used by {', '.join(users)} too")
    if users or endpoint == "default":
        return []
    wanted = []
    for name in dict.fromkeys(names):
        if directory.find("CfgApplication", name) is None:
            context.warn(f"{where}: chat_servers: there is no application named '{name}', so there is nothing to remove from "
                         f"it{directory.similar('CfgApplication', name)}")
        elif not context.primary_of(context.application(name, f"{where}: chat_servers", (CHAT_SERVER,))):
            wanted.append(Desired("CfgApplication", name))
            wanted[-1].forbid(("options", section_of(directory, params["tenant"]), endpoint))
    return wanted


def _removal(removal: Removal) -> list[Desired]:
    """Take every channel of the description away, see no_channel; the Backend Servers stay, since they are only named."""
    return [desired for number, item in enumerate(removal.given("web_engagement"))
            for desired in no_channel(removal.context, dict(item, tenant=removal.tenant), f"web_engagement[{number}]")]


def _clusters(removal: Removal) -> list[str]:
    """Return the clusters through which the Backend Servers of the description use Chat Servers."""
    backends = [removal.directory.find("CfgApplication", item["backend_server"]) for item in removal.given("web_engagement")]
    return [cluster.name for found in backends if found is not None for cluster in connected(removal.context, found)[1]]


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Adoption) -> None:
    """Describe the chat channels of Web Engagement that lead to an endpoint of the tenant."""
    tenant = str(adoption.directory.dbid("CfgTenant", adoption.tenant))
    for app in sorted(adoption.directory.all("CfgApplication"), key=lambda app: app.name):
        for release, key in key_options(app).items():
            owner, colon, endpoint = key.partition(":")
            if not (owner.isdigit() and colon and endpoint):
                adoption.leave_out(app.name, f"{OPTIONS[release]['queue_key'][1]} is '{key}', and must be the DBID of a tenant, a colon and the name of an "
                                             "endpoint")
            elif owner == tenant:
                spec = _channel_of(adoption, app, release, endpoint)
                if spec:
                    adoption.description.setdefault("web_engagement", []).append(spec)


def _channel_of(adoption: Adoption, app: ConfigObject, release: str, endpoint: str) -> dict[str, Any] | None:
    """Return the spec of one channel, or None; what the rules would refuse or change is left out and reported."""
    spec, values = described(app, release, endpoint)
    served = _served(adoption, app)
    beside = sorted(served - set(adoption.names)) if adoption.names is not None else []
    if served and len(beside) == len(served):
        return None  # it belongs to none of the Chat Servers that are wanted
    if not adoption.unchanged({"web_engagement": [spec]}, app.name):
        return None
    if beside:
        adoption.leave_out(app.name, f"it leads to Chat Servers that were not asked for, too: {', '.join(beside)}")
        return None
    for point, value in values.items():
        trial = dict(spec, **{point: value})
        if adoption.plans_nothing({"web_engagement": [trial]}):
            spec = trial
        elif value:
            adoption.leave_out(app.name, f"{OPTIONS[release][point][1]} is '{value}', which is not described, and stays as it is",
                               "web_engagement")
    return spec


def _served(adoption: Adoption, app: ConfigObject) -> set[str]:
    """Return the names of the Chat Servers that a Backend Server uses, none if that can't be told."""
    try:
        return set(chat_servers_of(Context(adoption.directory), app, None, app.name))
    except InvalidInput:
        return set()


def described(found: ConfigObject, release: str, endpoint: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (spec, options) of an existing channel: what must be said of it, and what may be, with texts as they are."""
    options = found.options()
    known = dict(OPTIONS[release])
    spec = {"backend_server": found.name, "endpoint": endpoint, "queue": options.get(known.pop("queue"), "")}
    known.pop("queue_key")
    if known.get("session_restore_timeout") not in options and OTHER_SPELLING in options:
        known["session_restore_timeout"] = OTHER_SPELLING
    values = {point: options[path] for point, path in known.items() if path in options}
    for field in _SESSION:
        number = fields.whole_number(values.get(field.name))
        if number is not None:
            values[field.name] = number
    return spec, values


PART = Part(
    "web_engagement",
    fields=(Field("web_engagement", "list", "The chat channels of Web Engagement; see M(genesys_engage.chat.wes_chat_channel). The connections of the "
                  "Backend Servers are checked, not made.", elements="dict", fields=CHANNEL),),
    place=70,
    rules={"channels": _channels},
    kinds=lambda description: ("CfgScript",) if description.get("web_engagement") else (),
    adopt=_adopt, adopt_place=50, removal=_removal, clients=_clusters,
)
