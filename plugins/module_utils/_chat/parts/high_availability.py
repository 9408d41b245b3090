# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""High availability of Chat Servers: the sessions of one that fails are restored on another one.

N+1 is recommended: every Chat Server is a primary, and none has a backup. Pairs in warm standby are supported, and are forbidden with
Digital Channels of GMS.  Source: HA85, HA81, GMSDC
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..._config.desired import Desired, merged
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import suggestion
from ..._config.outlook import backup_now
from ..application import is_gone
from ..chat_server_links import adopted_chat_servers, uses_contact_server
from ..context import CHAT_SERVER, Context
from ..field import Field, argument_spec, state
from ..finding import PROBLEM, WARNING, Finding
from ..pairs import dissolve_pair, make_pair
from ..part import Draft, Part
from ..restoration import (
    AUTO_SAVE,
    MODE,
    OF_RESTORATION,
    ON_ERROR,
    SUBMITTED_BY,
    digital_channels,
    restoration_lacks,
    unequal,
    want_restoration,
)
from .chat_servers import described_chat_server

N_PLUS_1, WARM_STANDBY = "n_plus_1", "warm_standby"

#: The only value of transcript_save_on_error that a source names.  Source: HA81
CLOSE = "close"

#: What the description and the module have in common.
SETTINGS = (
    Field("mode", "str", "V(n_plus_1) is recommended: every Chat Server is a primary, and none has a backup; a pair that is there is dissolved.",
          "V(warm_standby) makes O(pairs). It is supported, but not recommended, and refused where Digital Channels of GMS use the Chat Servers.",
          choices=[N_PLUS_1, WARM_STANDBY], default=N_PLUS_1, source="HA85, HADRAFT, GMSDC"),
    Field("pairs", "list", "The pairs, with V(warm_standby) only. Clients are connected to the primaries. A backup's options, connections and tenants come "
          "from its primary. Chat Servers beside these stay as they are.", elements="dict", source="HA81", fields=(
              Field("primary", "str", "Name of the Chat Server that is the primary.", required=True),
              Field("backup", "str", "Name of the Chat Server that is its backup. It must have the port ids of the primary.", required=True))),
    Field("transcript_auto_save", "int", "When a transcript is saved for a restoration: V(1) after each message, V(2) also notifies clients of it, which "
          "Workspace did not understand.", default=1, source="HA81"),
    Field("transcript_save_on_error", "str", "What a Chat Server does when UCS returns an error that can't be recovered while a transcript is saved. "
          "V(close) ends the session, and is what high availability wants. No source names another value, so any other one is warned about.",
          default=CLOSE, source="HA81"),
    Field("submitted_by", "str", "One name for all Chat Servers, by which they register with Interaction Server, so that it tells all of them when it has "
          "stopped processing a chat. It takes effect after a restart. If not given, the option stays as it is.", source="HALAT"),
    Field("digital_channels", "bool", "Whether Digital Channels of GMS (its Chat API v2) use these Chat Servers, which forbids backups. An application with an "
          "option section C(chat.<service>) that is connected to one of them counts as such anyway; say V(true) where the configuration does not show it.",
          default=False, source="GMSDC, GMSBOOK"),
)

#: The options of the module chat_high_availability.
MODULE = (
    Field("chat_servers", "list", "Names of the Chat Servers that restore each other's sessions; all Chat Servers if not given. Needed for O(state=absent).",
          elements="str"),
    *SETTINGS,
    state("makes sure that sessions can be restored.", "takes the options of restoration away, so that the product's defaults hold, and dissolves the pairs."),
)
ARGUMENTS = argument_spec(MODULE)

#: The rule for Digital Channels.  Source: GMSDC
_FORBIDDEN = ("Chat Servers that Digital Channels of GMS use must not be primary and backup; every one stands alone and is connected to all GMS nodes. "
              "Set mode to n_plus_1")

#: What can keep a Chat Server from handing over: with false, Solution Control Server does not learn of reached limits.  Source: SIZE
_REPORT = ("settings", "limits-reached-report-scs")


# -- the rule ------------------------------------------------------------------------------------------------------------


def intend(context: Context, names: Iterable[str], params: Mapping[str, Any], where: str) -> None:
    """Check the mode and the pairs, and register who will be whose backup.

    names: of the Chat Servers, existing or to be created.  Raises InvalidInput.
    """
    pairs = _pairs_of(params)
    if params["mode"] == N_PLUS_1 and pairs:
        raise InvalidInput(f"{where}: pairs: with mode n_plus_1 no Chat Server has a backup; leave pairs out, or set mode to warm_standby")
    if params["mode"] == WARM_STANDBY:
        if not pairs:
            raise InvalidInput(f"{where}: pairs: mode warm_standby needs at least one pair of a primary and a backup")
        if params["digital_channels"]:
            raise InvalidInput(f"{where}: {_FORBIDDEN}")
    members = [name for members in pairs for name in members]
    for name in members:
        if members.count(name) > 1:
            raise InvalidInput(f"{where}: pairs: Chat Server '{name}' is named twice; each belongs to one pair")
    primaries = {} if pairs else dict.fromkeys(names, "")
    for primary, _backup in pairs:
        found = context.directory.find("CfgApplication", primary)
        former = backup_now(context.directory, found) if found is not None and not found.planned else ""
        primaries.update({former: ""} if former else {})
        primaries[primary] = ""
    primaries.update({backup: primary for primary, backup in pairs})
    context.intend_primaries(primaries)


def _pairs_of(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the (primary, backup) that the user gives."""
    return [(item["primary"], item["backup"]) for item in params["pairs"] or ()]


def available(context: Context, names: Iterable[str], params: Mapping[str, Any], where: str, planned: Iterable[Desired] = ()) -> list[Desired]:
    """Return what high availability demands of these Chat Servers, after "intend".  Source: HA81, HA85

    planned: what the same run demands so far.
    """
    # What forbids every pair is told before what stands in the way of one, and could be cured.
    _refuse_digital_channels(context, _pairs_of(params), planned, where)
    wanted = []
    for name in names:
        app = context.application(name, where, (CHAT_SERVER,))
        if not context.primary_of(app):
            desired = Desired("CfgApplication", name)
            want_restoration(desired, params, where)
            wanted.append(desired)
        above = context.primary_now(app)
        if params["mode"] == N_PLUS_1 and above and above not in names:
            raise DoesNotFit(f"{where}: '{name}' is the backup of '{above}', which is not among the Chat Servers; name both, since mode n_plus_1 dissolves "
                             "their pair")
        if params["mode"] == N_PLUS_1 and not app.planned and app.backup_dbid:
            wanted.append(dissolve_pair(context, name, None, where, CHAT_SERVER))
    for primary, backup in _pairs_of(params):
        wanted.append(make_pair(context, primary, backup, "warm standby", f"{where}: pairs", CHAT_SERVER))
    if params["transcript_save_on_error"] != CLOSE:
        context.warn(f"{where}: transcript_save_on_error: '{params['transcript_save_on_error']}' is written as it is given, and not known: only '{CLOSE}' is, "
                     "which high availability wants. See the documentation of your release for other values")
    if params["transcript_auto_save"] == 2:
        context.warn(f"{where}: transcript_auto_save: with 2, clients are told of each saved transcript, which Workspace did not understand; 1 is the usual "
                     "value")
    return wanted


def _warn_of_one(context: Context, names: Collection[str], where: str) -> None:
    """Warn of a Chat Server that is alone: no other one is named, and none of the site restores sessions."""
    if len(names) != 1:
        return
    (name,) = names
    others = [app for app in context.directory.all("CfgApplication")
              if app.subtype == CHAT_SERVER and app.name != name and context.primary_of(app) in ("", name)]
    if not others:
        context.warn(f"{where}: '{name}' is the only Chat Server; its sessions can be restored nowhere")
    elif all(restoration_lacks(app) for app in others):
        context.warn(f"{where}: '{name}' is the only Chat Server that is named, and no other one restores sessions, so that its sessions can be restored "
                     f"nowhere; name {', '.join(sorted(app.name for app in others))}, too")


def _require_ready(context: Context, pairs: Iterable[tuple[str, str]], where: str) -> None:
    """Check that each pair can be one now: no client of the backup, and all port ids of the primary there; raises InvalidInput.

    Source: HA81; that clients find the backup's port by its id is inferred
    """
    for primary, backup in pairs:
        first, second = context.application(primary, where), context.application(backup, where)
        missing = sorted(set(context.directory.port_ids(first)) - set(context.directory.port_ids(second)))
        if missing:
            raise DoesNotFit(f"{where}: '{backup}' lacks the port id {', '.join(missing)} of its primary '{primary}'; clients look for the backup at the "
                             "same port id")
        clients = [] if second.planned else sorted(client.name for client in context.directory.clients(second))
        if clients:
            raise DoesNotFit(f"{where}: applications are connected to '{backup}' ({', '.join(clients)}); clients connect to the primary only, so take these "
                             "connections away first (esp_link and gms_link with state absent)")
        if first.host_dbid == second.host_dbid != 0:
            context.warn(f"{where}: '{primary}' and '{backup}' are on one host: if it fails, both are gone")


def chat_high_availability(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Chat Servers that restore each other's sessions, or no longer do."""
    where = "chat_high_availability"
    if params["state"] == "absent":
        return _removed(context, params["chat_servers"], where)
    names = params["chat_servers"]
    if names is None:
        names = sorted(app.name for app in context.directory.all("CfgApplication") if app.subtype == CHAT_SERVER)
    if not names:
        raise InvalidInput(f"{where}: chat_servers: there is no Chat Server")
    names = list(dict.fromkeys([*names, *(name for members in _pairs_of(params) for name in members)]))
    for name in names:
        context.application(name, f"{where}: chat_servers", (CHAT_SERVER,))
    intend(context, names, params, where)
    _warn_of_one(context, names, where)
    wanted = merged(available(context, names, params, where))
    _refuse_digital_channels(context, _pairs_then(context, names, wanted), wanted, where)
    _require_ready(context, _pairs_of(params), f"{where}: pairs")
    for item in unequal(context, names, wanted):
        context.warn(item["text"])
    return wanted


def differences(context: Context, params: Mapping[str, Any], wanted: list[Desired]) -> dict[str, Any]:
    """Return {"differences"}: what is not the same on the Chat Servers of "wanted"."""
    present = params["state"] == "present"
    return {"differences": unequal(context, dict.fromkeys(item.name for item in wanted), wanted) if present else []}


def _removed(context: Context, names: list[str] | None, where: str) -> list[Desired]:
    if not names:
        raise InvalidInput(f"{where}: chat_servers: name the Chat Servers whose sessions are no longer to be restored")
    wanted = []
    for name in dict.fromkeys(names):
        if is_gone(context, name, "chat_servers"):
            continue
        app = context.application(name, f"{where}: chat_servers", (CHAT_SERVER,))
        above = context.primary_now(app)
        if above and above not in names:
            raise DoesNotFit(f"{where}: chat_servers: '{name}' is the backup of '{above}', from which it has its options; name that one, too")
        desired = Desired("CfgApplication", name)
        for path in OF_RESTORATION:
            desired.forbid(path)
        wanted.append(desired)
        if app.backup_dbid:
            wanted.append(dissolve_pair(context, name, None, where, CHAT_SERVER))
    return wanted


def _pairs_then(context: Context, names: Iterable[str], wanted: Iterable[Desired]) -> list[tuple[str, str]]:
    """Return the (primary, backup) among these Chat Servers as they will be."""
    described = {item.name: item.leaves["backup",] for item in wanted if item.kind == "CfgApplication" and ("backup",) in item.leaves}
    found = []
    for name in names:
        app = context.directory.find("CfgApplication", name)
        now = context.directory.name("CfgApplication", app.backup_dbid) if app is not None and not app.planned else ""
        if described.get(name, now):
            found.append((name, described.get(name, now)))
    return found


def _refuse_digital_channels(context: Context, pairs: list[tuple[str, str]], wanted: Iterable[Desired], where: str) -> None:
    users = _users(digital_channels(context, wanted) if pairs else {}, {name for members in pairs for name in members})
    if users:
        raise DoesNotFit(f"{where}: {_FORBIDDEN}. Seen by an option section chat.<service> of {users}")


def _users(channels: Mapping[str, set[str]], servers: Iterable[str]) -> str:
    """Return the names of those that are connected to one of these servers; channels: see restoration.digital_channels."""
    return ", ".join(sorted(name for name, used in channels.items() if used.intersection(servers)))


# -- the part ------------------------------------------------------------------------------------------------------------


def _described(draft: Draft) -> Mapping[str, Any] | None:
    part: Mapping[str, Any] | None = draft.description.get("high_availability")
    return part


def _names(description: Mapping[str, Any]) -> list[str]:
    return [item["name"] for item in description.get("chat_servers") or ()]


def _intend(draft: Draft) -> list[Desired]:
    part, names = _described(draft), _names(draft.description)
    if part is None:
        return []
    if not names and "chat_servers" in draft.description:
        raise InvalidInput("high_availability: chat_servers: no Chat Server is named in the description; name those that are to restore each other's sessions, "
                           "or leave high_availability out")
    for number, item in enumerate(part["pairs"] or ()):
        for name in (item["primary"], item["backup"]):
            if name not in names:
                raise InvalidInput(f"high_availability: pairs[{number}]: '{name}' is not one of chat_servers{suggestion(name, names)}")
    intend(draft.context, names, part, "high_availability")
    return []


def _servers(draft: Draft) -> list[Desired]:
    part, names = _described(draft), _names(draft.description)
    if part is None:
        return []
    _warn_of_one(draft.context, names, "high_availability")
    return available(draft.context, names, part, "high_availability", draft.merged())


def _look_back(draft: Draft) -> list[Desired]:
    """Look at all that is planned: who uses Digital Channels, whether the pairs can be made, and whether transcripts have a place."""
    part, names = _described(draft), _names(draft.description)
    if part is None:
        return []
    wanted = draft.merged()
    _refuse_digital_channels(draft.context, _pairs_then(draft.context, names, wanted), wanted, "high_availability")
    _require_ready(draft.context, _pairs_of(part), "high_availability: pairs")
    servers = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    without = [name for name in draft.known.get("chat_servers", []) if name in servers and not uses_contact_server(draft.context, servers[name])]
    if without:
        draft.context.warn(f"high_availability: these Chat Servers do not use UCS: {', '.join(without)}. Sessions are restored from the transcripts there, or "
                           "from Cassandra, which takes a special configuration")
    return []


def _findings(context: Context, description: Mapping[str, Any], wanted: list[Desired]) -> list[Finding]:
    """Look at pairs, described or not, and at what must be the same."""
    names, found = _names(description), []
    pairs = _pairs_then(context, names, wanted)
    channels = digital_channels(context, wanted) if pairs else {}
    for primary, backup in pairs:
        users = _users(channels, (primary, backup))
        if users:
            found.append(Finding(PROBLEM, f"'{primary}' has the backup '{backup}', and Digital Channels of GMS use it ({users}), which forbids backups. "
                                          "Set high_availability with mode n_plus_1."))
        app = context.directory.find("CfgApplication", primary)
        kind = "" if app is None or app.planned else app.value("redundancy_type")
        item = next((item for item in wanted if (item.kind, item.name) == ("CfgApplication", primary)), None)
        if kind != "warm standby" and (item is None or ("redundancy_type",) not in item.leaves):
            found.append(Finding(PROBLEM, f"'{primary}' and its backup '{backup}' are in '{kind}'; Chat Servers are supported in warm standby only."))
        if app is not None and not app.planned and app.options("settings").get(_REPORT) == "false":
            found.append(Finding(WARNING, f"'{primary}' has a backup, and limits-reached-report-scs=false: then reached limits may not make the backup take "
                                          "over. Set it to true."))
    if description.get("high_availability") is not None:
        found += [Finding(WARNING, item["text"]) for item in unequal(context, names, wanted)]
    return found


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Any) -> None:
    """Describe high availability if all described Chat Servers have the same settings of it; backups are then described, too."""
    specs, directory = adopted_chat_servers(adoption), adoption.directory
    apps = [directory.find("CfgApplication", spec["name"]) for spec in specs]
    settings = {tuple(app.options("settings").get(path[1:], "") for path in OF_RESTORATION) for app in apps}
    if len(settings) != 1:
        return
    (values,) = settings
    told = dict(zip(OF_RESTORATION, values))
    if told[MODE] != "simple" or told[AUTO_SAVE] not in ("1", "2") or not told[ON_ERROR]:
        return
    part: dict[str, Any] = {"transcript_auto_save": int(told[AUTO_SAVE]), "transcript_save_on_error": told[ON_ERROR]}
    if told[SUBMITTED_BY]:
        part["submitted_by"] = told[SUBMITTED_BY]
    pairs = [(app.name, directory.name("CfgApplication", app.backup_dbid)) for app in apps if app.backup_dbid]
    if adoption.names is not None and not {backup for _primary, backup in pairs} <= set(adoption.names):
        return
    left_out = list(adoption.left_out)
    backups = []
    for _primary, name in pairs:
        backup = directory.find("CfgApplication", name)
        if backup is None:
            return
        backups.append({key: value for key, value in described_chat_server(adoption, backup).items() if key != "contact_server"})
    if pairs:
        part.update(mode=WARM_STANDBY, pairs=[{"primary": primary, "backup": backup} for primary, backup in pairs])
    trial = dict(adoption.description, chat_servers=[_without_settings(spec) for spec in (*specs, *backups)], high_availability=part)
    adoption.left_out = left_out
    if adoption.plans_nothing(trial):
        adoption.description.update(trial)
        adoption.left_out = [item for item in left_out if item["name"] not in {backup for _primary, backup in pairs}]


def _without_settings(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Chat Server's spec without the options that the part says."""
    ours = {path[2] for path in OF_RESTORATION}
    options = {section: {key: value for key, value in keys.items() if section != "settings" or key not in ours}
               for section, keys in spec.get("options", {}).items()}
    kept = {section: keys for section, keys in options.items() if keys}
    return {key: value for key, value in dict(spec, options=kept).items() if key != "options" or kept}


PART = Part(
    "high_availability",
    fields=(Field("high_availability", "dict", "The sessions of a Chat Server that fails are restored on another one. If not given, nothing of it is changed.",
                  fields=SETTINGS),),
    place=75,
    rules={"objects": _intend, "servers": _servers, "channels": _look_back},
    adopt=_adopt, adopt_place=75, findings=_findings,
)
